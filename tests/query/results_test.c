/* What comes with a hit: the passage, its article and what is lit in them; articles as a whole; and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "query/articles.h"

struct fixture {
    struct folder folder;
    lede_index *index;
    lede_query *query;
    lede_results *results;
};

static int setup(void **state) {
    struct fixture *f = calloc(1, sizeof *f);
    if (!f)
        return -1;
    folder_make(&f->folder);
    MUST(lede_index_open(&f->index, write_archive(&f->folder), err));
    *state = f;
    return 0;
}

static int teardown(void **state) {
    struct fixture *f = *state;
    lede_index_close(f->index);
    folder_remove(&f->folder);
    free(f);
    return 0;
}

static void search(struct fixture *f, const char *text, const lede_search_options *options) {
    MUST(lede_query_parse(&f->query, f->index, text, strlen(text), NULL, err));
    MUST(lede_search(&f->results, f->index, f->query, options, err));
}

static void end_search(struct fixture *f) {
    lede_results_free(f->results);
    lede_query_free(f->query);
}

static void expect_spans(const char *text, const lede_span *spans, size_t count, const char *const *words) {
    for (size_t i = 0; i < count; i++) {
        assert_non_null(words[i]);
        assert_int_equal(spans[i].end - spans[i].start, strlen(words[i]));
        assert_memory_equal(text + spans[i].start, words[i], strlen(words[i]));
    }
    assert_null(words[count]);
}

static void passage_comes_with_its_article(void **state) {
    struct fixture *f = *state;
    const lede_passage_view *view, *again;
    const char *const in_text[] = {"treaty", "water", "signed", NULL}, *const in_title[] = {"Waters", "Treaty", NULL};
    search(f, "waters treaties signing", NULL);
    MUST(lede_results_passage(&view, f->results, 0, err));
    MUST(lede_results_passage(&again, f->results, 0, err));
    assert_ptr_equal(view, again);
    assert_string_equal(view->article.key, "indus");
    assert_string_equal(view->article.title, "The Indus Waters Treaty");
    assert_string_equal(view->article.byline, "");
    assert_string_equal(view->article.body, "");
    assert_int_equal(view->article.date, 20250603);
    assert_int_equal(view->article.passages, 1);
    assert_int_equal(view->number, 1);
    assert_int_equal(view->text_len, strlen(view->text));
    assert_string_equal(view->text, archive[3].body);
    assert_string_equal(view->heading, "");
    expect_spans(view->article.title, view->title_spans, view->title_span_count, in_title);
    expect_spans(view->text, view->spans, view->span_count, in_text);
    end_search(f);
}

static void a_heading_is_lit_where_it_matches(void **state) {
    struct fixture *f = *state;
    const lede_passage_view *view;
    const char *const in_heading[] = {"Masons", NULL}, *const none[] = {NULL};
    search(f, "mason quarry", NULL);
    MUST(lede_results_passage(&view, f->results, 0, err));
    assert_string_equal(view->article.key, "quarry");
    assert_string_equal(view->heading, "Masons between jobs");
    expect_spans(view->heading, view->heading_spans, view->heading_span_count, in_heading);
    expect_spans(view->article.title, view->title_spans, view->title_span_count, none);
    end_search(f);
}

static void hits_are_told_and_counted(void **state) {
    struct fixture *f = *state;
    const lede_search_options one = {.limit = 1, .offset = 1};
    bool exact = false;
    search(f, "signed", &one);
    assert_int_equal(lede_results_count(f->results), 1);
    assert_int_equal(lede_results_total(f->results, &exact), 5);
    assert_true(exact);
    assert_int_equal(lede_results_total(f->results, NULL), 5);
    assert_non_null(lede_results_hit(f->results, 0));
    assert_null(lede_results_hit(f->results, 1));
    const lede_passage_view *view;
    lede_error error;
    assert_int_equal(lede_results_passage(&view, f->results, 1, &error), LEDE_INVALID);
    assert_null(view);
    end_search(f);
}

static void articles_are_counted_when_grouped(void **state) {
    struct fixture *f = *state;
    const lede_search_options grouped = {.limit = 1, .group = LEDE_GROUP_ARTICLE};
    search(f, "night train", NULL);
    assert_int_equal(lede_results_total(f->results, NULL), 2);
    end_search(f);
    search(f, "night train", &grouped);
    assert_int_equal(lede_results_total(f->results, NULL), 1);
    end_search(f);
}

static void matches_are_counted_without_being_ranked(void **state) {
    struct fixture *f = *state;
    const lede_search_options grouped = {.limit = 3, .offset = 1, .group = LEDE_GROUP_ARTICLE};
    static const char *const texts[] = {"signed", "night train", "+night +train", "\"night train\"", "quorum", ""};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        uint64_t count = 99, articles = 99;
        lede_error error;
        search(f, texts[i], &grouped);
        assert_int_equal(lede_count(&articles, f->index, f->query, &grouped, &error), LEDE_OK);
        assert_int_equal(articles, lede_results_total(f->results, NULL));
        end_search(f);
        search(f, texts[i], NULL);
        assert_int_equal(lede_count(&count, f->index, f->query, NULL, &error), LEDE_OK);
        assert_int_equal(count, lede_results_total(f->results, NULL));
        end_search(f);
    }
}

static void empty_queries_find_nothing(void **state) {
    struct fixture *f = *state;
    search(f, "", NULL);
    assert_true(lede_query_is_empty(f->query));
    assert_int_equal(lede_results_count(f->results), 0);
    assert_int_equal(lede_results_total(f->results, NULL), 0);
    end_search(f);
}

static void parameters_out_of_range_are_refused(void **state) {
    struct fixture *f = *state;
    const lede_search_options wrong = {.b = 1.5};
    lede_results *results;
    lede_error error;
    MUST(lede_query_parse(&f->query, f->index, "simla", 5, NULL, err));
    assert_int_equal(lede_search(&results, f->index, f->query, &wrong, &error), LEDE_INVALID);
    assert_null(results);
    assert_non_null(strstr(error.message, "1.5"));
    lede_query_free(f->query);
}

static void articles_come_whole(void **state) {
    struct fixture *f = *state;
    lede_article *a;
    MUST(lede_index_article(&a, f->index, "rail", 4, err));
    assert_string_equal(a->key, "rail");
    assert_string_equal(a->title, "The night train");
    assert_int_equal(a->passages, 2);
    assert_int_equal(a->body_len, strlen(a->body));
    assert_string_equal(a->path, "");
    size_t second = lede_index_passage_start(f->index, "rail", 4, 2);
    assert_int_equal(lede_index_passage_start(f->index, "rail", 4, 1), 0);
    assert_memory_equal(a->body + second, "At the frontier", 15);
    assert_int_equal(lede_index_passage_start(f->index, "rail", 4, 3), a->body_len);
    assert_int_equal(lede_index_passage_start(f->index, "rail", 4, 0), a->body_len);
    assert_int_equal(lede_index_passage_start(f->index, "none", 4, 1), 0);
    lede_article_free(a);
    lede_error error;
    assert_int_equal(lede_index_article(&a, f->index, "none", 4, &error), LEDE_NOT_FOUND);
    assert_null(a);
    assert_non_null(strstr(error.message, "none"));
}

static void what_stands_around_a_hit_can_be_asked_for(void **state) {
    struct fixture *f = *state;
    const lede_passage_view *hit, *other;
    const char *const in_text[] = {"border", NULL};
    lede_error error;
    search(f, "frontier engine border", NULL);
    MUST(lede_results_passage(&hit, f->results, 0, err));
    assert_string_equal(hit->article.key, "rail");
    assert_int_equal(hit->passage, lede_results_hit(f->results, 0)->passage);
    assert_int_equal(hit->number, 2);
    MUST(lede_results_passage_at(&other, f->results, hit->passage - 1, err));
    assert_string_equal(other->article.key, "rail");
    assert_int_equal(other->number, 1);
    assert_int_equal(other->passage, hit->passage - 1);
    expect_spans(other->text, other->spans, other->span_count, in_text);
    assert_int_equal(lede_results_passage_at(&other, f->results, 1000, &error), LEDE_INVALID);
    assert_null(other);
    end_search(f);
}

static void more_passages_of_an_article_come_best_first(void **state) {
    struct fixture *f = *state;
    const lede_search_options grouped = {.group = LEDE_GROUP_ARTICLE};
    const lede_hit *more;
    size_t count;
    search(f, "train restaurant", &grouped);
    assert_int_equal(lede_results_count(f->results), 1);
    double best = lede_results_hit(f->results, 0)->score;
    uint64_t passage = lede_results_hit(f->results, 0)->passage;
    MUST(lede_results_more(&more, &count, f->results, 0, 5, err));
    assert_int_equal(count, 1);
    assert_int_equal(more[0].passage, passage + 1);
    assert_true(more[0].score > 0 && more[0].score < best);
    double score = more[0].score;
    MUST(lede_results_more(&more, &count, f->results, 0, 0, err));
    assert_int_equal(count, 0);
    end_search(f);
    search(f, "train restaurant", NULL);
    assert_int_equal(lede_results_count(f->results), 2);
    assert_true(lede_results_hit(f->results, 1)->score == score);
    end_search(f);
}

static void any_text_is_lit_by_a_query(void **state) {
    struct fixture *f = *state;
    static const char text[] = "A treaty on waters; the Indus Waters Treaty of Indus water.";
    const char *const expected[] = {"treaty", "Indus", "Waters", "Treaty", "Indus", "water", NULL};
    lede_span *spans;
    size_t count;
    lede_error error;
    search(f, "treaties \"indus water\" -karachi", NULL);
    MUST(lede_query_highlight(&spans, &count, f->query, f->index, text, sizeof text - 1, err));
    expect_spans(text, spans, count, expected);
    free(spans);
    MUST(lede_query_highlight(&spans, &count, f->query, f->index, "nothing", 7, err));
    assert_null(spans);
    assert_int_equal(count, 0);
    assert_int_equal(lede_query_highlight(&spans, &count, f->query, f->index, "\xff", 1, &error), LEDE_INVALID);
    assert_null(spans);
    end_search(f);
}

static void expect_hits(struct fixture *f, const char *text, size_t hits) {
    search(f, text, NULL);
    assert_int_equal(lede_results_count(f->results), hits);
    end_search(f);
}

/* One segment without any, and one where an article has a title. */
static void fields_that_no_passage_has_match_nothing(void **state) {
    (void)state;
    struct folder folder;
    struct fixture f = {.results = NULL};
    folder_make(&folder);
    const char *path = folder_entry(&folder, "a.lede");
    lede_writer *w = writer_on(path, NULL);
    put_article(w, "plain", "Signed in Simla.");
    MUST(lede_writer_commit(w, NULL, err));
    MUST(lede_index_open(&f.index, path, err));
    expect_hits(&f, "title:simla", 0);
    expect_hits(&f, "heading:simla", 0);
    expect_hits(&f, "title:s*", 0);
    expect_hits(&f, "simla -title:simla", 1);
    expect_hits(&f, "simla OR heading:simla", 1);
    lede_index_close(f.index);
    const lede_article titled = {
        .key = "titled", .key_len = 6, .title = "Simla", .title_len = 5, .body = "Of the town.", .body_len = 12};
    MUST(lede_writer_add_article(w, &titled, err));
    MUST(lede_writer_commit(w, NULL, err));
    lede_writer_close(w);
    MUST(lede_index_open(&f.index, path, err));
    expect_hits(&f, "title:simla", 1);
    expect_hits(&f, "heading:simla", 0);
    expect_hits(&f, "simla -title:simla", 1);
    lede_index_close(f.index);
    folder_remove(&folder);
}

