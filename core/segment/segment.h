/* segment.h - a segment: an immutable, checksummed, memory-mapped file that holds passages and the
 * inverted index over them.
 *
 * THE FORMAT, version 5
 *
 *     header
 *     sections, each at a multiple of 64, with 8 or more zero bytes behind it:
 *       ARTICLES   ARTICLE_GROUPS   KEYS   SOURCES   LENGTHS   PASSAGE_STARTS        core/segment/articles.c
 *       TEXT       TEXT_BLOCKS                          core/segment/text_writer.c, text_table.c, stored_text.c
 *       POSTINGS                                                                     core/segment/postings.c
 *       TERMS      TERM_BLOCKS      WORDS  WORD_BLOCKS                               core/segment/dictionary.c
 *       COLUMNS                                                                      core/segment/columns.h
 *
 * Numbers are little-endian. `v` is a varint (LEB128: seven bits a byte, lowest first), `z` a varint of a zigzag-coded
 * signed number, `s` a varint length and so many bytes of UTF-8. A passage is known by its ordinal in the segment, and
 * so is an article; an article's passages are consecutive.
 *
 * A typical search: for each term of the query, look it up in the table of common terms, or else binary search in
 * TERM_BLOCKS for the block of TERMS that may hold it, and scan that block; walk the postings; for each hit, find the
 * article from PASSAGE_STARTS, its record from ARTICLE_GROUPS, and the passage's bytes from TEXT_BLOCKS and TEXT.
 * Nothing is read that the query does not need.
 *
 * Header
 *     0   8  "LEDE" 0x1a "SEG"                 48  8  words                (entries of WORDS)
 *     8   4  version; 4 if no text is kept     56  8  postings             ((term, passage) pairs)
 *     12  4  number of sections: 14            64  8  positions            (occurrences)
 *     16  8  size of the file                  72  8  bytes of text before compression
 *     24  4  passages, 1 to 2^32 - 2           80  8  bytes of POSTINGS that are positions
 *     28  4  articles, 1 or more               88  4  bytes of an entry of LENGTHS: 1, 2 or 4
 *     32  8  sum of the passages' lengths      92  4  entries of SOURCES
 *     40  8  terms                             96  4  1 if the order of articles is settled, else 0
 *                                              100 4  1 if WORDS counts what is there alone, else 0
 *     104 4  runs of KEYS                      108 4  terms of the table of common ones; 0: there is no table
 *     112    for each section, in the order of enum section_kind: u64 offset, u64 size, u64 XXH3 of its bytes
 *     448 8  XXH3 of all bytes before
 *
 * FIELDS. What is indexed of a passage is the words of its article's title, a gap of one position, the words of its
 * heading, a gap, and its own words; a field without words has no gap. Positions count from 0 through all of that, and
 * a word without a term (one that folds to nothing) takes a position too. So a phrase never runs from one field into
 * another. The passage's length is the number of its terms, title and heading included.
 *
 * TERMS, WORDS: entries in bytewise order of their keys, in blocks of 32, the last one shorter. TERM_BLOCKS,
 * WORD_BLOCKS: u32 offset of each block. A key has at most 255 bytes.
 *     block  := first entry*
 *     first  := u8 length, key, [terms only: v offset in POSTINGS of this term's], info
 *     entry  := h bytes shared with the key before, as many as there are, length of the rest; rest, info
 *     info   := [terms] v passages * 2 + (no repeats), [v occurrences - passages], h bytes of postings and positions
 *             | [words] v occurrences                       (of the surface form; deleted passages' are counted too,
 *                                                     and those of passages that a merge dropped)
 *     h      := u8 first number + 16 * second number, if both are below 15; else ff, and both as v
 *
 * COMMON TERMS, those of 256 passages or more, are also in a table at the end of TERMS, of as many buckets as there are
 * such terms. The hash of a term is the highest 32 bits of its XXH3, its bucket hash * buckets / 2^32. Where there are
 * no such terms there is no table, nor in segments of older writers; older readers leave it alone.
 *     table   := first*, in the order of the hashes, then of the keys; starts
 *     starts  := u32 for each bucket: where in TERMS its entries begin; and where those of the last one end
 * tests/unit/dictionary_test.c has an example.
 *
 * POSTINGS: for each term, in the order of TERMS, without gaps:
 *     term      := rare | frequent; positions* [positions]                 frequent: of 4096 passages or more
 *     rare      := [lasts, slope of the ends of the blocks, position_ends] block* tail     [..]: if it has a block
 *     lasts     := packed run, of the width of the segment's last passage: the last passage of each block
 *     block     := 128 passages and frequencies, see core/segment/doc_block.h
 *     tail      := for each of the last passages % 128: v gap * 2 + (frequency is 1), [v frequency if it is not 1]
 *     frequent  := u8 by chunks, head of chunks, position_ends, maxima, chunks
 *                                                                            see core/codecs/chunk.h, and
 * core/codecs/maxima.h position_ends := slope (core/codecs/slope.h) of the ends of each but the last of the positions,
 * or of the groups positions := of 128 passages, or of the rest, see core/codecs/positions.h | (by chunks is 1) of the
 * passages of a group of chunks, see core/codecs/chunk_positions.h A packed run is as core/base/codec.h says. A
 * passage's gap is its distance from the one before it, less one; from -1 for the first.
 *
 * ARTICLES: a record for each.
 *     record    := v bytes of the body * 2 + 1       the key is the next after the one before, the line the next, there
 *                                                    is one passage, all of the body, and nothing else is known
 *                | 01, v number n              n + 1 of those, with no bytes of body; all of them in one group of 64
 *                | v bytes of the body * 2, u8 flags, v bytes shared with the key before, s rest of the key,
 *                  [1: s title] [2: s byline] [4: s dateline] [8: s credit] [16: v date]
 *                  [64: v position of the body's first word in passages without heading], z line less the line before,
 *                  [32: v number of passages, passage*]       without flag 32: one passage, all of the body
 *     passage   := v bytes between the one before and it, v bytes, v lines behind the one before,
 *                  v bytes of the heading, [z place of the heading less the place of the one before, if it has bytes]
 *   Where no text is kept, a body that is one passage has no bytes.
 *   The next key has a number at its end that is one more, in as many digits if these suffice. At the first article of
 *   each 64, the key before is that of the first one of the 1024 it is in, and none at that one.
 * ARTICLE_GROUPS: u8 width of each column, 6 in all; the columns, a packed run each: for each 64 articles the offset of
 *   the first one's record, its lower 32 bits and its upper; the offset of its body in the text, the same; its first
 *   passage; the line from which its own is counted.
 * PASSAGE_STARTS: a bit for each passage, set if it is the first of its article, in u64 words; then for each word: u32
 * bits set before it. Empty if every article is one passage.
 * LENGTHS: the length of each passage.
 * KEYS: an entry for each article, in the order of the hash of its key, then of articles. The hash of bytes is the
 * highest 26 bits of their XXH3; that of a key which ends in a digit is that of what is before its last two digits (or
 * its one), with the lowest 7 bits replaced by their value. So keys that count have hashes that count, and what is
 * stored are runs, in each of which hash and article both rise by one, of at most 128 entries:
 *     articles := packed run of the width of the number of articles less one: the first of each run
 *     lengths  := packed run of 7 bits: entries of each run, less one; nothing if there are as many runs as articles
 *     low      := packed run of the low bits of the first hashes, max(0, 26 - w), where w is the width of runs - 1
 *     high     := bit string (Elias and Fano): a one at (high bits of the hash) + i for run i; runs + 2^min(w, 26) bits
 *     samples  := u32 high bits of the hash of each 32nd run
 * SOURCES: u64 source, u32 first article, u32 articles: runs of articles from the same source.
 *
 * TEXT: stretches of text, one behind the other; TEXT_BLOCKS: where they are, and the blocks in them. Both are empty if
 * the index keeps no text.
 *     stretch   := [dictionary of zstd's] frame*               a zstd frame for each block, made with the dictionary
 *     TEXT_BLOCKS := entries of each stretch; record of each stretch; u64 number of stretches
 *     entries   := for each block, and for the end: u32 bytes of the stretch's text before it, u32 of its frames
 *     record    := u64 where it begins in the text, u64 where in TEXT its first frame does, u32 bytes of the dictionary
 *                  before that, 0: none, u32 blocks, u64 where in TEXT_BLOCKS its entries are
 * Version 4, which is read, too, differs in this alone: TEXT are frames without dictionaries, TEXT_BLOCKS for each u64
 * where it begins in the text, u64 where in TEXT; and the ends of both.
 *
 * An example (tests/unit/segment_test.c holds it to the code): one article, key "k", title "Simla", body
 * "to be, to see", line 1, source 7, no text kept. Its passage is simla, gap, to, be, to, see: length 5.
 *     TERMS       02 "be" 00 | 03 11           offset 0; 1 passage, 1 occurrence, 1 byte of postings, 1 of positions
 *                 30 "see" | 03 11             shares nothing with "be"
 *                 41 "imla" | 03 11            "s" and "imla"
 *                 20 "to" | 02 01 12           1 passage, 1 more occurrence; 2 bytes and 1 byte
 *     POSTINGS    01 | 06    be: passage 0 once (0 * 2 + 1) | slack 0 (a zero), then 3 of 5 in 3 bits: at 3
 *                 01 | 15    see: the same | slack 1 (a one, a zero), then 5 of 6: at 5, beyond the length for the gap
 *                 01 | 00    simla: at 0           00 02 | 12   to: passage 0, twice | set 9 of 10 in 4 bits: at 2, 4
 *     ARTICLES    00 41 00 01 "k" 05 "Simla" 02 00    no text; title and position; key; title; body from 2; line
 *     LENGTHS     05      SOURCES    07 00.. 00 00 00 00 01 00 00 00      PASSAGE_STARTS  nothing
 *     COLUMNS     01 00.. 00 00.. 04 00.. | 00.. (8)       one date, 0; entries of no bytes
 *                 the same, twice                          one byline, one language, both empty
 *                 00 00.. 01 00.. 00 00.. | 01 00.. (8)    title words in a byte: 1
 *                 00 (16)                                  no heading words
 *
 * Invariants, which segment_check verifies:
 *  1 every section has its checksum                     9 every block of text decompresses to its size
 *  2 bytes outside of header and sections are zero     10 a term's passages rise
 *  3 articles' passages follow each other              11 there are as many as the dictionary says, and occurrences
 *  4 passages lie in the body, in order                12 positions rise
 *  5 texts follow each other                           13 occurrences in a passage add up to its length
 *  6 each article is found by its key                  14 keys of a dictionary rise; postings follow each other
 *  7 KEYS is in order                                  15 no impact is above its range's level
 *  8 runs of sources cover the articles in order       16 columns are as the records have it
 *                                                      17 each term is found
 *                                                      18 the table of common terms has all of these, and no others
 */
