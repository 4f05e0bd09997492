/* counters.h - what a search did, counted: for measurements that are the same on every run. Only in a build with
 * -DLEDE_COUNTERS=ON, in which one thread may search, and which prints the sums on standard error at its end; in all
 * others COUNT is nothing at all. */
#ifndef LEDE_CORE_COUNTERS_H
#define LEDE_CORE_COUNTERS_H

#ifdef LEDE_COUNTERS
#include <stdint.h>

struct counters {
    uint64_t bounds;    /* shares of words in ranges that were summed up, 128 passages each */
    uint64_t evaluated; /* ranges whose bounds reached the threshold */
    uint64_t opened;    /* of these, ranges of which a block's bound does, that were looked into */
    uint64_t blocks;    /* blocks of these, of 16 passages, of which all words were summed up at once */
    uint64_t chunks;    /* chunks of frequent words that were decoded, a word's postings in a range each */
    uint64_t empty;     /* of these, chunks without a posting */
    uint64_t postings;  /* postings in them, and those of rare words */
    uint64_t marked;  /* of the words that were marked in bitmaps or tested against one, where they were not skipped */
    uint64_t lookups; /* single passages that a word was asked for */
    uint64_t scored;  /* passages whose exact score was worked out */
    uint64_t positions; /* lists of positions that were decoded */
};

extern struct counters counters;
#define COUNT(what, n) ((void)(counters.what += (n)))
#else
#define COUNT(what, n) ((void)0)
#endif

#endif
