/* neon.h - what the code for AArch64 shares, all of which have NEON. */
#ifndef LEDE_CORE_NEON_H
#define LEDE_CORE_NEON_H

#include <arm_neon.h>

/* A bit for each of 64 bytes, which are all ones or 0. */
static inline uint64_t neon_bits(const uint8x16_t *bytes) {
    const uint8x16_t weights = vreinterpretq_u8_u64(vdupq_n_u64(UINT64_C(0x8040201008040201)));
    uint8x16_t low = vpaddq_u8(vandq_u8(bytes[0], weights), vandq_u8(bytes[1], weights));
    uint8x16_t high = vpaddq_u8(vandq_u8(bytes[2], weights), vandq_u8(bytes[3], weights));
    low = vpaddq_u8(low, high);
    return vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(low, low)), 0);
}

#endif
