#include "bisect.h"

#include <assert.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cpu.h"
#include "core/base/error.h"
#include "core/base/radix.h"
#include "core/codecs/maxima.h"

enum {
    /* Few articles still move after so many rounds. */
    ROUNDS = 12,
    /* Costs are in units of 1 / 1024 bit: whole numbers, so that sums are the same everywhere. */
    UNIT_BITS = 10,
    UNIT = 1 << UNIT_BITS,
    /* Costs of so many and more are told by their highest bits. */
    EXACT_BITS = 10,
    EXACT = 1 << EXACT_BITS,
    /* Parts of the forward index of so many bytes are copied to where they fit the second-level cache, without the
     * terms that only one of their articles has. */
    LOCAL_MEMORY = 4 << 20,
    /* What two threads share has to be worth starting one. */
    THREAD_ARTICLES = 1024,
    /* Postings gone through between two questions whether to stop. */
    STOP_POSTINGS = 1 << 20,
};

/* How many articles of each half have a term. */
struct degree {
    uint32_t left, right;
};

struct bisect {
    const struct bisect_options *options;
    atomic_bool stopped;
    int32_t marginal[EXACT]; /* see marginal_cost */
};

/* One thread's memory. */
struct worker {
    struct bisect *shared;
    unsigned threads;       /* it may have at work, itself included */
    bool asks;              /* whether to stop: it is the thread that called */
    uint64_t postings;      /* gone through since that was asked */
    struct degree *degrees; /* by term */
    int32_t *on_left;       /* a term's pull to the right on an article that is on the left */
    int32_t *on_right;
    uint64_t *keys, *scratch; /* by article; parts of the same arrays for all */
    uint8_t *stack;           /* for local copies of the forward index */
    size_t used;
};

/* ----------------------------------------------------------------------------------------- costs -- */

static void init_costs(struct bisect *b) {
    for (uint32_t d = 0; d < EXACT; d++) {
        double cost = (d + 1) * log2(d + 2) - d * log2(d + 1);
        b->marginal[d] = (int32_t)lround(cost * UNIT);
    }
}

/* What one more article with a term saves against log2 n bits, if d articles of n have it: (d + 1) log2(d + 2)
 * - d log2(d + 1). For many it grows as log2 d does. */
static int32_t marginal_cost(const struct bisect *b, uint32_t d) {
    unsigned shift = d < EXACT ? 0 : bit_width(d) - EXACT_BITS;
    return b->marginal[d >> shift] + (int32_t)(shift << UNIT_BITS);
}

/* Pulls of all terms. `base` is log2(left articles / right articles), what an article's being there costs less. */
static void compute_pulls(struct worker *w, uint32_t terms, int32_t base) {
    for (uint32_t t = 0; t < terms; t++) {
        uint32_t left = w->degrees[t].left, right = w->degrees[t].right;
        if (left)
            w->on_left[t] = base + marginal_cost(w->shared, right) - marginal_cost(w->shared, left - 1);
        if (right)
            w->on_right[t] = base + marginal_cost(w->shared, right - 1) - marginal_cost(w->shared, left);
    }
}

/* ---------------------------------------------------------------------------------- one bisection -- */

/* Articles [0, middle) of `articles` are on the left, those up to n on the right. */
struct split {
    const struct forward_index *forward;
    uint32_t *articles;
    uint32_t n, middle;
};

static uint32_t terms_of(const struct forward_index *f, uint32_t article, const uint16_t **list) {
    *list = f->list + f->starts[article];
    return f->starts[article + 1] - f->starts[article];
}

static void count_degrees(struct worker *w, const struct split *s) {
    const uint16_t *list;
    memset(w->degrees, 0, s->forward->terms * sizeof *w->degrees);
    for (uint32_t i = 0; i < s->n; i++) {
        uint32_t count = terms_of(s->forward, s->articles[i], &list), right = i >= s->middle;
        for (uint32_t k = 0; k < count; k++) {
            w->degrees[list[k]].left += !right;
            w->degrees[list[k]].right += right;
        }
    }
}

static int32_t pull_on(const struct forward_index *f, uint32_t article, const int32_t *pulls) {
    const uint16_t *list;
    uint32_t count = terms_of(f, article, &list);
    int64_t sum = 0;
    for (uint32_t k = 0; k < count; k++)
        sum += pulls[list[k]];
    return sum > INT32_MAX ? INT32_MAX : sum < INT32_MIN ? INT32_MIN : (int32_t)sum;
}

