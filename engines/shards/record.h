/* record.h - a passage as a document of Xapian's.
 *
 *     terms   each word of the title, the heading and the passage counts once as its stem, and once as its form:
 *             STEM        at its position in the passage's text, from 1; for others each RECORD_FAR further on
 *             F<form>     the same
 *             T<stem>  TF<form>   at its position in the title, which counts nothing
 *             H<stem>  HF<form>   the same in the heading
 *             N<stem>  NF<form>   of the title or the heading, and not in the text
 *             Y<form>     of the byline's words, at their positions, which count nothing
 *             L<language> of the article, by name if Snowball knows it, else the first part of its code
 *             Q<key>      of the article (a long key is cut, and its hash added)
 *             S<source>   the file it came from, in hexadecimal; 0: none
 *             A<source>   the same, for the first passage of each article alone: counting these counts articles
 *             XARTICLE    the first passage of each article
 *     values  slot 0: the article, so that one passage of each can be asked for, and what facets count: the term Q...,
 *                     date, source (in hexadecimal), byline, dateline and credit, with a NUL behind each
 *             slot 1: the date as YYYYMMDD, if there is one
 *             slot 2: a number of the commit that it came with, in decimal
 *             slot 3: 99999999 less the date, so that articles without one are the last either way round
 *     data    what follows
 *
 * A phrase stands in one field; as the fields' positions are told apart by prefixes, none can run from one into
 * another, and what is asked of one field is asked of its terms alone. Forms are for exact words, prefixes, wildcards
 * and words that are spelled nearly so. Stems and forms are folded, so none of theirs begins with a capital letter. The
 * data are varints (core/base/bytes.h) and strings (length, bytes):
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

#include "core/base/arena.h"
#include "core/base/buffer.h"
#include "core/segment/article.h"

enum {
    SLOT_ARTICLE = 0,
    SLOT_DATE = 1,
    SLOT_STAMP = 2,
    SLOT_OLDEST = 3,
};

/* How often a word counts to a document's length; and more than any phrase or NEAR is wide. */
enum { RECORD_WORD_TERMS = 2, RECORD_FAR = 4096 };

/* The longest term that Xapian takes, here where libxapian may not be. */
#define SHARD_TERM_MAX 245

/* Stems and forms are cut to so many bytes, at a character, so that any prefix fits in front. */
#define SHARD_WORD_MAX (SHARD_TERM_MAX - 2)

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

/* Orders two by the keys of their articles, by bytes. Those that are none of record_write's are the same. */
int record_compare_keys(const char *a, size_t a_len, const char *b, size_t b_len);

/* PREFIX<word>, cut, written to term, and its length. */
size_t record_word_term(char term[SHARD_TERM_MAX], const char *prefix, const char *word, size_t len);

/* L<language>; 0 if none is told. */
size_t record_language_term(char term[SHARD_TERM_MAX], const char *language, size_t len);

/* Q<key>, written to term, and its length. */
size_t record_key_term(char term[SHARD_TERM_MAX], const char *key, size_t key_len);

/* S<source> or A<source>. */
size_t record_source_term(char term[SHARD_TERM_MAX], char kind, uint64_t source);

#endif
