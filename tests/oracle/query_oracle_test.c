/* The language of queries against brute force: random articles with titles, headings, dates and bylines in several
 * segments, random queries of every operator; the parsed tree is evaluated over the analysed words of every passage,
 * one after the other. Passages, order and scores must be equal to the last bit, whatever the strategy. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/buffer.h"
#include "core/base/reals.h"
#include "core/text/sentence.h"
#include "searcher/query/query.h"
#include "searcher/search.h"
#include "support/built_index.h"
#include "support/typed_word.h"

enum { PASSAGES = 4000, TOKENS = 96, TEXT = 2048, VOCABULARY = 24 };

/* In English, several have one stem; several are one or two letters from each other. */
static const char *const vocabulary[VOCABULARY] = {
    "the",   "accord", "accords", "Accorded", "simla",   "Simlas", "treaty", "treaties",
    "water", "waters", "waiter",  "talk",     "talks",   "talked", "border", "borders",
    "order", "a",      "b",       "c",        "négocié", "x1",     "x12",    "日",
};

static const char *const bylines[] = {"", "A. Sharma", "R. Gupta", "Anna Sharma and R. Gupta"};

struct token {
    char term[32], form[32]; /* empty in gaps */
    enum text_field field;
    uint32_t sentence;
};

struct passage_model {
    struct token *tokens;
    uint32_t count, length, segment;
    bool deleted;
    lede_date date;
    const char *byline;
};

struct model {
    struct random *random;
    struct built_index built;
    const struct lede_query *query;
    struct passage_model passages[PASSAGES];
    uint32_t count, articles;
    uint64_t total_length;
    double k1, b;
};

/* ------------------------------------------------------------------------------------- corpora -- */

static const char *random_word(struct random *r) {
    uint32_t room = 2U << random_below(r, 5);
    return vocabulary[random_below(r, room < VOCABULARY ? room : VOCABULARY)];
}

static void random_words(struct random *r, uint32_t most, struct buffer *text) {
    static const char *const marks[] = {" ", " ", " ", " ", ", ", ". ", "! "};
    for (uint32_t n = random_below(r, most + 1); n > 0; n--) {
        const char *word = random_word(r), *mark = marks[random_below(r, 7)];
        buffer_append(text, word, strlen(word));
        buffer_append(text, mark, strlen(mark));
    }
}

/* Adds the words of a field, and a gap behind them. */
static void take_field(struct model *m, struct passage_model *p, const char *text, size_t len, enum text_field field,
                       uint32_t *sentence) {
    struct analyzer *a = m->built.analyzer;
    const struct span t = {text, len};
    struct word word;
    size_t end = 0;
    uint32_t before = p->count;
    analyzer_reset(a, text, len);
    while (analyzer_next(a, &word)) {
        char term[TERM_MAX + 1], form[TERM_MAX + 1];
        struct token *token = &p->tokens[p->count++];
        assert_true(p->count < TOKENS - 1);
        *sentence += end == 0 || sentence_ends_between(t, end, word.start);
        end = word.end;
        analyzer_term(a, text + word.start, word.end - word.start, term);
        analyzer_form(a, text + word.start, word.end - word.start, form);
        snprintf(token->term, sizeof token->term, "%.31s", term);
        snprintf(token->form, sizeof token->form, "%.31s", form);
        token->field = field;
        token->sentence = *sentence;
        p->length++;
    }
    p->count += p->count > before && field != FIELD_BODY;
}

static void add_passage(struct model *m, const lede_article *meta, const struct passage *passage) {
    struct passage_model *p = &m->passages[m->count++];
    uint32_t sentence = 0;
    *p = (struct passage_model){calloc(TOKENS, sizeof *p->tokens),
                                0,
                                0,
                                (uint32_t)m->built.snapshot.segment_count,
                                false,
                                meta->date,
                                meta->byline};
    assert_non_null(p->tokens);
    take_field(m, p, meta->title, meta->title_len, FIELD_TITLE, &sentence);
    take_field(m, p, meta->body + passage->heading_start, passage->heading_len, FIELD_HEADING, &sentence);
    take_field(m, p, meta->body + passage->start, passage->len, FIELD_BODY, &sentence);
    m->total_length += p->length;
}

