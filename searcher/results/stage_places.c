#include "core/base/error.h"
#include "searcher/ranges/range_term.h"
#include "stage.h"

void stage_take_occurrences(struct candidate *c, size_t word, const uint32_t *positions, uint32_t count) {
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
            stage_take_occurrences(c, word, positions, c->freqs[word]);
    }
    lede_status status = postings.status;
    postings_release(&postings);
    return range_error(status, segment_path(segment->segment), err);
}

lede_status stage_look_up(struct stage *s, size_t from, size_t to, lede_error *err) {
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
                stage_take_occurrences(n->candidate, w, &n->position, 1);
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

lede_status stage_count_words(struct stage *s, lede_error *err) {
    for (size_t i = 0; i < s->count && s->has_text; i++)
        count_view(s, &s->candidates[i]);
    return s->has_text ? analyzer_status(s->surface.analyzer, err) : LEDE_OK;
}

lede_status stage_gain_by_proximity(struct stage *s, lede_error *err) {
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

void stage_release_occurrences(struct stage *s) {
    for (size_t i = 0; i < s->count && s->candidates; i++)
        buffer_release(&s->candidates[i].occurrences);
}
