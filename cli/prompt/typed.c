#include "typed.h"

#include <stdlib.h>
#include <string.h>

#include "cli/output/display.h"
#include "cli/output/json.h"
#include "cli/output/query_text.h"

static const char typed_help[] = "Type words to search. More of them is better.\n"
                                 "  lavrov simla         any of the words\n"
                                 "  \"line of control\"    these words in a row\n"
                                 "  +lavrov simla        must have lavrov\n"
                                 "  lavrov -delhi        must not have delhi\n"
                                 "  :help query          all that can be asked\n"
                                 "Commands, which can be shortened (:o 2):\n";

struct typed_command {
    const char *name, *argument, *summary;
    bool wants_terminal; /* for a pager */
    lede_status (*run)(struct session *s, const char *argument, lede_error *err);
};

static lede_status type_help(struct session *s, const char *argument, lede_error *err);

static lede_status type_quit(struct session *s, const char *argument, lede_error *err) {
    (void)argument, (void)err;
    s->is_over = true;
    return LEDE_OK;
}

static lede_status type_more(struct session *s, const char *argument, lede_error *err) {
    (void)argument;
    return session_more(s, err);
}

/* A number of 1 or more; 0 if it is something else. */
static size_t read_number(const char *text) {
    char *end;
    unsigned long number = strtoul(text, &end, 10);
    return *text < '0' || *text > '9' || *end || number > 1000000000 ? 0 : number;
}

static lede_status type_open(struct session *s, const char *argument, lede_error *err) {
    return session_show_article(s, *argument ? read_number(argument) : 1, err);
}

static lede_status type_n(struct session *s, const char *argument, lede_error *err) {
    size_t page = read_number(argument);
    if (page == 0)
        return error_write(err, LEDE_INVALID, ":n needs a number of hits, such as :n 20");
    s->page = page;
    return LEDE_OK;
}

/* Reads "on" or "off". `hint` is said if it is neither. */
static lede_status read_switch(bool *on, const char *argument, const char *hint, lede_error *err) {
    *on = strcmp(argument, "on") == 0;
    if (!*on && strcmp(argument, "off") != 0)
        return error_write(err, LEDE_INVALID, "%s", hint);
    return LEDE_OK;
}

static lede_status type_and(struct session *s, const char *argument, lede_error *err) {
    bool on;
    lede_status status = read_switch(&on, argument, "':and on' asks for all the words, ':and off' for any", err);
    if (status == LEDE_OK)
        s->query_options.default_operator = on ? LEDE_AND : LEDE_OR;
    return status;
}

static lede_status type_copies(struct session *s, const char *argument, lede_error *err) {
    bool on;
    lede_status status =
        read_switch(&on, argument, "':copies on' shows copies, too, ':copies off' the best of them alone", err);
    if (status == LEDE_OK)
        s->all_copies = on;
    return status;
}

static lede_status type_stats(struct session *s, const char *argument, lede_error *err) {
    lede_stats stats;
    (void)argument;
    lede_status status = lede_index_stats(&stats, s->index, err);
    if (status == LEDE_OK && s->report.format == REPORT_JSON)
        return json_print_stats(s->report.terminal.out, s->path, &stats, err);
    if (status == LEDE_OK)
        display_stats(&s->report.terminal, s->path, &stats);
    return status;
}

/* Of what was searched for last, if nothing is told. */
static lede_status type_parse(struct session *s, const char *argument, lede_error *err) {
    const char *text = *argument || !s->query ? argument : s->query;
    return query_explain(&s->report, s->index, text, &s->query_options, err);
}

static const struct typed_command typed_commands[] = {
    {"help", " [query]", "this text; or all that can be asked", false, type_help},
    {"parse", " [QUERY]", "what a query, or the last one, is read as", false, type_parse},
    {"open", " N", "the whole article of hit N, at its passage, in $PAGER", true, type_open},
    {"more", "", "the next hits", false, type_more},
    {"n", " N", "show N hits at a time", false, type_n},
    {"and", " on|off", "ask for all the words, or for any of them", false, type_and},
    {"copies", " on|off", "show copies, too, or the best of them alone", false, type_copies},
    {"stats", "", "what the index holds", false, type_stats},
    {"quit", "", "leave, as ^D does", false, type_quit},
};
enum { TYPED_COUNT = sizeof typed_commands / sizeof *typed_commands };

static lede_status type_help(struct session *s, const char *argument, lede_error *err) {
    char usage[32];
    FILE *out = s->report.terminal.out;
    (void)err;
    if (strcmp(argument, "query") == 0) {
        fputs(query_help, out);
        return LEDE_OK;
    }
    fputs(typed_help, out);
    for (size_t i = 0; i < TYPED_COUNT; i++) {
        snprintf(usage, sizeof usage, ":%s%s", typed_commands[i].name, typed_commands[i].argument);
        fprintf(out, "  %-20s %s\n", usage, typed_commands[i].summary);
    }
    return LEDE_OK;
}

/* By its name, or by the beginning of only one name. */
static const struct typed_command *find(const char *name, size_t len) {
    const struct typed_command *found = NULL;
    for (size_t i = 0; i < TYPED_COUNT; i++) {
        const struct typed_command *c = &typed_commands[i];
        if (strlen(c->name) == len && memcmp(c->name, name, len) == 0)
            return c;
        if (len && strncmp(c->name, name, len) == 0) {
            if (found)
                return NULL;
            found = c;
        }
    }
    return found;
}

lede_status typed_run(struct session *s, const char *line, lede_error *err) {
    size_t len = strcspn(line, " \t"), end = strlen(line);
    const struct typed_command *command = find(line, len);
    if (!command)
        return error_write(err, LEDE_INVALID, "unknown command ':%.*s'; ':help' lists them", len > 100 ? 100 : (int)len,
                           line);
    len += strspn(line + len, " \t");
    while (end > len && (line[end - 1] == ' ' || line[end - 1] == '\t'))
        end--;
    char *argument = strndup(line + len, end - len);
    lede_status status = argument ? command->run(s, argument, err) : error_write(err, LEDE_NOMEM, "out of memory");
    free(argument);
    return status;
}

bool typed_wants_terminal(const char *line) {
    const struct typed_command *command = find(line, strcspn(line, " \t"));
    return command && command->wants_terminal;
}

const char *typed_name(size_t i) {
    return i < TYPED_COUNT ? typed_commands[i].name : NULL;
}
