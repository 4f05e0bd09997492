#include "snippet.h"

#include <stdlib.h>
#include <string.h>

static const char ellipsis[] = "\xE2\x80\xA6";
enum { ELLIPSIS = sizeof ellipsis - 1, ELLIPSIS_COLUMNS = 2 };

struct range {
    size_t start, end; /* bytes */
};

static bool is_same_word(const struct marked_text *t, const lede_span *a, const lede_span *b) {
    size_t len = a->end - a->start;
    return len == b->end - b->start && strncasecmp(t->text + a->start, t->text + b->start, len) == 0;
}

/* How many different words the spans [first, last] are. */
static size_t count_different(const struct marked_text *t, size_t first, size_t last) {
    size_t different = 0;
    for (size_t i = first; i <= last; i++) {
        size_t j = first;
        while (j < i && !is_same_word(t, &t->spans[i], &t->spans[j]))
            j++;
        different += j == i;
    }
    return different;
}

/* The last span that is whole within `columns` of where span `first` begins. Columns are taken for bytes, which is
 * right for most texts; the part that is shown is measured. */
static size_t last_within(const struct marked_text *t, size_t first, size_t columns) {
    size_t last = first;
    while (last + 1 < t->span_count && t->spans[last + 1].end <= t->spans[first].start + columns)
        last++;
    return last;
}

/* The run of spans to show: most different words, then most spans, then the first. */
static struct range densest(const struct marked_text *t, size_t columns) {
    size_t most = 0, many = 0;
    struct range best = {0, 0};
    for (size_t first = 0; first < t->span_count; first++) {
        size_t last = last_within(t, first, columns);
        size_t different = count_different(t, first, last);
        if (different > most || (different == most && last - first + 1 > many)) {
            most = different;
            many = last - first + 1;
            best = (struct range){t->spans[first].start, t->spans[last].end};
        }
    }
    return best;
}

static bool is_inside_character(const struct marked_text *t, size_t at) {
    return at < t->len && ((unsigned char)t->text[at] & 0xC0) == 0x80;
}

static bool is_space_at(const struct marked_text *t, size_t at) {
    return t->text[at] == ' ' || t->text[at] == '\n' || t->text[at] == '\t';
}

/* Back to where a word starts, `columns` back at most. */
static size_t back_up(const struct marked_text *t, size_t from, size_t columns) {
    size_t start = from, used = 0;
    for (size_t at = from; at > 0 && used < columns;) {
        do
            at--;
        while (at > 0 && is_inside_character(t, at));
        size_t next = at;
        used += text_width(text_next(t->text, t->len, &next));
        if (used <= columns && (at == 0 || is_space_at(t, at - 1)))
            start = at;
    }
    return start;
}

/* Forward to where a word ends, as far as `columns` allow: a word that is longer than all of them is cut. */
static size_t go_on(const struct marked_text *t, size_t from, size_t columns) {
    size_t end = from, used = 0, at = from;
    while (at < t->len) {
        size_t next = at;
        used += text_width(text_next(t->text, t->len, &next));
        if (used > columns)
            return end > from ? end : at;
        if (next == t->len || is_space_at(t, next))
            end = next;
        at = next;
    }
    return t->len;
}

static struct range choose(const struct marked_text *t, size_t columns) {
    if (text_columns(t->text, t->len) <= columns)
        return (struct range){0, t->len};
    columns = columns > 4 * ELLIPSIS_COLUMNS ? columns - 2 * ELLIPSIS_COLUMNS : columns;
    struct range matches = densest(t, columns);
    if (text_columns(t->text, matches.end) <= columns) /* the beginning is the best of starts */
        return (struct range){0, go_on(t, 0, columns)};
    size_t taken = text_columns(t->text + matches.start, matches.end - matches.start);
    size_t start = back_up(t, matches.start, taken < columns ? (columns - taken) / 2 : 0);
    size_t end = go_on(t, start, columns);
    if (end == t->len) /* no need to leave room behind the end */
        start = back_up(t, t->len, columns);
    return (struct range){start, end};
}

size_t snippet_start(const struct marked_text *text, size_t columns) {
    return choose(text, columns).start;
}

static char *append(char *at, const char *bytes, size_t len) {
    memcpy(at, bytes, len);
    return at + len;
}

bool snippet_init(struct snippet *s, const struct marked_text *text, size_t columns) {
    struct range part = choose(text, columns);
    size_t shift = part.start ? ELLIPSIS + 1 : 0;
    *s = (struct snippet){*text, NULL, NULL};
    if (part.start == 0 && part.end == text->len)
        return true;
    char *at = s->text = malloc(part.end - part.start + 2 * (ELLIPSIS + 1));
    s->spans = malloc((text->span_count + 1) * sizeof *s->spans);
    if (!s->text || !s->spans)
        return false;
    if (part.start)
        at = append(append(at, ellipsis, ELLIPSIS), " ", 1);
    at = append(at, text->text + part.start, part.end - part.start);
    if (part.end < text->len)
        at = append(append(at, " ", 1), ellipsis, ELLIPSIS);
    size_t count = 0;
    for (size_t i = 0; i < text->span_count; i++)
        if (text->spans[i].start >= part.start && text->spans[i].end <= part.end)
            s->spans[count++] = (lede_span){(uint32_t)(text->spans[i].start - part.start + shift),
                                            (uint32_t)(text->spans[i].end - part.start + shift)};
    s->marked = (struct marked_text){s->text, (size_t)(at - s->text), s->spans, count};
    return true;
}

void snippet_release(struct snippet *s) {
    free(s->text);
    free(s->spans);
}
