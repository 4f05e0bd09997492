/* Postings: what the writer codes is what a cursor finds, by next and by seek, from one to many blocks; and broken
 * bytes end it with a status instead of a crash. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/segment/articles.h"
#include "core/segment/dictionary.h"
#include "core/segment/postings_writer.h"
#include "support/copied_postings.h"
#include "support/random.h"

/* So many passages that a term with maxima need not be dense. */
enum { PASSAGES = DENSE_PART * MAXIMA_DOCS + 1000, MOST = 5000, MAX_FREQ = 6, TERMS = 24, LONG = 600 };
/* Two with maxima whose positions are in blocks. Many passages in a row lack the second, so that the numbers of its
 * postings are far from even. */
enum { BLOCKS_TERM = 3, GAP_TERM = 11 };

struct expected {
    uint32_t count;
    uint32_t docs[PASSAGES], freqs[PASSAGES], positions[PASSAGES][MAX_FREQ];
};

static struct expected expected[TERMS];
static struct random rng;
static char path[64];

/* Whether some chunks have passages whose lengths take two bytes, as all then do. */
static bool has_long;

static uint32_t length_of(uint32_t passage) {
    bool is_long = has_long && passage / 700 % 3 == 0 && passage % 50 == 7;
    return is_long ? LONG : TERMS * MAX_FREQ;
}

static bool is_far(unsigned t) {
    return t % 3 == 0;
}

/* Of more than MAX_FREQ they are the first ones of the passage. */
static const uint32_t *positions_of(const struct expected *e, uint32_t i) {
    static uint32_t all[LONG];
    for (uint32_t k = 0; k < LONG; k++)
        all[k] = k;
    return e->freqs[i] > MAX_FREQ ? all : e->positions[i];
}

/* In a long passage it may be about as many as a byte tells, or more. */
static uint32_t draw_freq(unsigned t, uint32_t doc) {
    bool is_often = t % 4 == 3 && length_of(doc) == LONG && random_below(&rng, t % 8 == 3 ? 1 : 4) == 0;
    return is_often ? UINT8_MAX - 2 + random_below(&rng, 6) : 1 + random_below(&rng, MAX_FREQ);
}

static void make_term(struct expected *e, unsigned t) {
    /* From one posting to one in every passage, with the sizes of whole blocks and their neighbours among them. */
    static const uint32_t sizes[] = {1, 2, 127, 128, 129, 255, 256, 257, PASSAGES};
    uint32_t want = t < sizeof sizes / sizeof *sizes ? sizes[t] : 1 + random_below(&rng, MOST);
    /* Then some with maxima, whose positions are in blocks, or by chunks. */
    if (t % 4 == 3)
        want = t % 8 == 3 ? MAXIMA_DOCS + random_below(&rng, 100) : MOST + random_below(&rng, MOST);
    e->count = 0;
    for (uint32_t d = 0; d < PASSAGES && e->count < want; d++) {
        if (t == GAP_TERM && d == PASSAGES / 10)
            d += PASSAGES / 2;
        if (random_below(&rng, PASSAGES - d) >= want - e->count)
            continue;
        uint32_t freq = draw_freq(t, d), position = 0, i = e->count++;
        e->docs[i] = d;
        e->freqs[i] = freq;
        for (uint32_t k = 0; freq <= MAX_FREQ && k < freq; k++)
            e->positions[i][k] = position += (k > 0) + random_below(&rng, is_far(t) ? 300 : 9);
    }
}

static void write_articles(struct segment_writer *out, struct segment_counts *counts) {
    struct articles_writer w;
    articles_writer_init(&w, NULL);
    struct passage passage = {.line = 1};
    for (uint32_t i = 0; i < PASSAGES; i++) {
        char key[16];
        uint32_t length = length_of(i);
        struct article a = {.meta = {.key = key, .key_len = (size_t)sprintf(key, "k%u", i), .line = 1},
                            .passages = &passage,
                            .passage_count = 1};
        articles_writer_add(&w, &a, &passage, 1, &(struct article_words){0, &length, NULL});
    }
    segment_writer_begin(out, SECTION_ARTICLES);
    assert_true(articles_writer_finish(&w, out, counts));
    articles_writer_release(&w);
}

