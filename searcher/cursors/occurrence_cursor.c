#include "term_cursor.h"

#include "core/base/buffer.h"
#include "gate.h"

struct occurrence_cursor {
    struct cursor base;
    struct cursor *word;
    struct occurrence_filter filter;
    struct word_scorer scorer;
    struct buffer positions; /* u32 each: in the current document */
    uint32_t count, taken;   /* of them; and one more than the document that they are taken of */
};

static bool fail(struct occurrence_cursor *o, lede_status status) {
    o->base.status = status;
    o->base.doc = DOC_END;
    return false;
}

static bool count(struct occurrence_cursor *o, uint32_t doc) {
    lede_status status = LEDE_OK;
    if (o->taken != doc + 1)
        o->count = o->filter.count(o->filter.ctx, doc, &status);
    o->taken = doc + 1;
    return status == LEDE_OK ? o->count > 0 : fail(o, status);
}

/* Takes the occurrences in the document that are wanted; false if there are none, or if it fails. */
static bool take(struct occurrence_cursor *o, uint32_t doc) {
    uint32_t n;
    lede_status status = LEDE_OK;
    const uint32_t *positions = cursor_positions(o->word, &n);
    if (!positions) {
        cursor_end(&o->base, o->word);
        return false;
    }
    buffer_clear(&o->positions);
    buffer_append(&o->positions, positions, n * sizeof *positions);
    if (o->positions.failed)
        return fail(o, LEDE_NOMEM);
    o->count = o->filter.keep(o->filter.ctx, doc, (uint32_t *)(void *)o->positions.data, n, &status);
    if (status != LEDE_OK)
        return fail(o, status);
    o->taken = doc + 1;
    return o->count > 0;
}

/* Moves on from `doc`, on which the word stands, to the first that is wanted. */
static uint32_t settle(struct occurrence_cursor *o, uint32_t doc) {
    for (uint32_t wanted; o->filter.gate && (wanted = gate_next(o->filter.gate, doc)) != doc;) {
        if (wanted == DOC_END)
            return cursor_end(&o->base, o->word);
        doc = cursor_seek(o->word, wanted);
    }
    return doc == DOC_END ? cursor_end(&o->base, o->word) : (o->base.doc = doc);
}

static bool confirm(struct cursor *c) {
    struct occurrence_cursor *o = (struct occurrence_cursor *)c;
    return o->filter.count ? count(o, c->doc) : take(o, c->doc);
}

static uint32_t next(struct cursor *c) {
    struct occurrence_cursor *o = (struct occurrence_cursor *)c;
    return settle(o, cursor_next(o->word));
}

static uint32_t seek(struct cursor *c, uint32_t target) {
    struct occurrence_cursor *o = (struct occurrence_cursor *)c;
    return settle(o, cursor_seek(o->word, target));
}

static uint32_t freq(struct cursor *c) {
    struct occurrence_cursor *o = (struct occurrence_cursor *)c;
    if (o->taken == c->doc + 1)
        return o->count;
    uint32_t n = cursor_freq(o->word);
    return o->filter.most && *o->filter.most < n ? (uint32_t)*o->filter.most : n;
}

static double score(struct cursor *c) {
    return word_score(&((struct occurrence_cursor *)c)->scorer, c->doc, freq(c));
}

static void explain(struct cursor *c, struct explanation *e) {
    struct occurrence_cursor *o = (struct occurrence_cursor *)c;
    word_explain(&o->scorer, e, c->doc, o->count);
}

static const uint32_t *positions_of(struct cursor *c, uint32_t *count) {
    struct occurrence_cursor *o = (struct occurrence_cursor *)c;
    if (o->taken != c->doc + 1) {
        const uint32_t *positions = cursor_positions(o->word, count);
        if (!positions)
            cursor_end(&o->base, o->word);
        return positions;
    }
    *count = o->count;
    return (const uint32_t *)(void *)o->positions.data;
}

static void release(struct cursor *c) {
    struct occurrence_cursor *o = (struct occurrence_cursor *)c;
    cursor_release(o->word);
    buffer_release(&o->positions);
}

static const struct cursor_ops occurrence_ops = {next,    seek,    score, window_add_all, positions_of,
                                                 release, explain, freq,  confirm,        NULL};

struct cursor *occurrence_cursor_new(struct arena *arena, struct cursor *word, const struct occurrence_filter *filter,
                                     const struct word_scorer *scorer) {
    struct occurrence_cursor *o = arena_zalloc(arena, 1, sizeof *o);
    if (!o) {
        cursor_release(word);
        return NULL;
    }
    o->base = (struct cursor){
        .ops = &occurrence_ops, .doc = DOC_END, .cost = word->cost, .max_score = scorer->weight, .lazy = true};
    o->base.reads = filter->reads;
    o->word = word;
    o->filter = *filter;
    o->scorer = *scorer;
    settle(o, word->doc);
    return &o->base;
}
