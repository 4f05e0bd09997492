/* segment.h - small segments for tests, out of keys and sources. */
#ifndef LEDE_TESTS_SUPPORT_SEGMENT_H
#define LEDE_TESTS_SUPPORT_SEGMENT_H

#include <string.h>

#include "core/segment/segment.h"
#include "indexer/inversion/inverter.h"
#include "support/index.h"

/* An article to be: `passages` passages of a word each. */
struct sketch {
    const char *key;
    uint64_t source;
    uint32_t passages;
};

static inline void add_sketch(struct inverter *inverter, const struct sketch *s) {
    static const char body[] = "a b c d e f g h";
    struct passage passages[8];
    for (uint32_t i = 0; i < s->passages; i++)
        passages[i] = (struct passage){.start = 2 * i, .len = 1, .line = 1};
    struct article article = {
        .meta = {.key = s->key, .key_len = strlen(s->key), .body = body, .body_len = sizeof body - 1, .line = 1},
        .source = s->source,
        .passages = passages,
        .passage_count = s->passages,
    };
    MUST(inverter_add(inverter, &article, err));
}

/* Writes the articles to a segment file, and opens it. */
static inline struct segment *make_segment(const char *path, const struct sketch *sketches, size_t count) {
    struct analyzer *analyzer;
    struct inverter *inverter;
    struct segment_info info;
    struct segment *segment;
    MUST(analyzer_new(&analyzer, "english", err));
    MUST(inverter_new(&inverter, analyzer, false, NULL, err));
    for (size_t i = 0; i < count; i++)
        add_sketch(inverter, &sketches[i]);
    MUST(inverter_flush(inverter, path, NULL, &info, err));
    inverter_free(inverter);
    analyzer_free(analyzer);
    MUST(segment_open(&segment, path, &info, err));
    return segment;
}

#endif