static void write_terms(struct segment_writer *out, struct segment_counts *counts) {
    struct postings_writer p;
    struct dictionary_writer d;
    uint64_t total = 0;
    for (uint32_t i = 0; i < PASSAGES; i++)
        total += length_of(i);
    postings_writer_init(&p, PASSAGES, total, NULL);
    dictionary_writer_init(&d, DICTIONARY_TERMS, NULL);
    segment_writer_begin(out, SECTION_POSTINGS);
    for (unsigned t = 0; t < TERMS; t++) {
        make_term(&expected[t], t);
        /* As many as there are, more, or nothing said. */
        if (t % 3 > 0)
            postings_writer_expect(&p, t % 3 == 1 ? expected[t].count : PASSAGES);
        for (uint32_t i = 0; i < expected[t].count; i++)
            postings_writer_add(&p, expected[t].docs[i], length_of(expected[t].docs[i]), positions_of(&expected[t], i),
                                expected[t].freqs[i]);
        struct term_info info;
        char term[16];
        assert_true(postings_writer_finish(&p, out, &info));
        dictionary_writer_add(&d, term, (size_t)sprintf(term, "t%02u", t), &info);
        counts->postings += info.doc_freq;
        counts->positions += info.total_freq;
        counts->position_bytes += info.positions_size;
    }
    segment_writer_end(out);
    assert_true(dictionary_writer_finish(&d, out, counts));
    postings_writer_release(&p);
    dictionary_writer_release(&d);
}

static struct segment *make_segment(void) {
    struct segment_writer *out;
    struct segment_counts counts = {0};
    struct segment_info info;
    assert_int_equal(segment_writer_open(&out, path, NULL), LEDE_OK);
    write_articles(out, &counts);
    write_terms(out, &counts);
    for (unsigned kind = 1; kind <= SECTION_COUNT; kind++) {
        if (kind == SECTION_TEXT || kind == SECTION_TEXT_BLOCKS || kind == SECTION_WORDS ||
            kind == SECTION_WORD_BLOCKS) {
            segment_writer_begin(out, kind);
            segment_writer_end(out);
        }
    }
    assert_int_equal(segment_writer_commit(out, &counts, &info, NULL), LEDE_OK);
    struct segment *s;
    assert_int_equal(segment_open(&s, path, &info, NULL), LEDE_OK);
    return s;
}

static int setup(void **state) {
    rng.state = random_seed();
    snprintf(path, sizeof path, "postings_test.%d.seg", (int)getpid());
    *state = make_segment();
    return 0;
}

static int setup_long(void **state) {
    has_long = true;
    return setup(state);
}

static int teardown(void **state) {
    segment_close(*state);
    return unlink(path);
}

/* What the segment has of term t. */
static struct term_info info_of(const struct segment *s, unsigned t) {
    char term[16];
    struct term_info info;
    assert_int_equal(segment_find_term(s, term, (size_t)sprintf(term, "t%02u", t), &info, NULL), LEDE_OK);
    assert_int_equal(info.doc_freq, expected[t].count);
    return info;
}

static void next_finds_every_posting(void **state) {
    for (unsigned t = 0; t < TERMS; t++) {
        const struct expected *e = &expected[t];
        struct term_info info = info_of(*state, t);
        struct postings p;
        postings_init(&p, *state, &info);
        uint32_t i = 0;
        for (uint32_t d = p.doc; d != DOC_END; d = postings_next(&p), i++) {
            assert_int_equal(d, e->docs[i]);
            assert_int_equal(p.freq, e->freqs[i]);
            if (random_below(&rng, 3) == 0)
                assert_memory_equal(postings_positions(&p), positions_of(e, i), e->freqs[i] * sizeof(uint32_t));
        }
        assert_int_equal(i, e->count);
        assert_int_equal(p.status, LEDE_OK);
        assert_int_equal(postings_next(&p), DOC_END);
        postings_release(&p);
    }
}

