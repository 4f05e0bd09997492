/* lines.h - where lines end in bytes of whatever charset: a line feed is one byte in most, two in UTF-16. */
#ifndef LEDE_INDEXER_LINES_H
#define LEDE_INDEXER_LINES_H

#include <lede.h>

enum line_unit {
    LINES_BYTES = 0, /* ASCII and all that contains it */
    LINES_UTF16_LE,
    LINES_UTF16_BE,
};

/* Says the BOM. */
enum line_unit lines_detect(const char *bytes, size_t len);

/* Length up to and with the last line feed; 0 if there is none. `bytes` begins where a character does. */
size_t lines_last_end(const char *bytes, size_t len, enum line_unit unit);
/* The same for the first one. */
size_t lines_first_end(const char *bytes, size_t len, enum line_unit unit);
size_t lines_count(const char *bytes, size_t len, enum line_unit unit);

#endif
