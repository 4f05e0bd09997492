#include "overlap.h"

#include <math.h>
#include <string.h>

#include "core/base/counters.h"
#include "core/base/cpu.h"
#include "core/segment/segment_map.h"
#include "join.h"
#include "set_join.h"

/* What it takes, in picoseconds. */
enum {
    LOOK_UP = 16000,
    TAKE = 3000, /* a posting of the rarest word, and whether its range is wanted */
    MARK = 1300, /* a posting of wide chunks */
    MEET = 700,
    DECODED = 1000,        /* to mark a document of a list */
    GROUP = 55000,         /* eight chunks of RANGE_DOCS passages */
    GROUP_BITMAPS = 12000, /* the same, where they are bitmaps */
    SET_RANGE = 60,        /* a range of a word's set: few of them have to be read, where other words are, too; */
    RANDOM_LINE = 10000,   /* one of them; */
    TEST = 1000            /* and a passage that is looked for in it */
};

static uint32_t passages_of(const struct range_term *t) {
    return t->scorer->segment->counts.passages;
}

static bool is_narrow(const struct range_term *t) {
    return t->postings.chunks.shift == CHUNK_SHIFT_MIN;
}

/* What the word's postings take, if one of wide chunks takes `wide`. */
static double cost_of_postings(const struct range_term *t, double wide) {
    uint32_t passages = passages_of(t);
    if (t->postings.chunks.shift > CHUNK_SHIFT_MIN)
        return (double)t->doc_freq * wide;
    bool bitmaps = t->doc_freq > passages / 5 * 2;
    return (double)passages / (CHUNK_GROUP * CHUNK_RANGE) * (bitmaps ? GROUP_BITMAPS : GROUP);
}

/* What joining the word's set takes, and what so many passages of it. */
static double cost_of_set(const struct range_term *t) {
    return (double)passages_of(t) / RANGE_DOCS * SET_RANGE;
}

static double cost_of_tests(const struct range_term *t, double left) {
    return fmin(cost_of_set(t), left * RANDOM_LINE) + left * TEST;
}

bool overlap_wants_set(const struct range_term *t, double left, bool leads) {
    if (t->docs)
        return false;
    if (leads)
        return cost_of_set(t) < cost_of_postings(t, MARK);
    return fmin(cost_of_set(t), cost_of_tests(t, left)) < fmin(cost_of_postings(t, MEET), left * LOOK_UP);
}

double overlap_part(const struct range_term *t) {
    double part = (double)t->doc_freq / passages_of(t), without = (1 - part) * (1 - part);
    return part * (1 + 3 * without * without * without * without);
}

double overlap_guess(const struct overlap_search *s) {
    double left = s->doc_count;
    for (size_t i = 1; i < s->count; i++)
        left *= overlap_part(s->words[i]);
    return left;
}

/* What it takes to leave those of so many passages that have the word. */
static double cost_to_join(const struct range_term *t, double left) {
    return range_term_held_set(t) ? fmin(cost_of_set(t), cost_of_tests(t, left)) : cost_of_postings(t, MEET);
}

/* Of how many of the first words sets tell who has them; of a list, with the word that has it. */
static size_t count_sets(const struct overlap_search *s, size_t width) {
    size_t n = s->docs ? 1 : 0;
    while (!(s->docs && s->ranges) && n < width && range_term_held_set(s->words[n]))
        n++;
    return n;
}

size_t overlap_width(const struct overlap_search *s) {
    double left = s->doc_count, saved = 0, most = 0;
    size_t width = 0, sets = count_sets(s, s->count);
    const struct range_term *first = s->words[0];
    if (!s->docs)
        saved = left * TAKE - (range_term_held_set(first) ? cost_of_set(first) : cost_of_postings(first, MARK));
    for (size_t i = 1; i < s->count; i++) {
        double part = overlap_part(s->words[i]);
        saved += left * (1 - part) * LOOK_UP - cost_to_join(s->words[i], left);
        saved -= (s->docs || sets > 1) && i == sets ? left * DECODED : 0;
        left *= part;
        /* Where the rarest word has them is not known then. */
        double all = s->docs || s->counts ? saved : saved - left * LOOK_UP;
        if (all <= most)
            break;
        most = all;
        width = i + 1;
    }
    return width;
}

