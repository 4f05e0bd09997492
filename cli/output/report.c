#include "report.h"

#include <stdlib.h>
#include <string.h>

#include "cli/common/command.h"
#include "cli/common/text.h"
#include "display.h"

/* "52 passages match, 0.8 ms; :more for the next" */
static void print_footer(const struct report *report, const struct search *search) {
    size_t count = report->detail.no_hits ? 0 : lede_results_count(search->results);
    char summary[128];
    bool exact;
    bool more = count && lede_results_total(search->results, &exact) > search->offset + count;
    display_summary(summary, search, report->unit);
    terminal_print(&report->terminal, STYLE_FAINT, "%s%s%s%s\n", count ? "\n" : "", summary,
                   more && report->hint ? "; " : "", more && report->hint ? report->hint : "");
}

/* A line beside the results, if there is one; of a batch it tells which query it is about. */
static void say(const char *kind, const struct query_id *id, const char *message) {
    char placed[LEDE_ERROR_MESSAGE_SIZE];
    if (!message)
        return;
    if (id)
        snprintf(placed, sizeof placed, "%.*s: %s", id->len < 100 ? (int)id->len : 100, id->id, message);
    fflush(stdout);
    remark(kind, id ? placed : message);
}

/* On standard error, as what was guessed is. */
static lede_status suggest(const struct search *search, const struct query_id *id, lede_error *err) {
    char *suggestion = NULL, message[512];
    lede_status status = lede_index_suggest(&suggestion, search->index, search->query, err);
    if (status == LEDE_OK && suggestion) {
        snprintf(message, sizeof message, "did you mean: %.400s", suggestion);
        say("note", id, message);
    }
    free(suggestion);
    return status;
}

/* What some kinds of indexes don't have is refused before anything is printed. */
static lede_status prepare(const struct report *report, const struct search *search, lede_facets *facets[FACETS_MOST],
                           lede_error *err) {
    const lede_score_part *parts;
    size_t count;
    lede_status status = LEDE_OK;
    if (report->detail.explain && !report->detail.no_hits && lede_results_count(search->results))
        status = lede_results_explain(&parts, &count, search->results, 0, err);
    return status ? status : facets_count(facets, &report->detail.facets, search->index, search->query, err);
}

/* What stands above the hits of one query of a batch. */
static void print_query(const struct terminal *t, const struct search *search, const struct query_id *id) {
    const char *text = lede_query_text(search->query);
    char *name = text_clean(id->id, id->len, NULL), *query = text_clean(text, strlen(text), NULL);
    terminal_print(t, STYLE_TITLE, "%s: %s\n", name ? name : "", query ? query : "");
    free(name);
    free(query);
}

static lede_status print_text(struct report *report, const struct search *search, const struct query_id *id,
                              lede_error *err) {
    const struct terminal *t = &report->terminal;
    lede_facets *facets[FACETS_MOST] = {NULL};
    lede_status status = prepare(report, search, facets, err);
    if (!status && id)
        print_query(t, search, id);
    if (!status && !report->detail.no_hits)
        status = display_hits(t, search, &report->detail, err);
    if (!status)
        facets_print(t, &report->detail.facets, facets);
    facets_free(facets);
    if (status)
        return status;
    if (t->is_terminal || report->detail.total)
        print_footer(report, search);
    if (id)
        putc('\n', t->out);
    return report->no_suggestion ? LEDE_OK : suggest(search, id, err);
}

lede_status report_print(struct report *report, const struct search *search, const struct query_id *id,
                         lede_error *err) {
    const struct query_id one = {"1", 1};
    const char *note = lede_query_note(search->query);
    if (report->quiet)
        return LEDE_OK;
    if (report->format != REPORT_JSON) {
        say("note", id, note);
        say("warning", id, lede_results_missing(search->results));
        if (!lede_results_complete(search->results))
            say("warning", id, "the time was over before all was looked at: better hits may be missing");
    }
    switch (report->format) {
    case REPORT_TEXT: return print_text(report, search, id, err);
    case REPORT_JSON: return json_print_search(report->terminal.out, search, &report->detail, id, err);
    case REPORT_TREC: return trec_print(&report->trec, search, id ? id : &one, err);
    }
    return LEDE_OK;
}
