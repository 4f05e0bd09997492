/* The cursors of a segment, made of the query's tree from the leaves up. A part that nothing in the segment can match
 * has no cursor, which is no error: *out is NULL. */
#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "gate.h"
#include "searcher/match/near.h"
#include "searcher/plan/filter.h"
#include "searcher/plan/passage_text.h"
#include "searcher/plan/plan.h"
#include "searcher/ranges/range_term.h"
#include "tally.h"

struct builder {
    const struct plan *plan;
    size_t number; /* of the segment */
    const struct segment *segment;
    struct gate *gate; /* NULL: there is none */
    uint32_t only;     /* passage that is of interest; DOC_END: all are */
    uint64_t *left;    /* see plan_picked; NULL: passages are not picked */
    struct arena *arena;
    lede_error *err;
};

static lede_status made(const struct builder *b, struct cursor *c, struct cursor **out) {
    *out = c;
    return c ? LEDE_OK : error_nomem(b->err);
}

/* ------------------------------------------------------------------------------------- words -- */

struct occurrences {
    const struct builder *builder;
    const struct node *word;
    bool ask_text;
    uint64_t *left; /* of the word; NULL: not known */
};

/* Those in the field that is asked for; of them those of the forms that are. */
static uint32_t keep(void *ctx, uint32_t doc, uint32_t *positions, uint32_t n, lede_status *status) {
    const struct occurrences *o = ctx;
    const struct builder *b = o->builder;
    uint32_t kept = 0;
    if (o->word->field != FIELD_ANY) {
        struct field_borders borders = field_borders_of(b->segment, doc);
        for (uint32_t i = 0; i < n; i++)
            if (field_borders_have(&borders, o->word->field, positions[i]))
                positions[kept++] = positions[i];
        n = kept;
    }
    if (!o->ask_text || n == 0)
        return n;
    *status = passage_text_read(b->plan->text, doc);
    if (*status != LEDE_OK)
        return 0;
    kept = 0;
    for (uint32_t i = 0; i < n; i++) {
        char form[TERM_MAX + 1];
        size_t len = passage_text_form(b->plan->text, positions[i], form);
        if (len && node_takes_form(o->word, form, len))
            positions[kept++] = positions[i];
    }
    return kept;
}

/* How many are of the forms that are asked for, in the field. */
static uint32_t count(void *ctx, uint32_t doc, lede_status *status) {
    const struct occurrences *o = ctx;
    const struct plan *p = o->builder->plan;
    const struct gate *gate = o->builder->gate;
    uint32_t n = 0, enough = gate && gate->merely ? 1 : UINT32_MAX;
    if (o->left && *o->left == 0)
        return 0;
    *status = passage_text_count(p->text, doc, &p->verdicts[o->word->number], enough, &n);
    if (o->left)
        *o->left -= n < *o->left ? n : *o->left;
    return n;
}

/* Whether its forms may be counted in a text, whatever terms they have, instead of looking where the term is. */
static bool is_counted(const struct builder *b, const struct node *word, bool positions) {
    return !positions && word->word == WORD_FORM &&
           b->plan->expansions[b->number * b->plan->query->pattern_count + word->number].is_own;
}

static struct cursor *make_term(const struct builder *b, const struct node *word, const struct expanded_term *term,
                                bool positions, const struct word_scorer *scorer) {
    struct cursor *c = term_cursor_new(b->arena, &term->info, scorer);
    if (!c || (term->whole && word->field == FIELD_ANY))
        return c;
    struct occurrences *o = arena_alloc(b->arena, sizeof *o);
    struct builder *copy = arena_alloc(b->arena, sizeof *copy);
    if (!o || !copy) {
        cursor_release(c);
        return NULL;
    }
    *copy = *b;
    *o = (struct occurrences){copy, word, !term->whole, !term->whole && b->left ? &b->left[word->number] : NULL};
    const struct occurrence_filter filter = {
        keep, !term->whole && is_counted(b, word, positions) ? count : NULL, o->left, o, b->gate, !term->whole};
    return occurrence_cursor_new(b->arena, c, &filter, scorer);
}

