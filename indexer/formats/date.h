/* date.h - dates as articles write them.
 *
 *     2025-06-03  2025/6/3  20250603  2025-06-03T10:30:00Z      3.6.2025
 *     June 3, 2025  Jun. 3rd 2025  3 June 2025  Tue, 03 Jun 2025  3-Jun-2025  2. Juli 1972  1er août 1972
 *     2025年6月3日  2025년 6월 3일
 *
 * 3/6/2025 and 3-6-2025 are read only if one of the two can't be a month, as the order differs by country. */
#ifndef LEDE_INDEXER_DATE_H
#define LEDE_INDEXER_DATE_H

#include <lede.h>

#include "core/text/span.h"

/* YYYYMMDD of a day that is in the calendar, else 0. */
lede_date date_make(unsigned year, unsigned month, unsigned day);
/* The day, in UTC, of a number of seconds since 1970; 0 if that is before 1970 or after 9999. */
lede_date date_of_seconds(int64_t seconds);

/* Reads a date that *t begins with, a day of the week before it included, and moves *t behind it. 0, with *t as it
 * was, if there is none. */
lede_date date_read(struct span *t);

/* The same for a day without a year, as in "May 6", "6 May", "Tuesday". */
bool date_read_day(struct span *t);

/* The date in a field that is known to hold one: what it begins with, a year or a month alone (2025, 2025-06, June
 * 2025), or else a number of seconds or milliseconds since 1970; 0 if none of them. */
lede_date date_of_field(struct span t);

/* The date of a line that is nothing but a date, with or without labels ("Published:", "Last updated on"), days of the
 * week, times of day and time zones; of several, the one that was not an update. 0 if the line holds other words. */
lede_date date_of_line(struct span line);

/* The date at the start of a paragraph behind a label, as in "date 2025-06-03 Amid ongoing tensions"; *t is moved to
 * the text behind. 0 if there is no such thing. */
lede_date date_take_prefix(struct span *t);

#endif
