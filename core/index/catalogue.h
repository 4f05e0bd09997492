/* catalogue.h - the SQLite database that says what an index consists of: catalogue.db, in WAL mode with
 * synchronous=FULL. A commit of Lede is one transaction here, made after the segment files that it
 * names are on disk.
 *
 *     settings(name TEXT PRIMARY KEY, value)       language, passages, omit_text, commit, next_segment, next_source
 *     segments(id INTEGER PRIMARY KEY, size, checksum, passages, articles, total_length,
 *              deleted_passages, deleted_articles, deleted BLOB)
 *     sources(id INTEGER PRIMARY KEY, path BLOB, size, mtime, hash, state, retired)
 *     digests(name TEXT PRIMARY KEY, value)        of the rows of the three tables, and of the schema;
 * core/base/digest.h
 *
 * PRAGMA application_id is "LEDE" and user_version the version of the format. Ids of segments and sources are
 * never used twice. Numbers of 64 bits are stored as SQLite's signed ones of the same bits.
 *
 * Articles are not rows here: with a million of them the rows and their index by key take longer to write,
 * and more room, than the whole inverted index. They live in the segments, which have a table of keys.
 *
 * A source is a file as it was when it was read: a file that changes becomes another source, with an id of its
 * own, and the old one is retired. Its row is kept for a day, since readers of older snapshots still ask for its
 * path. One that was not read as it would be by itself has the words for it behind its state, "0 tsv auto"; programs
 * that know the number alone take that for 0. So the source's id alone tells articles of a file's present content from
 * those of its past.
 *
 * A catalogue is used by one thread at a time.
 */
#ifndef LEDE_CORE_CATALOGUE_H
#define LEDE_CORE_CATALOGUE_H

#include "core/segment/segment.h"

struct catalogue;

/* "LEDE", and the version of everything in an index but the inside of segments. */
#define CATALOGUE_APPLICATION_ID 0x4c454445
#define CATALOGUE_VERSION        4

/* --------------------------------------------------------------------------- open and close -- */

/* What is fixed when an index is made. */
struct catalogue_settings {
    char *language; /* canonical */
    lede_passages passages;
    bool omit_text;
};

/* What changes from commit to commit. */
struct catalogue_counters {
    uint64_t commit;
    uint64_t next_segment, next_source; /* the first ids that were never used */
};

/* Opens the catalogue of the index in this folder for reading. Works on a file system that can't be written to.
 * LEDE_NOT_FOUND, LEDE_NOT_INDEX, LEDE_TOO_NEW, LEDE_TOO_OLD. */
LEDE_NODISCARD lede_status catalogue_open(struct catalogue **out, const char *index, lede_error *err);

/* Opens it for writing, and makes it, with `settings`, if there is none or a crash left it unfinished. The caller
 * holds the writer lock. */
LEDE_NODISCARD lede_status catalogue_open_writer(struct catalogue **out, const char *index,
                                                 const struct catalogue_settings *settings, lede_error *err);
void catalogue_close(struct catalogue *c);

/* Whether it shows its state at opening for ever: it lies where we can't write, with no log beside it. */
bool catalogue_is_frozen(const struct catalogue *c);

/* A transaction: what is read in it is one commit's state, what is written in it becomes visible at once or not at
 * all. catalogue_rollback does nothing if there is none. */
LEDE_NODISCARD lede_status catalogue_begin(struct catalogue *c, lede_error *err);
LEDE_NODISCARD lede_status catalogue_commit(struct catalogue *c, lede_error *err);
void catalogue_rollback(struct catalogue *c);

LEDE_NODISCARD lede_status catalogue_get_settings(struct catalogue *c, struct catalogue_settings *out, lede_error *err);
void catalogue_settings_release(struct catalogue_settings *s);
LEDE_NODISCARD lede_status catalogue_get_counters(struct catalogue *c, struct catalogue_counters *out, lede_error *err);
LEDE_NODISCARD lede_status catalogue_put_counters(struct catalogue *c, const struct catalogue_counters *counters,
                                                  lede_error *err);

/* Whether this is the catalogue that was written: SQLite's own check of the file, the digests of the rows, and what the
 * file's header has to say. SQLite's counters and the room that is free in its pages may be other than they were: the
 * brief has a digest of all bytes (core/index/brief.h). Calls report for each fault; *faults is their number. */
