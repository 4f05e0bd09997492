#include "error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *lede_version(void) {
#define TEXT(x)          #x
#define VERSION(a, b, c) TEXT(a) "." TEXT(b) "." TEXT(c)
    return VERSION(LEDE_VERSION_MAJOR, LEDE_VERSION_MINOR, LEDE_VERSION_PATCH);
}

const char *lede_status_text(lede_status status) {
    static const char *const texts[] = {
        [LEDE_OK] = "success",
        [LEDE_INVALID] = "invalid argument",
        [LEDE_NOT_FOUND] = "not found",
        [LEDE_NOT_INDEX] = "not a Lede index",
        [LEDE_TOO_NEW] = "index written by a newer version",
        [LEDE_TOO_OLD] = "index written by an older version",
        [LEDE_CORRUPT] = "index is corrupt",
        [LEDE_LOCKED] = "index is locked by another writer",
        [LEDE_IO] = "input/output error",
        [LEDE_FULL] = "no space left",
        [LEDE_NOMEM] = "out of memory",
        [LEDE_INTERRUPTED] = "interrupted",
        [LEDE_UNSUPPORTED] = "not supported",
    };
    size_t n = sizeof texts / sizeof texts[0];
    return (size_t)status < n ? texts[status] : "unknown status";
}

__attribute__((format(printf, 4, 0))) static lede_status error_fill(lede_error *err, lede_status status,
                                                                    uint64_t offset, const char *format, va_list args) {
    if (err) {
        err->status = status;
        err->offset = offset;
        vsnprintf(err->message, sizeof err->message, format, args);
        /* One line, whatever a path holds. */
        for (char *p = err->message; *p; p++)
            if (*p == '\n' || *p == '\r')
                *p = '?';
    }
    return status;
}

lede_status error_set(lede_error *err, lede_status status, const char *format, ...) {
    va_list args;
    va_start(args, format);
    error_fill(err, status, LEDE_NO_OFFSET, format, args);
    va_end(args);
    return status;
}

static lede_status status_of_errno(int code) {
    switch (code) {
    case ENOSPC:
    case EDQUOT: return LEDE_FULL;
    case ENOMEM: return LEDE_NOMEM;
    case ENOENT: return LEDE_NOT_FOUND;
    default: return LEDE_IO;
    }
}

lede_status error_io(lede_error *err, const char *path, const char *what) {
    int code = errno;
    lede_status status = status_of_errno(code);
    const char *remedy = status == LEDE_FULL ? "; make room and try again" : "";
    return error_set(err, status, "%s: %s: %s%s", path, what, strerror(code), remedy);
}

static void corrupt_at(lede_error *err, uint64_t offset, const char *format, ...) __attribute__((format(printf, 3, 4)));

static void corrupt_at(lede_error *err, uint64_t offset, const char *format, ...) {
    va_list args;
    va_start(args, format);
    error_fill(err, LEDE_CORRUPT, offset, format, args);
    va_end(args);
}

lede_status error_corrupt(lede_error *err, const char *path, uint64_t offset, const char *what) {
    corrupt_at(err, offset, "%s: corrupt at byte %llu: %s; run `lede check`, then restore the index or index again",
               path, (unsigned long long)offset, what);
    return LEDE_CORRUPT;
}

lede_status error_nomem(lede_error *err) {
    return error_set(err, LEDE_NOMEM, "out of memory");
}
