#include "count_windows.h"

#include <string.h>

#include "core/base/arena.h"
#include "core/base/cpu.h"
#include "core/segment/hot_terms.h"

/* Bits that are joined at once: a line of the cache. */
typedef uint64_t line __attribute__((vector_size(64)));

enum { LINE_WORDS = sizeof(line) / sizeof(uint64_t), LINE_PASSAGES = 8 * sizeof(line) };

/* Bitmaps of a window. */
struct layers {
    const uint64_t **bits;
    size_t count;
};

/* A word, and how it tells which passages have it. */
struct word {
    const struct term_info *info;
    const struct hot_set *set;
    struct postings *postings; /* if there is no set, else NULL */
};

/* A count under way. */
struct counting {
    const struct counted_words *asked;
    struct arena arena;
    struct word *wanted, *unwanted;
    size_t joined; /* wanted words, if all are, that come one after the other before the sets of the others */
    bool is_thin;  /* the rarest of them is in few lines */
    uint32_t width, first, end; /* of a window; the passages of this one */
    uint64_t *bits, *mask,
        *filter; /* of the window: those that match so far; a word's, or unwanted ones'; the filters' */
    /* What is counted has one of `any`, and all of `all`, and is in none of `without`. */
    struct layers any, all, without;
};

static const struct segment *segment_of(const struct counting *c) {
    return c->asked->segment->segment;
}

static size_t words_of(const struct counting *c) {
    return ((size_t)(c->end - c->first) + LINE_PASSAGES - 1) / LINE_PASSAGES * LINE_WORDS;
}

static void put(struct layers *l, const uint64_t *bits) {
    l->bits[l->count++] = bits;
}

static const uint64_t *part_of_set(const struct counting *c, const struct word *w) {
    return w->set->bits + c->first / 64;
}

/* ---------------------------------------------------------------------------------------- bits -- */

/* Part of its callers, so that each level of processors has it. */
#define PART static inline __attribute__((always_inline))

/* A line of what is counted. */
PART void join_layers(line *out, const struct layers *any, const struct layers *all, const struct layers *without,
                      size_t i) {
    line left = {0}, more;
    for (size_t k = 0; k < any->count; k++) {
        memcpy(&more, any->bits[k] + i, sizeof more);
        left |= more;
    }
    for (size_t k = 0; k < all->count; k++) {
        memcpy(&more, all->bits[k] + i, sizeof more);
        left &= more;
    }
    for (size_t k = 0; k < without->count; k++) {
        memcpy(&more, without->bits[k] + i, sizeof more);
        left &= ~more;
    }
    *out = left;
}

PART uint64_t count_line(const line *l) {
    uint64_t count = 0;
    for (size_t k = 0; k < LINE_WORDS; k++)
        count += (uint64_t)__builtin_popcountll((*l)[k]);
    return count;
}

/* Bit for bit: *low becomes the last digit of *low + a + b, *high the first. */
PART void add(line *high, line *low, const line *a, const line *b) {
    line odd = *low ^ *a;
    *high = (*low & *a) | (odd & *b);
    *low = odd ^ *b;
}

/* Lines are added, bit for bit, to numbers of which the last three digits are kept, before the bits are counted that
 * are carried to the fourth (R. Harley and D. Seal; W. Mula, N. Kurz and D. Lemire, Faster population counts using AVX2
 * instructions, 2018). */
FOR_EACH_CPU static uint64_t count_layers(const struct layers *any, const struct layers *all,
                                          const struct layers *without, size_t words) {
    enum { TOGETHER = 8 };
    line digits[3] = {{0}}, lines[TOGETHER], twos[4], fours[2], eights;
    uint64_t count = 0;
    size_t i = 0;
    for (; i + TOGETHER * LINE_WORDS <= words; i += TOGETHER * LINE_WORDS) {
        for (size_t k = 0; k < TOGETHER; k++)
            join_layers(&lines[k], any, all, without, i + k * LINE_WORDS);
        for (size_t k = 0; k < 4; k++)
            add(&twos[k], &digits[0], &lines[2 * k], &lines[2 * k + 1]);
        for (size_t k = 0; k < 2; k++)
            add(&fours[k], &digits[1], &twos[2 * k], &twos[2 * k + 1]);
        add(&eights, &digits[2], &fours[0], &fours[1]);
        count += 8 * count_line(&eights);
    }
    for (; i < words; i += LINE_WORDS) {
        join_layers(&lines[0], any, all, without, i);
        count += count_line(&lines[0]);
    }
    return count + count_line(&digits[0]) + 2 * count_line(&digits[1]) + 4 * count_line(&digits[2]);
}

FOR_EACH_CPU static bool and_bits(uint64_t *bits, const uint64_t *others, size_t words) {
    uint64_t any = 0;
    for (size_t i = 0; i < words; i++)
        any |= bits[i] &= others[i];
    return any != 0;
}

/* The same of few bits: lines of the others that they are not in are not read. */
static bool and_few(uint64_t *bits, const uint64_t *others, size_t words) {
    uint64_t any = 0;
    for (size_t i = 0; i < words; i++)
        if (bits[i])
            any |= bits[i] &= others[i];
    return any != 0;
}

