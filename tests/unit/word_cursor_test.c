/* Cursors on what counts as one word, over a segment: kept occurrences, synonyms and tallies, against the postings they
 * are made of; and the contract of cursors: next, seek, window. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/arena.h"
#include "searcher/cursors/tally.h"
#include "searcher/plan/plan.h"
#include "support/built_index.h"
#include "support/random.h"

enum { ARTICLES = 9000, WORDS = 5 };

static const char *const words[WORDS] = {"a", "b", "c", "d", "e"};

struct fixture {
    struct random *random;
    struct built_index built;
    const struct segment *segment;
    struct bm25 bm25;
    struct arena arena;
    struct passage_text *text;
    struct verdicts verdicts;
    uint32_t freqs[ARTICLES][WORDS]; /* of each word at even positions, and in all */
    uint32_t even[ARTICLES][WORDS];
};

static void fill(struct fixture *f) {
    for (uint32_t i = 0; i < ARTICLES; i++) {
        char text[64], key[16];
        size_t len = 0;
        for (uint32_t n = random_below(f->random, 12), p = 0; p < n; p++) {
            uint32_t word = random_below(f->random, 1 + random_below(f->random, WORDS));
            f->freqs[i][word]++;
            f->even[i][word] += p % 2 == 0;
            text[len++] = words[word][0];
            text[len++] = ' ';
        }
        const struct passage all = {.len = (uint32_t)len, .line = 1};
        struct article article = {.passages = &all, .passage_count = 1};
        article.meta = (lede_article){
            .key = key, .key_len = (size_t)snprintf(key, sizeof key, "%u", i), .body = text, .body_len = len};
        built_index_add(&f->built, &article);
    }
    built_index_flush(&f->built);
    f->segment = f->built.segments[0].segment;
    assert_int_equal(bm25_init(&f->bm25, 0, 0, ARTICLES, f->built.snapshot.total_length, NULL), LEDE_OK);
}

static struct word_scorer scorer_of(const struct fixture *f) {
    return (struct word_scorer){f->segment, &f->bm25, 2.5, 7, "word"};
}

static struct cursor *term(struct fixture *f, uint32_t word) {
    struct term_info info;
    const struct word_scorer scorer = scorer_of(f);
    assert_int_equal(segment_find_term(f->segment, words[word], 1, &info, NULL), LEDE_OK);
    return term_cursor_new(&f->arena, &info, &scorer);
}

static uint32_t keep_even(void *ctx, uint32_t doc, uint32_t *positions, uint32_t n, lede_status *status) {
    uint32_t kept = 0;
    (void)ctx, (void)doc, (void)status;
    for (uint32_t i = 0; i < n; i++)
        if (positions[i] % 2 == 0)
            positions[kept++] = positions[i];
    return kept;
}

/* Keeps all, as the text would tell, and counts how often it is asked. */
static uint32_t keep_and_count(void *ctx, uint32_t doc, uint32_t *positions, uint32_t n, lede_status *status) {
    uint32_t *count = ctx;
    (void)doc, (void)positions, (void)status;
    ++*count;
    return n;
}

enum way { TERM, OCCURRENCES, SYNONYMS, OVERLAP, TALLY, TALLY_AND_TEXT, LED, WAYS };

/* Some of what the terms are in is the word "b": the text tells where. */
static const struct node form_b = {.kind = NODE_WORD, .word = WORD_FORM, .form = "b", .form_len = 1};

static struct tally *add_up(struct fixture *f, bool sure) {
    struct tally *tally = tally_new(&f->arena, f->segment, !sure);
    assert_non_null(tally);
    for (uint32_t w = 0; w < 3; w++) {
        struct expanded_term term = {.whole = sure, .most = sure || words[w][0] == 'b' ? UINT32_MAX : 1};
        assert_int_equal(segment_find_term(f->segment, words[w], 1, &term.info, NULL), LEDE_OK);
        assert_int_equal(tally_add_term(tally, &term, FIELD_ANY), LEDE_OK);
    }
    tally_finish(tally);
    return tally;
}

