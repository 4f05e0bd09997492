#include "names.h"

#include "core/base/error.h"
#include "core/text/span.h"
#include "searcher/query/naming.h"

#include <string.h>

/* What other words of a name's stem count, as a share of it: see names.h. */
#define STEM_SHARE 0.2

/* What its plural counts, or its singular, if that is a name, too: Romans and Roman, but Edwards and Edward as well. */
#define NUMBER_SHARE 0.5

/* A form is rare that is one of so many words of its stem at most. A word may be a slip (ins, of in): then the texts of
 * so many passages are read, or of one of so many of all. */
enum { RARE = 4, STEM_FEW = 1 << 14, STEM_RARE = 6 };

/* Runs with names: each after the first is without one that turned out to be none, or with one more. */
enum { RUNS_MOST = 4 };

lede_status names_init(struct names *n, const struct lede_query *query, const char *language,
                       const struct snapshot *snapshot, lede_error *err) {
    *n = (struct names){.arena = ARENA_EMPTY, .query = query, .language = language, .snapshot = snapshot};
    bool *flags = arena_zalloc(&n->arena, 3 * query->term_count + 1, sizeof *flags);
    n->guarded = flags;
    n->refuted = flags + query->term_count;
    n->tried = flags + 2 * query->term_count;
    return flags ? LEDE_OK : error_nomem(err);
}

void names_release(struct names *n) {
    arena_release(&n->arena);
}

/* -------------------------------------------------------------------------------------- rarity -- */

/* How often the index has a form, or a term, and in how many passages the term is. */
struct counts {
    uint64_t times, passages;
};

static lede_status add_counts(struct counts *counts, const struct segment *segment, enum dictionary_kind kind,
                              struct span key, lede_error *err) {
    struct dictionary_cursor *c;
    size_t len;
    lede_status status = dictionary_open(&c, segment, kind, key.s, key.n, err);
    const char *found = status == LEDE_OK ? dictionary_key(c, &len) : NULL;
    if (found && len == key.n && memcmp(found, key.s, len) == 0) {
        counts->times += dictionary_info(c)->total_freq;
        counts->passages += kind == DICTIONARY_TERMS ? dictionary_info(c)->doc_freq : 0;
    }
    dictionary_close(c);
    return status;
}

static lede_status add_forms(struct counts *counts, const struct naming *naming, const struct segment *segment,
                             const struct name_report *name, lede_error *err) {
    char variant[NAMING_MAX];
    struct span form = {variant, 0};
    lede_status status = LEDE_OK;
    for (unsigned i = 0; !status && (form.n = naming_variant(naming, name->form, name->form_len, i, variant)); i++)
        status = add_counts(counts, segment, DICTIONARY_WORDS, form, err);
    return status;
}

static lede_status is_rare(bool *rare, const struct names *n, uint32_t term, const struct name_report *name,
                           lede_error *err) {
    const struct query_term *t = &n->query->terms[term];
    const struct span stem = {t->bytes, t->len};
    struct naming naming;
    struct counts forms = {0, 0}, all = {0, 0};
    lede_status status = LEDE_OK;
    *rare = naming_init(&naming, n->language);
    for (size_t i = 0; i < n->snapshot->segment_count && status == LEDE_OK; i++) {
        const struct segment *segment = n->snapshot->segments[i].segment;
        status = add_forms(&forms, &naming, segment, name, err);
        if (status == LEDE_OK)
            status = add_counts(&all, segment, DICTIONARY_TERMS, stem, err);
    }
    bool few = all.passages <= STEM_FEW || all.passages <= n->snapshot->passages / STEM_RARE;
    *rare = *rare && few && forms.times > 0 && forms.times <= all.times / RARE;
    return status;
}

/* ---------------------------------------------------------------------------------------- tree -- */

/* The query that is made. */
struct guarding {
    const struct names *names;
    const struct naming *naming, *number; /* the second one takes the plural for the same */
    bool as_number;                       /* names are made that take it */
    struct lede_query *out;
    struct arena *arena; /* its own */
    bool failed;
};

/* A copy without children; NULL if out of memory. */
static struct node *copy_node(struct guarding *g, const struct node *node) {
    struct node *copy = arena_alloc(g->arena, sizeof *copy);
    g->failed = g->failed || !copy;
    if (!copy)
        return NULL;
    *copy = *node;
    copy->first = copy->last = copy->next = NULL;
    copy->count = 0;
    return copy;
}

static bool is_name(const struct guarding *g, const struct node *node) {
    return node->kind == NODE_WORD && node->word == WORD_STEM && g->names->tried[node->term];
}

static bool has_name(const struct guarding *g, const struct node *node) {
    bool has = is_name(g, node);
    for (const struct node *c = node->first; c && !has; c = c->next)
        has = has_name(g, c);
    return has;
}

/* What explanations tell it by: the name itself stands beside it. */
static void show_number(struct guarding *g, struct node *word) {
    static const char also[] = ", singular or plural";
    size_t len = word->shown_len;
    char *shown = arena_alloc(g->arena, len + sizeof also);
    g->failed = g->failed || !shown;
    if (!shown)
        return;
    memcpy(shown, word->shown, len);
    memcpy(shown + len, also, sizeof also);
    word->shown = shown;
    word->shown_len = len + sizeof also - 1;
}