/* Any number of terms, added up. */
static lede_status make_tally(const struct builder *b, const struct node *word, const struct word_scorer *scorer,
                              struct cursor **out) {
    const struct plan *p = b->plan;
    struct tally *tally = b->gate ? gate_tally(b->gate, word) : NULL;
    lede_status status = LEDE_OK;
    if (!tally && b->only != DOC_END && p->text)
        status = tally_of_passage(&tally, b->arena, b->segment, b->only, b->err);
    else if (!tally)
        status = tally_of_word(&tally, b->arena, p, b->number, word, b->err);
    const struct tally_texts texts = {p->text, &p->verdicts[word->number], b->gate ? &b->gate->merely : NULL};
    interrupt_stage(p->interrupt, SHARE_OF_PASSAGES);
    return status == LEDE_OK ? made(b, tally_cursor_new(b->arena, tally, &texts, scorer), out) : status;
}

static int by_doc_freq(const void *a, const void *b) {
    const struct expanded_term *const *x = a, *const *y = b;
    if ((*x)->info.doc_freq != (*y)->info.doc_freq)
        return (*x)->info.doc_freq > (*y)->info.doc_freq ? -1 : 1;
    return (*x > *y) - (*x < *y);
}

/* Terms as one, with positions: of very many the most frequent ones. */
static lede_status make_synonyms(const struct builder *b, const struct node *word, const struct expansion *e,
                                 const struct word_scorer *scorer, struct cursor **out) {
    const struct expanded_term **order = arena_alloc(b->arena, e->count * sizeof(struct expanded_term *));
    struct cursor **cursors = arena_alloc(b->arena, e->count * sizeof(struct cursor *));
    if (!order || !cursors)
        return error_nomem(b->err);
    for (uint32_t i = 0; i < e->count; i++)
        order[i] = &e->terms[i];
    if (e->count > PLAN_POSITION_TERMS)
        qsort(order, e->count, sizeof(struct expanded_term *), by_doc_freq);
    uint32_t count = e->count < PLAN_POSITION_TERMS ? e->count : PLAN_POSITION_TERMS;
    for (uint32_t i = 0; i < count; i++) {
        cursors[i] = make_term(b, word, order[i], true, scorer);
        if (!cursors[i]) {
            cursors_release(cursors, i);
            return error_nomem(b->err);
        }
    }
    const struct tally *tally = b->gate ? gate_tally(b->gate, word) : NULL;
    return made(b,
                tally ? synonym_cursor_led(b->arena, cursors, count, tally, scorer)
                      : synonym_cursor_new(b->arena, cursors, count, false, scorer),
                out);
}

/* Whether some passage has words in the field. */
static bool has_field(const struct segment *segment, enum text_field field) {
    if (field != FIELD_TITLE && field != FIELD_HEADING)
        return true;
    return segment->columns[field == FIELD_TITLE ? COLUMN_TITLES : COLUMN_HEADINGS].width > 0;
}

/* `positions`: of a cursor that has them. */
static lede_status make_word(const struct builder *b, const struct node *word, double factor, bool positions,
                             struct cursor **out) {
    const struct plan *p = b->plan;
    bool stem = word->word == WORD_STEM;
    const struct word_scorer scorer = {b->segment, &p->bm25, plan_weight(p, word, factor), plan_doc_freq(p, word),
                                       stem ? p->query->terms[word->term].bytes : word->shown};
    if (!has_field(b->segment, word->field))
        return LEDE_OK;
    if (stem) {
        const struct expanded_term term = {p->infos[b->number * p->query->term_count + word->term], true, UINT32_MAX};
        return term.info.doc_freq ? made(b, make_term(b, word, &term, positions, &scorer), out) : LEDE_OK;
    }
    const struct expansion *e = &p->expansions[b->number * p->query->pattern_count + word->number];
    if (e->count == 0)
        return LEDE_OK;
    if (!positions && !b->left && plan_adds_up(p, b->number, word))
        return make_tally(b, word, &scorer, out);
    if (e->count == 1)
        return made(b, make_term(b, word, &e->terms[0], positions, &scorer), out);
    return make_synonyms(b, word, e, &scorer, out);
}

/* ---------------------------------------------------------------------------------- operands -- */

static lede_status make_operator(const struct builder *b, const struct node *node, double factor, struct cursor **out);

