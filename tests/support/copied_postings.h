/* copied_postings.h - a segment whose postings a test may damage. To be included behind cmocka.h.
 *
 *     uint8_t *bytes = copy_postings(&broken, segment);      to be freed; the segment stays as it is, and open
 *     bytes[info.postings] ^= 1; */
#ifndef LEDE_TESTS_COPIED_POSTINGS_H
#define LEDE_TESTS_COPIED_POSTINGS_H

#include <stdlib.h>
#include <string.h>

#include "core/segment/segment_map.h"

static inline uint8_t *copy_postings(struct segment *copy, const struct segment *s) {
    struct section *section = &copy->sections[SECTION_POSTINGS];
    *copy = *s;
    uint8_t *bytes = malloc(section->size + 8);
    assert_non_null(bytes);
    memcpy(bytes, section->data, section->size + 8);
    section->data = bytes;
    return bytes;
}

#endif
