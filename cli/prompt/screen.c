#include "screen.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/output/display.h"
#include "cli/output/progress.h"
#include "complete.h"
#include "history.h"
#include "screen_signals.h"
#include "screen_terminal.h"
#include "screen_view.h"
#include "typed.h"

enum {
    FIRST_LIMIT = 50, /* hits asked for at first; more when the selection comes near the last one */
    LIMIT_FACTOR = 4,
    AT_ONCE_MS = 8,        /* after which an answer is the best found so far */
    FRAME_MS = 12,         /* to wait for an answer before what was typed is shown without it */
    PATIENCE_MS = 150,     /* before one is told to wait */
    PASTE_MS = 1000,       /* after which the end of what is pasted is taken to be lost */
    KEY_MS = 40,           /* within which the rest of a key's bytes come */
    PAUSE_MS = 150,        /* without a key, before matches are counted that the search passed over, and the like */
    PREVIEW_LIT = 1 << 16, /* bytes around a passage in which matches are lit in the preview */
    OPEN_MS = 10000,       /* to wait for the hits of which one is to be opened */
    COUNTED_MS = 1000,     /* what took longer to find is not counted: that takes longer still */
};

struct screen {
    struct session *session;
    struct screen_terminal *terminal;
    struct screen_worker *worker;
    struct screen_model model;
    struct grid grid;
    struct screen_layout layout;
    /* Answers: */
    struct screen_answer *answer; /* the newest; NULL: none, or the query is empty */
    uint64_t asked;               /* number of the last request; 0: none is wanted */
    bool is_other;                /* its query is another one than the answer's */
    bool is_changed;              /* the query is another one than that of the last request */
    bool is_answered, is_waiting;
    bool is_settled;    /* all that matches is counted, and what may have been meant is looked for */
    size_t limit, most; /* hits asked for; hits that there were when more were asked for the last time */
    char *query;        /* that was asked for last, but for empty ones, */
    size_t found;       /* and how many hits of it are at hand */
    const char *news;
    struct article article; /* of hit `article_hit` of the answer, if there is one */
    size_t article_hit;
    bool has_article;
    /* Keys: */
    char bytes[1 << 12];
    size_t len;
    char *history; /* its path */
    struct candidates candidates;
    size_t candidate; /* the one that is put in */
    bool is_over;
    int ended_by; /* a signal; 0: none */
    char greeting[256];
};

/* ---------------------------------------------------------------------------------- queries -- */

static void forget_article(struct screen *s) {
    if (s->has_article)
        article_release(&s->article);
    s->has_article = false;
}

static void forget_answer(struct screen *s) {
    forget_article(s);
    screen_answer_free(s->answer);
    s->answer = NULL;
}

/* Hits that can be seen at once. */
static size_t shown(const struct screen *s) {
    return s->layout.list.rows / s->layout.hit_rows + 1;
}

static void ask(struct screen *s, bool is_other) {
    struct screen_model *m = &s->model;
    const char *query = screen_query(m);
    bool is_line = query == line_text(&m->line);
    s->is_changed = false;
    if (is_line && *query == ':')
        return;
    if (is_other) {
        s->limit = FIRST_LIMIT;
        s->most = 0;
        s->is_settled = false;
    }
    if (*query) {
        free(s->query);
        s->query = strdup(query);
    }
    struct screen_request request = {
        .text = query,
        .len = strlen(query),
        .is_typed = is_line && m->line.cursor == m->line.len,
        .query = s->session->query_options,
        .search = {.limit = s->limit,
                   .group = m->by_article ? LEDE_GROUP_ARTICLE : LEDE_GROUP_NONE,
                   .rerank = true,
                   .collapse = !m->all_copies,
                   .count = s->is_settled},
        .shown = shown(s),
        .at_once = is_other ? AT_ONCE_MS / 1000.0 : 0,
        .is_settled = s->is_settled,
    };
    request.query.default_operator = m->all_words ? LEDE_AND : LEDE_OR;
    s->asked = *query ? screen_worker_ask(s->worker, &request) : 0;
    s->is_answered = s->asked == 0;
    s->is_other = s->is_other || is_other;
    if (s->asked)
        return;
    forget_answer(s);
    screen_set_hits(m, 0, true);
    s->is_other = false;
}

/* After some keys, as one request for all of them. */
static void ask_if_changed(struct screen *s) {
    if (s->is_changed)
        ask(s, true);
}

