/* The second stage: words near each other and as typed come first, copies are put together, newer ones gain; and pages
 * fit together. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "searcher/results/copies.h"
#include "searcher/results/recency.h"
#include "support/folder.h"
#include "support/index.h"
#include "support/random.h"

struct fixture {
    struct folder folder;
    lede_writer *writer;
    lede_index *index;
    lede_query *query;
    lede_results *results;
};

static int setup(void **state) {
    struct fixture *f = calloc(1, sizeof *f);
    if (!f)
        return -1;
    folder_make(&f->folder);
    *state = f;
    return 0;
}

static int teardown(void **state) {
    struct fixture *f = *state;
    lede_results_free(f->results);
    lede_query_free(f->query);
    lede_index_close(f->index);
    folder_remove(&f->folder);
    free(f);
    return 0;
}

static void begin(struct fixture *f, const lede_writer_options *options) {
    f->writer = writer_on(folder_entry(&f->folder, "a.lede"), options);
}

static void put(struct fixture *f, const char *key, lede_date date, const char *body) {
    const lede_article a = {.key = key, .key_len = strlen(key), .body = body, .body_len = strlen(body), .date = date};
    MUST(lede_writer_add_article(f->writer, &a, err));
}

static void end(struct fixture *f) {
    MUST(lede_writer_commit(f->writer, NULL, err));
    lede_writer_close(f->writer);
    MUST(lede_index_open(&f->index, folder_entry(&f->folder, "a.lede"), err));
}

static void search(struct fixture *f, const char *text, const lede_search_options *options) {
    lede_results_free(f->results);
    lede_query_free(f->query);
    MUST(lede_query_parse(&f->query, f->index, text, strlen(text), NULL, err));
    MUST(lede_search(&f->results, f->index, f->query, options, err));
}

/* Keys of the hits, in order, separated by spaces. */
static void expect(struct fixture *f, const char *expected) {
    char found[1024] = "";
    for (size_t i = 0, at = 0; i < lede_results_count(f->results); i++) {
        const char *key;
        size_t len;
        MUST(lede_results_key(&key, &len, f->results, i, err));
        at += (size_t)snprintf(found + at, sizeof found - at, "%s%s", i ? " " : "", key);
    }
    assert_string_equal(found, expected);
}

static double score_at(struct fixture *f, size_t i) {
    return lede_results_hit(f->results, i)->score;
}

static const lede_search_options full = {.rerank = true};

/* The stemmer puts both names together. BM25 can't tell the passages apart: the first one comes first. */
static void names_as_typed_come_first(void **state) {
    struct fixture *f = *state;
    begin(f, NULL);
    put(f, "keats", 0, "The house of Keats was sold to a poet.");
    put(f, "keating", 0, "The house of Keating was sold to a poet.");
    end(f);
    search(f, "keating", NULL);
    expect(f, "keats keating");
    assert_true(score_at(f, 0) == score_at(f, 1));
    search(f, "keating", &full);
    expect(f, "keating keats");
    assert_true(score_at(f, 0) > score_at(f, 1));
    search(f, "Keats", &full);
    expect(f, "keats keating");
    assert_true(score_at(f, 0) > score_at(f, 1));
}

enum { MORALS = 150 };

/* Passages in which the stem of Morales, which is that of "moral", stands more often than in any that has the name. */
static void put_morals(struct fixture *f, const char *other) {
    for (int i = 0; i < MORALS; i++) {
        char key[16], body[128];
        snprintf(key, sizeof key, "moral%d", i);
        snprintf(body, sizeof body, "%s %s %s, number %d.", other, other, other, i);
        put(f, key, 0, body);
    }
}

/* However often other words of its stem stand in so many passages that none with the name is among the best. */
static void names_stand_above_others_of_their_stem(void **state) {
    static const char *const queries[] = {"morales", "Morales", "MORALES"};
    struct fixture *f = *state;
    begin(f, NULL);
    put_morals(f, "moral");
    put(f, "once", 0, "In the afternoon the president received Morales in the palace for talks on gas and on water.");
    put(f, "twice", 0, "Morales came by car. In the palace the president and Morales then spoke for hours about gas.");
    end(f);
    for (size_t i = 0; i < 3; i++) {
        const lede_search_options all = {.rerank = true, .limit = 1000}, bm25 = {.limit = 3};
        search(f, queries[i], &bm25);
        expect(f, "moral0 moral1 moral2");
        search(f, queries[i], &(const lede_search_options){.rerank = true, .limit = 3});
        expect(f, "twice once moral0");
        search(f, queries[i], &all);
        assert_int_equal(lede_results_count(f->results), MORALS + 2);
        for (size_t n = 1; n < MORALS + 2; n++)
            assert_true(score_at(f, n) <= score_at(f, n - 1));
        search(f, queries[i], &(const lede_search_options){.rerank = true, .limit = 2, .offset = 1});
        expect(f, "once moral0");
    }
}