static void add_article(struct model *m) {
    struct random *r = m->random;
    struct buffer title = BUFFER_EMPTY, body = BUFFER_EMPTY;
    struct passage passages[3] = {{0}}, last = {0};
    uint32_t count = 1 + random_below(r, 3);
    char key[16];
    random_words(r, random_below(r, 2) ? 4 : 0, &title);
    for (uint32_t i = 0; i < count; i++) {
        if (random_below(r, 3) == 0) {
            last.heading_start = (uint32_t)body.len;
            random_words(r, 3, &body);
            last.heading_len = (uint32_t)body.len - last.heading_start;
        }
        passages[i] = last;
        passages[i].line = 1;
        passages[i].start = (uint32_t)body.len;
        random_words(r, 1 + random_below(r, 40), &body);
        passages[i].len = (uint32_t)body.len - passages[i].start;
    }
    buffer_append_u8(&title, 0);
    buffer_append_u8(&body, 0);
    const char *byline = bylines[random_below(r, 4)];
    struct article article = {.passages = passages, .passage_count = count};
    article.meta = (lede_article){.key = key,
                                  .key_len = (size_t)snprintf(key, sizeof key, "k%u", m->articles++),
                                  .title = (const char *)title.data,
                                  .title_len = title.len - 1,
                                  .body = (const char *)body.data,
                                  .body_len = body.len - 1,
                                  .byline = byline,
                                  .byline_len = strlen(byline),
                                  .date = random_below(r, 5) ? 20240000 + random_below(r, 3) * 10000 + 101 +
                                                                   random_below(r, 12) * 100 + random_below(r, 28)
                                                             : 0};
    for (uint32_t i = 0; i < count; i++)
        add_passage(m, &article.meta, &passages[i]);
    built_index_add(&m->built, &article);
    buffer_release(&title);
    buffer_release(&body);
}

static void fill(struct model *m, uint32_t articles) {
    for (uint32_t segments = 1 + random_below(m->random, 3); segments > 0; segments--) {
        uint32_t first = m->articles, passage = m->count;
        for (uint32_t n = 1 + random_below(m->random, articles); n > 0; n--)
            add_article(m);
        built_index_flush(&m->built);
        size_t segment = m->built.snapshot.segment_count - 1;
        for (uint32_t a = first; a < m->articles; a++) {
            struct article_record record;
            built_check(segment_article(m->built.segments[segment].segment, a - first, &record, NULL), NULL);
            bool deleted = random_below(m->random, 8) == 0;
            if (deleted)
                built_index_delete(&m->built, segment, a - first);
            for (uint32_t i = 0; i < record.passage_count; i++)
                m->passages[passage + record.first_passage + i].deleted = deleted;
        }
    }
}

/* ------------------------------------------------------------------------------------- queries -- */

static void append_operand(struct model *m, struct buffer *q, unsigned depth);

static void append_word(struct model *m, struct buffer *q) {
    append_form(m->random, q, random_word(m->random));
}

static void append_words(struct model *m, struct buffer *q, uint32_t n) {
    for (; n > 0; n--) {
        append_word(m, q);
        append(q, n > 1 ? " " : "");
    }
}

static void append_near(struct model *m, struct buffer *q) {
    static const char *const names[] = {"NEAR/1(", "NEAR/3(", "NEAR(", "ADJ/1(", "ADJ/2(", "ADJ/4(", "SENTENCE("};
    append(q, names[random_below(m->random, 7)]);
    for (uint32_t n = 2 + random_below(m->random, 2); n > 0; n--) {
        switch (random_below(m->random, 5)) {
        case 0: append(q, "\""), append(q, random_word(m->random)), append(q, " the\""); break;
        case 1: append(q, "("), append_word(m, q), append(q, " OR "), append_word(m, q), append(q, ")"); break;
        default: append_word(m, q);
        }
        append(q, n > 1 ? " " : ")");
    }
}

static void append_group(struct model *m, struct buffer *q, unsigned depth) {
    static const char *const operators[] = {" ", " ", " AND ", " OR ", " NOT ", " AND NOT "};
    append(q, "(");
    uint32_t count = 1 + random_below(m->random, 3);
    for (uint32_t n = count; n > 0; n--) {
        append_operand(m, q, depth + 1);
        append(q, n > 1 ? operators[random_below(m->random, 6)] : ")");
    }
    if (random_below(m->random, 4) == 0)
        append(q, random_below(m->random, 2) ? "/2" : "/3");
}

static void append_filter(struct model *m, struct buffer *q) {
    static const char *const filters[] = {"date:2024",      "date:2025-03",  "date:2024-06..2025-02-10", "date:2026..",
                                          "date:..2024-12", "byline:sharma", "byline:\"r gupta\"",       "byline:a"};
    append(q, filters[random_below(m->random, 8)]);
}

