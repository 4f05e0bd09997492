#include "editor.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/common/command.h"
#include "cli/common/text.h"
#include "history.h"
#include "modules/edit.h"

struct editor {
    struct editor_options options;
    EditLine *edit;
    History *history;
    bool cancelled; /* by ^C, the key */
    bool warned;    /* that the history can't be kept */
};

/* Static, as libedit hands nothing to its callbacks but the EditLine. */
static const struct edit *libedit;

/* What a signal handler writes has to be static. */
static volatile sig_atomic_t interrupted;

static void note_interrupt(int signal_number) {
    (void)signal_number;
    interrupted = 1;
}

/* While a line is edited ^C is a key. The signal comes from elsewhere, or while a search or a pager runs, and must not
 * end the prompt, either. */
static void outlive_interrupts(void) {
    struct sigaction action = {.sa_handler = note_interrupt};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
}

bool candidates_add(struct candidates *c, const char *word, size_t len) {
    if (c->count == c->capacity) {
        size_t capacity = c->capacity ? 2 * c->capacity : 16;
        char **words = realloc(c->words, capacity * sizeof *words);
        if (!words)
            return false;
        c->words = words;
        c->capacity = capacity;
    }
    char *copy = strndup(word, len);
    if (copy)
        c->words[c->count++] = copy;
    return copy != NULL;
}

void candidates_release(struct candidates *c) {
    for (size_t i = 0; i < c->count; i++)
        free(c->words[i]);
    free(c->words);
    memset(c, 0, sizeof *c);
}

size_t candidates_common(const struct candidates *c) {
    size_t common = c->count ? strlen(c->words[0]) : 0;
    for (size_t i = 1; i < c->count; i++) {
        size_t n = 0;
        while (n < common && c->words[i][n] == c->words[0][n])
            n++;
        common = n;
    }
    /* Not in the middle of a character. */
    while (common && c->count && ((unsigned char)c->words[0][common] & 0xC0) == 0x80)
        common--;
    return common;
}

static bool is_word_byte(char c) {
    return (unsigned char)c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           c == '\'';
}

/* Whether the bytes end with a dash, a quote or the like, of General Punctuation (U+2010 to U+203F), but an apostrophe.
 */
static bool ends_in_punctuation(const char *line, size_t len) {
    const unsigned char *end = (const unsigned char *)line + len;
    return len >= 3 && end[-3] == 0xE2 && end[-2] == 0x80 && end[-1] >= 0x90 && end[-1] != 0x99;
}

size_t editor_word_start(const char *line, size_t len) {
    size_t start = len;
    while (start && is_word_byte(line[start - 1]) && !ends_in_punctuation(line, start))
        start--;
    /* ":open" and the like. */
    return start == 1 && line[0] == ':' ? 0 : start;
}

static struct editor *of(EditLine *edit) {
    void *e = NULL;
    libedit->el_get(edit, EL_CLIENTDATA, &e);
    return e;
}

static char *show_prompt(EditLine *edit) {
    static char none[] = "";
    struct editor *e = of(edit);
    /* libedit wants a char *, but only reads it. */
    return e ? (char *)(uintptr_t)e->options.prompt : none;
}

static unsigned char cancel(EditLine *edit, int key) {
    struct editor *e = of(edit);
    (void)key;
    e->cancelled = true;
    /* Ended as Enter does it: only that leaves the cursor below a line of several rows. */
    libedit->el_cursor(edit, INT_MAX);
    libedit->el_insertstr(edit, "^C");
    libedit->el_push(edit, "\n");
    return CC_REFRESH;
}

/* ^Z: as the terminal would do it, with its settings as we found them. */
static unsigned char suspend(EditLine *edit, int key) {
    (void)key;
    libedit->el_set(edit, EL_PREP_TERM, 0);
    kill(0, SIGTSTP);
    libedit->el_set(edit, EL_PREP_TERM, 1);
    return CC_REDISPLAY;
}

/* Below the line, in columns as wide as the widest. */
static void list(const struct candidates *c) {
    struct terminal t;
    size_t widest = 0;
    terminal_init(&t, stdout, COLOR_NEVER);
    for (size_t i = 0; i < c->count; i++) {
        size_t width = text_columns(c->words[i], strlen(c->words[i]));
        widest = width > widest ? width : widest;
    }
    size_t columns = t.width / (widest + 2) ? t.width / (widest + 2) : 1;
    putchar('\n');
    for (size_t i = 0; i < c->count; i++) {
        size_t width = text_columns(c->words[i], strlen(c->words[i]));
        bool last = (i + 1) % columns == 0 || i + 1 == c->count;
        printf("%s%*s%s", c->words[i], last ? 0 : (int)(widest + 2 - width), "", last ? "\n" : "");
    }
    fflush(stdout);
}

