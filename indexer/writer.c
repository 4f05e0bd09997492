#include "writer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/processors.h"
#include "core/index/brief.h"
#include "core/index/layout.h"
#include "core/text/analyzer.h"
#include "indexer/inversion/steady.h"

static const uint64_t MEMORY_DEFAULT = UINT64_C(256) << 20, MEMORY_MIN = UINT64_C(32) << 20;

enum {
    THREADS_MAX = 256,
    /* A worker with less room than this would flush segments too small to be worth a file. */
    WORKER_MEMORY_MIN = 8 << 20,
    TICK_NANOSECONDS = 100000000,
};

/* ----------------------------------------------------------------------------------- options -- */

static lede_status complete_options(lede_writer_options *o, lede_error *err) {
    if (o->memory == 0)
        o->memory = MEMORY_DEFAULT;
    if (o->memory < MEMORY_MIN)
        return error_set(err, LEDE_INVALID, "a writer needs at least %llu MiB of memory",
                         (unsigned long long)(MEMORY_MIN >> 20));
    if (o->passages < LEDE_PASSAGES_AUTO || o->passages > LEDE_PASSAGES_WHOLE)
        return error_set(err, LEDE_INVALID, "there is no such kind of passages: %d", (int)o->passages);
    if (o->format < LEDE_FORMAT_AUTO || o->format > LEDE_FORMAT_BY_NAME)
        return error_set(err, LEDE_INVALID, "there is no such format: %d", (int)o->format);
    if (o->threads == 0)
        o->threads = processors();
    if (o->threads > THREADS_MAX)
        o->threads = THREADS_MAX;
    uint64_t most = pipeline_memory(o->memory) / WORKER_MEMORY_MIN;
    if (o->threads > most)
        o->threads = (unsigned)most;
    return LEDE_OK;
}

static lede_status settle_charset(struct lede_writer *w, lede_error *err) {
    struct converter *converter = NULL;
    const char *name = w->options.charset;
    if (!name || !strcmp(name, "auto"))
        return LEDE_OK;
    lede_status status = converter_new(&converter, name, err);
    if (!status && !(w->charset = strdup(converter_name(converter))))
        status = error_nomem(err);
    converter_free(converter);
    return status;
}

/* What a new index is made with. */
static lede_status settings_of(struct catalogue_settings *out, const lede_writer_options *o, lede_error *err) {
    const char *name = o->language ? o->language : "english";
    const char *language = analyzer_language(name);
    *out = (struct catalogue_settings){.passages = o->passages, .omit_text = o->omit_text};
    if (!language) {
        /* The analyzer lists the languages in its message. */
        struct analyzer *analyzer = NULL;
        lede_status status = analyzer_new(&analyzer, name, err);
        analyzer_free(analyzer);
        return status ? status : error_set(err, LEDE_INVALID, "%s: no such language", name);
    }
    out->language = strdup(language);
    return out->language ? LEDE_OK : error_nomem(err);
}

/* Options that are given have to be the index's. */
static lede_status compare_settings(const struct lede_writer *w, const struct catalogue_settings *wanted,
                                    lede_error *err) {
    const lede_writer_options *o = &w->options;
    if (o->language && strcmp(wanted->language, w->settings.language))
        return error_set(err, LEDE_INVALID,
                         "%s: its language is %s, not %s; leave out the language, or make a new index", w->name,
                         w->settings.language, wanted->language);
    if (o->omit_text && !w->settings.omit_text)
        return error_set(err, LEDE_INVALID, "%s: it keeps the text; to omit it, make a new index", w->name);
    if (o->passages != LEDE_PASSAGES_AUTO && o->passages != w->settings.passages)
        return error_set(err, LEDE_INVALID, "%s: it cuts passages in another way; to change that, make a new index",
                         w->name);
    return LEDE_OK;
}

/* ---------------------------------------------------------------------------------- progress -- */

/* Of the file in hand, which may be read twice, for its hash and for its articles. */
static uint64_t bytes_in_hand(const struct lede_writer *w) {
    uint64_t bytes = w->feed.bytes_read - w->read_before;
    return bytes < w->reading_size ? bytes : w->reading_size;
}

void writer_report(struct lede_writer *w, const char *phase) {
    lede_progress now = w->progress;
    w->progress.phase = now.phase = phase;
    now.bytes_done = w->bytes_passed + bytes_in_hand(w);
    now.articles_done = w->pipeline ? pipeline_articles(w->pipeline) : 0;
    if (w->merge_done) {
        now.bytes_done = *w->merge_done;
        now.bytes_total = w->merge_total;
        now.articles_done = 0;
    }
    w->last_tick = steady_nanoseconds();
    if (w->options.progress && w->options.progress(w->options.ctx, &now))
        w->stopped = true;
}

