/* sample.h - articles made up at random, and segments of them. To be included behind cmocka.h. */
#ifndef LEDE_TESTS_SUPPORT_SAMPLE_H
#define LEDE_TESTS_SUPPORT_SAMPLE_H

#include "core/base/faults.h"
#include "core/segment/segment_map.h"
#include "indexer/inversion/inverter.h"
#include "support/folder.h"
#include "support/random.h"

enum { MAX_PASSAGES = 5, BODY = 4096 };

struct sample {
    char key[32], title[128], body[BODY];
    struct passage passages[MAX_PASSAGES];
    struct article article;
};

static inline size_t append_words(struct random *r, char *to, uint32_t words) {
    size_t n = 0;
    for (uint32_t i = 0; i < words; i++) {
        /* Few words often, many words rarely. */
        uint32_t range = 1U << random_below(r, 12);
        n += (size_t)sprintf(to + n, "%sw%ux%u", i ? " " : "", random_below(r, range), range & 3);
    }
    return n;
}

static inline void make_sample(struct random *r, struct sample *s, uint32_t number) {
    memset(s, 0, sizeof *s);
    lede_article *m = &s->article.meta;
    m->key = s->key;
    m->key_len = (size_t)sprintf(s->key, "%s/%u", random_below(r, 2) ? "news" : "wire", number);
    m->title = s->title;
    m->title_len = random_below(r, 2) ? append_words(r, s->title, 1 + random_below(r, 5)) : 0;
    m->byline = "By Staff";
    m->byline_len = random_below(r, 3) ? 0 : 8;
    m->date = random_below(r, 2) ? 20250422 : 0;
    m->line = 1 + random_below(r, 50);
    m->body = s->body;
    uint32_t count = random_below(r, MAX_PASSAGES + 1), end = 0, heading = 0, heading_len = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (random_below(r, 3) == 0) {
            heading = end;
            heading_len = (uint32_t)append_words(r, s->body + end, 1 + random_below(r, 3));
            end += heading_len;
            s->body[end++] = '\n';
        }
        uint32_t len = (uint32_t)append_words(r, s->body + end, 1 + random_below(r, 60));
        s->passages[i] = (struct passage){end, len, heading_len ? heading : 0, heading_len, m->line + 2 * i};
        end += len;
        s->body[end++] = '\n';
    }
    m->body_len = end;
    s->article.passages = s->passages;
    s->article.passage_count = count;
    s->article.source = 1 + number / 7;
}

static inline struct inverter *new_inverter(struct analyzer *a, bool omit_text) {
    struct inverter *inv;
    assert_int_equal(inverter_new(&inv, a, omit_text, NULL, NULL), LEDE_OK);
    return inv;
}

static inline struct segment *flush(struct inverter *inv, const char *path) {
    struct segment_info info;
    struct segment *s = NULL;
    lede_error err;
    if (inverter_flush(inv, path, NULL, &info, &err) != LEDE_OK || segment_open(&s, path, &info, &err) != LEDE_OK)
        fail_msg("%s", err.message);
    return s;
}

static inline void print_fault(void *ctx, const char *fault) {
    (void)ctx;
    print_message("fault: %s\n", fault);
}

static inline void assert_whole(const struct segment *s) {
    struct faults faults = {.report = print_fault};
    assert_int_equal(segment_check(s, &faults, NULL, NULL, NULL), LEDE_OK);
    assert_int_equal(faults.count, 0);
}

static inline void assert_same_section(const struct segment *a, const struct segment *b, enum section_kind kind) {
    assert_int_equal(a->sections[kind].size, b->sections[kind].size);
    assert_memory_equal(a->sections[kind].data, b->sections[kind].data, a->sections[kind].size);
}

#endif
