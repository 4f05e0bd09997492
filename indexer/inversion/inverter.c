#include "inverter.h"

#include <stdlib.h>

#include "core/base/error.h"
#include "core/segment/articles.h"
#include "core/segment/dictionary.h"
#include "core/segment/text_writer.h"
#include "indexer/merge/key_sort.h"
#include "inversion.h"

/* Passages are kept as a stream of tokens (tokens.h). A flush sorts it by term (inversion.h), in the order of the
 * dictionary, and codes each term's postings. Where the memory does not do for all passages of a segment, spills
 * (spill.h) take them up, and the flush puts these together. */

enum {
    /* Words looked up together, so that the cache misses of the table overlap. */
    BATCH = 64,
    /* The vocabulary outlives flushes until it is this large: most of its words come again. */
    VOCABULARY_KEEP = 24 << 20,
};

struct inverter {
    struct analyzer *analyzer;
    struct vocabulary vocabulary;
    struct scratch scratch;
    const char *path; /* of the scratch file's folder; NULL: there is none, and nothing can be spilled */
    struct articles_writer articles;
    struct text_writer *text; /* NULL if none is kept */
    struct tokens tokens;     /* of the passages that are not spilled, */
    struct place_buffer places;
    struct buffer token_lengths; /* and their lengths, u32 each */
    struct spill *spills;        /* of those before; room for SPILLS_MAX, NULL until there is one */
    size_t spill_count;
    uint32_t gaps;          /* tokens of the passage in hand that are no term */
    struct buffer title;    /* term numbers, u32 each */
    struct buffer heading;  /* the same, of the passage before */
    struct buffer lengths;  /* u32 each, of the article's passages */
    struct buffer headings; /* u32 each: positions of their headings */
    struct passage last;    /* whose heading that is */
    bool failed;
};

static struct scratch *scratch_of(struct inverter *inv) {
    return inv->path ? &inv->scratch : NULL;
}

lede_status inverter_new(struct inverter **out, struct analyzer *analyzer, bool omit_text, const char *path,
                         lede_error *err) {
    *out = NULL;
    struct inverter *inv = calloc(1, sizeof *inv);
    if (!inv)
        return error_nomem(err);
    inv->analyzer = analyzer;
    inv->path = path;
    scratch_init(&inv->scratch, path);
    articles_writer_init(&inv->articles, scratch_of(inv));
    lede_status status = LEDE_OK;
    if (!vocabulary_init(&inv->vocabulary))
        status = error_nomem(err);
    else if (!omit_text)
        status = text_writer_new(&inv->text, scratch_of(inv), err);
    if (status != LEDE_OK)
        inverter_free(inv);
    else
        *out = inv;
    return status;
}

static void free_spills(struct inverter *inv) {
    for (size_t i = 0; i < inv->spill_count; i++)
        spill_release(&inv->spills[i]);
    free(inv->spills);
    inv->spills = NULL;
    inv->spill_count = 0;
}

void inverter_free(struct inverter *inv) {
    if (!inv)
        return;
    free_spills(inv);
    vocabulary_release(&inv->vocabulary);
    articles_writer_release(&inv->articles);
    text_writer_free(inv->text);
    tokens_release(&inv->tokens);
    place_buffer_release(&inv->places);
    buffer_release(&inv->token_lengths);
    buffer_release(&inv->title);
    buffer_release(&inv->heading);
    buffer_release(&inv->lengths);
    buffer_release(&inv->headings);
    scratch_release(&inv->scratch);
    free(inv);
}

void inverter_use(struct inverter *inv, struct analyzer *analyzer) {
    inv->analyzer = analyzer;
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
    buffer_append_u32(&inv->token_lengths, inv->tokens.count - start - inv->gaps);
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
        inv->token_lengths.failed || inv->headings.failed)
        return error_nomem(err);
    record(inv, article, body_position, passages, count);
    if (inv->text)
        text_writer_add(inv->text, m->body, m->body_len);
    return analyzer_status(inv->analyzer, err);
}

uint32_t inverter_passages(const struct inverter *inv) {
    return inv->articles.passage_count;
}

/* Spills differ little. */
static size_t spills_memory(const struct inverter *inv) {
    return inv->spill_count ? SPILLS_MAX * sizeof *inv->spills + inv->spill_count * spill_memory(inv->spills) : 0;
}