#ifndef LEDE_CORE_SEGMENT_H
#define LEDE_CORE_SEGMENT_H

#include "article.h"
#include "core/base/buffer.h"
#include "postings.h"

struct segment;
struct faults;

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

/* Keeps terms that are searched for again and again in memory, see hot_terms.h: before any search, once. The budget
 * outlives the segment. */
struct hot_terms;
struct hot_budget;
void segment_keep_hot(struct segment *s, struct hot_budget *budget);
/* Where they are, which changes while the segment doesn't. NULL: they aren't kept. */
struct hot_terms *segment_hot(const struct segment *s);

/* Gives back the memory of the pages that were read, see file_map_forget. At any time. */
void segment_forget(const struct segment *s);

const char *segment_path(const struct segment *s);
const struct segment_info *segment_info(const struct segment *s);
/* When it was written an order by likeness was looked for, and taken if it was worth it. */
bool segment_is_settled(const struct segment *s);

/* ------------------------------------------------------------------------------------- terms -- */

/* Fetches what looking for a term reads first, and what that tells to read: terms that are looked for together, one
 * step of all before the next one, wait together. */
enum term_step { TERM_BUCKET, TERM_ENTRIES };
void segment_fetch_term(const struct segment *s, const char *term, size_t len, enum term_step step);

