#include "merge.h"

#include <stdlib.h>

#include "../core/articles.h"
#include "../core/dictionary.h"
#include "../core/error.h"
#include "../core/postings_writer.h"
#include "../core/stored_text.h"
#include "key_walk.h"

/* Sections are written one after the other, each from all inputs at once, so that nothing but the dictionary and the
 * tables of articles is held in memory:
 *
 *     articles   input 0, input 1, ...   in their order, without the deleted ones
 *     text       blocks copied as they are from inputs where nothing is deleted, else compressed again
 *     postings   for each term, smallest first: input 0's, input 1's, ... with passages renumbered
 *     words      for each word: the sum
 */

enum {
    /* Terms or articles between two questions whether to stop. */
    STOP_INTERVAL = 4096,
    /* Terms between two times that memory is given back. */
    DROP_INTERVAL = 256,
};

struct source {
    const struct segment *segment;
    const uint8_t *deleted;
    uint32_t base;      /* of its passages in the output */
    uint32_t *renumber; /* passage to passage, before base; NULL if none is deleted */
};

struct merge {
    const struct merge_input *inputs;
    struct source *sources;
    size_t count;
    struct segment_writer *out;
    struct segment_counts counts;
    struct articles_writer articles;
    struct postings_writer postings;
    struct dictionary_writer dictionary;
    int (*stop)(void *ctx);
    void *ctx;
    uint64_t steps;
    lede_error *err;
};

static bool is_deleted(const struct source *s, uint32_t passage) {
    return s->deleted && (s->deleted[passage >> 3] >> (passage & 7) & 1);
}

static lede_status ask_to_stop(struct merge *m) {
    if (++m->steps % STOP_INTERVAL == 0 && m->stop && m->stop(m->ctx))
        return error_set(m->err, LEDE_INTERRUPTED, "merging was stopped");
    return LEDE_OK;
}

/* Numbers the live passages of each input, and where they begin in the output. */
static lede_status renumber(struct merge *m) {
    uint64_t base = 0;
    for (size_t i = 0; i < m->count; i++) {
        struct source *s = &m->sources[i];
        uint32_t passages = segment_info(s->segment)->passages, live = 0;
        s->base = (uint32_t)base;
        if (s->deleted && !(s->renumber = malloc(passages * sizeof *s->renumber)))
            return error_nomem(m->err);
        for (uint32_t p = 0; s->deleted && p < passages; p++) {
            s->renumber[p] = live;
            live += !is_deleted(s, p);
        }
        base += s->deleted ? live : passages;
        if (base >= UINT32_MAX)
            return error_set(m->err, LEDE_UNSUPPORTED, "a segment can't hold more than %u passages", UINT32_MAX - 1);
    }
    return LEDE_OK;
}

/* ---------------------------------------------------------------------------------- articles -- */

struct piece {
    struct buffer passages, lengths;
};

static lede_status copy_article(struct merge *m, const struct source *s, const struct article_record *record,
                                uint64_t source, struct piece *piece) {
    buffer_clear(&piece->passages);
    buffer_clear(&piece->lengths);
    article_passages(record, &piece->passages);
    for (uint32_t i = 0; i < record->passage_count; i++)
        buffer_append_u32(&piece->lengths, segment_length(s->segment, record->first_passage + i));
    if (piece->passages.failed || piece->lengths.failed)
        return error_nomem(m->err);
    const struct passage *passages = (const void *)piece->passages.data;
    struct article article = {record->meta, source, passages, record->passage_count};
    articles_writer_add(&m->articles, &article, record->body_position, passages, (const void *)piece->lengths.data,
                        record->passage_count);
    articles_writer_drain(&m->articles, m->out);
    return ask_to_stop(m);
}

static lede_status copy_articles(struct merge *m, const struct source *s, struct article_cursor *c,
                                 struct piece *piece) {
    lede_status status = LEDE_OK;
    struct source_run run = {0};
    uint32_t next_run = 0;
    article_cursor_init(c, s->segment);
    while (status == LEDE_OK && article_cursor_next(c, &status, m->err)) {
        uint32_t article = c->next - 1;
        while (article >= run.first_article + run.count && next_run < segment_source_run_count(s->segment))
            segment_source_run(s->segment, next_run++, &run);
        if (!is_deleted(s, c->record.first_passage))
            status = copy_article(m, s, &c->record, run.source, piece);
    }
    segment_drop(s->segment, SECTION_ARTICLES, segment_section(s->segment, SECTION_ARTICLES)->size);
    return status;
}