/* In each of the languages whose names stay as they are, and in no other. */
static void names_are_looked_for_where_languages_leave_them(void **state) {
    static const struct {
        const char *language, *other, *name, *text;
        bool guarded;
    } cases[] = {
        {"french", "martine", "Martin", "Le maire de la ville a reçu Martin au palais pour parler longtemps du gaz.",
         true},
        {"italian", "roberta", "Roberto",
         "Il sindaco della città ha incontrato Roberto nel palazzo per parlare di gas.", true},
        {"catalan", "joana", "Joan", "L'alcalde de la ciutat va rebre Joan al palau per parlar molta estona del gas.",
         true},
        {"swedish", "holmen", "Holm", "På eftermiddagen citerade man Holms tal om gas och vatten i palatset.", true},
        {"norwegian", "holmen", "Holms", "Om ettermiddagen talte man lenge med Holm om gass og vann i palasset.", true},
        {"dutch", "bergen", "Berg", "In de middag sprak de burgemeester lang met Berg over gas en water in het paleis.",
         true},
        {"german", "manne", "Mann", "Der Bürgermeister der Stadt sprach im Rathaus lange mit Mann über Gas und Wasser.",
         false},
    };
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const lede_writer_options options = {.language = cases[i].language};
        lede_index_close(f->index);
        folder_remove(&f->folder);
        folder_make(&f->folder);
        begin(f, &options);
        put_morals(f, cases[i].other);
        put(f, "name", 0, cases[i].text);
        end(f);
        search(f, cases[i].name, &(const lede_search_options){.rerank = true, .limit = 1000});
        assert_int_equal(lede_results_count(f->results), MORALS + 1);
        search(f, cases[i].name, &(const lede_search_options){.rerank = true, .limit = 1});
        expect(f, cases[i].guarded ? "name" : "moral0");
    }
}

/* The name among other words, filters, and articles as hits. */
static void names_are_looked_for_whatever_is_asked_with_them(void **state) {
    static const char *const queries[] = {"morales gas", "+morales gas -rain", "morales date:2025", "(morales gas)/1",
                                          "morales OR gas"};
    struct fixture *f = *state;
    begin(f, NULL);
    put_morals(f, "moral");
    put(f, "old", 20240501,
        "In the afternoon Morales received the president in the palace for long talks on gas, in the rain.");
    put(f, "new", 20250501, "In the afternoon the president received Morales in the palace for long talks on gas.");
    end(f);
    for (size_t i = 0; i < sizeof queries / sizeof *queries; i++)
        for (int group = 0; group < 2; group++) {
            const lede_score_part *parts;
            size_t count;
            const lede_search_options o = {
                .rerank = true, .limit = 1, .group = group ? LEDE_GROUP_ARTICLE : LEDE_GROUP_NONE};
            search(f, queries[i], &o);
            expect(f, "new");
            MUST(lede_results_explain(&parts, &count, f->results, 0, err));
            assert_true(parts[0].value == score_at(f, 0));
        }
}

/* An article is a hit once, with the passage that has the name. */
static void articles_come_once_with_the_name(void **state) {
    static const char body[] = "Moral moral moral of the story, a moral one, moral.\n\n# Elsewhere\n\n"
                               "In the afternoon the president received Morales in the palace for long talks.\n";
    const lede_writer_options options = {.passages = LEDE_PASSAGES_CUT};
    struct fixture *f = *state;
    begin(f, &options);
    put(f, "both", 0, body);
    put_morals(f, "moral");
    end(f);
    search(f, "morales", &(const lede_search_options){.rerank = true, .limit = 1000, .group = LEDE_GROUP_ARTICLE});
    assert_int_equal(lede_results_count(f->results), MORALS + 1);
    assert_int_equal(lede_results_total(f->results, NULL), MORALS + 1);
    const lede_passage_view *view;
    MUST(lede_results_passage(&view, f->results, 0, err));
    assert_int_equal(view->number, 2);
    for (size_t i = 1; i < MORALS + 1; i++) {
        MUST(lede_results_passage(&view, f->results, i, err));
        assert_memory_equal(view->article.key, "moral", 5);
    }
}

static void put_random(struct fixture *f, struct random *r, int number) {
    static const char *const words[] = {"moral", "morals", "gas", "rain", "Morales", "Moral"};
    char key[16], body[2048] = "";
    size_t at = 0;
    snprintf(key, sizeof key, "k%d", number);
    for (uint32_t passage = 0, count = 1 + random_below(r, 3); passage < count; passage++) {
        uint32_t has_name = random_below(r, 8) == 0;
        at += (size_t)snprintf(body + at, sizeof body - at, "# Part %u\n\n", passage);
        for (uint32_t n = 4 + random_below(r, 30); n > 0; n--)
            at += (size_t)snprintf(body + at, sizeof body - at, "%s ", words[random_below(r, 4)]);
        at += (size_t)snprintf(body + at, sizeof body - at, "%s.\n\n", words[has_name ? 4 : 5]);
    }
    put(f, key, 0, body);
}

