#include "inverter.h"

#include <stdlib.h>

#include "../core/articles.h"
#include "../core/dictionary.h"
#include "../core/error.h"
#include "../core/postings_writer.h"
#include "../core/stored_text.h"
#include "vocabulary.h"

/* Passages are kept as the stream of their term numbers, in order, with TERM_NONE where no term stands:
 *
 *     tokens   [12 7 - 3 | 12 7 - 90 3 4 | 15 ...      title 12 7, gap, body 3; title 12 7, gap, body ...
 *     starts    ^          ^               ^           where each passage begins: a token's place in its passage
 *                                                      is its position
 *
 * A flush counts the terms, lays out a run for each in the order of the dictionary, and scatters the places of the
 * tokens into the runs (a counting sort). The stream is in order of passages, so each run is too, and a term's
 * postings are coded from its run front to end. That is 8 bytes a token at the peak, and no list grows by term. */

enum {
    CHUNK_TOKENS = 256 * 1024,
    /* Words looked up together, so that the cache misses of the table overlap. */
    BATCH = 32,
    /* The passage of a token is found from a table with an entry for each so many tokens. */
    LOCATE_SHIFT = 6,
    /* The vocabulary outlives flushes until it is this large: most of its words come again. */
    VOCABULARY_KEEP = 24 << 20,
};

struct inverter {
    struct analyzer *analyzer;
    struct vocabulary vocabulary;
    struct articles_writer articles;
    struct text_writer *text; /* NULL if none is kept */
    uint32_t **chunks;
    size_t chunk_count, chunk_room;
    uint32_t token_count;
    struct buffer starts;  /* u32 each */
    struct buffer title;   /* term numbers, u32 each */
    struct buffer heading; /* the same, of the passage before */
    struct buffer lengths; /* u32 each, of the article's passages */
    struct passage last;   /* whose heading that is */
    bool failed;
};

lede_status inverter_new(struct inverter **out, struct analyzer *analyzer, bool omit_text, lede_error *err) {
    *out = NULL;
    struct inverter *inv = calloc(1, sizeof *inv);
    if (!inv)
        return error_nomem(err);
    inv->analyzer = analyzer;
    articles_writer_init(&inv->articles);
    lede_status status = LEDE_OK;
    if (!vocabulary_init(&inv->vocabulary))
        status = error_nomem(err);
    else if (!omit_text)
        status = text_writer_new(&inv->text, err);
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
    for (size_t i = 0; i < inv->chunk_count; i++)
        free(inv->chunks[i]);
    free(inv->chunks);
    buffer_release(&inv->starts);
    buffer_release(&inv->title);
    buffer_release(&inv->heading);
    buffer_release(&inv->lengths);
    free(inv);
}

static bool add_chunk(struct inverter *inv) {
    if (inv->chunk_count == inv->chunk_room) {
        size_t room = inv->chunk_room ? inv->chunk_room * 2 : 64;
        uint32_t **chunks = realloc(inv->chunks, room * sizeof *chunks);
        if (!chunks)
            return false;
        inv->chunks = chunks;
        inv->chunk_room = room;
    }
    uint32_t *chunk = malloc(CHUNK_TOKENS * sizeof *chunk);
    if (!chunk)
        return false;
    inv->chunks[inv->chunk_count++] = chunk;
    return true;
}

static void append_token(struct inverter *inv, uint32_t term) {
    size_t chunk = inv->token_count / CHUNK_TOKENS;
    if ((chunk == inv->chunk_count && !add_chunk(inv)) || inv->token_count == UINT32_MAX) {
        inv->failed = true;
        return;
    }
    inv->chunks[chunk][inv->token_count++ % CHUNK_TOKENS] = term;
}

/* ------------------------------------------------------------------------------------- adding -- */

/* Where the term numbers of a text go: the stream, or a buffer. */
static void emit(struct inverter *inv, struct buffer *to, uint32_t term) {
    if (to)
        buffer_append_u32(to, term);
    else
        append_token(inv, term);
}

static void emit_batch(struct inverter *inv, struct buffer *to, const struct lookup *batch, size_t n) {
    for (size_t i = 0; i < n; i++)
        vocabulary_prefetch_surface(&inv->vocabulary, &batch[i]);
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
        lookup_init(&batch[n], text + word.start, word.end - word.start);
        vocabulary_prefetch_slot(&inv->vocabulary, &batch[n]);
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
        append_token(inv, load_u32(field->data + i));
    if (field->len)
        append_token(inv, TERM_NONE);
}

