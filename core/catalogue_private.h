/* catalogue_private.h - what catalogue.c and catalogue_source.c share. */
#ifndef LEDE_CORE_CATALOGUE_PRIVATE_H
#define LEDE_CORE_CATALOGUE_PRIVATE_H

#include "catalogue.h"
#include "sql.h"

struct catalogue {
    struct sql *sql;
    bool writable;
};

lede_status catalogue_corrupt(const struct catalogue *c, const char *what, lede_error *err);

#endif
