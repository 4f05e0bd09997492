/* Keys: articles are found by them, and they are read back, however they count from one article to the next. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/articles.h"
#include "core/file.h"
#include "core/keys.h"
#include "support/sample.h"

/* Keys as lists of passages have them: mostly one more than the one before, over all edges of groups. */
static uint32_t next_key(struct random *r, char *key, uint32_t number) {
    static const char *const starts[] = {"7", "news:a/9", "news:b/0098", "x99", "9", "\xc3\xa9 #1:8", "no number", ""};
    if (number % 700 == 0 || random_below(r, 40) == 0)
        return (uint32_t)sprintf(key, "%s%s%u", starts[random_below(r, 8)], random_below(r, 4) ? "" : "-", number);
    size_t len = strlen(key), digits = len;
    while (digits > 0 && key[digits - 1] >= '0' && key[digits - 1] <= '9')
        digits--;
    unsigned long long value = strtoull(key + digits, NULL, 10) + (random_below(r, 50) ? 1 : 2);
    return (uint32_t)(digits + (size_t)sprintf(key + digits, "%0*llu", (int)(len - digits), value));
}

struct keyed {
    char key[40];
    uint32_t line, body_len;
};

static void add_keyed(struct inverter *inv, struct random *r, struct keyed *k, const struct keyed *before, uint32_t i) {
    static const char body[] = "of one and another";
    memcpy(k->key, before->key, sizeof k->key);
    size_t len = next_key(r, k->key, i);
    k->line = before->line + (random_below(r, 30) ? 1 : 5);
    k->body_len = random_below(r, sizeof body);
    struct passage p = {.len = k->body_len, .line = k->line};
    struct article a = {.meta = {.key = k->key, .key_len = len, .body = body, .body_len = k->body_len, .line = k->line},
                        .source = 1,
                        .passages = &p,
                        .passage_count = 1};
    assert_int_equal(inverter_add(inv, &a, NULL), LEDE_OK);
}

/* Each article stands in the table of keys once, by its hash, and they are in order. */
static void assert_keys(const struct segment *s, const struct keyed *keyed, uint32_t n) {
    bool *seen = calloc(n, sizeof *seen);
    uint32_t hash = 0, article = 0;
    assert_non_null(seen);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t last_hash = hash, last_article = article;
        hash = segment_key_entry(s, i, &article);
        assert_true(article < n && !seen[article]);
        assert_true(i == 0 || hash > last_hash || (hash == last_hash && article > last_article));
        assert_int_equal(hash, segment_key_hash(keyed[article].key, strlen(keyed[article].key)));
        seen[article] = true;
        struct key_scan from_here;
        key_scan_start(&from_here, s, i);
        for (struct key_scan *k = &from_here; i % 64 == 0 && k->hash != KEY_SCAN_END; key_scan_next(k)) {
            assert_int_equal(k->hash, segment_key_entry(s, k->entry, &article));
            assert_int_equal(k->article, article);
        }
        assert_int_equal(from_here.entry, i % 64 == 0 ? n : i);
        segment_key_entry(s, i, &article);
    }
    free(seen);
}

static void assert_article(const struct article_record *record, const struct keyed *keyed, uint32_t i) {
    assert_string_equal(record->key, keyed[i].key);
    assert_int_equal(record->meta.key_len, strlen(keyed[i].key));
    assert_int_equal(record->meta.line, keyed[i].line);
    assert_int_equal(record->first_passage, i);
}

/* Each by itself; and by a cursor that mostly goes on by a few. */
static void assert_articles(const struct segment *s, const struct keyed *keyed, uint32_t n, struct random *r) {
    static struct article_cursor cursor;
    article_cursor_init(&cursor, s);
    for (uint32_t k = 0, at = 0; k < n; k++) {
        uint32_t i = random_below(r, n);
        struct article_record record;
        assert_int_equal(segment_article(s, i, &record, NULL), LEDE_OK);
        assert_article(&record, keyed, i);
        at = random_below(r, 20) ? (at + random_below(r, 1 + random_below(r, 40))) % n : i;
        assert_int_equal(article_cursor_seek(&cursor, at, NULL), LEDE_OK);
        assert_article(&cursor.record, keyed, at);
        assert_int_equal(article_cursor_seek(&cursor, n, NULL), LEDE_INVALID);
    }
}

