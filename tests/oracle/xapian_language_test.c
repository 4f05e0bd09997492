/* The query language on shards: random articles with titles, headings, dates, bylines, languages and paths, in a folder
 * of segments, in one Xapian database and in three; random queries of every operator find the same passages in all of
 * them, and are ordered the same by one database and by three, with scores of the same parts. What Xapian has no
 * operator for is refused, and nothing else. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/buffer.h"
#include "core/index/index.h"
#include "engines/shards/reader_private.h"
#include "searcher/query/query.h"
#include "support/explanation.h"
#include "support/folder.h"
#include "support/index.h"
#include "support/shard_server.h"
#include "support/typed_word.h"
#include "support/xapian_check.h"
#include <sys/stat.h>

enum { ENGINES = 3, SHARDS = 3, ARTICLES = 150, QUERIES = 150, NAME = 2 * FOLDER_PATH, ALL = 100000, EXPLAINED = 4 };

/* In English, several have one stem; several are one or two letters from each other. */
static const char *const vocabulary[] = {
    "the",   "accord", "accords", "Accorded", "simla",   "Simlas", "treaty", "treaties",
    "water", "waters", "waiter",  "talk",     "talks",   "talked", "border", "borders",
    "order", "a",      "b",       "c",        "négocié", "x1",     "x12",    "日",
};
enum { VOCABULARY = sizeof vocabulary / sizeof *vocabulary };

struct fixture {
    struct random *random;
    struct folder folder;
    char names[ENGINES][NAME];
    lede_index *indexes[ENGINES];
    struct shard_server servers[SHARDS];
    unsigned refused, found;
};

static const char *pick(struct random *r, const char *const *choices, uint32_t count) {
    return choices[random_below(r, count)];
}

/* Frequent ones and rare ones. */
static const char *random_word(struct random *r) {
    uint32_t room = 2U << random_below(r, 5);
    return vocabulary[random_below(r, room < VOCABULARY ? room : VOCABULARY)];
}

/* ------------------------------------------------------------------------------------- articles -- */

static void append_line(struct random *r, struct buffer *text, uint32_t least, uint32_t most) {
    for (uint32_t n = least + random_below(r, most - least); n > 0; n--) {
        append(text, random_word(r));
        append(text, n == 1 ? "" : random_below(r, 12) ? " " : ". ");
    }
    append(text, "\n");
}

static void append_front(struct random *r, struct buffer *text) {
    static const char *const bylines[] = {"A. Sharma", "R. Gupta", "Anna Sharma and R. Gupta", "Sharma A"};
    static const char *const languages[] = {"en", "en-GB", "German", "xx", "hi"};
    char date[32];
    append(text, "---\n");
    if (random_below(r, 4)) {
        append(text, "title: ");
        append_line(r, text, 1, 6);
    }
    if (random_below(r, 3)) {
        append(text, "author: ");
        append(text, pick(r, bylines, 4));
        append(text, "\n");
    }
    if (random_below(r, 5)) {
        snprintf(date, sizeof date, "date: %u-%02u-%02u\n", 2024 + random_below(r, 2), 1 + random_below(r, 12),
                 1 + random_below(r, 28));
        append(text, date);
    }
    if (random_below(r, 2)) {
        append(text, "lang: ");
        append(text, pick(r, languages, 5));
        append(text, "\n");
    }
    append(text, "---\n");
}

static void write_article(struct fixture *f, unsigned number) {
    static const char *const folders[] = {"in", "in/news", "in/news/old", "in/other"};
    struct buffer text = BUFFER_EMPTY;
    char name[64];
    append_front(f->random, &text);
    for (uint32_t n = random_below(f->random, 4); n > 0; n--) {
        if (random_below(f->random, 2)) {
            append(&text, "\n## ");
            append_line(f->random, &text, 1, 5);
        }
        append(&text, "\n");
        append_line(f->random, &text, 1, random_below(f->random, 3) ? 40 : 200);
    }
    snprintf(name, sizeof name, "%s/%u.md", pick(f->random, folders, 4), number);
    folder_write(&f->folder, name, text.data, text.len);
    buffer_release(&text);
}

