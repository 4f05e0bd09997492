/* The operators that Lede and Xapian share find the same passages of the same random articles; fts5_query_test.c has
 * the table of which these are. In Xapian a word is a term for its stem and one for its form, in each field, with a
 * prefix for each; which forms have one stem is what the test's own list of words says, so that nothing of Lede's is in
 * it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/buffer.h"
#include "engines/xapian/binding.h"
#include "support/built_index.h"
#include "support/random_article.h"

enum { ARTICLES = 400, DATE_SLOT = 0, OPERANDS = 3, FIELDS = 3, CORPORA = 8, QUERIES = 200 };

typedef struct xapian_query xquery;

/* Prefixes of terms: of stems and of forms. */
static const char *const prefixes[FIELDS][2] = {{"TS", "TF"}, {"HS", "HF"}, {"BS", "BF"}};
static const char *const fields[FIELDS] = {"title:", "heading:", "body:"};

struct fixture {
    struct random *random;
    struct built_index built;
    struct xapian_database *db;
    uint32_t articles;
};

static struct xapian_error error;

static void must(enum xapian_code code) {
    if (code != XAPIAN_OK)
        fail_msg("%s", error.message);
}

/* ------------------------------------------------------------------------------------- corpora -- */

static void add_posting(struct xapian_document *document, const char *prefix, const char *word, uint32_t position) {
    char term[32];
    size_t len = (size_t)snprintf(term, sizeof term, "%s%s", prefix, word);
    must(xapian_document_add_posting(document, term, len, position, &error));
}

static void add_text(struct xapian_document *document, int field, const struct random_text *text) {
    for (uint32_t i = 0; i < text->count; i++) {
        add_posting(document, prefixes[field][0], forms_of[text->words[i].stem][0], i + 1);
        add_posting(document, prefixes[field][1], form_of(text->words[i]), i + 1);
    }
}

static void add_document(struct fixture *f, const struct random_article *a) {
    const struct random_text *const texts[FIELDS] = {&a->title, &a->heading, &a->text};
    struct xapian_document *document;
    char date[16], term[16];
    must(xapian_document_new(&document, &error));
    for (int i = 0; i < FIELDS; i++)
        add_text(document, i, texts[i]);
    for (uint32_t i = 0; i < a->byline_words; i++)
        add_posting(document, "Y", names[a->byline[i]], i + 1);
    size_t len = (size_t)snprintf(term, sizeof term, "L%s", a->language);
    must(xapian_document_add_filter(document, term, len, &error));
    size_t date_len = (size_t)snprintf(date, sizeof date, "%u", a->date);
    must(xapian_document_set_value(document, DATE_SLOT, date, date_len, &error));
    must(xapian_document_add(NULL, f->db, document, &error));
    xapian_document_free(document);
}

static void add_article(struct fixture *f) {
    struct random_article a;
    struct passage passage;
    random_article(f->random, f->articles++, &a);
    const struct article article = indexed_article(&a, &passage);
    built_index_add(&f->built, &article);
    add_document(f, &a);
}

static void fill(struct fixture *f) {
    for (uint32_t segments = 1 + random_below(f->random, 3); segments > 0; segments--) {
        for (uint32_t n = 1 + random_below(f->random, ARTICLES); n > 0; n--)
            add_article(f);
        built_index_flush(&f->built);
    }
    must(xapian_database_commit(f->db, &error));
}

/* -------------------------------------------------------------------------------------- words -- */

static void append(struct buffer *b, const char *text) {
    buffer_append(b, text, strlen(text));
}

static xquery *term(const char *prefix, const char *word) {
    char text[32];
    xquery *query;
    size_t len = (size_t)snprintf(text, sizeof text, "%s%s", prefix, word);
    must(xapian_query_term(&query, text, len, &error));
    return query;
}

static xquery *combine(enum xapian_operator op, xquery **operands, size_t count, uint32_t window) {
    xquery *query;
    must(xapian_query_combine(&query, op, (const xquery *const *)operands, count, window, &error));
    for (size_t i = 0; i < count; i++)
        xapian_query_free(operands[i]);
    return query;
}

