#include "retrieve.h"

#include <string.h>

enum { LANES = 2 };

/* The compiler's vectors, of the width that every 64-bit machine has: wider ones it may take apart. */
typedef double lanes __attribute__((vector_size(LANES * sizeof(double))));
typedef int64_t lane_counts __attribute__((vector_size(LANES * sizeof(int64_t))));

/* Those that the filters don't let pass, which are a good deal more than those that are deleted. */
static void remove_others(struct window *w, const uint64_t *accepted) {
    for (uint64_t touched = w->touched; touched; touched &= touched - 1) {
        uint32_t i = (uint32_t)__builtin_ctzll(touched);
        for (uint64_t out = ~accepted[w->start / WINDOW_STRETCH + i]; out; out &= out - 1)
            w->scores[i * WINDOW_STRETCH + (uint32_t)__builtin_ctzll(out)] = 0;
    }
}

static void remove_deleted(struct window *w, const struct snapshot_segment *s) {
    uint32_t passages = segment_info(s->segment)->passages;
    for (uint32_t d = w->start; d < w->end && d < passages; d += 8)
        for (unsigned bits = s->deleted[d / 8]; bits; bits &= bits - 1)
            window_remove(w, d + (uint32_t)__builtin_ctz(bits));
}

/* How many of a stretch of scores are above the bar. */
static uint32_t count_above(const double *scores, double bar) {
    lane_counts counts = {0};
    for (uint32_t i = 0; i < WINDOW_STRETCH; i += LANES) {
        lanes s;
        memcpy(&s, scores + i, sizeof s);
        counts -= s > bar; /* true is -1 in each lane */
    }
    return (uint32_t)(counts[0] + counts[1]);
}

/* Most stretches hold nothing that matters, which vector instructions find out. */
static void harvest_stretch(struct collector *c, uint32_t first, double *scores) {
    collector_count(c, count_above(scores, 0));
    if (count_above(scores, collector_bar(c)))
        for (uint32_t i = 0; i < WINDOW_STRETCH; i++)
            if (scores[i] > collector_bar(c))
                collector_add(c, first + i, scores[i]);
    memset(scores, 0, WINDOW_STRETCH * sizeof *scores);
}

void window_harvest(struct window *w, struct collector *c) {
    if (c->accepted)
        remove_others(w, c->accepted);
    else if (c->segment.deleted)
        remove_deleted(w, &c->segment);
    for (; w->touched; w->touched &= w->touched - 1) {
        uint32_t i = (uint32_t)__builtin_ctzll(w->touched) * WINDOW_STRETCH;
        harvest_stretch(c, w->start + i, w->scores + i);
    }
}

void retrieve_by_window(struct cursor *root, struct window *scratch, struct collector *c) {
    while (root->doc != DOC_END && !collector_is_interrupted(c)) {
        window_move(scratch, root->doc);
        cursor_accumulate(root, scratch);
        window_harvest(scratch, c);
    }
}
