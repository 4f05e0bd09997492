/* The parts of a score, made from what Xapian has of a passage and of all: by its formula, which binding.h tells.
 *
 *     terms of the passage, with their frequencies  -> which words count    one question to its server
 *     how many passages have each of these          -> weights              one question to each server
 *     whether a phrase, a filter or a group matches                         one question to its server for each
 *
 * Scores are in single precision (search.c tells why), so what the parts add up to is rounded, and that is a part, too.
 */
#include "core/base/error.h"
#include "query.h"
#include "reader_private.h"
#include "searcher/cursors/explanation.h"
#include "searcher/plan/bm25.h"

#include <math.h>
#include <stdlib.h>

/* An explanation in progress; with the mutex held. */
struct explaining {
    struct shards_reader *reader;
    const struct engine_search *search;
    const struct engine_hit *hit;
    struct explanation *out;
    struct arena *arena;
    struct xapian_bm25 bm25;
    struct query_parts parts;
    struct xapian_error failure; /* its code is XAPIAN_OK if Xapian did not fail */
    /* The passage. */
    struct buffer terms; /* each: length as a byte, the term, its frequency as a varint */
    uint64_t length;     /* in terms */
    char key[SHARD_TERM_MAX];
    size_t key_len;
    /* What of the query it has. */
    struct buffer leaves; /* struct engine_term each */
    struct xapian_totals totals;
    bool met;      /* by find_match */
    double factor; /* for tell_meaning */
};

static struct shard *shard_of(const struct explaining *x) {
    return &x->reader->shards.shards[ordinal_shard(x->hit->ordinal)];
}

/* Fails as Xapian did. */
static lede_status fail(struct explaining *x, enum xapian_code code, lede_error *err) {
    if (!code || code == XAPIAN_NOMEM)
        return code ? error_nomem(err) : LEDE_OK;
    x->failure.code = code;
    return error_set(err, LEDE_IO, "%s: %s", x->reader->shards.name, x->failure.message);
}

/* ------------------------------------------------------------------------------------ passage -- */

static int take_term(void *ctx, const char *term, size_t len, uint32_t frequency) {
    struct explaining *x = ctx;
    x->length += frequency;
    if (len && len <= sizeof x->key && *term == 'Q') {
        memcpy(x->key, term, len);
        x->key_len = len;
    }
    buffer_append_u8(&x->terms, (uint8_t)len);
    buffer_append(&x->terms, term, len);
    buffer_append_varint(&x->terms, frequency);
    return x->terms.failed;
}

static lede_status take_passage(struct explaining *x, lede_error *err) {
    const struct xapian *api = x->reader->shards.x;
    struct xapian_document *document = NULL;
    if (!shard_of(x)->db)
        return error_set(err, LEDE_IO, "%s", shard_of(x)->failure.message);
    enum xapian_code code =
        api->xapian_document_fetch(&document, shard_of(x)->db, ordinal_document(x->hit->ordinal), &x->failure);
    if (!code)
        code = api->xapian_document_terms(document, take_term, x, &x->failure);
    api->xapian_document_free(document);
    return x->terms.failed ? error_nomem(err) : fail(x, code, err);
}

/* How often the passage has a term; 0 if it does not. */
static uint32_t frequency_of(const struct explaining *x, const char *term, size_t len) {
    const uint8_t *at = x->terms.data, *end = at + x->terms.len;
    while (at < end) {
        const uint8_t *bytes = at + 1, *next = bytes + *at;
        uint64_t frequency = 0;
        bool is_it = *at == len && memcmp(bytes, term, len) == 0;
        if (!varint_get(&next, end, &frequency) || is_it)
            return (uint32_t)frequency;
        at = next;
    }
    return 0;
}

static uint32_t frequency_of_meaning(const struct explaining *x, const struct meaning *t) {
    char term[SHARD_TERM_MAX];
    return frequency_of(x, term, record_word_term(term, t->is_stem ? "" : "F", t->bytes, t->len));
}

/* ------------------------------------------------------------------------------------- leaves -- */

static struct engine_term *leaf_of(const struct explaining *x, const struct meaning *t) {
    struct engine_term *leaves = (struct engine_term *)(void *)x->leaves.data;
    for (size_t i = 0; i < x->leaves.len / sizeof *leaves; i++)
        if (leaves[i].is_form == !t->is_stem && leaves[i].len == t->len &&
            memcmp(leaves[i].bytes, t->bytes, t->len) == 0)
            return &leaves[i];
    return NULL;
}

static void gather_meaning(void *ctx, const struct meaning *t, double rarity) {
    struct explaining *x = ctx;
    (void)rarity;
    if (!frequency_of_meaning(x, t) || leaf_of(x, t))
        return;
    const struct engine_term leaf = {arena_strndup(x->arena, t->bytes, t->len), t->len, !t->is_stem, 0};
    x->leaves.failed |= !leaf.bytes;
    if (leaf.bytes)
        buffer_append(&x->leaves, &leaf, sizeof leaf);
}

