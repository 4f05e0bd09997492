#include "inverter.h"

#include <stdlib.h>

#include "../core/articles.h"
#include "../core/dictionary.h"
#include "../core/error.h"
#include "../core/stored_text.h"
#include "inversion.h"
#include "key_sort.h"

/* Passages are kept as a stream of tokens (tokens.h). A flush sorts it by term (inversion.h), in the order of the
 * dictionary, and codes each term's postings. */

enum {
    /* Words looked up together, so that the cache misses of the table overlap. */
    BATCH = 64,
    /* The vocabulary outlives flushes until it is this large: most of its words come again. */
    VOCABULARY_KEEP = 24 << 20,
};

struct inverter {
    struct analyzer *analyzer;
    struct vocabulary vocabulary;
    struct articles_writer articles;
    struct text_writer *text; /* NULL if none is kept */
    struct tokens tokens;
    uint32_t gaps;          /* tokens of the passage in hand that are no term */
    struct buffer title;    /* term numbers, u32 each */
    struct buffer heading;  /* the same, of the passage before */
    struct buffer lengths;  /* u32 each, of the article's passages */
    struct buffer headings; /* u32 each: positions of their headings */
    struct passage last;    /* whose heading that is */
    bool failed;
};

lede_status inverter_new(struct inverter **out, struct analyzer *analyzer, bool omit_text, lede_error *err) {
    *out = NULL;
    struct inverter *inv = calloc(1, sizeof *inv);
    if (!inv)
        return error_nomem(err);
    inv->analyzer = analyzer;
    articles_writer_init(&inv->articles, NULL);
    lede_status status = LEDE_OK;
    if (!vocabulary_init(&inv->vocabulary))
        status = error_nomem(err);
    else if (!omit_text)
        status = text_writer_new(&inv->text, NULL, err);
    if (status != LEDE_OK)
        inverter_free(inv);
    else
        *out = inv;
    return status;
}

void inverter_free(struct inverter *inv) {
    if (!inv)
        return;
    vocabulary_release(&inv->vocabulary);
    articles_writer_release(&inv->articles);
    text_writer_free(inv->text);
    tokens_release(&inv->tokens);
    buffer_release(&inv->title);
    buffer_release(&inv->heading);
    buffer_release(&inv->lengths);
    buffer_release(&inv->headings);
    free(inv);
}

/* ------------------------------------------------------------------------------------- adding -- */

/* Where the term numbers of a text go: the stream, or a buffer. */
static inline void emit(struct inverter *inv, struct buffer *to, uint32_t term) {
    if (to) {
        buffer_append_u32(to, term);
        return;
    }
    tokens_append(&inv->tokens, term);
    inv->gaps += term == TERM_NONE;
}

static void emit_batch(struct inverter *inv, struct buffer *to, const struct lookup *batch, size_t n) {
    for (size_t i = 0; i < n; i++)
        lookup_prefetch(&batch[i], &inv->vocabulary);
    for (size_t i = 0; i < n; i++) {
        uint32_t term = TERM_NONE;
        if (!vocabulary_find(&inv->vocabulary, inv->analyzer, &batch[i], &term))
            inv->failed = true;
        emit(inv, to, term);
    }
}

static void add_text(struct inverter *inv, struct buffer *to, const char *text, size_t len) {
    struct lookup batch[BATCH];
    struct word word;
    size_t n = 0;
    analyzer_reset(inv->analyzer, text, len);
    while (analyzer_next(inv->analyzer, &word)) {
        lookup_init(&batch[n], &inv->vocabulary, text + word.start, word.end - word.start, len - word.start);
        if (++n == BATCH) {
            emit_batch(inv, to, batch, n);
            n = 0;
        }
    }
    emit_batch(inv, to, batch, n);
}

/* Puts the title, or a heading, with a gap behind it, so that no phrase runs from it into what follows. */
static void append_field(struct inverter *inv, const struct buffer *field) {
    for (size_t i = 0; i < field->len; i += 4)
        emit(inv, NULL, load_u32(field->data + i));
    if (field->len)
        emit(inv, NULL, TERM_NONE);
}

static bool same_heading(const struct passage *a, const struct passage *b) {
    return a->heading_len == b->heading_len && a->heading_start == b->heading_start;
}

/* Adds a title or heading, which so many passages have. */
static void add_field(struct inverter *inv, struct buffer *to, const char *text, size_t len, uint32_t passages) {
    inv->vocabulary.step = passages;
    add_text(inv, to, text, len);
    inv->vocabulary.step = 1;
}

/* Of the first of `left` passages. */
static void read_heading(struct inverter *inv, const char *body, const struct passage *p, uint32_t left) {
    bool same = same_heading(p, &inv->last);
    uint32_t passages = 1;
    inv->last = *p;
    if (same)
        return;
    while (passages < left && same_heading(p, p + passages))
        passages++;
    buffer_clear(&inv->heading);
    add_field(inv, &inv->heading, body + p->heading_start, p->heading_len, passages);
}