/* Whether hit i has the name, and is none that was seen before. */
static bool has_name(struct fixture *f, size_t i, bool by_article, bool *seen) {
    const lede_passage_view *view;
    MUST(lede_results_passage(&view, f->results, i, err));
    size_t number = by_article ? (size_t)atoi(view->article.key + 1) : (size_t)view->passage;
    assert_false(seen[number]);
    seen[number] = true;
    return memmem(view->text, view->text_len, "Morales", 7) != NULL;
}

/* Of the passages, or articles, that have the name the best hundred come first, each once, in several segments of which
 * some articles are gone. */
static void names_come_first_in_any_index(void **state) {
    enum { ARTICLES = 500, MOST = 2000 };
    struct fixture *f = *state;
    struct random *r = NULL;
    assert_int_equal(random_setup((void **)&r), 0);
    begin(f, &(lede_writer_options){.passages = LEDE_PASSAGES_CUT});
    for (int i = 0; i < ARTICLES; i++) {
        put_random(f, r, i);
        if (random_below(r, 100) == 0)
            MUST(lede_writer_commit(f->writer, NULL, err));
        if (random_below(r, 10) == 0)
            put_random(f, r, (int)random_below(r, (uint32_t)i + 1));
    }
    end(f);
    for (int group = 0; group < 2; group++) {
        lede_search_options o = {.rerank = true, .limit = MOST, .count = true};
        bool seen[MOST] = {false};
        o.group = group ? LEDE_GROUP_ARTICLE : LEDE_GROUP_NONE;
        search(f, "=morales", &o);
        uint64_t named = lede_results_total(f->results, NULL),
                 first = named < LEDE_RERANK_DEPTH ? named : LEDE_RERANK_DEPTH;
        search(f, "moral", &o);
        uint64_t all = lede_results_total(f->results, NULL);
        search(f, "morales", &o);
        assert_int_equal(lede_results_total(f->results, NULL), all);
        assert_int_equal(lede_results_count(f->results), all);
        for (size_t i = 0; i < all; i++) {
            bool name = has_name(f, i, group, seen);
            if (i < first && !name)
                fail_msg("hit %zu of %u with the name lacks it", i + 1, (unsigned)named);
            assert_true(i == 0 || score_at(f, i) <= score_at(f, i - 1));
        }
    }
    random_teardown((void **)&r);
}

/* Words that texts write small are no names: there a word as typed is a little better, and no more. */
static void other_words_are_no_names(void **state) {
    struct fixture *f = *state;
    begin(f, NULL);
    put(f, "often", 0, "Walks, walks and walks.");
    put(f, "once", 0, "On a day in May they came home late from walking through the hills in rain and wind.");
    put(f, "start", 0, "Walking through the hills in rain and wind they came home late on a day in May.");
    end(f);
    search(f, "walking", &full);
    expect(f, "often start once");
    search(f, "Walking hills", &full);
    expect(f, "start once often");
    search(f, "Walking", &full);
    expect(f, "start once often");
}

/* Also those that are given by their beginning, by a pattern or with a letter wrong. */
static void words_near_each_other_come_first(void **state) {
    static const char *const queries[] = {"lavrov simla", "lav* simla",     "l?vrov simla", "lavrow~ simla",
                                          "lav* si*a",    "=lavrov simla~", "Lav* SIM*"};
    struct fixture *f = *state;
    begin(f, NULL);
    put(f, "far", 0, "Lavrov flew home in the evening and said nothing more of what was signed in Simla.");
    put(f, "near", 0, "Evening in Simla: Lavrov flew home and said nothing more of what was signed and sealed.");
    put(f, "other", 0, "Nobody was there to see him off, and the rain had not ended.");
    end(f);
    for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
        search(f, queries[i], NULL);
        expect(f, "far near");
        search(f, queries[i], &full);
        expect(f, "near far");
        assert_true(score_at(f, 0) > score_at(f, 1));
    }
}

/* A prefix gains as the word does that it comes to, in a title, under a heading and in a text. */
static void a_prefix_gains_as_its_word_does(void **state) {
    static const char body[] =
        "The ministers signed the treaty of Simla.\n\n# Simla talks\n\nLavrov spoke of treaties.\n";
    struct fixture *f = *state;
    begin(f, NULL);
    const lede_article a = {.key = "a",
                            .key_len = 1,
                            .title = "Lavrov in Simla",
                            .title_len = 15,
                            .body = body,
                            .body_len = sizeof body - 1};
    MUST(lede_writer_add_article(f->writer, &a, err));
    put(f, "b", 0, "Nobody was there to see him off.");
    put(f, "c", 0, "The treaty of water, and Lavrov.");
    end(f);
    double words[3], patterns[3];
    search(f, "lavrov simla treaty", &full);
    size_t count = lede_results_count(f->results);
    assert_in_range(count, 2, 3);
    for (size_t i = 0; i < count; i++)
        words[i] = score_at(f, i);
    search(f, "lavro* sim?a treaty", &full);
    assert_int_equal(lede_results_count(f->results), count);
    for (size_t i = 0; i < count; i++)
        patterns[i] = score_at(f, i);
    for (size_t i = 0; i < count; i++)
        if (fabs(words[i] - patterns[i]) > 1e-12)
            fail_msg("hit %zu: %.17g and %.17g", i, words[i], patterns[i]);
}

