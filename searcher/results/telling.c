/* The words that tell most of what was found, or of an article. */
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/reals.h"
#include "core/text/analyzer.h"
#include "results.h"
#include "searcher/plan/bm25.h"

#include <stdlib.h>
#include <string.h>

enum {
    COMMON = 5,         /* a word in more than the fifth part of the passages is common */
    FEW = 3,            /* hits */
    SIMILAR_LEAST = 2,  /* passages of the index that hold a word at least: others find nothing but the article */
    SIMILAR_REPEAT = 16 /* times that a word stands in a query at most */
};

/* A term in the texts that are looked at. */
struct told {
    const char *term, *form; /* the form that was met first */
    uint32_t term_len, form_len;
    uint32_t texts, times; /* that hold it; how often they do in all */
    uint32_t last;         /* the text that was met last, from 1 */
    uint64_t passages;     /* of the index that hold it */
    double weight;
};

struct telling {
    const struct snapshot *snapshot;
    struct engine_reader *reader; /* of an engine; NULL: segments */
    uint64_t passages;            /* of the index */
    struct analyzer *analyzer;
    struct arena arena;
    struct buffer terms; /* struct told each */
    uint32_t *slots;     /* open addressing by hash of the term: number + 1 */
    size_t slot_count;
    uint32_t texts;
};

/* -------------------------------------------------------------------------------------- texts -- */

static struct told *told_at(const struct telling *t, size_t i) {
    return (struct told *)(void *)t->terms.data + i;
}

static size_t told_count(const struct telling *t) {
    return t->terms.len / sizeof(struct told);
}

static uint32_t *slot_of(const struct telling *t, const char *term, size_t len) {
    size_t i = (size_t)file_checksum(term, len) % t->slot_count;
    for (; t->slots[i]; i = (i + 1) % t->slot_count) {
        const struct told *w = told_at(t, t->slots[i] - 1);
        if (w->term_len == len && memcmp(w->term, term, len) == 0)
            break;
    }
    return &t->slots[i];
}

static bool make_room(struct telling *t) {
    if (t->slots && told_count(t) < t->slot_count / 2)
        return true;
    size_t slot_count = t->slot_count ? 2 * t->slot_count : 1024;
    uint32_t *slots = calloc(slot_count, sizeof *slots);
    if (!slots)
        return false;
    free(t->slots);
    t->slots = slots;
    t->slot_count = slot_count;
    for (size_t i = 0; i < told_count(t); i++)
        *slot_of(t, told_at(t, i)->term, told_at(t, i)->term_len) = (uint32_t)i + 1;
    return true;
}

static bool add_word(struct telling *t, const char *word, size_t len) {
    char term[TERM_MAX + 1], form[TERM_MAX + 1];
    size_t term_len = analyzer_term(t->analyzer, word, len, term);
    if (term_len == 0)
        return true;
    if (!make_room(t))
        return false;
    uint32_t *slot = slot_of(t, term, term_len);
    if (!*slot) {
        size_t form_len = analyzer_form(t->analyzer, word, len, form);
        const struct told new = {.term = arena_strndup(&t->arena, term, term_len),
                                 .form = arena_strndup(&t->arena, form, form_len),
                                 .term_len = (uint32_t)term_len,
                                 .form_len = (uint32_t)form_len};
        buffer_append(&t->terms, &new, sizeof new);
        if (!new.term || !new.form || t->terms.failed)
            return false;
        *slot = (uint32_t)told_count(t);
    }
    struct told *w = told_at(t, *slot - 1);
    w->times++;
    w->texts += w->last != t->texts;
    w->last = t->texts;
    return true;
}

/* Takes in one more text. */
static lede_status read_text(struct telling *t, const char *text, size_t len, lede_error *err) {
    struct word word;
    t->texts++;
    analyzer_reset(t->analyzer, text, len);
    while (analyzer_next(t->analyzer, &word))
        if (!add_word(t, text + word.start, word.end - word.start))
            return error_nomem(err);
    return analyzer_status(t->analyzer, err);
}

/* ------------------------------------------------------------------------------------ weights -- */

