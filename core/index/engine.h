/* engine.h - the seam between Lede and what an index may lie in besides a folder of segments.
 *
 * Which it is, the index's name tells: engine_of gives the engine's table of functions, or NULL for a folder. What
 * reads articles, cuts passages, analyses words, parses queries, lights words and prints is the same code on both
 * sides; what differs is here:
 *
 *     lede_writer  --put, remove, commit-->  struct engine_writer     beside: pipeline, inverter, segments, catalogue
 *     lede_index   --search, passage, ...->  struct engine_reader     beside: snapshot, plan, cursors, top k
 *
 * The functions that take a folder of segments look whether there is an engine once for each call of the public API,
 * and know no more of it. engines/ has the implementations. */
#ifndef LEDE_CORE_ENGINE_H
#define LEDE_CORE_ENGINE_H

#include "core/base/arena.h"
#include "core/segment/article.h"

struct analyzer;
struct catalogue;
struct engine;
struct explanation;

/* What is fixed when an index is made. Strings lie with the owner. */
struct engine_settings {
    const char *language; /* canonical */
    lede_passages passages;
    bool omit_text;
};

/* ------------------------------------------------------------------------------------ reading -- */

/* What every engine's own struct begins with. Its functions may be called by any number of threads at once. */
struct engine_reader {
    const struct engine *engine;
    struct engine_settings settings;
    uint64_t commit;
    double sample; /* which part of the index answers of a sample are of; 1: all of it */
};

/* An ordinal says where a passage is, for as long as the reader is open; those of an article follow each other. */
struct engine_hit {
    double score;
    uint64_t ordinal;
    const char *record; /* what is kept of the passage, if it came with the hit; else NULL */
    size_t record_len;
};

struct engine_search {
    const lede_query *query;
    const lede_search_options *options;
    const lede_article *within; /* of this article alone; NULL: anywhere */
};

/* In the arena of the caller. */
struct engine_hits {
    const struct engine_hit *hits;
    size_t count;
    uint64_t total; /* exact, or a lower bound */
    bool exact;
    const char *missing; /* one line about what could not be searched; NULL if all was */
    /* Of all that was searched. */
    const uint64_t *doc_freqs;         /* passages that hold each of the query's terms */
    const uint64_t *pattern_doc_freqs; /* and each of those that stand for several, together; 0: not known */
    uint64_t passages, total_length;
};

/* A word's form, borrowed during the call, that so many passages hold. LEDE_OK to go on. */
typedef lede_status engine_visit_word(void *ctx, const char *form, size_t len, uint64_t passages, lede_error *err);

/* What is counted of an article, borrowed during the call. LEDE_OK to go on. */
struct engine_article {
    lede_date date;
    const char *byline, *dateline, *credit, *path; /* of the file it came from; empty if there is none */
    uint64_t passages;                             /* of it that match */
};
typedef lede_status engine_visit_article(void *ctx, const struct engine_article *article, lede_error *err);

/* A stem, or a form of a word, and how many passages hold it. */
struct engine_term {
    const char *bytes;
    size_t len;
    bool is_form;
    uint64_t doc_freq;
};

/* Of what an answer about words is: a sample costs less, and has all words but rare ones. */
enum engine_extent { ENGINE_ALL, ENGINE_SAMPLE };

/* What words begin with. */
struct engine_beginning {
    const char *bytes;
    size_t len;
    enum engine_extent of;
};

/* ------------------------------------------------------------------------------------ writing -- */

/* What every engine's own struct begins with. One thread at a time. */
struct engine_writer {
    const struct engine *engine;
    struct engine_settings settings;
};

/* ----------------------------------------------------------------------------------- the table -- */

