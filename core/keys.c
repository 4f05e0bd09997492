#include "keys.h"

#include <stdlib.h>

#include "codec.h"
#include "error.h"
#include "radix.h"

enum {
    /* Enough that of 100 million articles one or two have the hash of a key, and the table stays small. */
    HASH_BITS = 26,
    /* Where the hash of an entry of a part begins; its tag is below, behind the article. */
    HASH_SHIFT = 64 - HASH_BITS,
    /* Entries between two whose place in the bit string is known. */
    SAMPLE = 32,
};

_Static_assert(HASH_BITS + KEYS_TAG_BITS == 32, "a hash and its tag are as many bits as an article");

/* The parts of the section. */
struct parts {
    unsigned article_width, low_width;
    uint64_t low, high, samples; /* where they begin; the articles at 0 */
    uint64_t bits, size;         /* of the high parts; of all */
};

static struct parts parts_of(uint32_t n) {
    unsigned width = bit_width(n - 1), high_width = width < HASH_BITS ? width : HASH_BITS;
    struct parts p = {.article_width = width, .low_width = HASH_BITS - high_width};
    p.bits = n + (UINT64_C(1) << high_width);
    p.low = run_size(n, p.article_width);
    p.high = p.low + run_size(n, p.low_width);
    p.samples = p.high + (p.bits + 7) / 8;
    p.size = p.samples + ((uint64_t)n + SAMPLE - 1) / SAMPLE * 4;
    return p;
}

uint64_t keys_size(uint32_t n) {
    return parts_of(n).size;
}

/* ------------------------------------------------------------------------------------- writer -- */

/* Hash and tag of a key. */
static uint32_t hash_and_tag(const char *key, size_t key_len) {
    return (uint32_t)(file_checksum(key, key_len) >> 32);
}

void keys_writer_init(struct keys_writer *w, struct scratch *scratch) {
    for (uint32_t i = 0; i < 1 << KEYS_PART_BITS; i++)
        spool_init(&w->parts[i], scratch, SPOOL_SMALL);
    w->scratch = scratch;
    w->tags = NULL;
    w->count = 0;
    w->slice = KEYS_SLICE;
    w->memory = 0;
}

void keys_writer_release(struct keys_writer *w) {
    for (uint32_t i = 0; i < 1 << KEYS_PART_BITS; i++)
        spool_release(&w->parts[i]);
}

void keys_writer_add(struct keys_writer *w, const char *key, size_t key_len) {
    uint32_t hash = hash_and_tag(key, key_len);
    struct spool *part = &w->parts[w->scratch ? hash >> (32 - KEYS_PART_BITS) : 0];
    size_t before = spool_memory(part);
    spool_append_u64(part, (uint64_t)hash << 32 | w->count++);
    w->memory += spool_memory(part) - before;
}

/* Those entries of a part whose hashes agree in some bits, which follow those that all of the part agree in. */
struct slice {
    struct spool *part;
    unsigned bits;
    uint32_t value;
};

static bool is_in_slice(const struct slice *slice, uint64_t entry) {
    uint32_t rest = (uint32_t)(entry >> HASH_SHIFT) & ((UINT32_C(1) << (HASH_BITS - KEYS_PART_BITS)) - 1);
    return rest >> (HASH_BITS - KEYS_PART_BITS - slice->bits) == slice->value;
}

/* Appends a piece of the part. */
static void take_piece(struct buffer *entries, const struct slice *slice, const uint8_t *p, size_t size) {
    if (slice->bits == 0) {
        buffer_append(entries, p, size);
        return;
    }
    for (const uint8_t *end = p + size; p < end; p += 8)
        if (is_in_slice(slice, load_u64(p)))
            buffer_append_u64(entries, load_u64(p));
}

/* The entries, sorted: by hash, and those of a hash as they came. False if they can't be had. */
static bool sort_slice(struct buffer *entries, const struct slice *slice) {
    struct spool_reader r;
    size_t size;
    if (slice->bits == 0)
        buffer_reserve(entries, (size_t)spool_size(slice->part));
    spool_reader_init(&r, slice->part);
    for (const uint8_t *p; (p = spool_next(&r, &size));)
        take_piece(entries, slice, p, size);
    spool_reader_release(&r);
    uint64_t *scratch = malloc(entries->len + 8);
    bool ok = scratch && !entries->failed && !spool_failed(slice->part);
    if (ok && entries->len)
        radix_sort((void *)entries->data, scratch, entries->len / 8, HASH_SHIFT, 64);
    free(scratch);
    return ok;
}

