/* chunk.h - the postings of a frequent term, in chunks: stretches of 2^shift passages, each of which can be read for
 * itself, and a part of it without the rest.
 *
 *     chunk   0        1        2              chunks are coded in groups of 8
 *          |  . .. | .      |    ...|
 *     passage 0       2^shift
 *
 * Chunks are as wide as it takes to hold some CHUNK_AIM postings in the mean; so a search that wants a few ranges of
 * 128 passages decodes little more than the postings there.
 *
 *     head   := u8 shift, slope of the ends of the groups in bytes, slope of the postings up to the ends of the groups
 *     chunks := group*
 *     group  := (nothing, if no chunk of it has a posting)
 *             | u8 flags, u8 count[8], docs[8],
 *               [flags: u8 unit, u8 size of each flagged chunk but the last, freqs of each]
 *               flag i is set if chunk i has a frequency above 1; a count of 255 says that it stands in docs
 *     docs   := bits, chunk after chunk; in all filled up to a byte
 *             count < 255: set
 *             count = 255: 32 bits count, 8 bits width, set, count * width bits: frequencies less one; its flag is 0
 *     set    := the passages' offsets in the chunk, the shorter of two ways, by the count alone
 *             bitmap:   2^shift bits
 *             highs and lows (Elias and Fano): with k = the bits of count - 1, and w = shift - k,
 *                       count + 2^k - 1 bits: a one at (offset >> w) + i for offset number i; count * w bits: the rests
 *     freqs  := of a flagged chunk: size * 2^unit bits, or up to the end, chunk after chunk; in all filled up to a byte
 *             0, 3 bits r - 1, 2 bits w, r * (index, w bits)    r frequencies above 1, less 2; index in bits of count-1
 *             1, plane, plane of the ones of that, plane of the ones of that, [5 bits w, w + 1 bits each]
 *                       a plane has a bit for each posting before it: whether its frequency is above 1, 2, 3; then
 *                       those above 3, less 4
 *
 * P. Elias, Efficient storage and retrieval by content and address of static files, 1974; R. Fano, On the number of
 * bits required to implement an associative memory, 1971. */
#ifndef LEDE_CORE_CHUNK_H
#define LEDE_CORE_CHUNK_H

#include "core/base/spool.h"
#include "slope.h"

#define CHUNK_GROUP       8
#define CHUNK_GROUP_SHIFT 3

/* Postings that a chunk has in the mean, at least: with fewer the tables grow, with more a search decodes more of what
 * it does not want. */
#define CHUNK_AIM 16

#define CHUNK_SHIFT_MIN 7
#define CHUNK_SHIFT_MAX 16

/* The shift for a term that doc_freq of `passages` have, or about so many. */
unsigned chunk_shift(uint32_t passages, uint64_t doc_freq);

/* Codes the chunks of one term after the other. */
struct chunk_writer {
    struct spool groups;       /* what is coded so far */
    struct spool ends, ranks;  /* u32 a group */
    struct buffer docs, freqs; /* u32: of the group under way */
    unsigned shift;
    uint32_t group, rank;
};

/* `scratch`, where groups go that are many, is borrowed; NULL: they stay in memory. */
void chunk_writer_init(struct chunk_writer *w, struct scratch *scratch);
/* For a term of CHUNK_SHIFT_MIN <= shift <= CHUNK_SHIFT_MAX. The writer is new, or was cleared. */
void chunk_writer_start(struct chunk_writer *w, unsigned shift);
/* Postings, which rise from call to call. */
void chunk_writer_add(struct chunk_writer *w, const uint32_t *docs, const uint32_t *freqs, uint32_t count);
/* Appends what stands before the groups, which are in w->groups then. False if memory ran out, the scratch file failed,
 * or the term outgrew the format (4 GiB). */
bool chunk_writer_finish(struct chunk_writer *w, uint32_t passages, struct spool *out);
void chunk_writer_clear(struct chunk_writer *w);
void chunk_writer_release(struct chunk_writer *w);

