#include "permute.h"

#include <stdlib.h>

#include "core/base/error.h"
#include "core/base/radix.h"
#include "interleave.h"
#include "merge_output.h"
#include "unpacked.h"

/* Sections are written one after the other, as merge.c does:
 *
 *     articles   in order; which fixes the new number of each passage
 *     text       unpacked first, then read body by body and compressed again
 *     postings   for each term: all in memory, sorted by the passages' new numbers. Of a term too long for that only
 *                those whose new numbers fall in one slice, then those of the next: it is read once for each slice
 *     words      they have no order
 *
 * Where the articles of each input keep their order, text is read as it goes, and postings are merged (interleave.h).
 */

enum {
    NOWHERE = -1, /* new number of a deleted passage */
    /* A term's postings are counted by so many parts of the new numbers before they are divided into slices. */
    PARTS = 1024,
    /* Bytes that a posting takes while it waits for its place, and one of its positions, which are in a buffer that
     * doubles. */
    POSTING = 28,
    POSITION = 8,
    /* Places that are read to know an article: record, group, columns and lengths. */
    ARTICLE_PLACES = 4,
    /* What tables have of one that is near the one before, about. */
    ARTICLE_BYTES = 32,
    ARTICLE_NEAR = 64,
};

_Static_assert(INTERLEAVE_NOWHERE == (uint32_t)NOWHERE, "one number stands for all that is deleted");

struct permute {
    const struct permute_job *job;
    struct merge_output output;
    uint32_t **renumber;            /* of each input, passage to passage */
    uint32_t *bases;                /* of each input's articles among all */
    struct article_cursor *cursors; /* of each input, on the article that was asked for last */
    bool keeps_order;               /* the articles of each input are in the order in which they were */
    uint64_t slice;                 /* bytes that postings in hand may take */
    /* Postings in hand. A key is the passage's new number above the index of the posting. */
    uint64_t *keys, *scratch;
    uint32_t *freqs, *starts; /* by index: how many positions, and the first of them */
    uint32_t *lengths;        /* of the passages */
    size_t count, room;
    struct buffer positions;
    struct interleaver interleaver; /* if the order is kept */
    int64_t growth;                 /* bytes of articles and text, less those of the inputs */
};

/* The input that holds an article, whose number in it is *article then. */
static size_t find_input(const struct permute *p, uint32_t *article) {
    size_t low = 0, high = p->job->merge.count;
    while (low + 1 < high) {
        size_t middle = low + (high - low) / 2;
        if (p->bases[middle] <= *article)
            low = middle;
        else
            high = middle;
    }
    *article -= p->bases[low];
    return low;
}

/* Article number i of the order: the input's cursor stands on it. */
static lede_status find_article(struct permute *p, uint32_t i, size_t *input) {
    uint32_t article = p->job->order[i];
    *input = find_input(p, &article);
    struct article_cursor *c = &p->cursors[*input];
    /* It stands anywhere, and so does what the tables know of it. */
    bool is_near = article >= c->next && article - c->next < ARTICLE_NEAR;
    footprint_touch(&p->output.footprint, is_near ? ARTICLE_BYTES : ARTICLE_PLACES * FOOTPRINT_AROUND);
    return article_cursor_seek(c, article, p->output.err);
}

static void begin_articles(struct permute *p) {
    for (size_t i = 0; i < p->job->merge.count; i++)
        article_cursor_init(&p->cursors[i], p->job->merge.inputs[i].segment);
}

/* ----------------------------------------------------------------------------------- articles -- */

static lede_status init_tables(struct permute *p) {
    const struct permute_job *job = p->job;
    uint32_t base = 0;
    p->renumber = calloc(job->merge.count, sizeof *p->renumber);
    p->bases = calloc(job->merge.count, sizeof *p->bases);
    p->cursors = malloc(job->merge.count * sizeof *p->cursors);
    if (!p->renumber || !p->bases || !p->cursors)
        return error_nomem(p->output.err);
    for (size_t i = 0; i < job->merge.count; i++) {
        const struct segment_counts *counts = &job->merge.inputs[i].segment->counts;
        p->bases[i] = base;
        base += counts->articles;
        p->renumber[i] = malloc(counts->passages * sizeof **p->renumber);
        if (!p->renumber[i])
            return error_nomem(p->output.err);
        memset(p->renumber[i], NOWHERE, counts->passages * sizeof **p->renumber);
    }
    return LEDE_OK;
}

