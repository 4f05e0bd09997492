/* Searching against brute force: small random corpora in several segments with titles, headings and deletions, random
 * queries; passages are tokenised, counted, scored and sorted by hand. Ids, order and scores must be equal to the last
 * bit, whatever the strategy. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/buffer.h"
#include "core/base/reals.h"
#include "searcher/search.h"
#include "support/built_index.h"
#include "support/random.h"

enum { PASSAGES = 24000, WORDS = 48, NO_WORD = 255, CLAUSES = 8, PHRASE = 4 };

/* Surfaces of some words; those of one line have one term in English. The first ones are the most frequent. */
static const char *const surfaces[WORDS] = {
    "the",    "accord", "accords",   "Accord", "simla",   "Simla",    "treaty",    "treaties", "water",  "waters",
    "indus",  "talks",  "talk",      "TALKED", "talking", "minister", "ministers", "lavrov",   "border", "borders",
    "a",      "b",      "c",         "d",      "e",       "f",        "g",         "h",        "1972",   "3.5",
    "don't",  "don’t",  "négocié",   "Straße", "strasse", "日",       "x1",        "x2",       "x3",     "x4",
    "rarely", "seldom", "sometimes", "often",  "never",   "always",   "maybe",     "perhaps",
};

struct passage_model {
    uint8_t *tokens; /* numbers of terms by position; NO_WORD in gaps */
    uint32_t count, length;
    uint32_t article; /* of all articles */
    bool deleted;
};

struct model {
    struct built_index built;
    struct random *random;
    struct passage_model passages[PASSAGES];
    uint32_t passage_count, article_count;
    uint64_t total_length;
    uint8_t term_of[WORDS]; /* the first word that has the same term */
    uint32_t doc_freqs[WORDS];
};

/* ------------------------------------------------------------------------------------- corpora -- */

static void find_terms(struct model *m) {
    char terms[WORDS][TERM_MAX + 1];
    for (uint8_t w = 0; w < WORDS; w++) {
        size_t len = analyzer_term(m->built.analyzer, surfaces[w], strlen(surfaces[w]), terms[w]);
        assert_true(len > 0);
        m->term_of[w] = 0;
        while (strcmp(terms[m->term_of[w]], terms[w]) != 0)
            m->term_of[w]++;
    }
}

/* Word n is about twice as frequent as word 2 n. */
static uint8_t random_word(struct random *r) {
    uint32_t room = 2U << random_below(r, 6);
    return (uint8_t)random_below(r, room < WORDS ? room : WORDS);
}

/* Appends up to `most` words to `text` and their terms to `tokens`. */
static void random_words(struct model *m, uint32_t most, struct buffer *text, struct buffer *tokens) {
    for (uint32_t n = random_below(m->random, most + 1); n > 0; n--) {
        uint8_t word = random_word(m->random);
        buffer_append(text, surfaces[word], strlen(surfaces[word]));
        buffer_append(text, random_below(m->random, 6) ? " " : ", ", 1 + !random_below(m->random, 6));
        if (text->data[text->len - 1] != ' ')
            buffer_append_u8(text, ' ');
        buffer_append_u8(tokens, m->term_of[word]);
    }
}

/* A field and the gap behind it. */
static void append_field(struct buffer *tokens, const struct buffer *field) {
    buffer_append(tokens, field->data, field->len);
    if (field->len)
        buffer_append_u8(tokens, NO_WORD);
}

static void add_passage_model(struct model *m, const struct buffer *title, const struct buffer *heading,
                              const struct buffer *body) {
    struct buffer tokens = BUFFER_EMPTY;
    struct passage_model *p = &m->passages[m->passage_count++];
    bool seen[WORDS] = {false};
    append_field(&tokens, title);
    append_field(&tokens, heading);
    buffer_append(&tokens, body->data, body->len);
    *p = (struct passage_model){tokens.data, (uint32_t)tokens.len, 0, m->article_count, false};
    for (uint32_t i = 0; i < p->count; i++) {
        uint8_t term = p->tokens[i];
        if (term == NO_WORD)
            continue;
        p->length++;
        m->doc_freqs[term] += !seen[term];
        seen[term] = true;
    }
    m->total_length += p->length;
}

