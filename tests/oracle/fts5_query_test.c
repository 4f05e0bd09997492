/* The operators that Lede and SQLite's FTS5 share find the same passages of the same random articles. FTS5 has these
 * in two tables: of stems, as its porter tokenizer makes them, which words, phrases and NEAR of stems are asked of; and
 * of forms, for exact words, prefixes and wildcards.
 *
 * docs/QUERY.md, operator by operator, and which other engine it is compared with: FTS5 here (and in fts5_test.c, with
 * scores), Xapian in xapian_oracle_test.c. Where neither has it, query_oracle_test.c compares with brute force over the
 * text, and tests/query/cases.txt has what paths let pass.
 *
 *     operator                          FTS5                                Xapian
 *     a b                               OR                                  OP_OR
 *     word, whatever its ending         tokenize = porter                   terms of stems
 *     =word "word"                      tokenize = unicode61                terms of forms
 *     case, accents                     unicode61                           -: terms are folded by the test
 *     word*                             "word"*                             OP_WILDCARD
 *     w*d *d wo?d                       fts5vocab and SQLite's GLOB         - (1.4 has it at the end alone)
 *     word~ word~2                      -                                   - (from 1.5 on)
 *     * (every passage)                 -                                   MatchAll
 *     a^2.5                             a                                   a term
 *     a-b, and -a-b                     OR, and NOT "a b"                   -
 *     "a b" ="a b"                      "a b"                               OP_PHRASE
 *     ="a b*"                           "a b"*                              OP_PHRASE, the forms spelled out with OP_OR
 *     NEAR/n(a b), of words             NEAR                                OP_NEAR
 *     NEAR/n("a b" c)                   NEAR                                - (no phrases in OP_NEAR)
 *     NEAR/n((a OR b) c)                - (no choices in NEAR)              OP_NEAR of OP_OR
 *     ADJ/n(a b)                        - (but ADJ/1, as a phrase)          OP_PHRASE with a window
 *     SENTENCE(a b)                     -                                   -
 *     PASSAGE(a b)                      AND                                 OP_AND
 *     +a b                              a                                   OP_AND_MAYBE
 *     a -b                              NOT                                 OP_AND_NOT
 *     AND OR NOT, parentheses           AND OR NOT                          OP_AND OP_OR OP_AND_NOT
 *     a OR b AND c NOT d                the same text: it binds the same    -
 *     (a b c)/2                         -                                   - (OP_ELITE_SET is another thing)
 *     title: heading: body:             column filters                      prefixes of terms
 *     title:(a b)                       column filters                      prefixes of terms
 *     date:                             -                                   OP_VALUE_RANGE
 *     byline:a byline:"a b"             a column                            OP_PHRASE of terms with a prefix
 *     path:                             -                                   -
 *     lang:en                           a column                            a term
 *     two filters of a kind, and -lang: OR, NOT                             OP_OR, OP_AND_NOT
 *
 * FTS5's ^ for the beginning of a column is none of Lede's operators. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "core/base/buffer.h"
#include "support/built_index.h"
#include "support/random_article.h"

enum { ARTICLES = 400, CORPORA = 10, QUERIES = 200 };

struct fixture {
    struct random *random;
    struct built_index built;
    sqlite3 *db;
    uint32_t articles;
    bool forms; /* are what is asked for, else stems */
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

/* ------------------------------------------------------------------------------------- corpora -- */

static void insert(struct fixture *f, const char *table, const struct random_article *a) {
    char *sql =
        sqlite3_mprintf("INSERT INTO %s(rowid, title, heading, body, byline, lang) VALUES(%u, %Q, %Q, %Q, %Q, %Q)",
                        table, f->articles, a->title.text, a->heading.text, a->text.text, a->byline_text, a->language);
    run(f->db, sql);
    sqlite3_free(sql);
}

static void add_article(struct fixture *f) {
    struct random_article a;
    struct passage passage;
    random_article(f->random, f->articles, &a);
    const struct article article = indexed_article(&a, &passage);
    built_index_add(&f->built, &article);
    insert(f, "stems", &a);
    insert(f, "forms", &a);
    f->articles++;
}

