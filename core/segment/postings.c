#include "postings.h"

#include <stdlib.h>

#include "core/base/codec.h"
#include "core/base/cpu.h"
#include "doc_block.h"
#include "picks.h"
#include "postings_writer.h"
#include "segment_map.h"

/* ------------------------------------------------------------------------------------- reader -- */

static uint32_t end_with(struct postings *p, lede_status status) {
    if (p->status == LEDE_OK)
        p->status = status;
    p->block_len = 0;
    return p->doc = DOC_END;
}

static uint32_t last_doc(const struct postings *p, uint32_t b) {
    return run_get(p->lasts, b, p->last_width);
}

/* The number of a varint of `size` bytes, at most four. */
static inline uint32_t short_varint(uint32_t word, uint32_t size) {
    word &= UINT32_MAX >> (32 - 8 * size);
    return (word & 0x7f) | (word >> 1 & 0x3f80) | (word >> 2 & 0x1fc000) | (word >> 3 & 0xfe00000);
}

/* One posting whose bytes are many, or the last ones. */
static bool load_long(struct postings *p, uint32_t i, const uint8_t **in) {
    uint64_t gap;
    if (!varint_get(in, p->blocks_end, &gap) || gap >> 1 > UINT32_MAX)
        return false;
    p->docs[i] = (uint32_t)(gap >> 1);
    p->freqs[i] = 1;
    return gap & 1 || (varint_get_u32(in, p->blocks_end, &p->freqs[i]) && p->freqs[i] > 0);
}

/* Turns gaps into documents from `doc` on. Gaps are less by one than they are, so documents rise. False if they leave
 * the segment. Where the next posting begins is told without a branch, unless this one's bytes are many. */
static bool load_tail(struct postings *p, const uint8_t *in, uint64_t doc) {
    for (uint32_t i = 0; i < p->block_len; i++) {
        if (in >= p->blocks_end)
            return false;
        uint64_t word = load_u64(in), ends = (~word & UINT64_C(0x8080808080808080)) | UINT64_C(1) << 63;
        uint32_t size = ((uint32_t)__builtin_ctzll(ends) + 1) / 8, often = ~(uint32_t)word & 1;
        uint32_t freq = often ? (uint32_t)(word >> size % 8 * 8) & 0xff : 1;
        if (__builtin_expect(size <= 4 && freq - 1 < 127, 1)) {
            p->docs[i] = short_varint((uint32_t)word, size) >> 1;
            p->freqs[i] = freq;
            in += size + often;
        } else if (!load_long(p, i, &in)) {
            return false;
        }
        doc += p->docs[i];
        p->docs[i] = (uint32_t)doc++;
    }
    return in == p->blocks_end && doc <= p->segment->counts.passages;
}

/* A whole block of a rare term, behind document start - 1. */
static bool get_rare_block(const struct postings *p, uint32_t b, uint64_t start, uint32_t *docs, uint32_t *freqs) {
    size_t size = (size_t)(p->blocks_end - p->blocks);
    uint32_t begin, end = slope_pair(&p->ends, b, &begin), last = last_doc(p, b);
    return begin <= end && end <= size && last < p->segment->counts.passages &&
           doc_block_get(docs, freqs, p->blocks + begin, p->blocks + end, start, last);
}

static bool decode_rare(struct postings *p, uint32_t b) {
    size_t size = (size_t)(p->blocks_end - p->blocks), begin;
    uint64_t start = b ? (uint64_t)last_doc(p, b - 1) + 1 : 0;
    if (b < p->block_count)
        return get_rare_block(p, b, start, p->docs, p->freqs);
    begin = slope_before(&p->ends, b);
    return begin <= size && load_tail(p, p->blocks + begin, start);
}

uint32_t postings_take_blocks(struct postings *p, uint32_t *docs, uint32_t *freqs) {
    uint32_t whole = p->doc_freq > 0 ? (p->doc_freq - 1) / BLOCK_DOCS : 0;
    uint64_t start = 0;
    for (uint32_t b = 0; b < whole; b++, docs += BLOCK_DOCS, freqs += BLOCK_DOCS) {
        if (!get_rare_block(p, b, start, docs, freqs)) {
            end_with(p, LEDE_CORRUPT);
            return 0;
        }
        start = (uint64_t)docs[BLOCK_DOCS - 1] + 1;
    }
    return whole * BLOCK_DOCS;
}

/* ------------------------------------------------------------------------------- from chunks -- */

/* Stands on posting number `rank` of the term, which has it. */
static bool go_to_rank(struct postings *p, uint32_t rank) {
    struct chunk_table *t = &p->chunks;
    uint32_t first;
    if (p->rank == rank)
        return chunk_table_go(t, p->walk_chunk);
    if (!chunk_table_go_to_rank(t, rank, &first))
        return false;
    p->walk_chunk = t->number;
    p->walk = (struct chunk_walk){.index = rank - first};
    p->rank = rank;
    return true;
}

