/* Articles of prose: what stands around their paragraphs, and the body that is left. */
#include "reader.h"

#include "../core/error.h"

struct draft {
    struct parser *p;
    struct span text;
    lede_article *meta;
    struct block *blocks;
    size_t count;
};

static struct span block_at(const struct draft *d, size_t i) {
    return block_span(d->text.s, &d->blocks[i]);
}

static void remove_block(struct draft *d, size_t i) {
    d->count--;
    memmove(d->blocks + i, d->blocks + i + 1, (d->count - i) * sizeof *d->blocks);
}

/* The lines of a block as one line. */
static lede_status take_title(struct draft *d, size_t i, lede_error *err) {
    struct span rest = block_at(d, i), word;
    struct buffer *title = &d->p->title;
    buffer_clear(title);
    while (span_next_word(&rest, &word)) {
        if (title->len)
            buffer_append_u8(title, ' ');
        buffer_append(title, word.s, word.n);
    }
    d->meta->title = (const char *)title->data;
    d->meta->title_len = title->len;
    remove_block(d, i);
    return title->failed ? error_nomem(err) : LEDE_OK;
}

static lede_status find_title(struct draft *d, lede_error *err) {
    if (d->count < 2 || !block_is_title(block_at(d, 0)))
        return LEDE_OK;
    return take_title(d, 0, err);
}

/* A title may stand there twice, or in a field and again in the text. */
static void drop_repeated_title(struct draft *d) {
    struct span title = {d->meta->title, d->meta->title_len};
    while (title.n && d->count > 1 && span_same_words(block_at(d, 0), title))
        remove_block(d, 0);
}

/* Copies the lines of a block, each trimmed, so that newlines in the body stand for those of the source. */
static void copy_block(struct buffer *body, struct span t) {
    struct span line;
    for (bool first = true; span_next_line(&t, &line); first = false) {
        if (!first)
            buffer_append_u8(body, '\n');
        buffer_append(body, line.s, line.n);
    }
}

static lede_status build_body(struct draft *d, lede_error *err) {
    struct buffer *body = &d->p->body;
    buffer_clear(body);
    for (size_t i = 0; i < d->count; i++) {
        if (i)
            buffer_append(body, "\n\n", 2);
        uint32_t start = (uint32_t)body->len;
        copy_block(body, block_at(d, i));
        d->blocks[i].start = start;
        d->blocks[i].len = (uint32_t)body->len - start;
    }
    d->meta->body = (const char *)body->data;
    d->meta->body_len = body->len;
    return body->failed ? error_nomem(err) : LEDE_OK;
}

lede_status text_settle(struct parser *p, struct span text, lede_article *meta, unsigned what, lede_error *err) {
    struct draft d = {p, text, meta, (struct block *)(void *)p->blocks.data, p->blocks.len / sizeof(struct block)};
    lede_status status = what & TEXT_FIND_TITLE ? find_title(&d, err) : LEDE_OK;
    if (status)
        return status;
    drop_repeated_title(&d);
    if (what & TEXT_FIND_HEADINGS)
        block_mark_headings(d.blocks, d.count, text.s);
    status = build_body(&d, err);
    p->blocks.len = d.count * sizeof *d.blocks;
    return status;
}

lede_status text_read(struct reader *r, struct span text, lede_error *err) {
    struct parser *p = r->parser;
    const char *path = r->input->path;
    lede_article meta = {.key = path, .key_len = strlen(path), .line = 1};
    buffer_clear(&p->blocks);
    lede_status status = block_read(&p->blocks, &p->lines, text, 1, err);
    if (!status)
        status = text_settle(p, text, &meta, TEXT_FIND_TITLE | TEXT_FIND_HEADINGS, err);
    if (status)
        return status;
    if (!meta.title_len && !meta.body_len) {
        reader_skip(r, 0, "no text in it");
        return LEDE_OK;
    }
    return reader_emit(r, &meta, false, err);
}