static xquery *pair(enum xapian_operator op, xquery *a, xquery *b) {
    return combine(op, (xquery *[]){a, b}, 2, 0);
}

/* Xapian 1.4 does not always look at positions where phrases stand in an OR that it only asks whether it has a
 * document, nor in an OR at the right of AND_NOT. So these are put as engines/shards/query.c tells: as operands of an
 * AND_MAYBE, and as what all documents but these are. */
static xquery *settle(xquery *query) {
    xquery *any, *nothing;
    must(xapian_query_all(&any, &error));
    must(xapian_query_scale(&nothing, any, 0, &error));
    xapian_query_free(any);
    return pair(XAPIAN_AND_MAYBE, query, nothing);
}

static xquery *either(xquery *a, xquery *b) {
    return pair(XAPIAN_OR, settle(a), settle(b));
}

static xquery *without(xquery *a, xquery *b) {
    xquery *all;
    must(xapian_query_all(&all, &error));
    return pair(XAPIAN_FILTER, a, pair(XAPIAN_XOR, all, settle(b)));
}

static xquery *together(enum xapian_operator op, xquery *a, xquery *b) {
    switch (op) {
    case XAPIAN_OR: return either(a, b);
    case XAPIAN_AND_NOT: return without(a, b);
    default: return pair(op, a, b);
    }
}

/* A word as it is typed: the stem, the form (=), or all forms that begin so. */
enum kind { STEM, FORM, PREFIX };
struct typed {
    enum kind kind;
    struct random_word word;
    uint32_t len; /* of a prefix */
};

static struct typed random_typed(struct random *r) {
    struct typed t = {(enum kind)random_below(r, 3), random_word(r), 0};
    t.len = 1 + random_below(r, (uint32_t)strlen(form_of(t.word)));
    return t;
}

/* One that only forms of this stem are. */
static struct typed typed_of(struct random *r, uint32_t stem) {
    struct typed t = {(enum kind)random_below(r, 3), {stem % STEMS, random_below(r, FORMS)}, 3};
    return t;
}

static void append_typed(struct random *r, struct buffer *q, const struct typed *t) {
    char word[SHOWN];
    append(q, t->kind == FORM ? "=" : "");
    if (t->kind == PREFIX)
        buffer_append(q, form_of(t->word), t->len);
    else
        append(q, shown(r, form_of(t->word), word));
    append(q, t->kind == PREFIX ? "*" : "");
}

/* The forms that begin so, as terms: an operand of OP_PHRASE and OP_NEAR is no OP_WILDCARD. */
static xquery *spelled_out(const struct typed *t, int field) {
    xquery *operands[STEMS * FORMS];
    size_t count = 0;
    for (uint32_t i = 0; i < STEMS * FORMS; i++)
        if (strncmp(forms_of[i / FORMS][i % FORMS], form_of(t->word), t->len) == 0)
            operands[count++] = term(prefixes[field][1], forms_of[i / FORMS][i % FORMS]);
    return combine(XAPIAN_OR, operands, count, 0);
}

static xquery *placed(const struct typed *t, int field) {
    switch (t->kind) {
    case STEM: return term(prefixes[field][0], forms_of[t->word.stem][0]);
    case FORM: return term(prefixes[field][1], form_of(t->word));
    default: return spelled_out(t, field);
    }
}

static xquery *asked(const struct typed *t, int field) {
    char prefix[32];
    xquery *query;
    if (t->kind != PREFIX)
        return placed(t, field);
    size_t len = (size_t)snprintf(prefix, sizeof prefix, "%s%.*s", prefixes[field][1], (int)t->len, form_of(t->word));
    must(xapian_query_prefix(&query, prefix, len, 0, &error));
    return query;
}

/* ------------------------------------------------------------------------------------- operands -- */

