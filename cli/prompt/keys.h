/* keys.h - what a terminal sends when keys are pressed. */
#ifndef LEDE_CLI_KEYS_H
#define LEDE_CLI_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Keys that are no characters, beyond all of those. */
enum {
    KEYS_UP = 0x200000,
    KEYS_DOWN,
    KEYS_RIGHT,
    KEYS_LEFT,
    KEYS_HOME,
    KEYS_END,
    KEYS_PAGE_UP,
    KEYS_PAGE_DOWN,
    KEYS_INSERT,
    KEYS_DELETE,
    KEYS_BACKSPACE,
    KEYS_TAB,
    KEYS_BACK_TAB,
    KEYS_ENTER,
    KEYS_ESCAPE,
    KEYS_F1,
    KEYS_PASTE,     /* what follows is pasted, */
    KEYS_PASTE_END, /* up to here */
    KEYS_UNKNOWN,
};

enum { KEYS_SHIFT = 1, KEYS_ALT = 2, KEYS_CTRL = 4 };

struct key {
    uint32_t code;      /* a character, or one of the above; of ^A it is 'a' */
    unsigned modifiers; /* of letters SHIFT is a part of the code already */
};

/* Reads the key that the bytes begin with, and returns how many of them are it. 0: it may go on, as with ESC; when
 * nothing came for a while, ask again with `is_whole`. Bytes that are no UTF-8 are U+FFFD. `len` > 0. */
size_t keys_next(struct key *key, const char *bytes, size_t len, bool is_whole);

#endif
