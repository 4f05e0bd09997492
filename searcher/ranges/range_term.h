/* range_term.h - a word of a query, read range by range.
 *
 * Ranges are the RANGE_DOCS documents of core/codecs/maxima.h. A rare word is decoded whole at the start; of a frequent
 * one, the maxima tell which ranges are worth decoding, and the chunks let it decode these alone.
 *
 * What a word gives to a document is bounded in units, small numbers of which all words of the query can be summed up
 * in sixteen bits; documents whose sum of units reaches the threshold's are scored exactly. A word's units are never
 * less than its score times the scale, so no document is lost. */
#ifndef LEDE_SEARCHER_RANGE_TERM_H
#define LEDE_SEARCHER_RANGE_TERM_H

#include "core/base/arena.h"
#include "core/codecs/maxima.h"
#include "core/segment/segment.h"
#include "hot_units.h"
#include "range_docs.h"
#include "range_levels.h"
#include "searcher/plan/plan.h"

/* What scores in a segment depend on, besides the word. */
struct range_scorer {
    const struct segment *segment;
    const struct bm25 *bm25;
    const uint8_t *lengths; /* as they are stored */
    unsigned length_width, length_shift;
    uint32_t stored;        /* ranges from the first on of which lengths are stored as their classes */
    double stretch, shrink; /* of the segment's maxima, see maxima_stretch */
    double scale;           /* units of a score; 0 before range_terms_scale */
    /* Known once there is a scale: */
    float base, slope; /* of the norm, by a length's class: of the shortest length in it */
    float norms[256];  /* the same */
    float once[256];   /* 1 / (1 + norm) */
    impact_table impacts;
    add_units *add;
    const struct range_docs_ops *docs_ops;
};

/* Whether the maxima of all segments say something about scores with the plan's parameters. */
bool range_maxima_help(const struct plan *plan);

/* range_maxima_help has to hold. */
void range_scorer_init(struct range_scorer *s, const struct segment *segment, const struct bm25 *bm25);

struct range_term {
    const struct range_scorer *scorer;
    const struct term_info *info; /* borrowed */
    double weight;
    double max_score;   /* no document's score is above */
    uint32_t max_units; /* nor are its units */
    struct word_units word;
    struct word_gift gift;
    uint32_t doc_freq;
    lede_status status; /* sticky */
    /* A rare word: */
    uint32_t *docs; /* doc_freq of them, then JOIN_ROOM times DOC_END; NULL for a frequent one */
    uint32_t *freqs;
    uint16_t *doc_units;
    bool knows_units; /* doc_units are filled in, see range_terms_scale */
    uint32_t at;
    uint16_t *starts; /* of each range that has the word, the number of its first document; known with the blocks */
    /* Of each range, which of its blocks of CHUNK_BLOCK documents have the word, a bit each; NULL: not
     * known, see range_terms_find_blocks. */
    uint8_t *blocks;
    /* A frequent one: */
    const struct hot_term *hot;           /* the same, laid out in memory; NULL: it is not, or nobody asked */
    level_table level_units, level_least; /* what a level's ranges give at most, and their best document at least */
    struct postings postings;
    uint16_t units[256];                   /* of a document that has it once, by the class of its length */
    const struct hot_set *set;             /* which passages have it; NULL as `hot` */
    const struct hot_positions *positions; /* where these have it; NULL as `hot` */
    const struct hot_set *numbers;         /* with which they are read: the same as `set`, if that is there */
    uint32_t reads;                        /* passages whose positions were read without these */
};

/* LEDE_NOMEM, LEDE_CORRUPT. A rare word is decoded into `arena`. Release it even if this fails. */
LEDE_NODISCARD lede_status range_term_init(struct range_term *t, struct arena *arena, const struct range_scorer *scorer,
                                           const struct term_info *info, double weight);
void range_term_release(struct range_term *t);

/* Holds the word as it is kept in memory, if it is, until it is released: for a search that asks range_bounds what it
 * can give, and reads it block by block. */
void range_term_hold(struct range_term *t);

/* Holds it no longer. */
void range_term_give_back(struct range_term *t);

/* Holds the set of its passages, if it is kept in memory, until it is released: for a search that asks for the passages
 * which have several words. */
