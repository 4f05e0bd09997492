/* Putting articles in: what becomes of it is settled by the commit. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/base/error.h"
#include "core/index/layout.h"
#include "core/text/utf8.h"
#include "indexer/formats/date.h"
#include "writer.h"

/* ------------------------------------------------------------------------------------- files -- */

static int64_t now_nanoseconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int64_t mtime_of(const struct stat *st) {
    return (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec;
}

static void skip_file(struct lede_writer *w, const char *path, const char *what) {
    char why[128];
    snprintf(why, sizeof why, "%s: %s", what, strerror(errno));
    writer_warn(w, LEDE_WARNING_SKIPPED, path, why);
    w->info.files_skipped++;
}

/* Opens a file of the walk; -1, after a warning, if that can't be done. */
static int open_file(struct lede_writer *w, const char *path, struct stat *st) {
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd >= 0 && !fstat(fd, st))
        return fd;
    skip_file(w, path, "cannot be opened");
    if (fd >= 0)
        close(fd);
    return -1;
}

/* Whether the content of a known file is what it was. */
static bool has_same_hash(struct lede_writer *w, int fd, const struct catalogue_source *known) {
    uint64_t hash = 0;
    return feed_hash(&w->feed, fd, &hash) && hash == known->hash;
}

/* A file of the walk, and what the index has of it. */
struct incoming {
    const struct listed_file *file;
    struct catalogue_source *known; /* NULL if nothing that could be kept */
    bool is_named;                  /* by the caller, and not found in a folder */
    struct file_reading reading;
};

/* How a file is to be read: as the caller asks, else as it was read before. */
static struct file_reading choose_reading(const struct lede_writer *w, const struct listed_file *file,
                                          const char *before, bool is_named) {
    struct file_reading reading = reading_parse(before);
    if (w->forgets_format)
        reading.format = LEDE_FORMAT_AUTO;
    else if (is_named && w->options.format)
        reading.format = w->options.format == format_of_name(file->path) ? LEDE_FORMAT_AUTO : w->options.format;
    if (w->options.charset)
        snprintf(reading.charset, sizeof reading.charset, "%s", w->charset ? w->charset : "");
    return reading;
}

/* What a file that was named has come to is told by the parsers, in the end; but not of lines that were too long for
 * them. */
static lede_status note_source(struct lede_writer *w, const struct incoming *in, const struct feed_result *result,
                               uint64_t source, lede_error *err) {
    lede_status status = in->is_named ? id_set_add(&w->update.named, source, err) : LEDE_OK;
    return !status && result->lines_skipped ? id_set_add(&w->findings.barren, source, err) : status;
}

/* Reads an open file into the pipeline, and makes it the source of its path. */
static lede_status index_file(struct lede_writer *w, const struct incoming *in, int fd, const struct stat *st,
                              lede_error *err) {
    const struct listed_file *file = in->file;
    struct feed_result result;
    struct stat after;
    const struct feed_input input = {
        .fd = fd,
        .path = file->path,
        .format = in->reading.format ? in->reading.format : file->format,
        .charset = *in->reading.charset ? in->reading.charset : NULL,
        .source = w->update.next_source++,
        .size = (uint64_t)st->st_size,
    };
    int64_t start = now_nanoseconds();
    lede_status status = feed_read(&w->feed, &input, &result, err);
    if (status)
        return status;
    w->in_flight = true;
    if (result.skipped) {
        w->info.files_skipped++;
        return in->is_named ? update_refuse(&w->update, file->path, 0, w->counters.next_source, err)
                            : update_drop(&w->update, file->path, &w->update.replaced, err);
    }
    struct catalogue_source source = {
        .id = input.source,
        .path = file->path,
        .size = result.size,
        .mtime = mtime_of(st),
        .hash = result.hash,
        .state = !result.complete                      ? SOURCE_INCOMPLETE
                 : update_is_racy(mtime_of(st), start) ? SOURCE_RACY
                                                       : SOURCE_COMPLETE,
    };
    reading_write(source.reading, &in->reading);
    /* One that changes while it is read is looked at again in any case. */
    if (result.complete && (fstat(fd, &after) || mtime_of(&after) != mtime_of(st) || after.st_size != st->st_size))
        source.state = SOURCE_RACY;
    if (result.complete)
        w->info.files_indexed++;
    else if (!w->stopped)
        w->info.files_skipped++;
    status = update_replace(&w->update, &source, err);
    return status ? status : note_source(w, in, &result, source.id, err);
}

