/* Words, forms and terms. The scanner is held to ICU run over the whole text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/scanner.h"
#include "core/utf8.h"

static uint64_t random_next(uint64_t *x) {
    *x = *x * UINT64_C(6364136223846793005) + 1442695040888963407;
    return *x >> 33;
}

/* ------------------------------------------------------------------------------ against ICU -- */

struct fixture {
    struct unicode *unicode, *reference;
    struct scanner scanner;
};

static int set_up(void **state) {
    static struct fixture f;
    lede_error err;
    if (unicode_new(&f.unicode, &err) || unicode_new(&f.reference, &err))
        return -1;
    scanner_init(&f.scanner, f.unicode);
    *state = &f;
    return 0;
}

static int tear_down(void **state) {
    struct fixture *f = *state;
    unicode_free(f->unicode);
    unicode_free(f->reference);
    return 0;
}

static void describe(const char *text, size_t len) {
    for (size_t i = 0; i < len;) {
        uint32_t c;
        i += utf8_read(text + i, text + len, &c);
        print_error(c >= 0x20 && c < 0x7f ? "%c" : "\\u{%x}", c);
    }
    print_error("\n");
}

/* Fails unless the scanner finds what ICU finds in the text taken as a whole. Returns the number of words. */
static size_t assert_same_words(struct fixture *f, const char *text, size_t len) {
    struct word found = {0, 0}, expected = {0, 0};
    size_t count = 0;
    scanner_reset(&f->scanner, text, len);
    unicode_words_start(f->reference, text, len);
    for (;; count++) {
        bool more = scanner_next(&f->scanner, &found);
        bool wanted = unicode_words_next(f->reference, &expected.start, &expected.end);
        if (more == wanted && (!more || (found.start == expected.start && found.end == expected.end))) {
            if (!more)
                break;
            continue;
        }
        print_error("word %zu: %u-%u (%d), not %u-%u (%d), in: ", count, found.start, found.end, more, expected.start,
                    expected.end, wanted);
        describe(text, len < 400 ? len : 400);
        fail();
    }
    assert_false(unicode_failed(f->unicode) || unicode_failed(f->reference));
    return count;
}

/* Each alphabet is a list of pieces; texts are random strings of them. */
static const char *const ascii[] = {"a", "B",  "7",  "0",  "_",    "'", ".", ",", ";",    ":",  "@",  "\"", "-",
                                    " ", "\n", "\r", "\t", "\x01", "#", "*", "(", "\x7f", "zz", "12", NULL};
static const char *const typographic[] = {"a",      "India", "9", "_", " ",      ".", "'",      "‘",
                                          "’",      "“",     "”", "–", "—",      "…", "\u00a0", "·",
                                          "\u00ad", "é",     "ß", "ª", "\u0301", "ı", "Ł",      NULL};
static const char *const marks[] = {"a",      "1",      "_",      ".",          "'",      ",",      " ",
                                    "\n",     "\u0308", "\u0345", "\u200d",     "\u200c", "\ufe0f", "\u20e3",
                                    "\u00ad", "\u0600", "\u061c", "\u3099",     "é",      "\u2028", "\"",
                                    "\u3000", "\u2003", "\u2060", "\U000e0020", NULL};
static const char *const scripts[] = {"д",  "Й", "ا", "٣",      "ـ",      "ُ",           "۔",          "،",  "٫",
                                      "٬",  "क", "ि", "्",       "।",      "५",          "இ",          "가", "ᄀ",
                                      "ᅡ", "ა", "Ω", "ʼ",      "՚",      "a",          "1",          ".",  ",",
                                      " ",  ":", "'", "\u200d", "\u06dd", "\U00010400", "\U0001e900", NULL};
static const char *const complex_scripts[] = {
    "北京", "中", "国", "々", "ア",  "カー", "ｶ",  "ﾞ",    "ひ",         "らがな", "は", "ー",
    "。",   "、", "，", "．", "ไทย", "ก",    "ำ",  "ភាសា", "မြန်",        "ລາວ",    "א",  "ב",
    "״",    "'",  "\"", ".",  "a",   "7",    "_",  " ",    "\u0308",     "\u3099", "가", "\u200d",
    "\n",   "Ａ", "１", "：", "＠",  "﹕",   "㈱", "〱",   "\U00020000", NULL};
static const char *const pictures[] = {"😀", "👩", "👍", "🏽", "❤", "\ufe0f", "\u200d", "🇮",  "🇳",
                                       "🇵", "ℹ", "Ⓜ", "🅰",    "1", "#",      "\u20e3", "a",  " ",
                                       "(", "_", ".", "'",    "™", "©",      "㊗",     "北", NULL};

static size_t alphabet_size(const char *const *alphabet) {
    size_t n = 0;
    while (alphabet[n])
        n++;
    return n;
}

static size_t random_text(char *text, size_t cap, const char *const *alphabet, uint64_t *x) {
    size_t n = alphabet_size(alphabet), len = 0;
    for (size_t pieces = random_next(x) % 24; pieces > 0; pieces--) {
        const char *piece = alphabet[random_next(x) % n];
        size_t piece_len = strlen(piece);
        if (cap - len < piece_len)
            break;
        memcpy(text + len, piece, piece_len);
        len += piece_len;
    }
    return len;
}