static bool is_searched(const struct node *child) {
    return child->occur == OCCUR_SHOULD || child->occur == OCCUR_MUST;
}

/* What the passage has of the words that may give to its score. */
static void gather(struct explaining *x, const struct node *node) {
    if (node->kind == NODE_WORD || node->kind == NODE_SYNONYM) {
        shards_query_meanings(x->search->query, &x->parts, node, gather_meaning, x);
        return;
    }
    for (const struct node *c = node->first; c; c = c->next)
        if (node->kind != NODE_GROUP || is_searched(c))
            gather(x, c);
}

static lede_status weigh_leaves(struct explaining *x, lede_error *err) {
    gather(x, x->search->query->root);
    if (x->leaves.failed)
        return error_nomem(err);
    return fail(x,
                reader_frequencies(x->reader, ENGINE_ALL, (struct engine_term *)(void *)x->leaves.data,
                                   x->leaves.len / sizeof(struct engine_term), &x->totals, &x->failure),
                err);
}

/* ------------------------------------------------------------------------------------ matches -- */

/* The part of the query for the passages of this article alone. */
static enum xapian_code restrict_to_article(struct xapian_query **out, struct explaining *x,
                                            const struct xapian_query *part) {
    const struct xapian *api = x->reader->shards.x;
    struct xapian_query *article = NULL;
    enum xapian_code code = api->xapian_query_term(&article, x->key, x->key_len, &x->failure);
    if (!code)
        code = api->xapian_query_combine(out, XAPIAN_FILTER, (const struct xapian_query *const[]){part, article}, 2, 0,
                                         &x->failure);
    api->xapian_query_free(article);
    return code;
}

static enum xapian_code ask(struct explaining *x, const struct xapian_query *part, bool *matches) {
    static const struct xapian_window all = {.limit = UINT32_MAX / 2};
    const struct xapian *api = x->reader->shards.x;
    struct xapian_query *query = NULL;
    struct xapian_enquire *enquire = NULL;
    struct xapian_mset *mset = NULL;
    enum xapian_code code = restrict_to_article(&query, x, part);
    if (!code)
        code = api->xapian_enquire_new(&enquire, shard_of(x)->db, query, &x->bm25, &x->failure);
    if (!code)
        code = api->xapian_enquire_run(&mset, enquire, &all, &x->failure);
    for (uint32_t i = 0; !code && i < api->xapian_mset_count(mset) && !*matches; i++)
        *matches = api->xapian_mset_hit(mset, i)->document == ordinal_document(x->hit->ordinal);
    api->xapian_mset_free(mset);
    api->xapian_enquire_free(enquire);
    api->xapian_query_free(query);
    return code;
}

static void meet(void *ctx, const struct meaning *t, double rarity) {
    struct explaining *x = ctx;
    (void)rarity;
    x->met |= leaf_of(x, t) != NULL;
}

/* Whether the passage matches a part of the query. */
static lede_status find_match(struct explaining *x, const struct node *node, bool *matches, lede_error *err) {
    struct xapian_query *part = NULL;
    *matches = x->met = false;
    if (node->kind == NODE_SYNONYM || (node->kind == NODE_WORD && node->field == FIELD_ANY)) {
        shards_query_meanings(x->search->query, &x->parts, node, meet, x);
        *matches = x->met;
        return LEDE_OK;
    }
    lede_status status = shards_query_part(&part, x->reader->shards.x, x->search->query, &x->parts, node, err);
    if (!status && part)
        status = fail(x, ask(x, part, matches), err);
    x->reader->shards.x->xapian_query_free(part);
    return status;
}

/* -------------------------------------------------------------------------------------- parts -- */

static void tell_meaning(void *ctx, const struct meaning *t, double rarity) {
    struct explaining *x = ctx;
    const struct engine_term *leaf = leaf_of(x, t);
    if (!leaf)
        return;
    double passages = x->totals.documents, df = leaf->doc_freq ? (double)leaf->doc_freq : 1;
    double average = passages > 0 ? (double)x->totals.total_length / passages : 0;
    double relative = average > 0 ? (double)x->length / average : 0;
    explanation_word(x->out, &(struct word_worth){
                                 .name = leaf->bytes,
                                 .doc_freq = leaf->doc_freq,
                                 .freq = frequency_of_meaning(x, t),
                                 .length = (uint32_t)(x->length / RECORD_WORD_TERMS),
                                 .weight = log((passages + 1) / df) * (x->factor * rarity) * (x->bm25.k1 + 1),
                                 .norm = x->bm25.k1 * (relative * x->bm25.b + (1 - x->bm25.b)),
                             });
}

static bool is_one_term(const struct node *node) {
    return node->kind == NODE_WORD && (node->word == WORD_STEM || (node->word == WORD_FORM && !node->naming));
}

