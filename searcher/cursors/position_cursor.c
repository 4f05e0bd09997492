#include "cursor.h"
#include "explanation.h"
#include "gate.h"
#include "searcher/match/phrase.h"

#include "core/base/buffer.h"

#include <string.h>

struct position_cursor {
    struct cursor base;
    struct cursor *all;        /* on the documents that hold all operands */
    struct cursor **operands;  /* in order */
    struct phrase_slot *slots; /* of each */
    uint32_t slot_count;
    struct position_check check;
    bool foresees;        /* places of operands that are not confirmed are looked at first */
    struct buffer starts; /* u32 each: of a phrase */
};

static bool load_positions(struct position_cursor *p) {
    for (uint32_t i = 0; i < p->slot_count; i++) {
        struct phrase_slot *s = &p->slots[i];
        s->at = 0;
        s->positions = cursor_positions(p->operands[i], &s->count);
        if (!s->positions) {
            cursor_end(&p->base, p->operands[i]);
            return false;
        }
    }
    return true;
}

static bool matches(struct position_cursor *p, uint32_t doc, lede_status *status) {
    if (!p->check.matches)
        return phrase_matches(p->slots, p->slot_count);
    return p->check.matches(p->check.ctx, doc, p->slots, p->slot_count, status);
}

static bool stand_so(struct position_cursor *p) {
    lede_status status = LEDE_OK;
    if (!load_positions(p))
        return false;
    bool found = matches(p, p->base.doc, &status);
    if (status != LEDE_OK) {
        p->base.status = status;
        p->base.doc = DOC_END;
    }
    return found && status == LEDE_OK;
}

/* Most documents have no places that would do, whatever their texts tell of these. */
static bool confirm(struct cursor *c) {
    struct position_cursor *p = (struct position_cursor *)c;
    if (p->foresees && !stand_so(p))
        return false;
    return cursor_confirm(p->all) && stand_so(p);
}

/* Moves on from `doc`, which holds all operands, to the first that is wanted. */
static uint32_t settle(struct position_cursor *p, uint32_t doc) {
    for (uint32_t wanted; p->check.gate && (wanted = gate_next(p->check.gate, doc)) != doc;) {
        if (wanted == DOC_END)
            return cursor_end(&p->base, p->all);
        doc = cursor_seek(p->all, wanted);
    }
    return doc == DOC_END ? cursor_end(&p->base, p->all) : (p->base.doc = doc);
}

static uint32_t next(struct cursor *c) {
    struct position_cursor *p = (struct position_cursor *)c;
    return settle(p, cursor_next(p->all));
}

static uint32_t seek(struct cursor *c, uint32_t target) {
    struct position_cursor *p = (struct position_cursor *)c;
    return settle(p, cursor_seek(p->all, target));
}

static double score(struct cursor *c) {
    return cursor_score(((struct position_cursor *)c)->all);
}

static void explain(struct cursor *c, struct explanation *e) {
    cursor_explain(((struct position_cursor *)c)->all, e);
}

/* The first is the one that was confirmed. */
static const uint32_t *phrase_positions(struct cursor *c, uint32_t *count) {
    struct position_cursor *p = (struct position_cursor *)c;
    uint32_t start;
    buffer_clear(&p->starts);
    for (uint32_t i = 0; i < p->slot_count; i++)
        p->slots[i].at = 0;
    while (phrase_next(p->slots, p->slot_count, &start))
        buffer_append_u32(&p->starts, start);
    *count = (uint32_t)(p->starts.len / sizeof start);
    if (!p->starts.failed)
        return (const uint32_t *)(void *)p->starts.data;
    c->status = LEDE_NOMEM;
    c->doc = DOC_END;
    return NULL;
}

static uint32_t phrase_freq(struct cursor *c) {
    uint32_t n;
    return phrase_positions(c, &n) ? n : 1;
}

static void release(struct cursor *c) {
    struct position_cursor *p = (struct position_cursor *)c;
    cursor_release(p->all);
    buffer_release(&p->starts);
}

static const struct cursor_ops position_ops = {.next = next,
                                               .seek = seek,
                                               .score = score,
                                               .accumulate = window_add_all,
                                               .release = release,
                                               .explain = explain,
                                               .confirm = confirm};
static const struct cursor_ops phrase_ops = {.next = next,
                                             .seek = seek,
                                             .score = score,
                                             .accumulate = window_add_all,
                                             .positions = phrase_positions,
                                             .release = release,
                                             .explain = explain,
                                             .freq = phrase_freq,
                                             .confirm = confirm};

/* Whether there are texts to be spared, and places that are known without. */
static bool can_foresee(const struct position_cursor *p) {
    bool reads = false, known = !p->check.reads;
    for (uint32_t i = 0; i < p->slot_count; i++) {
        reads |= p->operands[i]->reads;
        known &= p->operands[i]->ops != &phrase_ops;
    }
    return reads && known;
}

struct cursor *position_cursor_new(struct arena *arena, struct cursor *const *cursors, size_t count,
                                   const uint32_t *slots, uint32_t slot_count, const struct position_check *check) {
    struct position_cursor *p = arena_zalloc(arena, 1, sizeof *p);
    bool *required = arena_alloc(arena, count * sizeof *required);
    struct cursor **operands = arena_alloc(arena, slot_count * sizeof(struct cursor *));
    struct phrase_slot *room = arena_zalloc(arena, slot_count, sizeof *room);
    if (!p || !required || !operands || !room) {
        cursors_release(cursors, count);
        return NULL;
    }
    memset(required, true, count * sizeof *required);
    for (uint32_t i = 0; i < slot_count; i++)
        operands[i] = cursors[slots[i]];
    p->operands = operands;
    p->slots = room;
    p->slot_count = slot_count;
    p->check = *check;
    p->foresees = can_foresee(p);
    p->all = and_cursor_new(arena, cursors, required, count);
    if (!p->all)
        return NULL;
    p->base = (struct cursor){.ops = check->matches ? &position_ops : &phrase_ops,
                              .doc = DOC_END,
                              .cost = p->all->cost,
                              .max_score = p->all->max_score,
                              .lazy = true};
    settle(p, p->all->doc);
    return &p->base;
}
