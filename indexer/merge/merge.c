#include "merge.h"

#include <stdlib.h>

#include "core/base/error.h"
#include "merge_output.h"

/* Sections are written one after the other, each from all inputs at once:
 *
 *     articles   input 0, input 1, ...   in their order, without the deleted ones
 *     text       blocks copied as they are from inputs where nothing is deleted, else compressed again
 *     postings   for each term, smallest first: input 0's, input 1's, ... with passages renumbered
 *     words      for each word: the sum
 */

/* Passages whose deletions are counted together. */
enum { SPAN = 512 };

/* What tables have of an article or passage, about. */
enum { PASSAGE_BYTES = 16 };

struct source {
    const struct segment *segment;
    const uint8_t *deleted;
    uint32_t base;  /* of its passages in the output */
    uint32_t *gone; /* for each SPAN passages, how many before them are deleted; NULL if none is */
};

struct merge {
    const struct merge_job *job;
    struct source *sources;
    size_t count;
    struct merge_output output;
};

static bool is_deleted(const struct source *s, uint32_t passage) {
    return s->deleted && (s->deleted[passage >> 3] >> (passage & 7) & 1);
}

/* How many of the n passages from `first`, a multiple of 8, are deleted. */
static uint32_t count_deleted(const uint8_t *deleted, uint32_t first, uint32_t n) {
    const uint8_t *byte = deleted + first / 8;
    uint32_t count = 0;
    for (; n >= 64; n -= 64, byte += 8)
        count += (uint32_t)__builtin_popcountll(load_u64(byte));
    for (; n >= 8; n -= 8)
        count += (uint32_t)__builtin_popcount(*byte++);
    return n ? count + (uint32_t)__builtin_popcount(*byte & ((1U << n) - 1)) : count;
}

/* The number of a live passage in the output. */
static inline uint32_t number_of(const struct source *s, uint32_t passage) {
    if (!s->gone)
        return s->base + passage;
    uint32_t span = passage / SPAN;
    return s->base + passage - s->gone[span] - count_deleted(s->deleted, span * SPAN, passage % SPAN);
}

/* Where the live passages of each input begin in the output. */
static lede_status number_passages(struct merge *m) {
    uint64_t base = 0;
    for (size_t i = 0; i < m->count; i++) {
        struct source *s = &m->sources[i];
        uint32_t passages = segment_info(s->segment)->passages, gone = 0;
        s->base = (uint32_t)base;
        if (s->deleted && !(s->gone = malloc(((size_t)passages / SPAN + 1) * sizeof *s->gone)))
            return error_nomem(m->output.err);
        for (uint32_t p = 0; s->deleted && p < passages; p += SPAN) {
            s->gone[p / SPAN] = gone;
            gone += count_deleted(s->deleted, p, passages - p < SPAN ? passages - p : SPAN);
        }
        base += passages - gone;
        if (base >= UINT32_MAX)
            return error_set(m->output.err, LEDE_UNSUPPORTED, "a segment can't hold more than %u passages",
                             UINT32_MAX - 1);
    }
    return LEDE_OK;
}

/* ---------------------------------------------------------------------------------- articles -- */

static lede_status copy_articles(struct merge *m, const struct source *s, struct article_cursor *c) {
    lede_status status = LEDE_OK;
    struct source_run run = {0};
    uint32_t next_run = 0;
    uint64_t at = 0;
    article_cursor_init(c, s->segment);
    while (status == LEDE_OK && article_cursor_next(c, &status, m->output.err)) {
        uint32_t article = c->next - 1;
        while (article >= run.first_article + run.count && next_run < segment_source_run_count(s->segment))
            segment_source_run(s->segment, next_run++, &run);
        if (!is_deleted(s, c->record.first_passage))
            status = merge_output_article(&m->output, s->segment, &c->record, run.source);
        footprint_touch(&m->output.footprint, c->at - at + PASSAGE_BYTES * c->record.passage_count);
        at = c->at;
    }
    merge_output_done(&m->output, segment_section(s->segment, SECTION_ARTICLES)->size);
    return status;
}

static lede_status merge_articles(struct merge *m) {
    struct merge_output *o = &m->output;
    struct article_cursor *cursor = malloc(sizeof *cursor);
    lede_status status = cursor ? LEDE_OK : error_nomem(o->err);
    segment_writer_begin(o->out, SECTION_ARTICLES);
    for (size_t i = 0; status == LEDE_OK && i < m->count; i++)
        status = copy_articles(m, &m->sources[i], cursor);
    free(cursor);
    return status == LEDE_OK ? merge_output_end_articles(o) : status;
}

/* -------------------------------------------------------------------------------------- text -- */

static lede_status copy_live_text(struct merge *m, const struct source *s, struct text_writer *text) {
    struct merge_output *o = &m->output;
    struct buffer body = BUFFER_EMPTY;
    struct text_reader reader = TEXT_READER_EMPTY;
    text_reader_use(&reader, s->segment);
    struct article_cursor *cursor = malloc(sizeof *cursor);
    lede_status status = cursor ? LEDE_OK : error_nomem(o->err);
    if (cursor)
        article_cursor_init(cursor, s->segment);
    while (status == LEDE_OK && article_cursor_next(cursor, &status, o->err)) {
        if (is_deleted(s, cursor->record.first_passage))
            continue;
        buffer_clear(&body);
        status = text_reader_read(&reader, cursor->record.text, cursor->record.meta.body_len, &body, o->err);
        text_writer_add(text, (const char *)body.data, body.len);
        text_writer_drain(text, o->out);
        footprint_touch(&o->footprint, body.len);
        if (status == LEDE_OK)
            status = merge_output_step(o);
    }
    text_reader_release(&reader);
    buffer_release(&body);
    free(cursor);
    return status;
}

