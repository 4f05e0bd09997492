#include "screen_view.h"

#include <stdio.h>
#include <string.h>

#include "cli/output/display.h"
#include "screen_list.h"
#include "screen_page.h"
#include "screen_preview.h"

static const char prompt[] = "lede> ";
static const char dot[] = " \xC2\xB7 ";

/* The part of the line that fits, so that the cursor is in it, and the cursor. */
static void draw_line(struct pen *p, const struct line *line) {
    const char *text = line_text(line);
    unsigned room = p->end > p->column ? p->end - p->column : 0;
    size_t start = 0, columns = glyph_columns(text, line->cursor);
    struct glyph glyph;
    while (columns >= room && start < line->cursor) {
        glyph_next(&glyph, text, line->len, &start);
        columns -= glyph.width;
    }
    unsigned column = p->column;
    struct marked_text shown = {text + start, line->len - start, NULL, 0};
    p->grid->cursor_row = p->row;
    p->grid->cursor_column = column + (unsigned)columns < p->grid->columns ? column + (unsigned)columns : 0;
    /* Blank by blank, unlike articles. */
    for (size_t at = 0; at < shown.len;) {
        size_t next = at;
        glyph_next(&glyph, shown.text, shown.len, &next);
        if (!pen_write(p, shown.text + at, next - at))
            break;
        at = next;
    }
    pen_close(p);
}

static void draw_input(struct grid *g, const struct screen_scene *scene) {
    const struct screen_model *m = scene->model;
    struct pen p = pen_at(g, &scene->layout.input, 0);
    p.ink = INK_TITLE;
    if (m->mode != SCREEN_HISTORY) {
        pen_write(&p, prompt, g->columns > 2 * (sizeof prompt - 1) ? sizeof prompt - 1 : 0);
        p.ink = INK_PLAIN;
        draw_line(&p, &m->line);
        return;
    }
    const char *found = m->recalled < m->recall.count ? m->recall.lines[m->recalled] : "";
    pen_print(&p, "history: ");
    p.ink = INK_MATCH;
    draw_line(&p, &m->wanted);
    pen_skip(&p, 2);
    p.ink = INK_PLAIN;
    pen_write(&p, found, strlen(found));
    pen_close(&p);
}

static void add_part(struct pen *p, uint8_t ink, const char *text, bool *is_first) {
    if (!text || !*text)
        return;
    p->ink = INK_FAINT;
    if (!*is_first)
        pen_write(p, dot, sizeof dot - 1);
    p->ink = ink;
    pen_write(p, text, strlen(text));
    pen_close(p);
    *is_first = false;
}

static void add_answer(struct pen *p, const struct screen_scene *scene, bool *is_first) {
    const struct screen_answer *answer = scene->answer;
    char summary[128];
    bool is_draft = answer && answer->is_draft && !scene->is_waiting;
    if (scene->is_waiting || is_draft)
        add_part(p, is_draft ? INK_PATH : INK_FAINT, is_draft ? "so far ..." : "searching ...", is_first);
    if (!answer)
        return;
    if (answer->status) {
        add_part(p, INK_ERROR, answer->err.message, is_first);
        return;
    }
    if (answer->suggestion) {
        add_part(p, INK_PATH, "did you mean ", is_first);
        pen_write(p, answer->suggestion, strlen(answer->suggestion));
        pen_close(p);
        p->ink = INK_FAINT;
        pen_print(p, " (Alt-s)");
    }
    if (!lede_query_is_empty(answer->search.query))
        add_part(p, INK_FAINT,
                 display_summary(summary, &answer->search, scene->model->by_article ? "article" : "passage"), is_first);
    add_part(p, INK_PATH, screen_answer_note(answer), is_first);
    add_part(p, INK_ERROR, lede_results_missing(answer->search.results), is_first);
}

/* At the end of the row, if there is room: what was asked for beyond the query, and how to learn more. */
static void draw_modes(struct pen *p, const struct screen_model *m) {
    char modes[64];
    int n = snprintf(modes, sizeof modes, "%s%s%sF1 keys", m->all_words ? "all words  " : "",
                     m->by_article ? "by article  " : "", m->all_copies ? "all copies  " : "");
    unsigned columns = n > 0 ? (unsigned)n + 1 : 0;
    if (p->end < columns || p->column + 2 > p->end - columns)
        return;
    pen_move(p, p->end - columns);
    p->ink = INK_FAINT;
    for (const char *c = modes; *c; c++)
        pen_write(p, c, 1);
}

