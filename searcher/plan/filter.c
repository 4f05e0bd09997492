#include "filter.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/buffer.h"
#include "core/base/error.h"
#include "core/segment/segment_map.h"
#include "core/text/analyzer.h"
#include "core/text/utf8.h"
#include "marks.h"
#include "searcher/query/pattern.h"

struct filtering {
    struct arena *arena;
    const struct snapshot *snapshot;
    const struct segment *segment;
    struct analyzer *analyzer; /* made when it is first needed */
    uint32_t words;            /* of the bits of all passages */
    lede_error *err;
};

/* ------------------------------------------------------------------------------------- values -- */

/* The words' forms, each with a space before it and one behind the last. */
static void fold_words(struct buffer *out, struct analyzer *a, const char *s, size_t len) {
    char form[TERM_MAX + 1];
    struct word word;
    buffer_append_u8(out, ' ');
    analyzer_reset(a, s, len);
    while (analyzer_next(a, &word)) {
        size_t n = analyzer_form(a, s + word.start, word.end - word.start, form);
        buffer_append(out, form, n);
        if (n)
            buffer_append_u8(out, ' ');
    }
}

/* Whether the filter's words stand side by side in the byline. */
static bool takes_byline(const struct node *f, const char *s, size_t len, struct analyzer *a) {
    struct buffer folded = BUFFER_EMPTY, wanted = BUFFER_EMPTY;
    fold_words(&folded, a, s, len);
    buffer_append_u8(&wanted, ' ');
    buffer_append(&wanted, f->form, f->form_len);
    buffer_append_u8(&wanted, ' ');
    bool found = !folded.failed && !wanted.failed && memmem(folded.data, folded.len, wanted.data, wanted.len);
    buffer_release(&folded);
    buffer_release(&wanted);
    return found;
}

void filter_language(char out[TERM_MAX + 1], const char *s, size_t len) {
    size_t n = 0;
    for (; n < len && n < TERM_MAX && s[n] != '-' && s[n] != '_'; n++)
        out[n] = (char)(s[n] | (s[n] >= 'A' && s[n] <= 'Z' ? 0x20 : 0));
    out[n] = 0;
    const char *name = n ? analyzer_language(out) : NULL;
    if (name)
        strcpy(out, name);
}

static bool takes_language(const struct node *f, const char *s, size_t len) {
    char value[TERM_MAX + 1];
    filter_language(value, s, len);
    return strlen(value) == f->form_len && memcmp(value, f->form, f->form_len) == 0;
}

/* A pattern without wildcards is looked for anywhere in the path; one with some has to be all of it, or of what follows
 * a slash. */
static bool takes_path(const struct node *f, const char *s, size_t len) {
    if (!memchr(f->form, '*', f->form_len) && !memchr(f->form, '?', f->form_len))
        return memmem(s, len, f->form, f->form_len);
    bool found = pattern_matches(f->form, f->form_len, s, len);
    for (size_t i = 0; i < len && !found && f->form[0] != '/'; i++)
        found = s[i] == '/' && pattern_matches(f->form, f->form_len, s + i + 1, len - i - 1);
    return found;
}

bool filter_takes(const struct node *f, const char *value, size_t len, struct analyzer *analyzer) {
    switch (f->filter) {
    case FILTER_BYLINE: return takes_byline(f, value, len, analyzer);
    case FILTER_LANGUAGE: return takes_language(f, value, len);
    default: return takes_path(f, value, len);
    }
}

/* ----------------------------------------------------------------------------------- articles -- */

/* Dates rise, so those asked for are a range of values; 0, an unknown one, is not among them. */
static void take_dates(const struct filtering *f, const struct node *filter, uint8_t *taken) {
    const struct column *c = &f->segment->columns[COLUMN_DATES];
    lede_date from = filter->from > 0 ? filter->from : 1;
    for (uint32_t i = 0; i < c->count; i++) {
        lede_date date = (lede_date)column_date(c, i);
        taken[i] = date >= from && date <= filter->to;
    }
}

static void take_strings(const struct filtering *f, const struct column *c, const struct node *filter, uint8_t *taken) {
    for (uint32_t i = 0; i < c->count; i++) {
        size_t len;
        const char *s = column_string(c, i, &len);
        taken[i] = len && utf8_valid(s, len) && filter_takes(filter, s, len, f->analyzer);
    }
}

static lede_status take_values(struct filtering *f, uint64_t *bits, const struct node *filter) {
    static const enum column_kind kinds[] = {
        [FILTER_DATE] = COLUMN_DATES, [FILTER_BYLINE] = COLUMN_BYLINES, [FILTER_LANGUAGE] = COLUMN_LANGUAGES};
    const struct column *c = &f->segment->columns[kinds[filter->filter]];
    uint8_t *taken = arena_zalloc(f->arena, c->count + (size_t)1, sizeof *taken);
    if (!taken)
        return error_nomem(f->err);
    if (filter->filter == FILTER_DATE)
        take_dates(f, filter, taken);
    else
        take_strings(f, c, filter, taken);
    marks_take(bits, c, segment_info(f->segment)->articles, taken, c->count);
    return LEDE_OK;
}