/* Words of which any counts as the word. */
static lede_status make_choice(const struct builder *b, const struct node *node, double factor, struct cursor **out) {
    const struct plan *p = b->plan;
    struct cursor **cursors = arena_zalloc(b->arena, node->count, sizeof(struct cursor *));
    size_t count = 0;
    lede_status status = cursors ? LEDE_OK : error_nomem(b->err);
    for (const struct node *c = node->first; c && status == LEDE_OK; c = c->next) {
        status = make_word(b, c, 1, true, &cursors[count]);
        count += status == LEDE_OK && cursors[count];
    }
    if (status != LEDE_OK) {
        cursors_release(cursors, count);
        return status;
    }
    const struct word_scorer scorer = {b->segment, &p->bm25, plan_weight(p, node, factor), plan_doc_freq(p, node),
                                       node->first->shown};
    return count ? made(b, synonym_cursor_new(b->arena, cursors, count, true, &scorer), out) : LEDE_OK;
}

static lede_status make_operand(const struct builder *b, const struct node *node, double factor, struct cursor **out) {
    *out = NULL;
    if (node->kind == NODE_WORD)
        return make_word(b, node, factor, true, out);
    return node->kind == NODE_SYNONYM ? make_choice(b, node, factor, out) : make_operator(b, node, factor, out);
}

struct nearness {
    const struct segment *segment;
    struct near near;
};

static bool stand_near(void *ctx, uint32_t doc, struct phrase_slot *slots, uint32_t count, lede_status *status) {
    const struct nearness *n = ctx;
    const struct field_borders borders = field_borders_of(n->segment, doc);
    (void)status;
    return near_matches(&n->near, &borders, slots, count);
}

static bool make_nearness(const struct builder *b, const struct node *node, struct position_check *check) {
    struct nearness *n = arena_zalloc(b->arena, 1, sizeof *n);
    uint32_t *lengths = arena_zalloc(b->arena, 3 * (size_t)node->count, sizeof *lengths), i = 0;
    if (!n || !lengths)
        return false;
    n->segment = b->segment;
    n->near = (struct near){lengths, node->distance - 1, node->kind == NODE_ADJ, lengths + node->count};
    for (const struct node *c = node->first; c; c = c->next) {
        lengths[i] = c->kind == NODE_PHRASE ? c->count : 1;
        n->near.width += lengths[i++];
    }
    check->matches = stand_near;
    check->ctx = n;
    return true;
}

/* Whether a sentence has all: the one of each place of the first operand is looked for among those of the others. */
static bool share_sentence(void *ctx, uint32_t doc, struct phrase_slot *slots, uint32_t count, lede_status *status) {
    struct passage_text *text = ctx;
    *status = passage_text_read(text, doc);
    if (*status != LEDE_OK)
        return false;
    for (; slots[0].at < slots[0].count; slots[0].at++) {
        uint32_t sentence = passage_text_sentence(text, slots[0].positions[slots[0].at]), i = 1;
        for (; i < count && sentence != UINT32_MAX; i++) {
            struct phrase_slot *s = &slots[i];
            while (s->at < s->count && passage_text_sentence(text, s->positions[s->at]) < sentence)
                s->at++;
            if (s->at == s->count || passage_text_sentence(text, s->positions[s->at]) != sentence)
                break;
        }
        if (i == count)
            return true;
    }
    return false;
}

static struct cursor *join_operands(const struct builder *b, const struct node *node, struct cursor *const *cursors,
                                    uint32_t count, const uint32_t *slots) {
    struct position_check check = {share_sentence, b->plan->text, b->gate, node->kind == NODE_SENTENCE};
    if (node->kind == NODE_PHRASE)
        check.matches = NULL;
    else if (node->kind != NODE_SENTENCE && !make_nearness(b, node, &check)) {
        cursors_release(cursors, count);
        return NULL;
    }
    return position_cursor_new(b->arena, cursors, count, slots, node->count, &check);
}

/* A phrase, NEAR and the like: what its operands give, where they stand as they have to. */
static lede_status make_operator(const struct builder *b, const struct node *node, double factor, struct cursor **out) {
    uint32_t *slots = arena_zalloc(b->arena, 2 * (size_t)node->count, sizeof *slots), *counts = slots + node->count;
    const struct node **operands = arena_alloc(b->arena, node->count * sizeof(struct node *));
    struct cursor **cursors = arena_zalloc(b->arena, node->count, sizeof(struct cursor *));
    if (!slots || !operands || !cursors)
        return error_nomem(b->err);
    uint32_t distinct = node_operands(node, slots, operands, counts), n = 0;
    lede_status status = LEDE_OK;
    for (; n < distinct && status == LEDE_OK; n++) {
        status = make_operand(b, operands[n], factor * (counts[n] * node->weight), &cursors[n]);
        if (status == LEDE_OK && !cursors[n])
            break;
    }
    if (n == distinct && status == LEDE_OK)
        return made(b, join_operands(b, node, cursors, distinct, slots), out);
    cursors_release(cursors, distinct);
    return status;
}

