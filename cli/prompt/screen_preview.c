#include "screen_preview.h"

#include <inttypes.h>
#include <string.h>

#include "cli/output/display.h"
#include "cli/output/wrap.h"

enum {
    MARGIN = 2, /* columns left of the body: the bar along the passage */
    TITLE_ROWS = 2,
    TALL = 8,       /* rows from which on there are facts below the title, */
    VERY_TALL = 12, /* and a blank row below those */
};

static const char bar[] = "\xE2\x96\x8E";

static void draw_title(struct grid *g, const struct area *area, unsigned *row, const struct marked_text *title) {
    unsigned most = area->rows >= TALL ? TITLE_ROWS : 1;
    for (size_t at = 0, n = 0; at < title->len && n < most && *row < area->rows; n++) {
        struct pen p = pen_at(g, area, (*row)++);
        p.ink = INK_TITLE;
        struct wrapped w = wrap_next(title->text, title->len, at, area->columns);
        pen_write_marked(&p, title, w.start, n + 1 == most ? title->len : w.end);
        pen_close(&p);
        at = w.next;
    }
}

static void add_fact(struct pen *p, uint8_t ink, const char *text, size_t len) {
    struct area rest = {p->row, p->column, 1, p->end - p->column};
    if (len == 0 || rest.columns == 0)
        return;
    p->ink = INK_FAINT;
    if (p->is_rtl)
        pen_close(p);
    p->ink = ink;
    pen_write(p, text, len);
    pen_skip(p, 2);
}

static void draw_facts(struct grid *g, const struct area *area, unsigned *row, const lede_hit *hit,
                       const lede_passage_view *view) {
    const lede_article *a = &view->article;
    const char *path = a->path ? path_from_here(a->path) : "";
    char date[16], line[16], number[48];
    int n = snprintf(line, sizeof line, ":%" PRIu32, view->line);
    struct pen p = pen_at(g, area, *row);
    date_format(date, a->date);
    add_fact(&p, INK_FAINT, date, strlen(date));
    p.ink = INK_PATH;
    pen_write(&p, path, strlen(path));
    pen_write(&p, line, n > 0 && *path ? (size_t)n : 0);
    pen_skip(&p, 2);
    add_fact(&p, INK_FAINT, a->dateline, a->dateline_len);
    add_fact(&p, INK_FAINT, a->byline, a->byline_len);
    add_fact(&p, INK_FAINT, view->heading, view->heading_len);
    n = snprintf(number, sizeof number, "%.3f", hit->score);
    add_fact(&p, INK_FAINT, number, n > 0 ? (size_t)n : 0);
    n = snprintf(number, sizeof number, "%zu cop%s", hit->copies, hit->copies == 1 ? "y" : "ies");
    add_fact(&p, INK_FAINT, number, n > 0 && hit->copies ? (size_t)n : 0);
    ++*row;
}

/* The row that is `rows` above the one that starts at `at`, or the first; tells how many it went. */
static size_t go_up(const struct marked_text *body, size_t at, unsigned columns, long rows, long *went) {
    *went = 0;
    while (at > 0 && *went < rows) {
        at = wrap_previous(body->text, body->len, at, columns);
        ++*went;
    }
    return at;
}

/* The same below, but not behind the row that starts at `last`. */
static size_t go_down(const struct marked_text *body, size_t at, unsigned columns, long rows, size_t last, long *went) {
    *went = 0;
    while (at < last && *went < rows) {
        at = wrap_next(body->text, body->len, at, columns).next;
        ++*went;
    }
    return at;
}

/* A body that is moved about. */
struct moving {
    const struct marked_text *body;
    unsigned columns;
    size_t at, last; /* where the first row that is shown starts, and can start at most */
    long rows;       /* below where it was first */
};

static void move(struct moving *m, long rows) {
    long went;
    m->at = rows < 0 ? go_up(m->body, m->at, m->columns, -rows, &went)
                     : go_down(m->body, m->at, m->columns, rows, m->last, &went);
    m->rows += rows < 0 ? -went : went;
}

/* Where the first row of the body that is shown starts: with the passage a quarter of the rows below the top, then
 * moved by scroll->rows and by what came since, as far as that leaves no rows empty. */
static size_t first_row(const struct article *a, unsigned rows, unsigned columns, struct screen_scroll *scroll) {
    const struct marked_text *body = &a->body;
    long went;
    size_t end = body->len ? body->len - 1 : 0, start = a->start < end ? a->start : end;
    size_t last = go_up(body, wrap_start(body->text, body->len, end, columns), columns, (long)rows - 1, &went);
    size_t home = go_up(body, wrap_start(body->text, body->len, start, columns), columns, rows / 4, &went);
    struct moving m = {body, columns, home < last ? home : last, last, 0};
    move(&m, scroll->rows);
    for (unsigned i = 0; i < scroll->count; i++)
        move(&m, scroll->moves[i]);
    *scroll = (struct screen_scroll){.rows = m.rows, .is_first = m.at == 0, .is_last = m.at >= last};
    return m.at;
}

static void draw_body(struct grid *g, const struct area *area, const struct article *a, struct screen_scroll *scroll) {
    unsigned columns = area->columns > MARGIN + 1 ? area->columns - MARGIN - 1 : 1;
    size_t at = first_row(a, area->rows, columns, scroll);
    for (unsigned row = 0; row < area->rows && at < a->body.len; row++) {
        struct wrapped w = wrap_next(a->body.text, a->body.len, at, columns);
        struct pen p = pen_at(g, area, row);
        bool is_passage = w.end > a->start && w.start < a->end;
        p.ink = INK_MATCH;
        if (is_passage)
            pen_write(&p, bar, sizeof bar - 1);
        p.ink = INK_PLAIN;
        pen_move(&p, area->column + MARGIN);
        pen_write_marked(&p, &a->body, w.start, w.end);
        pen_close(&p);
        at = w.next;
    }
}

static void draw_lack(struct grid *g, const struct area *area) {
    static const char text[] = "The index keeps no text of this article.";
    struct pen p = pen_at(g, area, 0);
    p.ink = INK_FAINT;
    pen_write(&p, text, sizeof text - 1);
}

void screen_draw_preview(struct grid *g, const struct area *area, const lede_hit *hit, const lede_passage_view *view,
                         const struct article *article, struct screen_scroll *scroll) {
    struct marked_text title = title_of(view);
    struct area inner = *area;
    unsigned row = 0;
    if (inner.columns > 2) {
        inner.column++;
        inner.columns--;
    }
    draw_title(g, &inner, &row, &title);
    if (area->rows >= TALL)
        draw_facts(g, &inner, &row, hit, view);
    if (area->rows >= VERY_TALL)
        row++;
    inner.row += row;
    inner.rows -= row < inner.rows ? row : inner.rows;
    if (article->has_text)
        draw_body(g, &inner, article, scroll);
    else
        draw_lack(g, &inner);
}