/* A group as it is read. */
struct chunk_group {
    const uint8_t *data, *end; /* data is NULL: no postings */
    const uint8_t *docs;
    uint64_t docs_size;               /* bits */
    uint32_t starts[CHUNK_GROUP + 1]; /* of the chunks, in docs, in bits; and where they end */
};

/* Sets of so many postings are decoded when their chunk is taken in hand. */
#define CHUNK_SMALL 64

enum chunk_kind {
    CHUNK_IS_SMALL,  /* offsets has the postings */
    CHUNK_IS_BITMAP, /* words has them, a bit a passage */
    CHUNK_IS_LARGE,  /* to be walked through */
};

/* A chunk as it is read. All of it is borrowed from the segment. */
struct chunk {
    uint32_t count;
    /* Private. */
    enum chunk_kind kind;
    bool is_bitmap, has_freqs, freqs_follow;
    bool lacks_freqs; /* it has some, which were not found yet */
    unsigned low_width, index_width, freq_width;
    uint32_t high_size; /* bits */
    const uint8_t *bits, *freq_bits;
    uint64_t high, low, freqs, freqs_end; /* bits before them */
    uint64_t words[2];
    uint16_t offsets[CHUNK_SMALL];
    /* Once they were asked for: which postings of a small one, or passages of a bitmap, have a frequency above 1, 2, 3;
     * and where those above 3 stand. */
    bool knows_planes, is_list;
    unsigned more_width;
    uint64_t more, planes[3][2];
};

/* A place among a chunk's postings. */
struct chunk_walk {
    uint32_t index;  /* of the posting, count at the end */
    uint32_t offset; /* in the chunk, UINT32_MAX at the end */
    /* Private. */
    uint64_t word;
    uint32_t at, next; /* bit of the posting in the set; bit that follows `word` */
    bool is_known;     /* all but the index */
};

struct chunk_table;
struct chunk_list;
struct chunk_masks;
struct chunk_meeting;
struct chunk_pick;
struct chunk_stretch;

/* What is compiled for several processors; see the functions of the same names below. */
struct chunk_ops {
    bool (*go)(struct chunk_table *t, uint32_t number);
    bool (*read)(struct chunk_table *t, uint32_t doc, struct chunk_list *out);
    bool (*find)(struct chunk_table *t, uint32_t doc, uint32_t *freq, uint32_t *index);
    bool (*freq_in)(struct chunk_table *t, uint32_t doc, uint32_t *freq);
    bool (*find_many)(struct chunk_table *t, uint32_t first, const uint8_t *offsets, uint32_t n,
                      struct chunk_masks *out);
    bool (*read_set)(struct chunk_table *t, uint32_t doc, uint64_t *set);
    bool (*read_masks)(struct chunk_table *t, uint32_t doc, const uint64_t *wanted, struct chunk_masks *out);
    uint32_t (*take)(struct chunk_table *t, struct chunk_walk *w, uint32_t *docs, uint32_t *freqs, uint32_t n);
    bool (*pick)(struct chunk_table *t, struct chunk_pick *picks, uint32_t n);
    bool (*take_stretch)(struct chunk_table *t, uint32_t group, uint32_t skip, uint32_t n, struct chunk_stretch *out);
    bool (*find_all)(struct chunk_table *t, const uint32_t *docs, uint32_t n, uint32_t *indices, uint32_t *freqs);
    bool (*freqs)(struct chunk_table *t, const uint32_t *docs, const uint32_t *indices, uint32_t n, uint32_t *freqs);
    bool (*mark)(struct chunk_table *t, uint32_t first, uint32_t end, uint32_t passages, uint64_t *bits);
    bool (*mark_blocks)(struct chunk_table *t, uint32_t passages, const uint64_t *wanted, uint64_t *bits);
    bool (*meet)(struct chunk_table *t, uint32_t end, struct chunk_meeting *m);
    void (*gather)(uint8_t *out, const uint8_t *bytes, uint32_t count, const uint32_t *docs, uint32_t n);
    void (*narrow)(uint8_t *out, uint64_t *longs, const uint8_t *pairs);
    void (*gather_pairs)(uint16_t *out, const uint8_t *pairs, uint32_t count, const uint32_t *docs, uint32_t n);
    void (*number)(const uint64_t *bits, unsigned shift, const uint32_t *docs, uint32_t n, uint32_t *indices);
};