static void append_operand(struct model *m, struct buffer *q, unsigned depth) {
    static const char *const signs[] = {"", "", "", "", "+", "-"}, *const fields[] = {"title:", "heading:", "body:"};
    append(q, signs[random_below(m->random, 6)]);
    switch (random_below(m->random, depth < 3 ? 12 : 8)) {
    case 0: append_filter(m, q); return;
    case 1: append_near(m, q); break;
    case 2:
        append(q, random_below(m->random, 4) ? "\"" : "=\"");
        append_words(m, q, 1 + random_below(m->random, 3));
        append(q, "\"");
        break;
    case 3: append(q, fields[random_below(m->random, 3)]), append_word(m, q); break;
    case 8:
    case 9: append_group(m, q, depth); break;
    default: append_word(m, q);
    }
    if (random_below(m->random, 6) == 0)
        append(q, "^2.5");
}

/* --------------------------------------------------------------------------------- brute force -- */

static bool is_word(const struct model *m, const struct token *t, const struct node *word) {
    if (!t->form[0] || (word->field != FIELD_ANY && word->field != t->field))
        return false;
    if (word->word == WORD_STEM)
        return strcmp(t->term, m->query->terms[word->term].bytes) == 0;
    return node_takes_form(word, t->form, strlen(t->form));
}

static bool is_any(const struct model *m, const struct token *t, const struct node *operand) {
    if (operand->kind == NODE_WORD)
        return is_word(m, t, operand);
    for (const struct node *c = operand->first; c; c = c->next)
        if (is_word(m, t, c))
            return true;
    return false;
}

static bool phrase_at(const struct model *m, const struct passage_model *p, const struct node *phrase, uint32_t i) {
    for (const struct node *c = phrase->first; c; c = c->next, i++)
        if (i >= p->count || !is_any(m, &p->tokens[i], c))
            return false;
    return true;
}

static uint32_t length_of(const struct node *operand) {
    return operand->kind == NODE_PHRASE ? operand->count : 1;
}

static bool operand_at(const struct model *m, const struct passage_model *p, const struct node *operand, uint32_t i) {
    return operand->kind == NODE_PHRASE ? phrase_at(m, p, operand, i) : is_any(m, &p->tokens[i], operand);
}

/* Places the operands from `operand` on anywhere in [from, end), beside what is taken. */
static bool place(const struct model *m, const struct passage_model *p, const struct node *operand, uint32_t from,
                  uint32_t end, bool ordered, bool *taken) {
    if (!operand)
        return true;
    uint32_t n = length_of(operand);
    for (uint32_t i = from; i + n <= end; i++) {
        bool is_free = operand_at(m, p, operand, i);
        for (uint32_t k = 0; k < n && is_free; k++)
            is_free = !taken[i + k];
        if (!is_free)
            continue;
        memset(taken + i, true, n);
        if (place(m, p, operand->next, ordered ? i + n : from, end, ordered, taken))
            return true;
        memset(taken + i, false, n);
    }
    return false;
}

static bool near(const struct model *m, const struct passage_model *p, const struct node *node) {
    uint32_t width = node->distance - 1;
    for (const struct node *c = node->first; c; c = c->next)
        width += length_of(c);
    for (uint32_t from = 0; from < p->count; from++) {
        bool taken[TOKENS] = {false};
        uint32_t end = from;
        while (end < p->count && end < from + width && p->tokens[end].form[0] &&
               p->tokens[end].field == p->tokens[from].field)
            end++;
        if (place(m, p, node->first, from, end, node->kind == NODE_ADJ, taken))
            return true;
    }
    return false;
}

static bool sentence(const struct model *m, const struct passage_model *p, const struct node *node) {
    for (uint32_t i = 0; i < p->count; i++) {
        bool all = true;
        for (const struct node *c = node->first; c && all; c = c->next) {
            all = false;
            for (uint32_t k = 0; k < p->count && !all; k++)
                all = p->tokens[k].form[0] && p->tokens[k].sentence == p->tokens[i].sentence && operand_at(m, p, c, k);
        }
        if (all && p->tokens[i].form[0])
            return true;
    }
    return false;
}