/* The passage that is selected; UINT64_MAX for the best one, whichever that is. */
static uint64_t selected_passage(const struct screen *s) {
    if (!s->answer || s->answer->status || s->model.selected == 0 || s->model.selected >= s->model.count)
        return UINT64_MAX;
    return lede_results_hit(s->answer->search.results, s->model.selected)->passage;
}

/* Where it is among the hits that there are now, which may be others, in another order. */
static void keep_selected(struct screen *s, uint64_t passage) {
    const lede_results *results = s->answer->search.results;
    size_t i = 0;
    if (passage == UINT64_MAX)
        return;
    while (i < s->model.count && lede_results_hit(results, i)->passage != passage)
        i++;
    screen_keep_selected(&s->model, i);
}

static void take_answer(struct screen *s) {
    struct screen_answer *answer = screen_worker_take(s->worker);
    if (!answer)
        return;
    /* One to a request before the last is better than none. */
    bool is_asked = answer->number == s->asked, is_last = is_asked && !answer->is_draft;
    if (s->asked == 0) {
        screen_answer_free(answer);
        return;
    }
    bool has_changed = answer->is_other_index && !s->is_other;
    /* The time told is the one that it took to find the hits. */
    if (s->answer && !s->is_other && !has_changed && !s->answer->is_draft)
        answer->search.seconds = s->answer->search.seconds;
    uint64_t selected = s->is_other || answer->is_other_index ? UINT64_MAX : selected_passage(s);
    forget_answer(s);
    s->answer = answer;
    s->is_answered = is_last;
    s->is_waiting = s->is_waiting && !is_last;
    if (has_changed)
        s->news = "the index has changed";
    screen_set_hits(&s->model, answer->status ? 0 : lede_results_count(answer->search.results), s->is_other);
    keep_selected(s, selected);
    s->is_other = s->is_other && !is_asked;
    s->found = s->model.count;
}

/* The whole of it, or the best so far. */
static bool has_answer(const struct screen *s) {
    return s->is_answered || (s->answer && s->answer->is_draft && s->answer->number == s->asked);
}

/* Waits for an answer to the last request, not longer than so many milliseconds. */
static void wait_for_answer(struct screen *s, int ms) {
    double end = clock_seconds() + ms / 1000.0;
    while (!has_answer(s) && ms > 0) {
        struct pollfd wait = {screen_worker_fd(s->worker), POLLIN, 0};
        if (poll(&wait, 1, ms) > 0)
            take_answer(s);
        ms = (int)((end - clock_seconds()) * 1000);
    }
}

/* More hits, if the selection comes near the last one. */
static void ask_for_more(struct screen *s) {
    const struct screen_model *m = &s->model;
    if (!s->is_answered || !s->answer || s->answer->status || m->selected + 2 * m->page < m->count)
        return;
    /* Copies count as matches, but are no hits: the last time may have brought all there are. */
    if (lede_results_total(s->answer->search.results, NULL) <= m->count || m->count == s->most)
        return;
    s->most = m->count;
    s->limit = s->answer->limit * LIMIT_FACTOR;
    ask(s, false);
}

/* The hits are there, but not what takes longer. */
static bool is_to_settle(const struct screen *s) {
    return s->is_answered && s->answer && s->answer->status == LEDE_OK && !s->is_settled &&
           s->answer->search.seconds * 1000 < COUNTED_MS && line_text(&s->model.line)[0] != ':';
}

/* ---------------------------------------------------------------------------------- drawing -- */

static void read_article(struct screen *s) {
    struct screen_model *m = &s->model;
    const lede_passage_view *view;
    if (s->has_article && s->article_hit == m->selected)
        return;
    forget_article(s);
    if (!s->answer || s->answer->status || m->count == 0 || s->layout.preview.rows == 0)
        return;
    s->has_article = lede_results_passage(&view, s->answer->search.results, m->selected, NULL) == LEDE_OK;
    if (!s->has_article)
        return;
    s->article_hit = m->selected;
    if (article_read(&s->article, &s->answer->search, view, PREVIEW_LIT, NULL) != LEDE_OK)
        forget_article(s);
}

static void lay_out(struct screen *s) {
    unsigned rows, columns;
    screen_terminal_size(s->terminal, &rows, &columns);
    s->layout = screen_layout(rows, columns, !s->model.hide_preview);
    screen_set_room(&s->model, (struct screen_room){s->layout.list.rows / s->layout.hit_rows, s->layout.preview.rows,
                                                    rows > s->layout.list.row ? rows - s->layout.list.row : 0});
}