static void index_without_text_has_no_passages_to_show(void **state) {
    (void)state;
    struct folder folder;
    struct fixture f = {.results = NULL};
    const lede_writer_options options = {.omit_text = true};
    const lede_passage_view *view;
    lede_article *article;
    folder_make(&folder);
    const char *path = folder_entry(&folder, "a.lede");
    lede_writer *w = writer_on(path, &options);
    put_article(w, "simla", "Signed in Simla.");
    MUST(lede_writer_commit(w, NULL, err));
    lede_writer_close(w);
    MUST(lede_index_open(&f.index, path, err));
    search(&f, "simla", NULL);
    assert_int_equal(lede_results_count(f.results), 1);
    MUST(lede_results_passage(&view, f.results, 0, err));
    assert_string_equal(view->text, "");
    assert_int_equal(view->text_len, 0);
    assert_int_equal(view->span_count, 0);
    end_search(&f);
    MUST(lede_index_article(&article, f.index, "simla", 5, err));
    assert_string_equal(article->body, "");
    assert_int_equal(article->body_len, 0);
    lede_article_free(article);
    lede_index_close(f.index);
    folder_remove(&folder);
}

/* Where no text tells forms, all occurrences of their stems count, however seldom the forms are. */
static void wildcard_without_text_counts_stems(void **state) {
    (void)state;
    struct folder folder;
    struct fixture f = {.results = NULL};
    const lede_writer_options options = {.omit_text = true};
    folder_make(&folder);
    const char *path = folder_entry(&folder, "a.lede");
    lede_writer *w = writer_on(path, &options);
    put_article(w, "one", "xwalking tea tea tea tea");
    put_article(w, "three", "xwalked xwalked xwalked tea tea");
    put_article(w, "many", "xbg xcg xdg xfg xgg xhg xjg xkg xlg xmg xng xpg xqg xrg xsg xtg xvg xwg xxg");
    MUST(lede_writer_commit(w, NULL, err));
    lede_writer_close(w);
    MUST(lede_index_open(&f.index, path, err));
    search(&f, "x*g", NULL);
    assert_int_equal(lede_results_count(f.results), 3);
    double scores[3] = {0};
    for (size_t i = 0; i < 3; i++)
        scores[lede_results_hit(f.results, i)->passage] = lede_results_hit(f.results, i)->score;
    assert_true(scores[1] > scores[0]);
    end_search(&f);
    lede_index_close(f.index);
    folder_remove(&folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(passage_comes_with_its_article),
        cmocka_unit_test(a_heading_is_lit_where_it_matches),
        cmocka_unit_test(hits_are_told_and_counted),
        cmocka_unit_test(articles_are_counted_when_grouped),
        cmocka_unit_test(matches_are_counted_without_being_ranked),
        cmocka_unit_test(empty_queries_find_nothing),
        cmocka_unit_test(parameters_out_of_range_are_refused),
        cmocka_unit_test(articles_come_whole),
        cmocka_unit_test(what_stands_around_a_hit_can_be_asked_for),
        cmocka_unit_test(more_passages_of_an_article_come_best_first),
        cmocka_unit_test(any_text_is_lit_by_a_query),
        cmocka_unit_test(fields_that_no_passage_has_match_nothing),
        cmocka_unit_test(index_without_text_has_no_passages_to_show),
        cmocka_unit_test(wildcard_without_text_counts_stems),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
