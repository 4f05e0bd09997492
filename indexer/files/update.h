/* update.h - what of the files on disk is in the index already, and what in the index is no longer on disk.
 *
 * A file is known again by its size and time of modification. Where these can't tell - the time changed, or the file
 * was read within moments of being written, so that a change after the reading could have the same time (git calls
 * this racily clean) - its size and the hash of its content do.
 *
 * All is done inside the catalogue's transaction, so it holds from the next commit on.
 */
#ifndef LEDE_INDEXER_UPDATE_H
#define LEDE_INDEXER_UPDATE_H

#include "core/base/id_set.h"
#include "core/index/catalogue.h"
#include "walk.h"

/* How long before its reading a file's modification has to lie for its time to be trusted: the coarsest
 * clocks of file systems tick every two seconds. */
#define UPDATE_RACY_NANOSECONDS INT64_C(2000000000)

struct update {
    struct catalogue *catalogue; /* borrowed */
    uint64_t next_source;
    int64_t now; /* of the work, in seconds since 1970 */
    /* Until the commit: */
    struct id_set gone;     /* sources whose articles are to be deleted then */
    struct id_set replaced; /* those of them whose files were read again */
    struct id_set named;    /* sources of files that the caller named, as against those found in a folder */
    struct id_set kept;     /* what there is of such files that can't be used: no folder drops it */
};

void update_forget(struct update *u);

enum update_verdict {
    UPDATE_NEW,       /* not known */
    UPDATE_UNCHANGED, /* known, and not changed */
    UPDATE_HASH,      /* known; unchanged if its content has the same hash */
    UPDATE_CHANGED,   /* known, and changed */
};

/* `known` is NULL if the catalogue has no source of this path. */
enum update_verdict update_judge(const struct catalogue_source *known, uint64_t size, int64_t mtime);

/* Whether a file with this time of modification that is read at `now` (both in nanoseconds) may change again without
 * its time changing. */
bool update_is_racy(int64_t mtime, int64_t now);

/* Makes *source the one of its path: the older ones are retired and their articles gone. If it is incomplete they
 * stay, to be read again with it. */
LEDE_NODISCARD lede_status update_replace(struct update *u, const struct catalogue_source *source, lede_error *err);

/* Drops all sources of a path, or of the files below a folder: they are added to u->gone, and to *dropped unless that
 * is NULL. */
LEDE_NODISCARD lede_status update_drop(struct update *u, const char *path, struct id_set *dropped, lede_error *err);
LEDE_NODISCARD lede_status update_drop_below(struct update *u, const char *folder, struct id_set *dropped,
                                             lede_error *err);

/* A file that was named can't be used: makes what the index had of it before be there again, in the place of `source`,
 * which was made of it since; or of nothing, if that is 0. Sources from `fresh` on are of this transaction. */
LEDE_NODISCARD lede_status update_refuse(struct update *u, const char *path, uint64_t source, uint64_t fresh,
                                         lede_error *err);
/* Drops the sources below the walked folder that the walk did not find and that are no longer on disk. A file
 * that is there but was passed over (it can't be read now, or was once indexed by name) stays. */
LEDE_NODISCARD lede_status update_vanished(struct update *u, struct walk *walk, uint64_t *files, lede_error *err);

#endif