static void assert_counting_keys(struct random *r, bool omit_text) {
    static const uint32_t counts[] = {1, 2, 31, 32, 33, 512, 513, 2100};
    static struct keyed keyed[2100], none;
    struct folder f;
    struct analyzer *a;
    folder_make(&f);
    assert_int_equal(analyzer_new(&a, "english", NULL), LEDE_OK);
    struct inverter *inv = new_inverter(a, omit_text);
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
        uint32_t n = counts[c];
        for (uint32_t i = 0; i < n; i++)
            add_keyed(inv, r, &keyed[i], i ? &keyed[i - 1] : &none, i);
        struct segment *s = flush(inv, folder_entry(&f, "a.seg"));
        assert_whole(s);
        assert_keys(s, keyed, n);
        assert_articles(s, keyed, n, r);
        for (uint32_t i = 0; i < n; i++) {
            struct article_record record;
            assert_int_equal(segment_article(s, i, &record, NULL), LEDE_OK);
            assert_int_equal(record.meta.body_len, omit_text ? 0 : keyed[i].body_len);
        }
        /* Nearly all articles are a length, or nothing, and little more: most keys are not there at all. */
        if (n > 1000)
            assert_true(s->sections[SECTION_ARTICLES].size < n * (omit_text ? 4 : 5));
        segment_close(s);
    }
    inverter_free(inv);
    analyzer_free(a);
    folder_remove(&f);
}

static void keys_that_count(void **state) {
    assert_counting_keys(*state, false);
    assert_counting_keys(*state, true);
}

/* The section of some keys, sorted so many at once; the caller's to free. */
static uint8_t *sort_keys(struct folder *f, uint32_t count, uint32_t slice) {
    struct keys_writer w;
    struct scratch scratch;
    struct segment_writer *out;
    uint8_t *bytes = NULL;
    char key[16];
    scratch_init(&scratch, folder_entry(f, "scratch"));
    assert_int_equal(segment_writer_open(&out, folder_entry(f, "a.seg"), NULL), LEDE_OK);
    keys_writer_init(&w, &scratch);
    w.slice = slice;
    for (uint32_t i = 0; i < count; i++)
        keys_writer_add(&w, key, (size_t)snprintf(key, sizeof key, "%u", i));
    assert_true(keys_writer_finish(&w, out));
    assert_int_equal(segment_writer_read(&bytes, out, SECTION_KEYS, NULL), LEDE_OK);
    keys_writer_release(&w);
    segment_writer_abort(out);
    scratch_release(&scratch);
    return bytes;
}

static void slices_make_no_difference(void **state) {
    enum { COUNT = 100000 };
    static const uint32_t slices[] = {1, 7, 100, 1000};
    struct folder f;
    (void)state;
    folder_make(&f);
    uint8_t *expected = sort_keys(&f, COUNT, UINT32_MAX);
    for (size_t i = 0; i < sizeof slices / sizeof *slices; i++) {
        uint8_t *bytes = sort_keys(&f, COUNT, slices[i]);
        assert_memory_equal(bytes, expected, keys_size(COUNT));
        free(bytes);
    }
    free(expected);
    folder_remove(&f);
}

static int by_number(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* In the order of the section: by hash, then by article. */
static void tags_are_those_of_the_entries(void **state) {
    enum { COUNT = 300000 };
    uint64_t *expected = malloc(COUNT * sizeof *expected);
    struct folder f;
    struct keys_writer w;
    struct scratch scratch;
    struct segment_writer *out;
    struct spool tags;
    struct spool_reader r;
    char key[16];
    size_t size, at = 0;
    (void)state;
    assert_non_null(expected);
    folder_make(&f);
    scratch_init(&scratch, folder_entry(&f, "scratch"));
    spool_init(&tags, &scratch, SPOOL_SMALL);
    assert_int_equal(segment_writer_open(&out, folder_entry(&f, "a.seg"), NULL), LEDE_OK);
    keys_writer_init(&w, &scratch);
    w.tags = &tags;
    for (uint32_t i = 0; i < COUNT; i++) {
        size_t len = (size_t)snprintf(key, sizeof key, "%u", i);
        keys_writer_add(&w, key, len);
        expected[i] =
            (uint64_t)segment_key_hash(key, len) << 38 | (uint64_t)i << 6 | (file_checksum(key, len) >> 32 & 63);
    }
    qsort(expected, COUNT, sizeof *expected, by_number);
    assert_true(keys_writer_finish(&w, out));
    spool_reader_init(&r, &tags);
    for (const uint8_t *p; (p = spool_next(&r, &size));)
        for (size_t i = 0; i < size; i++)
            assert_int_equal(p[i], expected[at++] & 63);
    assert_int_equal(at, COUNT);
    spool_reader_release(&r);
    spool_release(&tags);
    keys_writer_release(&w);
    segment_writer_abort(out);
    scratch_release(&scratch);
    folder_remove(&f);
    free(expected);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(keys_that_count, random_setup, random_teardown),
        cmocka_unit_test(slices_make_no_difference),
        cmocka_unit_test(tags_are_those_of_the_entries),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
