/* Searching against SQLite FTS5 over the same random passages of plain words: the same matches for any query, and for
 * words the same scores, but for the idf, which FTS5 takes without the 1 under the logarithm. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "support/built_index.h"
#include "support/random.h"

enum { PASSAGES = 600, WORDS = 26, TEXT = 1024 };

struct fixture {
    struct random *random;
    struct built_index built;
    sqlite3 *db;
    uint32_t passages;
};

static void run(sqlite3 *db, const char *sql) {
    char *message = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
        fail_msg("%s: %s", sql, message);
}

/* ------------------------------------------------------------------------------------- corpora -- */

/* A word of one letter or of two; the smaller the number, the more frequent. */
static size_t append_word(struct random *r, char *text) {
    uint32_t word = random_below(r, 1 + random_below(r, WORDS));
    text[0] = (char)('a' + word);
    if (word % 3)
        return 1;
    text[1] = 'x';
    return 2;
}

static void add_passage(struct fixture *f) {
    char text[TEXT], key[16];
    size_t len = 0;
    for (uint32_t n = random_below(f->random, 1U << random_below(f->random, 8)); n > 0; n--) {
        len += append_word(f->random, text + len);
        text[len++] = ' ';
    }
    const struct passage all = {.len = (uint32_t)len, .line = 1};
    struct article article = {.passages = &all, .passage_count = 1};
    article.meta = (lede_article){
        .key = key, .key_len = (size_t)snprintf(key, sizeof key, "%u", f->passages), .body = text, .body_len = len};
    built_index_add(&f->built, &article);
    sqlite3_stmt *insert;
    assert_int_equal(sqlite3_prepare_v2(f->db, "INSERT INTO p(rowid, body) VALUES(?, ?)", -1, &insert, NULL),
                     SQLITE_OK);
    sqlite3_bind_int64(insert, 1, f->passages++);
    sqlite3_bind_text(insert, 2, text, (int)len, SQLITE_STATIC);
    assert_int_equal(sqlite3_step(insert), SQLITE_DONE);
    sqlite3_finalize(insert);
}

static void fill(struct fixture *f) {
    run(f->db, "CREATE VIRTUAL TABLE p USING fts5(body, tokenize = 'unicode61'); BEGIN");
    for (uint32_t segments = 1 + random_below(f->random, 3); segments > 0; segments--) {
        for (uint32_t n = 1 + random_below(f->random, PASSAGES); n > 0; n--)
            add_passage(f);
        built_index_flush(&f->built);
    }
    run(f->db, "COMMIT");
}

/* ------------------------------------------------------------------------------------- queries -- */

/* The same query in both languages. FTS5: (a AND "b c") or (a OR "b c"), then NOT (d OR e). */
struct query {
    char lede[TEXT], fts5[TEXT];
};

