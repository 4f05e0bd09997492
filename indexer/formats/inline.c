#include "inline.h"

/* How far the end of a piece of markup is looked for, and how deep links may stand in links: real ones stay below, and
 * a line of brackets alone does not take quadratic time, nor the stack. */
enum { REACH = 2048, DEPTH = 8 };

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == 0;
}

static bool is_punctuation(char c) {
    return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') || (c >= '{' && c <= '~');
}

static char at(struct span t, size_t i) {
    return i < t.n ? t.s[i] : 0;
}

static size_t run_length(struct span t, size_t i) {
    size_t n = 0;
    while (at(t, i + n) == t.s[i])
        n++;
    return n;
}

/* Where the bracket that t.s[i] opens is closed; t.n if it is not within reach. */
static size_t find_close(struct span t, size_t i, char open, char close) {
    size_t depth = 0, end = t.n - i < REACH ? t.n : i + REACH;
    for (; i < end; i++) {
        if (t.s[i] == '\\')
            i++;
        else if (t.s[i] == open)
            depth++;
        else if (t.s[i] == close && --depth == 0)
            return i;
    }
    return t.n;
}

static void append_text(struct buffer *out, struct span t, unsigned depth);

/* `code`: its content; the number of bytes of t from i that were read. */
static size_t append_code(struct buffer *out, struct span t, size_t i) {
    size_t n = run_length(t, i), end = t.n - i < REACH ? t.n : i + REACH;
    for (size_t k = i + n; k < end; k++) {
        if (t.s[k] != '`')
            continue;
        size_t close = run_length(t, k);
        if (close == n) {
            struct span code = span_trim((struct span){t.s + i + n, k - i - n});
            buffer_append(out, code.s, code.n);
            return k + n - i;
        }
        k += close - 1;
    }
    buffer_append(out, t.s + i, n);
    return n;
}

/* [text](address), [text][name], [^1] */
static size_t append_link(struct buffer *out, struct span t, size_t i, unsigned depth) {
    size_t close = find_close(t, i, '[', ']'), end = t.n;
    if (close < t.n && at(t, i + 1) == '^')
        return close + 1 - i;
    if (close < t.n && at(t, close + 1) == '(')
        end = find_close(t, close + 1, '(', ')');
    else if (close < t.n && at(t, close + 1) == '[')
        end = find_close(t, close + 1, '[', ']');
    if (end == t.n || depth == DEPTH) {
        buffer_append(out, "[", 1);
        return 1;
    }
    append_text(out, (struct span){t.s + i + 1, close - i - 1}, depth + 1);
    return end + 1 - i;
}

/* <https://...> is an address, <em> a tag. */
static size_t append_tag(struct buffer *out, struct span t, size_t i) {
    char next = at(t, i + 1);
    bool tag = (next | 0x20) >= 'a' && (next | 0x20) <= 'z';
    size_t close = tag || next == '/' || next == '!' ? find_close(t, i, '<', '>') : t.n;
    if (close == t.n) {
        buffer_append(out, "<", 1);
        return 1;
    }
    struct span inside = {t.s + i + 1, close - i - 1};
    if (span_find(inside, "://") < inside.n || (memchr(inside.s, '@', inside.n) && !memchr(inside.s, ' ', inside.n)))
        buffer_append(out, inside.s, inside.n);
    else if (span_starts(inside, "br"))
        buffer_append(out, " ", 1);
    return close + 1 - i;
}

static size_t append_entity(struct buffer *out, struct span t, size_t i) {
    static const struct {
        const char *name, *text;
    } entities[] = {
        {"&amp;", "&"},   {"&lt;", "<"},    {"&gt;", ">"},    {"&quot;", "\""}, {"&apos;", "'"},
        {"&#39;", "'"},   {"&nbsp;", " "},  {"&mdash;", "—"}, {"&ndash;", "–"}, {"&hellip;", "…"},
        {"&lsquo;", "‘"}, {"&rsquo;", "’"}, {"&ldquo;", "“"}, {"&rdquo;", "”"}, {"&copy;", "©"},
    };
    struct span rest = {t.s + i, t.n - i};
    for (size_t k = 0; k < sizeof entities / sizeof *entities; k++)
        if (span_starts(rest, entities[k].name)) {
            buffer_append(out, entities[k].text, strlen(entities[k].text));
            return strlen(entities[k].name);
        }
    buffer_append(out, "&", 1);
    return 1;
}

/* Marks of emphasis open before a word and close behind one; between blanks, or inside of a word, they are text. */
static size_t append_emphasis(struct buffer *out, struct span t, size_t i) {
    size_t n = run_length(t, i);
    char before = i ? t.s[i - 1] : 0, after = at(t, i + n);
    bool opens = !is_space(after) && (is_space(before) || is_punctuation(before));
    bool closes = !is_space(before) && (is_space(after) || is_punctuation(after));
    bool strike = t.s[i] != '~' || n == 2;
    if (!(opens || closes) || n > 3 || !strike)
        buffer_append(out, t.s + i, n);
    return n;
}

static size_t append_piece(struct buffer *out, struct span t, size_t i, unsigned depth) {
    switch (t.s[i]) {
    case '\\':
        if (!is_punctuation(at(t, i + 1)))
            break;
        buffer_append(out, t.s + i + 1, 1);
        return 2;
    case '`': return append_code(out, t, i);
    case '!':
        if (at(t, i + 1) != '[')
            break;
        return 1 + append_link(out, t, i + 1, depth);
    case '[': return append_link(out, t, i, depth);
    case '<': return append_tag(out, t, i);
    case '&': return append_entity(out, t, i);
    case '*':
    case '_':
    case '~': return append_emphasis(out, t, i);
    default: break;
    }
    buffer_append(out, t.s + i, 1);
    return 1;
}

static bool is_special(char c) {
    return strchr("\\`![<&*_~", c) != NULL; /* NUL too, which there is none of */
}

static void append_text(struct buffer *out, struct span t, unsigned depth) {
    for (size_t i = 0; i < t.n;) {
        size_t plain = i;
        while (plain < t.n && !is_special(t.s[plain]))
            plain++;
        buffer_append(out, t.s + i, plain - i);
        i = plain;
        if (i < t.n)
            i += append_piece(out, t, i, depth);
    }
}

void inline_append(struct buffer *out, struct span line) {
    append_text(out, line, 0);
}
