/* engine.c - which engine an index lies in; and the table of this one. */
#include "core/index/engine.h"

#include "check.h"
#include "places.h"
#include "reader.h"
#include "writer.h"

#include <string.h>

static const struct engine shards = {
    .open = shards_reader_open,
    .close = shards_reader_close,
    .is_stale = shards_reader_is_stale,
    .search = shards_reader_search,
    .explain = shards_reader_explain,
    .passage = shards_reader_passage,
    .passage_start = shards_reader_passage_start,
    .article = shards_reader_article,
    .words = shards_reader_words,
    .frequencies = shards_reader_frequencies,
    .articles = shards_reader_articles,
    .stats = shards_reader_stats,
    .check = shards_check,
    .open_writer = shards_writer_open,
    .close_writer = shards_writer_close,
    .load_sources = shards_writer_load_sources,
    .put = shards_writer_put,
    .remove = shards_writer_remove,
    .remove_source = shards_writer_remove_source,
    .commit = shards_writer_commit,
};

const struct engine *engine_of(const char *name) {
    return strncmp(name, PLACES_PREFIX, strlen(PLACES_PREFIX)) ? NULL : &shards;
}
