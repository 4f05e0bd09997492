#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "error.h"

lede_status file_map_open(struct file_map *map, const char *path, lede_error *err) {
    *map = (struct file_map){NULL, 0};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return error_io(err, path, "cannot open");
    lede_status status = LEDE_OK;
    struct stat st;
    if (fstat(fd, &st)) {
        status = error_io(err, path, "cannot read its size");
    } else if (!S_ISREG(st.st_mode)) {
        status = error_set(err, LEDE_INVALID, "%s: not a regular file", path);
    } else if (st.st_size > 0) {
        void *data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
        if (data == MAP_FAILED)
            status = error_io(err, path, "cannot map");
        else
            *map = (struct file_map){data, (size_t)st.st_size};
    }
    close(fd);
    return status;
}

void file_map_close(struct file_map *map) {
    if (map->data)
        munmap((void *)(uintptr_t)map->data, map->size);
    *map = (struct file_map){NULL, 0};
}

void file_map_forget(const struct file_map *map) {
    /* Advice: if it isn't taken, nothing is wrong. */
    if (map->data)
        (void)!madvise((void *)(uintptr_t)map->data, map->size, MADV_DONTNEED);
}

/* Large enough that a write is a long sequential one, small enough not to count in a budget. */
enum { BUFFER_SIZE = 256 * 1024 };

struct file_writer {
    int fd;
    int code; /* errno of the first failure, 0 if none */
    char *path;
    uint64_t written; /* bytes handed to the kernel */
    size_t len;       /* bytes in the buffer */
    size_t hashed;    /* of these, what the checksum has, or is not to have */
    XXH3_state_t *hash;
    bool hashing;
    uint8_t buffer[BUFFER_SIZE];
};

static void file_writer_free(struct file_writer *w) {
    if (w->hash)
        XXH3_freeState(w->hash);
    free(w->path);
    free(w);
}

lede_status file_writer_open(struct file_writer **out, const char *path, lede_error *err) {
    *out = NULL;
    struct file_writer *w = malloc(sizeof *w);
    if (!w)
        return error_nomem(err);
    memset(w, 0, offsetof(struct file_writer, buffer));
    w->path = strdup(path);
    w->hash = XXH3_createState();
    if (!w->path || !w->hash) {
        file_writer_free(w);
        return error_nomem(err);
    }
    w->fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (w->fd < 0) {
        lede_status status = error_io(err, path, "cannot create");
        file_writer_free(w);
        return status;
    }
    *out = w;
    return LEDE_OK;
}

/* Writes all of it at `offset`, through interrupts and short writes. */
static void write_all(struct file_writer *w, const uint8_t *bytes, size_t n, uint64_t offset) {
    while (n > 0 && !w->code) {
        ssize_t done = pwrite(w->fd, bytes, n, (off_t)offset);
        if (done < 0 && errno != EINTR) {
            w->code = errno;
        } else if (done > 0) {
            bytes += done;
            n -= (size_t)done;
            offset += (uint64_t)done;
        }
    }
}

/* Small writes are hashed together. */
static void hash_buffer(struct file_writer *w) {
    if (w->hashing)
        XXH3_64bits_update(w->hash, w->buffer + w->hashed, w->len - w->hashed);
    w->hashed = w->len;
}

static void flush(struct file_writer *w) {
    hash_buffer(w);
    write_all(w, w->buffer, w->len, w->written);
    w->written += w->len;
    w->len = w->hashed = 0;
}

void file_writer_write(struct file_writer *w, const void *bytes, size_t n) {
    if (!n)
        return;
    if (n > BUFFER_SIZE - w->len)
        flush(w);
    if (n >= BUFFER_SIZE) {
        if (w->hashing)
            XXH3_64bits_update(w->hash, bytes, n);
        write_all(w, bytes, n, w->written);
        w->written += n;
    } else {
        memcpy(w->buffer + w->len, bytes, n);
        w->len += n;
    }
}

void file_writer_align(struct file_writer *w, size_t alignment) {
    static const uint8_t zeros[4096];
    size_t n = (size_t)(-file_writer_offset(w) & (alignment - 1));
    for (; n > sizeof zeros; n -= sizeof zeros)
        file_writer_write(w, zeros, sizeof zeros);
    file_writer_write(w, zeros, n);
}

uint64_t file_writer_offset(const struct file_writer *w) {
    return w->written + w->len;
}

void file_writer_checksum_start(struct file_writer *w) {
    XXH3_64bits_reset(w->hash);
    w->hashing = true;
    w->hashed = w->len;
}

uint64_t file_writer_checksum(struct file_writer *w) {
    hash_buffer(w);
    w->hashing = false;
    return XXH3_64bits_digest(w->hash);
}

void file_writer_patch(struct file_writer *w, uint64_t offset, const void *bytes, size_t n) {
    flush(w);
    write_all(w, bytes, n, offset);
}

lede_status file_writer_read(struct file_writer *w, uint64_t offset, void *bytes, size_t n, lede_error *err) {
    uint8_t *to = bytes;
    flush(w);
    const char *what = w->code ? "cannot write" : "cannot read";
    while (n > 0 && !w->code) {
        ssize_t done = pread(w->fd, to, n, (off_t)offset);
        if (done == 0 || (done < 0 && errno != EINTR)) {
            w->code = done == 0 ? EIO : errno;
        } else if (done > 0) {
            to += done;
            n -= (size_t)done;
            offset += (uint64_t)done;
        }
    }
    errno = w->code;
    return w->code ? error_io(err, w->path, what) : LEDE_OK;
}

lede_status file_writer_commit(struct file_writer *w, lede_error *err) {
    flush(w);
    if (!w->code && fsync(w->fd))
        w->code = errno;
    if (close(w->fd) && !w->code)
        w->code = errno;
    w->fd = -1;
    lede_status status = LEDE_OK;
    if (w->code) {
        errno = w->code;
        status = error_io(err, w->path, "cannot write");
        unlink(w->path);
    }
    file_writer_free(w);
    return status;
}

void file_writer_abort(struct file_writer *w) {
    if (!w)
        return;
    close(w->fd);
    unlink(w->path);
    file_writer_free(w);
}

int file_open_nameless(const char *path) {
    char *folder = strdup(path), *name = NULL;
    int fd = -1;
    if (folder) {
        char *slash = strrchr(folder, '/');
        strcpy(slash ? slash + (slash == folder) : folder, slash ? "" : ".");
        fd = open(folder[0] ? folder : "/", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    }
    /* Not every file system can do that. */
    if (fd < 0 && asprintf(&name, "%s.scratch", path) >= 0) {
        fd = open(name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        if (fd >= 0)
            unlink(name);
        free(name);
    }
    free(folder);
    return fd;
}

lede_status file_sync_folder(const char *path, lede_error *err) {
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return error_io(err, path, "cannot open the folder");
    lede_status status = fsync(fd) ? error_io(err, path, "cannot sync the folder") : LEDE_OK;
    close(fd);
    return status;
}

uint64_t file_checksum(const void *bytes, size_t n) {
    return XXH3_64bits(bytes, n);
}
