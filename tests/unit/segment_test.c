/* Segments: what was added is what is read; merging gives, byte for byte, the segment that inverting all at once would
 * have given; a damaged file is an error with its place; and the worked example of the format. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/segment/articles.h"
#include "core/segment/stored_text.h"
#include "indexer/merge/merge.h"
#include "support/sample.h"

static void assert_same_text(const struct segment *s, const struct article_record *a, const struct sample *sample) {
    struct buffer text = BUFFER_EMPTY;
    struct text_reader reader = TEXT_READER_EMPTY;
    text_reader_use(&reader, s);
    assert_int_equal(text_reader_read(&reader, a->text, a->meta.body_len, &text, NULL), LEDE_OK);
    assert_int_equal(text.len, sample->article.meta.body_len);
    assert_memory_equal(text.data ? (const char *)text.data : "", sample->body, text.len);
    text_reader_release(&reader);
    buffer_release(&text);
}

static void assert_same_article(const struct segment *s, const struct sample *sample) {
    struct article_record a;
    const lede_article *m = &sample->article.meta;
    uint32_t number;
    assert_int_equal(segment_find_key(s, NULL, m->key, m->key_len, &number, NULL), LEDE_OK);
    assert_int_equal(segment_article(s, number, &a, NULL), LEDE_OK);
    assert_string_equal(a.key, m->key);
    assert_int_equal(a.meta.title_len, m->title_len);
    assert_memory_equal(a.meta.title, m->title, m->title_len);
    assert_int_equal(a.meta.byline_len, m->byline_len);
    assert_int_equal(a.meta.date, m->date);
    assert_int_equal(a.meta.line, m->line);
    assert_int_equal(a.source, sample->article.source);
    assert_int_equal(a.passage_count, sample->article.passage_count ? sample->article.passage_count : 1);
    for (uint32_t i = 0; i < sample->article.passage_count; i++) {
        struct passage p;
        struct article_record again;
        uint32_t place;
        article_passage(&a, i, &p);
        assert_memory_equal(&p, &sample->passages[i], sizeof p);
        assert_int_equal(segment_passage(s, a.first_passage + i, &again, &p, &place, NULL), LEDE_OK);
        assert_int_equal(place, i);
        assert_string_equal(again.key, m->key);
        assert_memory_equal(&p, &sample->passages[i], sizeof p);
    }
    assert_same_text(s, &a, sample);
}

/* Each passage by a cursor without keys, in an order in which some follow each other, as in the articles. */
static void assert_same_places(const struct segment *s, struct random *r) {
    static struct article_cursor cursor;
    article_cursor_init(&cursor, s);
    cursor.keyless = true;
    for (uint32_t i = 0, at = 0; i < 2 * s->counts.passages; i++) {
        struct article_record a;
        struct passage p, got;
        uint32_t place;
        at = random_below(r, 3) ? (at + 1) % s->counts.passages : random_below(r, s->counts.passages);
        assert_int_equal(segment_passage(s, at, &a, &p, &place, NULL), LEDE_OK);
        assert_int_equal(article_cursor_passage(&cursor, at, &got, NULL), LEDE_OK);
        assert_memory_equal(&got, &p, sizeof p);
        assert_int_equal(cursor.record.text, a.text);
        assert_int_equal(cursor.record.meta.date, a.meta.date);
        assert_int_equal(cursor.record.meta.title_len, a.meta.title_len);
        assert_memory_equal(cursor.record.meta.title, a.meta.title, a.meta.title_len);
        assert_int_equal(cursor.record.body_position, a.body_position);
    }
}

static void every_article_is_read_back(void **state) {
    struct random *r = *state;
    struct folder f;
    struct analyzer *a;
    enum { N = 300 };
    struct sample *samples = malloc(N * sizeof *samples);
    folder_make(&f);
    assert_non_null(samples);
    assert_int_equal(analyzer_new(&a, "english", NULL), LEDE_OK);
    struct inverter *inv = new_inverter(a, false);
    for (uint32_t i = 0; i < N; i++) {
        make_sample(r, &samples[i], i);
        assert_int_equal(inverter_add(inv, &samples[i].article, NULL), LEDE_OK);
    }
    struct segment *s = flush(inv, folder_entry(&f, "a.seg"));
    assert_whole(s);
    for (uint32_t i = 0; i < N; i++)
        assert_same_article(s, &samples[i]);
    assert_same_places(s, r);
    uint32_t number;
    assert_int_equal(segment_find_key(s, NULL, "nowhere", 7, &number, NULL), LEDE_NOT_FOUND);
    segment_close(s);
    inverter_free(inv);
    analyzer_free(a);
    free(samples);
    folder_remove(&f);
}

