#include "typed.h"

#include <stdlib.h>
#include <string.h>

#include "display.h"
#include "json.h"
#include "query_text.h"

static const char typed_help[] = "Type words to search. More of them is better.\n"
                                 "  lavrov simla         any of the words\n"
                                 "  \"line of control\"    these words in a row\n"
                                 "  +lavrov simla        must have lavrov\n"
                                 "  lavrov -delhi        must not have delhi\n"
                                 "  :help query          all that can be asked\n"
                                 "Commands, which can be shortened (:o 2):\n";

struct typed_command {
    const char *name, *argument, *summary;
    int (*run)(struct session *s, const char *argument);
};

static int type_help(struct session *s, const char *argument);

static int answer(lede_status status, const lede_error *err) {
    if (status)
        complain(err);
    return TYPED_GO_ON;
}

static int type_quit(struct session *s, const char *argument) {
    (void)s, (void)argument;
    return TYPED_QUIT;
}

static int type_more(struct session *s, const char *argument) {
    lede_error err;
    (void)argument;
    return answer(session_more(s, &err), &err);
}

/* A number of 1 or more; 0 if it is something else. */
static size_t read_number(const char *text) {
    char *end;
    unsigned long number = strtoul(text, &end, 10);
    return *text < '0' || *text > '9' || *end || number > 1000000000 ? 0 : number;
}

static int type_open(struct session *s, const char *argument) {
    lede_error err;
    size_t rank = *argument ? read_number(argument) : 1;
    return answer(session_show_article(s, rank, &err), &err);
}

static int type_n(struct session *s, const char *argument) {
    lede_error err;
    size_t page = read_number(argument);
    if (page == 0)
        return answer(error_write(&err, LEDE_INVALID, ":n needs a number of hits, such as :n 20"), &err);
    s->page = page;
    return TYPED_GO_ON;
}

static int type_and(struct session *s, const char *argument) {
    lede_error err;
    bool on = strcmp(argument, "on") == 0;
    if (!on && strcmp(argument, "off") != 0)
        return answer(error_write(&err, LEDE_INVALID, "':and on' asks for all the words, ':and off' for any"), &err);
    s->query_options.default_operator = on ? LEDE_AND : LEDE_OR;
    return TYPED_GO_ON;
}

static int type_stats(struct session *s, const char *argument) {
    lede_error err;
    lede_stats stats;
    (void)argument;
    lede_status status = lede_index_stats(&stats, s->index, &err);
    if (status == LEDE_OK && s->report.format == REPORT_JSON)
        status = json_print_stats(stdout, s->path, &stats, &err);
    else if (status == LEDE_OK)
        display_stats(&s->report.terminal, s->path, &stats);
    return answer(status, &err);
}

static int type_parse(struct session *s, const char *argument) {
    lede_error err;
    bool json = s->report.format == REPORT_JSON;
    return answer(query_explain(s->index, argument, strlen(argument), &s->query_options, json, &err), &err);
}

static const struct typed_command typed_commands[] = {
    {"help", "", "this text", type_help},
    {"parse", " QUERY", "what a query is read as", type_parse},
    {"open", " N", "the whole article of hit N, at its passage, in $PAGER", type_open},
    {"more", "", "the next hits", type_more},
    {"n", " N", "show N hits at a time", type_n},
    {"and", " on|off", "ask for all the words, or for any of them", type_and},
    {"stats", "", "what the index holds", type_stats},
    {"quit", "", "leave, as ^D does", type_quit},
};
enum { TYPED_COUNT = sizeof typed_commands / sizeof *typed_commands };

static int type_help(struct session *s, const char *argument) {
    char usage[32];
    (void)s;
    if (strcmp(argument, "query") == 0) {
        fputs(query_help, stdout);
        return TYPED_GO_ON;
    }
    fputs(typed_help, stdout);
    for (size_t i = 0; i < TYPED_COUNT; i++) {
        snprintf(usage, sizeof usage, ":%s%s", typed_commands[i].name, typed_commands[i].argument);
        printf("  %-20s %s\n", usage, typed_commands[i].summary);
    }
    return TYPED_GO_ON;
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

/* `line` is ours to cut up. */
static int run(struct session *s, char *line) {
    lede_error err;
    size_t len = strcspn(line, " \t");
    char *argument = line + len + strspn(line + len, " \t");
    char *end = argument + strlen(argument);
    while (end > argument && (end[-1] == ' ' || end[-1] == '\t'))
        *--end = '\0';
    const struct typed_command *command = find(line, len);
    if (command)
        return command->run(s, argument);
    return answer(error_write(&err, LEDE_INVALID, "unknown command ':%.*s'; ':help' lists them",
                              len > 100 ? 100 : (int)len, line),
                  &err);
}

enum typed_answer typed_run(struct session *s, const char *command) {
    lede_error err;
    char *copy = strdup(command);
    if (!copy)
        return (enum typed_answer)answer(error_write(&err, LEDE_NOMEM, "out of memory"), &err);
    int go_on = run(s, copy);
    free(copy);
    return (enum typed_answer)go_on;
}

const char *typed_name(size_t i) {
    return i < TYPED_COUNT ? typed_commands[i].name : NULL;
}