static struct cursor *make(struct fixture *f, enum way way) {
    const struct word_scorer scorer = scorer_of(f);
    const struct occurrence_filter even = {.keep = keep_even};
    struct cursor *parts[] = {NULL, NULL, NULL};
    const struct tally_texts texts = {.text = f->text, .verdicts = &f->verdicts};
    for (uint32_t w = 0; w < 3 && (way == SYNONYMS || way == OVERLAP || way == LED); w++)
        parts[w] = term(f, way == OVERLAP && w == 2 ? 0 : w);
    switch (way) {
    case TERM: return term(f, 1);
    case OCCURRENCES: return occurrence_cursor_new(&f->arena, term(f, 1), &even, &scorer);
    case SYNONYMS:
    case OVERLAP: return synonym_cursor_new(&f->arena, parts, 3, way == OVERLAP, &scorer);
    case LED: return synonym_cursor_led(&f->arena, parts, 3, add_up(f, true), &scorer);
    default: return tally_cursor_new(&f->arena, add_up(f, way == TALLY), &texts, &scorer);
    }
}

/* How often the passage has what the cursor is on. */
static uint32_t freq_of(const struct fixture *f, enum way way, uint32_t doc) {
    const uint32_t *all = f->freqs[doc], *even = f->even[doc];
    switch (way) {
    case TERM: return all[1];
    case OCCURRENCES: return even[1];
    case OVERLAP: return all[0] + all[1];
    case TALLY_AND_TEXT: return all[1];
    default: return all[0] + all[1] + all[2];
    }
}

static uint32_t expected_from(const struct fixture *f, enum way way, uint32_t doc) {
    while (doc < ARTICLES && freq_of(f, way, doc) == 0)
        doc++;
    return doc < ARTICLES ? doc : DOC_END;
}

static double score_of(const struct fixture *f, enum way way, uint32_t doc) {
    return bm25_score(2.5, freq_of(f, way, doc), bm25_norm(&f->bm25, segment_length(f->segment, doc)));
}

static void assert_stands(const struct fixture *f, enum way way, struct cursor *c, uint32_t doc) {
    assert_int_equal(c->doc, doc);
    assert_int_equal(c->status, LEDE_OK);
    if (doc == DOC_END)
        return;
    assert_true(cursor_score(c) == score_of(f, way, doc));
    assert_true(cursor_score(c) <= c->max_score);
    if (!c->ops->positions)
        return;
    uint32_t n, freq = cursor_freq(c);
    const uint32_t *positions = cursor_positions(c, &n);
    assert_int_equal(freq, freq_of(f, way, doc));
    assert_int_equal(n, freq);
    for (uint32_t i = 1; i < n; i++)
        assert_true(positions[i] > positions[i - 1]);
}

static void check_seeks(struct fixture *f, enum way way, uint32_t reach) {
    struct cursor *c = make(f, way);
    uint32_t doc = expected_from(f, way, 0);
    uint64_t count = 0;
    cursor_match(c);
    for (; doc != DOC_END; count++) {
        assert_stands(f, way, c, doc);
        uint32_t target = doc + 1 + random_below(f->random, reach);
        if (target == doc + 1 && random_below(f->random, 2))
            cursor_next_match(c);
        else
            cursor_seek_match(c, target);
        doc = expected_from(f, way, target);
    }
    assert_stands(f, way, c, DOC_END);
    assert_true(count <= c->cost);
    cursor_release(c);
    arena_release(&f->arena);
}

/* What it may score where it stands, before that is confirmed: of three words. */
static uint32_t bound_of(const struct fixture *f, enum way way, uint32_t doc) {
    const uint32_t *all = f->freqs[doc];
    switch (way) {
    case OVERLAP: return 2 * all[0] + all[1];
    case TALLY_AND_TEXT: return (all[0] > 0) + all[1] + (all[2] > 0);
    default: return freq_of(f, way, doc);
    }
}

