#include "stored_text.h"

#include <stdlib.h>
#include <zstd.h>

#include "error.h"

enum {
    /* Raw bytes of a block: a hit costs the decompression of one, some 50 microseconds, while larger ones would hardly
     * compress better. A body longer than this goes into blocks of its own size. */
    TEXT_BLOCK = 64 * 1024,
    /* The table of blocks: where each begins, raw and compressed, and where the last ends. */
    ENTRY = 16,
    LEVEL = 3,
};

struct text_writer {
    ZSTD_CCtx *context;
    struct buffer raw;        /* of the block under way */
    struct buffer compressed; /* blocks not yet drained */
    struct buffer table;
    uint64_t raw_end, compressed_end; /* of all complete blocks */
    bool failed;
};

lede_status text_writer_new(struct text_writer **out, lede_error *err) {
    *out = NULL;
    struct text_writer *w = calloc(1, sizeof *w);
    if (!w)
        return error_nomem(err);
    w->context = ZSTD_createCCtx();
    if (!w->context || ZSTD_isError(ZSTD_CCtx_setParameter(w->context, ZSTD_c_compressionLevel, LEVEL))) {
        text_writer_free(w);
        return error_nomem(err);
    }
    *out = w;
    return LEDE_OK;
}

void text_writer_free(struct text_writer *w) {
    if (!w)
        return;
    ZSTD_freeCCtx(w->context);
    buffer_release(&w->raw);
    buffer_release(&w->compressed);
    buffer_release(&w->table);
    free(w);
}

size_t text_writer_memory(const struct text_writer *w) {
    return w->raw.cap + w->compressed.cap + w->table.cap;
}

static void append_entry(struct text_writer *w) {
    buffer_append_u64(&w->table, w->raw_end);
    buffer_append_u64(&w->table, w->compressed_end);
}

static void end_block(struct text_writer *w) {
    if (w->raw.len == 0)
        return;
    size_t bound = ZSTD_compressBound(w->raw.len);
    uint8_t *p = buffer_reserve(&w->compressed, bound);
    size_t size = p ? ZSTD_compress2(w->context, p, bound, w->raw.data, w->raw.len) : 0;
    if (!p || ZSTD_isError(size)) {
        w->failed = true;
        return;
    }
    append_entry(w);
    w->compressed.len += size;
    w->compressed_end += size;
    w->raw_end += w->raw.len;
    buffer_clear(&w->raw);
}

void text_writer_add(struct text_writer *w, const char *text, size_t len) {
    if (w->raw.len + len > TEXT_BLOCK)
        end_block(w);
    buffer_append(&w->raw, text, len);
}

void text_writer_drain(struct text_writer *w, struct segment_writer *out) {
    segment_writer_write(out, w->compressed.data, w->compressed.len);
    w->failed |= w->compressed.failed;
    buffer_clear(&w->compressed);
}

bool text_writer_finish(struct text_writer *w, struct segment_writer *out, uint64_t *text_size) {
    end_block(w);
    text_writer_drain(w, out);
    segment_writer_end(out);
    append_entry(w);
    *text_size = w->raw_end;
    if (w->raw_end == 0)
        buffer_clear(&w->table);
    segment_writer_section(out, SECTION_TEXT_BLOCKS, &w->table);
    bool ok = !w->failed && !w->raw.failed && !w->table.failed;
    buffer_clear(&w->raw);
    buffer_clear(&w->table);
    w->raw_end = w->compressed_end = 0;
    w->failed = false;
    return ok;
}

/* ------------------------------------------------------------------------------------- reader -- */

struct text_block {
    uint64_t raw, raw_end, start, end;
};

static bool read_block(const struct segment *s, uint64_t i, struct text_block *b) {
    const uint8_t *p = segment_section(s, SECTION_TEXT_BLOCKS)->data + ENTRY * i;
    *b = (struct text_block){load_u64(p), load_u64(p + ENTRY), load_u64(p + 8), load_u64(p + ENTRY + 8)};
    return b->raw < b->raw_end && b->start <= b->end && b->end <= segment_section(s, SECTION_TEXT)->size &&
           b->raw_end <= s->counts.text_size;
}

