/* layout.h - where the parts of an index lie in its folder.
 *
 *     NAME.lede/
 *         catalogue.db              what the index consists of; SQLite keeps -wal and -shm beside it
 *         write.lock                held by the process that writes, with its number in it
 *         segments/0000001f.seg     named after the segment's id in hexadecimal
 *         segments/brief            what readers ask of the catalogue, see brief.h; it may be missing
 */
#ifndef LEDE_CORE_LAYOUT_H
#define LEDE_CORE_LAYOUT_H

#include <lede.h>

enum layout_state {
    LAYOUT_ABSENT,  /* there is nothing of this name */
    LAYOUT_BARE,    /* a folder that an index can be made in: empty, or with what a crash left of making one */
    LAYOUT_INDEX,   /* a folder with a catalogue */
    LAYOUT_FOREIGN, /* something else */
};

LEDE_NODISCARD lede_status layout_inspect(enum layout_state *state, const char *index, lede_error *err);

/* True if the folder holds nothing but what Lede puts there. */
bool layout_is_ours(const char *index);

/* Paths of parts; the caller's to free, NULL if out of memory. */
char *layout_catalogue(const char *index);
char *layout_lock(const char *index);
char *layout_segments(const char *index);
char *layout_segment(const char *index, uint64_t id);

/* The id in the name of a segment file; false if it is none. */
bool layout_segment_id(const char *name, uint64_t *id);

/* Calls `visit` for each segment file there is, in no order. */
LEDE_NODISCARD lede_status layout_visit_segments(const char *index,
                                                 lede_status (*visit)(void *ctx, uint64_t id, lede_error *err),
                                                 void *ctx, lede_error *err);

#endif
