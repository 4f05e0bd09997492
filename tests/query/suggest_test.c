/* What may have been meant by a word that the index lacks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/folder.h"
#include "support/index.h"
#include "support/random.h"

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
    {"harbuor", "harbour"},             /* a long one need not be as rare */
    {"rivre", NULL},                    /* as a short one */
    {"rarely", NULL},                   /* known, its neighbour is not much more frequent */
    {"talks taken", NULL},              /* of several edits away none */
    {"lovee", NULL},                    /* found as "love", which is likelier than "lover" */
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
    put_article(w, "d", "commom raraly raraly harbuor rivre");
    for (size_t i = 0; i < 300; i++)
        memcpy(many + 16 * i, "harbour  river  ", 16);
    put_article(w, "h", many);
    for (size_t i = 0; i < 600; i++)
        memcpy(many + 8 * i, i % 3 ? "love    " : "lover   ", 8);
    put_article(w, "e", many);
    put_article(w, "f", many);
    put_article(w, "g", many);
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

/* ---------------------------------------------------------------------------- random words -- */

enum { WORDS = 120, QUERIES = 1500, LETTERS_MOST = 5 };

struct random_word {
    unsigned letters[LETTERS_MOST + 1], count;
    char bytes[16];
};

/* Of four or five letters, where one edit is forgiven; some letters are two bytes long. */
static struct random_word make_word(struct random *r) {
    static const char *const alphabet[] = {"a", "b", "c", "ж", "щ"};
    struct random_word w = {.count = 4 + random_below(r, 2)};
    for (unsigned i = 0; i < w.count; i++) {
        w.letters[i] = random_below(r, i ? 5 : 3);
        strcat(w.bytes, alphabet[w.letters[i]]);
    }
    return w;
}

/* By trying each of the edits. */
static bool is_one_edit_away(const struct random_word *a, const struct random_word *b) {
    const struct random_word *longer = a->count > b->count ? a : b, *shorter = longer == a ? b : a;
    unsigned same = 0, last = 0;
    if (a->count == b->count) {
        while (same < a->count && a->letters[same] == b->letters[same])
            same++;
        while (last < a->count - same && a->letters[a->count - 1 - last] == b->letters[b->count - 1 - last])
            last++;
        unsigned rest = a->count - same - last;
        return rest == 1 ||
               (rest == 2 && a->letters[same] == b->letters[same + 1] && a->letters[same + 1] == b->letters[same]);
    }
    for (unsigned out = 0; longer->count == shorter->count + 1 && out < longer->count; out++) {
        unsigned i = 0;
        while (i < shorter->count && shorter->letters[i] == longer->letters[i + (i >= out)])
            i++;
        if (i == shorter->count)
            return true;
    }
    return false;
}

static bool has_word(const struct random_word *words, size_t count, const char *bytes) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(words[i].bytes, bytes) == 0)
            return true;
    return false;
}

/* All words are as frequent, so the first one in order is meant. */
static const char *nearest(const struct random_word *words, const struct random_word *typed) {
    const char *best = NULL;
    for (size_t i = 0; i < WORDS; i++) {
        if (is_one_edit_away(&words[i], typed) && (!best || strcmp(words[i].bytes, best) < 0))
            best = words[i].bytes;
    }
    return has_word(words, WORDS, typed->bytes) ? NULL : best;
}

static void random_words_are_near(void **state) {
    struct random *r = *state;
    struct random_word words[WORDS];
    struct folder folder;
    lede_index *index;
    size_t near = 0;
    folder_make(&folder);
    const char *path = folder_entry(&folder, "a.lede");
    lede_writer *w = writer_on(path, &(lede_writer_options){.language = "none"});
    for (size_t i = 0; i < WORDS; i++) {
        do
            words[i] = make_word(r);
        while (has_word(words, i, words[i].bytes));
        put_article(w, words[i].bytes, words[i].bytes);
    }
    MUST(lede_writer_commit(w, NULL, err));
    lede_writer_close(w);
    MUST(lede_index_open(&index, path, err));
    for (size_t i = 0; i < QUERIES; i++) {
        struct random_word typed = make_word(r);
        const char *expected = nearest(words, &typed);
        lede_query *query;
        char *found;
        MUST(lede_query_parse(&query, index, typed.bytes, strlen(typed.bytes), NULL, err));
        MUST(lede_index_suggest(&found, index, query, err));
        if (!found != !expected || (found && strcmp(found, expected) != 0))
            fail_msg("%s: %s, not %s", typed.bytes, found ? found : "nothing", expected ? expected : "nothing");
        near += found != NULL;
        free(found);
        lede_query_free(query);
    }
    assert_in_range(near, 100, QUERIES - 100);
    lede_index_close(index);
    folder_remove(&folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unknown_words_are_replaced),
        cmocka_unit_test_setup_teardown(random_words_are_near, random_setup, random_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
