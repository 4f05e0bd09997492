/* Whatever bytes are searched for, the parser makes a query of them whose canonical text reads as the same, but for
 * the scripts of South East Asia, where ICU's dictionary lets a word's neighbours decide where it ends. The first byte
 * chooses the options and the language. */
#include <stdlib.h>
#include <string.h>

#include "searcher/query/query.h"
#include "support/dictionary_scripts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct lede_query *parse(uint8_t choice, const char *text, size_t len, bool strict) {
    static const char *const languages[] = {"none", "english", "german", "turkish"};
    const lede_query_options options = {.default_operator = choice & 1 ? LEDE_AND : LEDE_OR, .strict = strict};
    struct lede_query *q = NULL;
    lede_error err;
    const struct query_target target = {languages[choice >> 1 & 3], !(choice & 8)};
    lede_status status = query_parse(&q, &target, text, len, &options, &err);
    if ((status == LEDE_OK) != (q != NULL) || (status != LEDE_OK && err.status != status))
        abort();
    return q;
}

static void compare(const struct lede_query *a, const struct lede_query *b) {
    if (strcmp(a->text, b->text) != 0 || a->clause_count != b->clause_count || a->term_count != b->term_count ||
        !node_equal(a->root, b->root))
        abort();
    for (size_t i = 0; i < a->clause_count; i++) {
        const struct clause *x = &a->clauses[i], *y = &b->clauses[i];
        if (x->sign != y->sign || x->weight != y->weight || x->term_count != y->term_count ||
            memcmp(x->terms, y->terms, x->term_count * sizeof *x->terms) != 0)
            abort();
    }
    for (size_t i = 0; i < a->term_count; i++)
        if (strcmp(a->terms[i].bytes, b->terms[i].bytes) != 0)
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0)
        return 0;
    const char *text = (const char *)data + 1;
    struct lede_query *q = parse(data[0], text, size - 1, false);
    if (q) {
        /* What is canonical needs no guesses. */
        struct lede_query *again = parse(data[0], q->text, strlen(q->text), true);
        if (!again)
            abort();
        if (!has_dictionary_script(q->text, strlen(q->text)))
            compare(q, again);
        lede_query_free(again);
    }
    lede_query_free(q);
    lede_query_free(parse(data[0], text, size - 1, true));
    return 0;
}
