#include "live_query.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "editor.h"

enum {
    LEAST = 3,                 /* bytes of a word from which on it is a beginning: "a" may become anything */
    WORDS_MOST = 200,          /* that may begin so, */
    OCCURRENCES_MOST = 1 << 9, /* and how often articles may have them all, to be searched for in a few milliseconds */
};

/* The words that begin like the one that is typed. */
struct beginnings {
    const char *word;
    size_t len, count;
    uint64_t occurrences;
    char *best;    /* the most frequent one */
    bool is_whole; /* the word is one of them */
};

static int consider(void *ctx, const char *word, size_t len, uint64_t frequency) {
    struct beginnings *b = ctx;
    b->is_whole = b->is_whole || (len == b->len && strncasecmp(word, b->word, len) == 0);
    b->count++;
    b->occurrences += frequency;
    if (!b->best)
        b->best = strndup(word, len);
    return 0;
}

/* True for words, and operators to be, that have no letter but capitals of ASCII. */
static bool is_in_capitals(const char *word, size_t len) {
    for (size_t i = 0; i < len; i++)
        if (word[i] < 'A' || word[i] > 'Z')
            return false;
    return true;
}

/* Whether the word that starts at text[start] can stand in parentheses with others. */
static bool is_free(const char *text, size_t start) {
    size_t quotes = 0;
    for (size_t i = 0; i < start; i++) {
        quotes += text[i] == '"';
        if (text[i] == '(')
            return false;
    }
    char before = start ? text[start - 1] : ' ';
    bool is_required = before == '+' && (start == 1 || text[start - 2] == ' ');
    return quotes % 2 == 0 && text[0] != ':' && (before == ' ' || is_required);
}

static int rewrite(char **out, const char *text, size_t start, const struct beginnings *b) {
    int n = (int)b->len;
    if (b->count < WORDS_MOST && b->occurrences <= OCCURRENCES_MOST)
        return asprintf(out, "%.*s(%.*s OR %.*s*)", (int)start, text, n, b->word, n, b->word);
    if (b->is_whole || !b->best)
        return 0;
    return asprintf(out, "%.*s%s", (int)start, text, b->best);
}

lede_status live_query(char **out, size_t *out_len, const lede_index *index, const char *text, size_t len,
                       lede_error *err) {
    size_t start = editor_word_start(text, len);
    struct beginnings b = {.word = text + start, .len = len - start};
    *out = NULL;
    *out_len = 0;
    if (b.len < LEAST || is_in_capitals(b.word, b.len) || !is_free(text, start))
        return LEDE_OK;
    lede_status status = lede_index_complete(index, b.word, b.len, WORDS_MOST, consider, &b, err);
    int size = status ? 0 : rewrite(out, text, start, &b);
    free(b.best);
    if (size < 0) {
        *out = NULL;
        return error_write(err, LEDE_NOMEM, "out of memory");
    }
    *out_len = (size_t)size;
    return status;
}
