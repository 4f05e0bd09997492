// Databases: opening, what is in them, and changing them.
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <mutex>
#include <ostream>
#include <streambuf>

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "shim.h"

namespace {

// What is not handed over is freed.
template <typename Database> xapian_database *wrap(std::unique_ptr<Database> db) {
    Xapian::WritableDatabase *writable = nullptr;
    if constexpr (std::is_same_v<Database, Xapian::WritableDatabase>)
        writable = db.get();
    xapian_database *wrapped = new xapian_database(db.get(), writable);
    db.release();
    return wrapped;
}

// Hands each line that is written to a function.
class LineReporter : public std::streambuf {
    void (*report)(void *ctx, const char *line);
    void *ctx;
    std::string line;

  public:
    LineReporter(void (*r)(void *, const char *), void *c) : report(r), ctx(c) {
    }
    void end() {
        if (!line.empty() && report)
            report(ctx, line.c_str());
        line.clear();
    }

  protected:
    int overflow(int c) override {
        if (c == '\n')
            end();
        else if (c != std::char_traits<char>::eof())
            line.push_back(static_cast<char>(c));
        return 0;
    }
};

// This process's sockets that are connected to such a port, wherever.
std::vector<int> sockets_to(uint16_t port) {
    std::vector<int> found;
    std::error_code none;
    for (const auto &entry : std::filesystem::directory_iterator("/proc/self/fd", none)) {
        const int fd = std::atoi(entry.path().filename().c_str());
        sockaddr_in peer = {};
        socklen_t size = sizeof peer;
        if (!getpeername(fd, reinterpret_cast<sockaddr *>(&peer), &size) && peer.sin_family == AF_INET &&
            ntohs(peer.sin_port) == port)
            found.push_back(fd);
    }
    return found;
}

// Has the system ask the host whether it is still there, which it answers however busy the server is; and give up what
// was sent when nothing comes back. What can't be set stays at the system's own limits.
void limit_silence(int socket, uint32_t milliseconds) {
    const int on = 1, probes = 3, seconds = std::max<int>(1, static_cast<int>(milliseconds / 1000 / (probes + 1)));
    const unsigned limit = milliseconds;
    (void)setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    (void)setsockopt(socket, IPPROTO_TCP, TCP_KEEPIDLE, &seconds, sizeof seconds);
    (void)setsockopt(socket, IPPROTO_TCP, TCP_KEEPINTVL, &seconds, sizeof seconds);
    (void)setsockopt(socket, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
    (void)setsockopt(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, &limit, sizeof limit);
}

xapian_database *connect_to(const xapian_remote &r) {
    if (r.writable)
        return wrap(std::make_unique<Xapian::WritableDatabase>(
            Xapian::Remote::open_writable(r.host, r.port, r.timeout, r.connect_timeout)));
    return wrap(std::make_unique<Xapian::Database>(Xapian::Remote::open(r.host, r.port, r.timeout, r.connect_timeout)));
}

// Xapian does not tell its socket: it is the one that there was not before. The copy is ours, whatever becomes of it.
xapian_database *connect_and_watch(const xapian_remote &r) {
    static std::mutex one_at_a_time;
    const std::lock_guard<std::mutex> lock(one_at_a_time);
    const std::vector<int> before = sockets_to(r.port);
    std::unique_ptr<xapian_database> db(connect_to(r));
    for (int socket : sockets_to(r.port))
        if (db->socket < 0 && std::find(before.begin(), before.end(), socket) == before.end())
            db->socket = fcntl(socket, F_DUPFD_CLOEXEC, 0);
    if (db->socket >= 0)
        limit_silence(db->socket, r.silence);
    return db.release();
}

void visit_terms(Xapian::TermIterator at, const Xapian::TermIterator &end, bool counted, xapian_term_visitor *visit,
                 void *ctx) {
    for (; at != end; ++at) {
        const std::string term = *at;
        if (visit(ctx, term.data(), term.size(), counted ? at.get_termfreq() : 0))
            break;
    }
}

} // namespace

/* ----------------------------------------------------------------------------------- opening -- */

enum xapian_code xapian_database_open(struct xapian_database **out, const char *path, struct xapian_error *err) {
    *out = nullptr;
    return shim_guard(err, [&] { *out = wrap(std::make_unique<Xapian::Database>(path)); });
}

enum xapian_code xapian_database_open_writable(struct xapian_database **out, const char *path, bool make,
                                               struct xapian_error *err) {
    *out = nullptr;
    const int flags = make ? Xapian::DB_CREATE_OR_OPEN : Xapian::DB_OPEN;
    return shim_guard(err, [&] { *out = wrap(std::make_unique<Xapian::WritableDatabase>(path, flags)); });
}

enum xapian_code xapian_database_connect(struct xapian_database **out, const struct xapian_remote *remote,
                                         struct xapian_error *err) {
    *out = nullptr;
    return shim_guard(err, [&] { *out = remote->silence ? connect_and_watch(*remote) : connect_to(*remote); });
}

void xapian_database_hang_up(struct xapian_database *db) {
    if (db->socket >= 0)
        (void)shutdown(db->socket, SHUT_RDWR);
}

enum xapian_code xapian_database_group(struct xapian_database **out, struct xapian_error *err) {
    *out = nullptr;
    return shim_guard(err, [&] { *out = wrap(std::make_unique<Xapian::Database>()); });
}

enum xapian_code xapian_database_add(struct xapian_database *group, const struct xapian_database *db,
                                     struct xapian_error *err) {
    return shim_guard(err, [&] {
        if (group->writable)
            throw Xapian::InvalidOperationError("a group is for reading");
        group->readable->add_database(*db->readable);
    });
}

enum xapian_code xapian_database_reopen(struct xapian_database *db, bool *moved, struct xapian_error *err) {
    bool unused;
    moved = moved ? moved : &unused;
    *moved = false;
    return shim_guard(err, [&] { *moved = db->readable->reopen(); });
}

enum xapian_code xapian_database_keep_alive(struct xapian_database *db, struct xapian_error *err) {
    return shim_guard(err, [&] { db->readable->keep_alive(); });
}

void xapian_database_close(struct xapian_database *db) {
    if (!db)
        return;
    // There is no one left to tell what fails now.
    if (db->in_transaction)
        (void)!xapian_database_cancel(db, nullptr);
    // Not closed outright: a group or a set of matches may hold it still.
    delete db;
}

/* ----------------------------------------------------------------------------- what is in it -- */

enum xapian_code xapian_database_totals(struct xapian_totals *out, const struct xapian_database *db,
                                        struct xapian_error *err) {
    *out = {};
    return shim_guard(err, [&] {
        const Xapian::Database &d = *db->readable;
        *out = {d.get_doccount(), d.get_lastdocid(), d.get_total_length(), d.has_positions()};
    });
}

enum xapian_code xapian_database_uuid(char *out, size_t size, const struct xapian_database *db,
                                      struct xapian_error *err) {
    if (size)
        *out = '\0';
    return shim_guard(err, [&] {
        const std::string uuid = db->readable->get_uuid();
        const size_t len = uuid.size() < size ? uuid.size() : size ? size - 1 : 0;
        if (size) {
            std::memcpy(out, uuid.data(), len);
            out[len] = '\0';
        }
    });
}

enum xapian_code xapian_database_frequency(uint32_t *documents, uint64_t *occurrences, const struct xapian_database *db,
                                           const char *term, size_t len, struct xapian_error *err) {
    uint32_t df = 0;
    uint64_t cf = 0;
    const enum xapian_code code = shim_guard(err, [&] {
        if (documents)
            df = db->readable->get_termfreq(shim_string(term, len));
        if (occurrences)
            cf = db->readable->get_collection_freq(shim_string(term, len));
    });
    if (documents)
        *documents = code ? 0 : df;
    if (occurrences)
        *occurrences = code ? 0 : cf;
    return code;
}

enum xapian_code xapian_database_terms(const struct xapian_database *db, const char *prefix, size_t len,
                                       xapian_term_visitor *visit, void *ctx, struct xapian_error *err) {
    return shim_guard(err, [&] {
        const std::string p = shim_string(prefix, len);
        visit_terms(db->readable->allterms_begin(p), db->readable->allterms_end(p), true, visit, ctx);
    });
}

enum xapian_code xapian_database_postings(const struct xapian_database *db, const char *term, size_t len,
                                          xapian_posting_visitor *visit, void *ctx, struct xapian_error *err) {
    return shim_guard(err, [&] {
        const std::string t = shim_string(term, len);
        Xapian::PostingIterator at = db->readable->postlist_begin(t), end = db->readable->postlist_end(t);
        while (at != end && !visit(ctx, *at, at.get_wdf()))
            ++at;
    });
}

enum xapian_code xapian_database_metadata(const char **value, size_t *value_len, struct xapian_database *db,
                                          const char *key, size_t len, struct xapian_error *err) {
    *value = nullptr;
    *value_len = 0;
    return shim_guard(err, [&] {
        db->lent = db->readable->get_metadata(shim_string(key, len));
        *value = db->lent.c_str();
        *value_len = db->lent.size();
    });
}

enum xapian_code xapian_database_metadata_keys(const struct xapian_database *db, const char *prefix, size_t len,
                                               xapian_term_visitor *visit, void *ctx, struct xapian_error *err) {
    return shim_guard(err, [&] {
        const std::string p = shim_string(prefix, len);
        visit_terms(db->readable->metadata_keys_begin(p), db->readable->metadata_keys_end(p), false, visit, ctx);
    });
}

enum xapian_code xapian_database_check(uint64_t *faults, const char *path, void (*report)(void *ctx, const char *line),
                                       void *ctx, struct xapian_error *err) {
    *faults = 0;
    return shim_guard(err, [&] {
        LineReporter reporter(report, ctx);
        std::ostream stream(&reporter);
        *faults = Xapian::Database::check(path, 0, &stream);
        reporter.end();
    });
}

/* ----------------------------------------------------------------------------------- writing -- */

enum xapian_code xapian_document_add(uint32_t *number, struct xapian_database *db,
                                     const struct xapian_document *document, struct xapian_error *err) {
    uint32_t unused;
    number = number ? number : &unused;
    *number = 0;
    return shim_guard(err, [&] { *number = shim_writable(db).add_document(document->document); });
}

enum xapian_code xapian_document_replace(struct xapian_database *db, uint32_t number,
                                         const struct xapian_document *document, struct xapian_error *err) {
    return shim_guard(err, [&] { shim_writable(db).replace_document(number, document->document); });
}

enum xapian_code xapian_document_delete(struct xapian_database *db, uint32_t number, struct xapian_error *err) {
    return shim_guard(err, [&] { shim_writable(db).delete_document(number); });
}

enum xapian_code xapian_document_delete_by_term(struct xapian_database *db, const char *term, size_t len,
                                                struct xapian_error *err) {
    return shim_guard(err, [&] { shim_writable(db).delete_document(shim_string(term, len)); });
}

enum xapian_code xapian_database_set_metadata(struct xapian_database *db, const char *key, size_t len,
                                              const char *value, size_t value_len, struct xapian_error *err) {
    return shim_guard(err,
                      [&] { shim_writable(db).set_metadata(shim_string(key, len), shim_string(value, value_len)); });
}

enum xapian_code xapian_database_commit(struct xapian_database *db, struct xapian_error *err) {
    return shim_guard(err, [&] {
        Xapian::WritableDatabase &w = shim_writable(db);
        if (db->in_transaction)
            w.commit_transaction();
        else
            w.commit();
        db->in_transaction = false;
    });
}

enum xapian_code xapian_database_begin(struct xapian_database *db, struct xapian_error *err) {
    return shim_guard(err, [&] {
        shim_writable(db).begin_transaction();
        db->in_transaction = true;
    });
}

enum xapian_code xapian_database_cancel(struct xapian_database *db, struct xapian_error *err) {
    return shim_guard(err, [&] {
        shim_writable(db).cancel_transaction();
        db->in_transaction = false;
    });
}
