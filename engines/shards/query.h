/* query.h - a parsed query as one of Xapian's.
 *
 *     word            its stem; of one field: less those that stand elsewhere alone
 *     forms           OP_OR of their terms, which expansions_find looked up, each weighed as all together would be
 *     phrase, NEAR    AND of the words, for the score; OP_FILTER by an OR of OP_PHRASE or OP_NEAR in each field
 *     group           OP_AND, OP_OR, OP_AND_MAYBE, OP_FILTER, OP_AND_NOT
 *     some of many    OP_OR, for the score; OP_FILTER by an OR of all choices of so many, as long as these are few
 *     filters         OP_VALUE_RANGE of dates; terms of languages and sources; OP_PHRASE of a byline's words
 *
 * For sentences, and for phrases within NEAR and ADJ, Xapian has no operator. */
#ifndef LEDE_ENGINES_SHARDS_QUERY_H
#define LEDE_ENGINES_SHARDS_QUERY_H

#include "core/index/engine.h"
#include "words.h"

struct shards_reader;

/* The ids of the source files that a filter on paths lets pass. */
struct path_sources {
    struct path_sources *next;
    const struct node *filter;
    struct buffer ids; /* u64 each */
};

/* What the parsed query does not tell by itself. */
struct query_parts {
    struct expansions expansions;
    struct path_sources *paths;
};

/* Looks them up, with the reader's mutex held. Release them even if this fails: as words_of. */
LEDE_NODISCARD lede_status query_parts_find(struct query_parts *out, struct shards_reader *r, const lede_query *query,
                                            struct xapian_error *failure, lede_error *err);
void query_parts_release(struct query_parts *parts);

/* LEDE_UNSUPPORTED if Xapian has no operator for something in the query: one line tells what. */
LEDE_NODISCARD lede_status shards_query_check(const lede_query *query, lede_error *err);

/* Free *out with xapian_query_free. LEDE_UNSUPPORTED as above, and for what would take too large a query. */
LEDE_NODISCARD lede_status shards_query(struct xapian_query **out, const struct xapian *x,
                                        const struct engine_search *search, const struct query_parts *parts,
                                        lede_error *err);

/* What matches a part of the query's tree alone; *out is NULL if nothing can. */
LEDE_NODISCARD lede_status shards_query_part(struct xapian_query **out, const struct xapian *x, const lede_query *query,
                                             const struct query_parts *parts, const struct node *node, lede_error *err);

/* Visits what a word or a choice of words searches for, and what the weight of each stem or form is multiplied by,
 * besides the word's own weight: so that it counts as rare as all of them together are. */
typedef void shards_visit_meaning(void *ctx, const struct meaning *meaning, double rarity);
void shards_query_meanings(const lede_query *query, const struct query_parts *parts, const struct node *word,
                           shards_visit_meaning *visit, void *ctx);

#endif
