#include "keys.h"

#include <string.h>

#include "cli/common/text.h"

enum { ESC = 0x1B, DEL = 0x7F, SEQUENCE_MOST = 32 };

/* "ESC [ A", "ESC O A", "ESC [ 1 ; 5 A" by the last letter. */
static uint32_t by_letter(char letter) {
    static const struct {
        char letter;
        uint32_t code;
    } keys[] = {{'A', KEYS_UP},  {'B', KEYS_DOWN}, {'C', KEYS_RIGHT},    {'D', KEYS_LEFT},  {'H', KEYS_HOME},
                {'F', KEYS_END}, {'P', KEYS_F1},   {'Z', KEYS_BACK_TAB}, {'M', KEYS_ENTER}, {'I', KEYS_TAB}};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (keys[i].letter == letter)
            return keys[i].code;
    return KEYS_UNKNOWN;
}

/* "ESC [ 5 ~" by the number. */
static uint32_t by_number(unsigned number) {
    static const uint32_t keys[] = {
        [1] = KEYS_HOME,      [2] = KEYS_INSERT, [3] = KEYS_DELETE, [4] = KEYS_END, [5] = KEYS_PAGE_UP,
        [6] = KEYS_PAGE_DOWN, [7] = KEYS_HOME,   [8] = KEYS_END,    [11] = KEYS_F1};
    if (number == 200 || number == 201)
        return number == 200 ? KEYS_PASTE : KEYS_PASTE_END;
    return number < sizeof keys / sizeof *keys && keys[number] ? keys[number] : KEYS_UNKNOWN;
}

/* xterm's: 1 + the sum of shift 1, alt 2, ctrl 4, meta 8. */
static unsigned modifiers(unsigned number) {
    return number ? (number - 1) & (KEYS_SHIFT | KEYS_ALT | KEYS_CTRL) : 0;
}

/* Decimal numbers with ';' between them, of which the first two count. */
static void read_numbers(unsigned numbers[2], const char *p, size_t len) {
    size_t n = 0;
    numbers[0] = numbers[1] = 0;
    for (size_t i = 0; i < len && n < 2; i++) {
        if (p[i] == ';')
            n++;
        else if (p[i] >= '0' && p[i] <= '9' && numbers[n] < 1000)
            numbers[n] = numbers[n] * 10 + (unsigned)(p[i] - '0');
    }
}

/* Behind "ESC [": parameters, then a letter. Returns its length, 0 if it goes on. */
static size_t control_sequence(struct key *key, const char *p, size_t len) {
    unsigned numbers[2];
    size_t n = 0;
    /* The console of Linux: "ESC [ [ A" is F1. */
    if (len > 0 && p[0] == '[') {
        *key = (struct key){len > 1 && p[1] == 'A' ? KEYS_F1 : KEYS_UNKNOWN, 0};
        return len > 1 ? 2 : 0;
    }
    while (n < len && n < SEQUENCE_MOST && p[n] >= 0x20 && p[n] < 0x40)
        n++;
    if (n == len)
        return 0;
    read_numbers(numbers, p, n);
    *key = (struct key){p[n] == '~' ? by_number(numbers[0]) : by_letter(p[n]), modifiers(numbers[1])};
    /* A character that can't end a sequence is not of it. */
    return p[n] >= 0x40 && p[n] < 0x7F ? n + 1 : n;
}

static struct key control(unsigned char byte) {
    switch (byte) {
    case '\r':
    case '\n': return (struct key){KEYS_ENTER, 0};
    case '\t': return (struct key){KEYS_TAB, 0};
    case '\b':
    case DEL: return (struct key){KEYS_BACKSPACE, 0};
    case ESC: return (struct key){KEYS_ESCAPE, 0};
    case 0: return (struct key){' ', KEYS_CTRL};
    default: return (struct key){byte <= 26 ? (uint32_t)byte + 'a' - 1 : (uint32_t)byte + '@', KEYS_CTRL};
    }
}

/* True if the bytes may be the first of a character whose others have not come yet. */
static bool is_partial(const char *bytes, size_t len) {
    unsigned char first = (unsigned char)bytes[0];
    size_t whole = first >= 0xF0 && first <= 0xF4 ? 4 : first >= 0xE0 ? 3 : first >= 0xC2 ? 2 : 1;
    if (first > 0xF4 || len >= whole)
        return false;
    for (size_t i = 1; i < len; i++)
        if (((unsigned char)bytes[i] & 0xC0) != 0x80)
            return false;
    return true;
}

static size_t character(struct key *key, const char *bytes, size_t len, bool is_whole) {
    size_t at = 0;
    if ((unsigned char)bytes[0] < 0x20 || bytes[0] == DEL) {
        *key = control((unsigned char)bytes[0]);
        return 1;
    }
    if (!is_whole && is_partial(bytes, len))
        return 0;
    *key = (struct key){text_next(bytes, len, &at), 0};
    return at;
}

static size_t escaped(struct key *key, const char *bytes, size_t len, bool is_whole) {
    size_t n = 0;
    *key = (struct key){KEYS_ESCAPE, 0};
    if (len == 1)
        return is_whole;
    if (bytes[1] == '[') {
        n = control_sequence(key, bytes + 2, len - 2);
        if (n == 0 && is_whole)
            *key = (struct key){len > 2 ? KEYS_UNKNOWN : '[', KEYS_ALT};
        return n ? n + 2 : is_whole ? len : 0;
    }
    if (bytes[1] == 'O' && (len > 2 || !is_whole)) {
        if (len > 2)
            *key = (struct key){by_letter(bytes[2]), 0};
        return len > 2 ? 3 : 0;
    }
    if (bytes[1] == ESC) {
        /* Some send ESC before what they send without ALT; but two of them alone are ESC, twice. */
        n = len > 2 && (bytes[2] == '[' || bytes[2] == 'O') ? escaped(key, bytes + 1, len - 1, is_whole) : 0;
        if (n == 0 && len > 2 && (bytes[2] == '[' || bytes[2] == 'O'))
            return 0;
        *key = n ? (struct key){key->code, key->modifiers | KEYS_ALT} : (struct key){KEYS_ESCAPE, 0};
        return n + 1;
    }
    n = character(key, bytes + 1, len - 1, is_whole);
    key->modifiers |= KEYS_ALT;
    return n ? n + 1 : 0;
}

size_t keys_next(struct key *key, const char *bytes, size_t len, bool is_whole) {
    return bytes[0] == ESC ? escaped(key, bytes, len, is_whole) : character(key, bytes, len, is_whole);
}
