#include "chunk_positions.h"

#include "core/base/codec.h"

enum { NUMBERS = CHUNK_GROUP - 1 };

/* Where a chunk would begin if all postings of the group had as many bytes; `before` of `count` stand before it. */
static inline uint32_t even_begin(uint32_t size, uint32_t before, uint32_t count) {
    return (uint32_t)((uint64_t)size * before / count);
}

/* ------------------------------------------------------------------------------------- writer -- */

void chunk_positions_start(struct chunk_positions_writer *w, struct spool *out, struct spool *ends) {
    w->out = out;
    w->ends = ends;
    w->number = w->count = 0;
    w->failed = false;
    buffer_clear(&w->group);
    buffer_clear(&w->places);
}

static void end_chunk(struct chunk_positions_writer *w) {
    const struct position_run run = {w->lengths, w->freqs, w->count};
    uint32_t i = w->number % CHUNK_GROUP;
    w->begins[i] = (uint32_t)w->group.len;
    w->counts[i] = w->count;
    w->failed |= w->places.failed;
    if (w->count > 0 && !w->failed)
        positions_put(&w->group, &run, (const uint32_t *)(const void *)w->places.data);
    w->count = 0;
    buffer_clear(&w->places);
}

/* The bits that hold numbers from -2^(bits - 1) on, and below 2^(bits - 1). */
static unsigned signed_width(const int32_t *numbers) {
    uint32_t all = 0, any = 0;
    for (int i = 0; i < NUMBERS; i++) {
        any |= (uint32_t)numbers[i];
        all |= (uint32_t)(numbers[i] < 0 ? ~numbers[i] : numbers[i]);
    }
    return any ? bit_width(all) + 1 : 0;
}

static void put_begins(struct buffer *out, const struct chunk_positions_writer *w) {
    uint32_t count = 0, before = 0, size = (uint32_t)w->group.len, fields[NUMBERS];
    int32_t numbers[NUMBERS];
    for (uint32_t i = 0; i < CHUNK_GROUP; i++)
        count += w->counts[i];
    for (uint32_t i = 0; i < NUMBERS; i++) {
        before += w->counts[i];
        numbers[i] = (int32_t)w->begins[i + 1] - (int32_t)even_begin(size, before, count);
    }
    unsigned width = signed_width(numbers);
    for (uint32_t i = 0; i < NUMBERS; i++)
        fields[i] = (uint32_t)numbers[i] + (width ? UINT32_C(1) << (width - 1) : 0);
    buffer_append_u8(out, (uint8_t)width);
    uint8_t *p = buffer_reserve(out, run_size(NUMBERS, width) + 8);
    if (!p)
        return;
    pack_run(p, fields, NUMBERS, width);
    out->len += run_size(NUMBERS, width);
}

static void end_group(struct chunk_positions_writer *w) {
    if (w->group.len > 0) {
        put_begins(&w->out->tail, w);
        buffer_append(&w->out->tail, w->group.data, w->group.len);
        spool_settle(w->out);
    }
    spool_append_u32(w->ends, (uint32_t)spool_size(w->out));
    w->failed |= w->group.failed;
    buffer_clear(&w->group);
}

/* Ends the chunks before `number`. */
static void end_chunks(struct chunk_positions_writer *w, uint32_t number) {
    while (w->number < number) {
        end_chunk(w);
        if (++w->number % CHUNK_GROUP == 0)
            end_group(w);
    }
}

/* The first of the run's passages from number i on that is of another chunk. */
static uint32_t end_in_chunk(const uint32_t *docs, uint32_t count, uint32_t i) {
    uint32_t last = docs[i] | (CHUNK_RANGE - 1);
    while (i < count && docs[i] <= last)
        i++;
    return i;
}

void chunk_positions_add(struct chunk_positions_writer *w, const uint32_t *docs, const struct position_run *run,
                         const uint32_t *positions) {
    for (uint32_t i = 0, end; i < run->count; i = end) {
        size_t places = 0;
        end_chunks(w, docs[i] / CHUNK_RANGE);
        end = end_in_chunk(docs, run->count, i);
        for (uint32_t k = i; k < end; k++) {
            w->lengths[w->count] = run->lengths[k];
            w->freqs[w->count++] = run->freqs[k];
            places += run->freqs[k];
        }
        buffer_append(&w->places, positions, places * sizeof *positions);
        positions += places;
    }
}

bool chunk_positions_finish(struct chunk_positions_writer *w, uint32_t passages) {
    end_chunks(w, ((passages - 1) / (CHUNK_GROUP * CHUNK_RANGE) + 1) * CHUNK_GROUP);
    return !w->failed && !spool_failed(w->ends) && !spool_failed(w->out) && spool_size(w->out) <= UINT32_MAX;
}

void chunk_positions_release(struct chunk_positions_writer *w) {
    buffer_release(&w->group);
    buffer_release(&w->places);
}

/* ------------------------------------------------------------------------------------- reader -- */

bool chunk_positions_find(const uint8_t **begin, const uint8_t **end, uint64_t counts, uint32_t i) {
    const uint8_t *group = *begin;
    uint32_t count = sum_bytes(counts, CHUNK_GROUP), before = sum_bytes(counts, i);
    uint32_t after = before + (uint32_t)(counts >> 8 * i & 255);
    if (group == *end || count == 0)
        return false;
    unsigned width = *group++;
    if (width > 32 || run_size(NUMBERS, width) > (size_t)(*end - group))
        return false;
    const uint8_t *chunks = group + run_size(NUMBERS, width);
    uint32_t size = (uint32_t)(*end - chunks), half = width ? UINT32_C(1) << (width - 1) : 0, first = 0, last = size;
    if (i > 0)
        first = even_begin(size, before, count) + run_get(group, i - 1, width) - half;
    if (i < NUMBERS)
        last = even_begin(size, after, count) + run_get(group, i, width) - half;
    *begin = chunks + first;
    *end = chunks + last;
    return first <= last && last <= size;
}