static void draw(struct screen *s) {
    unsigned rows, columns;
    lay_out(s);
    screen_terminal_size(s->terminal, &rows, &columns);
    if (!grid_reset(&s->grid, rows, columns))
        return;
    read_article(s);
    bool is_stale = s->is_other && !s->is_answered, is_draft = s->answer && s->answer->is_draft;
    struct screen_scene scene = {
        .layout = s->layout,
        .model = &s->model,
        .answer = s->answer,
        .article = s->has_article ? &s->article : NULL,
        .greeting = s->greeting,
        .news = s->news,
        .is_waiting = is_stale || (s->is_waiting && !is_draft),
    };
    screen_draw(&s->grid, &scene);
    screen_terminal_show(s->terminal, &s->grid);
}

static void greet(struct screen *s) {
    lede_stats stats;
    char articles[32], passages[32];
    s->greeting[0] = '\0';
    if (lede_index_stats(&stats, s->session->index, NULL))
        return;
    snprintf(s->greeting, sizeof s->greeting, "%.100s: %s article%s, %s passage%s", path_from_here(s->session->path),
             number_format(articles, stats.articles), stats.articles == 1 ? "" : "s",
             number_format(passages, stats.passages), stats.passages == 1 ? "" : "s");
}

/* ---------------------------------------------------------------------------------- effects -- */

/* Keeps what was typed for the next time, unless it says nothing. */
static void remember(struct screen *s) {
    const char *text = line_text(&s->model.line);
    if (!text[strspn(text, " ")] || !recall_add(&s->model.recall, text) || !s->history)
        return;
    if (!history_append(s->history, text))
        snprintf(s->model.note, sizeof s->model.note, "the history is not kept: %s", strerror(errno));
}

/* Until Enter, or until a signal wants something else. */
static void wait_for_enter(struct screen *s) {
    char byte = 0;
    fputs("-- Enter goes back to the search --", stdout);
    fflush(stdout);
    while (byte != '\n' && byte != '\r') {
        struct pollfd wait[] = {{STDIN_FILENO, POLLIN, 0}, {screen_signals_fd(), POLLIN, 0}};
        if (poll(wait, 2, -1) < 0 && errno != EINTR)
            return;
        int got = screen_signals_take();
        bool is_end = got == SIGTERM || got == SIGHUP || got == SIGQUIT;
        s->ended_by = is_end ? got : s->ended_by;
        if (is_end || got == SIGINT || (wait[0].revents && read(STDIN_FILENO, &byte, 1) != 1))
            return;
    }
}

static void lend_terminal(struct screen *s) {
    screen_terminal_leave(s->terminal);
    screen_signals_lend();
}

static void take_terminal_back(struct screen *s) {
    fflush(stdout);
    screen_signals_return();
    screen_terminal_enter(s->terminal);
    s->is_over = s->is_over || s->ended_by;
}

/* With the session's report in place of standard output, *text, to be freed. */
static lede_status run_aside(struct screen *s, const char *command, char **text, lede_error *err) {
    struct terminal *t = &s->session->report.terminal, before = *t;
    size_t len;
    *text = NULL;
    t->out = open_memstream(text, &len);
    t->color = t->links = false;
    lede_status status = t->out ? typed_run(s->session, command, err) : error_write(err, LEDE_NOMEM, "out of memory");
    if (t->out && fclose(t->out) != 0 && status == LEDE_OK)
        status = error_write(err, LEDE_NOMEM, "out of memory");
    *t = before;
    return status;
}

/* In a pager, or what takes its place. */
static lede_status run_in_terminal(struct screen *s, const char *command, lede_error *err) {
    lend_terminal(s);
    lede_status status = typed_run(s->session, command, err);
    if (status == LEDE_OK && !s->session->is_read)
        wait_for_enter(s);
    take_terminal_back(s);
    return status;
}

static void show_outcome(struct screen *s, lede_status status, char *text, const lede_error *err) {
    if (status)
        snprintf(s->model.note, sizeof s->model.note, "%.250s", err->message);
    else if (text && *text)
        screen_show_page(&s->model, text);
    if (status || !text || !*text)
        free(text);
}