/* Adds n articles to one inverter in several flushes, and the live ones to another in one. */
static void merge_equals_inverting_at_once(struct random *r, bool deleting, bool omit_text) {
    enum { PARTS = 4, PER_PART = 60 };
    struct folder f;
    struct analyzer *a;
    struct sample sample;
    struct segment *parts[PARTS];
    struct merge_input inputs[PARTS];
    uint8_t *deleted[PARTS];
    folder_make(&f);
    assert_int_equal(analyzer_new(&a, "english", NULL), LEDE_OK);
    struct inverter *inv = new_inverter(a, omit_text), *all = new_inverter(a, omit_text);
    for (uint32_t i = 0; i < PARTS; i++) {
        char name[16];
        sprintf(name, "%u.seg", i);
        deleted[i] = calloc(1, PER_PART * MAX_PASSAGES / 8 + 1);
        assert_non_null(deleted[i]);
        for (uint32_t k = 0; k < PER_PART; k++) {
            make_sample(r, &sample, i * PER_PART + k);
            uint32_t from = inverter_passages(inv);
            assert_int_equal(inverter_add(inv, &sample.article, NULL), LEDE_OK);
            bool dead = deleting && i != 2 && (i == 1 || random_below(r, 2));
            for (uint32_t p = from; dead && p < inverter_passages(inv); p++)
                deleted[i][p / 8] |= (uint8_t)(1U << p % 8);
            if (!dead)
                assert_int_equal(inverter_add(all, &sample.article, NULL), LEDE_OK);
        }
        parts[i] = flush(inv, folder_entry(&f, name));
        assert_whole(parts[i]);
        inputs[i] = (struct merge_input){parts[i], deleting && i != 2 ? deleted[i] : NULL};
    }
    struct segment *whole = flush(all, folder_entry(&f, "whole.seg")), *merged;
    struct segment_info info;
    lede_error err;
    uint64_t done = 7, total = 0;
    const struct merge_job job = {.inputs = inputs, .count = PARTS, .done = &done};
    if (merge_segments(&job, folder_entry(&f, "merged.seg"), &info, &err) != LEDE_OK)
        fail_msg("%s", err.message);
    for (uint32_t i = 0; i < PARTS; i++)
        total += segment_info(parts[i])->size;
    assert_true(done > total / 8 && done <= total);
    assert_int_equal(segment_open(&merged, folder_entry(&f, "merged.seg"), &info, NULL), LEDE_OK);
    assert_whole(merged);
    for (unsigned kind = 1; kind <= SECTION_COUNT; kind++) {
        bool words = kind == SECTION_WORDS || kind == SECTION_WORD_BLOCKS;
        bool text = kind == SECTION_TEXT || kind == SECTION_TEXT_BLOCKS;
        if (!(words && deleting) && !(text && !omit_text))
            assert_same_section(whole, merged, kind);
    }
    if (!deleting && omit_text)
        assert_int_equal(whole->info.checksum, merged->info.checksum);
    segment_close(whole);
    segment_close(merged);
    for (uint32_t i = 0; i < PARTS; i++) {
        segment_close(parts[i]);
        free(deleted[i]);
    }
    inverter_free(inv);
    inverter_free(all);
    analyzer_free(a);
    folder_remove(&f);
}

static void merging_equals_inverting_at_once(void **state) {
    for (int i = 0; i < 5; i++) {
        merge_equals_inverting_at_once(*state, false, true);
        merge_equals_inverting_at_once(*state, false, false);
        merge_equals_inverting_at_once(*state, true, true);
        merge_equals_inverting_at_once(*state, true, false);
    }
}

static int stop_now(void *ctx) {
    (void)ctx;
    return 1;
}

/* Adds samples 0 to n - 1. */
static void add_samples(struct inverter *inv, struct random *r, uint32_t n) {
    struct sample sample;
    for (uint32_t i = 0; i < n; i++) {
        make_sample(r, &sample, i);
        assert_int_equal(inverter_add(inv, &sample.article, NULL), LEDE_OK);
    }
}

