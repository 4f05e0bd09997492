#include "stage.h"

/* Puts the word in its place among the rarest. */
static void insert_word(struct stage *s, const struct looked_word *word, double idf) {
    if (s->word_count == WORDS_MOST && s->idfs[WORDS_MOST - 1] >= idf)
        return;
    size_t at = s->word_count < WORDS_MOST ? s->word_count++ : WORDS_MOST - 1;
    for (; at > 0 && s->idfs[at - 1] < idf; at--) {
        s->words[at] = s->words[at - 1];
        s->idfs[at] = s->idfs[at - 1];
    }
    s->words[at] = *word;
    s->idfs[at] = idf;
}

/* What the query's words are gathered in. */
struct gathering {
    struct stage *stage;
    bool *terms; /* those that were met */
    size_t found;
};

static void add_word(struct gathering *g, const struct looked_word *word, uint64_t doc_freq) {
    const struct bm25 *bm25 = g->stage->in->bm25;
    if (doc_freq == 0)
        return;
    insert_word(g->stage, word, bm25_weight(bm25, doc_freq, 1) / (bm25->k1 + 1));
    g->found++;
}

static bool is_same_name(const struct node *a, const struct node *b) {
    return a->naming && b->naming && a->term == b->term;
}

/* Of a name that counts in both numbers the first node, which takes either, does for all. */
static void add_pattern(struct gathering *g, const struct node *node) {
    const struct stage *s = g->stage;
    for (size_t w = 0; w < s->word_count; w++)
        if (s->words[w].pattern && (node_equal(s->words[w].pattern, node) || is_same_name(s->words[w].pattern, node)))
            return;
    uint64_t doc_freq = s->in->pattern_doc_freqs[node->number];
    if (doc_freq == 0 && node->word == WORD_FORM) /* engines don't tell that of one word */
        doc_freq = s->in->doc_freqs[node->term];
    if (s->in->has_text)
        add_word(g, &(struct looked_word){node, QUERY_NO_TERM}, doc_freq);
}

/* Whether the text has to be asked for the word. */
static bool is_pattern(const struct node *node) {
    return node->word == WORD_FORM ? node->naming != NULL : node->word != WORD_STEM;
}

/* The words that give to scores, not only to exclusions; of names not their stems, which give next to nothing. */
static void gather(struct gathering *g, const struct node *node) {
    const bool *names = g->stage->in->query->names;
    if (node->kind == NODE_WORD && is_pattern(node))
        add_pattern(g, node);
    else if (node->kind == NODE_WORD && !g->terms[node->term] && !(names && names[node->term])) {
        g->terms[node->term] = true;
        add_word(g, &(struct looked_word){NULL, node->term}, g->stage->in->doc_freqs[node->term]);
    }
    for (const struct node *c = node->first; c; c = c->next)
        if (node->kind != NODE_GROUP || c->occur == OCCUR_SHOULD || c->occur == OCCUR_MUST)
            gather(g, c);
}

bool stage_take_words(struct stage *s) {
    struct gathering g = {s, arena_zalloc(&s->scratch, s->in->query->term_count + 1, sizeof *g.terms), 0};
    s->seen = arena_zalloc(&s->scratch, s->in->query->term_count + 1, sizeof *s->seen);
    s->cases = arena_zalloc(&s->scratch, s->in->query->term_count + 1, sizeof *s->cases);
    if (!g.terms || !s->seen || !s->cases)
        return false;
    gather(&g, s->in->query->root);
    size_t most = g.found / 2 > WORDS_LEAST ? g.found / 2 : WORDS_LEAST;
    s->known_count = s->word_count;
    s->word_count = s->word_count < most ? s->word_count : most;
    for (size_t w = 0; w < s->word_count; w++)
        s->pattern_count += s->words[w].pattern != NULL;
    return true;
}