static void check_bounds(struct fixture *f, enum way way) {
    struct cursor *c = make(f, way);
    for (; way != OCCURRENCES && c->doc != DOC_END; cursor_next(c)) {
        double norm = bm25_norm(&f->bm25, segment_length(f->segment, c->doc));
        assert_true(cursor_score(c) == bm25_score(2.5, bound_of(f, way, c->doc), norm));
        assert_true(cursor_is_certain(c) == (way != TALLY_AND_TEXT && way != LED));
        assert_int_equal(cursor_confirm(c), freq_of(f, way, c->doc) > 0);
    }
    cursor_release(c);
    arena_release(&f->arena);
}

static void check_windows(struct fixture *f, enum way way) {
    struct window *w = calloc(1, sizeof *w);
    assert_non_null(w);
    struct cursor *c = make(f, way);
    for (uint32_t from = c->doc; c->doc != DOC_END; from = c->doc) {
        memset(w, 0, sizeof *w);
        window_move(w, from);
        cursor_accumulate(c, w);
        for (uint32_t d = w->start; d < w->end && d < ARTICLES; d++)
            assert_true(w->scores[d - w->start] == (d >= from && freq_of(f, way, d) ? score_of(f, way, d) : 0));
        assert_int_equal(c->doc, expected_from(f, way, w->end));
    }
    cursor_release(c);
    arena_release(&f->arena);
    free(w);
}

/* "a b", of words whose texts are asked; asked counts how often. NULL: by positions alone. */
static struct cursor *make_phrase(struct fixture *f, uint32_t *asked) {
    static const uint32_t slots[] = {0, 1};
    const struct word_scorer scorer = scorer_of(f);
    const struct occurrence_filter filter = {.keep = keep_and_count, .ctx = asked, .reads = true};
    const struct position_check in_a_row = {NULL, NULL, NULL, false};
    struct cursor *parts[] = {term(f, 0), term(f, 1)};
    for (uint32_t i = 0; i < 2 && asked; i++)
        parts[i] = occurrence_cursor_new(&f->arena, parts[i], &filter, &scorer);
    return position_cursor_new(&f->arena, parts, 2, slots, 2, &in_a_row);
}

/* Texts are read of passages alone that have words of the stems in a row. */
static void check_texts(struct fixture *f) {
    uint32_t matches = 0, both = 0, texts = 0;
    struct cursor *all = make_phrase(f, NULL), *forms = make_phrase(f, &texts);
    for (uint32_t i = 0; i < ARTICLES; i++)
        both += f->freqs[i][0] && f->freqs[i][1];
    cursor_match(all);
    cursor_match(forms);
    for (; all->doc != DOC_END; matches++) {
        assert_int_equal(forms->doc, all->doc);
        assert_true(cursor_score(forms) == cursor_score(all));
        cursor_next_match(all);
        cursor_next_match(forms);
    }
    assert_int_equal(forms->doc, DOC_END);
    assert_int_equal(texts, 2 * matches);
    assert_true(matches < both);
    cursor_release(all);
    cursor_release(forms);
    arena_release(&f->arena);
}

static void words_keep_the_contract(void **state) {
    struct fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    f->random = *state;
    f->arena = ARENA_EMPTY;
    built_index_init(&f->built, "none");
    fill(f);
    f->verdicts = VERDICTS_EMPTY(&form_b, NULL);
    assert_int_equal(passage_text_new(&f->text, &f->built.snapshot, false, NULL), LEDE_OK);
    passage_text_use(f->text, f->segment);
    for (enum way way = TERM; way < WAYS; way++) {
        for (uint32_t reach = 1; reach < 5000; reach *= 7)
            check_seeks(f, way, reach);
        check_windows(f, way);
        check_bounds(f, way);
    }
    check_texts(f);
    passage_text_free(f->text);
    verdicts_release(&f->verdicts);
    built_index_release(&f->built);
    free(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(words_keep_the_contract, random_setup, random_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