void range_term_hold_set(struct range_term *t);

/* Holds where the word stands in its passages, if that is kept in memory, until it is released: for a search that asks
 * which passages have a phrase. Else it is told how many were read. */
void range_term_hold_positions(struct range_term *t);

/* The same, if it is held; a word that was decoded is a list. */
static inline const struct hot_set *range_term_held_set(const struct range_term *t) {
    return t->docs ? NULL : t->set;
}

/* And as a bit for each passage; NULL, too, if it is sparse. */
static inline const uint64_t *range_term_set(const struct range_term *t) {
    const struct hot_set *set = range_term_held_set(t);
    return set ? set->bits : NULL;
}

/* Decodes a frequent word as well, in the ranges [first, end), which is like a rare one of these alone from then on,
 * but for its positions. LEDE_NOMEM, LEDE_CORRUPT. */
LEDE_NODISCARD lede_status range_term_decode(struct range_term *t, uint32_t first, uint32_t end, struct arena *arena);

/* The classes of the lengths of a range's documents: put into `room`; or in the segment itself, as most are. */
const uint8_t *range_classes_put(const struct range_scorer *s, uint32_t range, uint8_t *room);

static inline const uint8_t *range_classes(const struct range_scorer *s, uint32_t range, uint8_t *room) {
    return range < s->stored ? s->lengths + ((size_t)range << RANGE_SHIFT) : range_classes_put(s, range, room);
}

/* The same of a block's alone, HOT_BLOCK of them; there is room for a range's. */
const uint8_t *block_classes_put(const struct range_scorer *s, uint32_t range, unsigned block, uint8_t *room);

static inline const uint8_t *block_classes(const struct range_scorer *s, uint32_t range, unsigned block,
                                           uint8_t *room) {
    return range < s->stored ? s->lengths + ((size_t)range << RANGE_SHIFT) + block * HOT_BLOCK
                             : block_classes_put(s, range, block, room);
}

/* To be called once, when all words are there: chooses the scale, and works out the units. Those of a rare word's
 * documents are worked out at once if `all`, for a search that looks at most of them; else its bound is the same for
 * all ranges. */
void range_terms_scale(struct range_scorer *scorer, struct range_term *terms, size_t count, bool all);

/* What its greatest impact gives, rounded up. */
static inline uint16_t range_term_most(const struct range_term *t) {
    return (uint16_t)(t->max_units - 1);
}

/* The bit of a document's block, among those of its range. */
static inline uint8_t range_block_bit(uint32_t doc) {
    return (uint8_t)(1U << doc % RANGE_DOCS / CHUNK_BLOCK);
}

/* Room for the blocks of rare words, which range_bounds_add finds while it goes through their documents. LEDE_NOMEM. */
LEDE_NODISCARD lede_status range_terms_make_room(struct range_term *terms, size_t count, struct arena *arena);

/* Finds the blocks of rare words, and but of words that are held, of those frequent ones whose maxima don't tell which
 * ranges have them, and of others that no more documents have than `most`; of these as far as ranges are `wanted`, a
 * bit for each as chunk_table_mark_blocks takes it, or of all if it is NULL. LEDE_NOMEM, LEDE_CORRUPT. */
LEDE_NODISCARD lede_status range_terms_find_blocks(struct range_term *terms, size_t count, uint32_t most,
                                                   const uint64_t *wanted, struct arena *arena);

/* The first status of the terms that is not LEDE_OK, and a status as an error of the segment at `path`. */
lede_status range_terms_status(const struct range_term *terms, size_t count);
lede_status range_error(lede_status status, const char *path, lede_error *err);

/* No document of the range has more units of the word; 0 if none has it. */
uint32_t range_term_bound_decoded(const struct range_term *t, uint32_t range);

static inline uint32_t range_term_bound(const struct range_term *t, uint32_t range) {
    const struct postings *p = &t->postings;
    if (t->hot)
        return hot_share(t->hot->ranges[range], range_term_most(t));
    if (t->blocks && !t->blocks[range])
        return 0;
    if (t->docs)
        return range_term_bound_decoded(t, range);
    return t->level_units[maxima_level(p->levels, range >> (p->shift - RANGE_SHIFT))];
}

