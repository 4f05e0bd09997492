#include "second_stage.h"

#include "copies.h"
#include "core/base/error.h"
#include "core/segment/articles.h"
#include "core/segment/stored_text.h"
#include "core/text/utf8.h"
#include "recency.h"
#include "searcher/match/proximity.h"
#include "searcher/match/surface.h"
#include "searcher/plan/passage_text.h"
#include "searcher/ranges/range_term.h"

#include <stdlib.h>
#include <string.h>

/* Words that are looked at: the rarer half of the query's, this many at least and at most. Words such as "of the" stand
 * near each other everywhere and are always as typed: measured on judged questions, gains by them do harm. */
enum { WORDS_LEAST = 3, WORDS_MOST = 32 };

struct candidate {
    struct ranked ranked;
    const struct snapshot_segment *segment; /* or NULL, and */
    const lede_passage_view *view;
    uint32_t doc, article; /* of the segment */
    double norm;
    int32_t day;
    struct field_borders borders;  /* where fields begin, if that is asked for */
    struct buffer occurrences;     /* struct occurrence each */
    uint32_t freqs[WORDS_MOST];    /* how often each word is there */
    uint32_t typed;                /* a bit for each that is there as typed */
    bool *seen;                    /* which of the query's terms are; NULL: not looked at */
    struct wording *wording;       /* NULL unless copies are looked for */
    struct candidate *next, *last; /* copies of it, and the last of them */
};

/* A word that is looked at: a term of the query, or a prefix and its like. */
struct looked_word {
    const struct node *pattern; /* NULL: it is */
    uint32_t term;
};

struct stage {
    struct arena *arena; /* of what stays */
    struct arena scratch;
    const struct second_stage_input *in;
    const lede_search_options *options;
    bool has_text, gains, recent; /* what is asked for: hits sorted by date keep their order */
    /* Entries of the heap are looked at some at a time: these, */
    struct candidate *candidates;
    struct candidate **order; /* by passage, then by score */
    size_t count, first;      /* that stand behind so many others */
    struct candidate **kept;  /* and those of them and of the others before that are no copies, in order */
    size_t kept_count;
    struct looked_word words[WORDS_MOST];
    double idfs[WORDS_MOST];
    size_t word_count, pattern_count; /* and the prefixes and names among them that texts are to be asked for */
    size_t known_count;               /* words with those behind them, which may be names, but are not looked at */
    struct surface surface;
    struct article_cursor *articles; /* of a segment, */
    struct text_reader texts;        /* and its texts */
    struct buffer text, hashes;      /* of one passage */
    struct copies copies;            /* of those that are kept */
    struct surface_case *cases;      /* of the query's terms */
    bool *seen;                      /* of the query's terms, in one passage, */
    bool typed[WORDS_MOST];          /* and of words that are patterns */
    struct candidate *reading;       /* the one whose text is read */
    struct name_report *names;       /* of the query's terms, in the arena */
};

/* ------------------------------------------------------------------------------------ set up -- */

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

/* Puts the word in its place among the rarest. */
static void insert_word(struct stage *s, const struct looked_word *word, double idf) {
    if (s->word_count == WORDS_MOST && s->idfs[WORDS_MOST - 1] >= idf)
        return;
    size_t at = s->word_count < WORDS_MOST ? s->word_count++ : WORDS_MOST - 1;
    for (; at > 0 && s->idfs[at - 1] < idf; at--) {
        s->words[at] = s->words[at - 1];
        s->idfs[at] = s->idfs[at - 1];
    }
    s->words[at] = *word;
    s->idfs[at] = idf;
}

/* What the query's words are gathered in. */
struct gathering {
    struct stage *stage;
    bool *terms; /* those that were met */
    size_t found;
};

static void add_word(struct gathering *g, const struct looked_word *word, uint64_t doc_freq) {
    const struct bm25 *bm25 = g->stage->in->bm25;
    if (doc_freq == 0)
        return;
    insert_word(g->stage, word, bm25_weight(bm25, doc_freq, 1) / (bm25->k1 + 1));
    g->found++;
}

static bool is_same_name(const struct node *a, const struct node *b) {
    return a->naming && b->naming && a->term == b->term;
}

/* Of a name that counts in both numbers the first node, which takes either, does for all. */
static void add_pattern(struct gathering *g, const struct node *node) {
    const struct stage *s = g->stage;
    for (size_t w = 0; w < s->word_count; w++)
        if (s->words[w].pattern && (node_equal(s->words[w].pattern, node) || is_same_name(s->words[w].pattern, node)))
            return;
    uint64_t doc_freq = s->in->pattern_doc_freqs[node->number];
    if (doc_freq == 0 && node->word == WORD_FORM) /* engines don't tell that of one word */
        doc_freq = s->in->doc_freqs[node->term];
    if (s->in->has_text)
        add_word(g, &(struct looked_word){node, QUERY_NO_TERM}, doc_freq);
}

