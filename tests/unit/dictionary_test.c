/* Dictionaries: terms are found by the short ways as by walking, those that are not there are not, and broken bytes end
 * each with a status instead of a crash. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/segment/dictionary.h"
#include "support/folder.h"
#include "support/random.h"

enum { PADDING = 8, LONGEST = 255, MOST = 300, ROUNDS = 300, PROBES = 200 };

struct term {
    char key[LONGEST];
    size_t len;
    struct term_info info;
};

/* Sorted. */
struct terms {
    struct term terms[MOST];
    uint32_t count;
};

static struct random rng;
static struct terms model;
static struct folder folder;

/* Of few letters, so that much is shared, among them those that a sign or an end could be taken for. */
static size_t make_key(char *key) {
    static const char letters[] = {'a', 'b', '\0', (char)0xff};
    size_t len = random_below(&rng, 20) ? random_below(&rng, 14) : random_below(&rng, LONGEST + 1), some = 0;
    for (; some < len && random_below(&rng, 8); some++)
        key[some] = 'a';
    for (size_t i = some; i < len; i++)
        key[i] = letters[random_below(&rng, sizeof letters)];
    return len;
}

static int compare_keys(const void *a, const void *b) {
    const struct term *x = a, *y = b;
    int order = memcmp(x->key, y->key, x->len < y->len ? x->len : y->len);
    return order ? order : (x->len > y->len) - (x->len < y->len);
}

/* Mostly small numbers, and some that take long varints. */
static uint64_t make_size(void) {
    return random_below(&rng, 3) ? random_below(&rng, 15)
                                 : random_below(&rng, UINT32_C(1) << (1 + random_below(&rng, 28)));
}

static void make_terms(struct terms *t) {
    uint32_t want = random_below(&rng, MOST + 1);
    t->count = 0;
    for (uint32_t i = 0; i < want; i++)
        t->terms[i].len = make_key(t->terms[i].key);
    qsort(t->terms, want, sizeof *t->terms, compare_keys);
    for (uint32_t i = 0; i < want; i++)
        if (t->count == 0 || compare_keys(&t->terms[t->count - 1], &t->terms[i]) != 0)
            t->terms[t->count++] = t->terms[i];
    uint64_t at = random_below(&rng, 1000);
    for (uint32_t i = 0; i < t->count; i++) {
        struct term_info *info = &t->terms[i].info;
        *info = (struct term_info){.doc_freq = 1 + (uint32_t)make_size(), .postings = at};
        info->total_freq = info->doc_freq + (random_below(&rng, 2) ? 0 : make_size());
        info->postings_size = make_size();
        info->positions_size = make_size();
        info->positions = at + info->postings_size;
        at = info->positions + info->positions_size;
    }
}

static void take_section(struct segment *s, enum section_kind kind, struct segment_writer *from) {
    uint64_t size = segment_writer_size(from, kind);
    uint8_t *data = calloc(1, size + PADDING), *content;
    assert_non_null(data);
    assert_int_equal(segment_writer_read(&content, from, kind, NULL), LEDE_OK);
    memcpy(data, content, size);
    free(content);
    s->sections[kind] = (struct section){.data = data, .size = size};
}

/* A segment that has the dictionary alone. */
static void make_segment(struct segment *s, const struct terms *t) {
    static char name[] = "dictionary";
    struct segment_writer *out;
    struct dictionary_writer w;
    *s = (struct segment){.path = name, .counts = {.passages = UINT32_MAX - 1, .positions = UINT64_MAX}};
    assert_int_equal(segment_writer_open(&out, folder_entry(&folder, "dictionary"), NULL), LEDE_OK);
    dictionary_writer_init(&w, DICTIONARY_TERMS, NULL);
    for (uint32_t i = 0; i < t->count; i++) {
        const struct term_info *info = &t->terms[i].info;
        dictionary_writer_add(&w, t->terms[i].key, t->terms[i].len, info);
        s->sections[SECTION_POSTINGS].size = info->positions + info->positions_size;
    }
    assert_true(dictionary_writer_finish(&w, out, &s->counts));
    assert_int_equal(s->counts.terms, t->count);
    take_section(s, SECTION_TERMS, out);
    take_section(s, SECTION_TERM_BLOCKS, out);
    dictionary_writer_release(&w);
    segment_writer_abort(out);
}

/* The same as an older writer made it. */
static struct segment without_table(const struct segment *s) {
    struct segment old = *s;
    old.counts.common_terms = 0;
    return old;
}

