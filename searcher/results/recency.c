#include "recency.h"

#include "core/base/reals.h"

/* Days from civil date: years from March on, so that the leap day is the last. */
int32_t recency_day(lede_date date) {
    int32_t year = (int32_t)(date / 10000), month = (int32_t)(date / 100 % 100), day = (int32_t)(date % 100);
    if (date == 0)
        return 0;
    if (month == 0) {
        month = 7;
        day = 1;
    } else if (day == 0) {
        day = 15;
    }
    year -= month <= 2;
    int32_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return year * 365 + year / 4 - year / 100 + year / 400 + of_year + 1;
}

double recency_share(int32_t day, int32_t newest, double half_life) {
    return day ? RECENCY_WEIGHT * real_exp2(-(newest - day) / half_life) : 0;
}
