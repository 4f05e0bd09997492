/* Dates as articles write them, and what only looks like one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "indexer/formats/date.h"
#include "tests/support/random.h"

struct date_case {
    const char *text;
    lede_date date;
};

static void check(const struct date_case *cases, size_t count, lede_date (*read)(struct span t)) {
    for (size_t i = 0; i < count; i++) {
        lede_date date = read((struct span){cases[i].text, strlen(cases[i].text)});
        if (date != cases[i].date)
            fail_msg("%s: %u, not %u", cases[i].text, date, cases[i].date);
    }
}

#define CHECK(cases, read) check(cases, sizeof cases / sizeof *cases, read)

static void the_calendar_is_kept(void **state) {
    (void)state;
    assert_int_equal(date_make(2024, 2, 29), 20240229);
    assert_int_equal(date_make(2000, 2, 29), 20000229);
    assert_int_equal(date_make(2025, 2, 29), 0);
    assert_int_equal(date_make(1900, 2, 29), 0);
    assert_int_equal(date_make(2025, 4, 31), 0);
    assert_int_equal(date_make(2025, 13, 1), 0);
    assert_int_equal(date_make(2025, 0, 1), 0);
    assert_int_equal(date_make(2025, 1, 0), 0);
    assert_int_equal(date_make(0, 1, 1), 0);
    assert_int_equal(date_make(9999, 12, 31), 99991231);
}

static void seconds_are_days(void **state) {
    struct random *r = *state;
    assert_int_equal(date_of_seconds(0), 19700101);
    assert_int_equal(date_of_seconds(-1), 0);
    assert_int_equal(date_of_seconds(INT64_C(253402300799)), 99991231);
    assert_int_equal(date_of_seconds(INT64_C(253402300800)), 0);
    for (int i = 0; i < 10000; i++) {
        time_t seconds = (time_t)(random_next(r) % 253402300800);
        struct tm tm;
        gmtime_r(&seconds, &tm);
        assert_int_equal(date_of_seconds(seconds), (tm.tm_year + 1900) * 10000 + (tm.tm_mon + 1) * 100 + tm.tm_mday);
    }
}

static void fields_hold_dates(void **state) {
    static const struct date_case cases[] = {
        {"2025-06-03", 20250603},
        {" 2025-6-3 ", 20250603},
        {"2025-06-03T10:30:00Z", 20250603},
        {"2025-06-03T10:30:00+05:30", 20250603},
        {"2025-06-03 10:30", 20250603},
        {"2025/06/03", 20250603},
        {"2025.06.03", 20250603},
        {"20250603", 20250603},
        {"3.6.2025", 20250603},
        {"03.06.2025, 10:30 Uhr", 20250603},
        {"June 3, 2025", 20250603},
        {"Jun. 3, 2025", 20250603},
        {"June 3rd, 2025", 20250603},
        {"JUNE 3 2025", 20250603},
        {"3 June 2025", 20250603},
        {"3rd of June, 2025", 20250603},
        {"3-Jun-2025", 20250603},
        {"Tue, 03 Jun 2025 10:00:00 GMT", 20250603},
        {"Tuesday, June 3, 2025", 20250603},
        {"Tuesday 3 June 2025", 20250603},
        {"2025年6月3日", 20250603},
        {"2025 年 06 月 03 日", 20250603},
        {"2025年6月3号", 20250603},
        {"2025年6月3日 10:30", 20250603},
        {"2025年6月3日星期二", 20250603},
        {"2025年6月3日（火）", 20250603},
        {"2025년 6월 3일", 20250603},
        {"2025年6月", 20250600},
        {"2025年", 20250000},
        {"2025년 6월", 20250600},
        {"2025年13月1日", 0},
        {"2025年2月30日", 0},
        {"25年6月3日", 0},
        {"2025年6日", 0},
        {"2025月6日3年", 0},
        {"2025年6月3", 0},
        {"2. Juli 1972", 19720702},
        {"1er août 1972", 19720801},
        {"2 de mayo de 2025", 20250502},
        {"10 января 1966", 19660110},
        {"25/12/2024", 20241225},
        {"12/25/2024", 20241225},
        {"6/6/2024", 20240606},
        {"1748908800", 20250603},
        {"1748908800123", 20250603},
        {"5/6/2025", 0}, /* May or June? */
        {"2025-02-30", 0},
        {"2025-06", 20250600},
        {"2025/6", 20250600},
        {" 2025 ", 20250000},
        {"June 2025", 20250600},
        {"Jun. 2025", 20250600},
        {"juin 2025", 20250600},
        {"0000", 0},
        {"2025-13", 0},
        {"2025-00", 0},
        {"2025-", 0},
        {"2025-006", 0},
        {"2025-06 or so", 0},
        {"2025 or so", 0},
        {"2025a", 0},
        {"June 2025-06", 0},
        {"June", 0},
        {"yesterday", 0},
        {"", 0},
        {"123456789", 0},
        {"2025-06-031", 0},
        {"June 3, 20255", 0},
        {"June 3, 2025a", 0},
        {"Juneau 3, 2025", 0},
    };
    (void)state;
    CHECK(cases, date_of_field);
}