static void read_heading(struct inverter *inv, const char *body, const struct passage *p) {
    bool same = p->heading_len == inv->last.heading_len && p->heading_start == inv->last.heading_start;
    inv->last = *p;
    if (same)
        return;
    buffer_clear(&inv->heading);
    add_text(inv, &inv->heading, body + p->heading_start, p->heading_len);
}

static uint32_t count_terms(const struct inverter *inv, uint32_t from) {
    uint32_t n = 0;
    for (uint32_t i = from; i < inv->token_count; i++)
        n += inv->chunks[i / CHUNK_TOKENS][i % CHUNK_TOKENS] != TERM_NONE;
    return n;
}

static void add_passage(struct inverter *inv, const char *body, const struct passage *p) {
    uint32_t start = inv->token_count;
    buffer_append_u32(&inv->starts, start);
    read_heading(inv, body, p);
    append_field(inv, &inv->title);
    append_field(inv, &inv->heading);
    if (p->len)
        add_text(inv, NULL, body + p->start, p->len);
    buffer_append_u32(&inv->lengths, count_terms(inv, start));
}

lede_status inverter_add(struct inverter *inv, const struct article *article, lede_error *err) {
    const lede_article *m = &article->meta;
    const struct passage empty = {.line = m->line};
    const struct passage *passages = article->passage_count ? article->passages : &empty;
    uint32_t count = article->passage_count ? article->passage_count : 1;
    buffer_clear(&inv->title);
    buffer_clear(&inv->heading);
    buffer_clear(&inv->lengths);
    inv->last = (struct passage){0};
    if (m->title_len)
        add_text(inv, &inv->title, m->title, m->title_len);
    for (uint32_t i = 0; i < count; i++)
        add_passage(inv, m->body, &passages[i]);
    uint32_t body_position = inv->title.len ? (uint32_t)(inv->title.len / 4) + 1 : 0;
    if (inv->failed || inv->starts.failed || inv->title.failed || inv->heading.failed || inv->lengths.failed)
        return error_nomem(err);
    articles_writer_add(&inv->articles, article, body_position, passages, (const uint32_t *)(void *)inv->lengths.data,
                        count);
    if (inv->text)
        text_writer_add(inv->text, m->body, m->body_len);
    return analyzer_status(inv->analyzer, err);
}

uint32_t inverter_passages(const struct inverter *inv) {
    return inv->articles.passage_count;
}

size_t inverter_memory(const struct inverter *inv) {
    /* What a flush adds: the scattered stream, the table to find passages, counts and order of the terms, and the coded
     * dictionary. */
    size_t flush = (size_t)inv->token_count * sizeof(uint32_t) + (inv->token_count >> LOCATE_SHIFT) * sizeof(uint32_t) +
                   (size_t)inv->vocabulary.term_count * 40 + (size_t)inv->vocabulary.surface_count * 40;
    return inv->chunk_count * CHUNK_TOKENS * sizeof(uint32_t) + vocabulary_memory(&inv->vocabulary) +
           articles_writer_memory(&inv->articles) + (inv->text ? text_writer_memory(inv->text) : 0) + inv->starts.cap +
           flush;
}

/* ------------------------------------------------------------------------------------- flush -- */

/* A string to be sorted: mostly decided by the first 8 bytes, which are kept as a big-endian number. */
struct sort_entry {
    uint64_t prefix;
    const char *bytes;
    uint32_t len;
    uint32_t number; /* of a term; count of a word */
};

static struct sort_entry sort_entry_of(const char *bytes, size_t len, uint32_t number) {
    uint8_t head[8] = {0};
    memcpy(head, bytes, len < 8 ? len : 8);
    return (struct sort_entry){__builtin_bswap64(load_u64(head)), bytes, (uint32_t)len, number};
}

static int by_bytes(const void *a, const void *b) {
    const struct sort_entry *x = a, *y = b;
    if (x->prefix != y->prefix)
        return x->prefix < y->prefix ? -1 : 1;
    int order = memcmp(x->bytes, y->bytes, x->len < y->len ? x->len : y->len);
    return order ? order : (x->len > y->len) - (x->len < y->len);
}

