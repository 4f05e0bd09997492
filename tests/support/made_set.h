/* made_set.h - a set of the passages that have a term, as hot_terms.c makes it. To be included behind cmocka.h.
 *
 *     set = made_set(segment, &info, sparse, step);      in steps of so many postings; NULL if these are damaged
 *     hot_kept_free(&set->kept); */
#ifndef LEDE_TESTS_MADE_SET_H
#define LEDE_TESTS_MADE_SET_H

#include "core/segment/hot_set.h"

static inline struct hot_set *made_set(const struct segment *s, const struct term_info *info, bool sparse,
                                       uint32_t step) {
    struct hot_set_maker *m = hot_set_maker_new(s, info, sparse);
    assert_non_null(m);
    while (!hot_set_maker_go(m, step))
        ;
    return hot_set_maker_finish(m);
}

#endif