static void make_name(struct guarding *g, struct node *word) {
    const struct name_report *name = &g->names->reports[word->term];
    const char *form = name->form;
    size_t len = name->form_len;
    word->word = WORD_FORM;
    word->number = g->out->pattern_count++;
    word->naming = g->as_number && name->number ? g->number : g->naming;
    if (word->naming == g->number) {
        len = naming_bare(g->number, name->form, name->form_len, &form);
        show_number(g, word);
    }
    word->form = arena_strndup(g->arena, form, len);
    word->form_len = len;
    g->failed = g->failed || !word->form;
}

static void number_anew(struct guarding *g, struct node *node) {
    if (node->kind == NODE_WORD && node->word != WORD_STEM)
        node->number = g->out->pattern_count++;
}

/* A copy of a word, phrase, NEAR and the like, or of a choice, in which names are as typed, or are not. */
static struct node *copy_tree(struct guarding *g, const struct node *node, bool as_typed) {
    struct node *copy = copy_node(g, node);
    if (copy && as_typed && is_name(g, node))
        make_name(g, copy);
    else if (copy)
        number_anew(g, copy);
    for (const struct node *c = node->first; c && copy; c = c->next) {
        struct node *child = copy_tree(g, c, as_typed);
        if (child)
            node_add(copy, child);
    }
    return copy;
}

static bool has_number(const struct guarding *g, const struct node *node) {
    bool has = is_name(g, node) && g->names->reports[node->term].number;
    for (const struct node *c = node->first; c && !has; c = c->next)
        has = has_number(g, c);
    return has;
}

static void add_share(struct guarding *g, struct node *either, struct node *part, double share) {
    g->failed = g->failed || !part;
    if (g->failed)
        return;
    part->occur = OCCUR_SHOULD;
    part->weight = weight_round(part->weight * share);
    node_add(either, part);
}

/* As typed, or in the other number, or by stems, in the place of what has names. */
static struct node *guard(struct guarding *g, const struct node *node) {
    struct node *either = node_new(g->arena, NODE_GROUP, node->at);
    double share = has_number(g, node) ? NUMBER_SHARE : 0;
    g->failed = g->failed || !either;
    if (g->failed)
        return NULL;
    either->occur = node->occur;
    either->implied = node->implied;
    g->as_number = true;
    if (share > 0)
        add_share(g, either, copy_tree(g, node, true), share);
    g->as_number = false;
    add_share(g, either, copy_tree(g, node, true), 1 - share);
    add_share(g, either, copy_tree(g, node, false), STEM_SHARE);
    return either;
}

static struct node *guard_group(struct guarding *g, const struct node *group) {
    struct node *copy = copy_node(g, group);
    for (const struct node *c = group->first; c && copy && !g->failed; c = c->next) {
        bool gives = c->occur == OCCUR_SHOULD || c->occur == OCCUR_MUST;
        struct node *child;
        if (!gives || !has_name(g, c))
            child = copy_tree(g, c, true);
        else
            child = c->kind == NODE_GROUP ? guard_group(g, c) : guard(g, c);
        if (child)
            node_add(copy, child);
    }
    return copy;
}

static lede_status make(struct lede_query **out, const struct names *n, lede_error *err) {
    struct arena arena = ARENA_EMPTY;
    struct lede_query *query = arena_zalloc(&arena, 1, sizeof *query);
    struct naming *naming = arena_zalloc(&arena, 2, sizeof *naming);
    bool *names = arena_zalloc(&arena, n->query->term_count + 1, sizeof *names);
    struct guarding g = {.names = n, .naming = naming, .number = naming + 1, .out = query, .arena = &arena};
    struct node *root = NULL;
    if (query && naming && names && naming_init(naming, n->language)) {
        naming[1] = naming[0];
        naming[1].number = true;
        *query = *n->query;
        memcpy(names, n->tried, n->query->term_count * sizeof *names);
        query->names = names;
        query->clauses = NULL;
        query->clause_count = 0;
        query->pattern_count = 0;
        root = guard_group(&g, n->query->root);
    }
    if (!root || g.failed) {
        arena_release(&arena);
        return error_nomem(err);
    }
    query->root = root;
    query->arena = arena;
    *out = query;
    return LEDE_OK;
}

/* ---------------------------------------------------------------------------------------- runs -- */

static lede_status try_term(struct names *n, uint32_t term, lede_error *err) {
    const struct name_report *report = &n->reports[term];
    bool *tried = &n->tried[term];
    *tried = n->guarded[term] || report->verdict != NAME_NONE;
    if (n->refuted[term])
        *tried = false;
    if (*tried && !n->guarded[term] && report->verdict == NAME_UNSEEN && n->snapshot)
        return is_rare(tried, n, term, report, err);
    return LEDE_OK;
}

lede_status names_next(struct lede_query **out, struct names *n, const struct name_report *reports, lede_error *err) {
    lede_status status = LEDE_OK;
    *out = NULL;
    n->reports = reports;
    for (uint32_t t = 0; reports && t < n->query->term_count && status == LEDE_OK; t++)
        status = try_term(n, t, err);
    if (status != LEDE_OK || !reports || n->runs == RUNS_MOST ||
        memcmp(n->tried, n->guarded, n->query->term_count * sizeof *n->tried) == 0)
        return status;
    n->runs++;
    return make(out, n, err);
}

bool names_stand(struct names *n, const struct name_report *reports) {
    bool stand = reports != NULL;
    for (size_t t = 0; t < n->query->term_count && reports; t++) {
        bool is_none = n->tried[t] && reports[t].verdict != NAME_FOUND;
        n->refuted[t] = n->refuted[t] || is_none;
        stand = stand && !is_none;
    }
    if (stand)
        memcpy(n->guarded, n->tried, n->query->term_count * sizeof *n->tried);
    return stand;
}
