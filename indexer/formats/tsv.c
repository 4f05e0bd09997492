/* id<TAB>text, one article a line, as MS MARCO has it. This is the way in for the largest inputs, so articles point
 * into the input and nothing is copied. Further tabs belong to the text. */
#include "reader.h"

#include "core/base/error.h"

static bool is_blank(struct span t) {
    return span_trim(t).n == 0;
}

/* Why a line can't be used; NULL if it can. */
static const char *fault_of(struct span id, struct span body, bool tab) {
    if (!tab)
        return "no tab; expected id<TAB>text";
    if (!id.n)
        return "empty id before the tab; expected id<TAB>text";
    if (id.n > ARTICLE_KEY_MAX)
        return "id of more than 4096 bytes; expected id<TAB>text";
    if (is_blank(body))
        return "no text after the tab; expected id<TAB>text";
    return body.n > UINT32_MAX / 2 ? "more than 2 GiB of text; split it" : NULL;
}

static lede_status read_line(struct reader *r, struct span line, uint32_t number, lede_error *err) {
    lede_status status;
    if (!reader_record(r, &line, number, &status, err))
        return status;
    const char *tab = memchr(line.s, '\t', line.n);
    size_t key_len = tab ? (size_t)(tab - line.s) : line.n;
    struct span body = {tab ? tab + 1 : line.s + line.n, tab ? line.n - key_len - 1 : 0};
    const char *fault = fault_of((struct span){line.s, key_len}, body, tab);
    if (fault) {
        reader_skip(r, number, fault);
        return LEDE_OK;
    }
    struct block block = {0, (uint32_t)body.n, number, false, true};
    buffer_clear(&r->parser->blocks);
    buffer_append(&r->parser->blocks, &block, sizeof block);
    if (r->parser->blocks.failed)
        return error_nomem(err);
    lede_article meta = {.key = line.s, .key_len = key_len, .body = body.s, .body_len = body.n, .line = number};
    return reader_emit(r, &meta, true, err);
}

lede_status tsv_read(struct reader *r, struct span text, lede_error *err) {
    struct span t;
    uint32_t line;
    lede_status status = LEDE_OK;
    for (struct line_walk walk = reader_lines(r, text); !status && reader_next_line(&walk, &t, &line);)
        status = read_line(r, t, line, err);
    return status;
}
