#include "sequence.h"

#include <stdlib.h>

#include "core/base/error.h"

enum {
    RUN = 12, /* bytes of one */
    /* Bytes of a piece of runs, and of one of tags: one of each segment is in memory at once. */
    RUNS_ROOM = 341 * RUN,
    TAGS_ROOM = 16 * 1024,
};

/* -------------------------------------------------------------------------------------- file -- */

void sequence_file_release(struct sequence_file *file) {
    if (!file || --file->users > 0)
        return;
    scratch_release(&file->scratch);
    free(file);
}

static lede_status make_file(struct sequence_file **file, const char *path, lede_error *err) {
    if (!(*file = malloc(sizeof **file)))
        return error_nomem(err);
    (*file)->users = 1;
    scratch_init(&(*file)->scratch, path);
    return LEDE_OK;
}

lede_status sequence_begin(struct sequence *s, struct sequence_file **file, const char *path, lede_error *err) {
    lede_status status = *file ? LEDE_OK : make_file(file, path, err);
    if (status)
        return status;
    if ((*file)->users == 1) { /* all that was in it is committed */
        scratch_release(&(*file)->scratch);
        scratch_init(&(*file)->scratch, path);
    }
    (*file)->users++;
    *s = (struct sequence){.file = *file};
    spool_init(&s->runs, &(*file)->scratch, RUNS_ROOM);
    spool_init(&s->tags, &(*file)->scratch, TAGS_ROOM);
    return LEDE_OK;
}

void sequence_release(struct sequence *s) {
    spool_reader_release(&s->reader);
    spool_release(&s->runs);
    spool_release(&s->tags);
    buffer_release(&s->firsts);
    sequence_file_release(s->file);
    *s = SEQUENCE_EMPTY;
}

lede_status sequence_status(const struct sequence *s, lede_error *err) {
    if (!spool_failed(&s->runs) && !spool_failed(&s->tags) && !s->firsts.failed)
        return LEDE_OK;
    return s->file ? scratch_failure(&s->file->scratch, err) : error_nomem(err);
}

/* -------------------------------------------------------------------------------------- runs -- */

static void put_last(struct sequence *s) {
    uint8_t bytes[RUN];
    if (!s->has_last)
        return;
    if (s->runs.tail.len == 0)
        buffer_append_u32(&s->firsts, s->last.first);
    store_u32(bytes, s->last.first);
    store_u64(bytes + 4, s->last.batch);
    spool_append(&s->runs, bytes, RUN);
    s->has_last = false;
}

void sequence_append(struct sequence *s, uint32_t first, uint64_t batch) {
    if (s->has_last && s->last.batch == batch)
        return;
    if (s->has_last && s->last.first != first) /* else no articles came from that batch */
        put_last(s);
    s->last = (struct sequence_run){.first = first, .batch = batch};
    s->has_last = true;
}

static void give_back(struct spool *s) {
    if (!s->scratch || s->tail.len <= SPOOL_SMALL)
        return;
    spool_spill(s);
    if (!s->tail.failed)
        buffer_release(&s->tail);
}

void sequence_end(struct sequence *s) {
    put_last(s);
    give_back(&s->runs);
    give_back(&s->tags);
}

/* The last of `count` things of so many bytes whose first number is not above the article's. */
static size_t find_run(const uint8_t *things, size_t count, size_t bytes, uint32_t article) {
    size_t low = 0, high = count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (load_u32(things + middle * bytes) <= article)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* Puts a piece of the runs in hand. */
static void take_piece(struct sequence *s, size_t number) {
    if (s->piece && s->piece_number == number && s->reader.spool == &s->runs)
        return;
    s->reader.spool = &s->runs; /* it may have moved */
    s->reader.next = s->piece_number = number;
    s->piece = spool_next(&s->reader, &s->piece_size);
}

uint64_t sequence_batch(struct sequence *s, uint32_t article) {
    size_t pieces = s->firsts.len / 4;
    if (s->has_last && s->last.first <= article)
        return s->last.batch;
    if (pieces == 0 || s->firsts.failed)
        return s->has_last ? s->last.batch : 0;
    take_piece(s, find_run(s->firsts.data, pieces, 4, article));
    if (!s->piece)
        return 0;
    return load_u64(s->piece + RUN * find_run(s->piece, s->piece_size / RUN, RUN, article) + 4);
}
