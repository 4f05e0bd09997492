/* binding.h - libxapian in C: databases here and on other hosts, documents, queries, ranked matches.
 *
 * libxapian is licensed under the GPL, version 2 or later. What is built from this folder links it, so a binary of it
 * is passed on under those terms; docs/DEPENDENCIES.md tells what that means for the rest, which links none of it.
 *
 *     struct xapian_error err;
 *     struct xapian_database *db = NULL;
 *     struct xapian_query *query = NULL;
 *     struct xapian_enquire *enquire = NULL;
 *     struct xapian_mset *mset = NULL;
 *     const struct xapian_bm25 bm25 = {.k1 = 1.2, .b = 0.75};
 *     const struct xapian_window best = {.limit = 10};
 *     if (xapian_database_open(&db, "news.glass", &err) || xapian_query_term(&query, "simla", 5, &err) ||
 *         xapian_enquire_new(&enquire, db, query, &bm25, &err) || xapian_enquire_run(&mset, enquire, &best, &err))
 *         fprintf(stderr, "%s\n", err.message);
 *     for (uint32_t i = 0; mset && i < xapian_mset_count(mset); i++)
 *         printf("%u %.3f\n", xapian_mset_hit(mset, i)->document, xapian_mset_hit(mset, i)->weight);
 *     xapian_mset_free(mset);
 *     xapian_enquire_free(enquire);
 *     xapian_query_free(query);
 *     xapian_database_close(db);
 *
 * Conventions, for every function here:
 * - A function that can fail returns a code and takes a xapian_error* last, which may be NULL. On XAPIAN_OK the error
 * is untouched; otherwise its message is one line, without a newline. Out parameters are then NULL or zero, and nothing
 *   that was handed in has changed hands. No C++ exception leaves any function, callbacks included: these are C.
 * - `T **out` hands over an object that the caller frees with the type's _free or _close function, all of which accept
 *   NULL. Objects that were passed in are borrowed during the call; what an object needs of another it holds itself
 *   (Xapian counts references), so they can be freed in any order.
 * - A `const char **` is borrowed; its lifetime is told at the function. Strings are (pointer, length), may hold any
 *   bytes, NUL among them, and have a NUL behind them on the way out.
 * - Threads: a database and all that was got from it, documents, enquires and sets of matches, share counters that are
 *   not atomic: use them from one thread at a time. Queries and new documents are their own.
 * - Numbers of documents begin at 1.
 *
 * Terms have 1 to XAPIAN_TERM_MAX bytes (a NUL counts twice); longer ones are XAPIAN_INVALID, some as late as at the
 * commit. */
#ifndef LEDE_ENGINES_XAPIAN_BINDING_H
#define LEDE_ENGINES_XAPIAN_BINDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define XAPIAN_NODISCARD __attribute__((warn_unused_result))

#define XAPIAN_TERM_MAX 245

/* ------------------------------------------------------------------------------------ errors -- */

enum xapian_code {
    XAPIAN_OK = 0,
    XAPIAN_NOMEM,         /* out of memory, here */
    XAPIAN_INVALID,       /* an argument or a use that makes no sense */
    XAPIAN_RANGE,         /* a number out of its range */
    XAPIAN_UNIMPLEMENTED, /* this kind of database can't do that */
    XAPIAN_NO_DATABASE,   /* nothing is there */
    XAPIAN_NOT_OPENED,    /* something is there that can't be opened */
    XAPIAN_FORMAT,        /* written by a Xapian of another format */
    XAPIAN_CORRUPT,       /* the database contradicts itself */
    XAPIAN_LOCKED,        /* another process is writing it */
    XAPIAN_MODIFIED,      /* written twice since it was opened: reopen it and repeat */
    XAPIAN_NO_DOCUMENT,   /* no document of this number */
    XAPIAN_READ_ONLY,     /* a server that does not let anyone write */
    XAPIAN_DATABASE,      /* another fault of a database, a full disk among them */
    XAPIAN_NETWORK,       /* a host does not answer, hung up, or speaks another protocol */
    XAPIAN_TIMEOUT,       /* a host did not answer in time */
    XAPIAN_OTHER,
};

#define XAPIAN_MESSAGE_SIZE 512

struct xapian_error {
    enum xapian_code code;
    char message[XAPIAN_MESSAGE_SIZE]; /* what Xapian says, where (a host and port), and what the system said */
};

/* The version of the libxapian that is loaded, such as "1.4.22". Static storage. */
const char *xapian_version(void);

/* --------------------------------------------------------------------------------- databases -- */