/* LEDE_NOT_FOUND, with err untouched, if no passage holds the term. */
LEDE_NODISCARD lede_status segment_find_term(const struct segment *s, const char *term, size_t len,
                                             struct term_info *info, lede_error *err);

/* The length of a passage in words, as ranking counts it: title, heading and body. */
uint32_t segment_length(const struct segment *s, uint32_t passage);

/* The lengths of all passages, as they are stored: *width bytes each (1, 2 or 4), little-endian. */
const uint8_t *segment_lengths(const struct segment *s, unsigned *width);

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
/* On the first entry from where it stands on that is not less than `key`: fast where that is near. */
LEDE_NODISCARD lede_status dictionary_seek(struct dictionary_cursor *c, const char *key, size_t len, lede_error *err);

/* --------------------------------------------------------------------- articles and passages -- */

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

/* Its date, from the columns: faster than segment_article. */
lede_date segment_date(const struct segment *s, uint32_t article);

/* The article that a passage belongs to. */
uint32_t segment_article_of(const struct segment *s, uint32_t passage);

/* A passage with its article. `number` is its place in the article, from 0. */
LEDE_NODISCARD lede_status segment_passage(const struct segment *s, uint32_t ordinal, struct article_record *article,
                                           struct passage *passage, uint32_t *number, lede_error *err);

