/* The operators that Lede and SQLite FTS5 share, over the same random articles with a title and a text: AND, OR, NOT,
 * phrases, NEAR, prefixes and column filters find the same passages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "core/buffer.h"
#include "support/built_index.h"
#include "support/random.h"

enum { ARTICLES = 500, WORDS = 20 };

struct fixture {
    struct random *random;
    struct built_index built;
    sqlite3 *db;
    uint32_t articles;
};

/* The same query in both languages. */
struct query {
    struct buffer lede, fts5;
};

static void run(sqlite3 *db, const char *sql) {
    char *message = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
        fail_msg("%s: %s", sql, message);
}

/* The smaller the number, the more frequent; words of one beginning, for prefixes. */
static uint32_t random_number(struct random *r) {
    return random_below(r, 1 + random_below(r, WORDS));
}

static void word_of(uint32_t number, char word[8]) {
    snprintf(word, 8, "%c%s", 'a' + (int)(number / 3), number % 3 == 0 ? "" : number % 3 == 1 ? "x" : "xy");
}

/* ------------------------------------------------------------------------------------- corpora -- */

static size_t random_text(struct random *r, uint32_t most, char *text) {
    size_t len = 0;
    for (uint32_t n = random_below(r, most + 1); n > 0; n--) {
        word_of(random_number(r), text + len);
        len += strlen(text + len);
        text[len++] = ' ';
    }
    text[len] = 0;
    return len;
}

static void add_article(struct fixture *f) {
    char title[64], body[512], key[16];
    size_t title_len = random_text(f->random, 5, title), body_len = random_text(f->random, 60, body);
    const struct passage all = {.len = (uint32_t)body_len, .line = 1};
    struct article article = {.passages = &all, .passage_count = 1};
    article.meta = (lede_article){.key = key,
                                  .key_len = (size_t)snprintf(key, sizeof key, "%u", f->articles),
                                  .title = title,
                                  .title_len = title_len,
                                  .body = body,
                                  .body_len = body_len};
    built_index_add(&f->built, &article);
    char *sql = sqlite3_mprintf("INSERT INTO p(rowid, title, body) VALUES(%u, %Q, %Q)", f->articles++, title, body);
    run(f->db, sql);
    sqlite3_free(sql);
}

static void fill(struct fixture *f) {
    run(f->db, "CREATE VIRTUAL TABLE p USING fts5(title, body, tokenize = 'unicode61'); BEGIN");
    for (uint32_t segments = 1 + random_below(f->random, 3); segments > 0; segments--) {
        for (uint32_t n = 1 + random_below(f->random, ARTICLES); n > 0; n--)
            add_article(f);
        built_index_flush(&f->built);
    }
    run(f->db, "COMMIT");
}

/* ------------------------------------------------------------------------------------- queries -- */

static void append(struct buffer *b, const char *text) {
    buffer_append(b, text, strlen(text));
}

static void append_both(struct query *q, const char *text) {
    append(&q->lede, text);
    append(&q->fts5, text);
}

static void append_word(struct query *q, uint32_t number) {
    char word[8];
    word_of(number, word);
    append(&q->lede, word);
    append(&q->fts5, "\"");
    append(&q->fts5, word);
    append(&q->fts5, "\"");
}

static void append_phrase(struct random *r, struct query *q) {
    append_both(q, "\"");
    for (uint32_t n = 2 + random_below(r, 2); n > 0; n--) {
        char word[8];
        word_of(random_number(r), word);
        append_both(q, word);
        append_both(q, n > 1 ? " " : "\"");
    }
}

/* Of different words, as one occurrence is enough for FTS5 where a word stands twice. */
static void append_near(struct random *r, struct query *q) {
    uint32_t distance = 1 + random_below(r, 6), count = 2 + random_below(r, 2), first = random_number(r);
    char text[32];
    snprintf(text, sizeof text, "NEAR/%u(", distance);
    append(&q->lede, text);
    append(&q->fts5, "NEAR(");
    for (uint32_t i = 0; i < count; i++) {
        append_word(q, (first + i * (1 + distance)) % WORDS);
        append_both(q, i + 1 < count ? " " : "");
    }
    append(&q->lede, ")");
    snprintf(text, sizeof text, ", %u)", distance + count - 3);
    append(&q->fts5, text);
}