/* The word itself is better than one that differs from it. */
static void fuzzy_words_as_typed_come_first(void **state) {
    struct fixture *f = *state;
    begin(f, NULL);
    put(f, "other", 0, "The house of Keaton was sold to a poet.");
    put(f, "typed", 0, "The house of Keatin was sold to a poet.");
    end(f);
    search(f, "keatin~2", NULL);
    expect(f, "other typed");
    search(f, "keatin~2", &full);
    expect(f, "typed other");
}

/* The formula of lede.h, by hand: two words that follow each other. */
static void proximity_is_as_published(void **state) {
    struct fixture *f = *state;
    const lede_score_part *parts;
    size_t count;
    begin(f, NULL);
    put(f, "a", 0, "alpha beta gamma");
    put(f, "b", 0, "delta epsilon zeta");
    end(f);
    search(f, "alpha gamma", &full);
    MUST(lede_results_explain(&parts, &count, f->results, 0, err));
    double idf = parts[2].weight / (LEDE_DEFAULT_K1 + 1), norm = LEDE_DEFAULT_K1, sum = idf / 4;
    double gain = 2 * ((idf < 1 ? idf : 1) * (LEDE_DEFAULT_K1 + 1) * (sum / (sum + norm)));
    assert_int_equal(count, 6);
    assert_int_equal(parts[4].kind, LEDE_PART_PROXIMITY);
    assert_true(fabs(parts[4].value - LEDE_PROXIMITY_WEIGHT * gain) < 1e-12);
    assert_int_equal(parts[5].kind, LEDE_PART_SURFACE);
    assert_true(fabs(parts[5].value - LEDE_SURFACE_WEIGHT * parts[1].value) < 1e-12);
    assert_true(parts[0].value == score_at(f, 0));
    assert_true(parts[1].value + parts[4].value + parts[5].value == score_at(f, 0));
}

static void copies_are_put_under_the_best(void **state) {
    struct fixture *f = *state;
    const lede_search_options collapsed = {.collapse = true};
    begin(f, NULL);
    put(f, "wire1", 0,
        "Ministers of both sides met in Simla on Monday to talk about water, wheat and the line of control.");
    put(f, "own", 0, "Simla is a town in the hills that sees many guests in summer.");
    put(f, "wire2", 0,
        "ministers of both sides met in Simla on Monday, to talk about water, wheat and the line of control");
    put(f, "wire3", 0,
        "Ministers of both sides met in Simla on Tuesday to talk about water, wheat and the line of control.");
    put(f, "else", 0,
        "Ministers met in Simla, said a speaker of one of the sides, and the talk was about the weather.");
    end(f);
    search(f, "simla ministers", NULL);
    assert_int_equal(lede_results_count(f->results), 5);
    search(f, "simla ministers", &collapsed);
    expect(f, "wire1 else own");
    assert_int_equal(lede_results_total(f->results, NULL), 5);
    assert_int_equal(lede_results_hit(f->results, 0)->copies, 2);
    assert_int_equal(lede_results_hit(f->results, 1)->copies, 0);
    const char *key;
    size_t len;
    MUST(lede_results_key_at(&key, &len, f->results, lede_results_copies(f->results, 0)[0], err));
    assert_string_equal(key, "wire2");
    MUST(lede_results_key_at(&key, &len, f->results, lede_results_copies(f->results, 0)[1], err));
    assert_string_equal(key, "wire3");
}

/* Writes a passage of words of its own, with so many of simla in it, which decides the order. */
static void write_own(char body[1024], int number, int times) {
    size_t at = 0;
    for (int w = 0; w < 20; w++)
        at += (size_t)snprintf(body + at, 1024 - at, "w%dx%d ", number, w);
    for (int w = 0; w < 20; w++)
        at += (size_t)snprintf(body + at, 1024 - at, w < times ? "simla " : "rain%d ", number);
}

