#include "interleave.h"

#include <stdlib.h>

#include "core/base/error.h"

/* The postings of an input. */
struct interleave_lane {
    struct postings cursor;
    const uint32_t *renumber;
    const struct term_info *info; /* NULL: it has none, or there are no more of them */
    struct posting_run run;       /* what is left of the block that the cursor stands on: docs are the new numbers */
    uint32_t docs[BLOCK_DOCS];
};

bool interleaver_init(struct interleaver *il, struct merge_output *output, size_t count) {
    *il = (struct interleaver){output, malloc(count * sizeof *il->lanes), count};
    return il->lanes;
}

void interleaver_release(struct interleaver *il) {
    free(il->lanes);
}

static lede_status end_lane(struct interleaver *il, struct interleave_lane *l) {
    const struct term_info *info = l->info;
    lede_status status = l->cursor.status;
    l->info = NULL;
    postings_release(&l->cursor);
    if (status == LEDE_CORRUPT)
        return segment_corrupt(l->cursor.segment, SECTION_POSTINGS, info->postings, "bad postings", il->output->err);
    return status == LEDE_OK ? LEDE_OK : error_nomem(il->output->err);
}

/* Reads the block that the cursor stands on, and moves behind it. */
static void read_block(struct interleaver *il, struct interleave_lane *l) {
    const uint32_t *docs;
    struct footprint *footprint = &il->output->footprint;
    struct posting_run *run = &l->run;
    uint64_t size = l->info->postings_size + l->info->positions_size;
    footprint_touch(footprint, size * l->cursor.block_len / l->info->doc_freq);
    run->positions = postings_run_positions(&l->cursor);
    run->lengths = postings_run_lengths(&l->cursor);
    run->count = run->positions ? postings_run(&l->cursor, &docs, &run->freqs) : 0;
    if (run->count > 0)
        footprint_touch_lengths(footprint, docs[0], docs[run->count - 1], run->count);
    for (uint32_t i = 0; i < run->count; i++)
        l->docs[i] = l->renumber[docs[i]];
    run->docs = l->docs;
}

/* Leaves the first n postings of the run behind. */
static void pass(struct posting_run *run, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        run->positions += run->freqs[i];
    run->docs += n;
    run->freqs += n;
    run->lengths += n;
    run->count -= n;
}

/* Stands on the next posting that is somewhere. */
static lede_status settle(struct interleaver *il, struct interleave_lane *l) {
    for (;;) {
        while (l->run.count > 0 && *l->run.docs == INTERLEAVE_NOWHERE)
            pass(&l->run, 1);
        if (l->run.count > 0)
            return LEDE_OK;
        if (l->run.docs)
            postings_skip(&l->cursor, (uint32_t)(l->run.docs - l->docs));
        if (l->cursor.doc == DOC_END)
            return end_lane(il, l);
        read_block(il, l);
    }
}

static lede_status open_lane(struct interleaver *il, struct interleave_lane *l, size_t input,
                             const struct term_info *info, const uint32_t *renumber) {
    l->info = info;
    l->renumber = renumber;
    l->run = (struct posting_run){.count = 0};
    if (!info)
        return LEDE_OK;
    postings_init(&l->cursor, il->output->job->inputs[input].segment, info);
    return settle(il, l);
}

/* The lane with the lowest number, or NULL; and the lowest of the others. */
static struct interleave_lane *lowest(const struct interleaver *il, uint32_t *next) {
    struct interleave_lane *best = NULL;
    *next = INTERLEAVE_NOWHERE;
    for (struct interleave_lane *l = il->lanes; l < il->lanes + il->count; l++) {
        if (!l->info)
            continue;
        if (!best || *l->run.docs < *best->run.docs) {
            *next = best ? *best->run.docs : *next;
            best = l;
        } else if (*l->run.docs < *next) {
            *next = *l->run.docs;
        }
    }
    return best;
}

/* Hands on what is below the lowest of the others. */
static lede_status take(struct interleaver *il, struct interleave_lane *l, uint32_t next) {
    struct posting_run taken = l->run;
    uint32_t n = 1;
    while (n < taken.count && taken.docs[n] < next)
        n++;
    taken.count = n;
    postings_writer_add_run(&il->output->postings, &taken);
    pass(&l->run, n);
    return settle(il, l);
}

lede_status interleave_postings(struct interleaver *il, const struct key_walk *walk, uint32_t *const *renumber) {
    struct interleave_lane *l;
    uint32_t next;
    lede_status status = merge_output_step(il->output);
    for (size_t i = 0; i < il->count; i++)
        il->lanes[i].info = NULL;
    for (size_t i = 0; status == LEDE_OK && i < il->count; i++)
        status = open_lane(il, &il->lanes[i], i, key_walk_info(walk, i), renumber[i]);
    while (status == LEDE_OK && (l = lowest(il, &next)))
        status = take(il, l, next);
    for (l = il->lanes; l < il->lanes + il->count; l++)
        if (l->info)
            postings_release(&l->cursor);
    return status;
}