static void fill(struct fixture *f) {
    run(f->db, "CREATE VIRTUAL TABLE stems USING fts5(title, heading, body, byline, lang, "
               "tokenize = 'porter unicode61')");
    run(f->db, "CREATE VIRTUAL TABLE forms USING fts5(title, heading, body, byline, lang, tokenize = 'unicode61')");
    run(f->db, "CREATE VIRTUAL TABLE vocabulary USING fts5vocab(forms, row); BEGIN");
    for (uint32_t segments = 1 + random_below(f->random, 3); segments > 0; segments--) {
        for (uint32_t n = 1 + random_below(f->random, ARTICLES); n > 0; n--)
            add_article(f);
        built_index_flush(&f->built);
    }
    run(f->db, "COMMIT");
}

/* -------------------------------------------------------------------------------------- words -- */

static void append(struct buffer *b, const char *text) {
    buffer_append(b, text, strlen(text));
}

static void append_both(struct query *q, const char *text) {
    append(&q->lede, text);
    append(&q->fts5, text);
}

static void append_typed(struct fixture *f, struct query *q, struct random_word w) {
    char word[SHOWN];
    bool quoted = f->forms && random_below(f->random, 2);
    append(&q->lede, quoted ? "\"" : f->forms ? "=" : "");
    append(&q->lede, shown(f->random, form_of(w), word));
    append(&q->lede, quoted ? "\"" : "");
    append(&q->fts5, "\"");
    append(&q->fts5, form_of(w));
    append(&q->fts5, "\"");
}

static void append_word(struct fixture *f, struct query *q) {
    append_typed(f, q, random_word(f->random));
}

/* Words in a row, the last of which may be cut. */
static void append_phrase(struct fixture *f, struct query *q, uint32_t count, bool may_be_cut) {
    bool cut = f->forms && may_be_cut && random_below(f->random, 3) == 0;
    append_both(q, "\"");
    for (uint32_t i = 0; i < count; i++) {
        char word[SHOWN];
        snprintf(word, i + 1 == count && cut ? 4 : SHOWN, "%s", form_of(random_word(f->random)));
        append_both(q, i ? " " : "");
        append_both(q, word);
    }
    append(&q->lede, cut ? "*\"" : "\"");
    append(&q->fts5, cut ? "\"*" : "\"");
}

static void append_quoted(struct fixture *f, struct query *q) {
    append(&q->lede, f->forms ? "=" : "");
    append_phrase(f, q, 2 + random_below(f->random, 2), true);
}

static void append_prefix(struct fixture *f, struct query *q) {
    char word[SHOWN];
    const char *form = form_of(random_word(f->random));
    snprintf(word, 2 + random_below(f->random, (uint32_t)strlen(form)), "%s", form);
    append(&q->lede, word);
    append(&q->lede, "*");
    append(&q->fts5, "\"");
    append(&q->fts5, word);
    append(&q->fts5, "\"*");
}

/* A word with a part of it as * or a letter as ?, and all forms that SQLite finds to be such. */
static void append_pattern(struct fixture *f, struct query *q) {
    const char *form = form_of(random_word(f->random));
    uint32_t len = (uint32_t)strlen(form), from = random_below(f->random, len - 1);
    uint32_t to = from + 1 + random_below(f->random, len - 1 - from);
    bool letter = from > 0 && random_below(f->random, 2);
    char pattern[16];
    sqlite3_stmt *select;
    snprintf(pattern, sizeof pattern, "%.*s%s%s", (int)from, form, letter ? "?" : "*", form + (letter ? from + 1 : to));
    append(&q->lede, pattern);
    append(&q->fts5, "(\"nothing\"");
    assert_int_equal(sqlite3_prepare_v2(f->db, "SELECT term FROM vocabulary WHERE term GLOB ?", -1, &select, NULL),
                     SQLITE_OK);
    sqlite3_bind_text(select, 1, pattern, -1, SQLITE_STATIC);
    while (sqlite3_step(select) == SQLITE_ROW) {
        append(&q->fts5, " OR \"");
        append(&q->fts5, (const char *)sqlite3_column_text(select, 0));
        append(&q->fts5, "\"");
    }
    append(&q->fts5, ")");
    sqlite3_finalize(select);
}

/* Words of different stems: where two may be the same, one occurrence is enough for FTS5. One of two may be a phrase;
 * with more, FTS5's distance would be another for each length of those in the middle. */
