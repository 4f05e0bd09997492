/* reader.h - the reading half of the engine's table. */
#ifndef LEDE_ENGINES_SHARDS_READER_H
#define LEDE_ENGINES_SHARDS_READER_H

#include "core/index/engine.h"

LEDE_NODISCARD lede_status shards_reader_open(struct engine_reader **out, const char *name, lede_error *err);
void shards_reader_close(struct engine_reader *reader);
bool shards_reader_is_stale(struct engine_reader *reader);
LEDE_NODISCARD lede_status shards_reader_search(struct engine_hits *out, struct engine_reader *reader,
                                                const struct engine_search *search, struct arena *arena,
                                                lede_error *err);
LEDE_NODISCARD lede_status shards_reader_explain(struct explanation *out, struct engine_reader *reader,
                                                 const struct engine_search *search, const struct engine_hit *hit,
                                                 struct arena *arena, lede_error *err);
LEDE_NODISCARD lede_status shards_reader_passage(lede_passage_view *out, struct engine_reader *reader,
                                                 const struct engine_hit *hit, struct arena *arena, lede_error *err);
LEDE_NODISCARD lede_status shards_reader_passage_start(size_t *out, struct engine_reader *reader, const char *key,
                                                       size_t key_len, uint32_t number, lede_error *err);
LEDE_NODISCARD lede_status shards_reader_article(lede_article *out, struct engine_reader *reader, const char *key,
                                                 size_t key_len, struct arena *arena, lede_error *err);
LEDE_NODISCARD lede_status shards_reader_words(struct engine_reader *reader, const struct engine_beginning *beginning,
                                               engine_visit_word *visit, void *ctx, lede_error *err);
LEDE_NODISCARD lede_status shards_reader_frequencies(struct engine_term *terms, size_t count, enum engine_extent of,
                                                     uint64_t *passages, struct engine_reader *reader, lede_error *err);
LEDE_NODISCARD lede_status shards_reader_articles(struct engine_reader *reader, const lede_query *query,
                                                  engine_visit_article *visit, void *ctx, lede_error *err);
LEDE_NODISCARD lede_status shards_reader_stats(lede_stats *out, struct engine_reader *reader, lede_error *err);

#endif
