/* What a user of the library writes first: adds an article to an index and finds it. */
#include <lede.h>
#include <stdio.h>
#include <string.h>

int main(void) {
    lede_error err;
    lede_writer *writer = NULL;
    lede_index *index = NULL;
    lede_query *query = NULL;
    lede_results *results = NULL;
    const char text[] = "Lavrov recalled the Simla agreement in Αθήνα.";
    const char greek[] = "αθηνα"; /* which takes a module */
    lede_article article = {.key = "a", .key_len = 1, .body = text, .body_len = strlen(text)};
    if (lede_writer_open(&writer, "client.lede", NULL, &err) || lede_writer_add_article(writer, &article, &err) ||
        lede_writer_commit(writer, NULL, &err) || lede_index_open(&index, "client.lede", &err) ||
        lede_query_parse(&query, index, greek, strlen(greek), NULL, &err) ||
        lede_search(&results, index, query, NULL, &err)) {
        fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    size_t count = lede_results_count(results);
    printf("%s: %zu hit\n", lede_version(), count);
    lede_results_free(results);
    lede_query_free(query);
    lede_index_close(index);
    lede_writer_close(writer);
    return count == 1 ? 0 : 1;
}
