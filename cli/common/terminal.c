#include "terminal.h"

#include <ctype.h>
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

/* The console of Linux and old versions of VTE show the link's text, or worse. */
static bool knows_links(void) {
    const char *term = getenv("TERM"), *vte = getenv("VTE_VERSION");
    return !is_dumb() && strcmp(term, "linux") != 0 && strncmp(term, "vt", 2) != 0 && (!vte || atoi(vte) >= 5000);
}

void terminal_use_links(struct terminal *t, enum terminal_color when) {
    t->links = when == COLOR_ALWAYS || (when == COLOR_AUTO && t->can_move && t->color && knows_links());
}

/* As a URI has it: all but the unreserved characters of RFC 3986 and the slash in percents. */
static void print_uri(FILE *out, const char *text) {
    for (; *text; text++)
        if (isascii(*text) && (isalnum((unsigned char)*text) || strchr("/-._~", *text)))
            putc(*text, out);
        else
            fprintf(out, "%%%02X", (unsigned char)*text);
}

void terminal_begin_link(const struct terminal *t, const char *path) {
    char host[256] = "";
    if (!t->links || path[0] != '/')
        return;
    gethostname(host, sizeof host - 1);
    fputs("\033]8;;file://", t->out);
    print_uri(t->out, host);
    print_uri(t->out, path);
    fputs("\033\\", t->out);
}

void terminal_end_link(const struct terminal *t, const char *path) {
    if (t->links && path[0] == '/')
        fputs("\033]8;;\033\\", t->out);
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