/* Those that this processor can run, the fastest first and the scalar ones last; then NULL. */
const struct chunk_ops *const *chunk_ops_all(void);

/* The chunks of a term, of which it has one at a time in hand. */
struct chunk_table {
    const struct chunk_ops *ops;
    unsigned shift;
    uint32_t group_count;
    const uint8_t *groups, *groups_end; /* set by who opens it */
    uint32_t number;                    /* of `chunk`; UINT32_MAX: none */
    struct chunk chunk;
    /* Private. */
    struct slope ends, ranks;
    uint32_t group_number;
    struct chunk_group group;
};

/* Opens the table at *p, and passes over it; false if that passes `end`. */
bool chunk_table_open(struct chunk_table *t, const uint8_t **p, const uint8_t *end, uint32_t passages);

/* The chunks that there are. */
static inline uint32_t chunk_table_count(const struct chunk_table *t) {
    return t->group_count * CHUNK_GROUP;
}

/* All that reads from the table returns false if bytes can't be chunks. It may read 8 bytes beyond the groups. */

/* Takes a chunk in hand, whose number is below chunk_table_count. */
static inline bool chunk_table_go(struct chunk_table *t, uint32_t number) {
    return t->ops->go(t, number);
}

/* Postings of the term before the chunk in hand. */
uint32_t chunk_table_rank(struct chunk_table *t);

/* Takes in hand the chunk that holds posting number `rank` of the term, and tells the number of its first one; false
 * also if there is none such. */
bool chunk_table_go_to_rank(struct chunk_table *t, uint32_t rank, uint32_t *first);

/* Passages from some one on. */
#define CHUNK_RANGE 128

/* Postings as sets, with a bit for each passage, or for each of a list of them: bit i % 64 of word i / 64. */
struct chunk_masks {
    uint64_t set[CHUNK_RANGE / 64];      /* those that have the term */
    uint64_t above[3][CHUNK_RANGE / 64]; /* and with a frequency above 1, 2, 3 */
    uint32_t more[CHUNK_RANGE];          /* the frequencies above 3, in order */
};

/* The frequency of number i, of all of which the frequencies above 3 are known; 0 if it has no posting. */
static inline uint32_t chunk_masks_freq(const struct chunk_masks *m, uint32_t i) {
    uint32_t w = i / 64, bit = i % 64;
    if (!(m->above[2][w] >> bit & 1))
        return (uint32_t)((m->set[w] >> bit & 1) + (m->above[0][w] >> bit & 1) + (m->above[1][w] >> bit & 1));
    uint64_t before = m->above[2][w] & ((UINT64_C(1) << bit) - 1);
    return m->more[__builtin_popcountll(before) + (w ? __builtin_popcountll(m->above[2][0]) : 0)];
}

/* Some of these passages, with room for a vector behind them. */
#define CHUNK_SPARE 64

struct chunk_list {
    uint32_t count;
    uint8_t docs[CHUNK_RANGE + CHUNK_SPARE]; /* distances from the first passage; these rise */
    struct chunk_masks masks;                /* by number in `docs` */
};

/* Reads the postings in passages [doc, doc + CHUNK_RANGE); doc is a multiple of CHUNK_RANGE. */
static inline bool chunk_table_read(struct chunk_table *t, uint32_t doc, struct chunk_list *out) {
    return t->ops->read(t, doc, out);
}

/* Sets *freq to the frequency in a passage, 0 if it has no posting, and *index to the number of the posting in the
 * chunk, which is then in hand. */
static inline bool chunk_table_find(struct chunk_table *t, uint32_t doc, uint32_t *freq, uint32_t *index) {
    return t->ops->find(t, doc, freq, index);
}

