#include "passage_text.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/segment/articles.h"
#include "core/segment/segment_map.h"
#include "core/text/sentence.h"
#include "core/text/utf8.h"

/* A position's word in the text; in gaps none. */
struct place {
    uint32_t start, end, sentence;
};

struct passage_text {
    struct interrupt *interrupt; /* NULL: none */
    struct analyzer *analyzer;
    struct text_reader reader;
    const struct segment *segment;
    uint32_t doc; /* read last; DOC_END if none */
    bool has_record, has_sentences;
    struct article_cursor articles; /* on its article: passages are mostly asked for in order */
    struct buffer text, places;
    uint32_t sentences;
    /* The passage whose words were counted last, DOC_END if none, and those of its fields that were read for that. */
    uint32_t counted;
    struct passage passage;
    struct counted_field {
        struct buffer text;
        bool is_read;
    } fields[FIELD_BODY + 1];
};

lede_status passage_text_new(struct passage_text **out, const struct snapshot *snapshot, bool has_sentences,
                             lede_error *err) {
    *out = NULL;
    struct passage_text *t = calloc(1, sizeof *t);
    if (!t)
        return error_nomem(err);
    t->reader = TEXT_READER_EMPTY;
    t->doc = t->counted = DOC_END;
    t->has_sentences = has_sentences;
    lede_status status = analyzer_new(&t->analyzer, snapshot->language, err);
    if (status == LEDE_OK)
        *out = t;
    else
        passage_text_free(t);
    return status;
}

void passage_text_free(struct passage_text *t) {
    if (!t)
        return;
    analyzer_free(t->analyzer);
    text_reader_release(&t->reader);
    buffer_release(&t->text);
    buffer_release(&t->places);
    for (enum text_field field = FIELD_TITLE; field <= FIELD_BODY; field++)
        buffer_release(&t->fields[field].text);
    free(t);
}

static void begin_articles(struct passage_text *t) {
    article_cursor_init(&t->articles, t->segment);
    t->articles.keyless = true;
}

void passage_text_use(struct passage_text *t, const struct segment *segment) {
    if (t->segment == segment)
        return;
    t->segment = segment;
    t->doc = t->counted = DOC_END;
    t->has_record = false;
    begin_articles(t);
    text_reader_use(&t->reader, segment);
}

/* Takes the words of a field, which starts at `start` of the text, as the inverter does: see FIELDS in
 * core/segment/segment.h.
 */
static void take_field(struct passage_text *t, size_t start, bool gap) {
    struct span field = {(const char *)t->text.data + start, t->text.len - start};
    struct word word;
    size_t before = t->places.len, end = 0;
    if (field.n == 0 || !utf8_valid(field.s, field.n))
        return;
    analyzer_reset(t->analyzer, field.s, field.n);
    for (bool first = true; analyzer_next(t->analyzer, &word); first = false) {
        t->sentences += first || (t->has_sentences && sentence_ends_between(field, end, word.start));
        const struct place place = {(uint32_t)start + word.start, (uint32_t)start + word.end, t->sentences};
        buffer_append(&t->places, &place, sizeof place);
        end = word.end;
    }
    if (gap && t->places.len > before)
        buffer_append_zeros(&t->places, sizeof(struct place));
}

static lede_status take_text(struct passage_text *t, uint32_t start, uint32_t len, bool gap) {
    size_t at = t->text.len;
    if (len == 0)
        return LEDE_OK;
    lede_status status = text_reader_read(&t->reader, t->articles.record.text + start, len, &t->text, NULL);
    if (status == LEDE_OK)
        take_field(t, at, gap);
    return status;
}

static lede_status find_passage(struct passage_text *t, uint32_t doc, struct passage *passage) {
    const struct article_record *r = &t->articles.record;
    if (!t->has_record || doc < r->first_passage || doc - r->first_passage >= r->passage_count) {
        lede_status status = article_cursor_seek(&t->articles, segment_article_of(t->segment, doc), NULL);
        t->has_record = status == LEDE_OK;
        if (!t->has_record)
            begin_articles(t);
        if (status != LEDE_OK)
            return status;
    }
    if (doc < r->first_passage || doc - r->first_passage >= r->passage_count)
        return LEDE_CORRUPT;
    article_passage(r, doc - r->first_passage, passage);
    return LEDE_OK;
}

void passage_text_watch(struct passage_text *t, struct interrupt *interrupt) {
    t->interrupt = interrupt;
}

/* Finds another passage than the one before. */
static lede_status begin(struct passage_text *t, uint32_t doc, struct passage *passage) {
    t->doc = t->counted = DOC_END;
    return interrupt_is_due(t->interrupt) ? LEDE_INTERRUPTED : find_passage(t, doc, passage);
}

