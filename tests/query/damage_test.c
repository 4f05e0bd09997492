/* A search that meets corrupt postings says in which file, at which byte, and of which word; and whatever it meets, it
 * reads nothing but the segment, which sanitizers see, and ends. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/index/layout.h"
#include "core/segment/hot_terms.h"
#include "core/segment/segment_map.h"
#include "support/folder.h"
#include "support/index.h"
#include "support/random.h"

enum { ARTICLES = 700, TRIES = 400 };

typedef void write_body(struct random *r, int number, char *body);

enum { BODY_SIZE = 512 };

static void make_index(const char *path, struct random *r, int articles, write_body *write) {
    char key[16], body[BODY_SIZE];
    lede_writer *w = writer_on(path, NULL);
    for (int i = 0; i < articles; i++) {
        snprintf(key, sizeof key, "k%d", i);
        write(r, i, body);
        put_article(w, key, body);
    }
    MUST(lede_writer_commit(w, NULL, err));
    lede_writer_close(w);
}

static void write_simla(struct random *r, int number, char *body) {
    (void)r;
    snprintf(body, BODY_SIZE, "Simla%s treaty %d of the rivers%s, as Simla knows.", number % 3 ? " water" : "", number,
             number % 7 ? "" : " and the hills");
}

/* An index of one segment, whose file is open to be damaged. */
struct target {
    struct folder folder;
    char *path, *file; /* of the index, and the segment */
    int fd;
    uint64_t offset, size; /* of the postings in the file */
};

static void target_make(struct target *t, struct random *r, int articles, write_body *write) {
    struct segment *segment;
    folder_make(&t->folder);
    t->path = strdup(folder_entry(&t->folder, "a.lede"));
    make_index(t->path, r, articles, write);
    t->file = layout_segment(t->path, 1);
    MUST(segment_open(&segment, t->file, NULL, err));
    t->offset = segment_section(segment, SECTION_POSTINGS)->offset;
    t->size = segment_section(segment, SECTION_POSTINGS)->size;
    segment_close(segment);
    t->fd = open(t->file, O_RDWR);
    assert_true(t->fd >= 0);
}

static void target_remove(struct target *t) {
    close(t->fd);
    free(t->file);
    free(t->path);
    folder_remove(&t->folder);
}

static void put_byte(int fd, off_t at, uint8_t byte) {
    assert_int_equal(pwrite(fd, &byte, 1, at), 1);
}

static lede_status search_open(lede_index *index, const char *text, size_t limit, lede_error *failure) {
    const lede_search_options options = {.limit = limit};
    lede_query *query = NULL;
    lede_results *results = NULL;
    MUST(lede_query_parse(&query, index, text, strlen(text), NULL, err));
    lede_status status = lede_search(&results, index, query, &options, failure);
    lede_results_free(results);
    lede_query_free(query);
    return status;
}

static lede_status search(const char *path, const char *text, size_t limit, lede_error *failure) {
    lede_index *index;
    MUST(lede_index_open(&index, path, err));
    lede_status status = search_open(index, text, limit, failure);
    lede_index_close(index);
    return status;
}

static void corrupt_postings_are_named(void **state) {
    struct random *r = *state;
    static const char *const queries[] = {"simla", "simla water", "+simla +hills", "\"simla water\""};
    struct target t;
    size_t errors = 0;
    target_make(&t, r, ARTICLES, write_simla);
    for (int i = 0; i < TRIES; i++) {
        lede_error err = {.status = LEDE_OK};
        uint8_t byte;
        off_t at = (off_t)(t.offset + random_below(r, (uint32_t)t.size));
        assert_int_equal(pread(t.fd, &byte, 1, at), 1);
        put_byte(t.fd, at, byte ^ (uint8_t)(1 + random_below(r, 255)));
        if (search(t.path, queries[i % 4], 0, &err)) {
            errors++;
            assert_int_equal(err.status, LEDE_CORRUPT);
            assert_in_range(err.offset, t.offset, at);
            if (!strstr(err.message, t.file) || !strstr(err.message, "the postings of '"))
                fail_msg("says too little: %s", err.message);
        }
        put_byte(t.fd, at, byte);
    }
    printf("%zu of %d searches failed\n", errors, TRIES);
    assert_true(errors > 0);
    target_remove(&t);
}

/* ----------------------------------------------------------------------------- frequent words -- */