/* Sets *freq to the frequency in a passage, 0 if it has no posting. Which chunk is in hand then is not told. */
static inline bool chunk_table_freq_in(struct chunk_table *t, uint32_t doc, uint32_t *freq) {
    return t->ops->freq_in(t, doc, freq);
}

/* Looks for n passages, which rise: indices[i] becomes the number of the posting of docs[i] in its chunk, UINT32_MAX if
 * it has none; and freqs[i], unless that is NULL, its frequency if it has one. Which chunk is in hand then is not told.
 */
static inline bool chunk_table_find_all(struct chunk_table *t, const uint32_t *docs, uint32_t n, uint32_t *indices,
                                        uint32_t *freqs) {
    return t->ops->find_all(t, docs, n, indices, freqs);
}

/* The frequencies of n postings that chunk_table_find_all found. */
static inline bool chunk_table_freqs(struct chunk_table *t, const uint32_t *docs, const uint32_t *indices, uint32_t n,
                                     uint32_t *freqs) {
    return t->ops->freqs(t, docs, indices, n, freqs);
}

/* Looks for n passages, which are offsets[i] behind `first`, a multiple of CHUNK_RANGE, and rise: bit i of the masks is
 * that of offsets[i], which may be read CHUNK_SPARE bytes beyond the last. */
static inline bool chunk_table_find_many(struct chunk_table *t, uint32_t first, const uint8_t *offsets, uint32_t n,
                                         struct chunk_masks *out) {
    return t->ops->find_many(t, first, offsets, n, out);
}

/* Reads those that have the term alone; doc as below, and the shift is CHUNK_SHIFT_MIN. */
static inline bool chunk_table_read_set(struct chunk_table *t, uint32_t doc, uint64_t *set) {
    return t->ops->read_set(t, doc, set);
}

/* Whether the passages in [doc, doc + CHUNK_RANGE) are better read as sets, which takes their chunk in hand. */
static inline bool chunk_table_is_dense(struct chunk_table *t, uint32_t doc) {
    return t->shift == CHUNK_SHIFT_MIN && chunk_table_go(t, doc >> t->shift) && t->chunk.kind == CHUNK_IS_BITMAP;
}

/* Reads them so; doc is a multiple of CHUNK_RANGE below chunk_table_count. Frequencies above 3 are read, and told, of
 * those passages alone that are wanted, a set as well. */
static inline bool chunk_table_read_masks(struct chunk_table *t, uint32_t doc, const uint64_t *wanted,
                                          struct chunk_masks *out) {
    return t->ops->read_masks(t, doc, wanted, out);
}

/* Reads up to n <= CHUNK_RANGE postings, from number w->index of the chunk in hand on, with their frequencies unless
 * `freqs` is NULL; returns how many these are. `w` goes along: set its index to start with, and leave it to this
 * afterwards. */
static inline uint32_t chunk_table_take(struct chunk_table *t, struct chunk_walk *w, uint32_t *docs, uint32_t *freqs,
                                        uint32_t n) {
    return t->ops->take(t, w, docs, freqs, n);
}

/* Chunks that are read together. */
#define CHUNK_PICKS 16

/* All postings of a chunk of a table whose shift is CHUNK_SHIFT_MIN, as bytes: with room for 64 more. */
struct chunk_pick {
    uint32_t number;
    const uint8_t *bytes; /* one for each passage of the chunk */
    /* What is told: how many there are; their frequencies, 255 for those above; of each what stands for its passage in
     * `bytes`; how many postings the chunks of the group have, a byte each; and a bit for each passage that has one. */
    uint32_t count;
    uint8_t *freqs, *picked;
    uint64_t counts;
    uint64_t set[CHUNK_RANGE / 64];
};

/* Reads n <= CHUNK_PICKS chunks that have a posting, else false. Which chunk is in hand then is not told. */
static inline bool chunk_table_pick(struct chunk_table *t, struct chunk_pick *picks, uint32_t n) {
    return t->ops->pick(t, picks, n);
}

