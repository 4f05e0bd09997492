/* What may have been meant by a word that the index lacks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/folder.h"
#include "support/index.h"

static const struct {
    const char *query, *suggestion; /* NULL: none */
} cases[] = {
    {"negotiation", NULL},
    {"Lavorv Simla", "Lavrov Simla"}, /* swapped */
    {"lavrv", "lavrov"},              /* dropped */
    {"lavrrov", "lavrov"},            /* inserted */
    {"lavrow", "lavrov"},             /* replaced */
    {"avrov", "lavrov"},              /* at the first letter */
    {"alvrov", "lavrov"},
    {"mavrov", "lavrov"},
    {"xlavrov", "lavrov"},
    {"negociatoin", "negotiation"}, /* two edits in a long word */
    {"simmmla", "simla"},
    {"smia", NULL},   /* two in a short one */
    {"rai", NULL},    /* too short */
    {"quartz", NULL}, /* near nothing */
    {"+lavrv -simlo \"indus treeaty\"", "+lavrov -simla \"indus treaty\""},
    {"Лавроф", "лавров"}, /* any alphabet */
    {"Павров", "лавров"},
    {"common commno", "common common"}, /* as frequent as can be */
    {"commom", "common"},               /* known, but rare beside its neighbour */
    {"rarely", NULL},                   /* known, its neighbour is not much more frequent */
    {"talks taken", NULL},              /* of several edits away none */
};

static void unknown_words_are_replaced(void **state) {
    (void)state;
    struct folder folder;
    lede_index *index;
    folder_make(&folder);
    const char *path = folder_entry(&folder, "a.lede");
    lede_writer *w = writer_on(path, NULL);
    put_article(w, "a",
                "Lavrov spoke of Simla, of the Indus treaty and of negotiations; the negotiation took its time.");
    put_article(w, "b", "Лавров и Симла. Rain, sail. Talks were taken, rarely.");
    MUST(lede_writer_commit(w, NULL, err));
    char many[8 * 600 + 1] = "";
    for (size_t i = 0; i < 600; i++)
        memcpy(many + 8 * i, "common  ", 8);
    many[8 * 600] = 0;
    put_article(w, "c", many);
    put_article(w, "d", "commom raraly raraly");
    MUST(lede_writer_commit(w, NULL, err));
    lede_writer_close(w);
    MUST(lede_index_open(&index, path, err));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        lede_query *query;
        char *found;
        MUST(lede_query_parse(&query, index, cases[i].query, strlen(cases[i].query), NULL, err));
        MUST(lede_index_suggest(&found, index, query, err));
        if (!found != !cases[i].suggestion || (found && strcmp(found, cases[i].suggestion) != 0))
            fail_msg("%s: %s", cases[i].query, found ? found : "nothing");
        free(found);
        lede_query_free(query);
    }
    lede_index_close(index);
    folder_remove(&folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(unknown_words_are_replaced)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
