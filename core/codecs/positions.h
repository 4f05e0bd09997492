/* positions.h - where a term stands in each of a run of passages, as a bit string.
 *
 * The positions of a term in a passage rise, and stay below a bound: the passage's length, plus a slack for the
 * positions that hold no term (see FIELDS in segment.h). So k of them are one of n = C(bound, k) sets. Up to 4, below a
 * bound of 255 at most, are known by the number of their set:
 *
 *     1    p
 *     2    p q + r, where p is the bound, for positions a < b, with c = p - 2 - a:
 *          q = a, r = b - a - 1, if a <= c; else q = c, r = a + 1 + b - a - 1
 *     3    C(p2, 3), and the number of the other two below p2
 *     4    C(p3, 4), and the number of the other three below p3
 *
 * The numbers of four neighbours are put together, x0 + n0 (x1 + n1 (x2 + n2 x3)), so that the bits, as many as
 * n0 n1 n2 n3 - 1 has, are nearly as few as can be: one number alone would waste half a bit, four waste an eighth
 * each. Where that would be more than 52 bits, the first two are, and the last two.
 *
 * 5 to 8 positions below a bound of 255 at most have numbers of up to 49 bits, which stand by themselves: C(p8, 8) and
 * so on, and the number of the other four. In their four n is 1 and x is 0, and so it is for all that follows.
 *
 * Other positions (of a single one, only such as a bound of 2^28 or more allows) are coded in the way of Elias and
 * Fano: y = p0, p1 - 1, p2 - 2 ... does not fall and stays within bound - k; its low bits, w = max(0, bits of bound -
 * k, less bits of k) of them, are packed, and the rests are in unary.
 *
 * All sizes follow from lengths and frequencies, so positions are passed over without being looked at.
 *
 *     bits   slack in unary: so many ones and a zero; or 16 ones, then 32 bits
 *     bits   for each four passages, the last of which may be fewer, with n = 1 for those that are not there:
 *            the number of all four; or that of the first two, and that of the last two
 *            for each of the four that is no part of these:
 *                the number of the set; or
 *                k low parts of w bits; k + (bound - k >> w) bits: a one at (y >> w) + i for each y, number i
 */
#ifndef LEDE_CORE_POSITIONS_H
#define LEDE_CORE_POSITIONS_H

#include "core/base/buffer.h"

/* The greatest bound up to which several positions are numbered as a set. */
#define POSITION_BOUND 255

/* Passages, whose lengths and numbers of positions, 1 or more each, the reader knows from elsewhere. */
struct position_run {
    const uint32_t *lengths, *freqs;
    uint32_t count;
};

/* Codes positions, which rise in each passage; those of the passages stand one after the other. */
void positions_put(struct buffer *out, const struct position_run *run, const uint32_t *positions);

/* Reads on from passage to passage. */
struct position_reader {
    const uint8_t *bits;
    uint64_t at, end; /* where the bits of four number `quad` begin; bits in all */
    uint32_t quad, slack;
};

/* False if the bytes can't be positions. May read 8 bytes beyond `end`, and so may position_read. */
bool position_reader_init(struct position_reader *r, const uint8_t *in, const uint8_t *end);

/* Reads the positions in a passage of the run, not before the one that was read last. False if they don't fit the bits
 * or the passage. Of the run only those before it are looked at, and those of its four: a multiple of four and the next
 * three. */
bool position_read(struct position_reader *r, const struct position_run *run, uint32_t passage, uint32_t *out);

/* A run of which positions are picked has so many passages at most. */
#define POSITION_RUN_MAX 128

/* Reads those of n passages of a run, which rise, one after the other; not before the one that was read last. */
bool positions_pick(struct position_reader *r, const struct position_run *run, const uint32_t *which, uint32_t n,
                    uint32_t *out);

/* Reads those of all passages, one after the other, with a reader that has read none. */
bool positions_read_all(struct position_reader *r, const struct position_run *run, uint32_t *out);

#endif