static void add_random_article(struct model *m) {
    struct buffer title = BUFFER_EMPTY, body = BUFFER_EMPTY, title_tokens = BUFFER_EMPTY, heading_tokens = BUFFER_EMPTY,
                  tokens = BUFFER_EMPTY;
    struct passage passages[4] = {{0}}, heading = {0};
    char key[16];
    uint32_t count = 1 + random_below(m->random, 4);
    random_words(m, random_below(m->random, 2) ? 4 : 0, &title, &title_tokens);
    for (uint32_t i = 0; i < count; i++) {
        if (random_below(m->random, 3) == 0) {
            buffer_clear(&heading_tokens);
            heading.heading_start = (uint32_t)body.len;
            random_words(m, 3, &body, &heading_tokens);
            heading.heading_len = (uint32_t)body.len - heading.heading_start;
        }
        passages[i] = heading;
        passages[i].line = 1;
        passages[i].start = (uint32_t)body.len;
        buffer_clear(&tokens);
        random_words(m, 1 + random_below(m->random, 30), &body, &tokens);
        passages[i].len = (uint32_t)body.len - passages[i].start;
        add_passage_model(m, &title_tokens, &heading_tokens, &tokens);
    }
    struct article article = {.passages = passages, .passage_count = count};
    article.meta = (lede_article){.key = key,
                                  .key_len = (size_t)snprintf(key, sizeof key, "k%u", m->article_count),
                                  .title = (const char *)title.data,
                                  .title_len = title.len,
                                  .body = (const char *)body.data,
                                  .body_len = body.len};
    built_index_add(&m->built, &article);
    m->article_count++;
    buffer_release(&title);
    buffer_release(&body);
    buffer_release(&title_tokens);
    buffer_release(&heading_tokens);
    buffer_release(&tokens);
}

static void delete_some(struct model *m, size_t segment, uint32_t first_article) {
    if (random_below(m->random, 2))
        return;
    for (uint32_t a = first_article; a < m->article_count; a++) {
        if (random_below(m->random, 4))
            continue;
        built_index_delete(&m->built, segment, a - first_article);
        for (uint32_t p = 0; p < m->passage_count; p++)
            m->passages[p].deleted |= m->passages[p].article == a;
    }
}

/* Segments of at least `least` articles and at most `most`, more often near the least. */
static void fill(struct model *m, uint32_t segments, uint32_t least, uint32_t most) {
    for (size_t s = 0; s < segments; s++) {
        uint32_t first = m->article_count;
        for (uint32_t n = least + random_below(m->random, ((most - least) >> random_below(m->random, 8)) + 1); n > 0;
             n--)
            add_random_article(m);
        built_index_flush(&m->built);
        delete_some(m, s, first);
    }
    assert_int_equal(m->built.snapshot.passages, m->passage_count);
    assert_int_equal(m->built.snapshot.total_length, m->total_length);
}

/* ------------------------------------------------------------------------------------- queries -- */

struct clause_model {
    char sign; /* '+', '-' or ' ' */
    uint32_t count, weight;
    uint8_t words[PHRASE]; /* terms */
};

struct query_model {
    char text[1024];
    struct clause_model clauses[CLAUSES];
    uint32_t count;
};

/* Adds a clause, or to the one that it repeats. */
static void add_clause(struct query_model *q, const struct clause_model *c) {
    for (uint32_t i = 0; i < q->count; i++) {
        struct clause_model *old = &q->clauses[i];
        if ((old->sign == '-') == (c->sign == '-') && old->count == c->count &&
            memcmp(old->words, c->words, c->count) == 0) {
            old->weight++;
            old->sign = c->sign == '+' ? '+' : old->sign;
            return;
        }
    }
    q->clauses[q->count++] = *c;
}

static void random_query(struct model *m, struct query_model *q) {
    size_t at = 0;
    q->count = 0;
    q->text[0] = 0;
    bool signs = random_below(m->random, 2), phrases = random_below(m->random, 2);
    for (uint32_t n = 1 + random_below(m->random, CLAUSES); n > 0; n--) {
        struct clause_model c = {.sign = signs ? "+-  "[random_below(m->random, 4)] : ' ', .weight = 1};
        c.count = phrases ? 1 + random_below(m->random, PHRASE) : 1;
        at += (size_t)snprintf(q->text + at, sizeof q->text - at, " %s%s", c.sign == ' ' ? "" : (char[]){c.sign, 0},
                               c.count > 1 ? "\"" : "");
        for (uint32_t i = 0; i < c.count; i++) {
            uint8_t word = random_word(m->random);
            c.words[i] = m->term_of[word];
            at += (size_t)snprintf(q->text + at, sizeof q->text - at, "%s%s", i ? " " : "", surfaces[word]);
        }
        at += (size_t)snprintf(q->text + at, sizeof q->text - at, "%s", c.count > 1 ? "\"" : "");
        add_clause(q, &c);
    }
}

