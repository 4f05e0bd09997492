#include "forms.h"

#include <string.h>

void forms_release(struct forms *f) {
    buffer_release(&f->small);
}

static void make_small(uint8_t *restrict out, const char *restrict text, size_t len) {
    for (size_t i = 0; i < len; i++) {
        uint8_t c = (uint8_t)text[i];
        out[i] = (uint8_t)(c | ((uint8_t)(c - 'A') < 26) << 5);
    }
}

/* The first apostrophe, or byte above ASCII, from p on. There is one: see GUARD. Eight bytes at a time: the lowest bit
 * that is set in `odd` is the first such byte's, those above it may be wrong. */
static const uint8_t *find_odd(const uint8_t *p) {
    const uint64_t ones = UINT64_C(0x0101010101010101), high = 0x80 * ones;
    for (;; p += sizeof(uint64_t)) {
        uint64_t bytes = load_u64(p), other = bytes ^ '\'' * ones;
        uint64_t odd = (((other - ones) & ~other) | bytes) & high;
        if (odd)
            return p + __builtin_ctzll(odd) / 8;
    }
}

/* What stands behind the text: one to be found, as many bytes as are read at once. */
static const char guard[] = "''''''''";

bool forms_reset(struct forms *f, const char *text, size_t len) {
    buffer_clear(&f->small);
    uint8_t *small = buffer_reserve(&f->small, len + sizeof guard);
    if (!small)
        return false;
    make_small(small, text, len);
    memcpy(small + len, guard, sizeof guard);
    f->text = text;
    f->len = len;
    f->odd = (size_t)(find_odd(small) - small);
    analyzer_reset(f->analyzer, text, len);
    return true;
}

static void fold(struct forms *f, struct form_word *word) {
    word->form = f->folded;
    word->len = analyzer_form(f->analyzer, f->text + word->start, word->end - word->start, f->folded);
    word->apostrophe = memchr(f->folded, '\'', word->len);
}

bool forms_next(struct forms *f, struct form_word *word) {
    struct word w;
    if (!analyzer_next(f->analyzer, &w))
        return false;
    word->start = w.start;
    word->end = w.end;
    if (f->odd < w.start)
        f->odd = (size_t)(find_odd(f->small.data + w.start) - f->small.data);
    if (f->odd < w.end) {
        fold(f, word);
        return true;
    }
    word->form = (const char *)f->small.data + w.start;
    word->len = w.end - w.start < TERM_MAX ? w.end - w.start : TERM_MAX;
    word->apostrophe = false;
    return true;
}
