#include "screen_terminal.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

#include "cli/common/command.h"
#include "modules/curses.h"

/* Pasted text comes between marks, so that line ends in it are no Enter. Terminals that don't know it ignore it. */
#define PASTE_ON  "\033[?2004h"
#define PASTE_OFF "\033[?2004l"
/* Nothing is shown in between: no half-drawn screen is seen where terminals know it. */
#define UPDATE_ON  "\033[?2026h"
#define UPDATE_OFF "\033[?2026l"

enum { ROWS_MOST = 1000, COLUMNS_MOST = 2000 };

struct screen_terminal {
    const struct curses *curses;
    SCREEN *screen;
    WINDOW *window;
    bool color, is_inside, is_spoilt, knows_modes;
    unsigned rows, columns;
};

/* What a handler of signals needs to clean up: static, and made before. */
static struct {
    volatile sig_atomic_t is_inside;
    struct termios modes;
    char text[256];
    size_t len;
} rescue;

static void write_all(const char *text, size_t len) {
    while (len) {
        ssize_t n = write(STDOUT_FILENO, text, len);
        if (n <= 0)
            return;
        text += n;
        len -= (size_t)n;
    }
}

/* The program is about to die of an error of its own. */
static void clean_up(int signal_number) {
    if (rescue.is_inside) {
        rescue.is_inside = 0;
        write_all(rescue.text, rescue.len);
        tcsetattr(STDIN_FILENO, TCSANOW, &rescue.modes);
    }
    raise(signal_number);
}

static void add_capability(const struct curses *curses, const char *name) {
    const char *text = curses->tigetstr(name);
    size_t n = text && text != (const char *)-1 ? strlen(text) : 0;
    if (rescue.len + n < sizeof rescue.text) {
        memcpy(rescue.text + rescue.len, n ? text : "", n);
        rescue.len += n;
    }
}

static void prepare_rescue(const struct screen_terminal *t) {
    static const int signals[] = {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL};
    struct sigaction action = {.sa_handler = clean_up, .sa_flags = (int)SA_RESETHAND};
    sigemptyset(&action.sa_mask);
    rescue.len = 0;
    if (t->knows_modes) {
        rescue.len = sizeof PASTE_OFF UPDATE_OFF - 1;
        memcpy(rescue.text, PASTE_OFF UPDATE_OFF, rescue.len);
    }
    add_capability(t->curses, "sgr0");
    add_capability(t->curses, "cnorm");
    add_capability(t->curses, "rmcup");
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        sigaction(signals[i], &action, NULL);
}

static void say(const struct screen_terminal *t, const char *mode) {
    if (t->knows_modes)
        write_all(mode, strlen(mode));
}

static void start_colors(struct screen_terminal *t, bool color) {
    const struct curses *c = t->curses;
    t->color = color && c->has_colors() && c->start_color() != ERR && c->use_default_colors() != ERR;
    if (!t->color)
        return;
    c->init_pair(INK_MATCH, COLOR_RED, -1);
    c->init_pair(INK_PATH, COLOR_CYAN, -1);
    c->init_pair(INK_ERROR, COLOR_RED, -1);
}

/* Old terminals that are no relatives of xterm may show what they don't know. */
static bool knows_modes(void) {
    const char *term = getenv("TERM");
    return term && strncmp(term, "vt", 2) != 0 && strcmp(term, "ansi") != 0;
}

/* newterm would lose some memory at a terminal that it does not know. */
static bool is_known(const struct curses *curses) {
    int found;
    if (curses->setupterm(NULL, STDOUT_FILENO, &found) != OK)
        return false;
    curses->del_curterm(curses->set_curterm(NULL));
    return true;
}

lede_status screen_terminal_new(struct screen_terminal **out, bool color, lede_error *err) {
    const struct curses *curses;
    *out = NULL;
    lede_status status = curses_load(&curses, err);
    struct screen_terminal *t = status ? NULL : calloc(1, sizeof *t);
    if (status)
        return status;
    if (!t || tcgetattr(STDIN_FILENO, &rescue.modes) != 0) {
        free(t);
        return error_write(err, t ? LEDE_IO : LEDE_NOMEM, t ? "the terminal does not answer" : "out of memory");
    }
    *t = (struct screen_terminal){.curses = curses, .knows_modes = knows_modes()};
    t->screen = is_known(curses) ? curses->newterm(NULL, stdout, stdin) : NULL;
    const char *cup = t->screen ? curses->tigetstr("cup") : NULL;
    t->window = cup && cup != (const char *)-1 ? curses->newwin(0, 0, 0, 0) : NULL;
    if (!t->window) {
        screen_terminal_free(t);
        return error_write(err, LEDE_UNSUPPORTED, "terminals of the kind '%.40s' can't show a full screen",
                           getenv("TERM") ? getenv("TERM") : "");
    }
    curses->raw();
    curses->noecho();
    curses->nonl();
    curses->typeahead(-1);
    start_colors(t, color);
    prepare_rescue(t);
    say(t, PASTE_ON);
    rescue.is_inside = 1;
    t->is_inside = t->is_spoilt = true;
    *out = t;
    return LEDE_OK;
}

