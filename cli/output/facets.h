/* facets.h - counts of what matches by values of its articles, as `--facets source,month` asks for them. */
#ifndef LEDE_CLI_FACETS_H
#define LEDE_CLI_FACETS_H

#include <lede.h>

#include "cli/common/terminal.h"

struct facet_name {
    const char *name;
    lede_facet facet;
};

enum { FACETS_MOST = 8, FACET_VALUES = 10 };

struct facet_list {
    const struct facet_name *names[FACETS_MOST];
    size_t count;
    size_t limit; /* values of each; 0: all */
};

/* Reads "source,month". An error tells what there is. */
LEDE_NODISCARD lede_status facets_read(struct facet_list *list, const char *text, lede_error *err);

/* Counts the values of each facet, those with the most passages first. `found` is all NULL before, and to be freed even
 * if this fails. */
LEDE_NODISCARD lede_status facets_count(lede_facets *found[FACETS_MOST], const struct facet_list *list,
                                        const lede_index *index, const lede_query *query, lede_error *err);
void facets_print(const struct terminal *t, const struct facet_list *list, lede_facets *const found[FACETS_MOST]);
void facets_free(lede_facets *found[FACETS_MOST]);

#endif