/* How many passages a word counts as being in: by term and segment, no more than the forms occur there. */
static uint64_t doc_freq_of(const struct model *m, const struct node *word) {
    uint64_t sum = 0;
    char seen[VOCABULARY][32];
    uint32_t seen_count = 0;
    struct node any = *word;
    any.field = FIELD_ANY;
    for (uint32_t i = 0; i < m->count; i++)
        for (uint32_t k = 0; k < m->passages[i].count; k++) {
            const struct token *t = &m->passages[i].tokens[k];
            uint32_t s = 0;
            while (s < seen_count && strcmp(seen[s], t->term) != 0)
                s++;
            if (s == seen_count && is_word(m, t, &any))
                snprintf(seen[seen_count++], 32, "%s", t->term);
        }
    for (uint32_t segment = 0; segment < m->built.snapshot.segment_count; segment++)
        for (uint32_t s = 0; s < seen_count; s++) {
            uint64_t docs = 0, occurrences = 0;
            for (uint32_t i = 0; i < m->count; i++) {
                bool has = false;
                for (uint32_t k = 0; m->passages[i].segment == segment && k < m->passages[i].count; k++) {
                    bool term = strcmp(m->passages[i].tokens[k].term, seen[s]) == 0;
                    has |= term;
                    occurrences += term && is_word(m, &m->passages[i].tokens[k], &any);
                }
                docs += has;
            }
            sum += word->word == WORD_STEM || occurrences > docs ? docs : occurrences;
        }
    return sum < m->count ? sum : m->count;
}

static double score_word(const struct model *m, const struct passage_model *p, const struct node *operand,
                         double factor) {
    uint64_t doc_freq = 0;
    uint32_t tf = 0;
    if (operand->kind == NODE_WORD)
        doc_freq = doc_freq_of(m, operand);
    else
        for (const struct node *c = operand->first; c; c = c->next)
            doc_freq += doc_freq_of(m, c);
    doc_freq = doc_freq < m->count ? doc_freq : m->count;
    for (uint32_t i = 0; i < p->count; i++)
        tf += is_any(m, &p->tokens[i], operand);
    double n = m->count, df = (double)doc_freq, average = (double)m->total_length / n;
    double idf = real_log(1 + (n - df + 0.5) / (df + 0.5));
    return operand->weight * factor * (idf * (m->k1 + 1)) *
           (tf / (tf + (m->k1 * (1 - m->b) + m->k1 * m->b / average * p->length)));
}

static double score_operator(const struct model *m, const struct passage_model *p, const struct node *node,
                             double factor) {
    const struct node *operands[64];
    uint32_t slots[64], counts[64];
    uint32_t distinct = node_operands(node, slots, operands, counts);
    double sum = 0;
    for (uint32_t i = 0; i < distinct; i++) {
        double inner = factor * (counts[i] * node->weight);
        sum += operands[i]->kind == NODE_PHRASE ? score_operator(m, p, operands[i], inner)
                                                : score_word(m, p, operands[i], inner);
    }
    return sum;
}

static bool filtered(const struct passage_model *p, const struct node *filter) {
    if (filter->filter == FILTER_DATE)
        return p->date >= filter->from && p->date <= filter->to && p->date;
    bool sharma = strstr(p->byline, "Sharma"), gupta = strstr(p->byline, "R. Gupta");
    return strcmp(filter->form, "sharma") == 0 ? sharma
           : strcmp(filter->form, "a") == 0    ? p->byline[0] == 'A' && p->byline[1] == '.'
                                               : gupta;
}

/* Whether the passage is in it, and its score, if it is. */
static bool evaluate(const struct model *m, const struct passage_model *p, const struct node *node, double *score);

static bool evaluate_group(const struct model *m, const struct passage_model *p, const struct node *group,
                           double *score) {
    uint32_t should = 0, musts = 0, searched = 0;
    bool filters = false;
    *score = 0;
    for (const struct node *c = group->first; c; c = c->next) {
        double part;
        bool in = evaluate(m, p, c, &part);
        if ((c->occur == OCCUR_MUST || c->occur == OCCUR_FILTER) && !in)
            return false;
        if (c->occur == OCCUR_MUST_NOT && in)
            return false;
        filters |= c->occur == OCCUR_FILTER;
        searched += c->occur == OCCUR_SHOULD || c->occur == OCCUR_MUST;
        musts += c->occur == OCCUR_MUST;
        should += c->occur == OCCUR_SHOULD && in;
        if (in && (c->occur == OCCUR_SHOULD || c->occur == OCCUR_MUST))
            *score += part;
    }
    if (!searched) {
        *score = 1;
        return filters;
    }
    return should >= (group->least ? group->least : !musts);
}