static void a_stopped_merge_leaves_no_file(void **state) {
    struct folder f;
    struct analyzer *a;
    struct segment_info info;
    folder_make(&f);
    assert_int_equal(analyzer_new(&a, "none", NULL), LEDE_OK);
    struct inverter *inv = new_inverter(a, false);
    add_samples(inv, *state, 5000);
    struct segment *s = flush(inv, folder_entry(&f, "a.seg"));
    struct merge_input input = {s, NULL};
    const struct merge_job job = {.inputs = &input, .count = 1, .stop = stop_now};
    assert_int_equal(merge_segments(&job, folder_entry(&f, "b.seg"), &info, NULL), LEDE_INTERRUPTED);
    assert_false(folder_has(&f, "b.seg"));
    segment_close(s);
    inverter_free(inv);
    analyzer_free(a);
    folder_remove(&f);
}

static struct segment *small_segment(const struct folder *f, struct analyzer *a) {
    static const struct passage passage = {.len = 13, .line = 1};
    struct article article = {.meta = {.key = "k",
                                       .key_len = 1,
                                       .title = "Simla",
                                       .title_len = 5,
                                       .body = "to be, to see",
                                       .body_len = 13,
                                       .line = 1},
                              .source = 7,
                              .passages = &passage,
                              .passage_count = 1};
    struct inverter *inv = new_inverter(a, true);
    assert_int_equal(inverter_add(inv, &article, NULL), LEDE_OK);
    struct segment *s = flush(inv, folder_entry(f, "small.seg"));
    inverter_free(inv);
    return s;
}

static void assert_bytes(const struct segment *s, enum section_kind kind, const char *bytes, size_t size) {
    assert_int_equal(s->sections[kind].size, size);
    assert_memory_equal(s->sections[kind].data, bytes, size);
}

/* The example in segment.h, byte for byte. */
static void the_worked_example(void **state) {
    (void)state;
    struct folder f;
    struct analyzer *a;
    folder_make(&f);
    assert_int_equal(analyzer_new(&a, "english", NULL), LEDE_OK);
    struct segment *s = small_segment(&f, a);
#define BYTES(kind, bytes) assert_bytes(s, kind, bytes, sizeof(bytes) - 1)
    /* Tokens: simla - to be to see; positions 0, 2, 3, 4, 5. */
    BYTES(SECTION_TERMS, "\2be\0\3\x11"
                         "\x30see\3\x11"
                         "\x41imla\3\x11"
                         "\x20to\2\1\x12");
    BYTES(SECTION_TERM_BLOCKS, "\0\0\0\0");
    BYTES(SECTION_POSTINGS, "\1\6"
                            "\1\25"
                            "\1\0"
                            "\0\2\22");
    BYTES(SECTION_WORDS, "\2be\1"
                         "\x30see\1"
                         "\x41imla\1"
                         "\x20to\2");
    BYTES(SECTION_ARTICLES, "\0\x41\0\1k\5Simla\2\0");
    BYTES(SECTION_ARTICLE_GROUPS, "\0\0\0\0\0\1\1");
    BYTES(SECTION_LENGTHS, "\5");
    BYTES(SECTION_SOURCES, "\7\0\0\0\0\0\0\0"
                           "\0\0\0\0"
                           "\1\0\0\0");
    BYTES(SECTION_PASSAGE_STARTS, "");
#define NONE4  "\0\0\0\0"
#define COLUMN "\1\0\0\0" NONE4 "\4\0\0\0" NONE4 NONE4 NONE4
    BYTES(SECTION_COLUMNS, COLUMN COLUMN COLUMN NONE4 "\1\0\0\0" NONE4 NONE4 "\1\0\0\0" NONE4 NONE4 NONE4 NONE4 NONE4);
#undef NONE4
#undef COLUMN
    BYTES(SECTION_TEXT, "");
#undef BYTES
    segment_close(s);
    analyzer_free(a);
    folder_remove(&f);
}

/* Whatever byte of the file is changed: opening or checking says so, and nothing crashes. */
static void every_changed_byte_is_found(void **state) {
    (void)state;
    struct folder f;
    struct analyzer *a;
    folder_make(&f);
    assert_int_equal(analyzer_new(&a, "english", NULL), LEDE_OK);
    struct segment *s = small_segment(&f, a);
    size_t size = (size_t)s->info.size;
    uint8_t *bytes = malloc(size);
    assert_non_null(bytes);
    memcpy(bytes, s->map.data, size);
    for (size_t i = 0; i < size; i++) {
        struct segment *broken;
        lede_error err = {0};
        bytes[i] ^= 0x40;
        folder_write(&f, "broken.seg", bytes, size);
        bytes[i] ^= 0x40;
        lede_status status = segment_open(&broken, folder_entry(&f, "broken.seg"), NULL, &err);
        if (status == LEDE_OK) {
            struct faults faults = {.report = NULL};
            assert_int_equal(segment_check(broken, &faults, NULL, NULL, NULL), LEDE_OK);
            assert_true(faults.count > 0);
            segment_close(broken);
        } else {
            assert_true(status == LEDE_CORRUPT || status == LEDE_TOO_NEW || status == LEDE_TOO_OLD);
            assert_non_null(strstr(err.message, "broken.seg"));
        }
    }
    for (size_t i = 0; i < size; i++) {
        struct segment *broken;
        folder_write(&f, "broken.seg", bytes, i);
        assert_int_equal(segment_open(&broken, folder_entry(&f, "broken.seg"), NULL, NULL), LEDE_CORRUPT);
    }
    free(bytes);
    segment_close(s);
    analyzer_free(a);
    folder_remove(&f);
}

