/* Words, forms and terms. The scanner is held to ICU run over the whole text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>

#include "core/text/scanner.h"
#include "core/text/utf8.h"
#include "support/dictionary_scripts.h"
#include "support/nasty_text.h"

/* ------------------------------------------------------------------------------ against ICU -- */

struct fixture {
    struct unicode *unicode, *reference;
    struct scanner scanner;
    struct random *random;
};

static int set_up(void **state) {
    static struct fixture f;
    lede_error err;
    if (unicode_new(&f.unicode, &err) || unicode_new(&f.reference, &err))
        return -1;
    scanner_init(&f.scanner, f.unicode);
    void *random = NULL;
    if (random_setup(&random))
        return -1;
    f.random = random;
    *state = &f;
    return 0;
}

static int tear_down(void **state) {
    struct fixture *f = *state;
    unicode_free(f->unicode);
    unicode_free(f->reference);
    void *random = f->random;
    return random_teardown(&random);
}

static void describe(const char *text, size_t len) {
    for (size_t i = 0; i < len;) {
        uint32_t c;
        i += utf8_read(text + i, text + len, &c);
        print_error(c >= 0x20 && c < 0x7f ? "%c" : "\\u{%x}", c);
    }
    print_error("\n");
}

/* ICU cuts U+30FC from what follows if another script's dictionary was asked before, on an earlier line even. */
static bool is_cut_by_history(const char *text, size_t len, const struct word *expected) {
    return has_dictionary_script(text, len) && expected->end - expected->start == 3 &&
           memcmp(text + expected->start, "\u30fc", 3) == 0;
}

/* Fails unless the scanner finds what ICU finds in the text taken as a whole. Returns the number of words. */
static size_t assert_same_words_by(struct fixture *f, scanner_load *load, const char *text, size_t len) {
    struct word found = {0, 0}, expected = {0, 0};
    size_t count = 0;
    f->scanner.load = load;
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
        if (wanted && is_cut_by_history(text, len, &expected))
            break;
        print_error("word %zu: %u-%u (%d), not %u-%u (%d), in: ", count, found.start, found.end, more, expected.start,
                    expected.end, wanted);
        describe(text, len < 400 ? len : 400);
        fail();
    }
    assert_false(unicode_failed(f->unicode) || unicode_failed(f->reference));
    return count;
}

/* By all ways to load a batch. */
static size_t assert_same_words(struct fixture *f, const char *text, size_t len) {
    size_t count = 0;
    for (scanner_load *const *load = scanner_loads(); *load; load++)
        count = assert_same_words_by(f, *load, text, len);
    return count;
}

static void random_texts_have_icus_words(void **state) {
    struct fixture *f = *state;
    for (size_t i = 0; i < NASTY_ALPHABETS; i++) {
        size_t words = 0;
        for (int round = 0; round < 40000; round++) {
            char text[512];
            words += assert_same_words(f, text, nasty_text(text, sizeof text, &nasty_alphabets[i], 24, f->random));
        }
        assert_true(words > 1000);
    }
}

static void mixed_texts_have_icus_words(void **state) {
    struct fixture *f = *state;
    for (int round = 0; round < 30000; round++) {
        char text[2048];
        assert_same_words(f, text, nasty_mixture(text, sizeof text, f->random));
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
    struct fixture *f = *state;
    for (int round = 0; round < 10000; round++) {
        uint8_t block[64];
        for (size_t i = 0; i < sizeof block; i++)
            block[i] = (uint8_t)(round < 256 ? (size_t)round + i * (i % 3) : random_next(f->random));
        struct scanner_masks a = scanner_classify(block), b = scanner_classify_plainly(block);
        assert_true(a.word == b.word && a.high == b.high && a.mid == b.mid);
    }
}

/* What lies behind the text is not looked at, nor does it have to be there. */
static void batches_are_the_same_by_all_ways(void **state) {
    static struct scanner expected, found;
    struct fixture *f = *state;
    scanner_init(&expected, f->unicode);
    scanner_init(&found, f->unicode);
    for (int round = 0; round < 20000; round++) {
        size_t len = 1 + random_below(f->random, 2 * SCANNER_BATCH);
        char *text = malloc(len);
        assert_non_null(text);
        for (size_t i = 0; i < len; i++)
            text[i] = round % 2 ? "aZ_09.' ,;\n-\xc3\xa9"[random_below(f->random, 14)] : (char)random_next(f->random);
        for (scanner_load *const *load = scanner_loads(); load[1]; load++) {
            scanner_reset(&expected, text, len);
            scanner_reset(&found, text, len);
            load[1](&expected, 0);
            load[0](&found, 0);
            assert_int_equal(found.edge_count, expected.edge_count);
            assert_int_equal(found.next_base, expected.next_base);
            assert_memory_equal(found.edges, expected.edges, found.edge_count * sizeof *found.edges);
            assert_memory_equal(found.special, expected.special, (found.next_base - 1) / SCANNER_BLOCK * 8 + 8);
        }
        free(text);
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
        cmocka_unit_test(batches_are_the_same_by_all_ways),
        cmocka_unit_test(real_texts_have_icus_words),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