static void release_segment(struct segment *s) {
    free((void *)(uintptr_t)s->sections[SECTION_TERMS].data);
    free((void *)(uintptr_t)s->sections[SECTION_TERM_BLOCKS].data);
}

static void assert_info(const struct term_info *info, const struct term_info *expected) {
    assert_int_equal(info->doc_freq, expected->doc_freq);
    assert_int_equal(info->total_freq, expected->total_freq);
    assert_int_equal(info->postings, expected->postings);
    assert_int_equal(info->postings_size, expected->postings_size);
    assert_int_equal(info->positions, expected->positions);
    assert_int_equal(info->positions_size, expected->positions_size);
}

/* One of the keys, with a change to it or none, or any key. */
static struct term make_probe(const struct terms *t) {
    struct term probe = {.len = 0};
    if (t->count == 0 || random_below(&rng, 4) == 0) {
        probe.len = make_key(probe.key);
        return probe;
    }
    probe = t->terms[random_below(&rng, t->count)];
    if (probe.len && random_below(&rng, 2))
        probe.len -= 1 + random_below(&rng, (uint32_t)probe.len);
    if (probe.len < LONGEST && random_below(&rng, 2))
        probe.key[probe.len++] = (char)random_below(&rng, 256);
    return probe;
}

/* The first of the terms that is not below. */
static const struct term *lower_bound(const struct terms *t, const struct term *probe) {
    for (uint32_t i = 0; i < t->count; i++)
        if (compare_keys(&t->terms[i], probe) >= 0)
            return &t->terms[i];
    return NULL;
}

static void check_find(const struct segment *s, const struct term *probe, const struct term *expected) {
    bool is_there = expected && compare_keys(expected, probe) == 0;
    struct term_info info;
    assert_int_equal(segment_find_term(s, probe->key, probe->len, &info, NULL), is_there ? LEDE_OK : LEDE_NOT_FOUND);
    if (is_there)
        assert_info(&info, &expected->info);
}

/* The table has the common terms, as they are, and no others. */
static void check_table(const struct segment *s, const struct terms *t) {
    uint64_t commons = 0, entries;
    struct term_info info;
    for (uint32_t i = 0; i < t->count; i++) {
        bool common = t->terms[i].info.doc_freq >= DICTIONARY_COMMON;
        assert_int_equal(dictionary_find_common(s, t->terms[i].key, t->terms[i].len, &info, NULL),
                         common ? LEDE_OK : LEDE_NOT_FOUND);
        if (common)
            assert_info(&info, &t->terms[i].info);
        commons += common;
    }
    assert_int_equal(s->counts.common_terms, commons);
    assert_int_equal(dictionary_count_commons(s, &entries, NULL), LEDE_OK);
    assert_int_equal(entries, commons);
}

static void check_cursor(struct dictionary_cursor *c, const struct term *expected) {
    size_t len;
    const char *key = dictionary_key(c, &len);
    assert_int_equal(key != NULL, expected != NULL);
    if (!expected)
        return;
    assert_int_equal(len, expected->len);
    assert_memory_equal(key, expected->key, len);
    assert_info(dictionary_info(c), &expected->info);
}

static void terms_are_found(void **state) {
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct segment s;
        make_terms(&model);
        make_segment(&s, &model);
        const struct segment old = without_table(&s);
        check_table(&s, &model);
        for (uint32_t i = 0; i < model.count; i++) {
            check_find(&s, &model.terms[i], &model.terms[i]);
            check_find(&old, &model.terms[i], &model.terms[i]);
        }
        for (int i = 0; i < PROBES; i++) {
            const struct term from = make_probe(&model), to = make_probe(&model);
            struct dictionary_cursor *c;
            check_find(&s, &from, lower_bound(&model, &from));
            check_find(&old, &from, lower_bound(&model, &from));
            assert_int_equal(dictionary_open(&c, &s, DICTIONARY_TERMS, from.key, from.len, NULL), LEDE_OK);
            check_cursor(c, lower_bound(&model, &from));
            assert_int_equal(dictionary_seek(c, to.key, to.len, NULL), LEDE_OK);
            check_cursor(c, lower_bound(&model, compare_keys(&from, &to) > 0 ? &from : &to));
            dictionary_close(c);
        }
        release_segment(&s);
    }
}

static void is_known(lede_status status) {
    assert_true(status == LEDE_OK || status == LEDE_NOT_FOUND || status == LEDE_CORRUPT);
}

