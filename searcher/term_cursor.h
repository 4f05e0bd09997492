/* term_cursor.h - the cursor on a word of the query: its postings, scored by BM25. */
#ifndef LEDE_SEARCHER_TERM_CURSOR_H
#define LEDE_SEARCHER_TERM_CURSOR_H

#include "bm25.h"
#include "cursor.h"

/* `weight` as of bm25_weight, `term` its number in the query. segment and bm25 are borrowed for the cursor's life. NULL
 * if out of memory. */
struct cursor *term_cursor_new(struct arena *arena, const struct segment *segment, const struct term_info *info,
                               const struct bm25 *bm25, double weight, uint32_t term);

#endif
