#include "brief.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/sql.h"
#include "layout.h"

static const char MAGIC[8] = {'L', 'E', 'D', 'E', 'B', 'R', 'I', CATALOGUE_VERSION};
/* Of those without digests; not one flipped bit away. */
static const char MAGIC_BEFORE[8] = {'L', 'E', 'D', 'E', 'B', 'R', 'F', 3};

enum {
    CHECKSUM_AT = 8,
    STAMP_AT = 16,
    STAMP_SIZE = 32,
    DIGESTS_AT = STAMP_AT + STAMP_SIZE,
    DIGESTS_SIZE = 16,
    BODY_AT = DIGESTS_AT + DIGESTS_SIZE,
    /* As many as are read faster than SQLite is opened. */
    SOURCES_MAX = 64 << 10,
    /* Of bitmaps; what is read in the time that SQLite takes to open is less. */
    BITMAPS_MAX = 4 << 20,
    /* A larger file is none of ours. */
    FILE_MAX = 16 << 20,
};

/* ------------------------------------------------------------------------------------- stamp -- */

/* The catalogue's files. */
static const char *const suffixes[] = {"", "-wal"};
enum { FILES = sizeof suffixes / sizeof *suffixes };

static char *file_path(const char *index, size_t i) {
    char *catalogue = layout_catalogue(index), *path = NULL;
    if (catalogue && asprintf(&path, "%s%s", catalogue, suffixes[i]) < 0)
        path = NULL;
    free(catalogue);
    return path;
}

static bool stamp_file(uint8_t *out, const char *index, size_t i) {
    char *path = file_path(index, i);
    struct stat st;
    store_u64(out, 0);
    store_u64(out + 8, 0);
    if (path && stat(path, &st) == 0 && st.st_size > 0) {
        store_u64(out, (uint64_t)st.st_size);
        store_u64(out + 8, (uint64_t)st.st_mtim.tv_sec * 1000000000 + (uint64_t)st.st_mtim.tv_nsec);
    }
    free(path);
    return path;
}

static uint64_t stamp_bytes(const uint8_t *stamp, size_t i) {
    return load_u64(stamp + i * STAMP_SIZE / FILES);
}

static bool stamp(uint8_t out[STAMP_SIZE], const char *index) {
    for (size_t i = 0; i < FILES; i++)
        if (!stamp_file(out + i * STAMP_SIZE / FILES, index, i))
            return false;
    return stamp_bytes(out, 0) > 0;
}

/* Of the files that the stamp has. */
static bool take_digests(uint8_t out[DIGESTS_SIZE], const char *index, const uint8_t *stamp) {
    bool known = true;
    for (size_t i = 0; known && i < FILES; i++) {
        uint64_t digest = 0;
        char *path = file_path(index, i);
        known = path && (stamp_bytes(stamp, i) == 0 || sql_file_digest(path, &digest));
        store_u64(out + 8 * i, digest);
        free(path);
    }
    return known;
}

/* --------------------------------------------------------------------------------------- read -- */

/* A position in the body; `bad` once it ran over the end. */
struct reader {
    const uint8_t *at, *end;
    bool bad;
};

static uint64_t take(struct reader *r) {
    uint64_t v = 0;
    if (!r->bad && !varint_get(&r->at, r->end, &v))
        r->bad = true;
    return r->bad ? 0 : v;
}

static uint32_t take_u32(struct reader *r) {
    uint64_t v = take(r);
    r->bad |= v > UINT32_MAX;
    return (uint32_t)v;
}

static const uint8_t *take_bytes(struct reader *r, uint64_t n) {
    const uint8_t *bytes = r->at;
    if (r->bad || n > (uint64_t)(r->end - r->at)) {
        r->bad = true;
        return NULL;
    }
    r->at += n;
    return bytes;
}

/* How many things of at least `least` bytes each follow. */
static size_t take_count(struct reader *r, size_t least) {
    uint64_t n = take(r);
    r->bad |= n > (uint64_t)(r->end - r->at) / least;
    return r->bad ? 0 : (size_t)n;
}

