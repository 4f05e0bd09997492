/* recency.h - what a passage gains by being recent.
 *
 *     gain = score * RECENCY_WEIGHT * 2 ^ (-age / half-life)
 *
 * where age is in days, counted back from the newest of the passages that are compared; an exponential prior, as in X.
 * Li and W. B. Croft, Time-based language models, 2003. An article without a date gains nothing. The weight is small
 * enough that a better match stays ahead of a newer one.
 */
#ifndef LEDE_SEARCHER_RECENCY_H
#define LEDE_SEARCHER_RECENCY_H

#include <lede.h>

#define RECENCY_WEIGHT 0.25

/* Days since some fixed day; 0 for no date. A date of which only the year or month is known counts from its middle. */
int32_t recency_day(lede_date date);

/* The gain, by what the score is multiplied. `day` is 0 where there is no date. */
double recency_share(int32_t day, int32_t newest, double half_life);

#endif