LEDE_NODISCARD lede_status catalogue_verify(struct catalogue *c, void (*report)(void *ctx, const char *fault),
                                            void *ctx, uint64_t *faults, lede_error *err);

/* --------------------------------------------------------------------------------- segments -- */

struct catalogue_segment {
    uint64_t id;
    struct segment_info info;
    uint32_t deleted_passages, deleted_articles;
    uint8_t *deleted; /* a bit a passage, catalogue_bitmap_size(passages) bytes; NULL if none is deleted */
};

static inline size_t catalogue_bitmap_size(uint32_t passages) {
    return ((size_t)passages + 7) / 8;
}

/* All live segments, in order of id. */
LEDE_NODISCARD lede_status catalogue_segments(struct catalogue *c, struct catalogue_segment **out, size_t *count,
                                              lede_error *err);
/* Bytes of all bitmaps together. */
LEDE_NODISCARD lede_status catalogue_bitmaps_size(struct catalogue *c, uint64_t *bytes, lede_error *err);
void catalogue_segments_free(struct catalogue_segment *segments, size_t count);

/* Adds a segment, or replaces the one with this id. */
LEDE_NODISCARD lede_status catalogue_put_segment(struct catalogue *c, const struct catalogue_segment *segment,
                                                 lede_error *err);
LEDE_NODISCARD lede_status catalogue_drop_segment(struct catalogue *c, uint64_t id, lede_error *err);

/* ---------------------------------------------------------------------------------- sources -- */

enum source_state {
    SOURCE_COMPLETE = 0, /* size and mtime tell whether the file changed */
    SOURCE_RACY,         /* read within moments of its modification: it may have changed again at the same mtime */
    SOURCE_INCOMPLETE,   /* interrupted, or changed while it was read: to be read again in any case */
};

enum { SOURCE_READING_SIZE = 80 };

struct catalogue_source {
    uint64_t id;
    const char *path; /* absolute; "-" is standard input; any bytes but NUL */
    uint64_t size;
    int64_t mtime; /* nanoseconds since 1970 */
    uint64_t hash; /* of its content, by file_checksum */
    enum source_state state;
    char reading[SOURCE_READING_SIZE]; /* how it was read, in words (indexer/files/reading.h); empty: as it is by itself
                                        */
};

/* The newest source of this path that is not retired; its path is the caller's string. LEDE_NOT_FOUND, err
 * untouched, if there is none. */
LEDE_NODISCARD lede_status catalogue_find_source(struct catalogue *c, const char *path, struct catalogue_source *out,
                                                 lede_error *err);

/* Adds a source, or replaces the one with this id. */
LEDE_NODISCARD lede_status catalogue_put_source(struct catalogue *c, const struct catalogue_source *source,
                                                lede_error *err);

/* What is done with each source; its path is borrowed during the call, which must not change sources. */
typedef lede_status (*source_visit)(void *ctx, const struct catalogue_source *source, lede_error *err);

/* The sources of one path, all of them: an interrupted file has several. */
LEDE_NODISCARD lede_status catalogue_sources_of(struct catalogue *c, const char *path, source_visit visit, void *ctx,
                                                lede_error *err);

/* All sources of files in or below a folder, bytewise by path, that are not retired. */
LEDE_NODISCARD lede_status catalogue_sources_below(struct catalogue *c, const char *folder, source_visit visit,
                                                   void *ctx, lede_error *err);

/* The same for the sources of one path that are retired. */
LEDE_NODISCARD lede_status catalogue_retired_of(struct catalogue *c, const char *path, source_visit visit, void *ctx,
                                                lede_error *err);

/* Marks a source as one of the past, at `now` seconds since 1970; and removes those retired more than a day before. */
LEDE_NODISCARD lede_status catalogue_retire_source(struct catalogue *c, uint64_t id, int64_t now, lede_error *err);
LEDE_NODISCARD lede_status catalogue_restore_source(struct catalogue *c, uint64_t id, lede_error *err);
LEDE_NODISCARD lede_status catalogue_forget_retired(struct catalogue *c, int64_t now, lede_error *err);

/* The path of a source, retired or not; the caller's to free. LEDE_NOT_FOUND, err untouched, if it is unknown. */
LEDE_NODISCARD lede_status catalogue_source_path(struct catalogue *c, uint64_t id, char **path, lede_error *err);

/* How many files there are. */
LEDE_NODISCARD lede_status catalogue_source_count(struct catalogue *c, uint64_t *count, lede_error *err);

#endif