static void take_segment(struct reader *r, struct catalogue_segment *s) {
    s->id = take(r);
    s->info.size = take(r);
    s->info.checksum = take(r);
    s->info.passages = take_u32(r);
    s->info.articles = take_u32(r);
    s->info.total_length = take(r);
    s->deleted_passages = take_u32(r);
    s->deleted_articles = take_u32(r);
    if (!s->deleted_passages)
        return;
    size_t size = catalogue_bitmap_size(s->info.passages);
    const uint8_t *bits = take_bytes(r, size);
    s->deleted = bits ? malloc(size) : NULL;
    if (s->deleted)
        memcpy(s->deleted, bits, size);
    else
        r->bad = true;
}

static void take_segments(struct reader *r, struct brief *b) {
    size_t count = take_count(r, 8);
    b->segments = calloc(count + 1, sizeof *b->segments);
    r->bad |= !b->segments;
    for (size_t i = 0; !r->bad && i < count; i++, b->segment_count++)
        take_segment(r, &b->segments[i]);
}

static void take_sources(struct reader *r, struct brief *b) {
    size_t count = take_count(r, 3);
    b->sources = calloc(count + 1, sizeof *b->sources);
    r->bad |= !b->sources;
    for (size_t i = 0; !r->bad && i < count; i++) {
        uint64_t id = take(r), len = take(r);
        const uint8_t *path = take_bytes(r, len);
        r->bad |= !path || !len || path[len - 1];
        b->sources[b->source_count++] = (struct brief_source){id, (const char *)path};
    }
}

static bool parse(struct brief *b, const uint8_t *body, size_t len) {
    struct reader r = {body, body + len, false};
    b->commit = take(&r);
    uint64_t n = take(&r);
    const uint8_t *language = take_bytes(&r, n);
    b->settings.language = language ? strndup((const char *)language, n) : NULL;
    b->settings.passages = (lede_passages)take_u32(&r);
    b->settings.omit_text = take(&r) != 0;
    take_segments(&r, b);
    take_sources(&r, b);
    return !r.bad && r.at == r.end && b->settings.language;
}

static char *brief_path(const char *index, const char *suffix) {
    char *path = NULL;
    return asprintf(&path, "%s/segments/brief%s", index, suffix) < 0 ? NULL : path;
}

/* The whole file, or NULL. */
static uint8_t *load(const char *index, size_t *size) {
    char *path = brief_path(index, "");
    uint8_t *bytes = NULL;
    struct stat st;
    int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    free(path);
    if (fd < 0)
        return NULL;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > BODY_AT && st.st_size < FILE_MAX) {
        *size = (size_t)st.st_size;
        bytes = malloc(*size);
        if (bytes && read(fd, bytes, *size) != (ssize_t)*size) {
            free(bytes);
            bytes = NULL;
        }
    }
    close(fd);
    return bytes;
}

static bool has_its_checksum(const uint8_t *bytes, size_t size) {
    return load_u64(bytes + CHECKSUM_AT) == file_checksum(bytes + STAMP_AT, size - STAMP_AT);
}

static bool is_whole(const uint8_t *bytes, size_t size) {
    return memcmp(bytes, MAGIC, sizeof MAGIC) == 0 && has_its_checksum(bytes, size);
}

/* One that was written before there were digests. */
static bool is_of_before(const uint8_t *bytes, size_t size) {
    return memcmp(bytes, MAGIC_BEFORE, sizeof MAGIC_BEFORE) == 0 && has_its_checksum(bytes, size);
}

static bool is_current(const uint8_t *bytes, const char *index) {
    uint8_t now[STAMP_SIZE];
    return stamp(now, index) && memcmp(bytes + STAMP_AT, now, sizeof now) == 0;
}

bool brief_read(struct brief *out, const char *index) {
    size_t size = 0;
    *out = (struct brief){.bytes = load(index, &size)};
    bool good = out->bytes && is_whole(out->bytes, size) && is_current(out->bytes, index) &&
                parse(out, out->bytes + BODY_AT, size - BODY_AT);
    if (!good)
        brief_release(out);
    return good;
}

void brief_release(struct brief *b) {
    catalogue_settings_release(&b->settings);
    catalogue_segments_free(b->segments, b->segment_count);
    free(b->sources);
    free(b->bytes);
    *b = (struct brief){.bytes = NULL};
}

