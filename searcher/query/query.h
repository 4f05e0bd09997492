/* query.h - a parsed query, as a tree of what is searched for. docs/QUERY.md has the language, parse.c its grammar.
 *
 *     +simla "indus treaty" water^2 -delhi date:2025
 *
 *     group  must      word simla
 *            should    phrase    word indus
 *                                word treaty
 *            should    word water, weight 2
 *            must not  word delhi
 *            filter    date 2025-01-01 to 2025-12-31
 *
 * The tree is in a normal form, which combine.c makes: the root is a group; the weights stand at
 * words and at what is made of words, never at groups; words that a group has twice are one, of the sum of their
 * weights; groups that say no more than their parents are dissolved in them.
 *
 * Queries of words, phrases, NEAR and ADJ alone have a flat view besides, which the strategies that prune run on.
 */
#ifndef LEDE_SEARCHER_QUERY_H
#define LEDE_SEARCHER_QUERY_H

#include "core/base/arena.h"

#include <lede.h>

enum node_kind {
    NODE_WORD,     /* what one word of the text can be */
    NODE_SYNONYM,  /* children are words: any of them, where an operator wants one word */
    NODE_PHRASE,   /* children are words: one after the other */
    NODE_NEAR,     /* children are words, synonyms and phrases: near each other */
    NODE_ADJ,      /* the same in their order */
    NODE_SENTENCE, /* the same in one sentence */
    NODE_FILTER,   /* what is known of the article; gives nothing to the score */
    NODE_ALL,      /* every passage */
    NODE_GROUP,    /* children have occurs */
};

/* What a child is to its group. A passage is in a group if it is in all children that it must be in and in all filters,
 * in none that it must not be in, and in `least` of those that it should be in, at least; if that is 0, in one of them
 * if there are no children that it must be in. Its score is the sum of those of the children it must or should be in.
 * A group of filters alone, less what it must not be in, has what they let pass. */
enum occur { OCCUR_SHOULD, OCCUR_MUST, OCCUR_MUST_NOT, OCCUR_FILTER };

enum word_kind {
    WORD_STEM, /* any form of the word */
    WORD_FORM, /* this one, as written but for case and accents */
    WORD_PREFIX,
    WORD_WILDCARD,
    WORD_FUZZY,
};

enum text_field { FIELD_ANY, FIELD_TITLE, FIELD_HEADING, FIELD_BODY };

enum filter_kind { FILTER_DATE, FILTER_BYLINE, FILTER_PATH, FILTER_LANGUAGE };

struct node {
    enum node_kind kind;
    enum occur occur; /* in the group it is a child of */
    bool implied;     /* the occur was not written, but follows from the options */
    bool kept;        /* a group that counts as one in its parent, which asks for some of many */
    double weight;    /* of words and what is made of them: a multiple of 0.001 from 0.001 to 1000, else 1 */
    struct node *first, *last, *next; /* children, and the next child of the parent */
    uint32_t count;                   /* children */
    size_t at;                        /* offset in the query */
    const char *shown;                /* words and filters: as it was written, but for its prefix and suffixes */
    size_t shown_len;
    /* NODE_WORD */
    enum word_kind word;
    enum text_field field;
    uint32_t term;    /* number of the stem, of WORD_STEM and WORD_FORM */
    uint32_t edits;   /* WORD_FUZZY: 1 or 2 */
    uint32_t number;  /* of the words that are not WORD_STEM: from 0, by place in the tree */
    const char *form; /* not WORD_STEM: the form, its beginning, or a pattern with * and ? */
    size_t form_len;
    const struct naming *naming; /* WORD_FORM: not NULL for a name, whose bare form `form` is, see naming.h */
    /* NODE_NEAR, NODE_ADJ: how many words the operands may be apart, 1 or more */
    uint32_t distance;
    /* NODE_GROUP: of the children it should be in; 0 unless told */
    uint32_t least;
    /* NODE_FILTER: `form` is the value, but for dates */
    enum filter_kind filter;
    lede_date from, to; /* inclusive */
};

/* The flat view. */
enum clause_sign { CLAUSE_SHOULD, CLAUSE_MUST, CLAUSE_MUST_NOT };

