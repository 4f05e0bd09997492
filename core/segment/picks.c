#include "picks.h"

#include <string.h>

#include "core/base/cpu.h"
#include "core/codecs/chunk_positions.h"
#include "segment_map.h"

/* ---------------------------------------------------------------------------------- positions -- */

/* Finds the positions of the group that a chunk is in. */
static bool find_group(const struct postings *p, uint32_t number, const uint8_t **from, const uint8_t **to) {
    uint32_t begin, end = slope_pair(&p->position_ends, number / CHUNK_GROUP, &begin);
    *from = *to = p->positions;
    if (begin > end || end > (size_t)(p->positions_end - p->positions))
        return false;
    *from += begin;
    *to += end;
    return true;
}

bool picks_find_chunk(const struct postings *p, uint32_t number, uint64_t counts, const uint8_t **from,
                      const uint8_t **to) {
    return find_group(p, number, from, to) && chunk_positions_find(from, to, counts, number % CHUNK_GROUP);
}

bool picks_find_block(const struct postings *p, uint32_t block, const uint8_t **from, const uint8_t **to) {
    size_t size = (size_t)(p->positions_end - p->positions);
    size_t begin = slope_before(&p->position_ends, block);
    size_t end = block < p->block_count ? slope_before(&p->position_ends, block + 1) : size;
    *from = *to = p->positions;
    if (begin > end || end > size)
        return false;
    *from += begin;
    *to += end;
    return true;
}

/* Few have more lines than these; how many can't be foreseen. */
FETCHING void fetch(const uint8_t *from, const uint8_t *to) {
    enum { LINE = 64, LINES = 6 };
    ptrdiff_t last = to > from ? to - from - 1 : 0;
    for (ptrdiff_t n = 0; n < LINES; n++)
        fetch_line(from + (LINE * n < last ? LINE * n : last));
}

/* How some passages, or postings, are parted by chunks, or blocks, which they rise by: those of one begin at starts[k],
 * and end before starts[k + 1], and number i is of owners[i]. */
struct parts {
    uint32_t count, starts[POSITION_MASKS + 1];
    uint8_t owners[POSITION_MASKS];
};

/* Parts n > 0 of them. Where a chunk ends can't be foreseen. */
static void part(struct parts *p, const uint32_t *numbers, uint32_t n) {
    uint32_t last = 0;
    p->starts[0] = p->owners[0] = 0;
    for (uint32_t i = 1; i < n; i++) {
        p->starts[last + 1] = i;
        last += (numbers[i] ^ numbers[i - 1]) >= CHUNK_RANGE;
        p->owners[i] = (uint8_t)last;
    }
    p->starts[last + 1] = n;
    p->count = last + 1;
}

/* Some chunks, or blocks; and their positions. */
struct picked_parts {
    uint32_t count;
    struct position_bytes bytes[CHUNK_PICKS];
    const uint8_t *from[CHUNK_PICKS], *to[CHUNK_PICKS];
};

_Static_assert(CHUNK_PICKS <= MASK_PARTS, "what is picked together is added together");

/* Adds passages of all of them: those of number k begin at starts[k], and end before starts[k + 1]. */
static bool add(const struct picked_parts *picks, struct mask_reader *masks, const uint32_t *which,
                const uint32_t *starts) {
    struct mask_part parts[CHUNK_PICKS];
    for (uint32_t k = 0; k < picks->count; k++) {
        parts[k] = (struct mask_part){&picks->bytes[k], picks->from[k], picks->to[k], starts[k + 1] - starts[k]};
        if (which[starts[k + 1] - 1] >= picks->bytes[k].count)
            return false;
    }
    return mask_reader_add_parts(masks, parts, picks->count, which + starts[0]);
}

/* ------------------------------------------------------------------------------------- chunks -- */

/* The lengths of a chunk's passages, of one or two bytes each; NULL if these take more, or are not all there. */
static const uint8_t *find_lengths(const struct segment *segment, uint32_t number, unsigned *width) {
    const uint8_t *lengths = segment_lengths(segment, width);
    uint32_t first = number * CHUNK_RANGE, passages = segment->counts.passages;
    if (*width > 2 || first >= passages || passages - first < CHUNK_RANGE)
        return NULL;
    return lengths + (size_t)*width * first;
}

