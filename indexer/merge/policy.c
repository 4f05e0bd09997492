#include "policy.h"

/* Bytes that would be left after a merge. */
static uint64_t live_size(const struct policy_segment *s) {
    double share = s->passages ? (double)(s->passages - s->deleted) / s->passages : 0;
    return (uint64_t)((double)s->size * share);
}

static unsigned tier_of(const struct policy_segment *s) {
    unsigned tier = 0;
    for (uint64_t size = live_size(s) / POLICY_FLOOR; size > 0; size /= POLICY_TIER)
        tier++;
    return tier;
}

uint64_t policy_passages_max(uint64_t memory) {
    return memory < POLICY_PASSAGES_MAX / POLICY_MERGE_PASSAGES ? memory * POLICY_MERGE_PASSAGES : POLICY_PASSAGES_MAX;
}

/* The segments of a tier, as many as one segment can hold. */
static size_t pick_tier(const struct policy_segment *segments, size_t count, unsigned tier, uint64_t passages_max,
                        size_t *picked) {
    size_t n = 0;
    uint64_t passages = 0, strings = 0;
    for (size_t i = 0; i < count && n < POLICY_FAN; i++) {
        uint64_t live = segments[i].passages - segments[i].deleted;
        if (tier_of(&segments[i]) != tier || passages + live > passages_max ||
            strings + segments[i].strings > POLICY_STRINGS_MAX)
            continue;
        passages += live;
        strings += segments[i].strings;
        picked[n++] = i;
    }
    return n < POLICY_TIER ? 0 : n;
}

size_t policy_pick(const struct policy_segment *segments, size_t count, uint64_t passages_max, size_t *picked) {
    unsigned highest = 0;
    for (size_t i = 0; i < count; i++)
        if (tier_of(&segments[i]) > highest)
            highest = tier_of(&segments[i]);
    for (unsigned tier = 0; tier <= highest; tier++) {
        size_t n = pick_tier(segments, count, tier, passages_max, picked);
        if (n > 0)
            return n;
    }
    for (size_t i = 0; i < count; i++) {
        if (segments[i].deleted > segments[i].passages / 2) {
            picked[0] = i;
            return 1;
        }
    }
    return 0;
}

size_t policy_run(const struct policy_segment *segments, size_t count, uint64_t passages_max) {
    uint64_t passages = segments[0].passages - segments[0].deleted, strings = segments[0].strings;
    size_t n = 1;
    for (; n < count && n < POLICY_FAN; n++) {
        passages += segments[n].passages - segments[n].deleted;
        strings += segments[n].strings;
        if (passages > passages_max || strings > POLICY_STRINGS_MAX)
            break;
    }
    return n;
}
