/* bisect.h - an order of articles in which similar ones stand together, by recursive graph bisection.
 *
 * The articles are halved so that the terms' postings would be cheap to code if each half were in any order: those
 * from one half that would rather be in the other are swapped with such from there, as long as that pays. Then each
 * half is halved in turn.
 *
 *     1. A term with d of n articles costs d log2(n / (d + 1)) bits, so one more article with it costs less the more
 *        there are. The pull of a term on an article is the difference of that between the halves, the article not
 *        counted; the pull on an article is the sum over its terms.
 *     2. Articles of both halves are sorted by how much they are pulled to the other one, and swapped in pairs while
 *        both together gain more than a threshold, which rises with the rounds (cooling): far enough for the
 *        halves to settle, for pulls are computed once a round and the pairs disturb each other.
 *     3. Halves are whole leaves, as many articles as have the passages of a range, which are bounded together in
 *        searching.
 *
 * (Dhulipala, Kabiljo, Karrer, Ottaviano, Pupyrev and Shalita, Compressing graphs and indexes with recursive graph
 * bisection, 2016; cooling: Mackenzie, Petri and Moffat, Tradeoff options for bipartite graph partitioning.) */
#ifndef LEDE_INDEXER_BISECT_H
#define LEDE_INDEXER_BISECT_H

#include "forward.h"

struct bisect_options {
    unsigned threads;
    uint32_t leaf; /* so many articles, those of a range, are not halved any more, and keep their order */
    uint32_t most; /* of more articles, which are in an order that is good for so many, halves stay as they are */
    int (*stop)(void *ctx); /* asked now and then, in the calling thread; may be NULL */
    void *ctx;
};

/* Memory that it takes beside the forward index, of an index of so many articles; and for each thread. */
uint64_t bisect_memory(uint32_t articles);
#define BISECT_THREAD_MEMORY (UINT64_C(6) << 20)

/* Writes the articles of the forward index in their new order. The same index gives the same order, with any number
 * of threads. */
LEDE_NODISCARD lede_status bisect_order(uint32_t *order, const struct forward_index *f,
                                        const struct bisect_options *options, lede_error *err);

#endif
