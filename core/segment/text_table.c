#include "text_table.h"

#include <stdlib.h>
#include <zdict.h>
#include <zstd.h>

#include "core/base/error.h"

enum {
    /* Of the version before: u64 where a block begins in the text, u64 where in TEXT; and where the last ends. */
    ENTRY_4 = 16,
};

void text_stretch_store(uint8_t p[TEXT_STRETCH], const struct text_stretch *t) {
    store_u64(p, t->raw);
    store_u64(p + 8, t->frames);
    store_u32(p + 16, t->dictionary_size);
    store_u32(p + 20, t->blocks);
    store_u64(p + 24, t->entries);
}

static bool has_stretches(const struct segment *s) {
    return s->version > SEGMENT_VERSION_BEFORE;
}

static const uint8_t *stretch_record(const struct segment *s, uint32_t i) {
    const struct section *x = segment_section(s, SECTION_TEXT_BLOCKS);
    return x->data + x->size - TEXT_COUNT - TEXT_STRETCH * (size_t)(s->stretches - i);
}

uint32_t text_stretch_count(const struct segment *s) {
    return s->stretches;
}

struct text_stretch text_stretch(const struct segment *s, uint32_t i) {
    if (!has_stretches(s)) {
        uint64_t entries = segment_section(s, SECTION_TEXT_BLOCKS)->size / ENTRY_4;
        return (struct text_stretch){.blocks = entries ? (uint32_t)(entries - 1) : 0};
    }
    const uint8_t *p = stretch_record(s, i);
    return (struct text_stretch){load_u64(p), load_u64(p + 8), load_u32(p + 16), load_u32(p + 20), load_u64(p + 24)};
}

/* ------------------------------------------------------------------------------------- blocks -- */

/* Where a block of the stretch begins, in the text or in TEXT. */
static uint64_t block_raw(const struct segment *s, const struct text_stretch *t, uint64_t i) {
    const uint8_t *p = segment_section(s, SECTION_TEXT_BLOCKS)->data + t->entries;
    return has_stretches(s) ? t->raw + load_u32(p + TEXT_ENTRY * i) : load_u64(p + ENTRY_4 * i);
}

static uint64_t block_start(const struct segment *s, const struct text_stretch *t, uint64_t i) {
    const uint8_t *p = segment_section(s, SECTION_TEXT_BLOCKS)->data + t->entries;
    return has_stretches(s) ? t->frames + load_u32(p + TEXT_ENTRY * i + 4) : load_u64(p + ENTRY_4 * i + 8);
}

static uint32_t find_stretch(const struct segment *s, uint64_t at) {
    uint32_t i = s->stretches - 1;
    while (i > 0 && text_stretch(s, i).raw > at)
        i--;
    return i;
}

static uint64_t find_block(const struct segment *s, const struct text_stretch *t, uint64_t at) {
    uint64_t low = 0, high = t->blocks;
    while (low + 1 < high) {
        uint64_t middle = low + (high - low) / 2;
        if (block_raw(s, t, middle) <= at)
            low = middle;
        else
            high = middle;
    }
    return low;
}

lede_status text_block_find(struct text_block *out, const struct segment *s, uint64_t at, lede_error *err) {
    uint32_t stretch = find_stretch(s, at);
    struct text_stretch t = text_stretch(s, stretch);
    uint64_t i = find_block(s, &t, at);
    struct text_block b = {block_raw(s, &t, i), block_raw(s, &t, i + 1), block_start(s, &t, i),
                           block_start(s, &t, i + 1), stretch};
    if (at < b.raw || at >= b.raw_end || b.start > b.end || b.end > segment_section(s, SECTION_TEXT)->size ||
        b.raw_end > s->counts.text_size)
        return segment_corrupt(s, SECTION_TEXT_BLOCKS, t.entries, "bad table of text blocks", err);
    *out = b;
    return LEDE_OK;
}

/* ------------------------------------------------------------------------------- dictionaries -- */

lede_status text_dictionary(const struct ZSTD_DDict_s **out, const struct segment *s, uint32_t stretch,
                            lede_error *err) {
    struct text_stretch t = text_stretch(s, stretch);
    *out = NULL;
    if (t.dictionary_size == 0)
        return LEDE_OK;
    _Atomic(struct ZSTD_DDict_s *) *slot = &s->dictionaries[stretch];
    struct ZSTD_DDict_s *made = atomic_load_explicit(slot, memory_order_acquire), *there = NULL;
    if (!made) {
        uint64_t start = t.frames - t.dictionary_size;
        const uint8_t *dictionary = segment_section(s, SECTION_TEXT)->data + start;
        made = ZSTD_createDDict(dictionary, t.dictionary_size);
        if (!made && ZDICT_isError(ZDICT_getDictHeaderSize(dictionary, t.dictionary_size)))
            return segment_corrupt(s, SECTION_TEXT, start, "the dictionary of the text can't be used", err);
        if (!made)
            return error_nomem(err);
        if (!atomic_compare_exchange_strong_explicit(slot, &there, made, memory_order_acq_rel, memory_order_acquire)) {
            ZSTD_freeDDict(made);
            made = there;
        }
    }
    *out = made;
    return LEDE_OK;
}

/* --------------------------------------------------------------------------------------- open -- */

/* A stretch that others can be read by: what it names lies in the sections. */
static bool stretch_fits(const struct segment *s, uint32_t i, uint64_t records) {
    struct text_stretch t = text_stretch(s, i);
    uint64_t size = segment_section(s, SECTION_TEXT)->size;
    return t.blocks > 0 && t.entries <= records && (records - t.entries) / TEXT_ENTRY > t.blocks && t.frames <= size &&
           t.dictionary_size <= t.frames && t.raw < s->counts.text_size;
}

static lede_status open_stretches(struct segment *s, lede_error *err) {
    const struct section *x = segment_section(s, SECTION_TEXT_BLOCKS);
    uint64_t count = x->size >= TEXT_COUNT ? load_u64(x->data + x->size - TEXT_COUNT) : 0;
    if (count == 0 || count > UINT32_MAX || count > (x->size - TEXT_COUNT) / TEXT_STRETCH)
        return segment_corrupt(s, SECTION_TEXT_BLOCKS, 0, "bad number of stretches of text", err);
    s->stretches = (uint32_t)count;
    for (uint32_t i = 0; i < s->stretches; i++)
        if (!stretch_fits(s, i, x->size - TEXT_COUNT - TEXT_STRETCH * count))
            return segment_corrupt(s, SECTION_TEXT_BLOCKS, 0, "a stretch of text lies outside of it", err);
    s->dictionaries = calloc(s->stretches, sizeof *s->dictionaries);
    return s->dictionaries ? LEDE_OK : error_nomem(err);
}

lede_status text_table_open(struct segment *s, lede_error *err) {
    const struct section *x = segment_section(s, SECTION_TEXT_BLOCKS);
    if (s->counts.text_size == 0)
        return LEDE_OK;
    if (has_stretches(s))
        return open_stretches(s, err);
    s->stretches = 1;
    if (x->size < 2 * ENTRY_4 || x->size % ENTRY_4)
        return segment_corrupt(s, SECTION_TEXT_BLOCKS, 0, "bad table of text blocks", err);
    return LEDE_OK;
}

void text_table_close(struct segment *s) {
    for (uint32_t i = 0; s->dictionaries && i < s->stretches; i++)
        ZSTD_freeDDict(s->dictionaries[i]);
    free(s->dictionaries);
}
