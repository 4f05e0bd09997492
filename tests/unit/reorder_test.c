/* What an input gone on with for eras, each about the same subjects, becomes: what is about one of them comes together
 * from all eras, neighbours stay so, and the order does not depend on who indexed what. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/codecs/maxima.h"
#include "indexer/merge/reorder.h"
#include "support/failing_malloc.h"
#include "support/sample.h"

/* So many articles that a sample is looked at before all are put in order. Neighbours tell a story in words of its own,
 * within each of the subjects of an era. */
enum { ERAS = 10, SUBJECTS = 97, EACH = 72, STORY = 24, ARTICLES = ERAS * SUBJECTS * EACH };
/* Workers take so many articles at a time. */
enum { WORKERS_MOST = 3, BATCH = 500 };
enum { MEMORY = 64 << 20, TOO_LITTLE_MEMORY = 8 << 20 };

static uint32_t subject_of(uint32_t id) {
    return id / EACH % SUBJECTS;
}

/* Writes words and returns their length. */
typedef size_t author(char *to, uint32_t id, struct random *r);

static size_t write_of_eras(char *to, uint32_t id, struct random *r) {
    enum { TOLD = 5, OWN = 8, OWN_WORDS = 150, COMMON_WORDS = 2000 };
    int n = sprintf(to, "c%u", random_below(r, COMMON_WORDS));
    for (uint32_t i = 0; i < TOLD; i++)
        n += sprintf(to + n, " t%uw%u", id / STORY, i);
    for (uint32_t i = 0; i < OWN; i++)
        n += sprintf(to + n, " s%uw%u", subject_of(id), random_below(r, OWN_WORDS));
    return (size_t)n;
}

/* Halves of halves have words of their own, down to a range, so that no order is better. */
static size_t write_in_order(char *to, uint32_t id, struct random *r) {
    int n = 0;
    (void)r;
    for (uint32_t width = RANGE_DOCS; width < ARTICLES; width *= 2)
        n += sprintf(to + n, "a%uw%u b%uw%u ", width, id / width, width, id / width);
    return (size_t)n;
}

/* What several workers have made of the articles. */
struct collection {
    struct folder folder;
    struct segment *segments[WORKERS_MOST];
    struct merge_input inputs[WORKERS_MOST];
    uint32_t workers;
    uint32_t ids[ARTICLES];   /* by number through all inputs */
    uint32_t first[ARTICLES]; /* passage of each, in its input */
};

/* Of two passages, or of one. */
static void add_article(struct inverter *inv, uint32_t id, const char *body, size_t len) {
    char key[16];
    const char *middle = id % 4 ? body + len : strchr(body + len / 2, ' ');
    const uint32_t first = (uint32_t)(middle - body);
    const struct passage passages[] = {{.len = first, .line = id + 1},
                                       {.start = first, .len = (uint32_t)len - first, .line = id + 1}};
    struct article a = {.source = 1, .passages = passages, .passage_count = first < len ? 2 : 1};
    a.meta = (lede_article){.key = key, .body = body, .body_len = len, .line = id + 1};
    a.meta.key_len = (size_t)sprintf(key, "%u", id);
    assert_int_equal(inverter_add(inv, &a, NULL), LEDE_OK);
}

/* The first of the same articles, however many workers there are. */
static struct collection *collect_some(uint32_t count, author *write, const struct random *r, uint32_t workers) {
    struct collection *c = calloc(1, sizeof *c);
    struct analyzer *analyzer;
    char name[16], body[1024];
    uint32_t number = 0;
    assert_non_null(c);
    folder_make(&c->folder);
    assert_int_equal(analyzer_new(&analyzer, "none", NULL), LEDE_OK);
    struct inverter *inv = new_inverter(analyzer, true);
    c->workers = workers;
    for (uint32_t w = 0; w < workers; w++) {
        for (uint32_t id = 0; id < count; id++) {
            struct random of_article = {r->state + id};
            if (id / BATCH % workers != w)
                continue;
            c->first[number] = inverter_passages(inv);
            add_article(inv, id, body, write(body, id, &of_article));
            c->ids[number++] = id;
        }
        snprintf(name, sizeof name, "%u.seg", w);
        c->segments[w] = flush(inv, folder_entry(&c->folder, name));
        c->inputs[w].segment = c->segments[w];
    }
    inverter_free(inv);
    analyzer_free(analyzer);
    return c;
}

static struct collection *collect(author *write, const struct random *r, uint32_t workers) {
    return collect_some(ARTICLES, write, r, workers);
}

static void collection_free(struct collection *c) {
    for (uint32_t w = 0; w < c->workers; w++)
        segment_close(c->segments[w]);
    folder_remove(&c->folder);
    free(c);
}

