/* catalogue.h - the SQLite database that says what an index consists of: catalogue.db, in WAL mode with
 * synchronous=FULL. A commit of Lede is one transaction here, made after the segment files that it
 * names are on disk.
 *
 *     settings(name TEXT PRIMARY KEY, value)       format, language, passages, omit_text, commit, next_segment
 *     segments(id INTEGER PRIMARY KEY, size, checksum, passages, articles, total_length, deleted BLOB, deleted_count)
 *     sources(id INTEGER PRIMARY KEY, path TEXT UNIQUE, size, mtime, hash, ...)
 *
 * Articles are not rows here: with a million of them the rows and their index by key take longer to write,
 * and more room, than the whole inverted index. They live in the segments, which have a table of keys.
 */
#ifndef LEDE_CORE_CATALOGUE_H
#define LEDE_CORE_CATALOGUE_H

#include "segment.h"

struct catalogue;

#endif
