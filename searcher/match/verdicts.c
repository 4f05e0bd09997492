#include "verdicts.h"

#include "core/base/bytes.h"

#include <stdlib.h>
#include <string.h>

/* A table of 512 KiB, which the second level of most caches has room for: half of that, or a quarter, holds fewer of
 * the words of prose, and each that it does not hold takes ten times as long. */
enum { TABLE_BITS = 15, LONGEST = 15 };

#define VERDICT (UINT64_C(1) << 63)

void verdicts_release(struct verdicts *v) {
    free(v->table);
    v->table = NULL;
}

/* The form has its NUL, and has been folded. */
static bool comes_to(const struct query_term *term, struct analyzer *analyzer, const char *form, size_t len) {
    char stem[TERM_MAX + 1];
    return analyzer_term(analyzer, form, len, stem) == term->len && memcmp(stem, term->bytes, term->len) == 0;
}

static bool judge(const struct verdicts *v, struct analyzer *analyzer, const char *word, size_t len) {
    char form[TERM_MAX + 1];
    size_t n = analyzer_form(analyzer, word, len, form);
    return n && node_takes_form(v->word, form, n) && (!v->term || comes_to(v->term, analyzer, form, n));
}

static uint64_t first_bytes(uint64_t bytes, size_t n) {
    return n >= sizeof bytes ? bytes : bytes & ((UINT64_C(1) << 8 * n) - 1);
}

static size_t entry_of(const struct verdict *key) {
    uint64_t mixed = (key->low ^ (key->high << 23 | key->high >> 41)) * UINT64_C(0x9e3779b97f4a7c15);
    return (size_t)(mixed >> (64 - TABLE_BITS));
}

bool verdicts_take(struct verdicts *v, struct analyzer *analyzer, const char *word, size_t len) {
    if (!v->table)
        v->table = calloc(UINT64_C(1) << TABLE_BITS, sizeof *v->table);
    if (!v->table || len > LONGEST)
        return judge(v, analyzer, word, len);
    const uint8_t *p = (const uint8_t *)word;
    struct verdict key = {first_bytes(load_u64(p), len), len > 8 ? first_bytes(load_u64(p + 8), len - 8) : 0};
    key.high |= (uint64_t)len << 56;
    struct verdict *entry = &v->table[entry_of(&key)];
    if (entry->low != key.low || (entry->high & ~VERDICT) != key.high)
        *entry = (struct verdict){key.low, key.high | (judge(v, analyzer, word, len) ? VERDICT : 0)};
    return entry->high & VERDICT;
}