static void append_near(struct fixture *f, struct query *q) {
    struct random *r = f->random;
    uint32_t distance = 1 + random_below(r, 6), count = 2 + random_below(r, 2), first = random_below(r, STEMS);
    uint32_t phrase = count == 2 ? random_below(r, 4) : 4;
    char text[32];
    snprintf(text, sizeof text, "NEAR/%u(", distance);
    append(&q->lede, text);
    append(&q->fts5, "NEAR(");
    for (uint32_t i = 0; i < count; i++) {
        const struct random_word a = {(first + i * 2) % STEMS, random_below(r, FORMS)};
        const struct random_word b = {(first + i * 2 + 1) % STEMS, random_below(r, FORMS)};
        if (i == phrase) {
            append(&q->lede, f->forms ? "=" : "");
            append_both(q, "\"");
            append_both(q, form_of(a));
            append_both(q, " ");
            append_both(q, form_of(b));
            append_both(q, "\"");
        } else {
            append_typed(f, q, a);
        }
        append_both(q, i + 1 < count ? " " : "");
    }
    append(&q->lede, ")");
    snprintf(text, sizeof text, ", %u)", distance + count - 3);
    append(&q->fts5, text);
}

/* ------------------------------------------------------------------------------------ operands -- */

static void append_field(struct random *r, struct query *q) {
    static const char *const fields[] = {"title", "heading", "body"};
    const char *field = fields[random_below(r, 3)];
    append_both(q, field);
    append(&q->lede, ":");
    append(&q->fts5, " : ");
}

static void append_one(struct fixture *f, struct query *q) {
    switch (random_below(f->random, f->forms ? 8 : 6)) {
    case 0: append_quoted(f, q); break;
    case 1: append_near(f, q); break;
    case 6: append_prefix(f, q); break;
    case 7: append_pattern(f, q); break;
    default: append_word(f, q);
    }
}

/* Several as one: the words of a field, both words, words with a hyphen. */
static void append_several(struct fixture *f, struct query *q) {
    uint32_t kind = random_below(f->random, f->forms ? 2 : 3);
    if (kind == 0)
        append_field(f->random, q);
    append(&q->lede, kind == 0 ? "(" : kind == 1 ? "PASSAGE(" : "");
    append(&q->fts5, "(");
    append_word(f, q);
    append(&q->lede, kind == 2 ? "-" : " ");
    append(&q->fts5, kind == 1 ? " AND " : " OR ");
    append_word(f, q);
    append(&q->lede, kind == 2 ? "" : ")");
    append(&q->fts5, ")");
}

static void append_operand(struct fixture *f, struct query *q) {
    if (random_below(f->random, 6) == 0) {
        append_several(f, q);
        return;
    }
    if (random_below(f->random, 4) == 0)
        append_field(f->random, q);
    append_one(f, q);
    append(&q->lede, random_below(f->random, 6) ? "" : "^2.5");
}

/* --------------------------------------------------------------------------------- expressions -- */

static void append_expression(struct fixture *f, struct query *q, unsigned depth);

/* Signs: what must be there is looked for, what may be there matters not. */
static void append_signs(struct fixture *f, struct query *q, unsigned depth) {
    struct query maybe = {BUFFER_EMPTY, BUFFER_EMPTY};
    append(&q->lede, "(+(");
    append(&q->fts5, "(");
    append_expression(f, q, depth + 1);
    append(&q->lede, ") ");
    append_operand(f, &maybe);
    buffer_append(&q->lede, maybe.lede.data, maybe.lede.len);
    append(&q->lede, " -");
    append(&q->fts5, " NOT ");
    if (!f->forms && random_below(f->random, 2)) {
        struct random_word a = random_word(f->random), b = random_word(f->random);
        append(&q->fts5, "\"");
        append_both(q, form_of(a));
        append(&q->lede, "-");
        append(&q->fts5, " ");
        append_both(q, form_of(b));
        append(&q->fts5, "\"");
    } else {
        append(&q->lede, "(");
        append_expression(f, q, depth + 1);
        append(&q->lede, ")");
    }
    append_both(q, ")");
    buffer_release(&maybe.lede);
    buffer_release(&maybe.fts5);
}

/* What stands side by side: any of them. */
static void append_any(struct fixture *f, struct query *q, unsigned depth) {
    append_both(q, "(");
    append_expression(f, q, depth + 1);
    append(&q->lede, " ");
    append(&q->fts5, " OR ");
    append_expression(f, q, depth + 1);
    append_both(q, ")");
}

