#include "cursor.h"
#include "explanation.h"

#include <stdlib.h>
#include <string.h>

struct and_cursor {
    struct cursor base;
    struct cursor **all; /* in the order of scoring */
    size_t count;
    struct cursor **required; /* least costly first; behind them those that are not */
    size_t required_count;
};

/* Leapfrog: the least costly cursor proposes a document, the others in turn confirm it or propose a later one. */
static uint32_t settle(struct and_cursor *a, uint32_t doc) {
    for (size_t i = 1; i < a->required_count && doc != DOC_END;) {
        uint32_t other = cursor_seek(a->required[i], doc);
        if (other == doc) {
            i++;
        } else {
            doc = other == DOC_END ? DOC_END : cursor_seek(a->required[0], other);
            i = 1;
        }
    }
    if (doc != DOC_END)
        return a->base.doc = doc;
    for (size_t i = 0; i < a->count; i++)
        cursor_end(&a->base, a->all[i]);
    return DOC_END;
}

static uint32_t next(struct cursor *c) {
    struct and_cursor *a = (struct and_cursor *)c;
    return settle(a, cursor_next(a->required[0]));
}

static uint32_t seek(struct cursor *c, uint32_t target) {
    struct and_cursor *a = (struct and_cursor *)c;
    return settle(a, cursor_seek(a->required[0], target));
}

static double score(struct cursor *c) {
    struct and_cursor *a = (struct and_cursor *)c;
    double sum = 0;
    for (size_t i = 0; i < a->count; i++)
        if (cursor_seek(a->all[i], c->doc) == c->doc && cursor_has(a->all[i], c->doc))
            sum += cursor_score(a->all[i]);
    return sum;
}

static bool confirm(struct cursor *c) {
    struct and_cursor *a = (struct and_cursor *)c;
    for (size_t i = 0; i < a->required_count; i++)
        if (!cursor_confirm(a->required[i]))
            return false;
    for (size_t i = a->required_count; i < a->count; i++)
        if (a->required[i]->lazy && cursor_seek(a->required[i], c->doc) == c->doc)
            (void)cursor_confirm(a->required[i]);
    return true;
}

static bool is_certain(struct cursor *c) {
    struct and_cursor *a = (struct and_cursor *)c;
    bool all = true;
    for (size_t i = 0; i < a->required_count && all; i++)
        all = cursor_is_certain(a->required[i]);
    return all;
}

static void explain(struct cursor *c, struct explanation *e) {
    struct and_cursor *a = (struct and_cursor *)c;
    for (size_t i = 0; i < a->count; i++)
        cursor_seek(a->all[i], c->doc);
    cursors_explain(a->all, a->count, c->doc, "all of", e);
}

static void release(struct cursor *c) {
    struct and_cursor *a = (struct and_cursor *)c;
    cursors_release(a->all, a->count);
}

static const struct cursor_ops and_ops = {.next = next,
                                          .seek = seek,
                                          .score = score,
                                          .accumulate = window_add_all,
                                          .release = release,
                                          .explain = explain,
                                          .confirm = confirm,
                                          .is_certain = is_certain};

static int compare_costs(const void *a, const void *b) {
    const struct cursor *const *x = a, *const *y = b;
    return ((*x)->cost > (*y)->cost) - ((*x)->cost < (*y)->cost);
}

struct cursor *and_cursor_new(struct arena *arena, struct cursor *const *cursors, const bool *required, size_t count) {
    struct and_cursor *a = arena_zalloc(arena, 1, sizeof *a);
    struct cursor **arrays = arena_zalloc(arena, 2 * count, sizeof(struct cursor *));
    if (!a || !arrays) {
        cursors_release(cursors, count);
        return NULL;
    }
    a->base.ops = &and_ops;
    a->all = arrays;
    a->required = arrays + count;
    a->count = count;
    size_t others = count;
    for (size_t i = 0; i < count; i++) {
        a->all[i] = cursors[i];
        a->base.max_score += cursors[i]->max_score;
        a->required[required[i] ? a->required_count++ : --others] = cursors[i];
    }
    qsort(a->required, a->required_count, sizeof(struct cursor *), compare_costs);
    a->base.cost = a->required[0]->cost;
    a->base.lazy = cursors_are_lazy(cursors, count);
    settle(a, a->required[0]->doc);
    return &a->base;
}
