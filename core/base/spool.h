/* spool.h - runs of bytes that are written from front to end and then read from front to end, of any length in little
 * memory: what is complete goes to a file that has no name, so that nothing of it is left whatever happens. */
#ifndef LEDE_CORE_SPOOL_H
#define LEDE_CORE_SPOOL_H

#include <lede.h>

#include "buffer.h"

/* The file, which several spools share. It is made when there is something to put there. */
struct scratch {
    const char *path; /* borrowed: the file is made in this one's folder, and messages name it */
    int fd;
    int code;     /* errno of the first failure, 0 if none */
    uint64_t end; /* what is in use */
};

void scratch_init(struct scratch *s, const char *path);
void scratch_release(struct scratch *s);
/* Why a spool has failed: for want of memory, or since the file couldn't be written or read. */
LEDE_NODISCARD lede_status scratch_failure(const struct scratch *s, lede_error *err);

/* Bytes that a spool keeps in memory; and one of those of which there are many. */
#define SPOOL_ROOM  (128 * 1024)
#define SPOOL_SMALL (4 * 1024)

/* All zero is an empty spool that stays in memory. */
struct spool {
    struct buffer tail;      /* what is not in the file: append here, then settle */
    struct buffer pieces;    /* of the file: u64 offset, u64 bytes each */
    uint64_t settled;        /* bytes of them */
    struct scratch *scratch; /* NULL: all stays in memory */
    size_t room;
};

/* `scratch`, which may be NULL, is borrowed. */
void spool_init(struct spool *s, struct scratch *scratch, size_t room);
void spool_release(struct spool *s);
/* Forgets the content, and the error unless it is the file's. What was in the file stays in use there. */
void spool_clear(struct spool *s);

void spool_spill(struct spool *s);

/* Between two entries of the content, of which none is divided: puts away what is more than should be in memory. */
static inline void spool_settle(struct spool *s) {
    if (s->tail.len >= s->room && s->scratch)
        spool_spill(s);
}

static inline void spool_append_u32(struct spool *s, uint32_t v) {
    buffer_append_u32(&s->tail, v);
    spool_settle(s);
}

static inline void spool_append_u64(struct spool *s, uint64_t v) {
    buffer_append_u64(&s->tail, v);
    spool_settle(s);
}

static inline void spool_append(struct spool *s, const void *bytes, size_t n) {
    buffer_append(&s->tail, bytes, n);
    spool_settle(s);
}

static inline uint64_t spool_size(const struct spool *s) {
    return s->settled + s->tail.len;
}

static inline bool spool_failed(const struct spool *s) {
    return s->tail.failed || s->pieces.failed || (s->scratch && s->scratch->code);
}

static inline size_t spool_memory(const struct spool *s) {
    return s->tail.cap + s->pieces.cap;
}

/* Reads a spool piece by piece. To read it again, begin again. */
struct spool_reader {
    struct spool *spool;
    struct buffer piece;
    size_t next;
};

void spool_reader_init(struct spool_reader *r, struct spool *s);
/* The next piece of the content, of whole entries, borrowed until the next call; NULL at the end, or if it can't be
 * read: then the spool has failed. */
const uint8_t *spool_next(struct spool_reader *r, size_t *n);
void spool_reader_release(struct spool_reader *r);

/* Numbers below 2^width, appended to a spool as a packed run (core/base/codec.h). */
struct run_packer {
    struct spool *to;
    unsigned width, count;
    uint32_t numbers[256]; /* as many make whole bytes of any width */
};

void run_packer_init(struct run_packer *p, struct spool *to, unsigned width);
void run_packer_flush(struct run_packer *p);
static inline void run_packer_add(struct run_packer *p, uint32_t number) {
    p->numbers[p->count++] = number;
    if (p->count == sizeof p->numbers / sizeof *p->numbers)
        run_packer_flush(p);
}

#endif