struct xapian_database;

/* Opens for reading the last commit of the database in folder `path`: XAPIAN_NO_DATABASE, XAPIAN_NOT_OPENED,
 * XAPIAN_FORMAT, XAPIAN_CORRUPT. */
XAPIAN_NODISCARD enum xapian_code xapian_database_open(struct xapian_database **out, const char *path,
                                                       struct xapian_error *err);

/* Opens for writing, and makes it if there is none and `make` is set. Holds Xapian's lock until closed: XAPIAN_LOCKED
 * if another does. */
XAPIAN_NODISCARD enum xapian_code xapian_database_open_writable(struct xapian_database **out, const char *path,
                                                                bool make, struct xapian_error *err);

/* A server, xapian-tcpsrv. Neither side of the connection proves who it is, and nothing is encrypted. */
struct xapian_remote {
    const char *host;
    uint16_t port;
    uint32_t connect_timeout; /* milliseconds until there is a connection; 0 is as long as the system tries */
    uint32_t timeout;         /* milliseconds that any one answer may take; 0 is for ever */
    uint32_t silence; /* milliseconds until a host counts as lost whose system does not even acknowledge what is sent; 0
                       * is as long as the system tries: a quarter of an hour, or for ever if nothing is sent */
    bool writable;    /* XAPIAN_READ_ONLY if the server was not started with --writable */
};

/* Connects: XAPIAN_NETWORK, XAPIAN_TIMEOUT, or what the server says in opening its database. A first use of this makes
 * the process ignore SIGPIPE, as libxapian does that; a process in which that matters sets it again. */
XAPIAN_NODISCARD enum xapian_code xapian_database_connect(struct xapian_database **out,
                                                          const struct xapian_remote *remote, struct xapian_error *err);

/* An empty group; and adds a database to it, which is then searched with the others as one. Document d of the i-th of n
 * (from 0) is (d - 1) * n + i + 1 in the group. Groups are for reading. */
XAPIAN_NODISCARD enum xapian_code xapian_database_group(struct xapian_database **out, struct xapian_error *err);
XAPIAN_NODISCARD enum xapian_code xapian_database_add(struct xapian_database *group, const struct xapian_database *db,
                                                      struct xapian_error *err);

/* Moves to the last commit; *moved, which may be NULL, is false if certainly there is none since. */
XAPIAN_NODISCARD enum xapian_code xapian_database_reopen(struct xapian_database *db, bool *moved,
                                                         struct xapian_error *err);
/* Says something to each server, so that none hangs up for hearing nothing: xapian-tcpsrv does after a minute, unless
 * told otherwise. */
XAPIAN_NODISCARD enum xapian_code xapian_database_keep_alive(struct xapian_database *db, struct xapian_error *err);
/* Ends a connection whose `silence` was set at once, after a failure: whatever is asked of the server from here on, or
 * from another thread already, is XAPIAN_NETWORK, and closing waits for nothing. What was not committed may be or not.
 * Does nothing to other databases. */
void xapian_database_hang_up(struct xapian_database *db);
/* Changes to a writable database that were not committed are, as far as that goes; cancel them before to avoid it.
 * Waits for the server of one to say that it has put all away, for as long as its host is not lost. */
void xapian_database_close(struct xapian_database *db);

struct xapian_totals {
    uint32_t documents;
    uint32_t last_document; /* greatest number in use so far */
    uint64_t total_length;  /* of all documents, in terms */
    bool has_positions;     /* of some term in some document */
};

XAPIAN_NODISCARD enum xapian_code xapian_database_totals(struct xapian_totals *out, const struct xapian_database *db,
                                                         struct xapian_error *err);

/* Made at random when the database is, 36 characters and a NUL; of a group, those of its members with ':' between them,
 * cut to fit. */
XAPIAN_NODISCARD enum xapian_code xapian_database_uuid(char *out, size_t size, const struct xapian_database *db,
                                                       struct xapian_error *err);

/* In how many documents the term is, and how often in all of them; 0 for one that is in none. Either out may be NULL.
 */
XAPIAN_NODISCARD enum xapian_code xapian_database_frequency(uint32_t *documents, uint64_t *occurrences,
                                                            const struct xapian_database *db, const char *term,
                                                            size_t len, struct xapian_error *err);

/* Calls `visit` with each term that begins with `prefix`, in order of bytes. A value other than 0 ends it, and is no
 * failure. `visit` may not use the database. */
