/* vt.h - a small terminal, of the kind of xterm, in which a program of the full screen runs: what its cells show is
 * what a person would see. Include it behind cmocka.h.
 *
 * What a program sends and this does not know fails the test, so that nothing is passed over. */
#ifndef LEDE_TESTS_SUPPORT_VT_H
#define LEDE_TESTS_SUPPORT_VT_H

#include <locale.h>
#include <termios.h>
#include <wchar.h>

#include "support/screen.h"

enum { VT_ROWS = 100, VT_COLUMNS = 250, VT_PARAMETERS = 16, VT_CELL = 32 };
enum { VT_BOLD = 1, VT_FAINT = 2, VT_UNDERLINE = 4, VT_REVERSE = 8, VT_COLOR = 16 };

struct vt_cell {
    char text[VT_CELL]; /* UTF-8; "" is a blank or the right half of a wide character */
    bool is_right_half;
    unsigned look;
};

struct vt {
    struct screen screen;
    struct termios modes; /* of the terminal before the program had it */
    int rows, columns;
    struct vt_cell cells[VT_ROWS][VT_COLUMNS], main[VT_ROWS][VT_COLUMNS];
    int row, column, top, bottom;
    int saved_row, saved_column;
    unsigned look;
    bool is_alternate, is_pasting, hides_cursor, must_wrap;
    bool is_updating; /* in the middle of a frame */
    char held[64];    /* a sequence or character that has not ended */
    size_t held_len;
    char last[VT_CELL]; /* character, for "repeat it" */
};

static inline void vt_blank(struct vt *t, int row, int from, int to) {
    for (int column = from; column < to && column < VT_COLUMNS; column++)
        t->cells[row][column] = (struct vt_cell){0};
}

static inline void vt_scroll(struct vt *t, int top, int rows) {
    for (; rows > 0; rows--) {
        memmove(t->cells[top], t->cells[top + 1], (size_t)(t->bottom - top) * sizeof t->cells[0]);
        vt_blank(t, t->bottom, 0, t->columns);
    }
    for (; rows < 0; rows++) {
        memmove(t->cells[top + 1], t->cells[top], (size_t)(t->bottom - top) * sizeof t->cells[0]);
        vt_blank(t, top, 0, t->columns);
    }
}

static inline void vt_line_feed(struct vt *t) {
    if (t->row == t->bottom)
        vt_scroll(t, t->top, 1);
    else if (t->row + 1 < t->rows)
        t->row++;
}

static inline void vt_put(struct vt *t, const char *bytes, size_t len, int width) {
    if (width == 0) {
        int column = t->must_wrap ? t->column : t->column - 1;
        while (column > 0 && t->cells[t->row][column].is_right_half)
            column--;
        struct vt_cell *cell = &t->cells[t->row][column < 0 ? 0 : column];
        size_t n = strlen(cell->text);
        if (n == 0)
            cell->text[n++] = ' ';
        if (n + len < VT_CELL)
            memcpy(cell->text + n, bytes, len);
        return;
    }
    if (t->must_wrap || t->column + width > t->columns) {
        t->column = 0;
        vt_line_feed(t);
        t->must_wrap = false;
    }
    struct vt_cell *cell = &t->cells[t->row][t->column];
    *cell = (struct vt_cell){.look = t->look};
    memcpy(cell->text, bytes, len);
    if (width == 2)
        cell[1] = (struct vt_cell){.look = t->look, .is_right_half = true};
    memset(t->last, 0, sizeof t->last);
    memcpy(t->last, bytes, len);
    t->must_wrap = t->column + width == t->columns;
    t->column += t->must_wrap ? width - 1 : width;
}

static inline void vt_move(struct vt *t, int row, int column) {
    t->row = row < 0 ? 0 : row >= t->rows ? t->rows - 1 : row;
    t->column = column < 0 ? 0 : column >= t->columns ? t->columns - 1 : column;
    t->must_wrap = false;
}

static inline void vt_look(struct vt *t, const int *p, int n) {
    for (int i = 0; i < n; i++) {
        static const unsigned on[] = {[1] = VT_BOLD, [2] = VT_FAINT, [4] = VT_UNDERLINE, [7] = VT_REVERSE};
        if (p[i] == 0)
            t->look = 0;
        else if (p[i] == 22)
            t->look &= ~(unsigned)(VT_BOLD | VT_FAINT);
        else if (p[i] == 24 || p[i] == 27)
            t->look &= p[i] == 24 ? ~(unsigned)VT_UNDERLINE : ~(unsigned)VT_REVERSE;
        else if (p[i] < 8)
            t->look |= on[p[i]];
        else if (p[i] == 39)
            t->look &= ~(unsigned)VT_COLOR;
        else if (p[i] >= 30 && p[i] <= 37)
            t->look |= VT_COLOR;
    }
}

