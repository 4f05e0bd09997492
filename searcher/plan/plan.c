#include "plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "accents.h"
#include "core/base/buffer.h"
#include "core/base/cpu.h"
#include "core/base/error.h"
#include "core/segment/segment_map.h"
#include "expand.h"
#include "filter.h"
#include "passage_text.h"

static void fetch_terms(const struct segment *segment, const struct lede_query *query) {
    for (enum term_step step = TERM_BUCKET; step <= TERM_ENTRIES; step++)
        for (size_t t = 0; t < query->term_count; t++)
            segment_fetch_term(segment, query->terms[t].bytes, query->terms[t].len, step);
}

static lede_status find_terms(struct plan *p, size_t number, lede_error *err) {
    const struct segment *segment = p->snapshot->segments[number].segment;
    const size_t count = p->query->term_count;
    struct term_info *infos = p->infos + number * count;
    fetch_terms(segment, p->query);
    for (size_t t = 0; t < count; t++) {
        const struct query_term *term = &p->query->terms[t];
        lede_status status = segment_find_term(segment, term->bytes, term->len, &infos[t], err);
        if (status == LEDE_NOT_FOUND)
            infos[t].doc_freq = 0;
        else if (status != LEDE_OK)
            return status;
        p->doc_freqs[t] += infos[t].doc_freq;
    }
    for (size_t t = 0; t < count; t++)
        postings_fetch(segment, &infos[t]);
    return LEDE_OK;
}

/* -------------------------------------------------------------------------------- expansions -- */

enum { ASK_EVERY = 64 }; /* terms */

/* A form that was found, by its term. */
struct found_form {
    const char *term; /* an offset in `bytes` until all are found */
    size_t len;
    uint64_t occurrences;
};

/* What gives terms to forms. */
struct stemming {
    struct analyzer *analyzer;
    bool reads_accents; /* so that words of one form have several terms, which texts tell apart: */
    struct accents accents;
    struct accents_terms terms;
};

struct finding {
    struct plan *plan;
    const struct segment *segment;
    struct stemming *stemming;
    const struct node *word;
    struct buffer bytes, forms; /* of terms; struct found_form each */
};

static void add_form(struct finding *f, const char *term, size_t len, uint64_t occurrences) {
    const struct found_form found = {(const char *)(uintptr_t)f->bytes.len, len, occurrences};
    buffer_append(&f->bytes, term, len);
    buffer_append(&f->forms, &found, sizeof found);
}

/* Where forms are very many, one accent each has to do. */
static void add_others(struct finding *f, const struct found_form *form, const char *own, size_t own_len) {
    enum { FORMS_MANY = 4096 };
    struct accents_terms *terms = &f->stemming->terms;
    uint32_t most = f->forms.len / sizeof *form > FORMS_MANY ? 1 : 2;
    accents_find(terms, &f->stemming->accents, form->term, form->len, most);
    for (uint32_t i = 0; i < terms->count; i++)
        if (terms->lens[i] != own_len || memcmp(terms->terms[i], own, own_len) != 0)
            add_form(f, terms->terms[i], terms->lens[i], form->occurrences);
}

static lede_status take_form(void *ctx, const char *form, size_t len, uint64_t occurrences, lede_error *err) {
    struct finding *f = ctx;
    char stem[TERM_MAX + 1];
    const char *term = stem;
    size_t term_len = analyzer_term(f->stemming->analyzer, form, len, stem);
    if (f->word->word == WORD_FORM) {
        const struct query_term *own = &f->plan->query->terms[f->word->term];
        if (f->word->naming && !f->stemming->reads_accents &&
            (own->len != term_len || memcmp(own->bytes, stem, term_len) != 0))
            return analyzer_status(f->stemming->analyzer, err);
        term = own->bytes;
        term_len = own->len;
    }
    add_form(f, term, term_len, occurrences);
    if (f->stemming->reads_accents)
        add_others(f, &(struct found_form){form, len, occurrences}, term, term_len);
    if (f->bytes.failed || f->forms.failed)
        return error_nomem(err);
    return analyzer_status(f->stemming->analyzer, err);
}

static int by_term(const void *a, const void *b) {
    const struct found_form *x = a, *y = b;
    int order = memcmp(x->term, y->term, x->len < y->len ? x->len : y->len);
    return order ? order : (x->len > y->len) - (x->len < y->len);
}

