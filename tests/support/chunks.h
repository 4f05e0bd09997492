/* chunks.h - chunks that a test writes and reads. To be included behind cmocka.h. */
#ifndef LEDE_TESTS_CHUNKS_H
#define LEDE_TESTS_CHUNKS_H

#include "core/codecs/chunk.h"

/* Ends what the writer has, of a segment of so many passages, appends it to `out`, and opens it there; false if that
 * is refused. */
static inline bool chunks_open(struct chunk_table *table, struct buffer *out, struct chunk_writer *w,
                               uint32_t passages) {
    struct spool before = {.settled = 0};
    assert_true(chunk_writer_finish(w, passages, &before));
    buffer_append(out, before.tail.data, before.tail.len);
    size_t head = out->len;
    buffer_append(out, w->groups.tail.data, w->groups.tail.len);
    size_t end = out->len;
    buffer_append_zeros(out, 16); /* as behind a section */
    assert_false(out->failed);
    chunk_writer_release(w);
    spool_release(&before);
    const uint8_t *p = out->data;
    bool ok = chunk_table_open(table, &p, out->data + head, passages);
    table->groups = out->data + head;
    table->groups_end = out->data + end;
    return ok;
}

#endif
