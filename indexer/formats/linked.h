/* linked.h - what a page tells of its article for machines: JSON-LD in the words of schema.org, as news pages have it.
 *
 *     <script type="application/ld+json">
 *     {"@type": "NewsArticle", "headline": ..., "author": {"name": ...}, "datePublished": ..., "dateModified": ...}
 *
 * The first object that is an article counts: by itself, in an array, in "@graph" or as the "mainEntity" of another. */
#ifndef LEDE_INDEXER_LINKED_H
#define LEDE_INDEXER_LINKED_H

#include <lede.h>
#include <libxml/tree.h>

#include "core/base/buffer.h"

/* All zero: nothing is told. */
struct linked {
    struct buffer headline, byline; /* in one line each */
    lede_date published, modified;
};

/* Reads what stands below a node; trees of JSON that take more than `memory` bytes are passed over, and so is what is
 * no JSON. Release it whatever comes back. */
LEDE_NODISCARD lede_status linked_read(struct linked *out, const xmlNode *root, size_t memory, lede_error *err);
void linked_release(struct linked *l);

#endif