/* So many that the words below are in chunks of every kind, some of them dense, and that there are several groups. */
enum { MANY = 9000, WORDS = 8, DAMAGES = 120, BYTES = 64 };

static void write_words(struct random *r, int number, char *body) {
    static const uint32_t per_thousand[WORDS] = {700, 300, 120, 100, 90, 60, 50, 35};
    size_t len = (size_t)sprintf(body, "%d", number);
    for (int k = 0; k < 2 * WORDS; k++) {
        bool has = random_below(r, 1000) < per_thousand[k % WORDS] && (k < WORDS || random_below(r, 4) == 0);
        uint32_t times = !has ? 0 : random_below(r, 8) ? 1 : 1 + random_below(r, 6);
        for (; times > 0 && len + 8 < BODY_SIZE; times--)
            len += (size_t)sprintf(body + len, " w%d", k % WORDS);
    }
}

/* Bytes of a file, as they were. */
struct damage {
    unsigned count;
    off_t at[BYTES];
    uint8_t was[BYTES];
};

/* Writes over some bytes of a stretch, or flips one bit of each; one after the other. */
static void do_damage(struct damage *d, struct random *r, const struct target *t) {
    uint32_t size = (uint32_t)t->size;
    uint32_t from = random_below(r, size), spread = random_below(r, 2) ? size : 4000;
    d->count = 1 + random_below(r, BYTES);
    for (unsigned i = 0; i < d->count; i++) {
        d->at[i] = (off_t)(t->offset + (from + random_below(r, spread)) % size);
        assert_int_equal(pread(t->fd, &d->was[i], 1, d->at[i]), 1);
        put_byte(t->fd, d->at[i],
                 (uint8_t)(random_below(r, 2) ? d->was[i] ^ 1U << random_below(r, 8) : random_below(r, 256)));
    }
}

static void undo_damage(struct damage *d, const struct target *t) {
    while (d->count-- > 0)
        put_byte(t->fd, d->at[d->count], d->was[d->count]);
}

/* Any of some words, all of them, a phrase, or words near each other: of the two most frequent ones, or of all. */
static void random_words(struct random *r, char *text) {
    static const char *const opening[] = {"", "", "\"", "NEAR/4("}, *const closing[] = {"", "", "\"", ")"};
    uint32_t kind = random_below(r, 4), words = 2 + random_below(r, 3), among = random_below(r, 3) ? WORDS : 2;
    text += sprintf(text, "%s", opening[kind]);
    for (uint32_t n = 0; n < words; n++)
        text += sprintf(text, "%sw%u ", kind == 1 ? "+" : "", random_below(r, among));
    sprintf(text, "%s", closing[kind]);
}

/* Once, or until its words are kept in memory as far as they can be read. */
static size_t search_damaged(const char *path, struct random *r) {
    static const size_t limits[] = {1, 10, 100, 1000, 5000};
    size_t limit = limits[random_below(r, 5)];
    char text[128];
    lede_index *index;
    lede_error failure = {.status = LEDE_OK};
    lede_status status = LEDE_OK;
    random_words(r, text);
    MUST(lede_index_open(&index, path, err));
    for (unsigned n = random_below(r, 2) ? 1 : HOT_USES + 1; n > 0; n--)
        status = search_open(index, text, limit, &failure);
    lede_index_close(index);
    if (status == LEDE_OK)
        return 0;
    if (failure.status != LEDE_CORRUPT || !strstr(failure.message, "the postings of '"))
        fail_msg("%s: %s", text, failure.message);
    return 1;
}

static void damage_of_frequent_words_ends_the_search(void **state) {
    enum { SEARCHES = 4 };
    struct random *r = *state;
    struct target t;
    struct damage d;
    size_t errors = 0;
    target_make(&t, r, MANY, write_words);
    for (int i = 0; i < DAMAGES; i++) {
        do_damage(&d, r, &t);
        for (int n = 0; n < SEARCHES; n++)
            errors += search_damaged(t.path, r);
        undo_damage(&d, &t);
    }
    printf("%zu of %d searches failed\n", errors, SEARCHES * DAMAGES);
    assert_true(errors > 0);
    target_remove(&t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(corrupt_postings_are_named, random_setup, random_teardown),
        cmocka_unit_test_setup_teardown(damage_of_frequent_words_ends_the_search, random_setup, random_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