static void make_names(struct fixture *f) {
    snprintf(f->names[0], NAME, "%s/i.lede", f->folder.path);
    snprintf(f->names[1], NAME, "xapian:%s/one", f->folder.path);
    if (!shard_server_is_installed()) {
        snprintf(f->names[2], NAME, "xapian:%s/three", f->folder.path);
        folder_write_text(&f->folder, "three", "./s1\n./s2\n./s3\n");
        return;
    }
    int len = snprintf(f->names[2], NAME, "xapian:/");
    for (int i = 0; i < SHARDS; i++) {
        char shard[8];
        snprintf(shard, sizeof shard, "s%d", i);
        shard_server_start(&f->servers[i], folder_entry(&f->folder, shard), true);
        len += snprintf(f->names[2] + len, NAME - (size_t)len, "%s127.0.0.1:%u", i ? "," : "/", f->servers[i].port);
    }
}

static void index_all(struct fixture *f, const lede_writer_options *options) {
    for (int e = 0; e < ENGINES; e++) {
        lede_writer *w = writer_on(f->names[e], options);
        MUST(lede_writer_add_path(w, folder_entry(&f->folder, "in"), err));
        MUST(lede_writer_commit(w, NULL, err));
        lede_writer_close(w);
    }
}

/* Some articles change, so that the databases have gaps and the segments deletions. */
static void fill(struct fixture *f, const lede_writer_options *options) {
    static const char *const folders[] = {"in", "in/news", "in/news/old", "in/other"};
    folder_make(&f->folder);
    make_names(f);
    for (int i = 0; i < 4; i++)
        assert_int_equal(mkdir(folder_entry(&f->folder, folders[i]), 0777), 0);
    for (unsigned i = 0; i < ARTICLES; i++)
        write_article(f, i);
    index_all(f, options);
    for (unsigned i = 0; i < ARTICLES; i += 5)
        write_article(f, i);
    index_all(f, options);
    for (int e = 0; e < ENGINES; e++)
        MUST(lede_index_open(&f->indexes[e], f->names[e], err));
}

/* -------------------------------------------------------------------------------------- queries -- */

static void append_word(struct random *r, struct buffer *q) {
    append_form(r, q, random_word(r));
}

static void append_near(struct random *r, struct buffer *q) {
    static const char *const names[] = {"NEAR/1(", "NEAR/3(", "NEAR(",   "ADJ/1(",    "ADJ/2(",
                                        "ADJ/4(",  "NEAR/2(", "NEAR/4(", "SENTENCE(", "PASSAGE("};
    static const char *const fields[] = {"", "", "", "title:", "heading:", "body:"};
    append(q, pick(r, names, 10));
    for (uint32_t n = 2 + random_below(r, 2); n > 0; n--) {
        append(q, pick(r, fields, 6));
        switch (random_below(r, 10)) {
        case 0: append(q, "\""), append(q, random_word(r)), append(q, " the\""); break;
        case 1:
        case 2: append(q, "("), append_word(r, q), append(q, " OR "), append_word(r, q), append(q, ")"); break;
        default: append_word(r, q);
        }
        append(q, n > 1 ? " " : ")");
    }
}

static void append_operand(struct random *r, struct buffer *q, unsigned depth);

static void append_group(struct random *r, struct buffer *q, unsigned depth) {
    static const char *const operators[] = {" ", " ", " AND ", " OR ", " NOT ", " AND NOT "};
    append(q, "(");
    for (uint32_t n = 1 + random_below(r, 4); n > 0; n--) {
        append_operand(r, q, depth + 1);
        append(q, n > 1 ? pick(r, operators, 6) : ")");
    }
    if (random_below(r, 4) == 0)
        append(q, random_below(r, 2) ? "/2" : "/3");
}

static void append_phrase(struct random *r, struct buffer *q) {
    append(q, random_below(r, 4) ? "\"" : "=\"");
    for (uint32_t n = 1 + random_below(r, 3); n > 0; n--) {
        append_word(r, q);
        append(q, n > 1 ? " " : "\"");
    }
}

