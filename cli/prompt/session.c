#include "session.h"

#include <stdlib.h>
#include <string.h>

#include "cli/common/text.h"
#include "cli/output/article.h"
#include "cli/output/display.h"
#include "cli/output/pager.h"

enum { DEFAULT_PAGE = 5, DEFAULT_LINES = 6 };

lede_status session_open_index(lede_index **out, const char *path, lede_error *err) {
    lede_status status = lede_index_open(out, path, err);
    if (status == LEDE_OK)
        lede_index_set_threads(*out, 0);
    return status;
}

lede_status session_open(struct session *s, const struct globals *globals, lede_error *err) {
    *s = (struct session){.page = DEFAULT_PAGE};
    terminal_init(&s->report.terminal, stdout, (enum terminal_color)globals->color);
    s->report.format = globals->json ? REPORT_JSON : REPORT_TEXT;
    s->report.quiet = globals->quiet;
    s->report.unit = "passage";
    s->report.detail.lines = DEFAULT_LINES;
    terminal_use_links(&s->report.terminal, COLOR_AUTO);
    s->report.hint = ":more for the next";
    lede_status status = index_locate(&s->path, globals, false, err);
    return status ? status : session_open_index(&s->index, s->path, err);
}

void session_release(struct session *s) {
    free(s->query);
    lede_index_close(s->index);
    free(s->path);
}

void session_refresh(struct session *s) {
    lede_index *newer = NULL;
    if (!lede_index_is_stale(s->index) || session_open_index(&newer, s->path, NULL))
        return;
    lede_index_close(s->index);
    s->index = newer;
}

static lede_status show_page(struct session *s, lede_error *err) {
    struct search search;
    lede_search_options options = {.limit = s->page, .offset = s->shown, .rerank = true, .collapse = !s->all_copies};
    terminal_resize(&s->report.terminal);
    lede_status status = search_run(&search, s->index, s->query, s->query_len, &s->query_options, &options, err);
    if (status == LEDE_OK)
        status = report_print(&s->report, &search, NULL, err);
    if (status == LEDE_OK) {
        size_t count = lede_results_count(search.results);
        s->shown += count;
        s->found = s->found || count > 0;
    }
    search_release(&search);
    return status;
}

lede_status session_search(struct session *s, const char *query, size_t len, lede_error *err) {
    char *copy = malloc(len + 1);
    if (!copy)
        return error_write(err, LEDE_NOMEM, "out of memory");
    memcpy(copy, query, len);
    copy[len] = '\0';
    free(s->query);
    s->query = copy;
    s->query_len = len;
    s->shown = 0;
    session_refresh(s);
    return show_page(s, err);
}

void session_set_query(struct session *s, const char *query, size_t shown) {
    free(s->query);
    s->query = query ? strdup(query) : NULL;
    s->query_len = s->query ? strlen(s->query) : 0;
    s->shown = s->query ? shown : 0;
}

lede_status session_more(struct session *s, lede_error *err) {
    if (!s->query)
        return error_write(err, LEDE_INVALID, "no query yet: type some words");
    size_t before = s->shown;
    lede_status status = show_page(s, err);
    if (status == LEDE_OK && s->shown == before)
        return error_write(err, LEDE_NOT_FOUND, "no more hits");
    return status;
}

static void print_fact(const struct terminal *t, const char *text, size_t len) {
    char *clean = len ? text_clean(text, len, NULL) : NULL;
    if (clean)
        terminal_print(t, STYLE_FAINT, "%s\n", clean);
    free(clean);
}

/* Title, date, author, place, credit, file. Returns how many lines that made. */
static size_t print_head(const struct terminal *t, const lede_passage_view *view) {
    const lede_article *a = &view->article;
    const struct marked_text title = {a->title, a->title_len, view->title_spans, view->title_span_count};
    const struct text_layout layout = {t, 0, 0, STYLE_TITLE, TEXT_LINES};
    const char *path = a->path ? path_from_here(a->path) : "";
    char date[16];
    size_t lines = a->title_len ? text_print(&layout, &title, NULL) : 0;
    date_format(date, a->date);
    print_fact(t, a->byline, a->byline_len);
    print_fact(t, date, strlen(date));
    print_fact(t, a->dateline, a->dateline_len);
    print_fact(t, path, strlen(path));
    putc('\n', t->out);
    return lines + !!a->byline_len + !!*date + !!a->dateline_len + !!*path + 1;
}

/* An article as it goes to the pager. */
struct laid_out {
    char *text;
    size_t len, line; /* where the passage stands */
};

/* Lays out the whole article into memory; `line` is that of the passage in the body before. */
static lede_status lay_out(struct laid_out *out, const struct terminal *screen, const lede_passage_view *view,
                           const struct marked_text *body, lede_error *err) {
    struct terminal t = *screen;
    t.color = t.color && (!t.is_terminal || pager_shows_color());
    t.out = open_memstream(&out->text, &out->len);
    if (!t.out)
        return error_write(err, LEDE_NOMEM, "out of memory");
    size_t above = print_head(&t, view);
    const struct text_layout layout = {&t, 0, 0, STYLE_PLAIN, TEXT_BLANK_LINES};
    text_print(&layout, body, &out->line);
    out->line += above;
    if (view->article.credit_len) {
        putc('\n', t.out);
        print_fact(&t, view->article.credit, view->article.credit_len);
    }
    return fclose(t.out) == 0 ? LEDE_OK : error_write(err, LEDE_NOMEM, "out of memory");
}

lede_status session_show_hit(struct session *s, const struct search *search, size_t i, lede_error *err) {
    const lede_passage_view *view;
    struct article a = {0};
    struct laid_out laid = {NULL, 0, 0};
    s->is_read = false;
    terminal_resize(&s->report.terminal);
    lede_status status = lede_results_passage(&view, search->results, i, err);
    if (status == LEDE_OK)
        status = article_read(&a, search, view, SIZE_MAX, err);
    if (status == LEDE_OK && !a.has_text)
        status = error_write(err, LEDE_UNSUPPORTED, "the index keeps no text; see %.700s, line %u",
                             path_from_here(view->article.path), (unsigned)view->line);
    if (status == LEDE_OK) {
        laid.line = a.start;
        status = lay_out(&laid, &s->report.terminal, view, &a.body, err);
        if (status == LEDE_OK)
            s->is_read = pager_show(&s->report.terminal, laid.text, laid.len, laid.line);
    }
    free(laid.text);
    article_release(&a);
    return status;
}

lede_status session_show_article(struct session *s, size_t rank, lede_error *err) {
    struct search search;
    if (!s->query)
        return error_write(err, LEDE_INVALID, "no query yet: type some words");
    if (s->shown == 0)
        return error_write(err, LEDE_INVALID, "the last query found nothing to open");
    if (rank == 0 || rank > s->shown)
        return error_write(err, LEDE_INVALID, "there is no hit %zu; open a number from 1 to %zu", rank, s->shown);
    lede_search_options options = {.limit = 1, .offset = rank - 1, .rerank = true, .collapse = !s->all_copies};
    lede_status status = search_run(&search, s->index, s->query, s->query_len, &s->query_options, &options, err);
    if (status == LEDE_OK && lede_results_count(search.results) == 0)
        status = error_write(err, LEDE_NOT_FOUND, "hit %zu is gone; search again", rank);
    if (status == LEDE_OK)
        status = session_show_hit(s, &search, 0, err);
    search_release(&search);
    return status;
}
