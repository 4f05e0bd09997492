/* record.h - stored articles, as the public API gives them out. */
#ifndef LEDE_SEARCHER_RECORD_H
#define LEDE_SEARCHER_RECORD_H

#include "core/base/arena.h"
#include "core/index/snapshot.h"
#include "core/segment/stored_text.h"

/* Copies all but body and path into an arena, with NULs behind the strings; path is "". */
LEDE_NODISCARD lede_status record_copy(lede_article *out, struct arena *arena, const struct article_record *record,
                                       lede_error *err);

/* Copies the path of a source into an arena. */
LEDE_NODISCARD lede_status record_path(const char **out, struct arena *arena, const struct snapshot *snapshot,
                                       uint64_t source, lede_error *err);

/* Copies bytes [start, start + len) of the article's body into an arena, with a NUL. Reads with `reader`, which is set
 * to the article's segment. Text that is not UTF-8 is LEDE_CORRUPT. */
LEDE_NODISCARD lede_status record_text(const char **out, struct arena *arena, struct text_reader *reader,
                                       const struct article_record *record, uint32_t start, size_t len,
                                       lede_error *err);

#endif
