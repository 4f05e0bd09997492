#include "cursor.h"
#include "explanation.h"

#include <string.h>

struct or_cursor {
    struct cursor base;
    struct cursor **cursors; /* in the order of scoring */
    size_t count;
};

/* Stands on the least of the cursors' documents. */
static uint32_t settle(struct or_cursor *o) {
    uint32_t doc = DOC_END;
    for (size_t i = 0; i < o->count; i++)
        doc = o->cursors[i]->doc < doc ? o->cursors[i]->doc : doc;
    if (doc != DOC_END)
        return o->base.doc = doc;
    for (size_t i = 0; i < o->count; i++)
        cursor_end(&o->base, o->cursors[i]);
    return DOC_END;
}

static uint32_t seek(struct cursor *c, uint32_t target) {
    struct or_cursor *o = (struct or_cursor *)c;
    for (size_t i = 0; i < o->count; i++)
        cursor_seek(o->cursors[i], target);
    return settle(o);
}

static uint32_t next(struct cursor *c) {
    return seek(c, c->doc + 1);
}

static double score(struct cursor *c) {
    struct or_cursor *o = (struct or_cursor *)c;
    double sum = 0;
    for (size_t i = 0; i < o->count; i++)
        if (cursor_has(o->cursors[i], c->doc))
            sum += cursor_score(o->cursors[i]);
    return sum;
}

static bool confirm(struct cursor *c) {
    struct or_cursor *o = (struct or_cursor *)c;
    bool any = false;
    for (size_t i = 0; i < o->count; i++)
        any |= o->cursors[i]->doc == c->doc && cursor_confirm(o->cursors[i]);
    return any;
}

static bool is_certain(struct cursor *c) {
    struct or_cursor *o = (struct or_cursor *)c;
    bool any = false;
    for (size_t i = 0; i < o->count && !any; i++)
        any = o->cursors[i]->doc == c->doc && cursor_is_certain(o->cursors[i]);
    return any;
}

/* Within another one its sum has to be made first, so that it is rounded as everywhere. */
static void accumulate(struct cursor *c, struct window *w) {
    struct or_cursor *o = (struct or_cursor *)c;
    if (w->touched) {
        window_add_all(c, w);
        return;
    }
    for (size_t i = 0; i < o->count; i++)
        cursor_accumulate(o->cursors[i], w);
    settle(o);
}

static void explain(struct cursor *c, struct explanation *e) {
    struct or_cursor *o = (struct or_cursor *)c;
    cursors_explain(o->cursors, o->count, c->doc, "any of", e);
}

static void release(struct cursor *c) {
    struct or_cursor *o = (struct or_cursor *)c;
    cursors_release(o->cursors, o->count);
}

static const struct cursor_ops or_ops = {.next = next,
                                         .seek = seek,
                                         .score = score,
                                         .accumulate = accumulate,
                                         .release = release,
                                         .explain = explain,
                                         .confirm = confirm,
                                         .is_certain = is_certain};

struct cursor *or_cursor_new(struct arena *arena, struct cursor *const *cursors, size_t count) {
    struct or_cursor *o = arena_zalloc(arena, 1, sizeof *o);
    struct cursor **copy = arena_zalloc(arena, count, sizeof(struct cursor *));
    if (!o || !copy) {
        cursors_release(cursors, count);
        return NULL;
    }
    memcpy(copy, cursors, count * sizeof(struct cursor *));
    o->base.ops = &or_ops;
    o->base.lazy = cursors_are_lazy(cursors, count);
    o->base.fits_windows = true;
    o->cursors = copy;
    o->count = count;
    for (size_t i = 0; i < count; i++) {
        o->base.cost += cursors[i]->cost;
        o->base.max_score += cursors[i]->max_score;
    }
    settle(o);
    return &o->base;
}