/* However many hits are asked for, none is a copy of one before it; and there are as many as are asked for. */
static void copies_are_put_together_on_every_page(void **state) {
    enum { GROUPS = 160, COPIES = 4 };
    struct fixture *f = *state;
    char key[32], body[1024];
    bool seen[GROUPS] = {false};
    size_t copies = 0;
    begin(f, NULL);
    for (int i = 0; i < COPIES; i++)
        for (int g = 0; g < GROUPS; g++) {
            write_own(body, g, 1 + g % 9);
            snprintf(key, sizeof key, "%d", g);
            snprintf(key + strlen(key), sizeof key - strlen(key), "/%d", i);
            put(f, key, 0, body);
        }
    end(f);
    for (int rerank = 0; rerank < 2; rerank++) {
        const lede_search_options all = {.rerank = rerank, .collapse = true, .limit = 1000};
        memset(seen, 0, sizeof seen);
        copies = 0;
        search(f, "simla", &all);
        assert_int_equal(lede_results_count(f->results), GROUPS);
        for (size_t i = 0; i < GROUPS; i++) {
            const char *found;
            size_t len;
            MUST(lede_results_key(&found, &len, f->results, i, err));
            int group = atoi(found);
            if (seen[group])
                fail_msg("hit %zu, %s, is a copy of one before", i + 1, found);
            seen[group] = true;
            copies += lede_results_hit(f->results, i)->copies;
        }
        assert_int_equal(copies, GROUPS * (COPIES - 1));
    }
    const lede_search_options page = {.rerank = true, .collapse = true, .limit = 20, .offset = 130};
    search(f, "simla", &page);
    assert_int_equal(lede_results_count(f->results), 20);
}

/* The best thousand say the same. */
static void what_is_behind_many_copies_is_found(void **state) {
    struct fixture *f = *state;
    char key[32], body[1024];
    begin(f, NULL);
    for (int i = 0; i < 1000; i++) {
        write_own(body, 1, 9);
        snprintf(key, sizeof key, "wire%d", i);
        put(f, key, 0, body);
    }
    for (int i = 2; i < 7; i++) {
        write_own(body, i, 8 - i);
        snprintf(key, sizeof key, "own%d", i);
        put(f, key, 0, body);
    }
    end(f);
    search(f, "simla", &(const lede_search_options){.collapse = true, .rerank = true, .limit = 4});
    expect(f, "wire0 own2 own3 own4");
    search(f, "simla", &(const lede_search_options){.collapse = true, .limit = 10, .offset = 1});
    expect(f, "own2 own3 own4 own5 own6");
}

static void newer_ones_gain(void **state) {
    struct fixture *f = *state;
    const lede_search_options recent = {.recent = 30};
    const lede_score_part *parts;
    size_t count;
    begin(f, NULL);
    put(f, "undated", 0, "Simla in the rain.");
    put(f, "old", 20240501, "Simla in the rain.");
    put(f, "month", 20250501, "Simla in the rain.");
    put(f, "new", 20250531, "Simla in the rain.");
    end(f);
    search(f, "simla", NULL);
    expect(f, "undated old month new");
    double plain = score_at(f, 0);
    search(f, "simla", &recent);
    expect(f, "new month old undated");
    assert_true(score_at(f, 0) == plain + plain * RECENCY_WEIGHT);
    assert_true(score_at(f, 1) == plain + plain * (RECENCY_WEIGHT / 2));
    assert_true(score_at(f, 3) == plain);
    MUST(lede_results_explain(&parts, &count, f->results, 0, err));
    assert_int_equal(parts[count - 1].kind, LEDE_PART_RECENCY);
    assert_true(parts[0].value == score_at(f, 0));
}

static void days_are_counted(void **state) {
    (void)state;
    assert_int_equal(recency_day(0), 0);
    assert_int_equal(recency_day(20250301) - recency_day(20250228), 1);
    assert_int_equal(recency_day(20240301) - recency_day(20240228), 2);
    assert_int_equal(recency_day(19700101) - recency_day(19690101), 365);
    assert_int_equal(recency_day(20000101) - recency_day(19000101), 36524);
    assert_int_equal(recency_day(20250500), recency_day(20250515));
    assert_int_equal(recency_day(20250000), recency_day(20250701));
}

/* The plural of a name counts half, and is told from the name in explanations. */
static void explanations_tell_numbers_apart(void **state) {
    static const char *const names[] = {"romans, singular or plural", "romans", "roman"};
    struct fixture *f = *state;
    const lede_search_options all = {.rerank = true, .collapse = true};
    const lede_score_part *parts;
    size_t count, told = 0;
    begin(f, NULL);
    put(f, "both", 0, "There the Romans met a Roman of whom the other Romans said that he was no Roman.");
    put(f, "plural", 0, "Here stood the Romans, and some said that the Romans were late for their own wars.");
    put(f, "singular", 0, "He was a Roman and she was a Roman, and their house stood in a Roman street.");
    end(f);
    search(f, "romans", &all);
    MUST(lede_results_explain(&parts, &count, f->results, 0, err));
    for (size_t i = 0; i < count; i++)
        if (parts[i].kind == LEDE_PART_WORD && told < 3)
            assert_string_equal(parts[i].name, names[told++]);
    assert_int_equal(told, 3);
}