static void lines_are_dates_alone(void **state) {
    static const struct date_case cases[] = {
        {"May 6, 2025", 20250506},
        {"6 May 2025", 20250506},
        {"2025-05-06", 20250506},
        {"2025年5月6日 10:30", 20250506},
        {"2025年5月6日（火）", 20250506},
        {"2025年5月6日 火曜日", 20250506},
        {"2025년 5월 6일 화요일", 20250506},
        {"发布时间：2025年5月6日 星期二 10:30", 20250506},
        {"更新日：2025年5月7日", 20250507},
        {"2025年5月6日，会议在北京举行。", 0},
        {"2025年5月6日会议", 0},
        {"Published: May 6, 2025", 20250506},
        {"Published May 6, 2025 10:30 AM IST", 20250506},
        {"Published on 6 May, 2025 at 10.30 pm", 20250506},
        {"Published - May 06, 2025 10:30 pm IST - New", 0},
        {"Updated: May 7, 2025 | Published: May 6, 2025", 20250506},
        {"Updated May 7, 2025", 20250507},
        {"Last updated: 7 May 2025, 10:30 GMT (15:30 PKT)", 20250507},
        {"First Published: 06 May 2025, 09:12 AM IST", 20250506},
        {"Date: 2025-05-06", 20250506},
        {"Tuesday, May 6, 2025 • 10:30", 20250506},
        {"10:30 AM, May 6, 2025", 20250506},
        {"2025-05-06T10:30:00Z", 20250506},
        {"Publié le 6 mai 2025 à 10:30", 20250506},
        {"Stand: 6. Mai 2025, 10:30 Uhr", 20250506},
        {"Published", 0},
        {"On May 6, 2025 the guns fell silent", 0},
        {"May 6", 0},
        {"Simla, 2 July 1972", 0},
        {"1947", 0},
        {"", 0},
    };
    (void)state;
    CHECK(cases, date_of_line);
}

static void labels_are_glued_to_text(void **state) {
    static const struct {
        const char *text;
        lede_date date;
        const char *rest;
    } cases[] = {
        {" date 2025-06-03 Amid ongoing tensions", 20250603, "Amid ongoing tensions"},
        {"Date: 3 June 2025 “Amid", 20250603, "“Amid"},
        {"Updated June 3, 2025 Amid", 20250603, "Amid"},
        {"Published 6 May 2025, the book", 0, NULL},
        {"Dated June 3, 2025, the letter", 0, NULL},
        {"date palms of 2025-06-03 Amid", 0, NULL},
        {"2025-06-03 Amid", 0, NULL},
        {"date 2025-06-03 was a Tuesday", 0, NULL},
        {"date 2025-06-33 Amid", 0, NULL},
        {"date 2025-06-03", 0, NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct span t = {cases[i].text, strlen(cases[i].text)};
        assert_int_equal(date_take_prefix(&t), cases[i].date);
        assert_ptr_equal(t.s, cases[i].rest ? strstr(cases[i].text, cases[i].rest) : cases[i].text);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_calendar_is_kept),
        cmocka_unit_test_setup_teardown(seconds_are_days, random_setup, random_teardown),
        cmocka_unit_test(fields_hold_dates),
        cmocka_unit_test(lines_are_dates_alone),
        cmocka_unit_test(labels_are_glued_to_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
