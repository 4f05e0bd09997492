/* slabs.h - memory for large pieces that stay, in huge pages where the system has them.
 *
 *     uint8_t *piece = slabs_new(n);
 *     slabs_free(piece);
 *
 * What is looked into here and there, and is larger than what the processor remembers of pages of 4 KB, is found sooner
 * in pages of 2 MB. The price are up to 2 MB more than the pieces have, so small ones should come from elsewhere; and
 * where pieces come and go, what lies free between others. Any number of threads may do so at once; the memory is the
 * process's, and none is kept once all pieces are free. */
#ifndef LEDE_CORE_SLABS_H
#define LEDE_CORE_SLABS_H

#include <stddef.h>

/* Bytes that a piece takes besides its own, which are rounded up to as many. */
enum { SLABS_LINE = 64 };

/* n bytes, aligned to SLABS_LINE, which are 0; NULL if there is no memory. */
void *slabs_new(size_t n);
/* Gives all behind the first n bytes back. */
void slabs_shrink(void *piece, size_t n);
/* NULL is fine. */
void slabs_free(void *piece);

/* Bytes of the address space that are taken for pieces, of which those that none was in so far take no memory. */
size_t slabs_size(void);

#endif
