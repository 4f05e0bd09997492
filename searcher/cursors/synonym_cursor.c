#include "tally.h"

#include <string.h>

#include "core/base/buffer.h"

/* Where a word stands, beside it: a heap of a thousand words fits the first-level cache, which they don't. */
struct stand {
    uint32_t doc, word;
};

struct synonym_cursor {
    struct cursor base;
    struct cursor **words;
    struct stand *heap; /* of the words, the one that stands first on top */
    size_t count;
    bool overlap, has_lazy;    /* words */
    const struct tally *tally; /* NULL: the words tell where it stands; else they go along when it is confirmed alone */
    struct cursor *docs;       /* of the tally */
    uint32_t confirmed;        /* one more than the document that was confirmed last */
    struct word_scorer scorer;
    struct buffer positions, merged; /* u32 each; the latter are room to merge in */
    uint32_t taken;                  /* one more than the document that they are of */
};

static void sift_down(struct synonym_cursor *s, size_t i, struct stand moved) {
    struct stand *heap = s->heap;
    for (size_t child; (child = 2 * i + 1) < s->count; i = child) {
        child += child + 1 < s->count && heap[child + 1].doc < heap[child].doc;
        if (moved.doc <= heap[child].doc)
            break;
        heap[i] = heap[child];
    }
    heap[i] = moved;
}

static uint32_t settle(struct synonym_cursor *s) {
    s->base.doc = s->tally ? s->docs->doc : s->heap[0].doc;
    for (size_t i = 0; s->base.doc == DOC_END && i < s->count; i++)
        cursor_end(&s->base, s->words[i]);
    return s->base.doc;
}

static void seek_words(struct synonym_cursor *s, uint32_t target) {
    while (s->heap[0].doc < target) {
        uint32_t word = s->heap[0].word;
        sift_down(s, 0, (struct stand){cursor_seek(s->words[word], target), word});
    }
}

/* The word at place i of the heap, if it stands on the document; what is below others comes after them, so that below
 * one that does not none does. */
static inline struct cursor *standing(const struct synonym_cursor *s, size_t i) {
    return i < s->count && s->heap[i].doc == s->base.doc ? s->words[s->heap[i].word] : NULL;
}

static uint32_t seek(struct cursor *c, uint32_t target) {
    struct synonym_cursor *s = (struct synonym_cursor *)c;
    if (s->tally)
        cursor_seek(s->docs, target);
    else
        seek_words(s, target);
    return settle(s);
}

static uint32_t next(struct cursor *c) {
    return seek(c, c->doc + 1);
}

/* ---------------------------------------------------------------------------------- positions -- */

/* Takes the positions of the words that stand on the document, from place i of the heap on. False if it fails. */
static bool take_positions(struct synonym_cursor *s, size_t i) {
    uint32_t n;
    struct cursor *word = standing(s, i);
    if (!word)
        return true;
    bool has = cursor_has(word, s->base.doc); /* which one that fails has no more */
    const uint32_t *positions = has ? cursor_positions(word, &n) : NULL;
    if (has && !positions) {
        cursor_end(&s->base, word);
        return false;
    }
    if (positions)
        buffer_append(&s->positions, positions, n * sizeof *positions);
    return take_positions(s, 2 * i + 1) && take_positions(s, 2 * i + 2);
}

/* The place behind the positions from `from` on that don't fall. */
static uint32_t end_of_run(const uint32_t *p, uint32_t from, uint32_t n) {
    uint32_t end = from + 1;
    while (end < n && p[end - 1] <= p[end])
        end++;
    return end;
}

/* Puts two runs into one: [first, middle) and [middle, end). Which is next can't be foreseen, so nothing branches on
 * it. */
static void merge_two(uint32_t *out, const uint32_t *p, uint32_t first, uint32_t middle, uint32_t end) {
    uint32_t a = first, b = middle, at = first;
    while (a < middle && b < end) {
        bool second = p[b] < p[a];
        out[at++] = second ? p[b] : p[a];
        b += second;
        a += !second;
    }
    memcpy(out + at, p + a, (middle - a) * sizeof *p);
    memcpy(out + at + (middle - a), p + b, (end - b) * sizeof *p);
}