/* A chunk's lengths as bytes. */
struct chunk_lengths {
    const uint8_t *pairs;             /* NULL if they are bytes as they are */
    uint64_t longs[CHUNK_RANGE / 64]; /* else a bit for each passage of 255 words or more */
    uint8_t room[CHUNK_RANGE];
};

/* Makes them bytes that can be picked. */
static inline void narrow(struct chunk_lengths *l, const struct postings *p, const uint8_t *lengths, unsigned width,
                          struct chunk_pick *chunk, struct position_bytes *out) {
    out->has_longs = width > 1;
    l->pairs = width > 1 ? lengths : NULL;
    chunk->bytes = width > 1 ? l->room : lengths;
    if (width > 1)
        chunk_table_narrow(&p->chunks, l->room, l->longs, lengths);
}

/* Puts what bytes don't tell of lengths beside those that were picked. False if they don't tell all frequencies: of
 * other passages 255 are more than there can be. */
FOR_EACH_CPU static bool take_longs(struct position_bytes *out, const struct chunk_lengths *l,
                                    const struct chunk_pick *chunk) {
    uint32_t before = 0;
    bool told = true;
    for (uint32_t w = 0; l->pairs && w < CHUNK_RANGE / 64; before += (uint32_t)__builtin_popcountll(chunk->set[w++]))
        for (uint64_t bits = l->longs[w] & chunk->set[w]; bits; bits &= bits - 1) {
            uint32_t bit = (uint32_t)__builtin_ctzll(bits);
            uint32_t i = before + (uint32_t)__builtin_popcountll(chunk->set[w] & ((UINT64_C(1) << bit) - 1));
            out->longs[i] = load_u16(l->pairs + 2 * (size_t)(64 * w + bit));
            told &= out->freqs[i] < UINT8_MAX;
        }
    return told;
}

bool picks_load_chunk(struct postings *p, uint32_t number) {
    struct chunk_lengths room;
    struct chunk_pick chunk = {.number = number, .freqs = p->bytes.freqs, .picked = p->bytes.lengths};
    unsigned width;
    const uint8_t *lengths = find_lengths(p->segment, number, &width);
    if (!lengths)
        return false;
    narrow(&room, p, lengths, width, &chunk, &p->bytes);
    if (!chunk_table_pick(&p->chunks, &chunk, 1) || !take_longs(&p->bytes, &room, &chunk))
        return false;
    p->bytes.count = chunk.count;
    p->chunk_counts = chunk.counts;
    return true;
}

/* Of a term whose positions stand by chunks. */
struct chunk_picks {
    struct picked_parts picks;
    struct chunk_pick chunks[CHUNK_PICKS];
    struct chunk_lengths lengths[CHUNK_PICKS];
    const uint8_t *all[CHUNK_PICKS]; /* as they stand in the segment */
    unsigned width;
    uint32_t first; /* number of the first one */
};

FETCHING void fetch_lengths(const uint8_t *lengths, unsigned width) {
    enum { LINE = 64 };
    for (unsigned i = 0; i < CHUNK_RANGE * width; i += LINE)
        fetch_line(lengths + i);
    fetch_line(lengths + CHUNK_RANGE * width - 1);
}

/* Takes the chunks from number `first` on, as far as lengths are told, and fetches these. */
static void take_chunks(struct chunk_picks *c, const struct postings *p, const uint32_t *docs,
                        const struct parts *parts, uint32_t first) {
    uint32_t k = 0;
    c->first = first;
    for (; k < CHUNK_PICKS && first + k < parts->count; k++) {
        struct chunk_pick *chunk = &c->chunks[k];
        chunk->number = docs[parts->starts[first + k]] / CHUNK_RANGE;
        chunk->freqs = c->picks.bytes[k].freqs;
        chunk->picked = c->picks.bytes[k].lengths;
        c->all[k] = find_lengths(p->segment, chunk->number, &c->width);
        if (!c->all[k])
            break;
        fetch_lengths(c->all[k], c->width);
    }
    c->picks.count = k;
}