static void append_operand(struct random *r, struct buffer *q, unsigned depth) {
    static const char *const signs[] = {"", "", "", "", "+", "-"}, *const fields[] = {"title:", "heading:", "body:"};
    static const char *const filters[] = {
        "date:2024",           "date:2025-03",   "date:2024-06..2025-02-10",
        "date:2026..",         "date:..2024-12", "byline:sharma",
        "byline:\"r gupta\"",  "byline:a",       "lang:en",
        "lang:german",         "lang:xx",        "path:news",
        "path:old/*.md",       "path:*/1?.md",   "path:nowhere",
        "byline:\"a sharma\"",
    };
    append(q, pick(r, signs, 6));
    switch (random_below(r, depth < 3 ? 13 : 8)) {
    case 0: append(q, pick(r, filters, sizeof filters / sizeof *filters)); return;
    case 1: append_near(r, q); break;
    case 2: append_phrase(r, q); break;
    case 3: append(q, pick(r, fields, 3)), append_word(r, q); break;
    case 4: append(q, pick(r, fields, 3)), append_phrase(r, q); break;
    case 8:
    case 9:
    case 10: append_group(r, q, depth); break;
    case 11: append(q, "*"); break;
    default: append_word(r, q);
    }
    if (random_below(r, 6) == 0)
        append(q, "^2.5");
}

/* ---------------------------------------------------------------------------------------- hits -- */

struct hit {
    char key[FOLDER_PATH + 64];
    uint32_t number;
    double score;
    struct buffer explanation;
};

struct hits {
    struct hit *all;
    size_t count;
};

static int compare_hits(const void *a, const void *b) {
    const struct hit *x = a, *y = b;
    int order = strcmp(x->key, y->key);
    return order ? order : (x->number > y->number) - (x->number < y->number);
}

static void release_hits(struct hits *hits) {
    for (size_t i = 0; i < hits->count; i++)
        buffer_release(&hits->all[i].explanation);
    free(hits->all);
}

/* LEDE_UNSUPPORTED, and no hits, if it is refused. */
static lede_status search(const struct fixture *f, int engine, const char *text, const lede_search_options *options,
                          struct hits *out) {
    lede_query *query = NULL;
    lede_results *results = NULL;
    lede_error refusal = {.message = ""};
    *out = (struct hits){NULL, 0};
    MUST(lede_query_parse(&query, f->indexes[engine], text, strlen(text), NULL, err));
    lede_status status = lede_search(&results, f->indexes[engine], query, options, &refusal);
    if (status != LEDE_OK && status != LEDE_UNSUPPORTED)
        fail_msg("'%s': %s", text, refusal.message);
    out->count = status ? 0 : lede_results_count(results);
    out->all = calloc(out->count + 1, sizeof *out->all);
    for (size_t i = 0; i < out->count; i++) {
        const lede_passage_view *view = NULL;
        MUST(lede_results_passage(&view, results, i, err));
        snprintf(out->all[i].key, sizeof out->all[i].key, "%s", view->article.key);
        out->all[i].number = view->number;
        out->all[i].score = lede_results_hit(results, i)->score;
        if (i < EXPLAINED)
            explanation_check(&out->all[i].explanation, results, i, text);
    }
    bool exact = true;
    if (!status && options->count && (lede_results_total(results, &exact) != out->count || !exact))
        fail_msg("'%s' on engine %d: %zu hits of %llu", text, engine, out->count,
                 (unsigned long long)lede_results_total(results, NULL));
    lede_results_free(results);
    lede_query_free(query);
    return status;
}

static bool has_words(const struct node *node, bool stems) {
    bool has = node->kind == NODE_WORD && (node->word == WORD_STEM) == stems;
    for (const struct node *c = node->first; c && !has; c = c->next)
        has = has_words(c, stems);
    return has;
}

/* What is refused; `maybe`: what may be, as a word and a form of it may stand near each other. */
static bool lacks_operator(const struct node *node, bool maybe) {
    bool near = node->kind == NODE_NEAR || node->kind == NODE_ADJ, lacks = node->kind == NODE_SENTENCE;
    lacks |= maybe && node->kind == NODE_NEAR && has_words(node, true) && has_words(node, false);
    for (const struct node *c = node->first; c && !lacks; c = c->next)
        lacks = (near && c->kind == NODE_PHRASE) || lacks_operator(c, maybe);
    return lacks;
}

