#include "display.h"

#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/common/options.h"
#include "cli/common/text.h"
#include "progress.h"
#include "snippet.h"
#include "trec.h"

enum { RANK_WIDTH = 3, INDENT = RANK_WIDTH + 2 };

char *date_format(char *text, lede_date date) {
    unsigned year = date / 10000, month = date / 100 % 100, day = date % 100;
    if (date == 0)
        *text = '\0';
    else if (month == 0)
        snprintf(text, 16, "%04u", year % 1000000);
    else if (day == 0)
        snprintf(text, 16, "%04u-%02u", year % 1000000, month);
    else
        snprintf(text, 16, "%04u-%02u-%02u", year % 1000000, month, day);
    return text;
}

const char *path_from_here(const char *path) {
    char here[PATH_MAX];
    size_t len = getcwd(here, sizeof here) ? strlen(here) : 0;
    if (len > 1 && strncmp(path, here, len) == 0 && path[len] == '/' && path[len + 1])
        return path + len + 1;
    return path;
}

static void print_clean(const struct terminal *t, enum style style, const char *text, size_t len) {
    char *clean = text_clean(text, len, NULL);
    terminal_print(t, style, "%s", clean ? clean : "");
    free(clean);
}

struct marked_text title_of(const lede_passage_view *view) {
    const lede_article *article = &view->article;
    if (article->title_len)
        return (struct marked_text){article->title, article->title_len, view->title_spans, view->title_span_count};
    bool has_file = article->path && strcmp(article->path, "-") != 0 && *article->path;
    bool is_path = has_file && article->key_len == strlen(article->path) &&
                   memcmp(article->key, article->path, article->key_len) == 0;
    if (!is_path)
        return (struct marked_text){article->key, article->key_len, NULL, 0};
    const char *slash = strrchr(article->path, '/');
    const char *name = slash && slash[1] ? slash + 1 : article->path;
    return (struct marked_text){name, strlen(name), NULL, 0};
}

/* The columns of a path are those of what is shown of it. */
static size_t print_place(const struct terminal *t, const lede_passage_view *view) {
    const char *path = view->article.path;
    if (!path || !*path)
        return 0;
    path = path_from_here(path);
    size_t len = 0;
    char *clean = text_clean(path, strlen(path), &len);
    char line[16];
    int digits = snprintf(line, sizeof line, ":%" PRIu32, view->line);
    fputs("  ", t->out);
    terminal_begin_link(t, view->article.path);
    terminal_print(t, STYLE_PATH, "%s", clean ? clean : "");
    terminal_print(t, STYLE_PATH, "%s", line);
    terminal_end_link(t, view->article.path);
    size_t columns = clean ? text_columns(clean, len) : 0;
    free(clean);
    return 2 + columns + (size_t)digits;
}

/* What is shown, where and how. */
struct hits {
    const struct terminal *terminal;
    const struct search *search;
    const struct detail *detail;
};

/* Behind `columns` of the line, or below if it does not fit there. */
static void print_heading(const struct terminal *t, const lede_passage_view *view, size_t columns) {
    struct marked_text heading = {view->heading, view->heading_len, view->heading_spans, view->heading_span_count};
    struct text_layout layout = {t, INDENT, 0, STYLE_FAINT, TEXT_ONE_LINE};
    if (t->width && columns + 2 + text_columns(view->heading, view->heading_len) > t->width) {
        putc('\n', t->out);
    } else {
        fputs("  ", t->out);
        layout.column = (unsigned)columns + 2;
    }
    text_print(&layout, &heading, NULL);
}

/* Score, date, place, heading. */
static void print_facts(const struct hits *h, double score, const lede_passage_view *view) {
    const struct terminal *t = h->terminal;
    char date[16], number[48], exact[32];
    int columns = h->detail->explain ? snprintf(number, sizeof number, "%*s%s", INDENT, "", score_format(exact, score))
                                     : snprintf(number, sizeof number, "%*s%.3f", INDENT, "", score);
    terminal_print(t, STYLE_FAINT, "%s", number);
    if (*date_format(date, view->article.date))
        columns += fprintf(t->out, "  %s", date);
    size_t place = print_place(t, view);
    if (view->heading_len)
        print_heading(t, view, (size_t)columns + place);
    else
        putc('\n', t->out);
}

static void print_word_part(const struct terminal *t, const lede_score_part *p) {
    char frequency[32], passages[32], weight[32], norm[32];
    terminal_print(t, STYLE_FAINT, "  %s× in %" PRIu32 " words, in %s passage%s: %s * %" PRIu32 " / (%" PRIu32 " + %s)",
                   number_format(frequency, p->frequency), p->length, number_format(passages, p->doc_freq),
                   p->doc_freq == 1 ? "" : "s", score_format(weight, p->weight), p->frequency, p->frequency,
                   score_format(norm, p->norm));
}

