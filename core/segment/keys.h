/* keys.h - the table by which an article is found by its key. segment.h has the readers' functions and the format. */
#ifndef LEDE_CORE_KEYS_H
#define LEDE_CORE_KEYS_H

#include "core/base/spool.h"
#include "segment_map.h"

/* Collects the keys of articles, and sorts them by their hashes: in parts by the highest bits, of each of which so many
 * keys, about, are sorted in memory at once. */
#define KEYS_PART_BITS 8
#define KEYS_SLICE     (1 << 16)

struct keys_writer {
    struct spool parts[1 << KEYS_PART_BITS]; /* u64 each: hash, tag, article */
    struct scratch *scratch;
    struct spool *tags; /* where the tags go, borrowed; NULL: nowhere */
    uint32_t count;
    uint32_t followers, last_hash; /* articles whose hash is the one before's and one; that of the last */
    uint32_t runs;                 /* of the section, once it is written */
    uint32_t slice;                /* KEYS_SLICE; tests make it less */
    size_t memory;                 /* of all parts */
};

/* With a scratch file (borrowed) there are as many parts as can be, else one. */
void keys_writer_init(struct keys_writer *w, struct scratch *scratch);
void keys_writer_release(struct keys_writer *w);
/* Of the next article. */
void keys_writer_add(struct keys_writer *w, const char *key, size_t key_len);
/* Writes the section. False if memory ran out at some time, or the scratch file failed. */
bool keys_writer_finish(struct keys_writer *w, struct segment_writer *out);

/* Keys of a hash that have not the same tag, below KEYS_TAGS, are not the same. The tags are not part of the section:
 * keys_writer_finish appends a byte for each of its entries to keys_writer.tags. */
#define KEYS_TAG_BITS 6
#define KEYS_TAGS     (1 << KEYS_TAG_BITS)

/* Bytes of the section of so many articles in so many runs. */
uint64_t keys_size(uint32_t articles, uint32_t runs);

#endif
