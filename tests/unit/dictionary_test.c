/* Dictionaries: terms are found by the short way as by walking, those that are not there are not, and broken bytes end
 * both with a status instead of a crash. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/dictionary.h"
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

static void take_section(struct segment *s, enum section_kind kind, const struct spool *from) {
    uint64_t size = from->tail.len;
    uint8_t *data = calloc(1, size + PADDING);
    assert_non_null(data);
    if (size)
        memcpy(data, from->tail.data, size);
    s->sections[kind] = (struct section){.data = data, .size = size};
}

/* A segment that has the dictionary alone. */
static void make_segment(struct segment *s, const struct terms *t) {
    static char name[] = "dictionary";
    struct dictionary_writer w;
    dictionary_writer_init(&w, DICTIONARY_TERMS, NULL);
    w.postings = t->count ? t->terms[0].info.postings : 0;
    for (uint32_t i = 0; i < t->count; i++)
        dictionary_writer_add(&w, t->terms[i].key, t->terms[i].len, &t->terms[i].info);
    *s = (struct segment){.path = name, .counts = {.terms = t->count, .passages = UINT32_MAX - 1}};
    s->counts.positions = UINT64_MAX;
    s->sections[SECTION_POSTINGS].size = w.postings;
    take_section(s, SECTION_TERMS, &w.entries);
    take_section(s, SECTION_TERM_BLOCKS, &w.blocks);
    dictionary_writer_release(&w);
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
        for (uint32_t i = 0; i < model.count; i++)
            check_find(&s, &model.terms[i], &model.terms[i]);
        for (int i = 0; i < PROBES; i++) {
            const struct term from = make_probe(&model), to = make_probe(&model);
            struct dictionary_cursor *c;
            check_find(&s, &from, lower_bound(&model, &from));
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

/* What is found lies in POSTINGS, whatever the bytes are. */
static void broken_bytes_are_no_harm(void **state) {
    (void)state;
    uint32_t corrupt = 0;
    for (int round = 0; round < ROUNDS; round++) {
        struct segment s;
        make_terms(&model);
        make_segment(&s, &model);
        break_bytes(&s.sections[random_below(&rng, 3) ? SECTION_TERMS : SECTION_TERM_BLOCKS]);
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

static int setup(void **state) {
    (void)state;
    rng.state = random_seed();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(terms_are_found, setup),
        cmocka_unit_test_setup(broken_bytes_are_no_harm, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
