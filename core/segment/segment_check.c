/* Verifies a segment: checksums, then the invariants that segment.h numbers. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <xxhash.h>

#include "articles.h"
#include "core/base/error.h"
#include "core/base/faults.h"
#include "dictionary.h"
#include "postings_writer.h"
#include "stored_text.h"

/* Bytes between two looks at whether to go on, and articles. */
enum { STEP = 64 * 1024, ARTICLE_STEP = 1024 };

struct check {
    const struct segment *segment;
    struct segment tableless; /* the same without the table of common terms, borrowed */
    struct faults *faults;
    int (*advance)(void *ctx, uint64_t bytes); /* may be NULL */
    void *ctx;
    uint64_t told, untold;  /* bytes: `advance` knows of, and does not */
    lede_status status;     /* what ended the check, if it was no fault */
    uint64_t *lengths;      /* words found in each passage */
    struct buffer passages; /* struct passage: of the article in hand */
    struct impact_norm norm;
};

static void tell(struct check *c) {
    if (c->advance && c->advance(c->ctx, c->untold) && !c->status)
        c->status = LEDE_INTERRUPTED;
    c->told += c->untold;
    c->untold = 0;
}

/* Whether to go on, so many bytes later. */
static bool go_on(struct check *c, uint64_t bytes) {
    c->untold += bytes;
    if (c->untold >= STEP)
        tell(c);
    return !c->status;
}

