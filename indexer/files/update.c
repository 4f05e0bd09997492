#include "update.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

enum update_verdict update_judge(const struct catalogue_source *known, uint64_t size, int64_t mtime) {
    if (!known)
        return UPDATE_NEW;
    if (known->state == SOURCE_INCOMPLETE || known->size != size)
        return UPDATE_CHANGED;
    return known->mtime == mtime && known->state == SOURCE_COMPLETE ? UPDATE_UNCHANGED : UPDATE_HASH;
}

bool update_is_racy(int64_t mtime, int64_t now) {
    return mtime > now - UPDATE_RACY_NANOSECONDS;
}

void update_forget(struct update *u) {
    id_set_release(&u->gone);
    id_set_release(&u->replaced);
    id_set_release(&u->named);
    id_set_release(&u->kept);
}

/* ---------------------------------------------------------------------------------- dropping -- */

static lede_status collect(void *ctx, const struct catalogue_source *source, lede_error *err) {
    return id_set_add(ctx, source->id, err);
}

/* Retires sources; `status` is what collecting them gave. */
static lede_status retire(struct update *u, const struct id_set *sources, lede_status status, struct id_set *dropped,
                          lede_error *err) {
    for (uint64_t id = 0; !status && id_set_next(sources, &id); id++) {
        status = catalogue_retire_source(u->catalogue, id, u->now, err);
        if (!status)
            status = id_set_add(&u->gone, id, err);
        if (!status && dropped)
            status = id_set_add(dropped, id, err);
    }
    return status;
}

lede_status update_drop(struct update *u, const char *path, struct id_set *dropped, lede_error *err) {
    struct id_set sources = ID_SET_EMPTY;
    lede_status status = catalogue_sources_of(u->catalogue, path, collect, &sources, err);
    status = retire(u, &sources, status, dropped, err);
    id_set_release(&sources);
    return status;
}

lede_status update_drop_below(struct update *u, const char *folder, struct id_set *dropped, lede_error *err) {
    struct id_set sources = ID_SET_EMPTY;
    lede_status status = catalogue_sources_below(u->catalogue, folder, collect, &sources, err);
    status = retire(u, &sources, status, dropped, err);
    id_set_release(&sources);
    return status;
}

static lede_status mark_incomplete(struct update *u, const char *path, lede_error *err) {
    struct catalogue_source known;
    lede_status status = catalogue_find_source(u->catalogue, path, &known, err);
    if (status == LEDE_NOT_FOUND)
        return LEDE_OK;
    known.state = SOURCE_INCOMPLETE;
    return status ? status : catalogue_put_source(u->catalogue, &known, err);
}

lede_status update_replace(struct update *u, const struct catalogue_source *source, lede_error *err) {
    lede_status status = source->state == SOURCE_INCOMPLETE ? mark_incomplete(u, source->path, err)
                                                            : update_drop(u, source->path, &u->replaced, err);
    return status ? status : catalogue_put_source(u->catalogue, source, err);
}

/* ---------------------------------------------------------------------------------- refusing -- */

static lede_status restore(struct update *u, const struct id_set *retired, uint64_t fresh, lede_error *err) {
    lede_status status = LEDE_OK;
    for (uint64_t id = 0; !status && id_set_next(retired, &id) && id < fresh; id++) {
        if (!id_set_has(&u->replaced, id))
            continue;
        id_set_remove(&u->replaced, id);
        id_set_remove(&u->gone, id);
        status = catalogue_restore_source(u->catalogue, id, err);
    }
    return status;
}

lede_status update_refuse(struct update *u, const char *path, uint64_t source, uint64_t fresh, lede_error *err) {
    struct id_set retired = ID_SET_EMPTY;
    lede_status status = source ? catalogue_retire_source(u->catalogue, source, u->now, err) : LEDE_OK;
    if (!status)
        status = catalogue_retired_of(u->catalogue, path, collect, &retired, err);
    if (!status)
        status = restore(u, &retired, fresh, err);
    if (!status)
        status = catalogue_sources_of(u->catalogue, path, collect, &u->kept, err);
    id_set_release(&retired);
    return status;
}

/* ---------------------------------------------------------------------------------- vanished -- */

/* The walk's files and the catalogue's sources, both in order of path. */
struct comparison {
    struct id_set gone;
    struct file_cursor cursor;
    const struct listed_file *file; /* NULL at the end */
    uint64_t files;
};

static bool is_on_disk(const char *path) {
    struct stat st;
    return !lstat(path, &st) || (errno != ENOENT && errno != ENOTDIR);
}

static lede_status compare(void *ctx, const struct catalogue_source *source, lede_error *err) {
    struct comparison *c = ctx;
    while (c->file && strcmp(c->file->path, source->path) < 0)
        c->file = file_cursor_next(&c->cursor);
    if (c->file && !strcmp(c->file->path, source->path))
        return LEDE_OK;
    if (is_on_disk(source->path))
        return LEDE_OK;
    c->files++;
    return id_set_add(&c->gone, source->id, err);
}

lede_status update_vanished(struct update *u, struct walk *walk, uint64_t *files, lede_error *err) {
    struct comparison c = {.gone = ID_SET_EMPTY};
    *files = 0;
    if (!walk->is_folder)
        return LEDE_OK;
    file_cursor_init(&c.cursor, &walk->files);
    c.file = file_cursor_next(&c.cursor);
    lede_status status = catalogue_sources_below(u->catalogue, walk->root, compare, &c, err);
    if (!status)
        status = file_cursor_status(&c.cursor, err);
    file_cursor_release(&c.cursor);
    status = retire(u, &c.gone, status, NULL, err);
    id_set_release(&c.gone);
    *files = c.files;
    return status;
}