size_t inverter_memory(const struct inverter *inv) {
    /* What a flush adds: the sorted stream, and counts and order of the terms and the coded dictionary; or, when these
     * are gone, the forms of the words, sorted and coded. */
    const struct vocabulary *v = &inv->vocabulary;
    size_t terms = (size_t)v->term_count * 44, words = ((size_t)v->short_count + v->long_count) * 64;
    size_t flush = inversion_memory(&inv->tokens, &inv->places) + (terms > words ? terms : words);
    return tokens_memory(&inv->tokens) + inv->token_lengths.cap + vocabulary_memory(v) +
           articles_writer_memory(&inv->articles) + (inv->text ? text_writer_memory(inv->text) : 0) +
           spills_memory(inv) + flush;
}

uint64_t inverter_strings(const struct inverter *inv) {
    return columns_writer_strings(&inv->articles.columns);
}

size_t inverter_spills(const struct inverter *inv) {
    return inv->spill_count;
}

/* ------------------------------------------------------------------------------------- terms -- */

struct flush {
    struct inverter *inv;
    struct spill *spill; /* where terms and words go, or NULL: to the segment */
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
    bool ok = inversion_lay_out(&f->inversion, order, f->term_count);
    free(order);
    return ok;
}

/* The next term, whose tokens go up to `end`. */
static bool write_term(struct flush *f, const struct sort_key *term, uint32_t end) {
    const uint32_t *lengths = (const void *)f->inv->token_lengths.data;
    struct term_info info = {0};
    if (f->spill) {
        uint32_t tokens = end - inversion_start(&f->inversion, term->number);
        key_list_add(&f->spill->terms, term->bytes, term->len, tokens, inversion_spill(&f->inversion, end, f->spill));
        return true;
    }
    postings_writer_expect(&f->postings, inversion_passages(&f->inversion, end));
    inversion_write(&f->inversion, end, lengths, &f->postings);
    if (!postings_writer_finish(&f->postings, f->out, &info))
        return false;
    dictionary_writer_add(&f->dictionary, term->bytes, term->len, &info);
    f->counts.postings += info.doc_freq;
    f->counts.positions += info.total_freq;
    f->counts.position_bytes += info.positions_size;
    return true;
}

static bool write_terms(struct flush *f) {
    bool ok = true;
    for (uint32_t i = 0; ok && i < f->term_count; i++) {
        const struct sort_key *next = i + 1 < f->term_count ? &f->terms[i + 1] : NULL;
        ok = write_term(f, &f->terms[i], next ? inversion_start(&f->inversion, next->number) : f->inversion.total);
    }
    return ok;
}

/* Writes the postings of all tokens, and the dictionary. */
static bool write_postings(struct flush *f) {
    segment_writer_begin(f->out, SECTION_POSTINGS);
    bool ok = write_terms(f);
    segment_writer_end(f->out);
    return ok && dictionary_writer_finish(&f->dictionary, f->out, &f->counts);
}

static void release(struct flush *f) {
    inversion_release(&f->inversion);
    free(f->terms);
    postings_writer_release(&f->postings);
    dictionary_writer_release(&f->dictionary);
}