static void random_texts_have_icus_words(void **state) {
    static const struct {
        const char *name;
        const char *const *alphabet;
        int rounds;
    } runs[] = {{"ascii", ascii, 60000},     {"typographic", typographic, 60000}, {"marks", marks, 60000},
                {"scripts", scripts, 60000}, {"complex", complex_scripts, 30000}, {"pictures", pictures, 60000}};
    const char *given = getenv("LEDE_TEST_SEED");
    uint64_t seed = given ? strtoull(given, NULL, 10) : 1966;
    print_message("seed %llu\n", (unsigned long long)seed);
    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
        uint64_t x = seed;
        size_t words = 0;
        for (int round = 0; round < runs[i].rounds; round++) {
            char text[512];
            words += assert_same_words(*state, text, random_text(text, sizeof text, runs[i].alphabet, &x));
        }
        print_message("%s: %zu words\n", runs[i].name, words);
        assert_true(words > 1000);
    }
}

static void mixed_texts_have_icus_words(void **state) {
    static const char *const *const alphabets[] = {ascii, typographic, marks, scripts, complex_scripts, pictures};
    uint64_t x = 1972;
    for (int round = 0; round < 30000; round++) {
        char text[2048];
        size_t len = 0;
        for (size_t parts = 1 + random_next(&x) % 5; parts > 0; parts--)
            len += random_text(text + len, 300, alphabets[random_next(&x) % 6], &x);
        assert_same_words(*state, text, len);
    }
}

/* Every character, alone and between letters, digits, signs and marks. */
static void every_character_is_classed_as_icu_has_it(void **state) {
    static const char *const frames[][2] = {{"", ""},    {"a", "b"},  {"1", "2"},  {"a'", "b"},
                                            {"1.", "2"}, {"_", ""},   {"(", ")"},  {"a", "'b"},
                                            {"א", "ב"},  {"ア", "1"}, {"北", "a"}, {"(\u200d", "x"}};
    for (uint32_t c = 1; c < 0x110000; c++) {
        if (c == 0xd800)
            c = 0xe000;
        if (c == 0x1fc00) /* nothing but ideographs and what is unassigned up to the tags */
            c = 0xe0000;
        if (c == 0xe0200)
            break;
        char text[3000];
        size_t len = 0;
        for (size_t i = 0; i < sizeof frames / sizeof *frames; i++) {
            len += (size_t)snprintf(text + len, sizeof text - len, "%s", frames[i][0]);
            len += utf8_write(text + len, c);
            len += (size_t)snprintf(text + len, sizeof text - len, "%s ", frames[i][1]);
        }
        assert_same_words(*state, text, len);
    }
}

/* Words at every offset and of every length about the edges of the blocks. */
static void edges_of_blocks_do_not_cut(void **state) {
    static const char *const tails[] = {"", "x", ".", ".x", "'", "é", "’s", "_", "_ y", "北", "\u0308"};
    char text[400];
    for (size_t before = 40; before < 72; before++)
        for (size_t len = 0; len < 140; len++)
            for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
                memset(text, ' ', before);
                memset(text + before, 'w', len);
                int tail = snprintf(text + before + len, 100, "%s", tails[i]);
                assert_same_words(*state, text, before + len + (size_t)tail);
            }
}

static void masks_are_the_same_with_and_without_vectors(void **state) {
    (void)state;
    uint64_t x = 1999;
    for (int round = 0; round < 10000; round++) {
        uint8_t block[64];
        for (size_t i = 0; i < sizeof block; i++)
            block[i] = (uint8_t)(round < 256 ? (size_t)round + i * (i % 3) : random_next(&x));
        struct scanner_masks a = scanner_classify(block), b = scanner_classify_plainly(block);
        assert_true(a.word == b.word && a.high == b.high && a.mid == b.mid);
    }
}

static void assert_file_has_icus_words(struct fixture *f, const char *path) {
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    struct buffer bytes = BUFFER_EMPTY, text = BUFFER_EMPTY;
    size_t n;
    do {
        uint8_t *p = buffer_reserve(&bytes, 65536);
        assert_non_null(p);
        n = fread(p, 1, 65536, file);
        bytes.len += n;
    } while (n > 0);
    fclose(file);
    utf8_repair(&text, (char *)bytes.data, bytes.len);
    assert_false(text.failed);
    print_message("%s: %zu words\n", strrchr(path, '/') + 1, assert_same_words(f, (char *)text.data, text.len));
    buffer_release(&bytes);
    buffer_release(&text);
}

static void real_texts_have_icus_words(void **state) {
    static const char *const folders[] = {LEDE_SHARED_DIR "/data/multilingual", LEDE_SHARED_DIR "/seeds",
                                          LEDE_SOURCE_DIR "/corpus"};
    int files = 0;
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        DIR *folder = opendir(folders[i]);
        if (!folder) {
            print_message("%s is not there: left out\n", folders[i]);
            continue;
        }
        for (struct dirent *entry; (entry = readdir(folder));) {
            char path[4096];
            size_t len = strlen(entry->d_name);
            if (len < 4 || strcmp(entry->d_name + len - 4, ".txt") != 0)
                continue;
            snprintf(path, sizeof path, "%s/%s", folders[i], entry->d_name);
            assert_file_has_icus_words(*state, path);
            files++;
        }
        closedir(folder);
    }
    if (!files)
        skip();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_texts_have_icus_words),
        cmocka_unit_test(mixed_texts_have_icus_words),
        cmocka_unit_test(every_character_is_classed_as_icu_has_it),
        cmocka_unit_test(edges_of_blocks_do_not_cut),
        cmocka_unit_test(masks_are_the_same_with_and_without_vectors),
        cmocka_unit_test(real_texts_have_icus_words),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