static void break_bytes(const struct section *x) {
    uint8_t *data = (uint8_t *)(uintptr_t)x->data;
    for (uint32_t n = 1 + random_below(&rng, 4); n > 0 && x->size; n--)
        data[random_below(&rng, (uint32_t)x->size)] = (uint8_t)(random_below(&rng, 3) ? random_below(&rng, 256) : 255);
}

/* In the entries, in the table of blocks, or in that of common terms alone; or it is said to be of another size. */
static void break_segment(struct segment *s) {
    struct section table = s->sections[SECTION_TERMS];
    uint32_t commons = s->counts.common_terms, half = commons * 16 < table.size ? commons * 16 : 0;
    switch (random_below(&rng, 4)) {
    case 0: break_bytes(&s->sections[SECTION_TERM_BLOCKS]); break;
    case 1: break_bytes(&s->sections[SECTION_TERMS]); break;
    case 2:
        table.data += table.size - half;
        table.size = half;
        break_bytes(&table);
        break;
    default: s->counts.common_terms = table.size < 8 ? 0 : 1 + random_below(&rng, (uint32_t)table.size / 4 - 1); break;
    }
}

/* What is found lies in POSTINGS, whatever the bytes are. */
static void broken_bytes_are_no_harm(void **state) {
    (void)state;
    uint32_t corrupt = 0;
    for (int round = 0; round < ROUNDS; round++) {
        struct segment s;
        make_terms(&model);
        make_segment(&s, &model);
        break_segment(&s);
        uint64_t entries;
        is_known(dictionary_count_commons(&s, &entries, NULL));
        for (int i = 0; i < PROBES; i++) {
            const struct term from = make_probe(&model), to = make_probe(&model);
            struct dictionary_cursor *c = NULL;
            struct term_info info;
            lede_status status = segment_find_term(&s, from.key, from.len, &info, NULL);
            is_known(status);
            corrupt += status == LEDE_CORRUPT;
            if (status == LEDE_OK)
                assert_true(info.positions <= s.sections[SECTION_POSTINGS].size && info.postings <= info.positions &&
                            info.positions_size <= s.sections[SECTION_POSTINGS].size - info.positions);
            is_known(dictionary_open(&c, &s, DICTIONARY_TERMS, from.key, from.len, NULL));
            if (c)
                is_known(dictionary_seek(c, to.key, to.len, NULL));
            dictionary_close(c);
        }
        release_segment(&s);
    }
    assert_true(corrupt > 0);
}

/* Hashes are 575a0b1c ("b"), 8c40219a ("c") and e6c632b6 ("a"): no term is in bucket 0 of 3, two are in 1. */
static void the_table_byte_for_byte(void **state) {
    (void)state;
    static const char bytes[] = "\1a\0\x81\4\x46" /* postings at 0; passages 256 * 2 + 1; 6 bytes and 4 */
                                "\x10"            /* nothing shared, a byte of its own */
                                "b\x80\4\1\x46"   /* an occurrence more */
                                "\x10"
                                "c\x80\4\2\x46"
                                "\x10"
                                "d\xfe\3\4\x46"      /* 255 passages */
                                "\1b\12\x80\4\1\x46" /* the table: postings at 10 */
                                "\1c\24\x80\4\2\x46"
                                "\1a\0\x81\4\x46"
                                "\30\0\0\0\30\0\0\0\46\0\0\0\54\0\0"; /* starts at 24, 24 and 38; the end, 44 */
    struct segment s;
    model.count = 4;
    for (uint32_t i = 0; i < model.count; i++) {
        struct term *t = &model.terms[i];
        *t = (struct term){.key = {(char)('a' + i)}, .len = 1};
        t->info = (struct term_info){.doc_freq = i < 3 ? 256 : 255, .total_freq = i < 3 ? 256 + i : 259};
        t->info.postings = 10 * i;
        t->info.postings_size = 6;
        t->info.positions = 10 * i + 6;
        t->info.positions_size = 4;
    }
    make_segment(&s, &model);
    assert_int_equal(s.counts.common_terms, 3);
    assert_int_equal(s.sections[SECTION_TERMS].size, sizeof bytes);
    assert_memory_equal(s.sections[SECTION_TERMS].data, bytes, sizeof bytes);
    release_segment(&s);
}

static int setup(void **state) {
    (void)state;
    rng.state = random_seed();
    return 0;
}

static int make_folder(void **state) {
    (void)state;
    folder_make(&folder);
    return 0;
}

static int remove_folder(void **state) {
    (void)state;
    folder_remove(&folder);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(terms_are_found, setup),
        cmocka_unit_test_setup(broken_bytes_are_no_harm, setup),
        cmocka_unit_test(the_table_byte_for_byte),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