/* Lists of far-apart articles are asked for ahead. */
FETCHING void prefetch(const struct split *s, uint32_t i) {
    if (i + 16 < s->n)
        __builtin_prefetch(&s->forward->starts[s->articles[i + 16]]);
    if (i + 8 < s->n) {
        const uint16_t *list = s->forward->list + s->forward->starts[s->articles[i + 8]];
        __builtin_prefetch(list);
        __builtin_prefetch(list + 32);
    }
}

/* Order-preserving image of a pull, in the upper half of a key; the article's place is in the lower. */
static uint64_t key_of(int32_t pull, uint32_t place) {
    return (uint64_t)((uint32_t)pull ^ 0x80000000U) << 32 | place;
}

static int32_t pull_of(uint64_t key) {
    return (int32_t)((uint32_t)(key >> 32) ^ 0x80000000U);
}

/* Keys of the articles from `first` to `end` - 1, whose pulls are to be negated or not. Returns the highest. */
static int32_t find_pulls(struct worker *w, const struct split *s, bool right) {
    uint32_t first = right ? s->middle : 0, end = right ? s->n : s->middle;
    const int32_t *pulls = right ? w->on_right : w->on_left;
    int32_t most = INT32_MIN;
    for (uint32_t i = first; i < end; i++) {
        prefetch(s, i);
        int32_t pull = pull_on(s->forward, s->articles[i], pulls);
        pull = right ? (pull == INT32_MIN ? INT32_MAX : -pull) : pull;
        most = pull > most ? pull : most;
        w->keys[i] = key_of(pull, i);
    }
    return most;
}

/* Sorts those that may be part of a pair that gains by their pull to the other half, highest first, to the front. */
static uint32_t sort_candidates(struct worker *w, uint32_t first, uint32_t end, int64_t least) {
    uint64_t *keys = w->keys + first;
    uint32_t n = 0;
    for (uint32_t i = 0; i < end - first; i++)
        if (pull_of(keys[i]) > least)
            keys[n++] = keys[i] ^ UINT64_C(0xffffffff00000000);
    radix_sort(keys, w->scratch, n, 32, 64);
    return n;
}

static void move_terms(struct worker *w, const struct forward_index *f, uint32_t article, bool to_right) {
    const uint16_t *list;
    uint32_t count = terms_of(f, article, &list), step = to_right ? 1 : UINT32_MAX;
    for (uint32_t k = 0; k < count; k++) {
        w->degrees[list[k]].right += step;
        w->degrees[list[k]].left -= step;
    }
}

/* Swaps the pairs that gain more than `threshold`. Returns how many did. */
static uint32_t swap_pairs(struct worker *w, const struct split *s, int64_t most_left, int64_t most_right,
                           int64_t threshold) {
    uint32_t left = sort_candidates(w, 0, s->middle, threshold - most_right);
    uint32_t right = sort_candidates(w, s->middle, s->n, threshold - most_left);
    uint32_t pairs = left < right ? left : right, i = 0;
    for (; i < pairs; i++) {
        uint64_t a = w->keys[i], b = w->keys[s->middle + i];
        /* Both are complements. */
        int64_t gain = (int64_t)pull_of(~a) + pull_of(~b);
        if (gain <= threshold)
            break;
        uint32_t from_left = s->articles[(uint32_t)a], from_right = s->articles[(uint32_t)b];
        move_terms(w, s->forward, from_left, true);
        move_terms(w, s->forward, from_right, false);
        s->articles[(uint32_t)a] = from_right;
        s->articles[(uint32_t)b] = from_left;
    }
    return i;
}

static bool is_stopped(struct worker *w, const struct split *s) {
    const struct bisect_options *o = w->shared->options;
    w->postings += s->n;
    if (w->asks && o->stop && w->postings >= STOP_POSTINGS / 64) {
        w->postings = 0;
        if (o->stop(o->ctx))
            atomic_store(&w->shared->stopped, true);
    }
    return atomic_load_explicit(&w->shared->stopped, memory_order_relaxed);
}

