#include "spool.h"

#include <errno.h>
#include <unistd.h>

#include "codec.h"
#include "error.h"
#include "file.h"

/* An entry of the list of pieces. */
enum { PIECE = 16 };

/* ----------------------------------------------------------------------------------- scratch -- */

void scratch_init(struct scratch *s, const char *path) {
    *s = (struct scratch){.path = path, .fd = -1};
}

void scratch_release(struct scratch *s) {
    if (s->fd >= 0)
        close(s->fd);
    s->fd = -1;
}

lede_status scratch_failure(const struct scratch *s, lede_error *err) {
    if (!s->code)
        return error_nomem(err);
    errno = s->code;
    return error_io(err, s->path, "cannot write a file beside it");
}

/* Where the bytes are, through interrupts and short reads. */
static void write_piece(struct scratch *s, const uint8_t *bytes, size_t n) {
    if (s->fd < 0 && (s->fd = file_open_nameless(s->path)) < 0)
        s->code = errno;
    while (n > 0 && !s->code) {
        ssize_t done = pwrite(s->fd, bytes, n, (off_t)s->end);
        if (done < 0 && errno != EINTR) {
            s->code = errno;
        } else if (done > 0) {
            bytes += done;
            n -= (size_t)done;
            s->end += (uint64_t)done;
        }
    }
}

static bool read_piece(struct scratch *s, uint8_t *bytes, size_t n, uint64_t at) {
    while (n > 0 && !s->code) {
        ssize_t done = pread(s->fd, bytes, n, (off_t)at);
        if (done == 0 || (done < 0 && errno != EINTR)) {
            s->code = done == 0 ? EIO : errno;
        } else if (done > 0) {
            bytes += done;
            n -= (size_t)done;
            at += (uint64_t)done;
        }
    }
    return !s->code;
}

/* ------------------------------------------------------------------------------------- spool -- */

void spool_init(struct spool *s, struct scratch *scratch, size_t room) {
    *s = (struct spool){.scratch = scratch, .room = room};
}

void spool_release(struct spool *s) {
    buffer_release(&s->tail);
    buffer_release(&s->pieces);
    s->settled = 0;
}

void spool_clear(struct spool *s) {
    buffer_clear(&s->tail);
    buffer_clear(&s->pieces);
    s->settled = 0;
}

void spool_spill(struct spool *s) {
    if (s->tail.failed || s->tail.len == 0)
        return;
    buffer_append_u64(&s->pieces, s->scratch->end);
    buffer_append_u64(&s->pieces, s->tail.len);
    write_piece(s->scratch, s->tail.data, s->tail.len);
    s->settled += s->tail.len;
    buffer_clear(&s->tail);
}

void spool_reader_init(struct spool_reader *r, struct spool *s) {
    *r = (struct spool_reader){.spool = s};
}

void spool_reader_release(struct spool_reader *r) {
    buffer_release(&r->piece);
}

const uint8_t *spool_next(struct spool_reader *r, size_t *n) {
    struct spool *s = r->spool;
    size_t i = r->next++ * PIECE;
    *n = 0;
    if (spool_failed(s) || i > s->pieces.len || (i == s->pieces.len && s->tail.len == 0))
        return NULL;
    if (i == s->pieces.len) {
        *n = s->tail.len;
        return s->tail.data;
    }
    uint64_t at = load_u64(s->pieces.data + i);
    size_t size = (size_t)load_u64(s->pieces.data + i + 8);
    buffer_clear(&r->piece);
    uint8_t *p = buffer_reserve(&r->piece, size);
    s->tail.failed |= !p;
    if (!p || !read_piece(s->scratch, p, size, at))
        return NULL;
    *n = r->piece.len = size;
    return p;
}

/* ------------------------------------------------------------------------------- packed runs -- */

void run_packer_init(struct run_packer *p, struct spool *to, unsigned width) {
    p->to = to;
    p->width = width;
    p->count = 0;
}

void run_packer_flush(struct run_packer *p) {
    uint8_t bytes[sizeof p->numbers + 8];
    pack_run(bytes, p->numbers, p->count, p->width);
    spool_append(p->to, bytes, (size_t)run_size(p->count, p->width));
    p->count = 0;
}