/* Several operators in a row, which bind in both as they do. */
static void append_chain(struct fixture *f, struct query *q, unsigned depth) {
    static const char *const operators[] = {" AND ", " OR ", " NOT "};
    append_both(q, "(");
    for (uint32_t n = 1 + random_below(f->random, 3); n > 0; n--) {
        append_expression(f, q, depth + 1);
        append_both(q, operators[random_below(f->random, 3)]);
    }
    append_expression(f, q, depth + 1);
    append_both(q, ")");
}

static void append_expression(struct fixture *f, struct query *q, unsigned depth) {
    if (depth == 3 || random_below(f->random, 3) == 0) {
        append_operand(f, q);
        return;
    }
    switch (random_below(f->random, 6)) {
    case 0: append_signs(f, q, depth); break;
    case 1: append_any(f, q, depth); break;
    default: append_chain(f, q, depth);
    }
}

static void append_byline(struct random *r, struct query *q) {
    const char *a = names[random_below(r, NAMES)], *b = names[random_below(r, NAMES)];
    bool one = random_below(r, 2);
    append(&q->lede, " byline:\"");
    append(&q->fts5, " AND (byline : \"");
    append_both(q, a);
    append_both(q, one ? "" : " ");
    append_both(q, one ? "" : b);
    append(&q->lede, "\"");
    append(&q->fts5, "\")");
}

/* One language, one of two, or another than one. */
static void append_language(struct random *r, struct query *q) {
    const char *a = languages[random_below(r, LANGUAGES)], *b = languages[random_below(r, LANGUAGES)];
    uint32_t kind = random_below(r, 3);
    append(&q->lede, kind == 2 ? " -lang:" : " lang:");
    append(&q->fts5, kind == 2 ? " NOT (lang : (\"" : " AND (lang : (\"");
    append_both(q, a);
    append(&q->lede, kind == 1 ? " lang:" : "");
    append(&q->lede, kind == 1 ? b : "");
    append(&q->fts5, kind == 1 ? "\" OR \"" : "");
    append(&q->fts5, kind == 1 ? b : "");
    append(&q->fts5, "\"))");
}

/* Only the fields' columns are searched for words; filters look at the others. */
static void append_query(struct fixture *f, struct query *q) {
    append(&q->fts5, "({title heading body} : (");
    append_expression(f, q, 0);
    append(&q->fts5, "))");
    if (random_below(f->random, 4) == 0)
        append_byline(f->random, q);
    if (random_below(f->random, 4) == 0)
        append_language(f->random, q);
    buffer_append_u8(&q->lede, 0);
    buffer_append_u8(&q->fts5, 0);
}

/* ----------------------------------------------------------------------------------- the tests -- */

static uint32_t match(struct fixture *f, const char *fts5, bool *found) {
    const char *sql =
        f->forms ? "SELECT rowid FROM forms WHERE forms MATCH ?" : "SELECT rowid FROM stems WHERE stems MATCH ?";
    uint32_t count = 0;
    int row;
    sqlite3_stmt *select;
    assert_int_equal(sqlite3_prepare_v2(f->db, sql, -1, &select, NULL), SQLITE_OK);
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

static bool check(struct fixture *f) {
    const lede_search_options all = {.limit = SIZE_MAX};
    const lede_query_options strict = {.strict = true};
    struct query q = {BUFFER_EMPTY, BUFFER_EMPTY};
    lede_query *query;
    lede_results *results;
    lede_error err;
    f->forms = random_below(f->random, 2);
    append_query(f, &q);
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
    return count > 0 && count < f->articles;
}

static void matches_are_those_of_fts5(void **state) {
    uint32_t telling = 0;
    for (int i = 0; i < CORPORA; i++) {
        struct fixture f = {.random = *state};
        assert_int_equal(sqlite3_open(":memory:", &f.db), SQLITE_OK);
        built_index_init(&f.built, "english");
        fill(&f);
        for (int n = 0; n < QUERIES; n++)
            telling += check(&f);
        built_index_release(&f.built);
        sqlite3_close(f.db);
    }
    printf("%u of %d queries find some of the passages\n", telling, CORPORA * QUERIES);
    assert_true(telling > CORPORA * QUERIES / 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(matches_are_those_of_fts5, random_setup, random_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