/* Reads frequencies and lengths, up to a chunk of which bytes don't tell all; false if they can't be read. */
static bool read_chunks(struct chunk_picks *c, struct postings *p) {
    uint32_t k = 0;
    for (uint32_t i = 0; i < c->picks.count; i++)
        narrow(&c->lengths[i], p, c->all[i], c->width, &c->chunks[i], &c->picks.bytes[i]);
    if (!chunk_table_pick(&p->chunks, c->chunks, c->picks.count))
        return false;
    while (k < c->picks.count && (c->width == 1 || take_longs(&c->picks.bytes[k], &c->lengths[k], &c->chunks[k])))
        k++;
    c->picks.count = k;
    return true;
}

/* Finds the groups of positions, and fetches where they begin. */
static bool find_groups(struct chunk_picks *c, const struct postings *p) {
    bool good = true;
    for (uint32_t k = 0; k < c->picks.count; k++) {
        good &= find_group(p, c->chunks[k].number, &c->picks.from[k], &c->picks.to[k]);
        fetch_line(c->picks.from[k]);
    }
    return good;
}

/* Finds where the positions begin in their groups. */
static bool find_chunks(struct chunk_picks *c) {
    bool good = true;
    for (uint32_t k = 0; k < c->picks.count; k++) {
        const struct chunk_pick *chunk = &c->chunks[k];
        good &= chunk_positions_find(&c->picks.from[k], &c->picks.to[k], chunk->counts, chunk->number % CHUNK_GROUP);
        fetch(c->picks.from[k], c->picks.to[k]);
        c->picks.bytes[k].count = chunk->count;
    }
    return good;
}

/* Which postings of their chunks the passages are that are in these; false if they are none. */
FOR_EACH_CPU static bool number_all(uint32_t *which, const struct chunk_picks *c, const uint32_t *docs,
                                    const struct parts *parts) {
    uint32_t end = parts->starts[c->first + c->picks.count];
    uint64_t there = 1;
    for (uint32_t i = parts->starts[c->first]; i < end; i++) {
        const uint64_t *set = c->chunks[parts->owners[i] - c->first].set;
        uint32_t w = docs[i] / 64 % 2, bit = docs[i] % 64;
        uint64_t before = set[0] & -(uint64_t)w; /* without a branch, which would be missed every other time */
        which[i] = (uint32_t)(__builtin_popcountll(before) + __builtin_popcountll(set[w] & ((UINT64_C(1) << bit) - 1)));
        there &= set[w] >> bit;
    }
    return there;
}

/* While positions of some chunks are fetched, those of the ones before are measured. */
static uint32_t add_chunks(struct postings *p, struct mask_reader *masks, const uint32_t *docs, uint32_t n) {
    struct chunk_picks both[2], *c = &both[0], *before = &both[1];
    struct parts parts;
    uint32_t which[POSITION_MASKS], done = 0, taken = 0;
    bool good = true;
    part(&parts, docs, n);
    before->picks.count = before->first = 0;
    while (good && done < parts.count && done == taken) {
        take_chunks(c, p, docs, &parts, done);
        if (c->picks.count == 0)
            break;
        taken += c->picks.count;
        good = find_groups(c, p) && read_chunks(c, p) && find_chunks(c) && number_all(which, c, docs, &parts) &&
               add(&before->picks, masks, which, parts.starts + before->first);
        done += c->picks.count;
        before = c;
        c = c == &both[0] ? &both[1] : &both[0];
    }
    good = good && add(&before->picks, masks, which, parts.starts + before->first);
    if (!good)
        p->status = LEDE_CORRUPT;
    return good ? parts.starts[done] : 0;
}

/* ------------------------------------------------------------------------------------- blocks -- */

/* Postings in a block that is not behind the last. */
static uint32_t block_size(const struct postings *p, uint32_t block) {
    return block < p->block_count ? BLOCK_DOCS : p->doc_freq % BLOCK_DOCS;
}

/* Lengths of two bytes as bytes. */
FOR_EACH_CPU static void narrow_block(uint8_t *out, const uint16_t *lengths, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        out[i] = (uint8_t)(lengths[i] < UINT8_MAX ? lengths[i] : UINT8_MAX);
}

