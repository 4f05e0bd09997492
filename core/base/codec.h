/* codec.h - bit packing, and unary numbers.
 *
 * A packed block holds 128 numbers of the same width, in four interleaved lanes, so that one 128-bit
 * vector unpacks four numbers at a step (SIMD-BP128: Lemire and Boytsov, Decoding billions of integers per second
 * through vectorization, 2015):
 *
 *     lane    0     1     2     3          number i stands in lane i % 4, row i / 4
 *     row 0  [n0]  [n1]  [n2]  [n3]        a lane is a row of 32-bit words, filled from the lowest bit
 *     row 1  [n4]  [n5]  [n6]  [n7]        word w of lane l: bytes 16 w + 4 l ... + 3
 *
 * The code uses the vectors of lanes.h; only how ones are found is chosen at run time. */
#ifndef LEDE_CORE_CODEC_H
#define LEDE_CORE_CODEC_H

#include "bytes.h"

#define PACK_COUNT 128

/* Bytes of a packed block. */
static inline size_t packed_size(unsigned width) {
    return (size_t)width * (PACK_COUNT / 8);
}

/* Packs PACK_COUNT numbers below 2^width (width 0 to 32) into packed_size(width) bytes. */
void pack_block(uint8_t *out, const uint32_t *in, unsigned width);
/* Unpacks them; reads exactly packed_size(width) bytes. */
void unpack_block(uint32_t *out, const uint8_t *in, unsigned width);

/* Packed runs: any number of numbers of one width, one after the other from the lowest bit on, so that each can be
 * read for itself. Bytes of a run: */
static inline uint64_t run_size(uint64_t count, unsigned width) {
    return (count * width + 7) / 8;
}

/* Packs n numbers below 2^width into run_size(n, width) bytes; `out` has room for 8 more, which are overwritten. */
void pack_run(uint8_t *out, const uint32_t *in, size_t n, unsigned width);

/* Number i of a run. May read 8 bytes beyond the run. */
static inline uint32_t run_get(const uint8_t *run, uint64_t i, unsigned width) {
    uint64_t bit = i * width;
    return (uint32_t)(load_u64(run + (bit >> 3)) >> (bit & 7) & ((UINT64_C(1) << width) - 1));
}

/* Rice coding: the low bits of each number are packed, and the rest stands in a bit string, in unary: a zero for each
 * of it, then a one. The best width is about that of the mean, and the code is then within some hundredths of a bit of
 * the shortest for gaps between documents that lie at random (Golomb, Run-length encodings, 1966; Rice, 1979). With
 * width 0 the bit string alone is a bitmap of the documents.
 *
 * The width from 0 to `max` that makes n numbers, whose sum is below 2^32, shortest: */
unsigned rice_width(const uint32_t *in, size_t n, unsigned max);

/* Bits of the numbers without their low bits, in unary. */
uint64_t unary_size(const uint32_t *in, size_t n, unsigned width);

/* Appends them to a bit string of `at` bits, whose next bits are zero, and returns its new length. */
uint64_t unary_put(uint8_t *bits, uint64_t at, const uint32_t *in, size_t n, unsigned width);

/* A bit string that is looked through for its ones has at most so many bits, so that a place fits 16. */
#define UNARY_MAX (UINT16_MAX & ~7)

/* What may be written behind the places that are asked for. */
#define UNARY_ROOM 64

/* Where the first `count` ones of a bit string stand, of which no more than UNARY_MAX bits are looked at; `out` has
 * room for UNARY_ROOM more. False if there are fewer. */
bool unary_find(uint16_t *out, size_t count, const uint8_t *bits, const uint8_t *end);
/* Its twin for any processor. */
bool unary_find_bytes(uint16_t *out, size_t count, const uint8_t *bits, const uint8_t *end);

#endif
