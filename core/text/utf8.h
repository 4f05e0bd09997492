/* utf8.h - reading, checking and repairing UTF-8. */
#ifndef LEDE_CORE_UTF8_H
#define LEDE_CORE_UTF8_H

#include "core/base/buffer.h"

/* What utf8_read gives for bytes that are not UTF-8; no character has this number. */
#define UTF8_BROKEN UINT32_MAX

/* Longest character in bytes. */
#define UTF8_MAX 4

/* Reads the character at p < end into *c and returns its length. For ill-formed bytes *c is UTF8_BROKEN and the
 * length, 1 to 3, that of the maximal subpart (Unicode 15, section 3.9, table 3-8), which is what one U+FFFD stands
 * for. */
size_t utf8_read(const char *p, const char *end, uint32_t *c);

/* Writes a character (no surrogate, at most U+10FFFF) to p and returns its length, 1 to UTF8_MAX. */
size_t utf8_write(char *p, uint32_t c);

/* Whether all of it is well-formed: no overlong forms, no surrogates, nothing above U+10FFFF. */
bool utf8_valid(const char *s, size_t n);

/* How many bytes from the start are well-formed: n, or the offset of the first broken byte. */
size_t utf8_valid_prefix(const char *s, size_t n);

/* Whether all of it is ASCII. */
bool utf8_is_ascii(const char *s, size_t n);

/* The greatest length <= limit (and <= n) that does not cut a character of the valid UTF-8 s. */
size_t utf8_cut(const char *s, size_t n, size_t limit);

/* Appends s to out with U+FFFD for each maximal subpart that is ill-formed; returns the number of bytes so replaced. */
uint64_t utf8_repair(struct buffer *out, const char *s, size_t n);

#endif