const char *brief_source_path(const struct brief *b, uint64_t id) {
    for (size_t i = 0; i < b->source_count; i++)
        if (b->sources[i].id == id)
            return b->sources[i].path;
    return NULL;
}

/* -------------------------------------------------------------------------------------- write -- */

lede_status brief_remove(const char *index, lede_error *err) {
    char *path = brief_path(index, "");
    if (!path)
        return error_nomem(err);
    lede_status status = unlink(path) && errno != ENOENT ? error_io(err, path, "cannot remove") : LEDE_OK;
    free(path);
    return status;
}

static void put_segment(struct buffer *out, const struct catalogue_segment *s) {
    const uint64_t numbers[] = {s->id,
                                s->info.size,
                                s->info.checksum,
                                s->info.passages,
                                s->info.articles,
                                s->info.total_length,
                                s->deleted ? s->deleted_passages : 0,
                                s->deleted_articles};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        buffer_append_varint(out, numbers[i]);
    if (s->deleted && s->deleted_passages)
        buffer_append(out, s->deleted, catalogue_bitmap_size(s->info.passages));
}

struct sources {
    struct buffer paths;
    uint64_t count;
};

static lede_status add_source(void *ctx, const struct catalogue_source *source, lede_error *err) {
    struct sources *s = ctx;
    buffer_append_varint(&s->paths, source->id);
    buffer_append_string(&s->paths, source->path, strlen(source->path) + 1);
    s->count++;
    return s->paths.len > SOURCES_MAX || s->paths.failed ? error_nomem(err) : LEDE_OK;
}

static void put_sources(struct buffer *out, struct catalogue *c) {
    struct sources s = {BUFFER_EMPTY, 0};
    if (catalogue_sources_below(c, "/", add_source, &s, NULL)) {
        buffer_clear(&s.paths);
        s.count = 0;
    }
    buffer_append_varint(out, s.count);
    buffer_append(out, s.paths.data, s.paths.len);
    buffer_release(&s.paths);
}

void brief_compose(struct buffer *out, struct catalogue *c) {
    struct catalogue_settings settings = {.language = NULL};
    struct catalogue_counters counters;
    struct catalogue_segment *segments = NULL;
    size_t count = 0;
    uint64_t bitmaps = 0;
    buffer_clear(out);
    if (catalogue_get_counters(c, &counters, NULL) || catalogue_bitmaps_size(c, &bitmaps, NULL))
        return;
    buffer_append_varint(out, counters.commit);
    if (bitmaps > BITMAPS_MAX)
        return;
    if (catalogue_get_settings(c, &settings, NULL) || catalogue_segments(c, &segments, &count, NULL)) {
        catalogue_settings_release(&settings);
        buffer_clear(out);
        return;
    }
    buffer_append_string(out, settings.language, strlen(settings.language));
    buffer_append_varint(out, (uint64_t)settings.passages);
    buffer_append_varint(out, settings.omit_text);
    buffer_append_varint(out, count);
    for (size_t i = 0; i < count; i++)
        put_segment(out, &segments[i]);
    put_sources(out, c);
    catalogue_segments_free(segments, count);
    catalogue_settings_release(&settings);
    if (out->failed)
        buffer_clear(out);
}

static bool write_all(const char *path, const struct buffer *bytes) {
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0)
        return false;
    bool written = write(fd, bytes->data, bytes->len) == (ssize_t)bytes->len;
    return close(fd) == 0 && written;
}

/* A reader sees the whole file or none. */
static void replace(const char *index, const struct buffer *bytes) {
    char *draft = brief_path(index, ".new"), *path = brief_path(index, "");
    if (draft && path && (!write_all(draft, bytes) || rename(draft, path)))
        unlink(draft);
    free(draft);
    free(path);
}

