/* cpu.h - functions compiled for several processors, and which of these there is.
 *
 * A function marked FOR_EACH_CPU is compiled for the levels of x86-64, and the loader chooses the best that the machine
 * has. Plain C is the scalar twin of all: the results are the same. It hands no vector of more than 128 bits to another
 * function by value: each level would put it elsewhere. */
#ifndef LEDE_CORE_CPU_H
#define LEDE_CORE_CPU_H

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__SANITIZE_THREAD__) && !defined(__SANITIZE_ADDRESS__) &&     \
    !defined(__clang__)
#define FOR_EACH_CPU __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define FOR_EACH_CPU
#endif

/* For what is done less often, so that the rest needs few registers. */
#define NOINLINE __attribute__((noinline))

/* For what fetches lines of the cache and does nothing else: GCC takes such a function for one without effects, and
 * leaves its calls out, unless it is part of its callers before that is asked. */
#define FETCHING static inline __attribute__((always_inline))

/* Fetches a line of the cache that is read soon: into the second cache, which is near enough. Where many lines come
 * from memory, a core has more of them under way there than in the first one. */
FETCHING void fetch_line(const void *line) {
    __builtin_prefetch(line, 0, 2);
}

/* For the end of one that is no part of its callers. */
#define HAS_EFFECT __asm__ volatile("")

#if defined(__x86_64__) && defined(__GNUC__)
#include <stdbool.h>

/* What the processor has, for code that is compiled for it by hand: all of a level, as machines may be virtual ones
 * that hide a part. There lzcnt is not refused but counts something else; clang is not asked to use it, as it can't
 * tell. */
#if defined(__clang__)
#define CPU_HAS_LZCNT true
#else
#define CPU_HAS_LZCNT __builtin_cpu_supports("lzcnt")
#endif

static inline bool cpu_has_avx2(void) {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") &&
           __builtin_cpu_supports("popcnt") && CPU_HAS_LZCNT;
}

/* As x86-64-v4 has it. */
static inline bool cpu_has_avx512(void) {
    return cpu_has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512cd") &&
           __builtin_cpu_supports("avx512dq");
}

/* And what came next: bytes are moved by their numbers, and packed, and their bits counted. */
static inline bool cpu_has_avx512_vbmi2(void) {
    return cpu_has_avx512() && __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512vbmi2") &&
           __builtin_cpu_supports("avx512vpopcntdq") && __builtin_cpu_supports("avx512bitalg");
}
#endif

#endif