static void set_range(uint64_t *bits, uint32_t first, uint32_t count) {
    for (uint32_t i = first, end = first + count; i < end;) {
        uint32_t n = 64 - i % 64 < end - i ? 64 - i % 64 : end - i;
        bits[i / 64] |= (n == 64 ? ~UINT64_C(0) : (UINT64_C(1) << n) - 1) << i % 64;
        i += n;
    }
}

static lede_status take_paths(struct filtering *f, uint64_t *bits, const struct node *filter) {
    lede_status status = LEDE_OK;
    uint32_t articles = segment_info(f->segment)->articles;
    for (uint32_t i = 0; i < segment_source_run_count(f->segment) && status == LEDE_OK; i++) {
        struct source_run run;
        char *path = NULL;
        segment_source_run(f->segment, i, &run);
        if (run.source == 0 || run.first_article > articles || run.count > articles - run.first_article)
            continue;
        status = snapshot_source_path(f->snapshot, run.source, &path, f->err);
        if (status == LEDE_OK && *path && filter_takes(filter, path, strlen(path), NULL))
            set_range(bits, run.first_article, run.count);
        free(path);
    }
    return status;
}

/* ----------------------------------------------------------------------------------- passages -- */

/* From bits of articles to those of passages: of each word, those of the articles that begin in it, and of the one that
 * goes on. */
static void spread(const struct segment *s, const uint64_t *articles, uint64_t *bits) {
    const struct section *starts = segment_section(s, SECTION_PASSAGE_STARTS);
    uint32_t passages = segment_info(s)->passages, count = segment_info(s)->articles, article = 0;
    bool going_on = false;
    for (uint32_t w = 0; w < (passages + 63) / 64; w++) {
        uint64_t word = going_on ? ~UINT64_C(0) : 0;
        for (uint64_t left = load_u64(starts->data + 8 * (size_t)w); left; left &= left - 1, article++) {
            uint64_t behind = ~UINT64_C(0) << __builtin_ctzll(left);
            uint64_t taken = article < count ? articles[article / 64] >> article % 64 & 1 : 0;
            word = (word & ~behind) | (behind & -taken);
            going_on = taken;
        }
        bits[w] = word;
    }
    if (passages % 64)
        bits[passages / 64] &= (UINT64_C(1) << passages % 64) - 1;
}

static lede_status take_leaf(struct filtering *f, uint64_t *bits, const struct node *filter) {
    const struct segment *s = f->segment;
    const struct segment_info *info = segment_info(s);
    bool single = info->articles == info->passages;
    uint64_t *articles = single ? bits : arena_zalloc(f->arena, filter_words(info->articles), sizeof *articles);
    lede_status status = LEDE_OK;
    if (!articles)
        return error_nomem(f->err);
    if (filter->filter == FILTER_BYLINE && !f->analyzer)
        status = analyzer_new(&f->analyzer, f->snapshot->language, f->err);
    if (status != LEDE_OK)
        return status;
    status = filter->filter == FILTER_PATH ? take_paths(f, articles, filter) : take_values(f, articles, filter);
    if (!single && status == LEDE_OK)
        spread(s, articles, bits);
    return status;
}

/* ------------------------------------------------------------------------------------- groups -- */

static lede_status take_node(struct filtering *f, uint64_t **bits, const struct node *node);

/* Joins what a child of the group lets pass to what the others do. */
static lede_status join(struct filtering *f, uint64_t *bits, const struct node *child) {
    uint64_t *part;
    lede_status status = take_node(f, &part, child);
    for (uint32_t w = 0; w < f->words && status == LEDE_OK; w++) {
        if (child->occur == OCCUR_MUST_NOT)
            bits[w] &= ~part[w];
        else
            bits[w] = child->occur == OCCUR_SHOULD ? bits[w] | part[w] : bits[w] & part[w];
    }
    return status;
}

/* What a group lets pass, which is made of filters alone: what it must be in, else what it should be in, less what it
 * must not be in. */
static lede_status take_group(struct filtering *f, uint64_t *bits, const struct node *group) {
    lede_status status = LEDE_OK;
    bool all = false;
    for (const struct node *c = group->first; c; c = c->next)
        all |= c->occur == OCCUR_MUST || c->occur == OCCUR_FILTER;
    memset(bits, all ? 0xff : 0, f->words * sizeof *bits);
    for (const struct node *c = group->first; c && status == LEDE_OK; c = c->next)
        if (c->occur != OCCUR_MUST_NOT && !(all && c->occur == OCCUR_SHOULD))
            status = join(f, bits, c);
    for (const struct node *c = group->first; c && status == LEDE_OK; c = c->next)
        if (c->occur == OCCUR_MUST_NOT)
            status = join(f, bits, c);
    return status;
}

static lede_status take_node(struct filtering *f, uint64_t **bits, const struct node *node) {
    *bits = arena_zalloc(f->arena, f->words, sizeof **bits);
    if (!*bits)
        return error_nomem(f->err);
    return node->kind == NODE_FILTER ? take_leaf(f, *bits, node) : take_group(f, *bits, node);
}

lede_status filter_passages(uint64_t **bits, struct arena *arena, const struct node *filter,
                            const struct snapshot *snapshot, size_t segment, lede_error *err) {
    const struct segment *s = snapshot->segments[segment].segment;
    struct filtering f = {arena, snapshot, s, NULL, filter_words(segment_info(s)->passages), err};
    lede_status status = take_node(&f, bits, filter);
    analyzer_free(f.analyzer);
    return status;
}