/* --------------------------------------------------------------------------------- brute force -- */

struct hit_model {
    double score;
    uint64_t passage;
};

static bool holds(const struct passage_model *p, const struct clause_model *c) {
    for (uint32_t i = 0; i + c->count <= p->count; i++)
        if (memcmp(p->tokens + i, c->words, c->count) == 0)
            return true;
    return false;
}

static bool matches(const struct passage_model *p, const struct query_model *q) {
    bool any = false, required = false;
    for (uint32_t i = 0; i < q->count; i++) {
        const struct clause_model *c = &q->clauses[i];
        bool held = holds(p, c);
        if ((c->sign == '+' && !held) || (c->sign == '-' && held))
            return false;
        required |= c->sign == '+';
        any |= c->sign != '-' && held;
    }
    return any || required;
}

static double score_of_word(const struct model *m, const struct passage_model *p, uint8_t term, uint32_t count,
                            double k1, double b) {
    double n = m->passage_count, df = m->doc_freqs[term], tf = 0;
    for (uint32_t i = 0; i < p->count; i++)
        tf += p->tokens[i] == term;
    double idf = real_log(1 + (n - df + 0.5) / (df + 0.5));
    double average = (double)m->total_length / n;
    return count * (idf * (k1 + 1)) * (tf / (tf + (k1 * (1 - b) + k1 * b / average * p->length)));
}

static double score_of_clause(const struct model *m, const struct passage_model *p, const struct clause_model *c,
                              double k1, double b) {
    double sum = 0;
    for (uint32_t i = 0; i < c->count; i++) {
        uint32_t times = 0;
        if (memchr(c->words, c->words[i], i))
            continue; /* counted where it came first */
        for (uint32_t j = i; j < c->count; j++)
            times += c->words[j] == c->words[i];
        sum += score_of_word(m, p, c->words[i], times * c->weight, k1, b);
    }
    return sum;
}

static double score_of(const struct model *m, const struct passage_model *p, const struct query_model *q, double k1,
                       double b) {
    double sum = 0;
    for (uint32_t i = 0; i < q->count; i++)
        if (q->clauses[i].sign != '-' && holds(p, &q->clauses[i]))
            sum += score_of_clause(m, p, &q->clauses[i], k1, b);
    return sum;
}

static int compare_hits(const void *a, const void *b) {
    const struct hit_model *x = a, *y = b;
    if (x->score != y->score)
        return x->score > y->score ? -1 : 1;
    return x->passage < y->passage ? -1 : x->passage > y->passage;
}

/* All hits, best first; of each article only the best if grouped. */
static uint32_t find_all(const struct model *m, const struct query_model *q, const lede_search_options *o,
                         struct hit_model *hits) {
    double k1 = o->k1 > 0   ? o->k1
                : o->k1 < 0 ? 0
                            : LEDE_DEFAULT_K1,
           b = o->b > 0   ? o->b
               : o->b < 0 ? 0
                          : LEDE_DEFAULT_B;
    uint32_t count = 0, best[PASSAGES];
    memset(best, 0xff, sizeof best);
    for (uint32_t i = 0; i < m->passage_count; i++) {
        const struct passage_model *p = &m->passages[i];
        if (p->deleted || !matches(p, q))
            continue;
        struct hit_model hit = {score_of(m, p, q, k1, b), i};
        uint32_t *slot = &best[p->article];
        if (o->group == LEDE_GROUP_NONE || *slot == UINT32_MAX)
            hits[ *slot = count++] = hit;
        else if (hit.score > hits[*slot].score)
            hits[*slot] = hit;
    }
    if (count)
        qsort(hits, count, sizeof *hits, compare_hits);
    return count;
}

/* ------------------------------------------------------------------------------------ the tests -- */

static lede_search_options random_options(struct random *r) {
    static const double k1s[] = {0, 0, 0.9, 2, -1}, bs[] = {0, 0, 0.4, 1, -1};
    lede_search_options o = {0};
    o.limit = random_below(r, 3) ? 1 + random_below(r, 20) : 100000;
    o.offset = random_below(r, 3) ? 0 : random_below(r, 15);
    o.k1 = k1s[random_below(r, 5)];
    o.b = bs[random_below(r, 5)];
    o.group = random_below(r, 3) ? LEDE_GROUP_NONE : LEDE_GROUP_ARTICLE;
    return o;
}

