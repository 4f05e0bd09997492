/* Keys: articles are found by them, and they are read back, however they count from one article to the next. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/file.h"
#include "core/segment/articles.h"
#include "core/segment/keys.h"
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

/* By a scan from there, and by one that goes on from a place before. */
static void assert_sought(const struct segment *s, const struct key_scan *here, const struct key_scan *before) {
    struct key_scan found, moved = *before;
    key_scan_start(&found, s, here->hash);
    key_scan_seek(&moved, here->hash);
    for (const struct key_scan *k = &found; k; k = k == &found ? &moved : NULL) {
        assert_int_equal(k->hash, here->hash);
        assert_int_equal(k->article, here->article);
    }
    for (int i = 0; i < 300 && found.hash != KEY_SCAN_END; i++) {
        key_scan_next(&found);
        key_scan_next(&moved);
        assert_int_equal(found.hash, moved.hash);
        assert_true(found.hash == KEY_SCAN_END || found.article == moved.article);
    }
}

/* Each article stands in the table of keys once, by its hash, and they are in order. */
static void assert_keys(const struct segment *s, const struct keyed *keyed, uint32_t n) {
    bool *seen = calloc(n, sizeof *seen);
    uint64_t last_hash = 0;
    uint32_t i = 0, last_article = 0;
    struct key_scan k, before;
    assert_non_null(seen);
    key_scan_start(&k, s, 0);
    for (before = k; k.hash != KEY_SCAN_END; key_scan_next(&k), i++) {
        assert_true(k.article < n && !seen[k.article]);
        assert_true(i == 0 || k.hash > last_hash || (k.hash == last_hash && k.article > last_article));
        assert_int_equal(k.hash, segment_key_hash(keyed[k.article].key, strlen(keyed[k.article].key)));
        seen[k.article] = true;
        if (i == 0 || k.hash > last_hash)
            assert_sought(s, &k, &before);
        if (i % 7 == 0)
            before = k;
        last_hash = k.hash;
        last_article = k.article;
        struct key_scan behind;
        uint64_t next = k.hash + 1;
        key_scan_start(&behind, s, next);
        assert_true(behind.hash >= next);
    }
    assert_int_equal(i, n);
    key_scan_start(&k, s, last_hash + 1);
    assert_true(k.hash == KEY_SCAN_END);
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

/* Without keys a cursor tells the same of places. */
static void assert_passages(const struct segment *s, uint32_t n, struct random *r) {
    static struct article_cursor cursor;
    article_cursor_init(&cursor, s);
    cursor.keyless = true;
    for (uint32_t k = 0, at = 0; k < n; k++) {
        struct article_record record;
        struct passage passage, got;
        uint32_t number;
        at = random_below(r, 4) ? (at + random_below(r, 1 + random_below(r, 40))) % n : random_below(r, n);
        article_fetch_group(s, segment_article_of(s, at));
        article_fetch_record(s, segment_article_of(s, at));
        assert_int_equal(segment_passage(s, at, &record, &passage, &number, NULL), LEDE_OK);
        assert_int_equal(article_cursor_passage(&cursor, at, &got, NULL), LEDE_OK);
        assert_memory_equal(&got, &passage, sizeof got);
        assert_int_equal(cursor.record.text, record.text);
        assert_int_equal(cursor.record.first_passage, record.first_passage);
        assert_int_equal(cursor.record.meta.body_len, record.meta.body_len);
        assert_int_equal(cursor.record.meta.line, record.meta.line);
        assert_int_equal(cursor.record.meta.key_len, 0);
        assert_int_equal(article_cursor_passage(&cursor, s->counts.passages, &got, NULL), LEDE_INVALID);
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
        assert_passages(s, s->counts.passages, r);
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

/* Writes number i of the keys. */
typedef size_t name_key(char *key, size_t room, uint32_t i);

static size_t counting(char *key, size_t room, uint32_t i) {
    return (size_t)snprintf(key, room, "%u", i);
}

/* The section of some keys, sorted so many at once; the caller's to free. */
static uint8_t *sort_keys(struct folder *f, uint32_t count, uint32_t slice, name_key *name, uint32_t *runs) {
    struct keys_writer w;
    struct scratch scratch;
    struct segment_writer *out;
    uint8_t *bytes = NULL;
    char key[32];
    scratch_init(&scratch, folder_entry(f, "scratch"));
    assert_int_equal(segment_writer_open(&out, folder_entry(f, "a.seg"), NULL), LEDE_OK);
    keys_writer_init(&w, &scratch);
    w.slice = slice;
    for (uint32_t i = 0; i < count; i++)
        keys_writer_add(&w, key, name(key, sizeof key, i));
    assert_true(keys_writer_finish(&w, out));
    *runs = w.runs;
    assert_int_equal(segment_writer_size(out, SECTION_KEYS), keys_size(count, w.runs));
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
    uint32_t expected_runs, runs;
    uint8_t *expected = sort_keys(&f, COUNT, UINT32_MAX, counting, &expected_runs);
    for (size_t i = 0; i < sizeof slices / sizeof *slices; i++) {
        uint8_t *bytes = sort_keys(&f, COUNT, slices[i], counting, &runs);
        assert_int_equal(runs, expected_runs);
        assert_memory_equal(bytes, expected, keys_size(COUNT, runs));
        free(bytes);
    }
    free(expected);
    folder_remove(&f);
}

static size_t padded(char *key, size_t room, uint32_t i) {
    return (size_t)snprintf(key, room, "news-%08u", i);
}

/* As a name that counts nothing: digits at its end are as they fall. */
static size_t random_name(char *key, size_t room, uint32_t i) {
    return (size_t)snprintf(key, room, "%016llx", (unsigned long long)file_checksum(&i, sizeof i));
}

static size_t word(char *key, size_t room, uint32_t i) {
    return (size_t)snprintf(key, room, "%u.html", i);
}

static size_t shuffled(char *key, size_t room, uint32_t i) {
    return (size_t)snprintf(key, room, "%u", (uint32_t)(i * UINT64_C(7919) % 100000));
}

/* A hundred keys that count take one run, but for those whose hashes are others', too; all others as much as if there
 * were no runs. */
static void keys_that_count_are_small(void **state) {
    enum { COUNT = 100000 };
    static const struct {
        name_key *name;
        uint32_t most, least; /* runs */
    } cases[] = {
        {counting, COUNT / 50, COUNT / 100},
        {padded, COUNT / 50, COUNT / 100},
        {random_name, COUNT, COUNT},
        {word, COUNT, COUNT},
        {shuffled, COUNT, COUNT},
    };
    struct folder f;
    (void)state;
    folder_make(&f);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint32_t runs;
        free(sort_keys(&f, COUNT, KEYS_SLICE, cases[i].name, &runs));
        assert_in_range(runs, cases[i].least, cases[i].most);
    }
    /* 17 bits of the article, 9 of the hash, 2.3 of the bit string, and a sample for each 32. */
    assert_true(keys_size(COUNT, COUNT) < COUNT * 59 / 16);
    assert_true(keys_size(COUNT, COUNT / 100) < COUNT / 100 * 6);
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
        expected[i] = (uint64_t)segment_key_hash(key, len) << 38 | (uint64_t)i << 6 |
                      (file_checksum(key, len < 2 ? 0 : len - 2) >> 32 & 63);
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
        cmocka_unit_test(keys_that_count_are_small),
        cmocka_unit_test(slices_make_no_difference),
        cmocka_unit_test(tags_are_those_of_the_entries),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
