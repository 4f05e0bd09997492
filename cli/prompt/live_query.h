/* live_query.h - a query whose last word is still being typed. */
#ifndef LEDE_CLI_LIVE_QUERY_H
#define LEDE_CLI_LIVE_QUERY_H

#include <lede.h>

struct live_query {
    char *text; /* to be freed; NULL: the query is to be searched for as it is */
    size_t len;
    /* Where the last word begins, if it stands at the beginning of other words far more often than alone, so that it is
     * no mistake to be put right; else SIZE_MAX. */
    size_t beginning;
};

/* The query with its last word as the beginning of others, too: "lavrov sim" as "lavrov (sim OR simla^0.9 OR
 * simple^0.7)". Of those the most frequent are taken, as many as can be searched for within a frame, and each weighs as
 * much as they all would as one word. A quote that is open is closed, "line of con as ("line of con" OR "line of
 * control"), and left out where one word stands in it, which would be looked for in that form alone. It stays as it is
 * if the last thing typed is no word, is left out of what is found, or stands in parentheses. */
LEDE_NODISCARD lede_status live_query_init(struct live_query *q, const lede_index *index, const char *text, size_t len,
                                           lede_error *err);
void live_query_release(struct live_query *q);

#endif
