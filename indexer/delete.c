/* Taking articles out: by key, or with their files. It holds from the commit on. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "writer.h"

/* Deletes the live articles with this key from a segment: one, or several if they are fresh. */
static lede_status delete_from_segment(struct writer_segment *s, const char *key, size_t key_len,
                                       struct article_record *record, uint64_t *deleted, lede_error *err) {
    for (;;) {
        uint32_t article;
        bool added = false;
        lede_status status = segment_find_key(s->segment, s->tombstones.bitmap, key, key_len, &article, err);
        if (status == LEDE_NOT_FOUND)
            return LEDE_OK;
        if (!status)
            status = segment_article(s->segment, article, record, err);
        if (!status)
            status = tombstones_add(&s->tombstones, record, &added, err);
        if (status)
            return status;
        ++*deleted;
    }
}

static lede_status delete_from_segments(struct lede_writer *w, const char *key, size_t key_len, uint64_t *committed,
                                        uint64_t *fresh, lede_error *err) {
    struct article_record *record = malloc(sizeof *record);
    lede_status status = record ? LEDE_OK : error_nomem(err);
    for (size_t i = 0; !status && i < w->count; i++) {
        struct writer_segment *s = &w->segments[i];
        status = delete_from_segment(s, key, key_len, record, s->fresh ? fresh : committed, err);
    }
    free(record);
    return status;
}

/* Deletions that wait. More would take memory: then what is in hand goes to segments. */
enum { DELETIONS_MAX = 4096 };

/* Notes that articles with this key which are not in segments yet are to be deleted too. */
static lede_status note_deletion(struct lede_writer *w, const char *key, size_t key_len, lede_error *err) {
    lede_status status = feed_flush(&w->feed, err);
    if (status)
        return status;
    struct deletion *grown = reallocarray(w->deletions, w->deletion_count + 1, sizeof *grown);
    if (!grown)
        return error_nomem(err);
    w->deletions = grown;
    char *copy = malloc(key_len);
    if (!copy)
        return error_nomem(err);
    memcpy(copy, key, key_len);
    w->deletions[w->deletion_count++] =
        (struct deletion){.key = copy, .key_len = key_len, .batch = pipeline_next_batch(w->pipeline)};
    return w->deletion_count < DELETIONS_MAX ? LEDE_OK : writer_collect(w, err);
}

/* The key of an article that is a whole file is the file's path: whichever of them it was deleted by, the file comes
 * back when its folder is indexed again. */
static lede_status forget_file(struct lede_writer *w, const char *key, size_t key_len, lede_error *err) {
    if (key[0] != '/')
        return LEDE_OK;
    char *path = strndup(key, key_len);
    lede_status status = path ? update_drop(&w->update, path, NULL, err) : error_nomem(err);
    free(path);
    return status;
}

static lede_status delete_from_store(struct lede_writer *w, const char *key, size_t key_len, uint64_t *deleted,
                                     bool *found, lede_error *err) {
    lede_status status = feed_flush(&w->feed, err);
    if (!status)
        status = w->store->engine->remove(w->store, key, key_len, deleted, found, err);
    return !status && *found ? forget_file(w, key, key_len, err) : status;
}

static lede_status delete_key(struct lede_writer *w, const char *key, size_t key_len, uint64_t *deleted, bool *found,
                              lede_error *err) {
    uint64_t fresh = 0;
    if (w->store)
        return delete_from_store(w, key, key_len, deleted, found, err);
    lede_status status = delete_from_segments(w, key, key_len, deleted, &fresh, err);
    if (!status && w->in_flight && *deleted + fresh == 0) {
        /* It may be among what waits for the commit: only segments can tell. */
        status = writer_collect(w, err);
        if (!status)
            status = delete_from_segments(w, key, key_len, deleted, &fresh, err);
    } else if (!status && w->in_flight) {
        status = note_deletion(w, key, key_len, err);
    }
    *found = *deleted + fresh > 0;
    return !status && *found ? forget_file(w, key, key_len, err) : status;
}

