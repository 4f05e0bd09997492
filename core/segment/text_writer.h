/* text_writer.h - compresses the articles' bodies in small blocks, so that a passage costs little to read.
 *
 *     bodies -> blocks of 1.5 KiB -> the first 512 KiB wait ---------+-> frames
 *                          |                                        |
 *                          +-> sample of the text -> dictionary ----+    at 512 KiB, 2, 8, 32 and then each 64 MiB
 *
 * So small a block has nothing to refer to: a dictionary gives it what texts have in common, and spares the tables of
 * its codes. It is made of the text before, as texts that are near each other are alike; the first one, of those that
 * have waited for it. What is compressed with one dictionary is a stretch. A text that is smaller has larger blocks and
 * none.
 */
#ifndef LEDE_CORE_TEXT_WRITER_H
#define LEDE_CORE_TEXT_WRITER_H

#include "segment_map.h"

struct text_writer;

/* `scratch`, where blocks go that are not drained, and their table, is borrowed; NULL: they stay in memory. */
LEDE_NODISCARD lede_status text_writer_new(struct text_writer **out, struct scratch *scratch, lede_error *err);
void text_writer_free(struct text_writer *w);
size_t text_writer_memory(const struct text_writer *w);

/* An article's body. */
void text_writer_add(struct text_writer *w, const char *text, size_t len);
/* Writes the blocks that are ready to the section that `out` is at. */
void text_writer_drain(struct text_writer *w, struct segment_writer *out);
/* Ends the last block, writes what is left to the section that `out` is at, ends it, and writes the table of blocks;
 * the writer is empty then. False if memory ran out, or zstd or the scratch file failed,
 * at some time. */
bool text_writer_finish(struct text_writer *w, struct segment_writer *out, uint64_t *text_size);

/* Whether a segment's blocks may be copied as they are: its text is large, so that its dictionaries are few and know
 * much. Others are worth being compressed anew. */
bool text_is_worth_copying(const struct segment *s);
/* Copies all blocks of such a segment behind what was added. */
LEDE_NODISCARD lede_status text_writer_copy(struct text_writer *w, const struct segment *s, struct segment_writer *out,
                                            lede_error *err);

#endif