/* Merges each two runs that are neighbours, into `out`; returns how many there are then. */
static uint32_t merge_neighbours(uint32_t *out, const uint32_t *p, uint32_t n) {
    uint32_t runs = 0;
    for (uint32_t first = 0, middle, end; first < n; first = end, runs++) {
        middle = end = end_of_run(p, first, n);
        if (middle < n)
            end = end_of_run(p, middle, n);
        merge_two(out, p, first, middle, end);
    }
    return runs;
}

static void swap(struct buffer *a, struct buffer *b) {
    struct buffer c = *a;
    *a = *b;
    *b = c;
}

/* Each word's positions are in order, and words are few in most passages: a merge sort that begins with these runs. */
static void sort_positions(struct synonym_cursor *s) {
    uint32_t n = (uint32_t)(s->positions.len / sizeof(uint32_t)), runs = 2;
    if (n == 0 || end_of_run((const uint32_t *)(void *)s->positions.data, 0, n) == n)
        return;
    buffer_clear(&s->merged);
    if (!buffer_reserve(&s->merged, s->positions.len))
        s->positions.failed = true;
    while (runs > 1 && !s->positions.failed) {
        runs = merge_neighbours((uint32_t *)(void *)s->merged.data, (const uint32_t *)(void *)s->positions.data, n);
        s->merged.len = s->positions.len;
        swap(&s->positions, &s->merged);
    }
}

static void drop_repeats(struct buffer *positions) {
    uint32_t *p = (uint32_t *)(void *)positions->data, n = (uint32_t)(positions->len / sizeof *p), kept = 0;
    for (uint32_t i = 0; i < n; i++)
        if (kept == 0 || p[kept - 1] != p[i])
            p[kept++] = p[i];
    positions->len = kept * sizeof *p;
}

static const uint32_t *positions_of(struct cursor *c, uint32_t *count) {
    struct synonym_cursor *s = (struct synonym_cursor *)c;
    if (s->taken != c->doc + 1) {
        s->taken = 0;
        seek_words(s, c->doc); /* which they may not have been yet, if a tally leads */
        buffer_clear(&s->positions);
        buffer_reserve(&s->positions, sizeof(uint32_t)); /* none are no failure */
        if (!take_positions(s, 0))
            return NULL;
        sort_positions(s);
        if (s->positions.failed) {
            s->base.status = LEDE_NOMEM;
            s->base.doc = DOC_END;
            return NULL;
        }
        if (s->overlap)
            drop_repeats(&s->positions);
        s->taken = c->doc + 1;
    }
    *count = (uint32_t)(s->positions.len / sizeof(uint32_t));
    return (const uint32_t *)(void *)s->positions.data;
}

static uint32_t sum_freqs(struct synonym_cursor *s, size_t i) {
    struct cursor *word = standing(s, i);
    if (!word)
        return 0;
    uint32_t own = cursor_has(word, s->base.doc) ? cursor_freq(word) : 0;
    return own + sum_freqs(s, 2 * i + 1) + sum_freqs(s, 2 * i + 2);
}

/* Where words may have the same occurrences positions tell how many there are, which are read to confirm it alone. At
 * least 1: a word whose positions can't be read has ended the cursor. */
static uint32_t freq(struct cursor *c) {
    struct synonym_cursor *s = (struct synonym_cursor *)c;
    uint32_t n;
    if (s->tally && s->confirmed != c->doc + 1)
        return s->tally->sure[c->doc] + (s->tally->maybe ? s->tally->maybe[c->doc] : 0);
    if (!s->overlap || s->confirmed != c->doc + 1)
        return sum_freqs(s, 0);
    return positions_of(c, &n) ? n : 1;
}

/* -------------------------------------------------------------------------------- confirmation -- */