struct flush {
    struct inverter *inv;
    struct segment_writer *out;
    struct segment_counts counts;
    uint32_t *term_counts;    /* by term number; later where the next of its tokens goes */
    struct sort_entry *order; /* terms that occur, sorted */
    uint32_t order_count;
    uint32_t *places; /* tokens' places, by term */
    uint32_t *locate; /* passage that holds token i << LOCATE_SHIFT */
    uint32_t *positions;
    uint32_t position_room;
    struct postings_writer postings;
    struct dictionary_writer terms;
};

static void count_all_terms(struct flush *f) {
    const struct inverter *inv = f->inv;
    for (uint32_t i = 0; i < inv->token_count;) {
        const uint32_t *chunk = inv->chunks[i / CHUNK_TOKENS];
        uint32_t n = inv->token_count - i < CHUNK_TOKENS ? inv->token_count - i : CHUNK_TOKENS;
        for (uint32_t j = 0; j < n; j++)
            if (chunk[j] != TERM_NONE)
                f->term_counts[chunk[j]]++;
        i += n;
    }
}

static void sort_terms(struct flush *f) {
    const struct vocabulary *v = &f->inv->vocabulary;
    for (uint32_t t = 0; t < v->term_count; t++) {
        size_t len;
        const char *term = vocabulary_term(v, t, &len);
        if (f->term_counts[t])
            f->order[f->order_count++] = sort_entry_of(term, len, t);
    }
    if (f->order_count)
        qsort(f->order, f->order_count, sizeof *f->order, by_bytes);
}

static void scatter(struct flush *f) {
    const struct inverter *inv = f->inv;
    uint32_t at = 0;
    for (uint32_t i = 0; i < f->order_count; i++) {
        uint32_t *count = &f->term_counts[f->order[i].number], n = *count;
        *count = at;
        at += n;
    }
    for (uint32_t i = 0; i < inv->token_count; i++) {
        uint32_t term = inv->chunks[i / CHUNK_TOKENS][i % CHUNK_TOKENS];
        if (term != TERM_NONE)
            f->places[f->term_counts[term]++] = i;
    }
}

static const uint32_t *passage_starts(const struct inverter *inv) {
    return (const uint32_t *)(void *)inv->starts.data;
}

static void fill_locate(struct flush *f) {
    const struct inverter *inv = f->inv;
    const uint32_t *starts = passage_starts(inv);
    uint32_t passages = inverter_passages(inv), passage = 0;
    for (uint32_t i = 0; i <= inv->token_count >> LOCATE_SHIFT; i++) {
        while (passage + 1 < passages && starts[passage + 1] <= i << LOCATE_SHIFT)
            passage++;
        f->locate[i] = passage;
    }
}

static bool reserve_positions(struct flush *f, uint32_t n) {
    if (n < f->position_room)
        return true;
    uint32_t room = f->position_room ? f->position_room * 2 : 1024;
    uint32_t *positions = realloc(f->positions, room * sizeof *positions);
    if (!positions)
        return false;
    f->positions = positions;
    f->position_room = room;
    return true;
}

/* Codes the run of places of one term. */
static bool write_run(struct flush *f, const uint32_t *places, uint32_t count) {
    const uint32_t *starts = passage_starts(f->inv);
    uint32_t passages = inverter_passages(f->inv);
    for (uint32_t i = 0; i < count;) {
        uint32_t passage = f->locate[places[i] >> LOCATE_SHIFT];
        while (passage + 1 < passages && starts[passage + 1] <= places[i])
            passage++;
        uint32_t end = passage + 1 < passages ? starts[passage + 1] : f->inv->token_count, freq = 0;
        for (; i < count && places[i] < end; i++) {
            if (!reserve_positions(f, freq))
                return false;
            f->positions[freq++] = places[i] - starts[passage];
        }
        postings_writer_add(&f->postings, passage, f->positions, freq);
    }
    return true;
}

static bool write_terms(struct flush *f) {
    segment_writer_begin(f->out, SECTION_POSTINGS);
    uint32_t begin = 0;
    bool ok = true;
    for (uint32_t i = 0; ok && i < f->order_count; i++) {
        const struct sort_entry *term = &f->order[i];
        uint32_t end = f->term_counts[term->number];
        struct term_info info = {0};
        ok = write_run(f, f->places + begin, end - begin) && postings_writer_finish(&f->postings, f->out, &info);
        dictionary_writer_add(&f->terms, term->bytes, term->len, &info);
        f->counts.postings += info.doc_freq;
        f->counts.positions += info.total_freq;
        f->counts.position_bytes += info.positions_size;
        begin = end;
    }
    segment_writer_end(f->out);
    f->counts.terms = f->terms.count;
    return ok && dictionary_writer_finish(&f->terms, f->out);
}

