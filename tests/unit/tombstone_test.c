/* Deleted articles, and which of several with one key is deleted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "indexer/resolve.h"
#include "support/folder.h"
#include "support/random.h"
#include "support/segment.h"

static bool is_live(const struct tombstones *t, uint32_t article) {
    struct article_record record;
    MUST(segment_article(t->segment, article, &record, err));
    return !tombstones_has(t, record.first_passage);
}

static void delete_article(struct tombstones *t, uint32_t article, bool expected) {
    struct article_record record;
    bool added;
    MUST(segment_article(t->segment, article, &record, err));
    MUST(tombstones_add(t, &record, &added, err));
    assert_true(added == expected);
}

static void articles_are_deleted_whole_and_once(void **state) {
    (void)state;
    static const struct sketch articles[] = {{"a", 1, 3}, {"b", 1, 7}, {"c", 2, 1}};
    struct folder f;
    struct tombstones t;
    folder_make(&f);
    struct segment *s = make_segment(folder_entry(&f, "s"), articles, 3);
    tombstones_init(&t, s, NULL, 0, 0);
    delete_article(&t, 1, true);
    delete_article(&t, 1, false);
    assert_int_equal(t.passages, 7);
    assert_int_equal(t.articles, 1);
    assert_true(t.changed);
    assert_true(is_live(&t, 0));
    assert_false(is_live(&t, 1));
    assert_true(is_live(&t, 2));
    assert_int_equal(t.bitmap[0], 0xf8);
    assert_int_equal(t.bitmap[1], 0x03);
    assert_false(tombstones_cover(&t));
    delete_article(&t, 0, true);
    delete_article(&t, 2, true);
    assert_true(tombstones_cover(&t));
    tombstones_release(&t);
    segment_close(s);
    folder_remove(&f);
}

static void sources_take_their_articles_along(void **state) {
    (void)state;
    static const struct sketch articles[] = {{"a", 1, 1}, {"b", 1, 2}, {"c", 2, 1}, {"d", 3, 1}, {"e", 1, 1}};
    struct folder f;
    struct tombstones t;
    struct id_set gone = ID_SET_EMPTY;
    uint64_t deleted = 0;
    folder_make(&f);
    struct segment *s = make_segment(folder_entry(&f, "s"), articles, 5);
    tombstones_init(&t, s, NULL, 0, 0);
    MUST(resolve_sources(&t, &gone, &deleted, err));
    assert_int_equal(deleted, 0);
    delete_article(&t, 4, true);
    MUST(id_set_add(&gone, 9, err));
    MUST(id_set_add(&gone, 1, err));
    MUST(resolve_sources(&t, &gone, &deleted, err));
    assert_int_equal(deleted, 2);
    for (uint32_t i = 0; i < 5; i++)
        assert_true(is_live(&t, i) == (i == 2 || i == 3));
    id_set_release(&gone);
    tombstones_release(&t);
    segment_close(s);
    folder_remove(&f);
}

static void deletion_spares_what_came_later(void **state) {
    (void)state;
    static const struct sketch articles[] = {{"a", 0, 1}, {"b", 0, 1}, {"a", 0, 2}, {"a", 0, 1}};
    struct folder f;
    struct tombstones t;
    struct sequence sequence = SEQUENCE_EMPTY;
    folder_make(&f);
    struct segment *s = make_segment(folder_entry(&f, "s"), articles, 4);
    for (uint32_t i = 0; i < 4; i++)
        sequence_append(&sequence, i, 10 + i);
    tombstones_init(&t, s, NULL, 0, 0);
    const struct contender contender = {&t, &sequence};
    MUST(resolve_deletion(&contender, "a", 1, 13, err));
    for (uint32_t i = 0; i < 4; i++)
        assert_true(is_live(&t, i) == (i == 1 || i == 3));
    MUST(resolve_deletion(&contender, "nobody", 6, 99, err));
    assert_int_equal(t.articles, 2);
    sequence_release(&sequence);
    tombstones_release(&t);
    segment_close(s);
    folder_remove(&f);
}

static void sequence_tells_batches(void **state) {
    (void)state;
    struct sequence a = SEQUENCE_EMPTY;
    assert_int_equal(sequence_batch(&a, 5), 0);
    sequence_append(&a, 0, 3);
    sequence_append(&a, 4, 7);
    sequence_append(&a, 4, 9);
    sequence_append(&a, 6, 20);
    static const uint64_t expected[] = {3, 3, 3, 3, 9, 9, 20, 20};
    for (uint32_t i = 0; i < 8; i++)
        assert_int_equal(sequence_batch(&a, i), expected[i]);
    sequence_release(&a);
}

/* More of them than stay in memory, of several segments in one file; looked up in any order, and after they moved. */
static void many_batches_lie_in_a_file(void **state) {
    enum { SEQUENCES = 3, BATCHES = 5000 };
    struct random *r = *state;
    struct folder f;
    struct sequence_file *file = NULL;
    struct sequence sequences[SEQUENCES];
    uint32_t firsts[SEQUENCES][BATCHES + 1];
    folder_make(&f);
    const char *path = folder_entry(&f, "x");
    for (size_t s = 0; s < SEQUENCES; s++) {
        struct sequence made = SEQUENCE_EMPTY;
        uint32_t first = 0;
        MUST(sequence_begin(&made, &file, path, err));
        for (uint32_t b = 0; b < BATCHES; b++) {
            firsts[s][b] = first;
            for (uint32_t n = random_below(r, 5); n > 0; n--)
                sequence_append(&made, first++, 100 * s + b);
        }
        firsts[s][BATCHES] = first;
        sequence_end(&made);
        sequences[s] = made;
        assert_true(spool_memory(&sequences[s].runs) < 8192);
    }
    assert_int_equal(file->users, 1 + SEQUENCES);
    for (int i = 0; i < 20000; i++) {
        size_t s = random_below(r, SEQUENCES);
        uint32_t b = random_below(r, BATCHES);
        if (firsts[s][b] < firsts[s][b + 1])
            assert_int_equal(sequence_batch(&sequences[s], firsts[s][b + 1] - 1), 100 * s + b);
    }
    for (size_t s = 0; s < SEQUENCES; s++) {
        MUST(sequence_status(&sequences[s], err));
        sequence_release(&sequences[s]);
    }
    sequence_file_release(file);
    folder_remove(&f);
}