/* The absolute path of a file or folder that need not be there any more: the nearest parent that is there is resolved.
 * NULL with *status if memory or the parent is lacking. */
static char *resolve_path(const char *name) {
    char *path = realpath(name, NULL);
    if (path || (errno != ENOENT && errno != ENOTDIR))
        return path;
    char *parent = strdup(name);
    if (!parent)
        return NULL;
    size_t len = strlen(parent);
    while (len > 1 && parent[len - 1] == '/')
        parent[--len] = '\0';
    char *slash = strrchr(parent, '/');
    const char *last = slash ? slash + 1 : parent;
    char *folder = NULL;
    if (slash == parent)
        folder = strdup("");
    else if (slash)
        folder = (*slash = '\0', resolve_path(parent));
    else
        folder = realpath(".", NULL);
    if (folder && asprintf(&path, "%s/%s", strcmp(folder, "/") ? folder : "", last) < 0)
        path = NULL;
    free(folder);
    free(parent);
    return path;
}

static lede_status delete_source(struct lede_writer *w, uint64_t source, uint64_t *deleted, lede_error *err) {
    uint64_t count = 0;
    lede_status status = w->store->engine->remove_source(w->store, source, &count, err);
    *deleted += count;
    return status;
}

/* Deletes the committed articles of these sources. Fresh ones go at the commit, after they have replaced what they
 * replace. */
static lede_status delete_dropped(struct lede_writer *w, const struct id_set *dropped, uint64_t *deleted,
                                  lede_error *err) {
    lede_status status = LEDE_OK;
    for (uint64_t id = 0; w->store && !status && id_set_next(dropped, &id); id++)
        status = delete_source(w, id, deleted, err);
    for (size_t i = 0; !status && i < w->count; i++)
        if (!w->segments[i].fresh)
            status = resolve_sources(&w->segments[i].tombstones, dropped, deleted, err);
    return status;
}

static lede_status delete_sources(struct lede_writer *w, const char *path, uint64_t *deleted, bool *found,
                                  lede_error *err) {
    struct id_set dropped = ID_SET_EMPTY;
    lede_status status = update_drop(&w->update, path, &dropped, err);
    if (!status)
        status = update_drop_below(&w->update, path, &dropped, err);
    *found = dropped.count > 0;
    if (!status)
        status = delete_dropped(w, &dropped, deleted, err);
    id_set_release(&dropped);
    return status;
}

/* A key that is no article's may name a file or folder. */
static lede_status delete_path(struct lede_writer *w, const char *key, size_t key_len, uint64_t *deleted, bool *found,
                               lede_error *err) {
    char *name = strndup(key, key_len);
    if (!name)
        return error_nomem(err);
    char *path = resolve_path(name);
    lede_status status = LEDE_OK;
    if (path)
        status = delete_sources(w, path, deleted, found, err);
    else if (errno == ENOMEM)
        status = error_nomem(err);
    free(path);
    free(name);
    return status;
}

lede_status lede_writer_delete(lede_writer *w, const char *key, size_t key_len, uint64_t *deleted, lede_error *err) {
    uint64_t unused;
    bool found = false;
    deleted = deleted ? deleted : &unused;
    *deleted = 0;
    /* As a path it would be the current folder. */
    if (key_len == 0)
        return error_set(err, LEDE_INVALID, "the key to delete is empty; name an article, a file or a folder");
    lede_status status = writer_usable(w, err);
    if (!status)
        status = writer_begin(w, err);
    if (status)
        return status;
    status = delete_key(w, key, key_len, deleted, &found, err);
    if (!status && !found)
        status = delete_path(w, key, key_len, deleted, &found, err);
    if (status)
        return writer_fail(w, status);
    w->info.articles_deleted += *deleted;
    return found ? LEDE_OK
                 : error_set(err, LEDE_NOT_FOUND, "%.*s: the index has no article of this key, nor a file or folder",
                             (int)key_len, key);
}
