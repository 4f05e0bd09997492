/* index.h - what stands behind a lede_index: one snapshot, shared by all threads that search it. */
#ifndef LEDE_CORE_INDEX_H
#define LEDE_CORE_INDEX_H

#include "snapshot.h"

struct lede_index {
    struct snapshot *snapshot;
};

#endif
