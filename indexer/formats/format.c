/* What a file is, by its name or its first bytes. */
#include "parser.h"

#include <string.h>

#include "core/text/charset.h"
#include "reader.h"

static const char *extension_of(const char *path) {
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    const char *dot = strrchr(name, '.');
    return dot && dot > name ? dot : "";
}

lede_format format_of_name(const char *path) {
    static const struct {
        const char *extension;
        lede_format format;
    } formats[] = {
        {".txt", LEDE_FORMAT_TEXT},          {".text", LEDE_FORMAT_TEXT},   {".md", LEDE_FORMAT_MARKDOWN},
        {".markdown", LEDE_FORMAT_MARKDOWN}, {".jsonl", LEDE_FORMAT_JSONL}, {".ndjson", LEDE_FORMAT_JSONL},
        {".tsv", LEDE_FORMAT_TSV},           {".html", LEDE_FORMAT_HTML},   {".htm", LEDE_FORMAT_HTML},
        {".xhtml", LEDE_FORMAT_HTML},
    };
    const char *extension = extension_of(path);
    struct span span = {extension, strlen(extension)};
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (span_equal(span, formats[i].extension))
            return formats[i].format;
    return LEDE_FORMAT_AUTO;
}

static bool is_markdown_heading(struct span line) {
    size_t level = 0;
    while (level < line.n && line.s[level] == '#')
        level++;
    return level >= 1 && level <= 6 && level < line.n && line.s[level] == ' ';
}

/* "[text](address)" */
static bool has_markdown_link(struct span line) {
    size_t at = span_find(line, "](");
    return at < line.n && memchr(line.s, '[', at) && memchr(line.s + at, ')', line.n - at);
}

/* "---" above "key: value", or "+++" above "key = value". */
static bool opens_front_matter(struct span line, struct span next) {
    char mark = span_equal(line, "---") ? ':' : span_equal(line, "+++") ? '=' : 0;
    const char *at = mark && next.n ? memchr(next.s, mark, next.n) : NULL;
    return at && at > next.s;
}

/* Whether a text is Markdown, from its first line that is not blank on. */
static bool is_markdown(struct span text) {
    struct span rest = text, line = {"", 0}, next = {"", 0};
    if (!span_next_line(&rest, &line))
        return false;
    bool opens = is_markdown_heading(line);
    if (span_next_line(&rest, &next))
        opens |= opens_front_matter(line, next) || (line.n && (span_starts(next, "===") || span_starts(next, "---")));
    size_t marks = 0;
    for (rest = text; !opens && marks < 2 && span_next_line(&rest, &line);)
        marks += is_markdown_heading(line) || has_markdown_link(line) || span_starts(line, "```");
    return opens || marks >= 2;
}

/* Whether a text goes on as an object does behind its brace: with a name and a colon. */
static bool is_inside_object(struct span t) {
    t = span_trim(t);
    if (!t.n || t.s[0] == '}')
        return true;
    if (t.s[0] != '"')
        return false;
    size_t at = 1;
    while (at < t.n && t.s[at] != '"')
        at += t.s[at] == '\\' ? 2 : 1;
    struct span rest = at + 1 < t.n ? span_trim((struct span){t.s + at + 1, t.n - at - 1}) : (struct span){"", 0};
    return !rest.n || rest.s[0] == ':';
}

/* Objects; or an array of them, of which the reader of lines tells what to do with it. Prose may begin with a brace,
 * too, as in "[{{Infobox}}]". */
static bool is_json(struct span t) {
    if (t.n && t.s[0] == '[')
        t = span_trim((struct span){t.s + 1, t.n - 1});
    return t.n && t.s[0] == '{' && is_inside_object((struct span){t.s + 1, t.n - 1});
}

lede_format format_of_bytes(const char *bytes, size_t len) {
    struct span rest = reader_without_bom((struct span){bytes, len}), line, text = rest;
    for (; span_next_line(&rest, &line); text = rest) {
        if (!line.n)
            continue;
        if (is_json(span_trim(text)))
            return LEDE_FORMAT_JSONL;
        if (span_starts(line, "<!doctype html") || span_starts(line, "<html"))
            return LEDE_FORMAT_HTML;
        const char *tab = memchr(line.s, '\t', line.n);
        if (tab && tab > line.s && !memchr(line.s, ' ', (size_t)(tab - line.s)))
            return LEDE_FORMAT_TSV;
        return is_markdown(text) ? LEDE_FORMAT_MARKDOWN : LEDE_FORMAT_TEXT;
    }
    return LEDE_FORMAT_TEXT;
}

const char *binary_signature(const char *bytes, size_t len) {
    struct span t = {bytes, len};
    static const struct {
        const char *magic, *reason;
    } kinds[] = {
        {"%PDF-", "a PDF file; convert it to text"},
        {"PK\x03\x04", "a ZIP file or an office document; unpack or convert it"},
        {"\x1f\x8b", "a gzip file; unpack it"},
        {"\x28\xb5\x2f\xfd", "a zstd file; unpack it"},
        {"\xfd\x37zXZ", "an xz file; unpack it"},
        {"BZh9", "a bzip2 file; unpack it"},
        {"\x89PNG", "an image"},
        {"\xff\xd8\xff", "an image"},
        {"GIF8", "an image"},
        {"\x7f\x45LF", "a program"},
        {"{\\rtf", "an RTF document; convert it to text"},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        size_t n = strlen(kinds[i].magic);
        if (t.n >= n && memcmp(t.s, kinds[i].magic, n) == 0)
            return kinds[i].reason;
    }
    return NULL;
}

/* Its BOM begins as that of UTF-16 does, where a NUL character would follow. */
static bool is_utf32(struct span t) {
    return t.n >= 4 && (memcmp(t.s, "\xff\xfe\0\0", 4) == 0 || memcmp(t.s, "\0\0\xfe\xff", 4) == 0);
}

const char *binary_reason(const char *bytes, size_t len) {
    enum { LOOK_AT = 64 * 1024 };
    struct span head = {bytes, len < LOOK_AT ? len : LOOK_AT};
    if (is_utf32(head))
        return "UTF-32; convert it to UTF-8";
    if (text_is_utf16(head.s, head.n))
        return NULL;
    const char *reason = binary_signature(head.s, head.n);
    if (reason)
        return reason;
    if (reader_find_nul(head.s, head.n) < head.n)
        return "NUL bytes near its start; binary?";
    size_t controls = 0;
    for (size_t i = 0; i < head.n; i++)
        controls += (uint8_t)head.s[i] < ' ' && (bytes[i] < '\t' || bytes[i] > '\r') && bytes[i] != '\x1b';
    return controls > head.n / 20 ? "full of control characters; binary?" : NULL;
}
