/* Words that begin as something typed does. */
#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/index/index.h"
#include "core/text/analyzer.h"
#include "core/text/utf8.h"
#include "searcher/retrieve/topk.h"

/* Bounds the time a short prefix takes, in words looked at; more begin alike in the largest vocabularies alone. */
enum { COMPLETE_MOST = 1 << 18 };

struct completion {
    struct arena arena;
    struct dictionary_cursor **cursors; /* by segment; NULL once it is past the prefix */
    size_t count;
    char prefix[TERM_MAX + 1];
    size_t prefix_len;
    struct buffer words; /* all words seen, each with a NUL */
    struct topk best;    /* scored by frequency; the ordinal is the word's place in `words` */
};

/* The prefix as the words of the index are written. */
static lede_status fold_prefix(struct completion *c, const char *language, const char *prefix, size_t len,
                               lede_error *err) {
    struct analyzer *analyzer = NULL;
    struct buffer text = BUFFER_EMPTY;
    utf8_repair(&text, prefix, len);
    lede_status status = text.failed ? error_nomem(err) : analyzer_new(&analyzer, language, err);
    if (status == LEDE_OK) {
        c->prefix_len = analyzer_form(analyzer, (const char *)text.data, text.len, c->prefix);
        status = analyzer_status(analyzer, err);
    }
    analyzer_free(analyzer);
    buffer_release(&text);
    return status;
}

/* The word that cursor i stands on; NULL, and the cursor closed, when it is past the prefix. */
static const char *word_at(struct completion *c, size_t i, size_t *len) {
    const char *word = c->cursors[i] ? dictionary_key(c->cursors[i], len) : NULL;
    if (word && *len >= c->prefix_len && memcmp(word, c->prefix, c->prefix_len) == 0)
        return word;
    dictionary_close(c->cursors[i]);
    c->cursors[i] = NULL;
    return NULL;
}

static int compare_words(const char *a, size_t a_len, const char *b, size_t b_len) {
    int order = memcmp(a, b, a_len < b_len ? a_len : b_len);
    return order ? order : (a_len > b_len) - (a_len < b_len);
}

/* Copies the least word that a cursor stands on to the end of c->words; NULL if there is none. */
static const char *take_least(struct completion *c, size_t *len) {
    const char *least = NULL;
    for (size_t i = 0; i < c->count; i++) {
        size_t n = 0;
        const char *word = word_at(c, i, &n);
        if (word && (!least || compare_words(word, n, least, *len) < 0)) {
            least = word;
            *len = n;
        }
    }
    if (!least)
        return NULL;
    size_t at = c->words.len;
    buffer_append(&c->words, least, *len);
    buffer_append_u8(&c->words, 0);
    return c->words.failed ? NULL : (const char *)c->words.data + at;
}

/* Adds up the frequencies of the word, and moves the cursors that stand on it. */
static lede_status pass_word(struct completion *c, const char *word, size_t len, uint64_t *frequency, lede_error *err) {
    *frequency = 0;
    for (size_t i = 0; i < c->count; i++) {
        size_t n = 0;
        const char *key = c->cursors[i] ? dictionary_key(c->cursors[i], &n) : NULL;
        if (!key || n != len || memcmp(key, word, len) != 0)
            continue;
        *frequency += dictionary_info(c->cursors[i])->total_freq;
        lede_status status = dictionary_next(c->cursors[i], err);
        if (status != LEDE_OK)
            return status;
    }
    return LEDE_OK;
}

static lede_status rank_words(struct completion *c, lede_error *err) {
    for (uint32_t seen = 0; seen < COMPLETE_MOST; seen++) {
        size_t at = c->words.len, len = 0;
        uint64_t frequency;
        const char *word = take_least(c, &len);
        if (c->words.failed)
            return error_nomem(err);
        if (!word)
            break;
        lede_status status = pass_word(c, word, len, &frequency, err);
        if (status != LEDE_OK)
            return status;
        topk_push(&c->best, (double)frequency, at);
    }
    topk_sort(&c->best);
    return c->best.failed ? error_nomem(err) : LEDE_OK;
}

static lede_status open_cursors(struct completion *c, const struct snapshot *s, lede_error *err) {
    lede_status status = LEDE_OK;
    c->cursors = arena_zalloc(&c->arena, s->segment_count + 1, sizeof(struct dictionary_cursor *));
    if (!c->cursors)
        return error_nomem(err);
    for (; c->count < s->segment_count && status == LEDE_OK; c->count++)
        status = dictionary_open(&c->cursors[c->count], s->segments[c->count].segment, DICTIONARY_WORDS, c->prefix,
                                 c->prefix_len, err);
    return status;
}

/* A word of an engine's. */
static lede_status take_word(void *ctx, const char *form, size_t len, uint64_t passages, lede_error *err) {
    struct completion *c = ctx;
    topk_push(&c->best, (double)passages, c->words.len);
    buffer_append(&c->words, form, len);
    buffer_append_u8(&c->words, 0);
    return c->words.failed ? error_nomem(err) : LEDE_OK;
}

static lede_status ask_engine(struct completion *c, struct engine_reader *reader, lede_error *err) {
    const struct engine_beginning beginning = {c->prefix, c->prefix_len, ENGINE_ALL};
    lede_status status = reader->engine->words(reader, &beginning, take_word, c, err);
    topk_sort(&c->best);
    return status == LEDE_OK && c->best.failed ? error_nomem(err) : status;
}

lede_status lede_index_complete(const lede_index *index, const char *prefix, size_t prefix_len, size_t limit,
                                int (*visit)(void *ctx, const char *word, size_t len, uint64_t frequency), void *ctx,
                                lede_error *err) {
    struct completion c = {.arena = ARENA_EMPTY};
    topk_init(&c.best, limit);
    lede_status status = fold_prefix(&c, index->snapshot->language, prefix, prefix_len, err);
    if (status == LEDE_OK && index->reader)
        status = ask_engine(&c, index->reader, err);
    if (status == LEDE_OK && !index->reader)
        status = open_cursors(&c, index->snapshot, err);
    if (status == LEDE_OK && !index->reader)
        status = rank_words(&c, err);
    for (size_t i = 0; i < c.best.count && status == LEDE_OK; i++) {
        const char *word = (const char *)c.words.data + c.best.entries[i].ordinal;
        if (visit(ctx, word, strlen(word), (uint64_t)c.best.entries[i].score))
            break;
    }
    for (size_t i = 0; i < c.count; i++)
        dictionary_close(c.cursors[i]);
    topk_release(&c.best);
    buffer_release(&c.words);
    arena_release(&c.arena);
    return status;
}
