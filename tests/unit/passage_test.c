/* Passages: word bounds, order, coverage, sentence ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/text/sentence.h"
#include "indexer/formats/block.h"
#include "tests/support/random.h"

static const struct passage *cut(struct buffer *passages, const struct buffer *text, struct buffer *blocks,
                                 size_t *count) {
    struct buffer lines = BUFFER_EMPTY;
    struct span span = {(const char *)text->data, text->len};
    buffer_clear(blocks);
    buffer_clear(passages);
    assert_int_equal(block_read(blocks, &lines, span, 1, NULL), LEDE_OK);
    struct block *b = (struct block *)(void *)blocks->data;
    block_mark_headings(b, blocks->len / sizeof *b, span.s);
    assert_int_equal(passage_cut(passages, span.s, b, blocks->len / sizeof *b, NULL), LEDE_OK);
    buffer_release(&lines);
    *count = passages->len / sizeof(struct passage);
    return (const struct passage *)(const void *)passages->data;
}

static size_t words_of(const struct buffer *text, size_t start, size_t end) {
    return span_words((struct span){(const char *)text->data + start, end - start}) / WORD;
}

static void random_words(struct random *r, struct buffer *text, size_t count, unsigned sentence) {
    static const char *const words[] = {"Lavrov", "said", "the",    "S.",   "U.S.",   "river",     "treaty",
                                        "Simla,", "of",   "Moscow", "in",   "Правда", "1972",      "а",
                                        "Mr.",    "and",  "peace",  "会談", "a",      "communiqué"};
    for (size_t i = 0; i < count; i++) {
        const char *word = words[random_below(r, sizeof words / sizeof *words)];
        buffer_append(text, word, strlen(word));
        if (sentence && random_below(r, sentence) == 0)
            buffer_append_u8(text, '.');
        buffer_append_u8(text, ' ');
    }
}

static void random_text(struct random *r, struct buffer *text) {
    unsigned sentence = (unsigned[]){0, 5, 20, 60}[random_below(r, 4)];
    size_t paragraphs = random_below(r, 12);
    buffer_clear(text);
    for (size_t i = 0; i < paragraphs; i++) {
        size_t kind = random_below(r, 8);
        random_words(r, text, kind == 0 ? random_below(r, 700) : random_below(r, kind < 4 ? 30 : 170), sentence);
        if (kind > 5)
            buffer_append(text, "end.", 4);
        buffer_append(text, "\n\n\n", 1 + random_below(r, 3));
    }
}

static bool in_heading(const struct buffer *blocks, size_t at) {
    const struct block *b = (const struct block *)(const void *)blocks->data;
    for (size_t i = 0; i < blocks->len / sizeof *b; i++)
        if (at >= b[i].start && at < b[i].start + b[i].len)
            return b[i].heading;
    return false;
}

/* Order, coverage and lines of the passages of one text. */
static void check_passages(const struct buffer *text, const struct buffer *blocks, const struct passage *passages,
                           size_t count) {
    size_t end = 0, line = 1;
    for (size_t i = 0; i <= count; i++) {
        size_t start = i < count ? passages[i].start : text->len;
        assert_true(start >= end);
        for (; end < start; end++) {
            line += text->data[end] == '\n';
            assert_true(text->data[end] == ' ' || text->data[end] == '\n' || in_heading(blocks, end));
        }
        if (i == count)
            return;
        assert_int_equal(passages[i].line, line);
        end += passages[i].len;
        assert_true(end <= text->len);
        for (size_t k = start; k < end; k++) {
            line += text->data[k] == '\n';
            assert_false(in_heading(blocks, k));
        }
        size_t words = words_of(text, start, end);
        assert_in_range(words, 1, PASSAGE_MAX + PASSAGE_MIN);
        bool alone = (i == 0 || passages[i - 1].heading_start != passages[i].heading_start) &&
                     (i + 1 == count || passages[i + 1].heading_start != passages[i].heading_start);
        if (!alone)
            assert_in_range(words, PASSAGE_MIN, PASSAGE_MAX + PASSAGE_MIN);
    }
}

static void random_texts_keep_the_bounds(void **state) {
    struct buffer text = BUFFER_EMPTY, passages = BUFFER_EMPTY, blocks = BUFFER_EMPTY;
    for (int round = 0; round < 2000; round++) {
        size_t count;
        random_text(*state, &text);
        const struct passage *p = cut(&passages, &text, &blocks, &count);
        check_passages(&text, &blocks, p, count);
    }
    buffer_release(&text);
    buffer_release(&passages);
    buffer_release(&blocks);
}

/* One line without any mark: of words, of ideographs, of a single endless run. */
static void a_million_words_are_cut(void **state) {
    static const char *const units[] = {"word ", "語", "x"};
    (void)state;
    for (size_t u = 0; u < 3; u++) {
        struct buffer text = BUFFER_EMPTY, passages = BUFFER_EMPTY, blocks = BUFFER_EMPTY;
        size_t count;
        for (size_t i = 0; i < 1000000; i++)
            buffer_append(&text, units[u], strlen(units[u]));
        const struct passage *p = cut(&passages, &text, &blocks, &count);
        size_t total = words_of(&text, 0, text.len), end = 0;
        assert_in_range(count, total / 200, total / 100);
        for (size_t i = 0; i < count; i++) {
            assert_in_range(p[i].start, end, end + 1);
            assert_in_range(words_of(&text, p[i].start, p[i].start + p[i].len), PASSAGE_MIN, PASSAGE_MAX);
            if (u == 0)
                assert_memory_equal(text.data + p[i].start, "word", 4);
            end = p[i].start + p[i].len;
        }
        assert_in_range(end, text.len - 1, text.len);
        buffer_release(&text);
        buffer_release(&passages);
        buffer_release(&blocks);
    }
}

