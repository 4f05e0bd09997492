#include "phrase.h"

/* Leapfrog over the places that each word allows for the start. */
bool phrase_next(struct phrase_slot *slots, uint32_t count, uint32_t *found) {
    uint64_t start = 0;
    for (uint32_t i = 0, agreeing = 0; agreeing < count; i = i + 1 < count ? i + 1 : 0) {
        struct phrase_slot *s = &slots[i];
        while (s->at < s->count && s->positions[s->at] < start + i)
            s->at++;
        if (s->at == s->count)
            return false;
        agreeing = s->positions[s->at] - i > start ? 1 : agreeing + 1;
        start = s->positions[s->at] - i;
    }
    *found = (uint32_t)start;
    slots[0].at++;
    return true;
}

bool phrase_matches(struct phrase_slot *slots, uint32_t count) {
    uint32_t start;
    return phrase_next(slots, count, &start);
}
