/* scanner.h - finding the words of a text, the hottest loop of the indexer.
 *
 * Words are the pieces that ICU's word break iterator (root locale) gives a status of number, letter, kana or
 * ideograph, with some signs apart: see is_separator in unicode.h. Three tiers find them:
 *
 *     1  runs of ASCII letters, digits and '_'   by the edges of bit masks with one bit a byte
 *     2  other letters, marks, apostrophes,      by the rules of UAX #29 over a table of character classes
 *        "3.14", "U.S."
 *     3  what a dictionary has to cut, Hebrew    by ICU, for the stretch of such text alone
 *
 * All three restart at any boundary: UAX #29 as ICU implements it finds the next boundary from the last one and what
 * follows, never from what stands before. The first tier looks at a batch of the text at a time:
 *
 *     text     Mr. Łódź's "3.14" a_b
 *     word     11. 1111.1. 1.11. 111       ASCII letters, digits, '_', and every byte of other characters
 *     special            ^     ^           ends of runs that are for the second tier: they hold characters that are not
 *                                          ASCII, or a sign follows that may join them to the next one
 */
#ifndef LEDE_CORE_SCANNER_H
#define LEDE_CORE_SCANNER_H

#include "analyzer.h"
#include "unicode.h"

/* One bit for each of 64 bytes of text, lowest first. */
struct scanner_masks {
    uint64_t word; /* ASCII letters, digits and '_', and every byte of other characters */
    uint64_t high; /* every byte of characters that are not ASCII */
    uint64_t mid;  /* signs that may join what stands on their sides: ' , . ; */
};

#define SCANNER_BLOCK 64
/* Blocks in a batch: enough to hide what starting one costs, few enough for the first level of the cache. */
#define SCANNER_BLOCKS 8
#define SCANNER_BATCH  (SCANNER_BLOCKS * SCANNER_BLOCK)
/* Edges that are written together, at most. */
#define SCANNER_EDGES 64

struct scanner;

/* Finds the runs of the batch that starts at the boundary `base`. */
typedef void scanner_load(struct scanner *s, size_t base);

struct scanner {
    struct unicode *unicode; /* borrowed */
    scanner_load *load;
    const uint8_t *text; /* borrowed */
    size_t len;
    size_t pos;    /* where the last word ended, or where to go on */
    size_t region; /* where ICU's stretch of text starts; SIZE_MAX if it is not at work */
    /* The batch, and where the next one starts. Edges are counted from its base. */
    size_t base, next_base;
    uint32_t edge, edge_count;
    uint64_t special[SCANNER_BLOCKS + 1];
    uint16_t edges[SCANNER_BATCH + SCANNER_EDGES];
    /* Word classes of characters up to U+FFFF, 256 each, as far as they were met. */
    const uint8_t *pages[256];
};

void scanner_init(struct scanner *s, struct unicode *unicode);
/* The ways to load a batch that this machine has, which all find the same: the fastest first, NULL behind the last. */
scanner_load *const *scanner_loads(void);

/* Starts on a text. */
void scanner_reset(struct scanner *s, const char *text, size_t len);

/* The next word; false at the end of the text, or when `unicode` has failed. */
bool scanner_next(struct scanner *s, struct word *word);

/* The masks of the 64 bytes at p: with the vector unit of the machine where there is one, and without. */
struct scanner_masks scanner_classify(const uint8_t *p);
struct scanner_masks scanner_classify_plainly(const uint8_t *p);

#endif
