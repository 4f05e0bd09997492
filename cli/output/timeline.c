#include "timeline.h"

#include <stdlib.h>
#include <string.h>

#include "display.h"
#include "progress.h"

enum {
    PAGE = 62, /* bins: two months of days */
    BINS_MOST = 1000000,
    WIDTH = 80,     /* columns where there is no terminal */
    NARROWEST = 10, /* columns of the longest bar */
    EIGHTHS = 8
};

static lede_date date_at(const lede_facets *days, size_t i) {
    const lede_facet_value *v = lede_facets_value(days, i);
    return calendar_read(v->value, v->len);
}

/* First and last number of the dates; false if there are none. */
static bool find_range(const lede_facets *days, enum calendar_unit unit, int64_t *first, int64_t *last) {
    bool any = false;
    for (size_t i = 0; i < lede_facets_count(days); i++) {
        lede_date date = date_at(days, i);
        int64_t number = calendar_number(date, unit);
        if (!date)
            continue;
        *first = !any || number < *first ? number : *first;
        *last = !any || number > *last ? number : *last;
        any = true;
    }
    return any;
}

static void add(struct timeline_bin *bin, const lede_facet_value *value) {
    bin->passages += value->passages;
    bin->articles += value->articles;
}

static enum calendar_unit choose_unit(const lede_facets *days) {
    int64_t first = 0, last = 0;
    enum calendar_unit unit = CALENDAR_DAY;
    while (unit < CALENDAR_YEAR && find_range(days, unit, &first, &last) && last - first >= PAGE)
        unit++;
    return unit;
}

bool timeline_init(struct timeline *t, const lede_facets *days, int unit) {
    int64_t first = 0, last = -1;
    *t = (struct timeline){.unit = unit < 0 ? choose_unit(days) : (enum calendar_unit)unit};
    if (find_range(days, t->unit, &first, &last))
        t->count = (size_t)(last - first + 1);
    t->bins = t->count > BINS_MOST ? NULL : calloc(t->count + 1, sizeof *t->bins);
    if (!t->bins)
        return false;
    for (size_t i = 0; i < t->count; i++)
        t->bins[i].date = calendar_date(first + (int64_t)i, t->unit);
    for (size_t i = 0; i < lede_facets_count(days); i++) {
        const lede_facet_value *value = lede_facets_value(days, i);
        lede_date date = date_at(days, i);
        add(date ? &t->bins[calendar_number(date, t->unit) - first] : &t->undated, value);
        t->passages += value->passages;
        t->articles += value->articles;
    }
    return true;
}

void timeline_release(struct timeline *t) {
    free(t->bins);
    t->bins = NULL;
}

/* A bar of so many eighths of a column, or of whole columns where blocks can't be shown. */
static void draw_bar(const struct terminal *t, uint64_t eighths) {
    static const char *const parts[EIGHTHS] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    terminal_style(t, STYLE_PATH);
    for (uint64_t i = 0; i < eighths / EIGHTHS; i++)
        fputs(t->can_move ? "█" : "#", t->out);
    if (t->can_move)
        fputs(parts[eighths % EIGHTHS], t->out);
    else if (eighths % EIGHTHS >= EIGHTHS / 2)
        putc('#', t->out);
    terminal_style(t, STYLE_PLAIN);
}

static void draw_bin(const struct terminal *t, const struct timeline_bin *bin, uint64_t most, unsigned columns) {
    char date[16], number[32];
    fprintf(t->out, "%-10s  ", bin->date ? date_format(date, bin->date) : "no date");
    uint64_t eighths = bin->passages * columns * EIGHTHS / (most ? most : 1);
    draw_bar(t, bin->passages && !eighths ? 1 : eighths);
    fprintf(t->out, " %s\n", number_format(number, bin->passages));
}

void timeline_draw(const struct timeline *t, const struct terminal *terminal) {
    char number[32];
    uint64_t most = t->undated.passages;
    for (size_t i = 0; i < t->count; i++)
        most = t->bins[i].passages > most ? t->bins[i].passages : most;
    size_t taken = 14 + strlen(number_format(number, most)), width = terminal->width ? terminal->width : WIDTH;
    unsigned columns = width > taken + NARROWEST ? (unsigned)(width - taken) : NARROWEST;
    for (size_t i = 0; i < t->count; i++)
        draw_bin(terminal, &t->bins[i], most, columns);
    if (t->undated.passages)
        draw_bin(terminal, &t->undated, most, columns);
}
