#include "progress.h"

#include <string.h>

#include "cli/common/command.h"

enum { BAR_WIDEST = 40 };

void progress_init(struct progress *p, bool quiet) {
    memset(p, 0, sizeof *p);
    terminal_init(&p->terminal, stderr, COLOR_NEVER);
    p->enabled = p->terminal.can_move && !quiet;
}

char *number_format(char *text, uint64_t number) {
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%llu", (unsigned long long)number);
    char *out = text;
    for (int i = 0; i < len; i++) {
        if (i && (len - i) % 3 == 0)
            *out++ = ',';
        *out++ = digits[i];
    }
    *out = '\0';
    return text;
}

char *bytes_format(char *text, uint64_t bytes) {
    static const char units[] = "kMGTPE";
    double number = (double)bytes;
    size_t unit = 0;
    if (bytes < 1000) {
        snprintf(text, 32, "%llu B", (unsigned long long)bytes);
        return text;
    }
    for (number /= 1000; number >= 999.95 && units[unit + 1]; number /= 1000)
        unit++;
    snprintf(text, 32, "%.1f %cB", number, units[unit]);
    return text;
}

/* ", 0:42 left": hours only where there are any. */
static void format_left(char *text, size_t size, double seconds) {
    unsigned long left = seconds < 0 ? 0 : seconds > 359999 ? 359999 : (unsigned long)(seconds + 0.5);
    if (left >= 3600)
        snprintf(text, size, "  %lu:%02lu:%02lu left", left / 3600, left / 60 % 60, left % 60);
    else
        snprintf(text, size, "  %lu:%02lu left", left / 60, left % 60);
}

static void format_bar(char *bar, size_t cells, double part) {
    size_t full = (size_t)(part * (double)cells);
    memset(bar, ' ', cells);
    memset(bar, '=', full);
    if (full < cells)
        bar[full] = '>';
    bar[cells] = '\0';
}

/* The figures behind the bar: rate, articles, time left. */
static void format_figures(char *text, size_t size, const lede_progress *now, double rate) {
    char articles[32], bytes[32], left[32] = "", speed[48] = "";
    if (rate > 0 && now->bytes_total > now->bytes_done)
        format_left(left, sizeof left, (double)(now->bytes_total - now->bytes_done) / rate);
    if (rate > 0)
        snprintf(speed, sizeof speed, "  %s/s", bytes_format(bytes, (uint64_t)rate));
    if (now->articles_done)
        snprintf(text, size, "%s  %s article%s%s", speed, number_format(articles, now->articles_done),
                 now->articles_done == 1 ? "" : "s", left);
    else
        snprintf(text, size, "%s%s", speed, left);
}

void progress_format(char *line, size_t size, unsigned width, const lede_progress *now, double bytes_per_second) {
    char figures[128], head[64], bar[BAR_WIDEST + 1], whole[256];
    format_figures(figures, sizeof figures, now, bytes_per_second);
    snprintf(head, sizeof head, "%s", now->phase ? now->phase : "");
    size_t used = strlen(head) + strlen(figures) + strlen(" []  100%");
    if (now->bytes_total && width >= used + 4) {
        double part = (double)now->bytes_done / (double)now->bytes_total;
        part = part > 1 ? 1 : part;
        size_t cells = width - used > BAR_WIDEST ? BAR_WIDEST : width - used;
        format_bar(bar, cells, part);
        snprintf(whole, sizeof whole, "%s [%s] %3.0f%%%s", head, bar, part * 100, figures);
    } else {
        snprintf(whole, sizeof whole, "%s%s", head, figures);
    }
    snprintf(line, size, "%.*s", (int)width, whole);
}

void progress_show(struct progress *p, const lede_progress *now) {
    char line[256];
    double time = clock_seconds();
    if (!p->enabled || (p->drawn > 0 && time - p->drawn < 0.08))
        return;
    if (p->phase != now->phase) {
        p->phase = now->phase;
        p->started = time;
        p->bytes_then = now->bytes_done;
    }
    double elapsed = time - p->started;
    double rate =
        elapsed > 0.3 && now->bytes_done > p->bytes_then ? (double)(now->bytes_done - p->bytes_then) / elapsed : 0;
    terminal_resize(&p->terminal);
    /* The last column stays free: some terminals wrap as soon as it is filled. */
    progress_format(line, sizeof line, p->terminal.width - 1, now, rate);
    fprintf(stderr, "\r%s\033[K", line);
    fflush(stderr);
    p->drawn = time;
}

void progress_clear(struct progress *p) {
    if (p->drawn > 0)
        fputs("\r\033[K", stderr);
    p->drawn = 0;
}
