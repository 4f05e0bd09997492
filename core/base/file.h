/* file.h - files as an index needs them: mapped ones, ones written once, folders made durable. */
#ifndef LEDE_CORE_FILE_H
#define LEDE_CORE_FILE_H

#include <lede.h>

struct file_map {
    const uint8_t *data;
    size_t size;
};

/* Maps a regular file for reading. An empty file gives data NULL and size 0. */
LEDE_NODISCARD lede_status file_map_open(struct file_map *map, const char *path, lede_error *err);
void file_map_close(struct file_map *map);
/* Gives back the memory of the pages that were read; they are read again from the file when they are needed. For long
 * passes over large files, whose pages would count as the process's memory to the end. */
void file_map_forget(const struct file_map *map);

/* A new file, written from front to end through a buffer. Errors are sticky: write as much as you
 * like, and look at the status that file_writer_commit returns. */
struct file_writer;

LEDE_NODISCARD lede_status file_writer_open(struct file_writer **out, const char *path, lede_error *err);
void file_writer_write(struct file_writer *w, const void *bytes, size_t n);
/* Zeros up to the next multiple of `alignment`, a power of two. */
void file_writer_align(struct file_writer *w, size_t alignment);
/* Bytes written so far. */
uint64_t file_writer_offset(const struct file_writer *w);
/* Starts, and ends, a checksum (XXH3, 64 bits) over what is written in between. */
void file_writer_checksum_start(struct file_writer *w);
uint64_t file_writer_checksum(struct file_writer *w);
/* Overwrites bytes already written, such as a header that had to wait. */
void file_writer_patch(struct file_writer *w, uint64_t offset, const void *bytes, size_t n);
/* Reads bytes already written. A failure, also one of an earlier write, is sticky, too. */
LEDE_NODISCARD lede_status file_writer_read(struct file_writer *w, uint64_t offset, void *bytes, size_t n,
                                            lede_error *err);
/* Flushes, fsyncs and closes; the writer is gone. On failure the file is removed. */
LEDE_NODISCARD lede_status file_writer_commit(struct file_writer *w, lede_error *err);
/* Gives up: closes, and removes the file. NULL is fine. */
void file_writer_abort(struct file_writer *w);

/* Opens a new file for reading and writing in the folder of `path`, which is gone with its last descriptor; -1 and
 * errno if it can't be made. */
int file_open_nameless(const char *path);

/* Makes entries of a folder durable. */
LEDE_NODISCARD lede_status file_sync_folder(const char *path, lede_error *err);

/* XXH3, 64 bits. */
uint64_t file_checksum(const void *bytes, size_t n);

#endif