static lede_status confirm_file(struct lede_writer *w, struct catalogue_source *known, const struct stat *st,
                                lede_error *err) {
    known->mtime = mtime_of(st);
    known->state = update_is_racy(known->mtime, now_nanoseconds()) ? SOURCE_RACY : SOURCE_COMPLETE;
    w->info.files_unchanged++;
    return catalogue_put_source(w->catalogue, known, err);
}

static lede_status read_file(struct lede_writer *w, const struct incoming *in, lede_error *err) {
    struct stat st;
    struct catalogue_source *known = in->known;
    int fd = open_file(w, in->file->path, &st);
    if (fd < 0)
        return LEDE_OK;
    lede_status status = LEDE_OK;
    if (update_judge(known, (uint64_t)st.st_size, mtime_of(&st)) == UPDATE_HASH && has_same_hash(w, fd, known))
        status = confirm_file(w, known, &st, err);
    else if (w->stopped)
        status = LEDE_OK;
    else if (lseek(fd, 0, SEEK_SET) < 0 && errno != ESPIPE)
        skip_file(w, in->file->path, "cannot be read");
    else
        status = index_file(w, in, fd, &st, err);
    close(fd);
    return status;
}

/* An empty text that was named is none, as one of blanks is. That there are no lines is another thing than bad ones. */
static bool is_empty_text(const struct incoming *in) {
    lede_format format = in->reading.format ? in->reading.format : in->file->format;
    return in->is_named && in->file->size == 0 && format != LEDE_FORMAT_JSONL && format != LEDE_FORMAT_TSV;
}

/* `before` is what the index has of it, 0 if nothing. */
static lede_status refuse_empty(struct lede_writer *w, const char *path, uint64_t before, lede_error *err) {
    uint64_t fresh = w->counters.next_source;
    writer_warn(w, LEDE_WARNING_SKIPPED, path, "no text in it");
    w->info.files_skipped++;
    return update_refuse(&w->update, path, before >= fresh ? before : 0, fresh, err);
}

/* `before` is what the index has of it; NULL if nothing. */
static lede_status take_file(struct lede_writer *w, struct incoming *in, struct catalogue_source *before,
                             lede_error *err) {
    char reading[SOURCE_READING_SIZE];
    /* It may have been found in its folder before. */
    lede_status status = before && in->is_named ? id_set_add(&w->update.named, before->id, err) : LEDE_OK;
    if (status)
        return status;
    if (before && !in->is_named && id_set_has(&w->update.kept, before->id))
        return LEDE_OK;
    if (is_empty_text(in))
        return refuse_empty(w, in->file->path, before ? before->id : 0, err);
    reading_write(reading, &in->reading);
    if (before && strcmp(reading, before->reading) == 0)
        in->known = before;
    if (update_judge(in->known, in->file->size, in->file->mtime) != UPDATE_UNCHANGED)
        return read_file(w, in, err);
    w->info.files_unchanged++;
    return LEDE_OK;
}

