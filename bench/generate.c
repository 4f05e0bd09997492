#include "generate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    NEAR = 8,           /* passages */
    SENTENCES_MAX = 64, /* of a passage that are told apart; the last one has the rest */
    WORD_MAX = 64,      /* longer runs of letters are left alone */
    FRESH_OF = 2,       /* one of so many replacements is a word never seen */
};

/* ------------------------------------------------------------------------------------- chance -- */

/* SplitMix64 (Steele, Lea, Flood, Fast splittable pseudorandom number generators, 2014). */
static uint64_t chance(uint64_t *state) {
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static uint64_t chance_below(uint64_t *state, uint64_t n) {
    return (chance(state) >> 32) * n >> 32;
}

/* --------------------------------------------------------------------------------- vocabulary -- */

/* Counts by hash alone: two words in 2^64 that share one share a count, which does no harm. */
struct counts {
    uint64_t *hashes; /* 0: free */
    uint32_t *counts;
    size_t room, used;
};

static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* FNV-1a over the letters, without their case. */
static uint64_t hash_word(const char *word, size_t n) {
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < n; i++)
        h = (h ^ (uint64_t)(word[i] | 0x20)) * UINT64_C(0x100000001b3);
    return h ? h : 1;
}

static size_t find_slot(const struct counts *c, uint64_t hash) {
    size_t slot = (size_t)(hash * UINT64_C(0x9e3779b97f4a7c15) >> 20) & (c->room - 1);
    while (c->hashes[slot] && c->hashes[slot] != hash)
        slot = (slot + 1) & (c->room - 1);
    return slot;
}

static void counts_release(struct counts *c) {
    free(c->hashes);
    free(c->counts);
}

static bool counts_grow(struct counts *c) {
    struct counts larger = {.room = c->room ? c->room * 2 : 1 << 16, .used = c->used};
    larger.hashes = calloc(larger.room, sizeof *larger.hashes);
    larger.counts = calloc(larger.room, sizeof *larger.counts);
    if (!larger.hashes || !larger.counts) {
        counts_release(&larger);
        return false;
    }
    for (size_t i = 0; i < c->room; i++)
        if (c->hashes[i]) {
            size_t slot = find_slot(&larger, c->hashes[i]);
            larger.hashes[slot] = c->hashes[i];
            larger.counts[slot] = c->counts[i];
        }
    counts_release(c);
    *c = larger;
    return true;
}

static bool counts_add(struct counts *c, uint64_t hash) {
    if (c->used * 2 >= c->room && !counts_grow(c))
        return false;
    size_t slot = find_slot(c, hash);
    c->used += !c->hashes[slot];
    c->hashes[slot] = hash;
    c->counts[slot]++;
    return true;
}

/* ----------------------------------------------------------------------------------- passages -- */

struct passage {
    const char *id;
    uint32_t id_len, text_len;
    const char *text;
};

struct generator {
    struct passage *passages;
    size_t count;
    struct counts counts;
    struct generate_figures figures;
    double rate;            /* c in generate.h */
    uint32_t *replacements; /* the number of the new word of each */
    size_t replaced, room;
    FILE *out;
};

/* Calls visit for each word of the text; stops, and returns false, when it does. */
static bool visit_words(const struct passage *p, bool (*visit)(void *, const char *, size_t), void *ctx) {
    for (size_t i = 0; i < p->text_len; i++) {
        size_t start = i;
        while (i < p->text_len && is_letter(p->text[i]))
            i++;
        if (i > start && !visit(ctx, p->text + start, i - start))
            return false;
    }
    return true;
}

static bool count_word(void *ctx, const char *word, size_t n) {
    struct generator *g = ctx;
    g->figures.words++;
    return counts_add(&g->counts, hash_word(word, n));
}

static bool cut_lines(struct generator *g, const char *bytes, size_t size) {
    size_t lines = 0;
    for (size_t i = 0; i < size; i++)
        lines += bytes[i] == '\n';
    g->passages = calloc(lines + 2, sizeof *g->passages);
    if (!g->passages)
        return false;
    for (const char *p = bytes, *end = bytes + size; p < end;) {
        const char *newline = memchr(p, '\n', (size_t)(end - p)), *stop = newline ? newline : end;
        const char *tab = memchr(p, '\t', (size_t)(stop - p));
        if (tab)
            g->passages[g->count++] = (struct passage){p, (uint32_t)(tab - p), (uint32_t)(stop - tab - 1), tab + 1};
        p = newline ? newline + 1 : end;
    }
    return true;
}

static bool count_every_second(struct generator *g, size_t first) {
    for (size_t i = first; i < g->count; i += 2)
        if (!visit_words(&g->passages[i], count_word, g))
            return false;
    return true;
}

/* Also finds how the vocabulary grows. */
static bool count_words(struct generator *g) {
    if (!count_every_second(g, 0))
        return false;
    double half = (double)g->counts.used;
    if (!count_every_second(g, 1))
        return false;
    g->figures.passages = g->count;
    g->figures.vocabulary = g->counts.used;
    g->figures.heaps = half > 0 ? log2((double)g->counts.used / half) : 1;
    return g->figures.words > 0;
}

