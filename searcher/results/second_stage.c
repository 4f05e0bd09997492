#include "second_stage.h"

#include "core/base/error.h"
#include "recency.h"
#include "stage.h"

#include <stdlib.h>

/* -------------------------------------------------------------------------------- candidates -- */

static int compare_passages(const void *a, const void *b) {
    const struct candidate *const *x = a, *const *y = b;
    return (*x)->ranked.passage < (*y)->ranked.passage ? -1 : 1;
}

static void find_candidate(const struct stage *s, struct candidate *c, size_t i) {
    if (!s->in->plan) {
        c->view = &s->in->views[s->first + i];
        return;
    }
    c->segment = snapshot_segment_of(s->in->plan->snapshot, c->ranked.passage);
    c->doc = (uint32_t)(c->ranked.passage - c->segment->base);
    c->norm = bm25_norm(s->in->bm25, segment_length(c->segment->segment, c->doc));
}

/* The next entries, so many at most; the first ones are those that may gain. */
static bool take_candidates(struct stage *s, size_t first, size_t most) {
    const struct topk *top = s->in->top;
    s->first = first;
    s->count = top->count - first < most ? top->count - first : most;
    s->candidates = arena_zalloc(&s->scratch, s->count + 1, sizeof *s->candidates);
    s->order = arena_zalloc(&s->scratch, s->count + 1, sizeof *s->order);
    if (!s->candidates || !s->order)
        return false;
    for (size_t i = 0; i < s->count; i++) {
        struct candidate *c = &s->candidates[i];
        c->ranked.passage = top->entries[first + i].ordinal;
        c->ranked.bm25 = c->ranked.score = top->entries[first + i].score;
        find_candidate(s, c, i);
        c->last = c;
        s->order[i] = c;
    }
    if (s->count)
        qsort(s->order, s->count, sizeof *s->order, compare_passages);
    return true;
}

static void fetch_articles(struct stage *s) {
    for (size_t i = 0; i < s->count; i++) {
        struct candidate *c = s->order[i];
        c->article = segment_article_of(c->segment->segment, c->doc);
        article_fetch_group(c->segment->segment, c->article);
    }
    for (size_t i = 0; i < s->count; i++)
        article_fetch_record(s->order[i]->segment->segment, s->order[i]->article);
}

static lede_status look_at_all(struct stage *s, lede_error *err) {
    struct interrupt *interrupt = s->in->plan ? s->in->plan->interrupt : NULL;
    lede_status status = s->in->fetch ? s->in->fetch(s->in->fetch_ctx, s->first, s->first + s->count, err) : LEDE_OK;
    if (status == LEDE_OK && s->gains)
        status = s->in->plan ? stage_look_up(s, 0, s->word_count, err) : stage_count_words(s, err);
    if (s->in->plan)
        fetch_articles(s);
    for (size_t i = 0; i < s->count && status == LEDE_OK; i++)
        status = interrupt_is_due(interrupt) ? LEDE_INTERRUPTED : stage_read(s, s->order[i], err);
    return status == LEDE_OK && s->gains ? stage_gain_by_proximity(s, err) : status;
}

/* -------------------------------------------------------------------------------------- order -- */

static void gain_by_recency(struct stage *s) {
    int32_t newest = 0;
    for (size_t i = 0; i < s->count; i++)
        newest = s->candidates[i].day > newest ? s->candidates[i].day : newest;
    for (size_t i = 0; i < s->count; i++) {
        struct ranked *r = &s->candidates[i].ranked;
        r->recency = r->score * recency_share(s->candidates[i].day, newest, s->options->recent);
        r->score += r->recency;
    }
}

/* The order of the heap: candidates stand in it as they were found, and those that score the same stay so. */
static int compare_scores(const void *a, const void *b) {
    const struct candidate *const *x = a, *const *y = b;
    if ((*x)->ranked.score != (*y)->ranked.score)
        return (*x)->ranked.score > (*y)->ranked.score ? -1 : 1;
    return *x < *y ? -1 : 1;
}

static void put_in_order(struct stage *s) {
    for (size_t i = 0; i < s->count; i++) {
        struct ranked *r = &s->candidates[i].ranked;
        r->score = r->bm25 + r->proximity + r->surface;
        s->order[i] = &s->candidates[i];
    }
    if (s->recent)
        gain_by_recency(s);
    if (s->count && (s->gains || s->recent))
        qsort(s->order, s->count, sizeof *s->order, compare_scores);
}

/* ------------------------------------------------------------------------------------- copies -- */

/* Puts the candidate under the first before it that it is a copy of, or keeps it. Those that are kept have the same
 * numbers among the copies. */
