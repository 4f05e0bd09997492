#include "hot_terms.h"

#include <math.h>
#include <stdlib.h>

#include "segment_map.h"

/* Uses of all terms after which those of each count half, so that what was hot long ago makes room. */
#define HALVING_SHIFT 15

/* A term takes the place of others if it is used so many times as often for its bytes: making one costs as much as some
 * uses of it save. */
#define WORTH_CHANGING 2

/* What may be kept of a term. */
struct kind {
    uint32_t uses; /* after which it is made; or: */
    uint32_t part; /* of its postings, after so many reads, see hot_terms_read; 0: after uses */
    uint32_t step; /* postings that a use reads to make it */
    size_t (*size)(uint32_t passages, const struct term_info *info);
    /* Makes it, see hot_term.h. */
    void *(*begin)(const struct segment *segment, const struct term_info *info);
    bool (*go)(void *maker, uint32_t postings);
    struct hot_kept *(*finish)(void *maker);
    void (*give_up)(void *maker);
};

/* A frequent term that was used, and one thing that may be kept of it. It stays as long as its segment; what it keeps
 * comes and goes. */
struct hot_word {
    struct hot_word *next_in_bucket;
    const struct kind *kind;
    uint64_t postings; /* where they are: by this, and the kind, it is known */
    uint32_t doc_freq;
    uint32_t uses, halvings; /* as many as had been then */
    uint64_t search;         /* number of the one that used it last */
    uint64_t reads;          /* postings that were read for want of it */
    uint32_t holds;
    bool is_busy;   /* a thread makes it, who alone may look at the maker */
    bool is_broken; /* not to be tried again */
    size_t size;    /* that it takes, there or half made; 0: nothing */
    struct hot_kept *kept;
    void *maker;
    struct hot_word *before, *behind; /* of those that take memory */
};

struct hot_terms {
    struct hot_budget *budget;
    struct hot_word **buckets; /* NULL until a term is used */
    size_t bucket_count, count;
};

/* -------------------------------------------------------------------------------------- kinds -- */

static size_t term_size(uint32_t passages, const struct term_info *info) {
    return hot_term_size(passages, info->doc_freq);
}

static void *begin_term(const struct segment *segment, const struct term_info *info) {
    return hot_maker_new(segment, info);
}

static bool go_on_with_term(void *maker, uint32_t postings) {
    return hot_maker_go(maker, postings);
}

static struct hot_kept *finish_term(void *maker) {
    struct hot_term *t = hot_maker_finish(maker);
    return t ? &t->kept : NULL;
}

static void give_term_up(void *maker) {
    hot_maker_free(maker);
}

static const struct kind term_kind = {.uses = HOT_USES,
                                      .step = HOT_STEP,
                                      .size = term_size,
                                      .begin = begin_term,
                                      .go = go_on_with_term,
                                      .finish = finish_term,
                                      .give_up = give_term_up};

static size_t set_size(uint32_t passages, const struct term_info *info) {
    return hot_set_size(passages, info->doc_freq, hot_set_is_sparse(passages, info->doc_freq));
}

static void *begin_set(const struct segment *segment, const struct term_info *info) {
    return hot_set_maker_new(segment, info, hot_set_is_sparse(segment->counts.passages, info->doc_freq));
}

static bool go_on_with_set(void *maker, uint32_t postings) {
    return hot_set_maker_go(maker, postings);
}

static struct hot_kept *finish_set(void *maker) {
    struct hot_set *s = hot_set_maker_finish(maker);
    return s ? &s->kept : NULL;
}

static void give_set_up(void *maker) {
    hot_set_maker_free(maker);
}

static const struct kind set_kind = {.uses = HOT_SET_USES,
                                     .step = HOT_SET_STEP,
                                     .size = set_size,
                                     .begin = begin_set,
                                     .go = go_on_with_set,
                                     .finish = finish_set,
                                     .give_up = give_set_up};

static void *begin_positions(const struct segment *segment, const struct term_info *info) {
    return hot_positions_maker_new(segment, info);
}