/* Groups of all chunks are as wide as this, or parts of it. */
static uint32_t window_of(const struct overlap_search *s, size_t width) {
    unsigned shift = 16;
    for (size_t i = 0; i < width; i++)
        if (!s->words[i]->docs && !range_term_held_set(s->words[i]) &&
            s->words[i]->postings.chunks.shift + CHUNK_GROUP_SHIFT > shift)
            shift = s->words[i]->postings.chunks.shift + CHUNK_GROUP_SHIFT;
    return UINT32_C(1) << shift;
}

/* Passages, and the first of them that was not marked yet. */
struct marked_docs {
    const uint32_t *docs;
    uint32_t count, at;
};

/* Passages [first, end), and a bit for each of those that have the words so far. */
struct stretch {
    uint32_t first, end;
    size_t size; /* in words, whole ranges */
    size_t room; /* the same of a whole window */
    uint64_t *bits, *mask;
    uint64_t *kept; /* where the first word's marks from passage 0 on are kept; NULL: nowhere */
};

static void mark_docs(struct marked_docs *d, const struct stretch *w) {
    uint32_t at = d->at, first = w->first, size = w->end - first;
    for (; at < d->count && d->docs[at] - first < size; at++) {
        uint32_t doc = d->docs[at] - first;
        w->bits[doc / 64] |= UINT64_C(1) << doc % 64;
    }
    d->at = at;
}

/* Clears all marks, which are those of some of n documents. */
static void clear_marks(const struct stretch *w, const uint32_t *docs, uint32_t n) {
    enum { PART = 16 };
    if (!docs || n > w->room / PART)
        memset(w->bits, 0, w->room * sizeof *w->bits);
    else
        for (uint32_t i = 0; i < n; i++)
            w->bits[(docs[i] - w->first) / 64] = 0;
}

/* Leaves those in ranges that are wanted, 64 ranges at a time: a window is some times as wide. */
FOR_EACH_CPU static void limit(const struct stretch *w, const uint64_t *ranges) {
    enum { WORDS = RANGE_DOCS / 64 };
    uint64_t *bits = w->bits;
    for (size_t i = 0; i < w->size; i += 64 * (size_t)WORDS) {
        const uint64_t wanted = ranges[(w->first >> RANGE_SHIFT) / 64 + i / (64 * (size_t)WORDS)];
        for (size_t k = 0; k < 64 * (size_t)WORDS; k++)
            bits[i + k] &= -(wanted >> k / WORDS & 1);
    }
}

static bool has_ranges(const struct stretch *w, const uint64_t *ranges) {
    for (uint32_t doc = w->first; doc < w->end; doc += 64 << RANGE_SHIFT)
        if (ranges[doc >> RANGE_SHIFT >> 6])
            return true;
    return false;
}

/* Most of the bitmap is empty: eight words of it at a time. */
enum { AT_ONCE = 8 };

static inline uint64_t join_words(const uint64_t *bits, const uint64_t *mask) {
    uint64_t any = 0;
    for (size_t i = 0; i < AT_ONCE; i++)
        any |= bits[i] & mask[i];
    return any;
}

/* The place of the lowest one; that of the highest if there is none. */
static inline uint32_t first_one(uint64_t word) {
    return (uint32_t)__builtin_ctzll(word | UINT64_C(1) << 63);
}

/* Appends those that are marked, and in the mask. Whether a word has one, or two, can't be foreseen; few have more. */
FOR_EACH_CPU static void append(struct chunk_meeting *m, const struct stretch *w, const uint64_t *mask) {
    const uint64_t *bits = w->bits;
    const size_t size = w->size;
    uint32_t *docs = m->docs, n = m->count, room = m->room;
    for (size_t i = 0; i < size && n < room; i++) {
        while (i % AT_ONCE == 0 && i + AT_ONCE < size && !join_words(bits + i, mask + i))
            i += AT_ONCE;
        const uint32_t first = w->first + (uint32_t)(64 * i);
        const uint64_t left = bits[i] & mask[i], others = left & (left - 1);
        docs[n] = first + first_one(left);
        docs[n + (left != 0)] = first + first_one(others);
        n += (uint32_t)(left != 0) + (others != 0);
        for (uint64_t rest = others & (others - 1); rest && n < room; rest &= rest - 1)
            docs[n++] = first + first_one(rest);
    }
    m->count = n < room ? n : room;
}

