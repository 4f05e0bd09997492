/* record.h - a passage as a document of Xapian's.
 *
 *     terms   the terms of title, heading and passage at their positions, as in a segment: see FIELDS in core/segment.h
 *             Q<key>      of the article (a long key is cut, and its hash added)
 *             S<source>   the file it came from, in hexadecimal; 0: none
 *             A<source>   the same, for the first passage of each article alone: counting these counts articles
 *             XARTICLE    the first passage of each article
 *     values  slot 0: the term Q..., so that one passage of each article can be asked for
 *             slot 1: the date as YYYYMMDD, if there is one
 *             slot 2: the number of the commit that it came with, in decimal
 *     data    what follows
 *
 * Terms are folded, so none of theirs begins with a capital letter. The data are varints (core/bytes.h) and strings
 * (length, bytes):
 *
 *     version = 1, key, title, byline, dateline, credit, path, date, line of the article,
 *     passages of the article, number of this one from 1, its line, heading,
 *     body: whole length; start: of the passage's text in the body,
 *     skip: bytes of the chunk before the text; length: of the text; chunk
 *
 * The chunks of an article's passages, one after the other, are its body: each begins where the one before it ends, the
 * first at the body's start, the last ends with it. */
#ifndef LEDE_ENGINES_SHARDS_RECORD_H
#define LEDE_ENGINES_SHARDS_RECORD_H

#include "../../core/arena.h"
#include "../../core/article.h"
#include "../../core/buffer.h"

enum { SLOT_ARTICLE = 0, SLOT_DATE = 1, SLOT_COMMIT = 2 };

/* The longest term that Xapian takes, here where libxapian may not be. */
#define SHARD_TERM_MAX 245

#define TERM_ARTICLE "XARTICLE"

/* What a document's data say. Strings are views, unless told otherwise. */
struct record {
    lede_article article; /* without body, but for its length */
    uint32_t number, line;
    const char *heading;
    size_t heading_len;
    size_t start; /* of the text, in the body */
    const char *chunk;
    size_t chunk_len, skip, len;
};

void record_write(struct buffer *out, const struct record *record);

/* Strings are copied to the arena, with NULs. False if the bytes are none of record_write's. *nomem tells whether it
 * was for lack of memory. */
bool record_read(struct record *out, struct arena *arena, const char *bytes, size_t len, bool *nomem);

/* Q<key>, written to term, and its length. */
size_t record_key_term(char term[SHARD_TERM_MAX], const char *key, size_t key_len);

/* S<source> or A<source>. */
size_t record_source_term(char term[SHARD_TERM_MAX], char kind, uint64_t source);

#endif
