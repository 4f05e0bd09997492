#include "tally.h"

#include "searcher/match/verdicts.h"

struct tally_cursor {
    struct cursor base;
    struct cursor *docs;
    const struct tally *tally;
    struct tally_texts texts;
    struct word_scorer scorer;
    uint32_t count, counted; /* occurrences, and one more than the document that they are counted in */
};

static uint32_t freq(struct cursor *c) {
    struct tally_cursor *t = (struct tally_cursor *)c;
    const uint32_t *maybe = t->tally->maybe;
    return t->counted == c->doc + 1 ? t->count : t->tally->sure[c->doc] + (maybe ? maybe[c->doc] : 0);
}

static bool confirm(struct cursor *c) {
    struct tally_cursor *t = (struct tally_cursor *)c;
    const uint32_t *maybe = t->tally->maybe;
    lede_status status = LEDE_OK;
    if (maybe && maybe[c->doc] && t->counted != c->doc + 1) {
        uint32_t enough = t->texts.merely && *t->texts.merely ? 1 : UINT32_MAX;
        status = passage_text_count(t->texts.text, c->doc, t->texts.verdicts, enough, &t->count);
        t->counted = c->doc + 1;
    }
    if (status == LEDE_OK)
        return freq(c) > 0;
    c->status = status;
    c->doc = DOC_END;
    return false;
}

static bool is_certain(struct cursor *c) {
    return ((struct tally_cursor *)c)->tally->sure[c->doc] > 0;
}

static uint32_t next(struct cursor *c) {
    struct tally_cursor *t = (struct tally_cursor *)c;
    return c->doc = cursor_next(t->docs);
}

static uint32_t seek(struct cursor *c, uint32_t target) {
    struct tally_cursor *t = (struct tally_cursor *)c;
    return c->doc = cursor_seek(t->docs, target);
}

static double score(struct cursor *c) {
    struct tally_cursor *t = (struct tally_cursor *)c;
    return word_score(&t->scorer, c->doc, freq(c));
}

static void accumulate(struct cursor *c, struct window *w) {
    struct tally_cursor *t = (struct tally_cursor *)c;
    const struct tally *tally = t->tally;
    uint32_t end = w->end < tally->passages ? w->end : tally->passages;
    if (tally->maybe) {
        window_add_all(c, w);
        return;
    }
    for (uint32_t doc = c->doc; doc < end; doc++)
        if (tally->sure[doc])
            window_add(w, doc, word_score(&t->scorer, doc, tally->sure[doc]));
    if (c->doc < w->end)
        seek(c, end);
}

static void explain(struct cursor *c, struct explanation *e) {
    struct tally_cursor *t = (struct tally_cursor *)c;
    word_explain(&t->scorer, e, c->doc, freq(c));
}

static void release(struct cursor *c) {
    cursor_release(((struct tally_cursor *)c)->docs);
}

static const struct cursor_ops tally_ops = {.next = next,
                                            .seek = seek,
                                            .score = score,
                                            .accumulate = accumulate,
                                            .release = release,
                                            .explain = explain,
                                            .freq = freq,
                                            .confirm = confirm,
                                            .is_certain = is_certain};

struct cursor *tally_cursor_new(struct arena *arena, const struct tally *tally, const struct tally_texts *texts,
                                const struct word_scorer *scorer) {
    struct tally_cursor *t = arena_zalloc(arena, 1, sizeof *t);
    struct cursor *docs = bitset_cursor_new(arena, tally->bits, tally->passages, 1);
    if (!t || !docs)
        return NULL;
    t->base = (struct cursor){.ops = &tally_ops,
                              .doc = docs->doc,
                              .cost = docs->cost,
                              .max_score = scorer->weight,
                              .fits_windows = !tally->maybe,
                              .lazy = tally->maybe != NULL};
    t->docs = docs;
    t->tally = tally;
    t->texts = *texts;
    t->scorer = *scorer;
    return &t->base;
}