static bool go_on_with_positions(void *maker, uint32_t postings) {
    return hot_positions_maker_go(maker, postings);
}

static struct hot_kept *finish_positions(void *maker) {
    struct hot_positions *p = hot_positions_maker_finish(maker);
    return p ? &p->kept : NULL;
}

static void give_positions_up(void *maker) {
    hot_positions_maker_free(maker);
}

static const struct kind positions_kind = {.part = HOT_POSITIONS_PART,
                                           .step = HOT_POSITIONS_STEP,
                                           .size = hot_positions_size,
                                           .begin = begin_positions,
                                           .go = go_on_with_positions,
                                           .finish = finish_positions,
                                           .give_up = give_positions_up};

/* ------------------------------------------------------------------------------------- memory -- */

/* All static functions from here on need the mutex, unless told otherwise. */

void hot_budget_init(struct hot_budget *b, uint64_t limit) {
    *b = (struct hot_budget){.limit = limit, .mutex = PTHREAD_MUTEX_INITIALIZER};
}

void hot_budget_release(struct hot_budget *b) {
    pthread_mutex_destroy(&b->mutex);
}

void hot_budget_search(struct hot_budget *b) {
    b->searches++;
}

static void count_in(struct hot_budget *b, struct hot_word *w, size_t size) {
    w->size = size;
    w->before = NULL;
    w->behind = b->first;
    if (b->first)
        b->first->before = w;
    b->first = w;
    b->used += size;
}

static void count_out(struct hot_budget *b, struct hot_word *w) {
    if (w->before)
        w->before->behind = w->behind;
    else
        b->first = w->behind;
    if (w->behind)
        w->behind->before = w->before;
    b->used -= w->size;
    w->size = 0;
}

/* It takes less than there was room made for. */
static void count_less(struct hot_budget *b, struct hot_word *w, size_t size) {
    b->used -= w->size - size;
    w->size = size;
}

/* The mutex is open while memory is given back, which takes its time: the word may be gone by then. */
static void drop(struct hot_budget *b, struct hot_word *w) {
    const struct kind *kind = w->kind;
    struct hot_kept *kept = w->kept;
    void *maker = w->maker;
    w->kept = NULL;
    w->maker = NULL;
    w->reads = 0;
    count_out(b, w);
    pthread_mutex_unlock(&b->mutex);
    hot_kept_free(kept);
    kind->give_up(maker);
    pthread_mutex_lock(&b->mutex);
}

static uint32_t uses_of(const struct hot_budget *b, struct hot_word *w) {
    uint32_t halvings = (uint32_t)(b->uses >> HALVING_SHIFT), since = halvings - w->halvings;
    w->uses = since < 32 ? w->uses >> since : 0;
    w->halvings = halvings;
    return w->uses;
}

static double use_of_a_byte(const struct hot_budget *b, struct hot_word *w, size_t size) {
    return uses_of(b, w) / (double)size;
}

/* The least used for its bytes of those that can go, unless it is used more than `most`; or NULL. */
static struct hot_word *least_used(const struct hot_budget *b, double most) {
    struct hot_word *least = NULL;
    for (struct hot_word *w = b->first; w; w = w->behind) {
        if (w->holds || w->is_busy)
            continue;
        double use = use_of_a_byte(b, w, w->size);
        if (use <= most) {
            least = w;
            most = use;
        }
    }
    return least;
}

static bool has_room(const struct hot_budget *b, size_t size) {
    uint64_t limit = b->limit;
    return size <= limit && b->used <= limit - size;
}

static void keep_to_limit(struct hot_budget *b) {
    struct hot_word *w;
    while (b->used > b->limit && (w = least_used(b, INFINITY)))
        drop(b, w);
}

/* Room for a word that is busy, of which others may have to go. These are looked for when its uses have doubled, not at
 * each of them. */
