/* worker.h - one worker of the pipeline: parses, analyses and inverts batches into segments of its own. Used by one
 * thread at a time. */
#ifndef LEDE_INDEXER_WORKER_H
#define LEDE_INDEXER_WORKER_H

#include <stdatomic.h>

#include "batch.h"
#include "core/index/engine.h"
#include "findings.h"
#include "indexer/formats/trees.h"
#include "inverter.h"
#include "pending.h"

/* What all workers of a pipeline share; borrowed. */
struct worker_settings {
    const char *index;
    const char *language;
    lede_passages passages;
    bool omit_text;
    size_t share; /* bytes of memory that a worker's inverter may fill */
    /* Called from the worker's thread. */
    void (*warn)(void *ctx, lede_warning_kind kind, const char *where, const char *why);
    void (*pulse)(void *ctx); /* now and then during long work; NULL: there is no need */
    void *ctx;
    struct trees trees; /* of all parsers */
    struct engine_writer
        *store; /* where articles go instead of segments, which one worker alone may do; NULL: segments */
    atomic_uint_fast64_t articles; /* inverted so far, by all */
};

struct worker {
    struct worker_settings *settings;
    struct analyzer *analyzer;
    struct parser *parser;
    struct inverter *inverter;
    struct parse_sink sink;
    char *segments;            /* the folder they go to */
    struct pending_list done;  /* segments */
    uint64_t next_id, id_step; /* workers take turns in the numbers */
    uint64_t batch;            /* number of the one in hand */
    const char *path;          /* of the file in hand */
    uint32_t uncounted;        /* articles that are not in the settings' count yet */
    uint32_t articles;         /* in the inverter */
    struct findings findings;
    /* Of the piece in hand. */
    uint64_t taken;             /* articles */
    bool left_out;              /* as a whole */
    struct sequence sequence;   /* of them */
    struct sequence_file *file; /* of the sequences */
};

/* The worker's segments have the ids first_id, first_id + id_step, ... Release it whatever comes back. */
LEDE_NODISCARD lede_status worker_init(struct worker *w, struct worker_settings *settings, uint64_t first_id,
                                       uint64_t id_step, lede_error *err);
void worker_release(struct worker *w);

LEDE_NODISCARD lede_status worker_run(struct worker *w, const struct batch *batch, lede_error *err);
/* Writes what it holds to a segment, if there is anything. */
LEDE_NODISCARD lede_status worker_flush(struct worker *w, lede_error *err);
/* Puts away what it holds, to make room. */
LEDE_NODISCARD lede_status worker_spill(struct worker *w, lede_error *err);
/* Gives back what is kept from one segment to the next. The worker has to be flushed. */
LEDE_NODISCARD lede_status worker_relax(struct worker *w, lede_error *err);
/* Gives back scratch space that an outsized batch has made the parser and analyzer take. */
LEDE_NODISCARD lede_status worker_renew(struct worker *w, lede_error *err);

#endif