static lede_status take_article(struct permute *p, uint32_t i) {
    size_t input;
    lede_status status = find_article(p, i, &input);
    if (status != LEDE_OK)
        return status;
    const struct article_record *record = &p->cursors[input].record;
    uint32_t first = p->output.articles.passage_count;
    if (first > UINT32_MAX - 1 - record->passage_count)
        return error_set(p->output.err, LEDE_UNSUPPORTED, "a segment can't hold more than %u passages", UINT32_MAX - 1);
    for (uint32_t k = 0; k < record->passage_count; k++)
        p->renumber[input][record->first_passage + k] = first + k;
    return merge_output_article(&p->output, p->job->merge.inputs[input].segment, record, record->source);
}

static bool order_is_kept(const struct permute *p) {
    bool kept = true;
    for (size_t i = 0; i < p->job->merge.count; i++) {
        uint32_t passages = p->job->merge.inputs[i].segment->counts.passages, last = 0;
        for (uint32_t d = 0; d < passages; d++) {
            uint32_t to = p->renumber[i][d];
            kept &= to >= last;
            last = to == (uint32_t)NOWHERE ? last : to;
        }
    }
    return kept;
}

static lede_status permute_articles(struct permute *p) {
    struct merge_output *o = &p->output;
    lede_status status = LEDE_OK;
    begin_articles(p);
    segment_writer_begin(o->out, SECTION_ARTICLES);
    for (uint32_t i = 0; status == LEDE_OK && i < p->job->articles; i++)
        status = take_article(p, i);
    p->keeps_order = order_is_kept(p);
    return status == LEDE_OK ? merge_output_end_articles(o) : status;
}

/* --------------------------------------------------------------------------------------- text -- */

/* Where bodies are read from: their segments, one after the other, or what was unpacked. */
struct bodies {
    struct text_reader *readers; /* of each input; NULL: all is unpacked */
    struct unpacked unpacked;
};

static lede_status bodies_read_in_order(struct bodies *b, const struct permute *p) {
    size_t count = p->job->merge.count;
    b->readers = malloc(count * sizeof *b->readers);
    for (size_t i = 0; b->readers && i < count; i++) {
        b->readers[i] = TEXT_READER_EMPTY;
        text_reader_use(&b->readers[i], p->job->merge.inputs[i].segment);
    }
    return b->readers ? LEDE_OK : error_nomem(p->output.err);
}

static lede_status bodies_unpack(struct bodies *b, const struct permute *p, const char *path) {
    const struct merge_job *job = &p->job->merge;
    lede_status status = unpacked_init(&b->unpacked, job->inputs, job->count, path, p->output.err);
    for (size_t i = 0; status == LEDE_OK && i < job->count; i++)
        status = unpacked_add(&b->unpacked, job->inputs[i].segment, i, job->stop, job->ctx, p->output.err);
    return status;
}

static void bodies_release(struct bodies *b, const struct permute *p) {
    for (size_t i = 0; b->readers && i < p->job->merge.count; i++)
        text_reader_release(&b->readers[i]);
    free(b->readers);
    unpacked_release(&b->unpacked);
}

static lede_status bodies_read(struct bodies *b, struct permute *p, size_t input, struct buffer *body) {
    const struct article_record *record = &p->cursors[input].record;
    buffer_clear(body);
    if (!b->readers)
        return unpacked_read(&b->unpacked, input, record->text, record->meta.body_len, body, p->output.err);
    footprint_touch(&p->output.footprint, record->meta.body_len);
    return text_reader_read(&b->readers[input], record->text, record->meta.body_len, body, p->output.err);
}

