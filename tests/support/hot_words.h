/* hot_words.h - two segments whose words are frequent, and what hot terms of them may take together. To be included
 * behind cmocka.h.
 *
 *     hot_words_init(&x, limit);
 *     info = hot_words_find(&x, FIRST, "w3");
 *     term = hot_words_use(&x, FIRST, "w3");     by another search; held, or NULL
 *     hot_words_release(&x);                     nothing is held any more */
#ifndef LEDE_TESTS_HOT_WORDS_H
#define LEDE_TESTS_HOT_WORDS_H

#include "core/segment/hot_terms.h"
#include "core/segment/segment_map.h"
#include "support/built_index.h"

/* Each of the words w0, w1, ... is in every other passage of the first segment, and "rare" in less than have maxima;
 * "x" is in all passages of the second, which takes three steps. */
enum { HOT_WORDS = 6, HOT_FIRST_PASSAGES = 10000, HOT_SECOND_PASSAGES = 2 * HOT_STEP + 5000 };
enum hot_segment { FIRST, SECOND };

struct hot_words {
    struct built_index built;
    struct hot_budget *budget;
    struct hot_terms *terms[2];
    const struct segment *segments[2];
};

static inline void hot_words_fill(struct built_index *b) {
    for (uint32_t i = 0; i < HOT_FIRST_PASSAGES; i++) {
        char text[64] = "";
        size_t len = 0;
        for (uint32_t w = 0; w < HOT_WORDS; w++)
            if ((i + w) % 2)
                len += (size_t)sprintf(text + len, "w%u ", w);
        len += (size_t)sprintf(text + len, i % 5 ? "often" : "rare");
        built_index_add_text(b, i, text, len);
    }
    built_index_flush(b);
    for (uint32_t i = 0; i < HOT_SECOND_PASSAGES; i++)
        built_index_add_text(b, i, "x", 1);
    built_index_flush(b);
}

static inline void hot_words_init(struct hot_words *x, uint64_t limit) {
    built_index_init(&x->built, "none");
    hot_words_fill(&x->built);
    x->budget = &x->built.snapshot.hot;
    hot_budget_set_limit(x->budget, limit);
    for (size_t i = 0; i < 2; i++) {
        x->segments[i] = x->built.segments[i].segment;
        x->terms[i] = segment_hot(x->segments[i]);
        assert_non_null(x->terms[i]);
    }
}

static inline void hot_words_release(struct hot_words *x) {
    built_index_release(&x->built);
    assert_int_equal(x->budget->used, 0);
}

static inline struct term_info hot_words_find(const struct hot_words *x, enum hot_segment s, const char *word) {
    struct term_info info;
    assert_int_equal(segment_find_term(x->segments[s], word, strlen(word), &info, NULL), LEDE_OK);
    return info;
}

static inline size_t hot_words_size(const struct hot_words *x, enum hot_segment s, const char *word) {
    return hot_term_size(segment_info(x->segments[s])->passages, hot_words_find(x, s, word).doc_freq);
}

static inline const struct hot_term *hot_words_use(const struct hot_words *x, enum hot_segment s, const char *word) {
    struct term_info info = hot_words_find(x, s, word);
    hot_budget_search(x->budget);
    return hot_terms_hold(x->terms[s], x->segments[s], &info);
}

#endif