FOR_EACH_CPU static uint64_t and_bits(uint64_t *bits, const uint64_t *mask, size_t words) {
    uint64_t any = 0;
    for (size_t i = 0; i < words; i++)
        any |= bits[i] &= mask[i];
    return any;
}

/* Leaves the marks of those that the word has, whose chunks are sets of RANGE_DOCS passages; *any tells whether it left
 * one. False if the word is broken. */
static bool mask(struct range_term *t, const struct stretch *w, bool *any) {
    memset(w->mask, 0, w->size * sizeof *w->mask);
    bool good = chunk_table_mark_part(&t->postings.chunks, w->first, w->end, w->mask);
    *any = and_bits(w->bits, w->mask, w->size) != 0;
    return good;
}

/* Whether more than so many are marked. */
FOR_EACH_CPU static bool has_more_marks(const struct stretch *w, double most) {
    uint32_t n = 0;
    for (size_t i = 0; i < w->size && n <= most; i += AT_ONCE)
        for (size_t k = i; k < i + AT_ONCE && k < w->size; k++)
            n += (uint32_t)__builtin_popcountll(w->bits[k]);
    return n > most;
}

/* How many passages of the window are as well looked up in the word as tested. */
static double few_of(const struct range_term *t, const struct stretch *w) {
    return cost_of_postings(t, MEET) / LOOK_UP * (w->end - w->first) / passages_of(t);
}

/* Leaves those of n documents that the word has, as it is looked up; returns how many these are. */
static uint32_t leave_found(struct range_term *t, uint32_t *docs, uint32_t n) {
    enum { TOGETHER = 128 };
    uint32_t numbers[TOGETHER], left = 0;
    for (uint32_t i = 0, some; i < n; i += some) {
        some = n - i < TOGETHER ? n - i : TOGETHER;
        uint32_t count = range_term_number(t, docs + i, some, numbers);
        for (uint32_t k = 0; k < count; k++)
            docs[left++] = docs[i + numbers[k]];
    }
    return left;
}

/* Passages of a window that are marked, or else listed from number `before` on, if there are any. */
struct joint {
    bool marked, any;
    uint32_t before;
};

/* Leaves those that the word has, too, if they are so few that they are better looked up; else false. */
static bool join_few(struct joint *j, struct range_term *t, const struct stretch *w, struct chunk_meeting *m) {
    double few = few_of(t, w);
    if (j->marked ? has_more_marks(w, few) : m->count - j->before > few)
        return false;
    if (j->marked)
        append(m, w, w->bits);
    j->marked = false;
    m->count = j->before + leave_found(t, m->docs + j->before, m->count - j->before);
    j->any = m->count > j->before;
    return true;
}

/* About so many postings of the word are run through. */
static void count_postings(const struct range_term *t, const struct stretch *w) {
    (void)t;
    (void)w;
    COUNT(marked, (uint64_t)t->doc_freq * (w->end - w->first) / passages_of(t));
}

/* Leaves those that are in the word's set, too, as a list. */
static void join_set(struct joint *j, struct range_term *t, const struct stretch *w, struct chunk_meeting *m) {
    const uint64_t *bits = range_term_set(t);
    if (j->marked)
        append(m, w, bits ? bits + w->first / 64 : w->bits);
    if (!j->marked || !bits)
        m->count = j->before + leave_found(t, m->docs + j->before, m->count - j->before);
    j->marked = false;
    j->any = m->count > j->before;
}

/* Leaves those that the word has, too. False if it is broken. */
static bool join_word(struct joint *j, struct range_term *t, const struct stretch *w, struct chunk_meeting *m) {
    count_postings(t, w);
    m->count = j->before;
    j->marked = is_narrow(t);
    if (j->marked)
        return mask(t, w, &j->any);
    bool good = chunk_table_meet(&t->postings.chunks, w->end, m);
    j->any = m->count > j->before;
    return good;
}

