#include "tally.h"

#include <stdlib.h>
#include <string.h>

#include "../core/buffer.h"

struct synonym_cursor {
    struct cursor base;
    struct cursor **heap; /* the words, the one that stands first on top */
    size_t count;
    bool overlap;
    const struct tally *tally; /* NULL: the words tell where it stands; else they go along when it is confirmed alone */
    struct cursor *docs;       /* of the tally */
    uint32_t confirmed;        /* one more than the document that was confirmed last */
    struct word_scorer scorer;
    struct buffer positions; /* u32 each */
};

static void sift_down(struct synonym_cursor *s, size_t i) {
    struct cursor *c = s->heap[i];
    for (size_t child; (child = 2 * i + 1) < s->count; i = child) {
        if (child + 1 < s->count && s->heap[child + 1]->doc < s->heap[child]->doc)
            child++;
        if (c->doc <= s->heap[child]->doc)
            break;
        s->heap[i] = s->heap[child];
    }
    s->heap[i] = c;
}

static uint32_t settle(struct synonym_cursor *s) {
    s->base.doc = s->tally ? s->docs->doc : s->heap[0]->doc;
    for (size_t i = 0; s->base.doc == DOC_END && i < s->count; i++)
        cursor_end(&s->base, s->heap[i]);
    return s->base.doc;
}

static void seek_words(struct synonym_cursor *s, uint32_t target) {
    while (s->heap[0]->doc < target) {
        cursor_seek(s->heap[0], target);
        sift_down(s, 0);
    }
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

static int by_position(const void *a, const void *b) {
    const uint32_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* Takes the positions of the words that stand on the document, from place i of the heap on. False if it fails. */
static bool take_positions(struct synonym_cursor *s, size_t i) {
    uint32_t n;
    if (i >= s->count || s->heap[i]->doc != s->base.doc)
        return true;
    bool has = cursor_has(s->heap[i], s->base.doc); /* which one that fails has no more */
    const uint32_t *positions = has ? cursor_positions(s->heap[i], &n) : NULL;
    if (has && !positions) {
        cursor_end(&s->base, s->heap[i]);
        return false;
    }
    if (positions)
        buffer_append(&s->positions, positions, n * sizeof *positions);
    return take_positions(s, 2 * i + 1) && take_positions(s, 2 * i + 2);
}

static uint32_t without_repeats(uint32_t *p, uint32_t n) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < n; i++)
        if (kept == 0 || p[kept - 1] != p[i])
            p[kept++] = p[i];
    return kept;
}

static const uint32_t *positions_of(struct cursor *c, uint32_t *count) {
    struct synonym_cursor *s = (struct synonym_cursor *)c;
    buffer_clear(&s->positions);
    *count = 0;
    if (!take_positions(s, 0))
        return NULL;
    if (s->positions.failed) {
        s->base.status = LEDE_NOMEM;
        s->base.doc = DOC_END;
        return NULL;
    }
    uint32_t *p = (uint32_t *)(void *)s->positions.data, n = (uint32_t)(s->positions.len / sizeof *p);
    qsort(p, n, sizeof *p, by_position);
    *count = s->overlap ? without_repeats(p, n) : n;
    return p;
}

static uint32_t sum_freqs(struct synonym_cursor *s, size_t i) {
    if (i >= s->count || s->heap[i]->doc != s->base.doc)
        return 0;
    uint32_t own = cursor_has(s->heap[i], s->base.doc) ? cursor_freq(s->heap[i]) : 0;
    return own + sum_freqs(s, 2 * i + 1) + sum_freqs(s, 2 * i + 2);
}

/* At least 1: a word whose positions can't be read has ended the cursor. */
static uint32_t freq(struct cursor *c) {
    struct synonym_cursor *s = (struct synonym_cursor *)c;
    uint32_t n;
    if (s->tally && s->confirmed != c->doc + 1)
        return s->tally->sure[c->doc] + (s->tally->maybe ? s->tally->maybe[c->doc] : 0);
    if (!s->overlap || (c->lazy && s->confirmed != c->doc + 1))
        return sum_freqs(s, 0);
    return positions_of(c, &n) ? n : 1;
}

static bool confirm_from(struct synonym_cursor *s, size_t i) {
    if (i >= s->count || s->heap[i]->doc != s->base.doc)
        return false;
    bool found = cursor_confirm(s->heap[i]);
    if (s->heap[i]->status != LEDE_OK)
        cursor_end(&s->base, s->heap[i]);
    found |= confirm_from(s, 2 * i + 1);
    found |= confirm_from(s, 2 * i + 2);
    return found;
}

static bool confirm(struct cursor *c) {
    struct synonym_cursor *s = (struct synonym_cursor *)c;
    s->confirmed = c->doc + 1;
    seek_words(s, c->doc);
    return confirm_from(s, 0) && c->doc != DOC_END;
}

static bool is_certain_from(struct synonym_cursor *s, size_t i) {
    if (i >= s->count || s->heap[i]->doc != s->base.doc)
        return false;
    return cursor_is_certain(s->heap[i]) || is_certain_from(s, 2 * i + 1) || is_certain_from(s, 2 * i + 2);
}

static bool is_certain(struct cursor *c) {
    struct synonym_cursor *s = (struct synonym_cursor *)c;
    return !s->tally && is_certain_from(s, 0);
}

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
    cursors_release(s->heap, s->count);
    buffer_release(&s->positions);
}

static const struct cursor_ops synonym_ops = {next,    seek,    score, window_add_all, positions_of,
                                              release, explain, freq,  confirm,        is_certain};

struct cursor *synonym_cursor_new(struct arena *arena, struct cursor *const *words, size_t count, bool overlap,
                                  const struct word_scorer *scorer) {
    struct synonym_cursor *s = arena_zalloc(arena, 1, sizeof *s);
    struct cursor **heap = arena_zalloc(arena, count, sizeof(struct cursor *));
    if (!s || !heap) {
        cursors_release(words, count);
        return NULL;
    }
    memcpy(heap, words, count * sizeof(struct cursor *));
    s->base = (struct cursor){.ops = &synonym_ops, .doc = DOC_END, .cost = 0, .max_score = scorer->weight};
    s->heap = heap;
    s->count = count;
    s->overlap = overlap;
    s->base.lazy = cursors_are_lazy(words, count);
    s->scorer = *scorer;
    for (size_t i = 0; i < count; i++)
        s->base.cost += words[i]->cost;
    for (size_t i = count / 2 + 1; i-- > 0;)
        sift_down(s, i);
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
