#include "places.h"

#include "core/base/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { SHARDS_MAX = 4096, REPLICAS_MAX = 64 };

/* What is being read, and where it stands. */
struct reading {
    struct arena *arena;
    struct places *out;
    const char *file; /* the name, or the shard file */
    unsigned line;    /* 0: the name */
};

static lede_status refuse(const struct reading *r, const char *text, size_t len, const char *why, lede_error *err) {
    if (r->line)
        return error_set(err, LEDE_INVALID, "%s:%u: '%.*s' %s", r->file, r->line, (int)len, text, why);
    return error_set(err, LEDE_INVALID, "%s: '%.*s' %s", r->file, (int)len, text, why);
}

static bool read_port(const char *text, const char *end, uint16_t *port) {
    unsigned long n = 0;
    if (text == end || end - text > 5)
        return false;
    for (; text < end; text++) {
        if (*text < '0' || *text > '9')
            return false;
        n = n * 10 + (unsigned long)(*text - '0');
    }
    *port = (uint16_t)n;
    return n > 0 && n <= UINT16_MAX;
}

static lede_status read_server(const struct reading *r, struct place *out, const char *text, size_t len,
                               lede_error *err) {
    const char *end = text + len, *colon = end, *host = text;
    while (colon > text && colon[-1] != ':')
        colon--;
    size_t host_len = colon > text ? (size_t)(colon - text) - 1 : 0;
    if (host_len == 0 || !read_port(colon, end, &out->port))
        return refuse(r, text, len, "is no HOST:PORT of a shard's server, such as localhost:7000", err);
    if (memchr(host, ':', host_len))
        return refuse(
            r, text, len,
            "has several colons: Xapian reaches addresses of IPv4 alone; give one, a name that has one, or the "
            "near end of a tunnel",
            err);
    out->host = arena_strndup(r->arena, host, host_len);
    return out->host ? LEDE_OK : error_nomem(err);
}

/* A folder, relative to that of the shard file. */
static lede_status read_folder(const struct reading *r, struct place *out, const char *text, size_t len,
                               lede_error *err) {
    const char *slash = r->line && *text != '/' ? strrchr(r->file, '/') : NULL;
    size_t base = slash ? (size_t)(slash - r->file) + 1 : 0;
    char *folder = arena_bytes(r->arena, base + len + 1);
    if (!folder)
        return error_nomem(err);
    memcpy(folder, r->file, base);
    memcpy(folder + base, text, len);
    folder[base + len] = '\0';
    out->folder = folder;
    return LEDE_OK;
}

static lede_status add_place(const struct reading *r, struct replicas *to, const char *text, size_t len,
                             lede_error *err) {
    if (to->count == REPLICAS_MAX)
        return refuse(r, text, len, "is one replica too many for a shard", err);
    struct place *place = &to->places[to->count++];
    *place = (struct place){.text = arena_strndup(r->arena, text, len)};
    if (!place->text)
        return error_nomem(err);
    return memchr(text, '/', len) ? read_folder(r, place, text, len, err) : read_server(r, place, text, len, err);
}

/* A new shard at the end, with room for its replicas. */
static lede_status add_shard(const struct reading *r, struct replicas **out, lede_error *err) {
    struct places *p = r->out;
    if (p->count == SHARDS_MAX)
        return error_set(err, LEDE_INVALID, "%s: more than %d shards", r->file, SHARDS_MAX);
    if (!p->shards)
        p->shards = arena_zalloc(r->arena, SHARDS_MAX, sizeof *p->shards);
    struct place *places = p->shards ? arena_zalloc(r->arena, REPLICAS_MAX, sizeof *places) : NULL;
    if (!places)
        return error_nomem(err);
    *out = &p->shards[p->count++];
    (*out)->places = places;
    return LEDE_OK;
}

/* A,B,C */
static lede_status read_servers(const struct reading *r, const char *text, lede_error *err) {
    lede_status status = LEDE_OK;
    for (bool more = true; more && !status;) {
        struct replicas *shard = NULL;
        size_t len = strcspn(text, ",");
        status = add_shard(r, &shard, err);
        if (!status)
            status = memchr(text, '/', len)
                         ? refuse(r, text, len, "is no HOST:PORT of a shard's server, such as localhost:7000", err)
                         : add_place(r, shard, text, len, err);
        more = text[len] == ',';
        text += len + more;
    }
    return status;
}

static lede_status read_line(const struct reading *r, char *line, lede_error *err) {
    static const char blank[] = " \t\r\n";
    lede_status status = LEDE_OK;
    struct replicas *shard = NULL;
    line[strcspn(line, "#")] = '\0';
    for (line += strspn(line, blank); *line && !status; line += strspn(line, blank)) {
        size_t len = strcspn(line, blank);
        if (!shard)
            status = add_shard(r, &shard, err);
        if (!status)
            status = add_place(r, shard, line, len, err);
        line += len;
    }
    return status;
}

static lede_status read_file(struct reading *r, lede_error *err) {
    FILE *file = fopen(r->file, "re");
    char *line = NULL;
    size_t room = 0;
    lede_status status = LEDE_OK;
    if (!file)
        return error_io(err, r->file, "cannot open the shard file");
    while (!status && getline(&line, &room, file) >= 0) {
        r->line++;
        status = read_line(r, line, err);
    }
    if (!status && ferror(file))
        status = error_io(err, r->file, "cannot read the shard file");
    free(line);
    fclose(file);
    if (!status && r->out->count == 0)
        status = error_set(err, LEDE_INVALID, "%s: names no shard; a line is HOST:PORT, or a folder", r->file);
    return status;
}

static lede_status take_folder(const struct reading *r, const char *path, lede_error *err) {
    struct replicas *shard = NULL;
    lede_status status = add_shard(r, &shard, err);
    if (status)
        return status;
    shard->count = 1;
    shard->places->text = shard->places->folder = arena_strndup(r->arena, path, strlen(path));
    return shard->places->folder ? LEDE_OK : error_nomem(err);
}

lede_status places_read(struct places *out, struct arena *arena, const char *name, lede_error *err) {
    const char *rest = name + strlen(PLACES_PREFIX);
    struct reading r = {arena, out, name, 0};
    struct stat st;
    *out = (struct places){NULL, 0};
    if (!strncmp(rest, "//", 2))
        return read_servers(&r, rest + 2, err);
    if (!*rest)
        return error_set(err, LEDE_INVALID,
                         "%s: name a folder or shard file behind it, or servers as in "
                         "xapian://HOST:PORT,HOST:PORT",
                         name);
    if (stat(rest, &st) || !S_ISREG(st.st_mode))
        return take_folder(&r, rest, err);
    r.file = rest;
    return read_file(&r, err);
}