static inline void vt_set_mode(struct vt *t, int mode, bool on) {
    if (mode == 2004)
        t->is_pasting = on;
    else if (mode == 2026)
        t->is_updating = on;
    else if (mode == 25)
        t->hides_cursor = !on;
    else if (mode == 1049 && on != t->is_alternate) {
        memcpy(on ? t->main : t->cells, on ? t->cells : t->main, sizeof t->main);
        t->is_alternate = on;
    }
}

/* Inserts cells (n > 0) or deletes them at the cursor. */
static inline void vt_shift(struct vt *t, int n) {
    struct vt_cell *row = t->cells[t->row];
    int room = t->columns - t->column, count = n > 0 ? n : -n;
    count = count > room ? room : count;
    size_t moved = (size_t)(room - count) * sizeof *row;
    memmove(row + t->column + (n > 0 ? count : 0), row + t->column + (n > 0 ? 0 : count), moved);
    vt_blank(t, t->row, n > 0 ? t->column : t->columns - count, n > 0 ? t->column + count : t->columns);
}

static inline void vt_erase_display(struct vt *t, int how) {
    int from = how == 0 ? t->row + 1 : 0, to = how == 1 ? t->row : t->rows;
    for (int row = from; row < to; row++)
        vt_blank(t, row, 0, t->columns);
    if (how < 2)
        vt_blank(t, t->row, how ? 0 : t->column, how ? t->column + 1 : t->columns);
}

static inline void vt_control(struct vt *t, char private, const int *p, int n, char final) {
    int count = p[0] ? p[0] : 1;
    switch (final) {
    case 'A': vt_move(t, t->row - count, t->column); break;
    case 'B': vt_move(t, t->row + count, t->column); break;
    case 'C': vt_move(t, t->row, t->column + count); break;
    case 'D': vt_move(t, t->row, t->column - count); break;
    case 'G': vt_move(t, t->row, count - 1); break;
    case 'd': vt_move(t, count - 1, t->column); break;
    case 'H': vt_move(t, count - 1, n > 1 && p[1] ? p[1] - 1 : 0); break;
    case 'J': vt_erase_display(t, p[0]); break;
    case 'K': vt_blank(t, t->row, p[0] ? 0 : t->column, p[0] == 1 ? t->column + 1 : t->columns); break;
    case 'X': vt_blank(t, t->row, t->column, t->column + count); break;
    case 'P': vt_shift(t, -count); break;
    case '@': vt_shift(t, count); break;
    case 'L': vt_scroll(t, t->row, -count); break;
    case 'M': vt_scroll(t, t->row, count); break;
    case 'S': vt_scroll(t, t->top, count); break;
    case 'T': vt_scroll(t, t->top, -count); break;
    case 'm': vt_look(t, p, n); break;
    case 'b':
        for (int i = 0; i < count; i++)
            vt_put(t, t->last, strlen(t->last), 1);
        break;
    case 'r':
        t->top = count - 1;
        t->bottom = (n > 1 && p[1] ? p[1] : t->rows) - 1;
        vt_move(t, 0, 0);
        break;
    case 'h':
    case 'l':
        for (int i = 0; i < n && private == '?'; i++)
            vt_set_mode(t, p[i], final == 'h');
        break;
    case 't': break;
    default: fail_msg("the terminal does not know ESC [ ... %c", final);
    }
}

/* One sequence, or one character, that the bytes begin with; 0 if it has not ended. */
static inline size_t vt_escape(struct vt *t, const char *s, size_t len) {
    if (len < 2)
        return 0;
    if (s[1] == '(' || s[1] == ')')
        return len < 3 ? 0 : 3;
    if (s[1] != '[') {
        if (s[1] == '7' || s[1] == '8') {
            *(s[1] == '7' ? &t->saved_row : &t->row) = s[1] == '7' ? t->row : t->saved_row;
            *(s[1] == '7' ? &t->saved_column : &t->column) = s[1] == '7' ? t->column : t->saved_column;
        } else if (s[1] == 'M') {
            if (t->row == t->top)
                vt_scroll(t, t->top, -1);
            else
                t->row--;
        } else if (!strchr("=>c", s[1])) {
            fail_msg("the terminal does not know ESC %c", s[1]);
        }
        return 2;
    }
    int p[VT_PARAMETERS] = {0}, n = 1;
    size_t at = 2;
    char private = at < len && strchr("?>!=", s[at]) ? s[at++] : 0;
    for (; at < len && (s[at] == ';' || s[at] == ':' || (s[at] >= '0' && s[at] <= '9') || s[at] == ' '); at++) {
        if (s[at] == ';' && n < VT_PARAMETERS)
            n++;
        else if (s[at] >= '0' && s[at] <= '9')
            p[n - 1] = p[n - 1] * 10 + (s[at] - '0');
    }
    if (at == len)
        return 0;
    vt_control(t, private, p, n, s[at]);
    return at + 1;
}