/* What is asked for in one field, or any. */
struct asking {
    struct typed words[2 * OPERANDS];
    uint32_t count;
    bool choice[OPERANDS]; /* this operand is its word or the one OPERANDS further on */
    bool near, ordered, plain;
    uint32_t distance;
};

static xquery *in_field(const struct asking *a, int field) {
    xquery *operands[OPERANDS];
    if (a->plain)
        return asked(&a->words[0], field);
    for (uint32_t i = 0; i < a->count; i++) {
        operands[i] = placed(&a->words[i], field);
        if (a->choice[i])
            operands[i] = pair(XAPIAN_OR, operands[i], placed(&a->words[OPERANDS + i], field));
    }
    return combine(a->near && !a->ordered ? XAPIAN_NEAR : XAPIAN_PHRASE, operands, a->count,
                   a->count + (a->near ? a->distance - 1 : 0));
}

/* In the field that the text asks for, or in any. */
static xquery *somewhere(const struct asking *a, int field) {
    xquery *each[FIELDS];
    if (field < FIELDS)
        return in_field(a, field);
    for (int i = 0; i < FIELDS; i++)
        each[i] = a->plain ? in_field(a, i) : settle(in_field(a, i));
    return combine(XAPIAN_OR, each, FIELDS, 0);
}

static void ask_phrase(struct random *r, struct buffer *q, struct asking *a) {
    bool forms = random_below(r, 2);
    a->count = 2 + random_below(r, OPERANDS - 1);
    append(q, forms ? "=\"" : "\"");
    for (uint32_t i = 0; i < a->count; i++) {
        struct typed *t = &a->words[i];
        *t = random_typed(r);
        t->kind = t->kind == PREFIX ? PREFIX : STEM;
        append_typed(r, q, t);
        append(q, i + 1 < a->count ? " " : "\"");
        t->kind = t->kind == STEM && forms ? FORM : t->kind;
    }
}

/* Different words, some of them one of two. */
static void ask_near(struct random *r, struct buffer *q, struct asking *a) {
    char text[16];
    uint32_t stem = random_below(r, STEMS);
    a->count = 2 + random_below(r, OPERANDS - 1);
    a->near = true;
    a->ordered = random_below(r, 2);
    a->distance = 1 + random_below(r, 6);
    snprintf(text, sizeof text, "%s/%u(", a->ordered ? "ADJ" : "NEAR", a->distance);
    append(q, text);
    for (uint32_t i = 0; i < a->count; i++) {
        a->choice[i] = random_below(r, 4) == 0;
        append(q, a->choice[i] ? "(" : "");
        a->words[i] = typed_of(r, stem++);
        append_typed(r, q, &a->words[i]);
        if (a->choice[i]) {
            a->words[OPERANDS + i] = typed_of(r, stem++);
            append(q, " OR ");
            append_typed(r, q, &a->words[OPERANDS + i]);
        }
        append(q, a->choice[i] ? ")" : "");
        append(q, i + 1 < a->count ? " " : ")");
    }
}

static xquery *words(struct random *r, struct buffer *q) {
    struct asking a = {.count = 1};
    int field = (int)random_below(r, 2 * FIELDS);
    append(q, field < FIELDS ? fields[field] : "");
    switch (random_below(r, 4)) {
    case 0: ask_phrase(r, q, &a); break;
    case 1: ask_near(r, q, &a); break;
    default:
        a.plain = true;
        a.words[0] = random_typed(r);
        append_typed(r, q, &a.words[0]);
    }
    append(q, random_below(r, 6) ? "" : "^2.5");
    return somewhere(&a, field);
}

/* Two words of a field, or of the passage. */
static xquery *both_words(struct random *r, struct buffer *q) {
    struct asking a = {.count = 1, .plain = true}, b = {.count = 1, .plain = true};
    bool all = random_below(r, 2);
    int field = all ? FIELDS : (int)random_below(r, FIELDS);
    a.words[0] = random_typed(r);
    b.words[0] = random_typed(r);
    append(q, all ? "PASSAGE" : fields[field]);
    append(q, "(");
    append_typed(r, q, &a.words[0]);
    append(q, " ");
    append_typed(r, q, &b.words[0]);
    append(q, ")");
    return pair(all ? XAPIAN_AND : XAPIAN_OR, somewhere(&a, field), somewhere(&b, field));
}

