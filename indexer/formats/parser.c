#include "parser.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/text/charset.h"
#include "reader.h"

lede_status parser_new(struct parser **out, lede_error *err) {
    *out = calloc(1, sizeof **out);
    return *out ? LEDE_OK : error_nomem(err);
}

void parser_limit(struct parser *p, struct trees *trees) {
    p->trees = trees;
}

void parser_free(struct parser *p) {
    if (!p)
        return;
    buffer_release(&p->utf8);
    buffer_release(&p->markup);
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

/* Articles are addressed by 32 bits, some of which are left for what is put between paragraphs. */
#define ARTICLE_MAX (UINT32_MAX / 2)

static lede_status run_file(struct reader *r, struct span text, lede_error *err) {
    if (text.n > ARTICLE_MAX) {
        reader_skip(r, 0, "larger than 2 GiB, too much for one article; split it");
        return LEDE_OK;
    }
    bool html = r->input->format == LEDE_FORMAT_HTML;
    bool foreign = html && !text_is_utf16(text.s, text.n) && html_declares_charset(text);
    lede_status status = foreign ? LEDE_OK : reader_convert(r, &text, 0, err);
    if (status)
        return status;
    size_t nul = reader_find_nul(text.s, text.n);
    if (nul < text.n) {
        reader_skip_for_nul(r, 0, nul);
        return LEDE_OK;
    }
    text = reader_without_bom(text);
    if (html)
        return html_read(r, text, err);
    return r->input->format == LEDE_FORMAT_MARKDOWN ? markdown_read(r, text, err) : text_read(r, text, err);
}

static lede_status run_lines(struct reader *r, struct span text, lede_error *err) {
    if (r->input->line <= 1 && text_is_utf16(text.s, text.n)) {
        lede_status status = reader_convert(r, &text, 0, err);
        if (status)
            return status;
    }
    if (r->input->line <= 1)
        text = reader_without_bom(text);
    r->clean = utf8_valid(text.s, text.n) && reader_find_nul(text.s, text.n) == text.n;
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
    size_t nul = reader_find_nul(body.s, body.n);
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