/* Whether the text has to be asked for the word. */
static bool is_pattern(const struct node *node) {
    return node->word == WORD_FORM ? node->naming != NULL : node->word != WORD_STEM;
}

/* The words that give to scores, not only to exclusions; of names not their stems, which give next to nothing. */
static void gather(struct gathering *g, const struct node *node) {
    const bool *names = g->stage->in->query->names;
    if (node->kind == NODE_WORD && is_pattern(node))
        add_pattern(g, node);
    else if (node->kind == NODE_WORD && !g->terms[node->term] && !(names && names[node->term])) {
        g->terms[node->term] = true;
        add_word(g, &(struct looked_word){NULL, node->term}, g->stage->in->doc_freqs[node->term]);
    }
    for (const struct node *c = node->first; c; c = c->next)
        if (node->kind != NODE_GROUP || c->occur == OCCUR_SHOULD || c->occur == OCCUR_MUST)
            gather(g, c);
}

static bool take_words(struct stage *s) {
    struct gathering g = {s, arena_zalloc(&s->scratch, s->in->query->term_count + 1, sizeof *g.terms), 0};
    s->seen = arena_zalloc(&s->scratch, s->in->query->term_count + 1, sizeof *s->seen);
    s->cases = arena_zalloc(&s->scratch, s->in->query->term_count + 1, sizeof *s->cases);
    if (!g.terms || !s->seen || !s->cases)
        return false;
    gather(&g, s->in->query->root);
    size_t most = g.found / 2 > WORDS_LEAST ? g.found / 2 : WORDS_LEAST;
    s->known_count = s->word_count;
    s->word_count = s->word_count < most ? s->word_count : most;
    for (size_t w = 0; w < s->word_count; w++)
        s->pattern_count += s->words[w].pattern != NULL;
    return true;
}

/* ---------------------------------------------------------------------------------- positions -- */

static void take_occurrences(struct candidate *c, size_t word, const uint32_t *positions, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        const struct occurrence o = {positions[i], (uint32_t)word};
        buffer_append(&c->occurrences, &o, sizeof o);
    }
}

/* Where a word stands in the candidates [first, end) of the order, which are of one segment. */
static lede_status look_up(struct stage *s, size_t word, size_t first, size_t end, lede_error *err) {
    const struct plan *p = s->in->plan;
    const struct snapshot_segment *segment = s->order[first]->segment;
    size_t number = (size_t)(segment - p->snapshot->segments);
    const struct term_info *info = &p->infos[number * p->query->term_count + s->words[word].term];
    struct postings postings;
    if (info->doc_freq == 0)
        return LEDE_OK;
    postings_init(&postings, segment->segment, info);
    for (size_t i = first; i < end && postings.doc != DOC_END; i++) {
        struct candidate *c = s->order[i];
        if (postings.doc < c->doc)
            postings_seek(&postings, c->doc);
        if (postings.doc != c->doc)
            continue;
        c->freqs[word] = postings.freq;
        const uint32_t *positions = postings_positions(&postings);
        if (positions)
            take_occurrences(c, word, positions, c->freqs[word]);
    }
    lede_status status = postings.status;
    postings_release(&postings);
    return range_error(status, segment_path(segment->segment), err);
}

/* Where words [from, to) stand in all candidates. */
static lede_status look_up_all(struct stage *s, size_t from, size_t to, lede_error *err) {
    lede_status status = LEDE_OK;
    for (size_t first = 0, end; first < s->count && status == LEDE_OK; first = end) {
        for (end = first; end < s->count && s->order[end]->segment == s->order[first]->segment;)
            end++;
        for (size_t w = from; w < to && status == LEDE_OK; w++)
            status = s->words[w].pattern ? LEDE_OK : look_up(s, w, first, end, err);
    }
    return status;
}

/* A text that words are counted in, field by field, as the inverter does: see FIELDS in core/segment/segment.h. */
struct counting {
    struct candidate *candidate;
    uint32_t position, length;
};

static void count_word(struct stage *s, struct counting *n, const char *term, size_t len) {
    uint32_t number = query_find_term(s->in->query, term, len);
    for (size_t w = 0; w < s->known_count && number != QUERY_NO_TERM; w++)
        if (s->words[w].term == number) {
            if (w < s->word_count)
                take_occurrences(n->candidate, w, &n->position, 1);
            n->candidate->freqs[w]++;
        }
}

