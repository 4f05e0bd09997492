/* text_sample.h - a sample of a text of unknown length: pieces from all over it, as far from each other as they have to
 * be to fit into its room. The same text gives the same sample. */
#ifndef LEDE_CORE_TEXT_SAMPLE_H
#define LEDE_CORE_TEXT_SAMPLE_H

#include "core/base/buffer.h"

#define TEXT_SAMPLE_ROOM (512 << 10)

/* All zero is an empty one. */
struct text_sample {
    struct buffer bytes; /* of all pieces, one behind the other */
    size_t *sizes;       /* of each */
    size_t count, cap;
    uint64_t seen, step; /* pieces so far; how many of them one is kept of; 0: all */
};

/* Offers it the next piece. False if there is no memory. */
bool text_sample_take(struct text_sample *s, const uint8_t *piece, size_t len);
/* Forgets the text, keeps the memory. */
void text_sample_clear(struct text_sample *s);
size_t text_sample_memory(const struct text_sample *s);
void text_sample_release(struct text_sample *s);

#endif
