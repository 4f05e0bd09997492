/* The operators that Lede and Xapian share, over the same random passages: AND, OR, NOT, phrases, NEAR and ADJ with
 * choices among their operands, prefixes and ranges of dates find the same passages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/buffer.h"
#include "engines/xapian/binding.h"
#include "support/built_index.h"
#include "support/random.h"

enum { ARTICLES = 500, WORDS = 20, DATE_SLOT = 0, OPERANDS = 3 };

struct fixture {
    struct random *random;
    struct built_index built;
    struct xapian_database *db;
    uint32_t articles;
};

static struct xapian_error error;

static void must(enum xapian_code code) {
    if (code != XAPIAN_OK)
        fail_msg("%s", error.message);
}

/* The smaller the number, the more frequent; words of one beginning, for prefixes. */
static uint32_t random_number(struct random *r) {
    return random_below(r, 1 + random_below(r, WORDS));
}

static void word_of(uint32_t number, char word[8]) {
    snprintf(word, 8, "%c%s", 'a' + (int)(number / 3), number % 3 == 0 ? "" : number % 3 == 1 ? "x" : "xy");
}

static uint32_t random_date(struct random *r) {
    return 20240001 + random_below(r, 2) * 10000 + (1 + random_below(r, 12)) * 100 + random_below(r, 28);
}

/* ------------------------------------------------------------------------------------- corpora -- */

static void add_article(struct fixture *f) {
    char body[512], key[16], date[16];
    size_t len = 0;
    struct xapian_document *document;
    must(xapian_document_new(&document, &error));
    for (uint32_t n = random_below(f->random, 60), i = 0; i < n; i++) {
        char *word = body + len;
        word_of(random_number(f->random), word);
        must(xapian_document_add_posting(document, word, strlen(word), i + 1, &error));
        len += strlen(word);
        body[len++] = ' ';
    }
    const struct passage all = {.len = (uint32_t)len, .line = 1};
    struct article article = {.passages = &all, .passage_count = 1};
    article.meta = (lede_article){.key = key,
                                  .key_len = (size_t)snprintf(key, sizeof key, "%u", f->articles++),
                                  .body = body,
                                  .body_len = len,
                                  .date = random_date(f->random)};
    size_t date_len = (size_t)snprintf(date, sizeof date, "%u", article.meta.date);
    must(xapian_document_set_value(document, DATE_SLOT, date, date_len, &error));
    must(xapian_document_add(NULL, f->db, document, &error));
    xapian_document_free(document);
    built_index_add(&f->built, &article);
}

static void fill(struct fixture *f) {
    for (uint32_t segments = 1 + random_below(f->random, 3); segments > 0; segments--) {
        for (uint32_t n = 1 + random_below(f->random, ARTICLES); n > 0; n--)
            add_article(f);
        built_index_flush(&f->built);
    }
    must(xapian_database_commit(f->db, &error));
}

/* ------------------------------------------------------------------------------------- queries -- */

static void append(struct buffer *b, const char *text) {
    buffer_append(b, text, strlen(text));
}

static struct xapian_query *word(struct buffer *q, uint32_t number) {
    struct xapian_query *query;
    char text[8];
    word_of(number, text);
    append(q, text);
    must(xapian_query_term(&query, text, strlen(text), &error));
    return query;
}

static struct xapian_query *combine(enum xapian_operator op, struct xapian_query **operands, size_t count,
                                    uint32_t window) {
    struct xapian_query *query;
    must(xapian_query_combine(&query, op, (const struct xapian_query *const *)operands, count, window, &error));
    for (size_t i = 0; i < count; i++)
        xapian_query_free(operands[i]);
    return query;
}

static struct xapian_query *prefix(struct random *r, struct buffer *q) {
    struct xapian_query *query;
    char text[8];
    word_of(random_number(r), text);
    append(q, text);
    append(q, "*");
    must(xapian_query_prefix(&query, text, strlen(text), 0, &error));
    return query;
}

static struct xapian_query *phrase(struct random *r, struct buffer *q) {
    struct xapian_query *operands[OPERANDS];
    uint32_t count = 2 + random_below(r, OPERANDS - 1);
    append(q, "\"");
    for (uint32_t i = 0; i < count; i++) {
        operands[i] = word(q, random_number(r));
        append(q, i + 1 < count ? " " : "\"");
    }
    return combine(XAPIAN_PHRASE, operands, count, count);
}

/* Different words, some of them one of two. */
static struct xapian_query *near(struct random *r, struct buffer *q) {
    struct xapian_query *operands[OPERANDS];
    uint32_t count = 2 + random_below(r, OPERANDS - 1), distance = 1 + random_below(r, 6), number = random_number(r);
    bool ordered = random_below(r, 2);
    char text[16];
    snprintf(text, sizeof text, "%s/%u(", ordered ? "ADJ" : "NEAR", distance);
    append(q, text);
    for (uint32_t i = 0; i < count; i++, number++) {
        bool choice = random_below(r, 4) == 0;
        append(q, choice ? "(" : "");
        operands[i] = word(q, number % WORDS);
        if (choice) {
            append(q, " OR ");
            struct xapian_query *pair[] = {operands[i], word(q, ++number % WORDS)};
            operands[i] = combine(XAPIAN_OR, pair, 2, 0);
            append(q, ")");
        }
        append(q, i + 1 < count ? " " : ")");
    }
    return combine(ordered ? XAPIAN_PHRASE : XAPIAN_NEAR, operands, count, count + distance - 1);
}