static void count_field(struct stage *s, struct counting *n, const char *text, size_t len) {
    struct analyzer *analyzer = s->surface.analyzer;
    char term[TERM_MAX + 1];
    struct word word;
    uint32_t before = n->position;
    analyzer_reset(analyzer, text, len);
    for (; analyzer_next(analyzer, &word); n->position++) {
        size_t term_len = analyzer_term(analyzer, text + word.start, word.end - word.start, term);
        n->length += term_len > 0;
        if (term_len)
            count_word(s, n, term, term_len);
    }
    n->position += n->position > before;
}

static void count_view(struct stage *s, struct candidate *c) {
    struct counting n = {.candidate = c};
    count_field(s, &n, c->view->article.title, c->view->article.title_len);
    c->borders.heading = n.position;
    count_field(s, &n, c->view->heading, c->view->heading_len);
    c->borders.body = n.position;
    count_field(s, &n, c->view->text, c->view->text_len);
    c->norm = bm25_norm(s->in->bm25, n.length);
}

static lede_status count_all(struct stage *s, lede_error *err) {
    for (size_t i = 0; i < s->count && s->has_text; i++)
        count_view(s, &s->candidates[i]);
    return s->has_text ? analyzer_status(s->surface.analyzer, err) : LEDE_OK;
}

static lede_status gain_by_proximity(struct stage *s, lede_error *err) {
    double sums[WORDS_MOST];
    const struct proximity proximity = {s->idfs, sums, s->word_count, s->in->bm25->k1};
    for (size_t i = 0; i < s->count; i++) {
        struct candidate *c = &s->candidates[i];
        if (c->occurrences.failed)
            return error_nomem(err);
        struct occurrence *occurrences = (struct occurrence *)(void *)c->occurrences.data;
        c->ranked.proximity = LEDE_PROXIMITY_WEIGHT * proximity_gain(&proximity, occurrences,
                                                                     c->occurrences.len / sizeof *occurrences, c->norm);
    }
    return LEDE_OK;
}

/* --------------------------------------------------------------------------------------- text -- */

/* Appends bytes of the article's text, behind a line end. */
static lede_status read_text(struct stage *s, const struct article_record *a, uint32_t start, uint32_t len,
                             lede_error *err) {
    buffer_append_u8(&s->text, '\n');
    return text_reader_read(&s->texts, a->text + start, len, &s->text, err);
}

static lede_status take_wording(struct stage *s, struct candidate *c, lede_error *err) {
    uint64_t *hashes = arena_alloc(&s->scratch, s->hashes.len + sizeof *hashes);
    c->wording = arena_alloc(&s->scratch, sizeof *c->wording);
    if (!c->wording || !hashes || s->hashes.failed)
        return error_nomem(err);
    if (s->hashes.len)
        memcpy(hashes, s->hashes.data, s->hashes.len);
    *c->wording = (struct wording){hashes, s->hashes.len / sizeof *hashes, NULL};
    return LEDE_OK;
}

/* The term whose word it is; QUERY_NO_TERM of prefixes and their like. */
static uint32_t term_of(const struct looked_word *word) {
    return word->pattern && word->pattern->naming ? word->pattern->term : word->term;
}

static bool note_typed(struct stage *s, struct candidate *c) {
    c->seen = arena_alloc(&s->scratch, s->in->query->term_count + 1);
    if (!c->seen)
        return false;
    memcpy(c->seen, s->seen, s->in->query->term_count);
    for (size_t w = 0; w < s->word_count; w++)
        if (c->freqs[w] && (term_of(&s->words[w]) == QUERY_NO_TERM ? s->typed[w] : s->seen[term_of(&s->words[w])]))
            c->typed |= UINT32_C(1) << w;
    return true;
}

static bool is_typed(const struct candidate *c, size_t word) {
    return c->typed >> word & 1;
}

/* What a word gives to a candidate by BM25. */
static double worth_of(const struct stage *s, const struct candidate *c, size_t word) {
    return bm25_score(s->idfs[word] * (s->in->bm25->k1 + 1), c->freqs[word], c->norm);
}

static void gain_by_surface(struct stage *s) {
    for (size_t w = 0; w < s->word_count && s->has_text; w++)
        for (size_t i = 0; i < s->count; i++) {
            struct candidate *c = &s->candidates[i];
            if (is_typed(c, w))
                c->ranked.surface += LEDE_SURFACE_WEIGHT * worth_of(s, c, w);
        }
}

