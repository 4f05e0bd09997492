#include "cursor.h"
#include "explain.h"
#include "phrase.h"

#include <string.h>

struct phrase_cursor {
    struct cursor base;
    struct cursor *all;        /* on the documents that hold all words */
    struct cursor **words;     /* of the phrase, in order */
    struct phrase_slot *slots; /* of each */
    uint32_t slot_count;
};

static bool load_positions(struct phrase_cursor *p) {
    for (uint32_t i = 0; i < p->slot_count; i++) {
        struct phrase_slot *s = &p->slots[i];
        s->at = 0;
        s->positions = cursor_positions(p->words[i], &s->count);
        if (!s->positions) {
            cursor_end(&p->base, p->words[i]);
            return false;
        }
    }
    return true;
}

static uint32_t settle(struct phrase_cursor *p, uint32_t doc) {
    for (; doc != DOC_END; doc = cursor_next(p->all)) {
        if (!load_positions(p))
            return DOC_END;
        if (phrase_matches(p->slots, p->slot_count))
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

static void explain(struct cursor *c, struct explanation *e) {
    cursor_explain(((struct phrase_cursor *)c)->all, e);
}

static void release(struct cursor *c) {
    cursor_release(((struct phrase_cursor *)c)->all);
}

static const struct cursor_ops phrase_ops = {next, seek, score, window_add_all, NULL, release, explain};

struct cursor *phrase_cursor_new(struct arena *arena, struct cursor *const *cursors, size_t count,
                                 const uint32_t *slots, uint32_t slot_count) {
    struct phrase_cursor *p = arena_zalloc(arena, 1, sizeof *p);
    bool *required = arena_alloc(arena, count * sizeof *required);
    struct cursor **words = arena_alloc(arena, slot_count * sizeof(struct cursor *));
    struct phrase_slot *room = arena_zalloc(arena, slot_count, sizeof *room);
    if (!p || !required || !words || !room) {
        cursors_release(cursors, count);
        return NULL;
    }
    memset(required, true, count * sizeof *required);
    for (uint32_t i = 0; i < slot_count; i++)
        words[i] = cursors[slots[i]];
    p->words = words;
    p->slots = room;
    p->slot_count = slot_count;
    p->all = and_cursor_new(arena, cursors, required, count);
    if (!p->all)
        return NULL;
    p->base = (struct cursor){&phrase_ops, DOC_END, LEDE_OK, p->all->cost, p->all->max_score, false};
    settle(p, p->all->doc);
    return &p->base;
}
