// Documents: what is kept of a passage.
#include "shim.h"

namespace {

void lend(xapian_document *document, std::string &&bytes, const char **out, size_t *len) {
    document->lent = std::move(bytes);
    *out = document->lent.c_str();
    *len = document->lent.size();
}

} // namespace

enum xapian_code xapian_document_new(struct xapian_document **out, struct xapian_error *err) {
    *out = nullptr;
    return shim_guard(err, [&] { *out = new xapian_document(); });
}

void xapian_document_free(struct xapian_document *document) {
    delete document;
}

enum xapian_code xapian_document_fetch(struct xapian_document **out, const struct xapian_database *db,
                                       uint32_t document, struct xapian_error *err) {
    *out = nullptr;
    return shim_guard(err, [&] { *out = new xapian_document{db->readable->get_document(document), std::string()}; });
}

enum xapian_code xapian_document_data(const char **data, size_t *data_len, struct xapian_document *document,
                                      struct xapian_error *err) {
    *data = nullptr;
    *data_len = 0;
    return shim_guard(err, [&] { lend(document, document->document.get_data(), data, data_len); });
}

enum xapian_code xapian_document_set_data(struct xapian_document *document, const char *data, size_t len,
                                          struct xapian_error *err) {
    return shim_guard(err, [&] { document->document.set_data(shim_string(data, len)); });
}

enum xapian_code xapian_document_value(const char **value, size_t *value_len, struct xapian_document *document,
                                       uint32_t slot, struct xapian_error *err) {
    *value = nullptr;
    *value_len = 0;
    return shim_guard(err, [&] { lend(document, document->document.get_value(slot), value, value_len); });
}

enum xapian_code xapian_document_set_value(struct xapian_document *document, uint32_t slot, const char *value,
                                           size_t len, struct xapian_error *err) {
    return shim_guard(err, [&] { document->document.add_value(slot, shim_string(value, len)); });
}

enum xapian_code xapian_document_add_posting(struct xapian_document *document, const char *term, size_t len,
                                             uint32_t position, struct xapian_error *err) {
    return shim_guard(err, [&] { document->document.add_posting(shim_string(term, len), position); });
}

enum xapian_code xapian_document_add_place(struct xapian_document *document, const char *term, size_t len,
                                           uint32_t position, struct xapian_error *err) {
    return shim_guard(err, [&] { document->document.add_posting(shim_string(term, len), position, 0); });
}

enum xapian_code xapian_document_add_filter(struct xapian_document *document, const char *term, size_t len,
                                            struct xapian_error *err) {
    return shim_guard(err, [&] { document->document.add_boolean_term(shim_string(term, len)); });
}

enum xapian_code xapian_document_terms(const struct xapian_document *document, xapian_term_visitor *visit, void *ctx,
                                       struct xapian_error *err) {
    return shim_guard(err, [&] {
        Xapian::TermIterator at = document->document.termlist_begin(), end = document->document.termlist_end();
        for (; at != end; ++at) {
            const std::string term = *at;
            if (visit(ctx, term.data(), term.size(), at.get_wdf()))
                break;
        }
    });
}