static inline size_t vt_character(struct vt *t, const char *s, size_t len) {
    unsigned char c = (unsigned char)*s;
    wchar_t wide = c;
    mbstate_t state = {0};
    switch (*s) {
    case '\r': vt_move(t, t->row, 0); return 1;
    case '\n':
    case '\013': vt_line_feed(t); return 1;
    case '\b': vt_move(t, t->row, t->column - 1); return 1;
    case '\t': vt_move(t, t->row, (t->column / 8 + 1) * 8); return 1;
    case '\033': return vt_escape(t, s, len);
    default: break;
    }
    if (c < ' ' || c == 0x7F)
        return 1;
    size_t n = mbrtowc(&wide, s, len, &state);
    if (n == (size_t)-2)
        return 0;
    if (n > len)
        return 1;
    int width = wcwidth(wide);
    vt_put(t, s, n, width < 0 ? 1 : width);
    return n;
}

static inline void vt_feed(struct vt *t, const char *bytes, size_t len) {
    for (size_t i = 0; i < len; i++) {
        t->held[t->held_len++] = bytes[i];
        size_t used = vt_character(t, t->held, t->held_len);
        if (used || t->held_len == sizeof t->held)
            t->held_len = 0;
    }
}

/* Reads what comes within `ms`. False when the other side is gone. */
static inline bool vt_read(struct vt *t, int ms) {
    static char bytes[1 << 16];
    struct pollfd wait = {t->screen.terminal, POLLIN, 0};
    if (poll(&wait, 1, ms) <= 0)
        return true;
    ssize_t n = read(t->screen.terminal, bytes, sizeof bytes);
    if (n <= 0)
        return n < 0 && errno == EINTR;
    vt_feed(t, bytes, (size_t)n);
    return true;
}

/* What a row shows, without the blanks at its end. Good until the fourth next call. */
static inline const char *vt_row(const struct vt *t, int row) {
    static char rows[4][VT_COLUMNS * VT_CELL + 1];
    static int next;
    char *out = rows[next++ % 4], *p = out, *end = out;
    for (int column = 0; column < t->columns; column++) {
        const struct vt_cell *cell = &t->cells[row][column];
        if (!cell->is_right_half)
            p = stpcpy(p, *cell->text ? cell->text : " ");
        if (p > out && p[-1] != ' ')
            end = p;
    }
    *end = '\0';
    return out;
}

static inline void vt_print(const struct vt *t) {
    for (int row = 0; row < t->rows; row++)
        print_error("|%s\n", vt_row(t, row));
}

/* The row that shows a text, from row `from` on; -1 if none does. */
static inline int vt_find(const struct vt *t, int from, const char *text) {
    for (int row = from; row < t->rows; row++)
        if (strstr(vt_row(t, row), text))
            return row;
    return -1;
}

/* Waits until a row from `from` on shows the text, or, if not `shown`, until none does. */
static inline void vt_wait(struct vt *t, int from, const char *text, bool shown) {
    int64_t end = screen_clock() + SCREEN_PATIENCE_MS;
    while ((vt_find(t, from, text) >= 0) != shown) {
        if (screen_clock() > end || !vt_read(t, 100)) {
            print_error("waited for %s: %s\non the screen:\n", shown ? "this" : "the end of this", text);
            vt_print(t);
            fail();
        }
    }
}

static inline void vt_expect(struct vt *t, const char *text) {
    vt_wait(t, 0, text, true);
}

static inline void vt_expect_gone(struct vt *t, const char *text) {
    vt_wait(t, 0, text, false);
}

/* Waits for the end of the frame that is being drawn, of programs that tell it. */
static inline void vt_expect_frame(struct vt *t) {
    int64_t end = screen_clock() + SCREEN_PATIENCE_MS;
    while (t->is_updating)
        assert_true(screen_clock() < end && vt_read(t, 100));
}

