/* parser.h - what the parts of the parser share: parse.c has the grammar, parse_word.c reads words, parse_filter.c what
 * is asked of articles, combine.c makes groups in their normal form, print.c writes the tree. */
#ifndef LEDE_SEARCHER_PARSER_H
#define LEDE_SEARCHER_PARSER_H

#include "core/base/buffer.h"
#include "core/text/analyzer.h"
#include "query.h"

/* Parentheses that are read as such in each other. */
#define QUERY_MAX_DEPTH 64

/* What is wrong with a query that is read the likely way all the same. In the order in which it is said. */
enum guess {
    GUESS_QUOTE,
    GUESS_SIGN,
    GUESS_OPEN,
    GUESS_CLOSE,
    GUESS_EMPTY,
    GUESS_OPERATOR,
    GUESS_EXCLUSION,
    GUESS_OPERAND,
    GUESS_FIELD,
    GUESS_DATE,
    GUESS_RANGE,
    GUESS_LEAST,
    GUESS_DISTANCE,
    GUESS_WEIGHT,
    GUESS_SUFFIX,
    GUESS_QUOTED_SUFFIX,
    GUESS_TEXT,
    GUESS_DEPTH,
    GUESS_LENGTH,
    GUESS_COUNT,
};

struct parser {
    struct lede_query *query;
    struct analyzer *analyzer;
    const struct query_target *target;
    bool stems;         /* the language has any: else each form is its own */
    bool strict;        /* guess nothing */
    struct buffer text; /* what is parsed: valid UTF-8 without NUL, of the length that was given */
    struct buffer scan; /* the same with a letter for each wildcard */
    size_t at;
    unsigned depth;
    bool shouted;      /* all in capitals, and no query with operators: these are words */
    bool in_quorum;    /* the group that is read asks for some of many */
    uint32_t operands; /* words and filters so far */
    enum text_field field;
    uint32_t guesses; /* a bit each */
    bool by_stems;    /* forms are looked for that can't be told from others of their stems */
    lede_status status;
    lede_error *err;
};

/* ------------------------------------------------------------------------------- characters -- */

/* The byte at i; 0 behind the end. */
char parser_byte(const struct parser *p, size_t i);
/* Whether an operand that is not quoted ends at i. */
bool parser_ends_at(const struct parser *p, size_t i);

/* Notes a guess, which is an error at `at` if there must be none. True if it may be guessed. */
bool parser_guess(struct parser *p, enum guess guess, size_t at);
void parser_fail(struct parser *p);

/* A node; NULL, and the parser has failed, if out of memory. */
struct node *parser_node(struct parser *p, enum node_kind kind, size_t at);
/* The same for a word or filter; NULL also if there are too many. */
struct node *parser_operand(struct parser *p, enum node_kind kind, size_t at);

/* ------------------------------------------------------------------------------------ words -- */

struct suffixes {
    double weight;  /* 0: none */
    uint32_t edits; /* 0: none */
};

/* Reads the suffixes of the operand [start, *end) of the text, and moves *end before them. */
void parser_suffixes(struct parser *p, size_t start, size_t *end, struct suffixes *out);
/* Reads the weight behind a quote or parenthesis, if there is one. */
double parser_weight(struct parser *p);

/* Adds the words of bytes [start, end) of the text to `list`, as forms if `exact`. */
void parser_words(struct parser *p, struct node *list, size_t start, size_t end, bool exact);
/* Makes the last of the words a fuzzy one. */
void parser_make_fuzzy(struct parser *p, struct node *list, uint32_t edits);

/* ---------------------------------------------------------------------------------- filters -- */

/* The filter that bytes [start, end) are the value of; NULL if they make no sense as one. */
struct node *parser_filter(struct parser *p, enum filter_kind kind, size_t start, size_t end);

/* ----------------------------------------------------------------------------------- groups -- */

/* Adds a child to a group in its normal form; NULL is nothing. */
void combine_add(struct parser *p, struct node *group, struct node *child, enum occur occur, bool implied);
/* Ends a group that children were added to. */
void combine_finish(struct parser *p, struct node *group);
/* Brings a whole tree in its normal form. */
void combine_settle(struct parser *p, struct node *group);
/* The group of what is in either, in both, in the first alone. Any may be NULL: nothing. */
struct node *combine_or(struct parser *p, struct node *a, struct node *b);
struct node *combine_and(struct parser *p, struct node *a, struct node *b);
struct node *combine_not(struct parser *p, struct node *a, struct node *b);
/* The group of what is in `least` of what a passage should be in. */
struct node *combine_quorum(struct parser *p, struct node *group, uint32_t least);

/* ------------------------------------------------------------------------------------- text -- */

/* The tree as a query that is read as the same. */
void print_query(struct buffer *out, const struct node *root, bool all_required);
void print_dates(struct buffer *out, lede_date from, lede_date to);

/* The tree as lede_query_root gives it, in the query's arena; NULL if out of memory. */
const lede_query_node *show_tree(struct lede_query *q);

#endif