static lede_status look_up(const struct telling *t, struct told *w, lede_error *err) {
    for (size_t i = 0; i < t->snapshot->segment_count; i++) {
        struct term_info info;
        lede_status status = segment_find_term(t->snapshot->segments[i].segment, w->term, w->term_len, &info, err);
        if (status == LEDE_OK)
            w->passages += info.doc_freq;
        else if (status != LEDE_NOT_FOUND)
            return status;
    }
    return LEDE_OK;
}

static lede_status ask_engine(struct telling *t, lede_error *err) {
    struct engine_term *terms = arena_zalloc(&t->arena, told_count(t) + 1, sizeof *terms);
    if (!terms)
        return error_nomem(err);
    for (size_t i = 0; i < told_count(t); i++)
        terms[i] = (struct engine_term){told_at(t, i)->term, told_at(t, i)->term_len, false, 0};
    lede_status status = t->reader->engine->frequencies(terms, told_count(t), ENGINE_ALL, &t->passages, t->reader, err);
    for (size_t i = 0; i < told_count(t) && status == LEDE_OK; i++)
        told_at(t, i)->passages = terms[i].doc_freq;
    return status;
}

/* How many passages of the index hold each term. */
static lede_status count_passages(struct telling *t, lede_error *err) {
    lede_status status = LEDE_OK;
    if (t->reader)
        return ask_engine(t, err);
    t->passages = t->snapshot->passages;
    for (size_t i = 0; i < told_count(t) && status == LEDE_OK; i++)
        status = look_up(t, told_at(t, i), err);
    return status;
}

/* The offer weight: texts that hold the word, times its relevance weight. */
static double offer_weight(const struct telling *t, const struct told *w) {
    double r = w->texts, all = t->texts, passages = (double)t->passages;
    double n = (double)w->passages > r ? (double)w->passages : r;
    double others = passages - all > n - r ? passages - all - (n - r) : 0;
    return r * real_log(((r + 0.5) * (others + 0.5)) / ((n - r + 0.5) * (all - r + 0.5)));
}

static double tf_idf(const struct telling *t, const struct told *w) {
    double n = (double)w->passages;
    return w->passages < SIMILAR_LEAST ? 0 : w->times * real_log(1 + ((double)t->passages - n + 0.5) / (n + 0.5));
}

static int compare_weights(const void *a, const void *b) {
    const struct told *x = a, *y = b;
    if (x->weight != y->weight)
        return x->weight > y->weight ? -1 : 1;
    return strcmp(x->term, y->term);
}

/* Gives each term its weight, and sorts them, the heaviest first. */
static lede_status weigh(struct telling *t, double (*weight)(const struct telling *, const struct told *),
                         lede_error *err) {
    lede_status status = count_passages(t, err);
    if (status != LEDE_OK)
        return status;
    for (size_t i = 0; i < told_count(t); i++)
        told_at(t, i)->weight = weight(t, told_at(t, i));
    if (told_count(t))
        qsort(t->terms.data, told_count(t), sizeof(struct told), compare_weights);
    return LEDE_OK;
}

/* Whether the index has what it takes. */
static lede_status check_index(const lede_index *index, lede_error *err) {
    if (index->snapshot->omit_text)
        return error_set(err, LEDE_UNSUPPORTED, "%s: the index keeps no text, so no telling words are known",
                         index->snapshot->path);
    return LEDE_OK;
}

static lede_status telling_init(struct telling *t, const lede_index *index, lede_error *err) {
    *t = (struct telling){
        .snapshot = index->snapshot, .reader = index->reader, .arena = ARENA_EMPTY, .terms = BUFFER_EMPTY};
    return analyzer_new(&t->analyzer, index->snapshot->language, err);
}

static void telling_release(struct telling *t) {
    analyzer_free(t->analyzer);
    buffer_release(&t->terms);
    arena_release(&t->arena);
    free(t->slots);
}

/* ------------------------------------------------------------------------- what was found -- */

static lede_status read_hits(struct telling *t, lede_results *r, lede_error *err) {
    for (size_t i = 0; i < r->count; i++) {
        const lede_passage_view *view;
        lede_status status = lede_results_passage(&view, r, i, err);
        if (status == LEDE_OK)
            status = read_text(t, view->text, view->text_len, err);
        if (status != LEDE_OK)
            return status;
    }
    return LEDE_OK;
}

