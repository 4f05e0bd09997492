/* Columns of segments: what each article has, also where bylines are so many that those before are forgotten; and in
 * memory that does not grow with them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/segment/articles.h"
#include "support/sample.h"

enum { ARTICLES = 150000, REGULARS = 50, MEMORY = 3 << 20 };

struct given {
    char key[16], byline[40];
    lede_date date;
    struct passage passage;
};

static void give(struct given *g, struct random *r, uint32_t i) {
    bool regular = random_below(r, 3) == 0;
    snprintf(g->key, sizeof g->key, "%u", i);
    snprintf(g->byline, sizeof g->byline, regular ? "Regular %u" : "Author Number %u of Many",
             regular ? random_below(r, REGULARS) : i);
    if (random_below(r, 10) == 0)
        g->byline[0] = '\0';
    g->date = random_below(r, 10) ? (1900 + random_below(r, 120)) * 10000 + 101 + random_below(r, 28) : 0;
    g->passage = (struct passage){.len = 4, .line = 1};
}

static struct article article_of(const struct given *g) {
    const lede_article meta = {.key = g->key,
                               .key_len = strlen(g->key),
                               .byline = g->byline,
                               .byline_len = strlen(g->byline),
                               .language = "en",
                               .language_len = 2,
                               .body = "text",
                               .body_len = 4,
                               .line = 1,
                               .date = g->date};
    return (struct article){.meta = meta, .source = 1, .passages = &g->passage, .passage_count = 1};
}

static void assert_columns(const struct segment *s, const struct given *all) {
    const struct column *bylines = &s->columns[COLUMN_BYLINES], *languages = &s->columns[COLUMN_LANGUAGES];
    for (uint32_t i = 0; i < ARTICLES; i++) {
        size_t len, expected = strlen(all[i].byline);
        const char *byline = column_string(bylines, column_entry(bylines, i), &len);
        assert_int_equal(len, expected);
        assert_memory_equal(byline, all[i].byline, expected);
        assert_int_equal(segment_date(s, i), all[i].date);
    }
    assert_int_equal(languages->count, 1);
    /* All were put down, and of those who go on most are found again. */
    assert_in_range(bylines->count, ARTICLES / 2, ARTICLES * 7 / 10);
}

static void segments_have_each_articles_values(void **state) {
    struct given *all = calloc(ARTICLES, sizeof *all);
    struct folder f;
    struct analyzer *a;
    assert_non_null(all);
    folder_make(&f);
    assert_int_equal(analyzer_new(&a, "english", NULL), LEDE_OK);
    struct inverter *inv = new_inverter(a, true);
    for (uint32_t i = 0; i < ARTICLES; i++) {
        give(&all[i], *state, i);
        const struct article article = article_of(&all[i]);
        assert_int_equal(inverter_add(inv, &article, NULL), LEDE_OK);
    }
    struct segment *s = flush(inv, folder_entry(&f, "a.seg"));
    assert_columns(s, all);
    segment_close(s);
    inverter_free(inv);
    analyzer_free(a);
    folder_remove(&f);
    free(all);
}

static void memory_does_not_grow_with_bylines(void **state) {
    struct columns_writer w;
    struct scratch scratch;
    struct folder f;
    struct given given;
    folder_make(&f);
    scratch_init(&scratch, folder_entry(&f, "scratch"));
    columns_writer_init(&w, &scratch);
    for (uint32_t i = 0; i < ARTICLES; i++) {
        give(&given, *state, i);
        const struct article article = article_of(&given);
        columns_writer_add(&w, &article, 0, NULL, 1);
        assert_true(columns_writer_memory(&w) <= MEMORY);
    }
    assert_false(w.failed);
    columns_writer_release(&w);
    scratch_release(&scratch);
    folder_remove(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(segments_have_each_articles_values, random_setup, random_teardown),
        cmocka_unit_test_setup_teardown(memory_does_not_grow_with_bylines, random_setup, random_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
