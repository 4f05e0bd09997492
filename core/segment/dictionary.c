#include "dictionary.h"

#include <stdlib.h>

#include "core/base/cpu.h"
#include "core/base/error.h"
#include "core/text/analyzer.h"

_Static_assert(TERM_MAX == 255, "a key's length fits the buffers here");

/* Two numbers that are mostly small: 4 bits each, or a byte that says that they follow as varints. */
enum { HALF_MAX = 14, LONG = 0xff };

static void append_halves(struct buffer *b, uint64_t low, uint64_t high) {
    if (low <= HALF_MAX && high <= HALF_MAX) {
        buffer_append_u8(b, (uint8_t)(low | high << 4));
        return;
    }
    buffer_append_u8(b, LONG);
    buffer_append_varint(b, low);
    buffer_append_varint(b, high);
}

static bool get_halves(const uint8_t **p, const uint8_t *end, uint64_t *low, uint64_t *high) {
    if (*p == end)
        return false;
    uint8_t both = *(*p)++;
    *low = both & 15;
    *high = both >> 4;
    return both != LONG || (varint_get(p, end, low) && varint_get(p, end, high));
}

void dictionary_writer_init(struct dictionary_writer *w, enum dictionary_kind kind, struct scratch *scratch) {
    memset(w, 0, sizeof *w);
    w->kind = kind;
    spool_init(&w->entries, scratch, SPOOL_ROOM);
    spool_init(&w->blocks, scratch, SPOOL_ROOM);
}

void dictionary_writer_release(struct dictionary_writer *w) {
    spool_release(&w->entries);
    spool_release(&w->blocks);
    buffer_release(&w->commons);
    buffer_release(&w->common_entries);
}

static size_t shared_prefix(const char *a, size_t a_len, const char *b, size_t b_len) {
    size_t max = a_len < b_len ? a_len : b_len, n = 0;
    while (n < max && a[n] == b[n])
        n++;
    return n;
}

static void append_info(struct buffer *entries, enum dictionary_kind kind, const struct term_info *info) {
    if (kind == DICTIONARY_WORDS) {
        buffer_append_varint(entries, info->total_freq);
        return;
    }
    bool once = info->total_freq == info->doc_freq;
    buffer_append_varint(entries, (uint64_t)info->doc_freq << 1 | once);
    if (!once)
        buffer_append_varint(entries, info->total_freq - info->doc_freq);
    append_halves(entries, info->postings_size, info->positions_size);
}

/* But for its info. */
static void append_first(struct buffer *entries, enum dictionary_kind kind, const char *key, size_t len,
                         const struct term_info *info) {
    buffer_append_u8(entries, (uint8_t)len);
    buffer_append(entries, key, len);
    if (kind == DICTIONARY_TERMS)
        buffer_append_varint(entries, info->postings);
}

/* A term of the table of common ones. Where its entry is, in common_entries, rises as the keys do. */
struct common {
    uint32_t hash, size;
    uint64_t at;
};

static uint32_t hash_of(const char *term, size_t len) {
    return (uint32_t)(file_checksum(term, len) >> 32);
}

static uint32_t bucket_of(uint32_t hash, uint32_t buckets) {
    return (uint32_t)((uint64_t)hash * buckets >> 32);
}

static void add_common(struct dictionary_writer *w, const char *term, size_t len, const struct term_info *info) {
    struct buffer *entries = &w->common_entries;
    struct common common = {.hash = hash_of(term, len), .at = entries->len};
    append_first(entries, DICTIONARY_TERMS, term, len, info);
    append_info(entries, DICTIONARY_TERMS, info);
    common.size = (uint32_t)(entries->len - common.at);
    buffer_append(&w->commons, &common, sizeof common);
}

static void begin_block(struct dictionary_writer *w) {
    uint64_t at = spool_size(&w->entries);
    w->failed |= at > UINT32_MAX;
    spool_append_u32(&w->blocks, (uint32_t)at);
}