static void sort_forms(struct finding *f) {
    struct found_form *forms = (struct found_form *)(void *)f->forms.data;
    size_t count = f->forms.len / sizeof *forms;
    for (size_t i = 0; i < count; i++)
        forms[i].term = (const char *)f->bytes.data + (uintptr_t)forms[i].term;
    if (count)
        qsort(forms, count, sizeof *forms, by_term);
}

/* Looks up the terms, and adds up how many passages have them. */
static lede_status take_terms(struct finding *f, struct expansion *out, lede_error *err) {
    const struct found_form *forms = (const struct found_form *)(void *)f->forms.data;
    size_t count = f->forms.len / sizeof *forms, len;
    uint32_t looked_up = 0;
    bool all_known = f->segment->counts.exact_words && analyzer_stems_forms(f->stemming->analyzer);
    struct dictionary_cursor *c = NULL;
    uint64_t *doc_freq = &f->plan->pattern_doc_freqs[f->word->number];
    out->is_own = f->word->word == WORD_FORM && analyzer_stems_forms(f->stemming->analyzer);
    out->terms = arena_zalloc(&f->plan->arena, count + 1, sizeof *out->terms);
    if (!out->terms)
        return error_nomem(err);
    lede_status status = dictionary_open(&c, f->segment, DICTIONARY_TERMS, "", 0, err);
    for (size_t i = 0, first; i < count && status == LEDE_OK;) {
        if (interrupt_is_due_each(f->plan->interrupt, &looked_up, ASK_EVERY))
            break;
        uint64_t occurrences = 0;
        for (first = i; i < count && by_term(&forms[first], &forms[i]) == 0; i++)
            occurrences += forms[i].occurrences;
        status = dictionary_seek(c, forms[first].term, forms[first].len, err);
        const char *key = status == LEDE_OK ? dictionary_key(c, &len) : NULL;
        if (!key || len != forms[first].len || memcmp(key, forms[first].term, len) != 0)
            continue;
        const struct term_info *info = dictionary_info(c);
        bool whole = !f->plan->text || (all_known && occurrences >= info->total_freq);
        out->postings += info->doc_freq;
        out->ask_text |= !whole;
        *doc_freq += whole || occurrences > info->doc_freq ? info->doc_freq : occurrences;
        bool told = !whole && all_known && occurrences < UINT32_MAX;
        out->terms[out->count++] = (struct expanded_term){*info, whole, told ? (uint32_t)occurrences : UINT32_MAX};
    }
    dictionary_close(c);
    return status;
}

static lede_status expand(struct plan *p, struct stemming *stemming, const struct node *word, size_t segment,
                          lede_error *err) {
    struct finding f = {p, p->snapshot->segments[segment].segment, stemming, word, BUFFER_EMPTY, BUFFER_EMPTY};
    struct expansion *out = &p->expansions[segment * p->query->pattern_count + word->number];
    interrupt_stage(p->interrupt, SHARE_OF_WORDS);
    lede_status status = expand_word(word, f.segment, p->interrupt, &(struct expand_visitor){take_form, &f}, err);
    if (status == LEDE_OK) {
        interrupt_stage(p->interrupt, SHARE_OF_TERMS);
        sort_forms(&f);
        status = take_terms(&f, out, err);
    }
    if (status == LEDE_OK)
        status = interrupt_status(p->interrupt);
    buffer_release(&f.bytes);
    buffer_release(&f.forms);
    return status;
}

static lede_status expand_all(struct plan *p, struct stemming *stemming, const struct node *node, lede_error *err) {
    lede_status status = LEDE_OK;
    if (node->kind == NODE_WORD && node->word != WORD_STEM) {
        uint64_t *doc_freq = &p->pattern_doc_freqs[node->number];
        bool one_term = node->word == WORD_FORM && node->naming && !stemming->reads_accents;
        p->verdicts[node->number] = VERDICTS_EMPTY(node, one_term ? &p->query->terms[node->term] : NULL);
        for (size_t s = 0; s < p->snapshot->segment_count && status == LEDE_OK; s++)
            status = expand(p, stemming, node, s, err);
        *doc_freq = *doc_freq > p->snapshot->passages ? p->snapshot->passages : *doc_freq;
    }
    for (const struct node *c = node->first; c && status == LEDE_OK; c = c->next)
        status = expand_all(p, stemming, c, err);
    return status;
}

