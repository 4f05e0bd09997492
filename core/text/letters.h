/* letters.h - what is asked of Unicode most, as tables: the letters of the Latin and Cyrillic alphabets and the common
 * signs. Most texts and nearly all queries need nothing beyond them, so that ICU needn't be loaded (modules/icu.h).
 * Every answer is the one that ICU gives; unicode_test.c holds it to that. */
#ifndef LEDE_CORE_LETTERS_H
#define LEDE_CORE_LETTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Writes the classes (enum word_class) of the 256 characters from `page` * 256; false if the page isn't known. */
bool letters_classes(uint8_t classes[256], uint32_t page);

/* unicode_casefold and unicode_strip of a word whose characters are all known; false, with out undefined, if one is
 * not, or if the result is longer than cap. */
bool letters_casefold(const char *s, size_t n, char *out, size_t cap, size_t *len);
bool letters_strip(const char *s, size_t n, char *out, size_t cap, size_t *len);

#endif