static xquery *everything(struct buffer *q) {
    xquery *query;
    append(q, "*");
    must(xapian_query_all(&query, &error));
    return query;
}

static xquery *operand(struct random *r, struct buffer *q) {
    switch (random_below(r, 12)) {
    case 0: return everything(q);
    case 1:
    case 2: return both_words(r, q);
    default: return words(r, q);
    }
}

/* ------------------------------------------------------------------------------------- filters -- */

static xquery *range(uint32_t from, uint32_t to) {
    char low[16], high[16];
    xquery *query;
    size_t low_len = (size_t)snprintf(low, sizeof low, "%08u", from);
    size_t high_len = (size_t)snprintf(high, sizeof high, "%08u", to);
    must(xapian_query_range(&query, DATE_SLOT, low, low_len, high, high_len, &error));
    return query;
}

static void append_day(struct buffer *q, uint32_t day) {
    char text[16];
    snprintf(text, sizeof text, "%u-%02u-%02u", day / 10000 % 10000, day / 100 % 100, day % 100);
    append(q, text);
}

/* A year, a month, days from one on, up to one, or between two. */
static xquery *dates(struct random *r, struct buffer *q) {
    uint32_t a = random_date(r), b = random_date(r), kind = random_below(r, 5);
    uint32_t from = a < b ? a : b, to = a < b ? b : a;
    char part[16];
    append(q, "date:");
    if (kind < 2) {
        snprintf(part, sizeof part, "%u-%02u", a / 10000 % 10000, a / 100 % 100);
        buffer_append(q, part, kind ? 7 : 4);
        return kind ? range(a / 100 * 100, a / 100 * 100 + 31) : range(a / 10000 * 10000, a / 10000 * 10000 + 1231);
    }
    if (kind != 2)
        append_day(q, from);
    append(q, "..");
    if (kind != 3)
        append_day(q, to);
    return range(kind == 2 ? 0 : from, kind == 3 ? 99999999 : to);
}

static xquery *byline(struct random *r, struct buffer *q) {
    const char *a = names[random_below(r, NAMES)], *b = names[random_below(r, NAMES)];
    bool one = random_below(r, 2);
    append(q, "byline:\"");
    append(q, a);
    append(q, one ? "" : " ");
    append(q, one ? "" : b);
    append(q, "\"");
    return one ? term("Y", a) : combine(XAPIAN_PHRASE, (xquery *[]){term("Y", a), term("Y", b)}, 2, 2);
}

static xquery *language(struct random *r, struct buffer *q) {
    const char *one = languages[random_below(r, LANGUAGES)];
    append(q, "lang:");
    append(q, one);
    return term("L", one);
}

static xquery *filter(struct random *r, struct buffer *q, uint32_t kind) {
    return kind == 0 ? dates(r, q) : kind == 1 ? byline(r, q) : language(r, q);
}

/* What is found, if a filter lets it pass; one of two of a kind; or if it does not. */
static xquery *filtered(struct random *r, struct buffer *q, xquery *found) {
    uint32_t kind = random_below(r, 3);
    append(q, " ");
    switch (random_below(r, 3)) {
    case 0: append(q, "-"); return without(found, filter(r, q, kind));
    case 1: return pair(XAPIAN_FILTER, found, filter(r, q, kind));
    default: break;
    }
    xquery *one = filter(r, q, kind);
    append(q, " ");
    return pair(XAPIAN_FILTER, found, either(one, filter(r, q, kind)));
}

/* --------------------------------------------------------------------------------- expressions -- */

static xquery *expression(struct random *r, struct buffer *q, unsigned depth);

