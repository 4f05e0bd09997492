/* inverter.h - an inverted index in memory, for one thread, flushed to a segment when it is full. */
#ifndef LEDE_INDEXER_INVERTER_H
#define LEDE_INDEXER_INVERTER_H

#include "../core/analyzer.h"
#include "../core/article.h"
#include "../core/segment.h"

struct inverter;

/* `analyzer` is borrowed for the inverter's life. */
LEDE_NODISCARD lede_status inverter_new(struct inverter **out, struct analyzer *analyzer, bool omit_text,
                                        lede_error *err);
void inverter_free(struct inverter *inv);

LEDE_NODISCARD lede_status inverter_add(struct inverter *inv, const struct article *article, lede_error *err);

/* Bytes of memory in use, and as much again as a flush will need for a while. */
size_t inverter_memory(const struct inverter *inv);
/* Passages held. */
uint32_t inverter_passages(const struct inverter *inv);

/* Writes what is held to a new segment file at `path` (fsynced), and empties the inverter. At least one passage is
 * held. */
LEDE_NODISCARD lede_status inverter_flush(struct inverter *inv, const char *path, struct segment_info *info,
                                          lede_error *err);

#endif