static lede_status merge_articles(struct merge *m) {
    struct piece piece = {BUFFER_EMPTY, BUFFER_EMPTY};
    struct article_cursor *cursor = malloc(sizeof *cursor);
    lede_status status = cursor ? LEDE_OK : error_nomem(m->err);
    segment_writer_begin(m->out, SECTION_ARTICLES);
    for (size_t i = 0; status == LEDE_OK && i < m->count; i++)
        status = copy_articles(m, &m->sources[i], cursor, &piece);
    segment_writer_end(m->out);
    if (status == LEDE_OK && !articles_writer_finish(&m->articles, m->out, &m->counts))
        status = error_nomem(m->err);
    buffer_release(&piece.passages);
    buffer_release(&piece.lengths);
    free(cursor);
    return status;
}

/* -------------------------------------------------------------------------------------- text -- */

static lede_status copy_live_text(struct merge *m, const struct source *s, struct text_writer *text) {
    struct buffer body = BUFFER_EMPTY;
    struct text_reader reader;
    text_reader_init(&reader, s->segment);
    struct article_cursor *cursor = malloc(sizeof *cursor);
    lede_status status = cursor ? LEDE_OK : error_nomem(m->err);
    if (cursor)
        article_cursor_init(cursor, s->segment);
    while (status == LEDE_OK && article_cursor_next(cursor, &status, m->err)) {
        if (is_deleted(s, cursor->record.first_passage))
            continue;
        buffer_clear(&body);
        status = text_reader_read(&reader, cursor->record.text, cursor->record.meta.body_len, &body, m->err);
        text_writer_add(text, (const char *)body.data, body.len);
        text_writer_drain(text, m->out);
        if (status == LEDE_OK)
            status = ask_to_stop(m);
    }
    text_reader_release(&reader);
    buffer_release(&body);
    free(cursor);
    return status;
}

static lede_status merge_text(struct merge *m) {
    struct text_writer *text;
    lede_status status = text_writer_new(&text, m->err);
    if (status != LEDE_OK)
        return status;
    segment_writer_begin(m->out, SECTION_TEXT);
    for (size_t i = 0; status == LEDE_OK && i < m->count; i++) {
        const struct source *s = &m->sources[i];
        if (s->segment->counts.text_size == 0)
            continue;
        status = s->deleted ? copy_live_text(m, s, text) : text_writer_copy(text, s->segment, m->out, m->err);
    }
    if (!text_writer_finish(text, m->out, &m->counts.text_size) && status == LEDE_OK)
        status = error_nomem(m->err);
    text_writer_free(text);
    return status;
}

/* -------------------------------------------------------------------------------- dictionaries -- */

static lede_status copy_postings(struct merge *m, const struct source *s, const struct term_info *info) {
    struct postings p;
    postings_init(&p, s->segment, info);
    for (uint32_t d = p.doc; d != DOC_END; d = postings_next(&p)) {
        if (is_deleted(s, d))
            continue;
        uint32_t freq = p.freq;
        const uint32_t *positions = postings_positions(&p);
        if (positions)
            postings_writer_add(&m->postings, s->base + (s->renumber ? s->renumber[d] : d), positions, freq);
    }
    lede_status status = p.status;
    postings_release(&p);
    if (status == LEDE_CORRUPT)
        return segment_corrupt(s->segment, SECTION_POSTINGS, info->postings, "bad postings", m->err);
    return status == LEDE_OK ? LEDE_OK : error_nomem(m->err);
}

static lede_status add_term(struct merge *m, const char *key, size_t len) {
    struct term_info info = {0};
    if (m->postings.doc_freq == 0)
        return LEDE_OK; /* only deleted passages had it */
    if (!postings_writer_finish(&m->postings, m->out, &info))
        return error_nomem(m->err);
    dictionary_writer_add(&m->dictionary, key, len, &info);
    m->counts.postings += info.doc_freq;
    m->counts.positions += info.total_freq;
    m->counts.position_bytes += info.positions_size;
    return LEDE_OK;
}

