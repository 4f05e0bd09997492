/* snippet.h - the part of a passage to show where there is not room for all of it. */
#ifndef LEDE_CLI_SNIPPET_H
#define LEDE_CLI_SNIPPET_H

#include "cli/common/text.h"

/* A copy of the part, with its matches and an ellipsis at each end that was cut. */
struct snippet {
    struct marked_text marked;
    char *text; /* behind `marked`, as are the spans */
    lede_span *spans;
};

/* Cuts out the part of `columns` columns at most, whole words, that has the most different matched words in it, then
 * the most matches; all of the text if that fits. False if out of memory; release it all the same. */
bool snippet_init(struct snippet *s, const struct marked_text *text, size_t columns);
void snippet_release(struct snippet *s);

/* Where that part starts, for those who lay it out themselves. 0 if all of the text fits. */
size_t snippet_start(const struct marked_text *text, size_t columns);

#endif