static xquery *signs(struct random *r, struct buffer *q, unsigned depth) {
    bool maybe = random_below(r, 2);
    append(q, "(+(");
    xquery *found = expression(r, q, depth + 1);
    append(q, maybe ? ") (" : ") -(");
    xquery *other = expression(r, q, depth + 1);
    append(q, "))");
    return maybe ? pair(XAPIAN_AND_MAYBE, found, settle(other)) : without(found, other);
}

static xquery *expression(struct random *r, struct buffer *q, unsigned depth) {
    static const char *const operators[] = {" AND ", " OR ", " NOT ", " "};
    static const enum xapian_operator theirs[] = {XAPIAN_AND, XAPIAN_OR, XAPIAN_AND_NOT, XAPIAN_OR};
    if (depth == 3 || random_below(r, 3) == 0)
        return operand(r, q);
    if (random_below(r, 5) == 0)
        return signs(r, q, depth);
    append(q, "(");
    xquery *left = expression(r, q, depth + 1);
    if (random_below(r, 5) == 0) {
        left = filtered(r, q, left);
    } else {
        uint32_t n = random_below(r, 4);
        append(q, operators[n]);
        left = together(theirs[n], left, random_below(r, 8) || n == 3 ? expression(r, q, depth + 1) : dates(r, q));
    }
    append(q, ")");
    return left;
}

/* ----------------------------------------------------------------------------------- the tests -- */

static uint32_t match(struct fixture *f, const xquery *query, bool *found) {
    const struct xapian_bm25 bm25 = {1.2, 0.75};
    const struct xapian_window all = {0, f->articles, UINT32_MAX};
    struct xapian_enquire *enquire;
    struct xapian_mset *mset;
    must(xapian_enquire_new(&enquire, f->db, query, &bm25, &error));
    must(xapian_enquire_run(&mset, enquire, &all, &error));
    uint32_t count = xapian_mset_count(mset);
    for (uint32_t i = 0; i < count; i++)
        found[xapian_mset_hit(mset, i)->document - 1] = true;
    xapian_mset_free(mset);
    xapian_enquire_free(enquire);
    return count;
}

static bool check(struct fixture *f) {
    const lede_search_options all = {.limit = SIZE_MAX};
    const lede_query_options strict = {.strict = true};
    struct buffer text = BUFFER_EMPTY;
    lede_query *query;
    lede_results *results;
    lede_error err;
    xquery *theirs = expression(f->random, &text, 0);
    buffer_append_u8(&text, 0);
    const char *ours = (const char *)text.data;
    bool *found = calloc(f->articles, sizeof *found);
    assert_non_null(found);
    uint32_t count = match(f, theirs, found);
    built_check(lede_query_parse(&query, &f->built.index, ours, strlen(ours), &strict, &err), &err);
    built_check(lede_search(&results, &f->built.index, query, &all, &err), &err);
    if (lede_results_count(results) != count)
        fail_msg("%s has %zu matches, in Xapian %u", ours, lede_results_count(results), count);
    for (size_t i = 0; i < count; i++)
        if (!found[lede_results_hit(results, i)->passage])
            fail_msg("%s finds %u, Xapian does not", ours, (unsigned)lede_results_hit(results, i)->passage);
    lede_results_free(results);
    lede_query_free(query);
    xapian_query_free(theirs);
    free(found);
    buffer_release(&text);
    return count > 0 && count < f->articles;
}

static void matches_are_those_of_xapian(void **state) {
    uint32_t telling = 0;
    for (int i = 0; i < CORPORA; i++) {
        struct fixture f = {.random = *state};
        built_index_init(&f.built, "english");
        must(xapian_database_open_writable(&f.db, folder_entry(&f.built.folder, "xapian"), true, &error));
        fill(&f);
        for (int n = 0; n < QUERIES; n++)
            telling += check(&f);
        xapian_database_close(f.db);
        built_index_release(&f.built);
    }
    printf("%u of %d queries find some of the passages\n", telling, CORPORA * QUERIES);
    assert_true(telling > CORPORA * QUERIES / 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(matches_are_those_of_xapian, random_setup, random_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