static void add_passage(struct inverter *inv, const char *body, const struct passage *p, uint32_t left) {
    uint32_t start = inv->tokens.count;
    tokens_begin(&inv->tokens);
    read_heading(inv, body, p, left);
    inv->gaps = 0;
    append_field(inv, &inv->title);
    append_field(inv, &inv->heading);
    if (p->len)
        add_text(inv, NULL, body + p->start, p->len);
    buffer_append_u32(&inv->lengths, inv->tokens.count - start - inv->gaps);
    buffer_append_u32(&inv->headings, (uint32_t)(inv->heading.len / 4));
}

static void record(struct inverter *inv, const struct article *article, uint32_t body_position,
                   const struct passage *passages, uint32_t count) {
    const struct article_words words = {body_position, (const uint32_t *)(void *)inv->lengths.data,
                                        (const uint32_t *)(void *)inv->headings.data};
    bool whole = count == 1 && passages->start == 0 && passages->len == article->meta.body_len;
    if (inv->text || !whole || passages->heading_len) {
        articles_writer_add(&inv->articles, article, passages, count, &words);
        return;
    }
    /* How many bytes the body has is of no use if none of them is kept. */
    struct article bodiless = *article;
    struct passage empty = *passages;
    bodiless.meta.body_len = empty.len = 0;
    articles_writer_add(&inv->articles, &bodiless, &empty, count, &words);
}

lede_status inverter_add(struct inverter *inv, const struct article *article, lede_error *err) {
    const lede_article *m = &article->meta;
    const struct passage empty = {.line = m->line};
    const struct passage *passages = article->passage_count ? article->passages : &empty;
    uint32_t count = article->passage_count ? article->passage_count : 1;
    buffer_clear(&inv->title);
    buffer_clear(&inv->heading);
    buffer_clear(&inv->lengths);
    buffer_clear(&inv->headings);
    inv->last = (struct passage){0};
    if (m->title_len)
        add_field(inv, &inv->title, m->title, m->title_len, count);
    for (uint32_t i = 0; i < count; i++)
        add_passage(inv, m->body, &passages[i], count - i);
    uint32_t body_position = inv->title.len ? (uint32_t)(inv->title.len / 4) + 1 : 0;
    if (inv->failed || inv->tokens.failed || inv->title.failed || inv->heading.failed || inv->lengths.failed ||
        inv->headings.failed)
        return error_nomem(err);
    record(inv, article, body_position, passages, count);
    if (inv->text)
        text_writer_add(inv->text, m->body, m->body_len);
    return analyzer_status(inv->analyzer, err);
}

uint32_t inverter_passages(const struct inverter *inv) {
    return inv->articles.passage_count;
}

size_t inverter_memory(const struct inverter *inv) {
    /* What a flush adds: the sorted stream with counts and order of the terms and the coded dictionary; or, when these
     * are gone, the forms of the words, sorted and coded. */
    const struct vocabulary *v = &inv->vocabulary;
    size_t terms = inversion_memory(&inv->tokens) + (size_t)v->term_count * 44;
    size_t words = ((size_t)v->short_count + v->long_count) * 64, flush = terms > words ? terms : words;
    return tokens_memory(&inv->tokens) + vocabulary_memory(v) + articles_writer_memory(&inv->articles) +
           (inv->text ? text_writer_memory(inv->text) : 0) + flush;
}

/* ------------------------------------------------------------------------------------- terms -- */

struct flush {
    struct inverter *inv;
    struct segment_writer *out;
    struct segment_counts counts;
    struct inversion inversion;
    struct sort_key *terms; /* that occur, sorted */
    uint32_t term_count;
    struct postings_writer postings;
    struct dictionary_writer dictionary;
};

static bool sort_terms(struct flush *f) {
    const struct vocabulary *v = &f->inv->vocabulary;
    f->terms = malloc((v->term_count + (size_t)1) * sizeof *f->terms);
    for (uint32_t t = 0; f->terms && t < v->term_count; t++) {
        size_t len;
        const char *term = vocabulary_term(v, t, &len);
        if (inversion_count(&f->inversion, t))
            f->terms[f->term_count++] = sort_key_of(term, len, t);
    }
    return f->terms && key_sort(f->terms, f->term_count);
}

static bool lay_out(struct flush *f) {
    uint32_t *order = malloc((f->term_count + (size_t)1) * sizeof *order);
    if (!order)
        return false;
    for (uint32_t i = 0; i < f->term_count; i++)
        order[i] = f->terms[i].number;
    inversion_lay_out(&f->inversion, order, f->term_count);
    free(order);
    return true;
}

static bool write_terms(struct flush *f) {
    const uint32_t *lengths = (const void *)f->inv->articles.lengths.tail.data;
    segment_writer_begin(f->out, SECTION_POSTINGS);
    bool ok = true;
    for (uint32_t i = 0; ok && i < f->term_count; i++) {
        const struct sort_key *term = &f->terms[i];
        struct term_info info = {0};
        uint32_t end = i + 1 < f->term_count ? inversion_start(&f->inversion, term[1].number) : f->inversion.total;
        postings_writer_expect(&f->postings, end - inversion_start(&f->inversion, term->number));
        ok = inversion_write(&f->inversion, end, lengths, &f->postings) &&
             postings_writer_finish(&f->postings, f->out, &info);
        dictionary_writer_add(&f->dictionary, term->bytes, term->len, &info);
        f->counts.postings += info.doc_freq;
        f->counts.positions += info.total_freq;
        f->counts.position_bytes += info.positions_size;
    }
    segment_writer_end(f->out);
    f->counts.terms = f->dictionary.count;
    return ok && dictionary_writer_finish(&f->dictionary, f->out);
}

