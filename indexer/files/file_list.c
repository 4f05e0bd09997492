#include "file_list.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"

enum {
    PENDING_ROOM = 1 << 20,
    RUN_ROOM = 64 << 10,
    FIXED = 17, /* bytes of an entry besides its path */
};

void file_list_init(struct file_list *l, struct scratch *scratch) {
    *l = (struct file_list){.scratch = scratch};
}

void file_list_release(struct file_list *l) {
    buffer_release(&l->pending);
    buffer_release(&l->starts);
    for (size_t i = 0; i < l->run_count; i++)
        spool_release(&l->runs[i].spool);
    l->run_count = 0;
}

size_t file_list_memory(const struct file_list *l) {
    size_t bytes = l->pending.cap + l->starts.cap;
    for (size_t i = 0; i < l->run_count; i++)
        bytes += spool_memory(&l->runs[i].spool);
    return bytes;
}

static lede_status failure(const struct file_list *l, lede_error *err) {
    return scratch_failure(l->scratch, err);
}

/* ------------------------------------------------------------------------------------- entries -- */

static void put_fixed(struct buffer *b, const struct listed_file *file) {
    buffer_append_u64(b, file->size);
    buffer_append_u64(b, (uint64_t)file->mtime);
    buffer_append_u8(b, (uint8_t)file->format);
}

static void take_fixed(struct listed_file *out, const uint8_t *p) {
    out->size = load_u64(p);
    out->mtime = (int64_t)load_u64(p + 8);
    out->format = (lede_format)p[16];
}

/* Of two paths to one file, of which one may be a link of another kind, the first is kept. */
static int compare_files(const struct listed_file *a, const struct listed_file *b) {
    int order = strcmp(a->path, b->path);
    return order ? order : (a->format > b->format) - (a->format < b->format);
}

/* Appends files in order to a run. */
struct run_writer {
    struct file_list *list;
    struct spool *to;
    struct buffer last; /* path, with its NUL */
    uint64_t count, bytes;
};

static void write_file(struct run_writer *w, const struct listed_file *file) {
    size_t len = strlen(file->path), shared = 0;
    while (shared < w->last.len && shared < len && w->last.data[shared] == (uint8_t)file->path[shared])
        shared++;
    if (w->last.len == len + 1 && shared == len)
        return;
    buffer_append_varint(&w->to->tail, shared);
    buffer_append_string(&w->to->tail, file->path + shared, len - shared);
    put_fixed(&w->to->tail, file);
    spool_settle(w->to);
    buffer_clear(&w->last);
    buffer_append(&w->last, file->path, len + 1);
    w->count++;
    w->bytes += file->size;
}

/* What the list counts is that of the last run that was written: of the only one, when it is finished. */
static void end_run(struct run_writer *w) {
    w->list->count = w->count;
    w->list->bytes = w->bytes;
    w->to->tail.failed |= w->last.failed;
    buffer_release(&w->last);
    if (!w->to->scratch || w->to->tail.failed)
        return;
    spool_spill(w->to);
    buffer_release(&w->to->tail);
}

/* ------------------------------------------------------------------------------------- reading -- */

static void open_run(struct file_cursor *c, struct spool *run) {
    *c = (struct file_cursor){.next = NULL};
    spool_reader_init(&c->reader, run);
}

void file_cursor_init(struct file_cursor *c, struct file_list *l) {
    open_run(c, &l->runs[0].spool);
}

void file_cursor_release(struct file_cursor *c) {
    spool_reader_release(&c->reader);
    buffer_release(&c->path);
}

static bool load_piece(struct file_cursor *c) {
    size_t n;
    c->next = spool_next(&c->reader, &n);
    c->end = c->next + n;
    return c->next != NULL;
}

const struct listed_file *file_cursor_next(struct file_cursor *c) {
    uint64_t shared, rest;
    if (c->next == c->end && !load_piece(c))
        return NULL;
    if (!varint_get(&c->next, c->end, &shared) || !varint_get(&c->next, c->end, &rest))
        return NULL;
    c->path.len = (size_t)shared;
    buffer_append(&c->path, c->next, (size_t)rest);
    buffer_append_u8(&c->path, 0);
    c->next += rest;
    take_fixed(&c->file, c->next);
    c->next += FIXED;
    c->file.path = (const char *)c->path.data;
    return c->path.failed ? NULL : &c->file;
}

lede_status file_cursor_status(const struct file_cursor *c, lede_error *err) {
    struct spool *s = c->reader.spool;
    if (!spool_failed(s) && !c->path.failed)
        return LEDE_OK;
    return s->scratch ? scratch_failure(s->scratch, err) : error_nomem(err);
}

