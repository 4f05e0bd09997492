/* index.h - what stands behind a lede_index: one snapshot, shared by all threads that search it; or an engine's reader,
 * and a snapshot without segments that has the settings. */
#ifndef LEDE_CORE_INDEX_H
#define LEDE_CORE_INDEX_H

#include "core/base/team.h"
#include "engine.h"
#include "snapshot.h"

/* A segment of fewer passages is searched by one thread: what it takes to have another one help, some ten microseconds,
 * is more than a tenth of what the search of a million takes, and helpers are threads that others may need. */
#define TEAM_LEAST (UINT32_C(1) << 21)

struct lede_index {
    struct snapshot *snapshot;
    struct engine_reader *reader; /* NULL: a folder of segments */
    struct team *team;            /* that a search may take; NULL: none */
    uint32_t team_least;          /* passages of a segment that it takes it for */
};

#endif