static void tell_word(struct explaining *x, const struct node *node, double factor) {
    size_t sum = is_one_term(node) ? 0 : explanation_begin(x->out, "any of");
    x->factor = factor * node->weight;
    shards_query_meanings(x->search->query, &x->parts, node, tell_meaning, x);
    if (!is_one_term(node))
        explanation_end(x->out, sum);
}

/* Phrases and the like give what their words do. */
static void tell_positional(struct explaining *x, const struct node *node) {
    size_t sum = explanation_begin(x->out, "all of");
    for (const struct node *c = node->first; c; c = c->next)
        tell_word(x, c, node->weight);
    explanation_end(x->out, sum);
}

static lede_status tell(struct explaining *x, const struct node *node, lede_error *err);

static lede_status tell_member(struct explaining *x, const struct node *child, lede_error *err) {
    bool matches = child->occur == OCCUR_MUST;
    lede_status status = matches ? LEDE_OK : find_match(x, child, &matches, err);
    return status || !matches ? status : tell(x, child, err);
}

static lede_status tell_group(struct explaining *x, const struct node *group, lede_error *err) {
    size_t searched = 0, required = 0;
    lede_status status = LEDE_OK;
    for (const struct node *c = group->first; c; c = c->next) {
        searched += is_searched(c);
        required += c->occur == OCCUR_MUST;
    }
    const char *name = group->least ? "enough of" : required ? "all of" : "any of";
    size_t sum = searched > 1 ? explanation_begin(x->out, name) : 0;
    for (const struct node *c = group->first; c && !status; c = c->next)
        if (is_searched(c))
            status = tell_member(x, c, err);
    if (searched > 1)
        explanation_end(x->out, sum);
    if (!searched)
        explanation_add(x->out, LEDE_PART_SUM, "passage", 1);
    return status;
}

/* Of a part that matches. */
static lede_status tell(struct explaining *x, const struct node *node, lede_error *err) {
    if (node_is_filter(node) || node->kind == NODE_ALL)
        explanation_add(x->out, LEDE_PART_SUM, "passage", 1);
    else if (node->kind == NODE_GROUP)
        return tell_group(x, node, err);
    else if (node->kind == NODE_WORD || node->kind == NODE_SYNONYM)
        tell_word(x, node, 1);
    else
        tell_positional(x, node);
    return LEDE_OK;
}

/* -------------------------------------------------------------------------------------- whole -- */

/* What rounding to the score adds. More than that is no rounding: the index has changed. */
static lede_status tell_rounding(struct explaining *x, double exact, lede_error *err) {
    double rest = x->hit->score - exact;
    if (fabs(rest) > ldexp(x->hit->score, -23))
        return error_set(err, LEDE_IO, "%s: has been written since it was searched; search again",
                         x->reader->shards.name);
    if (rest != 0)
        explanation_add(x->out, LEDE_PART_SUM, "rounding to single precision", rest);
    return LEDE_OK;
}

static lede_status tell_all(struct explaining *x, lede_error *err) {
    size_t sum = explanation_begin(x->out, "BM25");
    lede_status status = tell(x, x->search->query->root, err);
    const lede_score_part *parts = (const lede_score_part *)(const void *)x->out->parts.data;
    if (x->out->parts.failed)
        return error_nomem(err);
    if (!status)
        status = tell_rounding(x, parts[sum + 1].value, err);
    explanation_end(x->out, sum);
    return status;
}

static lede_status attempt(struct explaining *x, lede_error *err) {
    lede_status status = reader_gather(x->reader, err);
    if (!status)
        status = query_parts_find(&x->parts, x->reader, x->search->query, &x->failure, err);
    if (!status)
        status = take_passage(x, err);
    if (!status)
        status = weigh_leaves(x, err);
    return status ? status : tell_all(x, err);
}

static void forget(struct explaining *x) {
    query_parts_release(&x->parts);
    buffer_release(&x->terms);
    buffer_release(&x->leaves);
}

lede_status shards_reader_explain(struct explanation *out, struct engine_reader *base,
                                  const struct engine_search *search, const struct engine_hit *hit, struct arena *arena,
                                  lede_error *err) {
    struct shards_reader *r = reader_of(base);
    const size_t told = out->parts.len;
    const unsigned depth = out->depth;
    lede_status status;
    pthread_mutex_lock(&r->mutex);
    for (int tries = 0;; tries++) {
        struct explaining x = {.reader = r, .search = search, .hit = hit, .out = out, .arena = arena};
        out->parts.len = told;
        out->depth = depth;
        status = bm25_parameters(&x.bm25.k1, &x.bm25.b, search->options->k1, search->options->b, err);
        if (!status)
            status = attempt(&x, err);
        forget(&x);
        if (!status || !x.failure.code || !reader_recover(r, &x.failure, tries, err))
            break;
    }
    pthread_mutex_unlock(&r->mutex);
    return status;
}
