#include "sources.h"

#include "core/base/buffer.h"
#include "core/base/error.h"
#include "core/base/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LISTS = 64, KEY_SIZE = 32 };

static size_t list_key(char key[KEY_SIZE], unsigned list) {
    return (size_t)snprintf(key, KEY_SIZE, "lede:sources:%02x", list);
}

static lede_status get(const struct shards *s, const char *key, size_t key_len, const char **value, size_t *len,
                       lede_error *err) {
    struct xapian_error failure;
    if (s->x->xapian_database_metadata(value, len, s->shards[0].db, key, key_len, &failure))
        return shards_fail(s, 0, &failure, err);
    return LEDE_OK;
}

static lede_status put(const struct shards *s, const char *key, size_t key_len, const void *value, size_t len,
                       lede_error *err) {
    struct xapian_error failure;
    if (s->x->xapian_database_set_metadata(s->shards[0].db, key, key_len, value, len, &failure))
        return shards_fail(s, 0, &failure, err);
    return LEDE_OK;
}

lede_status sources_get_number(const struct shards *s, const char *key, uint64_t *number, lede_error *err) {
    const char *value;
    size_t len;
    *number = 0;
    lede_status status = get(s, key, strlen(key), &value, &len, err);
    if (!status && len)
        *number = strtoull(value, NULL, 10);
    return status;
}

lede_status sources_put_number(const struct shards *s, const char *key, uint64_t number, lede_error *err) {
    char text[24];
    int len = snprintf(text, sizeof text, "%llu", (unsigned long long)number);
    return put(s, key, strlen(key), text, (size_t)len, err);
}

/* ----------------------------------------------------------------------------------- reading -- */

/* One source from the list; its path, with a NUL, in `path`, and behind that how it was read, if that was told: who
 * does not know of it sees the path alone. */
static bool read_source(const uint8_t **at, const uint8_t *end, struct buffer *path, struct catalogue_source *out) {
    uint64_t len, mtime, state;
    *out = (struct catalogue_source){.id = 0};
    buffer_clear(path);
    if (!varint_get(at, end, &len) || len > (uint64_t)(end - *at))
        return false;
    buffer_append(path, *at, (size_t)len);
    buffer_append_u8(path, 0);
    *at += len;
    if (!varint_get(at, end, &out->id) || !varint_get(at, end, &out->size) || !varint_get(at, end, &mtime) ||
        !varint_get(at, end, &out->hash) || !varint_get(at, end, &state) || state > SOURCE_INCOMPLETE)
        return false;
    out->mtime = zigzag_decode(mtime);
    out->state = (enum source_state)state;
    out->path = (const char *)path->data;
    size_t path_len = path->failed ? 0 : strlen(out->path);
    if (path_len < len)
        snprintf(out->reading, sizeof out->reading, "%s", out->path + path_len + 1);
    return true;
}

static lede_status visit_list(const struct shards *s, const char *list, size_t len, source_visit visit, void *ctx,
                              lede_error *err) {
    const uint8_t *at = (const uint8_t *)list, *end = at + len;
    struct buffer path = BUFFER_EMPTY;
    struct catalogue_source source;
    lede_status status = LEDE_OK;
    while (at < end && !status) {
        if (read_source(&at, end, &path, &source))
            status = path.failed ? error_nomem(err) : visit(ctx, &source, err);
        else
            status = error_set(err, LEDE_CORRUPT, "%s: the list of source files makes no sense; index again", s->name);
    }
    buffer_release(&path);
    return status;
}

lede_status sources_visit(const struct shards *s, source_visit visit, void *ctx, lede_error *err) {
    lede_status status = LEDE_OK;
    for (unsigned list = 0; list < LISTS && !status; list++) {
        char key[KEY_SIZE];
        const char *value;
        size_t len;
        status = get(s, key, list_key(key, list), &value, &len, err);
        if (!status)
            status = visit_list(s, value, len, visit, ctx, err);
    }
    return status;
}

static lede_status put_into(void *ctx, const struct catalogue_source *source, lede_error *err) {
    return catalogue_put_source(ctx, source, err);
}

lede_status sources_load(const struct shards *s, struct catalogue *catalogue, lede_error *err) {
    return sources_visit(s, put_into, catalogue, err);
}

static lede_status count_one(void *ctx, const struct catalogue_source *source, lede_error *err) {
    (void)source;
    (void)err;
    ++*(uint64_t *)ctx;
    return LEDE_OK;
}

lede_status sources_count(const struct shards *s, uint64_t *count, lede_error *err) {
    *count = 0;
    return sources_visit(s, count_one, count, err);
}

/* ----------------------------------------------------------------------------------- writing -- */

static lede_status append_source(void *ctx, const struct catalogue_source *source, lede_error *err) {
    struct buffer *lists = ctx;
    struct buffer *list = &lists[file_checksum(source->path, strlen(source->path)) % LISTS];
    (void)err;
    size_t len = strlen(source->path), reading = strlen(source->reading);
    buffer_append_varint(list, len + (reading ? 1 + reading : 0));
    buffer_append(list, source->path, len + (reading ? 1 : 0));
    buffer_append(list, source->reading, reading);
    buffer_append_varint(list, source->id);
    buffer_append_varint(list, source->size);
    buffer_append_varint(list, zigzag_encode(source->mtime));
    buffer_append_varint(list, source->hash);
    buffer_append_varint(list, source->state);
    return LEDE_OK;
}

static lede_status store_list(const struct shards *s, unsigned number, const struct buffer *list, lede_error *err) {
    char key[KEY_SIZE];
    const char *old;
    size_t old_len, key_len = list_key(key, number);
    if (list->failed)
        return error_nomem(err);
    lede_status status = get(s, key, key_len, &old, &old_len, err);
    if (status || (old_len == list->len && (!old_len || !memcmp(old, list->data, old_len))))
        return status;
    return put(s, key, key_len, list->data, list->len, err);
}

lede_status sources_store(const struct shards *s, struct catalogue *catalogue, lede_error *err) {
    struct buffer *lists = calloc(LISTS, sizeof *lists);
    if (!lists)
        return error_nomem(err);
    lede_status status = catalogue_sources_below(catalogue, "/", append_source, lists, err);
    if (!status)
        status = catalogue_sources_of(catalogue, "-", append_source, lists, err);
    for (unsigned i = 0; i < LISTS && !status; i++)
        status = store_list(s, i, &lists[i], err);
    for (unsigned i = 0; i < LISTS; i++)
        buffer_release(&lists[i]);
    free(lists);
    return status;
}
