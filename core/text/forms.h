/* forms.h - the forms of a text's words, one after the other.
 *
 *     forms_reset(&f, text, len);
 *     while (forms_next(&f, &word))
 *         ... word.form is what analyzer_form gives for bytes [word.start, word.end) ...
 *
 * Most words are letters and digits of ASCII. The text is made small as a whole, many bytes at a time, and the forms of
 * such words are parts of that. */
#ifndef LEDE_CORE_FORMS_H
#define LEDE_CORE_FORMS_H

#include "analyzer.h"
#include "core/base/buffer.h"

/* A word of the text and its form, borrowed until the next word, without NUL, and empty if nothing is left. */
struct form_word {
    uint32_t start, end;
    const char *form;
    size_t len;
    bool apostrophe; /* the form has one, at some place */
};

struct forms {
    struct analyzer *analyzer; /* borrowed */
    const char *text;
    size_t len;
    struct buffer small; /* the text in small letters, as far as they are of ASCII */
    size_t odd;          /* where the first apostrophe or byte above ASCII is, of those behind the last word */
    char folded[TERM_MAX + 1];
};

#define FORMS_EMPTY(analyzer) ((struct forms){analyzer, NULL, 0, BUFFER_EMPTY, 0, {0}})

void forms_release(struct forms *f);
/* Starts on a text, as analyzer_reset does; the analyzer is not to be used for another while words are read. False if
 * out of memory. */
bool forms_reset(struct forms *f, const char *text, size_t len);
/* The next word, in order; false at the end, and on errors, as analyzer_status tells them. */
bool forms_next(struct forms *f, struct form_word *word);

#endif