/* Goes on until `need` postings of the block are decoded. */
static bool decode_frequent(struct postings *p, uint32_t need) {
    struct chunk_table *t = &p->chunks;
    uint32_t n = p->ready;
    if (!go_to_rank(p, p->block * BLOCK_DOCS + n))
        return false;
    while (n < need) {
        uint32_t count = chunk_table_take(t, &p->walk, p->docs + n, p->freqs + n, p->block_len - n);
        n += count;
        p->rank += count;
        if (count == 0) {
            p->walk = (struct chunk_walk){0};
            if (++p->walk_chunk >= chunk_table_count(t) || !chunk_table_go(t, p->walk_chunk))
                return false;
        }
    }
    for (uint32_t i = p->ready ? p->ready : 1; i < n; i++)
        if (p->docs[i] <= p->docs[i - 1])
            return false;
    if (p->docs[n - 1] >= p->segment->counts.passages)
        return false;
    p->ready = n;
    return true;
}

/* The number of the first posting at or behind target, doc_freq if there is none. */
static bool rank_of(struct postings *p, uint32_t target, uint32_t *rank) {
    uint32_t number = target >> p->chunks.shift, freq, index = 0;
    *rank = p->doc_freq;
    if (number >= chunk_table_count(&p->chunks))
        return true;
    if (!chunk_table_find(&p->chunks, target, &freq, &index))
        return false;
    *rank = chunk_table_rank(&p->chunks) + index;
    return true;
}

/* Decodes `need` postings of the block, at least, number block_count being the tail; false if they can't be. */
static bool decode_until(struct postings *p, uint32_t need) {
    if (p->ready >= need)
        return true;
    if (p->levels)
        return decode_frequent(p, need);
    if (!decode_rare(p, p->block))
        return false;
    p->ready = p->block_len;
    return true;
}

/* Low bits of a small set may be anything if bytes are corrupt. */
static bool rise(const uint32_t *docs, uint32_t n) {
    uint32_t falls = 0;
    for (uint32_t i = 1; i < n; i++)
        falls |= docs[i] <= docs[i - 1];
    return !falls;
}

/* Stands on the first document of a chunk, or of the next one that has any. */
static uint32_t load_chunk(struct postings *p, uint32_t number) {
    struct chunk_table *t = &p->chunks;
    p->picked = UINT32_MAX;
    p->positions_read = p->ready = p->measured = 0;
    for (; number < chunk_table_count(t); number++) {
        struct chunk_walk walk = {0};
        if (!chunk_table_go(t, number))
            return end_with(p, LEDE_CORRUPT);
        p->block_len = chunk_table_take(t, &walk, p->docs, p->freqs, BLOCK_DOCS);
        if (p->block_len != t->chunk.count || p->block_len > p->doc_freq - p->given)
            return end_with(p, LEDE_CORRUPT);
        if (p->block_len > 0)
            break;
    }
    if (number >= chunk_table_count(t))
        return end_with(p, LEDE_OK);
    if (!rise(p->docs, p->block_len) || p->docs[p->block_len - 1] >= p->segment->counts.passages)
        return end_with(p, LEDE_CORRUPT);
    p->block = number;
    p->chunk_counts = load_u64(t->group.data + 1);
    p->given += p->block_len;
    p->ready = p->block_len;
    p->at = 0;
    p->freq = p->freqs[0];
    return p->doc = p->docs[0];
}

/* Decodes `need` of block b, or all if it has less, and stands on its first document. */
static uint32_t load_block(struct postings *p, uint32_t b, uint32_t need) {
    if (p->by_chunks)
        return load_chunk(p, b);
    p->block = b;
    p->positions_read = p->ready = p->measured = 0;
    p->block_len = b < p->block_count ? BLOCK_DOCS : p->doc_freq % BLOCK_DOCS;
    if (b > p->block_count || p->block_len == 0)
        return end_with(p, LEDE_OK);
    if (!decode_until(p, need < p->block_len ? need : p->block_len))
        return end_with(p, LEDE_CORRUPT);
    p->at = 0;
    p->freq = p->freqs[0];
    return p->doc = p->docs[0];
}

/* Finds the parts of the bytes; false if these are too few. */
static bool find_rare_parts(struct postings *p, const uint8_t *data, size_t size) {
    uint32_t n = p->block_count;
    const uint8_t *end = data + size;
    p->last_width = bit_width(p->segment->counts.passages - 1);
    p->lasts = data;
    if (run_size(n, p->last_width) > size)
        return false;
    data += run_size(n, p->last_width);
    if (n > 0 && (!slope_open(&p->ends, &data, end, n) || !slope_open(&p->position_ends, &data, end, n)))
        return false;
    p->blocks = data;
    return true;
}