/* ------------------------------------------------------------------------------------ writing -- */

/* Syllables that no stemmer takes for an ending. */
static void write_new_word(struct generator *g, uint32_t number) {
    static const char consonants[] = "bdfgklmnprtvz", vowels[] = "aeiou";
    fputs("xo", g->out);
    do {
        uint32_t syllable = number % 65;
        putc(consonants[syllable / 5], g->out);
        putc(vowels[syllable % 5], g->out);
        number /= 65;
    } while (number);
    putc('k', g->out);
}

static bool replace_word(struct generator *g, uint64_t *state) {
    if (g->replaced == g->room) {
        size_t room = g->room ? g->room * 2 : 1 << 16;
        uint32_t *larger = realloc(g->replacements, room * sizeof *larger);
        if (!larger)
            return false;
        g->replacements = larger;
        g->room = room;
    }
    bool fresh = !g->replaced || chance_below(state, FRESH_OF) == 0;
    uint32_t number = fresh ? (uint32_t)g->figures.new_words++ : g->replacements[chance_below(state, g->replaced)];
    g->replacements[g->replaced++] = number;
    write_new_word(g, number);
    return true;
}

static bool is_replaced(const struct generator *g, uint64_t *state, const char *word, size_t n) {
    if (n > WORD_MAX)
        return false;
    uint32_t f = g->counts.counts[find_slot(&g->counts, hash_word(word, n))];
    return (double)(chance(state) >> 11) * 0x1p-53 * (double)f < g->rate;
}

static bool write_text(struct generator *g, uint64_t *state, const char *text, size_t n) {
    for (size_t i = 0; i < n;) {
        size_t start = i;
        while (i < n && is_letter(text[i]))
            i++;
        if (i > start && is_replaced(g, state, text + start, i - start)) {
            if (!replace_word(g, state))
                return false;
            start = i;
        }
        while (i < n && !is_letter(text[i]))
            i++;
        fwrite(text + start, 1, i - start, g->out);
    }
    return true;
}

/* Where the sentences begin, the first one at 0; bounds[count] is the end. */
static size_t cut_sentences(uint32_t bounds[SENTENCES_MAX + 1], const struct passage *p) {
    size_t count = 0;
    bounds[0] = 0;
    for (uint32_t i = 1; i + 1 < p->text_len && count + 1 < SENTENCES_MAX; i++)
        if (p->text[i] == ' ' && strchr(".!?", p->text[i - 1]))
            bounds[++count] = i + 1;
    bounds[++count] = p->text_len;
    return count;
}

static const struct passage *neighbour(const struct generator *g, uint64_t *state, size_t i) {
    size_t first = i > NEAR ? i - NEAR : 0, last = i + NEAR < g->count ? i + NEAR : g->count - 1;
    return &g->passages[first + chance_below(state, last - first + 1)];
}

static bool write_copy(struct generator *g, uint64_t *state, size_t i, uint64_t epoch) {
    const struct passage *p = &g->passages[i];
    uint32_t own[SENTENCES_MAX + 1], other[SENTENCES_MAX + 1];
    size_t n = cut_sentences(own, p);
    fprintf(g->out, "%.*s~%llu\t", (int)p->id_len, p->id, (unsigned long long)epoch);
    for (size_t s = 0; s < n; s++) {
        const char *text = p->text + own[s];
        size_t len = own[s + 1] - own[s];
        if (chance_below(state, 2)) {
            const struct passage *q = neighbour(g, state, i);
            size_t chosen = chance_below(state, cut_sentences(other, q));
            text = q->text + other[chosen];
            len = other[chosen + 1] - other[chosen];
        }
        if (!write_text(g, state, text, len))
            return false;
        if (s + 1 < n && len && text[len - 1] != ' ')
            putc(' ', g->out);
    }
    putc('\n', g->out);
    return true;
}

static bool write_all(struct generator *g, uint64_t count, uint64_t seed) {
    double times = (double)count / (double)g->count;
    /* Replacements: rate * vocabulary in each copy, one in FRESH_OF of them a word never seen. */
    g->rate = times > 1 ? FRESH_OF * (pow(times, g->figures.heaps) - 1) / (times - 1) : 0;
    bool whole = true;
    for (uint64_t i = 0; whole && i < count && i < g->count; i++) {
        const struct passage *p = &g->passages[i];
        fprintf(g->out, "%.*s\t%.*s\n", (int)p->id_len, p->id, (int)p->text_len, p->text);
    }
    for (uint64_t i = g->count; whole && i < count; i++)
        whole = write_copy(g, &seed, (size_t)(i % g->count), i / g->count);
    return whole && fflush(g->out) == 0 && !ferror(g->out);
}

bool generate(struct generate_figures *figures, FILE *out, const char *bytes, size_t size, uint64_t count,
              uint64_t seed) {
    struct generator g = {.out = out};
    bool whole = cut_lines(&g, bytes, size) && count_words(&g) && write_all(&g, count, seed);
    *figures = g.figures;
    counts_release(&g.counts);
    free(g.replacements);
    free(g.passages);
    return whole;
}
