/* index.h - what stands behind a lede_index: one snapshot, shared by all threads that search it; or an engine's reader,
 * and a snapshot without segments that has the settings. */
#ifndef LEDE_CORE_INDEX_H
#define LEDE_CORE_INDEX_H

#include "engine.h"
#include "snapshot.h"

struct lede_index {
    struct snapshot *snapshot;
    struct engine_reader *reader; /* NULL: a folder of segments */
};

#endif