int writer_tick(void *writer) {
    struct lede_writer *w = writer;
    if (steady_nanoseconds() - w->last_tick >= TICK_NANOSECONDS)
        writer_report(w, w->progress.phase);
    return w->stopped;
}

void writer_warn(void *writer, lede_warning_kind kind, const char *where, const char *why) {
    const struct lede_writer *w = writer;
    if (w->options.warn)
        w->options.warn(w->options.ctx, kind, where, why);
}

lede_status writer_fail(struct lede_writer *w, lede_status status) {
    w->failed |= status != LEDE_OK && status != LEDE_INTERRUPTED;
    return status;
}

lede_status writer_usable(const struct lede_writer *w, lede_error *err) {
    return w->failed ? error_set(err, LEDE_INVALID, "%s: writing failed before; open the index again", w->name)
                     : LEDE_OK;
}

lede_status writer_begin(struct lede_writer *w, lede_error *err) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    w->update.now = now.tv_sec;
    if (w->in_transaction)
        return LEDE_OK;
    lede_status status = catalogue_begin(w->catalogue, err);
    w->in_transaction = !status;
    return status;
}

/* ---------------------------------------------------------------------------------- segments -- */

void writer_segment_release(struct writer_segment *segment) {
    tombstones_release(&segment->tombstones);
    sequence_release(&segment->sequence);
    segment_close(segment->segment);
}

lede_status writer_append_segment(struct lede_writer *w, const struct new_segment *segment, lede_error *err) {
    struct writer_segment s = {.id = segment->id, .fresh = segment->sequence != NULL};
    if (segment->sequence) {
        s.sequence = *segment->sequence;
        *segment->sequence = SEQUENCE_EMPTY;
    }
    char *path = layout_segment(w->path, segment->id);
    lede_status status = path ? segment_open(&s.segment, path, segment->info, err) : error_nomem(err);
    free(path);
    tombstones_init(&s.tombstones, s.segment, segment->deleted, segment->deleted_passages, segment->deleted_articles);
    struct writer_segment *grown = NULL;
    if (!status && !(grown = reallocarray(w->segments, w->count + 1, sizeof *grown)))
        status = error_nomem(err);
    if (status) {
        writer_segment_release(&s);
        return status;
    }
    w->segments = grown;
    w->segments[w->count++] = s;
    return LEDE_OK;
}

/* A bitmap of deleted passages is copied twice while it is read or written. At most this part of the memory is for
 * them. */
enum { BITMAP_COPIES = 3, BITMAPS_PART = 2 };

uint64_t writer_memory(const struct lede_writer *w) {
    uint64_t bitmaps = 0, most = w->options.memory / BITMAPS_PART;
    for (size_t i = 0; i < w->count; i++)
        bitmaps += BITMAP_COPIES * catalogue_bitmap_size(segment_info(w->segments[i].segment)->passages);
    return w->options.memory - (bitmaps < most ? bitmaps : most);
}

/* Refuses an index with more deletions than fit into the memory, before they are read. */
static lede_status measure_bitmaps(struct lede_writer *w, lede_error *err) {
    uint64_t bitmaps = 0;
    lede_status status = catalogue_bitmaps_size(w->catalogue, &bitmaps, err);
    uint64_t least = bitmaps * BITMAP_COPIES * BITMAPS_PART;
    if (status || least <= w->options.memory)
        return status;
    return error_set(err, LEDE_INVALID, "%s: the deletions of so many passages need more memory; give %llu MiB",
                     w->path, (unsigned long long)(least >> 20) + 1);
}

static lede_status open_segments(struct lede_writer *w, lede_error *err) {
    struct catalogue_segment *rows = NULL;
    size_t count = 0;
    lede_status status = measure_bitmaps(w, err);
    if (!status)
        status = catalogue_segments(w->catalogue, &rows, &count, err);
    for (size_t i = 0; !status && i < count; i++) {
        struct new_segment segment = {
            .id = rows[i].id,
            .info = &rows[i].info,
            .deleted = rows[i].deleted,
            .deleted_passages = rows[i].deleted_passages,
            .deleted_articles = rows[i].deleted_articles,
        };
        rows[i].deleted = NULL;
        status = writer_append_segment(w, &segment, err);
    }
    catalogue_segments_free(rows, count);
    return status == LEDE_NOT_FOUND
               ? error_set(err, LEDE_CORRUPT, "%s: a segment of the index is missing; restore it or index again",
                           w->path)
               : status;
}

static lede_status sweep_one(void *ctx, uint64_t id, lede_error *err) {
    const struct lede_writer *w = ctx;
    for (size_t i = 0; i < w->count; i++)
        if (w->segments[i].id == id && !w->segments[i].fresh)
            return LEDE_OK;
    char *path = layout_segment(w->path, id);
    if (!path)
        return error_nomem(err);
    lede_status status = unlink(path) && errno != ENOENT ? error_io(err, path, "cannot remove") : LEDE_OK;
    free(path);
    return status;
}

