/* Markdown: front matter, headings, paragraphs. Not a renderer: what matters is that words come out as words, that
 * headings are told apart, and that each line of a block stands for one line of the source. Lines that are not to be
 * joined, as those of lists, tables and code, end with CR. */
#include "reader.h"

#include "core/base/error.h"
#include "date.h"
#include "inline.h"

struct markdown {
    struct block_writer out; /* the text without markup, a line for each line of a block */
    uint32_t line;           /* of the source, of the line in hand */
    bool gap;                /* a blank line stands before the line in hand */
    char fence;              /* inside of a code block: what closes it */
    bool broken;             /* the line before the one in hand is kept apart from it */
    bool list, code;         /* inside of a list; of a block of indented code */
};

struct source_line {
    struct span text; /* trimmed */
    bool indented;    /* as code is */
    bool broken;      /* by hand: two blanks stand at its end */
};

static bool next_line(struct span *rest, struct source_line *line) {
    const char *start = rest->s;
    struct span *t = &line->text;
    if (!span_next_line(rest, t)) {
        *line = (struct source_line){{"", 0}, false, false};
        return false;
    }
    line->indented = t->n && (*start == '\t' || (t->s - start >= 4 && !memcmp(start, "    ", 4)));
    line->broken = t->n && rest->s - (t->s + t->n) > 2 && t->s[t->n] == ' ' && t->s[t->n + 1] == ' ';
    return true;
}

/* "- item", "1. item" */
static bool is_item(struct span t) {
    size_t digits = 0;
    while (digits < t.n && t.s[digits] >= '0' && t.s[digits] <= '9')
        digits++;
    if (digits && digits < t.n && (t.s[digits] == '.' || t.s[digits] == ')'))
        return digits + 1 < t.n && t.s[digits + 1] == ' ';
    return span_starts(t, "- ") || span_starts(t, "* ") || span_starts(t, "+ ");
}

/* "| a | b |" */
static bool is_row(struct span t) {
    return t.n && (t.s[0] == '|' || span_find(t, " | ") < t.n);
}

/* A line of the source without its markup, in the open block or a new one. */
static void add_line(struct markdown *m, struct span t, bool verbatim) {
    struct buffer *text = m->out.text, *blocks = m->out.blocks;
    size_t text_before = text->len, blocks_before = blocks->len;
    if (text->len)
        buffer_append_u8(text, m->broken || verbatim || is_item(t) || is_row(t) ? '\r' : '\n');
    size_t start = text->len;
    if (!m->out.open)
        block_open(&m->out, m->line, false, m->gap);
    m->broken = verbatim || is_row(t);
    if (!verbatim && t.n > 1 && span_ends(t, "\\") && t.s[t.n - 2] != '\\') { /* a line that is broken by hand */
        m->broken = true;
        t.n--;
    }
    if (verbatim)
        buffer_append(text, t.s, t.n);
    else
        inline_append(text, t);
    struct span added = {(const char *)text->data, text->len};
    added = added.n ? (struct span){added.s + start, added.n - start} : added;
    if (span_trim(added).n)
        return;
    text->len = text_before; /* an image, a comment: nothing to read, and the end of what was open */
    m->out.open &= blocks->len == blocks_before;
    blocks->len = blocks_before;
    block_close(&m->out);
}

static void add_heading(struct markdown *m, struct span t) {
    size_t count = m->out.blocks->len;
    block_close(&m->out);
    add_line(m, t, false);
    block_close(&m->out);
    if (m->out.blocks->len > count)
        block_last(&m->out)->heading = true;
}

/* Whether the line is nothing but at least so many of one of the characters, with blanks in between. */
static bool is_rule(struct span t, const char *marks, size_t least) {
    size_t n = 0;
    if (!t.n || !strchr(marks, t.s[0]))
        return false;
    for (size_t i = 0; i < t.n; i++) {
        if (t.s[i] != t.s[0] && t.s[i] != ' ')
            return false;
        n += t.s[i] == t.s[0];
    }
    return n >= least;
}

/* "## Heading ##"; empty if it is none. */
static struct span heading_of(struct span t) {
    size_t level = 0;
    while (level < t.n && t.s[level] == '#')
        level++;
    if (level < 1 || level > 6 || (level < t.n && t.s[level] != ' ' && t.s[level] != '\t'))
        return (struct span){"", 0};
    t = span_trim((struct span){t.s + level, t.n - level});
    size_t n = t.n;
    while (n && t.s[n - 1] == '#')
        n--;
    return n && t.s[n - 1] != ' ' ? t : span_trim((struct span){t.s, n});
}

/* "[name]: address", but not the text of a footnote */
static bool is_definition(struct span t) {
    const char *close = t.n && t.s[0] == '[' ? memchr(t.s, ']', t.n) : NULL;
    return close && close + 1 < t.s + t.n && close[1] == ':' && t.s[1] != '^';
}

static char fence_of(struct span t) {
    return span_starts(t, "```") ? '`' : span_starts(t, "~~~") ? '~' : 0;
}

