#include "line.h"

#include <stdlib.h>
#include <string.h>

#include "cli/common/text.h"
#include "cli/output/glyph.h"
#include "editor.h"

void line_release(struct line *line) {
    free(line->text);
    free(line->killed);
    memset(line, 0, sizeof *line);
}

const char *line_text(const struct line *line) {
    return line->text ? line->text : "";
}

/* Replaces a range by clean text. */
static bool splice(struct line *line, size_t from, size_t to, const char *text, size_t len) {
    size_t whole = line->len - (to - from) + len;
    if (whole > LINE_MOST)
        return false;
    char *grown = realloc(line->text, (whole > line->len ? whole : line->len) + 1);
    if (!grown)
        return false;
    line->text = grown;
    memmove(grown + from + len, grown + to, line->len - to);
    memcpy(grown + from, text, len);
    line->len = whole;
    grown[whole] = '\0';
    line->cursor = from + len;
    return true;
}

bool line_replace(struct line *line, size_t from, const char *text, size_t len) {
    size_t n = 0;
    char *repaired = text_repair(text, len, &n);
    line->is_killing = false;
    for (size_t i = 0; repaired && i < n; i++)
        if ((unsigned char)repaired[i] < 0x20 || repaired[i] == 0x7F)
            repaired[i] = ' ';
    bool done = repaired && splice(line, from, line->cursor, repaired, n);
    free(repaired);
    return done;
}

bool line_insert(struct line *line, const char *text, size_t len) {
    return line_replace(line, line->cursor, text, len);
}

bool line_set(struct line *line, const char *text, size_t len) {
    line->cursor = line->len;
    return line_replace(line, 0, text, len);
}

static size_t right(const struct line *line, size_t at) {
    struct glyph g;
    size_t next = at;
    if (at < line->len)
        glyph_next(&g, line->text, line->len, &next);
    return next;
}

static size_t left(const struct line *line, size_t at) {
    return at ? glyph_before(line->text, at) : 0;
}

static bool is_word(const struct line *line, size_t at) {
    return editor_word_start(line->text + at, 1) == 0;
}

static bool is_blank(const struct line *line, size_t at) {
    return line->text[at] == ' ';
}

static bool is_not_blank(const struct line *line, size_t at) {
    return line->text[at] != ' ';
}

static bool is_no_word(const struct line *line, size_t at) {
    return !is_word(line, at);
}

typedef bool condition(const struct line *line, size_t at);

static size_t while_left(const struct line *line, size_t at, condition *holds) {
    while (at && holds(line, at - 1))
        at--;
    return at;
}

static size_t while_right(const struct line *line, size_t at, condition *holds) {
    while (at < line->len && holds(line, at))
        at++;
    return at;
}

static size_t word_left(const struct line *line, size_t at) {
    return while_left(line, while_left(line, at, is_no_word), is_word);
}

static size_t word_right(const struct line *line, size_t at) {
    return while_right(line, while_right(line, at, is_no_word), is_word);
}

/* Where the edit goes to. */
static size_t target(const struct line *line, enum line_edit edit) {
    size_t at = line->cursor;
    switch (edit) {
    case LINE_LEFT:
    case LINE_BACKSPACE: return left(line, at);
    case LINE_RIGHT:
    case LINE_DELETE: return right(line, at);
    case LINE_WORD_LEFT:
    case LINE_KILL_WORD_LEFT: return word_left(line, at);
    case LINE_WORD_RIGHT:
    case LINE_KILL_WORD_RIGHT: return word_right(line, at);
    case LINE_START:
    case LINE_KILL_START: return 0;
    case LINE_END:
    case LINE_KILL_END: return line->len;
    case LINE_KILL_BLANK_WORD: return while_left(line, while_left(line, at, is_blank), is_not_blank);
    default: return at;
    }
}

/* Remembers what a kill takes away, in front of or behind what the kill before it took. */
static void keep(struct line *line, size_t from, size_t to, bool is_before) {
    size_t old = line->is_killing ? line->killed_len : 0, len = to - from;
    char *killed = malloc(old + len + 1);
    if (!killed)
        return;
    memcpy(killed + (is_before ? len : 0), line->killed ? line->killed : "", old);
    memcpy(killed + (is_before ? 0 : old), line->text + from, len);
    killed[old + len] = '\0';
    free(line->killed);
    line->killed = killed;
    line->killed_len = old + len;
}

static bool swap(struct line *line) {
    size_t middle = line->cursor < line->len ? line->cursor : left(line, line->len);
    size_t start = left(line, middle), end = right(line, middle), n = middle - start;
    char copy[64];
    if (start == middle || end == middle || end - start > sizeof copy)
        return false;
    memcpy(copy, line->text + middle, end - middle);
    memcpy(copy + (end - middle), line->text + start, n);
    memcpy(line->text + start, copy, end - start);
    line->cursor = end;
    return true;
}

static bool yank(struct line *line) {
    line->is_killing = false;
    return line->killed_len && splice(line, line->cursor, line->cursor, line->killed, line->killed_len);
}

/* Takes away what is between the cursor and `to`. */
static bool take_away(struct line *line, size_t to, bool is_kill) {
    size_t from = line->cursor;
    bool is_before = to < from;
    if (to == from)
        return false;
    if (is_kill)
        keep(line, is_before ? to : from, is_before ? from : to, is_before);
    line->is_killing = is_kill;
    return splice(line, is_before ? to : from, is_before ? from : to, "", 0);
}

bool line_edit(struct line *line, enum line_edit edit) {
    bool is_kill = edit >= LINE_KILL_START && edit <= LINE_KILL_WORD_RIGHT;
    size_t to = target(line, edit);
    if (edit == LINE_YANK)
        return yank(line);
    if (is_kill || edit == LINE_BACKSPACE || edit == LINE_DELETE)
        return take_away(line, to, is_kill);
    line->is_killing = false;
    if (edit == LINE_SWAP)
        return swap(line);
    line->cursor = to;
    return false;
}