static lede_status merge_text(struct merge *m) {
    struct merge_output *o = &m->output;
    struct text_writer *text;
    lede_status status = text_writer_new(&text, &o->scratch, o->err);
    if (status != LEDE_OK)
        return status;
    segment_writer_begin(o->out, SECTION_TEXT);
    for (size_t i = 0; status == LEDE_OK && i < m->count; i++) {
        const struct source *s = &m->sources[i];
        if (s->segment->counts.text_size == 0)
            continue;
        status = s->deleted || !text_is_worth_copying(s->segment) ? copy_live_text(m, s, text)
                                                                  : text_writer_copy(text, s->segment, o->out, o->err);
        merge_output_done(o, segment_section(s->segment, SECTION_TEXT)->size);
    }
    if (!text_writer_finish(text, o->out, &o->counts.text_size) && status == LEDE_OK)
        status = merge_output_failure(o);
    text_writer_free(text);
    return status;
}

/* ---------------------------------------------------------------------------------- postings -- */

/* Hands on a run of which some may be deleted. */
static void copy_live(struct merge_output *o, const struct source *s, const struct posting_run *run) {
    const uint32_t *positions = run->positions;
    for (uint32_t i = 0; i < run->count; positions += run->freqs[i++])
        if (!is_deleted(s, run->docs[i]))
            postings_writer_add(&o->postings, number_of(s, run->docs[i]), run->lengths[i], positions, run->freqs[i]);
}

/* Hands on the run of postings that p stands on, and moves behind it. */
static void copy_run(struct merge_output *o, const struct source *s, struct postings *p) {
    uint32_t shifted[BLOCK_DOCS];
    struct posting_run run = {.positions = postings_run_positions(p), .lengths = postings_run_lengths(p)};
    if (!run.positions)
        return;
    run.count = postings_run(p, &run.docs, &run.freqs);
    footprint_touch_lengths(&o->footprint, run.docs[0], run.docs[run.count - 1], run.count);
    if (s->deleted) {
        copy_live(o, s, &run);
    } else {
        for (uint32_t i = 0; i < run.count; i++)
            shifted[i] = s->base + run.docs[i];
        run.docs = shifted;
        postings_writer_add_run(&o->postings, &run);
    }
    postings_skip(p, run.count);
}

static lede_status copy_postings(struct merge *m, const struct source *s, const struct term_info *info) {
    struct merge_output *o = &m->output;
    struct postings p;
    uint64_t size = info->postings_size + info->positions_size;
    postings_init(&p, s->segment, info);
    while (p.doc != DOC_END) {
        footprint_touch(&o->footprint, size * p.block_len / info->doc_freq);
        copy_run(o, s, &p);
    }
    lede_status status = p.status;
    postings_release(&p);
    merge_output_done(o, size);
    if (status == LEDE_CORRUPT)
        return segment_corrupt(s->segment, SECTION_POSTINGS, info->postings, "bad postings", o->err);
    return status == LEDE_OK ? LEDE_OK : error_nomem(o->err);
}

/* Takes the walk's term from all inputs that have it. */
static lede_status merge_term(struct merge *m, const struct key_walk *walk) {
    lede_status status = merge_output_step(&m->output);
    postings_writer_expect(&m->output.postings, key_walk_doc_freq(walk));
    for (size_t i = 0; status == LEDE_OK && i < m->count; i++)
        if (key_walk_info(walk, i))
            status = copy_postings(m, &m->sources[i], key_walk_info(walk, i));
    return status == LEDE_OK ? merge_output_term(&m->output, walk->key, walk->key_len) : status;
}

static lede_status merge_terms(struct merge *m) {
    struct key_walk walk;
    struct merge_output *o = &m->output;
    merge_output_begin_terms(o);
    lede_status status = key_walk_open(&walk, m->job->inputs, m->count, DICTIONARY_TERMS, o->err);
    while (status == LEDE_OK && !walk.end) {
        status = merge_term(m, &walk);
        footprint_touch(&o->footprint, MERGE_ENTRY_BYTES * m->count);
        if (status == LEDE_OK)
            status = key_walk_next(&walk, o->err);
    }
    key_walk_close(&walk);
    return merge_output_end_terms(o, status);
}

/* -------------------------------------------------------------------------------------- merge -- */

static lede_status merge_all(struct merge *m) {
    lede_status status = number_passages(m);
    if (status == LEDE_OK)
        status = merge_articles(m);
    if (status == LEDE_OK)
        status = merge_text(m);
    if (status == LEDE_OK)
        status = merge_terms(m);
    return status == LEDE_OK ? merge_output_words(&m->output) : status;
}

lede_status merge_segments(const struct merge_job *job, const char *path, struct segment_info *info, lede_error *err) {
    struct merge m = {.job = job, .count = job->count};
    lede_status status = merge_output_open(&m.output, job, path, err);
    if (status != LEDE_OK)
        return status;
    m.sources = calloc(m.count, sizeof *m.sources);
    for (size_t i = 0; m.sources && i < m.count; i++)
        m.sources[i] = (struct source){.segment = job->inputs[i].segment, .deleted = job->inputs[i].deleted};
    status = m.sources ? merge_all(&m) : error_nomem(err);
    for (size_t i = 0; m.sources && i < m.count; i++)
        free(m.sources[i].gone);
    free(m.sources);
    m.output.counts.settled = job->settled;
    return merge_output_close(&m.output, status, info);
}
