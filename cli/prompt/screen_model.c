#include "screen_model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A key with what it does, for people. */
static const struct key_help {
    const char *keys, *summary;
} key_helps[] = {
    {"Up, Down", "the hit above, below; Up at the first one: the query before"},
    {"PgUp, PgDn", "a page of hits"},
    {"Alt-<, Alt->", "the first hit, the last one so far; also Ctrl-Home, Ctrl-End"},
    {"Enter", "the whole article in $PAGER, at the passage"},
    {"Alt-Up, Alt-Down", "move the preview; also with Shift or Ctrl"},
    {"Alt-PgUp, Alt-PgDn", "half a preview; also with Shift or Ctrl; Alt-v, Ctrl-V"},
    {"Alt-p", "hide or show the preview"},
    {"Alt-a", "ask for all the words, or for any of them"},
    {"Alt-g", "one hit an article, or all passages"},
    {"Alt-c", "show copies, too, or the best of them alone"},
    {"Tab", "complete the word; again: the next candidate; Shift-Tab: the one before"},
    {"Alt-s", "search for what may have been meant instead"},
    {"Ctrl-P, Ctrl-N", "the query before, after"},
    {"Ctrl-R", "look for a query of before; again: an older one"},
    {"Left, Right", "a character to the left, to the right; also Ctrl-B, Ctrl-F"},
    {"Ctrl-A, Ctrl-E", "to the start, the end of the line; also Home, End"},
    {"Alt-b, Alt-f", "a word to the left, to the right; also Ctrl- or Alt-Left, Right"},
    {"Backspace, Delete", "delete the character before, behind; Ctrl-D: behind"},
    {"Ctrl-U, Ctrl-K", "delete to the start, to the end of the line"},
    {"Ctrl-W, Alt-d", "delete the word before, behind; also Alt-Backspace, Ctrl-Delete"},
    {"Ctrl-Y", "put back what was deleted"},
    {"Ctrl-T", "swap the characters around the cursor"},
    {"Ctrl-L", "draw the screen again"},
    {"Ctrl-Z", "stop, until fg of the shell"},
    {"?, F1", "these keys; ? on an empty line only"},
    {":", "commands, as at the plain prompt; :help lists them, :help query tells what can be asked"},
    {"Esc, Ctrl-C, Ctrl-D", "leave; Ctrl-D on an empty line only"},
};

void screen_model_release(struct screen_model *m) {
    line_release(&m->line);
    line_release(&m->wanted);
    recall_release(&m->recall);
    free(m->page_text);
}

const char *screen_query(const struct screen_model *m) {
    if (m->mode == SCREEN_HISTORY && m->recalled < m->recall.count)
        return m->recall.lines[m->recalled];
    return line_text(&m->line);
}

static void keep_in_view(struct screen_model *m) {
    size_t page = m->page ? m->page : 1;
    if (m->selected >= m->count)
        m->selected = m->count ? m->count - 1 : 0;
    /* No row stays empty while there is a hit above. */
    if (m->top > m->selected || m->count <= page)
        m->top = m->count <= page ? 0 : m->selected;
    else if (m->top > m->count - page)
        m->top = m->count - page;
    if (m->selected - m->top >= page)
        m->top = m->selected - page + 1;
}

void screen_set_hits(struct screen_model *m, size_t count, bool is_other) {
    m->count = count;
    if (is_other)
        m->selected = m->top = 0;
    if (is_other || m->selected >= count)
        m->scroll = (struct screen_scroll){0};
    keep_in_view(m);
}

void screen_keep_selected(struct screen_model *m, size_t hit) {
    if (hit < m->count)
        m->selected = hit;
    else
        m->scroll = (struct screen_scroll){0};
    keep_in_view(m);
}

void screen_set_room(struct screen_model *m, struct screen_room room) {
    m->page = room.hits ? room.hits : 1;
    m->half = room.preview > 2 ? (long)room.preview / 2 : 1;
    m->page_rows = room.page ? room.page : 1;
    keep_in_view(m);
}

void screen_show_page(struct screen_model *m, char *text) {
    free(m->page_text);
    m->page_text = text;
    m->page_top = 0;
    m->mode = text ? SCREEN_PAGE : m->mode;
    if (!text)
        snprintf(m->note, sizeof m->note, "out of memory");
}

/* ---------------------------------------------------------------------------------- actions -- */

static enum screen_effect changed(bool is_changed) {
    return is_changed ? SCREEN_QUERY : SCREEN_NOTHING;
}

