/* postings_writer.h - codes the postings of one term after the other. */
#ifndef LEDE_CORE_POSTINGS_WRITER_H
#define LEDE_CORE_POSTINGS_WRITER_H

#include "core/base/buffer.h"
#include "core/codecs/chunk_positions.h"
#include "core/codecs/maxima.h"
#include "postings.h"

struct segment_writer;

struct postings_writer {
    uint32_t passages;
    /* The parts of the term, see POSTINGS in segment.h: of a rare one the last documents, u32 a block, and the blocks.
     */
    struct buffer lasts, blocks;
    struct spool ends, position_ends, head, positions; /* ends: u32 a block */
    struct scratch *scratch;
    struct buffer
        held; /* of a term that is rare so far: for each whole block documents, frequencies, lengths, u32 each */
    /* Positions of each chunk by themselves: those of held blocks stay as they are, u32 each, until it is frequent. */
    bool by_chunks;
    struct buffer held_places;
    struct chunk_positions_writer chunk_positions;
    struct chunk_writer chunks;
    bool is_frequent;
    uint64_t expected;
    struct maxima_writer maxima;
    uint32_t doc_freq;
    uint64_t total_freq;
    bool failed;
    /* The block under way. */
    uint32_t block_start; /* one more than the last document of the block before */
    uint32_t count;
    uint32_t docs[BLOCK_DOCS], freqs[BLOCK_DOCS], lengths[BLOCK_DOCS];
    uint32_t *places; /* positions in all of its documents */
    uint32_t place_count, place_room;
};

/* For a segment of so many passages, the sum of whose lengths is known. Parts of a term that are long go to the scratch
 * file, which is borrowed for the writer's life and nobody else's meanwhile; NULL: they stay in memory. */
void postings_writer_init(struct postings_writer *w, uint32_t passages, uint64_t total_length, struct scratch *scratch);
void postings_writer_release(struct postings_writer *w);

/* Tells before the first document about how many the term will have, at most, so that its chunks have the right width;
 * any number gives correct postings. */
void postings_writer_expect(struct postings_writer *w, uint64_t doc_freq);

/* Adds a document, above those added before, of so many words, with its freq >= 1 positions, which rise. */
void postings_writer_add(struct postings_writer *w, uint32_t doc, uint32_t length, const uint32_t *positions,
                         uint32_t freq);

/* The same for n documents; their positions stand one after the other. */
struct posting_run {
    const uint32_t *docs, *lengths, *freqs, *positions;
    uint32_t count;
};
void postings_writer_add_run(struct postings_writer *w, const struct posting_run *run);

/* Writes the term, of at least one document, to the section that `out` is at, tells where in *info, and starts afresh.
 * False if memory ran out, the scratch file failed, or a term outgrew the format (4 GiB). */
bool postings_writer_finish(struct postings_writer *w, struct segment_writer *out, struct term_info *info);

#endif
