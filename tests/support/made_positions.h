/* made_positions.h - a term's positions in memory, as hot_terms.c makes them. To be included behind cmocka.h.
 *
 *     positions = made_positions(segment, &info, step);      in steps of so many postings; NULL if damaged
 *     hot_kept_free(&positions->kept); */
#ifndef LEDE_TESTS_MADE_POSITIONS_H
#define LEDE_TESTS_MADE_POSITIONS_H

#include "core/segment/hot_positions.h"

static inline struct hot_positions *made_positions(const struct segment *s, const struct term_info *info,
                                                   uint32_t step) {
    struct hot_positions_maker *m = hot_positions_maker_new(s, info);
    assert_non_null(m);
    while (!hot_positions_maker_go(m, step))
        ;
    return hot_positions_maker_finish(m);
}

#endif