void dictionary_writer_add(struct dictionary_writer *w, const char *key, size_t len, const struct term_info *info) {
    struct buffer *entries = &w->entries.tail;
    size_t shared = 0;
    if (w->count % DICTIONARY_BLOCK == 0) {
        begin_block(w);
        append_first(entries, w->kind, key, len, info);
    } else {
        shared = shared_prefix(w->last, w->last_len, key, len);
        append_halves(entries, shared, len - shared);
        buffer_append(entries, key + shared, len - shared);
    }
    append_info(entries, w->kind, info);
    spool_settle(&w->entries);
    if (w->kind == DICTIONARY_TERMS && info->doc_freq >= DICTIONARY_COMMON)
        add_common(w, key, len, info);
    memcpy(w->last + shared, key + shared, len - shared);
    w->last_len = len;
    w->count++;
}

static bool write_spool(struct spool *s, enum section_kind kind, struct segment_writer *out) {
    segment_writer_begin(out, kind);
    bool ok = segment_writer_spool(out, s);
    segment_writer_end(out);
    return ok;
}

static int by_hash_then_key(const void *a, const void *b) {
    const struct common *x = a, *y = b;
    return x->hash != y->hash ? (x->hash > y->hash) - (x->hash < y->hash) : (x->at > y->at) - (x->at < y->at);
}

/* The table of common terms, behind the entries; how many it has. None if it would be too far for the numbers there. */
static uint32_t append_commons(struct dictionary_writer *w) {
    struct common *commons = (void *)w->commons.data;
    struct spool *to = &w->entries;
    struct buffer starts = BUFFER_EMPTY;
    size_t count = w->commons.len / sizeof *commons;
    if (count == 0 || spool_size(to) + w->common_entries.len + 4 * (count + 1) > UINT32_MAX)
        return 0;
    qsort(commons, count, sizeof *commons, by_hash_then_key);
    for (size_t i = 0; i < count; i++) {
        while (starts.len <= 4 * (size_t)bucket_of(commons[i].hash, (uint32_t)count) && !starts.failed)
            buffer_append_u32(&starts, (uint32_t)spool_size(to));
        spool_append(to, w->common_entries.data + commons[i].at, commons[i].size);
    }
    while (starts.len <= 4 * count && !starts.failed)
        buffer_append_u32(&starts, (uint32_t)spool_size(to));
    spool_append(to, starts.data, starts.len);
    w->failed |= starts.failed;
    buffer_release(&starts);
    return (uint32_t)count;
}

bool dictionary_writer_finish(struct dictionary_writer *w, struct segment_writer *out, struct segment_counts *counts) {
    bool terms = w->kind == DICTIONARY_TERMS;
    w->failed |= w->commons.failed || w->common_entries.failed;
    *(terms ? &counts->terms : &counts->words) = w->count;
    if (terms && !w->failed)
        counts->common_terms = append_commons(w);
    return write_spool(&w->entries, terms ? SECTION_TERMS : SECTION_WORDS, out) &&
           write_spool(&w->blocks, terms ? SECTION_TERM_BLOCKS : SECTION_WORD_BLOCKS, out) && !w->failed;
}

/* ------------------------------------------------------------------------------------- reader -- */

struct dictionary_cursor {
    const struct segment *segment;
    const struct section *entries, *blocks;
    enum dictionary_kind kind;
    uint64_t count, index; /* entries in all; the one it stands on */
    const uint8_t *next;   /* behind the current entry */
    uint64_t postings;     /* where the next term's postings begin */
    struct term_info info;
    size_t len;
    char key[TERM_MAX + 1];
};