static void bisect(struct worker *w, const struct split *s) {
    double ratio = (double)s->middle / (s->n - s->middle);
    int32_t base = (int32_t)lround(log2(ratio) * UNIT);
    count_degrees(w, s);
    for (int32_t round = 0; round < ROUNDS && !is_stopped(w, s); round++) {
        compute_pulls(w, s->forward->terms, base);
        int64_t left = find_pulls(w, s, false), right = find_pulls(w, s, true), threshold = (int64_t)round * UNIT / 4;
        if (left + right <= threshold || swap_pairs(w, s, left, right, threshold) == 0)
            return;
    }
}

/* -------------------------------------------------------------------------------- local copies -- */

static uint64_t postings_of(const struct split *s) {
    const uint16_t *list;
    uint64_t sum = 0;
    for (uint32_t i = 0; i < s->n; i++)
        sum += terms_of(s->forward, s->articles[i], &list);
    return sum;
}

static void *push(struct worker *w, size_t n) {
    void *p = w->stack + w->used;
    w->used += (n + 15) / 16 * 16;
    return p;
}

/* Numbers the terms that tell these articles apart anew: others get UINT32_MAX. Returns how many there are. */
static uint32_t number_terms(struct worker *w, const struct split *s) {
    const uint16_t *list;
    uint32_t terms = 0;
    memset(w->degrees, 0, s->forward->terms * sizeof *w->degrees);
    for (uint32_t i = 0; i < s->n; i++) {
        uint32_t count = terms_of(s->forward, s->articles[i], &list);
        for (uint32_t k = 0; k < count; k++)
            w->degrees[list[k]].left++;
    }
    for (uint32_t t = 0; t < s->forward->terms; t++) {
        uint32_t d = w->degrees[t].left;
        w->degrees[t].right = d > 1 && d < s->n ? terms++ : UINT32_MAX;
    }
    return terms;
}

static void copy_forward(const struct worker *w, const struct split *s, const struct forward_index *out) {
    const uint16_t *list;
    uint32_t at = 0;
    for (uint32_t i = 0; i < s->n; i++) {
        uint32_t count = terms_of(s->forward, s->articles[i], &list);
        out->starts[i] = at;
        for (uint32_t k = 0; k < count; k++) {
            uint32_t term = w->degrees[list[k]].right;
            out->list[at] = (uint16_t)term;
            at += term != UINT32_MAX;
        }
    }
    out->starts[s->n] = at;
}

/* --------------------------------------------------------------------------------------- recursion -- */

static void arrange(struct worker *w, const struct forward_index *f, uint32_t *articles, uint32_t n);

/* The second half, for another thread. */
struct errand {
    struct worker worker;
    const struct forward_index *forward;
    uint32_t *articles;
    uint32_t n;
};

static bool worker_init(struct worker *w, struct bisect *shared, uint32_t terms) {
    *w = (struct worker){.shared = shared, .threads = 1};
    w->degrees = malloc((terms + 1) * sizeof *w->degrees);
    w->on_left = malloc((terms + 1) * sizeof *w->on_left);
    w->on_right = malloc((terms + 1) * sizeof *w->on_right);
    w->stack = malloc(LOCAL_MEMORY);
    return w->degrees && w->on_left && w->on_right && w->stack;
}

static void worker_release(struct worker *w) {
    free(w->degrees);
    free(w->on_left);
    free(w->on_right);
    free(w->stack);
}

static void *run(void *errand) {
    struct errand *e = errand;
    arrange(&e->worker, e->forward, e->articles, e->n);
    return NULL;
}

/* Arranges the halves side by side; false if there is no thread or memory for that. */
static bool arrange_in_threads(struct worker *w, const struct split *s) {
    struct errand e = {.forward = s->forward, .articles = s->articles + s->middle, .n = s->n - s->middle};
    pthread_t thread;
    bool ready = worker_init(&e.worker, w->shared, s->forward->terms);
    e.worker.keys = w->keys + s->middle;
    e.worker.scratch = w->scratch + s->middle;
    e.worker.threads = w->threads / 2;
    ready = ready && pthread_create(&thread, NULL, run, &e) == 0;
    if (ready) {
        unsigned threads = w->threads;
        w->threads -= threads / 2;
        arrange(w, s->forward, s->articles, s->middle);
        pthread_join(thread, NULL);
        w->threads = threads;
    }
    worker_release(&e.worker);
    return ready;
}