static struct xapian_query *operand(struct random *r, struct buffer *q) {
    switch (random_below(r, 5)) {
    case 0: return phrase(r, q);
    case 1: return near(r, q);
    case 2: return prefix(r, q);
    default: return word(q, random_number(r));
    }
}

static struct xapian_query *dates(struct random *r, struct buffer *q) {
    struct xapian_query *query;
    uint32_t a = random_date(r), b = random_date(r), from = a < b ? a : b, to = a < b ? b : a;
    char text[64], low[16], high[16];
    snprintf(text, sizeof text, "date:%u-%02u-%02u..%u-%02u-%02u", from / 10000, from / 100 % 100, from % 100,
             to / 10000, to / 100 % 100, to % 100);
    append(q, text);
    size_t low_len = (size_t)snprintf(low, sizeof low, "%u", from);
    size_t high_len = (size_t)snprintf(high, sizeof high, "%u", to);
    must(xapian_query_range(&query, DATE_SLOT, low, low_len, high, high_len, &error));
    return query;
}

static struct xapian_query *expression(struct random *r, struct buffer *q, unsigned depth) {
    static const char *const names[] = {" AND ", " OR ", " NOT ", " "};
    static const enum xapian_operator operators[] = {XAPIAN_AND, XAPIAN_OR, XAPIAN_AND_NOT, XAPIAN_FILTER};
    if (depth == 3 || random_below(r, 3) == 0)
        return operand(r, q);
    uint32_t n = random_below(r, 4);
    append(q, "(");
    struct xapian_query *left = expression(r, q, depth + 1);
    append(q, names[n]);
    struct xapian_query *pair[] = {left, n == 3 ? dates(r, q) : expression(r, q, depth + 1)};
    append(q, ")");
    return combine(operators[n], pair, 2, 0);
}

/* ----------------------------------------------------------------------------------- the tests -- */

static uint32_t match(struct fixture *f, const struct xapian_query *query, bool *found) {
    const struct xapian_bm25 bm25 = {1.2, 0.75};
    const struct xapian_window all = {0, f->articles, UINT32_MAX};
    struct xapian_enquire *enquire;
    struct xapian_mset *mset;
    must(xapian_enquire_new(&enquire, f->db, query, &bm25, &error));
    must(xapian_enquire_run(&mset, enquire, &all, &error));
    uint32_t count = xapian_mset_count(mset);
    for (uint32_t i = 0; i < count; i++)
        found[xapian_mset_hit(mset, i)->document - 1] = true;
    xapian_mset_free(mset);
    xapian_enquire_free(enquire);
    return count;
}

static bool check(struct fixture *f) {
    const lede_search_options all = {.limit = SIZE_MAX};
    const lede_query_options strict = {.strict = true};
    struct buffer text = BUFFER_EMPTY;
    lede_query *query;
    lede_results *results;
    lede_error err;
    struct xapian_query *theirs = expression(f->random, &text, 0);
    buffer_append_u8(&text, 0);
    const char *ours = (const char *)text.data;
    bool *found = calloc(f->articles, sizeof *found);
    assert_non_null(found);
    uint32_t count = match(f, theirs, found);
    built_check(lede_query_parse(&query, &f->built.index, ours, strlen(ours), &strict, &err), &err);
    built_check(lede_search(&results, &f->built.index, query, &all, &err), &err);
    if (lede_results_count(results) != count)
        fail_msg("%s has %zu matches, in Xapian %u", ours, lede_results_count(results), count);
    for (size_t i = 0; i < count; i++)
        if (!found[lede_results_hit(results, i)->passage])
            fail_msg("%s finds %u, Xapian does not", ours, (unsigned)lede_results_hit(results, i)->passage);
    lede_results_free(results);
    lede_query_free(query);
    xapian_query_free(theirs);
    free(found);
    buffer_release(&text);
    return count > 0;
}

static void matches_are_those_of_xapian(void **state) {
    uint32_t with_matches = 0;
    for (int i = 0; i < 8; i++) {
        struct fixture f = {.random = *state};
        built_index_init(&f.built, "none");
        must(xapian_database_open_writable(&f.db, folder_entry(&f.built.folder, "xapian"), true, &error));
        fill(&f);
        for (int n = 0; n < 200; n++)
            with_matches += check(&f);
        xapian_database_close(f.db);
        built_index_release(&f.built);
    }
    assert_true(with_matches > 400);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(matches_are_those_of_xapian, random_setup, random_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