/* Words that many passages hold, or that one of several hits alone has, tell nothing. */
static bool is_telling(const struct telling *t, const struct told *w) {
    return w->weight > 0 && w->passages <= t->passages / COMMON + 1 && w->texts >= (t->texts > FEW ? 2 : 1);
}

/* The heaviest, without the query's own words. */
static lede_status take_terms(lede_telling_word **out, size_t *count, struct lede_results *r, const struct telling *t,
                              size_t limit, lede_error *err) {
    size_t most = told_count(t) < limit ? told_count(t) : limit;
    *count = 0;
    *out = arena_zalloc(&r->arena, most + 1, sizeof **out);
    if (!*out)
        return error_nomem(err);
    for (size_t i = 0; i < told_count(t) && *count < most; i++) {
        const struct told *w = told_at(t, i);
        if (query_find_term(r->query, w->term, w->term_len) != QUERY_NO_TERM || !is_telling(t, w))
            continue;
        const char *word = arena_strndup(&r->arena, w->form, w->form_len);
        if (!word)
            return error_nomem(err);
        (*out)[(*count)++] = (lede_telling_word){word, w->form_len, w->weight, w->texts, w->passages};
    }
    return LEDE_OK;
}

lede_status lede_results_terms(const lede_telling_word **words, size_t *count, lede_results *results, size_t limit,
                               lede_error *err) {
    struct telling t = {.arena = ARENA_EMPTY, .terms = BUFFER_EMPTY};
    lede_telling_word *found = NULL;
    *words = NULL;
    *count = 0;
    lede_status status = check_index(results->index, err);
    if (status == LEDE_OK)
        status = telling_init(&t, results->index, err);
    if (status == LEDE_OK)
        status = read_hits(&t, results, err);
    if (status == LEDE_OK)
        status = weigh(&t, offer_weight, err);
    if (status == LEDE_OK)
        status = take_terms(&found, count, results, &t, limit, err);
    *words = found;
    telling_release(&t);
    return status;
}

/* --------------------------------------------------------------------------------- an article -- */

/* The heaviest words, each as often as the article has it. */
static lede_status make_query(lede_query **out, const lede_index *index, const struct telling *t, size_t limit,
                              lede_error *err) {
    struct buffer text = BUFFER_EMPTY;
    for (size_t i = 0; i < told_count(t) && i < limit; i++) {
        const struct told *w = told_at(t, i);
        uint32_t times = w->times < SIMILAR_REPEAT ? w->times : SIMILAR_REPEAT;
        for (; w->weight > 0 && times > 0; times--) {
            buffer_append(&text, w->form, w->form_len);
            buffer_append_u8(&text, ' ');
        }
    }
    lede_status status =
        text.failed ? error_nomem(err) : lede_query_parse(out, index, (const char *)text.data, text.len, NULL, err);
    buffer_release(&text);
    return status;
}

lede_status lede_query_similar(lede_query **out, const lede_index *index, const char *key, size_t key_len, size_t limit,
                               lede_error *err) {
    struct telling t;
    lede_article *article = NULL;
    *out = NULL;
    lede_status status = check_index(index, err);
    if (status != LEDE_OK)
        return status;
    limit = limit == 0 ? LEDE_SIMILAR_WORDS : limit < LEDE_SIMILAR_WORDS_MOST ? limit : LEDE_SIMILAR_WORDS_MOST;
    status = telling_init(&t, index, err);
    if (status == LEDE_OK)
        status = lede_index_article(&article, index, key, key_len, err);
    if (status == LEDE_OK)
        status = read_text(&t, article->title, article->title_len, err);
    if (status == LEDE_OK)
        status = read_text(&t, article->body, article->body_len, err);
    if (status == LEDE_OK)
        status = weigh(&t, tf_idf, err);
    if (status == LEDE_OK)
        status = make_query(out, index, &t, limit, err);
    lede_article_free(article);
    telling_release(&t);
    return status;
}