/* Marks the passages of the window that a set has. */
FOR_EACH_CPU static void mark_set(const struct hot_set *set, const struct stretch *w) {
    const uint32_t first = w->first / RANGE_DOCS;
    if (set->bits)
        memcpy(w->bits, set->bits + w->first / 64, w->size * sizeof *w->bits);
    for (size_t i = 0; !set->bits && i < w->size; i += HOT_SET_RANGE_WORDS) {
        uint32_t range = first + (uint32_t)(i / HOT_SET_RANGE_WORDS);
        if (hot_set_has_range(set, range))
            memcpy(w->bits + i, hot_set_range(set, range), HOT_SET_RANGE_WORDS * sizeof *w->bits);
    }
}

/* Marks the passages of the window that have the first word. False if it is broken. */
static bool mark_first(struct range_term *t, const struct stretch *w) {
    const struct hot_set *set = range_term_held_set(t);
    if (set)
        mark_set(set, w);
    else
        count_postings(t, w);
    if (!set && !chunk_table_mark_part(&t->postings.chunks, w->first, w->end, w->bits))
        return false;
    if (w->kept)
        memcpy(w->kept + w->first / 64, w->bits, w->size * sizeof *w->bits);
    return true;
}

/* Appends those of the window that all words have. Sets are joined as such; what has a word that is no set is listed,
 * and marked anew for the next one, unless few are left. */
static bool meet_all(const struct overlap_search *s, size_t width, struct marked_docs *docs, const struct stretch *w,
                     struct chunk_meeting *m) {
    const uint32_t *marks = s->docs ? s->docs + docs->at : NULL, from = docs->at;
    struct joint j = {true, true, m->count};
    if (s->docs)
        mark_docs(docs, w);
    else if (!mark_first(s->words[0], w))
        return false;
    if (s->ranges)
        limit(w, s->ranges);
    m->first = w->first;
    for (size_t i = 1; i < width && j.any; i++) {
        struct marked_docs left = {m->docs, m->count, j.before};
        if (range_term_held_set(s->words[i])) {
            join_set(&j, s->words[i], w, m);
            continue;
        }
        if (i > 1 && join_few(&j, s->words[i], w, m))
            continue;
        if (!j.marked) {
            clear_marks(w, marks, docs->at - from);
            mark_docs(&left, w);
        }
        if (!join_word(&j, s->words[i], w, m))
            return false;
    }
    if (j.marked)
        append(m, w, w->bits);
    clear_marks(w, marks, docs->at - from);
    return true;
}

/* The first groups of a word that will be run through; those behind them are fetched meanwhile. */
FETCHING void fetch_groups(const struct range_term *t) {
    enum { LINE = 64, LINES = 16 };
    for (uint32_t n = 0; n < LINES; n++)
        fetch_line(t->postings.chunks.groups + LINE * n);
}

/* Whether marks tell a posting's number in its chunk in less time than it takes to look it up: those of wider chunks
 * are gone through for longer. */
static bool do_marks_number(const struct range_term *t) {
    enum { WIDEST = 11 };
    return t->postings.chunks.shift <= WIDEST;
}

/* Whether they are kept for that: those of 256 KiB and more no arena passes on to the next search, nor are they in a
 * near cache. */
static bool are_marks_kept(const struct range_term *t) {
    enum { MOST_PASSAGES = 1 << 21 };
    return do_marks_number(t) && passages_of(t) < MOST_PASSAGES;
}

/* Opens the sets of words from `first` to `end` - 1, in ranges that the sets of later words have, too. */
static lede_status open_sets(struct set_join *j, const struct overlap_search *s, size_t first, size_t end,
                             struct arena *arena) {
    lede_status status = set_join_init(j, passages_of(s->words[0]), end, arena);
    for (size_t i = first; status == LEDE_OK && i < end; i++)
        set_join_add(j, range_term_held_set(s->words[i]));
    for (size_t i = end; status == LEDE_OK && i < s->count; i++)
        if (range_term_held_set(s->words[i]))
            set_join_limit(j, range_term_held_set(s->words[i])->ranges);
    if (status == LEDE_OK && s->ranges)
        set_join_limit(j, s->ranges);
    return status;
}

