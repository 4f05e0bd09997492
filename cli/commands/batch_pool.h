/* batch_pool.h - queries searched for by several threads at once, and shown in the order in which they came.
 *
 *     caller -> line -> row of lines -> threads search, each for the next -> one thread shows, one after the other
 *
 * The row has room for a few lines for each thread, so that whoever reads them waits while the others are behind. */
#ifndef LEDE_CLI_BATCH_POOL_H
#define LEDE_CLI_BATCH_POOL_H

#include "batch.h"

/* A line of the file, and what became of it. */
struct batch_job {
    char *line; /* its own, with so much room */
    size_t room;
    struct batch_line parts; /* of it */
    size_t number;
    struct search search;
    lede_status status;
    lede_error err;
    bool is_done;
};

struct batch_pool;

/* What is done with a job: searched for by any thread, and shown by one at a time, in order. */
struct batch_steps {
    void (*search)(const struct batch *batch, struct batch_job *job);
    void (*show)(struct batch *batch, struct batch_job *job);
    /* Called by the thread that shows when it has to wait for more. */
    void (*pause)(struct batch *batch);
};

/* The batch and the steps are borrowed. NULL if there is no memory, or if there can be no threads. */
struct batch_pool *batch_pool_new(struct batch *batch, const struct batch_steps *steps, unsigned threads);
/* Adds a line, without its end, as soon as there is room. False if there is no memory. */
bool batch_pool_add(struct batch_pool *pool, const char *line, size_t len, size_t number);
/* Waits until all is shown; the pool is gone. NULL is fine. */
void batch_pool_finish(struct batch_pool *pool);

#endif
