/* writer.h - the writing half of the engine's table. */
#ifndef LEDE_ENGINES_SHARDS_WRITER_H
#define LEDE_ENGINES_SHARDS_WRITER_H

#include "core/index/engine.h"

LEDE_NODISCARD lede_status shards_writer_open(struct engine_writer **out, const char *name,
                                              const struct engine_settings *wanted, bool must_exist, lede_error *err);
void shards_writer_close(struct engine_writer *writer);
LEDE_NODISCARD lede_status shards_writer_load_sources(struct engine_writer *writer, struct catalogue *catalogue,
                                                      uint64_t *next_source, lede_error *err);
LEDE_NODISCARD lede_status shards_writer_put(struct engine_writer *writer, struct analyzer *analyzer,
                                             const struct article *article, const char *path, lede_error *err);
LEDE_NODISCARD lede_status shards_writer_remove(struct engine_writer *writer, const char *key, size_t key_len,
                                                uint64_t *deleted, bool *found, lede_error *err);
LEDE_NODISCARD lede_status shards_writer_remove_source(struct engine_writer *writer, uint64_t source, uint64_t *deleted,
                                                       lede_error *err);
LEDE_NODISCARD lede_status shards_writer_commit(struct engine_writer *writer, struct catalogue *catalogue,
                                                lede_commit_info *info, lede_error *err);

#endif