static void run_command(struct screen *s) {
    lede_error err;
    char *text = NULL, *command = strdup(line_text(&s->model.line) + 1);
    if (!command)
        return;
    line_set(&s->model.line, s->query ? s->query : "", s->query ? strlen(s->query) : 0);
    session_refresh(s->session);
    session_set_query(s->session, s->query, s->found);
    s->session->all_copies = s->model.all_copies;
    s->session->query_options.default_operator = s->model.all_words ? LEDE_AND : LEDE_OR;
    terminal_resize(&s->session->report.terminal);
    lede_status status =
        typed_wants_terminal(command) ? run_in_terminal(s, command, &err) : run_aside(s, command, &text, &err);
    show_outcome(s, status, text, &err);
    free(command);
    s->is_over = s->is_over || s->session->is_over;
    s->model.all_copies = s->session->all_copies;
    s->model.all_words = s->session->query_options.default_operator == LEDE_AND;
    ask(s, true);
}

static void open_hit(struct screen *s) {
    lede_error err;
    wait_for_answer(s, OPEN_MS);
    if (!s->answer || s->answer->status || s->model.count == 0) {
        snprintf(s->model.note, sizeof s->model.note, "there is no hit to open");
        return;
    }
    lend_terminal(s);
    lede_status status = session_show_hit(s->session, &s->answer->search, s->model.selected, &err);
    if (status == LEDE_OK && !s->session->is_read)
        wait_for_enter(s);
    take_terminal_back(s);
    if (status)
        snprintf(s->model.note, sizeof s->model.note, "%.250s", err.message);
}

static void open_or_run(struct screen *s) {
    remember(s);
    if (line_text(&s->model.line)[0] == ':')
        run_command(s);
    else
        open_hit(s);
}

/* What the word may become, as far as there is room for a note. */
static void list_candidates(struct screen *s) {
    char *note = s->model.note;
    size_t at = 0;
    for (size_t i = 0; i < s->candidates.count; i++) {
        const char *word = s->candidates.words[i];
        if (at + strlen(word) + 3 > sizeof s->model.note)
            break;
        at += (size_t)sprintf(note + at, "%s%s", at ? "  " : "", word);
    }
}

/* Another key than TAB: the next TAB begins anew. */
static void end_completion(struct screen *s) {
    candidates_release(&s->candidates);
}

/* Puts candidate i in place of the one before. */
static void put_candidate(struct screen *s, size_t i) {
    struct candidates *c = &s->candidates;
    struct line *line = &s->model.line;
    size_t from = editor_word_start(line->text, line->cursor);
    s->candidate = i;
    line_replace(line, from, c->words[i], strlen(c->words[i]));
    list_candidates(s);
    ask(s, true);
}

static void begin_completion(struct screen *s) {
    struct candidates *c = &s->candidates;
    struct line *line = &s->model.line;
    const char *text = line_text(line);
    size_t from = editor_word_start(text, line->cursor);
    complete_word(s->session, c, text + from, line->cursor - from, from == 0);
    /* What is there already is not what comes next. */
    for (s->candidate = 0; s->candidate < c->count; s->candidate++)
        if (strlen(c->words[s->candidate]) == line->cursor - from)
            break;
    size_t common = candidates_common(c);
    if (c->count == 0) {
        snprintf(s->model.note, sizeof s->model.note, "no word of the index begins like this");
        return;
    }
    if (common > c->kept || c->count == 1) {
        line_insert(line, c->words[0] + c->kept, common - c->kept);
        if (c->count == 1)
            line_insert(line, " ", 1);
        ask(s, true);
    }
    if (c->count == 1)
        end_completion(s);
    else
        list_candidates(s);
}

static void complete(struct screen *s, bool is_back) {
    size_t count = s->candidates.count;
    if (count == 0)
        begin_completion(s);
    else
        put_candidate(s, is_back                 ? (s->candidate + count - 1) % count
                         : s->candidate >= count ? 0
                                                 : (s->candidate + 1) % count);
}

static void stop(struct screen *s, bool whole_group) {
    screen_terminal_leave(s->terminal);
    screen_signals_stop(whole_group);
    screen_terminal_enter(s->terminal);
}

static void take_suggestion(struct screen *s) {
    const char *suggestion = s->answer ? s->answer->suggestion : NULL;
    if (suggestion && line_set(&s->model.line, suggestion, strlen(suggestion)))
        s->is_changed = true;
    else
        snprintf(s->model.note, sizeof s->model.note, "there is nothing to suggest");
}

static void apply(struct screen *s, enum screen_effect effect) {
    if (effect != SCREEN_COMPLETE && effect != SCREEN_COMPLETE_BACK)
        end_completion(s);
    switch (effect) {
    case SCREEN_QUERY: s->is_changed = true; break;
    case SCREEN_OPEN:
        ask_if_changed(s);
        open_or_run(s);
        break;
    case SCREEN_COMPLETE:
    case SCREEN_COMPLETE_BACK: complete(s, effect == SCREEN_COMPLETE_BACK); break;
    case SCREEN_SUGGESTION: take_suggestion(s); break;
    case SCREEN_REDRAW: screen_terminal_spoil(s->terminal); break;
    case SCREEN_STOP: stop(s, true); break;
    case SCREEN_QUIT: s->is_over = true; break;
    case SCREEN_NOTHING: break;
    }
}

