#include "dictionary.h"

#include <stdlib.h>

#include "analyzer.h"
#include "error.h"

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
}

static size_t shared_prefix(const char *a, size_t a_len, const char *b, size_t b_len) {
    size_t max = a_len < b_len ? a_len : b_len, n = 0;
    while (n < max && a[n] == b[n])
        n++;
    return n;
}

static void append_info(struct dictionary_writer *w, struct buffer *entries, const struct term_info *info) {
    if (w->kind == DICTIONARY_WORDS) {
        buffer_append_varint(entries, info->total_freq);
        return;
    }
    bool once = info->total_freq == info->doc_freq;
    buffer_append_varint(entries, (uint64_t)info->doc_freq << 1 | once);
    if (!once)
        buffer_append_varint(entries, info->total_freq - info->doc_freq);
    append_halves(entries, info->postings_size, info->positions_size);
    w->postings = info->postings + info->postings_size + info->positions_size;
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
        buffer_append_u8(entries, (uint8_t)len);
        buffer_append(entries, key, len);
        if (w->kind == DICTIONARY_TERMS)
            buffer_append_varint(entries, w->postings);
    } else {
        shared = shared_prefix(w->last, w->last_len, key, len);
        append_halves(entries, shared, len - shared);
        buffer_append(entries, key + shared, len - shared);
    }
    append_info(w, entries, info);
    spool_settle(&w->entries);
    memcpy(w->last + shared, key + shared, len - shared);
    w->last_len = len;
    w->count++;
}

static bool write_spool(struct spool *s, enum section_kind kind, struct segment_writer *out) {
    segment_writer_begin(out, kind);
    bool ok = spool_write(s, out);
    segment_writer_end(out);
    return ok;
}

bool dictionary_writer_finish(struct dictionary_writer *w, struct segment_writer *out) {
    bool terms = w->kind == DICTIONARY_TERMS;
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

/* Reads the entry at c->next, which is number c->index. */
static bool read_entry(struct dictionary_cursor *c) {
    const uint8_t *end = c->entries->data + c->entries->size;
    uint64_t shared = 0, rest;
    bool first = c->index % DICTIONARY_BLOCK == 0;
    if (c->next == end)
        return false;
    if (first)
        rest = *c->next++;
    else if (!get_halves(&c->next, end, &shared, &rest))
        return false;
    if (shared > c->len || rest > TERM_MAX || shared + rest > TERM_MAX || rest > (uint64_t)(end - c->next))
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

/* The first key of a block; false if it lies outside of the section. */
static bool block_key(const struct dictionary_cursor *c, uint64_t block, const char **key, size_t *len) {
    uint64_t at = load_u32(c->blocks->data + 4 * block);
    if (at >= c->entries->size)
        return false;
    *len = c->entries->data[at];
    *key = (const char *)c->entries->data + at + 1;
    return *len <= c->entries->size - at - 1;
}

static uint64_t block_count(const struct dictionary_cursor *c) {
    return (c->count + DICTIONARY_BLOCK - 1) / DICTIONARY_BLOCK;
}

/* Moves to the start of the last block of [low, high) whose first key is not above `key`, or of the first one. */
static bool seek_block(struct dictionary_cursor *c, uint64_t low, uint64_t high, const char *key, size_t len) {
    while (low + 1 < high) {
        uint64_t middle = low + (high - low) / 2;
        const char *first;
        size_t first_len;
        if (!block_key(c, middle, &first, &first_len))
            return false;
        if (compare(first, first_len, key, len) <= 0)
            low = middle;
        else
            high = middle;
    }
    c->index = low * DICTIONARY_BLOCK;
    uint64_t at = load_u32(c->blocks->data + 4 * low);
    if (at > c->entries->size)
        return false;
    c->next = c->entries->data + at;
    return true;
}

/* Stands on the first entry not below `key`; *order is how it compares to the key. */
static lede_status cursor_seek(struct dictionary_cursor *c, const char *key, size_t len, int *order, lede_error *err) {
    *order = 1;
    if (c->count == 0)
        return LEDE_OK;
    if (!seek_block(c, 0, block_count(c), key, len))
        return corrupt_entry(c, err);
    lede_status status = load(c, err);
    while (status == LEDE_OK && c->index < c->count && (*order = compare(c->key, c->len, key, len)) < 0) {
        c->index++;
        status = load(c, err);
    }
    return status;
}

lede_status segment_find_term(const struct segment *s, const char *term, size_t len, struct term_info *info,
                              lede_error *err) {
    struct dictionary_cursor c;
    cursor_init(&c, s, DICTIONARY_TERMS);
    int order;
    lede_status status = cursor_seek(&c, term, len, &order, err);
    if (status != LEDE_OK)
        return status;
    if (c.index >= c.count || order != 0)
        return LEDE_NOT_FOUND;
    *info = c.info;
    return LEDE_OK;
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

/* Whether the first key of the block is above `key`; *ok is cleared if it can't be read. */
static bool is_above(const struct dictionary_cursor *c, uint64_t block, const char *key, size_t len, bool *ok) {
    const char *first;
    size_t first_len;
    *ok = block_key(c, block, &first, &first_len);
    return !*ok || compare(first, first_len, key, len) > 0;
}

/* By doubling steps over blocks, then as cursor_seek does. */
lede_status dictionary_seek(struct dictionary_cursor *c, const char *key, size_t len, lede_error *err) {
    uint64_t low = c->index / DICTIONARY_BLOCK, blocks = block_count(c), step = 1;
    bool ok = true;
    if (c->index >= c->count || compare(c->key, c->len, key, len) >= 0)
        return LEDE_OK;
    while (low + step < blocks && !is_above(c, low + step, key, len, &ok)) {
        low += step;
        step *= 2;
    }
    uint64_t high = low + step < blocks ? low + step : blocks;
    bool moves = low > c->index / DICTIONARY_BLOCK;
    if (!ok || (moves && !seek_block(c, low, high, key, len)))
        return corrupt_entry(c, err);
    lede_status status = moves ? load(c, err) : LEDE_OK;
    while (status == LEDE_OK && c->index < c->count && compare(c->key, c->len, key, len) < 0) {
        c->index++;
        status = load(c, err);
    }
    return status;
}
