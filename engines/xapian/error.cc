// From exceptions to codes.
#include <cstdio>
#include <cstring>
#include <new>
#include <stdexcept>

#include "shim.h"

namespace {

const struct {
    const char *type;
    enum xapian_code code;
} codes[] = {
    {"DatabaseNotFoundError", XAPIAN_NO_DATABASE},
    {"DatabaseOpeningError", XAPIAN_NOT_OPENED},
    {"DatabaseVersionError", XAPIAN_FORMAT},
    {"DatabaseCorruptError", XAPIAN_CORRUPT},
    {"DatabaseLockError", XAPIAN_LOCKED},
    {"DatabaseModifiedError", XAPIAN_MODIFIED},
    {"DatabaseClosedError", XAPIAN_DATABASE},
    {"DatabaseCreateError", XAPIAN_NOT_OPENED},
    {"DatabaseError", XAPIAN_DATABASE},
    {"DocNotFoundError", XAPIAN_NO_DOCUMENT},
    {"FeatureUnavailableError", XAPIAN_UNIMPLEMENTED},
    {"UnimplementedError", XAPIAN_UNIMPLEMENTED},
    {"InvalidArgumentError", XAPIAN_INVALID},
    {"InvalidOperationError", XAPIAN_INVALID},
    {"WildcardError", XAPIAN_INVALID},
    {"RangeError", XAPIAN_RANGE},
    {"NetworkTimeoutError", XAPIAN_TIMEOUT},
    {"NetworkError", XAPIAN_NETWORK},
};

enum xapian_code code_of(const Xapian::Error &e) {
    // The type alone does not tell it from other misuse.
    if (e.get_msg().find("Server is read-only") != std::string::npos)
        return XAPIAN_READ_ONLY;
    for (const auto &c : codes)
        if (!std::strcmp(c.type, e.get_type()))
            return c.code;
    return XAPIAN_OTHER;
}

// One line, cut to fit.
enum xapian_code fill(struct xapian_error *err, enum xapian_code code, const char *what, const char *where = "",
                      const char *cause = "") noexcept {
    if (!err)
        return code;
    err->code = code;
    std::snprintf(err->message, sizeof err->message, "%s%s%s%s%s", where, *where ? ": " : "", what, *cause ? ": " : "",
                  cause);
    for (char *p = err->message; *p; p++)
        if (*p == '\n' || *p == '\r')
            *p = ' ';
    return code;
}

enum xapian_code describe_xapian(const Xapian::Error &e, struct xapian_error *err) {
    const char *cause = e.get_error_string();
    return fill(err, code_of(e), e.get_msg().c_str(), e.get_context().c_str(), cause ? cause : "");
}

} // namespace

enum xapian_code shim_describe(struct xapian_error *err) noexcept {
    try {
        throw;
    } catch (const Xapian::Error &e) {
        try {
            return describe_xapian(e, err);
        } catch (...) {
            return fill(err, XAPIAN_NOMEM, "out of memory");
        }
    } catch (const std::bad_alloc &) {
        return fill(err, XAPIAN_NOMEM, "out of memory");
    } catch (const std::length_error &) {
        return fill(err, XAPIAN_NOMEM, "out of memory");
    } catch (const std::exception &e) {
        return fill(err, XAPIAN_OTHER, e.what());
    } catch (...) {
        return fill(err, XAPIAN_OTHER, "an unknown exception");
    }
}

const char *xapian_version(void) {
    return Xapian::version_string();
}
