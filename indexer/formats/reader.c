#include "reader.h"

#include <stdio.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/file.h"
#include "core/text/charset.h"
#include "passage.h"

void reader_skip(struct reader *r, uint32_t line, const char *why) {
    if (line)
        r->sink->records_skipped++;
    r->sink->warn(r->sink->ctx, LEDE_WARNING_SKIPPED, r->input->path, line, why);
}

lede_status reader_key(struct reader *r, struct span content, lede_article *meta, bool is_record, lede_error *err) {
    struct buffer *key = &r->parser->key;
    const char *path = r->input->path;
    char number[32];
    int n = 0;
    if (strcmp(path, "-") == 0)
        n = snprintf(number, sizeof number, ":%016llx", (unsigned long long)file_checksum(content.s, content.n));
    else if (is_record)
        n = snprintf(number, sizeof number, ":%u", meta->line);
    buffer_clear(key);
    buffer_append(key, path, strlen(path));
    buffer_append(key, number, (size_t)n);
    meta->key = (const char *)key->data;
    meta->key_len = key->len;
    return key->failed ? error_nomem(err) : LEDE_OK;
}

struct line_walk reader_lines(const struct reader *r, struct span text) {
    return (struct line_walk){text, r->input->line ? r->input->line : 1};
}

bool reader_next_line(struct line_walk *walk, struct span *line, uint32_t *number) {
    struct span *rest = &walk->rest;
    while (rest->n) {
        const char *feed = memchr(rest->s, '\n', rest->n);
        size_t n = feed ? (size_t)(feed - rest->s) : rest->n, past = n + (feed ? 1 : 0);
        *line = (struct span){rest->s, n};
        *rest = (struct span){rest->s + past, rest->n - past};
        *number = walk->number++;
        if (line->n && line->s[line->n - 1] == '\r')
            line->n--;
        if (line->n)
            return true;
    }
    return false;
}

/* Where the first NUL byte is; n if there is none. */
size_t reader_find_nul(const char *bytes, size_t n) {
    const char *nul = n ? memchr(bytes, 0, n) : NULL;
    return nul ? (size_t)(nul - bytes) : n;
}

enum { WHY_SIZE = 160 };

void reader_repaired(struct reader *r, uint32_t line, uint64_t count, const char *what) {
    char why[WHY_SIZE];
    snprintf(why, sizeof why, "%llu broken %s%s replaced by U+FFFD", (unsigned long long)count, what,
             count == 1 ? "" : "s");
    r->sink->bytes_replaced += count;
    r->sink->warn(r->sink->ctx, LEDE_WARNING_REPAIRED, r->input->path, line, why);
}

void reader_skip_for_nul(struct reader *r, uint32_t line, size_t at) {
    char why[WHY_SIZE];
    snprintf(why, sizeof why, "NUL byte at byte %zu%s; binary?", at, line ? " of the line" : "");
    reader_skip(r, line, why);
}

struct span reader_without_bom(struct span t) {
    bool bom = t.n >= 3 && memcmp(t.s, "\xef\xbb\xbf", 3) == 0;
    return bom ? (struct span){t.s + 3, t.n - 3} : t;
}

lede_status reader_convert(struct reader *r, struct span *t, uint32_t line, lede_error *err) {
    if (utf8_valid(t->s, t->n))
        return LEDE_OK;
    struct buffer *utf8 = &r->parser->utf8;
    uint64_t replaced = 0;
    buffer_clear(utf8);
    lede_status status = text_to_utf8(utf8, t->s, t->n, &replaced, err);
    if (status)
        return status;
    /* Never NULL, though nothing may be left of a byte order mark. */
    *t = (struct span){utf8->data ? (const char *)utf8->data : "", utf8->len};
    if (replaced)
        reader_repaired(r, line, replaced, "byte");
    return LEDE_OK;
}

bool reader_record(struct reader *r, struct span *record, uint32_t line, lede_status *status, lede_error *err) {
    *status = LEDE_OK;
    if (r->clean)
        return true;
    size_t nul = reader_find_nul(record->s, record->n);
    if (nul < record->n) {
        reader_skip_for_nul(r, line, nul);
        return false;
    }
    *status = reader_convert(r, record, line, err);
    return *status == LEDE_OK;
}

/* The lines of paragraphs, that were wrapped to fit a page, become one. */
static void unwrap(struct buffer *body) {
    uint8_t *p = body->data, *end = p + body->len;
    for (; p < end && (p = memchr(p, PASSAGE_WRAP, (size_t)(end - p))); p++)
        *p = ' ';
}

lede_status reader_emit(struct reader *r, lede_article *meta, bool is_record, lede_error *err) {
    struct parser *p = r->parser;
    const struct block *blocks = (const struct block *)(const void *)p->blocks.data;
    size_t count = p->blocks.len / sizeof *blocks;
    buffer_clear(&p->passages);
    lede_status status = r->input->passages == LEDE_PASSAGES_WHOLE
                             ? passage_whole(&p->passages, blocks, count, err)
                             : passage_cut(&p->passages, meta->body, blocks, count, err);
    if (status)
        return status;
    if (meta->body_len && meta->body == (const char *)p->body.data)
        unwrap(&p->body);
    struct passage *passages = (struct passage *)(void *)p->passages.data;
    count = p->passages.len / sizeof *passages;
    for (size_t i = 0; is_record && i < count; i++)
        passages[i].line = meta->line;
    struct article article = {*meta, r->input->source, passages, (uint32_t)count};
    return r->sink->article(r->sink->ctx, &article, err);
}

lede_status reader_emit_file(struct reader *r, lede_article *meta, lede_error *err) {
    if (!meta->title_len && !meta->body_len) {
        reader_skip(r, 0, "no text in it");
        return LEDE_OK;
    }
    lede_status status = reader_key(r, (struct span){r->input->bytes, r->input->len}, meta, false, err);
    return status ? status : reader_emit(r, meta, false, err);
}