typedef int xapian_term_visitor(void *ctx, const char *term, size_t len, uint32_t documents);
XAPIAN_NODISCARD enum xapian_code xapian_database_terms(const struct xapian_database *db, const char *prefix,
                                                        size_t len, xapian_term_visitor *visit, void *ctx,
                                                        struct xapian_error *err);

/* The same with the number of each document that has the term, rising; all documents if len is 0. */
typedef int xapian_posting_visitor(void *ctx, uint32_t document, uint32_t frequency);
XAPIAN_NODISCARD enum xapian_code xapian_database_postings(const struct xapian_database *db, const char *term,
                                                           size_t len, xapian_posting_visitor *visit, void *ctx,
                                                           struct xapian_error *err);

/* What is kept under a key beside the documents: "" if nothing is. *value lives until the next call with the same
 * database, or its close. Keys have 1 to XAPIAN_TERM_MAX bytes. Metadata of a group is that of its first member. */
XAPIAN_NODISCARD enum xapian_code xapian_database_metadata(const char **value, size_t *value_len,
                                                           struct xapian_database *db, const char *key, size_t len,
                                                           struct xapian_error *err);
/* Visits the keys that begin with `prefix`, with 0 for the number of documents. */
XAPIAN_NODISCARD enum xapian_code xapian_database_metadata_keys(const struct xapian_database *db, const char *prefix,
                                                                size_t len, xapian_term_visitor *visit, void *ctx,
                                                                struct xapian_error *err);

/* Verifies the files of the database in folder `path`. `report`, which may be NULL, is called with each line that
 * Xapian says, an account of each table if all is well. *faults tells how many there are; that is no failure. */
XAPIAN_NODISCARD enum xapian_code xapian_database_check(uint64_t *faults, const char *path,
                                                        void (*report)(void *ctx, const char *line), void *ctx,
                                                        struct xapian_error *err);

/* --------------------------------------------------------------------------------- documents -- */

struct xapian_document;

XAPIAN_NODISCARD enum xapian_code xapian_document_new(struct xapian_document **out, struct xapian_error *err);
void xapian_document_free(struct xapian_document *document);

/* Fetches one; what it holds may be fetched as late as when it is asked for. XAPIAN_NO_DOCUMENT. */
XAPIAN_NODISCARD enum xapian_code xapian_document_fetch(struct xapian_document **out, const struct xapian_database *db,
                                                        uint32_t document, struct xapian_error *err);

/* Bytes kept with the document. *data lives until the next call with the same document that takes bytes out of it, or
 * its free. */
XAPIAN_NODISCARD enum xapian_code xapian_document_data(const char **data, size_t *data_len,
                                                       struct xapian_document *document, struct xapian_error *err);
XAPIAN_NODISCARD enum xapian_code xapian_document_set_data(struct xapian_document *document, const char *data,
                                                           size_t len, struct xapian_error *err);

/* A value, in a slot from 0 to 2^32 - 2: for ranges, and for telling documents apart; they compare by bytes. "" is
 * none. The lifetime is as for the data. */
XAPIAN_NODISCARD enum xapian_code xapian_document_value(const char **value, size_t *value_len,
                                                        struct xapian_document *document, uint32_t slot,
                                                        struct xapian_error *err);
XAPIAN_NODISCARD enum xapian_code xapian_document_set_value(struct xapian_document *document, uint32_t slot,
                                                            const char *value, size_t len, struct xapian_error *err);

/* Adds one occurrence of a term at a position, which counts 1 to the document's length. */
XAPIAN_NODISCARD enum xapian_code xapian_document_add_posting(struct xapian_document *document, const char *term,
                                                              size_t len, uint32_t position, struct xapian_error *err);
/* Adds a position that counts nothing: a term of such alone filters, by where it stands. */
XAPIAN_NODISCARD enum xapian_code xapian_document_add_place(struct xapian_document *document, const char *term,
                                                            size_t len, uint32_t position, struct xapian_error *err);
/* Adds a term that only filters: it has no positions and no part in lengths and weights. It can't be an operand of
 * PHRASE and NEAR: for a document in which a term has none, Xapian 1.4 takes positions of another. */
XAPIAN_NODISCARD enum xapian_code xapian_document_add_filter(struct xapian_document *document, const char *term,
                                                             size_t len, struct xapian_error *err);
/* Visits the document's terms, in order of bytes, with their frequencies in it; see xapian_database_terms. */
XAPIAN_NODISCARD enum xapian_code xapian_document_terms(const struct xapian_document *document,
                                                        xapian_term_visitor *visit, void *ctx,
                                                        struct xapian_error *err);

/* ----------------------------------------------------------------------------------- writing -- */

