#include "cursor.h"
#include "explanation.h"

#include <string.h>

struct quorum_cursor {
    struct cursor base;
    struct cursor **cursors; /* in the order of scoring */
    size_t count, least;
    uint32_t *docs; /* scratch: where they stand, rising */
};

/* Where the cursor number `least` stands, by where they stand: no document before it has enough of them. */
static uint32_t candidate(struct quorum_cursor *q) {
    for (size_t i = 0; i < q->count; i++) {
        uint32_t doc = q->cursors[i]->doc;
        size_t n = i;
        for (; n > 0 && q->docs[n - 1] > doc; n--)
            q->docs[n] = q->docs[n - 1];
        q->docs[n] = doc;
    }
    return q->docs[q->least - 1];
}

static uint32_t settle(struct quorum_cursor *q) {
    for (uint32_t doc; (doc = candidate(q)) != DOC_END;) {
        size_t there = 0;
        for (size_t i = 0; i < q->count; i++)
            there += cursor_seek(q->cursors[i], doc) == doc;
        if (there >= q->least)
            return q->base.doc = doc;
    }
    for (size_t i = 0; i < q->count; i++)
        cursor_end(&q->base, q->cursors[i]);
    return DOC_END;
}

static uint32_t seek(struct cursor *c, uint32_t target) {
    struct quorum_cursor *q = (struct quorum_cursor *)c;
    for (size_t i = 0; i < q->count; i++)
        cursor_seek(q->cursors[i], target);
    return settle(q);
}

static uint32_t next(struct cursor *c) {
    return seek(c, c->doc + 1);
}

static double score(struct cursor *c) {
    struct quorum_cursor *q = (struct quorum_cursor *)c;
    double sum = 0;
    for (size_t i = 0; i < q->count; i++)
        if (cursor_has(q->cursors[i], c->doc))
            sum += cursor_score(q->cursors[i]);
    return sum;
}

static bool confirm(struct cursor *c) {
    struct quorum_cursor *q = (struct quorum_cursor *)c;
    size_t there = 0;
    for (size_t i = 0; i < q->count; i++)
        there += q->cursors[i]->doc == c->doc && cursor_confirm(q->cursors[i]);
    return there >= q->least;
}

static bool is_certain(struct cursor *c) {
    struct quorum_cursor *q = (struct quorum_cursor *)c;
    size_t there = 0;
    for (size_t i = 0; i < q->count; i++)
        there += q->cursors[i]->doc == c->doc && cursor_is_certain(q->cursors[i]);
    return there >= q->least;
}

static void explain(struct cursor *c, struct explanation *e) {
    struct quorum_cursor *q = (struct quorum_cursor *)c;
    cursors_explain(q->cursors, q->count, c->doc, "enough of", e);
}

static void release(struct cursor *c) {
    struct quorum_cursor *q = (struct quorum_cursor *)c;
    cursors_release(q->cursors, q->count);
}

static const struct cursor_ops quorum_ops = {.next = next,
                                             .seek = seek,
                                             .score = score,
                                             .accumulate = window_add_all,
                                             .release = release,
                                             .explain = explain,
                                             .confirm = confirm,
                                             .is_certain = is_certain};

struct cursor *quorum_cursor_new(struct arena *arena, struct cursor *const *cursors, size_t count, size_t least) {
    struct quorum_cursor *q = arena_zalloc(arena, 1, sizeof *q);
    struct cursor **copy = arena_zalloc(arena, count, sizeof(struct cursor *));
    uint32_t *docs = arena_zalloc(arena, count, sizeof *docs);
    if (!q || !copy || !docs) {
        cursors_release(cursors, count);
        return NULL;
    }
    memcpy(copy, cursors, count * sizeof(struct cursor *));
    q->base.ops = &quorum_ops;
    q->cursors = copy;
    q->count = count;
    q->least = least;
    q->docs = docs;
    for (size_t i = 0; i < count; i++) {
        q->base.cost += cursors[i]->cost;
        q->base.max_score += cursors[i]->max_score;
    }
    /* Each of its documents takes up as many of the cursors' as there must be. */
    q->base.cost /= least;
    q->base.lazy = cursors_are_lazy(cursors, count);
    settle(q);
    return &q->base;
}
