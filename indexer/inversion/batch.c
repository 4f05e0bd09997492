#include "batch.h"

#include <assert.h>
#include <stdlib.h>

#include "core/base/error.h"

lede_status batch_new(struct batch **out, lede_error *err) {
    *out = calloc(1, sizeof **out);
    return *out ? LEDE_OK : error_nomem(err);
}

void batch_free(struct batch *b) {
    if (!b)
        return;
    buffer_release(&b->bytes);
    buffer_release(&b->names);
    free(b->pieces);
    free(b);
}

void batch_clear(struct batch *b, size_t keep) {
    if (b->bytes.cap > keep)
        buffer_release(&b->bytes);
    buffer_clear(&b->bytes);
    buffer_clear(&b->names);
    b->count = 0;
    b->number = 0;
}

static struct piece *append_piece(struct batch *b) {
    if (b->count == b->cap) {
        size_t cap = b->cap ? 2 * b->cap : 16;
        struct piece *grown = reallocarray(b->pieces, cap, sizeof *grown);
        if (!grown)
            return NULL;
        b->pieces = grown;
        b->cap = cap;
    }
    return &b->pieces[b->count++];
}

lede_status batch_add_piece(struct batch *b, const struct piece *piece, const char *path, size_t len, lede_error *err) {
    size_t name = b->names.len;
    buffer_append(&b->names, path, strlen(path) + 1);
    struct piece *p = append_piece(b);
    if (!p || b->names.failed || b->bytes.failed)
        return error_nomem(err);
    *p = *piece;
    p->path = name;
    p->len = len;
    p->start = b->bytes.len - len;
    return LEDE_OK;
}

/* The strings of an article, in the order in which a piece holds them. */
enum { STRINGS = 7 };

lede_status batch_add_article(struct batch *b, const lede_article *a, lede_error *err) {
    const struct {
        const char *s;
        size_t len;
    } strings[STRINGS] = {{a->key, a->key_len},           {a->title, a->title_len},   {a->byline, a->byline_len},
                          {a->dateline, a->dateline_len}, {a->credit, a->credit_len}, {a->body, a->body_len},
                          {a->language, a->language_len}};
    size_t start = b->bytes.len;
    for (size_t i = 0; i < STRINGS; i++)
        buffer_append_string(&b->bytes, strings[i].s ? strings[i].s : "", strings[i].s ? strings[i].len : 0);
    buffer_append_u32(&b->bytes, a->date);
    struct piece piece = {.is_article = true};
    return batch_add_piece(b, &piece, "", b->bytes.len - start, err);
}

void batch_article(const struct batch *b, const struct piece *piece, lede_article *out) {
    const uint8_t *p = (const uint8_t *)batch_bytes(b, piece), *end = p + piece->len;
    const char *strings[STRINGS];
    uint64_t lengths[STRINGS];
    for (size_t i = 0; i < STRINGS; i++) {
        bool whole = varint_get(&p, end, &lengths[i]);
        assert(whole);
        (void)whole;
        strings[i] = (const char *)p;
        p += lengths[i];
    }
    *out = (lede_article){
        .key = strings[0],
        .key_len = lengths[0],
        .title = strings[1],
        .title_len = lengths[1],
        .byline = strings[2],
        .byline_len = lengths[2],
        .dateline = strings[3],
        .dateline_len = lengths[3],
        .credit = strings[4],
        .credit_len = lengths[4],
        .body = strings[5],
        .body_len = lengths[5],
        .language = strings[6],
        .language_len = lengths[6],
        .date = load_u32(p),
    };
}