static lede_status find_patterns(struct plan *p, lede_error *err) {
    struct stemming stemming;
    size_t count = p->query->pattern_count;
    p->expansions = arena_zalloc(&p->arena, p->snapshot->segment_count * count + 1, sizeof *p->expansions);
    p->pattern_doc_freqs = arena_zalloc(&p->arena, count + 1, sizeof *p->pattern_doc_freqs);
    p->verdicts = arena_zalloc(&p->arena, count + 1, sizeof *p->verdicts);
    if (!p->expansions || !p->pattern_doc_freqs || !p->verdicts)
        return error_nomem(err);
    lede_status status = analyzer_new(&stemming.analyzer, p->snapshot->language, err);
    if (status != LEDE_OK)
        return status;
    stemming.reads_accents = p->text && !analyzer_stems_forms(stemming.analyzer);
    if (stemming.reads_accents)
        accents_init(&stemming.accents, stemming.analyzer, analyzer_language(p->snapshot->language));
    status = expand_all(p, &stemming, p->query->root, err);
    analyzer_free(stemming.analyzer);
    return status;
}

/* ----------------------------------------------------------------------------------- filters -- */

static bool is_root_filter(const struct node *child) {
    return (child->occur == OCCUR_FILTER || child->occur == OCCUR_MUST_NOT) && node_is_filter(child);
}

static bool has_filters(const struct lede_query *q) {
    for (const struct node *c = q->root->first; c; c = c->next)
        if (is_root_filter(c))
            return true;
    return false;
}

static void drop_deleted(uint64_t *bits, const struct snapshot_segment *s) {
    uint32_t passages = segment_info(s->segment)->passages;
    for (uint32_t i = 0; s->deleted && i < (passages + 7) / 8; i++)
        bits[i / 8] &= ~((uint64_t)s->deleted[i] << i % 8 * 8);
}

FOR_EACH_CPU static void join_filter(uint64_t *bits, const uint64_t *part, uint32_t words, bool without) {
    for (uint32_t w = 0; w < words; w++)
        bits[w] &= without ? ~part[w] : part[w];
}

FOR_EACH_CPU static uint64_t count_bits(const uint64_t *bits, uint32_t words) {
    uint64_t count = 0;
    for (uint32_t w = 0; w < words; w++)
        count += (uint64_t)__builtin_popcountll(bits[w]);
    return count;
}

static lede_status filter_segment(struct plan *p, size_t segment, lede_error *err) {
    const struct snapshot_segment *s = &p->snapshot->segments[segment];
    uint32_t passages = segment_info(s->segment)->passages, words = filter_words(passages);
    uint64_t *bits = NULL, *part;
    lede_status status = LEDE_OK;
    for (const struct node *c = p->query->root->first; c && status == LEDE_OK; c = c->next) {
        if (!is_root_filter(c))
            continue;
        bool without = c->occur != OCCUR_FILTER;
        status = filter_passages(&part, &p->arena, c, p->snapshot, segment, err);
        if (status != LEDE_OK)
            return status;
        if (!bits && without) {
            bits = arena_alloc(&p->arena, words * sizeof *bits);
            if (!bits)
                return error_nomem(err);
            memset(bits, 0xff, words * sizeof *bits);
        }
        if (bits)
            join_filter(bits, part, words, without);
        else
            bits = part;
    }
    memset(bits + passages / 64 + 1, 0, (words - passages / 64 - 1) * sizeof *bits);
    bits[passages / 64] &= (UINT64_C(1) << passages % 64) - 1;
    drop_deleted(bits, s);
    p->accepted_count += count_bits(bits, words);
    p->accepted[segment] = bits;
    return LEDE_OK;
}

static lede_status find_accepted(struct plan *p, lede_error *err) {
    lede_status status = LEDE_OK;
    p->accepted = arena_zalloc(&p->arena, p->snapshot->segment_count + 1, sizeof *p->accepted);
    if (!p->accepted)
        return error_nomem(err);
    for (size_t s = 0; s < p->snapshot->segment_count && status == LEDE_OK; s++)
        status = filter_segment(p, s, err);
    return status;
}

/* ------------------------------------------------------------------------------------- whole -- */

