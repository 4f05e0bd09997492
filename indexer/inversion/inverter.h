/* inverter.h - an inverted index in memory, for one thread, flushed to a segment when it is full. */
#ifndef LEDE_INDEXER_INVERTER_H
#define LEDE_INDEXER_INVERTER_H

#include "core/segment/article.h"
#include "core/segment/segment.h"
#include "core/text/analyzer.h"

struct inverter;

/* `analyzer` and `path` are borrowed for the inverter's life. In the folder of `path` a file without a name is made for
 * what is spilled; NULL: nothing can be. */
LEDE_NODISCARD lede_status inverter_new(struct inverter **out, struct analyzer *analyzer, bool omit_text,
                                        const char *path, lede_error *err);
void inverter_free(struct inverter *inv);
/* Another analyzer of the same language, from now on. */
void inverter_use(struct inverter *inv, struct analyzer *analyzer);

LEDE_NODISCARD lede_status inverter_add(struct inverter *inv, const struct article *article, lede_error *err);

/* Bytes of memory in use, and as much again as a flush will need for a while. */
size_t inverter_memory(const struct inverter *inv);
/* Passages of the segment to be, and spills of it: up to SPILLS_MAX - 1 before the flush. */
uint32_t inverter_passages(const struct inverter *inv);
size_t inverter_spills(const struct inverter *inv);
/* Bytes of its bylines, which can't be as many as 4 GiB (core/segment/columns.h). */
uint64_t inverter_strings(const struct inverter *inv);

/* Puts away what is held, to make room. After a failure the inverter is of no more use. */
LEDE_NODISCARD lede_status inverter_spill(struct inverter *inv, lede_error *err);

/* Forgets the words, which are kept from one spill to the next, if they take more bytes than that. Nothing is held. */
LEDE_NODISCARD lede_status inverter_trim(struct inverter *inv, size_t most, lede_error *err);

/* Where the tags of the keys go at the next flush (core/segment/keys.h), borrowed until then. */
void inverter_tag_keys(struct inverter *inv, struct spool *tags);

/* Called now and then. */
struct inverter_pulse {
    void (*call)(void *ctx);
    void *ctx;
};

/* Writes what is held, and was spilled, to a new segment file at `path` (fsynced), and empties the inverter. There is
 * at least one passage. It does not depend on what was spilled when; and on whether anything was, only
 * in the width of the chunks of frequent terms. `pulse` may be NULL. */
LEDE_NODISCARD lede_status inverter_flush(struct inverter *inv, const char *path, const struct inverter_pulse *pulse,
                                          struct segment_info *info, lede_error *err);

#endif
