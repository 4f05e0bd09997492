#include "index.h"

static void add_snapshot(lede_stats *out, const struct snapshot *s) {
    uint64_t deleted_articles = 0;
    for (size_t i = 0; i < s->segment_count; i++) {
        segment_stats(s->segments[i].segment, out);
        deleted_articles += s->segments[i].deleted_articles;
    }
    out->articles -= deleted_articles;
    out->passages -= s->deleted_passages;
    out->deleted_passages = s->deleted_passages;
    out->average_length = s->passages ? (double)s->total_length / (double)s->passages : 0;
    out->language = s->language;
    out->passages_mode = s->passages_mode;
    out->has_text = !s->omit_text;
    out->commit = s->commit;
}

lede_status lede_index_stats(lede_stats *out, const lede_index *index, lede_error *err) {
    const struct snapshot *s = index->snapshot;
    if (index->reader)
        return index->reader->engine->stats(out, index->reader, err);
    *out = (lede_stats){.articles = 0};
    add_snapshot(out, s);
    out->bytes_catalogue = snapshot_catalogue_size(s);
    out->bytes_total += out->bytes_catalogue;
    lede_status status = snapshot_source_count(s, &out->sources, err);
    if (status)
        *out = (lede_stats){.articles = 0};
    return status;
}
