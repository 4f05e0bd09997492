/* parsed.h - what a parser makes of an input, as lines of text that a test can compare:
 *
 *     article KEY
 *     title: ...           fields that are not empty; dates as YYYYMMDD
 *     12 [Heading] text    a passage: its line, its heading if it has one, its text with newlines as "/"
 *     skipped PATH:LINE: WHY
 */
#ifndef LEDE_TESTS_PARSED_H
#define LEDE_TESTS_PARSED_H

#include <stdio.h>
#include <string.h>

#include "core/base/buffer.h"
#include "indexer/formats/parser.h"

static inline void parsed_print(struct buffer *out, const char *s, size_t n) {
    for (size_t i = 0; i < n; i++) {
        bool feed = s[i] == '\n';
        if (!feed || i + 1 == n || s[i + 1] != '\n')
            buffer_append(out, feed ? "/" : s + i, 1);
    }
}

static inline void parsed_field(struct buffer *out, const char *name, const char *s, size_t n) {
    if (!n)
        return;
    buffer_append(out, name, strlen(name));
    parsed_print(out, s, n);
    buffer_append_u8(out, '\n');
}

static inline void parsed_passage(struct buffer *out, const lede_article *meta, const struct passage *p) {
    char line[32];
    buffer_append(out, line, (size_t)snprintf(line, sizeof line, "%u ", p->line));
    if (p->heading_len) {
        buffer_append_u8(out, '[');
        parsed_print(out, meta->body + p->heading_start, p->heading_len);
        buffer_append(out, "] ", 2);
    }
    parsed_print(out, meta->body + p->start, p->len);
    buffer_append_u8(out, '\n');
}

static inline lede_status parsed_article(void *ctx, const struct article *a, lede_error *err) {
    struct buffer *out = ctx;
    const lede_article *m = &a->meta;
    char date[16];
    (void)err;
    parsed_field(out, "article ", m->key, m->key_len);
    parsed_field(out, "title: ", m->title, m->title_len);
    parsed_field(out, "date: ", date, m->date ? (size_t)snprintf(date, sizeof date, "%u", m->date) : 0);
    parsed_field(out, "dateline: ", m->dateline, m->dateline_len);
    parsed_field(out, "byline: ", m->byline, m->byline_len);
    parsed_field(out, "credit: ", m->credit, m->credit_len);
    for (uint32_t i = 0; i < a->passage_count; i++)
        parsed_passage(out, m, &a->passages[i]);
    return LEDE_OK;
}

static inline void parsed_warn(void *ctx, lede_warning_kind kind, const char *path, uint32_t line, const char *why) {
    char text[512];
    int n = snprintf(text, sizeof text, "%s %s:%u: %s\n", kind == LEDE_WARNING_SKIPPED ? "skipped" : "repaired", path,
                     line, why);
    buffer_append(ctx, text, (size_t)n < sizeof text ? (size_t)n : sizeof text - 1);
}

/* Parses bytes as the whole of the file "/a/file", from line 1; the text in *out is NUL-terminated. */
static inline lede_status parsed_run(struct buffer *out, lede_format format, lede_passages passages, const char *bytes,
                                     size_t len) {
    struct parser *p = NULL;
    struct parse_input input = {format, passages, "/a/file", bytes, len, 1, 1};
    struct parse_sink sink = {out, parsed_article, parsed_warn, 0, 0};
    buffer_clear(out);
    lede_status status = parser_new(&p, NULL);
    if (!status)
        status = parser_run(p, &input, &sink, NULL);
    parser_free(p);
    buffer_append_u8(out, 0);
    return status;
}

#endif