static lede_status copy_bodies(struct permute *p, struct bodies *bodies, struct text_writer *text) {
    struct merge_output *o = &p->output;
    struct buffer body = BUFFER_EMPTY;
    lede_status status = LEDE_OK;
    size_t input;
    begin_articles(p);
    for (uint32_t i = 0; status == LEDE_OK && i < p->job->articles; i++) {
        status = find_article(p, i, &input);
        if (status == LEDE_OK)
            status = bodies_read(bodies, p, input, &body);
        text_writer_add(text, (const char *)body.data, body.len);
        text_writer_drain(text, o->out);
        if (status == LEDE_OK)
            status = merge_output_step(o);
    }
    buffer_release(&body);
    return status;
}

static bool has_text(const struct permute *p) {
    for (size_t i = 0; i < p->job->merge.count; i++)
        if (p->job->merge.inputs[i].segment->counts.text_size > 0)
            return true;
    return false;
}

static lede_status permute_text(struct permute *p, const char *path) {
    struct merge_output *o = &p->output;
    struct text_writer *text = NULL;
    struct bodies bodies = {.readers = NULL, .unpacked = {.fd = -1}};
    bool is_there = has_text(p);
    lede_status status = text_writer_new(&text, &o->scratch, o->err);
    if (status == LEDE_OK && is_there)
        status = p->keeps_order ? bodies_read_in_order(&bodies, p) : bodies_unpack(&bodies, p, path);
    segment_writer_begin(o->out, SECTION_TEXT);
    if (status == LEDE_OK && is_there)
        status = copy_bodies(p, &bodies, text);
    if (status == LEDE_OK && !text_writer_finish(text, o->out, &o->counts.text_size))
        status = merge_output_failure(o);
    text_writer_free(text);
    bodies_release(&bodies, p);
    return status;
}

/* ----------------------------------------------------------------------------------- postings -- */

static bool reserve_postings(struct permute *p, size_t n) {
    if (n <= p->room)
        return true;
    free(p->keys);
    free(p->scratch);
    free(p->freqs);
    free(p->starts);
    free(p->lengths);
    p->keys = malloc(n * sizeof *p->keys);
    p->scratch = malloc(n * sizeof *p->scratch);
    p->freqs = malloc(n * sizeof *p->freqs);
    p->starts = malloc(n * sizeof *p->starts);
    p->lengths = malloc(n * sizeof *p->lengths);
    p->room = p->keys && p->scratch && p->freqs && p->starts && p->lengths ? n : 0;
    return p->room > 0;
}

/* A part of the new numbers. */
struct slice {
    uint32_t first, end;
};

static lede_status end_cursor(const struct permute *p, size_t input, const struct term_info *info,
                              struct postings *cursor) {
    lede_status status = cursor->status;
    postings_release(cursor);
    if (status == LEDE_CORRUPT)
        return segment_corrupt(p->job->merge.inputs[input].segment, SECTION_POSTINGS, info->postings, "bad postings",
                               p->output.err);
    return status == LEDE_OK ? LEDE_OK : error_nomem(p->output.err);
}

/* The block that c stands on. */
static void touch_block(struct permute *p, const struct term_info *info, const struct postings *c) {
    uint64_t size = info->postings_size + info->positions_size;
    footprint_touch(&p->output.footprint, size * c->block_len / info->doc_freq);
}

/* Those of the run that c stands on that fall in the slice. Moves behind it. */
static void take_run(struct permute *p, const uint32_t *renumber, struct slice slice, struct postings *c) {
    const uint32_t *docs, *freqs, *positions = postings_run_positions(c), *lengths = postings_run_lengths(c);
    uint32_t n = positions ? postings_run(c, &docs, &freqs) : 0;
    if (n > 0)
        footprint_touch_lengths(&p->output.footprint, docs[0], docs[n - 1], n);
    for (uint32_t i = 0; i < n && p->count < p->room; positions += freqs[i++]) {
        uint32_t to = renumber[docs[i]];
        if (to < slice.first || to >= slice.end)
            continue;
        p->keys[p->count] = (uint64_t)to << 32 | p->count;
        p->freqs[p->count] = freqs[i];
        p->lengths[p->count] = lengths[i];
        p->starts[p->count] = (uint32_t)(p->positions.len / sizeof *positions);
        p->count++;
        buffer_append(&p->positions, positions, freqs[i] * sizeof *positions);
    }
    postings_skip(c, n);
}