static void append(char *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void append(char *text, const char *format, ...) {
    va_list args;
    size_t len = strlen(text);
    va_start(args, format);
    vsnprintf(text + len, TEXT - len, format, args);
    va_end(args);
}

static void random_operand(struct random *r, char *text) {
    size_t len = 0;
    text[len++] = '"';
    for (uint32_t n = random_below(r, 3) ? 1 : 2 + random_below(r, 2); n > 0; n--) {
        len += append_word(r, text + len);
        text[len++] = ' ';
    }
    text[len - 1] = '"';
    text[len] = 0;
}

static void random_query(struct random *r, struct query *q) {
    bool all = random_below(r, 2);
    uint32_t searched = 1 + random_below(r, 4), excluded = random_below(r, 3);
    char operand[32];
    snprintf(q->lede, TEXT, "%s", "");
    snprintf(q->fts5, TEXT, "(");
    for (uint32_t i = 0; i < searched; i++) {
        random_operand(r, operand);
        append(q->lede, all ? "+%s " : "%s ", operand);
        append(q->fts5, i == 0 ? "%s" : all ? " AND %s" : " OR %s", operand);
    }
    append(q->fts5, "%s", excluded ? ") NOT (" : "");
    for (uint32_t i = 0; i < excluded; i++) {
        random_operand(r, operand);
        append(q->lede, "-%s ", operand);
        append(q->fts5, i == 0 ? "%s" : " OR %s", operand);
    }
    append(q->fts5, "%s", ")");
}

static lede_results *search(struct fixture *f, const char *text, lede_query **query) {
    const lede_search_options options = {.limit = SIZE_MAX, .k1 = 1.2, .b = 0.75};
    lede_results *results;
    lede_error err;
    built_check(lede_query_parse(query, &f->built.index, text, strlen(text), NULL, &err), &err);
    built_check(lede_search(&results, &f->built.index, *query, &options, &err), &err);
    return results;
}

/* Calls SQLite for rows of (rowid, bm25) that match; adds `factor` times the score to scores, NAN meaning no match so
 * far. Returns how many matched. */
static uint32_t match(struct fixture *f, const char *fts5, double factor, double *scores) {
    uint32_t count = 0;
    sqlite3_stmt *select;
    assert_int_equal(sqlite3_prepare_v2(f->db, "SELECT rowid, -bm25(p) FROM p WHERE p MATCH ?", -1, &select, NULL),
                     SQLITE_OK);
    sqlite3_bind_text(select, 1, fts5, -1, SQLITE_STATIC);
    int row;
    while ((row = sqlite3_step(select)) == SQLITE_ROW) {
        double *score = &scores[sqlite3_column_int64(select, 0)];
        *score = (isnan(*score) ? 0 : *score) + factor * sqlite3_column_double(select, 1);
        count++;
    }
    if (row != SQLITE_DONE)
        fail_msg("%s: %s", fts5, sqlite3_errmsg(f->db));
    sqlite3_finalize(select);
    return count;
}

static double *no_scores(const struct fixture *f) {
    double *scores = malloc(f->passages * sizeof *scores);
    assert_non_null(scores);
    for (uint32_t i = 0; i < f->passages; i++)
        scores[i] = NAN;
    return scores;
}

/* ----------------------------------------------------------------------------------- the tests -- */

static void check_matches(struct fixture *f) {
    struct query q;
    lede_query *query;
    random_query(f->random, &q);
    double *scores = no_scores(f);
    uint32_t count = match(f, q.fts5, 1, scores);
    lede_results *results = search(f, q.lede, &query);
    if (lede_results_count(results) != count)
        fail_msg("%s has %zu matches, %s has %u", q.lede, lede_results_count(results), q.fts5, count);
    for (size_t i = 0; i < count; i++)
        if (isnan(scores[lede_results_hit(results, i)->passage]))
            fail_msg("%s finds passage %llu, %s does not", q.lede,
                     (unsigned long long)lede_results_hit(results, i)->passage, q.fts5);
    lede_results_free(results);
    lede_query_free(query);
    free(scores);
}

/* By what to multiply FTS5's scores of a word so that they have Lede's idf. */
static double idf_ratio(struct fixture *f, const char *word) {
    double *scores = no_scores(f);
    double n = f->passages, df = match(f, word, 1, scores);
    double fts5 = log((n - df + 0.5) / (df + 0.5));
    free(scores);
    return log(1 + (n - df + 0.5) / (df + 0.5)) / (fts5 > 0 ? fts5 : 1e-6);
}

static void check_scores(struct fixture *f) {
    char text[TEXT] = "", seen[WORDS * 3] = "";
    lede_query *query;
    double *scores = no_scores(f);
    for (uint32_t n = 1 + random_below(f->random, 4); n > 0; n--) {
        char word[8] = "\"";
        word[1 + append_word(f->random, word + 1)] = '"';
        if (strstr(seen, word))
            continue;
        strcat(seen, word);
        append(text, "%s ", word);
        match(f, word, idf_ratio(f, word), scores);
    }
    lede_results *results = search(f, text, &query);
    double before = INFINITY;
    for (size_t i = 0; i < lede_results_count(results); i++) {
        const lede_hit *hit = lede_results_hit(results, i);
        if (!(fabs(hit->score - scores[hit->passage]) < 1e-9 * hit->score))
            fail_msg("%s: passage %llu scores %.15g, by FTS5 %.15g", text, (unsigned long long)hit->passage, hit->score,
                     scores[hit->passage]);
        assert_true(hit->score <= before);
        before = hit->score;
    }
    lede_results_free(results);
    lede_query_free(query);
    free(scores);
}

static void check_corpora(struct random *random, int corpora, void (*check)(struct fixture *f)) {
    for (int i = 0; i < corpora; i++) {
        struct fixture f = {.random = random};
        assert_int_equal(sqlite3_open(":memory:", &f.db), SQLITE_OK);
        built_index_init(&f.built, "none");
        fill(&f);
        for (int n = 0; n < 100; n++)
            check(&f);
        built_index_release(&f.built);
        sqlite3_close(f.db);
    }
}

static void matches_are_those_of_fts5(void **state) {
    check_corpora(*state, 10, check_matches);
}

static void scores_are_those_of_fts5_but_for_the_idf(void **state) {
    check_corpora(*state, 6, check_scores);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(matches_are_those_of_fts5, random_setup, random_teardown),
        cmocka_unit_test_setup_teardown(scores_are_those_of_fts5_but_for_the_idf, random_setup, random_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