/* ------------------------------------------------------------------- keys against a plain twin -- */

/* More segments than may have pages of theirs mapped all the time (resolve.c). */
enum { SEGMENTS = 20, ARTICLES = 60, KEYS = 150 };

struct twin {
    char keys[SEGMENTS][ARTICLES][8];
    bool live[SEGMENTS][ARTICLES];
    uint64_t batch[SEGMENTS][ARTICLES]; /* 0: committed before */
    struct segment *segments[SEGMENTS];
    struct tombstones tombstones[SEGMENTS];
    struct sequence sequences[SEGMENTS];
    struct contender contenders[SEGMENTS];
    size_t committed;
};

/* Committed segments hold each key once; new ones hold any. Even batches went to one worker, whose segments come first,
 * odd ones to another. */
static void fill_twin(struct twin *t, const struct folder *f) {
    bool taken[KEYS] = {false};
    t->committed = (size_t)random() % SEGMENTS;
    uint64_t batches[2] = {2, 3};
    for (size_t s = 0; s < SEGMENTS; s++) {
        struct sketch sketches[ARTICLES];
        char name[16];
        uint64_t *batch = &batches[s >= (t->committed + SEGMENTS) / 2];
        for (uint32_t a = 0; a < ARTICLES; a++) {
            int key = (int)(random() % KEYS);
            bool again = s < t->committed && taken[key];
            taken[key] |= s < t->committed;
            snprintf(t->keys[s][a], sizeof t->keys[s][a], again ? "x%u" : "k%d",
                     again ? (unsigned)(s * 100 + a) : (unsigned)key);
            *batch += random() % 4 == 0 ? 2 : 0;
            t->batch[s][a] = s < t->committed ? 0 : *batch;
            t->live[s][a] = true;
            sketches[a] = (struct sketch){t->keys[s][a], 0, 1 + (uint32_t)random() % 3};
            if (s >= t->committed)
                sequence_append(&t->sequences[s], a, *batch);
        }
        snprintf(name, sizeof name, "%zu", s);
        t->segments[s] = make_segment(folder_entry(f, name), sketches, ARTICLES);
        tombstones_init(&t->tombstones[s], t->segments[s], NULL, 0, 0);
        t->contenders[s] = (struct contender){&t->tombstones[s], s < t->committed ? NULL : &t->sequences[s]};
    }
}

/* Some are deleted before. */
static void delete_some(struct twin *t) {
    for (int i = 0; i < 30; i++) {
        size_t s = (size_t)random() % SEGMENTS;
        uint32_t a = (uint32_t)random() % ARTICLES;
        if (t->live[s][a])
            delete_article(&t->tombstones[s], a, true);
        t->live[s][a] = false;
    }
}

static bool beats(const struct twin *t, size_t s, uint32_t a, size_t other_s, uint32_t other_a) {
    if (t->batch[s][a] != t->batch[other_s][other_a])
        return t->batch[s][a] > t->batch[other_s][other_a];
    return s != other_s ? s > other_s : a > other_a;
}

static bool is_beaten(const struct twin *t, size_t s, uint32_t a) {
    for (size_t i = 0; i < SEGMENTS; i++)
        for (uint32_t j = 0; j < ARTICLES; j++)
            if (t->live[i][j] && !strcmp(t->keys[s][a], t->keys[i][j]) && beats(t, i, j, s, a))
                return true;
    return false;
}

static void last_article_of_each_key_is_kept(void **state) {
    (void)state;
    srandom((unsigned)random_seed());
    for (int round = 0; round < 20; round++) {
        struct twin *t = calloc(1, sizeof *t);
        struct folder f;
        assert_non_null(t);
        folder_make(&f);
        fill_twin(t, &f);
        delete_some(t);
        struct id_set gone = ID_SET_EMPTY;
        struct resolution resolution = {.replaced = 0};
        uint64_t expected = 0;
        MUST(resolve_keys(t->contenders, SEGMENTS, &gone, 1 << 25, &resolution, err));
        for (size_t s = 0; s < SEGMENTS; s++) {
            for (uint32_t a = 0; a < ARTICLES; a++) {
                bool live = t->live[s][a] && !is_beaten(t, s, a);
                assert_true(is_live(&t->tombstones[s], a) == live);
                expected += t->live[s][a] && !live && s < t->committed;
            }
        }
        assert_int_equal(resolution.replaced, expected);
        assert_int_equal(resolution.deleted, 0);
        for (size_t s = 0; s < SEGMENTS; s++) {
            tombstones_release(&t->tombstones[s]);
            sequence_release(&t->sequences[s]);
            segment_close(t->segments[s]);
        }
        folder_remove(&f);
        free(t);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(articles_are_deleted_whole_and_once),
        cmocka_unit_test(sources_take_their_articles_along),
        cmocka_unit_test(deletion_spares_what_came_later),
        cmocka_unit_test(sequence_tells_batches),
        cmocka_unit_test_setup_teardown(many_batches_lie_in_a_file, random_setup, random_teardown),
        cmocka_unit_test(last_article_of_each_key_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
