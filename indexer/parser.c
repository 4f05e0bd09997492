#include "parser.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../core/charset.h"
#include "../core/error.h"
#include "reader.h"

lede_status parser_new(struct parser **out, lede_error *err) {
    *out = calloc(1, sizeof **out);
    return *out ? LEDE_OK : error_nomem(err);
}

void parser_free(struct parser *p) {
    if (!p)
        return;
    buffer_release(&p->utf8);
    buffer_release(&p->lines);
    buffer_release(&p->blocks);
    buffer_release(&p->body);
    buffer_release(&p->plain);
    buffer_release(&p->title);
    buffer_release(&p->byline);
    buffer_release(&p->key);
    buffer_release(&p->passages);
    free(p);
}

void reader_skip(struct reader *r, uint32_t line, const char *why) {
    if (line)
        r->sink->records_skipped++;
    r->sink->warn(r->sink->ctx, LEDE_WARNING_SKIPPED, r->input->path, line, why);
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
static size_t find_nul(const char *bytes, size_t n) {
    const char *nul = n ? memchr(bytes, 0, n) : NULL;
    return nul ? (size_t)(nul - bytes) : n;
}

enum { WHY_SIZE = 160 };

static void skip_for_nul(struct reader *r, uint32_t line, size_t at) {
    char why[WHY_SIZE];
    snprintf(why, sizeof why, "NUL byte at byte %zu%s; binary?", at, line ? " of the line" : "");
    reader_skip(r, line, why);
}

static struct span without_bom(struct span t) {
    bool bom = t.n >= 3 && memcmp(t.s, "\xef\xbb\xbf", 3) == 0;
    return bom ? (struct span){t.s + 3, t.n - 3} : t;
}

/* Makes *t valid UTF-8, in the parser's scratch if it was not, and tells the sink what had to be replaced. */
static lede_status convert(struct reader *r, struct span *t, uint32_t line, lede_error *err) {
    if (utf8_valid(t->s, t->n))
        return LEDE_OK;
    struct buffer *utf8 = &r->parser->utf8;
    uint64_t replaced = 0;
    buffer_clear(utf8);
    lede_status status = text_to_utf8(utf8, t->s, t->n, &replaced, err);
    if (status)
        return status;
    *t = (struct span){(const char *)utf8->data, utf8->len};
    if (replaced) {
        char why[WHY_SIZE];
        snprintf(why, sizeof why, "%llu broken byte%s replaced by U+FFFD", (unsigned long long)replaced,
                 replaced == 1 ? "" : "s");
        r->sink->bytes_replaced += replaced;
        r->sink->warn(r->sink->ctx, LEDE_WARNING_REPAIRED, r->input->path, line, why);
    }
    return LEDE_OK;
}

bool reader_record(struct reader *r, struct span *record, uint32_t line, lede_status *status, lede_error *err) {
    *status = LEDE_OK;
    if (r->clean)
        return true;
    size_t nul = find_nul(record->s, record->n);
    if (nul < record->n) {
        skip_for_nul(r, line, nul);
        return false;
    }
    *status = convert(r, record, line, err);
    return *status == LEDE_OK;
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
    struct passage *passages = (struct passage *)(void *)p->passages.data;
    count = p->passages.len / sizeof *passages;
    for (size_t i = 0; is_record && i < count; i++)
        passages[i].line = meta->line;
    struct article article = {*meta, r->input->source, passages, (uint32_t)count};
    return r->sink->article(r->sink->ctx, &article, err);
}

/* Articles are addressed by 32 bits, some of which are left for what is put between paragraphs. */
#define ARTICLE_MAX (UINT32_MAX / 2)

static lede_status run_file(struct reader *r, struct span text, lede_error *err) {
    if (text.n > ARTICLE_MAX) {
        reader_skip(r, 0, "larger than 2 GiB, too much for one article; split it");
        return LEDE_OK;
    }
    bool html = r->input->format == LEDE_FORMAT_HTML;
    bool foreign = html && !text_is_utf16(text.s, text.n) && html_declares_charset(text);
    lede_status status = foreign ? LEDE_OK : convert(r, &text, 0, err);
    if (status)
        return status;
    size_t nul = find_nul(text.s, text.n);
    if (nul < text.n) {
        skip_for_nul(r, 0, nul);
        return LEDE_OK;
    }
    text = without_bom(text);
    if (html)
        return html_read(r, text, err);
    return r->input->format == LEDE_FORMAT_MARKDOWN ? markdown_read(r, text, err) : text_read(r, text, err);
}

lede_status reader_emit_file(struct reader *r, lede_article *meta, lede_error *err) {
    if (meta->title_len || meta->body_len)
        return reader_emit(r, meta, false, err);
    reader_skip(r, 0, "no text in it");
    return LEDE_OK;
}

static lede_status run_lines(struct reader *r, struct span text, lede_error *err) {
    if (r->input->line <= 1 && text_is_utf16(text.s, text.n)) {
        lede_status status = convert(r, &text, 0, err);
        if (status)
            return status;
    }
    if (r->input->line <= 1)
        text = without_bom(text);
    r->clean = utf8_valid(text.s, text.n) && find_nul(text.s, text.n) == text.n;
    return r->input->format == LEDE_FORMAT_TSV ? tsv_read(r, text, err) : jsonl_read(r, text, err);
}

lede_status parser_run(struct parser *p, const struct parse_input *input, struct parse_sink *sink, lede_error *err) {
    struct reader r = {p, input, sink, false};
    struct span text = {input->bytes, input->len};
    bool is_lines = input->format == LEDE_FORMAT_JSONL || input->format == LEDE_FORMAT_TSV;
    return is_lines ? run_lines(&r, text, err) : run_file(&r, text, err);
}

lede_status parser_cut(struct parser *p, const lede_article *meta, lede_passages mode, struct article *out,
                       lede_error *err) {
    *out = (struct article){*meta, 0, NULL, 0};
    struct span body = {meta->body, meta->body_len};
    size_t nul = find_nul(body.s, body.n);
    if (nul < body.n)
        return error_set(err, LEDE_INVALID, "article %.*s: NUL byte at byte %zu of its body; pass text",
                         (int)(meta->key_len < 200 ? meta->key_len : 200), meta->key, nul);
    buffer_clear(&p->utf8);
    buffer_clear(&p->blocks);
    buffer_clear(&p->passages);
    if (!utf8_valid(body.s, body.n)) {
        lede_status status = text_to_utf8(&p->utf8, body.s, body.n, NULL, err);
        if (status)
            return status;
        body = (struct span){(const char *)p->utf8.data, p->utf8.len};
    }
    if (body.n > ARTICLE_MAX)
        return error_set(err, LEDE_INVALID, "article of %zu bytes: at most 2 GiB", body.n);
    lede_status status = block_read(&p->blocks, &p->lines, body, 1, err);
    if (status)
        return status;
    struct block *blocks = (struct block *)(void *)p->blocks.data;
    size_t count = p->blocks.len / sizeof *blocks;
    block_mark_headings(blocks, count, body.s);
    status = mode == LEDE_PASSAGES_WHOLE ? passage_whole(&p->passages, blocks, count, err)
                                         : passage_cut(&p->passages, body.s, blocks, count, err);
    out->meta.body = body.s;
    out->meta.body_len = body.n;
    out->passages = (const struct passage *)(const void *)p->passages.data;
    out->passage_count = (uint32_t)(p->passages.len / sizeof *out->passages);
    return status;
}

static const char *extension_of(const char *path) {
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    const char *dot = strrchr(name, '.');
    return dot && dot > name ? dot : "";
}

lede_format format_of_name(const char *path) {
    static const struct {
        const char *extension;
        lede_format format;
    } formats[] = {
        {".txt", LEDE_FORMAT_TEXT},          {".text", LEDE_FORMAT_TEXT},   {".md", LEDE_FORMAT_MARKDOWN},
        {".markdown", LEDE_FORMAT_MARKDOWN}, {".jsonl", LEDE_FORMAT_JSONL}, {".ndjson", LEDE_FORMAT_JSONL},
        {".tsv", LEDE_FORMAT_TSV},           {".html", LEDE_FORMAT_HTML},   {".htm", LEDE_FORMAT_HTML},
        {".xhtml", LEDE_FORMAT_HTML},
    };
    const char *extension = extension_of(path);
    struct span span = {extension, strlen(extension)};
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (span_equal(span, formats[i].extension))
            return formats[i].format;
    return LEDE_FORMAT_AUTO;
}

lede_format format_of_bytes(const char *bytes, size_t len) {
    struct span rest = without_bom((struct span){bytes, len}), line;
    while (span_next_line(&rest, &line)) {
        if (!line.n)
            continue;
        if (line.s[0] == '{')
            return LEDE_FORMAT_JSONL;
        if (span_starts(line, "<!doctype html") || span_starts(line, "<html"))
            return LEDE_FORMAT_HTML;
        const char *tab = memchr(line.s, '\t', line.n);
        bool id = tab && tab > line.s && !memchr(line.s, ' ', (size_t)(tab - line.s));
        return id ? LEDE_FORMAT_TSV : LEDE_FORMAT_TEXT;
    }
    return LEDE_FORMAT_TEXT;
}

/* What the files of common formats begin with, whatever their name says. */
static const char *signature_reason(struct span t) {
    static const struct {
        const char *magic, *reason;
    } kinds[] = {
        {"%PDF-", "a PDF file; convert it to text"},
        {"PK\x03\x04", "a ZIP file or an office document; unpack or convert it"},
        {"\x1f\x8b", "a gzip file; unpack it"},
        {"\x28\xb5\x2f\xfd", "a zstd file; unpack it"},
        {"\xfd\x37zXZ", "an xz file; unpack it"},
        {"BZh9", "a bzip2 file; unpack it"},
        {"\x89PNG", "an image"},
        {"\xff\xd8\xff", "an image"},
        {"GIF8", "an image"},
        {"\x7f\x45LF", "a program"},
        {"{\\rtf", "an RTF document; convert it to text"},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        size_t n = strlen(kinds[i].magic);
        if (t.n >= n && memcmp(t.s, kinds[i].magic, n) == 0)
            return kinds[i].reason;
    }
    return NULL;
}

const char *binary_reason(const char *bytes, size_t len) {
    enum { LOOK_AT = 64 * 1024 };
    struct span head = {bytes, len < LOOK_AT ? len : LOOK_AT};
    if (text_is_utf16(head.s, head.n))
        return NULL;
    const char *reason = signature_reason(head);
    if (reason)
        return reason;
    if (find_nul(head.s, head.n) < head.n)
        return "NUL bytes near its start; binary?";
    size_t controls = 0;
    for (size_t i = 0; i < head.n; i++)
        controls += (uint8_t)head.s[i] < ' ' && (bytes[i] < '\t' || bytes[i] > '\r') && bytes[i] != '\x1b';
    return controls > head.n / 20 ? "full of control characters; binary?" : NULL;
}
