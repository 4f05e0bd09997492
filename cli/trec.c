#include "trec.h"

#include <stdlib.h>
#include <string.h>

#include "command.h"

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

void trec_print(struct trec_run *run, const struct search *search, const struct query_id *id) {
    char score[32];
    size_t count = lede_results_count(search->results);
    for (size_t i = 0; i < count; i++) {
        const lede_hit *hit = lede_results_hit(search->results, i);
        print_id(run, id->id, id->len);
        fputs(" Q0 ", run->out);
        print_id(run, hit->key, hit->key_len);
        fprintf(run->out, " %zu %s %s\n", search->offset + i + 1, score_format(score, hit->score), run->tag);
    }
}
