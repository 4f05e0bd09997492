/* Any bytes, read in any format: the articles hold valid text, and their passages stand in order, within bounds, and
 * hold each word of the body that is not a heading. The first byte chooses the format and the mode. */
#include <stdlib.h>
#include <string.h>

#include "core/text/span.h"
#include "core/text/utf8.h"
#include "indexer/formats/parser.h"
#include "indexer/formats/passage.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition) {
    if (!condition)
        abort();
}

static void require_text(const char *s, size_t n) {
    require(n == 0 || (s && utf8_valid(s, n) && !memchr(s, 0, n)));
}

/* What lies between two passages: white space, around the heading of the second. */
static void require_gap(const lede_article *meta, size_t start, const struct passage *next, size_t end) {
    if (next && next->heading_len && next->heading_start >= start) {
        require(next->heading_start + next->heading_len <= end);
        require_gap(meta, start, NULL, next->heading_start);
        start = next->heading_start + next->heading_len;
    }
    require(span_trim((struct span){meta->body + start, end - start}).n == 0);
}

static void require_passage(const lede_article *meta, const struct passage *p, size_t from, lede_passages mode) {
    require(p->len > 0 && p->start >= from && (size_t)p->start + p->len <= meta->body_len && p->line > 0);
    require(p->heading_start + (size_t)p->heading_len <= p->start || !p->heading_len);
    require_text(meta->body + p->start, p->len);
    require_text(meta->body + p->heading_start, p->heading_len);
    require_gap(meta, from, p, p->start);
    struct span text = {meta->body + p->start, p->len};
    require(mode == LEDE_PASSAGES_WHOLE || span_words(text) <= (PASSAGE_MAX + PASSAGE_MIN) * (size_t)WORD);
}

static lede_status take(void *ctx, const struct article *article, lede_error *err) {
    const lede_article *meta = &article->meta;
    const lede_passages *mode = ctx;
    size_t end = 0;
    (void)err;
    require(meta->key_len > 0 && meta->key_len <= 4096 && meta->line > 0);
    require_text(meta->key, meta->key_len);
    require_text(meta->title, meta->title_len);
    require_text(meta->byline, meta->byline_len);
    require_text(meta->dateline, meta->dateline_len);
    require_text(meta->credit, meta->credit_len);
    require_text(meta->body, meta->body_len);
    for (uint32_t i = 0; i < article->passage_count; i++) {
        require_passage(meta, &article->passages[i], end, *mode);
        end = article->passages[i].start + article->passages[i].len;
    }
    if (meta->body_len)
        require_gap(meta, end, NULL, meta->body_len);
    return LEDE_OK;
}

static void warn(void *ctx, lede_warning_kind kind, const char *path, uint32_t line, const char *why) {
    (void)ctx;
    (void)line;
    require(kind == LEDE_WARNING_SKIPPED || kind == LEDE_WARNING_REPAIRED);
    require(strcmp(path, "/a/file") == 0 && *why && !strpbrk(why, "\r\n"));
    require(utf8_valid(why, strlen(why)));
}

static void cut_given(struct parser *p, const char *text, size_t len, lede_passages mode) {
    lede_article meta = {.key = "k", .key_len = 1, .body = text, .body_len = len, .line = 1};
    struct article article;
    lede_status status = parser_cut(p, &meta, mode, &article, NULL);
    require(status == LEDE_OK || status == LEDE_INVALID);
    if (!status)
        take(&mode, &article, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct parser *p = NULL;
    if (size == 0 || parser_new(&p, NULL))
        return 0;
    const char *text = (const char *)data + 1;
    lede_passages mode = data[0] & 8 ? LEDE_PASSAGES_WHOLE : LEDE_PASSAGES_CUT;
    lede_format format = (lede_format)(data[0] % 8 % 6);
    if (format == LEDE_FORMAT_AUTO)
        format = format_of_bytes(text, size - 1);
    (void)binary_reason(text, size - 1);
    struct parse_input input = {format, mode, "/a/file", text, size - 1, 1, 1};
    struct parse_sink sink = {&mode, take, warn, 0, 0};
    require(parser_run(p, &input, &sink, NULL) == LEDE_OK);
    cut_given(p, text, size - 1, mode);
    parser_free(p);
    return 0;
}
