/* Datelines, bylines and credits: what stands around a report. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "indexer/formats/byline.h"
#include "indexer/formats/dateline.h"

static struct span span_of(const char *s) {
    return (struct span){s, strlen(s)};
}

static void paragraphs_open_with_datelines(void **state) {
    static const struct {
        const char *paragraph, *expected; /* place|agency|date; NULL: none */
    } cases[] = {
        {"MOSCOW: Russian Foreign Minister Sergey Lavrov", "MOSCOW||0"},
        {"Moscow:", "Moscow||0"},
        {"New Delhi —", "New Delhi||0"},
        {"NEW DELHI/ISLAMABAD: At twenty-five minutes", "NEW DELHI/ISLAMABAD||0"},
        {"UNITED NATIONS: António Guterres", "UNITED NATIONS||0"},
        {"ISLAMABAD, May 6 (Agency) — The", "ISLAMABAD|Agency|0"},
        {"Islamabad, May 6 (Agency) — The", "Islamabad|Agency|0"},
        {"ATTARI, June 4 — A porter", "ATTARI||0"},
        {"ATTARI, 4 June — A porter", "ATTARI||0"},
        {"ISLAMABAD, May 6, 2025 (Reuters) - The", "ISLAMABAD|Reuters|20250506"},
        {"KARACHI — Ce jour-là", "KARACHI||0"},
        {"SEOUL, South Korea (AP) — North", "SEOUL, South Korea|AP|0"},
        {"WASHINGTON, D.C. (AP) -- The", "WASHINGTON, D.C.|AP|0"},
        {"NEW DELHI, India (AP) - The", "NEW DELHI, India|AP|0"},
        {"TORONTO, Canada -- A second", "TORONTO, Canada||0"},
        {"LAHORE, May 6 (APP): The", "LAHORE|APP|0"},
        {"LONDON (Reuters) - Oil", "LONDON|Reuters|0"},
        {"London (Reuters) - Oil", "London|Reuters|0"},
        {"NEU-DELHI. Wenn in", "NEU-DELHI||0"},
        {"МОСКВА. В январе", "МОСКВА||0"},
        {"SRINAGAR, Tuesday: The", "SRINAGAR||0"},
        {"SAPPORO (Aug. 30, 2004) - The", "SAPPORO||20040830"},
        {"AP - A company founded", "|AP|0"},
        {"Reuters - Short-sellers", NULL},
        {"By LAURAN NEERGAARD WASHINGTON (AP) -- The", NULL},
        {"BREAKING: Lavrov lands", NULL},
        {"Lavrov: we are ready", NULL},
        {"The offer — a letter — was", NULL},
        {"He said, on Tuesday: no", NULL},
        {"RUSSIA: WHO'S IN CHARGE HERE ? IT WAS IN 1954 THAT KHRUSHCHEV LAUNCHED HIS GAMBLE", NULL},
        {"TASS. The agency", NULL},
        {"India, May and others: a story", NULL},
        {"One of a kind (they say) - really", NULL},
        {"A long sentence without any separator at all in the first hundred bytes of its length, and then: one", NULL},
        {"", NULL},
        {":", NULL},
        {"(", NULL},
        {"A (:", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct dateline d;
        char text[256] = "";
        bool found = dateline_read(&d, span_of(cases[i].paragraph));
        if (found)
            snprintf(text, sizeof text, "%.*s|%.*s|%u", (int)d.place.n, d.place.s, (int)d.agency.n, d.agency.s, d.date);
        if (found != (cases[i].expected != NULL) || (found && strcmp(text, cases[i].expected) != 0))
            fail_msg("%s: %s", cases[i].paragraph, found ? text : "none");
    }
}

