#include "keys.h"

#include <stdlib.h>

#include "codec.h"
#include "error.h"
#include "radix.h"

enum {
    /* Enough that of 100 million articles one or two have the hash of a key, and the table stays small. */
    HASH_BITS = 26,
    /* Entries between two whose place in the bit string is known. */
    SAMPLE = 32,
};

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

static uint32_t hash_of(uint64_t entry) {
    return (uint32_t)(entry >> 32);
}

static uint32_t article_of(uint64_t entry) {
    return (uint32_t)entry;
}

static void put_run(uint8_t *to, const uint64_t *entries, uint32_t n, unsigned width, bool articles) {
    uint32_t batch[SAMPLE * 8]; /* whole bytes whatever the width */
    uint32_t mask = (uint32_t)((UINT64_C(1) << width) - 1);
    for (uint32_t i = 0, count; i < n; i += count) {
        count = n - i < SAMPLE * 8 ? n - i : SAMPLE * 8;
        for (uint32_t k = 0; k < count; k++)
            batch[k] = (articles ? article_of(entries[i + k]) : hash_of(entries[i + k])) & mask;
        pack_run(to + (uint64_t)i * width / 8, batch, count, width);
    }
}

static void put_high(uint8_t *bits, uint8_t *samples, const uint64_t *entries, uint32_t n, unsigned low_width) {
    for (uint32_t i = 0; i < n; i++) {
        uint32_t high = hash_of(entries[i]) >> low_width;
        uint64_t place = (uint64_t)high + i;
        bits[place >> 3] |= (uint8_t)(1U << (place & 7));
        if (i % SAMPLE == 0)
            store_u32(samples + i / SAMPLE * 4, high);
    }
}

bool keys_write(uint64_t *entries, uint32_t n, struct segment_writer *out) {
    struct parts p = parts_of(n);
    uint8_t *bytes = calloc(1, p.size + 8);
    uint64_t *scratch = malloc(n * sizeof *scratch);
    if (bytes && scratch) {
        radix_sort(entries, scratch, n, 32, 32 + HASH_BITS);
        /* In this order, as packing a run overwrites what comes behind. */
        put_run(bytes, entries, n, p.article_width, true);
        put_run(bytes + p.low, entries, n, p.low_width, false);
        memset(bytes + p.high, 0, p.size - p.high);
        put_high(bytes + p.high, bytes + p.samples, entries, n, p.low_width);
        segment_writer_begin(out, SECTION_KEYS);
        segment_writer_write(out, bytes, p.size);
        segment_writer_end(out);
    }
    bool ok = bytes && scratch;
    free(bytes);
    free(scratch);
    return ok;
}

/* ------------------------------------------------------------------------------------- reader -- */

uint32_t segment_key_hash(const char *key, size_t key_len) {
    return (uint32_t)(file_checksum(key, key_len) >> (64 - HASH_BITS));
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