static void gather_lengths(struct position_bytes *out, const struct postings *p, const uint32_t *docs) {
    uint32_t passages = p->segment->counts.passages;
    unsigned width;
    const uint8_t *lengths = segment_lengths(p->segment, &width);
    out->has_longs = width > 1;
    if (!out->has_longs) {
        chunk_table_gather(&p->chunks, out->lengths, lengths, passages, docs, out->count);
        return;
    }
    chunk_table_gather_pairs(&p->chunks, out->longs, lengths, passages, docs, out->count);
    narrow_block(out->lengths, out->longs, out->count);
}

static void copy_block(struct position_bytes *out, const struct position_bytes *in) {
    out->count = in->count;
    out->has_longs = in->has_longs;
    memcpy(out->freqs, in->freqs, BLOCK_DOCS);
    memcpy(out->lengths, in->lengths, BLOCK_DOCS);
    if (in->has_longs)
        memcpy(out->longs, in->longs, sizeof in->longs);
}

/* Reads frequencies and lengths of the postings from number `rank` on, out->count of them, of which `group` or one
 * before it has the first; with their documents. */
static bool read_stretch(struct postings *p, uint32_t group, uint32_t rank, struct position_bytes *out,
                         struct chunk_stretch *run) {
    uint32_t first = slope_before(&p->chunks.ranks, group);
    while (first > rank && group > 0)
        first = slope_before(&p->chunks.ranks, --group);
    if (first > rank || !chunk_table_take_stretch(&p->chunks, group, rank - first, out->count, run))
        return false;
    if (run->most >= p->segment->counts.passages)
        return false;
    memcpy(out->freqs, run->freqs, BLOCK_DOCS);
    gather_lengths(out, p, run->docs);
    return true;
}

/* Reads frequencies and lengths of a block up to posting `last`, and those of its four: of a document of the block the
 * group is known. */
static bool read_block(struct postings *p, uint32_t group, uint32_t block, uint32_t last, struct position_bytes *out) {
    uint32_t size = block_size(p, block);
    struct chunk_stretch run;
    if (block == p->held) {
        copy_block(out, &p->bytes);
        return last < size;
    }
    out->count = (last | 3) + 1 < size ? (last | 3) + 1 : size;
    return last < size && read_stretch(p, group, block * BLOCK_DOCS, out, &run);
}

/* Whether bytes tell all frequencies of a block: of passages that are not as long 255 are more than there can be. */
FOR_EACH_CPU static bool tells_freqs(const struct position_bytes *run) {
    uint32_t unknown = 0;
    if (!run->has_longs)
        return true;
    for (uint32_t i = 0; i < run->count; i++)
        unknown |= (run->freqs[i] & run->lengths[i]) == UINT8_MAX;
    return !unknown;
}

static bool find_blocks(struct picked_parts *b, const struct postings *p, const uint32_t *ranks, const uint32_t *starts,
                        uint32_t count) {
    bool good = true;
    b->count = count < CHUNK_PICKS ? count : CHUNK_PICKS;
    for (uint32_t k = 0; k < b->count; k++) {
        good &= picks_find_block(p, ranks[starts[k]] / BLOCK_DOCS, &b->from[k], &b->to[k]);
        fetch(b->from[k], b->to[k]);
    }
    return good;
}

/* Reads one after the other, up to one of which bytes don't tell all: what is read of one has to be found in the next
 * step alone. All of the last one is read, and held, if documents that come next are likely in it, too. */
static bool read_blocks(struct picked_parts *b, struct postings *p, const uint32_t *docs, const uint32_t *ranks,
                        const uint32_t *starts, bool holds) {
    for (uint32_t k = 0; k < b->count; k++) {
        uint32_t i = starts[k], group = docs[i] >> p->chunks.shift >> CHUNK_GROUP_SHIFT;
        uint32_t block = ranks[i] / BLOCK_DOCS, last = ranks[starts[k + 1] - 1] % BLOCK_DOCS;
        bool held = holds && k == b->count - 1;
        if (!read_block(p, group, block, held ? block_size(p, block) - 1 : last, &b->bytes[k]))
            return false;
        if (held) {
            copy_block(&p->bytes, &b->bytes[k]);
            p->held = block;
        }
        if (!tells_freqs(&b->bytes[k]))
            b->count = k;
    }
    return true;
}