/* ------------------------------------------------------------------------------------ groups -- */

/* The cursors of a segment that a group comes down to. */
struct parts {
    struct cursor **searched, **excluded;
    bool *required; /* of the searched ones */
    size_t searched_count, excluded_count, required_count;
    uint64_t *filter; /* what the group's filters let pass; NULL: it has none */
    bool hopeless;
};

static lede_status make_node(const struct builder *b, const struct node *node, struct cursor **out);

static lede_status make_filter(const struct builder *b, const struct node *filter, struct cursor **out) {
    uint64_t *bits;
    lede_status status = filter_passages(&bits, b->arena, filter, b->plan->snapshot, b->number, b->err);
    if (status != LEDE_OK)
        return status;
    return made(b, bitset_cursor_new(b->arena, bits, segment_info(b->segment)->passages, 1), out);
}

static lede_status add_filter(const struct builder *b, const struct node *filter, struct parts *parts) {
    uint64_t *bits;
    lede_status status = filter_passages(&bits, b->arena, filter, b->plan->snapshot, b->number, b->err);
    uint32_t words = filter_words(segment_info(b->segment)->passages);
    for (uint32_t w = 0; w < words && status == LEDE_OK && parts->filter; w++)
        parts->filter[w] &= bits[w];
    if (status == LEDE_OK && !parts->filter)
        parts->filter = bits;
    return status;
}

static lede_status add_child(const struct builder *b, const struct node *child, struct parts *parts) {
    struct cursor *cursor = NULL;
    lede_status status = make_node(b, child, &cursor);
    if (status != LEDE_OK)
        return status;
    if (child->occur == OCCUR_MUST && !cursor)
        parts->hopeless = true;
    if (!cursor)
        return LEDE_OK;
    if (child->occur == OCCUR_MUST_NOT) {
        parts->excluded[parts->excluded_count++] = cursor;
    } else {
        parts->required[parts->searched_count] = child->occur == OCCUR_MUST;
        parts->required_count += child->occur == OCCUR_MUST;
        parts->searched[parts->searched_count++] = cursor;
    }
    return LEDE_OK;
}

/* On failure the parts are whole as far as they go. Filters of the root are in plan->accepted. */
static lede_status make_parts(const struct builder *b, const struct node *group, struct parts *parts) {
    bool root = group == b->plan->query->root;
    lede_status status = LEDE_OK;
    parts->searched = arena_zalloc(b->arena, 2 * (size_t)group->count + 2, sizeof(struct cursor *));
    parts->required = arena_zalloc(b->arena, group->count + (size_t)1, sizeof *parts->required);
    if (!parts->searched || !parts->required)
        return error_nomem(b->err);
    parts->excluded = parts->searched + group->count + 1;
    if (root && b->plan->accepted)
        parts->filter = b->plan->accepted[b->number];
    for (const struct node *c = group->first; c && status == LEDE_OK && !parts->hopeless; c = c->next) {
        bool filter = c->occur == OCCUR_FILTER;
        if (root && (filter || (c->occur == OCCUR_MUST_NOT && node_is_filter(c))))
            continue;
        status = filter ? add_filter(b, c, parts) : add_child(b, c, parts);
    }
    return status;
}

static void release_parts(const struct parts *p) {
    cursors_release(p->searched, p->searched_count);
    cursors_release(p->excluded, p->excluded_count);
}

/* What is searched for, without filters and exclusions. */
static struct cursor *join_searched(const struct builder *b, const struct node *group, const struct parts *p) {
    if (group->least)
        return quorum_cursor_new(b->arena, p->searched, p->searched_count, group->least);
    if (p->searched_count == 1)
        return p->searched[0];
    return p->required_count ? and_cursor_new(b->arena, p->searched, p->required, p->searched_count)
                             : or_cursor_new(b->arena, p->searched, p->searched_count);
}

