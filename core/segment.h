/* segment.h - a segment: an immutable, checksummed, memory-mapped file that holds passages and the
 * inverted index over them. */
#ifndef LEDE_CORE_SEGMENT_H
#define LEDE_CORE_SEGMENT_H

#include "article.h"
#include "buffer.h"
#include "postings.h"

struct segment;

/* What the catalogue keeps of a segment, to know the file again. */
struct segment_info {
    uint64_t size;     /* bytes */
    uint64_t checksum; /* of the header, which holds those of all sections */
    uint32_t passages, articles;
    uint64_t total_length; /* sum of the passages' lengths */
};

/* Maps the segment and validates its header and table of sections, in time that does not depend on its size. With
 * `expected`, size and checksum have to be those. The segment is immutable, so safe to share between threads. */
LEDE_NODISCARD lede_status segment_open(struct segment **out, const char *path, const struct segment_info *expected,
                                        lede_error *err);
void segment_close(struct segment *s);

const char *segment_path(const struct segment *s);
const struct segment_info *segment_info(const struct segment *s);

/* ------------------------------------------------------------------------------------- terms -- */

/* LEDE_NOT_FOUND, with err untouched, if no passage holds the term. */
LEDE_NODISCARD lede_status segment_find_term(const struct segment *s, const char *term, size_t len,
                                             struct term_info *info, lede_error *err);

/* The length of a passage in words, as ranking counts it: title, heading and body. */
uint32_t segment_length(const struct segment *s, uint32_t passage);

/* The terms, or the words (surface forms, see WORDS in the format), in bytewise order. */
struct dictionary_cursor;
enum dictionary_kind { DICTIONARY_TERMS, DICTIONARY_WORDS };
/* On the first entry that is not less than `from`. */
LEDE_NODISCARD lede_status dictionary_open(struct dictionary_cursor **out, const struct segment *s,
                                           enum dictionary_kind kind, const char *from, size_t from_len,
                                           lede_error *err);
void dictionary_close(struct dictionary_cursor *c);
/* The entry it stands on, borrowed until the next call; NULL at the end. */
const char *dictionary_key(const struct dictionary_cursor *c, size_t *len);
/* Of the entry it stands on: for a term all of it; for a word only total_freq, how often it occurs. */
const struct term_info *dictionary_info(const struct dictionary_cursor *c);
LEDE_NODISCARD lede_status dictionary_next(struct dictionary_cursor *c, lede_error *err);

/* --------------------------------------------------------------------- articles and passages -- */

/* The longest key that an article may have. */
#define ARTICLE_KEY_MAX 4096

/* An article as it is stored. Strings are views into the segment, without NUL, but for the key, which is in the record
 * itself (so meta.key is stale in a copy of the record); meta.body is NULL and meta.body_len its length, meta.path
 * NULL. */
struct article_record {
    lede_article meta;
    uint64_t source;
    uint64_t text;          /* offset of its body in the segment's text */
    uint32_t first_passage; /* ordinal in the segment */
    uint32_t passage_count;
    uint32_t body_position; /* see FIELDS: positions of the body's words begin here in passages without heading */
    const uint8_t *passages, *end; /* coded passage records; NULL: one passage, all of the body */
    char key[ARTICLE_KEY_MAX + 1];
};

/* Passage `number`, from 0, of an article that segment_article gave; or all of them, as an array of struct passage. */
void article_passage(const struct article_record *article, uint32_t number, struct passage *out);
void article_passages(const struct article_record *article, struct buffer *out);

LEDE_NODISCARD lede_status segment_article(const struct segment *s, uint32_t article, struct article_record *out,
                                           lede_error *err);

/* The article that a passage belongs to. */
uint32_t segment_article_of(const struct segment *s, uint32_t passage);

/* A passage with its article. `number` is its place in the article, from 0. */
LEDE_NODISCARD lede_status segment_passage(const struct segment *s, uint32_t ordinal, struct article_record *article,
                                           struct passage *passage, uint32_t *number, lede_error *err);

/* Appends bytes [start, start + len) of the segment's text. LEDE_UNSUPPORTED if it keeps none. */
LEDE_NODISCARD lede_status segment_text(const struct segment *s, uint64_t start, uint64_t len, struct buffer *out,
                                        lede_error *err);

/* The last article with this key that is not in `deleted` (a bit a passage; may be NULL). LEDE_NOT_FOUND, err
 * untouched. */
LEDE_NODISCARD lede_status segment_find_key(const struct segment *s, const uint8_t *deleted, const char *key,
                                            size_t key_len, uint32_t *article, lede_error *err);

/* Hash by which keys are looked up, and the sorted table of them: entry i is the hash of article *article. */
uint32_t segment_key_hash(const char *key, size_t key_len);
uint32_t segment_key_entry(const struct segment *s, uint32_t i, uint32_t *article);

/* Runs of articles that came from the same source, in order of articles, covering all of them. */
struct source_run {
    uint64_t source;
    uint32_t first_article, count;
};
uint32_t segment_source_run_count(const struct segment *s);
void segment_source_run(const struct segment *s, uint32_t i, struct source_run *run);

/* ------------------------------------------------------------------------------- housekeeping -- */

/* Sizes of the parts, and counts, added to those in *stats. */
void segment_stats(const struct segment *s, lede_stats *stats);

/* Reads every byte and checks every checksum and numbered invariant of the format; calls report for each fault, and
 * returns how many there were. */
uint64_t segment_check(const struct segment *s, void (*report)(void *ctx, const char *fault), void *ctx);

#endif
