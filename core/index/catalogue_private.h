/* catalogue_private.h - what the catalogue_*.c share. */
#ifndef LEDE_CORE_CATALOGUE_PRIVATE_H
#define LEDE_CORE_CATALOGUE_PRIVATE_H

#include "catalogue.h"
#include "core/base/digest.h"

struct catalogue {
    struct sql *sql;
    bool writable;
};

/* Keeps the digests of the tables true from here on; _begin_ for tables that were just made. */
lede_status catalogue_begin_digests(struct catalogue *c, lede_error *err);
lede_status catalogue_follow_digests(struct catalogue *c, lede_error *err);

extern const struct digested catalogue_segment_rows;

lede_status catalogue_corrupt(const struct catalogue *c, const char *what, lede_error *err);

#endif
