#include "typed_hits.h"

#include "../core/error.h"
#include "../core/index.h"
#include "../core/span.h"
#include "search.h"

#include <string.h>

#define LEAST_WEIGHT 0.001

/* A form is rare that is one of so many words of its stem at most. A word may be a slip (ins, of in): then the texts of
 * so many passages are read, or of one of so many of all. */
enum { RARE = 20, STEM_FEW = 1 << 14, STEM_RARE = 6 };

/* How often a segment has the form, or the term, and in how many passages the term is. */
struct counts {
    uint64_t times, passages;
};

static lede_status add_counts(struct counts *counts, const struct segment *segment, enum dictionary_kind kind,
                              struct span key, lede_error *err) {
    struct dictionary_cursor *c;
    size_t len;
    lede_status status = dictionary_open(&c, segment, kind, key.s, key.n, err);
    const char *found = status == LEDE_OK ? dictionary_key(c, &len) : NULL;
    if (found && len == key.n && memcmp(found, key.s, len) == 0) {
        counts->times += dictionary_info(c)->total_freq;
        counts->passages += kind == DICTIONARY_TERMS ? dictionary_info(c)->doc_freq : 0;
    }
    dictionary_close(c);
    return status;
}

static lede_status is_rare(bool *rare, const lede_index *index, const struct typed_word *word, lede_error *err) {
    const struct query_term *term = &word->query->terms[word->term];
    const struct span form = {word->form, word->form_len}, stem = {term->bytes, term->len};
    struct counts forms = {0, 0}, all = {0, 0};
    lede_status status = LEDE_OK;
    for (size_t i = 0; i < index->snapshot->segment_count && status == LEDE_OK; i++) {
        const struct segment *segment = index->snapshot->segments[i].segment;
        status = add_counts(&forms, segment, DICTIONARY_WORDS, form, err);
        if (status == LEDE_OK)
            status = add_counts(&all, segment, DICTIONARY_TERMS, stem, err);
    }
    bool few = all.passages <= STEM_FEW || all.passages <= index->snapshot->passages / STEM_RARE;
    *rare = few && forms.times > 0 && forms.times <= all.times / RARE;
    return status;
}

/* A copy of the node, which borrows its children; NULL if out of memory. */
static struct node *copy_of(struct arena *arena, const struct node *node) {
    struct node *copy = arena_alloc(arena, sizeof *copy);
    if (copy) {
        *copy = *node;
        copy->next = NULL;
    }
    return copy;
}

static bool is_root_filter(const struct node *child) {
    return child->occur == OCCUR_FILTER || (child->occur == OCCUR_MUST_NOT && node_is_filter(child));
}

static bool add_copy(struct arena *arena, struct node *parent, const struct node *child) {
    struct node *copy = copy_of(arena, child);
    if (copy)
        node_add(parent, copy);
    return copy != NULL;
}

static struct node *new_word(struct arena *arena, const struct typed_word *word) {
    struct node *node = node_new(arena, NODE_WORD, 0);
    if (!node)
        return NULL;
    node->occur = OCCUR_MUST;
    node->weight = LEAST_WEIGHT;
    node->word = WORD_FORM;
    node->term = word->term;
    node->number = word->query->pattern_count;
    node->form = word->form;
    node->form_len = word->form_len;
    return node;
}

/* The query and the word, with the filters where plans look for them. */
static struct node *new_root(struct arena *arena, const struct typed_word *word) {
    struct node *root = node_new(arena, NODE_GROUP, 0), *typed = new_word(arena, word);
    struct node *whole = copy_of(arena, word->query->root);
    if (!root || !typed || !whole)
        return NULL;
    whole->occur = OCCUR_MUST;
    whole->first = whole->last = NULL;
    whole->count = 0;
    node_add(root, whole);
    node_add(root, typed);
    for (const struct node *c = word->query->root->first; c; c = c->next)
        if (!add_copy(arena, is_root_filter(c) ? root : whole, c))
            return NULL;
    return root;
}

static lede_status take(struct typed_hits *out, struct arena *arena, const lede_results *results, lede_error *err) {
    size_t count = lede_results_count(results);
    out->passages = arena_zalloc(arena, count + 1, sizeof *out->passages);
    if (!out->passages)
        return error_nomem(err);
    while (out->count < count) {
        out->passages[out->count] = lede_results_hit(results, out->count)->passage;
        out->count++;
    }
    out->complete = lede_results_complete(results);
    return LEDE_OK;
}

lede_status typed_hits_find(struct typed_hits *out, struct arena *arena, const lede_index *index,
                            const struct typed_word *word, const lede_search_options *options, lede_error *err) {
    lede_query query = *word->query;
    lede_results *results = NULL;
    bool wanted = true;
    *out = (struct typed_hits){NULL, 0, true};
    lede_status status = word->only_if_rare ? is_rare(&wanted, index, word, err) : LEDE_OK;
    if (status != LEDE_OK || !wanted)
        return status;
    query.root = new_root(arena, word);
    query.clauses = NULL;
    query.clause_count = 0;
    query.pattern_count++;
    status = query.root ? search_by(&results, index, &query, options, STRATEGY_AUTO, err) : error_nomem(err);
    if (status == LEDE_OK)
        status = take(out, arena, results, err);
    lede_results_free(results);
    return status;
}