static lede_status take_postings(struct permute *p, size_t input, const struct term_info *info, struct slice slice) {
    const uint32_t *renumber = p->renumber[input];
    struct postings c;
    postings_init(&c, p->job->merge.inputs[input].segment, info);
    while (c.doc != DOC_END && p->count < p->room) {
        touch_block(p, info, &c);
        take_run(p, renumber, slice, &c);
    }
    return end_cursor(p, input, info, &c);
}

/* Sorts the postings in hand, and hands them on. */
static lede_status put_postings(struct permute *p) {
    const uint32_t *positions = (const void *)p->positions.data;
    if (p->positions.failed || p->positions.len / sizeof *positions > UINT32_MAX)
        return error_nomem(p->output.err);
    radix_sort(p->keys, p->scratch, p->count, 32, 32 + bit_width(p->output.counts.passages));
    for (size_t i = 0; i < p->count; i++) {
        uint32_t at = (uint32_t)p->keys[i];
        postings_writer_add(&p->output.postings, (uint32_t)(p->keys[i] >> 32), p->lengths[at],
                            positions + p->starts[at], p->freqs[at]);
    }
    return LEDE_OK;
}

static lede_status permute_slice(struct permute *p, const struct key_walk *walk, struct slice slice, uint64_t count) {
    p->count = 0;
    buffer_clear(&p->positions);
    if (!reserve_postings(p, count))
        return error_nomem(p->output.err);
    lede_status status = merge_output_step(&p->output);
    for (size_t i = 0; status == LEDE_OK && i < walk->count; i++)
        if (key_walk_info(walk, i))
            status = take_postings(p, i, key_walk_info(walk, i), slice);
    return status == LEDE_OK ? put_postings(p) : status;
}

/* Postings, and bytes of them in hand, by parts of the new numbers. */
struct census {
    uint32_t width; /* new numbers in a part */
    uint64_t postings[PARTS], bytes[PARTS];
};

static lede_status count_postings(struct permute *p, const struct key_walk *walk, struct census *census) {
    lede_status status = LEDE_OK;
    *census = (struct census){.width = p->output.counts.passages / PARTS + 1};
    for (size_t i = 0; status == LEDE_OK && i < walk->count; i++) {
        const struct term_info *info = key_walk_info(walk, i);
        struct postings c;
        if (!info)
            continue;
        postings_init(&c, p->job->merge.inputs[i].segment, info);
        for (uint32_t d = c.doc; d != DOC_END; d = postings_next(&c)) {
            if (c.at == 0)
                touch_block(p, info, &c);
            uint32_t to = p->renumber[i][d];
            if (to == (uint32_t)NOWHERE)
                continue;
            census->postings[to / census->width]++;
            census->bytes[to / census->width] += POSTING + (uint64_t)POSITION * c.freq;
        }
        status = end_cursor(p, i, info, &c);
    }
    return status;
}

/* A term that is too long to be in hand at once. */
static lede_status permute_long_term(struct permute *p, const struct key_walk *walk) {
    struct census *census = malloc(sizeof *census);
    lede_status status = census ? count_postings(p, walk, census) : error_nomem(p->output.err);
    for (uint32_t part = 0; status == LEDE_OK && part < PARTS;) {
        struct slice slice = {part * census->width, 0};
        uint64_t postings = 0, bytes = 0;
        do {
            postings += census->postings[part];
            bytes += census->bytes[part++];
        } while (part < PARTS && bytes + census->bytes[part] <= p->slice);
        slice.end = part * census->width;
        if (postings > 0)
            status = permute_slice(p, walk, slice, postings);
    }
    free(census);
    return status;
}

static lede_status permute_postings(struct permute *p, const struct key_walk *walk) {
    uint64_t postings = key_walk_doc_freq(walk), positions = 0;
    for (size_t i = 0; i < walk->count; i++)
        positions += key_walk_info(walk, i) ? key_walk_info(walk, i)->total_freq : 0;
    return postings * POSTING + positions * POSITION > p->slice
               ? permute_long_term(p, walk)
               : permute_slice(p, walk, (struct slice){0, p->output.counts.passages}, postings);
}