void brief_write(const char *index, const struct buffer *composed, uint64_t most) {
    static const uint8_t unknown[DIGESTS_SIZE];
    struct buffer bytes = BUFFER_EMPTY;
    uint8_t now[STAMP_SIZE], digests[DIGESTS_SIZE];
    if (!composed->len || !stamp(now, index))
        return;
    bool small = stamp_bytes(now, 0) <= most && stamp_bytes(now, 1) <= most;
    buffer_append(&bytes, MAGIC, sizeof MAGIC);
    buffer_append_u64(&bytes, 0);
    buffer_append(&bytes, now, sizeof now);
    buffer_append(&bytes, small && take_digests(digests, index, now) ? digests : unknown, DIGESTS_SIZE);
    buffer_append(&bytes, composed->data, composed->len);
    if (!bytes.failed) {
        store_u64(bytes.data + CHECKSUM_AT, file_checksum(bytes.data + STAMP_AT, bytes.len - STAMP_AT));
        replace(index, &bytes);
    }
    buffer_release(&bytes);
}

/* -------------------------------------------------------------------------------------- check -- */

/* Of a whole brief. One of another commit than the transaction's is another writer's work under way, and no fault. */
static bool contradicts(const uint8_t *bytes, size_t size, const char *index, struct catalogue *c) {
    struct buffer now = BUFFER_EMPTY;
    const uint8_t *at = bytes + BODY_AT;
    struct catalogue_counters counters;
    uint64_t commit;
    if (!is_current(bytes, index) || catalogue_get_counters(c, &counters, NULL) ||
        !varint_get(&at, bytes + size, &commit) || commit != counters.commit)
        return false;
    brief_compose(&now, c);
    bool differs = now.len && (now.len != size - BODY_AT || memcmp(now.data, bytes + BODY_AT, now.len) != 0);
    buffer_release(&now);
    return differs && is_current(bytes, index);
}

const char *brief_fault(const char *index, struct catalogue *c) {
    size_t size = 0;
    char *path = brief_path(index, "");
    errno = 0;
    uint8_t *bytes = load(index, &size);
    const char *fault = NULL;
    if (!bytes) /* for want of memory: nothing is known of it */
        fault = errno != ENOMEM && path && access(path, F_OK) == 0 ? "can't be read, or is too short" : NULL;
    else if (!is_whole(bytes, size) && !is_of_before(bytes, size))
        fault = "its checksum does not match";
    else if (is_whole(bytes, size) && contradicts(bytes, size, index, c))
        fault = "says something else than the catalogue";
    free(bytes);
    free(path);
    return fault;
}

/* Whether the catalogue's files have to be, byte for byte, what they were when the brief was written. */
static bool is_bound(const uint8_t *bytes, size_t size, const char *index) {
    uint8_t now[STAMP_SIZE];
    if (!is_whole(bytes, size) || !load_u64(bytes + DIGESTS_AT) || !stamp(now, index))
        return false;
    bool logless = stamp_bytes(bytes + STAMP_AT, 1) == 0 && stamp_bytes(now, 1) == 0;
    return logless || memcmp(bytes + STAMP_AT, now, sizeof now) == 0;
}

/* Whether there is still the same brief, which still binds. */
static bool is_still_bound(const uint8_t *bytes, size_t size, const char *index) {
    size_t size_now = 0;
    uint8_t *now = load(index, &size_now);
    bool same = now && size_now == size && memcmp(now, bytes, size) == 0 && is_bound(now, size, index);
    free(now);
    return same;
}

const char *brief_denies(const char *index) {
    size_t size = 0;
    uint8_t *bytes = load(index, &size), digests[DIGESTS_SIZE];
    const char *other = NULL;
    if (bytes && is_bound(bytes, size, index) && take_digests(digests, index, bytes + STAMP_AT)) {
        for (size_t i = 0; !other && i < FILES; i++)
            if (load_u64(digests + 8 * i) != load_u64(bytes + DIGESTS_AT + 8 * i))
                other = suffixes[i];
        if (other && !is_still_bound(bytes, size, index))
            other = NULL;
    }
    free(bytes);
    return other;
}

bool brief_is_missing(const char *index) {
    char *path = brief_path(index, "");
    bool missing = path && access(path, F_OK) != 0;
    free(path);
    return missing;
}

void brief_sweep(const char *index) {
    char *draft = brief_path(index, ".new");
    if (draft)
        unlink(draft);
    free(draft);
}