/* ----------------------------------------------------------------------------------- events -- */

static void press_keys(struct screen *s, bool is_whole) {
    struct key key;
    size_t at = 0, n;
    while (at < s->len && !s->is_over && (n = keys_next(&key, s->bytes + at, s->len - at, is_whole))) {
        at += n;
        s->news = "";
        apply(s, screen_press(&s->model, &key));
    }
    memmove(s->bytes, s->bytes + at, s->len - at);
    s->len -= at;
}

static bool has_input(void) {
    struct pollfd wait = {STDIN_FILENO, POLLIN, 0};
    return poll(&wait, 1, 0) > 0;
}

/* All that has been typed, so that it is searched for and drawn once. */
static void read_keys(struct screen *s) {
    while (!s->is_over && has_input()) {
        ssize_t n = read(STDIN_FILENO, s->bytes + s->len, sizeof s->bytes - s->len);
        if (n < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (n <= 0) {
            s->is_over = true;
            return;
        }
        s->len += (size_t)n;
        press_keys(s, s->len == sizeof s->bytes);
    }
}

static void take_signals(struct screen *s) {
    for (int got; (got = screen_signals_take());) {
        if (got == SIGTSTP)
            stop(s, false);
        else if (got == SIGCONT || got == SIGWINCH)
            screen_terminal_spoil(s->terminal);
        else
            s->ended_by = got;
    }
    s->is_over = s->is_over || s->ended_by;
}

static void wait_for_event(struct screen *s) {
    struct pollfd wait[] = {
        {STDIN_FILENO, POLLIN, 0}, {screen_signals_fd(), POLLIN, 0}, {screen_worker_fd(s->worker), POLLIN, 0}};
    bool is_pause = is_to_settle(s);
    int ms = s->len                              ? KEY_MS
             : s->model.is_pasting               ? PASTE_MS
             : !s->is_answered && !s->is_waiting ? PATIENCE_MS
             : is_pause                          ? PAUSE_MS
                                                 : -1;
    int ready = poll(wait, 3, ms);
    take_signals(s);
    if (ready == 0 && s->len) {
        press_keys(s, true);
    } else if (ready == 0 && s->model.is_pasting) {
        s->model.is_pasting = false;
    } else if (ready == 0 && is_pause) {
        s->is_settled = true;
        ask(s, false);
    } else if (ready == 0) {
        s->is_waiting = true;
    }
    if (!s->is_over && wait[0].revents)
        read_keys(s);
    ask_if_changed(s);
    take_answer(s);
}

static void converse(struct screen *s) {
    s->is_answered = true;
    draw(s);
    while (!s->is_over) {
        wait_for_event(s);
        ask_for_more(s);
        wait_for_answer(s, FRAME_MS);
        if (!s->is_over)
            draw(s);
    }
    remember(s);
}

static void recall(void *ctx, const char *line) {
    struct screen *s = ctx;
    recall_add(&s->model.recall, line);
}

static void release(struct screen *s) {
    screen_terminal_free(s->terminal);
    screen_signals_end();
    forget_answer(s);
    screen_worker_free(s->worker);
    screen_model_release(&s->model);
    grid_release(&s->grid);
    candidates_release(&s->candidates);
    free(s->query);
    free(s->history);
}

lede_status screen_run(struct session *session, lede_error *err) {
    struct screen s = {.session = session, .news = "", .limit = FIRST_LIMIT, .history = history_path()};
    lede_status status = screen_worker_new(&s.worker, session->path, err);
    if (status == LEDE_OK && !screen_signals_watch())
        status = error_write(err, LEDE_IO, "no signals can be watched for: %s", strerror(errno));
    if (status == LEDE_OK)
        status = screen_terminal_new(&s.terminal, session->report.terminal.color, err);
    if (status == LEDE_OK) {
        if (s.history)
            history_load(s.history, recall, &s);
        greet(&s);
        s.model.all_words = session->query_options.default_operator == LEDE_AND;
        converse(&s);
    }
    int ended_by = s.ended_by;
    release(&s);
    if (ended_by) {
        signal(ended_by, SIG_DFL);
        raise(ended_by);
    }
    return status;
}