/* Takes the walk's key from all inputs that have it. */
static lede_status merge_key(struct merge *m, enum dictionary_kind kind, const struct key_walk *walk) {
    struct term_info sum = {0};
    lede_status status = ask_to_stop(m);
    for (size_t i = 0; status == LEDE_OK && i < m->count; i++) {
        const struct term_info *info = key_walk_info(walk, i);
        if (info && kind == DICTIONARY_TERMS)
            status = copy_postings(m, &m->sources[i], info);
        sum.total_freq += info ? info->total_freq : 0;
    }
    if (status != LEDE_OK)
        return status;
    if (kind == DICTIONARY_TERMS)
        return add_term(m, walk->key, walk->key_len);
    dictionary_writer_add(&m->dictionary, walk->key, walk->key_len, &sum);
    return LEDE_OK;
}

/* What has been merged of the postings is not needed any more. */
static void drop_postings(const struct merge *m, const struct key_walk *walk) {
    for (size_t i = 0; i < m->count; i++)
        if (key_walk_ahead(walk, i))
            segment_drop(m->sources[i].segment, SECTION_POSTINGS, key_walk_ahead(walk, i)->postings);
}

static lede_status merge_keys(struct merge *m, enum dictionary_kind kind) {
    struct key_walk walk;
    lede_status status = key_walk_open(&walk, m->inputs, m->count, kind, m->err);
    while (status == LEDE_OK && !walk.end) {
        status = merge_key(m, kind, &walk);
        if (status == LEDE_OK)
            status = key_walk_next(&walk, m->err);
        if (kind == DICTIONARY_TERMS && m->steps % DROP_INTERVAL == 0)
            drop_postings(m, &walk);
    }
    key_walk_close(&walk);
    return status;
}

static lede_status merge_dictionary(struct merge *m, enum dictionary_kind kind) {
    dictionary_writer_init(&m->dictionary, kind);
    if (kind == DICTIONARY_TERMS)
        postings_writer_init(&m->postings, (const uint32_t *)(void *)m->articles.lengths.data, m->counts.passages,
                             m->counts.total_length);
    if (kind == DICTIONARY_TERMS)
        segment_writer_begin(m->out, SECTION_POSTINGS);
    lede_status status = merge_keys(m, kind);
    if (kind == DICTIONARY_TERMS)
        segment_writer_end(m->out);
    *(kind == DICTIONARY_TERMS ? &m->counts.terms : &m->counts.words) = m->dictionary.count;
    if (!dictionary_writer_finish(&m->dictionary, m->out) && status == LEDE_OK)
        status = error_nomem(m->err);
    dictionary_writer_release(&m->dictionary);
    return status;
}

/* -------------------------------------------------------------------------------------- merge -- */

static lede_status merge_all(struct merge *m) {
    lede_status status = renumber(m);
    if (status == LEDE_OK)
        status = merge_articles(m);
    if (status == LEDE_OK)
        status = merge_text(m);
    if (status == LEDE_OK)
        status = merge_dictionary(m, DICTIONARY_TERMS);
    if (status == LEDE_OK)
        status = merge_dictionary(m, DICTIONARY_WORDS);
    return status;
}

lede_status merge_segments(const struct merge_input *inputs, size_t count, const char *path, struct segment_info *info,
                           int (*stop)(void *ctx), void *ctx, lede_error *err) {
    struct merge m = {.inputs = inputs, .count = count, .stop = stop, .ctx = ctx, .err = err};
    lede_status status = segment_writer_open(&m.out, path, err);
    if (status != LEDE_OK)
        return status;
    articles_writer_init(&m.articles);
    m.sources = calloc(count, sizeof *m.sources);
    for (size_t i = 0; m.sources && i < count; i++)
        m.sources[i] = (struct source){.segment = inputs[i].segment, .deleted = inputs[i].deleted};
    status = m.sources ? merge_all(&m) : error_nomem(err);
    for (size_t i = 0; m.sources && i < count; i++)
        free(m.sources[i].renumber);
    free(m.sources);
    articles_writer_release(&m.articles);
    postings_writer_release(&m.postings);
    if (status == LEDE_OK)
        return segment_writer_commit(m.out, &m.counts, info, err);
    segment_writer_abort(m.out);
    return status;
}
