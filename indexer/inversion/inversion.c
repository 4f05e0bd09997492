#include "inversion.h"

#include <stdlib.h>

enum {
    /* Slots of passages that are longer: short enough that the tables of slots are small beside the places. */
    LONG_SHIFT = 8,
    /* Tokens that are read before they are put where they belong, so that the cache misses overlap. */
    SCATTER = 64,
};

/* Places of so many slots have to fit 32 bits. */
static bool fits(uint64_t slots, unsigned shift) {
    return slots << shift <= UINT64_C(1) << 32;
}

/* Slots of 2^shift positions at most. */
static uint64_t slots_max(const struct tokens *t, unsigned shift) {
    return tokens_passages(t) + ((uint64_t)t->count >> shift);
}

unsigned inversion_shift(const struct tokens *t) {
    uint32_t longest = tokens_longest(t);
    return longest > 1 ? bit_width(longest - 1) : 0;
}

static unsigned choose_shift(const struct tokens *t, bool *plain) {
    unsigned shift = inversion_shift(t);
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
        uint32_t length = tokens_end(t, p) - tokens_start(t, p);
        uint64_t end = slot + (((uint64_t)length + (UINT64_C(1) << v->shift) - 1) >> v->shift);
        v->firsts[p] = slot;
        while (slot < end)
            v->slots[slot++] = p;
    }
    return true;
}

size_t inversion_memory(const struct tokens *t, const struct place_buffer *buffer) {
    size_t places = t->count > buffer->room ? t->count : buffer->room;
    /* As if there were tables of slots. */
    return (places + slots_max(t, LONG_SHIFT) + tokens_passages(t)) * sizeof(uint32_t);
}

void place_buffer_release(struct place_buffer *b) {
    free(b->places);
    *b = (struct place_buffer){NULL, 0};
}

/* A buffer that is larger leaves less for tokens, so that the next sort would be of fewer. Of a large one the system
 * takes back, or adds, what differs; what was in it does not matter. */
static uint32_t *reserve_places(struct place_buffer *b, size_t n) {
    if (n > b->room || n < b->room / 16 * 15) {
        uint32_t *places = realloc(b->places, n * sizeof *places);
        if (!places)
            return NULL;
        b->places = places;
        b->room = n;
    }
    return b->places;
}

bool inversion_init(struct inversion *v, struct place_buffer *buffer, const struct tokens *t, uint32_t terms) {
    bool plain;
    struct token_reader reader;
    *v = (struct inversion){.tokens = t, .terms = terms};
    v->shift = choose_shift(t, &plain);
    v->counts = calloc(terms + (size_t)1, sizeof *v->counts);
    v->places = reserve_places(buffer, t->count + (size_t)1);
    if (!v->counts || !v->places || (!plain && !make_slots(v)))
        return false;
    token_reader_init(&reader, t);
    for (uint32_t i = 0; i < t->count; i++)
        v->counts[token_read(&reader)]++;
    v->total = t->count - v->counts[0];
    return true;
}

void inversion_release(struct inversion *v) {
    free(v->counts);
    free(v->next);
    free(v->slots);
    free(v->firsts);
    *v = (struct inversion){.tokens = NULL};
}

static uint32_t base_of(const struct inversion *v, uint32_t passage) {
    return (v->firsts ? v->firsts[passage] : passage) << v->shift;
}

/* Puts the places of the next n tokens, which are n positions from `place` on, where those of their terms are. */
static inline void scatter_few(struct inversion *v, struct token_reader *reader, uint32_t n, uint32_t place) {
    uint32_t tokens[SCATTER], *places = v->places, *next = v->next;
    for (uint32_t i = 0; i < n; i++) {
        tokens[i] = token_read(reader);
        __builtin_prefetch(&places[next[tokens[i]]], 1);
    }
    for (uint32_t i = 0; i < n; i++)
        places[next[tokens[i]]++] = place + i;
}

static void scatter(struct inversion *v) {
    const struct tokens *t = v->tokens;
    struct token_reader reader;
    token_reader_init(&reader, t);
    for (uint32_t p = 0; p < tokens_passages(t); p++) {
        uint32_t left = tokens_end(t, p) - tokens_start(t, p), place = base_of(v, p);
        for (uint32_t n; left > 0; left -= n, place += n) {
            n = left < SCATTER ? left : SCATTER;
            scatter_few(v, &reader, n, place);
        }
    }
}

bool inversion_lay_out(struct inversion *v, const uint32_t *order, uint32_t count) {
    uint32_t at = 0;
    v->next = malloc((v->terms + (size_t)1) * sizeof *v->next);
    if (!v->next)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t *start = &v->counts[order[i] + 1], n = *start;
        *start = at;
        at += n;
    }
    /* What has no term goes behind all others. */
    v->counts[0] = v->total;
    memcpy(v->next, v->counts, (v->terms + (size_t)1) * sizeof *v->next);
    scatter(v);
    return true;
}

/* How many of the places from v->at on, of a run that ends at `end`, are of one passage; they become positions. */
static uint32_t take_passage(struct inversion *v, uint32_t end, uint32_t *passage) {
    uint32_t *places = v->places + v->at, n = 0, slot = places[0] >> v->shift;
    *passage = v->slots ? v->slots[slot] : slot;
    uint32_t base = base_of(v, *passage);
    uint64_t length =
        v->firsts ? tokens_end(v->tokens, *passage) - tokens_start(v->tokens, *passage) : UINT64_C(1) << v->shift;
    do
        places[n] -= base;
    while (++n < end - v->at && places[n] - base < length);
    return n;
}

uint32_t inversion_passages(const struct inversion *v, uint32_t end) {
    const uint32_t *places = v->places;
    uint32_t count = v->at < end;
    for (uint32_t i = v->at + 1; i < end; i++) {
        uint32_t before = places[i - 1] >> v->shift, slot = places[i] >> v->shift;
        count += v->slots ? v->slots[before] != v->slots[slot] : before != slot;
    }
    return count;
}

void inversion_write(struct inversion *v, uint32_t end, const uint32_t *lengths, struct postings_writer *out) {
    while (v->at < end) {
        uint32_t passage, n = take_passage(v, end, &passage);
        postings_writer_add(out, passage, lengths[passage], v->places + v->at, n);
        v->at += n;
    }
}

uint64_t inversion_spill(struct inversion *v, uint32_t end, struct spill *out) {
    struct spilled_term term = {0, 0};
    while (v->at < end) {
        uint32_t *places = v->places + v->at, n = end - v->at, passage;
        if (v->slots) {
            n = take_passage(v, end, &passage);
            spill_positions(out, passage, places, n, &term);
        } else {
            spill_places(out, places, n, &term);
        }
        v->at += n;
    }
    return term.passages;
}
