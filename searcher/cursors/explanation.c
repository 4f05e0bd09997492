#include "explanation.h"

#include "searcher/plan/bm25.h"

static lede_score_part *part_at(struct explanation *e, size_t i) {
    return (lede_score_part *)(void *)e->parts.data + i;
}

size_t explanation_count(const struct explanation *e) {
    return e->parts.len / sizeof(lede_score_part);
}

size_t explanation_begin(struct explanation *e, const char *name) {
    explanation_add(e, LEDE_PART_SUM, name, 0);
    e->depth++;
    return explanation_count(e) - 1;
}

void explanation_end(struct explanation *e, size_t sum) {
    double value = 0;
    if (e->parts.failed)
        return;
    for (size_t i = sum + 1; i < explanation_count(e); i++)
        if (part_at(e, i)->depth == e->depth)
            value += part_at(e, i)->value;
    part_at(e, sum)->value = value;
    e->depth--;
}

void explanation_add(struct explanation *e, lede_part_kind kind, const char *name, double value) {
    const lede_score_part part = {.kind = kind, .depth = e->depth, .name = name, .value = value};
    buffer_append(&e->parts, &part, sizeof part);
}

void explanation_word(struct explanation *e, const struct word_worth *worth) {
    const lede_score_part part = {
        .kind = LEDE_PART_WORD,
        .depth = e->depth,
        .name = worth->name,
        .value = bm25_score(worth->weight, worth->freq, worth->norm),
        .weight = worth->weight,
        .norm = worth->norm,
        .frequency = worth->freq,
        .length = worth->length,
        .doc_freq = worth->doc_freq,
    };
    buffer_append(&e->parts, &part, sizeof part);
}

void cursors_explain(struct cursor *const *cursors, size_t count, uint32_t doc, const char *name,
                     struct explanation *e) {
    size_t sum = explanation_begin(e, name);
    for (size_t i = 0; i < count; i++)
        if (cursor_has(cursors[i], doc))
            cursor_explain(cursors[i], e);
    explanation_end(e, sum);
}