static bool make_room(struct hot_budget *b, struct hot_word *w, size_t size) {
    uint32_t uses = uses_of(b, w);
    bool may_drop = (uses & (uses - 1)) == 0 && size <= b->limit;
    double most = use_of_a_byte(b, w, size) / WORTH_CHANGING;
    struct hot_word *other;
    while (!has_room(b, size)) {
        if (!may_drop || !(other = least_used(b, most)))
            return false;
        drop(b, other);
    }
    count_in(b, w, size);
    return true;
}

void hot_budget_set_limit(struct hot_budget *b, uint64_t limit) {
    pthread_mutex_lock(&b->mutex);
    b->limit = limit;
    keep_to_limit(b);
    pthread_mutex_unlock(&b->mutex);
}

/* -------------------------------------------------------------------------------------- words -- */

struct hot_terms *hot_terms_new(struct hot_budget *budget) {
    struct hot_terms *h = calloc(1, sizeof *h);
    if (h)
        h->budget = budget;
    return h;
}

static void free_word(struct hot_budget *b, struct hot_word *w) {
    if (w->size)
        drop(b, w);
    free(w);
}

void hot_terms_free(struct hot_terms *h) {
    if (!h)
        return;
    pthread_mutex_lock(&h->budget->mutex);
    for (size_t i = 0; i < h->bucket_count; i++)
        for (struct hot_word *w = h->buckets[i], *next; w; w = next) {
            next = w->next_in_bucket;
            free_word(h->budget, w);
        }
    pthread_mutex_unlock(&h->budget->mutex);
    free(h->buckets);
    free(h);
}

static struct hot_word **bucket_of(struct hot_word **buckets, size_t count, uint64_t postings) {
    return &buckets[postings * UINT64_C(0x9E3779B97F4A7C15) >> 32 & (count - 1)];
}

/* Twice as many buckets; false if there is no memory. */
static bool grow(struct hot_terms *h) {
    size_t count = h->bucket_count ? 2 * h->bucket_count : 16;
    struct hot_word **buckets = calloc(count, sizeof *buckets);
    if (!buckets)
        return false;
    for (size_t i = 0; i < h->bucket_count; i++)
        for (struct hot_word *w = h->buckets[i], *next; w; w = next) {
            next = w->next_in_bucket;
            struct hot_word **bucket = bucket_of(buckets, count, w->postings);
            w->next_in_bucket = *bucket;
            *bucket = w;
        }
    free(h->buckets);
    h->buckets = buckets;
    h->bucket_count = count;
    return true;
}

static struct hot_word *add_word(struct hot_terms *h, const struct kind *kind, const struct term_info *info) {
    if (h->count == h->bucket_count && !grow(h))
        return NULL;
    struct hot_word *w = calloc(1, sizeof *w), **bucket = bucket_of(h->buckets, h->bucket_count, info->postings);
    if (!w)
        return NULL;
    w->kind = kind;
    w->postings = info->postings;
    w->doc_freq = info->doc_freq;
    w->next_in_bucket = *bucket;
    *bucket = w;
    h->count++;
    return w;
}

static struct hot_word *find_word(struct hot_terms *h, const struct kind *kind, const struct term_info *info) {
    if (!h->bucket_count)
        return NULL;
    struct hot_word *w = *bucket_of(h->buckets, h->bucket_count, info->postings);
    /* Terms with the same postings, or nearly, are in a damaged dictionary alone. */
    while (w && (w->kind != kind || w->postings != info->postings || w->doc_freq != info->doc_freq))
        w = w->next_in_bucket;
    return w;
}

/* --------------------------------------------------------------------------------------- uses -- */

/* The term's word, with a use more if this is another search; NULL if there is no memory. */
static struct hot_word *use_word(struct hot_terms *h, const struct kind *kind, const struct term_info *info) {
    struct hot_word *w = find_word(h, kind, info);
    if (!w)
        w = add_word(h, kind, info);
    if (!w)
        return NULL;
    uint64_t search = h->budget->searches;
    if (w->search == search && w->uses > 0)
        return w;
    w->search = search;
    h->budget->uses++;
    w->uses = uses_of(h->budget, w) + 1;
    return w;
}