/* ------------------------------------------------------------------------------------- merging -- */

struct run_merge {
    struct file_cursor cursors[FILE_LIST_WAYS];
    const struct listed_file *heads[FILE_LIST_WAYS]; /* NULL: at its end */
    size_t count;
};

static size_t smallest(const struct run_merge *m) {
    size_t best = m->count;
    for (size_t i = 0; i < m->count; i++)
        if (m->heads[i] && (best == m->count || compare_files(m->heads[i], m->heads[best]) < 0))
            best = i;
    return best;
}

/* Makes the last `count` runs one. */
static void merge_last(struct file_list *l, size_t count) {
    struct file_run *first = &l->runs[l->run_count - count];
    struct file_run merged = {.level = first->level + 1};
    struct run_writer w = {.list = l, .to = &merged.spool};
    struct run_merge m = {.count = count};
    spool_init(&merged.spool, l->scratch, RUN_ROOM);
    for (size_t i = 0; i < count; i++) {
        open_run(&m.cursors[i], &first[i].spool);
        m.heads[i] = file_cursor_next(&m.cursors[i]);
    }
    for (size_t i; (i = smallest(&m)) < count; m.heads[i] = file_cursor_next(&m.cursors[i]))
        write_file(&w, m.heads[i]);
    end_run(&w);
    for (size_t i = 0; i < count; i++) {
        merged.spool.tail.failed |= spool_failed(&first[i].spool) || m.cursors[i].path.failed;
        file_cursor_release(&m.cursors[i]);
        spool_release(&first[i].spool);
    }
    *first = merged;
    l->run_count -= count - 1;
}

/* How many runs at the end have been merged equally often. */
static size_t alike(const struct file_list *l) {
    size_t n = 1;
    while (n < l->run_count && l->runs[l->run_count - 1 - n].level == l->runs[l->run_count - 1].level)
        n++;
    return n;
}

/* ------------------------------------------------------------------------------------- sorting -- */

static struct listed_file pending_file(const uint8_t *entry) {
    struct listed_file file = {.path = (const char *)entry + FIXED};
    take_fixed(&file, entry);
    return file;
}

static int compare_pending(const void *a, const void *b, void *pending) {
    const uint8_t *entries = pending;
    const struct listed_file x = pending_file(entries + load_u32(a)), y = pending_file(entries + load_u32(b));
    return compare_files(&x, &y);
}

/* Makes what has gathered a run: in memory, if `scratch` is NULL. */
static void sort_pending(struct file_list *l, struct scratch *scratch) {
    struct file_run *run = &l->runs[l->run_count++];
    struct run_writer w = {.list = l, .to = &run->spool};
    size_t n = l->starts.len / 4;
    run->level = 0;
    spool_init(&run->spool, scratch, RUN_ROOM);
    if (n > 0)
        qsort_r(l->starts.data, n, 4, compare_pending, l->pending.data);
    for (size_t i = 0; i < n; i++) {
        const struct listed_file file = pending_file(l->pending.data + load_u32(l->starts.data + 4 * i));
        write_file(&w, &file);
    }
    end_run(&w);
    run->spool.tail.failed |= l->pending.failed || l->starts.failed;
    buffer_clear(&l->pending);
    buffer_clear(&l->starts);
}

static bool has_failed(const struct file_list *l) {
    bool failed = l->pending.failed || l->starts.failed;
    for (size_t i = 0; i < l->run_count; i++)
        failed |= spool_failed(&l->runs[i].spool);
    return failed;
}

void file_list_add(struct file_list *l, const struct listed_file *file) {
    if (l->pending.failed || l->starts.failed)
        return;
    buffer_append_u32(&l->starts, (uint32_t)l->pending.len);
    put_fixed(&l->pending, file);
    buffer_append(&l->pending, file->path, strlen(file->path) + 1);
    if (l->pending.len < PENDING_ROOM)
        return;
    sort_pending(l, l->scratch);
    while (alike(l) == FILE_LIST_WAYS && !has_failed(l))
        merge_last(l, FILE_LIST_WAYS);
    l->pending.failed = has_failed(l);
}

lede_status file_list_finish(struct file_list *l, lede_error *err) {
    if (has_failed(l))
        return failure(l, err);
    sort_pending(l, l->run_count ? l->scratch : NULL);
    buffer_release(&l->pending);
    buffer_release(&l->starts);
    while (l->run_count > 1 && !has_failed(l))
        merge_last(l, l->run_count < FILE_LIST_WAYS ? l->run_count : FILE_LIST_WAYS);
    return has_failed(l) ? failure(l, err) : LEDE_OK;
}
