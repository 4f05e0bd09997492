#include "term_cursor.h"

#include "../core/buffer.h"
#include "gate.h"

struct occurrence_cursor {
    struct cursor base;
    struct cursor *word;
    struct occurrence_filter filter;
    struct word_scorer scorer;
    struct buffer positions; /* u32 each: in the current document */
    uint32_t count;
};

static uint32_t fail(struct occurrence_cursor *o, lede_status status) {
    o->base.status = status;
    return o->base.doc = DOC_END;
}

/* Moves on from `doc`, on which the word stands, to the first document that the gate lets pass. */
static uint32_t pass_gate(struct occurrence_cursor *o, uint32_t doc) {
    struct gate *gate = o->filter.gate;
    while (gate && doc != DOC_END) {
        uint32_t wanted = gate_next(gate, doc);
        if (wanted == DOC_END)
            return DOC_END;
        if (wanted != doc)
            doc = cursor_seek(o->word, wanted);
        else if (!o->filter.bounds || gate->threshold <= 0 ||
                 gate_admits(gate, o->filter.bounds, doc, word_score(&o->scorer, doc, cursor_freq(o->word))))
            break;
        else
            doc = cursor_next(o->word);
    }
    return doc;
}

/* The same to the first where an occurrence is wanted. */
static uint32_t settle(struct occurrence_cursor *o, uint32_t doc) {
    for (; (doc = pass_gate(o, doc)) != DOC_END; doc = cursor_next(o->word)) {
        uint32_t n;
        lede_status status = LEDE_OK;
        const uint32_t *positions = cursor_positions(o->word, &n);
        if (!positions)
            break;
        buffer_clear(&o->positions);
        buffer_append(&o->positions, positions, n * sizeof *positions);
        if (o->positions.failed)
            return fail(o, LEDE_NOMEM);
        o->count = o->filter.keep(o->filter.ctx, doc, (uint32_t *)(void *)o->positions.data, n, &status);
        if (status != LEDE_OK)
            return fail(o, status);
        if (o->count)
            return o->base.doc = doc;
    }
    return cursor_end(&o->base, o->word);
}

static uint32_t next(struct cursor *c) {
    struct occurrence_cursor *o = (struct occurrence_cursor *)c;
    return settle(o, cursor_next(o->word));
}

static uint32_t seek(struct cursor *c, uint32_t target) {
    struct occurrence_cursor *o = (struct occurrence_cursor *)c;
    return settle(o, cursor_seek(o->word, target));
}

static double score(struct cursor *c) {
    struct occurrence_cursor *o = (struct occurrence_cursor *)c;
    return word_score(&o->scorer, c->doc, o->count);
}

static void explain(struct cursor *c, struct explanation *e) {
    struct occurrence_cursor *o = (struct occurrence_cursor *)c;
    word_explain(&o->scorer, e, c->doc, o->count);
}

static const uint32_t *positions_of(struct cursor *c, uint32_t *count) {
    struct occurrence_cursor *o = (struct occurrence_cursor *)c;
    *count = o->count;
    return (const uint32_t *)(void *)o->positions.data;
}

static uint32_t freq(struct cursor *c) {
    return ((struct occurrence_cursor *)c)->count;
}

static void release(struct cursor *c) {
    struct occurrence_cursor *o = (struct occurrence_cursor *)c;
    cursor_release(o->word);
    buffer_release(&o->positions);
}

static const struct cursor_ops occurrence_ops = {next,         seek,    score,   window_add_all,
                                                 positions_of, release, explain, freq};

struct cursor *occurrence_cursor_new(struct arena *arena, struct cursor *word, const struct occurrence_filter *filter,
                                     const struct word_scorer *scorer) {
    struct occurrence_cursor *o = arena_zalloc(arena, 1, sizeof *o);
    if (!o) {
        cursor_release(word);
        return NULL;
    }
    o->base = (struct cursor){&occurrence_ops, DOC_END, LEDE_OK, word->cost, scorer->weight, false};
    o->word = word;
    o->filter = *filter;
    o->scorer = *scorer;
    settle(o, word->doc);
    return &o->base;
}