lede_status passage_text_read(struct passage_text *t, uint32_t doc) {
    struct passage passage;
    if (t->doc == doc)
        return LEDE_OK;
    lede_status status = begin(t, doc, &passage);
    if (status != LEDE_OK)
        return status;
    buffer_clear(&t->text);
    buffer_clear(&t->places);
    t->sentences = 0;
    buffer_append(&t->text, t->articles.record.meta.title, t->articles.record.meta.title_len);
    take_field(t, 0, true);
    status = take_text(t, passage.heading_start, passage.heading_len, true);
    if (status == LEDE_OK)
        status = take_text(t, passage.start, passage.len, false);
    if (status == LEDE_OK)
        status = analyzer_status(t->analyzer, NULL);
    if (t->text.failed || t->places.failed)
        status = LEDE_NOMEM;
    if (status == LEDE_OK)
        t->doc = doc;
    return status;
}

/* Reads a field, from where the passage has it. */
static lede_status read_field(struct passage_text *t, struct counted_field *f, enum text_field field) {
    const struct article_record *r = &t->articles.record;
    const struct passage *p = &t->passage;
    lede_status status = LEDE_OK;
    buffer_clear(&f->text);
    if (field == FIELD_TITLE)
        buffer_append(&f->text, r->meta.title, r->meta.title_len);
    else if (field == FIELD_HEADING && p->heading_len)
        status = text_reader_read(&t->reader, r->text + p->heading_start, p->heading_len, &f->text, NULL);
    else if (field == FIELD_BODY && p->len)
        status = text_reader_read(&t->reader, r->text + p->start, p->len, &f->text, NULL);
    if (status == LEDE_OK && f->text.len && !buffer_reserve(&f->text, VERDICTS_PADDING))
        status = LEDE_NOMEM;
    f->is_read = status == LEDE_OK;
    return f->text.failed ? LEDE_NOMEM : status;
}

static uint32_t count_words(struct passage_text *t, const struct buffer *field, struct verdicts *verdicts,
                            uint32_t enough) {
    const char *text = (const char *)field->data;
    struct word word;
    uint32_t count = 0;
    if (field->len == 0 || !needle_may_be_in(&verdicts->needle, text, field->len) || !utf8_valid(text, field->len))
        return 0;
    analyzer_reset(t->analyzer, text, field->len);
    while (count < enough && analyzer_next(t->analyzer, &word))
        count += verdicts_take(verdicts, t->analyzer, text + word.start, word.end - word.start);
    return count;
}

/* Finds a passage whose words are to be counted, unless it is the one before. */
static lede_status begin_count(struct passage_text *t, uint32_t doc) {
    if (t->counted == doc)
        return LEDE_OK;
    for (enum text_field field = FIELD_TITLE; field <= FIELD_BODY; field++)
        t->fields[field].is_read = false;
    lede_status status = begin(t, doc, &t->passage);
    t->counted = status == LEDE_OK ? doc : DOC_END;
    return status;
}

lede_status passage_text_count(struct passage_text *t, uint32_t doc, struct verdicts *verdicts, uint32_t enough,
                               uint32_t *count) {
    enum text_field wanted = verdicts->word->field;
    lede_status status = begin_count(t, doc);
    *count = 0;
    for (enum text_field field = FIELD_TITLE; field <= FIELD_BODY && status == LEDE_OK && *count < enough; field++) {
        struct counted_field *f = &t->fields[field];
        if (wanted != FIELD_ANY && wanted != field)
            continue;
        status = f->is_read ? LEDE_OK : read_field(t, f, field);
        if (status == LEDE_OK)
            *count += count_words(t, &f->text, verdicts, enough);
    }
    return status == LEDE_OK ? analyzer_status(t->analyzer, NULL) : status;
}

static bool place_at(const struct passage_text *t, uint32_t position, struct place *place) {
    if (position >= t->places.len / sizeof *place)
        return false;
    memcpy(place, t->places.data + position * sizeof *place, sizeof *place);
    return place->end > place->start;
}

size_t passage_text_form(struct passage_text *t, uint32_t position, char form[TERM_MAX + 1]) {
    struct place p;
    if (!place_at(t, position, &p))
        return 0;
    return analyzer_form(t->analyzer, (const char *)t->text.data + p.start, p.end - p.start, form);
}

uint32_t passage_text_sentence(struct passage_text *t, uint32_t position) {
    struct place p;
    return place_at(t, position, &p) ? p.sentence : UINT32_MAX;
}

struct field_borders field_borders_of(const struct segment *segment, uint32_t doc) {
    const struct column *titles = &segment->columns[COLUMN_TITLES], *headings = &segment->columns[COLUMN_HEADINGS];
    uint32_t title = titles->width ? column_entry(titles, segment_article_of(segment, doc)) : 0;
    uint32_t heading = column_entry(headings, doc);
    struct field_borders b;
    b.heading = title ? title + 1 : 0;
    b.body = b.heading + (heading ? heading + 1 : 0);
    return b;
}