static uint32_t add_blocks(struct postings *p, struct mask_reader *masks, const uint32_t *docs, const uint32_t *indices,
                           uint32_t n) {
    enum { CROWDED = 8 }; /* documents are in so few blocks that the next ones may be in the last of these */
    struct picked_parts b;
    uint32_t ranks[POSITION_MASKS], which[POSITION_MASKS], done = 0, taken = 0;
    struct parts parts;
    bool good = chunk_table_ranks(&p->chunks, docs, indices, n, ranks);
    for (uint32_t i = 0; good && i < n; i++) {
        good = ranks[i] < p->doc_freq && (i == 0 || ranks[i] > ranks[i - 1]);
        which[i] = ranks[i] % BLOCK_DOCS;
    }
    part(&parts, ranks, good ? n : 1);
    while (good && done < parts.count && done == taken) {
        const uint32_t *starts = parts.starts + done;
        good = find_blocks(&b, p, ranks, starts, parts.count - done);
        taken += b.count;
        good = good && read_blocks(&b, p, docs, ranks, starts, parts.count <= CROWDED) && add(&b, masks, which, starts);
        done += b.count;
    }
    if (!good)
        p->status = LEDE_CORRUPT;
    return good ? parts.starts[done] : 0;
}

uint32_t picks_add(struct postings *p, struct mask_reader *masks, const uint32_t *docs, const uint32_t *indices,
                   uint32_t n) {
    unsigned width;
    segment_lengths(p->segment, &width);
    if (n == 0 || p->status != LEDE_OK)
        return 0;
    if (p->by_chunks)
        return add_chunks(p, masks, docs, n);
    if (!indices)
        return 0;
    return width <= 2 ? add_blocks(p, masks, docs, indices, n) : 0;
}

/* ----------------------------------------------------------------------------------- in order -- */

/* How many postings the chunks of a group have, a byte each: 255 of those that have more. */
static uint64_t counts_of_group(const struct chunk_table *t, uint32_t group) {
    uint32_t begin, end = slope_pair(&t->ends, group, &begin);
    bool has = begin < end && end <= (size_t)(t->groups_end - t->groups) && end - begin > CHUNK_GROUP;
    return has ? load_u64(t->groups + begin + 1) : 0;
}

/* Takes the chunks from number `number` on that have a posting, as far as lengths are told. Returns the number of the
 * first one that was not looked at. */
static uint32_t take_next_chunks(struct chunk_picks *c, const struct postings *p, uint32_t number) {
    uint32_t end = p->chunks.group_count * CHUNK_GROUP, k = 0;
    uint64_t counts = number < end ? counts_of_group(&p->chunks, number / CHUNK_GROUP) : 0;
    for (; number < end && k < CHUNK_PICKS; number++) {
        struct chunk_pick *chunk = &c->chunks[k];
        if (number % CHUNK_GROUP == 0)
            counts = counts_of_group(&p->chunks, number / CHUNK_GROUP);
        if ((counts >> 8 * (number % CHUNK_GROUP) & 255) == 0)
            continue;
        chunk->number = number;
        chunk->freqs = c->picks.bytes[k].freqs;
        chunk->picked = c->picks.bytes[k].lengths;
        c->all[k] = find_lengths(p->segment, number, &c->width);
        if (!c->all[k])
            break;
        k++;
    }
    c->picks.count = k;
    return number;
}

/* Postings that have more positions than a list, which are read as masks. */
struct others {
    struct mask_part parts[CHUNK_PICKS];
    uint32_t parts_count, count, which[POSITION_MASKS], postings[POSITION_MASKS];
};

/* Appends the positions of mask i to those of postings that have many, unless it does not tell them, or they are more.
 */
static inline void take_mask(struct picked_run *out, uint32_t posting, uint32_t i) {
    uint32_t freq = out->masks.freqs[i], n = 0;
    if (freq == 0 || freq > PICKED_MANY)
        return;
    for (uint32_t w = 0; w < POSITION_MASK_WORDS; w++)
        for (uint64_t bits = out->masks.words[w][i]; bits; bits &= bits - 1)
            out->many[out->more][n++] = (uint8_t)(64 * w + (uint32_t)__builtin_ctzll(bits));
    out->lists.freqs[posting] = (uint8_t)freq;
    out->more++;
}

