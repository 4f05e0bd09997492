/* making.h - Xapian's queries in the making: what query.c and near.c build them of.
 *
 * The first failure stays in the struct, and is looked at once, at the end. Each query is owned by whoever has it, and
 * combining consumes. NULL is one that matches nothing. */
#ifndef LEDE_ENGINES_SHARDS_MAKING_H
#define LEDE_ENGINES_SHARDS_MAKING_H

#include "query.h"
#include "record.h"

struct noting;
struct telling;

struct making {
    const struct xapian *x;
    const struct lede_query *query;
    const struct query_parts *parts;
    enum xapian_code code;
    struct xapian_error failure;
    const char *refusal; /* what can't be asked */
    double doc_freq;     /* of all that the word in hand stands for */
    struct noting *noting;
    const struct telling *telling;
    bool has_phrases; /* or other operators that look at positions */
};

/* Choices that a query may spell out, of some of many or of words near each other. */
enum { CHOICES_MOST = 1000 };

typedef struct xapian_query xquery;

/* ----------------------------------------------------------------------------------- operands -- */

/* Of one kind, as they gather. */
struct operands {
    struct buffer queries; /* xquery * each */
};

#define OPERANDS_EMPTY ((struct operands){BUFFER_EMPTY})

static inline xquery **operands_all(const struct operands *o) {
    return (xquery **)(void *)o->queries.data;
}

static inline size_t operands_count(const struct operands *o) {
    return o->queries.len / sizeof(xquery *);
}

/* Nothing if the query is NULL. */
void operands_add(struct making *m, struct operands *to, xquery *query);
void operands_release(struct making *m, struct operands *o);

/* ------------------------------------------------------------------------------- combinations -- */

xquery *making_term(struct making *m, const char *bytes, size_t len);
/* Its weight times this. */
xquery *making_weigh(struct making *m, xquery *q, double weight);
/* One query of all operands, which are gone then; NULL if there are none. With a window if it is the operator's. */
xquery *making_combine(struct making *m, enum xapian_operator op, struct operands *o);
xquery *making_combine_in(struct making *m, enum xapian_operator op, struct operands *o, uint32_t window);
xquery *making_combine_two(struct making *m, enum xapian_operator op, xquery *a, xquery *b);
/* Both, or nothing. */
xquery *making_both(struct making *m, enum xapian_operator op, xquery *a, xquery *b);
/* a, and what b does to it if there is a b. */
xquery *making_besides(struct making *m, enum xapian_operator op, xquery *a, xquery *b);
/* Any of them. */
xquery *making_any(struct making *m, struct operands *o);
/* What may have phrases in it, so that Xapian answers right where it is asked beside others. */
xquery *making_settle(struct making *m, xquery *q);

/* -------------------------------------------------------------------------------------- words -- */

/* Where a word is looked for. */
enum where { ANYWHERE, IN_BODY, IN_TITLE, IN_HEADING, NOT_IN_BODY, PLACES };

enum where making_where(enum text_field field);
/* The term that a stem or form is there. */
size_t making_term_there(char term[SHARD_TERM_MAX], const struct meaning *t, enum where where);

/* Makes something of a stem or form that a word stands for; what is not NULL is an operand. */
typedef xquery *make_term(struct making *m, const struct meaning *t, enum where where);

/* Of each stem or form that a word stands for. */
void making_each_term(struct making *m, const struct node *word, struct operands *out, make_term *make,
                      enum where where);
/* Of each of those of a word, or of a choice of words, that may be there by the query. */
void making_each_there(struct making *m, const struct node *node, struct operands *out, make_term *make,
                       enum where where);

#endif