/* A word of the text: prefixes and wildcards stand there as typed where they do at all, fuzzy words may not. */
static void meet(void *ctx, const char *form, size_t len, uint32_t position) {
    struct stage *s = ctx;
    for (size_t w = 0; w < s->word_count; w++) {
        const struct node *pattern = s->words[w].pattern;
        if (!pattern || !node_takes_form(pattern, form, len))
            continue;
        take_occurrences(s->reading, w, &position, 1);
        s->reading->freqs[w]++;
        s->typed[w] = s->typed[w] || pattern->word != WORD_FUZZY ||
                      (len == pattern->form_len && memcmp(form, pattern->form, len) == 0);
    }
}

/* Reads what is in the buffer, a field whose first word is at `position`. Titles have capitals where texts have none.
 */
static lede_status read_field(struct stage *s, uint32_t position, bool is_body, lede_error *err) {
    const struct surface_text text = {(const char *)s->text.data, s->text.len, position};
    const struct surface_report report = {.terms = s->seen,
                                          .cases = is_body ? s->cases : NULL,
                                          .hashes = is_body && s->options->collapse ? &s->hashes : NULL,
                                          .visit = s->gains && s->pattern_count ? meet : NULL,
                                          .ctx = s};
    if (s->text.failed)
        return error_nomem(err);
    if (text.len == 0 || !utf8_valid(text.bytes, text.len))
        return LEDE_OK;
    return surface_read(&s->surface, &text, &report, err);
}

/* The text, and what is looked for in it, which has not been seen in any field yet. */
static lede_status read_body(struct stage *s, uint32_t position, lede_error *err) {
    buffer_clear(&s->hashes);
    memset(s->seen, 0, s->in->query->term_count);
    memset(s->typed, 0, sizeof s->typed);
    return read_field(s, position, true, err);
}

static lede_status read_title(struct stage *s, const lede_article *article, lede_error *err) {
    buffer_clear(&s->text);
    buffer_append(&s->text, article->title, article->title_len);
    return read_field(s, 0, false, err);
}

static lede_status read_fields(struct stage *s, const struct article_record *a, const struct passage *p,
                               lede_error *err) {
    struct candidate *c = s->reading;
    if (s->pattern_count && s->gains)
        c->borders = field_borders_of(c->segment->segment, c->doc);
    buffer_clear(&s->text);
    lede_status status = read_text(s, a, p->start, p->len, err);
    if (status == LEDE_OK)
        status = read_body(s, c->borders.body, err);
    buffer_clear(&s->text);
    if (status == LEDE_OK && s->gains && p->heading_len)
        status = read_text(s, a, p->heading_start, p->heading_len, err);
    if (status == LEDE_OK)
        status = read_field(s, c->borders.heading, false, err);
    return status == LEDE_OK && s->gains ? read_title(s, &a->meta, err) : status;
}

static lede_status read_view(struct stage *s, const struct candidate *c, lede_error *err) {
    const lede_passage_view *view = c->view;
    buffer_clear(&s->text);
    buffer_append(&s->text, view->text, view->text_len);
    lede_status status = read_body(s, c->borders.body, err);
    buffer_clear(&s->text);
    buffer_append(&s->text, view->heading, view->heading_len);
    if (status == LEDE_OK)
        status = read_field(s, c->borders.heading, false, err);
    return status == LEDE_OK && s->gains ? read_title(s, &view->article, err) : status;
}

/* Reads the record of the candidate's article. */
static lede_status find_passage(struct stage *s, const struct candidate *c, struct passage *passage, lede_error *err) {
    const struct segment *segment = c->segment->segment;
    if (s->articles->segment != segment) {
        article_cursor_init(s->articles, segment);
        s->articles->keyless = true;
    }
    lede_status status = article_cursor_passage(s->articles, c->doc, passage, err);
    if (status != LEDE_OK)
        s->articles->segment = NULL;
    return status;
}

/* Reads the candidate's texts, and takes its day. */
static lede_status read_candidate(struct stage *s, struct candidate *c, lede_error *err) {
    struct passage passage;
    if (c->view) {
        c->day = recency_day(c->view->article.date);
        return s->has_text ? read_view(s, c, err) : LEDE_OK;
    }
    lede_status status = find_passage(s, c, &passage, err);
    if (status != LEDE_OK)
        return status;
    c->day = recency_day(s->articles->record.meta.date);
    if (!s->has_text)
        return LEDE_OK;
    text_reader_use(&s->texts, c->segment->segment);
    return read_fields(s, &s->articles->record, &passage, err);
}

