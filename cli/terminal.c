#include "terminal.h"

#include <langinfo.h>
#include <locale.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static bool is_set(const char *variable) {
    const char *value = getenv(variable);
    return value && *value;
}

static bool is_dumb(void) {
    const char *term = getenv("TERM");
    return !term || !*term || strcmp(term, "dumb") == 0;
}

void terminal_use_utf8(void) {
    if (!setlocale(LC_CTYPE, "") || strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
        setlocale(LC_CTYPE, "C.UTF-8");
}

void terminal_resize(struct terminal *t) {
    struct winsize size;
    const char *columns = getenv("COLUMNS");
    int width = columns ? atoi(columns) : 0;
    if (width <= 0 && ioctl(fileno(t->out), TIOCGWINSZ, &size) == 0)
        width = size.ws_col;
    t->width = !t->is_terminal ? 0 : width <= 0 ? 80 : (unsigned)width;
}

void terminal_init(struct terminal *t, FILE *out, enum terminal_color color) {
    t->out = out;
    t->is_terminal = isatty(fileno(out));
    if (t->is_terminal)
        terminal_use_utf8();
    t->can_move = t->is_terminal && !is_dumb();
    t->color = color == COLOR_ALWAYS || (color == COLOR_AUTO && t->can_move && !is_set("NO_COLOR"));
    terminal_resize(t);
}

void terminal_style(const struct terminal *t, enum style style) {
    static const char *const codes[STYLE_COUNT] = {"\033[0m", "\033[0;1m", "\033[0;1;31m", "\033[0;36m", "\033[0;2m"};
    if (t->color)
        fputs(codes[style], t->out);
}

void terminal_print(const struct terminal *t, enum style style, const char *format, ...) {
    va_list args;
    terminal_style(t, style);
    va_start(args, format);
    vfprintf(t->out, format, args);
    va_end(args);
    terminal_style(t, STYLE_PLAIN);
}
