#include "topk.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    HEAP_MAX = 64, /* a longer heap takes longer than counting */
    /* Classes: 1 << CLASS_BITS for each doubling of the score, from 2^-OCTAVES_BELOW on. A word that is in all of ten
     * million passages gives 2^-26 at most; a prefix of very many words counts as such a one. */
    CLASS_BITS = 8,
    OCTAVES_BELOW = 40,
    OCTAVES = 50,
    CLASSES = OCTAVES << CLASS_BITS,
    EXPONENT_BIAS = 1023,
    MANTISSA_BITS = 52,
};

void topk_init(struct topk *t, size_t limit) {
    *t = (struct topk){.limit = limit, .threshold = limit ? -1 : INFINITY, .arena = ARENA_EMPTY};
}

void topk_release(struct topk *t) {
    free(t->entries);
    arena_release(&t->arena);
    t->entries = NULL;
    t->counts = NULL;
    t->count = t->room = 0;
}

static bool is_worse(const struct topk_entry *a, const struct topk_entry *b) {
    return a->score != b->score ? a->score < b->score : a->ordinal > b->ordinal;
}

static bool make_room(struct topk *t) {
    if (t->count < t->room)
        return true;
    size_t room = t->room ? t->room * 2 : 16;
    struct topk_entry *entries = reallocarray(t->entries, room, sizeof *entries);
    if (!entries) {
        t->failed = true;
        return false;
    }
    t->entries = entries;
    t->room = room;
    return true;
}

/* -------------------------------------------------------------------------------------- heap -- */

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

static void push_heap(struct topk *t, struct topk_entry e) {
    if (t->count < t->limit) {
        if (make_room(t))
            sift_up(t->entries, t->count++, e);
    } else if (is_worse(&t->entries[0], &e)) {
        sift_down(t->entries, t->count, e);
    }
    if (t->count == t->limit)
        t->threshold = t->entries[0].score;
}

/* ------------------------------------------------------------------------------------ counts -- */

/* A greater score has no smaller class: the bits of doubles that are not negative rise with them. */
static uint32_t class_of(double score) {
    const int64_t least = (int64_t)(EXPONENT_BIAS - OCTAVES_BELOW) << CLASS_BITS;
    int64_t bits;
    memcpy(&bits, &score, sizeof bits);
    int64_t class = (bits >> (MANTISSA_BITS - CLASS_BITS)) - least;
    return class < 0 ? 0 : class >= CLASSES ? CLASSES - 1 : (uint32_t) class;
}

/* The least score of a class. */
static double least_of(uint32_t class) {
    int64_t bits = ((int64_t) class + ((int64_t)(EXPONENT_BIAS - OCTAVES_BELOW) << CLASS_BITS))
                   << (MANTISSA_BITS - CLASS_BITS);
    double score;
    memcpy(&score, &bits, sizeof score);
    return class ? score : 0;
}

/* Forgets entries that can't be among the best any more, if that makes room. */
static void sort_out(struct topk *t) {
    size_t n = 0;
    for (size_t i = 0; i < t->count; i++)
        if (class_of(t->entries[i].score) >= t->floor)
            t->entries[n++] = t->entries[i];
    t->count = n;
}

static void count_entry(struct topk *t, uint32_t class) {
    t->counts[class]++;
    t->above++;
    t->highest = class > t->highest ? class : t->highest;
}

/* Raises the threshold as far as the counts allow. */
static void raise_floor(struct topk *t) {
    while (t->above - t->counts[t->floor] >= t->limit)
        t->above -= t->counts[t->floor++];
    if (t->above >= t->limit)
        t->threshold = least_of(t->floor);
}

/* The floor is the lowest class that there is: most are below it. */
static bool start_counts(struct topk *t) {
    uint32_t lowest = CLASSES - 1;
    t->counts = arena_zalloc(&t->arena, CLASSES, sizeof *t->counts);
    t->failed |= !t->counts;
    for (size_t i = 0; t->counts && i < t->count; i++) {
        uint32_t class = class_of(t->entries[i].score);
        count_entry(t, class);
        lowest = class < lowest ? class : lowest;
    }
    t->floor = t->counts ? lowest : 0;
    return t->counts;
}

/* Most searches have fewer results than a long list has room for: nothing is counted before it is full. */
static void push_counted(struct topk *t, struct topk_entry e) {
    uint32_t class = class_of(e.score);
    if (class < t->floor)
        return;
    if (t->count == t->room && t->count / 4 > t->limit)
        sort_out(t);
    if (!make_room(t))
        return;
    t->entries[t->count++] = e;
    if (t->counts)
        count_entry(t, class);
    else if (t->count < t->limit || !start_counts(t))
        return;
    raise_floor(t);
}

/* Sorts by class first, which leaves few for each: counts[c] becomes where class c ends. */
static bool sort_classes(struct topk *t) {
    struct topk_entry *entries = arena_alloc(&t->arena, (t->count + 1) * sizeof *entries);
    if (!entries)
        return false;
    memcpy(entries, t->entries, t->count * sizeof *entries);
    size_t at = 0;
    for (uint32_t c = t->highest; at < t->count; c--) {
        size_t n = t->counts[c];
        t->counts[c] = (uint32_t)at;
        at += n;
    }
    for (size_t i = 0; i < t->count; i++)
        t->entries[t->counts[class_of(entries[i].score)]++] = entries[i];
    return true;
}

/* ----------------------------------------------------------------------------------- the best -- */

void topk_push(struct topk *t, double score, uint64_t ordinal) {
    const struct topk_entry e = {score, ordinal};
    if (t->limit == 0)
        return;
    if (t->limit <= HEAP_MAX)
        push_heap(t, e);
    else
        push_counted(t, e);
}

static int compare_best_first(const void *a, const void *b) {
    return is_worse(a, b) ? 1 : -1;
}

/* For entries that are nearly in order. */
static void insertion_sort(struct topk_entry *entries, size_t n) {
    for (size_t i = 1; i < n; i++) {
        struct topk_entry e = entries[i];
        size_t k = i;
        for (; k > 0 && is_worse(&entries[k - 1], &e); k--)
            entries[k] = entries[k - 1];
        entries[k] = e;
    }
}

/* Sorts the entries of each class, as far as they can be among the best. */
static void sort_runs(struct topk *t) {
    enum { SHORT = 24 };
    size_t most = t->count < t->limit ? t->count : t->limit, n = 0;
    for (uint32_t c = t->highest, i = 0; i < most; i += (uint32_t)n, c--) {
        n = t->counts[c] - i;
        if (n <= SHORT)
            insertion_sort(t->entries + i, n);
        else
            qsort(t->entries + i, n, sizeof *t->entries, compare_best_first);
    }
}

void topk_sort(struct topk *t) {
    enum { FEW = 128 }; /* take less time to be compared with each other than classes to be cleared */
    if (t->counts || (t->count > FEW && start_counts(t))) {
        sort_out(t);
        if (sort_classes(t))
            sort_runs(t);
        else
            t->failed = true;
        t->count = t->count < t->limit ? t->count : t->limit;
    } else if (t->count) {
        qsort(t->entries, t->count, sizeof *t->entries, compare_best_first);
    }
}
