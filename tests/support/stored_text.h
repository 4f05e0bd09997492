/* stored_text.h - texts made of random bodies, and segments that hold them, and one word. */
#ifndef LEDE_TESTS_SUPPORT_STORED_TEXT_H
#define LEDE_TESTS_SUPPORT_STORED_TEXT_H

#include "core/segment/stored_text.h"
#include "core/segment/text_table.h"
#include "core/segment/text_writer.h"
#include "support/folder.h"
#include "support/random.h"
#include "support/segment.h"

/* A text and the bodies that it is made of. */
struct text {
    struct buffer bytes;
    size_t starts[1 << 14];
    size_t count;
};

static inline struct text *text_new(void) {
    struct text *t = calloc(1, sizeof *t);
    assert_non_null(t);
    return t;
}

static inline void text_free(struct text *t) {
    buffer_release(&t->bytes);
    free(t);
}

static const char *body_at(const struct text *t, size_t i, size_t *len) {
    size_t end = i + 1 < t->count ? t->starts[i + 1] : t->bytes.len;
    *len = end - t->starts[i];
    return (const char *)t->bytes.data + t->starts[i];
}

/* Words that come again, in lines of any length. */
static inline void append_body(struct random *r, struct text *t, size_t len) {
    static const char *const words[] = {"peace", "treaty", "signed in Simla", "minister", "of the", "river", "said"};
    size_t end = t->bytes.len + len;
    t->starts[t->count++] = t->bytes.len;
    while (t->bytes.len < end) {
        char word[40];
        int n = snprintf(word, sizeof word, "%s%u%c", words[random_below(r, 7)], random_below(r, 1000),
                         random_below(r, 20) ? ' ' : '\n');
        buffer_append(&t->bytes, word, (size_t)n);
    }
    t->bytes.len = end;
}

/* Bodies of so many bytes together: most are short, some are longer than any block, one in a while is empty. */
static inline struct text *make_text(struct random *r, size_t bytes) {
    struct text *t = text_new();
    while (t->bytes.len < bytes && t->count < sizeof t->starts / sizeof *t->starts) {
        unsigned kind = random_below(r, 20);
        append_body(r, t, kind == 0 ? 0 : kind == 1 ? random_below(r, 40000) : random_below(r, 1500));
    }
    return t;
}

/* A segment with these two sections, and the others of one that has no text. */
struct made {
    struct folder folder;
    struct segment *frame, *segment;
};

static inline void write_frame(struct segment_writer *out, const struct segment *frame, enum section_kind kind) {
    const struct section *x = segment_section(frame, kind);
    segment_writer_begin(out, kind);
    segment_writer_write(out, x->data, x->size);
    segment_writer_end(out);
}

static inline struct segment_writer *begin(struct made *m) {
    static const struct sketch one = {"k", 1, 1};
    struct segment_writer *out;
    folder_make(&m->folder);
    m->frame = make_segment(folder_entry(&m->folder, "frame.seg"), &one, 1);
    MUST(segment_writer_open(&out, folder_entry(&m->folder, "text.seg"), err));
    for (enum section_kind kind = 1; kind <= SECTION_COUNT; kind++)
        if (kind != SECTION_TEXT && kind != SECTION_TEXT_BLOCKS)
            write_frame(out, m->frame, kind);
    segment_writer_begin(out, SECTION_TEXT);
    return out;
}

static inline void commit(struct made *m, struct segment_writer *out, uint64_t text_size) {
    struct segment_counts counts = m->frame->counts;
    struct segment_info info;
    counts.text_size = text_size;
    MUST(segment_writer_commit(out, &counts, &info, err));
}

static inline void open_made(struct made *m) {
    MUST(segment_open(&m->segment, folder_entry(&m->folder, "text.seg"), NULL, err));
}

static inline void add_all(struct text_writer *w, struct segment_writer *out, const struct text *t) {
    for (size_t i = 0; i < t->count; i++) {
        size_t len;
        const char *body = body_at(t, i, &len);
        text_writer_add(w, body, len);
        if (i % 100 == 0)
            text_writer_drain(w, out);
    }
}

static inline void finish(struct made *m, struct text_writer *w, struct segment_writer *out) {
    uint64_t size;
    assert_true(text_writer_finish(w, out, &size));
    text_writer_free(w);
    commit(m, out, size);
    open_made(m);
}

static inline void store(struct made *m, const struct text *t) {
    struct segment_writer *out = begin(m);
    struct text_writer *w;
    MUST(text_writer_new(&w, NULL, err));
    add_all(w, out, t);
    finish(m, w, out);
}

static inline void made_release(struct made *m) {
    segment_close(m->segment);
    segment_close(m->frame);
    folder_remove(&m->folder);
}

#endif
