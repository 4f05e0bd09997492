/* What a query asks of articles: dates, bylines, paths, languages. */
#include "parser.h"

#include <string.h>

/* ------------------------------------------------------------------------------------- dates -- */

/* The days that a year, month or day begins and ends with. Months have 31 days, as dates are but compared. */
static bool read_date(const char *s, size_t len, lede_date *from, lede_date *to) {
    uint32_t parts[3] = {0}, n = 0;
    for (size_t i = 0; i < len; n++) {
        size_t digits = n ? 2 : 4;
        if (n == 3 || len - i < digits)
            return false;
        for (size_t end = i + digits; i < end; i++) {
            if (s[i] < '0' || s[i] > '9')
                return false;
            parts[n] = parts[n] * 10 + (uint32_t)(s[i] - '0');
        }
        if (i < len && (s[i++] != '-' || i == len))
            return false;
    }
    if (n == 0 || parts[0] == 0 || (n > 1 && (parts[1] < 1 || parts[1] > 12)) ||
        (n > 2 && (parts[2] < 1 || parts[2] > 31)))
        return false;
    *from = parts[0] * 10000 + (n > 1 ? parts[1] : 1) * 100 + (n > 2 ? parts[2] : 1);
    *to = parts[0] * 10000 + (n > 1 ? parts[1] : 12) * 100 + (n > 2 ? parts[2] : 31);
    return true;
}

#define LAST_DATE 99991231

/* "2025-04-22..2025-05-10", either of which may lack, or one date. Two that are the wrong way round are turned. */
static bool read_dates(const char *s, size_t len, lede_date *from, lede_date *to, bool *turned) {
    const char *dots = memmem(s, len, "..", 2);
    *turned = false;
    if (!dots)
        return read_date(s, len, from, to);
    size_t before = (size_t)(dots - s), after = len - before - 2;
    lede_date first[2] = {1, LAST_DATE}, last[2] = {1, LAST_DATE};
    if ((!before && !after) || (before && !read_date(s, before, &first[0], &first[1])) ||
        (after && !read_date(dots + 2, after, &last[0], &last[1])))
        return false;
    *turned = first[0] > last[1];
    *from = *turned ? last[0] : first[0];
    *to = *turned ? first[1] : last[1];
    return true;
}

static bool take_dates(struct parser *p, struct node *filter, size_t start, size_t end) {
    bool turned;
    if (!read_dates((const char *)p->text.data + start, end - start, &filter->from, &filter->to, &turned)) {
        parser_guess(p, GUESS_DATE, start);
        return false;
    }
    if (turned)
        parser_guess(p, GUESS_RANGE, start);
    return true;
}

/* ------------------------------------------------------------------------------------ strings -- */

/* The value as it is compared, see filter.h: bylines as their words' forms with a space between them, languages by
 * name, paths as they are. */
static void take_value(struct parser *p, struct buffer *out, enum filter_kind kind, const char *s, size_t len) {
    char form[TERM_MAX + 1];
    struct word word;
    if (kind == FILTER_PATH) {
        buffer_append(out, s, len);
        return;
    }
    analyzer_reset(p->analyzer, s, len);
    while (analyzer_next(p->analyzer, &word)) {
        size_t n = analyzer_form(p->analyzer, s + word.start, word.end - word.start, form);
        const char *language = kind == FILTER_LANGUAGE ? analyzer_language(form) : NULL;
        if (out->len && n)
            buffer_append_u8(out, ' ');
        buffer_append(out, language ? language : form, language ? strlen(language) : n);
        if (kind == FILTER_LANGUAGE)
            return;
    }
}

struct node *parser_filter(struct parser *p, enum filter_kind kind, size_t start, size_t end) {
    struct buffer value = BUFFER_EMPTY;
    const char *text = (const char *)p->text.data + start;
    struct node *filter = parser_operand(p, NODE_FILTER, start);
    if (!filter)
        return NULL;
    filter->filter = kind;
    if (kind == FILTER_DATE)
        return take_dates(p, filter, start, end) ? filter : NULL;
    take_value(p, &value, kind, text, end - start);
    filter->form = arena_strndup(&p->query->arena, (const char *)value.data, value.len);
    filter->form_len = value.len;
    filter->shown = arena_strndup(&p->query->arena, text, end - start);
    filter->shown_len = end - start;
    if (value.failed || !filter->form || !filter->shown)
        parser_fail(p);
    buffer_release(&value);
    return filter->form_len && p->status == LEDE_OK ? filter : NULL;
}
