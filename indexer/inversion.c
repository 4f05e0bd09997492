#include "inversion.h"

#include <stdlib.h>

enum {
    /* Slots of passages that are longer: short enough that the tables of slots are small beside the places. */
    LONG_SHIFT = 8,
};

/* Places of so many slots have to fit 32 bits. */
static bool fits(uint64_t slots, unsigned shift) {
    return slots << shift <= UINT64_C(1) << 32;
}

/* Slots of 2^shift positions at most. */
static uint64_t slots_max(const struct tokens *t, unsigned shift) {
    return tokens_passages(t) + ((uint64_t)tokens_count(t) >> shift);
}

static uint32_t passage_end(const struct tokens *t, uint32_t passage) {
    return passage + 1 < tokens_passages(t) ? tokens_starts(t)[passage + 1] : tokens_count(t);
}

static uint32_t longest_passage(const struct tokens *t) {
    uint32_t last = tokens_passages(t) - 1, length = passage_end(t, last) - tokens_starts(t)[last];
    return length > t->longest ? length : t->longest;
}

static unsigned choose_shift(const struct tokens *t, bool *plain) {
    uint32_t longest = longest_passage(t);
    unsigned shift = longest > 1 ? bit_width(longest - 1) : 0;
    *plain = fits(tokens_passages(t), shift);
    if (*plain)
        return shift;
    /* With slots of one position they are the tokens, or as many as there are passages: there is always a way. */
    for (shift = LONG_SHIFT; shift > 0 && !fits(slots_max(t, shift), shift);)
        shift--;
    return shift;
}

/* A passage has as many slots as its tokens need, and one if it has none, unless these are of one position. */
static bool make_slots(struct inversion *v) {
    const struct tokens *t = v->tokens;
    uint32_t passages = tokens_passages(t), slot = 0;
    v->slots = malloc((slots_max(t, v->shift) + 1) * sizeof *v->slots);
    v->firsts = malloc((passages + (size_t)1) * sizeof *v->firsts);
    if (!v->slots || !v->firsts)
        return false;
    for (uint32_t p = 0; p < passages; p++) {
        uint32_t length = passage_end(t, p) - tokens_starts(t)[p];
        uint64_t end = slot + (((uint64_t)length + (UINT64_C(1) << v->shift) - 1) >> v->shift);
        v->firsts[p] = slot;
        while (slot < end)
            v->slots[slot++] = p;
    }
    return true;
}

size_t inversion_memory(const struct tokens *t) {
    /* As if there were tables of slots. */
    return tokens_count(t) * sizeof(uint32_t) + (slots_max(t, LONG_SHIFT) + tokens_passages(t)) * sizeof(uint32_t);
}

bool inversion_init(struct inversion *v, const struct tokens *t, uint32_t terms) {
    bool plain;
    *v = (struct inversion){.tokens = t};
    v->shift = choose_shift(t, &plain);
    v->counts = calloc(terms + (size_t)1, sizeof *v->counts);
    if (!v->counts || (!plain && !make_slots(v)))
        return false;
    uint32_t left = tokens_count(t);
    for (size_t c = 0; c < t->chunk_count; c++) {
        const uint32_t *chunk = t->chunks[c];
        uint32_t n = left < TOKENS_CHUNK ? left : TOKENS_CHUNK;
        for (uint32_t i = 0; i < n; i++)
            if (chunk[i] != TERM_NONE)
                v->counts[chunk[i]]++;
        left -= n;
    }
    return true;
}

void inversion_release(struct inversion *v) {
    free(v->counts);
    free(v->places);
    free(v->slots);
    free(v->firsts);
}

/* Scatters tokens of a passage that are in one chunk, the first of which has the place given. */
static void scatter_part(const struct inversion *v, const uint32_t *tokens, uint32_t n, uint32_t place) {
    uint32_t *places = v->places, *next = v->counts;
    for (uint32_t i = 0; i < n; i++)
        if (tokens[i] != TERM_NONE)
            places[next[tokens[i]]++] = place + i;
}

static void scatter_passage(const struct inversion *v, uint32_t passage) {
    uint32_t at = tokens_starts(v->tokens)[passage], end = passage_end(v->tokens, passage);
    uint32_t place = (v->firsts ? v->firsts[passage] : passage) << v->shift;
    while (at < end) {
        uint32_t offset = at % TOKENS_CHUNK, n = TOKENS_CHUNK - offset;
        n = n < end - at ? n : end - at;
        scatter_part(v, v->tokens->chunks[at / TOKENS_CHUNK] + offset, n, place);
        at += n;
        place += n;
    }
}

bool inversion_scatter(struct inversion *v, const uint32_t *order, uint32_t count) {
    uint32_t at = 0;
    v->places = malloc((tokens_count(v->tokens) + (size_t)1) * sizeof *v->places);
    if (!v->places)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t n = v->counts[order[i]];
        v->counts[order[i]] = at;
        at += n;
    }
    for (uint32_t p = 0; p < tokens_passages(v->tokens); p++)
        scatter_passage(v, p);
    return true;
}

uint32_t inversion_write(struct inversion *v, uint32_t term, uint32_t begin, struct postings_writer *out) {
    uint32_t end = v->counts[term], *places = v->places;
    for (uint32_t i = begin; i < end;) {
        uint32_t slot = places[i] >> v->shift, passage = v->slots ? v->slots[slot] : slot, first = i;
        uint32_t base = (v->firsts ? v->firsts[passage] : passage) << v->shift;
        uint64_t length =
            v->firsts ? passage_end(v->tokens, passage) - tokens_starts(v->tokens)[passage] : UINT64_C(1) << v->shift;
        /* Places become positions where they are. */
        do
            places[i] -= base;
        while (++i < end && places[i] - base < length);
        postings_writer_add(out, passage, places + first, i - first);
    }
    return end;
}
