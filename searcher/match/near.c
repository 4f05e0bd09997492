#include "near.h"

#include <string.h>

static unsigned field_of(const struct field_borders *b, uint32_t position) {
    return position < b->heading ? 0 : position < b->body ? 1 : 2;
}

/* ------------------------------------------------------------------------------------ ordered -- */

/* From each place of the first operand on, the others each at the first place behind the one before: no other choice
 * ends earlier. */
static bool in_order(const struct near *n, const struct field_borders *b, struct phrase_slot *slots, uint32_t count) {
    for (; slots[0].at < slots[0].count; slots[0].at++) {
        uint32_t start = slots[0].positions[slots[0].at];
        uint64_t end = (uint64_t)start + n->lengths[0];
        for (uint32_t i = 1; i < count; i++) {
            struct phrase_slot *s = &slots[i];
            while (s->at < s->count && s->positions[s->at] < end)
                s->at++;
            if (s->at == s->count)
                return false;
            end = (uint64_t)s->positions[s->at] + n->lengths[i];
        }
        if (end - start <= n->width && field_of(b, start) == field_of(b, (uint32_t)end - 1))
            return true;
    }
    return false;
}

/* ---------------------------------------------------------------------------------- unordered -- */

static bool overlaps_chosen(const struct near *n, uint32_t i, uint64_t start, uint64_t end) {
    for (uint32_t k = 0; k < i; k++)
        if (start < (uint64_t)n->chosen[k] + n->lengths[k] && n->chosen[k] < end)
            return true;
    return false;
}

/* Whether operands i and on find places in [start, end) beside those chosen for the ones before. Tries are few: where
 * operands are different words, the first place that is free is as good as any, and *tries ends what does not. */
static bool choose(const struct near *n, const struct phrase_slot *slots, uint32_t count, uint32_t i, uint64_t start,
                   uint64_t end, uint32_t *tries) {
    if (i == count)
        return true;
    const struct phrase_slot *s = &slots[i];
    for (uint32_t k = s->at; k < s->count && s->positions[k] + (uint64_t)n->lengths[i] <= end; k++) {
        uint32_t p = s->positions[k];
        if (p < start || overlaps_chosen(n, i, p, (uint64_t)p + n->lengths[i]))
            continue;
        n->chosen[i] = p;
        if (choose(n, slots, count, i + 1, start, end, tries))
            return true;
        if (*tries == 0 || --*tries == 0)
            return false;
    }
    return false;
}

enum { MOST_TRIES = 1 << 14 };

#define NOWHERE UINT32_MAX

/* The operand that stands at `place`; `count` if none does. */
static uint32_t holder_of(const struct near *n, uint32_t count, uint32_t place) {
    uint32_t i = 0;
    while (i < count && n->chosen[i] != place)
        i++;
    return i;
}

/* Finds a place for a word in [start, end), one that is free or whose holder finds another: an augmenting path of a
 * bipartite matching (H. Kuhn, The Hungarian method for the assignment problem, 1955). asked[k] tells of holders. */
static bool find_place(const struct near *n, const struct phrase_slot *slots, uint32_t count, uint32_t i,
                       const uint64_t stretch[2]) {
    uint32_t *asked = n->chosen + count;
    const struct phrase_slot *s = &slots[i];
    for (uint32_t k = s->at; k < s->count && s->positions[k] < stretch[1]; k++) {
        if (s->positions[k] < stretch[0])
            continue;
        uint32_t holder = holder_of(n, count, s->positions[k]);
        if (holder < count && (asked[holder] || holder == i))
            continue;
        if (holder < count)
            asked[holder] = true;
        if (holder == count || find_place(n, slots, count, holder, stretch)) {
            n->chosen[i] = s->positions[k];
            return true;
        }
    }
    return false;
}

/* Whether each word finds a place of its own. */
static bool match_words(const struct near *n, const struct phrase_slot *slots, uint32_t count, uint64_t start,
                        uint64_t end) {
    const uint64_t stretch[2] = {start, end};
    for (uint32_t i = 0; i < count; i++)
        n->chosen[i] = NOWHERE;
    for (uint32_t i = 0; i < count; i++) {
        memset(n->chosen + count, 0, count * sizeof *n->chosen);
        if (!find_place(n, slots, count, i, stretch))
            return false;
    }
    return true;
}

static bool are_words(const struct near *n, uint32_t count) {
    bool words = true;
    for (uint32_t i = 0; i < count; i++)
        words &= n->lengths[i] == 1;
    return words;
}

/* The least place that an operand is at; UINT32_MAX if one has none left. */
static uint32_t least_place(const struct phrase_slot *slots, uint32_t count) {
    uint32_t least = UINT32_MAX;
    for (uint32_t i = 0; i < count; i++) {
        if (slots[i].at == slots[i].count)
            return UINT32_MAX;
        uint32_t p = slots[i].positions[slots[i].at];
        least = p < least ? p : least;
    }
    return least;
}

static uint64_t end_of(const struct near *n, const struct field_borders *b, uint32_t start) {
    uint64_t end = (uint64_t)start + n->width;
    unsigned field = field_of(b, start);
    uint64_t border = field == 0 ? b->heading : field == 1 ? b->body : UINT64_MAX;
    return end < border ? end : border;
}

/* From each place at which a stretch can begin. */
static bool in_any_order(const struct near *n, const struct field_borders *b, struct phrase_slot *slots,
                         uint32_t count) {
    bool words = are_words(n, count);
    for (uint32_t start; (start = least_place(slots, count)) != UINT32_MAX;) {
        uint64_t end = end_of(n, b, start);
        uint32_t tries = MOST_TRIES, reached = 0;
        while (reached < count && slots[reached].positions[slots[reached].at] < end)
            reached++;
        if (reached == count &&
            (words ? match_words(n, slots, count, start, end) : choose(n, slots, count, 0, start, end, &tries)))
            return true;
        for (uint32_t i = 0; i < count; i++)
            slots[i].at += slots[i].positions[slots[i].at] == start;
    }
    return false;
}

bool near_matches(const struct near *near, const struct field_borders *borders, struct phrase_slot *slots,
                  uint32_t count) {
    return near->ordered ? in_order(near, borders, slots, count) : in_any_order(near, borders, slots, count);
}
