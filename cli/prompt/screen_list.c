#include "screen_list.h"

#include <stdio.h>
#include <string.h>

#include "cli/output/display.h"
#include "cli/output/snippet.h"
#include "cli/output/wrap.h"

enum {
    RANK_COLUMNS = 4,   /* with the blank behind it */
    TITLE_LEAST = 16,   /* columns a title needs beside copies and a date */
    HEADING_LEAST = 12, /* that are left for a heading behind a title */
    FLAT_LEAST = 30,    /* that it needs beside a passage, together */
};

static const char bar[] = "\xE2\x96\x8C"; /* a left half block */

static void draw_rank(struct pen *p, size_t rank, bool is_selected) {
    p->ink = is_selected ? INK_MATCH : INK_FAINT;
    pen_write(p, is_selected ? bar : " ", is_selected ? sizeof bar - 1 : 1);
    p->ink = INK_FAINT;
    pen_skip(p, rank < 10);
    pen_print(p, "%zu ", rank);
}

/* A passage from its densest part on, with dots where something before it is left out. */
static size_t draw_snippet_start(struct pen *p, const struct marked_text *text, size_t columns) {
    size_t start = snippet_start(text, columns);
    if (start > 0) {
        p->ink = INK_FAINT;
        pen_write(p, "\xE2\x80\xA6", 3);
        p->ink = INK_PLAIN;
    }
    return start;
}

static struct marked_text rest_of(const struct marked_text *text, size_t start, lede_span *spans, size_t most) {
    struct marked_text rest = {text->text + start, text->len - start, spans, 0};
    for (size_t i = 0; i < text->span_count && rest.span_count < most; i++)
        if (text->spans[i].start >= start)
            spans[rest.span_count++] =
                (lede_span){text->spans[i].start - (uint32_t)start, text->spans[i].end - (uint32_t)start};
    return rest;
}

/* What is left of the text, in what is left of the pen's row. */
static void draw_rest(struct pen *p, const struct marked_text *text, size_t start) {
    enum { SPANS = 64 };
    lede_span spans[SPANS];
    struct marked_text rest = rest_of(text, start, spans, SPANS);
    pen_write_cut(p, &rest, p->end - p->column);
    pen_close(p);
}

/* In the rows of the area below the first. */
static void draw_snippet(struct grid *g, const struct area *area, const struct marked_text *text) {
    struct pen p = pen_at(g, area, 1);
    pen_skip(&p, RANK_COLUMNS + 1);
    unsigned room = p.end - p.column;
    size_t at = room ? draw_snippet_start(&p, text, (size_t)room * (area->rows - 1)) : text->len;
    for (unsigned row = 1; row < area->rows && at < text->len; row++) {
        if (row > 1) {
            p = pen_at(g, area, row);
            pen_skip(&p, RANK_COLUMNS + 1);
        }
        struct wrapped w = wrap_next(text->text, text->len, at, p.end - p.column);
        if (row + 1 == area->rows) {
            draw_rest(&p, text, w.start);
            return;
        }
        pen_write_marked(&p, text, w.start, w.end);
        pen_close(&p);
        at = w.next;
    }
}

/* Behind the title, if some of it fits there: passages of the same article are told apart by it. */
static void draw_heading(struct pen *p, const lede_passage_view *view, unsigned reserved) {
    const struct marked_text heading = {view->heading, view->heading_len, view->heading_spans,
                                        view->heading_span_count};
    unsigned room = p->end - p->column;
    if (heading.len == 0 || room < reserved + HEADING_LEAST)
        return;
    p->ink = INK_FAINT;
    pen_write(p, " \xE2\x80\xBA ", 5);
    p->ink = INK_PLAIN;
    pen_write_cut(p, &heading, room - reserved - 3);
    pen_close(p);
}

/* What stands at the right end of a hit's first row, with two blanks before it and one behind: as much as leaves room
 * for the title. */
static size_t write_facts(char facts[64], const struct listed_hit *hit, const lede_passage_view *view, unsigned room) {
    char date[16];
    date_format(date, view->article.date);
    int n = hit->copies ? snprintf(facts, 64, "  +%zu cop%s%s%s ", hit->copies, hit->copies == 1 ? "y" : "ies",
                                   *date ? "  " : "", date)
            : *date     ? snprintf(facts, 64, "  %s ", date)
                        : 0;
    if (hit->copies && room < TITLE_LEAST + (unsigned)n)
        n = snprintf(facts, 64, "  +%zu ", hit->copies);
    return n > 0 && room >= TITLE_LEAST + (unsigned)n ? (size_t)n : 0;
}

static void draw_facts(struct grid *g, const struct area *area, const char *facts, size_t n) {
    struct pen p = pen_at(g, area, 0);
    if (n == 0)
        return;
    pen_move(&p, p.end - (unsigned)n + 2);
    p.ink = INK_FAINT;
    for (size_t i = 2; i < n; i++)
        pen_write(&p, facts + i, 1);
}

void screen_draw_hit(struct grid *g, const struct area *area, const struct listed_hit *hit,
                     const lede_passage_view *view, bool is_selected) {
    struct marked_text title = title_of(view);
    struct marked_text text = {view->text, view->text_len, view->spans, view->span_count};
    struct pen p = pen_at(g, area, 0);
    char facts[64];
    unsigned start = p.column;
    draw_rank(&p, hit->rank, is_selected);
    unsigned room = p.end - p.column;
    bool is_flat = hit->is_flat && room >= FLAT_LEAST && text.len;
    size_t facts_len = is_flat ? 0 : write_facts(facts, hit, view, room);
    p.ink = INK_TITLE;
    pen_write_cut(&p, &title, is_flat ? room / 3 : room - (unsigned)facts_len);
    pen_close(&p);
    if (!is_flat)
        draw_heading(&p, view, (unsigned)facts_len);
    if (is_flat) {
        pen_skip(&p, 2);
        p.ink = INK_PLAIN;
        draw_rest(&p, &text, draw_snippet_start(&p, &text, p.end - p.column));
    }
    draw_facts(g, area, facts, facts_len);
    if (area->rows > 1)
        draw_snippet(g, area, &text);
    if (is_selected)
        grid_ink(g, area->row, start, area->column + area->columns, INK_SELECTED);
}