static void runs_give_every_posting(void **state) {
    for (unsigned t = 0; t < TERMS; t++) {
        const struct expected *e = &expected[t];
        const uint32_t *docs, *freqs;
        struct term_info info = info_of(*state, t);
        struct postings p;
        postings_init(&p, *state, &info);
        uint32_t i = 0, n;
        while ((n = postings_run(&p, &docs, &freqs)) > 0) {
            assert_true(n <= e->count - i);
            assert_memory_equal(docs, e->docs + i, n * sizeof *docs);
            assert_memory_equal(freqs, e->freqs + i, n * sizeof *freqs);
            n = 1 + random_below(&rng, n);
            i += n;
            assert_int_equal(postings_skip(&p, n), i < e->count ? e->docs[i] : DOC_END);
            assert_true(p.doc == DOC_END || p.freq == e->freqs[i]);
        }
        assert_int_equal(i, e->count);
        assert_int_equal(p.status, LEDE_OK);
        postings_release(&p);
    }
}

/* All blocks but the last are given at once, and the cursor gives the rest. */
static void blocks_are_taken(void **state) {
    static uint32_t docs[PASSAGES], freqs[PASSAGES];
    for (unsigned t = 0; t < TERMS; t++) {
        const struct expected *e = &expected[t];
        struct term_info info = info_of(*state, t);
        struct postings p;
        postings_open(&p, *state, &info);
        if (!p.levels) {
            uint32_t n = postings_take_blocks(&p, docs, freqs);
            assert_int_equal(n, (e->count - 1) / BLOCK_DOCS * BLOCK_DOCS);
            assert_memory_equal(docs, e->docs, n * sizeof *docs);
            assert_memory_equal(freqs, e->freqs, n * sizeof *freqs);
            assert_int_equal(postings_go(&p, n), e->docs[n]);
            assert_int_equal(p.block_len, e->count - n);
        }
        postings_release(&p);
    }
}

static void seek_equals_a_loop_of_next(void **state) {
    for (unsigned t = 0; t < TERMS; t++) {
        const struct expected *e = &expected[t];
        for (unsigned round = 0; round < 200; round++) {
            struct term_info info = info_of(*state, t);
            struct postings p;
            postings_init(&p, *state, &info);
            uint32_t i = 0, target = 0, stride = 1 + random_below(&rng, round % 10 ? 3000 : 20);
            while (p.doc != DOC_END) {
                target += random_below(&rng, stride);
                if (target < p.doc)
                    target = p.doc;
                while (i < e->count && e->docs[i] < target)
                    i++;
                assert_int_equal(postings_seek(&p, target), i < e->count ? e->docs[i] : DOC_END);
                if (p.doc != DOC_END)
                    assert_memory_equal(postings_positions(&p), positions_of(e, i), p.freq * sizeof(uint32_t));
                if (random_below(&rng, 2) && p.doc != DOC_END)
                    assert_int_equal(postings_next(&p), ++i < e->count ? e->docs[i] : DOC_END);
            }
            assert_int_equal(p.status, LEDE_OK);
            postings_release(&p);
        }
    }
}

static void any_posting_can_be_gone_to(void **state) {
    for (unsigned t = 0; t < TERMS; t++) {
        const struct expected *e = &expected[t];
        struct term_info info = info_of(*state, t);
        struct postings p;
        postings_open(&p, *state, &info);
        for (unsigned round = 0; round < 400; round++) {
            uint32_t i = random_below(&rng, e->count);
            assert_int_equal(postings_go(&p, i), e->docs[i]);
            assert_int_equal(p.freq, e->freqs[i]);
            if (random_below(&rng, 2))
                assert_memory_equal(postings_positions(&p), positions_of(e, i), p.freq * sizeof(uint32_t));
            for (uint32_t n = random_below(&rng, random_below(&rng, 2) ? 9 : 200); n > 0 && ++i < e->count; n--) {
                assert_int_equal(random_below(&rng, 2) ? postings_next(&p) : postings_seek(&p, e->docs[i]), e->docs[i]);
                if (random_below(&rng, 2))
                    assert_memory_equal(postings_positions(&p), positions_of(e, i), p.freq * sizeof(uint32_t));
            }
        }
        assert_int_equal(p.status, LEDE_OK);
        postings_release(&p);
    }
}

