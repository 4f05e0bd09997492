#include "stored_text.h"

#include <zstd.h>

#include "core/base/error.h"
#include "text_table.h"

void text_reader_use(struct text_reader *r, const struct segment *s) {
    if (s != r->segment)
        r->raw = r->raw_end = 0;
    r->segment = s;
}

void text_reader_release(struct text_reader *r) {
    buffer_release(&r->block);
    ZSTD_freeDCtx(r->context);
    *r = TEXT_READER_EMPTY;
}

static lede_status decompress(struct text_reader *r, const struct text_block *b, size_t raw_size, lede_error *err) {
    const uint8_t *in = segment_section(r->segment, SECTION_TEXT)->data + b->start;
    const struct ZSTD_DDict_s *dictionary;
    size_t size = (size_t)(b->end - b->start);
    lede_status status = text_dictionary(&dictionary, r->segment, b->stretch, err);
    if (status != LEDE_OK)
        return status;
    /* The frame has to say the same size before memory is asked for. */
    if (ZSTD_getFrameContentSize(in, size) != raw_size)
        return segment_corrupt(r->segment, SECTION_TEXT, b->start, "compressed block of another size", err);
    if (!buffer_reserve(&r->block, raw_size))
        return error_nomem(err);
    size_t done = ZSTD_decompress_usingDDict(r->context, r->block.data, raw_size, in, size, dictionary);
    if (ZSTD_isError(done) || done != raw_size)
        return segment_corrupt(r->segment, SECTION_TEXT, b->start, "compressed block is damaged", err);
    r->block.len = raw_size;
    return LEDE_OK;
}

/* The block that holds byte `at` of the text. */
static lede_status load_block(struct text_reader *r, uint64_t at, lede_error *err) {
    struct text_block b;
    lede_status status = text_block_find(&b, r->segment, at, err);
    r->raw = r->raw_end = 0;
    buffer_clear(&r->block);
    if (status == LEDE_OK && !r->context && !(r->context = ZSTD_createDCtx()))
        return error_nomem(err);
    if (status == LEDE_OK)
        status = decompress(r, &b, (size_t)(b.raw_end - b.raw), err);
    if (status != LEDE_OK)
        return status;
    r->raw = b.raw;
    r->raw_end = b.raw_end;
    return LEDE_OK;
}

lede_status text_reader_read(struct text_reader *r, uint64_t start, uint64_t len, struct buffer *out, lede_error *err) {
    const struct segment *s = r->segment;
    if (len == 0)
        return LEDE_OK;
    if (s->counts.text_size == 0)
        return error_set(err, LEDE_UNSUPPORTED, "%s: the index keeps no text", s->path);
    if (start > s->counts.text_size || len > s->counts.text_size - start)
        return segment_corrupt(s, SECTION_ARTICLES, 0, "an article's text lies outside of the segment's", err);
    for (uint64_t end = start + len; start < end;) {
        if (start < r->raw || start >= r->raw_end) {
            lede_status status = load_block(r, start, err);
            if (status != LEDE_OK)
                return status;
        }
        uint64_t stop = end < r->raw_end ? end : r->raw_end;
        buffer_append(out, r->block.data + (start - r->raw), (size_t)(stop - start));
        start = stop;
    }
    return out->failed ? error_nomem(err) : LEDE_OK;
}
