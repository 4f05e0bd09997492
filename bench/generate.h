/* generate.h - many passages out of few, with their statistics: to measure how Lede scales where there is no larger
 * corpus.
 *
 * The given passages come first, as they are, and then copies of all of them in their order, again and again, each
 * changed in two ways:
 *
 *   Sentences. Each is kept, or replaced, evenly, by one of a passage near by (up to NEAR before or behind). So
 * lengths, frequencies of words, and what stands with what in a passage and in its neighbourhood stay alike, while no
 * two passages are the same.
 *
 *   New words. A text N times as long has N^b times as many words (Heaps, Information retrieval, 1978); b is taken from
 *   the given passages, b = log2(words in all of them / words in every second one). An occurrence of a word that the
 * given passages have f times gives way to a new word with probability min(1, c/f), so each word loses about as many
 *   occurrences, which only the rare ones miss. What it gives way to is, evenly, a word never seen or one drawn from
 * the earlier replacements (Simon, On a class of skew distribution functions, 1955), so most of the new words are rare,
 * a few are not; c is such that their number comes out right.
 *
 * A word is a run of ASCII letters here, whatever their case. All of it depends on the passages, N and the seed alone.
 */
#ifndef LEDE_BENCH_GENERATE_H
#define LEDE_BENCH_GENERATE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct generate_figures {
    uint64_t passages, words, vocabulary; /* of what was given */
    double heaps;                         /* the exponent b */
    uint64_t new_words;                   /* distinct ones that were made */
};

/* Writes `count` lines id<TAB>text to out, made of those in bytes. False if out of memory, if no line has a word, or if
 * writing failed. The ids of copies end in "~1", "~2", and so on. */
bool generate(struct generate_figures *figures, FILE *out, const char *bytes, size_t size, uint64_t count,
              uint64_t seed);

#endif
