#include "text.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

enum {
    NARROWEST = 10, /* columns to leave for text, however narrow the terminal */
    LINE_SEPARATOR = 0x2028,
    PARAGRAPH_SEPARATOR = 0x2029,
    NEXT_LINE = 0x85,
    IDEOGRAPHIC_SPACE = 0x3000,
};

/* How many bytes the first byte of a character announces, and the bits of the character in it. */
static size_t lead(unsigned char byte, uint32_t *bits) {
    if (byte >= 0xC2 && byte <= 0xDF)
        return *bits = byte & 0x1F, 2;
    if (byte >= 0xE0 && byte <= 0xEF)
        return *bits = byte & 0x0F, 3;
    if (byte >= 0xF0 && byte <= 0xF4)
        return *bits = byte & 0x07, 4;
    return *bits = byte, byte < 0x80;
}

/* Longer than need be, a surrogate, or beyond Unicode. */
static bool is_forbidden(uint32_t character, size_t len) {
    return (len == 3 && character < 0x800) || (len == 4 && character < 0x10000) || character > 0x10FFFF ||
           (character >= 0xD800 && character <= 0xDFFF);
}

uint32_t text_next(const char *text, size_t len, size_t *at) {
    const unsigned char *p = (const unsigned char *)text + *at;
    size_t left = len - *at;
    uint32_t character;
    size_t n = lead(p[0], &character);
    *at += 1;
    if (n == 0 || n > left)
        return REPLACEMENT_CHARACTER;
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xC0) != 0x80)
            return REPLACEMENT_CHARACTER;
        character = character << 6 | (p[i] & 0x3F);
    }
    if (is_forbidden(character, n))
        return REPLACEMENT_CHARACTER;
    *at += n - 1;
    return character;
}

