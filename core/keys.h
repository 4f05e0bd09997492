/* keys.h - the table by which an article is found by its key. segment.h has the readers' functions and the format. */
#ifndef LEDE_CORE_KEYS_H
#define LEDE_CORE_KEYS_H

#include "segment_map.h"

/* Sorts the entries of all n articles, which are in order of articles (the hash of its key above an article, 32 bits
 * each), and writes the section. False if memory runs out. */
bool keys_write(uint64_t *entries, uint32_t n, struct segment_writer *out);

/* Bytes of the section of n articles. */
uint64_t keys_size(uint32_t n);

#endif
