/* cpu.h - functions compiled for several processors.
 *
 * A function marked FOR_EACH_CPU is compiled for the levels of x86-64, and the loader chooses the best that the machine
 * has. Plain C is the scalar twin of all: the results are the same. */
#ifndef LEDE_CORE_CPU_H
#define LEDE_CORE_CPU_H

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__SANITIZE_THREAD__) && !defined(__SANITIZE_ADDRESS__) &&     \
    !defined(__clang__)
#define FOR_EACH_CPU __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define FOR_EACH_CPU
#endif

#endif
