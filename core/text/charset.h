/* charset.h - from the bytes of a file to UTF-8, whatever they were written in. */
#ifndef LEDE_CORE_CHARSET_H
#define LEDE_CORE_CHARSET_H

#include <lede.h>

#include "utf8.h"

enum charset {
    CHARSET_UTF8 = 0,     /* well-formed, after a BOM if there is one; plain ASCII too */
    CHARSET_BROKEN_UTF8,  /* ill-formed, yet with half as many well-formed sequences as stray bytes */
    CHARSET_UTF16_LE,     /* says its BOM */
    CHARSET_UTF16_BE,     /* says its BOM */
    CHARSET_WINDOWS_1252, /* anything else: a superset of Latin-1's printable characters */
};

/* The character of a byte in Windows-1252; 0 if it has none. */
uint32_t charset_windows_1252(uint8_t byte);

/* What the bytes are most likely written in. */
enum charset charset_detect(const char *bytes, size_t n);

/* Whether the bytes begin with a BOM of UTF-16 (which UTF-8 never does): NUL bytes are text then. */
bool text_is_utf16(const char *bytes, size_t n);

/* Appends the text to *out as well-formed UTF-8 without BOM, by charset_detect, and adds to *replaced (which may be
 * NULL) the number of bytes that meant nothing and became U+FFFD. Input that is utf8_valid and has no BOM comes out
 * as it is, so a caller may check that first and save the copy. Fails for lack of memory alone. */
LEDE_NODISCARD lede_status text_to_utf8(struct buffer *out, const char *bytes, size_t n, uint64_t *replaced,
                                        lede_error *err);

/* The same for a known charset. */
LEDE_NODISCARD lede_status text_to_utf8_from(struct buffer *out, enum charset charset, const char *bytes, size_t n,
                                             uint64_t *replaced, lede_error *err);

#endif