static lede_status permute_term(struct permute *p, const struct key_walk *walk) {
    postings_writer_expect(&p->output.postings, key_walk_doc_freq(walk));
    lede_status status =
        p->keeps_order ? interleave_postings(&p->interleaver, walk, p->renumber) : permute_postings(p, walk);
    for (size_t i = 0; i < walk->count; i++) {
        const struct term_info *info = key_walk_info(walk, i);
        merge_output_done(&p->output, info ? info->postings_size + info->positions_size : 0);
    }
    return status == LEDE_OK ? merge_output_term(&p->output, walk->key, walk->key_len) : status;
}

static lede_status permute_terms(struct permute *p) {
    struct key_walk walk;
    struct merge_output *o = &p->output;
    merge_output_begin_terms(o);
    lede_status status = key_walk_open(&walk, p->job->merge.inputs, p->job->merge.count, DICTIONARY_TERMS, o->err);
    if (status == LEDE_OK && p->keeps_order && !interleaver_init(&p->interleaver, o, walk.count))
        status = error_nomem(o->err);
    while (status == LEDE_OK && !walk.end) {
        status = permute_term(p, &walk);
        footprint_touch(&o->footprint, MERGE_ENTRY_BYTES * walk.count);
        if (status == LEDE_OK)
            status = key_walk_next(&walk, o->err);
    }
    key_walk_close(&walk);
    return merge_output_end_terms(o, status);
}

/* ------------------------------------------------------------------------------------ permute -- */

/* Live bytes of a section of an input. */
static uint64_t live_size(const struct permute *p, size_t input, enum section_kind kind) {
    const struct segment *s = p->job->merge.inputs[input].segment;
    uint32_t passages = s->counts.passages, live = 0;
    for (uint32_t d = 0; d < passages; d++)
        live += p->renumber[input][d] != (uint32_t)NOWHERE;
    return (uint64_t)((double)segment_section(s, kind)->size * live / passages);
}

/* LEDE_NOT_FOUND if the sections written so far, the last of which is `kind`, have grown by more than the gain. */
static lede_status weigh(struct permute *p, enum section_kind kind) {
    uint64_t before = 0;
    for (size_t i = 0; i < p->job->merge.count; i++) {
        uint64_t size = live_size(p, i, kind);
        before += size;
        merge_output_done(&p->output, size);
    }
    uint64_t after = segment_writer_size(p->output.out, kind);
    p->growth += (int64_t)after - (int64_t)before;
    return p->job->gain && p->growth > (int64_t)*p->job->gain ? LEDE_NOT_FOUND : LEDE_OK;
}

static lede_status permute_all(struct permute *p, const char *path) {
    lede_status status = init_tables(p);
    if (status == LEDE_OK)
        status = permute_articles(p);
    if (status == LEDE_OK)
        status = weigh(p, SECTION_ARTICLES);
    if (status == LEDE_OK)
        status = permute_text(p, path);
    if (status == LEDE_OK)
        status = weigh(p, SECTION_TEXT);
    if (status == LEDE_OK)
        status = permute_terms(p);
    return status == LEDE_OK ? merge_output_words(&p->output) : status;
}

static void release(struct permute *p) {
    for (size_t i = 0; p->renumber && i < p->job->merge.count; i++)
        free(p->renumber[i]);
    free(p->renumber);
    free(p->bases);
    free(p->cursors);
    interleaver_release(&p->interleaver);
    free(p->keys);
    free(p->scratch);
    free(p->freqs);
    free(p->starts);
    free(p->lengths);
    buffer_release(&p->positions);
}

lede_status permute_segments(const struct permute_job *job, const char *path, struct segment_info *info,
                             lede_error *err) {
    struct permute p = {.job = job, .slice = job->merge.memory / 4};
    lede_status status = merge_output_open(&p.output, &job->merge, path, err);
    if (status != LEDE_OK)
        return status;
    status = permute_all(&p, path);
    release(&p);
    p.output.counts.settled = job->merge.settled;
    return merge_output_close(&p.output, status, info);
}
