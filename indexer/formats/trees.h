/* trees.h - memory of the trees that JSON and HTML become: a hundred times that of the text and more, if it is all
 * brackets. Trees of usual size are made by all workers at once, larger ones by one of them at a time, and what would
 * take more than the budget has is left out. */
#ifndef LEDE_INDEXER_TREES_H
#define LEDE_INDEXER_TREES_H

#include <pthread.h>
#include <stdbool.h>

#include "core/text/span.h"

/* Shared by the parsers of a pipeline. */
struct trees {
    size_t most;  /* bytes that one may take */
    size_t small; /* and that each parser's may take meanwhile */
    pthread_mutex_t large;
};

/* So many bytes of memory for all trees of so many parsers. False if there can be no mutex. */
bool trees_init(struct trees *t, uint64_t memory, unsigned parsers);
void trees_release(struct trees *t);

/* What the tree of a text takes, at most, about. */
size_t trees_of_json(struct span text);
size_t trees_of_html(struct span text);

/* libxml2 compares each attribute of a tag to all others: of so many, about, that takes a second. */
#define TREES_ATTRIBUTES_MAX 20000

/* Attributes of the tag of a page that has the most of them, at most. */
size_t trees_attributes(struct span html);

/* Makes room for a tree of so many bytes, *large says how; false if there is not as much. */
bool trees_enter(struct trees *t, size_t bytes, bool *large);
void trees_leave(struct trees *t, bool large);

#endif
