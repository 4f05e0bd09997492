#include "calendar.h"

/* Days of the proleptic Gregorian calendar, in years from March on, so that the leap day is the last. */
static int64_t day_number(int64_t year, int64_t month, int64_t day) {
    year -= month <= 2;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return year * 365 + year / 4 - year / 100 + year / 400 + of_year;
}

int64_t calendar_number(lede_date date, enum calendar_unit unit) {
    int64_t year = date / 10000, month = date / 100 % 100, day = date % 100;
    month = month ? month : 1;
    switch (unit) {
    case CALENDAR_YEAR: return year;
    case CALENDAR_MONTH: return year * 12 + month - 1;
    case CALENDAR_DAY: break;
    }
    return day_number(year, month, day ? day : 1);
}

lede_date calendar_date(int64_t number, enum calendar_unit unit) {
    if (unit == CALENDAR_YEAR)
        return (lede_date)(number * 10000);
    if (unit == CALENDAR_MONTH)
        return (lede_date)(number / 12 * 10000 + (number % 12 + 1) * 100);
    int64_t year = number * 400 / 146097, month = 1;
    while (day_number(year + 1, 1, 1) <= number)
        year++;
    while (day_number(year, 1, 1) > number)
        year--;
    while (month < 12 && day_number(year, month + 1, 1) <= number)
        month++;
    return (lede_date)(year * 10000 + month * 100 + number - day_number(year, month, 1) + 1);
}

/* Digits, and the dash or end behind them. */
static bool read_number(const char **text, const char *end, unsigned digits, unsigned *number) {
    *number = 0;
    for (unsigned i = 0; i < digits; i++, (*text)++) {
        if (*text == end || **text < '0' || **text > '9')
            return false;
        *number = *number * 10 + (unsigned)(**text - '0');
    }
    return *text == end || *(*text)++ == '-';
}

lede_date calendar_read(const char *text, size_t len) {
    const char *end = text + len;
    unsigned year, month = 0, day = 0;
    if (!read_number(&text, end, 4, &year) || (text < end && !read_number(&text, end, 2, &month)) ||
        (text < end && !read_number(&text, end, 2, &day)) || text != end || month > 12 || day > 31)
        return 0;
    return year * 10000 + month * 100 + day;
}