/* An index without text has proximity only. */
static void without_text_only_places_count(void **state) {
    struct fixture *f = *state;
    const lede_writer_options options = {.omit_text = true};
    const lede_search_options all = {.rerank = true, .collapse = true};
    begin(f, &options);
    put(f, "keats", 0, "The house of Keats was sold to a poet, after long talks about money.");
    put(f, "keating", 0, "The house of Keating was sold to a poet, after long talks about money.");
    put(f, "poet", 0, "The poet Keating was sold a house of after to long talks about money.");
    end(f);
    search(f, "keating poet", &all);
    expect(f, "poet keats keating");
}

/* Whatever the page, the hits are those of one long list. */
static void pages_fit_together(void **state) {
    static const char *const words[] = {"simla", "lavrov", "Lavrov's", "talks", "talking", "water", "wheat", "treaty"};
    struct fixture *f = *state;
    struct random *r = NULL;
    uint64_t whole[400];
    assert_int_equal(random_setup((void **)&r), 0);
    begin(f, NULL);
    for (int i = 0; i < 300; i++) {
        char key[16], body[512] = "";
        snprintf(key, sizeof key, "k%d", i);
        for (size_t n = 3 + random_below(r, 20), at = 0; n > 0; n--)
            at += (size_t)snprintf(body + at, sizeof body - at, "%s ", words[random_below(r, 8)]);
        put(f, key, 20250101 + random_below(r, 28), body);
    }
    end(f);
    for (int group = 0; group < 2; group++) {
        lede_search_options o = {.rerank = true, .collapse = true, .recent = 10, .limit = 400};
        o.group = group ? LEDE_GROUP_ARTICLE : LEDE_GROUP_NONE;
        search(f, "lavrov simla talks", &o);
        size_t count = lede_results_count(f->results);
        assert_true(count > 200 && count <= 300);
        for (size_t i = 0; i < count; i++) {
            whole[i] = lede_results_hit(f->results, i)->passage;
            assert_true(i == 0 || score_at(f, i) <= score_at(f, i - 1));
        }
        for (size_t first = 0; first < count; first += o.limit) {
            o.limit = 1 + random_below(r, 30);
            o.offset = first;
            search(f, "lavrov simla talks", &o);
            assert_int_equal(lede_results_count(f->results), count - first < o.limit ? count - first : o.limit);
            for (size_t i = 0; i < lede_results_count(f->results); i++)
                assert_int_equal(lede_results_hit(f->results, i)->passage, whole[first + i]);
        }
    }
    random_teardown((void **)&r);
}

static void hash_words(uint64_t *out, size_t first, size_t count) {
    for (size_t i = 0; i < count; i++)
        out[i] = (first + i) * UINT64_C(0x9e3779b97f4a7c15);
}

