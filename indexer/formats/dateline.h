/* dateline.h - the place, and maybe the day and agency, that a report opens with. */
#ifndef LEDE_INDEXER_DATELINE_H
#define LEDE_INDEXER_DATELINE_H

#include <lede.h>

#include "core/text/span.h"

struct dateline {
    struct span place;  /* "NEW DELHI/ISLAMABAD", "TORONTO, Canada"; may be empty where there is an agency */
    struct span agency; /* "Reuters" */
    lede_date date;     /* where a year is given */
};

/* Reads the dateline that the first paragraph of an article opens with, or is:
 *     MOSCOW: ...    ISLAMABAD, May 6 (Agency) — ...    KARACHI — ...    МОСКВА. ...    TORONTO, Canada (AP) -- ...
 * Places in small letters are believed if they stand alone ("Moscow:") or with a day or an agency. False if there
 * is none. */
bool dateline_read(struct dateline *out, struct span paragraph);

#endif