static bool evaluate(const struct model *m, const struct passage_model *p, const struct node *node, double *score) {
    *score = 1;
    if (node_is_filter(node) && node->kind == NODE_GROUP) {
        bool in = evaluate_group(m, p, node, score);
        *score = 1;
        return in;
    }
    bool in = false;
    switch (node->kind) {
    case NODE_GROUP: return evaluate_group(m, p, node, score);
    case NODE_FILTER: return filtered(p, node);
    case NODE_ALL: return true;
    case NODE_WORD:
        for (uint32_t i = 0; i < p->count && !in; i++)
            in = is_any(m, &p->tokens[i], node);
        *score = in ? score_word(m, p, node, 1) : 0;
        return in;
    case NODE_PHRASE:
        for (uint32_t i = 0; i < p->count && !in; i++)
            in = phrase_at(m, p, node, i);
        break;
    case NODE_SENTENCE: in = sentence(m, p, node); break;
    default: in = near(m, p, node);
    }
    *score = in ? score_operator(m, p, node, 1) : 0;
    return in;
}

struct hit_model {
    double score;
    uint32_t passage;
};

static int compare_hits(const void *a, const void *b) {
    const struct hit_model *x = a, *y = b;
    if (x->score != y->score)
        return x->score > y->score ? -1 : 1;
    return x->passage < y->passage ? -1 : x->passage > y->passage;
}

/* ------------------------------------------------------------------------------------ the tests -- */

static void check_query(struct model *m, const char *text, struct hit_model *hits) {
    static const enum strategy strategies[] = {STRATEGY_AUTO, STRATEGY_DOCUMENTS, STRATEGY_WINDOWS, STRATEGY_RANGES,
                                               STRATEGY_ALL,  STRATEGY_GATE,      STRATEGY_STEMS};
    const lede_query_options options = {.default_operator = random_below(m->random, 4) ? LEDE_OR : LEDE_AND};
    size_t limit = random_below(m->random, 2) ? SIZE_MAX : 1 + random_below(m->random, 12);
    const lede_search_options o = {.limit = limit, .k1 = m->k1, .b = m->b};
    lede_query *query;
    lede_results *results;
    lede_error err;
    uint32_t count = 0;
    built_check(lede_query_parse(&query, &m->built.index, text, strlen(text), &options, &err), &err);
    m->query = query;
    for (uint32_t i = 0; i < m->count; i++) {
        struct hit_model *hit = &hits[count];
        hit->passage = i;
        count += !m->passages[i].deleted && evaluate(m, &m->passages[i], query->root, &hit->score);
    }
    if (count)
        qsort(hits, count, sizeof *hits, compare_hits);
    for (size_t s = 0; s < sizeof strategies / sizeof *strategies; s++) {
        built_check(search_by(&results, &m->built.index, query, &o, strategies[s], &err), &err);
        if (lede_results_count(results) != (count < limit ? count : limit))
            fail_msg("%s (%s) by %zu finds %zu, not %u", text, lede_query_text(query), s, lede_results_count(results),
                     count);
        for (uint32_t i = 0; i < lede_results_count(results); i++) {
            const lede_hit *hit = lede_results_hit(results, i);
            if (hit->passage != hits[i].passage || hit->score != hits[i].score)
                fail_msg("%s (%s) by %zu: hit %u is %u (%.17g), not %u (%.17g)", text, lede_query_text(query), s, i,
                         (unsigned)hit->passage, hit->score, hits[i].passage, hits[i].score);
        }
        lede_results_free(results);
    }
    lede_query_free(query);
}

static void check_corpus(struct random *random, const char *language, uint32_t articles, int queries) {
    struct model *m = calloc(1, sizeof *m);
    struct hit_model *hits = calloc(PASSAGES, sizeof *hits);
    assert_non_null(m);
    assert_non_null(hits);
    m->random = random;
    m->k1 = LEDE_DEFAULT_K1;
    m->b = LEDE_DEFAULT_B;
    built_index_init(&m->built, language);
    fill(m, articles);
    for (int i = 0; i < queries; i++) {
        struct buffer q = BUFFER_EMPTY;
        for (uint32_t n = 1 + random_below(random, 3); n > 0; n--) {
            append_operand(m, &q, 0);
            append(&q, " ");
        }
        buffer_append_u8(&q, 0);
        check_query(m, (const char *)q.data, hits);
        buffer_release(&q);
    }
    built_index_release(&m->built);
    for (uint32_t i = 0; i < m->count; i++)
        free(m->passages[i].tokens);
    free(hits);
    free(m);
}

static void queries_equal_brute_force(void **state) {
    for (int round = 0; round < 12; round++)
        check_corpus(*state, "none", 20 + 10 * (uint32_t)round % 60, 100);
}

static void queries_equal_brute_force_with_stemming(void **state) {
    for (int round = 0; round < 12; round++)
        check_corpus(*state, "english", 20 + 10 * (uint32_t)round % 60, 100);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(queries_equal_brute_force, random_setup, random_teardown),
        cmocka_unit_test_setup_teardown(queries_equal_brute_force_with_stemming, random_setup, random_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