FOR_EACH_CPU static void take_masks(struct picked_run *out, const struct others *o) {
    for (uint32_t i = 0; i < o->count; i++)
        take_mask(out, o->postings[i], i);
}

static bool read_others(struct picked_run *out, struct others *o) {
    struct mask_reader reader;
    mask_reader_init(&reader, &out->masks);
    bool good = mask_reader_add_parts(&reader, o->parts, o->parts_count, o->which) && mask_reader_finish(&reader);
    if (good)
        take_masks(out, o);
    o->parts_count = o->count = 0;
    return good;
}

/* Adds those of a part, whose postings begin at number `at`. */
static void add_others(struct others *o, const struct mask_part *part, uint32_t at) {
    uint32_t n = o->count;
    for (uint32_t i = 0; i < part->n; i++) {
        o->which[n] = i;
        o->postings[n] = at + i;
        n += part->run->freqs[i] > POSITION_LIST;
    }
    o->parts[o->parts_count] = *part;
    o->parts[o->parts_count].n = n - o->count;
    o->parts_count += n > o->count;
    o->count = n;
}

/* Reads what lists don't tell. */
static bool read_all_others(struct picked_run *out, const struct mask_part *parts) {
    struct others o = {.parts_count = 0};
    bool good = true;
    for (uint32_t k = 0, at = 0; good && k < out->parts; at += parts[k++].n) {
        if (o.count + parts[k].n >= POSITION_MASKS)
            good = read_others(out, &o);
        add_others(&o, &parts[k], at);
    }
    return good && read_others(out, &o);
}

/* Reads the positions of all. */
static bool read_all(const struct picked_parts *picks, struct picked_run *out) {
    struct mask_part parts[CHUNK_PICKS];
    for (uint32_t k = 0; k < picks->count; k++) {
        parts[k] = (struct mask_part){&picks->bytes[k], picks->from[k], picks->to[k], picks->bytes[k].count};
        out->counts[k] = picks->bytes[k].count;
        out->count += out->counts[k];
    }
    out->parts = picks->count;
    out->more = 0;
    return picks->count == 0 || (lists_read_all()[0](parts, picks->count, &out->lists) && read_all_others(out, parts));
}

static bool read_next_chunks(struct postings *p, uint32_t *number, struct picked_run *out) {
    struct chunk_picks c;
    uint32_t next = take_next_chunks(&c, p, *number), taken = c.picks.count;
    if (taken > 0 && !(read_chunks(&c, p) && find_groups(&c, p) && find_chunks(&c)))
        return false;
    *number = c.picks.count < taken ? c.chunks[c.picks.count].number : next;
    for (uint32_t k = 0; k < c.picks.count; k++)
        out->numbers[k] = c.chunks[k].number;
    return read_all(&c.picks, out);
}

static bool read_next_blocks(struct postings *p, uint32_t rank, uint32_t *group, struct picked_run *out) {
    struct picked_parts b;
    struct chunk_stretch run;
    for (b.count = 0; b.count < CHUNK_PICKS && rank < p->doc_freq; b.count++) {
        uint32_t block = rank / BLOCK_DOCS, k = b.count;
        while (*group + 1 < p->chunks.group_count && slope_before(&p->chunks.ranks, *group + 1) <= rank)
            ++*group;
        b.bytes[k].count = block_size(p, block);
        if (!picks_find_block(p, block, &b.from[k], &b.to[k]) || !read_stretch(p, *group, rank, &b.bytes[k], &run))
            return false;
        if (!tells_freqs(&b.bytes[k]))
            break;
        memcpy(out->docs + (size_t)k * BLOCK_DOCS, run.docs, sizeof *run.docs * BLOCK_DOCS);
        rank += b.bytes[k].count;
    }
    return read_all(&b, out);
}

bool picks_read_run(struct postings *p, uint32_t rank, uint32_t *number, struct picked_run *out) {
    unsigned width;
    out->count = out->parts = 0;
    segment_lengths(p->segment, &width);
    if (p->by_chunks)
        return read_next_chunks(p, number, out);
    return width > 2 || read_next_blocks(p, rank, number, out);
}
