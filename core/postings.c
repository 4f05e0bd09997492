#include "postings.h"

#include <stdlib.h>

#include "codec.h"
#include "error.h"
#include "postings_writer.h"
#include "segment_map.h"

/* ------------------------------------------------------------------------------------- reader -- */

static uint32_t end_with(struct postings *p, lede_status status) {
    if (p->status == LEDE_OK)
        p->status = status;
    p->block_len = 0;
    return p->doc = DOC_END;
}

/* Where block b lies, as its entry of the skip table says: entry b of the last documents, then of the ends. */
static uint32_t last_doc(const struct postings *p, uint32_t b) {
    return load_u32(p->skip + 4 * (size_t)b);
}

static uint32_t block_start(const struct postings *p, uint32_t b) {
    return b ? load_u32(p->skip + 4 * (size_t)p->block_count + 8 * (size_t)(b - 1)) : 0;
}

static uint32_t position_start(const struct postings *p, uint32_t b) {
    return b ? load_u32(p->skip + 4 * (size_t)p->block_count + 8 * (size_t)(b - 1) + 4) : 0;
}

/* Turns gaps into documents; false if they leave the segment. Gaps are less by one than they are, so documents rise. */
static bool sum_docs(struct postings *p, uint64_t previous_end) {
    uint64_t doc = previous_end;
    for (uint32_t i = 0; i < p->block_len; i++) {
        doc += p->docs[i];
        p->docs[i] = (uint32_t)doc;
        doc++;
    }
    return doc <= p->segment->counts.passages;
}

static bool load_packed(struct postings *p, const uint8_t *in) {
    if (p->blocks_end - in < 2 || in[0] > 32 || in[1] > 32)
        return false;
    unsigned doc_width = in[0], freq_width = in[1];
    if ((size_t)(p->blocks_end - in) - 2 < packed_size(doc_width) + packed_size(freq_width))
        return false;
    unpack_block(p->docs, in + 2, doc_width);
    unpack_block(p->freqs, in + 2 + packed_size(doc_width), freq_width);
    for (unsigned i = 0; i < BLOCK_DOCS; i++)
        p->freqs[i]++;
    return true;
}

static bool load_tail(struct postings *p, const uint8_t *in) {
    for (uint32_t i = 0; i < p->block_len; i++) {
        uint64_t gap;
        if (!varint_get(&in, p->blocks_end, &gap) || gap >> 1 > UINT32_MAX)
            return false;
        p->docs[i] = (uint32_t)(gap >> 1);
        p->freqs[i] = 1;
        if (!(gap & 1) && (!varint_get_u32(&in, p->blocks_end, &p->freqs[i]) || p->freqs[i] == 0))
            return false;
    }
    return in == p->blocks_end;
}

/* Decodes block b, number block_count being the tail, and stands on its first document. */
static uint32_t load_block(struct postings *p, uint32_t b) {
    uint32_t tail = p->doc_freq % BLOCK_DOCS;
    bool packed = b < p->block_count;
    p->block = b;
    p->sums_ready = false;
    p->block_len = packed ? BLOCK_DOCS : tail;
    if (b > p->block_count || p->block_len == 0)
        return end_with(p, LEDE_OK);
    size_t size = (size_t)(p->blocks_end - p->blocks), start = block_start(p, b);
    uint64_t previous_end = b ? (uint64_t)last_doc(p, b - 1) + 1 : 0;
    if (start > size || !(packed ? load_packed(p, p->blocks + start) : load_tail(p, p->blocks + start)) ||
        !sum_docs(p, previous_end) || (packed && p->docs[BLOCK_DOCS - 1] != last_doc(p, b)))
        return end_with(p, LEDE_CORRUPT);
    p->at = 0;
    p->freq = p->freqs[0];
    return p->doc = p->docs[0];
}

void postings_init(struct postings *p, const struct segment *segment, const struct term_info *info) {
    const uint8_t *data = segment_section(segment, SECTION_POSTINGS)->data + info->postings;
    p->segment = segment;
    p->doc_freq = info->doc_freq;
    p->status = LEDE_OK;
    p->block_count = info->doc_freq / BLOCK_DOCS;
    p->skip = data;
    p->blocks_end = data + info->postings_size;
    p->positions = p->blocks_end;
    p->positions_end = p->positions + info->positions_size;
    p->position_buffer = NULL;
    p->position_room = 0;
    p->freq = 0;
    uint64_t skip_size = 12 * (uint64_t)p->block_count;
    size_t maxima = maxima_size(segment->counts.passages, info->doc_freq);
    if (skip_size + maxima > info->postings_size) {
        p->blocks = p->blocks_end;
        p->best = 0;
        end_with(p, LEDE_CORRUPT);
        return;
    }
    p->blocks = data + skip_size + maxima;
    p->shift = maxima_shift(segment->counts.passages, info->doc_freq);
    p->levels = p->shift ? data + skip_size + 4 : NULL;
    p->best = 1;
    if (p->shift)
        memcpy(&p->best, data + skip_size, sizeof p->best);
    load_block(p, 0);
}

