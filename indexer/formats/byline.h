/* byline.h - who wrote an article, and which agency it came from. */
#ifndef LEDE_INDEXER_BYLINE_H
#define LEDE_INDEXER_BYLINE_H

#include <lede.h>

#include "core/text/span.h"

/* The names in a line such as "By Farah Wintringham", "Par Hélène Brançon", "Staff Reporter"; a date may stand
 * behind them, as in "By Zoë Marchetti | May 6, 2025", and goes to *date, which is 0 otherwise. Empty if the line is
 * no byline. */
struct span byline_of_line(struct span line, lede_date *date);

/* Whether all of t is names of news agencies, such as "Reuters" or "AFP/AP". */
bool credit_is_agency(struct span t);
/* The credit of a line that is nothing else: "(with PTI inputs)", "— Reuters", "Reporting by ...; editing by ...";
 * without brackets and dashes around it. Empty if the line is none. */
struct span credit_of_line(struct span line);
/* The credit that a paragraph ends with, in brackets, as in "to the president.(REUTERS)"; *paragraph is cut before
 * it. Empty if there is none. */
struct span credit_take_suffix(struct span *paragraph);

#endif
