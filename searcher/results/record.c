#include "record.h"

#include "core/base/error.h"
#include "core/text/utf8.h"

#include <stdlib.h>

lede_status record_copy(lede_article *out, struct arena *arena, const struct article_record *record, lede_error *err) {
    const lede_article *in = &record->meta;
    *out = *in;
    out->key = arena_strndup(arena, in->key, in->key_len);
    out->title = arena_strndup(arena, in->title, in->title_len);
    out->byline = arena_strndup(arena, in->byline, in->byline_len);
    out->dateline = arena_strndup(arena, in->dateline, in->dateline_len);
    out->credit = arena_strndup(arena, in->credit, in->credit_len);
    out->language = arena_strndup(arena, in->language, in->language_len);
    out->body = "";
    out->body_len = 0;
    out->path = "";
    out->passages = record->passage_count;
    if (!out->key || !out->title || !out->byline || !out->dateline || !out->credit || !out->language)
        return error_nomem(err);
    return LEDE_OK;
}

lede_status record_path(const char **out, struct arena *arena, const struct snapshot *snapshot, uint64_t source,
                        lede_error *err) {
    char *path = NULL;
    lede_status status = snapshot_source_path(snapshot, source, &path, err);
    if (status != LEDE_OK)
        return status;
    *out = arena_strndup(arena, path, strlen(path));
    free(path);
    return *out ? LEDE_OK : error_nomem(err);
}

lede_status record_text(const char **out, struct arena *arena, struct text_reader *reader,
                        const struct article_record *record, uint32_t start, size_t len, lede_error *err) {
    struct buffer text = BUFFER_EMPTY;
    *out = "";
    if (len == 0)
        return LEDE_OK;
    lede_status status = text_reader_read(reader, record->text + start, len, &text, err);
    if (status == LEDE_OK && !utf8_valid((const char *)text.data, text.len))
        status = error_set(err, LEDE_CORRUPT, "%s: text of article %s is not UTF-8; run `lede check`, then index again",
                           segment_path(reader->segment), record->meta.key);
    if (status == LEDE_OK && !(*out = arena_strndup(arena, (const char *)text.data, text.len)))
        status = error_nomem(err);
    buffer_release(&text);
    return status;
}
