/* Any bytes, made UTF-8: the analyzer's words are those that ICU finds in the whole text, and each has a form and a
 * term that are UTF-8 and within bounds. */
#include <stdlib.h>

#include "core/text/analyzer.h"
#include "core/text/charset.h"
#include "core/text/unicode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition) {
    if (!condition)
        abort();
}

static void require_same_words(struct analyzer *a, struct unicode *reference, const char *text, size_t len) {
    struct word found, expected;
    analyzer_reset(a, text, len);
    unicode_words_start(reference, text, len);
    for (;;) {
        bool more = analyzer_next(a, &found);
        require(more == unicode_words_next(reference, &expected.start, &expected.end));
        if (!more)
            return;
        require(found.start == expected.start && found.end == expected.end);
        char out[TERM_MAX + 1];
        size_t n = analyzer_form(a, text + found.start, found.end - found.start, out);
        require(n <= TERM_MAX && out[n] == 0 && utf8_valid(out, n));
        n = analyzer_term(a, text + found.start, found.end - found.start, out);
        require(n <= TERM_MAX && out[n] == 0 && utf8_valid(out, n));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const languages[] = {"english", "german", "turkish", "arabic", "none"};
    enum { SIZE_MAX_TRIED = 20000 }; /* the scanner cuts what no language has: words of 64 KiB */
    if (size < 1 || size > SIZE_MAX_TRIED)
        return 0;
    struct analyzer *a = NULL;
    struct unicode *reference = NULL;
    struct buffer text = BUFFER_EMPTY;
    if (!analyzer_new(&a, languages[data[0] % 5], NULL) && !unicode_new(&reference, NULL) &&
        !text_to_utf8(&text, (const char *)data + 1, size - 1, NULL, NULL)) {
        require(utf8_valid((char *)text.data, text.len));
        require_same_words(a, reference, (char *)text.data, text.len);
    }
    buffer_release(&text);
    unicode_free(reference);
    analyzer_free(a);
    return 0;
}
