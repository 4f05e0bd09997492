/* timeline.h - how what matches spreads over time. */
#ifndef LEDE_CLI_TIMELINE_H
#define LEDE_CLI_TIMELINE_H

#include "calendar.h"
#include "cli/common/terminal.h"

/* A day, month or year. */
struct timeline_bin {
    lede_date date;
    uint64_t passages, articles;
};

struct timeline {
    enum calendar_unit unit;
    struct timeline_bin *bins; /* from the first to the last that has a match, without gaps */
    size_t count;
    struct timeline_bin undated; /* of articles without a date */
    uint64_t passages, articles; /* in all */
};

/* Puts the days of `facets` together. `unit` < 0: days, months or years, as gives a page of bins at most. False if out
 * of memory, or if there would be more than a million bins. To be released. */
bool timeline_init(struct timeline *t, const lede_facets *days, int unit);
void timeline_release(struct timeline *t);

/* Draws a bar for each bin:
 *
 *     2025-04  ████████████████▌ 33
 *     2025-05  ███▌ 7
 */
void timeline_draw(const struct timeline *t, const struct terminal *terminal);

#endif
