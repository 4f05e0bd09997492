/* position_mask.h - positions as bits, so that words can be compared many passages at a time: the positions at which
 * one word stands i behind another are those of `mask & other >> i`. */
#ifndef LEDE_CORE_POSITION_MASK_H
#define LEDE_CORE_POSITION_MASK_H

#include "positions.h"

/* Passages that masks have room for, and positions that can be told by a mask: those below this. */
#define POSITION_MASKS      256
#define POSITION_MASK_BITS  256
#define POSITION_MASK_WORDS (POSITION_MASK_BITS / 64)

/* Position p of passage i is bit p % 64 of words[p / 64][i]; there are freqs[i] of them. None is set, and their number
 * is not told, of a passage whose length and slack allow positions that can't be told. */
struct position_masks {
    uint64_t words[POSITION_MASK_WORDS][POSITION_MASKS];
    uint32_t freqs[POSITION_MASKS];
};

/* A run of passages as bytes, with room for vectors. Passages of more than 255 words are such of 255; where there may
 * be any, what has 255 has as many as `longs` tells. */
struct position_bytes {
    uint32_t count;
    bool has_longs;
    uint8_t freqs[POSITION_RUN_MAX + 64], lengths[POSITION_RUN_MAX + 64];
    uint16_t longs[POSITION_RUN_MAX]; /* by the passage's number; those of others are not told */
};

static inline uint32_t position_bytes_length(const struct position_bytes *run, uint32_t i) {
    return run->has_longs && run->lengths[i] == UINT8_MAX ? run->longs[i] : run->lengths[i];
}

/* Such a run, of which n > 0 passages are added; its positions stand in these bytes. */
struct mask_part {
    const struct position_bytes *run;
    const uint8_t *from, *to;
    uint32_t n;
};

/* Parts that are added together. */
#define MASK_PARTS 16

/* What is known of four passages, or of fewer at the end of a run. */
struct mask_four {
    uint32_t freqs, bounds; /* a byte for each */
    uint32_t start;         /* bits before them */
    uint32_t widths;        /* bits of their numbers, see struct quads */
};

/* Fills masks, in order, with passages of one run after the other. They may be found at first, and read later, as
 * sixteen are read in the time of one. */
struct mask_reader {
    const struct mask_ops *ops; /* the best; any of mask_ops_all() may be set while no passage was added */
    struct position_masks *out;
    uint32_t begin, end; /* masks before `begin` are filled; those from there on, and before `end`, only found */
    bool any_long;       /* is, or was, among these */
    /* Private: what is known of the latter. */
    struct {
        const uint8_t *bits[POSITION_MASKS + 16];
        struct mask_four fours[POSITION_MASKS + 16];
        uint8_t places[POSITION_MASKS + 16]; /* of the passage among the four */
    } found;
};

/* What does the work, for one kind of processor; all equal the scalar twin. */
struct mask_ops {
    bool (*add)(struct mask_reader *m, struct position_reader *r, const struct position_run *run, const uint32_t *which,
                uint32_t n);
    bool (*add_parts)(struct mask_reader *m, const struct mask_part *parts, uint32_t count, const uint32_t *which);
    bool (*finish)(struct mask_reader *m);
};

/* Those that this processor has, the best first, the scalar twin last, with NULL behind it. */
const struct mask_ops *const *mask_ops_all(void);

void mask_reader_init(struct mask_reader *m, struct position_masks *out);

/* Adds n passages of a run, which rise, with a reader that has read none, and which is of no use then; in all there is
 * room for POSITION_MASKS. False if they don't fit the bits or the passages. */
bool mask_reader_add(struct mask_reader *m, struct position_reader *r, const struct position_run *run,
                     const uint32_t *which, uint32_t n);

/* The same of up to MASK_PARTS parts, in less time: first the passages of the first one, which rise, and are in it. */
bool mask_reader_add_parts(struct mask_reader *m, const struct mask_part *parts, uint32_t count, const uint32_t *which);

/* Reads those that were only found; the bits that they stand in have to be there still. False as above. */
bool mask_reader_finish(struct mask_reader *m);

#endif
