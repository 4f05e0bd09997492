/* entities.h - character references of HTML without their semicolon: "&copy 2025", "M&uumlnchen". Browsers read the
 * names of HTML 2 and 3 so, whatever follows (https://html.spec.whatwg.org/#named-character-references); libxml2 does
 * not. */
#ifndef LEDE_INDEXER_ENTITIES_H
#define LEDE_INDEXER_ENTITIES_H

#include "../core/buffer.h"
#include "../core/span.h"

/* The page with semicolons where they lack, outside of tags: itself if none does, else in `out`. Check out->failed. */
struct span entities_close(struct buffer *out, struct span page);

#endif