static void lines_are_bylines(void **state) {
    static const struct {
        const char *line, *names;
        lede_date date;
    } cases[] = {
        {"By Staff Reporter", "Staff Reporter", 0},
        {"BY JANE DOE", "JANE DOE", 0},
        {"By Farah Wintringham", "Farah Wintringham", 0},
        {"By Anaïs Pereira and Zoë Marchetti, Reuters", "Anaïs Pereira and Zoë Marchetti, Reuters", 0},
        {"Par Hélène Brançon", "Hélène Brançon", 0},
        {"By: Tomás Quill", "Tomás Quill", 0},
        {"By J. D. Vance Jr.", "J. D. Vance Jr.", 0},
        {"By Zoë Marchetti | May 6, 2025", "Zoë Marchetti", 20250506},
        {"By Zoë Marchetti - Published: 6 May 2025 10:30 IST", "Zoë Marchetti", 20250506},
        {"By Zoë Marchetti | The Valley Ledger", "Zoë Marchetti", 0},
        {"By the Editors", "the Editors", 0},
        {"Our Correspondent", "Our Correspondent", 0},
        {"Staff Reporter | May 6, 2025", "Staff Reporter", 20250506},
        {"By the river of Jhelum", "", 0},
        {"By the time he left, Lavrov was tired.", "", 0},
        {"By Monday the generals spoke again", "", 0},
        {"Farah Wintringham", "", 0},
        {"Bypass at Banihal", "", 0},
        {"By", "", 0},
        {"", "", 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        lede_date date;
        struct span names = byline_of_line(span_of(cases[i].line), &date);
        if (names.n != strlen(cases[i].names) || memcmp(names.s, cases[i].names, names.n) != 0)
            fail_msg("%s: %.*s", cases[i].line, (int)names.n, names.s);
        assert_int_equal(date, cases[i].date);
    }
}

static void lines_are_credits(void **state) {
    static const struct {
        const char *line, *credit;
    } cases[] = {
        {"(with PTI inputs)", "with PTI inputs"},
        {"(With inputs from agencies)", "With inputs from agencies"},
        {"With inputs from Reuters, AFP", "With inputs from Reuters, AFP"},
        {"(with agency inputs)", "with agency inputs"},
        {"(REUTERS)", "REUTERS"},
        {"— Reuters", "Reuters"},
        {"AFP/AP", "AFP/AP"},
        {"Associated Press", "Associated Press"},
        {"(Reporting by Jane Doe; Editing by John Doe)", "Reporting by Jane Doe; Editing by John Doe"},
        {"Source: TASS", "Source: TASS"},
        {"With this, he left.", ""},
        {"(with a smile)", ""},
        {"Reuters reported it first.", ""},
        {"The press", ""},
        {"India", ""},
        {"()", ""},
        {"", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct span credit = credit_of_line(span_of(cases[i].line));
        if (credit.n != strlen(cases[i].credit) || memcmp(credit.s, cases[i].credit, credit.n) != 0)
            fail_msg("%s: %.*s", cases[i].line, (int)credit.n, credit.s);
    }
}

static void credits_are_glued_to_paragraphs(void **state) {
    static const struct {
        const char *paragraph, *credit;
        size_t left;
    } cases[] = {
        {"He left.(REUTERS)", "REUTERS", 8},
        {"He left. (with PTI inputs)", "with PTI inputs", 8},
        {"He left (Reuters)", "", 17},
        {"He left.(FILE)", "", 14},
        {"He left (again).", "", 16},
        {"(AP)", "", 4},
        {")", "", 1},
        {"", "", 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct span paragraph = span_of(cases[i].paragraph), credit = credit_take_suffix(&paragraph);
        assert_int_equal(paragraph.n, cases[i].left);
        assert_int_equal(credit.n, strlen(cases[i].credit));
        assert_memory_equal(credit.s, cases[i].credit, credit.n);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paragraphs_open_with_datelines),
        cmocka_unit_test(lines_are_bylines),
        cmocka_unit_test(lines_are_credits),
        cmocka_unit_test(credits_are_glued_to_paragraphs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