/* A word, or several: a phrase, NEAR or ADJ. No two clauses that are searched for have the same terms, nor have two
 * exclusions. */
struct clause {
    enum clause_sign sign;
    double weight;         /* how often the query has it */
    uint32_t term_count;   /* 1: a word */
    const uint32_t *terms; /* numbers of its terms, in order */
    uint32_t width;        /* of the stretch that NEAR and ADJ ask for, see near.h; 0: the words are a phrase */
    bool ordered;          /* ADJ */
};

struct query_term {
    const char *bytes;
    uint32_t len;
};

struct lede_query {
    struct arena arena;
    struct node *root;
    struct query_term *terms; /* distinct, in order of first occurrence */
    size_t term_count;
    /* Empty, though the root has children, if some of these are other than words of any field, phrases, NEAR and ADJ of
     * such, and filters. Filters are no clauses. */
    struct clause *clauses; /* in the order of the root's children */
    size_t clause_count;
    uint32_t pattern_count;       /* words that are not WORD_STEM */
    const bool *names;            /* of the terms: those that are searched for as names, see names.h; NULL: none are */
    bool all_required;            /* operands without a sign are + operands */
    const char *text;             /* canonical */
    const char *note;             /* may be NULL */
    const lede_query_node *shown; /* the tree as it is shown */
    uint16_t *table; /* open addressing by hash of the term; its number + 1. NULL where the terms are few */
};

/* What queries are analysed for. */
struct query_target {
    const char *language; /* as analyzer_new takes it */
    bool has_text;        /* else forms can't be told from other words of the same stem, nor sentences from passages */
};

/* lede_query_parse without an index. */
LEDE_NODISCARD lede_status query_parse(struct lede_query **out, const struct query_target *target, const char *text,
                                       size_t len, const lede_query_options *options, lede_error *err);

/* ------------------------------------------------------------------------------------- trees -- */

struct node *node_new(struct arena *arena, enum node_kind kind, size_t at);
void node_add(struct node *parent, struct node *child);
/* Multiplies the weights of what is searched for in the tree. */
void node_multiply(struct node *node, double factor);
/* Makes all its weights 1. */
void node_unweigh(struct node *node);
/* The nearest weight that there is. */
double weight_round(double weight);
/* Whether the two search for the same, whatever their weights and occurs. */
bool node_equal(const struct node *a, const struct node *b);
/* Whether it is made of filters alone. */
bool node_is_filter(const struct node *node);
/* Whether a group's children are to be written with OR between them, as those side by side would be read otherwise. */
bool node_is_choice(const struct node *group, bool all_required);
/* Numbers the distinct children in order of first occurrence: slots[i] is that of child i, nodes[n] and counts[n] tell
 * of number n. Each array has room for node->count. Returns how many there are. */
uint32_t node_operands(const struct node *node, uint32_t *slots, const struct node **nodes, uint32_t *counts);

/* Whether a form is one that the word, not a WORD_STEM, stands for. */
bool node_takes_form(const struct node *word, const char *form, size_t len);

/* ----------------------------------------------------------------------------------- clauses -- */

/* Numbers the distinct words of a clause in order of first occurrence: slots[i] is that of word i, terms[n] and
 * counts[n] tell of number n. Each array has room for term_count. Returns how many there are. */
uint32_t clause_words(const struct clause *c, uint32_t *slots, uint32_t *terms, uint32_t *counts);

#define QUERY_NO_TERM UINT32_MAX

/* The number of a term of the query; QUERY_NO_TERM if it is none. */
uint32_t query_find_term(const struct lede_query *q, const char *term, size_t len);

/* ----------------------------------------------------------------------------- for the parser -- */

/* An empty query with room for LEDE_QUERY_MAX_TERMS terms; NULL if out of memory. */
struct lede_query *query_new(void);
/* The number of the term, which is added if it is new; QUERY_NO_TERM if out of memory. */
uint32_t query_add_term(struct lede_query *q, const char *term, size_t len);
/* Makes the flat view and the numbers of the tree. False if out of memory. */
LEDE_NODISCARD bool query_finish(struct lede_query *q);

#endif