/* ------------------------------------------------------------------------------------ postings -- */

/* A rare word's, which go on from window to window. */
static void mark_run(const struct counting *c, struct postings *p, uint64_t *bits) {
    const uint32_t *docs, *freqs;
    if (p->doc < c->first)
        postings_seek(p, c->first);
    while (p->doc < c->end) {
        uint32_t n = postings_run(p, &docs, &freqs), i = 0;
        for (; i < n && docs[i] < c->end; i++)
            bits[(docs[i] - c->first) / 64] |= UINT64_C(1) << docs[i] % 64;
        postings_skip(p, i);
    }
}

static lede_status mark_postings(const struct counting *c, struct postings *p, uint64_t *bits) {
    if (!p->levels)
        mark_run(c, p, bits);
    else if (!chunk_table_mark_part(&p->chunks, c->first, c->end, bits))
        p->status = LEDE_CORRUPT;
    return p->status;
}

/* To look a passage up takes as long as to mark so many postings. */
enum { LOOK_UP_COST = 40 };

static bool is_better_looked_up(const struct counting *c, const struct word *w) {
    return w->info->doc_freq >= MAXIMA_DOCS && c->wanted->info->doc_freq < w->info->doc_freq / LOOK_UP_COST;
}

/* Clears the bits of those of n passages that the word does not have. */
static bool keep_found(const struct counting *c, struct chunk_table *t, const uint32_t *docs, uint32_t n) {
    uint32_t indices[CHUNK_RANGE];
    if (!chunk_table_find_all(t, docs, n, indices, NULL))
        return false;
    for (uint32_t i = 0; i < n; i++)
        if (indices[i] == UINT32_MAX)
            c->bits[(docs[i] - c->first) / 64] &= ~(UINT64_C(1) << docs[i] % 64);
    return true;
}

static lede_status look_up(const struct counting *c, struct postings *p) {
    uint32_t docs[CHUNK_RANGE], n = 0;
    size_t words = words_of(c);
    for (size_t w = 0; w < words && p->status == LEDE_OK; w++) {
        for (uint64_t bits = c->bits[w]; bits; bits &= bits - 1)
            docs[n++] = c->first + (uint32_t)(64 * w) + (uint32_t)__builtin_ctzll(bits);
        if (n > CHUNK_RANGE - 64 || w + 1 == words) {
            if (!keep_found(c, &p->chunks, docs, n))
                p->status = LEDE_CORRUPT;
            n = 0;
        }
    }
    return p->status;
}

/* -------------------------------------------------------------------------------------- window -- */

static uint64_t *cleared(const struct counting *c, uint64_t *bits) {
    return memset(bits, 0, words_of(c) * sizeof *bits);
}

/* Those that have any of the words become layers: sets, and one of the marks of all others. */
static lede_status put_any(struct layers *l, const struct counting *c, const struct word *words, size_t count,
                           uint64_t *bits) {
    lede_status status = LEDE_OK;
    bool marked = false;
    for (size_t i = 0; i < count && status == LEDE_OK; i++) {
        if (words[i].set) {
            put(l, part_of_set(c, &words[i]));
            continue;
        }
        status = mark_postings(c, words[i].postings, marked ? bits : cleared(c, bits));
        marked = true;
    }
    if (marked)
        put(l, bits);
    return status;
}

/* The first of the words that all have to be there, as bits. */
static lede_status begin(const struct counting *c, const struct word *w) {
    if (!w->set)
        return mark_postings(c, w->postings, cleared(c, c->bits));
    memcpy(c->bits, part_of_set(c, w), words_of(c) * sizeof *c->bits);
    return LEDE_OK;
}

/* Leaves the bits of those that have the word, too. *any tells whether there may be some. */
static lede_status join(const struct counting *c, const struct word *w, bool *any) {
    size_t words = words_of(c);
    if (w->set) {
        *any = (c->is_thin ? and_few : and_bits)(c->bits, part_of_set(c, w), words);
        return LEDE_OK;
    }
    if (is_better_looked_up(c, w))
        return look_up(c, w->postings);
    lede_status status = mark_postings(c, w->postings, cleared(c, c->mask));
    *any = and_bits(c->bits, c->mask, words);
    return status;
}

/* Those that have all of the wanted words; *any tells whether there may be some. */
static lede_status put_all(struct counting *c, bool *any) {
    lede_status status = LEDE_OK;
    for (size_t i = 0; i < c->joined && status == LEDE_OK && *any; i++)
        status = i == 0 ? begin(c, &c->wanted[0]) : join(c, &c->wanted[i], any);
    put(&c->any, c->joined ? c->bits : part_of_set(c, &c->wanted[0]));
    for (size_t i = c->joined ? c->joined : 1; i < c->asked->wanted_count; i++)
        put(&c->all, part_of_set(c, &c->wanted[i]));
    return status;
}

