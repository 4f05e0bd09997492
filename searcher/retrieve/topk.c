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

/* The bits of doubles that are not negative rise with them. */
static inline uint64_t bits_of(double score) {
    uint64_t bits;
    memcpy(&bits, &score, sizeof bits);
    return bits;
}

/* A greater score has no smaller class. */
static uint32_t class_of(double score) {
    const int64_t least = (int64_t)(EXPONENT_BIAS - OCTAVES_BELOW) << CLASS_BITS;
    int64_t class = ((int64_t)bits_of(score) >> (MANTISSA_BITS - CLASS_BITS)) - least;
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

/* Forgets entries that can't be among the best any more, if that makes room. Which these are can't be foreseen. */
static void sort_out(struct topk *t) {
    double least = least_of(t->floor);
    size_t n = 0;
    for (size_t i = 0; i < t->count; i++) {
        struct topk_entry e = t->entries[i];
        t->entries[n] = e;
        n += e.score >= least;
    }
    t->count = n;
}

static void count_entry(struct topk *t, uint32_t class) {
    t->counts[class]++;
    t->above++;
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

/* ------------------------------------------------------------------------------------ sorting -- */

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

/* Buckets of equal shares of the way from the best score to the worst, by bits, as these rise with the scores. */
struct buckets {
    uint64_t best;
    unsigned shift;
    size_t count;
    uint32_t *ends;
};

/* -0 is as much as 0. */
static inline size_t bucket_of(const struct buckets *b, double score) {
    return (b->best - bits_of(score + 0.0)) >> b->shift;
}

static unsigned width_of(uint64_t v) {
    return v ? 64 - (unsigned)__builtin_clzll(v) : 0;
}

/* With more buckets than entries, so that few share one. */
static bool buckets_init(struct buckets *b, struct topk *t) {
    enum { BITS_MORE = 1, BITS_MOST = 18 };
    double best = 0, worst = INFINITY;
    for (size_t i = 0; i < t->count; i++) {
        best = t->entries[i].score > best ? t->entries[i].score : best;
        worst = t->entries[i].score < worst ? t->entries[i].score : worst;
    }
    unsigned bits = width_of(t->count) + BITS_MORE, wide = width_of(bits_of(best) - bits_of(worst + 0.0));
    bits = bits < BITS_MOST ? bits : BITS_MOST;
    b->best = bits_of(best);
    b->shift = wide > bits ? wide - bits : 0;
    b->count = bucket_of(b, worst) + 1;
    b->ends = arena_zalloc(&t->arena, b->count, sizeof *b->ends);
    return b->ends;
}

/* Puts the entries of each bucket together, in the order in which they were; returns how many share one at most. */
static uint32_t part(struct topk_entry *out, struct buckets *b, const struct topk_entry *entries, size_t n) {
    uint32_t at = 0, most = 0;
    for (size_t i = 0; i < n; i++)
        b->ends[bucket_of(b, entries[i].score)]++;
    for (size_t k = 0; k < b->count; k++) {
        uint32_t count = b->ends[k];
        most = count > most ? count : most;
        b->ends[k] = at;
        at += count;
    }
    for (size_t i = 0; i < n; i++)
        out[b->ends[bucket_of(b, entries[i].score)]++] = entries[i];
    return most;
}

/* So many are sorted by insertion. */
enum { SHORT = 24 };

static void sort_buckets(struct topk_entry *entries, const struct buckets *b) {
    size_t start = 0;
    for (size_t k = 0, n; k < b->count; start = b->ends[k++]) {
        n = b->ends[k] - start;
        if (n > SHORT)
            qsort(entries + start, n, sizeof *entries, compare_best_first);
        else
            insertion_sort(entries + start, n);
    }
}

static bool sort_many(struct topk *t) {
    struct buckets b;
    struct topk_entry *entries = arena_alloc(&t->arena, t->count * sizeof *entries);
    if (!entries || !buckets_init(&b, t))
        return false;
    memcpy(entries, t->entries, t->count * sizeof *entries);
    if (part(t->entries, &b, entries, t->count) <= SHORT)
        insertion_sort(t->entries, t->count);
    else
        sort_buckets(t->entries, &b);
    return true;
}

void topk_sort(struct topk *t) {
    enum { FEW = 128 }; /* take less time to be compared with each other than buckets to be cleared */
    if (t->counts)
        sort_out(t);
    if (t->count > FEW)
        t->failed |= !sort_many(t);
    else if (t->count)
        qsort(t->entries, t->count, sizeof *t->entries, compare_best_first);
    t->count = t->count < t->limit ? t->count : t->limit;
}
