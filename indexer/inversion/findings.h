/* findings.h - which sources the parsers found nothing in that can be used: what becomes of them is settled by the
 * commit, long after they were handed on. */
#ifndef LEDE_INDEXER_FINDINGS_H
#define LEDE_INDEXER_FINDINGS_H

#include "core/base/id_set.h"

/* All zero is none. Of a file of lines, which is parsed in pieces, the pieces together tell. */
struct findings {
    struct id_set unusable; /* left out as a whole, as was warned */
    struct id_set barren;   /* with a piece of lines of which some were left out, and none gave an article */
    struct id_set fruitful; /* with a piece of lines that gave one */
};

void findings_release(struct findings *f);
/* Adds those of `from`, which has none then. */
LEDE_NODISCARD lede_status findings_join(struct findings *to, struct findings *from, lede_error *err);
/* Whether all lines of the source that there were were left out. */
bool findings_all_lines_left_out(const struct findings *f, uint64_t source);

#endif
