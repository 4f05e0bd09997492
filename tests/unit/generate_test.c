/* Many passages out of few: the same for the same seed, and like the few. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bench/generate.h"
#include "support/random.h"

enum { GIVEN = 3000, TIMES = 8, LETTERS = 26 };

struct text {
    char *bytes;
    size_t size;
};

/* Passages of sentences of words by Zipf's law, of an unbounded vocabulary, so that it grows. */
static struct text make_given(struct random *r) {
    struct text t;
    FILE *f = open_memstream(&t.bytes, &t.size);
    for (int i = 0; i < GIVEN; i++) {
        fprintf(f, "p%d\t", i);
        for (uint32_t sentence = 0, sentences = 2 + random_below(r, 4); sentence < sentences; sentence++) {
            for (uint32_t word = 0, words = 5 + random_below(r, 12); word < words; word++) {
                uint64_t rank = (uint64_t)(1 / (((double)random_below(r, 1 << 24) + 1) / (1 << 24)));
                fputs(word ? " w" : "W", f);
                for (; rank; rank /= LETTERS)
                    putc((int)('a' + rank % LETTERS), f);
            }
            fputs(sentence + 1 < sentences ? ". " : ".\n", f);
        }
    }
    fclose(f);
    return t;
}

static struct text make_copies(struct generate_figures *figures, const struct text *given, uint64_t count,
                               uint64_t seed) {
    struct text t;
    FILE *f = open_memstream(&t.bytes, &t.size);
    assert_true(generate(figures, f, given->bytes, given->size, count, seed));
    fclose(f);
    return t;
}

static size_t count_lines(const struct text *t) {
    size_t lines = 0;
    for (size_t i = 0; i < t->size; i++)
        lines += t->bytes[i] == '\n';
    return lines;
}

/* Passages that hold the word. */
static size_t doc_freq(const struct text *t, const char *word) {
    size_t found = 0, len = strlen(word);
    const char *at = t->bytes;
    while ((at = strstr(at, word))) {
        if ((at[-1] == ' ' || at[-1] == '\t') && (at[len] == ' ' || at[len] == '.')) {
            found++;
            at = strchr(at, '\n');
        } else {
            at++;
        }
    }
    return found;
}

static void the_seed_tells_all(void **state) {
    struct generate_figures f;
    struct text given = make_given(*state);
    struct text a = make_copies(&f, &given, GIVEN * 2 + 7, 5), b = make_copies(&f, &given, GIVEN * 2 + 7, 5);
    struct text c = make_copies(&f, &given, GIVEN * 2 + 7, 6);
    assert_int_equal(count_lines(&a), GIVEN * 2 + 7);
    assert_int_equal(a.size, b.size);
    assert_memory_equal(a.bytes, b.bytes, a.size);
    assert_true(c.size != a.size || memcmp(c.bytes, a.bytes, a.size) != 0);
    assert_memory_equal(a.bytes, given.bytes, given.size);
    free(a.bytes);
    free(b.bytes);
    free(c.bytes);
    free(given.bytes);
}

static void copies_are_like_what_was_given(void **state) {
    static const char *const frequent[] = {"wb", "wc", "wd", "we", "wf"};
    struct generate_figures f;
    struct text given = make_given(*state), many = make_copies(&f, &given, (uint64_t)GIVEN * TIMES, 1);
    assert_int_equal(f.passages, GIVEN);
    /* As long, */
    double growth = (double)many.size / (double)given.size / TIMES;
    if (growth < 0.97 || growth > 1.06)
        fail_msg("passages are %.3f times as long", growth);
    /* with the frequent words in as many passages, */
    for (size_t i = 0; i < sizeof frequent / sizeof *frequent; i++) {
        double ratio = (double)doc_freq(&many, frequent[i]) / (double)doc_freq(&given, frequent[i]) / TIMES;
        if (ratio < 0.93 || ratio > 1.07)
            fail_msg("%s is in %.3f times as many of them", frequent[i], ratio);
    }
    /* and as many new words as a longer text has. */
    double expected = (double)f.vocabulary * (pow(TIMES, f.heaps) - 1), made = (double)f.new_words;
    if (f.heaps < 0.3 || f.heaps > 1 || made < 0.9 * expected || made > 1.1 * expected)
        fail_msg("%.0f new words, where %.0f were expected", made, expected);
    free(many.bytes);
    free(given.bytes);
}

static void nothing_comes_of_nothing(void **state) {
    (void)state;
    struct generate_figures f;
    FILE *out = fopen("/dev/null", "w");
    assert_false(generate(&f, out, "", 0, 10, 1));
    assert_false(generate(&f, out, "no tab\n", 7, 10, 1));
    assert_false(generate(&f, out, "1\t23 45\n", 8, 10, 1));
    assert_true(generate(&f, out, "1\tword", 6, 10, 1));
    fclose(out);
    out = fopen("/dev/full", "w");
    if (out) {
        assert_false(generate(&f, out, "1\tword", 6, 10, 1));
        fclose(out);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_seed_tells_all, random_setup, random_teardown),
        cmocka_unit_test_setup_teardown(copies_are_like_what_was_given, random_setup, random_teardown),
        cmocka_unit_test(nothing_comes_of_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