static lede_status reorder(struct reordering *out, const struct collection *c, uint64_t memory, unsigned threads,
                           lede_error *err) {
    const struct permute_job job = {.merge = {.inputs = c->inputs, .count = c->workers, .memory = memory}};
    return reorder_articles(out, &job, threads, err);
}

/* Fails unless `found` has each article once, but those of which live is false, if that is given. */
static void assert_has_each(const uint32_t *found, uint32_t n, const bool *live) {
    static bool has[ARTICLES];
    uint32_t expected = 0;
    memset(has, 0, sizeof has);
    for (uint32_t i = 0; i < n; i++) {
        assert_in_range(found[i], 0, ARTICLES - 1);
        assert_false(has[found[i]]);
        assert_true(!live || live[found[i]]);
        has[found[i]] = true;
    }
    for (uint32_t i = 0; i < ARTICLES; i++)
        expected += !live || live[i];
    assert_int_equal(n, expected);
}

/* An order of all articles is found; the ids in that order, to be freed. */
static uint32_t *ids_in_order(struct reordering *found, const struct collection *c, unsigned threads) {
    uint32_t *ids = malloc(ARTICLES * sizeof *ids);
    assert_non_null(ids);
    assert_int_equal(reorder(found, c, MEMORY, threads, NULL), LEDE_OK);
    assert_non_null(found->order);
    assert_has_each(found->order, found->articles, NULL);
    for (uint32_t i = 0; i < ARTICLES; i++)
        ids[i] = c->ids[found->order[i]];
    return ids;
}

/* The ranges that have an article of a subject, of all subjects together; ids NULL: in the order of the input. */
static uint32_t count_ranges(const uint32_t *ids) {
    uint32_t last[SUBJECTS] = {0}, sum = 0;
    for (uint32_t i = 0; i < ARTICLES; i++) {
        uint32_t subject = subject_of(ids ? ids[i] : i), range = i / RANGE_DOCS + 1;
        sum += last[subject] != range;
        last[subject] = range;
    }
    return sum;
}

/* How many articles are in one range with the first of their story. */
static uint32_t count_together(const uint32_t *ids) {
    static uint32_t places[ARTICLES];
    uint32_t sum = 0;
    for (uint32_t i = 0; i < ARTICLES; i++)
        places[ids[i]] = i;
    for (uint32_t id = 0; id < ARTICLES; id++)
        sum += places[id] / RANGE_DOCS == places[id / STORY * STORY] / RANGE_DOCS;
    return sum;
}

static void subjects_of_all_eras_come_together(void **state) {
    struct reordering found;
    struct collection *c = collect(write_of_eras, *state, 1);
    uint32_t *ids = ids_in_order(&found, c, 2), before = count_ranges(NULL), after = count_ranges(ids);
    double together = (double)count_together(ids) / ARTICLES;
    print_message("%u ranges that have a subject, %u before; %.2f of those that have a term; %.2f of stories\n", after,
                  before, found.ranges, together);
    assert_null(found.natural);
    assert_true(after < before * 0.6);
    assert_true(found.ranges < 0.75);
    assert_true(together > 0.9);
    assert_true(found.gain > 0);
    free(ids);
    reordering_release(&found);
    collection_free(c);
}

static void neither_workers_nor_threads_matter(void **state) {
    struct reordering found, expected;
    struct collection *c = collect(write_of_eras, *state, 1);
    uint32_t *one = ids_in_order(&expected, c, 1);
    reordering_release(&expected);
    collection_free(c);
    c = collect(write_of_eras, *state, WORKERS_MOST);
    for (unsigned threads = 1; threads <= 2; threads++) {
        uint32_t *many = ids_in_order(&found, c, threads);
        assert_memory_equal(one, many, ARTICLES * sizeof *one);
        assert_int_equal(found.gain, expected.gain);
        assert_true(found.ranges == expected.ranges);
        assert_has_each(found.natural, found.articles, NULL);
        for (uint32_t i = 0; i < ARTICLES; i++)
            assert_int_equal(c->ids[found.natural[i]], i);
        reordering_release(&found);
        free(many);
    }
    free(one);
    collection_free(c);
}

static void too_little_memory_leaves_the_order(void **state) {
    static const lede_error untouched = {.status = LEDE_OK, .message = "as it was"};
    struct reordering found;
    lede_error err = untouched;
    struct collection *c = collect(write_of_eras, *state, 2);
    assert_int_equal(reorder(&found, c, TOO_LITTLE_MEMORY, 2, &err), LEDE_NOT_FOUND);
    assert_null(found.order);
    assert_null(found.natural);
    assert_memory_equal(&err, &untouched, sizeof err);
    collection_free(c);
}

