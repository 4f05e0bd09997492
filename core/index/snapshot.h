/* snapshot.h - the committed state of an index, as one reader sees it: the segments that were live
 * at one commit, what is deleted in them, and totals over all of them. Immutable, so safe to share
 * between threads. Segment files are mapped: a later commit may unlink them without harm. */
#ifndef LEDE_CORE_SNAPSHOT_H
#define LEDE_CORE_SNAPSHOT_H

#include "core/segment/hot_terms.h"
#include "core/segment/segment.h"

struct snapshot_segment {
    struct segment *segment;
    uint64_t id;            /* in the catalogue */
    uint64_t base;          /* ordinal in the snapshot of the segment's first passage */
    const uint8_t *deleted; /* a bit a passage (passage p: byte p / 8, bit p % 8); NULL if none is */
    uint32_t deleted_count;
    uint32_t deleted_articles;
};

struct snapshot_origin;

struct snapshot {
    char *path; /* of the index folder, as it was opened */
    struct snapshot_segment *segments;
    size_t segment_count;
    uint64_t commit;
    /* Collection statistics for ranking, deleted passages included until they are merged away, as the
     * document frequencies include them. */
    uint64_t passages;
    uint64_t total_length;
    uint64_t deleted_passages;
    char *language;
    lede_passages passages_mode;
    bool omit_text;
    struct snapshot_origin *origin; /* private: the catalogue that it came from */
    struct hot_budget hot;          /* of its segments; what it keeps changes, the snapshot doesn't */
};

LEDE_NODISCARD lede_status snapshot_open(struct snapshot **out, const char *path, lede_error *err);
void snapshot_close(struct snapshot *s);

/* The segment that holds passage `ordinal` of the snapshot; NULL if it is out of range. */
const struct snapshot_segment *snapshot_segment_of(const struct snapshot *s, uint64_t ordinal);

/* The live article with this key: its segment and ordinal in it. LEDE_NOT_FOUND (err untouched is fine) if there is
 * none. */
LEDE_NODISCARD lede_status snapshot_find_article(const struct snapshot *s, const char *key, size_t key_len,
                                                 const struct snapshot_segment **segment, uint32_t *article,
                                                 lede_error *err);

/* The path of a source file, written to *path, to be freed by the caller; "-" or "" as stored; "" for source 0. May
 * read the catalogue. */
LEDE_NODISCARD lede_status snapshot_source_path(const struct snapshot *s, uint64_t source, char **path,
                                                lede_error *err);

/* How many source files there are, and the bytes of the catalogue. Reads the catalogue as it is now. */
LEDE_NODISCARD lede_status snapshot_source_count(const struct snapshot *s, uint64_t *count, lede_error *err);
uint64_t snapshot_catalogue_size(const struct snapshot *s);

/* True if a later commit exists, or another index has taken the place of this one. */
bool snapshot_is_stale(const struct snapshot *s);

static inline bool snapshot_is_deleted(const struct snapshot_segment *s, uint32_t passage) {
    return s->deleted && (s->deleted[passage >> 3] >> (passage & 7) & 1);
}

#endif
