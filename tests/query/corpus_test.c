/* The judged queries of tests/corpus over the articles of corpus/, end to end: how many find the passage that answers
 * them first, and among the first three. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/folder.h"
#include "support/index.h"

/* Floors that may only rise: a change that finds more raises them. */
enum { QUERIES = 51, FIRST = 51, AMONG_THREE = 51, DEPTH = 3 };

/* A line of queries.tsv. */
struct judged {
    const char *query, *article, *words;
};

/* Markdown's asterisks are not in the passages. */
static void drop_markup(char *text) {
    char *to = text;
    for (const char *from = text; *from; from++)
        if (*from != '*')
            *to++ = *from;
    *to = '\0';
}

static bool take_judged(struct judged *j, char *line) {
    char *rest = line;
    line[strcspn(line, "\n")] = '\0';
    if (!*line || *line == '#')
        return false;
    j->query = strsep(&rest, "\t");
    j->article = strsep(&rest, "\t");
    assert_non_null(rest);
    drop_markup(rest);
    j->words = rest;
    return true;
}

/* A record by its id, a file by the end of its path. */
static bool is_of(const lede_passage_view *view, const char *article) {
    size_t key_len = view->article.key_len, len = strlen(article);
    return key_len >= len && strcmp(view->article.key + key_len - len, article) == 0 &&
           (key_len == len || view->article.key[key_len - len - 1] == '/');
}

/* The rank of the passage that answers, from 1; 0 if it is not among the first. */
static size_t rank_of_answer(const lede_index *index, const struct judged *j) {
    const lede_search_options options = {.limit = DEPTH};
    const lede_passage_view *view;
    lede_query *query;
    lede_results *results;
    size_t rank = 0;
    MUST(lede_query_parse(&query, index, j->query, strlen(j->query), NULL, err));
    MUST(lede_search(&results, index, query, &options, err));
    for (size_t i = 0; !rank && i < lede_results_count(results); i++) {
        MUST(lede_results_passage(&view, results, i, err));
        if (is_of(view, j->article) && strstr(view->text, j->words))
            rank = i + 1;
    }
    lede_results_free(results);
    lede_query_free(query);
    return rank;
}

static lede_index *index_of(const struct folder *folder, const char *articles) {
    const char *path = folder_entry(folder, "i.lede");
    lede_index *index;
    lede_writer *w = writer_on(path, NULL);
    MUST(lede_writer_add_path(w, articles, err));
    MUST(lede_writer_commit(w, NULL, err));
    lede_writer_close(w);
    MUST(lede_index_open(&index, path, err));
    return index;
}

static void judged_passages_come_first(void **state) {
    struct folder folder;
    struct judged j;
    char *line = NULL;
    size_t size = 0, count = 0, first = 0, among_three = 0;
    (void)state;
    folder_make(&folder);
    lede_index *index = index_of(&folder, LEDE_SOURCE_DIR "/corpus");
    FILE *queries = fopen(LEDE_SOURCE_DIR "/tests/corpus/queries.tsv", "r");
    assert_non_null(queries);
    while (getline(&line, &size, queries) >= 0) {
        if (!take_judged(&j, line))
            continue;
        size_t rank = rank_of_answer(index, &j);
        if (rank != 1)
            print_message("%s: %s\n", j.query, rank ? "not first" : "not among the first three");
        count++;
        first += rank == 1;
        among_three += rank != 0;
    }
    print_message("%zu queries: %zu first, %zu among the first three\n", count, first, among_three);
    assert_int_equal(count, QUERIES);
    assert_true(first >= FIRST);
    assert_true(among_three >= AMONG_THREE);
    fclose(queries);
    free(line);
    lede_index_close(index);
    folder_remove(&folder);
}

/* On articles as agencies have them: the two passages with both words stand above all with one of them. */
static void both_words_beat_one(void **state) {
    static const struct judged answers[] = {
        {"Lavrov Simla", "000_4a21ac10456abfb3.txt", "Lavrov urged the two sides to de-escalate"},
        {"Lavrov Simla", "001_eee6daa77016d1ca.txt", "in talks with Pakistan’s Ishaq Dar"},
    };
    struct folder folder;
    (void)state;
    if (access(LEDE_SHARED_DIR "/seeds", R_OK)) {
        print_message("skipped: no %s/seeds\n", LEDE_SHARED_DIR);
        skip();
    }
    folder_make(&folder);
    lede_index *index = index_of(&folder, LEDE_SHARED_DIR "/seeds");
    assert_int_equal(rank_of_answer(index, &answers[0]), 1);
    assert_int_equal(rank_of_answer(index, &answers[1]), 2);
    lede_index_close(index);
    folder_remove(&folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judged_passages_come_first),
        cmocka_unit_test(both_words_beat_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