/* The documents of the list that are in ranges that all sets have, and in the sets. LEDE_NOMEM. */
static lede_status join_list(struct overlap *o, const struct overlap_search *s, const struct set_join *j,
                             struct arena *arena) {
    o->docs = arena_alloc(arena, (s->doc_count + (size_t)1) * sizeof *o->docs);
    if (!o->docs)
        return LEDE_NOMEM;
    uint32_t n = set_join_leave(j, o->docs, s->docs, s->doc_count);
    for (size_t i = 1; i <= j->count; i++)
        n = leave_found(s->words[i], o->docs, n);
    o->count = n;
    return LEDE_OK;
}

/* The first words, as far as sets tell who has them all: these passages are found, and `s` becomes a search among them
 * for the others, *width of them with the last one that sets told of. */
static lede_status ask_sets(struct overlap *o, struct overlap_search *s, size_t *width, struct arena *arena) {
    const size_t sets = count_sets(s, *width);
    if (sets < 2)
        return LEDE_OK;
    struct set_join join;
    lede_status status = open_sets(&join, s, s->docs ? 1 : 0, sets, arena);
    if (status == LEDE_OK)
        status = s->docs ? join_list(o, s, &join, arena) : set_join_find(&join, &o->docs, &o->count, arena);
    if (status != LEDE_OK)
        return status;
    s->docs = o->docs;
    s->doc_count = o->count;
    s->ranges = NULL;
    s->words += sets - 1;
    s->count -= sets - 1;
    *width -= sets - 1;
    return LEDE_OK;
}

static lede_status find_in_windows(struct overlap *o, const struct overlap_search *s, size_t width,
                                   struct arena *arena) {
    uint32_t size = window_of(s, width), passages = passages_of(s->words[0]);
    uint32_t room = s->docs ? s->doc_count : s->words[0]->doc_freq;
    struct marked_docs docs = {s->docs, s->doc_count, 0};
    struct stretch w = {0};
    w.room = size / 64;
    w.bits = arena_zalloc(arena, w.room + (size_t)1, sizeof *w.bits); /* bits are tested by words of any kind */
    w.mask = arena_alloc(arena, w.room * sizeof *w.mask);
    o->docs = arena_alloc(arena, (room + (size_t)CHUNK_MEETING_SPARE) * sizeof *o->docs);
    const bool keeps = s->marks && !o->marks && !s->docs && are_marks_kept(s->words[0]);
    if (keeps)
        o->marks = w.kept = arena_alloc(arena, (passages / size + (size_t)1) * w.room * sizeof *w.kept);
    if (!w.bits || !w.mask || !o->docs || (keeps && !w.kept))
        return LEDE_NOMEM;
    for (size_t i = s->docs ? 1 : 0; i < width; i++)
        if (!range_term_held_set(s->words[i]))
            fetch_groups(s->words[i]);
    struct chunk_meeting m = {.bits = w.bits, .docs = o->docs, .room = room};
    for (; w.end < passages; w.first = w.end) {
        w.end = passages - w.first < size ? passages : w.first + size;
        w.size = (w.end - w.first + CHUNK_RANGE - 1) / CHUNK_RANGE * (CHUNK_RANGE / 64);
        if (s->docs && docs.at == docs.count)
            break;
        if (s->docs ? docs.docs[docs.at] >= w.end : s->ranges && !has_ranges(&w, s->ranges))
            continue;
        if (!meet_all(s, width, &docs, &w, &m))
            return LEDE_CORRUPT;
    }
    o->count = m.count;
    return docs_rise(o->docs, o->count) ? LEDE_OK : LEDE_CORRUPT;
}

lede_status overlap_find(struct overlap *o, const struct overlap_search *s, size_t width, struct arena *arena) {
    struct overlap_search left = *s;
    *o = (struct overlap){0};
    if (s->marks && !s->docs && do_marks_number(s->words[0]))
        o->marks = range_term_set(s->words[0]);
    lede_status status = ask_sets(o, &left, &width, arena);
    bool all_told = o->docs && width == 1;
    return status == LEDE_OK && !all_told ? find_in_windows(o, &left, width, arena) : status;
}
