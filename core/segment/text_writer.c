#include "text_writer.h"

#include <stdlib.h>
#include <string.h>
#include <zdict.h>
#include <zstd.h>

#include "core/base/error.h"
#include "text_sample.h"
#include "text_table.h"

enum {
    /* Raw bytes of a block. Reading a passage costs the decompression of one, 3 microseconds, and ranking looks at a
     * hundred. A third less saves another microsecond, and makes the text 5 % larger, with its table. */
    BLOCK = 1536,
    /* The same where there is no dictionary. */
    BLOCK_PLAIN = 8 * 1024,
    /* Text that the first dictionary is made of; there is another one each time that there is so many times as much, or
     * so much more. */
    START = TEXT_SAMPLE_ROOM - 2 * BLOCK,
    GROWTH = 4,
    STRETCH = 64 << 20,
    /* Bytes of a dictionary, if there is so many times as much text. Twice as many make the text 1 % smaller. */
    DICTIONARY = 64 * 1024,
    DICTIONARY_PART = 32,
    DICTIONARY_HEAD = 256, /* of it are tables */
    PLACES = 4,            /* in a block, from which its pieces are taken in turns */
    LEVEL = 3,
    /* Of text that is worth copying. */
    COPY_LEAST = 32 << 20,
    /* Compressed bytes copied at once. */
    COPY = 1 << 20,
};

struct text_writer {
    ZSTD_CCtx *context;
    struct buffer raw;         /* of the block under way */
    struct text_sample sample; /* all blocks, which wait for a dictionary, or a part of them since */
    bool is_trained;           /* none waits any more */
    struct spool compressed;   /* not yet drained */
    struct spool entries;
    struct buffer stretches;    /* their records */
    struct text_stretch now;    /* the last of them; without blocks it is none */
    uint64_t raw_end, text_end; /* of all complete blocks, in the text and in TEXT */
    uint64_t fresh;             /* raw bytes since the beginning, or the last text that was copied */
    uint64_t next_training;     /* when so many are there */
    bool failed;
};

