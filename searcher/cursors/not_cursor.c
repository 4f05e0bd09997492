#include "cursor.h"
#include "explanation.h"

#include <string.h>

struct not_cursor {
    struct cursor base;
    struct cursor *included;
    struct cursor **excluded;
    size_t count;
};

static bool is_excluded(struct not_cursor *n, uint32_t doc) {
    for (size_t i = 0; i < n->count; i++)
        if (cursor_seek(n->excluded[i], doc) == doc && !n->excluded[i]->lazy)
            return true;
    return false;
}

static bool confirm(struct cursor *c) {
    struct not_cursor *n = (struct not_cursor *)c;
    if (!cursor_confirm(n->included))
        return false;
    for (size_t i = 0; i < n->count; i++)
        if (n->excluded[i]->lazy && cursor_seek(n->excluded[i], c->doc) == c->doc && cursor_confirm(n->excluded[i]))
            return false;
    return true;
}

static bool is_certain(struct cursor *c) {
    struct not_cursor *n = (struct not_cursor *)c;
    bool certain = cursor_is_certain(n->included);
    for (size_t i = 0; i < n->count && certain; i++)
        certain = !n->excluded[i]->lazy || cursor_seek(n->excluded[i], c->doc) != c->doc;
    return certain;
}

/* Moves on from `doc`, on which n->included stands, to the first that is not excluded. A cursor of exclusions that
 * fails ends all: to go on without it would find what was to be left out. */
static uint32_t settle(struct not_cursor *n, uint32_t doc) {
    while (doc != DOC_END && is_excluded(n, doc))
        doc = cursor_next(n->included);
    for (size_t i = 0; i < n->count; i++)
        if (n->excluded[i]->status != LEDE_OK)
            return cursor_end(&n->base, n->excluded[i]);
    if (doc != DOC_END)
        return n->base.doc = doc;
    for (size_t i = 0; i < n->count; i++)
        cursor_end(&n->base, n->excluded[i]);
    return cursor_end(&n->base, n->included);
}

static uint32_t next(struct cursor *c) {
    struct not_cursor *n = (struct not_cursor *)c;
    return settle(n, cursor_next(n->included));
}

static uint32_t seek(struct cursor *c, uint32_t target) {
    struct not_cursor *n = (struct not_cursor *)c;
    return settle(n, cursor_seek(n->included, target));
}

static double score(struct cursor *c) {
    return cursor_score(((struct not_cursor *)c)->included);
}

/* What is left out goes out of the window again, which must hold nothing else. */
static void accumulate(struct cursor *c, struct window *w) {
    struct not_cursor *n = (struct not_cursor *)c;
    if (w->touched) {
        window_add_all(c, w);
        return;
    }
    cursor_accumulate(n->included, w);
    for (size_t i = 0; i < n->count; i++)
        for (uint32_t d = cursor_seek(n->excluded[i], w->start); d < w->end; d = cursor_next(n->excluded[i]))
            if (w->scores[d - w->start] > 0 && cursor_confirm(n->excluded[i]))
                window_remove(w, d);
    settle(n, n->included->doc);
}

static void explain(struct cursor *c, struct explanation *e) {
    cursor_explain(((struct not_cursor *)c)->included, e);
}

static void release(struct cursor *c) {
    struct not_cursor *n = (struct not_cursor *)c;
    cursor_release(n->included);
    cursors_release(n->excluded, n->count);
}

static const struct cursor_ops not_ops = {.next = next,
                                          .seek = seek,
                                          .score = score,
                                          .accumulate = accumulate,
                                          .release = release,
                                          .explain = explain,
                                          .confirm = confirm,
                                          .is_certain = is_certain};

struct cursor *not_cursor_new(struct arena *arena, struct cursor *included, struct cursor *const *excluded,
                              size_t count) {
    struct not_cursor *n = arena_zalloc(arena, 1, sizeof *n);
    struct cursor **copy = arena_zalloc(arena, count, sizeof(struct cursor *));
    if (!n || !copy) {
        cursor_release(included);
        cursors_release(excluded, count);
        return NULL;
    }
    memcpy(copy, excluded, count * sizeof(struct cursor *));
    bool lazy = included->lazy || cursors_are_lazy(excluded, count);
    n->base = (struct cursor){.ops = &not_ops,
                              .doc = DOC_END,
                              .cost = included->cost,
                              .max_score = included->max_score,
                              .fits_windows = included->fits_windows,
                              .lazy = lazy};
    n->included = included;
    n->excluded = copy;
    n->count = count;
    settle(n, included->doc);
    return &n->base;
}