static void cursor_init(struct dictionary_cursor *c, const struct segment *s, enum dictionary_kind kind) {
    bool terms = kind == DICTIONARY_TERMS;
    c->segment = s;
    c->entries = segment_section(s, terms ? SECTION_TERMS : SECTION_WORDS);
    c->blocks = segment_section(s, terms ? SECTION_TERM_BLOCKS : SECTION_WORD_BLOCKS);
    c->kind = kind;
    c->count = terms ? s->counts.terms : s->counts.words;
    c->index = 0;
    c->next = c->entries->data;
    c->postings = 0;
    c->len = 0;
}

static lede_status corrupt_entry(const struct dictionary_cursor *c, lede_error *err) {
    return segment_corrupt(c->segment, c->kind == DICTIONARY_TERMS ? SECTION_TERMS : SECTION_WORDS,
                           (uint64_t)(c->next - c->entries->data), "bad dictionary entry", err);
}

static bool read_word_info(struct dictionary_cursor *c, const uint8_t *end) {
    c->info = (struct term_info){0};
    return varint_get(&c->next, end, &c->info.total_freq);
}

static bool read_term_info(struct dictionary_cursor *c, const uint8_t *end) {
    struct term_info *info = &c->info;
    uint64_t repeats = 0, docs;
    const struct section *postings = segment_section(c->segment, SECTION_POSTINGS);
    if (!varint_get(&c->next, end, &docs) || docs >> 1 > c->segment->counts.passages ||
        (!(docs & 1) && !varint_get(&c->next, end, &repeats)) ||
        !get_halves(&c->next, end, &info->postings_size, &info->positions_size))
        return false;
    uint64_t left = postings->size - c->postings;
    if (c->postings > postings->size || info->postings_size > left || info->positions_size > left - info->postings_size)
        return false;
    info->doc_freq = (uint32_t)(docs >> 1);
    if (info->doc_freq == 0 || repeats > c->segment->counts.positions)
        return false;
    info->total_freq = info->doc_freq + repeats;
    info->postings = c->postings;
    info->positions = c->postings + info->postings_size;
    c->postings = info->positions + info->positions_size;
    return true;
}

/* Reads how many bytes a key has in common with the one before, which a block's first has none, and how many follow,
 * which are all there. */
static inline bool read_lengths(struct dictionary_cursor *c, bool first, uint64_t *shared, uint64_t *rest) {
    const uint8_t *end = c->entries->data + c->entries->size;
    *shared = 0;
    if (c->next == end)
        return false;
    if (first)
        *rest = *c->next++;
    else if (!get_halves(&c->next, end, shared, rest))
        return false;
    return *rest <= (uint64_t)(end - c->next);
}

/* Reads the entry at c->next, which is number c->index. */
static bool read_entry(struct dictionary_cursor *c) {
    const uint8_t *end = c->entries->data + c->entries->size;
    uint64_t shared, rest;
    bool first = c->index % DICTIONARY_BLOCK == 0;
    if (!read_lengths(c, first, &shared, &rest) || shared > c->len || rest > TERM_MAX || shared + rest > TERM_MAX)
        return false;
    memcpy(c->key + shared, c->next, rest);
    c->len = shared + rest;
    c->next += rest;
    if (c->kind == DICTIONARY_WORDS)
        return read_word_info(c, end);
    return (!first || varint_get(&c->next, end, &c->postings)) && read_term_info(c, end);
}

static lede_status load(struct dictionary_cursor *c, lede_error *err) {
    if (c->index >= c->count || read_entry(c))
        return LEDE_OK;
    c->count = c->index; /* an end, so that nobody reads on */
    return corrupt_entry(c, err);
}

static int compare(const char *a, size_t a_len, const char *b, size_t b_len) {
    int order = memcmp(a, b, a_len < b_len ? a_len : b_len);
    return order ? order : (a_len > b_len) - (a_len < b_len);
}

/* A key to look for, with its head: its first bytes as a number that compares as they do, with zeros behind the end. */
struct wanted {
    const char *key;
    size_t len;
    uint64_t head;
};

