#include "trec.h"

#include <stdlib.h>
#include <string.h>

#include "cli/common/command.h"

char *score_format(char *text, double score) {
    for (int digits = 6; digits <= 17; digits++) {
        snprintf(text, 32, "%.*g", digits, score);
        if (strtod(text, NULL) == score)
            break;
    }
    return text;
}

static bool is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static void print_id(struct trec_run *run, const char *id, size_t len) {
    for (size_t i = 0; i < len; i++) {
        bool space = is_space(id[i]);
        if (space && !run->warned) {
            remark("warning", "white space in ids is written as '_', so that the run keeps its columns");
            run->warned = true;
        }
        putc(space ? '_' : id[i], run->out);
    }
}

lede_status trec_print(struct trec_run *run, const struct search *search, const struct query_id *id, lede_error *err) {
    char score[32];
    size_t count = lede_results_count(search->results);
    for (size_t i = 0; i < count; i++) {
        const lede_hit *hit = lede_results_hit(search->results, i);
        const char *key;
        size_t key_len;
        lede_status status = lede_results_key(&key, &key_len, search->results, i, err);
        if (status)
            return status;
        print_id(run, id->id, id->len);
        fputs(" Q0 ", run->out);
        print_id(run, key, key_len);
        fprintf(run->out, " %zu %s %s\n", search->offset + i + 1, score_format(score, hit->score), run->tag);
    }
    return LEDE_OK;
}
