/* xapian.h - small Xapian databases for the tests of the binding. */
#ifndef LEDE_TESTS_SUPPORT_XAPIAN_H
#define LEDE_TESTS_SUPPORT_XAPIAN_H

#include <string.h>

#include "engines/xapian/binding.h"

/* A call that has to succeed; its message is shown if it does not. The call's last argument is &error. */
#define works(call)                                                                                                    \
    do {                                                                                                               \
        struct xapian_error error = {XAPIAN_OK, ""};                                                                   \
        if ((call) != XAPIAN_OK)                                                                                       \
            fail_msg("%s: code %d, %s", #call, (int)error.code, error.message);                                        \
    } while (0)

/* A call that has to fail with a code, and with a message of one line. */
#define fails(wanted, call)                                                                                            \
    do {                                                                                                               \
        struct xapian_error error = {XAPIAN_OK, ""};                                                                   \
        enum xapian_code code = (call);                                                                                \
        if (code != (wanted) || error.code != (wanted))                                                                \
            fail_msg("%s: code %d (%s), not %d", #call, (int)code, error.message, (int)(wanted));                      \
        assert_true(error.message[0] && !strchr(error.message, '\n'));                                                 \
    } while (0)

/* A document of the words of a text, one position each, that are cut at single spaces. */
static inline struct xapian_document *document_of(const char *text) {
    struct xapian_document *d = NULL;
    uint32_t position = 1;
    works(xapian_document_new(&d, &error));
    works(xapian_document_set_data(d, text, strlen(text), &error));
    for (const char *word = text; *word; position++) {
        size_t len = strcspn(word, " ");
        works(xapian_document_add_posting(d, word, len, position, &error));
        word += len + (word[len] == ' ');
    }
    return d;
}

static inline uint32_t add_text(struct xapian_database *db, const char *text) {
    uint32_t number = 0;
    struct xapian_document *d = document_of(text);
    works(xapian_document_add(&number, db, d, &error));
    xapian_document_free(d);
    return number;
}

static inline struct xapian_query *term_query(const char *term) {
    struct xapian_query *q = NULL;
    works(xapian_query_term(&q, term, strlen(term), &error));
    return q;
}

/* Two queries that are handed over, combined. */
static inline struct xapian_query *both(enum xapian_operator op, struct xapian_query *a, struct xapian_query *b) {
    const struct xapian_query *const operands[] = {a, b};
    struct xapian_query *q = NULL;
    works(xapian_query_combine(&q, op, operands, 2, 0, &error));
    xapian_query_free(a);
    xapian_query_free(b);
    return q;
}

/* Runs a query, which is handed over, for its best `limit` and exact counts. */
static inline struct xapian_mset *run_query(const struct xapian_database *db, struct xapian_query *q, uint32_t limit) {
    const struct xapian_bm25 bm25 = {.k1 = 1.2, .b = 0.75};
    const struct xapian_window window = {.limit = limit, .check = UINT32_MAX};
    struct xapian_enquire *enquire = NULL;
    struct xapian_mset *mset = NULL;
    works(xapian_enquire_new(&enquire, db, q, &bm25, &error));
    xapian_query_free(q);
    works(xapian_enquire_run(&mset, enquire, &window, &error));
    xapian_enquire_free(enquire);
    return mset;
}

#endif
