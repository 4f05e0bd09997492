#include "topk.h"

#include <math.h>
#include <stdlib.h>

void topk_init(struct topk *t, size_t limit) {
    *t = (struct topk){.limit = limit, .threshold = limit ? -1 : INFINITY};
}

void topk_release(struct topk *t) {
    free(t->entries);
    t->entries = NULL;
    t->count = t->room = 0;
}

static bool is_worse(const struct topk_entry *a, const struct topk_entry *b) {
    return a->score != b->score ? a->score < b->score : a->ordinal > b->ordinal;
}

static bool make_room(struct topk *t) {
    if (t->count < t->room)
        return true;
    size_t room = t->room ? t->room * 2 : 16;
    room = room < t->limit ? room : t->limit;
    struct topk_entry *entries = reallocarray(t->entries, room, sizeof *entries);
    if (!entries) {
        t->failed = true;
        return false;
    }
    t->entries = entries;
    t->room = room;
    return true;
}

/* Puts e into the hole at i, letting worse entries above it sink. */
static void sift_up(struct topk_entry *heap, size_t i, struct topk_entry e) {
    for (; i > 0 && is_worse(&e, &heap[(i - 1) / 2]); i = (i - 1) / 2)
        heap[i] = heap[(i - 1) / 2];
    heap[i] = e;
}

/* Puts e into the hole at the top, letting worse entries below it rise. */
static void sift_down(struct topk_entry *heap, size_t n, struct topk_entry e) {
    size_t i = 0;
    for (size_t child; (child = 2 * i + 1) < n; i = child) {
        if (child + 1 < n && is_worse(&heap[child + 1], &heap[child]))
            child++;
        if (!is_worse(&heap[child], &e))
            break;
        heap[i] = heap[child];
    }
    heap[i] = e;
}

void topk_push(struct topk *t, double score, uint64_t ordinal) {
    struct topk_entry e = {score, ordinal};
    if (t->limit == 0)
        return;
    if (t->count < t->limit) {
        if (make_room(t))
            sift_up(t->entries, t->count++, e);
    } else if (is_worse(&t->entries[0], &e)) {
        sift_down(t->entries, t->count, e);
    }
    if (t->count == t->limit)
        t->threshold = t->entries[0].score;
}

static int compare_best_first(const void *a, const void *b) {
    return is_worse(a, b) ? 1 : -1;
}

void topk_sort(struct topk *t) {
    if (t->count)
        qsort(t->entries, t->count, sizeof *t->entries, compare_best_first);
}