static bool find_frequent_parts(struct postings *p, const uint8_t *data, size_t size) {
    uint32_t passages = p->segment->counts.passages;
    const uint8_t *end = data + size;
    size_t maxima = maxima_size(passages, p->doc_freq);
    if (data == end)
        return false;
    p->by_chunks = *data++ != 0;
    if (!chunk_table_open(&p->chunks, &data, end, passages) || (p->by_chunks && p->chunks.shift != CHUNK_SHIFT_MIN))
        return false;
    p->block_count = p->by_chunks ? chunk_table_count(&p->chunks) : p->block_count;
    if (!slope_open(&p->position_ends, &data, end, p->by_chunks ? p->chunks.group_count : p->block_count) ||
        maxima > (size_t)(end - data))
        return false;
    memcpy(&p->best, data, sizeof p->best);
    p->parts = data + sizeof p->best;
    p->levels = data + MAXIMA_HEADER;
    p->chunks.groups = data + maxima;
    p->chunks.groups_end = end;
    p->rank = UINT32_MAX;
    return true;
}

static bool find_parts(struct postings *p, const uint8_t *data, size_t size) {
    p->shift = maxima_shift(p->segment->counts.passages, p->doc_freq);
    return p->shift ? find_frequent_parts(p, data, size) : find_rare_parts(p, data, size);
}

void postings_fetch(const struct segment *segment, const struct term_info *info) {
    enum { LINE = 64, LINES = 16 };
    const uint8_t *data = segment_section(segment, SECTION_POSTINGS)->data + info->postings;
    for (uint64_t at = 0; at < info->postings_size && at < LINES * LINE; at += LINE)
        fetch_line(data + at);
}

void postings_open(struct postings *p, const struct segment *segment, const struct term_info *info) {
    const uint8_t *data = segment_section(segment, SECTION_POSTINGS)->data + info->postings;
    p->segment = segment;
    p->doc_freq = info->doc_freq;
    p->status = LEDE_OK;
    p->levels = NULL;
    p->shift = 0;
    p->by_chunks = false;
    p->picked = p->held = UINT32_MAX;
    p->given = 0;
    p->best = 1;
    p->block_count = info->doc_freq / BLOCK_DOCS;
    p->blocks = p->blocks_end = data + info->postings_size;
    p->positions = p->blocks_end;
    p->positions_end = p->positions + info->positions_size;
    p->position_buffer = NULL;
    p->position_room = 0;
    p->freq = 0;
    p->doc = 0;
    p->block = UINT32_MAX;
    p->block_len = 0;
    if (!find_parts(p, data, info->postings_size))
        end_with(p, LEDE_CORRUPT);
}

void postings_init(struct postings *p, const struct segment *segment, const struct term_info *info) {
    postings_open(p, segment, info);
    if (p->status == LEDE_OK)
        load_block(p, 0, BLOCK_DOCS);
}

/* Posting `at` of the block, and those of its four, which its positions stand with. */
static bool decode_four(struct postings *p, uint32_t at) {
    uint32_t need = (at | 3) + 1;
    return decode_until(p, need < p->block_len ? need : p->block_len);
}

/* Stands on posting `at` of a chunk. */
static uint32_t go_in_chunk(struct postings *p, uint32_t number, uint32_t at) {
    if (number != p->block || p->doc == DOC_END) {
        p->given = 0;
        if (load_chunk(p, number) == DOC_END)
            return DOC_END;
    }
    if (number != p->block || at >= p->block_len)
        return end_with(p, LEDE_CORRUPT);
    p->at = at;
    if (p->at + 1 < p->positions_read)
        p->positions_read = 0;
    p->freq = p->freqs[at];
    return p->doc = p->docs[at];
}

uint32_t postings_go(struct postings *p, uint32_t rank) {
    uint32_t at = rank % BLOCK_DOCS, first;
    if (p->status != LEDE_OK)
        return p->doc;
    if (p->by_chunks)
        return chunk_table_go_to_rank(&p->chunks, rank, &first) ? go_in_chunk(p, p->chunks.number, rank - first)
                                                                : end_with(p, LEDE_CORRUPT);
    if (rank / BLOCK_DOCS != p->block && load_block(p, rank / BLOCK_DOCS, (at | 3) + 1) == DOC_END)
        return DOC_END;
    if (at >= p->block_len || !decode_four(p, at))
        return end_with(p, LEDE_CORRUPT);
    p->at = at;
    if (p->at + 1 < p->positions_read)
        p->positions_read = 0;
    p->freq = p->freqs[p->at];
    return p->doc = p->docs[p->at];
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
        if (!decode_until(p, p->at + 1))
            return end_with(p, LEDE_CORRUPT);
        p->freq = p->freqs[p->at];
        return p->doc = p->docs[p->at];
    }
    uint32_t last = p->docs[p->block_len - 1];
    /* If bytes are corrupt what comes next may be before it. */
    return load_block(p, p->block + 1, BLOCK_DOCS) <= last ? end_with(p, LEDE_CORRUPT) : p->doc;
}

uint32_t postings_next(struct postings *p) {
    return postings_skip(p, 1);
}