/* Adds up the part at *at, after what is told at lede_score_part, and moves *at behind it and its children. */
static double add_up(const lede_score_part *parts, size_t count, size_t *at) {
    const lede_score_part *p = &parts[(*at)++];
    if (p->kind == LEDE_PART_WORD)
        return p->weight * (p->frequency / (p->frequency + p->norm));
    double sum = 0;
    while (*at < count && parts[*at].depth > p->depth)
        sum += add_up(parts, count, at);
    return sum;
}

/* The parts of a score add up to it, to the last bit. */
static void expect_explained(lede_results *results, size_t i) {
    const lede_score_part *parts;
    size_t count, at = 0;
    lede_error err;
    built_check(lede_results_explain(&parts, &count, results, i, &err), &err);
    assert_true(count > 0);
    assert_true(parts[0].value == lede_results_hit(results, i)->score);
    assert_true(add_up(parts, count, &at) == lede_results_hit(results, i)->score);
    assert_int_equal(at, count);
}

static void compare(const struct model *m, const struct query_model *q, const lede_search_options *o,
                    enum strategy strategy, const struct hit_model *expected, uint32_t total) {
    lede_query *query;
    lede_results *results;
    lede_error err;
    bool exact;
    built_check(lede_query_parse(&query, &m->built.index, q->text, strlen(q->text), NULL, &err), &err);
    built_check(search_by(&results, &m->built.index, query, o, strategy, &err), &err);
    uint64_t found = lede_results_total(results, &exact);
    assert_true(exact ? found == total
                      : found <= total && strategy != STRATEGY_DOCUMENTS && strategy != STRATEGY_WINDOWS);
    size_t left = total > o->offset ? total - o->offset : 0;
    assert_int_equal(lede_results_count(results), left < o->limit ? left : o->limit);
    for (size_t i = 0; i < lede_results_count(results); i++) {
        const lede_hit *hit = lede_results_hit(results, i);
        const struct hit_model *e = &expected[o->offset + i];
        char key[16];
        snprintf(key, sizeof key, "k%u", m->passages[e->passage].article);
        if (hit->passage != e->passage || hit->score != e->score)
            fail_msg("query %s: hit %zu is %llu (%.17g), not %llu (%.17g)", q->text, i,
                     (unsigned long long)hit->passage, hit->score, (unsigned long long)e->passage, e->score);
        const char *found_key;
        size_t key_len;
        built_check(lede_results_key(&found_key, &key_len, results, i, &err), &err);
        assert_string_equal(found_key, key);
        assert_int_equal(key_len, strlen(key));
        if (i < 5)
            expect_explained(results, i);
    }
    lede_results_free(results);
    lede_query_free(query);
}

static void check_corpus(struct random *random, const char *language, uint32_t segments, uint32_t least, uint32_t most,
                         int queries) {
    struct model *m = calloc(1, sizeof *m);
    struct hit_model *hits = calloc(PASSAGES, sizeof *hits);
    assert_non_null(m);
    assert_non_null(hits);
    m->random = random;
    built_index_init(&m->built, language);
    find_terms(m);
    fill(m, segments, least, most);
    for (int i = 0; i < queries; i++) {
        struct query_model q;
        random_query(m, &q);
        lede_search_options o = random_options(random);
        uint32_t total = find_all(m, &q, &o, hits);
        compare(m, &q, &o, STRATEGY_AUTO, hits, total);
        compare(m, &q, &o, STRATEGY_DOCUMENTS, hits, total);
        compare(m, &q, &o, STRATEGY_WINDOWS, hits, total);
        compare(m, &q, &o, STRATEGY_RANGES, hits, total);
        compare(m, &q, &o, STRATEGY_ALL, hits, total);
    }
    built_index_release(&m->built);
    for (uint32_t i = 0; i < m->passage_count; i++)
        free(m->passages[i].tokens);
    free(hits);
    free(m);
}

static void search_equals_brute_force(void **state) {
    for (int round = 0; round < 30; round++)
        check_corpus(*state, "none", 1 + (uint32_t)round % 4, 1, 256, 100);
}

static void search_equals_brute_force_with_stemming(void **state) {
    for (int round = 0; round < 10; round++)
        check_corpus(*state, "english", 1 + (uint32_t)round % 4, 1, 256, 100);
}

/* Of more passages than a window holds. */
static void search_equals_brute_force_in_large_segments(void **state) {
    for (int round = 0; round < 6; round++)
        check_corpus(*state, "none", 1, 3000, 6000, 10);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(search_equals_brute_force, random_setup, random_teardown),
        cmocka_unit_test_setup_teardown(search_equals_brute_force_with_stemming, random_setup, random_teardown),
        cmocka_unit_test_setup_teardown(search_equals_brute_force_in_large_segments, random_setup, random_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
