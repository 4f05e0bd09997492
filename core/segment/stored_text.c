#include "stored_text.h"

#include <stdlib.h>
#include <zstd.h>

#include "core/base/error.h"

enum {
    /* Raw bytes of a block: reading a passage costs the decompression of one, some 10 microseconds, and ranking looks
     * at a hundred. Four times as many would cost 23, and make the text a tenth smaller. A body longer than this goes
     * into blocks of its own size. */
    TEXT_BLOCK = 8 * 1024,
    /* The table of blocks: where each begins, raw and compressed, and where the last ends. */
    ENTRY = 16,
    LEVEL = 3,
    /* Compressed bytes copied at once. */
    COPY = 1 << 20,
};

struct text_writer {
    ZSTD_CCtx *context;
    struct buffer raw;       /* of the block under way */
    struct spool compressed; /* blocks not yet drained */
    struct spool table;
    uint64_t raw_end, compressed_end; /* of all complete blocks */
    bool failed;
};

lede_status text_writer_new(struct text_writer **out, struct scratch *scratch, lede_error *err) {
    *out = NULL;
    struct text_writer *w = calloc(1, sizeof *w);
    if (!w)
        return error_nomem(err);
    spool_init(&w->table, scratch, SPOOL_ROOM);
    spool_init(&w->compressed, scratch, SPOOL_ROOM);
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
    spool_release(&w->compressed);
    spool_release(&w->table);
    free(w);
}

size_t text_writer_memory(const struct text_writer *w) {
    return w->raw.cap + spool_memory(&w->compressed) + spool_memory(&w->table);
}

static void append_entry(struct text_writer *w) {
    buffer_append_u64(&w->table.tail, w->raw_end);
    buffer_append_u64(&w->table.tail, w->compressed_end);
    spool_settle(&w->table);
}

static void end_block(struct text_writer *w) {
    if (w->raw.len == 0)
        return;
    size_t bound = ZSTD_compressBound(w->raw.len);
    uint8_t *p = buffer_reserve(&w->compressed.tail, bound);
    size_t size = p ? ZSTD_compress2(w->context, p, bound, w->raw.data, w->raw.len) : 0;
    if (!p || ZSTD_isError(size)) {
        w->failed = true;
        return;
    }
    append_entry(w);
    w->compressed.tail.len += size;
    spool_settle(&w->compressed);
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
    w->failed |= !segment_writer_spool(out, &w->compressed);
    spool_clear(&w->compressed);
}

bool text_writer_finish(struct text_writer *w, struct segment_writer *out, uint64_t *text_size) {
    end_block(w);
    text_writer_drain(w, out);
    segment_writer_end(out);
    append_entry(w);
    *text_size = w->raw_end;
    if (w->raw_end == 0)
        spool_clear(&w->table);
    segment_writer_begin(out, SECTION_TEXT_BLOCKS);
    bool ok = segment_writer_spool(out, &w->table) && !w->failed && !w->raw.failed;
    segment_writer_end(out);
    buffer_clear(&w->raw);
    spool_clear(&w->table);
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

static lede_status load_block(struct text_reader *r, const struct text_block *b, lede_error *err) {
    const uint8_t *in = segment_section(r->segment, SECTION_TEXT)->data + b->start;
    size_t size = (size_t)(b->end - b->start), raw_size = (size_t)(b->raw_end - b->raw);
    r->raw = r->raw_end = 0;
    buffer_clear(&r->block);
    if (!r->context && !(r->context = ZSTD_createDCtx()))
        return error_nomem(err);
    /* The frame has to say the same size before memory is asked for. */
    if (ZSTD_getFrameContentSize(in, size) != raw_size)
        return segment_corrupt(r->segment, SECTION_TEXT, b->start, "compressed block of another size", err);
    if (!buffer_reserve(&r->block, raw_size))
        return error_nomem(err);
    size_t done = ZSTD_decompressDCtx(r->context, r->block.data, raw_size, in, size);
    if (ZSTD_isError(done) || done != raw_size)
        return segment_corrupt(r->segment, SECTION_TEXT, b->start, "compressed block is damaged", err);
    r->block.len = raw_size;
    r->raw = b->raw;
    r->raw_end = b->raw_end;
    return LEDE_OK;
}

static lede_status find_and_load(struct text_reader *r, uint64_t at, lede_error *err) {
    const struct segment *s = r->segment;
    uint64_t i = find_block(s, at);
    struct text_block b;
    if (i >= block_count(s) || !read_block(s, i, &b) || at < b.raw || at >= b.raw_end)
        return segment_corrupt(s, SECTION_TEXT_BLOCKS, ENTRY * i, "bad table of text blocks", err);
    return load_block(r, &b, err);
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
            lede_status status = find_and_load(r, start, err);
            if (status != LEDE_OK)
                return status;
        }
        uint64_t stop = end < r->raw_end ? end : r->raw_end;
        buffer_append(out, r->block.data + (start - r->raw), (size_t)(stop - start));
        start = stop;
    }
    return out->failed ? error_nomem(err) : LEDE_OK;
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
    for (uint64_t at = 0; at < end; at += COPY) {
        segment_writer_write(out, segment_section(s, SECTION_TEXT)->data + at, end - at < COPY ? end - at : COPY);
        segment_drop(s, SECTION_TEXT, at);
    }
    return LEDE_OK;
}