static bool has_sentences(const struct node *node) {
    bool found = node->kind == NODE_SENTENCE;
    for (const struct node *c = node->first; c && !found; c = c->next)
        found = has_sentences(c);
    return found;
}

lede_status plan_init(struct plan *plan, const struct lede_query *query, const struct snapshot *snapshot,
                      const struct plan_options *options, lede_error *err) {
    *plan = (struct plan){.arena = ARENA_EMPTY,
                          .query = query,
                          .snapshot = snapshot,
                          .interrupt = options->interrupt,
                          .team = options->team};
    lede_status status =
        bm25_init(&plan->bm25, options->k1, options->b, snapshot->passages, snapshot->total_length, err);
    if (status != LEDE_OK)
        return status;
    plan->infos = arena_zalloc(&plan->arena, snapshot->segment_count * query->term_count + 1, sizeof *plan->infos);
    plan->doc_freqs = arena_zalloc(&plan->arena, query->term_count + 1, sizeof *plan->doc_freqs);
    if (!plan->infos || !plan->doc_freqs)
        return error_nomem(err);
    for (size_t s = 0; s < snapshot->segment_count && status == LEDE_OK; s++)
        status = find_terms(plan, s, err);
    bool sentences = has_sentences(query->root);
    if (status == LEDE_OK && !snapshot->omit_text && (query->pattern_count || sentences))
        status = passage_text_new(&plan->text, snapshot, sentences, err);
    if (status == LEDE_OK && plan->text)
        passage_text_watch(plan->text, plan->interrupt);
    if (status == LEDE_OK && query->pattern_count)
        status = find_patterns(plan, err);
    if (status == LEDE_OK && has_filters(query))
        status = find_accepted(plan, err);
    return status;
}

void plan_release(struct plan *plan) {
    for (size_t n = 0; plan->verdicts && n < plan->query->pattern_count; n++)
        verdicts_release(&plan->verdicts[n]);
    passage_text_free(plan->text);
    arena_release(&plan->arena);
}

bool plan_adds_up(const struct plan *p, size_t segment, const struct node *word) {
    enum { PART = 64 };
    const struct expansion *e = &p->expansions[segment * p->query->pattern_count + word->number];
    uint32_t passages = segment_info(p->snapshot->segments[segment].segment)->passages;
    return e->count > PLAN_MERGED_TERMS || (e->ask_text && e->postings > passages / PART);
}

/* ------------------------------------------------------------------------------------ weights -- */

uint64_t plan_doc_freq(const struct plan *p, const struct node *word) {
    uint64_t sum = 0;
    if (word->kind == NODE_WORD)
        return word->word == WORD_STEM ? p->doc_freqs[word->term] : p->pattern_doc_freqs[word->number];
    for (const struct node *c = word->first; c; c = c->next)
        sum += plan_doc_freq(p, c);
    return sum > p->bm25.passages ? p->bm25.passages : sum;
}

double plan_weight(const struct plan *p, const struct node *word, double factor) {
    return bm25_weight(&p->bm25, plan_doc_freq(p, word), word->weight * factor);
}

/* -------------------------------------------------------------------------------------- note -- */

/* The first word that is cut, among those that need positions. */
static const struct node *find_cut(const struct plan *p, const struct node *node, bool positions, uint32_t *count) {
    if (node->kind == NODE_WORD && node->word != WORD_STEM && positions)
        for (size_t s = 0; s < p->snapshot->segment_count; s++) {
            *count = p->expansions[s * p->query->pattern_count + node->number].count;
            if (*count > PLAN_POSITION_TERMS)
                return node;
        }
    const struct node *found = NULL;
    for (const struct node *c = node->first; c && !found; c = c->next)
        found = find_cut(p, c, positions || node->kind != NODE_GROUP, count);
    return found;
}

const char *plan_note(const struct plan *p, struct arena *arena) {
    uint32_t count;
    const struct node *word = p->query->pattern_count ? find_cut(p, p->query->root, false, &count) : NULL;
    char note[512];
    if (!word)
        return NULL;
    int n = snprintf(note, sizeof note,
                     "%.255s: within a phrase or NEAR only the %d most frequent of its %u words were looked for",
                     word->shown, PLAN_POSITION_TERMS, count);
    return arena_strndup(arena, note, (size_t)n);
}
