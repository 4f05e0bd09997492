#include "snapshot.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "brief.h"
#include "catalogue.h"
#include "core/base/error.h"
#include "layout.h"

/* Once it was needed the catalogue stays open, as opening it takes longer than what is asked of it. Between its
 * transactions it keeps no writer from anything, nor the log from being reset. */
struct snapshot_origin {
    pthread_mutex_t mutex;
    char *folder; /* absolute: the process may change its folder */
    char *file;   /* the catalogue */
    dev_t device; /* of the file, to know it again */
    ino_t inode;
    struct catalogue *catalogue; /* NULL: to be opened when it is needed */
    struct brief brief;          /* its sources */
};

/* ------------------------------------------------------------------------------------ origin -- */

static void origin_free(struct snapshot_origin *o) {
    if (!o)
        return;
    catalogue_close(o->catalogue);
    pthread_mutex_destroy(&o->mutex);
    brief_release(&o->brief);
    free(o->folder);
    free(o->file);
    free(o);
}

static lede_status origin_new(struct snapshot_origin **out, const char *path, lede_error *err) {
    *out = NULL;
    struct snapshot_origin *o = calloc(1, sizeof *o);
    if (!o || pthread_mutex_init(&o->mutex, NULL)) {
        free(o);
        return error_nomem(err);
    }
    lede_status status = LEDE_OK;
    struct stat st;
    o->folder = realpath(path, NULL);
    if (!o->folder)
        status = error_io(err, path, "cannot open the index");
    if (!status && !(o->file = layout_catalogue(o->folder)))
        status = error_nomem(err);
    if (!status && stat(o->file, &st))
        status = error_io(err, o->file, "cannot open");
    if (status) {
        origin_free(o);
        return status;
    }
    o->device = st.st_dev;
    o->inode = st.st_ino;
    *out = o;
    return LEDE_OK;
}

static bool origin_is_same(const struct snapshot_origin *o) {
    struct stat st;
    return !stat(o->file, &st) && st.st_dev == o->device && st.st_ino == o->inode;
}

/* With the mutex held. */
static lede_status origin_open(struct snapshot_origin *o, lede_error *err) {
    if (o->catalogue)
        return LEDE_OK;
    lede_status status = catalogue_open(&o->catalogue, o->folder, err);
    if (!status && !origin_is_same(o)) {
        catalogue_close(o->catalogue);
        o->catalogue = NULL;
        status = error_set(err, LEDE_NOT_FOUND, "%s: the index was replaced; open it again", o->folder);
    }
    return status;
}

/* ---------------------------------------------------------------------------- open and close -- */

/* What the catalogue says, read in one transaction, and the catalogue; or what the brief says, and that. */
struct state {
    struct catalogue *catalogue;
    struct brief brief;
    struct catalogue_settings settings;
    struct catalogue_counters counters;
    struct catalogue_segment *segments;
    size_t count;
};

static void state_release(struct state *s) {
    catalogue_close(s->catalogue);
    brief_release(&s->brief);
    catalogue_settings_release(&s->settings);
    catalogue_segments_free(s->segments, s->count);
}

static bool read_brief(struct state *out, const char *path) {
    *out = (struct state){.segments = NULL};
    struct brief *b = &out->brief;
    if (!brief_read(b, path))
        return false;
    out->settings = b->settings;
    out->counters.commit = b->commit;
    out->segments = b->segments;
    out->count = b->segment_count;
    b->settings = (struct catalogue_settings){.language = NULL};
    b->segments = NULL;
    b->segment_count = 0;
    return true;
}

static lede_status read_state(struct state *out, const char *path, lede_error *err) {
    *out = (struct state){.segments = NULL};
    lede_status status = catalogue_open(&out->catalogue, path, err);
    struct catalogue *c = out->catalogue;
    if (!status)
        status = catalogue_begin(c, err);
    if (!status)
        status = catalogue_get_settings(c, &out->settings, err);
    if (!status)
        status = catalogue_get_counters(c, &out->counters, err);
    if (!status)
        status = catalogue_segments(c, &out->segments, &out->count, err);
    if (!status)
        status = catalogue_commit(c, err);
    return status;
}

static lede_status map_segment(struct snapshot *s, struct catalogue_segment *row, lede_error *err) {
    struct snapshot_segment *segment = &s->segments[s->segment_count];
    char *file = layout_segment(s->path, row->id);
    if (!file)
        return error_nomem(err);
    lede_status status = segment_open(&segment->segment, file, &row->info, err);
    free(file);
    if (status)
        return status;
    segment_keep_hot(segment->segment, &s->hot);
    segment->id = row->id;
    segment->base = s->passages;
    segment->deleted = row->deleted;
    segment->deleted_count = row->deleted_passages;
    segment->deleted_articles = row->deleted_articles;
    row->deleted = NULL;
    s->segment_count++;
    s->passages += row->info.passages;
    s->total_length += row->info.total_length;
    s->deleted_passages += row->deleted_passages;
    return LEDE_OK;
}

static lede_status map_segments(struct snapshot *s, struct state *state, lede_error *err) {
    s->segments = calloc(state->count ? state->count : 1, sizeof *s->segments);
    if (!s->segments)
        return error_nomem(err);
    lede_status status = LEDE_OK;
    for (size_t i = 0; !status && i < state->count; i++)
        status = map_segment(s, &state->segments[i], err);
    return status;
}

