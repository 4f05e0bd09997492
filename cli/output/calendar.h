/* calendar.h - dates as numbers that can be counted. */
#ifndef LEDE_CLI_CALENDAR_H
#define LEDE_CLI_CALENDAR_H

#include <lede.h>

/* Stretches of time of one length. */
enum calendar_unit { CALENDAR_DAY, CALENDAR_MONTH, CALENDAR_YEAR };

/* The number of the day, month or year that the date is in; consecutive ones have consecutive numbers. What is not
 * known of the date counts as its first. */
int64_t calendar_number(lede_date date, enum calendar_unit unit);

/* The first day of it, without what the unit does not tell: 20250400 for a month. */
lede_date calendar_date(int64_t number, enum calendar_unit unit);

/* "2025", "2025-04" or "2025-04-22" as a date; 0 if it is none. */
lede_date calendar_read(const char *text, size_t len);

#endif
