/* dated_articles.h - articles of words that a test makes, with what filters ask for, and filters for them. To be
 * included behind cmocka.h. */
#ifndef LEDE_TESTS_DATED_ARTICLES_H
#define LEDE_TESTS_DATED_ARTICLES_H

#include "support/built_index.h"
#include "support/random.h"

/* The article of a number, one passage or, if `split`, sometimes two; some have a title, or begin with a heading. Dates
 * are mostly in order, a thousand articles a day; the first of the languages is everywhere, the last hardly. */
static inline void add_dated_article(struct built_index *b, struct random *r, uint32_t number, const char *text,
                                     uint32_t len, bool split) {
    static const char *const languages[] = {"en", "de", "fr", "ru"}, *const bylines[] = {"", "A. Sharma", "R. Gupta"};
    char key[16];
    uint32_t day = random_below(r, 8) ? number / 1000 : random_below(r, 28), odd = random_below(r, 1000);
    uint32_t half = split && number % 3 == 0 ? len / 2 : len;
    uint32_t heading = number % 7 == 0 ? random_below(r, half < 12 ? half + 1 : 12) : 0;
    const char *title = number % 5 == 0 ? "w1 w3 w0 wa1t wa2ts" : "";
    struct passage passages[] = {{.len = half, .heading_len = heading, .line = 1},
                                 {.start = half, .len = len - half, .line = 1}};
    struct article a = {.meta = {.key = key,
                                 .key_len = (size_t)sprintf(key, "%u", number),
                                 .line = 1,
                                 .title = title,
                                 .title_len = strlen(title),
                                 .body = text,
                                 .body_len = len,
                                 .date = random_below(r, 50) ? (lede_date)(20250101 + day) : 0,
                                 .language = languages[odd < 600   ? 0
                                                       : odd < 950 ? 1
                                                       : odd < 995 ? 2
                                                                   : 3],
                                 .language_len = 2,
                                 .byline = bylines[number % 3],
                                 .byline_len = strlen(bylines[number % 3])},
                        .passages = passages,
                        .passage_count = half < len ? 2 : 1};
    built_index_add(b, &a);
}

/* Appends one to a query. */
static inline size_t random_filter(struct random *r, char *text) {
    static const char *const filters[] = {"lang:en", "lang:de", "lang:fr", "lang:ru", "byline:sharma", "lang:xx"};
    const char *sign = random_below(r, 5) ? "" : "-";
    uint32_t from = 1 + random_below(r, 28), to = from + random_below(r, random_below(r, 2) ? 3 : 29 - from);
    if (random_below(r, 2))
        return (size_t)sprintf(text, " %s%s", sign, filters[random_below(r, 6)]);
    return (size_t)sprintf(text, " %sdate:2025-01-%02u..2025-01-%02u", sign, from, to < 31 ? to : 31);
}

static inline void assert_same_hits(lede_results *a, lede_results *b, const char *query) {
    assert_int_equal(lede_results_count(a), lede_results_count(b));
    for (size_t i = 0; i < lede_results_count(a); i++) {
        const lede_hit *x = lede_results_hit(a, i), *y = lede_results_hit(b, i);
        if (x->passage != y->passage || x->score != y->score)
            fail_msg("query %s: hit %zu is %llu (%.17g), not %llu (%.17g)", query, i, (unsigned long long)y->passage,
                     y->score, (unsigned long long)x->passage, x->score);
    }
}

#endif
