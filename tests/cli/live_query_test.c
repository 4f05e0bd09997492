/* What is searched for while a word is still being typed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/live_query.h"
#include "support/folder.h"

static struct folder folder;
static lede_index *opened;

/* An article with many words that begin alike. */
static int make(void **state) {
    static char body[1 << 20];
    size_t n = (size_t)sprintf(body, "Lavrov in Simla; word0 word0.");
    lede_writer *writer = NULL;
    lede_error err;
    (void)state;
    folder_make(&folder);
    for (int i = 0; i < 300; i++)
        n += (size_t)sprintf(body + n, " word%d", i);
    for (int i = 0; i < 100000; i++)
        n += (size_t)sprintf(body + n, " the");
    const lede_article article = {.key = "a", .key_len = 1, .body = body, .body_len = n};
    const lede_writer_options options = {.threads = 1};
    if (lede_writer_open(&writer, folder_entry(&folder, "i.lede"), &options, &err) ||
        lede_writer_add_article(writer, &article, &err) || lede_writer_commit(writer, NULL, &err))
        fail_msg("%s", err.message);
    lede_writer_close(writer);
    if (lede_index_open(&opened, folder_entry(&folder, "i.lede"), &err))
        fail_msg("%s", err.message);
    return 0;
}

static int clean_up(void **state) {
    (void)state;
    lede_index_close(opened);
    folder_remove(&folder);
    return 0;
}

static void the_last_word_may_go_on(void **state) {
    static const struct {
        const char *text, *live; /* NULL: as it is */
    } cases[] = {
        {"", NULL},
        {"a", NULL},
        {"si", NULL},
        {"sim", "(sim OR sim*)"},
        {"the", NULL},    /* too many begin so, and it is a word itself */
        {"wor", "word0"}, /* it is none, so that it becomes the most frequent one */
        {"lavrov wor", "lavrov word0"},
        {"word12", "(word12 OR word12*)"},
        {"lavrov sim", "lavrov (sim OR sim*)"},
        {"lavrov +sim", "lavrov +(sim OR sim*)"},
        {"+sim", "+(sim OR sim*)"},
        {"caf\xC3\xA9", "(caf\xC3\xA9 OR caf\xC3\xA9*)"},
        {"\"line of\" con", "\"line of\" (con OR con*)"},
        {"lavrov ", NULL},
        {"lavrov -sim", NULL},
        {"\"line of con", NULL},
        {"title:sim", NULL},
        {"=sim", NULL},
        {"sim~2", NULL},
        {"sim^10", NULL},
        {"si*m", NULL},
        {"NEAR/5(lavrov sim", NULL},
        {"lavrov AND", NULL},
        {"lavrov AND sim", "lavrov AND (sim OR sim*)"},
        {"date:2025-04", NULL},
        {"lavrov: sim", "lavrov: (sim OR sim*)"},
        {":stats", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *live = NULL;
        size_t len = 0;
        lede_error err;
        assert_int_equal(live_query(&live, &len, opened, cases[i].text, strlen(cases[i].text), &err), LEDE_OK);
        if (!live != !cases[i].live || (live && (strcmp(live, cases[i].live) != 0 || len != strlen(live))))
            fail_msg("%s became %s", cases[i].text, live ? live : "nothing");
        free(live);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_word_may_go_on),
    };
    return cmocka_run_group_tests(tests, make, clean_up);
}
