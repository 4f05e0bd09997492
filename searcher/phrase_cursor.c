#include "cursor.h"

#include <string.h>

/* Where a word of the phrase stands in the current document. */
struct slot {
    struct cursor *cursor;
    const uint32_t *positions;
    uint32_t count, at;
};

struct phrase_cursor {
    struct cursor base;
    struct cursor *all; /* on the documents that hold all words */
    struct slot *slots; /* a word of the phrase each, in order */
    uint32_t slot_count;
};

static bool load_positions(struct phrase_cursor *p) {
    for (uint32_t i = 0; i < p->slot_count; i++) {
        struct slot *s = &p->slots[i];
        s->at = 0;
        s->positions = cursor_positions(s->cursor, &s->count);
        if (!s->positions) {
            cursor_end(&p->base, s->cursor);
            return false;
        }
    }
    return true;
}

/* Whether there is a place at which the phrase starts: leapfrog over the places that each word allows for it. */
static bool slots_agree(struct phrase_cursor *p) {
    uint64_t start = 0;
    for (uint32_t i = 0, agreeing = 0; agreeing < p->slot_count; i = i + 1 < p->slot_count ? i + 1 : 0) {
        struct slot *s = &p->slots[i];
        while (s->at < s->count && s->positions[s->at] < start + i)
            s->at++;
        if (s->at == s->count)
            return false;
        agreeing = s->positions[s->at] - i > start ? 1 : agreeing + 1;
        start = s->positions[s->at] - i;
    }
    return true;
}

static uint32_t settle(struct phrase_cursor *p, uint32_t doc) {
    for (; doc != DOC_END; doc = cursor_next(p->all)) {
        if (!load_positions(p))
            return DOC_END;
        if (slots_agree(p))
            return p->base.doc = doc;
    }
    return cursor_end(&p->base, p->all);
}

static uint32_t next(struct cursor *c) {
    struct phrase_cursor *p = (struct phrase_cursor *)c;
    return settle(p, cursor_next(p->all));
}

static uint32_t seek(struct cursor *c, uint32_t target) {
    struct phrase_cursor *p = (struct phrase_cursor *)c;
    return settle(p, cursor_seek(p->all, target));
}

static double score(struct cursor *c) {
    return cursor_score(((struct phrase_cursor *)c)->all);
}

static void release(struct cursor *c) {
    cursor_release(((struct phrase_cursor *)c)->all);
}

static const struct cursor_ops phrase_ops = {next, seek, score, window_add_all, NULL, release};

struct cursor *phrase_cursor_new(struct arena *arena, struct cursor *const *cursors, size_t count,
                                 const uint32_t *slots, uint32_t slot_count) {
    struct phrase_cursor *p = arena_zalloc(arena, 1, sizeof *p);
    bool *required = arena_alloc(arena, count * sizeof *required);
    struct slot *copy = arena_zalloc(arena, slot_count, sizeof *copy);
    if (!p || !required || !copy) {
        cursors_release(cursors, count);
        return NULL;
    }
    memset(required, true, count * sizeof *required);
    for (uint32_t i = 0; i < slot_count; i++)
        copy[i].cursor = cursors[slots[i]];
    p->slots = copy;
    p->slot_count = slot_count;
    p->all = and_cursor_new(arena, cursors, required, count);
    if (!p->all)
        return NULL;
    p->base = (struct cursor){&phrase_ops, DOC_END, LEDE_OK, p->all->cost, p->all->max_score, false};
    settle(p, p->all->doc);
    return &p->base;
}
