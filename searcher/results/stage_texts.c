#include "core/base/error.h"
#include "core/text/utf8.h"
#include "recency.h"
#include "stage.h"

#include <string.h>

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

void stage_gain_by_surface(struct stage *s) {
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
        stage_take_occurrences(s->reading, w, &position, 1);
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

lede_status stage_read(struct stage *s, struct candidate *c, lede_error *err) {
    s->reading = c;
    lede_status status = read_candidate(s, c, err);
    if (status != LEDE_OK || !s->has_text)
        return status;
    if (s->gains && !note_typed(s, c))
        return error_nomem(err);
    return s->options->collapse ? take_wording(s, c, err) : LEDE_OK;
}
