/* typed_word.h - what a query may have in a word's place. */
#ifndef LEDE_TESTS_TYPED_WORD_H
#define LEDE_TESTS_TYPED_WORD_H

#include <string.h>

#include "core/base/buffer.h"
#include "support/random.h"

static inline void append(struct buffer *q, const char *text) {
    buffer_append(q, text, strlen(text));
}

/* The word, its exact form, or a prefix, a pattern or a fuzzy word that it is one of. */
static inline void append_form(struct random *r, struct buffer *q, const char *word) {
    size_t len = strlen(word), cut = 1 + random_below(r, (uint32_t)len);
    bool ascii = (word[0] & 0x80) == 0 && (word[1] & 0x80) == 0;
    switch (random_below(r, 12)) {
    case 0: append(q, "="), append(q, word); break;
    case 1: append(q, word), append(q, "~"); break;
    case 2: append(q, word), append(q, "~2"); break;
    case 3: buffer_append(q, word, ascii ? cut : len), append(q, "*"); break;
    case 4:
        buffer_append(q, word, ascii ? cut - 1 : len);
        append(q, "?");
        append(q, ascii ? word + cut : "");
        break;
    case 5: append(q, "*"), append(q, ascii ? word + cut - 1 : word); break;
    default: append(q, word);
    }
}

#endif