/* The CHUNK_RANGE numbers of two bytes as bytes, 255 for those above; with a bit for each of 255 or more. */
static inline void chunk_table_narrow(const struct chunk_table *t, uint8_t *out, uint64_t *longs,
                                      const uint8_t *pairs) {
    t->ops->narrow(out, longs, pairs);
}

/* Postings one after the other, with frequencies as bytes: 255 for those above. */
struct chunk_stretch {
    uint32_t count, most; /* most: the greatest of the documents, which is the last one unless bytes are broken */
    uint32_t docs[CHUNK_RANGE + 64];
    uint8_t freqs[CHUNK_RANGE + 64];
};

/* Reads n <= CHUNK_RANGE postings, which there are, behind `skip` ones of a group and what follows it. Which chunk is
 * in hand then is not told. */
static inline bool chunk_table_take_stretch(struct chunk_table *t, uint32_t group, uint32_t skip, uint32_t n,
                                            struct chunk_stretch *out) {
    return t->ops->take_stretch(t, group, skip, n, out);
}

/* Of n documents what stands for each of these in `count` bytes: those of a stretch, with room for 64 more. */
static inline void chunk_table_gather(const struct chunk_table *t, uint8_t *out, const uint8_t *bytes, uint32_t count,
                                      const uint32_t *docs, uint32_t n) {
    t->ops->gather(out, bytes, count, docs, n);
}

/* The same of `count` numbers of two bytes. */
static inline void chunk_table_gather_pairs(const struct chunk_table *t, uint16_t *out, const uint8_t *pairs,
                                            uint32_t count, const uint32_t *docs, uint32_t n) {
    t->ops->gather_pairs(out, pairs, count, docs, n);
}

/* Of all the term's postings the numbers of n ones, by their documents and their numbers in the documents' chunks. */
bool chunk_table_ranks(struct chunk_table *t, const uint32_t *docs, const uint32_t *indices, uint32_t n,
                       uint32_t *ranks);

/* Sets the bits of all postings of the term: bit doc % 64 of bits[doc / 64], with room for `passages` rounded up to a
 * multiple of CHUNK_RANGE. No chunk is in hand then. */
bool chunk_table_mark(struct chunk_table *t, uint32_t passages, uint64_t *bits);

/* The same of postings in [first, end) alone, which becomes bits from 0 on: `first` is where a group begins, as `end`
 * is unless it is `passages`. */
bool chunk_table_mark_part(struct chunk_table *t, uint32_t first, uint32_t end, uint64_t *bits);

/* Some passages from `first` on, a bit each as above, and those of them that a term has. */
struct chunk_meeting {
    const uint64_t *bits; /* of as many as whole groups have */
    uint32_t first;
    uint32_t *docs; /* they rise; with room for CHUNK_MEETING_SPARE more than `room` */
    uint32_t count, room;
};

#define CHUNK_MEETING_SPARE 64

/* Appends those before `end` that the term has; `first` and `end` are where groups begin, but for the last one's end.
 * Where there is no room left bytes are broken, and what is found is not all. No chunk is in hand then. */
bool chunk_table_meet(struct chunk_table *t, uint32_t end, struct chunk_meeting *m);

/* Sets indices[i] to the number of the posting of docs[i] in its chunk, as chunk_table_find_all does, for n passages
 * that are marked: `bits` are those that chunk_table_mark sets, at least in their chunks. */
static inline void chunk_table_number(const struct chunk_table *t, const uint64_t *bits, const uint32_t *docs,
                                      uint32_t n, uint32_t *indices) {
    t->ops->number(bits, t->shift, docs, n, indices);
}

/* The same for blocks of CHUNK_BLOCK passages that hold a posting: bit b % 64 of bits[b / 64]. Unless `wanted` is NULL,
 * bit r % 64 of wanted[r / 64] tells whether passages from r * CHUNK_RANGE on are wanted, with a bit for each as far as
 * whole words of 64 go; others may be passed over. */
#define CHUNK_BLOCK 16
bool chunk_table_mark_blocks(struct chunk_table *t, uint32_t passages, const uint64_t *wanted, uint64_t *bits);

#endif
