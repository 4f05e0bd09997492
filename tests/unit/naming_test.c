/* Endings and elided words of names, language by language. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "searcher/query/naming.h"

static void forms_are_bared(void **state) {
    static const struct {
        const char *language, *form, *bare;
    } cases[] = {
        {NULL, "keats", "keats"},
        {NULL, "keats'", "keats"},
        {NULL, "keats's", "keats"},
        {"en", "d'arcy", "d'arcy"},
        {"porter", "lee's", "lee"},
        {"french", "d'estaing", "estaing"},
        {"french", "o'neill", "o'neill"},
        {"italian", "dell'aquila", "aquila"},
        {"catalan", "l'escala", "escala"},
        {"swedish", "putins", "putin"},
        {"swedish", "putin", "putin"},
        {"norwegian", "lars'", "lar"},
        {"dutch", "anna's", "anna"},
        {"dutch", "ruttes", "rutte"},
        {"danish", "is", "is"},
        {"spanish", "morales", "morales"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct naming n;
        const char *bare;
        assert_true(naming_init(&n, cases[i].language));
        size_t len = naming_bare(&n, cases[i].form, strlen(cases[i].form), &bare);
        if (len != strlen(cases[i].bare) || memcmp(bare, cases[i].bare, len) != 0)
            fail_msg("%s: %.*s", cases[i].form, (int)len, bare);
    }
}

static void numbers_are_the_same_where_that_is_wanted(void **state) {
    static const char *const same[][2] = {{"romans", "roman"}, {"tories", "tory"}, {"tories'", "tory's"}};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct naming n;
        const char *a, *b;
        assert_true(naming_init(&n, "english"));
        size_t plain = naming_bare(&n, same[i][0], strlen(same[i][0]), &a);
        assert_true(naming_bare(&n, same[i][1], strlen(same[i][1]), &b) != plain || memcmp(a, b, plain) != 0);
        n.number = true;
        size_t len = naming_bare(&n, same[i][0], strlen(same[i][0]), &a);
        assert_int_equal(naming_bare(&n, same[i][1], strlen(same[i][1]), &b), len);
        assert_memory_equal(a, b, len);
    }
}

/* What is looked up for a name is the name. */
static void variants_have_their_bare_form(void **state) {
    static const char *const languages[] = {"english", "french", "swedish"};
    (void)state;
    for (size_t l = 0; l < 6; l++) {
        struct naming n;
        char variant[NAMING_MAX];
        const char *bare;
        unsigned count = 0;
        assert_true(naming_init(&n, languages[l % 3]));
        n.number = l >= 3;
        for (size_t len; (len = naming_variant(&n, "moreno", 6, count, variant)); count++) {
            assert_int_equal(naming_bare(&n, variant, len, &bare), 6);
            assert_memory_equal(bare, "moreno", 6);
        }
        assert_in_range(count, 3, 200);
    }
}

static void other_languages_have_none(void **state) {
    static const char *const languages[] = {"german", "russian", "finnish", "turkish", "none", "arabic"};
    struct naming n;
    (void)state;
    for (size_t i = 0; i < sizeof languages / sizeof *languages; i++)
        assert_false(naming_init(&n, languages[i]));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms_are_bared),
        cmocka_unit_test(numbers_are_the_same_where_that_is_wanted),
        cmocka_unit_test(variants_have_their_bare_form),
        cmocka_unit_test(other_languages_have_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
