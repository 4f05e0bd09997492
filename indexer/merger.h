/* merger.h - merges segments that wait for their commit, beside the indexing.
 *
 * With large inputs workers flush many segments before the commit. Their files would pile up, and be merged only
 * at the end, while all wait. The merger does it in a thread of its own; or, with one thread in all, on the spot.
 */
#ifndef LEDE_INDEXER_MERGER_H
#define LEDE_INDEXER_MERGER_H

#include "../core/segment.h"
#include "sequence.h"

/* A segment that is written, or will be by a merge, and is not committed. */
struct pending {
    uint64_t id;
    struct segment_info info; /* articles and passages are known before a merge is done, the rest is not */
    struct sequence sequence;
    unsigned tier;
    bool ready;              /* its file is there */
    struct pending **inputs; /* while not ready: what it is merged from */
    size_t input_count;
    struct pending *next; /* in the merger's queue */
};

void pending_free(struct pending *p);

struct merger;

/* `index` is borrowed. Without `threaded` a merge is done by the call that asks for it, and `stop` is asked now and
 * then if it should be given up. */
LEDE_NODISCARD lede_status merger_new(struct merger **out, const char *index, bool threaded, int (*stop)(void *ctx),
                                      void *ctx, lede_error *err);
/* Gives up what is not done. */
void merger_free(struct merger *m);

/* Has `p` merged from its inputs, which stay in place until that is done and are gone then. Requests are done in order;
 * those whose inputs are not ready, since a merge was given up, are passed over. Failures are told by merger_wait. */
void merger_request(struct merger *m, struct pending *p);

/* Waits until nothing is left to do, at most `milliseconds`; *idle tells. With `give_up` what is not done is left. */
LEDE_NODISCARD lede_status merger_wait(struct merger *m, long milliseconds, bool give_up, bool *idle, lede_error *err);

#endif
