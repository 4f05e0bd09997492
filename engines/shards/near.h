/* near.h - NEAR as a query of Xapian's. */
#ifndef LEDE_ENGINES_SHARDS_NEAR_H
#define LEDE_ENGINES_SHARDS_NEAR_H

#include "making.h"

/* Where all of a NEAR's operands stand in one field, each at a place of its own. */
xquery *near_query(struct making *m, const struct node *node, enum where where);

#endif