/* What chunk_table_find_all tells of a document, or its number for a rare term. */
static uint32_t index_of(struct postings *p, uint32_t doc, uint32_t number) {
    uint32_t index = number;
    if (p->levels)
        assert_true(chunk_table_find_all(&p->chunks, &doc, 1, &index, NULL));
    return index;
}

/* What masks have to tell, and how. */
struct picked {
    const uint32_t *positions, *counts;
    bool is_far; /* positions may be beyond what masks tell: then it is all of a passage, or none */
};

/* The same positions as masks. */
static void assert_masks(struct postings *p, const uint32_t *docs, const uint32_t *indices, uint32_t n,
                         const struct picked *all) {
    const uint32_t *counts = all->counts;
    static struct position_masks masks;
    static uint32_t wanted[POSITION_MASKS * LONG];
    uint32_t total = 0;
    for (uint32_t i = 0; i < n; i++)
        total += counts[i];
    memcpy(wanted, all->positions, total * sizeof *wanted);
    bool finds = p->levels && random_below(&rng, 2);
    assert_true(postings_pick_masks(p, docs, finds ? NULL : indices, n, &masks));
    for (uint32_t i = 0, at = 0; i < n; at += counts[i++]) {
        uint32_t found = 0;
        for (unsigned w = 0; w < POSITION_MASK_WORDS; w++)
            found += (uint32_t)__builtin_popcountll(masks.words[w][i]);
        assert_true(found == 0 || masks.freqs[i] == found);
        assert_true(found == counts[i] || (found == 0 && (all->is_far || length_of(docs[i]) > POSITION_MASK_BITS)));
        for (uint32_t k = 0; k < found; k++)
            assert_true(masks.words[wanted[at + k] / 64][i] >> wanted[at + k] % 64 & 1);
    }
}

static void any_postings_can_be_picked(void **state) {
    static uint32_t wanted[PASSAGES * LONG];
    for (unsigned t = 0; t < TERMS; t++) {
        const struct expected *e = &expected[t];
        struct term_info info = info_of(*state, t);
        struct postings p;
        postings_open(&p, *state, &info);
        for (unsigned round = 0; round < 100; round++) {
            uint32_t docs[400], indices[400], counts[400], n = 0, total = 0, step = 1 + random_below(&rng, 30);
            for (uint32_t i = random_below(&rng, e->count); i < e->count && n < 400;
                 i += 1 + random_below(&rng, step)) {
                docs[n] = e->docs[i];
                indices[n++] = index_of(&p, e->docs[i], i);
                memcpy(wanted + total, positions_of(e, i), e->freqs[i] * sizeof *wanted);
                total += e->freqs[i];
            }
            const uint32_t *positions = postings_pick(&p, docs, indices, n, counts);
            assert_non_null(positions);
            assert_memory_equal(positions, wanted, total * sizeof *positions);
            for (uint32_t k = 0; k < n; k++)
                total -= counts[k];
            assert_int_equal(total, 0);
            assert_masks(&p, docs, indices, n < POSITION_MASKS ? n : POSITION_MASKS,
                         &(struct picked){positions, counts, is_far(t)});
        }
        uint32_t i = random_below(&rng, e->count);
        assert_int_equal(postings_go(&p, i), e->docs[i]);
        assert_memory_equal(postings_positions(&p), positions_of(e, i), p.freq * sizeof(uint32_t));
        postings_release(&p);
    }
}

static void unknown_terms_are_not_found(void **state) {
    static const char *const terms[] = {"", "a", "t", "t00x", "t0", "t99", "zzz"};
    struct term_info info;
    for (size_t i = 0; i < sizeof terms / sizeof *terms; i++)
        assert_int_equal(segment_find_term(*state, terms[i], strlen(terms[i]), &info, NULL), LEDE_NOT_FOUND);
}

