#include "lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/error.h"
#include "layout.h"

/* The process number that a holder wrote; 0 if it can't be told. */
static long read_holder(int fd) {
    char text[32];
    ssize_t n = pread(fd, text, sizeof text - 1, 0);
    if (n <= 0)
        return 0;
    text[n] = '\0';
    return strtol(text, NULL, 10);
}

static lede_status say_locked(int fd, const char *index, lede_error *err) {
    long holder = read_holder(fd);
    if (holder <= 0)
        return error_set(err, LEDE_LOCKED, "%s: another process is writing this index; wait until it is done", index);
    if (holder == (long)getpid())
        return error_set(err, LEDE_LOCKED, "%s: this process already has a writer on this index; close it first",
                         index);
    return error_set(err, LEDE_LOCKED,
                     "%s: process %ld is writing this index; wait until it is done, or end it: what it did not "
                     "commit is then discarded",
                     index, holder);
}

/* A writer that gives up a new index removes its lock file: a lock on a file without a name excludes nobody. */
static bool has_name(int fd, const char *path) {
    struct stat held, named;
    return !fstat(fd, &held) && !stat(path, &named) && held.st_ino == named.st_ino && held.st_dev == named.st_dev;
}

/* One try. *again is set if the file was removed in between. */
static lede_status try_lock(struct lock *lock, bool *again, const char *path, const char *index, lede_error *err) {
    *again = false;
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (fd < 0)
        return error_io(err, path, "cannot open the lock for writing");
    struct flock request = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    lede_status status = LEDE_OK;
    if (fcntl(fd, F_OFD_SETLK, &request)) {
        status = errno == EAGAIN || errno == EACCES
                     ? say_locked(fd, index, err)
                     : error_io(err, path, "cannot lock; does the file system have locks");
    } else if (!has_name(fd, path)) {
        *again = true;
    } else {
        lock->fd = fd;
        return LEDE_OK;
    }
    close(fd);
    return status;
}

/* The number is for people: failing to write it harms nothing. */
static void write_holder(int fd, const char *text, size_t len) {
    if (ftruncate(fd, 0) || pwrite(fd, text, len, 0) < 0)
        errno = 0;
}

lede_status lock_take(struct lock *lock, const char *index, lede_error *err) {
    *lock = LOCK_NONE;
    char *path = layout_lock(index);
    if (!path)
        return error_nomem(err);
    lede_status status;
    bool again;
    do
        status = try_lock(lock, &again, path, index, err);
    while (!status && again);
    if (!status) {
        char text[32];
        int len = snprintf(text, sizeof text, "%ld\n", (long)getpid());
        write_holder(lock->fd, text, (size_t)len);
    }
    free(path);
    return status;
}

void lock_release(struct lock *lock) {
    if (lock->fd < 0)
        return;
    write_holder(lock->fd, "", 0);
    close(lock->fd);
    *lock = LOCK_NONE;
}
