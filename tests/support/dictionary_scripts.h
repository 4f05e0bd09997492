/* dictionary_scripts.h - texts for which ICU's cuts depend on more than the words themselves. */
#ifndef LEDE_TESTS_DICTIONARY_SCRIPTS_H
#define LEDE_TESTS_DICTIONARY_SCRIPTS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/text/utf8.h"

/* Thai, Lao, Myanmar, Khmer and what is written with their signs: the dictionary lets a word's neighbours decide where
 * it ends, and signs that several scripts share, such as U+30FC, are cut otherwise after them than alone. */
static inline bool has_dictionary_script(const char *text, size_t len) {
    for (size_t i = 0; i < len;) {
        uint32_t c;
        i += utf8_read(text + i, text + len, &c);
        if ((c >= 0x0e00 && c < 0x0f00) || (c >= 0x1000 && c < 0x10a0) || (c >= 0x1780 && c < 0x1b00) ||
            (c >= 0xa9e0 && c < 0xaae0) || (c >= 0x11700 && c < 0x11750))
            return true;
    }
    return false;
}

#endif
