/* file_list.h - the files of a folder, in order, however many they are.
 *
 * What is added gathers in memory, is sorted when that is full, and goes to a scratch file as a run; runs of a kind are
 * merged when there are enough of them, and what is left in the end, so that a finished list is one run, to be read
 * from front to end. Of a run in the scratch file an entry is
 *
 *     varint  bytes of the path before that this one begins with, too
 *     string  the rest of the path
 *     u64     size
 *     u64     mtime
 *     u8      format
 */
#ifndef LEDE_INDEXER_FILE_LIST_H
#define LEDE_INDEXER_FILE_LIST_H

#include "core/base/spool.h"

struct listed_file {
    const char *path; /* absolute, without symbolic links, "." or ".." */
    uint64_t size;
    int64_t mtime; /* nanoseconds since 1970 */
    lede_format format;
};

/* Runs that are merged at once; and as often as runs of runs are: 16^6 MiB of paths are more than any disk has. */
enum { FILE_LIST_WAYS = 16, FILE_LIST_LEVELS = 6, FILE_LIST_RUNS = FILE_LIST_WAYS * FILE_LIST_LEVELS };

struct file_list {
    uint64_t count, bytes; /* files, and their sizes; of a finished list */
    struct scratch *scratch;
    struct buffer pending, starts; /* what gathers: entries, and u32 offsets of them */
    struct file_run {
        struct spool spool;
        unsigned level; /* merged how often */
    } runs[FILE_LIST_RUNS];
    size_t run_count;
};

/* `scratch` is borrowed, and nothing is written there as long as the list is short. */
void file_list_init(struct file_list *l, struct scratch *scratch);
void file_list_release(struct file_list *l);
/* Copies the entry. Failures are sticky. */
void file_list_add(struct file_list *l, const struct listed_file *file);
/* Sorts by path, bytewise, so that two walks give the same order. One that was added twice is there once. */
LEDE_NODISCARD lede_status file_list_finish(struct file_list *l, lede_error *err);
/* For tests: bytes of memory that it has. */
size_t file_list_memory(const struct file_list *l);

/* Reads a finished list, from front to end. */
struct file_cursor {
    struct spool_reader reader;
    const uint8_t *next, *end;
    struct buffer path;
    struct listed_file file;
};

void file_cursor_init(struct file_cursor *c, struct file_list *l);
void file_cursor_release(struct file_cursor *c);
/* The next file, borrowed until the next call; NULL at the end, or if the list can't be read. */
const struct listed_file *file_cursor_next(struct file_cursor *c);
/* Which of both it was. */
LEDE_NODISCARD lede_status file_cursor_status(const struct file_cursor *c, lede_error *err);

#endif