/* Of a key that bytes follow, which may be of anything. */
static inline uint64_t head_of(const uint8_t *key, size_t len) {
    unsigned half = 4 * (8 - (len < 8 ? (unsigned)len : 8));
    return __builtin_bswap64(load_u64(key)) >> half >> half << half << half;
}

static struct wanted wanted_of(const char *key, size_t len) {
    uint8_t first[8] = {0};
    memcpy(first, key, len < sizeof first ? len : sizeof first);
    return (struct wanted){key, len, head_of(first, sizeof first)};
}

/* Whether the first key of the block is above `w`; *ok is cleared if it lies outside of the section. */
static inline bool is_above(const struct dictionary_cursor *c, uint64_t block, const struct wanted *w, bool *ok) {
    uint64_t at = load_u32(c->blocks->data + 4 * block);
    const uint8_t *first = c->entries->data + at;
    if (at >= c->entries->size || *first > c->entries->size - at - 1) {
        *ok = false;
        return false;
    }
    uint64_t head = head_of(first + 1, *first);
    return head != w->head ? head > w->head : compare((const char *)first + 1, *first, w->key, w->len) > 0;
}

static uint64_t block_count(const struct dictionary_cursor *c) {
    return (c->count + DICTIONARY_BLOCK - 1) / DICTIONARY_BLOCK;
}

static inline const uint8_t *block_start(const struct dictionary_cursor *c, uint64_t block) {
    return c->entries->data + load_u32(c->blocks->data + 4 * block);
}

/* Moves to the start of the last block of [low, high) whose first key is not above `w`, or of the first one. Both keys
 * that may be next are fetched. */
static bool seek_block(struct dictionary_cursor *c, uint64_t low, uint64_t high, const struct wanted *w) {
    bool ok = true;
    while (ok && low + 1 < high) {
        uint64_t middle = low + (high - low) / 2;
        fetch_line(block_start(c, low + (middle - low) / 2));
        fetch_line(block_start(c, middle + (high - middle) / 2));
        if (is_above(c, middle, w, &ok))
            high = middle;
        else
            low = middle;
    }
    c->index = low * DICTIONARY_BLOCK;
    c->next = block_start(c, low);
    return ok && c->next < c->entries->data + c->entries->size;
}

/* Stands on the first entry not below `key`; *order is how it compares to the key. */
static lede_status cursor_seek(struct dictionary_cursor *c, const char *key, size_t len, int *order, lede_error *err) {
    *order = 1;
    if (c->count == 0)
        return LEDE_OK;
    const struct wanted wanted = wanted_of(key, len);
    if (!seek_block(c, 0, block_count(c), &wanted))
        return corrupt_entry(c, err);
    lede_status status = load(c, err);
    while (status == LEDE_OK && c->index < c->count && (*order = compare(c->key, c->len, key, len)) < 0) {
        c->index++;
        status = load(c, err);
    }
    return status;
}

/* ----------------------------------------------------------------------------------- one term -- */

/* How a term compares with the keys of a block, which rise, one after the other: how much it has in common with the
 * last one, which was below it. */
struct matching {
    const char *term;
    size_t len, common;
};

/* How the next key compares with the term: it shares so many bytes with the one before, and `rest` bytes follow. If
 * these are more than the term has in common with that one, it is below the term for the same reason; if fewer, it has
 * risen above that one where that one and the term were the same. */
static inline int match(struct matching *m, const uint8_t *p, size_t shared, size_t rest) {
    if (shared != m->common)
        return shared > m->common ? -1 : 1;
    size_t left = m->len - shared, n = 0;
    while (n < rest && n < left && p[n] == (uint8_t)m->term[shared + n])
        n++;
    m->common += n;
    if (n == rest)
        return n == left ? 0 : -1;
    return n < left && p[n] < (uint8_t)m->term[shared + n] ? -1 : 1;
}