/* Readers see changes from the commit on. Besides, Xapian commits by itself after so many documents as the environment
 * of the process that has the files open, for a server its own, says by XAPIAN_FLUSH_THRESHOLD (10000 if it does not).
 */

/* Adds a document; *number, which may be NULL, is the one that it gets. */
XAPIAN_NODISCARD enum xapian_code xapian_document_add(uint32_t *number, struct xapian_database *db,
                                                      const struct xapian_document *document, struct xapian_error *err);
/* Puts a document in place of the one of this number, which need not exist. */
XAPIAN_NODISCARD enum xapian_code xapian_document_replace(struct xapian_database *db, uint32_t number,
                                                          const struct xapian_document *document,
                                                          struct xapian_error *err);
/* XAPIAN_NO_DOCUMENT if there is none. */
XAPIAN_NODISCARD enum xapian_code xapian_document_delete(struct xapian_database *db, uint32_t number,
                                                         struct xapian_error *err);
/* Deletes all that have the term; none is no failure. */
XAPIAN_NODISCARD enum xapian_code xapian_document_delete_by_term(struct xapian_database *db, const char *term,
                                                                 size_t len, struct xapian_error *err);
/* An empty value takes the key away. */
XAPIAN_NODISCARD enum xapian_code xapian_database_set_metadata(struct xapian_database *db, const char *key, size_t len,
                                                               const char *value, size_t value_len,
                                                               struct xapian_error *err);
/* All or nothing of what came since the last one is durable. */
XAPIAN_NODISCARD enum xapian_code xapian_database_commit(struct xapian_database *db, struct xapian_error *err);
/* From here to the commit nothing is committed by itself (but by a server, which does not hear of it), and closing
 * takes back what came. */
XAPIAN_NODISCARD enum xapian_code xapian_database_begin(struct xapian_database *db, struct xapian_error *err);
/* Takes back what came since xapian_database_begin, and ends it as a commit does. */
XAPIAN_NODISCARD enum xapian_code xapian_database_cancel(struct xapian_database *db, struct xapian_error *err);

/* ----------------------------------------------------------------------------------- queries -- */

struct xapian_query;

enum xapian_operator {
    XAPIAN_AND,       /* all; weights add up */
    XAPIAN_OR,        /* any; weights add up */
    XAPIAN_AND_NOT,   /* the first without the others */
    XAPIAN_AND_MAYBE, /* the first; the others add their weights */
    XAPIAN_FILTER,    /* all; the weight is the first's */
    XAPIAN_XOR,       /* an odd number of them */
    XAPIAN_PHRASE,    /* within `window` positions, in order; operands are terms, or terms with OR */
    XAPIAN_NEAR,      /* the same in any order */
    XAPIAN_SYNONYM,   /* any, weighted as if they were one term */
    XAPIAN_MAX,       /* any; the weight is the largest */
};

/* One that matches nothing; and one that matches every document, with no weight. */
XAPIAN_NODISCARD enum xapian_code xapian_query_nothing(struct xapian_query **out, struct xapian_error *err);
XAPIAN_NODISCARD enum xapian_code xapian_query_all(struct xapian_query **out, struct xapian_error *err);
/* Every document, each with this weight, from 0. */
XAPIAN_NODISCARD enum xapian_code xapian_query_constant(struct xapian_query **out, double weight,
                                                        struct xapian_error *err);
XAPIAN_NODISCARD enum xapian_code xapian_query_term(struct xapian_query **out, const char *term, size_t len,
                                                    struct xapian_error *err);
/* `window` is that of PHRASE and NEAR, 0 for the number of operands; for others it is 0. No operands match nothing, and
 * one is itself. An operand of PHRASE and NEAR that can't be one is XAPIAN_UNIMPLEMENTED, at the latest when the query
 * runs. */
XAPIAN_NODISCARD enum xapian_code xapian_query_combine(struct xapian_query **out, enum xapian_operator op,
                                                       const struct xapian_query *const *operands, size_t count,
                                                       uint32_t window, struct xapian_error *err);
/* Its weight times `factor`, from 0. */
XAPIAN_NODISCARD enum xapian_code xapian_query_scale(struct xapian_query **out, const struct xapian_query *query,
                                                     double factor, struct xapian_error *err);
/* Documents whose value in a slot is from `low` to `high`, both included, by bytes; no weight. NULL leaves an end open:
 * with `low` NULL documents without a value match. */
XAPIAN_NODISCARD enum xapian_code xapian_query_range(struct xapian_query **out, uint32_t slot, const char *low,
                                                     size_t low_len, const char *high, size_t high_len,
                                                     struct xapian_error *err);