/* A paragraph of one line in bold is a heading in all but name. */
static bool is_bold(struct span t) {
    return t.n > 4 && span_starts(t, "**") && span_ends(t, "**") && !memchr(t.s + 2, '*', t.n - 4) &&
           block_is_heading((struct span){t.s + 2, t.n - 4});
}

/* A rule below a paragraph of one line makes it a heading. */
static bool underlines(const struct markdown *m, struct span t) {
    return m->out.open && block_last(&m->out)->line + 1 == m->line && is_rule(t, "=-", 2) && !memchr(t.s, ' ', t.n);
}

static struct span without_quote(struct span t) {
    while (t.n && t.s[0] == '>')
        t = span_trim((struct span){t.s + 1, t.n - 1});
    return t;
}

static void read_block_line(struct markdown *m, struct span t, struct span next) {
    struct span heading = heading_of(t);
    if (fence_of(t)) {
        block_close(&m->out);
        m->fence = fence_of(t);
    } else if (underlines(m, t)) {
        block_close(&m->out);
        block_last(&m->out)->heading = true;
    } else if (!t.n || is_rule(t, "-*_", 3) || is_rule(t, "=", 3) || is_definition(t)) {
        block_close(&m->out);
    } else if (heading.n) {
        add_heading(m, heading);
    } else if (!m->out.open && !next.n && is_bold(t)) {
        add_heading(m, t);
    } else {
        add_line(m, t, false);
    }
}

/* Indented lines that go on no paragraph, nor an item of a list. */
static bool is_code(const struct markdown *m, const struct source_line *line) {
    return line->indented && !m->list && (m->code || !m->out.open);
}

static void read_prose(struct markdown *m, const struct source_line *line, struct span next) {
    struct span t = without_quote(line->text);
    bool code = is_code(m, line);
    if (m->code && !code)
        block_close(&m->out);
    if (t.n && !line->indented)
        m->list = is_item(t) || (m->list && m->out.open);
    m->code = code;
    if (code)
        add_line(m, line->text, true);
    else
        read_block_line(m, t, without_quote(next));
}

static void read_line(struct markdown *m, const struct source_line *line, struct span next) {
    struct span t = line->text;
    if (m->fence && fence_of(t) == m->fence) {
        block_close(&m->out);
        m->fence = 0;
    } else if (m->fence && t.n) {
        add_line(m, t, true);
    } else if (m->fence) {
        block_close(&m->out);
    } else {
        read_prose(m, line, next);
    }
    m->gap = !t.n;
    m->broken |= line->broken;
}

static void read_lines(struct markdown *m, struct span text) {
    struct source_line line, next;
    for (bool more = next_line(&text, &next); more; m->line++) {
        line = next;
        more = next_line(&text, &next);
        read_line(m, &line, next.text);
    }
    block_close(&m->out);
}

static bool is_wrapped(struct span t, char open, char close) {
    return t.n >= 2 && t.s[0] == open && t.s[t.n - 1] == close;
}

static struct span without_quotes(struct span t) {
    t = span_trim(t);
    if (is_wrapped(t, '"', '"') || is_wrapped(t, '\'', '\''))
        t = span_trim((struct span){t.s + 1, t.n - 2});
    return t;
}

/* A name, or names as in ["A", "B"]. */
static void read_names(struct buffer *names, struct span value) {
    value = span_trim(value);
    bool list = is_wrapped(value, '[', ']');
    struct span rest = list ? (struct span){value.s + 1, value.n - 2} : value;
    buffer_clear(names);
    while (rest.n) {
        const char *comma = list ? memchr(rest.s, ',', rest.n) : NULL;
        size_t n = comma ? (size_t)(comma - rest.s) : rest.n;
        struct span name = without_quotes((struct span){rest.s, n});
        if (names->len && name.n)
            buffer_append(names, ", ", 2);
        buffer_append(names, name.s, name.n);
        n += comma ? 1 : 0;
        rest = (struct span){rest.s + n, rest.n - n};
    }
}

/* Front matter being read. A field of YAML may go on in the lines below: a list, a map, or text that was folded. */
struct front {
    struct parser *p;
    lede_article found;
    bool toml;
    enum { OPEN_NOTHING, OPEN_NAMES, OPEN_TITLE, OPEN_OTHER } open;
};

static bool is_names_key(struct span key) {
    return span_equal(key, "author") || span_equal(key, "authors") || span_equal(key, "byline");
}

static void set_byline(struct front *f) {
    f->found.byline = (const char *)f->p->byline.data;
    f->found.byline_len = f->p->byline.len;
}

static void read_field(struct front *f, struct span key, struct span value) {
    lede_article *meta = &f->found;
    if (span_equal(key, "title")) {
        value = without_quotes(value);
        meta->title = value.s;
        meta->title_len = value.n;
    } else if (is_names_key(key)) {
        read_names(&f->p->byline, value);
        set_byline(f);
    } else if (span_equal(key, "date") || span_equal(key, "published") || span_equal(key, "pubdate")) {
        lede_date date = date_of_field(without_quotes(value));
        meta->date = date ? date : meta->date;
    } else if (span_equal(key, "lang") || span_equal(key, "language")) {
        value = without_quotes(value);
        meta->language = value.s;
        meta->language_len = value.n;
    } else if (span_equal(key, "dateline")) {
        value = without_quotes(value);
        meta->dateline = value.s;
        meta->dateline_len = value.n;
    }
}

