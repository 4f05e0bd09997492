/* shim.h - what stands behind the C types of binding.h. C++, and seen by the sources of this folder alone. */
#ifndef LEDE_ENGINES_XAPIAN_SHIM_H
#define LEDE_ENGINES_XAPIAN_SHIM_H

#include <exception>
#include <memory>
#include <string>
#include <vector>

#include <unistd.h>
#include <xapian.h>

#include "binding.h"

struct xapian_database {
    Xapian::Database *readable;         // owned; what both kinds can do
    Xapian::WritableDatabase *writable; // the same object, or null
    bool in_transaction;
    int socket;       // another descriptor of that to the server; -1: there is none
    std::string lent; // what the caller holds a pointer into

    explicit xapian_database(Xapian::Database *r, Xapian::WritableDatabase *w = nullptr)
        : readable(r), writable(w), in_transaction(false), socket(-1) {
    }
    ~xapian_database() {
        delete readable;
        if (socket >= 0)
            close(socket);
    }
    xapian_database(const xapian_database &) = delete;
    xapian_database &operator=(const xapian_database &) = delete;
};

struct xapian_document {
    Xapian::Document document;
    std::string lent;
};

struct xapian_query {
    Xapian::Query query;
};

struct xapian_enquire {
    Xapian::Enquire enquire;
    std::unique_ptr<Xapian::ValueCountMatchSpy> tally; // null: nothing is counted
};

struct xapian_mset {
    Xapian::MSet mset;
    std::vector<xapian_hit> hits;
};

// The exception in hand as a code, with its message in *err. Called inside a catch alone.
enum xapian_code shim_describe(struct xapian_error *err) noexcept;

// Runs the body of a function of the binding: whatever it throws becomes the code that is returned.
template <typename Body> enum xapian_code shim_guard(struct xapian_error *err, Body &&body) noexcept {
    try {
        body();
        return XAPIAN_OK;
    } catch (...) {
        return shim_describe(err);
    }
}

// The writable side; throws where there is none.
inline Xapian::WritableDatabase &shim_writable(const xapian_database *db) {
    if (!db->writable)
        throw Xapian::InvalidOperationError("this database was opened for reading");
    return *db->writable;
}

inline std::string shim_string(const char *bytes, size_t len) {
    return len ? std::string(bytes, len) : std::string();
}

#endif
