/* query.h - a parsed query: what is searched for, clause by clause.
 *
 *     query   = { space | operand } .
 *     operand = [ sign ] ( phrase | text ) .
 *     phrase  = quote { any character but a quote } quote .      the last one may lack its closing quote
 *     text    = { any character but white space or a quote } .
 *     sign    = "+" | "-" .                                      at the start of the query or behind white space
 *     quote   = any of " « » “ ” „ ‟ ＂ .                        each opens and closes; but see is_quote in parse.c
 *
 * A text counts as its words one by one, each with the text's sign; a text of several words with "-" is one phrase,
 * as `-counter-terrorism` must not exclude all that is said about terrorism.
 */
#ifndef LEDE_SEARCHER_QUERY_H
#define LEDE_SEARCHER_QUERY_H

#include "../core/arena.h"

#include <lede.h>

enum clause_sign { CLAUSE_SHOULD, CLAUSE_MUST, CLAUSE_MUST_NOT };

/* A word or a phrase. No two clauses that are searched for have the same terms, nor have two exclusions. */
struct clause {
    enum clause_sign sign;
    uint32_t weight;       /* how often the query has it */
    uint32_t term_count;   /* 1: a word; more: a phrase */
    const uint32_t *terms; /* numbers of its terms, in order */
};

struct query_term {
    const char *bytes;
    uint32_t len;
    bool is_word; /* searched for as a word, not only in phrases or exclusions */
};

struct lede_query {
    struct arena arena;
    struct query_term *terms; /* distinct, in order of first occurrence */
    struct clause *clauses;   /* in order of first occurrence */
    size_t term_count, clause_count;
    const char *text; /* canonical */
    const char *note; /* may be NULL */
    uint16_t *table;  /* open addressing by hash of the term; its number + 1 */
};

/* Numbers the distinct words of a clause in order of first occurrence: slots[i] is that of word i, terms[n] and
 * counts[n] tell of number n. Each array has room for term_count. Returns how many there are. */
uint32_t clause_words(const struct clause *c, uint32_t *slots, uint32_t *terms, uint32_t *counts);

/* lede_query_parse without an index: `language` is what analyzer_new takes. */
LEDE_NODISCARD lede_status query_parse(struct lede_query **out, const char *language, const char *text, size_t len,
                                       const lede_query_options *options, lede_error *err);

#define QUERY_NO_TERM UINT32_MAX

/* The number of a term of the query; QUERY_NO_TERM if it is none. */
uint32_t query_find_term(const struct lede_query *q, const char *term, size_t len);

/* For the parser: an empty query with room for LEDE_QUERY_MAX_TERMS terms; NULL if out of memory. */
struct lede_query *query_new(void);
/* The number of the term, which is added if it is new; QUERY_NO_TERM if out of memory. */
uint32_t query_add_term(struct lede_query *q, const char *term, size_t len);
/* Adds a clause, or adds it to the one that has the same terms. `terms` is borrowed for the query's life. */
void query_add_clause(struct lede_query *q, enum clause_sign sign, const uint32_t *terms, uint32_t term_count);

#endif
