/* Lists of a range's passages: every processor's version is equal to the plain one, which does what it says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "searcher/ranges/range_docs.h"
#include "support/random.h"

/* A list, and how often each of it has a word. */
struct sample {
    struct chunk_list list;
    struct range_docs docs;
    uint32_t freqs[RANGE_DOCS];
    uint8_t classes[RANGE_DOCS];
};

static void draw(struct sample *s, struct random *r) {
    uint32_t sparse = 1 + random_below(r, 30), high = 1 + random_below(r, 6), more = 0;
    struct chunk_masks *m = &s->list.masks;
    memset(m, 0, sizeof *m);
    s->docs.count = 0;
    for (uint32_t doc = 0; doc < RANGE_DOCS; doc++) {
        s->classes[doc] = (uint8_t)random_below(r, LENGTH_CLASSES);
        if (random_below(r, sparse))
            continue;
        uint32_t i = s->docs.count++, freq = random_below(r, high + 1);
        s->list.docs[i] = s->docs.docs[i] = (uint8_t)doc;
        s->docs.units[i] = (uint16_t)random_below(r, 20000);
        s->freqs[i] = freq;
        m->set[i / 64] |= (uint64_t)(freq > 0) << i % 64;
        for (uint32_t p = 0; p < 3; p++)
            m->above[p][i / 64] |= (uint64_t)(freq > p + 1) << i % 64;
        if (freq > 3)
            m->more[more++] = s->freqs[i] = random_below(r, 10) ? freq : UINT32_MAX - random_below(r, 9);
    }
    s->list.count = s->docs.count;
}

static uint32_t given(const struct sample *s, uint32_t i, const struct word_gift *word) {
    uint32_t freq = s->freqs[i];
    return freq ? word_gift_of(word, freq, s->classes[s->docs.docs[i]]) : 0;
}

static void assert_gives(const struct range_docs_ops *ops, const struct sample *s, const struct word_gift *word) {
    uint16_t units[RANGE_DOCS + RANGE_SPARE];
    ops->give(units, s->docs.docs, s->docs.count, &s->list.masks, word, s->classes);
    for (uint32_t i = 0; i < s->docs.count; i++)
        assert_int_equal(units[i], given(s, i, word));
}

/* Those that reach the bar, with what they have already or without. */
static void assert_keeps(const struct range_docs_ops *ops, const struct sample *s, const struct word_gift *word,
                         const struct range_bar *bar, bool adds) {
    struct range_docs docs = s->docs;
    uint32_t n = 0;
    if (adds)
        ops->add(&docs, &s->list.masks, word, s->classes, bar);
    else
        ops->take(&docs, &s->list, word, s->classes, bar);
    for (uint32_t i = 0; i < s->docs.count; i++) {
        uint8_t doc = s->docs.docs[i];
        uint16_t units = (uint16_t)((adds ? s->docs.units[i] : 0) + given(s, i, word) + bar->more[doc / CHUNK_BLOCK]);
        if (units < bar->cut)
            continue;
        assert_true(n < docs.count);
        assert_int_equal(docs.docs[n], doc);
        assert_int_equal(docs.units[n++], units);
    }
    assert_int_equal(docs.count, n);
}

static void assert_sifts(const struct range_docs_ops *ops, struct random *r, uint16_t cut) {
    uint16_t sums[RANGE_DOCS];
    struct range_docs docs;
    uint32_t n = 0;
    for (uint32_t i = 0; i < RANGE_DOCS; i++)
        sums[i] = (uint16_t)(random_below(r, 20) ? random_below(r, 65536) : cut);
    ops->sift(&docs, sums, cut);
    for (uint32_t i = 0; i < RANGE_DOCS; i++)
        if (sums[i] >= cut) {
            assert_true(n < docs.count);
            assert_int_equal(docs.docs[n], i);
            assert_int_equal(docs.units[n++], sums[i]);
        }
    assert_int_equal(docs.count, n);
}

/* Of two words, and one that was not read. */
static void assert_tells_freqs(const struct range_docs_ops *ops, const struct sample *s, const struct sample *other) {
    struct chunk_list found[] = {s->list, s->list, other->list};
    const struct sample *samples[] = {s, NULL, other};
    uint32_t next[] = {0, 0, 0}, freqs[3];
    found[1].count = 0;
    for (uint32_t doc = 0; doc < RANGE_DOCS; doc++) {
        ops->freqs(freqs, found, 3, (uint8_t)doc);
        for (uint32_t k = 0; k < 3; k++) {
            uint32_t *i = &next[k];
            bool here = *i < found[k].count && found[k].docs[*i] == doc;
            assert_int_equal(freqs[k], here ? samples[k]->freqs[*i] : 0);
            *i += here;
        }
    }
}

static void versions_do_what_they_say(void **state) {
    struct random *r = *state;
    for (int round = 0; round < 3000; round++) {
        struct sample s, other;
        struct word_gift word = {.base = 0.01F * (float)random_below(r, 100),
                                 .slope = 0.001F * (float)random_below(r, 100),
                                 .factor = (float)(1 + random_below(r, 40000)),
                                 .max = (uint16_t)(1 + random_below(r, 40000))};
        struct range_bar bar = {.cut = (uint16_t)random_below(r, 40000)};
        for (unsigned i = 0; i < RANGE_DOCS / CHUNK_BLOCK; i++)
            bar.more[i] = (uint16_t)(random_below(r, 2) ? random_below(r, 20000) : UINT16_MAX - random_below(r, 3000));
        draw(&s, r);
        draw(&other, r);
        for (const struct range_docs_ops *const *ops = range_docs_ops_all(); *ops; ops++) {
            assert_gives(*ops, &s, &word);
            assert_keeps(*ops, &s, &word, &bar, true);
            assert_keeps(*ops, &s, &word, &bar, false);
            assert_sifts(*ops, r, bar.cut);
            assert_tells_freqs(*ops, &s, &other);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(versions_do_what_they_say, random_setup, random_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