static bool confirm_from(struct synonym_cursor *s, size_t i) {
    struct cursor *word = standing(s, i);
    if (!word)
        return false;
    bool found = cursor_confirm(word);
    if (word->status != LEDE_OK)
        cursor_end(&s->base, word);
    found |= confirm_from(s, 2 * i + 1);
    found |= confirm_from(s, 2 * i + 2);
    return found;
}

static bool confirm(struct cursor *c) {
    struct synonym_cursor *s = (struct synonym_cursor *)c;
    s->confirmed = c->doc + 1;
    s->taken = 0;
    seek_words(s, c->doc);
    return s->has_lazy ? confirm_from(s, 0) && c->doc != DOC_END : standing(s, 0) != NULL;
}

static bool is_certain_from(struct synonym_cursor *s, size_t i) {
    struct cursor *word = standing(s, i);
    return word && (cursor_is_certain(word) || is_certain_from(s, 2 * i + 1) || is_certain_from(s, 2 * i + 2));
}

static bool is_certain(struct cursor *c) {
    struct synonym_cursor *s = (struct synonym_cursor *)c;
    return !s->tally && is_certain_from(s, 0);
}

/* -------------------------------------------------------------------------------------- cursor -- */

static double score(struct cursor *c) {
    struct synonym_cursor *s = (struct synonym_cursor *)c;
    uint32_t doc = c->doc, n = freq(c);
    return word_score(&s->scorer, doc, n);
}

static void explain(struct cursor *c, struct explanation *e) {
    struct synonym_cursor *s = (struct synonym_cursor *)c;
    uint32_t doc = c->doc, n = freq(c);
    word_explain(&s->scorer, e, doc, n);
}

static void release(struct cursor *c) {
    struct synonym_cursor *s = (struct synonym_cursor *)c;
    cursors_release(s->words, s->count);
    buffer_release(&s->positions);
    buffer_release(&s->merged);
}

static const struct cursor_ops synonym_ops = {next,    seek,    score, window_add_all, positions_of,
                                              release, explain, freq,  confirm,        is_certain};

struct cursor *synonym_cursor_new(struct arena *arena, struct cursor *const *words, size_t count, bool overlap,
                                  const struct word_scorer *scorer) {
    struct synonym_cursor *s = arena_zalloc(arena, 1, sizeof *s);
    struct cursor **copy = arena_zalloc(arena, count, sizeof(struct cursor *));
    struct stand *heap = arena_zalloc(arena, count, sizeof *heap);
    if (!s || !copy || !heap) {
        cursors_release(words, count);
        return NULL;
    }
    memcpy(copy, words, count * sizeof(struct cursor *));
    s->base = (struct cursor){.ops = &synonym_ops, .doc = DOC_END, .cost = 0, .max_score = scorer->weight};
    s->words = copy;
    s->heap = heap;
    s->count = count;
    s->overlap = overlap;
    s->has_lazy = cursors_are_lazy(words, count);
    s->base.lazy = overlap || s->has_lazy;
    s->scorer = *scorer;
    for (uint32_t i = 0; i < count; i++) {
        s->base.cost += words[i]->cost;
        s->base.reads |= words[i]->reads;
        heap[i] = (struct stand){words[i]->doc, i};
    }
    for (size_t i = count / 2; i-- > 0;)
        sift_down(s, i, heap[i]);
    settle(s);
    return &s->base;
}

struct cursor *synonym_cursor_led(struct arena *arena, struct cursor *const *words, size_t count,
                                  const struct tally *tally, const struct word_scorer *scorer) {
    struct cursor *c = synonym_cursor_new(arena, words, count, false, scorer);
    struct synonym_cursor *s = (struct synonym_cursor *)c;
    if (!s)
        return NULL;
    s->docs = bitset_cursor_new(arena, tally->bits, tally->passages, 1);
    if (!s->docs) {
        cursor_release(c);
        return NULL;
    }
    s->tally = tally;
    s->base.cost = s->docs->cost;
    s->base.lazy = true;
    settle(s);
    return c;
}