static bool invert(struct flush *f) {
    return inversion_init(&f->inversion, &f->inv->places, &f->inv->tokens, f->inv->vocabulary.term_count) &&
           sort_terms(f) && lay_out(f) && (f->spill ? write_terms(f) : write_postings(f));
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

/* Adds up those that are the same, and hands them on. */
static void add_words(struct flush *f, const struct sort_key *forms, uint32_t n) {
    for (uint32_t i = 0; i < n;) {
        struct term_info info = {0};
        const struct sort_key *first = &forms[i];
        for (; i < n && sort_key_compare(first, &forms[i]) == 0; i++)
            info.total_freq += forms[i].number;
        if (f->spill)
            key_list_add(&f->spill->words, first->bytes, first->len, info.total_freq, 0);
        else
            dictionary_writer_add(&f->dictionary, first->bytes, first->len, &info);
    }
}

static bool list_words(struct flush *f) {
    const struct vocabulary *v = &f->inv->vocabulary;
    struct buffer pool = BUFFER_EMPTY;
    struct sort_key *forms = malloc(((size_t)v->short_count + v->long_count + 1) * sizeof *forms);
    uint32_t n = forms ? list_forms(f->inv, forms, &pool) : 0;
    bool ok = forms && !pool.failed && key_sort(forms, n);
    if (ok)
        add_words(f, forms, n);
    buffer_release(&pool);
    free(forms);
    return ok;
}

static bool write_words(struct flush *f) {
    dictionary_writer_init(&f->dictionary, DICTIONARY_WORDS, NULL);
    bool ok = list_words(f);
    ok = dictionary_writer_finish(&f->dictionary, f->out, &f->counts) && ok;
    dictionary_writer_release(&f->dictionary);
    return ok;
}

/* -------------------------------------------------------------------------------------- spill -- */

static void forget_tokens(struct inverter *inv) {
    tokens_clear(&inv->tokens);
    buffer_clear(&inv->token_lengths);
    if (vocabulary_memory(&inv->vocabulary) > VOCABULARY_KEEP)
        vocabulary_clear(&inv->vocabulary);
    else
        vocabulary_reset_counts(&inv->vocabulary);
}

static lede_status failure(const struct inverter *inv, lede_error *err) {
    return scratch_failure(&inv->scratch, err);
}

lede_status inverter_spill(struct inverter *inv, lede_error *err) {
    uint32_t held = tokens_passages(&inv->tokens);
    if (held == 0)
        return LEDE_OK;
    if (!inv->spills && !(inv->spills = calloc(SPILLS_MAX, sizeof *inv->spills)))
        return error_nomem(err);
    struct spill *spill = &inv->spills[inv->spill_count++];
    struct flush f = {.inv = inv, .spill = spill};
    spill_init(spill, scratch_of(inv), inverter_passages(inv) - held, inversion_shift(&inv->tokens));
    bool ok = invert(&f);
    release(&f);
    ok = ok && list_words(&f);
    spill_end(spill);
    if (!ok || spill_failed(spill))
        return failure(inv, err);
    forget_tokens(inv);
    return LEDE_OK;
}

/* -------------------------------------------------------------------------------------- flush -- */

void inverter_tag_keys(struct inverter *inv, struct spool *tags) {
    inv->articles.keys.tags = tags;
}

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

lede_status inverter_trim(struct inverter *inv, size_t most, lede_error *err) {
    if (vocabulary_memory(&inv->vocabulary) <= most)
        return LEDE_OK;
    vocabulary_release(&inv->vocabulary);
    return vocabulary_init(&inv->vocabulary) ? LEDE_OK : error_nomem(err);
}

static void empty(struct inverter *inv) {
    articles_writer_release(&inv->articles);
    free_spills(inv);
    scratch_release(&inv->scratch);
    scratch_init(&inv->scratch, inv->path);
    articles_writer_init(&inv->articles, scratch_of(inv));
    forget_tokens(inv);
}

/* Terms and words of what is held, in memory. */
static lede_status write_held(struct flush *f, lede_error *err) {
    postings_writer_init(&f->postings, inverter_passages(f->inv), f->inv->articles.total_length, NULL);
    dictionary_writer_init(&f->dictionary, DICTIONARY_TERMS, NULL);
    bool ok = invert(f);
    release(f);
    return ok && write_words(f) ? LEDE_OK : failure(f->inv, err);
}

/* Those of the spills. */
static lede_status write_spilled(struct flush *f, const char *path, const struct inverter_pulse *pulse,
                                 lede_error *err) {
    uint8_t *lengths = NULL;
    struct scratch term;
    lede_status status = segment_writer_read(&lengths, f->out, SECTION_LENGTHS, err);
    if (status != LEDE_OK)
        return status;
    scratch_init(&term, path);
    const struct spill_merge merge = {.spills = f->inv->spills,
                                      .count = f->inv->spill_count,
                                      .out = f->out,
                                      .counts = &f->counts,
                                      .lengths = lengths,
                                      .scratch = &f->inv->scratch,
                                      .term = &term,
                                      .pulse = pulse ? pulse->call : NULL,
                                      .ctx = pulse ? pulse->ctx : NULL};
    if (!spills_write_terms(&merge) || !spills_write_words(&merge))
        status = term.code ? scratch_failure(&term, err) : failure(f->inv, err);
    scratch_release(&term);
    free(lengths);
    return status;
}

/* Spills what is still held, too, and gives back what that takes. */
static lede_status prepare_spills(struct inverter *inv, lede_error *err) {
    lede_status status = inverter_spill(inv, err);
    tokens_release(&inv->tokens);
    place_buffer_release(&inv->places);
    return status == LEDE_OK ? inverter_trim(inv, 0, err) : status;
}

lede_status inverter_flush(struct inverter *inv, const char *path, const struct inverter_pulse *pulse,
                           struct segment_info *info, lede_error *err) {
    struct flush f = {.inv = inv, .counts = {.exact_words = true}};
    bool spilled = inv->spill_count > 0;
    lede_status status = spilled ? prepare_spills(inv, err) : LEDE_OK;
    if (status == LEDE_OK)
        status = segment_writer_open(&f.out, path, err);
    if (status != LEDE_OK)
        return status;
    if (!write_articles_and_text(&f))
        status = failure(inv, err);
    else
        status = spilled ? write_spilled(&f, path, pulse, err) : write_held(&f, err);
    if (status != LEDE_OK) {
        segment_writer_abort(f.out);
        return status;
    }
    empty(inv);
    return segment_writer_commit(f.out, &f.counts, info, err);
}
