/* words.h - the forms of words that the shards have, and those of them that a query's prefixes, wildcards and words
 * spelled nearly so stand for: Xapian is asked for each of them. */
#ifndef LEDE_ENGINES_SHARDS_WORDS_H
#define LEDE_ENGINES_SHARDS_WORDS_H

#include "../xapian/module.h"
#include "core/base/buffer.h"
#include "core/index/engine.h"
#include "searcher/query/query.h"

#include <lede.h>

/* Words that one of the query's stands for, at most: with more a query would keep the servers busy for minutes. */
enum { WORDS_MOST = 1 << 16 };

/* Lists of words that are kept until they are too many, or the words are others. */
enum { WORD_LISTS = 64 };

/* The forms that begin so. */
struct word_list {
    char *beginning;
    size_t len;
    struct buffer forms; /* each: length as a byte, the form, passages that hold it as a varint */
};

/* Where the words are. */
struct words {
    const struct xapian *x;
    const struct xapian_database *db;
    const char *language;
    bool has_text; /* else forms are not told apart, but stand for all words of their stems */
    struct word_list lists[WORD_LISTS];
    size_t list_count;
};

/* Lets go of what was fetched. */
void words_forget(struct words *w);

/* Visits the forms that begin so, in order of bytes, when all of them have come. If Xapian fails, *failure has the
 * reason, and this is LEDE_IO; its code is XAPIAN_OK otherwise. */
LEDE_NODISCARD lede_status words_of(struct words *w, const struct engine_beginning *beginning, engine_visit_word *visit,
                                    void *ctx, struct xapian_error *failure, lede_error *err);

/* A stem or form that a word of the query stands for. */
struct meaning {
    bool is_stem; /* else a form */
    const char *bytes, *stem;
    size_t len, stem_len;
    uint32_t doc_freq; /* passages that hold it; 0: not known */
};

/* All that one of the query's words stands for: each its length as a byte and its bytes, the same of its stem, and
 * doc_freq as a varint. */
struct expansion_of {
    struct buffer terms;
    uint32_t count;
};

/* Of all the query's words. */
struct expansions {
    struct expansion_of *of; /* those that are not WORD_STEM, by their number */
    size_t count;
    bool stems;          /* else forms */
    uint32_t *doc_freqs; /* of the query's terms that are among choices, by their number */
    uint32_t passages;   /* in all; 0: not known, as nothing needs it */
};

/* The next of an expansion, from an offset of 0 on; false at the end. */
bool expansion_next(const struct expansions *e, uint32_t number, size_t *at, struct meaning *out);

/* Looks up all of them. Release it even if this fails: LEDE_UNSUPPORTED for a word that stands for too many, and as
 * words_of. */
LEDE_NODISCARD lede_status expansions_find(struct expansions *out, struct words *w, const struct lede_query *query,
                                           struct xapian_error *failure, lede_error *err);
void expansions_release(struct expansions *e);

#endif
