// Ranking: a query run against a database, and the set of its best matches.
#include <memory>

#include "shim.h"

enum xapian_code xapian_enquire_new(struct xapian_enquire **out, const struct xapian_database *db,
                                    const struct xapian_query *query, const struct xapian_bm25 *bm25,
                                    struct xapian_error *err) {
    *out = nullptr;
    return shim_guard(err, [&] {
        auto enquire = std::make_unique<xapian_enquire>(xapian_enquire{Xapian::Enquire(*db->readable), nullptr});
        enquire->enquire.set_query(query->query);
        // Of BM25 and BM25+, which are one but for what BM25+ adds to each word, 0 here, the idf of the latter is
        // Lede's, but for half a document; BM25Weight's has another slope, and another formula for frequent words.
        // k2 = 0: no part for the query's length. k3 = 0: how often the query has a term is said by scaling. No least
        // length: the formula as it is published.
        enquire->enquire.set_weighting_scheme(Xapian::BM25PlusWeight(bm25->k1, 0, 0, bm25->b, 0, 0));
        enquire->enquire.set_docid_order(Xapian::Enquire::ASCENDING);
        *out = enquire.release();
    });
}

void xapian_enquire_free(struct xapian_enquire *enquire) {
    delete enquire;
}

enum xapian_code xapian_enquire_collapse(struct xapian_enquire *enquire, uint32_t slot, struct xapian_error *err) {
    return shim_guard(err, [&] { enquire->enquire.set_collapse_key(slot, 1); });
}

enum xapian_code xapian_enquire_sort(struct xapian_enquire *enquire, uint32_t slot, enum xapian_sort sort,
                                     bool descending, struct xapian_error *err) {
    return shim_guard(err, [&] {
        if (sort == XAPIAN_VALUE_FIRST)
            enquire->enquire.set_sort_by_value_then_relevance(slot, descending);
        else
            enquire->enquire.set_sort_by_relevance_then_value(slot, descending);
    });
}

enum xapian_code xapian_enquire_tally(struct xapian_enquire *enquire, uint32_t slot, struct xapian_error *err) {
    return shim_guard(err, [&] {
        enquire->tally = std::make_unique<Xapian::ValueCountMatchSpy>(slot);
        enquire->enquire.add_matchspy(enquire->tally.get());
    });
}

enum xapian_code xapian_enquire_tallied(const struct xapian_enquire *enquire, xapian_term_visitor *visit, void *ctx,
                                        struct xapian_error *err) {
    return shim_guard(err, [&] {
        if (!enquire->tally)
            throw Xapian::InvalidOperationError("nothing was counted");
        Xapian::TermIterator at = enquire->tally->values_begin(), end = enquire->tally->values_end();
        for (; at != end; ++at) {
            const std::string value = *at;
            if (visit(ctx, value.data(), value.size(), at.get_termfreq()))
                break;
        }
    });
}

enum xapian_code xapian_enquire_run(struct xapian_mset **out, struct xapian_enquire *enquire,
                                    const struct xapian_window *window, struct xapian_error *err) {
    *out = nullptr;
    return shim_guard(err, [&] {
        auto mset = std::make_unique<xapian_mset>();
        mset->mset = enquire->enquire.get_mset(window->offset, window->limit, window->check);
        mset->hits.reserve(mset->mset.size());
        for (Xapian::MSetIterator at = mset->mset.begin(); at != mset->mset.end(); ++at)
            mset->hits.push_back({*at, at.get_weight()});
        *out = mset.release();
    });
}

void xapian_mset_free(struct xapian_mset *mset) {
    delete mset;
}

uint32_t xapian_mset_count(const struct xapian_mset *mset) {
    return static_cast<uint32_t>(mset->hits.size());
}

const struct xapian_hit *xapian_mset_hit(const struct xapian_mset *mset, uint32_t i) {
    return i < mset->hits.size() ? &mset->hits[i] : nullptr;
}

struct xapian_matches xapian_mset_matches(const struct xapian_mset *mset) {
    const Xapian::MSet &m = mset->mset;
    return {m.get_matches_lower_bound(), m.get_matches_estimated(), m.get_matches_upper_bound()};
}

enum xapian_code xapian_mset_frequency(uint32_t *documents, const struct xapian_mset *mset, const char *term,
                                       size_t len, struct xapian_error *err) {
    *documents = 0;
    return shim_guard(err, [&] { *documents = mset->mset.get_termfreq(shim_string(term, len)); });
}

enum xapian_code xapian_mset_prefetch(const struct xapian_mset *mset, uint32_t first, uint32_t count,
                                      struct xapian_error *err) {
    return shim_guard(err, [&] {
        const uint32_t size = mset->mset.size();
        const uint32_t from = first < size ? first : size, n = count < size - from ? count : size - from;
        if (n)
            mset->mset.fetch(mset->mset[from], mset->mset[from + n - 1]);
    });
}

enum xapian_code xapian_mset_document(struct xapian_document **out, const struct xapian_mset *mset, uint32_t i,
                                      struct xapian_error *err) {
    *out = nullptr;
    return shim_guard(err, [&] {
        if (i >= mset->hits.size())
            throw Xapian::RangeError("no such match");
        *out = new xapian_document{mset->mset[i].get_document(), std::string()};
    });
}