static enum screen_effect select_hit(struct screen_model *m, size_t hit) {
    size_t before = m->selected;
    m->selected = hit;
    keep_in_view(m);
    if (m->selected != before)
        m->scroll = (struct screen_scroll){0};
    return SCREEN_NOTHING;
}

static enum screen_effect move_down(struct screen_model *m, size_t hits) {
    return select_hit(m, hits < m->count - m->selected ? m->selected + hits : m->count);
}

static enum screen_effect move_up(struct screen_model *m, size_t hits) {
    return select_hit(m, hits < m->selected ? m->selected - hits : 0);
}

static enum screen_effect show_line(struct screen_model *m, const char *text) {
    return changed(text && line_set(&m->line, text, strlen(text)));
}

enum action {
    DO_NOTHING,
    DO_UP,
    DO_DOWN,
    DO_PAGE_UP,
    DO_PAGE_DOWN,
    DO_FIRST,
    DO_LAST,
    DO_PREVIEW_UP,
    DO_PREVIEW_DOWN,
    DO_PREVIEW_PAGE_UP,
    DO_PREVIEW_PAGE_DOWN,
    DO_HIDE_PREVIEW,
    DO_ALL_WORDS,
    DO_BY_ARTICLE,
    DO_ALL_COPIES,
    DO_OLDER,
    DO_NEWER,
    DO_SEARCH_HISTORY,
    DO_KEYS,
    DO_DELETE_OR_QUIT,
    DO_PASTE,
    DO_PASTE_END,
    DO_EFFECT,                             /* behind it come the effects themselves, */
    DO_EDIT = DO_EFFECT + SCREEN_QUIT + 1, /* and then all edits of the line */
};

/* Those of one direction are one; so are the last, if nobody can turn so often before it is drawn. */
static void add_move(struct screen_scroll *s, long rows) {
    bool is_same = s->count && (s->moves[s->count - 1] < 0) == (rows < 0);
    s->is_first = s->is_last = false;
    if (is_same || s->count == SCREEN_MOVES)
        s->moves[s->count - 1] += rows;
    else
        s->moves[s->count++] = rows;
}

static enum screen_effect act_on_preview(struct screen_model *m, enum action action) {
    bool is_page = action == DO_PREVIEW_PAGE_UP || action == DO_PREVIEW_PAGE_DOWN;
    bool is_up = action == DO_PREVIEW_UP || action == DO_PREVIEW_PAGE_UP;
    long rows = is_page ? m->half : 1;
    if (is_up ? !m->scroll.is_first : !m->scroll.is_last)
        add_move(&m->scroll, is_up ? -rows : rows);
    return SCREEN_NOTHING;
}

static enum screen_effect search_history(struct screen_model *m) {
    m->mode = SCREEN_HISTORY;
    line_set(&m->wanted, "", 0);
    m->recalled = m->recall.count;
    return SCREEN_NOTHING;
}

static enum screen_effect toggle(struct screen_model *m, bool *what, const char *on, const char *off) {
    *what = !*what;
    snprintf(m->note, sizeof m->note, "%s", *what ? on : off);
    return SCREEN_QUERY;
}

static void show_keys(struct screen_model *m) {
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);
    for (size_t i = 0; out && i < sizeof key_helps / sizeof *key_helps; i++)
        fprintf(out, "%-20s  %s\n", key_helps[i].keys, key_helps[i].summary);
    if (out && fclose(out) != 0) {
        free(text);
        text = NULL;
    }
    screen_show_page(m, text);
}