/* Removes segment files that no commit names. */
static lede_status sweep(struct lede_writer *w, lede_error *err) {
    brief_sweep(w->path);
    return layout_visit_segments(w->path, sweep_one, w, err);
}

/* -------------------------------------------------------------------------------------- open -- */

static lede_status make_folder(const char *path, bool *made, lede_error *err) {
    *made = !mkdir(path, 0777);
    return *made || errno == EEXIST ? LEDE_OK : error_io(err, path, "cannot make the folder");
}

/* Refuses what is not ours before anything is written there. */
static lede_status look_before_writing(const char *path, bool must_exist, lede_error *err) {
    enum layout_state state;
    lede_status status = layout_inspect(&state, path, err);
    if (status || (state != LAYOUT_INDEX && state != LAYOUT_FOREIGN && !must_exist))
        return status;
    struct catalogue *c = NULL;
    status = catalogue_open(&c, path, err);
    catalogue_close(c);
    /* A crash may have left one without its first transaction. */
    return status == LEDE_NOT_FOUND && !must_exist ? LEDE_OK : status;
}

static lede_status take_folder(struct lede_writer *w, const char *path, lede_error *err) {
    bool made = false;
    lede_status status = look_before_writing(path, w->options.must_exist, err);
    if (!status)
        status = make_folder(path, &made, err);
    if (status)
        return status;
    w->made_folder |= made;
    w->path = realpath(path, NULL);
    if (!w->path)
        return error_io(err, path, "cannot open the index");
    status = lock_take(&w->lock, w->path, err);
    char *segments = layout_segments(w->path);
    if (!status)
        status = segments ? make_folder(segments, &made, err) : error_nomem(err);
    free(segments);
    return status;
}

/* The entries of a new index's folder, and its own in its parent, have to outlast a crash as its commits do. */
static lede_status sync_new_folder(const struct lede_writer *w, lede_error *err) {
    lede_status status = file_sync_folder(w->path, err);
    if (status || !w->made_folder)
        return status;
    char *parent = strdup(w->path);
    if (!parent)
        return error_nomem(err);
    char *slash = strrchr(parent, '/');
    slash[slash == parent] = '\0';
    status = file_sync_folder(parent, err);
    free(parent);
    return status;
}

static lede_status open_catalogue(struct lede_writer *w, const struct catalogue_settings *wanted, lede_error *err) {
    const struct engine_settings *set = w->store ? &w->store->settings : NULL;
    struct catalogue_settings stored = {.language = NULL};
    if (set && !(stored.language = strdup(set->language)))
        return error_nomem(err);
    stored.passages = set ? set->passages : 0;
    stored.omit_text = set && set->omit_text;
    lede_status status = catalogue_open_writer(&w->catalogue, w->path, set ? &stored : wanted, err);
    catalogue_settings_release(&stored);
    if (!status)
        status = catalogue_get_settings(w->catalogue, &w->settings, err);
    if (!status)
        status = catalogue_get_counters(w->catalogue, &w->counters, err);
    if (!status)
        status = compare_settings(w, wanted, err);
    if (status)
        return status;
    w->never_committed = w->counters.commit == 0;
    w->update.catalogue = w->catalogue;
    w->update.next_source = w->counters.next_source;
    return w->never_committed ? sync_new_folder(w, err) : LEDE_OK;
}

static lede_status start_pipeline(struct lede_writer *w, lede_error *err) {
    const struct pipeline_options options = {
        .index = w->path,
        .language = w->settings.language,
        .passages = w->settings.passages,
        .omit_text = w->settings.omit_text,
        .threads = w->options.threads,
        .memory = writer_memory(w),
        .next_segment = w->counters.next_segment,
        .store = w->store,
        .tick = writer_tick,
        .warn = writer_warn,
        .ctx = w,
    };
    lede_status status = pipeline_new(&w->pipeline, &options, err);
    feed_init(&w->feed, w->pipeline);
    w->feed.tick = writer_tick;
    w->feed.warn = writer_warn;
    w->feed.ctx = w;
    return status;
}

/* Opens the engine's index; *folder, the caller's to free, is a new one for the catalogue, which this writer reads what
 * is known of source files into. */
static lede_status open_store(struct lede_writer *w, const struct engine *engine, const char *name,
                              const struct catalogue_settings *wanted, char **folder, lede_error *err) {
    const struct engine_settings settings = {wanted->language, wanted->passages, wanted->omit_text};
    const char *base = getenv("TMPDIR");
    lede_status status = engine->open_writer(&w->store, name, &settings, w->options.must_exist, err);
    if (status)
        return status;
    w->store->engine = engine;
    w->options.must_exist = false;
    w->options.threads = 1;
    if (asprintf(folder, "%s/lede-XXXXXX", base && *base ? base : "/tmp") < 0)
        *folder = NULL;
    if (!*folder)
        return error_nomem(err);
    w->made_folder = mkdtemp(*folder) != NULL;
    return w->made_folder ? LEDE_OK : error_io(err, *folder, "cannot make the folder");
}