static lede_status add_file(struct lede_writer *w, const struct listed_file *file, bool is_named, lede_error *err) {
    struct catalogue_source known;
    lede_status status = catalogue_find_source(w->catalogue, file->path, &known, err);
    if (status && status != LEDE_NOT_FOUND)
        return status;
    bool found = status == LEDE_OK;
    struct incoming in = {file, NULL, is_named, choose_reading(w, file, found ? known.reading : "", is_named)};
    w->read_before = w->feed.bytes_read;
    w->reading_size = file->size;
    status = take_file(w, &in, found ? &known : NULL, err);
    w->bytes_passed += file->size;
    w->reading_size = 0;
    w->progress.files_done++;
    return status;
}

static lede_status add_files(struct lede_writer *w, struct walk *walk, lede_error *err) {
    struct file_cursor cursor;
    const struct listed_file *file;
    lede_status status = LEDE_OK;
    w->progress.bytes_total += walk->files.bytes;
    w->progress.files_total += walk->files.count;
    writer_report(w, "indexing");
    file_cursor_init(&cursor, &walk->files);
    while (!status && !w->stopped && (file = file_cursor_next(&cursor))) {
        status = add_file(w, file, !walk->is_folder, err);
        writer_tick(w);
    }
    if (!status)
        status = file_cursor_status(&cursor, err);
    file_cursor_release(&cursor);
    return status;
}

/* Warnings of the walk are of files and folders that are passed over. */
static void warn_of_walk(void *ctx, lede_warning_kind kind, const char *where, const char *why) {
    struct lede_writer *w = ctx;
    w->info.files_skipped++;
    writer_warn(w, kind, where, why);
}

static lede_status interrupted(lede_error *err) {
    return error_set(err, LEDE_INTERRUPTED, "interrupted; what was read so far can be committed");
}

static lede_status add_walked(struct lede_writer *w, struct walk *walk, lede_error *err) {
    uint64_t vanished = 0;
    lede_status status = writer_begin(w, err);
    if (!status)
        status = writer_fail(w, add_files(w, walk, err));
    if (!status && !w->stopped)
        status = writer_fail(w, update_vanished(&w->update, walk, &vanished, err));
    w->info.files_vanished += vanished;
    w->info.files_passed_over += walk->others;
    return status;
}

static lede_status add_walk(struct lede_writer *w, const char *path, lede_error *err) {
    struct walk walk;
    char *beside = layout_segments(w->path);
    const struct walk_options options = {
        .scratch = beside, .format = w->options.format, .tick = writer_tick, .warn = warn_of_walk, .ctx = w};
    lede_status status = beside ? walk_path(&walk, path, &options, err) : error_nomem(err);
    if (!status) {
        status = add_walked(w, &walk, err);
        walk_release(&walk);
    }
    free(beside);
    return status;
}

lede_status lede_writer_add_path(lede_writer *w, const char *path, lede_error *err) {
    lede_status status = writer_usable(w, err);
    if (status)
        return status;
    w->stopped = false;
    writer_report(w, "scanning");
    status = add_walk(w, path, err);
    return !status && w->stopped ? interrupted(err) : status;
}

/* ----------------------------------------------------------------------------------- streams -- */

/* All streams are one source, which is never gone: articles from them are replaced by key alone. */
static lede_status source_of_streams(struct lede_writer *w, uint64_t *id, lede_error *err) {
    struct catalogue_source source;
    lede_status status = catalogue_find_source(w->catalogue, "-", &source, err);
    if (status == LEDE_NOT_FOUND) {
        source = (struct catalogue_source){.id = w->update.next_source++, .path = "-"};
        status = catalogue_put_source(w->catalogue, &source, err);
    }
    *id = source.id;
    return status;
}

