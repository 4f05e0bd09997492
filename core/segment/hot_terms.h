/* hot_terms.h - the hot terms of a segment: which of its frequent terms are searched for again and again, and are kept
 * as hot_term.h, hot_set.h and hot_positions.h have them; and the memory that those of all segments of an index may
 * take together.
 *
 *     const struct hot_term *t = hot_terms_hold(h, segment, &info);
 *     ... t as long as it is held, or the term's postings if it is NULL ...
 *     hot_terms_give_back(h, t);
 *
 * Any number of threads may do so at once. None waits while postings are read: a term is made by those that use it, a
 * step each, and whoever comes meanwhile reads its postings. */
#ifndef LEDE_CORE_HOT_TERMS_H
#define LEDE_CORE_HOT_TERMS_H

#include <pthread.h>

#include "hot_positions.h"
#include "hot_set.h"
#include "hot_term.h"

/* Uses after which a term is made, and a set, which takes a tenth of the time; those before find NULL. */
#define HOT_USES     3
#define HOT_SET_USES 2

/* Postings that a use reads to make a term, at most (a few more, see hot_maker_go): a tenth to a third of a
 * millisecond; in which it reads HOT_SET_STEP to make a set. */
#define HOT_STEP     (1 << 16)
#define HOT_SET_STEP (8 * HOT_STEP)

/* Positions take 13 ns a posting to be made, and more where pages of the index were not touched before; to read them by
 * themselves takes some 120. They are made once as many were read for want of them as this part of all postings: that
 * took about as long, so what is made and not used any more costs no more than was spent before (to rent or to buy
 * skis; A. Karlin et al., Competitive snoopy caching, Algorithmica 3, 1988). A use reads so many postings then, in a
 * fifth of a millisecond. */
#define HOT_POSITIONS_PART 6
#define HOT_POSITIONS_STEP (HOT_STEP / 4)

/* Shared by the segments of an index, and outlives them. */
struct hot_budget {
    _Atomic uint64_t limit; /* bytes; 0: no term is hot */
    _Atomic uint64_t used;  /* of those that are there or are being made */
    /* Private from here on. */
    pthread_mutex_t mutex;
    _Atomic uint64_t searches; /* that began, so far */
    uint64_t uses;             /* of all terms, so far */
    struct hot_word *first;    /* of those that take memory */
};

void hot_budget_init(struct hot_budget *b, uint64_t limit);
void hot_budget_release(struct hot_budget *b);

/* A search begins, or a count. It may ask for a term many times, to see what names among its words and copies among its
 * hits make of it; as long as no other one begins that is one use. */
void hot_budget_search(struct hot_budget *b);

/* At any time. What is above the limit goes at once; what is held, when it is given back; what is being made, behind
 * the step under way. */
void hot_budget_set_limit(struct hot_budget *b, uint64_t limit);

/* NULL if there is no memory: then nothing is hot. */
struct hot_terms;
struct hot_terms *hot_terms_new(struct hot_budget *budget);
/* Nothing is held any more. NULL is fine. */
void hot_terms_free(struct hot_terms *h);

/* Counts a use of the term, unless the search has used it before. Returns it, held, if it is hot; else NULL, also if
 * there is no room or memory, its postings are damaged (which tells who reads them), it is rare, or h is NULL. */
const struct hot_term *hot_terms_hold(struct hot_terms *h, const struct segment *s, const struct term_info *info);
/* `t` NULL is fine. */
void hot_terms_give_back(struct hot_terms *h, const struct hot_term *t);

/* The same of its set, whose uses are counted apart: for a search that asks which passages have the term. */
const struct hot_set *hot_terms_hold_set(struct hot_terms *h, const struct segment *s, const struct term_info *info);
void hot_terms_give_back_set(struct hot_terms *h, const struct hot_set *s);

/* The same of its positions, for a search that asks which passages have a phrase. They can be read together with the
 * set. */
const struct hot_positions *hot_terms_hold_positions(struct hot_terms *h, const struct segment *s,
                                                     const struct term_info *info);
void hot_terms_give_back_positions(struct hot_terms *h, const struct hot_positions *p);

/* The positions of so many postings of a term were read by a search for which hot_terms_hold_positions had none. */
void hot_terms_read(struct hot_terms *h, const struct term_info *info, uint32_t postings);

#endif
