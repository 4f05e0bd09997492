/* What bytes of a terminal mean as keys. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cli/prompt/keys.h"
#include "support/random.h"

#define UNDECIDED 0, 0, 0

static void keys_are_read(void **state) {
    static const struct {
        const char *bytes;
        uint32_t code;
        unsigned modifiers;
        size_t used;
        bool is_whole;
    } cases[] = {
        {"a", 'a', 0, 1, false},
        {"ab", 'a', 0, 1, false},
        {"\xC3\xA9x", 0xE9, 0, 2, false},
        {"\xE5\xA4\x96", 0x5916, 0, 3, false},
        {"\xF0\x9F\x98\x80", 0x1F600, 0, 4, false},
        {"\xC3", UNDECIDED, false},
        {"\xC3", 0xFFFD, 0, 1, true},
        {"\xE5\xA4", UNDECIDED, false},
        {"\xE5\xA4", 0xFFFD, 0, 1, true},
        {"\xE5x", 0xFFFD, 0, 1, false},
        {"\xFF", 0xFFFD, 0, 1, false},
        {"\x80", 0xFFFD, 0, 1, false},
        {"\r", KEYS_ENTER, 0, 1, false},
        {"\n", KEYS_ENTER, 0, 1, false},
        {"\t", KEYS_TAB, 0, 1, false},
        {"\b", KEYS_BACKSPACE, 0, 1, false},
        {"\x7F", KEYS_BACKSPACE, 0, 1, false},
        {"\001", 'a', KEYS_CTRL, 1, false},
        {"\032", 'z', KEYS_CTRL, 1, false},
        {"\037", '_', KEYS_CTRL, 1, false},
        {"\033", UNDECIDED, false},
        {"\033", KEYS_ESCAPE, 0, 1, true},
        {"\033\033", KEYS_ESCAPE, 0, 1, false},
        {"\033b", 'b', KEYS_ALT, 2, false},
        {"\033<", '<', KEYS_ALT, 2, false},
        {"\033\x7F", KEYS_BACKSPACE, KEYS_ALT, 2, false},
        {"\033\xC3\xA9", 0xE9, KEYS_ALT, 3, false},
        {"\033\022", 'r', KEYS_ALT | KEYS_CTRL, 2, false},
        {"\033[", UNDECIDED, false},
        {"\033[", '[', KEYS_ALT, 2, true},
        {"\033O", UNDECIDED, false},
        {"\033O", 'O', KEYS_ALT, 2, true},
        {"\033[A", KEYS_UP, 0, 3, false},
        {"\033OA", KEYS_UP, 0, 3, false},
        {"\033[B", KEYS_DOWN, 0, 3, false},
        {"\033[C", KEYS_RIGHT, 0, 3, false},
        {"\033[D", KEYS_LEFT, 0, 3, false},
        {"\033[H", KEYS_HOME, 0, 3, false},
        {"\033OF", KEYS_END, 0, 3, false},
        {"\033[1~", KEYS_HOME, 0, 4, false},
        {"\033[4~", KEYS_END, 0, 4, false},
        {"\033[7~", KEYS_HOME, 0, 4, false},
        {"\033[8~", KEYS_END, 0, 4, false},
        {"\033[3~", KEYS_DELETE, 0, 4, false},
        {"\033[3;5~", KEYS_DELETE, KEYS_CTRL, 6, false},
        {"\033[5~", KEYS_PAGE_UP, 0, 4, false},
        {"\033[6~", KEYS_PAGE_DOWN, 0, 4, false},
        {"\033[6;3~", KEYS_PAGE_DOWN, KEYS_ALT, 6, false},
        {"\033[1;3A", KEYS_UP, KEYS_ALT, 6, false},
        {"\033[1;2B", KEYS_DOWN, KEYS_SHIFT, 6, false},
        {"\033[1;5C", KEYS_RIGHT, KEYS_CTRL, 6, false},
        {"\033\033[A", KEYS_UP, KEYS_ALT, 4, false},
        {"\033\033[", UNDECIDED, false},
        {"\033OP", KEYS_F1, 0, 3, false},
        {"\033[11~", KEYS_F1, 0, 5, false},
        {"\033[[A", KEYS_F1, 0, 4, false},
        {"\033[[", UNDECIDED, false},
        {"\033[[B", KEYS_UNKNOWN, 0, 4, false},
        {"\033[Z", KEYS_BACK_TAB, 0, 3, false},
        {"\033[200~x", KEYS_PASTE, 0, 6, false},
        {"\033[201~x", KEYS_PASTE_END, 0, 6, false},
        {"\033[20", UNDECIDED, false},
        {"\033[20", KEYS_UNKNOWN, KEYS_ALT, 4, true},
        {"\033[999~x", KEYS_UNKNOWN, 0, 6, false},
        {"\033[?1;2cx", KEYS_UNKNOWN, 1, 7, false},
        {"\033[1\033", KEYS_UNKNOWN, 0, 3, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct key key = {0, 0};
        size_t used = keys_next(&key, cases[i].bytes, strlen(cases[i].bytes), cases[i].is_whole);
        if (used != cases[i].used || (used && (key.code != cases[i].code || key.modifiers != cases[i].modifiers)))
            fail_msg("case %zu: \\x%02x...: used %zu, code %x, modifiers %u", i, (unsigned char)cases[i].bytes[0], used,
                     (unsigned)key.code, key.modifiers);
    }
}

/* Whatever comes, some of it is used at last, and never more than there is. */
static void any_bytes_are_read(void **state) {
    static const char likely[] = "\033[O;~1250AZ\xC3\xA9";
    struct random *r = *state;
    char bytes[64];
    for (int round = 0; round < 100000; round++) {
        size_t len = 1 + random_below(r, (uint32_t)sizeof bytes - 1);
        for (size_t i = 0; i < len; i++)
            bytes[i] =
                random_below(r, 4) ? likely[random_below(r, (uint32_t)sizeof likely - 1)] : (char)random_below(r, 256);
        struct key key;
        size_t partial = keys_next(&key, bytes, len, false), whole = keys_next(&key, bytes, len, true);
        assert_true(partial <= len && whole >= 1 && whole <= len);
        assert_true(partial == 0 || partial == whole);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_are_read),
        cmocka_unit_test_setup_teardown(any_bytes_are_read, random_setup, random_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