static enum screen_effect act(struct screen_model *m, enum action action) {
    if (action >= DO_EDIT)
        return changed(line_edit(&m->line, (enum line_edit)(action - DO_EDIT)));
    if (action >= DO_EFFECT)
        return (enum screen_effect)(action - DO_EFFECT);
    switch (action) {
    case DO_UP: return m->selected == 0 ? show_line(m, recall_older(&m->recall, line_text(&m->line))) : move_up(m, 1);
    case DO_DOWN: return move_down(m, 1);
    case DO_PAGE_UP: return move_up(m, m->page);
    case DO_PAGE_DOWN: return move_down(m, m->page);
    case DO_FIRST: return select_hit(m, 0);
    case DO_LAST: return select_hit(m, m->count);
    case DO_OLDER: return show_line(m, recall_older(&m->recall, line_text(&m->line)));
    case DO_NEWER: return show_line(m, recall_newer(&m->recall, line_text(&m->line)));
    case DO_HIDE_PREVIEW: m->hide_preview = !m->hide_preview; return SCREEN_NOTHING;
    case DO_ALL_WORDS: return toggle(m, &m->all_words, "all of the words must match", "any of the words may match");
    case DO_BY_ARTICLE: return toggle(m, &m->by_article, "the best passage of each article", "all passages");
    case DO_SEARCH_HISTORY: return search_history(m);
    case DO_ALL_COPIES: return toggle(m, &m->all_copies, "copies are hits of their own", "the best of copies alone");
    case DO_KEYS: show_keys(m); return SCREEN_NOTHING;
    case DO_DELETE_OR_QUIT: return m->line.len ? changed(line_edit(&m->line, LINE_DELETE)) : SCREEN_QUIT;
    case DO_PASTE: m->is_pasting = true; return SCREEN_NOTHING;
    case DO_PASTE_END: m->is_pasting = false; return SCREEN_NOTHING;
    case DO_NOTHING: return SCREEN_NOTHING;
    default: return act_on_preview(m, action);
    }
}

/* ------------------------------------------------------------------------------------- keys -- */