static uint64_t block_count(const struct segment *s) {
    uint64_t entries = segment_section(s, SECTION_TEXT_BLOCKS)->size / ENTRY;
    return entries ? entries - 1 : 0;
}

/* The block that holds byte `at` of the text. */
static uint64_t find_block(const struct segment *s, uint64_t at) {
    uint64_t low = 0, high = block_count(s);
    while (low + 1 < high) {
        uint64_t middle = low + (high - low) / 2;
        if (load_u64(segment_section(s, SECTION_TEXT_BLOCKS)->data + ENTRY * middle) <= at)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* Appends the bytes of block b that lie in [start, end) of the text. */
static lede_status append_block(const struct segment *s, const struct text_block *b, uint64_t start, uint64_t end,
                                struct buffer *out, lede_error *err) {
    const uint8_t *in = segment_section(s, SECTION_TEXT)->data + b->start;
    size_t raw_size = (size_t)(b->raw_end - b->raw);
    /* The frame says its size too: no more than it is believed, so that no lie makes us ask for all memory. */
    if (ZSTD_getFrameContentSize(in, (size_t)(b->end - b->start)) != raw_size)
        return segment_corrupt(s, SECTION_TEXT, b->start, "compressed block of another size", err);
    struct buffer raw = BUFFER_EMPTY;
    if (!buffer_reserve(&raw, raw_size))
        return error_nomem(err);
    size_t size = ZSTD_decompress(raw.data, raw_size, in, (size_t)(b->end - b->start));
    lede_status status = LEDE_OK;
    if (ZSTD_isError(size) || size != raw_size) {
        status = segment_corrupt(s, SECTION_TEXT, b->start, "compressed block is damaged", err);
    } else {
        uint64_t from = start > b->raw ? start - b->raw : 0, to = (end < b->raw_end ? end : b->raw_end) - b->raw;
        buffer_append(out, raw.data + from, (size_t)(to - from));
        if (out->failed)
            status = error_nomem(err);
    }
    buffer_release(&raw);
    return status;
}

lede_status segment_text(const struct segment *s, uint64_t start, uint64_t len, struct buffer *out, lede_error *err) {
    if (len == 0)
        return LEDE_OK;
    if (s->counts.text_size == 0)
        return error_set(err, LEDE_UNSUPPORTED, "%s: the index keeps no text", s->path);
    if (start > s->counts.text_size || len > s->counts.text_size - start)
        return segment_corrupt(s, SECTION_ARTICLES, 0, "an article's text lies outside of the segment's", err);
    lede_status status = LEDE_OK;
    uint64_t end = start + len;
    struct text_block b = {0};
    for (uint64_t i = find_block(s, start); status == LEDE_OK && b.raw_end < end; i++) {
        if (i >= block_count(s) || !read_block(s, i, &b) || b.raw > start || (i > 0 && b.raw_end <= start))
            return segment_corrupt(s, SECTION_TEXT_BLOCKS, ENTRY * i, "bad table of text blocks", err);
        status = append_block(s, &b, start, end, out, err);
        start = b.raw_end;
    }
    return status;
}

lede_status text_writer_copy(struct text_writer *w, const struct segment *s, struct segment_writer *out,
                             lede_error *err) {
    end_block(w);
    text_writer_drain(w, out);
    uint64_t count = block_count(s), end = 0, raw_end = 0;
    struct text_block b;
    for (uint64_t i = 0; i < count; i++) {
        if (!read_block(s, i, &b) || b.start != end || b.raw != raw_end)
            return segment_corrupt(s, SECTION_TEXT_BLOCKS, ENTRY * i, "bad table of text blocks", err);
        append_entry(w);
        w->raw_end += b.raw_end - b.raw;
        w->compressed_end += b.end - b.start;
        end = b.end;
        raw_end = b.raw_end;
    }
    segment_writer_write(out, segment_section(s, SECTION_TEXT)->data, end);
    return LEDE_OK;
}