/* "", or what stands before text in lines of its own: ">", "|-" */
static bool goes_on(struct span value) {
    value = span_trim(value);
    return !value.n || ((value.s[0] == '>' || value.s[0] == '|') && value.n <= 2);
}

/* "- Jane Doe", "- name: Jane Doe", "name: Jane Doe"; other things of a map are no names. */
static void add_name(struct front *f, struct span t) {
    if (t.s[0] == '-')
        t = span_trim((struct span){t.s + 1, t.n - 1});
    const char *mark = t.n ? memchr(t.s, ':', t.n) : NULL;
    size_t key = mark ? (size_t)(mark - t.s) : 0;
    if (mark && !span_equal(span_trim((struct span){t.s, key}), "name"))
        return;
    struct span name = without_quotes(mark ? (struct span){mark + 1, t.n - key - 1} : t);
    if (f->p->byline.len && name.n)
        buffer_append(&f->p->byline, ", ", 2);
    buffer_append(&f->p->byline, name.s, name.n);
    set_byline(f);
}

static void add_to_title(struct front *f, struct span t) {
    struct buffer *title = &f->p->title;
    if (title->len)
        buffer_append_u8(title, ' ');
    buffer_append(title, t.s, t.n);
    f->found.title = (const char *)title->data;
    f->found.title_len = title->len;
}

/* "key: value", or, of TOML, "key = value". */
static void read_front_line(struct front *f, struct span t) {
    const char *mark = t.n ? memchr(t.s, f->toml ? '=' : ':', t.n) : NULL;
    if (!mark)
        return;
    size_t n = (size_t)(mark - t.s);
    struct span key = span_trim((struct span){t.s, n}), value = {mark + 1, t.n - n - 1};
    bool more = !f->toml && goes_on(value), is_title = span_equal(key, "title");
    f->open = !more ? OPEN_NOTHING : is_names_key(key) ? OPEN_NAMES : is_title ? OPEN_TITLE : OPEN_OTHER;
    if (f->open == OPEN_TITLE)
        buffer_clear(&f->p->title);
    read_field(f, key, more ? SPAN("") : value);
}

static void continue_field(struct front *f, struct span t) {
    if (f->open == OPEN_NAMES)
        add_name(f, t);
    else if (f->open == OPEN_TITLE)
        add_to_title(f, t);
}

/* Reads the lines between "---" (or, of TOML, "+++") at the start of *text, and moves it behind. Returns the number of
 * lines read; without an end there is no front matter. */
static uint32_t read_front_matter(struct parser *p, struct span *text, lede_article *meta) {
    struct span rest = *text, t;
    uint32_t lines = 1;
    if (!span_next_line(&rest, &t) || !(span_equal(t, "---") || span_equal(t, "+++")))
        return 0;
    struct front f = {p, *meta, t.s[0] == '+', OPEN_NOTHING};
    for (const char *start = rest.s; span_next_line(&rest, &t); start = rest.s) {
        lines++;
        if (span_equal(t, f.toml ? "+++" : "---") || (!f.toml && span_equal(t, "..."))) {
            *meta = f.found;
            *text = rest;
            return lines;
        }
        if (f.open && t.n && (t.s > start || t.s[0] == '-'))
            continue_field(&f, t);
        else
            read_front_line(&f, t);
    }
    return 0;
}

/* A heading above all paragraphs is the title, if front matter names none. */
static lede_status find_title(struct parser *p, lede_article *meta, lede_error *err) {
    struct block *blocks = (struct block *)(void *)p->blocks.data;
    if (meta->title_len || !p->blocks.len || !blocks[0].heading)
        return LEDE_OK;
    struct span title = block_span((const char *)p->plain.data, &blocks[0]);
    buffer_clear(&p->title);
    buffer_append(&p->title, title.s, title.n);
    p->blocks.len -= sizeof *blocks;
    memmove(blocks, blocks + 1, p->blocks.len);
    meta->title = (const char *)p->title.data;
    meta->title_len = p->title.len;
    return p->title.failed ? error_nomem(err) : LEDE_OK;
}

lede_status markdown_read(struct reader *r, struct span text, lede_error *err) {
    struct parser *p = r->parser;
    lede_article meta = {.line = 1};
    buffer_clear(&p->blocks);
    buffer_clear(&p->plain);
    struct markdown m = {.out = {&p->plain, &p->blocks, false}, .gap = true};
    m.line = 1 + read_front_matter(p, &text, &meta);
    read_lines(&m, text);
    if (p->plain.failed || p->blocks.failed || p->byline.failed || p->title.failed)
        return error_nomem(err);
    lede_status status = find_title(p, &meta, err);
    if (!status)
        status = text_settle(p, (struct span){(const char *)p->plain.data, p->plain.len}, &meta, TEXT_KEEP_CR, err);
    return status ? status : reader_emit_file(r, &meta, err);
}
