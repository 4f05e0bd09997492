#include "query_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/common/command.h"
#include "cli/common/text.h"
#include "json.h"

const char query_help[] = "What can be asked (docs/QUERY.md of the source has all of it)\n"
                          "\n"
                          "  lavrov simla            any of the words, whatever their ending; more is better\n"
                          "  +lavrov simla -delhi    must have lavrov, must not have delhi\n"
                          "  \"line of control\"       these words in a row\n"
                          "  =accords \"accords\"      this form of the word alone\n"
                          "  negoti*  wor?d  w*ld    words that begin so; ? is one letter, * any\n"
                          "  accrod~  accrod~2       words that differ in one letter, or two\n"
                          "  NEAR/5(india treaty)    near each other, at most four words between them\n"
                          "  ADJ/5(india treaty)     the same, in this order\n"
                          "  SENTENCE(a b)           in one sentence; PASSAGE(a b): in one passage\n"
                          "  a AND (b OR c) NOT d    AND, OR, NOT in capitals; OR binds least\n"
                          "  (a b c d)/3             three of these\n"
                          "  simla^2.5               counts so many times\n"
                          "  title:simla             in the title; heading: and body: likewise\n"
                          "  date:2025-04-22..2025-05-10   date:2025-05  date:2025  date:2025-05..  date:..2024\n"
                          "  byline:sharma  path:news/*.txt  lang:en      of these articles alone\n"
                          "  *                       every passage\n"
                          "\n"
                          "What is not in order is read the likely way, and said; --strict makes it an error.\n"
                          "`lede parse QUERY`, or :parse QUERY at the prompt, shows how a query is read.\n";

/* --------------------------------------------------------------------------------------- tree -- */

static void print_clean(FILE *out, const char *text) {
    char *clean = text_clean(text, strlen(text), NULL);
    fputs(clean ? clean : "", out);
    free(clean);
}

static void print_node(FILE *out, const lede_query_node *n, unsigned depth) {
    fprintf(out, "%*s", (int)(2 * depth), "");
    if (*n->occur)
        fprintf(out, "%-9s", n->occur);
    fputs(n->kind, out);
    if (*n->field)
        fprintf(out, " in the %s", n->field);
    if (*n->text) {
        fputc(' ', out);
        print_clean(out, n->text);
    }
    if (*n->term && strcmp(n->term, n->text) != 0) {
        fputs(" -> ", out);
        print_clean(out, n->term);
    }
    if (n->number)
        fprintf(out, strcmp(n->kind, "group") == 0 ? ", %u of them" : ", %u", n->number);
    if (n->weight != 1)
        fprintf(out, ", weight %g", n->weight);
    fputc('\n', out);
    for (const lede_query_node *c = n->first; c; c = c->next)
        print_node(out, c, depth + 1);
}

/* The canonical form of a query, what was guessed, and its tree. */
static void print(FILE *out, const lede_query *query) {
    print_clean(out, lede_query_text(query));
    fputc('\n', out);
    if (lede_query_note(query)) {
        fputs("note: ", out);
        print_clean(out, lede_query_note(query));
        fputc('\n', out);
    }
    print_node(out, lede_query_root(query), 0);
}

lede_status query_explain(const struct report *report, const lede_index *index, const char *text,
                          const lede_query_options *options, lede_error *err) {
    lede_query *query;
    lede_status status = lede_query_parse(&query, index, text, strlen(text), options, err);
    if (status == LEDE_OK && report->format == REPORT_JSON)
        status = json_print_query(report->terminal.out, query, err);
    else if (status == LEDE_OK)
        print(report->terminal.out, query);
    lede_query_free(query);
    return status;
}