/* What the score is made of, below it. */
static lede_status print_explanation(const struct hits *h, size_t i, lede_error *err) {
    const lede_score_part *parts;
    size_t count;
    char value[32];
    lede_status status = lede_results_explain(&parts, &count, h->search->results, i, err);
    for (size_t n = 0; n < count; n++) {
        const lede_score_part *p = &parts[n];
        fprintf(h->terminal->out, "%*s%s  ", INDENT + 2 * (int)p->depth, "", score_format(value, p->value));
        terminal_print(h->terminal, p->kind == LEDE_PART_WORD ? STYLE_MATCH : STYLE_FAINT, "%s", p->name);
        if (p->kind == LEDE_PART_WORD)
            print_word_part(h->terminal, p);
        putc('\n', h->terminal->out);
    }
    return status;
}

/* Lays out what of the text fits into so many columns. *lines is what that takes. The result is to be freed. */
static char *lay_out(const struct text_layout *layout, const struct marked_text *text, size_t columns, size_t *lines) {
    struct terminal memory = *layout->terminal;
    struct text_layout inside = *layout;
    struct snippet snippet;
    char *out = NULL;
    size_t len;
    memory.out = open_memstream(&out, &len);
    inside.terminal = &memory;
    bool ok = snippet_init(&snippet, text, columns);
    *lines = ok && memory.out && snippet.marked.len ? text_print(&inside, &snippet.marked, NULL) : 0;
    snippet_release(&snippet);
    if (memory.out && fclose(memory.out) == 0 && ok)
        return out;
    free(out);
    return NULL;
}

/* The text of a passage, or what of it has room; what stands around one further to the right. False if out of memory.
 */
static bool print_text(const struct hits *h, const lede_passage_view *view, bool is_around) {
    const struct terminal *t = h->terminal;
    const struct marked_text text = {view->text, view->text_len, view->spans, view->span_count};
    const struct text_layout layout = {t, INDENT + (is_around ? 2 : 0), 0, is_around ? STYLE_FAINT : STYLE_PLAIN,
                                       TEXT_LINES};
    bool is_cut = t->width > layout.indent && h->detail->lines;
    size_t columns = is_cut ? h->detail->lines * (t->width - layout.indent) : SIZE_MAX, lines;
    char *laid_out = lay_out(&layout, &text, columns, &lines);
    /* Lines that end before the edge, as words are kept whole, leave less room than there are columns. */
    while (laid_out && is_cut && lines > h->detail->lines && columns > 8) {
        free(laid_out);
        columns -= columns / 8;
        laid_out = lay_out(&layout, &text, columns, &lines);
    }
    fputs(laid_out ? laid_out : "", t->out);
    bool ok = laid_out != NULL;
    free(laid_out);
    return ok;
}

/* A passage with those around it that were asked for. */
static lede_status print_in_context(const struct hits *h, const lede_passage_view *view, lede_error *err) {
    uint64_t before = view->number - 1, behind = view->article.passages - view->number;
    before = before < h->detail->context ? before : h->detail->context;
    behind = behind < h->detail->context ? behind : h->detail->context;
    for (uint64_t p = view->passage - before; p <= view->passage + behind; p++) {
        const lede_passage_view *other = view;
        lede_status status = LEDE_OK;
        if (p != view->passage)
            status = lede_results_passage_at(&other, h->search->results, p, err);
        if (status)
            return status;
        if (!print_text(h, other, other != view))
            return error_write(err, LEDE_NOMEM, "out of memory");
    }
    return LEDE_OK;
}

/* More passages of the hit's article that match. */
static lede_status print_more(const struct hits *h, size_t i, lede_error *err) {
    const lede_hit *more;
    size_t count;
    lede_status status = lede_results_more(&more, &count, h->search->results, i, h->detail->passages, err);
    for (size_t n = 0; n < count && status == LEDE_OK; n++) {
        const lede_passage_view *view;
        status = lede_results_passage_at(&view, h->search->results, more[n].passage, err);
        if (status)
            break;
        print_facts(h, more[n].score, view);
        status = print_in_context(h, view, err);
    }
    return status;
}

/* "and 2 copies: a/001.txt, b/007.txt" */
static lede_status print_copies(const struct hits *h, size_t i, lede_error *err) {
    size_t count = lede_results_hit(h->search->results, i)->copies;
    const uint64_t *copies = lede_results_copies(h->search->results, i);
    const char *separator = ": ";
    if (count == 0)
        return LEDE_OK;
    terminal_print(h->terminal, STYLE_FAINT, "%*sand %zu cop%s", INDENT, "", count, count == 1 ? "y" : "ies");
    for (size_t n = 0; n < count; n++) {
        const char *key;
        size_t len;
        lede_status status = lede_results_key_at(&key, &len, h->search->results, copies[n], err);
        if (status)
            return status;
        terminal_print(h->terminal, STYLE_FAINT, "%s", separator);
        print_clean(h->terminal, STYLE_PATH, path_from_here(key), strlen(path_from_here(key)));
        separator = ", ";
    }
    putc('\n', h->terminal->out);
    return LEDE_OK;
}

