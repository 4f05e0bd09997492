/* path: and lang: against functions of the C library that say the same: files in folders, several articles in one, in
 * some languages, in several segments; filters alone, with words, taken together, and left out. */
#include <fnmatch.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/folder.h"
#include "support/index.h"
#include "support/random.h"

enum { FOLDERS = 4, FILES = 5, ARTICLES = 3, ALL = FOLDERS * FILES * ARTICLES, TEXT = 256 };

static const char *const folders[FOLDERS] = {"news", "news/2025", "Reuters", "arc.hive"};
static const char *const files[FILES] = {"a.jsonl", "2025-01.jsonl", "2025-02.jsonl", "x_1.jsonl", "reuters.jsonl"};
/* As articles have them, and what is the same. */
static const char *const languages[][2] = {{"en", "en"},           {"en-GB", "en"}, {"German", "de"},
                                           {"deutsch", "deutsch"}, {"fr_CH", "fr"}, {"", ""}};

struct fixture {
    struct folder folder;
    lede_index *index;
    struct random *random;
    char paths[ALL][TEXT];
    const char *codes[ALL];
};

/* Article n has its number as id and text. */
static void write_file(struct fixture *f, uint32_t folder, uint32_t file) {
    char text[ARTICLES * TEXT], name[TEXT];
    size_t len = 0;
    snprintf(name, sizeof name, "in/%s/%s", folders[folder], files[file]);
    for (uint32_t i = 0; i < ARTICLES; i++) {
        uint32_t n = (folder * FILES + file) * ARTICLES + i, language = random_below(f->random, 6);
        snprintf(f->paths[n], sizeof f->paths[n], "%s", folder_entry(&f->folder, name));
        f->codes[n] = languages[language][1];
        len += (size_t)snprintf(text + len, sizeof text - len,
                                "{\"id\": \"%u\", \"lang\": \"%s\", \"text\": \"word%u and %s\"}\n", n,
                                languages[language][0], n, n % 2 ? "odd" : "even");
    }
    folder_write(&f->folder, name, text, len);
}

static void write_files(struct fixture *f) {
    mkdir(folder_entry(&f->folder, "in"), 0777);
    for (uint32_t i = 0; i < FOLDERS; i++) {
        char name[TEXT];
        snprintf(name, sizeof name, "in/%s", folders[i]);
        mkdir(folder_entry(&f->folder, name), 0777);
        for (uint32_t k = 0; k < FILES; k++)
            write_file(f, i, k);
        lede_writer *w = writer_on(folder_entry(&f->folder, "i.lede"), NULL);
        MUST(lede_writer_add_path(w, folder_entry(&f->folder, name), err));
        MUST(lede_writer_commit(w, NULL, err));
        lede_writer_close(w);
    }
    MUST(lede_index_open(&f->index, folder_entry(&f->folder, "i.lede"), err));
}

static int setup(void **state) {
    if (random_setup(state))
        return -1;
    struct fixture *f = calloc(1, sizeof *f);
    if (!f)
        return -1;
    f->random = *state;
    folder_make(&f->folder);
    write_files(f);
    *state = f;
    return 0;
}

static int teardown(void **state) {
    struct fixture *f = *state;
    lede_index_close(f->index);
    folder_remove(&f->folder);
    free(f->random);
    free(f);
    return 0;
}

/* Without wildcards anywhere in the path; with some all of it, or of what is behind a slash. */
static bool is_at(const char *path, const char *pattern) {
    if (!strpbrk(pattern, "*?"))
        return strstr(path, pattern);
    bool found = fnmatch(pattern, path, 0) == 0;
    for (const char *p = path; *pattern != '/' && (p = strchr(p, '/')) && !found;)
        found = fnmatch(pattern, ++p, 0) == 0;
    return found;
}

struct filter_model {
    const char *path, *language; /* NULL: not asked for */
    bool without;
};

static bool takes(const struct fixture *f, const struct filter_model *m, uint32_t n) {
    bool taken = m->path ? is_at(f->paths[n], m->path) : strcmp(f->codes[n], m->language) == 0;
    return taken != m->without;
}

static void check(struct fixture *f, const char *text, const struct filter_model *models, size_t count, bool odd) {
    lede_query *query;
    lede_results *results;
    bool found[ALL] = {false};
    MUST(lede_query_parse(&query, f->index, text, strlen(text), NULL, err));
    MUST(lede_search(&results, f->index, query, &(const lede_search_options){.limit = 2 * ALL}, err));
    for (size_t i = 0; i < lede_results_count(results); i++) {
        const char *key;
        size_t len;
        MUST(lede_results_key(&key, &len, results, i, err));
        const char *number = memrchr(key, ':', len);
        number = number ? number : memrchr(key, '#', len);
        unsigned long n = strtoul(number ? number + 1 : key, NULL, 10);
        assert_true(n < ALL && !found[n]);
        found[n] = true;
    }
    for (uint32_t n = 0; n < ALL; n++) {
        bool taken = !odd || n % 2;
        for (size_t i = 0; i < count; i++)
            taken = taken && takes(f, &models[i], n);
        if (taken != found[n])
            fail_msg("%s: %s (%s) is %sfound", text, f->paths[n], f->codes[n], found[n] ? "" : "not ");
    }
    lede_results_free(results);
    lede_query_free(query);
}

static size_t append_filter(struct fixture *f, char *text, struct filter_model *m) {
    static const char *const patterns[] = {"news",      "2025",       "reuters",         "Reuters/", "*.jsonl",
                                           "a.jsonl",   "news/*",     "2025-0?.jsonl",   "/news",    "x_?.jsonl",
                                           "*/2025/*",  "n*/?.jsonl", "arc.hive/",       "/*",       "nowhere",
                                           "*reuters*", "?",          "in/news/*1.jsonl"};
    static const char *const asked[][2] = {{"en", "en"}, {"EN-us", "en"},  {"english", "en"},      {"de", "de"},
                                           {"fr", "fr"}, {"French", "fr"}, {"deutsch", "deutsch"}, {"it", "it"}};
    bool path = random_below(f->random, 2);
    uint32_t n = random_below(f->random, path ? 18 : 8);
    *m = (struct filter_model){path ? patterns[n] : NULL, path ? NULL : asked[n][1], random_below(f->random, 4) == 0};
    return (size_t)sprintf(text, "%s%s:\"%s\" ", m->without ? "-" : "+", path ? "path" : "lang",
                           path ? patterns[n] : asked[n][0]);
}

static void filters_take_what_they_should(void **state) {
    struct fixture *f = *state;
    for (int round = 0; round < 300; round++) {
        char text[4 * TEXT];
        struct filter_model models[2];
        bool odd = random_below(f->random, 2);
        size_t count = 1 + random_below(f->random, 2), len = (size_t)sprintf(text, "%s", odd ? "odd " : "* ");
        for (size_t i = 0; i < count; i++)
            len += append_filter(f, text + len, &models[i]);
        check(f, text, models, count, odd);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(filters_take_what_they_should, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
