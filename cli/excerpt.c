#include "excerpt.h"

#include "glyph.h"

/* How many matches end within `columns` of where match i starts. Columns are taken for bytes at first, as that is
 * right for most texts, and harmless for the others. */
static size_t matches_from(const struct marked_text *text, size_t i, size_t columns) {
    size_t n = 0, limit = text->spans[i].start + columns;
    while (i + n < text->span_count && text->spans[i + n].end <= limit)
        n++;
    return n;
}

/* The first word that starts at byte `from` or behind it, but none behind `upto`. */
static size_t word_from(const struct marked_text *text, size_t from, size_t upto) {
    for (size_t i = from; i > 0 && i < upto; i++)
        if (text->text[i - 1] == ' ' || text->text[i - 1] == '\n')
            return i;
    return from == 0 ? 0 : upto;
}

size_t excerpt_start(const struct marked_text *text, size_t columns) {
    size_t best = 0, most = 0;
    if (text->span_count == 0 || glyph_columns(text->text, text->len) <= columns)
        return 0;
    size_t lead = columns / 4;
    for (size_t i = 0; i < text->span_count; i++) {
        size_t n = matches_from(text, i, columns - lead);
        if (n > most) {
            most = n;
            best = i;
        }
    }
    /* The beginning is the best of starts. */
    if (text->spans[best + most - (most > 0)].end < columns)
        return 0;
    size_t match = text->spans[best].start, start = match > lead ? match - lead : 0;
    /* Not so late that the end of the text leaves room unused. */
    if (text->len - start < columns)
        start = text->len > columns ? text->len - columns : 0;
    return start > match ? match : word_from(text, start, match);
}
