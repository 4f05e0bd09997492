/* entities.h - character references of HTML as browsers read them (https://html.spec.whatwg.org/#tokenization) and
 * libxml2 does not: names of HTML 2 and 3 without their semicolon, whatever follows ("&copy 2025", "M&uumlnchen"; in
 * attributes not before "=" and letters, as "?a=1&copy=2" is an address), or in capitals ("&COPY;"), and numbers of
 * controls that are meant as bytes of Windows-1252 ("it&#146;s"). */
#ifndef LEDE_INDEXER_ENTITIES_H
#define LEDE_INDEXER_ENTITIES_H

#include "core/base/buffer.h"
#include "core/text/span.h"

/* The page with references that libxml2 reads in the place of those: itself if there are none, else in `out`. Check
 * out->failed. */
struct span entities_mend(struct buffer *out, struct span page);

#endif
