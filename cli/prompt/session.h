/* session.h - a conversation with an index: a query, its pages of hits, and the articles behind them. */
#ifndef LEDE_CLI_SESSION_H
#define LEDE_CLI_SESSION_H

#include "cli/common/command.h"
#include "cli/output/report.h"

struct session {
    char *path; /* of the index */
    lede_index *index;
    struct report report;
    lede_query_options query_options;
    size_t page; /* hits a page */
    char *query; /* the last one; NULL at first */
    size_t query_len;
    size_t shown;    /* hits of it so far */
    bool found;      /* some query found something */
    bool all_copies; /* are hits of their own */
    bool is_over;    /* it was asked to leave */
    bool is_read;    /* what a pager shows of an article: see pager_show */
};

/* Opens an index for the prompt, whose searches take all processors, as one answers one person. */
LEDE_NODISCARD lede_status session_open_index(lede_index **out, const char *path, lede_error *err);

/* Opens the index. `session` is to be released, whatever happens. */
LEDE_NODISCARD lede_status session_open(struct session *s, const struct globals *globals, lede_error *err);
void session_release(struct session *s);

/* Searches, and prints the first page; a commit since the last query is seen. */
LEDE_NODISCARD lede_status session_search(struct session *s, const char *query, size_t len, lede_error *err);

/* Prints the next page of the last query. */
LEDE_NODISCARD lede_status session_more(struct session *s, lede_error *err);

/* Shows the article of hit number `rank` of the last query in the pager, at its passage. */
LEDE_NODISCARD lede_status session_show_article(struct session *s, size_t rank, lede_error *err);

/* The same for hit i, from 0, of a search. */
LEDE_NODISCARD lede_status session_show_hit(struct session *s, const struct search *search, size_t i, lede_error *err);

/* Goes over to a newer commit, if there is one and it can be opened. */
void session_refresh(struct session *s);

/* As if the query (NULL: none) had been searched for and `shown` hits been shown. */
void session_set_query(struct session *s, const char *query, size_t shown);

#endif