/* Adds that to the bounds of n documents, each of its range's. */
void range_term_add_bounds(const struct range_term *t, const uint32_t *docs, uint32_t n, uint16_t *bounds);

/* Whether the range may have the word, whose blocks are known if it is a rare one. */
static inline bool range_term_has(const struct range_term *t, uint32_t range) {
    const struct postings *p = &t->postings;
    if (t->hot)
        return t->hot->ranges[range] != 0;
    if (t->blocks)
        return t->blocks[range] != 0;
    return maxima_level(p->levels, range >> (p->shift - RANGE_SHIFT)) > 0;
}

/* All documents of the range that have the word, and the units of each; their count is 0 if the word is broken, which
 * range_terms_status tells. There is room for RANGE_DOCS + RANGE_SPARE units, and the scale was chosen with `all`. */
void range_term_read(struct range_term *t, uint32_t range, const struct range_lengths *lengths, struct chunk_list *out,
                     uint16_t *units);

/* The same, and of these the documents that reach the bar. */
void range_term_take(struct range_term *t, uint32_t range, const struct range_lengths *lengths,
                     const struct range_bar *bar, struct chunk_list *out, struct range_docs *docs);

/* Whether the word has so many documents in the range that these are better read as sets. */
bool range_term_is_dense(struct range_term *t, uint32_t range);

/* Reads those of a word that is dense in the range, and adds their units to those of the range's documents; of the
 * documents with a high frequency those alone that are wanted. */
void range_term_add_all(struct range_term *t, uint32_t range, struct range_lengths *lengths, const uint64_t *wanted,
                        struct chunk_masks *out, uint16_t *sums);

/* Reads no more than which they are. */
void range_term_read_set(struct range_term *t, uint32_t range, uint64_t *set);

/* Adds the word's units to some documents of a range, tells how often each has it, and leaves those that reach the bar.
 */
void range_term_add(struct range_term *t, uint32_t range, const struct range_lengths *lengths,
                    const struct range_bar *bar, struct chunk_list *out, struct range_docs *docs);

/* The units of the word in a document, by the class of whose length; 0 if it is not there. *freq is how often it is. */
uint32_t range_term_units(struct range_term *t, uint32_t doc, unsigned class, uint32_t *freq);

/* How often the word is in the document; 0 if it is not. */
uint32_t range_term_freq(struct range_term *t, uint32_t doc);

/* Looks for n documents, which rise: indices[i] becomes where the word has docs[i], for the two functions below,
 * UINT32_MAX if it has not; and freqs[i], unless that is NULL, how often it has it, if it does. */
void range_term_find(struct range_term *t, const uint32_t *docs, uint32_t n, uint32_t *indices, uint32_t *freqs);

/* Tells which of n documents, which rise, have the word: their numbers, for which there is room for n; returns how
 * many.
 */
uint32_t range_term_number(struct range_term *t, const uint32_t *docs, uint32_t n, uint32_t *numbers);

/* How often the word is in the documents, which were found at these indices; 1 if it is broken. */
void range_term_freqs_at(struct range_term *t, const uint32_t *docs, const uint32_t *indices, uint32_t n,
                         uint32_t *freqs);

/* Its positions in these, one after the other, counts[i] of them in docs[i]; borrowed until it is asked for others.
 * NULL if they are broken, or memory ran out, which range_terms_status tells. */
const uint32_t *range_term_positions(struct range_term *t, const uint32_t *docs, const uint32_t *indices, uint32_t n,
                                     uint32_t *counts);

/* Whether masks of the word are read in less time if it was not looked up before where it has the documents. */
bool range_term_finds_by_masks(const struct range_term *t);

/* The same as masks, of n <= POSITION_MASKS documents; false if they are broken. `indices` may be NULL of a word of
 * which the former is true. */
bool range_term_masks(struct range_term *t, const uint32_t *docs, const uint32_t *indices, uint32_t n,
                      struct position_masks *out);

/* No document has more units of the word, if it has it as often: of n documents, with little work for each. */
void range_term_units_of_all(const struct range_term *t, const uint32_t *docs, const uint32_t *freqs, uint32_t n,
                             uint32_t *units);

#endif