/* Passes over what is known of a term but for what its postings take. */
static inline bool skip_info(struct dictionary_cursor *c, const uint8_t *end) {
    uint64_t docs, repeats, postings, positions;
    if (!varint_get(&c->next, end, &docs) || (!(docs & 1) && !varint_get(&c->next, end, &repeats)) ||
        !get_halves(&c->next, end, &postings, &positions))
        return false;
    c->postings += postings + positions;
    return true;
}

/* Looks for the term in the block at whose start the cursor stands. Of the entries before it no more is read than how
 * they compare, and what their postings take. */
static lede_status find_in_block(struct dictionary_cursor *c, const char *term, size_t len, lede_error *err) {
    const uint8_t *end = c->entries->data + c->entries->size;
    struct matching m = {term, len, 0};
    uint64_t left = c->count - c->index, n = left < DICTIONARY_BLOCK ? left : DICTIONARY_BLOCK, shared, rest;
    for (uint64_t i = 0; i < n; i++) {
        if (!read_lengths(c, i == 0, &shared, &rest))
            return corrupt_entry(c, err);
        int order = match(&m, c->next, shared, rest);
        c->next += rest;
        if (order > 0)
            return LEDE_NOT_FOUND;
        if (i == 0 && !varint_get(&c->next, end, &c->postings))
            return corrupt_entry(c, err);
        if (order == 0)
            return read_term_info(c, end) ? LEDE_OK : corrupt_entry(c, err);
        if (!skip_info(c, end))
            return corrupt_entry(c, err);
    }
    return LEDE_NOT_FOUND;
}

/* By the search for its block. */
static lede_status find_in_blocks(struct dictionary_cursor *c, const char *term, size_t len, lede_error *err) {
    const struct wanted wanted = wanted_of(term, len);
    if (c->count == 0)
        return LEDE_NOT_FOUND;
    if (!seek_block(c, 0, block_count(c), &wanted))
        return corrupt_entry(c, err);
    return find_in_block(c, term, len, err);
}

/* -------------------------------------------------------------------------------- common terms -- */

/* Where the buckets begin, and the last one ends, and with that the table's entries. */
static const uint8_t *common_starts(const struct segment *s, const struct section *entries) {
    return entries->data + entries->size - 4 * ((size_t)s->counts.common_terms + 1);
}

/* Which of these is the term's. */
static size_t common_bucket(const struct segment *s, const char *term, size_t len) {
    return bucket_of(hash_of(term, len), s->counts.common_terms);
}

/* Looks for the term among the entries of its bucket. */
static lede_status find_common(struct dictionary_cursor *c, const char *term, size_t len, lede_error *err) {
    if (c->segment->counts.common_terms == 0)
        return LEDE_NOT_FOUND;
    const uint8_t *starts = common_starts(c->segment, c->entries);
    const uint8_t *start = starts + 4 * common_bucket(c->segment, term, len);
    uint32_t from = load_u32(start), to = load_u32(start + 4);
    c->next = start;
    if (from > to || to > starts - c->entries->data)
        return corrupt_entry(c, err);
    const uint8_t *end = c->entries->data + to;
    for (c->next = c->entries->data + from; c->next < end;) {
        size_t key_len = *c->next++;
        if (key_len > (size_t)(end - c->next))
            return corrupt_entry(c, err);
        bool found = key_len == len && memcmp(c->next, term, len) == 0;
        c->next += key_len;
        if (!varint_get(&c->next, end, &c->postings) || !(found ? read_term_info(c, end) : skip_info(c, end)))
            return corrupt_entry(c, err);
        if (found)
            return LEDE_OK;
    }
    return LEDE_NOT_FOUND;
}

void segment_fetch_term(const struct segment *s, const char *term, size_t len, enum term_step step) {
    const struct section *entries = segment_section(s, SECTION_TERMS);
    if (s->counts.common_terms == 0)
        return;
    const uint8_t *start = common_starts(s, entries) + 4 * common_bucket(s, term, len);
    fetch_line(step == TERM_BUCKET ? start : entries->data + load_u32(start));
}