/* Puts in what all candidates agree upon beyond what is typed already, and a space if there is only one. */
static bool insert(EditLine *edit, const struct candidates *c) {
    size_t common = candidates_common(c);
    char *text = NULL;
    if (common <= c->kept && c->count > 1)
        return false;
    if (common < c->kept)
        common = c->kept;
    if (asprintf(&text, "%.*s%s", (int)(common - c->kept), c->words[0] + c->kept, c->count == 1 ? " " : "") < 0)
        return false;
    bool inserted = libedit->el_insertstr(edit, text) == 0;
    free(text);
    return inserted;
}

static unsigned char complete(EditLine *edit, int key) {
    struct editor *e = of(edit);
    struct candidates c = {0};
    const LineInfo *line = libedit->el_line(edit);
    size_t before = (size_t)(line->cursor - line->buffer);
    size_t start = editor_word_start(line->buffer, before);
    unsigned char action = CC_ERROR;
    (void)key;
    e->options.complete(e->options.ctx, &c, line->buffer + start, before - start, start == 0);
    if (c.count && insert(edit, &c)) {
        action = CC_REFRESH;
    } else if (c.count > 1) {
        list(&c);
        action = CC_REDISPLAY;
    }
    candidates_release(&c);
    return action;
}

static void enter(void *ctx, const char *line) {
    struct editor *e = ctx;
    HistEvent event;
    libedit->history(e->history, &event, H_ENTER, line);
}

static bool set_up(struct editor *e) {
    HistEvent event;
    e->history = libedit->history_init();
    e->edit = libedit->el_init("lede", stdin, stdout, stderr);
    if (!e->history || !e->edit)
        return false;
    libedit->history(e->history, &event, H_SETSIZE, HISTORY_MAX);
    libedit->history(e->history, &event, H_SETUNIQUE, 1);
    libedit->el_set(e->edit, EL_CLIENTDATA, e);
    libedit->el_set(e->edit, EL_PROMPT, show_prompt);
    libedit->el_set(e->edit, EL_HIST, libedit->history, e->history);
    libedit->el_set(e->edit, EL_SIGNAL, 1);
    libedit->el_set(e->edit, EL_EDITOR, "emacs");
    /* The wide variants, as libedit never frees the copies that the narrow ones make. */
    libedit->el_wset(e->edit, EL_ADDFN, L"lede-complete", L"Complete the word", complete);
    libedit->el_wset(e->edit, EL_ADDFN, L"lede-cancel", L"Drop the line", cancel);
    libedit->el_wset(e->edit, EL_ADDFN, L"lede-suspend", L"Stop until we are wanted again", suspend);
    /* A signal is lost if it comes while libedit is not reading just then, so those of the keyboard become keys. */
    libedit->el_set(e->edit, EL_SETTY, "-d", "-isig", NULL);
    libedit->el_source(e->edit, NULL);
    libedit->el_set(e->edit, EL_BIND, "^I", "lede-complete", NULL);
    libedit->el_set(e->edit, EL_BIND, "^C", "lede-cancel", NULL);
    libedit->el_set(e->edit, EL_BIND, "^Z", "lede-suspend", NULL);
    return true;
}

lede_status editor_new(struct editor **out, const struct editor_options *options, lede_error *err) {
    *out = NULL;
    lede_status status = edit_load(&libedit, err);
    if (status)
        return status;
    struct editor *e = calloc(1, sizeof *e);
    if (e)
        e->options = *options;
    if (!e || !set_up(e)) {
        editor_free(e);
        return error_write(err, LEDE_NOMEM, "out of memory");
    }
    outlive_interrupts();
    if (options->history_path)
        history_load(options->history_path, enter, e);
    *out = e;
    return LEDE_OK;
}

void editor_free(struct editor *e) {
    if (!e)
        return;
    if (e->edit)
        libedit->el_end(e->edit);
    if (e->history)
        libedit->history_end(e->history);
    free(e);
}

enum editor_event editor_read(struct editor *e, const char **line, size_t *len) {
    int count = 0;
    interrupted = 0;
    e->cancelled = false;
    libedit->el_resize(e->edit);
    /* libedit prints the prompt first, but keys that answer it must not be taken for signals or for the end. */
    libedit->el_set(e->edit, EL_PREP_TERM, 1);
    *line = libedit->el_gets(e->edit, &count);
    if (e->cancelled)
        return EDITOR_CANCELLED;
    if (interrupted) {
        putchar('\n');
        return EDITOR_CANCELLED;
    }
    if (!*line || count <= 0)
        return EDITOR_END;
    *len = strlen(*line);
    while (*len && ((*line)[*len - 1] == '\n' || (*line)[*len - 1] == '\r'))
        --*len;
    return EDITOR_LINE;
}

void editor_remember(struct editor *e, const char *line) {
    char message[160];
    HistEvent event;
    bool again = libedit->history(e->history, &event, H_FIRST) == 0 && strcmp(event.str, line) == 0;
    if (!*line || again)
        return;
    enter(e, line);
    if (!e->options.history_path || history_append(e->options.history_path, line) || e->warned)
        return;
    snprintf(message, sizeof message, "the history is not kept: %s: %s", e->options.history_path, strerror(errno));
    remark("note", message);
    e->warned = true;
}