/* Of what filters let pass, or else of what is deleted, lines are whole but in a copy alone. */
static void filter(struct counting *c) {
    const struct counted_words *t = c->asked;
    const void *from = t->accepted           ? (const void *)(t->accepted + c->first / 64)
                       : t->segment->deleted ? (const void *)(t->segment->deleted + c->first / 8)
                                             : NULL;
    if (!from)
        return;
    memcpy(cleared(c, c->filter), from, ((size_t)(c->end - c->first) + 7) / 8);
    put(t->accepted ? &c->all : &c->without, c->filter);
}

static lede_status count_window(uint64_t *count, struct counting *c) {
    const struct counted_words *t = c->asked;
    bool any = true;
    c->any.count = c->all.count = c->without.count = 0;
    lede_status status = t->all ? put_all(c, &any) : put_any(&c->any, c, c->wanted, t->wanted_count, c->bits);
    if (status == LEDE_OK && any)
        status = put_any(&c->without, c, c->unwanted, t->unwanted_count, c->mask);
    if (status != LEDE_OK || !any)
        return status;
    filter(c);
    *count += count_layers(&c->any, &c->all, &c->without, words_of(c));
    return LEDE_OK;
}

/* --------------------------------------------------------------------------------------- words -- */

static lede_status open_word(struct counting *c, struct word *w, const struct term_info *info) {
    w->info = info;
    if (!hot_set_is_sparse(segment_info(segment_of(c))->passages, info->doc_freq))
        w->set = hot_terms_hold_set(segment_hot(segment_of(c)), segment_of(c), info);
    if (w->set)
        return LEDE_OK;
    struct postings *p = arena_alloc(&c->arena, sizeof *p);
    if (!p)
        return LEDE_NOMEM;
    postings_open(p, segment_of(c), info);
    w->postings = p;
    if (p->status == LEDE_OK && !p->levels)
        postings_go(p, 0);
    return p->status;
}

static lede_status open_words(struct counting *c, struct word **words, const struct term_info **infos, size_t count) {
    lede_status status = LEDE_OK;
    *words = arena_zalloc(&c->arena, count + 1, sizeof **words);
    if (!*words)
        return LEDE_NOMEM;
    for (size_t i = 0; i < count && status == LEDE_OK; i++)
        status = open_word(c, &(*words)[i], infos[i]);
    return status;
}

static void close_words(struct counting *c, struct word *words, size_t count) {
    for (size_t i = 0; words && i < count; i++) {
        hot_terms_give_back_set(segment_hot(segment_of(c)), words[i].set);
        if (words[i].postings)
            postings_release(words[i].postings);
    }
}

/* Lines that are joined at once are read whole: of words behind a rare one few have to be. */
static void choose_joined(struct counting *c) {
    enum { THIN = 2 * LINE_PASSAGES };
    const struct counted_words *t = c->asked;
    c->is_thin = t->wanted[0]->doc_freq < segment_info(segment_of(c))->passages / THIN;
    c->joined = c->is_thin ? t->wanted_count : 0;
    for (size_t i = 0; i < t->wanted_count; i++)
        if (!c->wanted[i].set && i >= c->joined)
            c->joined = i + 1;
}

static lede_status make_room(struct counting *c) {
    size_t bytes = (size_t)COUNT_WINDOW / 8, layers = c->asked->wanted_count + c->asked->unwanted_count + 3;
    c->bits = arena_alloc(&c->arena, bytes);
    c->mask = arena_alloc(&c->arena, bytes);
    c->filter = arena_alloc(&c->arena, bytes);
    c->any.bits = arena_alloc(&c->arena, layers * sizeof(uint64_t *));
    c->all.bits = arena_alloc(&c->arena, layers * sizeof(uint64_t *));
    c->without.bits = arena_alloc(&c->arena, layers * sizeof(uint64_t *));
    return c->bits && c->mask && c->filter && c->any.bits && c->all.bits && c->without.bits ? LEDE_OK : LEDE_NOMEM;
}

static lede_status go_through(uint64_t *count, struct counting *c, uint32_t end) {
    lede_status status = make_room(c);
    choose_joined(c);
    for (; c->first < end && status == LEDE_OK; c->first = c->end) {
        c->end = end - c->first < COUNT_WINDOW ? end : c->first + COUNT_WINDOW;
        status = count_window(count, c);
    }
    return status;
}

lede_status count_windows(uint64_t *count, const struct counted_words *t, uint32_t first, uint32_t end) {
    if (t->wanted_count == 0)
        return LEDE_OK;
    struct counting c = {.asked = t, .arena = ARENA_EMPTY, .first = first};
    lede_status status = open_words(&c, &c.wanted, t->wanted, t->wanted_count);
    if (status == LEDE_OK)
        status = open_words(&c, &c.unwanted, t->unwanted, t->unwanted_count);
    if (status == LEDE_OK)
        status = go_through(count, &c, end);
    close_words(&c, c.wanted, t->wanted_count);
    close_words(&c, c.unwanted, t->unwanted_count);
    arena_release(&c.arena);
    return status;
}