static bool refuses(const struct fixture *f, const char *text, bool maybe) {
    lede_query *query = NULL;
    MUST(lede_query_parse(&query, f->indexes[0], text, strlen(text), NULL, err));
    bool lacks = lacks_operator(query->root, maybe);
    lede_query_free(query);
    return lacks;
}

static void same_passages(const char *text, int engine, const struct hits *wanted, const struct hits *got) {
    qsort(wanted->all, wanted->count, sizeof *wanted->all, compare_hits);
    qsort(got->all, got->count, sizeof *got->all, compare_hits);
    for (size_t i = 0; i < wanted->count && i < got->count; i++)
        if (compare_hits(&wanted->all[i], &got->all[i]))
            fail_msg("'%s' on engine %d: %s passage %u, not %s passage %u", text, engine, got->all[i].key,
                     got->all[i].number, wanted->all[i].key, wanted->all[i].number);
    if (wanted->count != got->count)
        fail_msg("'%s' on engine %d: %zu passages, not %zu", text, engine, got->count, wanted->count);
}

/* To the precision of floats, of which the last bit may differ. */
static void same_order(const char *text, const struct hits *one, const struct hits *three) {
    for (size_t i = 0; i < one->count; i++) {
        const struct hit *a = &one->all[i], *b = &three->all[i];
        if (fabs(a->score - b->score) > 1e-6 * a->score)
            fail_msg("'%s': hit %zu scores %.17g on one shard, %.17g on three", text, i, a->score, b->score);
        if (compare_hits(a, b))
            fail_msg("'%s': hit %zu is %s passage %u on one shard, %s passage %u on three (%.17g, %.17g)", text, i,
                     a->key, a->number, b->key, b->number, a->score, b->score);
        const char *parts = (const char *)a->explanation.data, *others = (const char *)b->explanation.data;
        if (i < EXPLAINED && strcmp(parts, others))
            fail_msg("'%s': the parts of hit %zu are on one shard\n%son three\n%s", text, i, parts, others);
    }
}

/* ---------------------------------------------------------------------------------------- facets -- */

static lede_facets *facets(const struct fixture *f, int engine, const char *text, lede_facet facet) {
    lede_query *query = NULL;
    lede_facets *found = NULL;
    const lede_facet_options options = {.facet = facet};
    MUST(lede_query_parse(&query, f->indexes[engine], text, strlen(text), NULL, err));
    MUST(lede_index_facets(&found, f->indexes[engine], query, &options, err));
    lede_query_free(query);
    return found;
}

/* How many passages one answer counts. */
static void count_at_most(const struct fixture *f, uint32_t most) {
    for (int e = 1; e < ENGINES; e++)
        ((struct shards_reader *)(void *)f->indexes[e]->reader)->counted_most = most;
}

/* More than that are counted shard by shard, and more of a shard are refused. */
static void facets_have_bounds(const struct fixture *f) {
    lede_query *query = NULL;
    lede_facets *found = NULL;
    lede_error refusal = {.message = ""};
    const lede_facet_options options = {.facet = LEDE_FACET_YEAR};
    count_at_most(f, 9);
    MUST(lede_query_parse(&query, f->indexes[2], "*", 1, NULL, err));
    assert_int_equal(lede_index_facets(&found, f->indexes[2], query, &options, &refusal), LEDE_UNSUPPORTED);
    assert_non_null(strstr(refusal.message, "more than 9 passages of a shard match"));
    lede_query_free(query);
    uint64_t passages = stats_of(f->names[2]).passages;
    count_at_most(f, (uint32_t)passages - 1);
    lede_facets *wanted = facets(f, 0, "*", LEDE_FACET_YEAR), *got = facets(f, 2, "*", LEDE_FACET_YEAR);
    assert_int_equal(lede_facets_total(got, NULL).articles, lede_facets_total(wanted, NULL).articles);
    assert_int_equal(lede_facets_total(got, NULL).passages, passages);
    lede_facets_free(wanted);
    lede_facets_free(got);
    count_at_most(f, COUNTED_MOST);
}