static lede_status build(struct snapshot **out, const char *path, struct state *state, lede_error *err) {
    struct snapshot *s = calloc(1, sizeof *s);
    if (!s)
        return error_nomem(err);
    lede_status status = LEDE_OK;
    hot_budget_init(&s->hot, LEDE_DEFAULT_CACHE);
    s->path = strdup(path);
    s->commit = state->counters.commit;
    s->language = state->settings.language;
    state->settings.language = NULL;
    s->passages_mode = state->settings.passages;
    s->omit_text = state->settings.omit_text;
    if (!s->path)
        status = error_nomem(err);
    if (!status)
        status = origin_new(&s->origin, path, err);
    if (!status)
        status = map_segments(s, state, err);
    if (status) {
        snapshot_close(s);
        return status;
    }
    s->origin->catalogue = state->catalogue;
    s->origin->brief = state->brief;
    state->catalogue = NULL;
    state->brief = (struct brief){.bytes = NULL};
    *out = s;
    return LEDE_OK;
}

lede_status snapshot_open(struct snapshot **out, const char *path, lede_error *err) {
    *out = NULL;
    uint64_t last_commit = UINT64_MAX;
    struct state brief;
    bool opened = read_brief(&brief, path) && build(out, path, &brief, NULL) == LEDE_OK;
    state_release(&brief);
    if (opened)
        return LEDE_OK;
    /* A commit between reading the catalogue and mapping the files may have unlinked one of them. Then there is a
     * later commit to be had; a file that is missing twice at the same commit is lost. */
    for (;;) {
        struct state state;
        bool missing = false;
        lede_status status = read_state(&state, path, err);
        if (!status) {
            status = build(out, path, &state, err);
            missing = status == LEDE_NOT_FOUND;
        }
        state_release(&state);
        if (!missing)
            return status;
        if (state.counters.commit == last_commit)
            return error_set(err, LEDE_CORRUPT, "%s: a segment of the index is missing; restore it or index again",
                             path);
        last_commit = state.counters.commit;
    }
}

void snapshot_close(struct snapshot *s) {
    if (!s)
        return;
    for (size_t i = 0; i < s->segment_count; i++) {
        segment_close(s->segments[i].segment);
        free((void *)(uintptr_t)s->segments[i].deleted);
    }
    hot_budget_release(&s->hot);
    free(s->segments);
    free(s->path);
    free(s->language);
    origin_free(s->origin);
    free(s);
}

/* ----------------------------------------------------------------------------------- queries -- */

const struct snapshot_segment *snapshot_segment_of(const struct snapshot *s, uint64_t ordinal) {
    if (ordinal >= s->passages)
        return NULL;
    size_t low = 0, high = s->segment_count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (s->segments[middle].base <= ordinal)
            low = middle;
        else
            high = middle;
    }
    return &s->segments[low];
}

lede_status snapshot_find_article(const struct snapshot *s, const char *key, size_t key_len,
                                  const struct snapshot_segment **segment, uint32_t *article, lede_error *err) {
    *segment = NULL;
    *article = 0;
    /* At most one is live; the newest segments are the likeliest to be asked for. */
    for (size_t i = s->segment_count; i-- > 0;) {
        const struct snapshot_segment *candidate = &s->segments[i];
        lede_status status = segment_find_key(candidate->segment, candidate->deleted, key, key_len, article, err);
        if (status == LEDE_OK)
            *segment = candidate;
        if (status != LEDE_NOT_FOUND)
            return status;
    }
    return LEDE_NOT_FOUND;
}

lede_status snapshot_source_path(const struct snapshot *s, uint64_t source, char **path, lede_error *err) {
    *path = NULL;
    lede_status status = LEDE_NOT_FOUND;
    if (source) {
        struct snapshot_origin *o = s->origin;
        const char *known = brief_source_path(&o->brief, source);
        if (known)
            return (*path = strdup(known)) ? LEDE_OK : error_nomem(err);
        pthread_mutex_lock(&o->mutex);
        status = origin_open(o, err);
        if (!status)
            status = catalogue_source_path(o->catalogue, source, path, err);
        pthread_mutex_unlock(&o->mutex);
    }
    /* Given through the API, or forgotten long after the file vanished. */
    if (status == LEDE_NOT_FOUND)
        status = (*path = strdup("")) ? LEDE_OK : error_nomem(err);
    return status;
}

lede_status snapshot_source_count(const struct snapshot *s, uint64_t *count, lede_error *err) {
    struct snapshot_origin *o = s->origin;
    *count = 0;
    pthread_mutex_lock(&o->mutex);
    lede_status status = origin_open(o, err);
    if (!status)
        status = catalogue_source_count(o->catalogue, count, err);
    pthread_mutex_unlock(&o->mutex);
    return status;
}

uint64_t snapshot_catalogue_size(const struct snapshot *s) {
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    uint64_t size = 0;
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        char *file = NULL;
        struct stat st;
        if (asprintf(&file, "%s%s", s->origin->file, suffixes[i]) < 0)
            return size;
        if (!stat(file, &st))
            size += (uint64_t)st.st_size;
        free(file);
    }
    return size;
}

bool snapshot_is_stale(const struct snapshot *s) {
    struct snapshot_origin *o = s->origin;
    if (!origin_is_same(o))
        return true;
    struct catalogue_counters counters = {.commit = s->commit};
    pthread_mutex_lock(&o->mutex);
    if (o->catalogue && catalogue_is_frozen(o->catalogue)) {
        catalogue_close(o->catalogue);
        o->catalogue = NULL;
    }
    lede_status status = origin_open(o, NULL);
    if (!status)
        status = catalogue_get_counters(o->catalogue, &counters, NULL);
    pthread_mutex_unlock(&o->mutex);
    return status == LEDE_OK && counters.commit != s->commit;
}