static void resemblance_decides(void **state) {
    (void)state;
    uint64_t words[1000], scratch[2000];
    struct sketch a, b;
    static const struct {
        size_t count, other, changed;
        bool copy;
    } cases[] = {
        {0, 0, 0, false},     {1, 1, 0, true},        {2, 2, 0, true},      {2, 2, 1, false},      {50, 50, 0, true},
        {50, 50, 1, true},    {50, 50, 4, false},     {50, 40, 0, true},    {50, 30, 0, false},    {900, 900, 0, true},
        {900, 900, 10, true}, {900, 900, 150, false}, {900, 500, 0, false}, {100, 1000, 0, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        hash_words(words, 0, cases[i].count);
        sketch_make(&a, words, cases[i].count, scratch);
        hash_words(words, 0, cases[i].other);
        for (size_t n = 0; n < cases[i].changed; n++)
            words[(n + 1) * cases[i].other / (cases[i].changed + 1)] = ~n;
        sketch_make(&b, words, cases[i].other, scratch);
        if (sketch_is_copy(&a, &b) != cases[i].copy || sketch_is_copy(&b, &a) != cases[i].copy)
            fail_msg("case %zu", i);
    }
}

/* A passage of words, some of which are other ones than in the passage it is made from. */
static void vary(uint64_t *out, const uint64_t *from, size_t count, struct random *random, uint32_t changes) {
    memcpy(out, from, count * sizeof *out);
    for (uint32_t i = 0; i < changes; i++)
        out[random_below(random, (uint32_t)count)] = random_next(random);
}

/* By the definition: of the smallest hashes of either, those of both. */
static bool is_copy_by_definition(const struct sketch *a, const struct sketch *b) {
    uint32_t either = 0, both = 0, i = 0, j = 0;
    for (; either < SKETCH_SIZE && (i < a->count || j < b->count); either++) {
        uint64_t x = i < a->count ? a->hashes[i] : UINT64_MAX, y = j < b->count ? b->hashes[j] : UINT64_MAX;
        if ((i == a->count && i == SKETCH_SIZE) || (j == b->count && j == SKETCH_SIZE))
            break;
        both += x == y;
        i += x <= y;
        j += y <= x;
    }
    return either > 0 && both >= COPY_RESEMBLANCE * either;
}

static void no_copy_is_overlooked(void **state) {
    enum { WORDS = 400, ROUNDS = 2000 };
    struct random *random = *state;
    uint64_t first[WORDS], second[WORDS], scratch[2 * WORDS];
    struct sketch a, b;
    struct sketch_table table = {0};
    size_t copies = 0;
    for (size_t i = 0; i < ROUNDS; i++) {
        uint32_t count = 3 + random_below(random, WORDS - 3);
        for (uint32_t w = 0; w < count; w++)
            first[w] = random_next(random);
        vary(second, first, count, random, random_below(random, count / 6 + 1));
        sketch_make(&a, first, count, scratch);
        sketch_make(&b, second, count, scratch);
        assert_true(sketch_table_add(&table, &a));
        bool copy = is_copy_by_definition(&a, &b);
        assert_int_equal(sketch_is_copy(&a, &b), copy);
        assert_int_equal(sketch_table_find(&table, &b), copy ? 0 : SKETCH_NONE);
        copies += copy;
        sketch_table_release(&table);
    }
    assert_in_range(copies, ROUNDS / 10, ROUNDS - ROUNDS / 10);
}

/* Of those before it the first that it is a copy of. */
static size_t find_among_all(const struct sketch *sketches, size_t count) {
    size_t i = 0;
    while (i < count && !is_copy_by_definition(&sketches[i], &sketches[count]))
        i++;
    return i < count ? i : SKETCH_NONE;
}

static void the_first_copy_is_found_among_many(void **state) {
    enum { WORDS = 160, PASSAGES = 1200, BEFORE = 40 };
    static uint64_t passages[PASSAGES][WORDS];
    static struct sketch sketches[PASSAGES];
    struct random *random = *state;
    uint64_t scratch[2 * WORDS];
    struct sketch_table table = {0};
    size_t copies = 0;
    for (uint32_t i = 0; i < PASSAGES; i++) {
        uint32_t count = 1 + random_below(random, WORDS);
        const uint64_t *from = passages[i < BEFORE ? 0 : random_below(random, i)];
        vary(passages[i], from, WORDS, random, random_below(random, random_below(random, 4) ? WORDS / 8 : 2 * WORDS));
        sketch_make(&sketches[i], passages[i], random_below(random, 2) ? WORDS : count, scratch);
        size_t found = find_among_all(sketches, i);
        assert_int_equal(sketch_table_find(&table, &sketches[i]), found);
        assert_true(sketch_table_add(&table, &sketches[i]));
        copies += found != SKETCH_NONE;
    }
    assert_in_range(copies, PASSAGES / 10, PASSAGES - PASSAGES / 10);
    sketch_table_release(&table);
}

/* As the one above; of words of which the first ones are as frequent as they are in texts, or of few. */
static void the_first_copy_is_found_by_words(void **state) {
    enum { WORDS = 160, PASSAGES = 1200, BEFORE = 40, LISTS = 12 };
    static uint64_t passages[PASSAGES][WORDS];
    static struct sketch sketches[PASSAGES];
    static struct wording wordings[PASSAGES];
    struct random *random = *state;
    uint64_t scratch[2 * WORDS];
    size_t copies = 0, by_words = 0, by_table = 0;
    for (uint32_t list = 0; list < LISTS; list++) {
        struct arena arena = ARENA_EMPTY;
        struct copies c = {.arena = &arena};
        uint32_t words = UINT32_C(4) << 2 * (list % 4), most = list % 3 ? 60 : WORDS, changes = list % 2 ? 6 : 30;
        for (uint32_t i = 0; i < PASSAGES; i++) {
            uint64_t *p = passages[i];
            if (i < BEFORE || random_below(random, 3))
                for (uint32_t w = 0; w < WORDS; w++)
                    p[w] = random_below(random, 1 + random_below(random, words)) * UINT64_C(0x9e3779b97f4a7c15);
            else
                vary(p, passages[random_below(random, i)], WORDS, random, random_below(random, changes));
            uint32_t count = random_below(random, 2) ? most - random_below(random, 8) : random_below(random, most + 1);
            sketch_make(&sketches[i], p, count, scratch);
            wordings[i] = (struct wording){p, count, NULL};
            size_t expected = find_among_all(sketches, i), found = 0;
            by_table += c.is_tabled;
            by_words += !c.is_tabled && i > 0 && c.compared == 0;
            assert_true(copies_find(&c, &wordings[i], &found));
            assert_int_equal(found, expected);
            assert_true(copies_add(&c, &wordings[i]));
            copies += found != SKETCH_NONE;
        }
        copies_release(&c);
        arena_release(&arena);
    }
    assert_in_range(copies, LISTS * PASSAGES / 20, LISTS * PASSAGES - LISTS * PASSAGES / 20);
    assert_true(by_words > 0 && by_table > 0);
}

/* Words that all have bits of their own, and others in a row at the end, where they are of the fewest shingles: nothing
 * is between what tells copies by words and what they are. */
static void copies_that_differ_most_are_found(void **state) {
    enum { WORDS = 124, ROUNDS = 30000 };
    struct random *random = *state;
    uint64_t words[2][WORDS], scratch[2 * WORDS];
    size_t copies = 0;
    for (size_t round = 0; round < ROUNDS; round++) {
        struct arena arena = ARENA_EMPTY;
        struct copies c = {.arena = &arena};
        uint32_t count = 3 + random_below(random, WORDS - 2);
        uint32_t same = count - random_below(random, count / 4 + 1), number = 0;
        struct wording first = {words[0], count, NULL}, second = {words[1], count, NULL};
        struct sketch a, b;
        size_t found;
        for (uint32_t w = 0; w < count; w++, number++)
            words[0][w] = words[1][w] = (uint64_t)number << 56 | random_next(random) >> 8;
        for (uint32_t w = same; w < count; w++, number++)
            words[1][w] = (uint64_t)number << 56 | random_next(random) >> 8;
        sketch_make(&a, words[0], count, scratch);
        sketch_make(&b, words[1], count, scratch);
        bool copy = is_copy_by_definition(&a, &b);
        assert_true(copies_add(&c, &first));
        assert_true(copies_find(&c, &second, &found));
        assert_int_equal(found, copy ? 0 : SKETCH_NONE);
        copies += copy;
        copies_release(&c);
        arena_release(&arena);
    }
    assert_in_range(copies, ROUNDS / 10, ROUNDS - ROUNDS / 10);
}

/* Each passage has a tenth of its words in common with the one before it. */
static void few_are_compared(void **state) {
    enum { WORDS = 100, PASSAGES = 3000 };
    static struct sketch sketches[PASSAGES];
    uint64_t words[WORDS], scratch[2 * WORDS];
    struct sketch_table table = {0};
    (void)state;
    for (size_t i = 0; i < PASSAGES; i++) {
        hash_words(words, i * (WORDS - WORDS / 10), WORDS);
        sketch_make(&sketches[i], words, WORDS, scratch);
        assert_int_equal(sketch_table_find(&table, &sketches[i]), SKETCH_NONE);
        assert_true(sketch_table_add(&table, &sketches[i]));
    }
    assert_in_range(table.compared, 1, PASSAGES / 4);
    sketch_table_release(&table);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(names_as_typed_come_first, setup, teardown),
        cmocka_unit_test_setup_teardown(names_stand_above_others_of_their_stem, setup, teardown),
        cmocka_unit_test_setup_teardown(names_are_looked_for_where_languages_leave_them, setup, teardown),
        cmocka_unit_test_setup_teardown(names_are_looked_for_whatever_is_asked_with_them, setup, teardown),
        cmocka_unit_test_setup_teardown(articles_come_once_with_the_name, setup, teardown),
        cmocka_unit_test_setup_teardown(names_come_first_in_any_index, setup, teardown),
        cmocka_unit_test_setup_teardown(other_words_are_no_names, setup, teardown),
        cmocka_unit_test_setup_teardown(words_near_each_other_come_first, setup, teardown),
        cmocka_unit_test_setup_teardown(a_prefix_gains_as_its_word_does, setup, teardown),
        cmocka_unit_test_setup_teardown(fuzzy_words_as_typed_come_first, setup, teardown),
        cmocka_unit_test_setup_teardown(copies_are_put_together_on_every_page, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_behind_many_copies_is_found, setup, teardown),
        cmocka_unit_test_setup_teardown(proximity_is_as_published, setup, teardown),
        cmocka_unit_test_setup_teardown(copies_are_put_under_the_best, setup, teardown),
        cmocka_unit_test_setup_teardown(newer_ones_gain, setup, teardown),
        cmocka_unit_test_setup_teardown(without_text_only_places_count, setup, teardown),
        cmocka_unit_test_setup_teardown(explanations_tell_numbers_apart, setup, teardown),
        cmocka_unit_test_setup_teardown(pages_fit_together, setup, teardown),
        cmocka_unit_test(days_are_counted),
        cmocka_unit_test(resemblance_decides),
        cmocka_unit_test_setup_teardown(no_copy_is_overlooked, random_setup, random_teardown),
        cmocka_unit_test_setup_teardown(the_first_copy_is_found_among_many, random_setup, random_teardown),
        cmocka_unit_test_setup_teardown(the_first_copy_is_found_by_words, random_setup, random_teardown),
        cmocka_unit_test_setup_teardown(copies_that_differ_most_are_found, random_setup, random_teardown),
        cmocka_unit_test(few_are_compared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
