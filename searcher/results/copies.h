/* copies.h - passages, and of each of them the first before it that it is a copy of, as duplicates.h has it.
 *
 * Hardly any two of the passages that are compared are copies, and to make sketches of them all takes longer than to
 * read them. Words tell most of them apart: a word that only one of two passages has begins a shingle that only that
 * one has, unless it stands at the end. So of each passage its words are kept as bits of a bag, by their hashes. Where
 * they differ in so many bits that shingles must differ too much, nothing else is looked at:
 *
 *     differing bits  <=  words that only one has  <=  shingles that only one has + 2 of either's end
 *
 * Sketches are made of those that this can't tell. Once there were many such, as among long passages and those that
 * follow a pattern, or there are too many passages for comparing each with all, they go into a table. */
#ifndef LEDE_SEARCHER_COPIES_H
#define LEDE_SEARCHER_COPIES_H

#include "core/base/arena.h"
#include "duplicates.h"

/* A passage by the hashes of its words. */
struct wording {
    const uint64_t *hashes; /* in order */
    size_t count;
    struct sketch *sketch; /* NULL: not made yet */
};

/* The passages that were added, which are the caller's and outlive it. */
struct copies {
    struct arena *arena;       /* of sketches, borrowed */
    struct buffer added, bags; /* struct wording *, and struct bag, each */
    struct buffer scratch;
    struct sketch_table table;
    bool is_tabled;    /* by which passages are found from now on */
    uint32_t compared; /* how many sketches were, without it */
};

/* All zero but for the arena is an empty one. */
void copies_release(struct copies *c);
/* The first that was added of those that it is a copy of, counted from 0, or SKETCH_NONE. False if out of memory; then,
 * and if one can't be added, it can be released only. */
bool copies_find(struct copies *c, struct wording *w, size_t *found);
bool copies_add(struct copies *c, struct wording *w);

#endif
