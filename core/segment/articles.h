/* articles.h - the writers of a segment's sections about articles and passages: records, passage starts, lengths,
 * keys, sources. segment.h has the readers' functions and the format. */
#ifndef LEDE_CORE_ARTICLES_H
#define LEDE_CORE_ARTICLES_H

#include "columns.h"
#include "keys.h"
#include "segment_map.h"

/* Articles whose records are found together, and those in whose groups the first keys are told from the first of all.
 */
#define ARTICLE_GROUP    64
#define ARTICLE_KEY_SPAN (16 * ARTICLE_GROUP)

/* Collects what a segment keeps of its articles. Records, which can be drained to the section now and then, and tables
 * go to the scratch file, if there is one, piece by piece: so what is in memory does not grow with the articles, but
 * for the distinct bylines, languages and dates. */
struct articles_writer {
    struct spool records; /* coded, not yet drained */
    uint64_t drained;     /* bytes of records gone before */
    struct spool groups;
    struct buffer passages; /* scratch: coded passages of one article */
    struct buffer key;      /* of the article before; of the span's first, where a group begins */
    struct buffer span_key; /* of the first article of the ARTICLE_KEY_SPAN */
    struct spool starts;    /* a bit a passage, 64 bits a word: it is the first of its article */
    uint64_t start_word;    /* the last one, */
    uint32_t start_words;   /* which so many are before */
    struct spool lengths;   /* u32 each */
    struct spool runs;      /* coded */
    struct keys_writer keys;
    struct columns_writer columns;
    struct source_run run;
    uint32_t line;  /* of the article before */
    uint32_t nexts; /* records that are next to the one before, with an empty body, and not coded yet */
    uint32_t articles, passage_count, run_count;
    uint32_t max_length;
    uint64_t total_length;
    uint64_t text; /* offset of the next body */
    bool failed;
};

/* `scratch` is borrowed; without one (NULL) all stays in memory. */
void articles_writer_init(struct articles_writer *w, struct scratch *scratch);
void articles_writer_release(struct articles_writer *w);
size_t articles_writer_memory(const struct articles_writer *w);

/* How many words an article has where. */
struct article_words {
    uint32_t body_position;   /* see FIELDS: positions of the body's words begin here in passages without heading */
    const uint32_t *lengths;  /* of each passage */
    const uint32_t *headings; /* positions that the heading of each takes; NULL: none has any */
};

/* Adds an article with its passages, at least one. */
void articles_writer_add(struct articles_writer *w, const struct article *article, const struct passage *passages,
                         uint32_t passage_count, const struct article_words *words);

/* Writes the records so far to SECTION_ARTICLES, which `out` is at. */
void articles_writer_drain(struct articles_writer *w, struct segment_writer *out);
/* Writes the rest of them, ends the section, writes the others, and fills the counts in. False if memory ran out at
 * some time, or the scratch file failed. */
bool articles_writer_finish(struct articles_writer *w, struct segment_writer *out, struct segment_counts *counts);

/* Whether ARTICLE_GROUPS has the size that its widths and so many articles ask for. */
bool article_groups_fit(const struct section *groups, uint32_t articles);

/* Reads a segment's articles one after the other; each record is valid until the next call. */
struct article_cursor {
    const struct segment *segment;
    bool keyless;   /* may be set before the first: keys, sources and languages are not wanted, and not told */
    uint32_t next;  /* article to be read next */
    uint64_t at;    /* offset of its record */
    uint32_t nexts; /* records from here on that need none */
    uint32_t line;
    size_t span_key_len;
    char span_key[ARTICLE_KEY_MAX]; /* of the first article of the ARTICLE_KEY_SPAN it is in */
    struct article_record record;
};

void article_cursor_init(struct article_cursor *c, const struct segment *s);
/* Reads the next article into c->record; false at the end, or on an error, which is in *status then. */
bool article_cursor_next(struct article_cursor *c, lede_status *status, lede_error *err);
/* Reads this article, with its source; fast if it is the last one, or a little behind it. LEDE_INVALID if there is
 * none. The cursor is of no use any more if it can't be read. */
LEDE_NODISCARD lede_status article_cursor_seek(struct article_cursor *c, uint32_t article, lede_error *err);
/* Reads the article of a passage, and which part of its text that is. */
LEDE_NODISCARD lede_status article_cursor_passage(struct article_cursor *c, uint32_t ordinal, struct passage *passage,
                                                  lede_error *err);

/* Before many passages that lie here and there are read, what the cursor reads of each comes to the cache: of all
 * articles first the one, then the other. Neither waits for memory, but for what the first one was asked for just now.
 */
void article_fetch_group(const struct segment *s, uint32_t article);
void article_fetch_record(const struct segment *s, uint32_t article);

#endif
