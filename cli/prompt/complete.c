#include "complete.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

#include "typed.h"

enum { COMPLETIONS = 100 };

static int add_word(void *ctx, const char *word, size_t len, uint64_t frequency) {
    (void)frequency;
    return !candidates_add(ctx, word, len);
}

/* In lower case, as the words of the index are; to be freed. NULL if it is not valid in the locale. */
static char *lower(const char *text, size_t len) {
    char *copy = strndup(text, len), *out = NULL;
    size_t n = copy ? mbstowcs(NULL, copy, 0) : (size_t)-1;
    wchar_t *wide = n == (size_t)-1 ? NULL : calloc(n + 1, sizeof *wide);
    if (wide && mbstowcs(wide, copy, n + 1) == n) {
        for (size_t i = 0; i < n; i++)
            wide[i] = (wchar_t)towlower((wint_t)wide[i]);
        size_t size = wcstombs(NULL, wide, 0);
        out = size == (size_t)-1 ? NULL : malloc(size + 1);
        if (out)
            wcstombs(out, wide, size + 1);
    }
    free(wide);
    free(copy);
    return out;
}

void complete_word(void *ctx, struct candidates *out, const char *prefix, size_t len, bool is_first) {
    struct session *s = ctx;
    char name[32];
    if (is_first && len && *prefix == ':') {
        for (size_t i = 0; typed_name(i); i++) {
            int n = snprintf(name, sizeof name, ":%s", typed_name(i));
            if (strncmp(name, prefix, len) == 0 && !candidates_add(out, name, (size_t)n))
                break;
        }
        out->kept = len;
        return;
    }
    char *low = len ? lower(prefix, len) : NULL;
    if (!low)
        return;
    out->kept = strlen(low);
    if (lede_index_complete(s->index, low, out->kept, COMPLETIONS, add_word, out, NULL))
        candidates_release(out);
    /* Accents may have been folded on the way: keep what continues the letters that were typed. */
    size_t kept = 0;
    for (size_t i = 0; i < out->count; i++) {
        if (strncmp(out->words[i], low, out->kept) == 0)
            out->words[kept++] = out->words[i];
        else
            free(out->words[i]);
    }
    out->count = kept;
    free(low);
}
