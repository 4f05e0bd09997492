/* gate.h - which ranges of a segment the cursors of a query still have to look into.
 *
 *     bounds     what a passage of each range of RANGE_DOCS can score at most, from the leaves of the query's tree up:
 *                a word by its maxima, what joins operands by the sum of theirs, if a range has all of them; several
 *                words that count as one by the sum of theirs, no more than the word's weight
 *     threshold  what a passage has to score to be among the best; it rises
 *
 * Cursors that have to verify what they find, by positions or by the text, ask it, and pass over ranges that are not
 * wanted. What they stand on is verified last, by who goes through them (cursor.h).
 */
#ifndef LEDE_SEARCHER_GATE_H
#define LEDE_SEARCHER_GATE_H

#include "searcher/plan/plan.h"

struct gate {
    const struct plan *plan;
    size_t number; /* of the segment */
    float *bounds; /* of the query, by range; 0: no passage matches, or it has been looked at */
    uint32_t count;
    float least;      /* ranges with lower bounds are not wanted */
    double threshold; /* what scores less is not wanted */
    bool all;         /* but has to be counted: all ranges with bounds above 0, and `least`, are wanted */
    bool merely;      /* whether the document that is confirmed only has to match: its score is of no interest */
    bool skipped;     /* whether anything that might match was passed over */
    /* Private. */
    struct tally **tallies; /* by number of the word */
};

/* Works out the bounds; all ranges with one above 0 are wanted. It lies in the arena. The maxima have to help, see
 * range_maxima_help. */
LEDE_NODISCARD lede_status gate_new(struct gate **out, struct arena *arena, const struct plan *plan, size_t segment,
                                    lede_error *err);

/* The first document from `doc` on in a range that is wanted; DOC_END if there is none. */
uint32_t gate_next(struct gate *g, uint32_t doc);

/* The document behind the last range that is wanted in a row with that of `doc`, which is wanted. */
uint32_t gate_end(struct gate *g, uint32_t doc);

/* The terms of a word added up, if the gate has done so. */
struct tally *gate_tally(const struct gate *g, const struct node *word);

#endif
