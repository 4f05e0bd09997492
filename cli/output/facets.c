#include "facets.h"

#include <stdlib.h>
#include <string.h>

#include "cli/common/options.h"
#include "cli/common/text.h"
#include "display.h"
#include "progress.h"

static const struct facet_name names[FACETS_MOST] = {
    {"year", LEDE_FACET_YEAR},      {"month", LEDE_FACET_MONTH},   {"day", LEDE_FACET_DAY},
    {"source", LEDE_FACET_SOURCE},  {"folder", LEDE_FACET_FOLDER}, {"byline", LEDE_FACET_BYLINE},
    {"place", LEDE_FACET_DATELINE}, {"credit", LEDE_FACET_CREDIT},
};

static const struct facet_name *find(const char *name, size_t len) {
    for (size_t i = 0; i < FACETS_MOST; i++)
        if (strlen(names[i].name) == len && memcmp(names[i].name, name, len) == 0)
            return &names[i];
    return NULL;
}

lede_status facets_read(struct facet_list *list, const char *text, lede_error *err) {
    list->count = 0;
    for (const char *at = text;; at++) {
        size_t len = strcspn(at, ",");
        const struct facet_name *name = find(at, len);
        if (!name || list->count == FACETS_MOST)
            return error_write(err, LEDE_INVALID,
                               "--facets has no '%.*s': take some of year, month, day, source, folder, byline, place, "
                               "credit, with commas between them",
                               (int)(len < 100 ? len : 100), at);
        list->names[list->count++] = name;
        at += len;
        if (!*at)
            return LEDE_OK;
    }
}

static void print_values(const struct terminal *t, const struct facet_name *name, const lede_facets *facets) {
    char number[32];
    size_t distinct, count = lede_facets_count(facets);
    (void)lede_facets_total(facets, &distinct);
    terminal_print(t, STYLE_TITLE, "%s\n", name->name);
    for (size_t i = 0; i < count; i++) {
        const lede_facet_value *v = lede_facets_value(facets, i);
        bool is_path = name->facet == LEDE_FACET_SOURCE || name->facet == LEDE_FACET_FOLDER;
        const char *value = is_path ? path_from_here(v->value) : v->value;
        char *clean = *value ? text_clean(value, strlen(value), NULL) : strdup("(none)");
        fprintf(t->out, "  %11s  %s\n", number_format(number, v->passages), clean ? clean : "");
        free(clean);
    }
    if (distinct > count)
        terminal_print(t, STYLE_FAINT, "  %11s  (%s more)\n", "", number_format(number, distinct - count));
}

lede_status facets_count(lede_facets *found[FACETS_MOST], const struct facet_list *list, const lede_index *index,
                         const lede_query *query, lede_error *err) {
    lede_status status = LEDE_OK;
    for (size_t i = 0; i < list->count && !status; i++) {
        const lede_facet_options options = {.facet = list->names[i]->facet, .limit = list->limit};
        status = lede_index_facets(&found[i], index, query, &options, err);
    }
    return status;
}

void facets_print(const struct terminal *t, const struct facet_list *list, lede_facets *const found[FACETS_MOST]) {
    for (size_t i = 0; i < list->count; i++) {
        putc('\n', t->out);
        print_values(t, list->names[i], found[i]);
    }
}

void facets_free(lede_facets *found[FACETS_MOST]) {
    for (size_t i = 0; i < FACETS_MOST; i++)
        lede_facets_free(found[i]);
}