lede_status dictionary_find_common(const struct segment *s, const char *term, size_t len, struct term_info *info,
                                   lede_error *err) {
    struct dictionary_cursor c;
    cursor_init(&c, s, DICTIONARY_TERMS);
    lede_status status = find_common(&c, term, len, err);
    if (status == LEDE_OK)
        *info = c.info;
    return status;
}

lede_status dictionary_count_commons(const struct segment *s, uint64_t *count, lede_error *err) {
    struct dictionary_cursor c;
    cursor_init(&c, s, DICTIONARY_TERMS);
    *count = 0;
    if (s->counts.common_terms == 0)
        return LEDE_OK;
    const uint8_t *starts = common_starts(s, c.entries), *start = starts;
    bool ok = load_u32(start) <= starts - c.entries->data;
    c.next += ok ? load_u32(start) : 0;
    for (uint32_t bucket = 0; ok && bucket < s->counts.common_terms; bucket++) {
        const uint8_t *end = c.entries->data + load_u32(start += 4);
        for (; ok && c.next < end; ++*count)
            ok = read_entry(&c) && common_bucket(s, c.key, c.len) == bucket;
        ok = ok && c.next == end;
    }
    return ok && c.next == starts ? LEDE_OK : corrupt_entry(&c, err);
}

lede_status segment_find_term(const struct segment *s, const char *term, size_t len, struct term_info *info,
                              lede_error *err) {
    struct dictionary_cursor c;
    cursor_init(&c, s, DICTIONARY_TERMS);
    lede_status status = find_common(&c, term, len, err);
    if (status == LEDE_NOT_FOUND)
        status = find_in_blocks(&c, term, len, err);
    if (status == LEDE_OK)
        *info = c.info;
    return status;
}

lede_status dictionary_open(struct dictionary_cursor **out, const struct segment *s, enum dictionary_kind kind,
                            const char *from, size_t from_len, lede_error *err) {
    *out = NULL;
    struct dictionary_cursor *c = malloc(sizeof *c);
    if (!c)
        return error_nomem(err);
    cursor_init(c, s, kind);
    int order;
    lede_status status = cursor_seek(c, from, from_len, &order, err);
    if (status != LEDE_OK)
        free(c);
    else
        *out = c;
    return status;
}

void dictionary_close(struct dictionary_cursor *c) {
    free(c);
}

const char *dictionary_key(const struct dictionary_cursor *c, size_t *len) {
    *len = c->index < c->count ? c->len : 0;
    return c->index < c->count ? c->key : NULL;
}

const struct term_info *dictionary_info(const struct dictionary_cursor *c) {
    return &c->info;
}

lede_status dictionary_next(struct dictionary_cursor *c, lede_error *err) {
    if (c->index >= c->count)
        return LEDE_OK;
    c->index++;
    return load(c, err);
}

/* By doubling steps over blocks, then as cursor_seek does. */
lede_status dictionary_seek(struct dictionary_cursor *c, const char *key, size_t len, lede_error *err) {
    uint64_t low = c->index / DICTIONARY_BLOCK, blocks = block_count(c), step = 1;
    const struct wanted wanted = wanted_of(key, len);
    bool ok = true;
    if (c->index >= c->count || compare(c->key, c->len, key, len) >= 0)
        return LEDE_OK;
    while (ok && low + step < blocks && !is_above(c, low + step, &wanted, &ok)) {
        low += step;
        step *= 2;
    }
    uint64_t high = low + step < blocks ? low + step : blocks;
    bool moves = low > c->index / DICTIONARY_BLOCK;
    if (!ok || (moves && !seek_block(c, low, high, &wanted)))
        return corrupt_entry(c, err);
    lede_status status = moves ? load(c, err) : LEDE_OK;
    while (status == LEDE_OK && c->index < c->count && compare(c->key, c->len, key, len) < 0) {
        c->index++;
        status = load(c, err);
    }
    return status;
}