static bool collapse(struct stage *s, struct candidate *c) {
    size_t number = SKETCH_NONE;
    if (c->wording && !copies_find(&s->copies, c->wording, &number))
        return false;
    if (number == SKETCH_NONE) {
        s->kept[s->kept_count++] = c;
        return !c->wording || copies_add(&s->copies, c->wording);
    }
    struct candidate *best = s->kept[number];
    best->last->next = c;
    best->last = c;
    best->ranked.copy_count++;
    return true;
}

static bool collapse_all(struct stage *s) {
    for (size_t i = 0; i < s->count; i++)
        if (!collapse(s, s->order[i]))
            return false;
    return true;
}

static bool take_copies(struct stage *s, struct candidate *c) {
    uint64_t *copies = arena_zalloc(s->arena, c->ranked.copy_count + 1, sizeof *copies);
    if (!copies)
        return false;
    c->ranked.copies = copies;
    for (c = c->next; c; c = c->next)
        *copies++ = c->ranked.passage;
    return true;
}

static lede_status take_ranked(struct stage *s, struct ranked **out, size_t *count, lede_error *err) {
    *out = arena_zalloc(s->arena, s->kept_count + 1, sizeof **out);
    if (!*out)
        return error_nomem(err);
    for (size_t i = 0; i < s->kept_count; i++) {
        struct candidate *c = s->kept[i];
        if (c->ranked.copy_count && !take_copies(s, c))
            return error_nomem(err);
        (*out)[(*count)++] = c->ranked;
    }
    return LEDE_OK;
}

/* --------------------------------------------------------------------------------------- run -- */

/* The first entries, which alone gain. */
static lede_status run_first(struct stage *s, lede_error *err) {
    lede_status status = look_at_all(s, err);
    if (status == LEDE_OK)
        status = stage_judge_names(s, err);
    stage_release_occurrences(s);
    if (status != LEDE_OK)
        return status;
    if (s->gains)
        stage_gain_by_surface(s);
    put_in_order(s);
    return stage_keep_names(s) && collapse_all(s) ? LEDE_OK : error_nomem(err);
}

/* Those behind them, in their order, until there are as many hits as are wanted. */
static lede_status run_next(struct stage *s, size_t first, lede_error *err) {
    lede_status status = take_candidates(s, first, LEDE_RERANK_DEPTH) ? LEDE_OK : error_nomem(err);
    s->gains = s->recent = false;
    if (status == LEDE_OK)
        status = look_at_all(s, err);
    if (status != LEDE_OK)
        return status;
    for (size_t i = 0; i < s->count; i++)
        s->order[i] = &s->candidates[i];
    return collapse_all(s) ? LEDE_OK : error_nomem(err);
}

static void release(struct stage *s) {
    copies_release(&s->copies);
    surface_release(&s->surface);
    text_reader_release(&s->texts);
    buffer_release(&s->text);
    buffer_release(&s->hashes);
    arena_release(&s->scratch);
}

static lede_status run(struct stage *s, size_t *used, lede_error *err) {
    const struct topk *top = s->in->top;
    size_t most = top->count < LEDE_COLLAPSE_DEPTH ? top->count : LEDE_COLLAPSE_DEPTH;
    s->kept = arena_alloc(&s->scratch, (top->count + 1) * sizeof(struct candidate *));
    s->articles = arena_alloc(&s->scratch, sizeof *s->articles);
    if (!s->kept || !s->articles)
        return error_nomem(err);
    s->articles->segment = NULL;
    s->copies.arena = &s->scratch;
    lede_status status = take_candidates(s, 0, LEDE_RERANK_DEPTH) && stage_take_words(s) ? LEDE_OK : error_nomem(err);
    if (status == LEDE_OK && s->has_text)
        status = surface_init(&s->surface, s->in->query, s->in->language, err);
    if (status == LEDE_OK)
        status = run_first(s, err);
    *used = s->count;
    while (status == LEDE_OK && s->options->collapse && s->has_text && s->kept_count < s->in->wanted && *used < most) {
        status = run_next(s, *used, err);
        *used += s->count;
    }
    return status;
}

lede_status second_stage_run(struct ranked_hits *out, struct arena *arena, const struct second_stage_input *input,
                             lede_error *err) {
    struct stage s = {.arena = arena, .in = input, .options = input->options, .texts = TEXT_READER_EMPTY};
    *out = (struct ranked_hits){NULL, 0, 0, NULL};
    s.gains = s.options->rerank && s.options->sort == LEDE_SORT_SCORE;
    s.recent = s.options->recent > 0 && s.options->sort == LEDE_SORT_SCORE;
    s.has_text = input->has_text && (s.gains || s.options->collapse);
    lede_status status = run(&s, &out->used, err);
    if (status == LEDE_OK)
        status = take_ranked(&s, &out->hits, &out->count, err);
    out->names = s.names;
    release(&s);
    return status;
}
