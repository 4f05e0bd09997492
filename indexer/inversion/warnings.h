/* warnings.h - warnings on their way from the threads that meet their causes to the one that may call the user's
 * function. */
#ifndef LEDE_INDEXER_WARNINGS_H
#define LEDE_INDEXER_WARNINGS_H

#include <lede.h>

struct warnings;

LEDE_NODISCARD lede_status warnings_new(struct warnings **out, lede_error *err);
void warnings_free(struct warnings *w);

/* Leaves a copy, from any thread; waits while very many are there, so that a file with a million bad lines does not
 * fill the memory. One that finds no memory is lost. */
void warnings_put(struct warnings *w, lede_warning_kind kind, const char *where, const char *why);

/* Hands over all that are there, in order. */
void warnings_deliver(struct warnings *w,
                      void (*warn)(void *ctx, lede_warning_kind kind, const char *where, const char *why), void *ctx);

/* From now on nothing waits or is kept. */
void warnings_end(struct warnings *w);

#endif