static void release(struct flush *f) {
    inversion_release(&f->inversion);
    free(f->terms);
    postings_writer_release(&f->postings);
    dictionary_writer_release(&f->dictionary);
}

static bool invert(struct flush *f) {
    return inversion_init(&f->inversion, &f->inv->tokens, f->inv->vocabulary.term_count) && sort_terms(f) &&
           lay_out(f) && write_terms(f);
}

/* ------------------------------------------------------------------------------------- words -- */

/* Forms of the words that occurred, in `pool`; their number is how often. */
static uint32_t list_forms(const struct inverter *inv, struct sort_key *forms, struct buffer *pool) {
    const struct vocabulary *v = &inv->vocabulary;
    uint32_t words = vocabulary_words(v), n = 0;
    for (uint32_t i = 0; i < words; i++) {
        size_t len;
        uint32_t count;
        const char *bytes;
        char form[TERM_MAX + 1];
        if (!vocabulary_word(v, i, &bytes, &len, &count) || !count ||
            !(len = analyzer_form(inv->analyzer, bytes, len, form)))
            continue;
        forms[n] = sort_key_of(form, len, count);
        forms[n++].bytes = (const char *)(uintptr_t)pool->len; /* an offset until the pool stands still */
        buffer_append(pool, form, len);
    }
    for (uint32_t i = 0; i < n; i++)
        forms[i].bytes = (const char *)pool->data + (uintptr_t)forms[i].bytes;
    return n;
}

/* Adds up those that are the same. */
static void add_words(struct dictionary_writer *words, const struct sort_key *forms, uint32_t n) {
    for (uint32_t i = 0; i < n;) {
        struct term_info info = {0};
        const struct sort_key *first = &forms[i];
        for (; i < n && sort_key_compare(first, &forms[i]) == 0; i++)
            info.total_freq += forms[i].number;
        dictionary_writer_add(words, first->bytes, first->len, &info);
    }
}

static bool write_words(struct flush *f) {
    const struct vocabulary *v = &f->inv->vocabulary;
    struct buffer pool = BUFFER_EMPTY;
    struct dictionary_writer words;
    dictionary_writer_init(&words, DICTIONARY_WORDS, NULL);
    struct sort_key *forms = malloc(((size_t)v->short_count + v->long_count + 1) * sizeof *forms);
    uint32_t n = forms ? list_forms(f->inv, forms, &pool) : 0;
    bool ok = forms && !pool.failed && key_sort(forms, n);
    if (ok)
        add_words(&words, forms, n);
    f->counts.words = words.count;
    f->counts.exact_words = true;
    ok = dictionary_writer_finish(&words, f->out) && ok;
    dictionary_writer_release(&words);
    buffer_release(&pool);
    free(forms);
    return ok;
}

/* -------------------------------------------------------------------------------------- flush -- */

static bool write_articles_and_text(struct flush *f) {
    struct inverter *inv = f->inv;
    segment_writer_begin(f->out, SECTION_ARTICLES);
    if (!articles_writer_finish(&inv->articles, f->out, &f->counts))
        return false;
    segment_writer_begin(f->out, SECTION_TEXT);
    if (inv->text)
        return text_writer_finish(inv->text, f->out, &f->counts.text_size);
    segment_writer_end(f->out);
    segment_writer_begin(f->out, SECTION_TEXT_BLOCKS);
    segment_writer_end(f->out);
    return true;
}

static void empty(struct inverter *inv) {
    articles_writer_release(&inv->articles);
    articles_writer_init(&inv->articles, NULL);
    tokens_clear(&inv->tokens);
    if (vocabulary_memory(&inv->vocabulary) > VOCABULARY_KEEP)
        vocabulary_clear(&inv->vocabulary);
    else
        vocabulary_reset_counts(&inv->vocabulary);
}

lede_status inverter_flush(struct inverter *inv, const char *path, struct segment_info *info, lede_error *err) {
    struct flush f = {.inv = inv};
    lede_status status = segment_writer_open(&f.out, path, err);
    if (status != LEDE_OK)
        return status;
    postings_writer_init(&f.postings, inverter_passages(inv), inv->articles.total_length, NULL);
    dictionary_writer_init(&f.dictionary, DICTIONARY_TERMS, NULL);
    bool ok = write_articles_and_text(&f) && invert(&f);
    release(&f);
    ok = ok && write_words(&f);
    if (!ok) {
        segment_writer_abort(f.out);
        return error_nomem(err);
    }
    empty(inv);
    return segment_writer_commit(f.out, &f.counts, info, err);
}