void postings_release(struct postings *p) {
    free(p->position_buffer);
    p->position_buffer = NULL;
    p->position_room = 0;
}

uint32_t postings_skip(struct postings *p, uint32_t n) {
    if (p->doc == DOC_END)
        return DOC_END;
    p->at += n;
    if (p->at < p->block_len) {
        p->freq = p->freqs[p->at];
        return p->doc = p->docs[p->at];
    }
    return load_block(p, p->block + 1);
}

uint32_t postings_next(struct postings *p) {
    return postings_skip(p, 1);
}

/* The first block from p->block on that ends at or behind target; block_count, the tail, if none does. */
static uint32_t find_block(const struct postings *p, uint32_t target) {
    /* All blocks before `low` end before the target. */
    uint32_t low = p->block, step = 1;
    while (step <= p->block_count - low && last_doc(p, low + step - 1) < target) {
        low += step;
        step *= 2;
    }
    uint32_t high = step < p->block_count - low ? low + step : p->block_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (last_doc(p, middle) < target)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

uint32_t postings_seek(struct postings *p, uint32_t target) {
    if (p->doc >= target)
        return p->doc;
    if (p->docs[p->block_len - 1] < target) {
        uint32_t b = p->block < p->block_count ? find_block(p, target) : p->block + 1;
        if (load_block(p, b) == DOC_END)
            return DOC_END;
    }
    /* The first document not below the target: often close by, so in doubling steps first; then a branch-light binary
     * search. */
    uint32_t low = p->at, n = 4;
    while (low + n < p->block_len && p->docs[low + n - 1] < target) {
        low += n;
        n *= 2;
    }
    n = n < p->block_len - low ? n : p->block_len - low;
    while (n > 1) {
        uint32_t half = n / 2;
        low += p->docs[low + half - 1] < target ? half : 0;
        n -= half;
    }
    if (p->docs[low] < target)
        return end_with(p, LEDE_OK); /* only in the tail: nothing follows it */
    p->at = low;
    p->freq = p->freqs[low];
    return p->doc = p->docs[low];
}

/* ---------------------------------------------------------------------------------- positions -- */

static void sum_freqs(struct postings *p) {
    uint64_t sum = 0;
    for (uint32_t i = 0; i <= p->block_len; i++) {
        p->freq_sums[i] = (uint32_t)(sum < UINT32_MAX ? sum : UINT32_MAX);
        sum += i < p->block_len ? p->freqs[i] : 0;
    }
    p->sums_ready = true;
}

static bool grow_positions(struct postings *p) {
    if (p->freq <= p->position_room)
        return true;
    uint32_t *room = realloc(p->position_buffer, p->freq * sizeof *room);
    if (!room)
        return false;
    p->position_buffer = room;
    p->position_room = p->freq;
    return true;
}

static bool read_packed_positions(struct postings *p) {
    uint32_t start = position_start(p, p->block), count = p->freq_sums[p->block_len];
    size_t size = (size_t)(p->positions_end - p->positions);
    if (start >= size || p->positions[start] > 32 || count == UINT32_MAX)
        return false;
    unsigned width = p->positions[start];
    if (run_size(count, width) > size - start - 1)
        return false;
    const uint8_t *run = p->positions + start + 1;
    uint32_t first = p->freq_sums[p->at], position = 0;
    for (uint32_t i = 0; i < p->freq; i++)
        p->position_buffer[i] = position += run_get(run, first + i, width);
    return true;
}

static bool read_tail_positions(struct postings *p) {
    uint32_t start = position_start(p, p->block);
    if (start > (size_t)(p->positions_end - p->positions))
        return false;
    const uint8_t *in = p->positions + start;
    uint32_t position = 0, gap = 0;
    for (uint32_t i = p->freq_sums[p->at]; i > 0; i--)
        if (!varint_get_u32(&in, p->positions_end, &gap))
            return false;
    for (uint32_t i = 0; i < p->freq; i++) {
        if (!varint_get_u32(&in, p->positions_end, &gap))
            return false;
        p->position_buffer[i] = position += gap;
    }
    return true;
}

const uint32_t *postings_positions(struct postings *p) {
    if (p->doc == DOC_END)
        return NULL;
    if (!p->sums_ready)
        sum_freqs(p);
    bool packed = p->block < p->block_count;
    if (p->freq > segment_length(p->segment, p->doc)) {
        end_with(p, LEDE_CORRUPT);
        return NULL;
    }
    if (!grow_positions(p)) {
        end_with(p, LEDE_NOMEM);
        return NULL;
    }
    if (!(packed ? read_packed_positions(p) : read_tail_positions(p))) {
        end_with(p, LEDE_CORRUPT);
        return NULL;
    }
    return p->position_buffer;
}

/* ------------------------------------------------------------------------------------- writer -- */

void postings_writer_init(struct postings_writer *w, const uint32_t *lengths, uint32_t passages,
                          uint64_t total_length) {
    memset(w, 0, sizeof *w);
    maxima_writer_init(&w->maxima, lengths, passages, total_length);
}

void postings_writer_release(struct postings_writer *w) {
    buffer_release(&w->lasts);
    buffer_release(&w->ends);
    buffer_release(&w->levels);
    maxima_writer_release(&w->maxima);
    buffer_release(&w->blocks);
    buffer_release(&w->positions);
    free(w->gaps);
    w->gaps = NULL;
    w->gap_room = 0;
}

static bool reserve_gaps(struct postings_writer *w, uint32_t n) {
    if (n <= w->gap_room - w->gap_count)
        return true;
    size_t room = ((size_t)w->gap_count + n) * 3 / 2 + 1024;
    uint32_t *gaps = room <= UINT32_MAX ? realloc(w->gaps, room * sizeof *gaps) : NULL;
    if (!gaps)
        return false;
    w->gaps = gaps;
    w->gap_room = (uint32_t)room;
    return true;
}

static void end_block(struct postings_writer *w) {
    unsigned doc_width = pack_width(w->docs, BLOCK_DOCS), freq_width = pack_width(w->freqs, BLOCK_DOCS);
    size_t size = 2 + packed_size(doc_width) + packed_size(freq_width);
    uint8_t *p = buffer_reserve(&w->blocks, size);
    if (p) {
        p[0] = (uint8_t)doc_width;
        p[1] = (uint8_t)freq_width;
        pack_block(p + 2, w->docs, doc_width);
        pack_block(p + 2 + packed_size(doc_width), w->freqs, freq_width);
        w->blocks.len += size;
    }
    unsigned width = pack_width(w->gaps, w->gap_count);
    size_t run = (size_t)run_size(w->gap_count, width);
    p = buffer_reserve(&w->positions, 1 + run + 8);
    if (p) {
        p[0] = (uint8_t)width;
        pack_run(p + 1, w->gaps, w->gap_count, width);
        w->positions.len += 1 + run;
    }
    buffer_append_u32(&w->lasts, w->next_doc - 1);
    buffer_append_u32(&w->ends, (uint32_t)w->blocks.len);
    buffer_append_u32(&w->ends, (uint32_t)w->positions.len);
    w->failed |= w->blocks.len > UINT32_MAX || w->positions.len > UINT32_MAX;
    w->count = 0;
    w->gap_count = 0;
}

void postings_writer_add(struct postings_writer *w, uint32_t doc, const uint32_t *positions, uint32_t freq) {
    if (!reserve_gaps(w, freq)) {
        w->failed = true;
        return;
    }
    uint32_t previous = 0;
    for (uint32_t i = 0; i < freq; i++) {
        w->gaps[w->gap_count++] = positions[i] - previous;
        previous = positions[i];
    }
    maxima_writer_add(&w->maxima, doc, freq);
    w->docs[w->count] = doc - w->next_doc;
    w->freqs[w->count] = freq - 1;
    w->count++;
    w->next_doc = doc + 1;
    w->doc_freq++;
    w->total_freq += freq;
    if (w->count == BLOCK_DOCS)
        end_block(w);
}

static void end_tail(struct postings_writer *w) {
    for (uint32_t i = 0; i < w->count; i++) {
        bool once = w->freqs[i] == 0;
        buffer_append_varint(&w->blocks, (uint64_t)w->docs[i] << 1 | once);
        if (!once)
            buffer_append_varint(&w->blocks, w->freqs[i] + 1);
    }
    for (uint32_t i = 0; i < w->gap_count; i++)
        buffer_append_varint(&w->positions, w->gaps[i]);
}

bool postings_writer_finish(struct postings_writer *w, struct segment_writer *out, struct term_info *info) {
    end_tail(w);
    maxima_writer_finish(&w->maxima, w->doc_freq, &w->levels);
    bool ok = !w->failed && !w->levels.failed && !w->lasts.failed && !w->ends.failed && !w->blocks.failed &&
              !w->positions.failed;
    info->doc_freq = w->doc_freq;
    info->total_freq = w->total_freq;
    info->postings = segment_writer_offset(out);
    info->postings_size = w->lasts.len + w->ends.len + w->levels.len + w->blocks.len;
    info->positions = info->postings + info->postings_size;
    info->positions_size = w->positions.len;
    segment_writer_write(out, w->lasts.data, w->lasts.len);
    segment_writer_write(out, w->ends.data, w->ends.len);
    segment_writer_write(out, w->levels.data, w->levels.len);
    segment_writer_write(out, w->blocks.data, w->blocks.len);
    segment_writer_write(out, w->positions.data, w->positions.len);
    buffer_clear(&w->lasts);
    buffer_clear(&w->ends);
    buffer_clear(&w->levels);
    buffer_clear(&w->blocks);
    buffer_clear(&w->positions);
    w->count = w->gap_count = w->next_doc = w->doc_freq = 0;
    w->total_freq = 0;
    w->failed = false;
    return ok;
}