static void deleted_articles_are_left_out(void **state) {
    enum { LEFT_OUT = 7 };
    static uint8_t deleted[2][2 * ARTICLES / 8 + 1];
    static bool live[ARTICLES];
    struct reordering found;
    struct collection *c = collect(write_of_eras, *state, 2);
    const struct segment_info *infos[] = {segment_info(c->segments[0]), segment_info(c->segments[1])};
    for (uint32_t i = 0; i < ARTICLES; i++) {
        uint32_t w = i >= infos[0]->articles, next = i + 1 < ARTICLES ? c->first[i + 1] : 0;
        uint32_t end = next ? next : (uint32_t)infos[w]->passages;
        live[i] = i % LEFT_OUT != 0;
        for (uint32_t p = c->first[i]; !live[i] && p < end; p++)
            deleted[w][p / 8] |= (uint8_t)(1U << p % 8);
    }
    c->inputs[0].deleted = deleted[0];
    c->inputs[1].deleted = deleted[1];
    assert_int_equal(reorder(&found, c, MEMORY, 2, NULL), LEDE_OK);
    assert_has_each(found.order, found.articles, live);
    assert_has_each(found.natural, found.articles, live);
    reordering_release(&found);
    collection_free(c);
}

/* Says so when it has been asked often enough. */
struct patience {
    uint32_t questions, left;
};

static int stop_when_asked_too_often(void *ctx) {
    struct patience *p = ctx;
    p->questions++;
    return p->left == 0 || --p->left == 0;
}

static lede_status reorder_patiently(struct patience *patience, const struct collection *c) {
    const struct merge_job merge = {
        .inputs = c->inputs, .count = c->workers, .memory = MEMORY, .stop = stop_when_asked_too_often, .ctx = patience};
    struct reordering found;
    lede_status status = reorder_articles(&found, &(struct permute_job){.merge = merge}, 2, NULL);
    if (status != LEDE_OK) {
        assert_null(found.order);
        assert_null(found.natural);
    }
    reordering_release(&found);
    return status;
}

static void it_can_be_stopped_at_any_time(void **state) {
    enum { SOME = 5000, TIMES = 40 };
    struct collection *c = collect_some(SOME, write_of_eras, *state, 2);
    struct patience without_end = {.left = UINT32_MAX};
    assert_int_equal(reorder_patiently(&without_end, c), LEDE_OK);
    assert_true(without_end.questions > TIMES);
    for (uint32_t i = 0; i <= TIMES; i++) {
        struct patience p = {.left = 1 + (uint32_t)((uint64_t)(without_end.questions - 1) * i / TIMES)};
        const uint32_t questions = p.left;
        assert_int_equal(reorder_patiently(&p, c), LEDE_INTERRUPTED);
        assert_int_equal(p.questions, questions);
    }
    collection_free(c);
}

static void memory_may_run_out_at_any_time(void **state) {
    enum { SOME = 4 * BATCH };
    struct collection *c = collect_some(SOME, write_of_eras, *state, 2);
    struct reordering found;
    lede_status status = LEDE_NOMEM;
    long n = 0;
    for (; FAILING_MALLOC && status != LEDE_OK; n++) {
        failing_malloc_after(n);
        status = reorder(&found, c, MEMORY, 2, NULL);
        failing_malloc_never();
        assert_true(status == LEDE_NOMEM || status == LEDE_OK);
        assert_true(status == LEDE_OK || (!found.order && !found.natural));
    }
    print_message("%ld allocations\n", n);
    if (FAILING_MALLOC)
        reordering_release(&found);
    collection_free(c);
}

static void a_good_order_is_left_alone(void **state) {
    struct reordering found;
    struct collection *c = collect(write_in_order, *state, 1);
    assert_int_equal(reorder(&found, c, MEMORY, 2, NULL), LEDE_NOT_FOUND);
    assert_null(found.order);
    collection_free(c);
    /* Of two workers' it is made again. */
    c = collect(write_in_order, *state, 2);
    assert_int_equal(reorder(&found, c, MEMORY, 2, NULL), LEDE_OK);
    assert_null(found.order);
    for (uint32_t i = 0; i < ARTICLES; i++)
        assert_int_equal(c->ids[found.natural[i]], i);
    reordering_release(&found);
    collection_free(c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(subjects_of_all_eras_come_together, random_setup, random_teardown),
        cmocka_unit_test_setup_teardown(neither_workers_nor_threads_matter, random_setup, random_teardown),
        cmocka_unit_test_setup_teardown(too_little_memory_leaves_the_order, random_setup, random_teardown),
        cmocka_unit_test_setup_teardown(deleted_articles_are_left_out, random_setup, random_teardown),
        cmocka_unit_test_setup_teardown(it_can_be_stopped_at_any_time, random_setup, random_teardown),
        cmocka_unit_test_setup_teardown(memory_may_run_out_at_any_time, random_setup, random_teardown),
        cmocka_unit_test_setup_teardown(a_good_order_is_left_alone, random_setup, random_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
