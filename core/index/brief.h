/* brief.h - what a reader asks of the catalogue at opening, in a small file of its own: segments/brief. To open the
 * catalogue takes ten times as long as to read this, so a search for one word does without SQLite. And it has a digest
 * of the catalogue's bytes, by which a check sees each of them.
 *
 *     offset
 *          0  "LEDEBRI" and a byte: the version of the format, CATALOGUE_VERSION
 *          8  checksum (XXH3, 64 bits) of all that follows
 *         16  size and time of modification (ns since 1970) of catalogue.db, and of catalogue.db-wal: 0 and 0 if that
 *             is empty or not there
 *         48  digests (XXH3, 64 bits) of the bytes of both; 0 and 0 if they are not known, and 0 of what is not there
 *         64  commit, language, passages mode, 1 if texts are left out
 *             segments: their number, and of each its id, size, checksum, passages, articles, total length, deleted
 *             passages, deleted articles, and if any are, the bitmap
 *             sources that are not retired: their number, and of each its id and path
 *
 * Numbers from 64 on are varints, a string has its length before it. Of more paths than SOURCES_MAX bytes none is kept;
 * with more bitmaps than BITMAPS_MAX bytes it ends behind the commit, and readers ask the catalogue.
 * Before there were digests it began with "LEDEBRF": one that does is as good as none.
 *
 * The catalogue stays the truth. The brief holds only as long as the catalogue's files are as large and as old as it
 * says, and is removed, for good, before a transaction that changes the catalogue is committed: so it is always that of
 * the last commit, whenever a crash comes, and needs no fsync. A reader to whom it does not hold asks the catalogue.
 */
#ifndef LEDE_CORE_BRIEF_H
#define LEDE_CORE_BRIEF_H

#include "catalogue.h"
#include "core/base/buffer.h"

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
 * say, as they do at closing. A brief that can't be written is none. The bytes of the
 * catalogue's files are read if they are not more than `most`, else their digests are not known. */
void brief_compose(struct buffer *out, struct catalogue *c);
void brief_write(const char *index, const struct buffer *composed, uint64_t most);
bool brief_is_missing(const char *index);

/* For a check, within a transaction on the catalogue: what is wrong with the brief, in static words; NULL if there is
 * none, or nothing is. */
const char *brief_fault(const char *index, struct catalogue *c);

/* For a check, too: the suffix of that of the catalogue's files of which the bytes are not those that the brief was
 * written with, "" or "-wal"; NULL if there is none, or it can't be told: there is no brief, or one of files that have
 * gone on since.
 *
 * Without a log the file is what it was when the brief was written, whatever its time: copies have another one. With a
 * log that is as large and as old as it was, both are. */
const char *brief_denies(const char *index);

/* Removes what a writer that was killed may have left of one. */
void brief_sweep(const char *index);

#endif