static uint64_t count_faults(const struct segment *s) {
    struct faults faults = {.report = NULL};
    assert_int_equal(segment_check(s, &faults, NULL, NULL, NULL), LEDE_OK);
    return faults.count;
}

/* The second block of terms is said to be the first. */
static void assert_blocks_are_checked(const struct segment *s) {
    struct segment broken = *s;
    struct section *blocks = &broken.sections[SECTION_TERM_BLOCKS];
    assert_true(blocks->size >= 8);
    uint8_t *bytes = calloc(1, blocks->size + 8);
    assert_non_null(bytes);
    memcpy(bytes + 8, blocks->data + 8, blocks->size - 8);
    blocks->data = bytes;
    blocks->checksum = file_checksum(bytes, blocks->size);
    assert_true(count_faults(&broken) > 0);
    free(bytes);
}

/* The table of blocks is right, or terms that are there are not found. */
static void terms_that_are_not_found_are_a_fault(void **state) {
    struct folder f;
    struct analyzer *a;
    folder_make(&f);
    assert_int_equal(analyzer_new(&a, "none", NULL), LEDE_OK);
    struct inverter *inv = new_inverter(a, false);
    add_samples(inv, *state, 200);
    struct segment *s = flush(inv, folder_entry(&f, "a.seg"));
    assert_blocks_are_checked(s);
    segment_close(s);
    inverter_free(inv);
    analyzer_free(a);
    folder_remove(&f);
}

/* So it is where searches find them in the table of common terms: prefixes are looked for by blocks all the same. */
static void common_terms_that_are_in_no_block_are_a_fault(void **state) {
    enum { TERMS = 40, ARTICLES = 300 };
    struct folder f;
    struct analyzer *a;
    char text[4 * TERMS + 1], key[16];
    (void)state;
    folder_make(&f);
    for (uint32_t i = 0; i < TERMS; i++)
        sprintf(text + (size_t)4 * i, "w%02u ", i);
    assert_int_equal(analyzer_new(&a, "none", NULL), LEDE_OK);
    struct inverter *inv = new_inverter(a, true);
    for (uint32_t i = 0; i < ARTICLES; i++) {
        struct passage passage = {.len = 4 * TERMS, .line = 1};
        struct article article = {.meta = {.key = key, .line = 1, .body = text, .body_len = 4 * TERMS},
                                  .passages = &passage,
                                  .passage_count = 1};
        article.meta.key_len = (size_t)sprintf(key, "%u", i);
        assert_int_equal(inverter_add(inv, &article, NULL), LEDE_OK);
    }
    struct segment *s = flush(inv, folder_entry(&f, "a.seg"));
    assert_int_equal(s->counts.terms, TERMS);
    assert_int_equal(s->counts.common_terms, TERMS);
    assert_whole(s);
    assert_blocks_are_checked(s);
    segment_close(s);
    inverter_free(inv);
    analyzer_free(a);
    folder_remove(&f);
}

/* One that has common terms. */
static struct segment *common_segment(struct random *r, const struct folder *f) {
    struct analyzer *a;
    struct sample sample;
    assert_int_equal(analyzer_new(&a, "none", NULL), LEDE_OK);
    struct inverter *inv = new_inverter(a, true);
    for (uint32_t i = 0; i < 400; i++) {
        make_sample(r, &sample, i);
        assert_int_equal(inverter_add(inv, &sample.article, NULL), LEDE_OK);
    }
    struct segment *s = flush(inv, folder_entry(f, "common.seg"));
    assert_true(s->counts.common_terms > 1);
    inverter_free(inv);
    analyzer_free(a);
    return s;
}

