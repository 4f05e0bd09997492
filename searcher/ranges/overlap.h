/* overlap.h - the passages that several words have, found by a bitmap.
 *
 * To look a passage up in a word takes as long as to mark ten of the word's postings in a bitmap, or to look twenty up
 * in one. So of words that are about as frequent as each other one is marked, a window of passages at a time that stays
 * in the nearest cache, and the others' postings are looked up there:
 *
 *     passages     0               2^16            2^17
 *     barn         ..1.....1.......|.1.............|      marked
 *     owl          4 8             |               |      its postings; none in windows that have no passage of barn
 *                    ^
 *     both         8               |               |      marked for a third word
 *
 * Of a word whose set is held (range_term_set) nothing has to be marked or looked up: a bitmap is there. */
#ifndef LEDE_SEARCHER_OVERLAP_H
#define LEDE_SEARCHER_OVERLAP_H

#include "range_term.h"

/* Words, the rarest of which comes first, and where to look for passages that have them all. None of them is held as a
 * list (see join.h), unless it is the first one, and `docs` are given; overlap_guess takes any. */
struct overlap_search {
    struct range_term *const *words;
    size_t count;
    const uint32_t
        *docs;          /* among these `doc_count` alone, which rise and have the rarest word; NULL: all that it has */
    uint32_t doc_count; /* if docs is NULL, about how many there are in `ranges` */
    const uint64_t *ranges; /* only in these, a bit a range; NULL: in all */
    bool marks;             /* where the first word has them will be asked, unless that is held as a list */
    bool counts;            /* how many have them all is what is wanted: where the words have them is not asked */
};

/* About which part of the passages that have other words has this one, too: words of a query stand together four times
 * as often as by chance if they are rare, and by chance if they are everywhere. */
double overlap_part(const struct range_term *t);

/* Whether the word's set, if it is held, tells in less time than its postings which passages have it; or which of so
 * many, `left`, unless the word `leads`. */
bool overlap_wants_set(const struct range_term *t, double left, bool leads);

/* About how many passages have all words. */
double overlap_guess(const struct overlap_search *s);

/* How many of the words it is better to mark than to look passages up in, and the first ones otherwise run through; 0:
 * none. */
size_t overlap_width(const struct overlap_search *s);

struct overlap {
    uint32_t *docs; /* these rise */
    uint32_t count;
    /* See chunk_table_number: of the first word, as far as it was marked; NULL if that is not wanted, or its postings
     * are better looked up. */
    const uint64_t *marks;
};

/* Finds those that have the `width` first words, into `arena`; but for some in ranges that another one is known not to
 * be in. LEDE_NOMEM, LEDE_CORRUPT. */
LEDE_NODISCARD lede_status overlap_find(struct overlap *o, const struct overlap_search *s, size_t width,
                                        struct arena *arena);

#endif
