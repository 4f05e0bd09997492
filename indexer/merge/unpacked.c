#include "unpacked.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/error.h"
#include "core/base/file.h"
#include "core/segment/stored_text.h"

/* Bytes unpacked at a time: many blocks. */
enum { PIECE = 1 << 20 };

lede_status unpacked_init(struct unpacked *u, const struct merge_input *inputs, size_t count, const char *path,
                          lede_error *err) {
    uint64_t sum = 0;
    *u = (struct unpacked){.fd = -1, .path = path, .starts = calloc(count, sizeof *u->starts)};
    if (!u->starts)
        return error_nomem(err);
    for (size_t i = 0; i < count; i++) {
        u->starts[i] = sum;
        sum += inputs[i].segment->counts.text_size;
    }
    if (sum > 0)
        u->fd = file_open_nameless(path);
    return sum > 0 && u->fd < 0 ? error_io(err, path, "cannot create a file beside it") : LEDE_OK;
}

void unpacked_release(struct unpacked *u) {
    if (u->fd >= 0)
        close(u->fd);
    free(u->starts);
    *u = (struct unpacked){.fd = -1};
}

static lede_status write_all(const struct unpacked *u, const struct buffer *b, uint64_t at, lede_error *err) {
    for (size_t written = 0; written < b->len;) {
        ssize_t n = pwrite(u->fd, b->data + written, b->len - written, (off_t)(at + written));
        if (n < 0 && errno != EINTR)
            return error_io(err, u->path, "cannot unpack the text beside it");
        written += n > 0 ? (size_t)n : 0;
    }
    return LEDE_OK;
}

lede_status unpacked_add(struct unpacked *u, const struct segment *s, size_t i, int (*stop)(void *ctx), void *ctx,
                         lede_error *err) {
    struct text_reader reader = TEXT_READER_EMPTY;
    struct buffer piece = BUFFER_EMPTY;
    lede_status status = LEDE_OK;
    uint64_t size = s->counts.text_size;
    text_reader_use(&reader, s);
    for (uint64_t at = 0; status == LEDE_OK && at < size; at += PIECE) {
        buffer_clear(&piece);
        status = text_reader_read(&reader, at, size - at < PIECE ? size - at : PIECE, &piece, err);
        if (status == LEDE_OK)
            status = write_all(u, &piece, u->starts[i] + at, err);
        segment_forget(s);
        if (status == LEDE_OK && stop && stop(ctx))
            status = error_set(err, LEDE_INTERRUPTED, "merging was stopped");
    }
    text_reader_release(&reader);
    buffer_release(&piece);
    return status;
}

lede_status unpacked_read(const struct unpacked *u, size_t i, uint64_t start, size_t len, struct buffer *out,
                          lede_error *err) {
    buffer_clear(out);
    uint8_t *p = buffer_reserve(out, len);
    if (len > 0 && !p)
        return error_nomem(err);
    while (out->len < len) {
        ssize_t n = pread(u->fd, p + out->len, len - out->len, (off_t)(u->starts[i] + start + out->len));
        if (n == 0)
            errno = EIO;
        if (n == 0 || (n < 0 && errno != EINTR))
            return error_io(err, u->path, "cannot read the text unpacked beside it");
        out->len += n > 0 ? (size_t)n : 0;
    }
    return LEDE_OK;
}
