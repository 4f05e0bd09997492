/* Runs cases.txt, which tells its own format. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "query/articles.h"

struct options {
    lede_query_options query;
    lede_search_options search;
};

static struct options options_of(const char *line) {
    struct options o = {{0}, {0}};
    char copy[256];
    snprintf(copy, sizeof copy, "%s", line);
    for (char *word = strtok(copy, " "); word; word = strtok(NULL, " ")) {
        if (strcmp(word, "and") == 0)
            o.query.default_operator = LEDE_AND;
        else if (strcmp(word, "strict") == 0)
            o.query.strict = true;
        else if (strcmp(word, "article") == 0)
            o.search.group = LEDE_GROUP_ARTICLE;
        else if (strncmp(word, "limit=", 6) == 0)
            o.search.limit = strtoul(word + 6, NULL, 10);
        else if (strncmp(word, "offset=", 7) == 0)
            o.search.offset = strtoul(word + 7, NULL, 10);
        else if (strcmp(word, "-") != 0)
            fail_msg("unknown option %s", word);
    }
    return o;
}

/* The hits as a case has them. */
static void describe(char *out, size_t room, lede_results *results) {
    size_t at = 0;
    snprintf(out, room, "-");
    for (size_t i = 0; i < lede_results_count(results); i++) {
        const lede_passage_view *view;
        MUST(lede_results_passage(&view, results, i, err));
        at += (size_t)snprintf(out + at, room - at, "%s%s", i ? " " : "", view->article.key);
        if (view->article.passages > 1)
            at += (size_t)snprintf(out + at, room - at, "/%u", view->number);
    }
}

/* False, told on standard error, if the case fails. */
static bool run_case(lede_index *index, unsigned line, char lines[3][1024]) {
    const struct options o = options_of(lines[1]);
    lede_query *query;
    lede_results *results;
    char found[1024];
    MUST(lede_query_parse(&query, index, lines[0], strlen(lines[0]), &o.query, err));
    MUST(lede_search(&results, index, query, &o.search, err));
    describe(found, sizeof found, results);
    bool ok = strcmp(found, lines[2]) == 0;
    if (!ok)
        print_error("cases.txt:%u: %s\nfound    %s\nexpected %s\n", line, lines[0], found, lines[2]);
    lede_results_free(results);
    lede_query_free(query);
    return ok;
}

static void cases_find_what_they_should(void **state) {
    (void)state;
    struct folder f;
    lede_index *index;
    char lines[3][1024];
    unsigned number = 0, have = 0, cases = 0, failed = 0;
    folder_make(&f);
    MUST(lede_index_open(&index, write_archive(&f), err));
    FILE *file = fopen(LEDE_SOURCE_DIR "/tests/query/cases.txt", "r");
    assert_non_null(file);
    while (fgets(lines[have], sizeof lines[have], file)) {
        lines[have][strcspn(lines[have], "\n")] = 0;
        number++;
        if (have == 0 && (lines[0][0] == 0 || lines[0][0] == '#'))
            continue;
        if (++have < 3)
            continue;
        failed += !run_case(index, number - 2, lines);
        have = 0;
        cases++;
    }
    fclose(file);
    assert_int_equal(failed, 0);
    assert_int_equal(have, 0);
    assert_true(cases > 20);
    lede_index_close(index);
    folder_remove(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cases_find_what_they_should),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
