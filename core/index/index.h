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

/* Words all of which have to be there, of which the rarest is in fewer passages, take no longer. */
#define TEAM_LEAST_POSTINGS 5000

struct lede_index {
    struct snapshot *snapshot;
    struct engine_reader *reader; /* NULL: a folder of segments */
    struct team *team;            /* that a search may take; NULL: none */
    /* What it takes it for: passages of a segment, and postings of a word that has to be there. */
    uint32_t team_least, team_least_postings;
};

#endif