/* Any term that begins with `prefix`, weighted as if they were one. More than `max` of them (0: no limit) are
 * XAPIAN_INVALID when it runs. */
XAPIAN_NODISCARD enum xapian_code xapian_query_prefix(struct xapian_query **out, const char *prefix, size_t len,
                                                      uint32_t max, struct xapian_error *err);
void xapian_query_free(struct xapian_query *query);

/* ------------------------------------------------------------------------------------ ranking -- */

/* The parameters of BM25. A term with df documents of N has, times the factor that scaled it,
 *
 *     ln((N + 1) / df) * (k1 + 1) * tf / (tf + k1 * (1 - b + b * len / avglen))
 *
 * The statistics are those of the whole database, over all members of a group and all servers. */
struct xapian_bm25 {
    double k1, b;
};

struct xapian_enquire;
struct xapian_mset;

/* db and query may be freed before. */
XAPIAN_NODISCARD enum xapian_code xapian_enquire_new(struct xapian_enquire **out, const struct xapian_database *db,
                                                     const struct xapian_query *query, const struct xapian_bm25 *bm25,
                                                     struct xapian_error *err);
void xapian_enquire_free(struct xapian_enquire *enquire);

/* Leaves of the documents with the same value in `slot` the best one. */
XAPIAN_NODISCARD enum xapian_code xapian_enquire_collapse(struct xapian_enquire *enquire, uint32_t slot,
                                                          struct xapian_error *err);

/* Orders matches by a value: by it and then by weight, or by weight and where these are equal by it. Matches without
 * one come first, and last if `descending`. */
enum xapian_sort { XAPIAN_VALUE_FIRST, XAPIAN_VALUE_LAST };
XAPIAN_NODISCARD enum xapian_code xapian_enquire_sort(struct xapian_enquire *enquire, uint32_t slot,
                                                      enum xapian_sort sort, bool descending, struct xapian_error *err);

/* Counts the values that matches have in a slot, of as many matches as the window has looked at; once, before the run.
 * Visits them afterwards, in order of bytes, with how many documents have each. Documents that are collapsed count,
 * too. */
XAPIAN_NODISCARD enum xapian_code xapian_enquire_tally(struct xapian_enquire *enquire, uint32_t slot,
                                                       struct xapian_error *err);
XAPIAN_NODISCARD enum xapian_code xapian_enquire_tallied(const struct xapian_enquire *enquire,
                                                         xapian_term_visitor *visit, void *ctx,
                                                         struct xapian_error *err);

struct xapian_window {
    uint32_t offset, limit; /* matches to leave out at the top, and to return at most */
    uint32_t check;         /* look at so many matches at least, for the counts; UINT32_MAX makes them exact */
};

/* Finds the best, those that are equal by number. XAPIAN_MODIFIED, XAPIAN_NETWORK and XAPIAN_TIMEOUT are to be
 * expected. */
XAPIAN_NODISCARD enum xapian_code xapian_enquire_run(struct xapian_mset **out, struct xapian_enquire *enquire,
                                                     const struct xapian_window *window, struct xapian_error *err);
void xapian_mset_free(struct xapian_mset *mset);

struct xapian_hit {
    uint32_t document;
    double weight;
};

uint32_t xapian_mset_count(const struct xapian_mset *mset);
/* NULL if there is none such. Lives as long as the set. */
const struct xapian_hit *xapian_mset_hit(const struct xapian_mset *mset, uint32_t i);

/* How many documents match, without what was collapsed. */
struct xapian_matches {
    uint32_t lower, estimate, upper;
};
struct xapian_matches xapian_mset_matches(const struct xapian_mset *mset);

/* In how many documents of the whole database a term is, of which a query's own are known without asking. */
XAPIAN_NODISCARD enum xapian_code xapian_mset_frequency(uint32_t *documents, const struct xapian_mset *mset,
                                                        const char *term, size_t len, struct xapian_error *err);

/* Asks for the documents of matches [first, first + count) all at once, so that fetching each does not wait. */
XAPIAN_NODISCARD enum xapian_code xapian_mset_prefetch(const struct xapian_mset *mset, uint32_t first, uint32_t count,
                                                       struct xapian_error *err);
/* The document of match i. XAPIAN_RANGE if there is none such. */
XAPIAN_NODISCARD enum xapian_code xapian_mset_document(struct xapian_document **out, const struct xapian_mset *mset,
                                                       uint32_t i, struct xapian_error *err);

#ifdef __cplusplus
}
#endif
#endif