/* The parts of the section, as they grow; the articles go first. */
struct key_columns {
    struct spool articles, low, high, samples;
    struct run_packer article_packer, low_packer;
    struct spool *tags; /* NULL: not wanted */
    unsigned low_width;
    uint64_t word, words; /* of the bit string: the one under way, and how many are before it */
    uint32_t count;
};

static void add_entry(struct key_columns *c, uint64_t entry) {
    uint32_t hash = (uint32_t)(entry >> HASH_SHIFT), high = hash >> c->low_width, i = c->count++;
    uint64_t place = (uint64_t)high + i;
    run_packer_add(&c->article_packer, (uint32_t)entry);
    run_packer_add(&c->low_packer, hash & ((UINT32_C(1) << c->low_width) - 1));
    if (c->tags)
        spool_append(c->tags, &(uint8_t){(uint8_t)(entry >> 32 & (KEYS_TAGS - 1))}, 1);
    for (; c->words < place >> 6; c->words++, c->word = 0)
        spool_append_u64(&c->high, c->word);
    c->word |= UINT64_C(1) << (place & 63);
    if (i % SAMPLE == 0)
        spool_append_u32(&c->samples, high);
}

/* The rest of the bit string, of so many bits. */
static void end_high(struct key_columns *c, uint64_t bits) {
    uint8_t bytes[8];
    for (; c->words < bits >> 6; c->words++, c->word = 0)
        spool_append_u64(&c->high, c->word);
    store_u64(bytes, c->word);
    spool_append(&c->high, bytes, (size_t)((bits & 63) + 7) / 8);
}

static bool write_columns(struct key_columns *c, struct segment_writer *out) {
    segment_writer_begin(out, SECTION_KEYS);
    bool ok = spool_write(&c->articles, out) && spool_write(&c->low, out) && spool_write(&c->high, out) &&
              spool_write(&c->samples, out);
    segment_writer_end(out);
    return ok;
}

static void columns_init(struct key_columns *c, const struct parts *parts, struct scratch *scratch) {
    spool_init(&c->articles, scratch, SPOOL_ROOM);
    spool_init(&c->low, scratch, SPOOL_ROOM);
    spool_init(&c->high, scratch, SPOOL_ROOM);
    spool_init(&c->samples, scratch, SPOOL_ROOM);
    run_packer_init(&c->article_packer, &c->articles, parts->article_width);
    run_packer_init(&c->low_packer, &c->low, parts->low_width);
    c->low_width = parts->low_width;
    c->word = c->words = 0;
    c->count = 0;
}

static void columns_release(struct key_columns *c) {
    spool_release(&c->articles);
    spool_release(&c->low);
    spool_release(&c->high);
    spool_release(&c->samples);
    free(c);
}

static bool add_slice(struct key_columns *c, const struct slice *slice) {
    struct buffer entries = BUFFER_EMPTY;
    bool ok = sort_slice(&entries, slice);
    for (size_t i = 0; ok && i < entries.len; i += 8)
        add_entry(c, load_u64(entries.data + i));
    buffer_release(&entries);
    return ok;
}

/* A large part is read several times, for as many slices. */
static bool add_part(struct key_columns *c, struct spool *part, uint32_t most) {
    struct slice slice = {.part = part};
    bool ok = true;
    while (part->scratch && spool_size(part) / 8 >> slice.bits > most && slice.bits < HASH_BITS - KEYS_PART_BITS)
        slice.bits++;
    for (; ok && slice.value < UINT32_C(1) << slice.bits; slice.value++)
        ok = add_slice(c, &slice);
    spool_release(part);
    return ok;
}