/* Half of the articles, in whole leaves where there are enough. */
static uint32_t middle_of(uint32_t n, uint32_t leaf) {
    return n > leaf ? (n + leaf - 1) / leaf / 2 * leaf : n / 2;
}

static void halve(struct worker *w, const struct forward_index *f, uint32_t *articles, uint32_t n) {
    const struct bisect_options *o = w->shared->options;
    const struct split s = {f, articles, n, middle_of(n, o->leaf)};
    if (n <= o->most)
        bisect(w, &s);
    if (w->threads > 1 && n >= THREAD_ARTICLES && arrange_in_threads(w, &s))
        return;
    arrange(w, f, articles, s.middle);
    arrange(w, f, articles + s.middle, n - s.middle);
}

static void halve_locally(struct worker *w, const struct split *s, uint64_t postings) {
    size_t used = w->used;
    struct forward_index local = {.articles = s->n};
    local.terms = number_terms(w, s);
    local.starts = push(w, ((size_t)s->n + 1) * sizeof *local.starts);
    uint32_t *places = push(w, s->n * sizeof *places), *before = push(w, s->n * sizeof *before);
    local.list = push(w, (postings + 1) * sizeof *local.list);
    copy_forward(w, s, &local);
    w->used -= (postings - local.starts[s->n]) * sizeof *local.list / 16 * 16;
    memcpy(before, s->articles, s->n * sizeof *before);
    for (uint32_t i = 0; i < s->n; i++)
        places[i] = i;
    halve(w, &local, places, s->n);
    for (uint32_t i = 0; i < s->n; i++)
        s->articles[i] = before[places[i]];
    w->used = used;
}

/* Puts the articles of a part of the collection in order. */
static void arrange(struct worker *w, const struct forward_index *f, uint32_t *articles, uint32_t n) {
    if (n <= w->shared->options->leaf || atomic_load_explicit(&w->shared->stopped, memory_order_relaxed))
        return;
    const struct split all = {f, articles, n, n};
    uint64_t postings = postings_of(&all);
    uint64_t needed = 12 * (uint64_t)n + 2 * postings + 128;
    /* Half of what is left: the other half is for the copies inside of this one. */
    if (needed <= (LOCAL_MEMORY - w->used) / 2)
        halve_locally(w, &all, postings);
    else
        halve(w, f, articles, n);
}

static int by_number(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

/* Puts the articles of each leaf back in the order in which they were: their keys and dates are alike then. */
static void sort_leaves(uint32_t *articles, uint32_t n, uint32_t leaf) {
    if (n <= leaf) {
        qsort(articles, n, sizeof *articles, by_number);
        return;
    }
    uint32_t middle = middle_of(n, leaf);
    sort_leaves(articles, middle, leaf);
    sort_leaves(articles + middle, n - middle, leaf);
}

uint64_t bisect_memory(uint32_t articles) {
    static_assert(LOCAL_MEMORY + FORWARD_TERMS_MAX * (sizeof(struct degree) + 2 * sizeof(int32_t)) <=
                      BISECT_THREAD_MEMORY,
                  "it is what the header says");
    return 2 * sizeof(uint64_t) * (uint64_t)articles;
}

lede_status bisect_order(uint32_t *order, const struct forward_index *f, const struct bisect_options *options,
                         lede_error *err) {
    struct bisect *b = malloc(sizeof *b);
    struct worker w = {.threads = 1};
    uint64_t *keys = malloc(2 * ((size_t)f->articles + 1) * sizeof *keys);
    if (!b || !keys || !worker_init(&w, b, f->terms)) {
        worker_release(&w);
        free(keys);
        free(b);
        return error_nomem(err);
    }
    b->options = options;
    atomic_init(&b->stopped, false);
    init_costs(b);
    w.threads = options->threads ? options->threads : 1;
    w.asks = true;
    w.keys = keys;
    w.scratch = keys + f->articles;
    for (uint32_t i = 0; i < f->articles; i++)
        order[i] = i;
    arrange(&w, f, order, f->articles);
    sort_leaves(order, f->articles, options->leaf);
    bool stopped = atomic_load(&b->stopped);
    worker_release(&w);
    free(keys);
    free(b);
    return stopped ? error_set(err, LEDE_INTERRUPTED, "reordering was stopped") : LEDE_OK;
}
