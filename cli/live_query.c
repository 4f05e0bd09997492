#include "live_query.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "editor.h"

enum { LEAST = 3 }; /* bytes of a word from which on it is completed: "a" may become anything */

struct likeliest {
    const char *word;
    size_t len;
    char *best;
    bool is_whole; /* the word is in the index as it is */
};

static int consider(void *ctx, const char *word, size_t len, uint64_t frequency) {
    struct likeliest *l = ctx;
    (void)frequency;
    l->is_whole = l->is_whole || (len == l->len && strncasecmp(word, l->word, len) == 0);
    if (!l->best)
        l->best = strndup(word, len);
    return l->is_whole;
}

lede_status live_query(char **out, size_t *out_len, const lede_index *index, const char *text, size_t len,
                       lede_error *err) {
    enum { CANDIDATES = 64 };
    size_t start = editor_word_start(text, len);
    struct likeliest l = {text + start, len - start, NULL, false};
    *out = NULL;
    *out_len = 0;
    if (l.len < LEAST)
        return LEDE_OK;
    lede_status status = lede_index_complete(index, l.word, l.len, CANDIDATES, consider, &l, err);
    if (status == LEDE_OK && l.best && !l.is_whole) {
        int n = asprintf(out, "%.*s%s", (int)start, text, l.best);
        if (n < 0)
            status = error_write(err, LEDE_NOMEM, "out of memory");
        else
            *out_len = (size_t)n;
    }
    free(l.best);
    return status;
}