void screen_terminal_leave(struct screen_terminal *t) {
    if (!t->is_inside)
        return;
    say(t, PASTE_OFF);
    t->curses->endwin();
    rescue.is_inside = 0;
    t->is_inside = false;
}

void screen_terminal_enter(struct screen_terminal *t) {
    if (t->is_inside)
        return;
    /* The next doupdate sets the modes again. */
    t->is_inside = t->is_spoilt = true;
    rescue.is_inside = 1;
    t->curses->doupdate();
    say(t, PASTE_ON);
}

void screen_terminal_free(struct screen_terminal *t) {
    if (!t)
        return;
    screen_terminal_leave(t);
    if (t->window)
        t->curses->delwin(t->window);
    if (t->screen)
        t->curses->delscreen(t->screen);
    free(t);
}

void screen_terminal_spoil(struct screen_terminal *t) {
    t->is_spoilt = true;
}

bool screen_terminal_size(struct screen_terminal *t, unsigned *rows, unsigned *columns) {
    struct winsize size = {0};
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0)
        size = (struct winsize){.ws_row = 24, .ws_col = 80};
    *rows = size.ws_row < ROWS_MOST ? size.ws_row : ROWS_MOST;
    *columns = size.ws_col < COLUMNS_MOST ? size.ws_col : COLUMNS_MOST;
    if (*rows == t->rows && *columns == t->columns)
        return false;
    t->rows = *rows;
    t->columns = *columns;
    t->curses->resizeterm((int)*rows, (int)*columns);
    t->curses->wresize(t->window, (int)*rows, (int)*columns);
    t->is_spoilt = true;
    return true;
}

static attr_t attributes(const struct screen_terminal *t, uint8_t ink) {
    static const attr_t colored[INK_COUNT] = {
        [INK_TITLE] = A_BOLD, [INK_MATCH] = A_BOLD, [INK_FAINT] = A_DIM, [INK_ERROR] = A_BOLD};
    static const attr_t plain[INK_COUNT] = {
        [INK_TITLE] = A_BOLD, [INK_MATCH] = A_BOLD | A_UNDERLINE, [INK_FAINT] = A_DIM, [INK_ERROR] = A_BOLD};
    unsigned kind = ink & (INK_SELECTED - 1);
    attr_t a = t->color ? colored[kind] : plain[kind];
    /* Faint and reversed is hard to read. */
    return ink & INK_SELECTED ? (a & ~A_DIM) | A_REVERSE : a;
}

static void put(const struct screen_terminal *t, int row, int column, const struct cell *cell) {
    wchar_t text[CELL_CHARACTERS + 1] = {0};
    cchar_t packed;
    short pair = t->color ? (short)(cell->ink & (INK_SELECTED - 1)) : 0;
    if (pair != INK_MATCH && pair != INK_PATH && pair != INK_ERROR)
        pair = 0;
    for (size_t i = 0; i < CELL_CHARACTERS && cell->characters[i]; i++)
        text[i] = (wchar_t)cell->characters[i];
    if (t->curses->setcchar(&packed, text, attributes(t, cell->ink), pair, NULL) == ERR)
        t->curses->setcchar(&packed, L"?", attributes(t, cell->ink), pair, NULL);
    t->curses->wmove(t->window, row, column);
    t->curses->wadd_wch(t->window, &packed);
}

void screen_terminal_show(struct screen_terminal *t, const struct grid *g) {
    const struct curses *c = t->curses;
    for (unsigned row = 0; row < g->rows; row++)
        for (unsigned column = 0; column < g->columns; column++)
            if (grid_cell(g, row, column)->width)
                put(t, (int)row, (int)column, grid_cell(g, row, column));
    if (t->is_spoilt)
        c->clearok(t->window, TRUE);
    t->is_spoilt = false;
    c->wmove(t->window, (int)g->cursor_row, (int)g->cursor_column);
    say(t, UPDATE_ON);
    c->wnoutrefresh(t->window);
    c->doupdate();
    say(t, UPDATE_OFF);
}