static void sentences_end_where_they_end(void **state) {
    /* The cut is asked for at the "|", which stands for white space. */
    static const struct {
        const char *text;
        enum cut cut;
    } cases[] = {
        {"He left.|She stayed", CUT_SENTENCE},
        {"He left.”|She stayed", CUT_SENTENCE},
        {"“He left.”|“Why?”", CUT_SENTENCE},
        {"Did he?|Yes", CUT_SENTENCE},
        {"Oh...|Well", CUT_SENTENCE},
        {"Oh...|well", CUT_WORD},
        {"He met Mr.|Lavrov", CUT_WORD},
        {"Minister S.|Jaishankar", CUT_WORD},
        {"the U.S.|Congress", CUT_WORD},
        {"at 9 a.m.|Moscow time", CUT_WORD},
        {"on May 10.|The", CUT_SENTENCE},
        {"of 3.5|percent", CUT_WORD},
        {"it rose 3.5.|The", CUT_SENTENCE},
        {"left.|then", CUT_WORD},
        {"the body .|consequently", CUT_SENTENCE},
        {"left, and|he", CUT_WORD},
        {"left,|and", CUT_CLAUSE},
        {"India—|and", CUT_CLAUSE},
        {"Он уехал.|Она", CUT_SENTENCE},
        {"वह गया।|वह", CUT_SENTENCE},
        {"He left.", CUT_PARAGRAPH},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct span t = {cases[i].text, strlen(cases[i].text)};
        size_t bar = strcspn(cases[i].text, "|");
        enum cut cut = sentence_cut(t, bar, bar < t.n ? bar + 1 : t.n);
        if (cut != cases[i].cut)
            fail_msg("%s: %d", cases[i].text, (int)cut);
    }
}

/* The gap between two words stands between bars. */
static void sentences_end_between_words(void **state) {
    static const struct {
        const char *text;
        bool ends;
    } cases[] = {
        {"he left| |then", false},   {"he left|  |then", false},   {"he left|\n|then", false},
        {"he left|\n\n|then", true}, {"of 3| |percent", false},    {"négocié| |par", false},
        {"日| |本", false},          {"he left|. |Then", true},    {"he left|. |then", false},
        {"he left| .|then", false},  {"he left| . |then", true},   {"he left|, |Then", false},
        {"he left|; |Then", false},  {"he left|\",\" |He", false}, {"he left|.\" |He", true},
        {"he left|.\", |He", false}, {"he left|... |Then", true},  {"he left|…, |Then", false},
        {"Mr|. |Smith", false},      {"he left|! |Then", true},    {"he left|?, |Then", false},
        {"Он уехал|, |Она", false},  {"Он уехал|. |Она", true},    {"彼は|。|彼女", true},
        {"彼は|、|彼女", false},     {"| |then", false},           {"left||then", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[64];
        const char *first = strchr(cases[i].text, '|'), *second = strchr(first + 1, '|');
        size_t end = (size_t)(first - cases[i].text), start = (size_t)(second - cases[i].text) - 1;
        int n = snprintf(text, sizeof text, "%.*s%.*s%s", (int)end, cases[i].text, (int)(start - end), first + 1,
                         second + 1);
        if (sentence_ends_between((struct span){text, (size_t)n}, end, start) != cases[i].ends)
            fail_msg("%s", cases[i].text);
    }
}

static void append_words(struct buffer *text, const char *first, size_t count, const char *last) {
    buffer_append(text, first, strlen(first));
    for (size_t i = 2; i < count; i++)
        buffer_append(text, " word", 5);
    buffer_append_u8(text, ' ');
    buffer_append(text, last, strlen(last));
}

/* Lengths of paragraphs in words (negative: of a heading) against lengths of passages. */
static void paragraphs_are_joined_and_split(void **state) {
    static const struct {
        int paragraphs[8], passages[8];
    } cases[] = {
        {{100}, {100}},
        {{20}, {20}},
        {{20, 30}, {50}},
        {{3, 100, 60}, {103, 60}},
        {{60, 100, 3}, {60, 103}},
        {{60, -4, 10, -3, 70}, {60, 10, 70}},
        {{-4, 39, 150}, {189}},
        {{39, 150, 39}, {114, 114}},
        {{300}, {150, 150}},
        {{150, 151}, {150, 75, 76}},
        {{25, 25, 25, 25, 25}, {50, 75}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buffer text = BUFFER_EMPTY, passages = BUFFER_EMPTY, blocks = BUFFER_EMPTY;
        for (const int *n = cases[i].paragraphs; *n; n++) {
            append_words(&text, "First", (size_t)abs(*n), *n < 0 ? "heading" : "last.");
            buffer_append_u8(&text, '\n');
        }
        size_t count;
        const struct passage *p = cut(&passages, &text, &blocks, &count);
        for (size_t k = 0; k < count; k++)
            assert_int_equal(words_of(&text, p[k].start, p[k].start + p[k].len), cases[i].passages[k]);
        assert_int_equal(cases[i].passages[count], 0);
        buffer_release(&text);
        buffer_release(&passages);
        buffer_release(&blocks);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sentences_end_where_they_end),
        cmocka_unit_test(sentences_end_between_words),
        cmocka_unit_test(paragraphs_are_joined_and_split),
        cmocka_unit_test_setup_teardown(random_texts_keep_the_bounds, random_setup, random_teardown),
        cmocka_unit_test(a_million_words_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
