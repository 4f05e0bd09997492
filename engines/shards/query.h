/* query.h - a parsed query as one of Xapian's. */
#ifndef LEDE_ENGINES_SHARDS_QUERY_H
#define LEDE_ENGINES_SHARDS_QUERY_H

#include "../xapian/module.h"

#include <lede.h>

/* Free *out with xapian_query_free. What Xapian has no operator for is LEDE_UNSUPPORTED. With `within` (NULL: anywhere)
 * only passages of that article match. */
LEDE_NODISCARD lede_status shards_query(struct xapian_query **out, const struct xapian *x, const lede_query *query,
                                        const lede_article *within, lede_error *err);

#endif