static const struct screen_binding bindings[] = {
    {"Up", KEYS_UP, 0, DO_UP},
    {"Down", KEYS_DOWN, 0, DO_DOWN},
    {"PgUp", KEYS_PAGE_UP, 0, DO_PAGE_UP},
    {"PgDn", KEYS_PAGE_DOWN, 0, DO_PAGE_DOWN},
    {"Alt-<", '<', KEYS_ALT, DO_FIRST},
    {"Alt->", '>', KEYS_ALT, DO_LAST},
    {"Ctrl-Home", KEYS_HOME, KEYS_CTRL, DO_FIRST},
    {"Ctrl-End", KEYS_END, KEYS_CTRL, DO_LAST},
    {"Alt-Up", KEYS_UP, KEYS_ALT, DO_PREVIEW_UP},
    {"Shift-Up", KEYS_UP, KEYS_SHIFT, DO_PREVIEW_UP},
    {"Ctrl-Up", KEYS_UP, KEYS_CTRL, DO_PREVIEW_UP},
    {"Alt-Down", KEYS_DOWN, KEYS_ALT, DO_PREVIEW_DOWN},
    {"Shift-Down", KEYS_DOWN, KEYS_SHIFT, DO_PREVIEW_DOWN},
    {"Ctrl-Down", KEYS_DOWN, KEYS_CTRL, DO_PREVIEW_DOWN},
    {"Alt-PgUp", KEYS_PAGE_UP, KEYS_ALT, DO_PREVIEW_PAGE_UP},
    {"Alt-PgDn", KEYS_PAGE_DOWN, KEYS_ALT, DO_PREVIEW_PAGE_DOWN},
    {"Ctrl-PgUp", KEYS_PAGE_UP, KEYS_CTRL, DO_PREVIEW_PAGE_UP},
    {"Ctrl-PgDn", KEYS_PAGE_DOWN, KEYS_CTRL, DO_PREVIEW_PAGE_DOWN},
    {"Shift-PgUp", KEYS_PAGE_UP, KEYS_SHIFT, DO_PREVIEW_PAGE_UP},
    {"Shift-PgDn", KEYS_PAGE_DOWN, KEYS_SHIFT, DO_PREVIEW_PAGE_DOWN},
    {"Alt-v", 'v', KEYS_ALT, DO_PREVIEW_PAGE_UP},
    {"Ctrl-V", 'v', KEYS_CTRL, DO_PREVIEW_PAGE_DOWN},
    {"Alt-p", 'p', KEYS_ALT, DO_HIDE_PREVIEW},
    {"Alt-a", 'a', KEYS_ALT, DO_ALL_WORDS},
    {"Alt-g", 'g', KEYS_ALT, DO_BY_ARTICLE},
    {"Alt-c", 'c', KEYS_ALT, DO_ALL_COPIES},
    {"Ctrl-P", 'p', KEYS_CTRL, DO_OLDER},
    {"Ctrl-N", 'n', KEYS_CTRL, DO_NEWER},
    {"Ctrl-R", 'r', KEYS_CTRL, DO_SEARCH_HISTORY},
    {"F1", KEYS_F1, 0, DO_KEYS},
    {"Ctrl-D", 'd', KEYS_CTRL, DO_DELETE_OR_QUIT},
    {NULL, KEYS_PASTE, 0, DO_PASTE},
    {NULL, KEYS_PASTE_END, 0, DO_PASTE_END},
    {"Enter", KEYS_ENTER, 0, DO_EFFECT + SCREEN_OPEN},
    {"Tab", KEYS_TAB, 0, DO_EFFECT + SCREEN_COMPLETE},
    {"Shift-Tab", KEYS_BACK_TAB, 0, DO_EFFECT + SCREEN_COMPLETE_BACK},
    {"Alt-s", 's', KEYS_ALT, DO_EFFECT + SCREEN_SUGGESTION},
    {"Ctrl-L", 'l', KEYS_CTRL, DO_EFFECT + SCREEN_REDRAW},
    {"Ctrl-Z", 'z', KEYS_CTRL, DO_EFFECT + SCREEN_STOP},
    {"Ctrl-C", 'c', KEYS_CTRL, DO_EFFECT + SCREEN_QUIT},
    {"Esc", KEYS_ESCAPE, 0, DO_EFFECT + SCREEN_QUIT},
    {"Left", KEYS_LEFT, 0, DO_EDIT + LINE_LEFT},
    {"Right", KEYS_RIGHT, 0, DO_EDIT + LINE_RIGHT},
    {"Ctrl-B", 'b', KEYS_CTRL, DO_EDIT + LINE_LEFT},
    {"Ctrl-F", 'f', KEYS_CTRL, DO_EDIT + LINE_RIGHT},
    {"Ctrl-Left", KEYS_LEFT, KEYS_CTRL, DO_EDIT + LINE_WORD_LEFT},
    {"Ctrl-Right", KEYS_RIGHT, KEYS_CTRL, DO_EDIT + LINE_WORD_RIGHT},
    {"Alt-Left", KEYS_LEFT, KEYS_ALT, DO_EDIT + LINE_WORD_LEFT},
    {"Alt-Right", KEYS_RIGHT, KEYS_ALT, DO_EDIT + LINE_WORD_RIGHT},
    {"Alt-b", 'b', KEYS_ALT, DO_EDIT + LINE_WORD_LEFT},
    {"Alt-f", 'f', KEYS_ALT, DO_EDIT + LINE_WORD_RIGHT},
    {"Home", KEYS_HOME, 0, DO_EDIT + LINE_START},
    {"End", KEYS_END, 0, DO_EDIT + LINE_END},
    {"Ctrl-A", 'a', KEYS_CTRL, DO_EDIT + LINE_START},
    {"Ctrl-E", 'e', KEYS_CTRL, DO_EDIT + LINE_END},
    {"Backspace", KEYS_BACKSPACE, 0, DO_EDIT + LINE_BACKSPACE},
    {"Delete", KEYS_DELETE, 0, DO_EDIT + LINE_DELETE},
    {"Ctrl-U", 'u', KEYS_CTRL, DO_EDIT + LINE_KILL_START},
    {"Ctrl-K", 'k', KEYS_CTRL, DO_EDIT + LINE_KILL_END},
    {"Ctrl-W", 'w', KEYS_CTRL, DO_EDIT + LINE_KILL_BLANK_WORD},
    {"Alt-Backspace", KEYS_BACKSPACE, KEYS_ALT, DO_EDIT + LINE_KILL_WORD_LEFT},
    {"Alt-d", 'd', KEYS_ALT, DO_EDIT + LINE_KILL_WORD_RIGHT},
    {"Ctrl-Delete", KEYS_DELETE, KEYS_CTRL, DO_EDIT + LINE_KILL_WORD_RIGHT},
    {"Ctrl-Y", 'y', KEYS_CTRL, DO_EDIT + LINE_YANK},
    {"Ctrl-T", 't', KEYS_CTRL, DO_EDIT + LINE_SWAP},
};

const struct screen_binding *screen_bindings(size_t *count) {
    *count = sizeof bindings / sizeof *bindings;
    return bindings;
}

static enum action action_of(const struct key *key) {
    for (size_t i = 0; i < sizeof bindings / sizeof *bindings; i++)
        if (bindings[i].code == key->code && bindings[i].modifiers == key->modifiers)
            return (enum action)bindings[i].action;
    return DO_NOTHING;
}

static bool is_character(const struct key *key) {
    return key->code < KEYS_UP && key->modifiers == 0;
}

/* As UTF-8; returns its length. */
static size_t encode(char text[4], uint32_t c) {
    size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = n; i-- > 1; c >>= 6)
        text[i] = (char)(0x80 | (c & 0x3F));
    text[0] = (char)(n == 1 ? c : (0xF00u >> n & 0xFF) | c);
    return n;
}

