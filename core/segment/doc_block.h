/* doc_block.h - the documents and frequencies of one block of a term's postings.
 *
 * The gaps between the documents are Rice-coded, and so are the frequencies less one; or, where most of these are 1,
 * only the others: which documents have them, as the number of documents passed over before each, and how far above 2
 * they are. All that is in unary stands in one bit string, so that decoding looks for ones once.
 *
 *     u8     width of the gaps' low bits, at most 25, + 32 * width of the low bits of the frequencies
 *     u8     r: how many frequencies are not 1, at most 48; or 254, all frequencies; or 255, as varints
 *     bytes  low bits of the gaps, a packed block
 *     bytes  by r: low bits of the numbers passed over, a packed run, of a width that r tells (doc_block.c), and low
 *            bits of the r frequencies less two, a packed run;
 *            or low bits of all 128 frequencies less one, a packed block; or 128 varints, where the rests of
 *            frequencies would be too many for the bit string
 *     bits   the rests in unary, in the same order
 */
#ifndef LEDE_CORE_DOC_BLOCK_H
#define LEDE_CORE_DOC_BLOCK_H

#include "core/base/buffer.h"
#include "postings.h"

/* Codes BLOCK_DOCS documents, rising, the first of which is not below `start`. */
void doc_block_put(struct buffer *out, const uint32_t *docs, const uint32_t *freqs, uint32_t start);

/* Decodes them. False if the bytes are no such block, or its last document is not `last`. May read 8 bytes beyond
 * `end`. */
bool doc_block_get(uint32_t *docs, uint32_t *freqs, const uint8_t *in, const uint8_t *end, uint64_t start,
                   uint32_t last);
/* Its twin for any processor. */
bool doc_block_get_lanes(uint32_t *docs, uint32_t *freqs, const uint8_t *in, const uint8_t *end, uint64_t start,
                         uint32_t last);

#endif
