#include "core/base/error.h"
#include "core/index/index.h"
#include "record.h"

#include <stddef.h>

/* The article first, so that the one is found from the other. */
struct owned_article {
    lede_article article;
    struct arena arena; /* in which all of this lies */
};

static lede_status find_record(const struct snapshot *s, const char *key, size_t key_len,
                               const struct segment **segment, struct article_record *record, lede_error *err) {
    const struct snapshot_segment *found;
    uint32_t article;
    lede_status status = snapshot_find_article(s, key, key_len, &found, &article, err);
    if (status == LEDE_NOT_FOUND)
        return error_set(err, LEDE_NOT_FOUND, "%s: no article with the key %.*s", s->path, (int)key_len, key);
    if (status != LEDE_OK)
        return status;
    *segment = found->segment;
    return segment_article(found->segment, article, record, err);
}

static lede_status fill(struct owned_article *a, const struct snapshot *s, const struct segment *segment,
                        const struct article_record *record, lede_error *err) {
    lede_status status = record_copy(&a->article, &a->arena, record, err);
    if (status == LEDE_OK)
        status = record_path(&a->article.path, &a->arena, s, record->source, err);
    if (status == LEDE_OK && !s->omit_text) {
        struct text_reader reader = TEXT_READER_EMPTY;
        text_reader_use(&reader, segment);
        a->article.body_len = record->meta.body_len;
        status = record_text(&a->article.body, &a->arena, &reader, record, 0, record->meta.body_len, err);
        text_reader_release(&reader);
    }
    return status;
}

/* From an engine. */
static lede_status read_article(lede_article **out, struct engine_reader *reader, const char *key, size_t key_len,
                                lede_error *err) {
    struct arena arena = ARENA_EMPTY;
    struct owned_article *a = arena_zalloc(&arena, 1, sizeof *a);
    if (!a)
        return error_nomem(err);
    a->arena = arena;
    lede_status status = reader->engine->article(&a->article, reader, key, key_len, &a->arena, err);
    if (status == LEDE_OK)
        *out = &a->article;
    else
        lede_article_free(&a->article);
    return status;
}

lede_status lede_index_article(lede_article **out, const lede_index *index, const char *key, size_t key_len,
                               lede_error *err) {
    struct arena arena = ARENA_EMPTY;
    struct article_record record;
    const struct segment *segment = NULL;
    *out = NULL;
    if (index->reader)
        return read_article(out, index->reader, key, key_len, err);
    lede_status status = find_record(index->snapshot, key, key_len, &segment, &record, err);
    if (status != LEDE_OK)
        return status;
    struct owned_article *a = arena_zalloc(&arena, 1, sizeof *a);
    if (!a)
        return error_nomem(err);
    a->arena = arena;
    status = fill(a, index->snapshot, segment, &record, err);
    if (status == LEDE_OK)
        *out = &a->article;
    else
        lede_article_free(&a->article);
    return status;
}

void lede_article_free(lede_article *article) {
    if (article) {
        struct arena arena = ((struct owned_article *)(void *)article)->arena;
        arena_release(&arena);
    }
}

size_t lede_index_passage_start(const lede_index *index, const char *key, size_t key_len, uint32_t number) {
    struct article_record record;
    const struct segment *segment = NULL;
    size_t start = 0;
    if (index->reader)
        return index->reader->engine->passage_start(&start, index->reader, key, key_len, number, NULL) ? 0 : start;
    if (find_record(index->snapshot, key, key_len, &segment, &record, NULL) != LEDE_OK)
        return 0;
    if (number == 0 || number > record.passage_count)
        return index->snapshot->omit_text ? 0 : record.meta.body_len;
    struct passage passage;
    article_passage(&record, number - 1, &passage);
    return passage.start;
}
