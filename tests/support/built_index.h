/* built_index.h - an index made of segments by hand, so that a test decides which passage lies where and what is
 * deleted. To be included behind cmocka.h.
 *
 *     built_index_init(&b, "english");
 *     built_index_add(&b, &article);     any number of times
 *     built_index_flush(&b);             ends a segment; any number of times
 *     built_index_delete(&b, 0, 3);      article 3 of segment 0
 *     built_index_merge(&b);             one segment of what is left
 *     lede_search(&results, &b.index, ...);
 *     built_index_release(&b);
 *
 *     built_index_share(&b, 3);          from then on three threads take part in a search, however small a segment is
 */
#ifndef LEDE_TESTS_BUILT_INDEX_H
#define LEDE_TESTS_BUILT_INDEX_H

#include "core/index/index.h"
#include "core/text/analyzer.h"
#include "indexer/inversion/inverter.h"
#include "indexer/merge/merge.h"
#include "support/folder.h"

enum { BUILT_SEGMENTS = 8 };

struct built_index {
    lede_index index;
    struct snapshot snapshot;
    struct snapshot_segment segments[BUILT_SEGMENTS];
    uint8_t *deleted[BUILT_SEGMENTS];
    struct folder folder;
    char language[32];
    struct analyzer *analyzer;
    struct inverter *inverter;
};

static inline void built_check(lede_status status, const lede_error *err) {
    if (status != LEDE_OK)
        fail_msg("%s", err->message);
}

static inline void built_index_init(struct built_index *b, const char *language) {
    lede_error err;
    memset(b, 0, sizeof *b);
    folder_make(&b->folder);
    snprintf(b->language, sizeof b->language, "%s", language);
    built_check(analyzer_new(&b->analyzer, language, &err), &err);
    built_check(inverter_new(&b->inverter, b->analyzer, false, NULL, &err), &err);
    b->snapshot.path = b->folder.path;
    b->snapshot.language = b->language;
    b->snapshot.segments = b->segments;
    b->index.snapshot = &b->snapshot;
    hot_budget_init(&b->snapshot.hot, LEDE_DEFAULT_CACHE);
}

static inline void built_index_share(struct built_index *b, unsigned threads) {
    if (!b->index.team)
        assert_non_null(b->index.team = team_new());
    b->index.team_least = b->index.team_least_postings = 1;
    team_set_threads(b->index.team, threads);
}

static inline void built_index_add(struct built_index *b, const struct article *article) {
    lede_error err;
    built_check(inverter_add(b->inverter, article, &err), &err);
}

/* Adds an article of one passage, which has neither a title nor a heading, so that words occur as often as the text has
 * them; its key is the number. */
static inline void built_index_add_text(struct built_index *b, uint32_t number, const char *text, size_t len) {
    char key[16];
    struct passage passage = {.len = (uint32_t)len, .line = 1};
    struct article a = {.meta = {.key = key,
                                 .key_len = (size_t)sprintf(key, "%u", number),
                                 .line = 1,
                                 .body = text,
                                 .body_len = passage.len},
                        .passages = &passage,
                        .passage_count = 1};
    built_index_add(b, &a);
}

static inline void built_index_flush(struct built_index *b) {
    lede_error err;
    char name[24];
    struct segment_info info;
    size_t i = b->snapshot.segment_count++;
    assert_true(i < BUILT_SEGMENTS);
    snprintf(name, sizeof name, "%zu", i);
    const char *path = folder_entry(&b->folder, name);
    built_check(inverter_flush(b->inverter, path, NULL, &info, &err), &err);
    built_check(segment_open(&b->segments[i].segment, path, &info, &err), &err);
    segment_keep_hot(b->segments[i].segment, &b->snapshot.hot);
    b->segments[i].base = b->snapshot.passages;
    b->snapshot.passages += info.passages;
    b->snapshot.total_length += info.total_length;
}

static inline void built_index_delete(struct built_index *b, size_t segment, uint32_t article) {
    struct snapshot_segment *s = &b->segments[segment];
    struct article_record record;
    lede_error err;
    built_check(segment_article(s->segment, article, &record, &err), &err);
    if (!b->deleted[segment])
        b->deleted[segment] = calloc(segment_info(s->segment)->passages / 8 + 1, 1);
    assert_non_null(b->deleted[segment]);
    s->deleted = b->deleted[segment];
    for (uint32_t p = record.first_passage; p < record.first_passage + record.passage_count; p++)
        b->deleted[segment][p / 8] |= (uint8_t)(1U << p % 8);
    s->deleted_count += record.passage_count;
    b->snapshot.deleted_passages += record.passage_count;
}

/* Leaves no segment. */
static inline void built_index_close(struct built_index *b) {
    for (size_t i = 0; i < b->snapshot.segment_count; i++) {
        segment_close(b->segments[i].segment);
        free(b->deleted[i]);
        b->deleted[i] = NULL;
        b->segments[i] = (struct snapshot_segment){0};
    }
    b->snapshot.segment_count = 0;
    b->snapshot.passages = b->snapshot.deleted_passages = 0;
    b->snapshot.total_length = 0;
}

/* Makes one segment of all, without what is deleted; once. */
static inline void built_index_merge(struct built_index *b) {
    struct merge_input inputs[BUILT_SEGMENTS];
    struct segment_info info;
    lede_error err;
    size_t count = b->snapshot.segment_count;
    const char *path = folder_entry(&b->folder, "merged");
    for (size_t i = 0; i < count; i++)
        inputs[i] = (struct merge_input){b->segments[i].segment, b->deleted[i]};
    const struct merge_job job = {.inputs = inputs, .count = count};
    built_check(merge_segments(&job, path, &info, &err), &err);
    built_index_close(b);
    built_check(segment_open(&b->segments[0].segment, path, &info, &err), &err);
    b->snapshot.segment_count = 1;
    b->snapshot.passages = info.passages;
    b->snapshot.total_length = info.total_length;
}

static inline void built_index_release(struct built_index *b) {
    team_free(b->index.team);
    built_index_close(b);
    hot_budget_release(&b->snapshot.hot);
    inverter_free(b->inverter);
    analyzer_free(b->analyzer);
    folder_remove(&b->folder);
}

#endif