lede_status lede_writer_add_stream(lede_writer *w, int fd, lede_format format, lede_error *err) {
    struct feed_result result;
    struct feed_input input = {.fd = fd, .path = "-", .format = format, .charset = w->charset};
    if (format == LEDE_FORMAT_BY_NAME)
        input.format = LEDE_FORMAT_AUTO;
    lede_status status = writer_usable(w, err);
    if (!status && (format < LEDE_FORMAT_AUTO || format > LEDE_FORMAT_BY_NAME))
        return error_set(err, LEDE_INVALID, "there is no such format: %d", (int)format);
    if (!status && fcntl(fd, F_GETFD) < 0)
        return error_set(err, LEDE_INVALID, "there is no such file descriptor: %d", fd);
    if (!status)
        status = writer_begin(w, err);
    if (status)
        return status;
    w->stopped = false;
    w->in_flight = true;
    w->progress.files_total++;
    w->progress.bytes_total = 0;
    w->read_before = w->feed.bytes_read;
    w->reading_size = UINT64_MAX;
    writer_report(w, "indexing");
    status = source_of_streams(w, &input.source, err);
    if (!status)
        status = id_set_add(&w->update.named, input.source, err);
    if (!status)
        status = feed_read(&w->feed, &input, &result, err);
    if (!status && result.lines_skipped)
        status = id_set_add(&w->findings.barren, input.source, err);
    if (status)
        return writer_fail(w, status);
    w->progress.files_done++;
    w->bytes_passed += result.size;
    w->reading_size = 0;
    if (result.complete && !result.skipped)
        w->info.files_indexed++;
    else if (!w->stopped)
        w->info.files_skipped++;
    return w->stopped ? interrupted(err) : LEDE_OK;
}

/* ------------------------------------------------------------------------------ single articles -- */

static lede_status check_key(const char *key, size_t len, lede_error *err) {
    if (!key || len < 1 || len > ARTICLE_KEY_MAX)
        return error_set(err, LEDE_INVALID, "an article's key has 1 to %d bytes, not %zu", ARTICLE_KEY_MAX, len);
    if (memchr(key, 0, len) || !utf8_valid(key, len))
        return error_set(err, LEDE_INVALID, "an article's key has to be UTF-8 without NUL bytes");
    return LEDE_OK;
}

/* Of a year, or of one and a month, no more may be known. */
static bool is_date(lede_date date) {
    unsigned year = date / 10000, month = date / 100 % 100, day = date % 100;
    if (day == 0)
        return date == 0 || (year >= 1 && year <= 9999 && month <= 12);
    return date_make(year, month, day) == date;
}

static lede_status check_article(const struct lede_writer *w, const lede_article *a, lede_error *err) {
    const struct {
        const char *name, *s;
        size_t len;
    } strings[] = {{"title", a->title, a->title_len},          {"byline", a->byline, a->byline_len},
                   {"dateline", a->dateline, a->dateline_len}, {"credit", a->credit, a->credit_len},
                   {"language", a->language, a->language_len}, {"body", a->body, a->body_len}};
    size_t max = pipeline_record_max(w->pipeline);
    lede_status status = check_key(a->key, a->key_len, err);
    if (!status && !is_date(a->date))
        status =
            error_set(err, LEDE_INVALID, "an article's date is %u; give YYYYMMDD of a day in the calendar", a->date);
    for (size_t i = 0; !status && i < sizeof strings / sizeof *strings; i++) {
        if (!strings[i].s)
            continue;
        if (strings[i].len > max)
            status =
                error_set(err, LEDE_INVALID, "an article's %s is longer than %zu MiB; split it or give more memory",
                          strings[i].name, max >> 20);
        else if (memchr(strings[i].s, 0, strings[i].len) || !utf8_valid(strings[i].s, strings[i].len))
            status = error_set(err, LEDE_INVALID, "an article's %s has to be UTF-8 without NUL bytes", strings[i].name);
    }
    return status;
}

lede_status lede_writer_add_article(lede_writer *w, const lede_article *article, lede_error *err) {
    lede_status status = writer_usable(w, err);
    if (!status)
        status = check_article(w, article, err);
    if (!status)
        status = writer_begin(w, err);
    if (status)
        return status;
    w->in_flight = true;
    return writer_fail(w, feed_article(&w->feed, article, err));
}