/* Makes what the word keeps, or some of it, by the thread that it is busy with: with the mutex open. True if all is
 * done that can be. */
static bool go_on(struct hot_word *w, const struct segment *s, const struct term_info *info) {
    if (!w->maker)
        w->maker = w->kind->begin(s, info);
    if (!w->maker || !w->kind->go(w->maker, w->kind->step))
        return false;
    w->kept = w->kind->finish(w->maker);
    w->maker = NULL;
    if (w->kept)
        w->kept->word = w;
    return true;
}

static void make(struct hot_budget *b, struct hot_word *w, const struct segment *s, const struct term_info *info) {
    w->is_busy = true;
    if (w->size || make_room(b, w, w->kind->size(s->counts.passages, info))) {
        pthread_mutex_unlock(&b->mutex);
        bool done = go_on(w, s, info);
        pthread_mutex_lock(&b->mutex);
        w->is_broken = done && !w->kept;
        if (w->kept)
            count_less(b, w, w->kept->size);
        if (!w->kept && !w->maker)
            count_out(b, w);
    }
    w->is_busy = false;
}

static bool is_due(const struct hot_word *w) {
    uint32_t part = w->kind->part;
    return part > 0 ? w->reads >= w->doc_freq / part : w->uses >= w->kind->uses;
}

static const struct hot_kept *hold_word(struct hot_terms *h, const struct kind *kind, const struct segment *s,
                                        const struct term_info *info) {
    struct hot_budget *b = h->budget;
    struct hot_word *w = use_word(h, kind, info);
    if (!w || w->is_broken || w->is_busy)
        return NULL;
    if (!w->kept && is_due(w))
        make(b, w, s, info);
    const struct hot_kept *k = w->kept;
    w->holds += k != NULL;
    keep_to_limit(b);
    return k;
}

/* Without the mutex. */
static const struct hot_kept *hold(struct hot_terms *h, const struct kind *kind, const struct segment *s,
                                   const struct term_info *info) {
    if (!h || h->budget->limit == 0 || !maxima_shift(s->counts.passages, info->doc_freq))
        return NULL;
    pthread_mutex_lock(&h->budget->mutex);
    const struct hot_kept *k = hold_word(h, kind, s, info);
    pthread_mutex_unlock(&h->budget->mutex);
    return k;
}

const struct hot_term *hot_terms_hold(struct hot_terms *h, const struct segment *s, const struct term_info *info) {
    return (const struct hot_term *)(const void *)hold(h, &term_kind, s, info);
}

const struct hot_set *hot_terms_hold_set(struct hot_terms *h, const struct segment *s, const struct term_info *info) {
    return (const struct hot_set *)(const void *)hold(h, &set_kind, s, info);
}

const struct hot_positions *hot_terms_hold_positions(struct hot_terms *h, const struct segment *s,
                                                     const struct term_info *info) {
    return (const struct hot_positions *)(const void *)hold(h, &positions_kind, s, info);
}

void hot_terms_read(struct hot_terms *h, const struct term_info *info, uint32_t postings) {
    if (!h || postings == 0)
        return;
    pthread_mutex_lock(&h->budget->mutex);
    struct hot_word *w = find_word(h, &positions_kind, info);
    if (w)
        w->reads += postings;
    pthread_mutex_unlock(&h->budget->mutex);
}

static void give_back(struct hot_terms *h, const struct hot_kept *k) {
    struct hot_budget *b = h->budget;
    pthread_mutex_lock(&b->mutex);
    k->word->holds--;
    keep_to_limit(b);
    pthread_mutex_unlock(&b->mutex);
}

void hot_terms_give_back(struct hot_terms *h, const struct hot_term *t) {
    if (t)
        give_back(h, &t->kept);
}

void hot_terms_give_back_set(struct hot_terms *h, const struct hot_set *s) {
    if (s)
        give_back(h, &s->kept);
}

void hot_terms_give_back_positions(struct hot_terms *h, const struct hot_positions *p) {
    if (p)
        give_back(h, &p->kept);
}