static lede_status look_at(struct stage *s, struct candidate *c, lede_error *err) {
    s->reading = c;
    lede_status status = read_candidate(s, c, err);
    if (status != LEDE_OK || !s->has_text)
        return status;
    if (s->gains && !note_typed(s, c))
        return error_nomem(err);
    return s->options->collapse ? take_wording(s, c, err) : LEDE_OK;
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
        status = s->in->plan ? look_up_all(s, 0, s->word_count, err) : count_all(s, err);
    if (s->in->plan)
        fetch_articles(s);
    for (size_t i = 0; i < s->count && status == LEDE_OK; i++)
        status = interrupt_is_due(interrupt) ? LEDE_INTERRUPTED : look_at(s, s->order[i], err);
    return status == LEDE_OK && s->gains ? gain_by_proximity(s, err) : status;
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

static void release_occurrences(struct stage *s) {
    for (size_t i = 0; i < s->count && s->candidates; i++)
        buffer_release(&s->candidates[i].occurrences);
}

/* ------------------------------------------------------------------------------------- names -- */

/* Whether some candidate has other words of the stem alone. */
static lede_status find_others(struct stage *s, size_t word, bool *found, lede_error *err) {
    uint32_t term = s->words[word].term;
    bool looked_up = word < s->word_count || !s->in->plan;
    lede_status status = looked_up ? LEDE_OK : look_up_all(s, word, word + 1, err);
    *found = false;
    for (size_t i = 0; i < s->count && !*found; i++)
        *found = s->candidates[i].freqs[word] > 0 && !s->candidates[i].seen[term];
    return status;
}

static bool is_seen(const struct stage *s, uint32_t term) {
    bool seen = false;
    for (size_t i = 0; i < s->count && !seen; i++)
        seen = s->candidates[i].seen[term];
    return seen;
}

/* What the candidates tell of a word that is searched for by its stem. */
static lede_status judge(struct stage *s, size_t word, lede_error *err) {
    uint32_t term = s->words[word].term;
    const struct surface_case *seen = &s->cases[term];
    struct name_report *report = &s->names[term];
    bool is_name = surface_is_name(&s->surface, term, seen), is_unseen = !is_seen(s, term), others;
    report->form_len = surface_form_of(&s->surface, term, &report->form);
    if (!report->form_len || !(is_name || is_unseen))
        return LEDE_OK;
    lede_status status = find_others(s, word, &others, err);
    report->number = surface_has_number(seen);
    if (status != LEDE_OK || !others)
        return status;
    report->verdict = is_name ? NAME_FOUND : is_unseen ? NAME_UNSEEN : NAME_NONE;
    return status;
}

/* Those that are searched for as names, too, where they are. */
static lede_status judge_all(struct stage *s, lede_error *err) {
    const struct lede_query *query = s->in->query;
    lede_status status = LEDE_OK;
    if (!s->gains || !s->has_text || !s->surface.has_names)
        return LEDE_OK;
    s->names = arena_zalloc(s->arena, query->term_count + 1, sizeof *s->names);
    if (!s->names)
        return error_nomem(err);
    for (size_t w = 0; w < s->known_count && status == LEDE_OK; w++)
        status = s->words[w].pattern ? LEDE_OK : judge(s, w, err);
    for (uint32_t t = 0; t < query->term_count && query->names; t++)
        if (query->names[t]) {
            struct name_report *report = &s->names[t];
            report->form_len = surface_form_of(&s->surface, t, &report->form);
            report->verdict = surface_is_name(&s->surface, t, &s->cases[t]) ? NAME_FOUND : NAME_NONE;
            report->number = surface_has_number(&s->cases[t]);
        }
    return status;
}

/* Forms outlive the surface that they are of. */
static bool keep_forms(struct stage *s) {
    bool kept = true;
    for (size_t t = 0; s->names && t < s->in->query->term_count && kept; t++) {
        struct name_report *report = &s->names[t];
        if (report->verdict != NAME_NONE)
            kept = (report->form = arena_strndup(s->arena, report->form, report->form_len));
    }
    return kept;
}

/* The first entries, which alone gain. */
static lede_status run_first(struct stage *s, lede_error *err) {
    lede_status status = look_at_all(s, err);
    if (status == LEDE_OK)
        status = judge_all(s, err);
    release_occurrences(s);
    if (status != LEDE_OK)
        return status;
    if (s->gains)
        gain_by_surface(s);
    put_in_order(s);
    return keep_forms(s) && collapse_all(s) ? LEDE_OK : error_nomem(err);
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
    lede_status status = take_candidates(s, 0, LEDE_RERANK_DEPTH) && take_words(s) ? LEDE_OK : error_nomem(err);
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
