/* brief.h - what a reader asks of the catalogue at opening, in a small file of its own: segments/brief. To open the
 * catalogue takes ten times as long as to read this, so a search for one word does without SQLite.
 *
 *     offset
 *          0  "LEDEBRF" and a byte: the version of the format, CATALOGUE_VERSION
 *          8  checksum (XXH3, 64 bits) of all that follows
 *         16  size and time of modification (ns since 1970) of catalogue.db, and of catalogue.db-wal: 0 and 0 if that
 *             is empty or not there
 *         48  commit, language, passages mode, 1 if texts are left out
 *             segments: their number, and of each its id, size, checksum, passages, articles, total length, deleted
 *             passages, deleted articles, and if any are, the bitmap
 *             sources that are not retired: their number, and of each its id and path
 *
 * Numbers from 48 on are varints, a string has its length before it. Of more paths than SOURCES_MAX bytes none is kept.
 *
 * The catalogue stays the truth. The brief holds only as long as the catalogue's files are as large and as old as it
 * says, and is removed, for good, before a transaction that changes the catalogue is committed: so it is always that of
 * the last commit, whenever a crash comes, and needs no fsync. A reader to whom it does not hold asks the catalogue.
 */
#ifndef LEDE_CORE_BRIEF_H
#define LEDE_CORE_BRIEF_H

#include "buffer.h"
#include "catalogue.h"

struct brief_source {
    uint64_t id;
    const char *path;
};

struct brief {
    struct catalogue_settings settings;
    uint64_t commit;
    struct catalogue_segment *segments;
    size_t segment_count;
    struct brief_source *sources;
    size_t source_count;
    uint8_t *bytes; /* what the paths lie in */
};

/* False if there is none, or it does not hold. */
bool brief_read(struct brief *out, const char *index);
void brief_release(struct brief *b);

/* NULL if it does not have this source. */
const char *brief_source_path(const struct brief *b, uint64_t id);

/* For the writer, who holds the lock. Before a commit: to be followed by an fsync of the folder of the segments. */
LEDE_NODISCARD lede_status brief_remove(const char *index, lede_error *err);

/* What the catalogue says now, to be written then; again whenever the catalogue's files have changed but not what they
 * say, as they do at closing. A brief that can't be written is none. */
void brief_compose(struct buffer *out, struct catalogue *c);
void brief_write(const char *index, const struct buffer *composed);

/* For a check, within a transaction on the catalogue: what is wrong with the brief, in static words; NULL if there is
 * none, or nothing is. */
const char *brief_fault(const char *index, struct catalogue *c);

/* Removes what a writer that was killed may have left of one. */
void brief_sweep(const char *index);

#endif