/* The first block from p->block on that ends at or behind target; block_count, the tail, if none does. */
static uint32_t find_rare_block(const struct postings *p, uint32_t target) {
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

/* The block, behind this one, that holds the first posting at or behind target; false if bytes are corrupt. */
static bool find_block(struct postings *p, uint32_t target, uint32_t *block) {
    uint32_t rank;
    if (p->by_chunks) {
        *block = target / CHUNK_RANGE > p->block ? target / CHUNK_RANGE : p->block + 1;
        return true;
    }
    if (!p->levels) {
        *block = p->block < p->block_count ? find_rare_block(p, target) : p->block + 1;
        return true;
    }
    if (!rank_of(p, target, &rank))
        return false;
    *block = rank >= p->doc_freq ? p->block_count + 1 : rank / BLOCK_DOCS;
    return *block > p->block;
}

uint32_t postings_seek(struct postings *p, uint32_t target) {
    if (p->doc >= target)
        return p->doc;
    if (!decode_until(p, p->block_len))
        return end_with(p, LEDE_CORRUPT);
    if (p->docs[p->block_len - 1] < target) {
        uint32_t b;
        if (!find_block(p, target, &b))
            return end_with(p, LEDE_CORRUPT);
        if (load_block(p, b, BLOCK_DOCS) == DOC_END)
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
    if (p->docs[low] < target) /* only in the tail, which nothing follows, or in a chunk */
        return p->by_chunks ? load_chunk(p, p->block + 1) : end_with(p, LEDE_OK);
    p->at = low;
    p->freq = p->freqs[low];
    return p->doc = p->docs[low];
}

/* ---------------------------------------------------------------------------------- positions -- */

static bool grow_positions(struct postings *p, uint64_t n) {
    if (n <= p->position_room)
        return true;
    n += n / 2;
    uint32_t *room = n <= UINT32_MAX ? realloc(p->position_buffer, n * sizeof *room) : NULL;
    if (!room)
        return false;
    p->position_buffer = room;
    p->position_room = (uint32_t)n;
    return true;
}

/* Of the documents that are decoded. */
static void load_lengths(struct postings *p) {
    unsigned width;
    const uint8_t *all = segment_lengths(p->segment, &width);
    uint32_t i = p->measured;
    if (width == 1)
        for (; i < p->ready; i++)
            p->lengths[i] = all[p->docs[i]];
    else if (width == 2)
        for (; i < p->ready; i++)
            p->lengths[i] = load_u16(all + 2 * (size_t)p->docs[i]);
    else
        for (; i < p->ready; i++)
            p->lengths[i] = load_u32(all + 4 * (size_t)p->docs[i]);
    p->measured = p->ready;
}

static bool find_positions(const struct postings *p, uint32_t block, const uint8_t **from, const uint8_t **to) {
    if (p->by_chunks)
        return picks_find_chunk(p, block, p->chunk_counts, from, to);
    return picks_find_block(p, block, from, to);
}

static bool open_positions(struct postings *p, uint32_t block) {
    const uint8_t *from, *to;
    return find_positions(p, block, &from, &to) && position_reader_init(&p->reader, from, to);
}

const uint32_t *postings_positions(struct postings *p) {
    if (p->doc == DOC_END)
        return NULL;
    if (p->positions_read == p->at + 1)
        return p->position_buffer;
    const struct position_run run = {p->lengths, p->freqs, p->block_len};
    bool ok = decode_four(p, p->at) && (p->positions_read > 0 || open_positions(p, p->block));
    if (ok)
        load_lengths(p);
    /* A broken frequency should not ask for gigabytes. */
    ok = ok && p->freq <= p->lengths[p->at];
    if (ok && !grow_positions(p, p->freq)) {
        end_with(p, LEDE_NOMEM);
        return NULL;
    }
    if (!ok || !position_read(&p->reader, &run, p->at, p->position_buffer)) {
        end_with(p, LEDE_CORRUPT);
        return NULL;
    }
    p->positions_read = p->at + 1;
    return p->position_buffer;
}

/* A posting that is picked. */
struct pick {
    uint32_t chunk, rank; /* the chunk it is in, and the number of that one's first posting, of a frequent term */
    uint32_t block, at;
};

/* Finds the block of posting number `index` of a document's chunk, or of all of a rare term; false if there is none. */
static bool find_pick(struct postings *p, struct pick *k, uint32_t doc, uint32_t index) {
    struct chunk_table *t = &p->chunks;
    if (p->by_chunks) {
        k->block = doc / CHUNK_RANGE;
        k->at = index;
        return true;
    }
    if (p->levels && doc >> t->shift != k->chunk) {
        k->chunk = doc >> t->shift;
        if (!chunk_table_go(t, k->chunk))
            return false;
        k->rank = chunk_table_rank(t);
    }
    k->block = (k->rank + index) / BLOCK_DOCS;
    k->at = (k->rank + index) % BLOCK_DOCS;
    return k->block <= p->block_count;
}

/* Postings of the block that are picked together. */
struct picks {
    uint32_t count, which[BLOCK_DOCS];
};

/* Loads what positions of a chunk need to be found, into `bytes` if these tell it: the documents themselves are not
 * asked for. The cursor stands nowhere then. */
static bool load_picked(struct postings *p, uint32_t number) {
    if (number == p->picked)
        return true;
    p->picked = UINT32_MAX;
    if (!picks_load_chunk(p, number)) {
        p->given = 0;
        load_chunk(p, number);
        load_lengths(p);
        return p->block == number;
    }
    p->block = UINT32_MAX;
    p->positions_read = p->ready = p->measured = 0;
    p->picked = number;
    p->block_len = p->bytes.count;
    return true;
}

/* Where the positions of a block stand that is to come, if that was found. */
struct found_ahead {
    uint32_t block;
    const uint8_t *from, *to;
};

static bool open_found(struct postings *p, uint32_t block, const struct found_ahead *ahead) {
    return ahead->block == block ? position_reader_init(&p->reader, ahead->from, ahead->to) : open_positions(p, block);
}

/* Makes sure that frequencies and lengths are there up to posting `at` of a block, and opens its positions. */
static bool load_for_picks(struct postings *p, uint32_t block, uint32_t at, const struct found_ahead *ahead) {
    if (p->by_chunks)
        return load_picked(p, block) && at < p->block_len && open_found(p, block, ahead);
    if (block != p->block)
        load_block(p, block, (at | 3) + 1);
    if (block != p->block || at >= p->block_len || !decode_four(p, at))
        return false;
    load_lengths(p);
    return open_found(p, block, ahead);
}

/* Fetches what tells the positions of the block that comes next, while those of `block` are found: they themselves; or
 * of a chunk of another group where that begins. */
static void fetch_positions(const struct postings *p, uint32_t block, uint32_t next, struct found_ahead *ahead) {
    uint32_t begin;
    ahead->block = UINT32_MAX;
    if (p->by_chunks && next / CHUNK_GROUP != block / CHUNK_GROUP) {
        slope_pair(&p->position_ends, next / CHUNK_GROUP, &begin);
        fetch_line(p->positions + begin);
    } else if (find_positions(p, next, &ahead->from, &ahead->to) && ahead->from < ahead->to) {
        fetch_line(ahead->from);
        fetch_line(ahead->to - 1);
        ahead->block = next;
    }
}

/* What `bytes` has, if the block stands there. */
static void widen(struct postings *p) {
    for (uint32_t i = 0; p->picked != UINT32_MAX && i < p->block_len; i++) {
        p->freqs[i] = p->bytes.freqs[i];
        p->lengths[i] = position_bytes_length(&p->bytes, i);
    }
}

/* What becomes of picks, which are those from number `from` on. False if they are broken, or memory runs out. */
typedef bool take_picks(struct postings *p, const struct picks *picks, uint32_t from, void *ctx);

static bool pick_all(struct postings *p, const uint32_t *docs, const uint32_t *indices, uint32_t n, take_picks *take,
                     void *ctx) {
    struct pick k = {.chunk = UINT32_MAX};
    struct found_ahead ahead = {.block = UINT32_MAX};
    struct picks picks;
    bool ok = p->status == LEDE_OK && (n == 0 || find_pick(p, &k, docs[0], indices[0]));
    for (uint32_t i = 0; ok && i < n; i += picks.count) {
        uint32_t block = k.block;
        for (picks.count = 0; ok && k.block == block && picks.count < BLOCK_DOCS;) {
            picks.which[picks.count++] = k.at;
            if (i + picks.count == n)
                break;
            ok = find_pick(p, &k, docs[i + picks.count], indices[i + picks.count]) &&
                 (k.block != block || k.at > picks.which[picks.count - 1]); /* they may not rise if bytes are corrupt */
        }
        ok = ok && load_for_picks(p, block, picks.which[picks.count - 1], &ahead);
        if (ok && k.block != block)
            fetch_positions(p, block, k.block, &ahead);
        ok = ok && take(p, &picks, i, ctx);
    }
    p->positions_read = 0;
    if (!ok)
        end_with(p, LEDE_CORRUPT);
    return ok;
}

/* How many positions there are of each, and of all so far. */
struct pick_lists {
    uint32_t *counts;
    uint64_t total;
};

static bool read_lists(struct postings *p, const struct picks *picks, uint32_t from, void *ctx) {
    struct pick_lists *lists = ctx;
    const struct position_run run = {p->lengths, p->freqs, p->block_len};
    uint64_t before = lists->total;
    widen(p);
    for (uint32_t i = 0; i < picks->count; i++) {
        uint32_t k = picks->which[i];
        if (p->freqs[k] > p->lengths[k]) /* a broken frequency should not ask for gigabytes */
            return false;
        lists->counts[from + i] = p->freqs[k];
        lists->total += p->freqs[k];
    }
    if (!grow_positions(p, lists->total)) {
        end_with(p, LEDE_NOMEM);
        return false;
    }
    return positions_pick(&p->reader, &run, picks->which, picks->count, p->position_buffer + before);
}

const uint32_t *postings_pick(struct postings *p, const uint32_t *docs, const uint32_t *indices, uint32_t n,
                              uint32_t *counts) {
    struct pick_lists lists = {counts, 0};
    return pick_all(p, docs, indices, n, read_lists, &lists) ? p->position_buffer : NULL;
}

static bool find_masks(struct postings *p, const struct picks *picks, uint32_t from, void *ctx) {
    const struct position_run run = {p->lengths, p->freqs, p->block_len};
    const uint8_t *bits = p->reader.bits;
    (void)from; /* the reader goes on */
    if (p->picked != UINT32_MAX) {
        const struct mask_part part = {&p->bytes, bits, bits + p->reader.end / 8, picks->count};
        return mask_reader_add_parts(ctx, &part, 1, picks->which);
    }
    return mask_reader_add(ctx, &p->reader, &run, picks->which, picks->count);
}

/* Looks for documents that a frequent term has. */
static bool find_rest(struct postings *p, const uint32_t *docs, uint32_t n, uint32_t *indices) {
    bool ok = p->status == LEDE_OK && chunk_table_find_all(&p->chunks, docs, n, indices, NULL);
    for (uint32_t i = 0; i < n; i++)
        ok = ok && indices[i] != UINT32_MAX;
    if (!ok)
        end_with(p, LEDE_CORRUPT);
    return ok;
}

bool postings_pick_masks(struct postings *p, const uint32_t *docs, const uint32_t *indices, uint32_t n,
                         struct position_masks *out) {
    struct mask_reader reader;
    mask_reader_init(&reader, out);
    uint32_t done = p->levels ? picks_add(p, &reader, docs, indices, n) : 0, found[POSITION_MASKS];
    if (!indices && done < n && !find_rest(p, docs + done, n - done, found + done))
        return false;
    indices = indices ? indices : found;
    bool ok = pick_all(p, docs + done, indices + done, n - done, find_masks, &reader);
    if (!ok || !mask_reader_finish(&reader))
        end_with(p, LEDE_CORRUPT);
    return p->status == LEDE_OK;
}

const uint32_t *postings_run_positions(struct postings *p) {
    const struct position_run run = {p->lengths, p->freqs, p->block_len};
    uint64_t total = 0, before = 0;
    if (p->doc == DOC_END)
        return NULL;
    p->positions_read = 0; /* the buffer is filled in another way */
    bool ok = decode_until(p, p->block_len) && open_positions(p, p->block);
    if (ok)
        load_lengths(p);
    for (uint32_t i = 0; ok && i < p->block_len; i++) {
        ok = p->freqs[i] <= p->lengths[i];
        before += i < p->at ? p->freqs[i] : 0;
        total += p->freqs[i];
    }
    if (ok && !grow_positions(p, total)) {
        end_with(p, LEDE_NOMEM);
        return NULL;
    }
    if (!ok || !positions_read_all(&p->reader, &run, p->position_buffer)) {
        end_with(p, LEDE_CORRUPT);
        return NULL;
    }
    return p->position_buffer + before;
}

FOR_EACH_CPU bool postings_are_good(const uint32_t *docs, uint32_t n, uint32_t least, uint32_t passages) {
    uint32_t falls = docs[0] < least;
    for (uint32_t i = 1; i < n; i++)
        falls |= docs[i] <= docs[i - 1];
    return !falls && docs[n - 1] < passages;
}

/* ------------------------------------------------------------------------------------- writer -- */

void postings_writer_init(struct postings_writer *w, uint32_t passages, uint64_t total_length,
                          struct scratch *scratch) {
    memset(w, 0, sizeof *w);
    w->passages = passages;
    w->scratch = scratch;
    spool_init(&w->ends, scratch, SPOOL_ROOM);
    spool_init(&w->position_ends, scratch, SPOOL_ROOM);
    spool_init(&w->head, scratch, SPOOL_ROOM);
    spool_init(&w->positions, scratch, SPOOL_ROOM);
    chunk_writer_init(&w->chunks, scratch);
    maxima_writer_init(&w->maxima, passages, total_length, scratch);
}

void postings_writer_release(struct postings_writer *w) {
    buffer_release(&w->lasts);
    buffer_release(&w->blocks);
    spool_release(&w->ends);
    spool_release(&w->position_ends);
    spool_release(&w->head);
    spool_release(&w->positions);
    buffer_release(&w->held);
    buffer_release(&w->held_places);
    chunk_positions_release(&w->chunk_positions);
    chunk_writer_release(&w->chunks);
    maxima_writer_release(&w->maxima);
    free(w->places);
    w->places = NULL;
    w->place_room = 0;
}

static bool reserve_places(struct postings_writer *w, uint32_t n) {
    if (n <= w->place_room - w->place_count)
        return true;
    size_t room = ((size_t)w->place_count + n) * 3 / 2 + 1024;
    uint32_t *places = room <= UINT32_MAX ? realloc(w->places, room * sizeof *places) : NULL;
    if (!places)
        return false;
    w->places = places;
    w->place_room = (uint32_t)room;
    return true;
}

/* Numbers of a block that is put aside. */
enum { HELD_BLOCK = 3 * BLOCK_DOCS };

static void add_frequent(struct postings_writer *w, const struct posting_run *run) {
    const struct position_run all = {run->lengths, run->freqs, run->count};
    chunk_writer_add(&w->chunks, run->docs, run->freqs, run->count);
    maxima_writer_add(&w->maxima, run->docs, run->freqs, run->lengths, run->count);
    if (w->by_chunks)
        chunk_positions_add(&w->chunk_positions, run->docs, &all, run->positions);
}

/* Puts postings aside until the term turns out to be frequent, or comes to its end. */
static void hold(struct postings_writer *w) {
    buffer_append(&w->held, w->docs, sizeof w->docs);
    buffer_append(&w->held, w->freqs, sizeof w->freqs);
    buffer_append(&w->held, w->lengths, sizeof w->lengths);
    if (w->by_chunks)
        buffer_append(&w->held_places, w->places, w->place_count * sizeof *w->places);
}

/* Those of the block under way. */
static struct posting_run current_run(const struct postings_writer *w) {
    return (struct posting_run){w->docs, w->lengths, w->freqs, w->places, w->count};
}

/* Goes through the blocks that were put aside. False at their end. */
static bool next_held(const struct postings_writer *w, struct posting_run *run) {
    const uint32_t *held = (const void *)w->held.data, *positions = (const void *)w->held_places.data;
    if (w->held.failed || w->held_places.failed || w->held.len == 0)
        return false;
    if (run->count > 0) {
        held = run->docs + HELD_BLOCK;
        positions = run->positions;
        for (uint32_t i = 0; w->by_chunks && i < run->count; i++)
            positions += run->freqs[i];
    }
    *run = (struct posting_run){held, held + (size_t)2 * BLOCK_DOCS, held + BLOCK_DOCS, positions, BLOCK_DOCS};
    return held < (const uint32_t *)(const void *)w->held.data + w->held.len / sizeof *held;
}

/* Goes over to chunks. */
static void start_chunks(struct postings_writer *w) {
    w->is_frequent = true;
    chunk_writer_start(&w->chunks, chunk_shift(w->passages, w->expected > w->doc_freq ? w->expected : w->doc_freq));
    chunk_positions_start(&w->chunk_positions, &w->positions, &w->position_ends);
    for (struct posting_run run = {0}; next_held(w, &run);)
        add_frequent(w, &run);
}

/* The positions of a block, or of the rest. */
static void put_positions(struct postings_writer *w, const struct posting_run *run) {
    positions_put(&w->positions.tail, &(struct position_run){run->lengths, run->freqs, run->count}, run->positions);
    spool_settle(&w->positions);
    if (run->count == BLOCK_DOCS)
        spool_append_u32(&w->position_ends, (uint32_t)spool_size(&w->positions));
    w->failed |= spool_size(&w->positions) > UINT32_MAX;
}

static void end_block(struct postings_writer *w) {
    const struct posting_run run = current_run(w);
    if (!w->by_chunks)
        put_positions(w, &run);
    if (w->is_frequent)
        add_frequent(w, &run);
    else
        hold(w);
    if (!w->is_frequent && w->doc_freq >= MAXIMA_DOCS)
        start_chunks(w);
    w->count = 0;
    w->place_count = 0;
}

void postings_writer_expect(struct postings_writer *w, uint64_t doc_freq) {
    w->expected = doc_freq;
    w->by_chunks = doc_freq >= MAXIMA_DOCS && doc_freq >= w->passages / DENSE_PART + 1 &&
                   chunk_shift(w->passages, doc_freq) == CHUNK_SHIFT_MIN;
}

void postings_writer_add(struct postings_writer *w, uint32_t doc, uint32_t length, const uint32_t *positions,
                         uint32_t freq) {
    if (!reserve_places(w, freq)) {
        w->failed = true;
        return;
    }
    for (uint32_t i = 0; i < freq; i++)
        w->places[w->place_count++] = positions[i];
    w->docs[w->count] = doc;
    w->freqs[w->count] = freq;
    w->lengths[w->count] = length;
    w->count++;
    w->doc_freq++;
    w->total_freq += freq;
    if (w->count == BLOCK_DOCS)
        end_block(w);
}

/* The first n of a run, for which there is room in the block. False if memory ran out. */
static bool take(struct postings_writer *w, const struct posting_run *run, uint32_t n, uint32_t places) {
    if (!reserve_places(w, places))
        return false;
    memcpy(w->places + w->place_count, run->positions, places * sizeof *w->places);
    memcpy(w->docs + w->count, run->docs, n * sizeof *w->docs);
    memcpy(w->freqs + w->count, run->freqs, n * sizeof *w->freqs);
    memcpy(w->lengths + w->count, run->lengths, n * sizeof *w->lengths);
    w->place_count += places;
    w->count += n;
    w->doc_freq += n;
    w->total_freq += places;
    return true;
}

void postings_writer_add_run(struct postings_writer *w, const struct posting_run *run) {
    struct posting_run rest = *run;
    while (rest.count > 0) {
        uint32_t n = rest.count < BLOCK_DOCS - w->count ? rest.count : BLOCK_DOCS - w->count, places = 0;
        for (uint32_t i = 0; i < n; i++)
            places += rest.freqs[i];
        if (!take(w, &rest, n, places)) {
            w->failed = true;
            return;
        }
        if (w->count == BLOCK_DOCS)
            end_block(w);
        rest = (struct posting_run){rest.docs + n, rest.lengths + n, rest.freqs + n, rest.positions + places,
                                    rest.count - n};
    }
}

static void put_rare_block(struct postings_writer *w, const uint32_t *docs, const uint32_t *freqs) {
    doc_block_put(&w->blocks, docs, freqs, w->block_start);
    w->block_start = docs[BLOCK_DOCS - 1] + 1;
    buffer_append_u32(&w->lasts, docs[BLOCK_DOCS - 1]);
    spool_append_u32(&w->ends, (uint32_t)w->blocks.len);
}

static void put_rare_tail(struct postings_writer *w) {
    uint32_t next = w->block_start;
    for (uint32_t i = 0; i < w->count; i++) {
        bool once = w->freqs[i] == 1;
        buffer_append_varint(&w->blocks, (uint64_t)(w->docs[i] - next) << 1 | once);
        if (!once)
            buffer_append_varint(&w->blocks, w->freqs[i]);
        next = w->docs[i] + 1;
    }
}

static void put_rare(struct postings_writer *w) {
    for (struct posting_run run = {0}; next_held(w, &run);) {
        put_rare_block(w, run.docs, run.freqs);
        if (w->by_chunks)
            put_positions(w, &run);
    }
    put_rare_tail(w);
    if (w->lasts.len > 0 && !w->lasts.failed) {
        numbers_put(&w->head.tail, &w->lasts, bit_width(w->passages - 1));
        slope_put(&w->head, &w->ends);
        slope_put(&w->head, &w->position_ends);
    }
}

static void put_frequent(struct postings_writer *w) {
    const struct posting_run run = current_run(w);
    add_frequent(w, &run);
    buffer_append_u8(&w->head.tail, w->by_chunks);
    if (w->by_chunks && !chunk_positions_finish(&w->chunk_positions, w->passages)) {
        w->failed = true;
        return;
    }
    if (!chunk_writer_finish(&w->chunks, w->passages, &w->head)) {
        w->failed = true;
        return;
    }
    slope_put(&w->head, &w->position_ends);
    maxima_writer_finish(&w->maxima, w->doc_freq, &w->head);
}

static void put_term(struct postings_writer *w) {
    const struct posting_run run = current_run(w);
    if (w->is_frequent)
        put_frequent(w);
    else
        put_rare(w);
    if (w->count > 0 && !(w->is_frequent && w->by_chunks))
        put_positions(w, &run);
}

static void clear(struct postings_writer *w) {
    buffer_clear(&w->lasts);
    buffer_clear(&w->blocks);
    spool_clear(&w->ends);
    spool_clear(&w->position_ends);
    spool_clear(&w->head);
    spool_clear(&w->positions);
    buffer_clear(&w->held);
    buffer_clear(&w->held_places);
    chunk_writer_clear(&w->chunks);
    if (w->scratch)
        w->scratch->end = 0;
    w->count = w->place_count = w->block_start = w->doc_freq = 0;
    w->expected = w->total_freq = 0;
    w->is_frequent = w->by_chunks = w->failed = false;
}

bool postings_writer_finish(struct postings_writer *w, struct segment_writer *out, struct term_info *info) {
    put_term(w);
    uint64_t blocks = w->is_frequent ? spool_size(&w->chunks.groups) : w->blocks.len;
    bool ok = !w->failed && !w->lasts.failed && !w->blocks.failed && !w->held.failed && !w->held_places.failed &&
              !spool_failed(&w->ends) && !spool_failed(&w->position_ends);
    info->doc_freq = w->doc_freq;
    info->total_freq = w->total_freq;
    info->postings = segment_writer_offset(out);
    info->postings_size = spool_size(&w->head) + blocks;
    info->positions = info->postings + info->postings_size;
    info->positions_size = spool_size(&w->positions);
    ok = segment_writer_spool(out, &w->head) && ok;
    if (w->is_frequent)
        ok = segment_writer_spool(out, &w->chunks.groups) && ok;
    else
        segment_writer_write(out, w->blocks.data, w->blocks.len);
    ok = segment_writer_spool(out, &w->positions) && ok;
    clear(w);
    return ok;
}