static void append_prefix(struct random *r, struct query *q) {
    char word[8];
    word_of(random_number(r), word);
    append(&q->lede, word);
    append(&q->lede, "*");
    append(&q->fts5, "\"");
    append(&q->fts5, word);
    append(&q->fts5, "\"*");
}

static void append_operand(struct random *r, struct query *q) {
    bool title = random_below(r, 2);
    if (random_below(r, 4) == 0) {
        append(&q->lede, title ? "title:" : "body:");
        append(&q->fts5, title ? "title : " : "body : ");
    }
    switch (random_below(r, 5)) {
    case 0: append_phrase(r, q); break;
    case 1: append_near(r, q); break;
    case 2: append_prefix(r, q); break;
    default: append_word(q, random_number(r));
    }
}

static void append_expression(struct random *r, struct query *q, unsigned depth) {
    static const char *const operators[] = {" AND ", " OR ", " NOT "};
    if (depth == 3 || random_below(r, 3) == 0) {
        append_operand(r, q);
        return;
    }
    append_both(q, "(");
    append_expression(r, q, depth + 1);
    append_both(q, operators[random_below(r, 3)]);
    append_expression(r, q, depth + 1);
    append_both(q, ")");
}

/* ----------------------------------------------------------------------------------- the tests -- */

static uint32_t match(struct fixture *f, const char *fts5, bool *found) {
    uint32_t count = 0;
    int row;
    sqlite3_stmt *select;
    assert_int_equal(sqlite3_prepare_v2(f->db, "SELECT rowid FROM p WHERE p MATCH ?", -1, &select, NULL), SQLITE_OK);
    sqlite3_bind_text(select, 1, fts5, -1, SQLITE_STATIC);
    while ((row = sqlite3_step(select)) == SQLITE_ROW) {
        found[sqlite3_column_int64(select, 0)] = true;
        count++;
    }
    if (row != SQLITE_DONE)
        fail_msg("%s: %s", fts5, sqlite3_errmsg(f->db));
    sqlite3_finalize(select);
    return count;
}

static uint32_t check(struct fixture *f) {
    const lede_search_options all = {.limit = SIZE_MAX};
    const lede_query_options strict = {.strict = true};
    struct query q = {BUFFER_EMPTY, BUFFER_EMPTY};
    lede_query *query;
    lede_results *results;
    lede_error err;
    append_expression(f->random, &q, 0);
    buffer_append_u8(&q.lede, 0);
    buffer_append_u8(&q.fts5, 0);
    const char *lede = (const char *)q.lede.data, *fts5 = (const char *)q.fts5.data;
    bool *found = calloc(f->articles, sizeof *found);
    assert_non_null(found);
    uint32_t count = match(f, fts5, found);
    built_check(lede_query_parse(&query, &f->built.index, lede, strlen(lede), &strict, &err), &err);
    built_check(lede_search(&results, &f->built.index, query, &all, &err), &err);
    if (lede_results_count(results) != count)
        fail_msg("%s has %zu matches, %s has %u", lede, lede_results_count(results), fts5, count);
    for (size_t i = 0; i < count; i++)
        if (!found[lede_results_hit(results, i)->passage])
            fail_msg("%s finds %u, %s does not", lede, (unsigned)lede_results_hit(results, i)->passage, fts5);
    lede_results_free(results);
    lede_query_free(query);
    free(found);
    buffer_release(&q.lede);
    buffer_release(&q.fts5);
    return count > 0;
}

static void matches_are_those_of_fts5(void **state) {
    uint32_t with_matches = 0;
    for (int i = 0; i < 10; i++) {
        struct fixture f = {.random = *state};
        assert_int_equal(sqlite3_open(":memory:", &f.db), SQLITE_OK);
        built_index_init(&f.built, "none");
        fill(&f);
        for (int n = 0; n < 200; n++)
            with_matches += check(&f);
        built_index_release(&f.built);
        sqlite3_close(f.db);
    }
    assert_true(with_matches > 500);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(matches_are_those_of_fts5, random_setup, random_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
