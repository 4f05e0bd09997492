#include "query_command.h"

#include <stdlib.h>
#include <string.h>

static bool is_end_of_options(const char *word) {
    return strcmp(word, "--") == 0;
}

/* Whether what stands before the words ends the options. */
static bool stand_behind_options(const struct arguments *words) {
    return words->count > 0 && is_end_of_options(words->values[-1]);
}

/* The number of the word that ends the options among the words; how many there are if none does. */
static int end_of_options(const struct arguments *words) {
    int i = stand_behind_options(words) ? words->count : 0;
    while (i < words->count && !is_end_of_options(words->values[i]))
        i++;
    return i;
}

char *words_join(const struct arguments *words) {
    size_t size = 1;
    int left_out = end_of_options(words);
    for (int i = 0; i < words->count; i++)
        size += strlen(words->values[i]) + 1;
    char *text = malloc(size), *end = text;
    if (!text)
        return NULL;
    *end = '\0';
    for (int i = 0; i < words->count; i++) {
        if (i == left_out)
            continue;
        if (i)
            *end++ = ' ';
        end = stpcpy(end, words->values[i]);
    }
    return text;
}

void remark_on_options(const struct arguments *words, const struct option_spec *specs, size_t count) {
    char message[160];
    int end = stand_behind_options(words) ? 0 : end_of_options(words);
    for (int i = 1; i < end; i++)
        if (options_knows(specs, count, words->values[i])) {
            snprintf(message, sizeof message,
                     "'%.60s' is read as a word of the query; as an option it goes before the query", words->values[i]);
            remark("note", message);
        }
}

static lede_status work_on(const struct query_work *work, const lede_index *index, const struct arguments *words,
                           bool *found, lede_error *err) {
    const lede_query_options options = {.default_operator = work->flags->and ? LEDE_AND : LEDE_OR,
                                        .strict = work->flags->strict};
    lede_query *query = NULL;
    char *text = words_join(words);
    lede_status status = text ? lede_query_parse(&query, index, text, strlen(text), &options, err)
                              : error_write(err, LEDE_NOMEM, "out of memory");
    if (status == LEDE_OK && lede_query_note(query) && !work->globals->json && !work->globals->quiet)
        remark("note", lede_query_note(query));
    if (status == LEDE_OK)
        status = work->run(work->ctx, index, query, found, err);
    lede_query_free(query);
    free(text);
    return status;
}

int command_on_query(const struct query_work *work, const struct arguments *line, const struct option_spec *specs,
                     size_t count) {
    struct arguments words;
    lede_index *index = NULL;
    lede_error err;
    bool found = false;
    int settled = command_options(&words, work->command, *line, specs, count, OPTIONS_OF_QUERY);
    if (settled >= 0)
        return settled;
    if (words.count == 0) {
        (void)error_write(&err, LEDE_INVALID, "%s: no query; see 'lede %s --help'", work->command->name,
                          work->command->name);
        return complain(&err);
    }
    if (!work->globals->quiet)
        remark_on_options(&words, specs, count);
    lede_status status = index_open(&index, work->globals, &err);
    if (status == LEDE_OK)
        status = work_on(work, index, &words, &found, &err);
    lede_index_close(index);
    return status ? complain(&err) : finish_output(found ? EXIT_FOUND : EXIT_NOTHING);
}
