#include "record.h"

#include "core/base/file.h"
#include "core/text/analyzer.h"
#include "core/text/utf8.h"
#include "searcher/plan/filter.h"

#include <stdio.h>

enum { RECORD_VERSION = 1 };

void record_write(struct buffer *out, const struct record *r) {
    const lede_article *a = &r->article;
    buffer_append_varint(out, RECORD_VERSION);
    buffer_append_string(out, a->key, a->key_len);
    buffer_append_string(out, a->title, a->title_len);
    buffer_append_string(out, a->byline, a->byline_len);
    buffer_append_string(out, a->dateline, a->dateline_len);
    buffer_append_string(out, a->credit, a->credit_len);
    buffer_append_string(out, a->path, strlen(a->path));
    buffer_append_varint(out, a->date);
    buffer_append_varint(out, a->line);
    buffer_append_varint(out, a->passages);
    buffer_append_varint(out, r->number);
    buffer_append_varint(out, r->line);
    buffer_append_string(out, r->heading, r->heading_len);
    buffer_append_varint(out, a->body_len);
    buffer_append_varint(out, r->start);
    buffer_append_varint(out, r->skip);
    buffer_append_varint(out, r->len);
    buffer_append_string(out, r->chunk, r->chunk_len);
}

/* Reads with a sticky failure. */
struct cursor {
    const uint8_t *at, *end;
    struct arena *arena;
    bool failed, nomem;
};

static uint64_t take_number(struct cursor *c, uint64_t max) {
    uint64_t v = 0;
    if (c->failed || !varint_get(&c->at, c->end, &v) || v > max)
        c->failed = true;
    return c->failed ? 0 : v;
}

static const char *take_string(struct cursor *c, size_t *len) {
    *len = (size_t)take_number(c, (uint64_t)(c->end - c->at));
    if (c->failed || *len > (size_t)(c->end - c->at) || !utf8_valid((const char *)c->at, *len)) {
        c->failed = true;
        *len = 0;
        return "";
    }
    char *copy = arena_strndup(c->arena, (const char *)c->at, *len);
    c->nomem |= !copy;
    c->failed |= !copy;
    c->at += *len;
    return copy ? copy : "";
}

static void take_article(struct cursor *c, lede_article *a) {
    size_t path_len;
    a->key = take_string(c, &a->key_len);
    a->title = take_string(c, &a->title_len);
    a->byline = take_string(c, &a->byline_len);
    a->dateline = take_string(c, &a->dateline_len);
    a->credit = take_string(c, &a->credit_len);
    a->path = take_string(c, &path_len);
    a->date = (lede_date)take_number(c, UINT32_MAX);
    a->line = (uint32_t)take_number(c, UINT32_MAX);
    a->passages = (uint32_t)take_number(c, UINT32_MAX);
}

bool record_read(struct record *out, struct arena *arena, const char *bytes, size_t len, bool *nomem) {
    const uint8_t *start = (const uint8_t *)bytes;
    struct cursor c = {start, start + len, arena, false, false};
    *out = (struct record){.number = 0};
    c.failed = take_number(&c, RECORD_VERSION) != RECORD_VERSION;
    take_article(&c, &out->article);
    out->number = (uint32_t)take_number(&c, UINT32_MAX);
    out->line = (uint32_t)take_number(&c, UINT32_MAX);
    out->heading = take_string(&c, &out->heading_len);
    out->article.body = "";
    out->article.body_len = (size_t)take_number(&c, UINT32_MAX);
    out->start = (size_t)take_number(&c, UINT32_MAX);
    out->skip = (size_t)take_number(&c, UINT32_MAX);
    out->len = (size_t)take_number(&c, UINT32_MAX);
    out->chunk = take_string(&c, &out->chunk_len);
    /* Without text there is no chunk. */
    bool fits = out->chunk_len ? out->skip + out->len <= out->chunk_len : out->len == 0;
    *nomem = c.nomem;
    return !c.failed && c.at == c.end && fits && out->number > 0;
}

static size_t find_key(const char **key, const char *bytes, size_t len) {
    const uint8_t *at = (const uint8_t *)bytes, *end = at + len;
    uint64_t version, key_len;
    *key = "";
    if (!varint_get(&at, end, &version) || !varint_get(&at, end, &key_len) || key_len > (uint64_t)(end - at))
        return 0;
    *key = (const char *)at;
    return (size_t)key_len;
}

int record_compare_keys(const char *a, size_t a_len, const char *b, size_t b_len) {
    const char *x, *y;
    size_t m = find_key(&x, a, a_len), n = find_key(&y, b, b_len);
    int order = memcmp(x, y, m < n ? m : n);
    return order ? order : (m > n) - (m < n);
}

size_t record_word_term(char term[SHARD_TERM_MAX], const char *prefix, const char *word, size_t len) {
    size_t n = strlen(prefix);
    len = len > SHARD_WORD_MAX ? utf8_cut(word, len, SHARD_WORD_MAX) : len;
    memcpy(term, prefix, n);
    memcpy(term + n, word, len);
    return n + len;
}

size_t record_language_term(char term[SHARD_TERM_MAX], const char *language, size_t len) {
    char part[TERM_MAX + 1];
    filter_language(part, language, len);
    return *part ? record_word_term(term, "L", part, strlen(part)) : 0;
}

size_t record_key_term(char term[SHARD_TERM_MAX], const char *key, size_t key_len) {
    enum { HASHED = 200 };
    term[0] = 'Q';
    if (key_len < SHARD_TERM_MAX) {
        memcpy(term + 1, key, key_len);
        return key_len + 1;
    }
    memcpy(term + 1, key, HASHED);
    /* No other key is this: one of that length would not be cut, and it is shorter than what is. */
    char hash[17];
    snprintf(hash, sizeof hash, "%016llx", (unsigned long long)file_checksum(key, key_len));
    memcpy(term + 1 + HASHED, hash, 16);
    memset(term + 1 + HASHED + 16, '.', SHARD_TERM_MAX - HASHED - 17);
    return SHARD_TERM_MAX;
}

size_t record_source_term(char term[SHARD_TERM_MAX], char kind, uint64_t source) {
    return (size_t)snprintf(term, SHARD_TERM_MAX, "%c%llx", kind, (unsigned long long)source);
}