/* Of any documents, as far as the term seems to have them. */
static void pick_some(struct postings *p) {
    static struct position_masks masks;
    uint32_t docs[POSITION_MASKS], indices[POSITION_MASKS], counts[POSITION_MASKS], all = 0, n = 0;
    uint32_t step = 2 * PASSAGES / POSITION_MASKS;
    for (uint32_t d = random_below(&rng, step); d < PASSAGES && all < POSITION_MASKS; d += 1 + random_below(&rng, step))
        docs[all++] = d;
    if (p->levels && !chunk_table_find_all(&p->chunks, docs, all, indices, NULL))
        return;
    for (uint32_t i = 0; i < all; i++) {
        docs[n] = docs[i];
        indices[n] = p->levels ? indices[i] : i;
        n += p->levels ? indices[i] != UINT32_MAX : i < p->doc_freq;
    }
    if (random_below(&rng, 2))
        postings_pick(p, docs, indices, n, counts);
    else
        postings_pick_masks(p, docs, p->levels && random_below(&rng, 2) ? NULL : indices, n, &masks);
}

/* A document that a term has not is as much of an error as bytes that can't be. */
static void masks_of_others_are_refused(void **state) {
    static struct position_masks masks;
    for (unsigned t = 0; t < TERMS; t++) {
        const struct expected *e = &expected[t];
        struct term_info info = info_of(*state, t);
        struct postings p;
        postings_open(&p, *state, &info);
        for (uint32_t i = 1, rounds = 0; p.levels && i < e->count && rounds < 20; i++) {
            uint32_t docs[] = {e->docs[i - 1], e->docs[i - 1] + 1, e->docs[i]};
            if (docs[1] == docs[2])
                continue;
            assert_false(postings_pick_masks(&p, docs, NULL, 3, &masks));
            assert_int_equal(p.status, LEDE_CORRUPT);
            postings_release(&p);
            postings_open(&p, *state, &info);
            rounds++;
        }
        postings_release(&p);
    }
}

/* Any byte of the postings may be anything: a cursor stays within the segment and comes to an end. */
static void broken_bytes_end_a_cursor(void **state) {
    const struct segment *s = *state;
    struct segment broken;
    uint8_t *bytes = copy_postings(&broken, s);
    for (unsigned round = 0; round < 10000; round++) {
        unsigned t = random_below(&rng, TERMS);
        struct term_info info = info_of(s, t);
        uint32_t size = (uint32_t)(info.postings_size + info.positions_size);
        for (unsigned k = 0; k < 1 + round % 4; k++)
            bytes[info.postings + random_below(&rng, size)] = (uint8_t)random_below(&rng, 256);
        struct postings p;
        postings_init(&p, &broken, &info);
        uint32_t previous = 0, n = 0;
        for (uint32_t d = p.doc; d != DOC_END;
             d = random_below(&rng, 8) ? postings_next(&p) : postings_seek(&p, d + 40)) {
            assert_true(d < PASSAGES && (n == 0 || d > previous));
            previous = d;
            n++;
            postings_positions(&p);
        }
        assert_true(n <= PASSAGES);
        postings_release(&p);
        memcpy(bytes + info.postings, s->sections[SECTION_POSTINGS].data + info.postings, size);
    }
    free(bytes);
}

/* What is fewer than a block stands in varints of any size. */
static void tails_of_any_varints(void **state) {
    struct segment copy;
    uint8_t *bytes = copy_postings(&copy, *state);
    for (unsigned round = 0; round < 2000; round++) {
        uint32_t docs[BLOCK_DOCS], freqs[BLOCK_DOCS], n = 0, next = 0, most = PASSAGES >> random_below(&rng, 17);
        uint32_t want = 1 + random_below(&rng, BLOCK_DOCS - 1);
        struct term_info info = {0};
        for (; n < want && next + most < PASSAGES; n++) {
            docs[n] = next + random_below(&rng, most + 1);
            freqs[n] = random_below(&rng, 2) ? 1 : 1 + random_below(&rng, UINT32_MAX >> random_below(&rng, 32));
            bool once = freqs[n] == 1;
            info.postings_size += varint_put(bytes + info.postings_size, (uint64_t)(docs[n] - next) << 1 | once);
            if (!once)
                info.postings_size += varint_put(bytes + info.postings_size, freqs[n]);
            next = docs[n] + 1;
        }
        if (n == 0)
            continue;
        struct postings p;
        info.doc_freq = n;
        postings_init(&p, &copy, &info);
        assert_int_equal(p.status, LEDE_OK);
        assert_int_equal(p.block_len, n);
        assert_memory_equal(p.docs, docs, n * sizeof *docs);
        assert_memory_equal(p.freqs, freqs, n * sizeof *freqs);
        postings_release(&p);
        info.postings_size -= 1;
        postings_init(&p, &copy, &info);
        assert_int_equal(p.status, LEDE_CORRUPT);
        postings_release(&p);
    }
    free(bytes);
}