static bool type(struct line *line, uint32_t c) {
    char text[4];
    size_t n = encode(text, c);
    return line_insert(line, text, n);
}

/* Keys that move a page move it; all others leave it. How far it can go is known when it is drawn. */
static enum screen_effect press_in_page(struct screen_model *m, const struct key *key) {
    size_t rows = m->page_rows > 1 ? m->page_rows - 1 : 1;
    int action = key->code == ' ' ? DO_PAGE_DOWN : (int)action_of(key);
    switch (action) {
    case DO_UP: m->page_top -= m->page_top > 0; break;
    case DO_DOWN: m->page_top++; break;
    case DO_PAGE_UP: m->page_top -= m->page_top < rows ? m->page_top : rows; break;
    case DO_PAGE_DOWN: m->page_top += rows; break;
    case DO_FIRST:
    case DO_EDIT + LINE_START: m->page_top = 0; break;
    case DO_LAST:
    case DO_EDIT + LINE_END: m->page_top = strlen(m->page_text); break;
    default: m->mode = SCREEN_SEARCH; break;
    }
    return SCREEN_NOTHING;
}

/* Looks for what is wanted in the lines before number `from`; keeps what there is if nothing else is found. */
static enum screen_effect find(struct screen_model *m, size_t from) {
    size_t found = m->wanted.len ? recall_find(&m->recall, from, m->wanted.text) : m->recall.count;
    if (found == m->recall.count && m->wanted.len) {
        snprintf(m->note, sizeof m->note, "no earlier query like this");
        return SCREEN_NOTHING;
    }
    m->recalled = found;
    return SCREEN_QUERY;
}

/* Ends the search in the history with what it found, or as if it had not been. */
static enum screen_effect end_history(struct screen_model *m, bool is_accepted) {
    if (is_accepted && m->recalled < m->recall.count) {
        const char *line = m->recall.lines[m->recalled];
        line_set(&m->line, line, strlen(line));
        m->recall.at = m->recalled;
    }
    m->mode = SCREEN_SEARCH;
    return SCREEN_QUERY;
}

static enum screen_effect press_in_history(struct screen_model *m, const struct key *key) {
    enum action action = action_of(key);
    bool is_control = key->modifiers == KEYS_CTRL;
    bool is_cancel = key->code == KEYS_ESCAPE || (is_control && (key->code == 'c' || key->code == 'g'));
    if (is_character(key))
        return type(&m->wanted, key->code) ? find(m, m->recall.count) : SCREEN_NOTHING;
    if (action == DO_EDIT + LINE_BACKSPACE)
        return line_edit(&m->wanted, LINE_BACKSPACE) ? find(m, m->recall.count) : SCREEN_NOTHING;
    if (action == DO_SEARCH_HISTORY)
        return find(m, m->recalled);
    if (is_cancel)
        return end_history(m, false);
    end_history(m, true);
    if (action == DO_EFFECT + SCREEN_OPEN || action == DO_NOTHING)
        return SCREEN_QUERY;
    enum screen_effect effect = act(m, action);
    return effect == SCREEN_NOTHING ? SCREEN_QUERY : effect;
}

static enum screen_effect press_in_paste(struct screen_model *m, const struct key *key) {
    if (key->code == KEYS_PASTE_END)
        return act(m, DO_PASTE_END);
    bool is_blank = key->code == KEYS_ENTER || key->code == KEYS_TAB;
    if (!is_blank && !is_character(key))
        return SCREEN_NOTHING;
    struct line *line = m->mode == SCREEN_HISTORY ? &m->wanted : &m->line;
    /* The end of a line may be two of them. */
    bool is_more = is_blank && line->cursor > 0 && line->text[line->cursor - 1] == ' ';
    bool typed = !is_more && type(line, is_blank ? ' ' : key->code);
    return m->mode == SCREEN_HISTORY ? find(m, m->recall.count) : changed(typed);
}

enum screen_effect screen_press(struct screen_model *m, const struct key *key) {
    m->note[0] = '\0';
    if (m->is_pasting)
        return press_in_paste(m, key);
    if (m->mode == SCREEN_PAGE)
        return press_in_page(m, key);
    if (m->mode == SCREEN_HISTORY)
        return press_in_history(m, key);
    if (key->code == '?' && key->modifiers == 0 && m->line.len == 0)
        return act(m, DO_KEYS);
    if (is_character(key))
        return changed(type(&m->line, key->code));
    return act(m, action_of(key));
}