/* At the root filters are asked again of what is found, so a cursor on them is worth while only if it leads. */
static struct cursor *join_filter(const struct builder *b, const struct parts *p, struct cursor *searched, bool root) {
    enum { LEADS = 8 };
    static const bool both[] = {true, true};
    struct cursor *pair[2] = {
        searched, bitset_cursor_new(b->arena, p->filter, segment_info(b->segment)->passages, searched ? 0 : 1)};
    if (!pair[1]) {
        cursor_release(searched);
        return NULL;
    }
    if (!searched)
        return pair[1];
    if (root && pair[1]->cost > searched->cost / LEADS) {
        cursor_release(pair[1]);
        return searched;
    }
    return and_cursor_new(b->arena, pair, both, 2);
}

/* The cursor that joins the parts, which it owns; NULL if out of memory. */
static struct cursor *join(const struct builder *b, const struct node *group, const struct parts *p) {
    struct cursor *whole = p->searched_count ? join_searched(b, group, p) : NULL;
    if ((whole || !p->searched_count) && p->filter)
        whole = join_filter(b, p, whole, group == b->plan->query->root);
    if (!p->excluded_count)
        return whole;
    if (!whole) {
        cursors_release(p->excluded, p->excluded_count);
        return NULL;
    }
    return not_cursor_new(b->arena, whole, p->excluded, p->excluded_count);
}

/* Whether anything can be in the group without one of its cursors: if there are filters, and nothing to search. */
static bool is_filters(const struct node *group) {
    bool filters = false;
    for (const struct node *c = group->first; c; c = c->next) {
        if (c->occur == OCCUR_SHOULD || c->occur == OCCUR_MUST)
            return false;
        filters |= c->occur == OCCUR_FILTER;
    }
    return filters;
}

static lede_status make_group(const struct builder *b, const struct node *group, struct cursor **out) {
    struct parts parts = {0};
    lede_status status = make_parts(b, group, &parts);
    bool nothing =
        parts.hopeless || parts.searched_count < group->least || (parts.searched_count == 0 && !is_filters(group));
    if (status == LEDE_OK && !nothing)
        return made(b, join(b, group, &parts), out);
    release_parts(&parts);
    return status;
}

static lede_status make_node(const struct builder *b, const struct node *node, struct cursor **out) {
    *out = NULL;
    if (node_is_filter(node))
        return make_filter(b, node, out);
    switch (node->kind) {
    case NODE_WORD: return make_word(b, node, 1, false, out);
    case NODE_GROUP: return make_group(b, node, out);
    case NODE_ALL: return made(b, bitset_cursor_new(b->arena, NULL, segment_info(b->segment)->passages, 1), out);
    default: return make_operator(b, node, 1, out);
    }
}

static lede_status make_root(const struct builder *b, struct cursor **out) {
    *out = NULL;
    if (b->plan->text)
        passage_text_use(b->plan->text, b->segment);
    return make_node(b, b->plan->query->root, out);
}

lede_status plan_segment(const struct plan *plan, size_t segment, struct arena *arena, struct cursor **out,
                         lede_error *err) {
    const struct segment *s = plan->snapshot->segments[segment].segment;
    return make_root(&(struct builder){plan, segment, s, NULL, DOC_END, NULL, arena, err}, out);
}

lede_status plan_passage(const struct plan *plan, size_t segment, uint32_t doc, struct arena *arena,
                         struct cursor **out, lede_error *err) {
    const struct segment *s = plan->snapshot->segments[segment].segment;
    return make_root(&(struct builder){plan, segment, s, NULL, doc, NULL, arena, err}, out);
}

lede_status plan_gated(const struct plan *plan, struct gate *gate, struct arena *arena, struct cursor **out,
                       lede_error *err) {
    const struct segment *s = plan->snapshot->segments[gate->number].segment;
    return make_root(&(struct builder){plan, gate->number, s, gate, DOC_END, NULL, arena, err}, out);
}

lede_status plan_picked(const struct plan *plan, size_t segment, uint64_t *left, struct arena *arena,
                        struct cursor **out, lede_error *err) {
    const struct segment *s = plan->snapshot->segments[segment].segment;
    return make_root(&(struct builder){plan, segment, s, NULL, DOC_END, left, arena, err}, out);
}
