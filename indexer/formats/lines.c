#include "lines.h"

#include <stdint.h>
#include <string.h>

enum line_unit lines_detect(const char *bytes, size_t len) {
    if (len >= 2 && !memcmp(bytes, "\xff\xfe", 2))
        return LINES_UTF16_LE;
    if (len >= 2 && !memcmp(bytes, "\xfe\xff", 2))
        return LINES_UTF16_BE;
    return LINES_BYTES;
}

/* A line feed's two bytes, at an even offset. */
static bool is_wide_feed(const char *p, enum line_unit unit) {
    return unit == LINES_UTF16_LE ? p[0] == '\n' && p[1] == 0 : p[0] == 0 && p[1] == '\n';
}

size_t lines_last_end(const char *bytes, size_t len, enum line_unit unit) {
    if (unit == LINES_BYTES) {
        const char *feed = memrchr(bytes, '\n', len);
        return feed ? (size_t)(feed - bytes) + 1 : 0;
    }
    size_t end = len & ~(size_t)1;
    while (end > 0 && !is_wide_feed(bytes + end - 2, unit))
        end -= 2;
    return end;
}

size_t lines_first_end(const char *bytes, size_t len, enum line_unit unit) {
    if (unit == LINES_BYTES) {
        const char *feed = memchr(bytes, '\n', len);
        return feed ? (size_t)(feed - bytes) + 1 : 0;
    }
    for (size_t i = 0; i + 2 <= len; i += 2)
        if (is_wide_feed(bytes + i, unit))
            return i + 2;
    return 0;
}

/* So few that the compiler can count in bytes, as many as a vector has. */
enum { COUNTED = UINT8_MAX };

static uint8_t count_few(const char *bytes, size_t len) {
    uint8_t n = 0;
    for (size_t i = 0; i < len; i++)
        n = (uint8_t)(n + (bytes[i] == '\n'));
    return n;
}

size_t lines_count(const char *bytes, size_t len, enum line_unit unit) {
    size_t n = 0;
    if (unit == LINES_BYTES) {
        for (size_t i = 0; i < len; i += COUNTED)
            n += count_few(bytes + i, len - i < COUNTED ? len - i : COUNTED);
        return n;
    }
    for (size_t i = 0; i + 2 <= len; i += 2)
        n += is_wide_feed(bytes + i, unit);
    return n;
}