static bool allocate(struct flush *f) {
    const struct inverter *inv = f->inv;
    uint32_t terms = inv->vocabulary.term_count;
    f->term_counts = calloc(terms + (size_t)1, sizeof *f->term_counts);
    f->order = malloc((terms + (size_t)1) * sizeof *f->order);
    f->places = malloc((inv->token_count + (size_t)1) * sizeof *f->places);
    f->locate = malloc(((inv->token_count >> LOCATE_SHIFT) + (size_t)1) * sizeof *f->locate);
    return f->term_counts && f->order && f->places && f->locate;
}

static void release(struct flush *f) {
    free(f->term_counts);
    free(f->order);
    free(f->places);
    free(f->locate);
    free(f->positions);
    postings_writer_release(&f->postings);
    dictionary_writer_release(&f->terms);
}

static bool invert(struct flush *f) {
    if (!allocate(f))
        return false;
    count_all_terms(f);
    sort_terms(f);
    scatter(f);
    fill_locate(f);
    return write_terms(f);
}

/* Forms of the surfaces that occurred, sorted and added up. */
static bool write_words(struct flush *f) {
    struct inverter *inv = f->inv;
    const struct vocabulary *v = &inv->vocabulary;
    struct buffer pool = BUFFER_EMPTY;
    struct dictionary_writer words;
    dictionary_writer_init(&words, DICTIONARY_WORDS);
    struct sort_entry *entries = malloc((v->surface_count + (size_t)1) * sizeof *entries);
    uint32_t n = 0;
    for (uint32_t i = 0; entries && i < v->surface_count; i++) {
        size_t len;
        char form[TERM_MAX + 1];
        const char *surface = vocabulary_surface(v, i, &len);
        if (!v->surfaces[i].count || !(len = analyzer_form(inv->analyzer, surface, len, form)))
            continue;
        entries[n] = sort_entry_of(form, len, v->surfaces[i].count);
        entries[n++].bytes = (const char *)(uintptr_t)pool.len; /* an offset until the pool stands still */
        buffer_append(&pool, form, len);
    }
    for (uint32_t i = 0; i < n; i++)
        entries[i].bytes = (const char *)pool.data + (uintptr_t)entries[i].bytes;
    if (n && !pool.failed)
        qsort(entries, n, sizeof *entries, by_bytes);
    for (uint32_t i = 0; i < n && !pool.failed;) {
        struct term_info info = {0};
        uint32_t first = i;
        for (; i < n && by_bytes(&entries[first], &entries[i]) == 0; i++)
            info.total_freq += entries[i].number;
        dictionary_writer_add(&words, entries[first].bytes, entries[first].len, &info);
    }
    f->counts.words = words.count;
    bool ok = entries && dictionary_writer_finish(&words, f->out) && !pool.failed;
    dictionary_writer_release(&words);
    buffer_release(&pool);
    free(entries);
    return ok;
}

static bool write_articles_and_text(struct flush *f) {
    struct inverter *inv = f->inv;
    segment_writer_begin(f->out, SECTION_ARTICLES);
    articles_writer_drain(&inv->articles, f->out);
    segment_writer_end(f->out);
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
    articles_writer_init(&inv->articles);
    for (size_t i = 0; i < inv->chunk_count; i++)
        free(inv->chunks[i]);
    inv->chunk_count = 0;
    inv->token_count = 0;
    buffer_clear(&inv->starts);
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
    postings_writer_init(&f.postings, (const uint32_t *)(void *)inv->articles.lengths.data, inverter_passages(inv),
                         inv->articles.total_length);
    dictionary_writer_init(&f.terms, DICTIONARY_TERMS);
    bool ok = write_articles_and_text(&f) && invert(&f) && write_words(&f);
    release(&f);
    if (!ok) {
        segment_writer_abort(f.out);
        return error_nomem(err);
    }
    empty(inv);
    return segment_writer_commit(f.out, &f.counts, info, err);
}
