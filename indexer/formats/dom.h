/* dom.h - walking the tree that libxml2 makes of a page. Spans lie in the tree. */
#ifndef LEDE_INDEXER_DOM_H
#define LEDE_INDEXER_DOM_H

#include <libxml/tree.h>

#include "core/base/buffer.h"
#include "core/text/span.h"

/* Whether the node is an element with one of the names, which end with NULL. */
bool dom_is_one_of(const xmlNode *node, const char *const *names);
bool dom_is(const xmlNode *node, const char *name);
/* The value of an attribute, trimmed; empty if the node has none. */
struct span dom_attribute(const xmlNode *node, const char *name);
bool dom_has_attribute(const xmlNode *node, const char *name);
/* What a text node says, white space included; empty for other nodes. */
struct span dom_text(const xmlNode *node);

/* The node behind `node` in the order of the document, within `root`; NULL at the end. The children of `node` are left
 * out unless `inside`. */
const xmlNode *dom_next(const xmlNode *node, const xmlNode *root, bool inside);

/* Appends the words below a node, with one blank between them. */
void dom_append_words(struct buffer *out, const xmlNode *root);
/* Appends what should be UTF-8, and is made so if it is not. */
void dom_append_valid(struct buffer *out, struct span t);

#endif