bool text_turns(uint32_t c) {
    return (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

unsigned text_width(uint32_t character) {
    if (text_turns(character))
        return 0;
    int width = character < 0x80 ? 1 : wcwidth((wchar_t)character);
    return width < 0 ? 1 : (unsigned)width;
}

size_t text_columns(const char *text, size_t len) {
    size_t columns = 0;
    for (size_t at = 0; at < len;)
        columns += text_width(text_next(text, len, &at));
    return columns;
}

bool text_is_control(uint32_t character) {
    return character < 0x20 || (character >= 0x7F && character < 0xA0);
}

bool text_is_line_end(uint32_t c) {
    return (c >= '\n' && c <= '\r') || c == NEXT_LINE || c == LINE_SEPARATOR || c == PARAGRAPH_SEPARATOR;
}

bool text_is_space(uint32_t c) {
    return c == ' ' || c == '\t' || c == IDEOGRAPHIC_SPACE || text_is_line_end(c);
}

/* Copies with broken bytes replaced; with `clean` also as text_clean tells. A byte becomes three at most. */
static char *copy(const char *text, size_t len, size_t *out_len, bool clean) {
    static const char replacement[] = "\xEF\xBF\xBD";
    char *out = len > (SIZE_MAX - 1) / 3 ? NULL : malloc(3 * len + 1);
    size_t n = 0, at = 0;
    if (!out)
        return NULL;
    while (at < len) {
        size_t start = at;
        uint32_t c = text_next(text, len, &at);
        if (clean && text_is_space(c)) {
            if (n && out[n - 1] != ' ')
                out[n++] = ' ';
        } else if (c == REPLACEMENT_CHARACTER || (clean && (text_is_control(c) || text_turns(c)))) {
            memcpy(out + n, replacement, 3);
            n += 3;
        } else {
            memcpy(out + n, text + start, at - start);
            n += at - start;
        }
    }
    while (clean && n && out[n - 1] == ' ')
        n--;
    out[n] = '\0';
    if (out_len)
        *out_len = n;
    return out;
}

char *text_clean(const char *text, size_t len, size_t *out_len) {
    return copy(text, len, out_len, true);
}

char *text_repair(const char *text, size_t len, size_t *out_len) {
    return copy(text, len, out_len, false);
}

/* A text on its way to the terminal. */
struct printer {
    const struct text_layout *layout;
    const struct marked_text *text;
    size_t span; /* the first that ends behind what was printed */
    unsigned column, limit;
    size_t lines; /* ended so far */
    bool marked;  /* the terminal shows the style of matches now */
};

/* What is not broken over two lines: a word, or one wide character, as Chinese has no spaces. */
struct atom {
    size_t start, end;
    unsigned width;
    bool spaced;     /* white space before it */
    size_t newlines; /* among that */
};

static bool next_atom(const struct marked_text *text, size_t at, struct atom *atom) {
    *atom = (struct atom){at, at, 0, false, 0};
    while (atom->end < text->len) {
        size_t next = atom->end;
        uint32_t c = text_next(text->text, text->len, &next);
        if (text_is_space(c)) {
            if (atom->end > atom->start)
                return true;
            atom->spaced = true;
            bool is_pair = c == '\r' && next < text->len && text->text[next] == '\n';
            atom->newlines += text_is_line_end(c) && !is_pair;
            atom->start = next;
        } else {
            unsigned width = text_width(c);
            if (width == 2 && atom->end > atom->start)
                return true;
            atom->width += width;
            if (width == 2) {
                atom->end = next;
                return true;
            }
        }
        atom->end = next;
    }
    return atom->end > atom->start;
}

static void mark(struct printer *p, bool marked) {
    if (p->marked != marked)
        terminal_style(p->layout->terminal, marked ? STYLE_MATCH : p->layout->style);
    p->marked = marked;
}

static bool is_matched(struct printer *p, size_t at) {
    while (p->span < p->text->span_count && p->text->spans[p->span].end <= at)
        p->span++;
    return p->span < p->text->span_count && p->text->spans[p->span].start <= at;
}

static void print_indent(struct printer *p) {
    fprintf(p->layout->terminal->out, "%*s", (int)p->layout->indent, "");
    p->column = p->layout->indent;
}

static void end_line(struct printer *p) {
    mark(p, false);
    if (p->layout->style != STYLE_PLAIN)
        terminal_style(p->layout->terminal, STYLE_PLAIN);
    putc('\n', p->layout->terminal->out);
    p->lines++;
    p->column = 0;
}

static void start_style(const struct printer *p) {
    if (p->layout->style != STYLE_PLAIN)
        terminal_style(p->layout->terminal, p->layout->style);
}

static void start_line(struct printer *p) {
    print_indent(p);
    start_style(p);
}

static void print_atom(struct printer *p, const struct atom *atom) {
    FILE *out = p->layout->terminal->out;
    for (size_t at = atom->start; at < atom->end;) {
        size_t start = at;
        uint32_t c = text_next(p->text->text, p->text->len, &at);
        unsigned width = text_width(c);
        if (p->limit && p->column + width > p->limit) {
            end_line(p);
            start_line(p);
        }
        mark(p, is_matched(p, start));
        if (c == REPLACEMENT_CHARACTER || text_is_control(c))
            fputs("\xEF\xBF\xBD", out);
        else if (!text_turns(c))
            fwrite(p->text->text + start, 1, at - start, out);
        p->column += width;
    }
}

/* The atom goes to the next line: it would fit there, or not even a character of it fits here. */
static bool must_wrap(const struct printer *p, const struct atom *atom) {
    unsigned here = p->column + atom->spaced;
    if (p->limit == 0 || p->column <= p->layout->indent)
        return false;
    return here >= p->limit || (here + atom->width > p->limit && atom->width <= p->limit - p->layout->indent);
}

/* What stands between the last atom and this one: nothing, a space, line ends. */
static void print_gap(struct printer *p, const struct atom *atom, bool is_first) {
    size_t newlines = atom->newlines > 1 && p->layout->lines != TEXT_BLANK_LINES ? 1 : atom->newlines;
    if (is_first || p->layout->lines == TEXT_ONE_LINE)
        newlines = 0;
    if (newlines == 0 && must_wrap(p, atom))
        newlines = 1;
    if (newlines) {
        for (size_t i = 0; i < newlines; i++)
            end_line(p);
        start_line(p);
    } else if (atom->spaced && !is_first) {
        mark(p, is_matched(p, atom->start - 1));
        putc(' ', p->layout->terminal->out);
        p->column++;
    }
}

size_t text_print(const struct text_layout *layout, const struct marked_text *text, size_t *upto) {
    unsigned width = layout->terminal->width;
    struct printer p = {layout, text, 0, layout->column, 0, 0, false};
    size_t target = upto ? *upto : 0;
    bool reached = !upto;
    struct atom atom;
    if (width)
        p.limit = width > layout->indent + NARROWEST ? width : layout->indent + NARROWEST;
    if (!layout->column)
        print_indent(&p);
    start_style(&p);
    for (size_t at = 0; next_atom(text, at, &atom); at = atom.end) {
        print_gap(&p, &atom, at == 0);
        if (!reached && atom.end > target) {
            *upto = p.lines;
            reached = true;
        }
        print_atom(&p, &atom);
    }
    end_line(&p);
    if (!reached)
        *upto = p.lines ? p.lines - 1 : 0;
    return p.lines;
}