/* The last article with this key that is not in `deleted` (a bit a passage; may be NULL). LEDE_NOT_FOUND, err
 * untouched. */
LEDE_NODISCARD lede_status segment_find_key(const struct segment *s, const uint8_t *deleted, const char *key,
                                            size_t key_len, uint32_t *article, lede_error *err);

/* Hash by which keys are looked up, see KEYS. */
uint32_t segment_key_hash(const char *key, size_t key_len);

/* The articles in the order of the hashes of their keys, then of articles:
 *
 *     for (key_scan_start(&k, s, 0); k.hash != KEY_SCAN_END; key_scan_next(&k))
 *         ... k.hash is the hash of article k.article ... */
#define KEY_SCAN_END UINT64_MAX
struct key_scan {
    uint64_t hash;
    uint32_t article;
    /* Private from here on. */
    uint32_t run, rest; /* where it stands: how many of the run are behind it */
    const struct segment *segment;
    const uint8_t *articles, *lengths, *low, *high;
    unsigned article_width, length_width, low_width;
    uint64_t bit, bits; /* of the run's high part; in all */
};
/* On the first one whose hash is not below `hash`. */
void key_scan_start(struct key_scan *k, const struct segment *s, uint64_t hash);
/* From where it stands on: fast where that is near. */
void key_scan_seek(struct key_scan *k, uint64_t hash);
void key_scan_next(struct key_scan *k);

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

/* Reads every byte and checks every checksum and numbered invariant of the format; adds what is wrong to `faults`.
 * `advance`, which may be NULL, is told now and then how many bytes it has come on, which are those of the file in all;
 * a return value other than 0 ends the check. LEDE_INTERRUPTED then; LEDE_NOMEM. */
LEDE_NODISCARD lede_status segment_check(const struct segment *s, struct faults *faults,
                                         int (*advance)(void *ctx, uint64_t bytes), void *ctx, lede_error *err);

#endif
