/* inline.h - the text of a line of Markdown without its markup. */
#ifndef LEDE_INDEXER_INLINE_H
#define LEDE_INDEXER_INLINE_H

#include "core/base/buffer.h"
#include "core/text/span.h"

/* Appends the line with links and images replaced by their text, and without emphasis, code marks, tags of HTML,
 * footnote marks and escapes. What is not clearly markup stays. */
void inline_append(struct buffer *out, struct span line);

#endif
