#include "keys.h"

#include <stdlib.h>

#include "core/base/codec.h"
#include "core/base/error.h"
#include "core/base/radix.h"

enum {
    /* Enough that of 100 million articles one or two have the hash of a key, and the table stays small. */
    HASH_BITS = 26,
    /* Where the hash of an entry of a part begins; its tag is below, behind the article. */
    HASH_SHIFT = 64 - HASH_BITS,
    /* Of keys with digits at their end: as many of these, at most, are the lowest bits of the hash. */
    DIGITS = 2,
    DIGITS_BITS = 7,
    /* Bits of a run's length, less one. */
    LENGTH_BITS = 7,
    MAX_LENGTH = 1 << LENGTH_BITS,
    /* An article that goes on with a run saves as much as a few lengths take: runs are worth it if one in so many
     * does. */
    WORTH_IT = 5,
    /* Runs between two whose place in the bit string is known. */
    SAMPLE = 32,
};

_Static_assert(HASH_BITS + KEYS_TAG_BITS == 32, "a hash and its tag are as many bits as an article");

/* The parts of the section. */
struct parts {
    unsigned article_width, length_width, low_width;
    uint64_t lengths, low, high, samples; /* where they begin; the articles at 0 */
    uint64_t bits, size;                  /* of the high parts; of all */
};

static struct parts parts_of(uint32_t articles, uint32_t runs) {
    unsigned width = bit_width(runs - 1), high_width = width < HASH_BITS ? width : HASH_BITS;
    struct parts p = {.article_width = bit_width(articles - 1),
                      .length_width = runs < articles ? LENGTH_BITS : 0,
                      .low_width = HASH_BITS - high_width};
    p.bits = runs + (UINT64_C(1) << high_width);
    p.lengths = run_size(runs, p.article_width);
    p.low = p.lengths + run_size(runs, p.length_width);
    p.high = p.low + run_size(runs, p.low_width);
    p.samples = p.high + (p.bits + 7) / 8;
    p.size = p.samples + ((uint64_t)runs + SAMPLE - 1) / SAMPLE * 4;
    return p;
}

uint64_t keys_size(uint32_t articles, uint32_t runs) {
    return parts_of(articles, runs).size;
}

/* ------------------------------------------------------------------------------------- writer -- */

/* Hash and tag of a key. Keys that count have hashes that count. */
static uint32_t hash_and_tag(const char *key, size_t key_len) {
    uint32_t number = 0, unit = 1;
    size_t stem = key_len;
    for (; stem > 0 && key_len - stem < DIGITS && key[stem - 1] >= '0' && key[stem - 1] <= '9'; unit *= 10)
        number += (uint32_t)(key[--stem] - '0') * unit;
    uint32_t hash = (uint32_t)(file_checksum(key, stem) >> 32), mask = ((1U << DIGITS_BITS) - 1) << KEYS_TAG_BITS;
    return stem < key_len ? (hash & ~mask) | number << KEYS_TAG_BITS : hash;
}