/* An older writer's, which has no table: it is whole, and a merge gives it one. */
static void a_segment_without_table_gets_one_when_it_is_merged(void **state) {
    struct folder f;
    struct segment_info info;
    folder_make(&f);
    struct segment *s = common_segment(*state, &f), old = *s;
    old.counts.common_terms = 0;
    assert_whole(&old);
    const struct merge_input input = {&old, NULL};
    const struct merge_job job = {.inputs = &input, .count = 1};
    assert_int_equal(merge_segments(&job, folder_entry(&f, "merged.seg"), &info, NULL), LEDE_OK);
    assert_int_equal(info.checksum, s->info.checksum);
    segment_close(s);
    folder_remove(&f);
}

/* Whatever byte of the table of common terms is another, and the checksum that of the bytes. */
static void a_table_that_is_not_that_of_the_terms_is_a_fault(void **state) {
    struct folder f;
    folder_make(&f);
    struct segment *s = common_segment(*state, &f), broken = *s;
    struct section *terms = &broken.sections[SECTION_TERMS];
    uint8_t *bytes = calloc(1, terms->size + 8);
    assert_non_null(bytes);
    memcpy(bytes, terms->data, terms->size);
    terms->data = bytes;
    assert_int_equal(count_faults(&broken), 0);
    for (uint64_t at = load_u32(bytes + terms->size - 4 * (s->counts.common_terms + 1)); at < terms->size; at++) {
        uint8_t byte = bytes[at];
        bytes[at] ^= (uint8_t)(1U << random_below(*state, 8));
        terms->checksum = file_checksum(bytes, terms->size);
        if (count_faults(&broken) == 0)
            fail_msg("byte %llu is %02x instead of %02x, and no fault", (unsigned long long)at, bytes[at], byte);
        bytes[at] = byte;
    }
    terms->checksum = s->sections[SECTION_TERMS].checksum;
    for (uint32_t n = 1; n < 2 * s->counts.common_terms; n++) {
        broken.counts.common_terms = n;
        assert_true((count_faults(&broken) == 0) == (n == s->counts.common_terms));
    }
    free(bytes);
    segment_close(s);
    folder_remove(&f);
}

/* All else is right: its bucket, the other entries, and where they begin. */
static void an_entry_of_no_term_in_the_table_is_a_fault(void **state) {
    static const char term[] = "nowhere", entry[] = "\7nowhere\0\x81\4"; /* 256 passages; no bytes of postings */
    struct folder f;
    struct term_info info;
    folder_make(&f);
    struct segment *s = common_segment(*state, &f), broken = *s;
    struct section *terms = &broken.sections[SECTION_TERMS];
    uint32_t count = s->counts.common_terms, bucket = (uint32_t)((file_checksum(term, 7) >> 32) * count >> 32);
    uint8_t *bytes = calloc(1, terms->size + sizeof entry + 8), *starts = bytes + terms->size - 4 * (count + 1);
    assert_non_null(bytes);
    memcpy(bytes, terms->data, terms->size);
    uint32_t at = load_u32(starts + 4 * bucket);
    for (uint32_t i = bucket + 1; i <= count; i++)
        store_u32(starts + 4 * i, load_u32(starts + 4 * i) + (uint32_t)sizeof entry);
    memmove(bytes + at + sizeof entry, bytes + at, terms->size - at);
    memcpy(bytes + at, entry, sizeof entry);
    terms->data = bytes;
    terms->size += sizeof entry;
    terms->checksum = file_checksum(bytes, terms->size);
    assert_int_equal(segment_find_term(&broken, term, 7, &info, NULL), LEDE_OK);
    assert_int_equal(count_faults(&broken), 1);
    free(bytes);
    segment_close(s);
    folder_remove(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_article_is_read_back, random_setup, random_teardown),
        cmocka_unit_test_setup_teardown(merging_equals_inverting_at_once, random_setup, random_teardown),
        cmocka_unit_test_setup_teardown(a_stopped_merge_leaves_no_file, random_setup, random_teardown),
        cmocka_unit_test(the_worked_example),
        cmocka_unit_test(every_changed_byte_is_found),
        cmocka_unit_test_setup_teardown(terms_that_are_not_found_are_a_fault, random_setup, random_teardown),
        cmocka_unit_test(common_terms_that_are_in_no_block_are_a_fault),
        cmocka_unit_test_setup_teardown(a_segment_without_table_gets_one_when_it_is_merged, random_setup,
                                        random_teardown),
        cmocka_unit_test_setup_teardown(a_table_that_is_not_that_of_the_terms_is_a_fault, random_setup,
                                        random_teardown),
        cmocka_unit_test_setup_teardown(an_entry_of_no_term_in_the_table_is_a_fault, random_setup, random_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
