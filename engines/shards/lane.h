/* lane.h - the thread that writes to a shard: articles wait in a row for it, so that a shard's answer keeps neither the
 * reading of articles waiting nor the other shards. */
#ifndef LEDE_ENGINES_SHARDS_LANE_H
#define LEDE_ENGINES_SHARDS_LANE_H

#include "record.h"
#include "shards.h"

#include <pthread.h>

/* Articles that wait for a shard at most, and the documents of several: each takes some ten kilobytes. */
enum { LANE_ARTICLES = 64, LANE_DOCUMENTS = 512 };

/* A lane without work says something to its server each so often, as servers hang up on who is silent for a minute: a
 * writer that is lost would keep all others out. */
enum { LANE_KEEP_ALIVE_SECONDS = 15 };

/* An article on its way. */
struct lane_article {
    char key[SHARD_TERM_MAX]; /* the term Q... */
    size_t key_len;
    struct xapian_document **documents;
    size_t count, room;
};

void lane_article_release(struct lane_article *a, const struct xapian *x);

/* What putting articles came to. */
struct lane_counts {
    uint64_t added, updated, superseded, passages;
};

struct lane {
    const struct shards *shards;
    size_t number;  /* of the shard */
    uint64_t stamp; /* of what the commit in hand brings */
    struct lane_counts counts;
    pthread_t thread;
    bool running;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct lane_article articles[LANE_ARTICLES]; /* a ring */
    size_t first, waiting, documents;            /* of those that wait */
    bool busy, taken, commits, stops;
    unsigned keep_alive_seconds;
    lede_status status; /* the first failure stays */
    lede_error failure;
};

/* All zero before. The shards are borrowed, and nobody else uses the one of this number but between lane_take and
 * lane_return. */
LEDE_NODISCARD lede_status lane_start(struct lane *l, const struct shards *shards, size_t number, lede_error *err);
/* Leaves what waits undone. */
void lane_stop(struct lane *l);

/* Puts the article in place of the one with its key, if there is one; waits while too many wait before it. Takes over
 * the article, which is empty then, even if this fails: the failure may be of one before it. */
LEDE_NODISCARD lede_status lane_put(struct lane *l, struct lane_article *article, lede_error *err);
/* Commits when all before is done. */
void lane_commit(struct lane *l);
/* Waits until all is done. The counts, the stamp and the shard are the caller's then, until it returns them; not if
 * this fails. Nothing is put and committed meanwhile. */
LEDE_NODISCARD lede_status lane_take(struct lane *l, lede_error *err);
/* If it was taken. */
void lane_return(struct lane *l);

/* Whether the article that has this term came with the commit in hand. With the shard taken. */
LEDE_NODISCARD lede_status lane_came_now(const struct lane *l, const char *term, size_t len, bool *now,
                                         lede_error *err);
/* In how many documents the term is; deletes all that have it. */
LEDE_NODISCARD lede_status lane_count_term(const struct lane *l, const char *term, size_t len, uint32_t *count,
                                           lede_error *err);
LEDE_NODISCARD lede_status lane_delete_term(const struct lane *l, const char *term, size_t len, lede_error *err);

#endif