static void fault(struct check *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void fault(struct check *c, const char *format, ...) {
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    faults_add(c->faults, "%s: %s", c->segment->path, text);
}

/* What a reader ran into: want of memory says nothing of the bytes. */
static void judge(struct check *c, lede_status status, const lede_error *err) {
    if (status == LEDE_NOMEM)
        c->status = status;
    else if (status)
        faults_add(c->faults, "%s", err->message);
}

/* Whether a section has its checksum. Every byte is read twice, here and for what it means: each time counts half. */
static bool is_whole(struct check *c, const struct section *x) {
    XXH3_state_t *state = XXH3_createState();
    if (!state) {
        c->status = LEDE_NOMEM;
        return true;
    }
    XXH3_64bits_reset(state);
    for (uint64_t at = 0, n = 0; at < x->size && go_on(c, n / 2); at += n) {
        n = x->size - at < STEP ? x->size - at : STEP;
        XXH3_64bits_update(state, x->data + at, n);
    }
    uint64_t checksum = XXH3_64bits_digest(state);
    XXH3_freeState(state);
    return c->status || checksum == x->checksum;
}

/* Invariants 1 and 2. */
static bool check_sections(struct check *c) {
    const struct segment *s = c->segment;
    uint64_t before = c->faults->count;
    for (unsigned k = 1; k <= SECTION_COUNT; k++) {
        const struct section *x = &s->sections[k];
        if (!is_whole(c, x))
            fault(c, "section %u at byte %llu is not what its checksum says", k, (unsigned long long)x->offset);
    }
    /* Whatever no section covers has to be zero: together with the checksums that is every byte. */
    for (uint64_t at = SEGMENT_HEADER_SIZE; at < s->map.size;) {
        const struct section *inside = NULL;
        for (unsigned k = 1; k <= SECTION_COUNT; k++)
            if (s->sections[k].size && at >= s->sections[k].offset && at - s->sections[k].offset < s->sections[k].size)
                inside = &s->sections[k];
        if (!inside && s->map.data[at])
            fault(c, "byte %llu between sections is not zero", (unsigned long long)at);
        at = inside ? inside->offset + inside->size : at + 1;
    }
    return c->faults->count == before;
}

/* Invariant 16. */
static void check_columns(struct check *c, const struct article_record *a, uint32_t article) {
    const struct column *columns = c->segment->columns, *bylines = &columns[COLUMN_BYLINES];
    size_t len;
    const char *byline = column_string(bylines, column_entry(bylines, article), &len);
    uint32_t title = column_entry(&columns[COLUMN_TITLES], article);
    lede_date date = column_date(&columns[COLUMN_DATES], column_entry(&columns[COLUMN_DATES], article));
    if (date != a->meta.date || len != a->meta.byline_len || memcmp(byline, a->meta.byline, len) != 0 ||
        (title ? title + 1 : 0) != a->body_position)
        fault(c, "the columns have another date, byline or title of article %u than its record", article);
}

/* Invariants 3 to 6: articles follow each other, passages lie in their bodies, keys are found. */
static void check_article(struct check *c, const struct article_record *a, uint32_t article, uint32_t passage) {
    const struct segment *s = c->segment;
    if (a->first_passage != passage)
        fault(c, "article %u begins at passage %u instead of %u", article, a->first_passage, passage);
    for (uint32_t i = 0; i < a->passage_count; i++)
        if (segment_article_of(s, a->first_passage + i) != article)
            fault(c, "passage %u is not in article %u", a->first_passage + i, article);
    uint32_t found;
    lede_error err = {0};
    buffer_clear(&c->passages);
    article_passages(a, &c->passages);
    if (c->passages.failed)
        c->status = LEDE_NOMEM;
    uint64_t end = 0;
    for (size_t i = 0; i < c->passages.len / sizeof(struct passage); i++) {
        struct passage p;
        memcpy(&p, c->passages.data + i * sizeof p, sizeof p);
        if (p.start < end || (uint64_t)p.start + p.len > a->meta.body_len)
            fault(c, "passage %zu of article %u overlaps another or leaves the body", i, article);
        end = (uint64_t)p.start + p.len;
    }
    lede_status status = segment_find_key(s, NULL, a->meta.key, a->meta.key_len, &found, &err);
    if (status == LEDE_NOT_FOUND)
        fault(c, "article %u is not found by its key", article);
    else
        judge(c, status, &err);
}

static void check_articles(struct check *c) {
    const struct segment *s = c->segment;
    struct article_cursor *cursor = malloc(sizeof *cursor);
    lede_status status = LEDE_OK;
    lede_error err = {0};
    uint32_t passage = 0, articles = 0;
    uint64_t text = 0;
    if (!cursor) {
        c->status = LEDE_NOMEM;
        return;
    }
    article_cursor_init(cursor, s);
    while (!c->status && article_cursor_next(cursor, &status, &err)) {
        if (cursor->record.text != text)
            fault(c, "article %u has its text at %llu instead of %llu", articles,
                  (unsigned long long)cursor->record.text, (unsigned long long)text);
        check_article(c, &cursor->record, articles, passage);
        check_columns(c, &cursor->record, articles);
        text += cursor->record.meta.body_len;
        passage += cursor->record.passage_count;
        if (++articles % ARTICLE_STEP == 0)
            tell(c);
    }
    judge(c, status, &err);
    if (!status && !c->status &&
        (passage != s->counts.passages || (s->counts.text_size && s->counts.text_size != text)))
        fault(c, "%u passages and %llu bytes of text, but the header says %u and %llu", passage,
              (unsigned long long)text, s->counts.passages, (unsigned long long)s->counts.text_size);
    free(cursor);
}

/* Invariants 7 and 8. */
static void check_tables(struct check *c) {
    const struct segment *s = c->segment;
    struct key_scan key;
    uint64_t hash = 0, keys = 0;
    for (key_scan_start(&key, s, 0); key.hash != KEY_SCAN_END; key_scan_next(&key), keys++) {
        if (key.hash < hash || key.article >= s->counts.articles)
            fault(c, "entry %llu of the table of keys is out of order or range", (unsigned long long)keys);
        hash = key.hash;
    }
    if (keys != s->counts.articles)
        fault(c, "%llu articles are in the table of keys, of %u", (unsigned long long)keys, s->counts.articles);
    uint32_t expected = 0;
    for (uint32_t i = 0; i < s->counts.source_runs; i++) {
        struct source_run run;
        segment_source_run(s, i, &run);
        if (run.first_article != expected || run.count == 0)
            fault(c, "run %u of sources does not follow the one before", i);
        expected = run.first_article + run.count;
    }
    if (expected != s->counts.articles)
        fault(c, "the runs of sources cover %u articles of %u", expected, s->counts.articles);
}

/* Invariant 9: every block of text can be read. */
static void check_text(struct check *c) {
    const struct segment *s = c->segment;
    struct text_reader reader = TEXT_READER_EMPTY;
    struct buffer piece = BUFFER_EMPTY;
    lede_error err = {0};
    lede_status status = LEDE_OK;
    double part = s->counts.text_size ? (double)s->sections[SECTION_TEXT].size / (double)s->counts.text_size : 0;
    text_reader_use(&reader, s);
    for (uint64_t at = 0; !status && !c->status && at < s->counts.text_size; at = reader.raw_end) {
        buffer_clear(&piece);
        status = text_reader_read(&reader, at, 1, &piece, &err);
        if (!status)
            go_on(c, (uint64_t)((double)(reader.raw_end - at) * part / 2));
    }
    judge(c, status, &err);
    buffer_release(&piece);
    text_reader_release(&reader);
}

static float bound_of(const struct postings *p, uint32_t doc) {
    unsigned level = maxima_level(p->levels, doc >> p->shift);
    return p->best * (float)maxima_part(p->parts, level) / MAXIMA_PARTS * (1 + 1e-6F);
}

/* Invariants 10 to 12 and 15: postings rise, add up to what the dictionary says, positions rise. */
static void check_postings(struct check *c, const char *term, size_t len, const struct term_info *info) {
    struct postings p;
    uint64_t docs = 0, total = 0;
    uint32_t previous = 0;
    postings_init(&p, c->segment, info);
    for (uint32_t d = p.doc; d != DOC_END; d = postings_next(&p)) {
        uint32_t freq = p.freq;
        if (docs && d <= previous)
            fault(c, "postings of \"%.*s\" do not rise at passage %u", (int)len, term, d);
        const uint32_t *positions = postings_positions(&p);
        for (uint32_t i = 1; positions && i < freq; i++)
            if (positions[i] <= positions[i - 1])
                fault(c, "positions of \"%.*s\" do not rise in passage %u", (int)len, term, d);
        if (p.levels && impact_of(c->norm, freq, segment_length(c->segment, d)) > bound_of(&p, d))
            fault(c, "\"%.*s\" has a greater impact on passage %u than its range's", (int)len, term, d);
        c->lengths[d] += freq;
        previous = d;
        total += freq;
        docs++;
    }
    if (p.status == LEDE_NOMEM)
        c->status = LEDE_NOMEM;
    else if (p.status != LEDE_OK)
        fault(c, "postings of \"%.*s\" at byte %llu of the section can't be read", (int)len, term,
              (unsigned long long)info->postings);
    else if (docs != info->doc_freq || total != info->total_freq)
        fault(c, "\"%.*s\" has %llu postings and %llu occurrences, the dictionary says %u and %llu", (int)len, term,
              (unsigned long long)docs, (unsigned long long)total, info->doc_freq,
              (unsigned long long)info->total_freq);
    postings_release(&p);
}

struct totals {
    uint64_t keys, postings, positions, position_bytes, end, commons;
};

static bool is_same_info(const struct term_info *a, const struct term_info *b) {
    return a->doc_freq == b->doc_freq && a->total_freq == b->total_freq && a->postings == b->postings &&
           a->postings_size == b->postings_size && a->positions == b->positions &&
           a->positions_size == b->positions_size;
}

/* Invariants 17 and 18: the search for it in blocks comes to the same as the walk, or that in the table of common
 * terms. */
static void check_found(struct check *c, bool common, const char *term, size_t len, const struct term_info *info) {
    struct term_info found;
    lede_error err = {0};
    lede_status status = common ? dictionary_find_common(c->segment, term, len, &found, &err)
                                : segment_find_term(&c->tableless, term, len, &found, &err);
    if (status == LEDE_NOT_FOUND || (status == LEDE_OK && !is_same_info(&found, info)))
        fault(c, "\"%.*s\" is in the dictionary, and not found there", (int)len, term);
    else
        judge(c, status, &err);
}

/* Invariant 18, the rest: there are no other entries, as each of these has been found. */
static void check_commons(struct check *c, const struct totals *totals) {
    uint64_t entries, terms = c->segment->counts.common_terms;
    lede_error err = {0};
    lede_status status = dictionary_count_commons(c->segment, &entries, &err);
    judge(c, status, &err);
    if (!status && terms && (totals->commons != terms || entries != terms))
        fault(c, "the table of common terms has %llu of %llu, the header says %llu", (unsigned long long)entries,
              (unsigned long long)totals->commons, (unsigned long long)terms);
}

static void check_key(struct check *c, enum dictionary_kind kind, const struct dictionary_cursor *d,
                      struct totals *totals, const struct buffer *last) {
    size_t len;
    const char *key = dictionary_key(d, &len);
    const struct term_info *info = dictionary_info(d);
    size_t shared = len < last->len ? len : last->len;
    int order = shared ? memcmp(last->data, key, shared) : 0;
    if (totals->keys && (order > 0 || (order == 0 && last->len >= len)))
        fault(c, "\"%.*s\" is out of order in the dictionary", (int)len, key);
    totals->keys++;
    if (kind == DICTIONARY_WORDS)
        return;
    if (info->postings != totals->end)
        fault(c, "postings of \"%.*s\" do not follow those before", (int)len, key);
    else
        go_on(c, (info->positions + info->positions_size - totals->end) / 2);
    totals->end = info->positions + info->positions_size;
    totals->postings += info->doc_freq;
    totals->positions += info->total_freq;
    totals->position_bytes += info->positions_size;
    totals->commons += info->doc_freq >= DICTIONARY_COMMON;
    check_found(c, false, key, len, info);
    if (c->segment->counts.common_terms && info->doc_freq >= DICTIONARY_COMMON)
        check_found(c, true, key, len, info);
    check_postings(c, key, len, info);
}

static bool are_those_of_header(const struct check *c, enum dictionary_kind kind, const struct totals *t) {
    const struct segment_counts *counts = &c->segment->counts;
    if (kind == DICTIONARY_WORDS)
        return t->keys == counts->words;
    return t->keys == counts->terms && t->postings == counts->postings && t->positions == counts->positions &&
           t->position_bytes == counts->position_bytes && t->end == segment_section(c->segment, SECTION_POSTINGS)->size;
}

static void check_dictionary(struct check *c, enum dictionary_kind kind) {
    struct dictionary_cursor *d = NULL;
    struct totals totals = {0};
    struct buffer last = BUFFER_EMPTY;
    lede_error err = {0};
    lede_status status = dictionary_open(&d, c->segment, kind, "", 0, &err);
    size_t len;
    for (const char *key; !status && !c->status && (key = dictionary_key(d, &len));) {
        check_key(c, kind, d, &totals, &last);
        buffer_clear(&last);
        buffer_append(&last, key, len);
        status = last.failed ? LEDE_NOMEM : dictionary_next(d, &err);
    }
    judge(c, status, &err);
    if (!status && !c->status && !are_those_of_header(c, kind, &totals))
        fault(c, "the dictionary and the header's counts differ");
    if (!status && !c->status && kind == DICTIONARY_TERMS)
        check_commons(c, &totals);
    dictionary_close(d);
    buffer_release(&last);
}

/* Invariant 13. */
static void check_lengths(struct check *c) {
    uint64_t total = 0;
    for (uint32_t p = 0; p < c->segment->counts.passages; p++) {
        if (c->lengths[p] != segment_length(c->segment, p))
            fault(c, "passage %u has %llu words, its length says %u", p, (unsigned long long)c->lengths[p],
                  segment_length(c->segment, p));
        total += c->lengths[p];
    }
    if (total != c->segment->counts.total_length)
        fault(c, "the lengths add up to %llu, the header says %llu", (unsigned long long)total,
              (unsigned long long)c->segment->counts.total_length);
}

static lede_status check_all(struct check *c) {
    const struct segment *s = c->segment;
    if (!check_sections(c) || c->status)
        return c->status; /* damaged bytes would only be reported once more, in other words */
    c->lengths = calloc(s->counts.passages, sizeof *c->lengths);
    if (!c->lengths)
        return LEDE_NOMEM;
    check_tables(c);
    check_articles(c);
    if (!c->status)
        check_text(c);
    if (!c->status)
        check_dictionary(c, DICTIONARY_TERMS);
    if (!c->status)
        check_dictionary(c, DICTIONARY_WORDS);
    if (!c->status)
        check_lengths(c);
    free(c->lengths);
    buffer_release(&c->passages);
    return c->status;
}

lede_status segment_check(const struct segment *s, struct faults *faults, int (*advance)(void *ctx, uint64_t bytes),
                          void *ctx, lede_error *err) {
    struct check c = {.segment = s, .tableless = *s, .faults = faults, .advance = advance, .ctx = ctx};
    c.tableless.counts.common_terms = 0;
    c.norm = impact_norm_of(s->counts.passages, s->counts.total_length);
    lede_status status = check_all(&c);
    if (status == LEDE_NOMEM)
        return error_nomem(err);
    if (status)
        return error_set(err, status, "%s: the check was interrupted", s->path);
    if (s->map.size > c.told) { /* whatever was not counted, such as tables */
        c.untold = s->map.size - c.told;
        tell(&c);
    }
    return c.status ? error_set(err, c.status, "%s: the check was interrupted", s->path) : LEDE_OK;
}
