/* tally.h - a word of the query that many terms come to, added up: how often each passage of a segment has it.
 *
 *     sure     occurrences of terms of which all count, by passage
 *     maybe    those of terms of which only some forms do: the text tells which. NULL if there are no such terms
 *     bits     passages that have any of either
 *
 * It is made by one pass through the postings of each term after the other, which takes one or two nanoseconds a
 * posting; to merge as many cursors takes ten times that, and more of them more. Its 4 or 8 bytes a passage are
 * there for as long as a segment is searched. */
#ifndef LEDE_SEARCHER_TALLY_H
#define LEDE_SEARCHER_TALLY_H

#include "searcher/plan/passage_text.h"
#include "term_cursor.h"

struct plan;
struct expanded_term;

struct tally {
    const struct segment *segment;
    uint32_t passages;
    uint32_t *sure, *maybe;
    uint64_t *bits;
};

/* Empty; NULL if out of memory. */
struct tally *tally_new(struct arena *arena, const struct segment *segment, bool has_maybe);
/* Adds the occurrences of a term in a field. */
LEDE_NODISCARD lede_status tally_add_term(struct tally *t, const struct expanded_term *term, enum text_field field);
/* Makes its bits, when all is added. */
void tally_finish(struct tally *t);

/* Of a word of the plan's query in segment number `segment`: of the terms that come up before the plan's interrupt is
 * due. */
LEDE_NODISCARD lede_status tally_of_word(struct tally **out, struct arena *arena, const struct plan *plan,
                                         size_t segment, const struct node *word, lede_error *err);

/* The same where one passage alone is of interest, in an index that keeps text, which is to be asked. */
LEDE_NODISCARD lede_status tally_of_passage(struct tally **out, struct arena *arena, const struct segment *segment,
                                            uint32_t doc, lede_error *err);

/* Makes bounds[range] the greatest score that a passage of each range of RANGE_DOCS can have; 0 where it does not come
 * to before the interrupt, which may be NULL, is due. */
void tally_bound(const struct tally *t, const struct word_scorer *scorer, struct interrupt *interrupt, float *bounds);

/* What tells which of the occurrences that may count do; all zero where there is nothing to be told. */
struct tally_texts {
    struct passage_text *text;
    struct verdicts *verdicts;
    const bool *merely; /* see gate.h; NULL: scores are wanted */
};

/* On the passages that have the word; lazily, if there is something to be told. NULL if out of memory. */
struct cursor *tally_cursor_new(struct arena *arena, const struct tally *t, const struct tally_texts *texts,
                                const struct word_scorer *scorer);

/* On the passages that have the word, whose terms that have positions are some or all of the tally's; lazily: it is
 * these that confirm it, and they go to no other passage. NULL if out of memory, and then has released them. */
struct cursor *synonym_cursor_led(struct arena *arena, struct cursor *const *words, size_t count,
                                  const struct tally *tally, const struct word_scorer *scorer);

#endif
