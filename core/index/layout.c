#include "layout.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/error.h"

static char *join(const char *index, const char *name) {
    char *path = NULL;
    return asprintf(&path, "%s/%s", index, name) < 0 ? NULL : path;
}

char *layout_catalogue(const char *index) {
    return join(index, "catalogue.db");
}

char *layout_lock(const char *index) {
    return join(index, "write.lock");
}

char *layout_segments(const char *index) {
    return join(index, "segments");
}

char *layout_segment(const char *index, uint64_t id) {
    char *path = NULL;
    return asprintf(&path, "%s/segments/%08" PRIx64 ".seg", index, id) < 0 ? NULL : path;
}

bool layout_segment_id(const char *name, uint64_t *id) {
    char canonical[32], *end;
    errno = 0;
    *id = strtoull(name, &end, 16);
    if (end == name || errno)
        return false;
    snprintf(canonical, sizeof canonical, "%08" PRIx64 ".seg", *id);
    return !strcmp(name, canonical);
}

/* The next entry of a folder besides "." and ".."; NULL at the end or on an error, with errno then. */
static const char *next_entry(DIR *folder) {
    const struct dirent *entry;
    do {
        errno = 0;
        entry = readdir(folder);
    } while (entry && (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")));
    return entry ? entry->d_name : NULL;
}

static bool is_part(const char *name) {
    static const char *const parts[] = {"catalogue.db",         "catalogue.db-wal", "catalogue.db-shm",
                                        "catalogue.db-journal", "write.lock",       "segments"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (!strcmp(name, parts[i]))
            return true;
    return false;
}

bool layout_is_ours(const char *index) {
    DIR *folder = opendir(index);
    if (!folder)
        return false;
    const char *name;
    do
        name = next_entry(folder);
    while (name && is_part(name));
    bool ours = !name && !errno;
    closedir(folder);
    return ours;
}

lede_status layout_inspect(enum layout_state *state, const char *index, lede_error *err) {
    struct stat st;
    *state = LAYOUT_FOREIGN;
    if (!*index)
        return error_set(err, LEDE_INVALID, "an index without a name; name a folder");
    if (stat(index, &st)) {
        if (errno != ENOENT)
            return error_io(err, index, "cannot open the index");
        *state = LAYOUT_ABSENT;
        return LEDE_OK;
    }
    if (!S_ISDIR(st.st_mode))
        return LEDE_OK;
    char *catalogue = layout_catalogue(index);
    if (!catalogue)
        return error_nomem(err);
    if (!stat(catalogue, &st))
        *state = LAYOUT_INDEX;
    else if (layout_is_ours(index))
        *state = LAYOUT_BARE;
    free(catalogue);
    return LEDE_OK;
}

lede_status layout_visit_segments(const char *index, lede_status (*visit)(void *ctx, uint64_t id, lede_error *err),
                                  void *ctx, lede_error *err) {
    char *path = layout_segments(index);
    if (!path)
        return error_nomem(err);
    lede_status status = LEDE_OK;
    DIR *folder = opendir(path);
    if (!folder) {
        status = error_io(err, path, "cannot list the folder");
        goto out;
    }
    const char *name;
    uint64_t id;
    while (!status && (name = next_entry(folder)))
        if (layout_segment_id(name, &id))
            status = visit(ctx, id, err);
    if (!status && errno)
        status = error_io(err, path, "cannot list the folder");
    closedir(folder);
out:
    free(path);
    return status;
}