/* Documents rise from block to block, too, where two bits of a byte are others: ones may stand for others then. */
static void broken_documents_rise(void **state) {
    const struct segment *s = *state;
    struct segment broken;
    struct term_info info = info_of(s, BLOCKS_TERM);
    uint8_t *bytes = copy_postings(&broken, s);
    for (uint32_t i = 0; i < 7 * info.postings_size; i++) {
        uint8_t *byte = &bytes[info.postings + i / 7], right = *byte;
        struct postings p;
        *byte = (uint8_t)(right ^ 3U << i % 7);
        postings_init(&p, &broken, &info);
        uint32_t n = 0, previous = 0;
        for (uint32_t d = p.doc; d != DOC_END; previous = d, d = postings_next(&p))
            assert_true(d < PASSAGES && (n++ == 0 || d > previous));
        postings_release(&p);
        *byte = right;
    }
    free(bytes);
}

static void pick_of_broken(const struct segment *broken, const struct term_info *info) {
    struct postings p;
    postings_open(&p, broken, info);
    pick_some(&p);
    postings_release(&p);
}

/* A cursor stays within the bytes when postings are picked, too: as each of the first bytes, which tell where the
 * others are, is another; and as ones stand for others. */
static void broken_bytes_are_picked_within_bounds(void **state) {
    enum { HEAD = 256 };
    static const uint8_t values[] = {0, 1, 31, 127, 128, 255};
    const struct segment *s = *state;
    struct segment broken;
    uint8_t *bytes = copy_postings(&broken, s);
    for (unsigned t = 0; t < TERMS; t++) {
        struct term_info info = info_of(s, t);
        uint32_t end = t == BLOCKS_TERM || info.postings_size < HEAD ? (uint32_t)info.postings_size : HEAD;
        for (uint32_t i = 0; i < end; i++) {
            uint8_t *byte = &bytes[info.postings + i], right = *byte;
            for (unsigned k = 0; i < HEAD && k < sizeof values; k++) {
                *byte = values[k];
                pick_of_broken(&broken, &info);
            }
            *byte = (uint8_t)(right ^ 3U << i % 7);
            pick_of_broken(&broken, &info);
            *byte = right;
        }
    }
    free(bytes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(next_finds_every_posting),
        cmocka_unit_test(runs_give_every_posting),
        cmocka_unit_test(blocks_are_taken),
        cmocka_unit_test(tails_of_any_varints),
        cmocka_unit_test(seek_equals_a_loop_of_next),
        cmocka_unit_test(unknown_terms_are_not_found),
        cmocka_unit_test(masks_of_others_are_refused),
        cmocka_unit_test(broken_bytes_end_a_cursor),
        cmocka_unit_test(any_posting_can_be_gone_to),
        cmocka_unit_test(any_postings_can_be_picked),
        cmocka_unit_test(broken_documents_rise),
        cmocka_unit_test(broken_bytes_are_picked_within_bounds),
    };
    const struct CMUnitTest tests_of_long[] = {
        cmocka_unit_test(seek_equals_a_loop_of_next),
        cmocka_unit_test(any_posting_can_be_gone_to),
        cmocka_unit_test(any_postings_can_be_picked),
        cmocka_unit_test(broken_bytes_are_picked_within_bounds),
    };
    int failed = cmocka_run_group_tests(tests, setup, teardown);
    return failed + cmocka_run_group_tests(tests_of_long, setup_long, teardown);
}
