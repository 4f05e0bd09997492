// Queries: a tree, each of whose nodes Xapian shares among all that hold it.
#include "shim.h"

namespace {

const Xapian::Query::op operators[] = {
    Xapian::Query::OP_AND,     Xapian::Query::OP_OR,  Xapian::Query::OP_AND_NOT, Xapian::Query::OP_AND_MAYBE,
    Xapian::Query::OP_FILTER,  Xapian::Query::OP_XOR, Xapian::Query::OP_PHRASE,  Xapian::Query::OP_NEAR,
    Xapian::Query::OP_SYNONYM, Xapian::Query::OP_MAX,
};
static_assert(sizeof operators / sizeof *operators == XAPIAN_MAX + 1, "one for each of enum xapian_operator");

xapian_query *wrap(Xapian::Query &&query) {
    return new xapian_query{std::move(query)};
}

Xapian::Query range(Xapian::valueno slot, const char *low, size_t low_len, const char *high, size_t high_len) {
    if (low && high)
        return Xapian::Query(Xapian::Query::OP_VALUE_RANGE, slot, shim_string(low, low_len),
                             shim_string(high, high_len));
    if (low)
        return Xapian::Query(Xapian::Query::OP_VALUE_GE, slot, shim_string(low, low_len));
    if (high)
        return Xapian::Query(Xapian::Query::OP_VALUE_LE, slot, shim_string(high, high_len));
    return Xapian::Query(std::string());
}

} // namespace

enum xapian_code xapian_query_nothing(struct xapian_query **out, struct xapian_error *err) {
    *out = nullptr;
    return shim_guard(err, [&] { *out = wrap(Xapian::Query()); });
}

enum xapian_code xapian_query_all(struct xapian_query **out, struct xapian_error *err) {
    *out = nullptr;
    return shim_guard(err, [&] { *out = wrap(Xapian::Query(std::string())); });
}

enum xapian_code xapian_query_constant(struct xapian_query **out, double weight, struct xapian_error *err) {
    *out = nullptr;
    return shim_guard(err, [&] {
        if (!(weight >= 0))
            throw Xapian::InvalidArgumentError("a weight below 0");
        // The query counts references to a source that was released.
        *out = wrap(Xapian::Query((new Xapian::FixedWeightPostingSource(weight))->release()));
    });
}

enum xapian_code xapian_query_term(struct xapian_query **out, const char *term, size_t len, struct xapian_error *err) {
    *out = nullptr;
    return shim_guard(err, [&] {
        // To Xapian the empty term is all documents.
        if (!len)
            throw Xapian::InvalidArgumentError("an empty term");
        *out = wrap(Xapian::Query(shim_string(term, len)));
    });
}

enum xapian_code xapian_query_combine(struct xapian_query **out, enum xapian_operator op,
                                      const struct xapian_query *const *operands, size_t count, uint32_t window,
                                      struct xapian_error *err) {
    *out = nullptr;
    return shim_guard(err, [&] {
        std::vector<Xapian::Query> queries;
        queries.reserve(count);
        for (size_t i = 0; i < count; i++)
            queries.push_back(operands[i]->query);
        *out = wrap(Xapian::Query(operators[op], queries.begin(), queries.end(), window));
    });
}

enum xapian_code xapian_query_scale(struct xapian_query **out, const struct xapian_query *query, double factor,
                                    struct xapian_error *err) {
    *out = nullptr;
    return shim_guard(err, [&] { *out = wrap(Xapian::Query(factor, query->query)); });
}

enum xapian_code xapian_query_range(struct xapian_query **out, uint32_t slot, const char *low, size_t low_len,
                                    const char *high, size_t high_len, struct xapian_error *err) {
    *out = nullptr;
    return shim_guard(err, [&] { *out = wrap(range(slot, low, low_len, high, high_len)); });
}

enum xapian_code xapian_query_prefix(struct xapian_query **out, const char *prefix, size_t len, uint32_t max,
                                     struct xapian_error *err) {
    *out = nullptr;
    return shim_guard(err, [&] {
        *out = wrap(Xapian::Query(Xapian::Query::OP_WILDCARD, shim_string(prefix, len), max,
                                  Xapian::Query::WILDCARD_LIMIT_ERROR, Xapian::Query::OP_SYNONYM));
    });
}

void xapian_query_free(struct xapian_query *query) {
    delete query;
}