static lede_status print_hit(const struct hits *h, size_t i, const lede_passage_view *view, lede_error *err) {
    const struct terminal *t = h->terminal;
    struct marked_text title = title_of(view);
    int column = fprintf(t->out, "%*zu  ", RANK_WIDTH, h->search->offset + i + 1);
    struct text_layout layout = {t, INDENT, column > 0 ? (unsigned)column : INDENT, STYLE_TITLE, TEXT_LINES};
    text_print(&layout, &title, NULL);
    print_facts(h, lede_results_hit(h->search->results, i)->score, view);
    lede_status status = h->detail->explain ? print_explanation(h, i, err) : LEDE_OK;
    if (status == LEDE_OK)
        status = print_in_context(h, view, err);
    if (status == LEDE_OK && h->detail->passages)
        status = print_more(h, i, err);
    return status ? status : print_copies(h, i, err);
}

lede_status display_hits(const struct terminal *t, const struct search *search, const struct detail *detail,
                         lede_error *err) {
    const struct hits hits = {t, search, detail};
    size_t count = lede_results_count(search->results);
    for (size_t i = 0; i < count; i++) {
        const lede_passage_view *view;
        lede_status status = lede_results_passage(&view, search->results, i, err);
        if (status)
            return status;
        if (i)
            putc('\n', t->out);
        status = print_hit(&hits, i, view, err);
        if (status)
            return status;
    }
    return LEDE_OK;
}

static const char *time_format(char *text, size_t size, double seconds) {
    if (seconds < 1)
        snprintf(text, size, "%.1f ms", seconds * 1000);
    else
        snprintf(text, size, "%.1f s", seconds);
    return text;
}

char *display_summary(char *text, const struct search *search, const char *unit) {
    char number[32], time[32];
    bool exact;
    uint64_t total = lede_results_total(search->results, &exact);
    snprintf(text, 128, "%s%s %s%s match%s, %s", exact ? "" : "at least ", number_format(number, total), unit,
             total == 1 ? "" : "s", total == 1 ? "es" : "", time_format(time, sizeof time, search->seconds));
    return text;
}

struct figure {
    const char *name;
    uint64_t number;
    bool is_bytes;
};

static void print_figures(const struct terminal *t, const struct figure *figures, size_t count, uint64_t whole) {
    char text[32];
    for (size_t i = 0; i < count; i++) {
        if (!figures[i].is_bytes)
            fprintf(t->out, "  %-18s %15s\n", figures[i].name, number_format(text, figures[i].number));
        else
            fprintf(t->out, "  %-18s %15s  %5.1f %%\n", figures[i].name, bytes_format(text, figures[i].number),
                    whole ? 100.0 * (double)figures[i].number / (double)whole : 0.0);
    }
}

/* What an index in shards knows of itself. */
static void print_shard_counts(const struct terminal *t, const lede_stats *s) {
    const struct figure counts[] = {
        {"articles", s->articles, false}, {"passages", s->passages, false}, {"files", s->sources, false},
        {"words", s->positions, false},   {"shards", s->shards, false},     {"commits", s->commit, false},
    };
    print_figures(t, counts, sizeof counts / sizeof *counts, 0);
}

static void print_segment_counts(const struct terminal *t, const lede_stats *s) {
    const struct figure counts[] = {
        {"articles", s->articles, false},   {"passages", s->passages, false},
        {"files", s->sources, false},       {"terms", s->terms, false},
        {"word forms", s->words, false},    {"postings", s->postings, false},
        {"positions", s->positions, false}, {"segments", s->segments, false},
        {"commits", s->commit, false},      {"deleted passages", s->deleted_passages, false},
    };
    print_figures(t, counts, sizeof counts / sizeof *counts, 0);
}

static void print_bytes(const struct terminal *t, const lede_stats *s) {
    const struct figure parts[] = {
        {"terms", s->bytes_terms, true},         {"postings", s->bytes_postings, true},
        {"positions", s->bytes_positions, true}, {"lengths", s->bytes_lengths, true},
        {"word forms", s->bytes_words, true},    {"articles", s->bytes_articles, true},
        {"keys", s->bytes_keys, true},           {"text", s->bytes_text, true},
        {"catalogue", s->bytes_catalogue, true}, {"other", s->bytes_other, true},
        {"total", s->bytes_total, true},
    };
    terminal_print(t, STYLE_TITLE, "On disk\n");
    print_figures(t, parts, sizeof parts / sizeof *parts, s->bytes_total);
}

void display_stats(const struct terminal *t, const char *path, const lede_stats *s) {
    static const char *const modes[] = {"auto", "cut", "whole"};
    print_clean(t, STYLE_PATH, path, strlen(path));
    putc('\n', t->out);
    if (s->shards)
        print_shard_counts(t, s);
    else
        print_segment_counts(t, s);
    fprintf(t->out, "  %-18s %15.1f\n", "words a passage", s->average_length);
    fprintf(t->out, "  %-18s %15s\n", "language", s->language);
    fprintf(t->out, "  %-18s %15s\n", "passages are", modes[s->passages_mode]);
    fprintf(t->out, "  %-18s %15s\n", "text is kept", s->has_text ? "yes" : "no");
    if (!s->shards)
        print_bytes(t, s);
}