bool keys_writer_finish(struct keys_writer *w, struct segment_writer *out) {
    struct parts parts = parts_of(w->count);
    struct key_columns *c = malloc(sizeof *c);
    bool ok = true;
    if (!c)
        return false;
    columns_init(c, &parts, w->scratch);
    c->tags = w->tags;
    for (uint32_t i = 0; ok && i < 1 << KEYS_PART_BITS; i++)
        ok = add_part(c, &w->parts[i], w->slice);
    if (ok) {
        run_packer_flush(&c->article_packer);
        run_packer_flush(&c->low_packer);
        end_high(c, parts.bits);
        ok = write_columns(c, out);
    }
    columns_release(c);
    return ok;
}

/* ------------------------------------------------------------------------------------- reader -- */

uint32_t segment_key_hash(const char *key, size_t key_len) {
    return hash_and_tag(key, key_len) >> KEYS_TAG_BITS;
}

/* How far behind the one at bit `at`, itself number 0, one number n stands. The bits end with `end`. */
static uint64_t nth_one(const uint8_t *bits, uint64_t at, uint64_t end, uint32_t n) {
    for (uint64_t from = at; from < end; from += 57) {
        uint64_t word = load_u64(bits + (from >> 3)) >> (from & 7) & ((UINT64_C(1) << 57) - 1);
        for (; word && n > 0; n--)
            word &= word - 1;
        if (word)
            return from - at + (uint64_t)__builtin_ctzll(word);
    }
    return 0;
}

uint32_t segment_key_entry(const struct segment *s, uint32_t i, uint32_t *article) {
    const uint8_t *data = segment_section(s, SECTION_KEYS)->data;
    struct parts p = parts_of(s->counts.articles);
    uint64_t high = load_u32(data + p.samples + i / SAMPLE * 4);
    high += nth_one(data + p.high, high + i / SAMPLE * SAMPLE, p.bits, i % SAMPLE) - i % SAMPLE;
    *article = run_get(data, i, p.article_width);
    return (uint32_t)(high << p.low_width) | run_get(data + p.low, i, p.low_width);
}

void key_scan_start(struct key_scan *k, const struct segment *s, uint32_t entry) {
    const uint8_t *data = segment_section(s, SECTION_KEYS)->data;
    struct parts p = parts_of(s->counts.articles);
    *k = (struct key_scan){.segment = s,
                           .entry = entry,
                           .hash = KEY_SCAN_END,
                           .articles = data,
                           .low = data + p.low,
                           .high = data + p.high,
                           .article_width = p.article_width,
                           .low_width = p.low_width,
                           .bits = p.bits};
    if (entry >= s->counts.articles)
        return;
    k->hash = segment_key_entry(s, entry, &k->article);
    k->bit = (k->hash >> p.low_width) + entry;
}

void key_scan_next(struct key_scan *k) {
    k->bit += 1 + nth_one(k->high, k->bit + 1, k->bits, 0);
    if (++k->entry >= k->segment->counts.articles || k->bit >= k->bits) {
        k->hash = KEY_SCAN_END;
        return;
    }
    k->article = run_get(k->articles, k->entry, k->article_width);
    k->hash = (k->bit - k->entry) << k->low_width | run_get(k->low, k->entry, k->low_width);
}

/* The first entry whose hash is not below `hash`. */
static uint32_t find_hash(const struct segment *s, uint32_t hash) {
    uint32_t low = 0, high = s->counts.articles, article;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (segment_key_entry(s, middle, &article) < hash)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

lede_status segment_find_key(const struct segment *s, const uint8_t *deleted, const char *key, size_t key_len,
                             uint32_t *article, lede_error *err) {
    uint32_t hash = segment_key_hash(key, key_len);
    lede_status found = LEDE_NOT_FOUND;
    struct article_record *record = NULL;
    struct key_scan scan;
    for (key_scan_start(&scan, s, find_hash(s, hash)); scan.hash == hash; key_scan_next(&scan)) {
        if (!record && !(record = malloc(sizeof *record)))
            return error_nomem(err);
        lede_status status = segment_article(s, scan.article, record, err);
        if (status != LEDE_OK) {
            found = status;
            break;
        }
        uint32_t p = record->first_passage;
        if (record->meta.key_len == key_len && memcmp(record->meta.key, key, key_len) == 0 &&
            !(deleted && (deleted[p >> 3] >> (p & 7) & 1))) {
            *article = scan.article; /* entries of a hash stand in order of articles: the last one stays */
            found = LEDE_OK;
        }
    }
    free(record);
    return found;
}