/* Waits until row `row` is exactly this. */
static inline void vt_expect_row(struct vt *t, int row, const char *text) {
    int64_t end = screen_clock() + SCREEN_PATIENCE_MS;
    while (strcmp(vt_row(t, row), text) != 0) {
        if (screen_clock() > end || !vt_read(t, 100)) {
            print_error("waited for row %d: %s\non the screen:\n", row, text);
            vt_print(t);
            fail();
        }
    }
}

/* Waits until the cursor stands there. */
static inline void vt_expect_cursor(struct vt *t, int row, int column) {
    int64_t end = screen_clock() + SCREEN_PATIENCE_MS;
    while (t->row != row || t->column != column) {
        if (screen_clock() > end || !vt_read(t, 100)) {
            print_error("waited for the cursor at %d %d, it is at %d %d of the screen:\n", row, column, t->row,
                        t->column);
            vt_print(t);
            fail();
        }
    }
}

/* How the first cell of a text looks that is, or will be, on the screen, from row `from` on. Texts of ASCII alone. */
static inline unsigned vt_look_of(struct vt *t, int from, const char *text) {
    size_t len = strlen(text);
    vt_wait(t, from, text, true);
    for (int row = from; row < t->rows; row++)
        for (int column = 0; column + (int)len <= t->columns; column++) {
            size_t n = 0;
            while (n < len && t->cells[row][column + (int)n].text[0] == text[n])
                n++;
            if (n == len)
                return t->cells[row][column].look;
        }
    vt_print(t);
    fail_msg("not on the screen: %s", text);
    return 0;
}

/* Those of a new terminal: by the time that ours can be asked the program may have changed them. */
static inline void vt_get_modes(struct termios *modes) {
    int terminal, program;
    assert_int_equal(openpty(&terminal, &program, NULL, NULL, NULL), 0);
    assert_int_equal(tcgetattr(terminal, modes), 0);
    close(program);
    close(terminal);
}

static inline void vt_start(struct vt *t, const char *start_in, char *const *words, const char *const *environment,
                            int rows, int columns) {
    memset(t, 0, sizeof *t);
    assert_non_null(setlocale(LC_CTYPE, "C.UTF-8"));
    t->rows = rows;
    t->columns = columns;
    t->bottom = rows - 1;
    vt_get_modes(&t->modes);
    screen_start_sized(&t->screen, start_in, words, environment, (unsigned short)rows, (unsigned short)columns);
}

static inline void vt_resize(struct vt *t, int rows, int columns) {
    const struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns};
    for (int row = 0; row < VT_ROWS; row++)
        vt_blank(t, row, 0, VT_COLUMNS);
    t->rows = rows;
    t->columns = columns;
    t->top = 0;
    t->bottom = rows - 1;
    vt_move(t, t->row, t->column);
    assert_int_equal(ioctl(t->screen.terminal, TIOCSWINSZ, &size), 0);
}

static inline void vt_type(struct vt *t, const char *keys) {
    screen_type(&t->screen, keys);
}

/* The terminal is as it was before. */
static inline void vt_expect_clean(struct vt *t) {
    int64_t end = screen_clock() + SCREEN_PATIENCE_MS;
    struct termios now;
    do {
        vt_read(t, 20);
        assert_int_equal(tcgetattr(t->screen.terminal, &now), 0);
    } while (screen_clock() < end && (t->is_alternate || t->is_pasting || t->hides_cursor || t->look ||
                                      now.c_lflag != t->modes.c_lflag || now.c_iflag != t->modes.c_iflag));
    assert_false(t->is_alternate);
    assert_false(t->is_pasting);
    assert_false(t->hides_cursor);
    assert_int_equal(t->look, 0);
    assert_int_equal(now.c_lflag, t->modes.c_lflag);
    assert_int_equal(now.c_iflag, t->modes.c_iflag);
    assert_int_equal(now.c_oflag, t->modes.c_oflag);
}

/* Waits for the end of the program, which leaves the terminal clean; returns its status as screen_finish does. */
static inline int vt_finish(struct vt *t) {
    int64_t end = screen_clock() + SCREEN_PATIENCE_MS;
    /* On Linux the modes can still be asked for when the other side is gone. */
    while (screen_clock() < end && vt_read(t, 100))
        ;
    vt_expect_clean(t);
    return screen_finish(&t->screen);
}

#endif