static lede_status load_sources(struct lede_writer *w, lede_error *err) {
    lede_status status = catalogue_begin(w->catalogue, err);
    if (!status)
        status = w->store->engine->load_sources(w->store, w->catalogue, &w->update.next_source, err);
    w->counters.next_source = w->update.next_source;
    return status ? status : catalogue_commit(w->catalogue, err);
}

static lede_status open_index(struct lede_writer *w, const char *path, lede_error *err) {
    struct catalogue_settings wanted = {.language = NULL};
    const struct engine *engine = engine_of(path);
    char *folder = NULL;
    w->name = strdup(path);
    if (!w->name)
        return error_nomem(err);
    lede_status status = complete_options(&w->options, err);
    if (!status)
        status = settle_charset(w, err);
    if (!status)
        status = settings_of(&wanted, &w->options, err);
    if (!status && engine)
        status = open_store(w, engine, path, &wanted, &folder, err);
    if (!status)
        status = take_folder(w, folder ? folder : path, err);
    if (!status)
        status = open_catalogue(w, &wanted, err);
    if (!status)
        status = open_segments(w, err);
    if (!status)
        status = sweep(w, err);
    if (!status && w->store)
        status = load_sources(w, err);
    if (!status)
        status = start_pipeline(w, err);
    free(folder);
    catalogue_settings_release(&wanted);
    return status;
}

lede_status lede_writer_open(lede_writer **out, const char *path, const lede_writer_options *options, lede_error *err) {
    *out = NULL;
    struct lede_writer *w = calloc(1, sizeof *w);
    if (!w)
        return error_nomem(err);
    w->lock = LOCK_NONE;
    w->progress.phase = "scanning";
    if (options)
        w->options = *options;
    w->forgets_format = w->options.format == LEDE_FORMAT_BY_NAME;
    if (w->forgets_format)
        w->options.format = LEDE_FORMAT_AUTO;
    lede_status status = open_index(w, path, err);
    if (status)
        lede_writer_close(w);
    else
        *out = w;
    return status;
}

/* ------------------------------------------------------------------------------------- close -- */

static void remove_part(const char *path, const char *suffix) {
    char *name = NULL;
    if (path && asprintf(&name, "%s%s", path, suffix) >= 0)
        remove(name);
    free(name);
}

/* Takes back a new index that nothing was ever committed to. The lock is still held, and its file goes before the
 * folder does: who waits for it finds that it has no name any more, and begins anew. */
static void remove_index(const struct lede_writer *w) {
    char *catalogue = layout_catalogue(w->path), *segments = layout_segments(w->path), *lock = layout_lock(w->path);
    remove_part(catalogue, "");
    remove_part(catalogue, "-wal");
    remove_part(catalogue, "-shm");
    remove_part(segments, "/brief");
    remove_part(segments, "");
    remove_part(lock, "");
    if (w->made_folder)
        rmdir(w->path);
    free(catalogue);
    free(segments);
    free(lock);
}

static void release_all(struct lede_writer *w) {
    for (size_t i = 0; i < w->count; i++)
        writer_segment_release(&w->segments[i]);
    free(w->segments);
    for (size_t i = 0; i < w->deletion_count; i++)
        free(w->deletions[i].key);
    free(w->deletions);
    update_forget(&w->update);
    findings_release(&w->findings);
    catalogue_settings_release(&w->settings);
    buffer_release(&w->brief);
    free(w->path);
    free(w->name);
    free(w->charset);
    free(w);
}

void lede_writer_close(lede_writer *w) {
    if (!w)
        return;
    bool opened = w->pipeline != NULL;
    if (opened && !w->store && !w->never_committed && !w->brief.len && brief_is_missing(w->path)) {
        catalogue_rollback(w->catalogue);
        brief_compose(&w->brief, w->catalogue); /* a crash left none */
    }
    pipeline_free(w->pipeline);
    feed_release(&w->feed);
    catalogue_close(w->catalogue);
    if (w->store)
        w->store->engine->close_writer(w->store);
    /* Closing has moved SQLite's log into its file. */
    brief_write(w->path, &w->brief, UINT64_MAX);
    /* As far as it goes: what stays is swept when the index is next opened for writing. */
    if (opened && sweep(w, NULL))
        errno = 0;
    if (w->lock.fd >= 0 && (w->made_folder || w->never_committed))
        remove_index(w);
    lock_release(&w->lock);
    release_all(w);
}