struct engine {
    lede_status (*open)(struct engine_reader **out, const char *name, lede_error *err);
    void (*close)(struct engine_reader *reader);
    /* Whether a later commit exists than that of the opening. */
    bool (*is_stale)(struct engine_reader *reader);
    /* The best passages, or the best of each article. */
    lede_status (*search)(struct engine_hits *out, struct engine_reader *reader, const struct engine_search *search,
                          struct arena *arena, lede_error *err);
    /* Tells the parts of a hit's score, which are the children of one sum; names lie in the arena. */
    lede_status (*explain)(struct explanation *out, struct engine_reader *reader, const struct engine_search *search,
                           const struct engine_hit *hit, struct arena *arena, lede_error *err);
    /* The passage of a hit, of which only the ordinal has to be set: all of the view but the spans, in the arena.
     * LEDE_INVALID if there is none. */
    lede_status (*passage)(lede_passage_view *out, struct engine_reader *reader, const struct engine_hit *hit,
                           struct arena *arena, lede_error *err);
    /* Where passage `number` (from 1) of the article with this key starts in the body; the body's length if there is
     * none such. LEDE_NOT_FOUND if there is no such article. */
    lede_status (*passage_start)(size_t *out, struct engine_reader *reader, const char *key, size_t key_len,
                                 uint32_t number, lede_error *err);
    /* The article with its body, in the arena. */
    lede_status (*article)(lede_article *out, struct engine_reader *reader, const char *key, size_t key_len,
                           struct arena *arena, lede_error *err);
    /* The forms of words that begin so, in order of bytes. */
    lede_status (*words)(struct engine_reader *reader, const struct engine_beginning *beginning,
                         engine_visit_word *visit, void *ctx, lede_error *err);
    /* Sets doc_freq of each term, and tells how many passages there are. */
    lede_status (*frequencies)(struct engine_term *terms, size_t count, enum engine_extent of, uint64_t *passages,
                               struct engine_reader *reader, lede_error *err);
    /* Every article that matches. LEDE_UNSUPPORTED for too many. */
    lede_status (*articles)(struct engine_reader *reader, const lede_query *query, engine_visit_article *visit,
                            void *ctx, lede_error *err);
    lede_status (*stats)(lede_stats *out, struct engine_reader *reader, lede_error *err);
    /* As lede_index_check. */
    lede_status (*check)(const char *name, void (*report)(void *ctx, const char *fault),
                         int (*progress)(void *ctx, const lede_progress *progress), void *ctx, uint64_t *faults,
                         lede_error *err);

    /* Makes the index, with `wanted`, if there is none and must_exist is not set. */
    lede_status (*open_writer)(struct engine_writer **out, const char *name, const struct engine_settings *wanted,
                               bool must_exist, lede_error *err);
    /* What was not committed is discarded, as far as the engine can. */
    void (*close_writer)(struct engine_writer *writer);
    /* Reads what is known of source files into an empty catalogue, which has a transaction open; *next_source is an id
     * above all that were ever used. */
    lede_status (*load_sources)(struct engine_writer *writer, struct catalogue *catalogue, uint64_t *next_source,
                                lede_error *err);
    /* Puts an article in place of the one with its key, if there is one. */
    lede_status (*put)(struct engine_writer *writer, struct analyzer *analyzer, const struct article *article,
                       const char *path, lede_error *err);
    /* Deletes the article with this key, or those of a source. *deleted tells how many committed ones there were,
     * *found whether there was any. */
    lede_status (*remove)(struct engine_writer *writer, const char *key, size_t key_len, uint64_t *deleted, bool *found,
                          lede_error *err);
    lede_status (*remove_source)(struct engine_writer *writer, uint64_t source, uint64_t *deleted, lede_error *err);
    /* Makes it durable, and then what is known of source files. Adds up articles and passages in *info. */
    lede_status (*commit)(struct engine_writer *writer, struct catalogue *catalogue, lede_commit_info *info,
                          lede_error *err);
};

/* The engine that indexes of this name lie in; NULL for a folder of segments. */
const struct engine *engine_of(const char *name);

#endif