static void draw_status(struct grid *g, const struct screen_scene *scene) {
    const struct screen_model *m = scene->model;
    struct pen p = pen_at(g, &scene->layout.status, 0);
    bool is_first = true;
    if (m->note[0]) {
        add_part(&p, INK_PATH, m->note, &is_first);
        return;
    }
    add_part(&p, INK_PATH, scene->news, &is_first);
    if (m->mode == SCREEN_PAGE)
        add_part(&p, INK_FAINT, "arrows and PgDn move it, any other key goes back", &is_first);
    else if (line_text(&m->line)[0] == ':' && m->mode == SCREEN_SEARCH)
        add_part(&p, INK_FAINT, "Enter runs the command; :help lists them", &is_first);
    else
        add_answer(&p, scene, &is_first);
    draw_modes(&p, m);
}

static void draw_rule(struct grid *g, const struct area *rule) {
    bool is_upright = rule->columns == 1;
    for (unsigned row = 0; row < rule->rows; row++) {
        struct pen p = pen_at(g, rule, row);
        p.ink = INK_FAINT;
        while (p.column < p.end)
            pen_write(&p, is_upright ? "\xE2\x94\x82" : "\xE2\x94\x80", 3);
    }
}

static void draw_hits(struct grid *g, const struct screen_scene *scene) {
    const struct screen_model *m = scene->model;
    const struct area *list = &scene->layout.list;
    unsigned height = scene->layout.hit_rows;
    for (size_t i = m->top; i < m->count && (i - m->top) * height < list->rows; i++) {
        unsigned above = (unsigned)(i - m->top) * height, left = list->rows - above;
        struct area area = {list->row + above, list->column, left < height ? left : height, list->columns};
        const struct listed_hit hit = {i + 1, lede_results_hit(scene->answer->search.results, i)->copies, height == 1};
        const lede_passage_view *view;
        lede_error err;
        struct pen p = pen_at(g, &area, 0);
        p.ink = INK_ERROR;
        if (lede_results_passage(&view, scene->answer->search.results, i, &err) == LEDE_OK)
            screen_draw_hit(g, &area, &hit, view, i == m->selected);
        else
            pen_write(&p, err.message, strlen(err.message));
    }
}

static void draw_preview(struct grid *g, const struct screen_scene *scene) {
    const lede_passage_view *view;
    struct screen_model *m = scene->model;
    /* Where it is not seen nothing can tell how far it goes. */
    if (scene->article && scene->layout.preview.rows &&
        lede_results_passage(&view, scene->answer->search.results, m->selected, NULL) == LEDE_OK)
        screen_draw_preview(g, &scene->layout.preview, lede_results_hit(scene->answer->search.results, m->selected),
                            view, scene->article, &m->scroll);
}

static void draw_greeting(struct grid *g, const struct screen_scene *scene) {
    static const char text[] = "Type words to search. More of them is better.\n"
                               "  lavrov simla         any of the words\n"
                               "  \"line of control\"    these words in a row\n"
                               "  +lavrov simla        must have lavrov\n"
                               "  lavrov -delhi        must not have delhi\n"
                               "\n"
                               "? shows the keys, Esc leaves.\n";
    struct area body = scene->layout.list;
    size_t top = 0;
    body.columns = g->columns;
    struct pen p = pen_at(g, &body, 0);
    p.ink = INK_TITLE;
    pen_write(&p, scene->greeting, strlen(scene->greeting));
    if (body.rows < 3)
        return;
    body.row += 2;
    body.rows -= 2;
    screen_draw_page(g, &body, text, &top);
}

static void draw_page(struct grid *g, const struct screen_scene *scene) {
    const struct area body = {scene->layout.list.row, 0, g->rows - scene->layout.list.row, g->columns};
    screen_draw_page(g, &body, scene->model->page_text, &scene->model->page_top);
}

/* Where there would be hits. */
static void draw_nothing(struct grid *g, const struct screen_scene *scene) {
    struct pen p = pen_at(g, &scene->layout.list, 0);
    p.ink = INK_FAINT;
    if (scene->answer && scene->answer->status == LEDE_OK && !lede_query_is_empty(scene->answer->search.query))
        pen_print(&p, "No passage has %s.", scene->model->all_words ? "all of these words" : "any of these words");
}

void screen_draw(struct grid *g, const struct screen_scene *scene) {
    bool has_hits = scene->answer && scene->answer->status == LEDE_OK && scene->model->count;
    bool is_blank = !*screen_query(scene->model) && !(scene->answer && scene->answer->status);
    draw_status(g, scene);
    if (scene->model->mode == SCREEN_PAGE && scene->layout.list.rows) {
        draw_page(g, scene);
    } else if (is_blank) {
        draw_greeting(g, scene);
    } else if (has_hits) {
        draw_hits(g, scene);
        draw_rule(g, &scene->layout.rule);
        draw_preview(g, scene);
    } else {
        draw_nothing(g, scene);
    }
    draw_input(g, scene);
}
