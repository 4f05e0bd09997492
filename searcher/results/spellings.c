#include "spellings.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/buffer.h"
#include "core/base/error.h"
#include "core/text/analyzer.h"

struct spelling {
    const char *folded;
    size_t len;
    lede_facet_value value;
};

/* The forms of its words, each with a space behind it. What has no words is the same as itself alone. */
static lede_status fold(struct spelling *out, struct buffer *folded, struct analyzer *a, struct arena *arena,
                        lede_error *err) {
    char form[TERM_MAX + 1];
    struct word word;
    const char *s = out->value.value;
    buffer_clear(folded);
    analyzer_reset(a, s, out->value.len);
    while (analyzer_next(a, &word)) {
        size_t n = analyzer_form(a, s + word.start, word.end - word.start, form);
        buffer_append(folded, form, n);
        if (n)
            buffer_append_u8(folded, ' ');
    }
    if (!folded->len)
        buffer_append(folded, s, out->value.len);
    out->len = folded->len;
    out->folded = arena_strndup(arena, (const char *)folded->data, folded->len);
    if (!out->folded || folded->failed)
        return error_nomem(err);
    return analyzer_status(a, err);
}

static int compare_bytes(const char *a, size_t a_len, const char *b, size_t b_len) {
    size_t least = a_len < b_len ? a_len : b_len;
    int order = least ? memcmp(a, b, least) : 0;
    return order ? order : (a_len > b_len) - (a_len < b_len);
}

/* Those that are the same stand together, the one that stands for them first. */
static int compare(const void *a, const void *b) {
    const struct spelling *x = a, *y = b;
    int order = compare_bytes(x->folded, x->len, y->folded, y->len);
    if (order)
        return order;
    if (x->value.articles != y->value.articles)
        return x->value.articles > y->value.articles ? -1 : 1;
    return compare_bytes(x->value.value, x->value.len, y->value.value, y->value.len);
}

static size_t merge_sorted(lede_facet_value *values, const struct spelling *spellings, size_t count) {
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        const struct spelling *s = &spellings[i];
        bool is_same = i && !compare_bytes(s[-1].folded, s[-1].len, s->folded, s->len);
        if (is_same) {
            values[n - 1].passages += s->value.passages;
            values[n - 1].articles += s->value.articles;
        } else {
            values[n++] = s->value;
        }
    }
    return n;
}

lede_status spellings_merge(lede_facet_value *values, size_t *count, struct arena *arena, lede_error *err) {
    struct analyzer *a = NULL;
    struct buffer folded = BUFFER_EMPTY;
    struct spelling *spellings = calloc(*count + 1, sizeof *spellings);
    lede_status status = spellings ? analyzer_new(&a, "none", err) : error_nomem(err);
    for (size_t i = 0; i < *count && !status; i++) {
        spellings[i].value = values[i];
        status = fold(&spellings[i], &folded, a, arena, err);
    }
    if (!status) {
        qsort(spellings, *count, sizeof *spellings, compare);
        *count = merge_sorted(values, spellings, *count);
    }
    analyzer_free(a);
    buffer_release(&folded);
    free(spellings);
    return status;
}