lede_status text_writer_new(struct text_writer **out, struct scratch *scratch, lede_error *err) {
    *out = NULL;
    struct text_writer *w = calloc(1, sizeof *w);
    if (!w)
        return error_nomem(err);
    spool_init(&w->entries, scratch, SPOOL_ROOM);
    spool_init(&w->compressed, scratch, SPOOL_ROOM);
    w->next_training = START;
    w->context = ZSTD_createCCtx();
    if (!w->context || ZSTD_isError(ZSTD_CCtx_setParameter(w->context, ZSTD_c_compressionLevel, LEVEL)) ||
        ZSTD_isError(ZSTD_CCtx_setParameter(w->context, ZSTD_c_dictIDFlag, 0))) {
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
    buffer_release(&w->stretches);
    text_sample_release(&w->sample);
    spool_release(&w->compressed);
    spool_release(&w->entries);
    free(w);
}

size_t text_writer_memory(const struct text_writer *w) {
    return w->raw.cap + w->stretches.cap + text_sample_memory(&w->sample) + spool_memory(&w->compressed) +
           spool_memory(&w->entries) + ZSTD_sizeof_CCtx(w->context);
}

/* ---------------------------------------------------------------------------------- stretches -- */

static void append_entry(struct text_writer *w) {
    buffer_append_u32(&w->entries.tail, (uint32_t)(w->raw_end - w->now.raw));
    buffer_append_u32(&w->entries.tail, (uint32_t)(w->text_end - w->now.frames));
    spool_settle(&w->entries);
}

static void end_stretch(struct text_writer *w) {
    uint8_t record[TEXT_STRETCH];
    if (w->now.blocks == 0)
        return;
    append_entry(w);
    text_stretch_store(record, &w->now);
    buffer_append(&w->stretches, record, sizeof record);
    w->now.blocks = 0;
}

/* Begins one with this dictionary, if there is any. */
static void begin_stretch(struct text_writer *w, const uint8_t *dictionary, size_t size) {
    end_stretch(w);
    w->failed |= ZSTD_isError(ZSTD_CCtx_loadDictionary(w->context, dictionary, size));
    spool_append(&w->compressed, dictionary, size);
    w->text_end += size;
    w->now = (struct text_stretch){.raw = w->raw_end,
                                   .frames = w->text_end,
                                   .dictionary_size = (uint32_t)size,
                                   .entries = spool_size(&w->entries)};
}

static void compress(struct text_writer *w, const uint8_t *raw, size_t len) {
    size_t bound = ZSTD_compressBound(len);
    uint8_t *p = buffer_reserve(&w->compressed.tail, bound);
    size_t size = p ? ZSTD_compress2(w->context, p, bound, raw, len) : 0;
    if (!p || ZSTD_isError(size)) {
        w->failed = true;
        return;
    }
    append_entry(w);
    w->compressed.tail.len += size;
    spool_settle(&w->compressed);
    w->text_end += size;
    w->raw_end += len;
    w->now.blocks++;
}

/* Pieces of the sample, as long as they may be: what a dictionary refers to. */
static size_t choose_content(uint8_t *out, size_t room, const struct text_sample *s) {
    size_t most = room / s->count, len = 0, from = 0;
    for (size_t i = 0; i < s->count; from += s->sizes[i++]) {
        size_t n = s->sizes[i] < most ? s->sizes[i] : most;
        /* From the beginnings of blocks, their ends, and between. */
        size_t at = from + (s->sizes[i] - n) * (i % PLACES) / (PLACES - 1);
        memcpy(out + len, s->bytes.data + at, n);
        len += n;
    }
    return len;
}

/* A dictionary of what the sampled text has in common; its size, 0 if that is nothing. */
static size_t make_dictionary(uint8_t out[DICTIONARY], size_t most, const struct text_sample *s) {
    const ZDICT_params_t params = {.compressionLevel = LEVEL};
    uint8_t *content = malloc(DICTIONARY);
    if (!content)
        return 0;
    size_t len = choose_content(content, most - DICTIONARY_HEAD, s);
    size_t size =
        ZDICT_finalizeDictionary(out, most, content, len, s->bytes.data, s->sizes, (unsigned)s->count, params);
    free(content);
    return ZDICT_isError(size) ? 0 : size;
}

/* The text so far tells how the next stretch is compressed; at the beginning, how it is itself. */
static void train(struct text_writer *w) {
    uint8_t *dictionary = malloc(DICTIONARY);
    if (!dictionary) {
        w->failed = true;
        return;
    }
    size_t most = w->fresh / DICTIONARY_PART < DICTIONARY ? (size_t)w->fresh / DICTIONARY_PART : DICTIONARY;
    begin_stretch(w, dictionary, make_dictionary(dictionary, most, &w->sample));
    free(dictionary);
    w->next_training = w->fresh + (w->fresh * (GROWTH - 1) < STRETCH ? w->fresh * (GROWTH - 1) : STRETCH);
}

/* ------------------------------------------------------------------------------------- blocks -- */

/* Compresses the blocks that wait, as many as are in `most` bytes together. */
static void compress_waiting(struct text_writer *w, size_t most) {
    const uint8_t *raw = w->sample.bytes.data;
    size_t len = 0;
    for (size_t i = 0; i < w->sample.count; i++) {
        if (len > 0 && len + w->sample.sizes[i] > most) {
            compress(w, raw, len);
            raw += len;
            len = 0;
        }
        len += w->sample.sizes[i];
    }
    if (len > 0)
        compress(w, raw, len);
}

static void end_block(struct text_writer *w) {
    if (w->raw.len == 0)
        return;
    bool waits = !w->is_trained;
    w->failed |= !text_sample_take(&w->sample, w->raw.data, w->raw.len);
    w->fresh += w->raw.len;
    if (w->fresh >= w->next_training && !w->failed) {
        train(w);
        if (waits)
            compress_waiting(w, BLOCK);
        w->is_trained = true;
        text_sample_clear(&w->sample);
    }
    if (!waits)
        compress(w, w->raw.data, w->raw.len);
    buffer_clear(&w->raw);
}

/* Bytes of a long text that become a block: whole lines, if these are not much less. */
static size_t cut(const char *text) {
    const char *line = memrchr(text + BLOCK / 2, '\n', BLOCK / 2);
    return line ? (size_t)(line + 1 - text) : BLOCK;
}

void text_writer_add(struct text_writer *w, const char *text, size_t len) {
    if (w->raw.len + len > BLOCK)
        end_block(w);
    while (len > BLOCK) {
        size_t n = cut(text);
        buffer_append(&w->raw, text, n);
        end_block(w);
        text += n;
        len -= n;
    }
    buffer_append(&w->raw, text, len);
    w->failed |= w->raw.failed;
}

/* All that was added becomes blocks. */
static void settle(struct text_writer *w) {
    end_block(w);
    if (!w->is_trained && w->sample.count > 0) {
        begin_stretch(w, NULL, 0);
        compress_waiting(w, BLOCK_PLAIN);
    }
    end_stretch(w);
}

/* As it was when it was new, but for what was written. */
static void start_afresh(struct text_writer *w) {
    text_sample_clear(&w->sample);
    w->is_trained = false;
    w->fresh = 0;
    w->next_training = START;
}

/* ------------------------------------------------------------------------------------ writing -- */

void text_writer_drain(struct text_writer *w, struct segment_writer *out) {
    w->failed |= !segment_writer_spool(out, &w->compressed);
    spool_clear(&w->compressed);
}

static bool write_table(struct text_writer *w, struct segment_writer *out) {
    uint8_t count[TEXT_COUNT];
    if (w->raw_end == 0)
        return true;
    store_u64(count, w->stretches.len / TEXT_STRETCH);
    bool ok = segment_writer_spool(out, &w->entries);
    segment_writer_write(out, w->stretches.data, w->stretches.len);
    segment_writer_write(out, count, sizeof count);
    return ok && !w->stretches.failed;
}

bool text_writer_finish(struct text_writer *w, struct segment_writer *out, uint64_t *text_size) {
    settle(w);
    text_writer_drain(w, out);
    segment_writer_end(out);
    *text_size = w->raw_end;
    segment_writer_begin(out, SECTION_TEXT_BLOCKS);
    bool ok = write_table(w, out) && !w->failed;
    segment_writer_end(out);
    spool_clear(&w->entries);
    buffer_clear(&w->stretches);
    start_afresh(w);
    w->raw_end = w->text_end = 0;
    w->failed = false;
    return ok;
}

/* ------------------------------------------------------------------------------------ copying -- */

bool text_is_worth_copying(const struct segment *s) {
    return s->version > SEGMENT_VERSION_BEFORE && s->counts.text_size >= COPY_LEAST;
}

/* Entries stay as they are, and stretches move. */
static lede_status copy_table(struct text_writer *w, const struct segment *s, lede_error *err) {
    const uint8_t *entries = segment_section(s, SECTION_TEXT_BLOCKS)->data;
    uint64_t raw = 0, text = 0;
    for (uint32_t i = 0; i < text_stretch_count(s); i++) {
        struct text_stretch t = text_stretch(s, i);
        const uint8_t *p = entries + t.entries;
        uint8_t record[TEXT_STRETCH];
        if (t.raw != raw || t.frames - t.dictionary_size != text)
            return segment_corrupt(s, SECTION_TEXT_BLOCKS, 0, "stretches of text don't follow each other", err);
        raw += load_u32(p + TEXT_ENTRY * (size_t)t.blocks);
        text = t.frames + load_u32(p + TEXT_ENTRY * (size_t)t.blocks + 4);
        t.raw += w->raw_end;
        t.frames += w->text_end;
        t.entries = spool_size(&w->entries);
        text_stretch_store(record, &t);
        buffer_append(&w->stretches, record, sizeof record);
        spool_append(&w->entries, p, TEXT_ENTRY * ((size_t)t.blocks + 1));
    }
    if (raw != s->counts.text_size || text != segment_section(s, SECTION_TEXT)->size)
        return segment_corrupt(s, SECTION_TEXT_BLOCKS, 0, "stretches of text have another size", err);
    w->raw_end += raw;
    w->text_end += text;
    return LEDE_OK;
}

lede_status text_writer_copy(struct text_writer *w, const struct segment *s, struct segment_writer *out,
                             lede_error *err) {
    settle(w);
    text_writer_drain(w, out);
    start_afresh(w);
    lede_status status = copy_table(w, s, err);
    uint64_t end = segment_section(s, SECTION_TEXT)->size;
    for (uint64_t at = 0; at < end && status == LEDE_OK; at += COPY) {
        segment_writer_write(out, segment_section(s, SECTION_TEXT)->data + at, end - at < COPY ? end - at : COPY);
        segment_drop(s, SECTION_TEXT, at);
    }
    return status;
}