static void same_facets(const struct fixture *f, const char *text) {
    lede_facet facet = (lede_facet)random_below(f->random, LEDE_FACET_CREDIT + 1);
    lede_facets *wanted = facets(f, 0, text, facet);
    for (int e = 1; e < ENGINES; e++) {
        lede_facets *got = facets(f, e, text, facet);
        if (lede_facets_count(got) != lede_facets_count(wanted))
            fail_msg("'%s' on engine %d: %zu values of facet %d, not %zu", text, e, lede_facets_count(got), (int)facet,
                     lede_facets_count(wanted));
        for (size_t i = 0; i < lede_facets_count(wanted); i++) {
            const lede_facet_value *v = lede_facets_value(got, i), *w = lede_facets_value(wanted, i);
            if (strcmp(v->value, w->value) || v->passages != w->passages || v->articles != w->articles)
                fail_msg("'%s' on engine %d: facet %d has %s, not %s", text, e, (int)facet, v->value, w->value);
        }
        assert_int_equal(lede_facets_total(got, NULL).articles, lede_facets_total(wanted, NULL).articles);
        lede_facets_free(got);
    }
    lede_facets_free(wanted);
}

static void check_query(struct fixture *f, const char *text) {
    const lede_search_options options = {.limit = ALL, .count = true};
    struct hits hits[ENGINES];
    lede_status statuses[ENGINES];
    for (int e = 0; e < ENGINES; e++)
        statuses[e] = search(f, e, text, &options, &hits[e]);
    assert_int_equal(statuses[0], LEDE_OK);
    assert_int_equal(statuses[1], statuses[2]);
    if (!refuses(f, text, statuses[1] == LEDE_UNSUPPORTED) == (statuses[1] == LEDE_UNSUPPORTED))
        fail_msg("'%s': status %d", text, (int)statuses[1]);
    if (statuses[1] == LEDE_OK) {
        if (hits[1].count == hits[2].count)
            same_order(text, &hits[1], &hits[2]);
        same_passages(text, 1, &hits[0], &hits[1]);
        same_passages(text, 2, &hits[0], &hits[2]);
        same_facets(f, text);
    }
    f->refused += statuses[1] != LEDE_OK;
    f->found += hits[0].count > 0;
    for (int e = 0; e < ENGINES; e++)
        release_hits(&hits[e]);
}

static void check_corpus(struct random *random, const lede_writer_options *options) {
    struct fixture f = {.random = random};
    fill(&f, options);
    for (int i = 0; i < QUERIES; i++) {
        struct buffer q = BUFFER_EMPTY;
        for (uint32_t n = 1 + random_below(random, 4); n > 0; n--) {
            append_operand(random, &q, 0);
            append(&q, n > 1 ? " " : "");
        }
        buffer_append_u8(&q, 0);
        check_query(&f, (const char *)q.data);
        buffer_release(&q);
    }
    facets_have_bounds(&f);
    printf("%d queries: %u find something, %u are refused\n", QUERIES, f.found, f.refused);
    assert_true(f.found > QUERIES / 4 && f.refused < QUERIES / 2);
    for (int e = 0; e < ENGINES; e++)
        lede_index_close(f.indexes[e]);
    for (int i = 0; i < SHARDS; i++)
        if (f.servers[i].pid)
            shard_server_stop(&f.servers[i]);
    folder_remove(&f.folder);
}

static void queries_find_the_same(void **state) {
    const lede_writer_options options = {.language = "english"};
    check_corpus(*state, &options);
}

static void queries_find_the_same_without_text(void **state) {
    const lede_writer_options options = {.language = "english", .omit_text = true};
    check_corpus(*state, &options);
}

static void queries_find_the_same_without_stemming(void **state) {
    const lede_writer_options options = {.language = "none"};
    check_corpus(*state, &options);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(queries_find_the_same, random_setup, random_teardown),
        cmocka_unit_test_setup_teardown(queries_find_the_same_without_text, random_setup, random_teardown),
        cmocka_unit_test_setup_teardown(queries_find_the_same_without_stemming, random_setup, random_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