void keys_writer_init(struct keys_writer *w, struct scratch *scratch) {
    for (uint32_t i = 0; i < 1 << KEYS_PART_BITS; i++)
        spool_init(&w->parts[i], scratch, SPOOL_SMALL);
    w->scratch = scratch;
    w->tags = NULL;
    w->count = w->followers = w->last_hash = w->runs = 0;
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
    w->followers += w->count > 0 && hash >> KEYS_TAG_BITS == (w->last_hash >> KEYS_TAG_BITS) + 1;
    w->last_hash = hash;
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

/* The parts of the section, as they grow; the articles go first. How the hashes are coded is known when all are. */
struct key_columns {
    struct spool articles, lengths, hashes, low, high, samples; /* u32 each: hashes */
    struct run_packer article_packer, length_packer;
    struct spool *tags; /* NULL: not wanted */
    uint32_t max_length;
    uint32_t hash, article, length; /* of the run under way, or length 0 */
    uint32_t runs;
};

static void end_run(struct key_columns *c) {
    if (c->length == 0)
        return;
    run_packer_add(&c->article_packer, c->article);
    if (c->max_length > 1)
        run_packer_add(&c->length_packer, c->length - 1);
    spool_append_u32(&c->hashes, c->hash);
    c->runs++;
}

static void add_entry(struct key_columns *c, uint64_t entry) {
    uint32_t hash = (uint32_t)(entry >> HASH_SHIFT), article = (uint32_t)entry;
    if (c->tags)
        spool_append(c->tags, &(uint8_t){(uint8_t)(entry >> 32 & (KEYS_TAGS - 1))}, 1);
    if (c->length > 0 && c->length < c->max_length && hash == c->hash + c->length &&
        article == c->article + c->length) {
        c->length++;
        return;
    }
    end_run(c);
    c->hash = hash;
    c->article = article;
    c->length = 1;
}

/* The hashes as they are coded. */
struct hash_coder {
    struct spool *high, *samples;
    struct run_packer low_packer;
    unsigned low_width;
    uint64_t word, words; /* of the bit string: the one under way, and how many are before it */
    uint32_t count;
};

static void code_hash(struct hash_coder *h, uint32_t hash) {
    uint32_t high = hash >> h->low_width, i = h->count++;
    uint64_t place = (uint64_t)high + i;
    run_packer_add(&h->low_packer, hash & ((UINT32_C(1) << h->low_width) - 1));
    for (; h->words < place >> 6; h->words++, h->word = 0)
        spool_append_u64(h->high, h->word);
    h->word |= UINT64_C(1) << (place & 63);
    if (i % SAMPLE == 0)
        spool_append_u32(h->samples, high);
}

/* The rest of the bit string, of so many bits. */
static void end_high(struct hash_coder *h, uint64_t bits) {
    uint8_t bytes[8];
    for (; h->words < bits >> 6; h->words++, h->word = 0)
        spool_append_u64(h->high, h->word);
    store_u64(bytes, h->word);
    spool_append(h->high, bytes, (size_t)((bits & 63) + 7) / 8);
}

static void code_hashes(struct key_columns *c, const struct parts *parts) {
    struct hash_coder h = {.high = &c->high, .samples = &c->samples, .low_width = parts->low_width};
    struct spool_reader r;
    size_t size;
    run_packer_init(&h.low_packer, &c->low, parts->low_width);
    spool_reader_init(&r, &c->hashes);
    for (const uint8_t *p; (p = spool_next(&r, &size));)
        for (const uint8_t *end = p + size; p < end; p += 4)
            code_hash(&h, load_u32(p));
    spool_reader_release(&r);
    run_packer_flush(&h.low_packer);
    end_high(&h, parts->bits);
}

static bool write_columns(struct key_columns *c, uint32_t articles, struct segment_writer *out) {
    struct parts parts = parts_of(articles, c->runs);
    run_packer_flush(&c->article_packer);
    run_packer_flush(&c->length_packer);
    code_hashes(c, &parts);
    segment_writer_begin(out, SECTION_KEYS);
    bool ok = segment_writer_spool(out, &c->articles) &&
              (parts.length_width == 0 || segment_writer_spool(out, &c->lengths)) && !spool_failed(&c->hashes) &&
              segment_writer_spool(out, &c->low) && segment_writer_spool(out, &c->high) &&
              segment_writer_spool(out, &c->samples);
    segment_writer_end(out);
    return ok;
}

static void columns_init(struct key_columns *c, const struct keys_writer *w) {
    struct spool *spools[] = {&c->articles, &c->lengths, &c->hashes, &c->low, &c->high, &c->samples};
    for (size_t i = 0; i < sizeof spools / sizeof *spools; i++)
        spool_init(spools[i], w->scratch, SPOOL_ROOM);
    run_packer_init(&c->article_packer, &c->articles, bit_width(w->count - 1));
    run_packer_init(&c->length_packer, &c->lengths, LENGTH_BITS);
    c->tags = w->tags;
    c->max_length = w->followers > w->count / WORTH_IT ? MAX_LENGTH : 1;
    c->length = c->runs = 0;
}

static void columns_release(struct key_columns *c) {
    spool_release(&c->articles);
    spool_release(&c->lengths);
    spool_release(&c->hashes);
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
    struct key_columns *c = malloc(sizeof *c);
    bool ok = true;
    if (!c)
        return false;
    columns_init(c, w);
    for (uint32_t i = 0; ok && i < 1 << KEYS_PART_BITS; i++)
        ok = add_part(c, &w->parts[i], w->slice);
    end_run(c);
    ok = ok && write_columns(c, w->count, out);
    w->runs = c->runs;
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

static struct parts parts_in(const struct segment *s) {
    return parts_of(s->counts.articles, s->counts.key_runs);
}

/* The hash that run i begins with. */
static uint32_t run_hash(const struct segment *s, const struct parts *p, uint32_t i) {
    const uint8_t *data = segment_section(s, SECTION_KEYS)->data;
    uint64_t high = load_u32(data + p->samples + i / SAMPLE * 4);
    high += nth_one(data + p->high, high + i / SAMPLE * SAMPLE, p->bits, i % SAMPLE) - i % SAMPLE;
    return (uint32_t)(high << p->low_width) | run_get(data + p->low, i, p->low_width);
}

/* On run k->run, of this hash, or at the end if there is none. */
static void begin_run(struct key_scan *k, uint64_t hash) {
    k->hash = k->run < k->segment->counts.key_runs && k->bit < k->bits ? hash : KEY_SCAN_END;
    if (k->hash == KEY_SCAN_END)
        return;
    k->article = run_get(k->articles, k->run, k->article_width);
    k->rest = k->length_width ? run_get(k->lengths, k->run, k->length_width) : 0;
}

/* Moves to the first entry that is not below `hash`, which is in run `low` or at the start of the next one. */
static void settle(struct key_scan *k, const struct parts *p, uint32_t low, uint64_t hash) {
    uint32_t start = run_hash(k->segment, p, low);
    k->run = low;
    k->bit = (start >> p->low_width) + low;
    begin_run(k, start);
    if (start >= hash)
        return;
    uint32_t skipped = hash - start > k->rest ? k->rest : (uint32_t)(hash - start);
    k->hash += skipped;
    k->article += skipped;
    k->rest -= skipped;
    if (k->hash < hash)
        key_scan_next(k);
}

/* The last run that begins below `hash`, of those from `low` on, which does or is the first: in steps that double, then
 * by halving. This costs as much as a merge where keys are many, and as a search where they are few. (Bentley and Yao,
 * An almost optimal algorithm for unbounded searching, 1976.) */
static uint32_t last_below(const struct segment *s, const struct parts *p, uint32_t low, uint64_t hash) {
    uint32_t count = s->counts.key_runs, step = 1;
    while (count - low > step && run_hash(s, p, low + step) < hash) {
        low += step;
        step = step < count / 2 ? 2 * step : step;
    }
    uint32_t high = count - low > step ? low + step : count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (run_hash(s, p, middle) < hash)
            low = middle;
        else
            high = middle;
    }
    return low;
}

void key_scan_start(struct key_scan *k, const struct segment *s, uint64_t hash) {
    const uint8_t *data = segment_section(s, SECTION_KEYS)->data;
    struct parts p = parts_in(s);
    *k = (struct key_scan){.segment = s,
                           .articles = data,
                           .lengths = data + p.lengths,
                           .low = data + p.low,
                           .high = data + p.high,
                           .article_width = p.article_width,
                           .length_width = p.length_width,
                           .low_width = p.low_width,
                           .bits = p.bits};
    settle(k, &p, last_below(s, &p, 0, hash), hash);
}

void key_scan_seek(struct key_scan *k, uint64_t hash) {
    struct parts p = parts_in(k->segment);
    if (k->hash < hash)
        settle(k, &p, last_below(k->segment, &p, k->run, hash), hash);
}

void key_scan_next(struct key_scan *k) {
    if (k->rest > 0) {
        k->rest--;
        k->hash++;
        k->article++;
        return;
    }
    k->run++;
    k->bit += 1 + nth_one(k->high, k->bit + 1, k->bits, 0);
    begin_run(k, (k->bit - k->run) << k->low_width | run_get(k->low, k->run, k->low_width));
}

lede_status segment_find_key(const struct segment *s, const uint8_t *deleted, const char *key, size_t key_len,
                             uint32_t *article, lede_error *err) {
    uint32_t hash = segment_key_hash(key, key_len);
    lede_status found = LEDE_NOT_FOUND;
    struct article_record *record = NULL;
    struct key_scan scan;
    for (key_scan_start(&scan, s, hash); scan.hash == hash; key_scan_next(&scan)) {
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
