/* Articles of prose: what stands around their paragraphs, and the body that is left. */
#include "reader.h"

#include "byline.h"
#include "core/base/error.h"
#include "date.h"
#include "dateline.h"
#include "litter.h"

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

static bool repeats_title(const struct draft *d, struct span t) {
    struct span title = {d->meta->title, d->meta->title_len};
    return title.n && span_same_words(t, title);
}

static void set_date(struct draft *d, lede_date date) {
    if (!d->meta->date)
        d->meta->date = date;
}

static void set_credit(struct draft *d, struct span credit) {
    if (!d->meta->credit_len && credit.n) {
        d->meta->credit = credit.s;
        d->meta->credit_len = credit.n;
    }
}

/* "6 May", where the year is known from elsewhere. */
static bool repeats_day(const struct draft *d, struct span t) {
    return d->meta->date && date_read_day(&t) && !span_trim(t).n;
}

/* A line that tells the date or the names, and nothing else. */
static bool take_line(struct draft *d, size_t i) {
    struct span t = block_at(d, i);
    lede_date date;
    struct span names = byline_of_line(t, &date);
    if (!names.n)
        date = date_of_line(t);
    if (!names.n && !date && !repeats_day(d, t))
        return false;
    set_date(d, date);
    if (names.n && !d->meta->byline_len) {
        d->meta->byline = names.s;
        d->meta->byline_len = names.n;
    }
    remove_block(d, i);
    return true;
}

/* The date and dateline that the first paragraph opens with. The dateline stays in the text. */
static void read_opening(struct draft *d, size_t i) {
    struct block *b = &d->blocks[i];
    struct span t = block_at(d, i);
    uint32_t end = b->start + b->len;
    set_date(d, date_take_prefix(&t));
    b->start = (uint32_t)(t.s - d->text.s);
    b->len = end - b->start;
    struct dateline dateline;
    if (!dateline_read(&dateline, t))
        return;
    set_date(d, dateline.date);
    set_credit(d, dateline.agency);
    if (!d->meta->dateline_len) {
        d->meta->dateline = dateline.place.s;
        d->meta->dateline_len = dateline.place.n;
    }
}

/* Whether block i is the title: what could be one, unless it is a dateline by itself or has nothing below. */
static bool is_title(const struct draft *d, size_t i) {
    struct dateline ignored;
    struct span t = block_at(d, i);
    return i + 1 < d->count && block_is_title(t) && !dateline_read(&ignored, t);
}

/* What stands above the first paragraph, in any order; the names also right below it. */
static lede_status read_head(struct draft *d, bool find_title, lede_error *err) {
    lede_status status = LEDE_OK;
    size_t paragraphs = 0;
    for (size_t i = 0; !status && i < d->count && paragraphs < 2;) {
        struct span t = block_at(d, i);
        if (d->count > 1 && paragraphs == 0 && repeats_title(d, t)) {
            remove_block(d, i);
        } else if (d->count > 1 && take_line(d, i)) {
            continue;
        } else if (find_title && !d->meta->title_len && paragraphs == 0 && is_title(d, i)) {
            status = take_title(d, i, err);
        } else {
            if (paragraphs++ == 0)
                read_opening(d, i);
            i++;
        }
    }
    return status;
}

/* "Published in Dawn, May 6th, 2025" */
static lede_date imprint_date(struct span t) {
    enum { IMPRINT_BYTES = 80 };
    const char *comma = t.n <= IMPRINT_BYTES && span_starts(t, "published in ") ? memchr(t.s, ',', t.n) : NULL;
    return comma ? date_of_line((struct span){comma, (size_t)(t.s + t.n - comma)}) : 0;
}

/* What stands below the last paragraph, or at its end. */
static void read_tail(struct draft *d) {
    while (d->count > 1) {
        struct span t = block_at(d, d->count - 1);
        struct span credit = credit_of_line(t);
        lede_date date = imprint_date(t);
        if (!credit.n && !date)
            break;
        set_date(d, date);
        set_credit(d, credit);
        d->count--;
    }
    if (!d->count)
        return;
    struct span last = block_at(d, d->count - 1);
    set_credit(d, credit_take_suffix(&last));
    d->blocks[d->count - 1].len = (uint32_t)last.n;
}

/* A heading with nothing below it is text. */
static void settle_headings(struct draft *d) {
    for (size_t i = d->count; i > 0 && d->blocks[i - 1].heading; i--)
        d->blocks[i - 1].heading = false;
}

/* Copies the lines of a block, each trimmed, with a mark for each line end of the source. */
static void copy_block(struct buffer *body, struct span t, char kept) {
    struct span line;
    while (span_next_line(&t, &line)) {
        size_t start = body->len;
        buffer_append(body, line.s, line.n);
        for (uint8_t *wrap; start < body->len && (wrap = memchr(body->data + start, PASSAGE_WRAP, body->len - start));)
            *wrap = ' '; /* one of the text's own is none */
        if (t.n)
            buffer_append_u8(body, t.s[-1] == kept ? '\n' : PASSAGE_WRAP);
    }
}

static lede_status build_body(struct draft *d, char kept, lede_error *err) {
    struct buffer *body = &d->p->body;
    buffer_clear(body);
    for (size_t i = 0; i < d->count; i++) {
        if (i)
            buffer_append(body, "\n\n", 2);
        uint32_t start = (uint32_t)body->len;
        copy_block(body, block_at(d, i), kept);
        d->blocks[i].start = start;
        d->blocks[i].len = (uint32_t)body->len - start;
    }
    d->meta->body = (const char *)body->data;
    d->meta->body_len = body->len;
    return body->failed ? error_nomem(err) : LEDE_OK;
}

lede_status text_settle(struct parser *p, struct span text, lede_article *meta, unsigned what, lede_error *err) {
    struct draft d = {p, text, meta, (struct block *)(void *)p->blocks.data, p->blocks.len / sizeof(struct block)};
    d.count = litter_remove(d.blocks, d.count, text.s);
    lede_status status = read_head(&d, what & TEXT_FIND_TITLE, err);
    if (status)
        return status;
    read_tail(&d);
    if (what & TEXT_FIND_HEADINGS)
        block_mark_headings(d.blocks, d.count, text.s);
    settle_headings(&d);
    status = build_body(&d, what & TEXT_KEEP_CR ? '\r' : '\0', err);
    p->blocks.len = d.count * sizeof *d.blocks;
    return status;
}

lede_status text_read(struct reader *r, struct span text, lede_error *err) {
    struct parser *p = r->parser;
    lede_article meta = {.line = 1};
    buffer_clear(&p->blocks);
    lede_status status = block_read(&p->blocks, &p->lines, text, 1, err);
    if (!status)
        status = text_settle(p, text, &meta, TEXT_FIND_TITLE | TEXT_FIND_HEADINGS, err);
    return status ? status : reader_emit_file(r, &meta, err);
}
