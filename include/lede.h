/* lede.h - Lede: full-text search over articles, passage by passage.
 *
 * An index is a folder (NAME.lede, by default .lede). One process at a time may hold a writer on it; any number of
 * processes and threads may search it meanwhile. A reader sees the snapshot that was committed when it opened the
 * index, for as long as it keeps it open. An index whose name begins with "xapian:" is kept in shards instead, which
 * are Xapian databases on this host or on others; its readers may come to see later commits than the one they opened.
 * docs/SHARDS.md tells what else is different there.
 *
 *     lede_error err;
 *     lede_index *index = NULL;
 *     lede_query *query = NULL;
 *     lede_results *results = NULL;
 *     if (lede_index_open(&index, "news.lede", &err) ||
 *         lede_query_parse(&query, index, "Lavrov Simla", 12, NULL, &err) ||
 *         lede_search(&results, index, query, NULL, &err))
 *         fprintf(stderr, "%s\n", err.message);
 *     for (size_t i = 0; results && i < lede_results_count(results); i++) {
 *         const lede_hit *hit = lede_results_hit(results, i);
 *         const lede_passage_view *view;
 *         if (lede_results_passage(&view, results, i, &err) == LEDE_OK)
 *             printf("%zu %.3f %s:%u %s\n", i + 1, hit->score, view->article.path, view->line, view->text);
 *     }
 *     lede_results_free(results);
 *     lede_query_free(query);
 *     lede_index_close(index);
 *
 * Conventions, for every function here:
 * - A function that can fail returns a lede_status and takes a lede_error* last, which may be NULL.
 *   On LEDE_OK the error is untouched; otherwise its message is one line, without a newline, that
 *   says what was wrong, where, and what to do. Out parameters are then NULL or zero.
 * - `T **out` hands over an object that the caller frees with the type's _free or _close function,
 *   all of which accept NULL. A `const T *` is borrowed; its lifetime is told at the function.
 * - Strings go in as (pointer, length) and need no terminating NUL unless they are paths; strings
 *   that come out are UTF-8 and NUL-terminated, and may not contain NUL otherwise.
 * - Options structs: all zero (or a NULL pointer) means defaults.
 * - Unless told otherwise an object may be used by one thread at a time; different objects by different threads. A
 *   lede_index may be used by any number of threads at once, and so may what a function takes as const, such as the
 *   query of a search.
 */
#ifndef LEDE_H
#define LEDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define LEDE_API       __attribute__((visibility("default")))
#define LEDE_NODISCARD __attribute__((warn_unused_result))
#else
#define LEDE_API
#define LEDE_NODISCARD
#endif

#define LEDE_VERSION_MAJOR 0
#define LEDE_VERSION_MINOR 1
#define LEDE_VERSION_PATCH 0

/* The library's version, such as "0.1.0". Static storage. */
LEDE_API const char *lede_version(void);

/* ------------------------------------------------------------------------------------ errors -- */

typedef enum lede_status {
    LEDE_OK = 0,
    LEDE_INVALID,     /* an argument, option or query that makes no sense */
    LEDE_NOT_FOUND,   /* no such index, file, article */
    LEDE_NOT_INDEX,   /* the folder or file is something else than a Lede index */
    LEDE_TOO_NEW,     /* written by a newer Lede: upgrade */
    LEDE_TOO_OLD,     /* written by an older Lede that this one can't read: index again */
    LEDE_CORRUPT,     /* the bytes contradict themselves or their checksums */
    LEDE_LOCKED,      /* another process is writing this index */
    LEDE_IO,          /* the operating system refused: errno's text is in the message */
    LEDE_FULL,        /* no space left on the device, or over quota */
    LEDE_NOMEM,       /* out of memory */
    LEDE_INTERRUPTED, /* a callback asked to stop */
    LEDE_UNSUPPORTED, /* understood, but not available in this build or index */
} lede_status;

#define LEDE_ERROR_MESSAGE_SIZE 1024

typedef struct lede_error {
    lede_status status;
    uint64_t offset; /* byte offset in the file or query at fault; LEDE_NO_OFFSET if none applies */
    char message[LEDE_ERROR_MESSAGE_SIZE];
} lede_error;

#define LEDE_NO_OFFSET UINT64_MAX

/* A short English name of a status, such as "index is locked". Static storage. */
LEDE_API const char *lede_status_text(lede_status status);

/* ----------------------------------------------------------------------------------- articles -- */

/* A date of publication as the number YYYYMMDD in the proleptic Gregorian calendar, of the years 1 to 9999; 0 =
 * unknown. Where only the month is known DD is 00, and where only the year is, so is MM. Comparing two such numbers
 * compares the dates. */
typedef uint32_t lede_date;

/* An article, as it goes into an index and comes out of it. Absent strings are NULL with length 0
 * on the way in, and empty on the way out. */
typedef struct lede_article {
    const char *key; /* unique in an index: adding an article replaces the one with the same key */
    size_t key_len;
    const char *title;
    size_t title_len;
    const char *byline;
    size_t byline_len;
    const char *dateline; /* the place a report is filed from, such as "MOSCOW" */
    size_t dateline_len;
    const char *credit; /* an agency credit, such as "with PTI inputs" */
    size_t credit_len;
    const char *language; /* as its source tells it, such as "en" or "German"; what `lang:` looks for */
    size_t language_len;
    const char *body; /* UTF-8; paragraphs end with a newline or a blank line */
    size_t body_len;
    lede_date date;
    /* Out only: */
    const char *path;  /* the file it was read from, absolute; "-" for standard input */
    uint32_t line;     /* line of the file at which the article starts, from 1 */
    uint32_t passages; /* how many passages it was cut into */
} lede_article;

/* ----------------------------------------------------------------------------------- indexing -- */

typedef struct lede_writer lede_writer;

/* How the passages of an article are cut. */
typedef enum lede_passages {
    LEDE_PASSAGES_AUTO = 0, /* whole for id<TAB>text files, cut for everything else */
    LEDE_PASSAGES_CUT,      /* at paragraph ends, 40 to 150 words where the text allows it */
    LEDE_PASSAGES_WHOLE,    /* each article is one passage */
} lede_passages;

typedef enum lede_format {
    LEDE_FORMAT_AUTO = 0, /* by the file's name; standard input by its first lines */
    LEDE_FORMAT_TEXT,     /* one article a file */
    LEDE_FORMAT_MARKDOWN, /* one article a file, "#" title and headings, YAML front matter */
    LEDE_FORMAT_JSONL,    /* one JSON object a line: _id|id, title, text|contents|body, date, byline */
    LEDE_FORMAT_TSV,      /* id<TAB>text, one a line */
    LEDE_FORMAT_HTML,     /* one article a file: <article> or <main>, where the page has it */
    LEDE_FORMAT_BY_NAME,  /* as AUTO, and a format in which a file was read before is forgotten */
} lede_format;

typedef enum lede_warning_kind {
    LEDE_WARNING_SKIPPED = 0, /* a file or record was left out */
    LEDE_WARNING_REPAIRED,    /* broken bytes were replaced */
} lede_warning_kind;

typedef struct lede_progress {
    /* Of input read or skipped as unchanged; while merging or checking, of the segments that are merged or checked. */
    uint64_t bytes_done;
    uint64_t bytes_total; /* of input known so far, 0 where it can't be known (a pipe); or of those segments */
    uint64_t files_done;
    uint64_t files_total;
    uint64_t articles_done;
    const char *phase; /* "scanning", "indexing", "reordering", "merging", "committing", "checking"; static storage */
} lede_progress;

/* What a commit did. Counts are since the writer was opened or last committed. */
typedef struct lede_commit_info {
    uint64_t articles_added;      /* new keys */
    uint64_t articles_updated;    /* keys that replaced an older article */
    uint64_t articles_superseded; /* came in, and another with the same key after them */
    uint64_t articles_deleted;    /* by lede_writer_delete, or vanished from their file or folder */
    uint64_t passages_added;
    uint64_t files_indexed;     /* read and indexed */
    uint64_t files_unchanged;   /* skipped, as they are in the index already */
    uint64_t files_vanished;    /* dropped, as their folder was indexed again without them */
    uint64_t files_skipped;     /* unreadable or binary; each was warned of */
    uint64_t files_passed_over; /* in folders, of kinds that are not read; not warned of */
    uint64_t records_skipped;   /* lines of JSON Lines or TSV files that could not be used */
    uint64_t bytes_replaced;    /* broken bytes replaced by U+FFFD */
    uint64_t bytes_read;
} lede_commit_info;

typedef struct lede_writer_options {
    /* For a new index; on an existing one these must be zero or agree with it. */
    const char *language;   /* Snowball name or ISO 639 code; "none" = no stemming; default "english" */
    bool omit_text;         /* keep no text: hits have no passage, but the index is much smaller */
    lede_passages passages; /* default LEDE_PASSAGES_AUTO */
    /* For this writer only: */
    bool must_exist; /* fail with LEDE_NOT_FOUND instead of making a new index */
    /* Bytes of memory to stay below; default 256 MiB, at least 32 MiB. If it is less than 64 MiB, the program's own
     * code and tables, some 20 MiB, come on top. A segment with deletions takes a bit for each of its passages; an
     * index whose bits take more than a sixth of this is refused, with a message that tells how much to give. With
     * several threads glibc keeps what was freed, up to half as much again, unless mallopt(M_MMAP_THRESHOLD, 1 << 20)
     * was called before, as the command does. An article takes up to seven times its size while it is indexed, so one
     * larger than a 24th of this, or than 64 MiB, is left out, with a warning. */
    uint64_t memory;
    unsigned threads;   /* default: one per processor available to the process */
    lede_format format; /* how to read files given by name; default as they were read before, else by name */
    /* What files and streams are written in that don't tell it themselves, a name such as "windows-1251" or "koi8-r":
     * all but those that begin with a BOM, pages that declare another charset than UTF-8, and what is UTF-8 and more
     * than ASCII. Default, or "auto": Windows-1252. LEDE_INVALID if there is no such charset. */
    const char *charset;
    /* Called from the thread that calls the writer, about ten times a second. A return value other
     * than 0 stops the work in hand with LEDE_INTERRUPTED: what was read so far can be committed. */
    int (*progress)(void *ctx, const lede_progress *progress);
    /* Called, from the thread that calls the writer, for each file or record that was left out or repaired. `where` is
     * "path" or "path:line"; both strings are valid during the call only. */
    void (*warn)(void *ctx, lede_warning_kind kind, const char *where, const char *why);
    void *ctx; /* passed to both */
} lede_writer_options;

/* Opens the index `path`, a folder or the name of shards, for writing, and makes it if there is none. Holds the index's
 * writer lock until lede_writer_close. Sweeps files that a crashed writer left behind.
 * Errors: LEDE_LOCKED, LEDE_NOT_INDEX, LEDE_TOO_NEW, LEDE_TOO_OLD, LEDE_INVALID (options that
 * contradict the index), LEDE_NOT_FOUND, LEDE_IO, LEDE_FULL. */
LEDE_API LEDE_NODISCARD lede_status lede_writer_open(lede_writer **out, const char *path,
                                                     const lede_writer_options *options, lede_error *err);

/* Reads a file, or a folder with all below it, into the index. Files that are in the index and have
 * not changed since (size and time of modification, else a hash of their content) are not read
 * again, unless another format or charset is asked for than that they were read with, which is remembered: where none
 * is asked for they are read with it again. Those below a folder that are in the index but no longer on disk are
 * dropped from it. Files that can't be used are warned of, counted and passed over; only `path` itself has to exist.
 * Where it is a file, and that has no text or not one record in it that can be used, what the index has of it stays;
 * of some that is seen, and warned of, at the commit.
 * Nothing is visible to readers before lede_writer_commit. On LEDE_INTERRUPTED what was read stays pending; on any
 * other error discard the writer with lede_writer_close: the index is as it was. */
LEDE_API LEDE_NODISCARD lede_status lede_writer_add_path(lede_writer *writer, const char *path, lede_error *err);

/* Reads articles from an open file descriptor, such as 0, to its end. `format` may be AUTO. An article without an id
 * gets "-:" and a hash of its content as its key, so that one that comes again is the same. LEDE_INVALID, with the
 * writer as it was, if the descriptor is not open. */
LEDE_API LEDE_NODISCARD lede_status lede_writer_add_stream(lede_writer *writer, int fd, lede_format format,
                                                           lede_error *err);

/* Adds one article from memory, or replaces the one with the same key. A key is required, 1 to 4096 bytes. The strings
 * are copied. LEDE_INVALID, with the writer as it was, if there is no key, if a string is not UTF-8 or has a NUL, or is
 * longer than a 24th of options.memory or 64 MiB, or if the date is none. */
LEDE_API LEDE_NODISCARD lede_status lede_writer_add_article(lede_writer *writer, const lede_article *article,
                                                            lede_error *err);

/* Deletes the article with this key, or, if there is none, the articles of the file or folder of this name. *deleted
 * (`deleted` may be NULL) tells how many committed articles that will remove. LEDE_NOT_FOUND if none matches,
 * LEDE_INVALID if the key is empty. A file that is deleted and still on disk comes back when it, or a folder above it,
 * is indexed again; a record of a file of many comes back when that file changes. */
LEDE_API LEDE_NODISCARD lede_status lede_writer_delete(lede_writer *writer, const char *key, size_t key_len,
                                                       uint64_t *deleted, lede_error *err);

/* Makes all that is pending durable and visible to readers that open the index from now on, at
 * once or not at all: after a crash at any instant the index is as the last commit left it.
 * *info may be NULL. The writer can be used on. */
LEDE_API LEDE_NODISCARD lede_status lede_writer_commit(lede_writer *writer, lede_commit_info *info, lede_error *err);

typedef struct lede_optimize_options {
    bool keep_order; /* leave the articles in the order in which they came: done sooner, searched more slowly */
} lede_optimize_options;

/* Commits what is pending, merges all segments into one (or into as few as can be: with a byte of options.memory for
 * each passage it is always one), drops what was deleted, and commits that. Similar articles are put side by side, for
 * faster searches, unless these are too few to matter or too many to be ordered in so much memory (some 8 million by
 * default; 320 MiB do for ten million), or the index would grow by it and searches gain little: then they stay in the
 * order of the input. The result is the same however many threads have indexed it; hits that tie may come in another
 * order than before. If text is kept, there has to be room on the disk for all of it uncompressed. LEDE_INTERRUPTED
 * leaves the index as it was, but for merges of many segments that are done already. */
LEDE_API LEDE_NODISCARD lede_status lede_writer_optimize(lede_writer *writer, const lede_optimize_options *options,
                                                         lede_error *err);

/* Closes the writer and gives up the lock. What was not committed is discarded. */
LEDE_API void lede_writer_close(lede_writer *writer);

/* ---------------------------------------------------------------------------------- searching -- */

typedef struct lede_index lede_index;
typedef struct lede_query lede_query;
typedef struct lede_results lede_results;

/* Finds the index to use when none is named: `.lede` in the folder `start` (NULL: the current one)
 * or in the nearest parent that has one. *path is the caller's to free(). LEDE_NOT_FOUND if none. */
LEDE_API LEDE_NODISCARD lede_status lede_index_find(char **path, const char *start, lede_error *err);

/* Opens the last committed snapshot of the index `path`, a folder or the name of shards. Does not wait for a writer and
 * is not disturbed by one. Errors: LEDE_NOT_FOUND, LEDE_NOT_INDEX, LEDE_TOO_NEW, LEDE_TOO_OLD, LEDE_CORRUPT, LEDE_IO;
 * of shards LEDE_UNSUPPORTED if libxapian is not installed, LEDE_INVALID if they are not all those of one index in
 * their order, LEDE_IO if none answers. */
LEDE_API LEDE_NODISCARD lede_status lede_index_open(lede_index **out, const char *path, lede_error *err);
LEDE_API void lede_index_close(lede_index *index);

/* True if a later commit than the snapshot's exists: close and open again to see it. */
LEDE_API bool lede_index_is_stale(lede_index *index);

#define LEDE_DEFAULT_CACHE (UINT64_C(256) << 20)

/* How many bytes of memory the words of this lede_index may take that are searched for again and again; 0: none.
 * Default: LEDE_DEFAULT_CACHE, of which as much is used as frequent words are searched for: a process of one search
 * uses nothing. What it changes is the time that searches take, not what they find. By any thread at any time: what is
 * above the limit is given back at once, but for what searches that run are reading, which is when they end. Where
 * words come and go, the process may take some more than the limit, for what lies free between them. Without effect on
 * an index in shards. */
LEDE_API void lede_index_set_cache(lede_index *index, uint64_t bytes);

/* How many bytes they take now. 0 of an index in shards. */
LEDE_API uint64_t lede_index_cache_bytes(const lede_index *index);

/* How many threads one search or count of this lede_index may take, itself among them, 64 at most; 0: one for each
 * processor. Default: 1, as a library starts no threads unless it is told to. It is for queries of words alone (any of
 * them, all, a phrase or NEAR; if they are counted, with - as well) on segments of two million passages and more
 * (2^21), which several threads look into; all else is done by the thread that searches, as is everything on smaller
 * segments, which take less time than it is worth. The others are started by the first search that has use for them,
 * with all signals blocked, and end with lede_index_close; between searches they sleep. Any number of threads may
 * search at once all the same: whoever finds the helpers busy searches alone, and nobody waits for them. Hits and
 * scores are the same; totals that are not exact may differ. What `interrupt` is in the options is called by the thread
 * that searches alone. By any thread at any time, for searches that begin later. Without effect on an index in shards.
 */
LEDE_API void lede_index_set_threads(lede_index *index, unsigned threads);

typedef enum lede_operator {
    LEDE_OR = 0, /* any of the words; more of them is better */
    LEDE_AND,    /* all of the words */
} lede_operator;

typedef struct lede_query_options {
    lede_operator default_operator; /* how words side by side combine */
    bool strict;                    /* guess nothing: what is not in order is an error */
} lede_query_options;

/* Parses a query, in the language that docs/QUERY.md tells in full:
 *
 *     lavrov simla                  any of the words; more of them, and rarer ones, are better
 *     +lavrov simla -delhi          must have lavrov, must not have delhi
 *     "line of control"             these words in a row
 *     =accords   "accords"          this form of the word, not others of its stem
 *     negoti*  wor?d  accrod~  ~2   beginnings, wildcards, words that differ in one or two letters
 *     NEAR/5(a b)  ADJ/5(a b)       near each other, in any order or in this one
 *     SENTENCE(a b)  PASSAGE(a b)   in one sentence, in one passage
 *     a AND (b OR c) NOT d          combined; OR binds least, words side by side most
 *     (a b c d)/3                   three of these
 *     simla^2.5                     counts so much
 *     title:simla  heading:  body:  in a part of the article
 *     date:2025-04-22..2025-05-10   of articles of these days, months, years; of these authors (byline:), files
 *                                   (path:), languages (lang:)
 *
 * The words are analysed as the index's articles were. Any bytes are accepted: what is not in order is read the likely
 * way, which lede_query_note tells. Words count up to LEDE_QUERY_MAX_TERMS, parentheses up to 64 deep. With `strict`
 * what would be guessed is LEDE_INVALID, with err->offset at it. */
#define LEDE_QUERY_MAX_TERMS 1024
LEDE_API LEDE_NODISCARD lede_status lede_query_parse(lede_query **out, const lede_index *index, const char *text,
                                                     size_t text_len, const lede_query_options *options,
                                                     lede_error *err);
LEDE_API void lede_query_free(lede_query *query);

/* What the parser had to guess, or why nothing can match, as one line such as `unbalanced quote: read as "simla
 * accord"` or `no word to look for`; NULL if there is nothing to say. Lives as long as the query. */
LEDE_API const char *lede_query_note(const lede_query *query);

/* The query in canonical form, such as `+lavrov "simla accord" -delhi`; lives as long as the query.
 * Words are shown as typed. Parsing it again, with the same options, gives an equal query. */
LEDE_API const char *lede_query_text(const lede_query *query);

/* True if nothing can match: only exclusions, or nothing at all. */
LEDE_API bool lede_query_is_empty(const lede_query *query);

/* A part of a parsed query. Strings are never NULL. */
typedef struct lede_query_node {
    /* "group"; "word" (of any form), "form" (one), "prefix", "wildcard", "fuzzy"; "synonym" (any of its children, which
     * are words), "phrase", "near", "adj", "sentence"; "date", "byline", "path", "lang"; "all". */
    const char *kind;
    const char *occur; /* in its group: "should", "must", "must not", "filter"; "" in others and of the root */
    const char *field; /* of a word: "title", "heading", "body"; "" any */
    const char *text;  /* as it was typed; of dates as they are read */
    const char *term;  /* what is looked for: the stem, the form, its beginning, a pattern; the value of a filter */
    double weight;
    uint32_t number; /* fuzzy: edits; near, adj: words apart; group: how many it takes, 0 where that is not told */
    lede_date from, to;
    size_t offset;                              /* in the text that was parsed */
    const struct lede_query_node *first, *next; /* child; sibling */
} lede_query_node;

/* The query as a tree: a group. Lives as long as the query. */
LEDE_API const lede_query_node *lede_query_root(const lede_query *query);

typedef enum lede_group {
    LEDE_GROUP_NONE = 0, /* hits are passages */
    LEDE_GROUP_ARTICLE,  /* the best passage of each article only */
} lede_group;

typedef enum lede_sort {
    LEDE_SORT_SCORE = 0, /* best first */
    LEDE_SORT_NEWEST,    /* by date of publication, newest first; those of the same date by score */
    LEDE_SORT_OLDEST,    /* oldest first */
} lede_sort;

typedef struct lede_search_options {
    size_t limit;  /* number of hits at most; default 10 */
    size_t offset; /* hits to leave out at the top; default 0 */
    /* BM25 parameters, see lede_search. Negative means 0; zero means the default. */
    double k1, b;
    lede_group group;
    bool count; /* have the exact number of matches, even where finding the best needs fewer */
    lede_sort sort;
    /* The second stage, see lede_search. Without any of these the order and the scores are those of BM25 alone. */
    bool rerank;         /* near each other and as typed is better */
    bool collapse;       /* copies are put under the best of them */
    double recent;       /* more recent is better: days in which the gain halves; 0: not so */
    const char *without; /* key of an article to leave out; NULL: none */
    size_t without_len;
    /* Of an index in shards: search those that answer, where others don't; lede_results_missing tells. Otherwise a
     * shard that does not answer is LEDE_IO. */
    bool partial;
    /* Asked now and then, by searches that take long some thousand times a second; other than 0 stops the search with
     * LEDE_INTERRUPTED. NULL: nothing does. Not asked of an index in shards. */
    int (*interrupt)(void *ctx);
    void *interrupt_ctx;
    /* Seconds after which the best found so far have to do; 0: it takes as long as it takes. See lede_results_complete.
     * Not heeded by an index in shards. */
    double within;
} lede_search_options;

#define LEDE_DEFAULT_K1 1.2
#define LEDE_DEFAULT_B  0.75

/* Ranks the passages that match. A passage matches when it holds every +operand, no -operand, and, if
 * there are no + operands, at least one of the others; docs/QUERY.md tells when it holds one. Its score is the sum over
 * the query's words (each as often as the query has it) that the passage holds of
 *
 *     idf * tf * (k1 + 1) / (tf + k1 * (1 - b + b * len / avglen)),   idf = ln(1 + (N - df + 0.5) / (df + 0.5))
 *
 * (Robertson et al., Okapi at TREC-3, 1994, with the idf that stays positive, as in Lucene), where
 * N, df and avglen are taken over the whole snapshot and tf and len count the title's and heading's
 * words with the passage's own (BM25F with equal length normalisation; Robertson, Zaragoza and Taylor,
 * Simple BM25 extension to multiple weighted fields, 2004). A phrase, NEAR and the like give what their words give, in
 * passages that hold them. A prefix, wildcard or fuzzy word counts as one word, whose tf is that of all its forms
 * together, and whose df is the sum of its terms', N at most; filters give nothing, and 1 where there is nothing else.
 * Equal scores are ordered by the passages' order in the index.
 *
 * With options.rerank or options.recent the best LEDE_RERANK_DEPTH of them are looked at more closely, however many are
 * asked for; those behind them follow as they are, and score no more. With `rerank` a score is
 *
 *     BM25 + proximity + surface
 *
 * where proximity is what Büttcher, Clarke and Lushman add for words that stand near each other (Term proximity scoring
 * for ad-hoc retrieval on very large text collections, 2006), times LEDE_PROXIMITY_WEIGHT: for each word looked at
 * min(1, idf) * acc * (k1 + 1) / (acc + k1 * (1 - b + b * len / avglen)), acc being the sum of idf' / d^2 over all
 * places at which it is next, d words apart, to another such word, whose idf is idf'. Looked at is the rarer half of
 * the query's words, three of them at least; prefixes, wildcards and fuzzy words among them, each as one word, if the
 * index keeps text. And surface is LEDE_SURFACE_WEIGHT times what BM25 gives for those of them
 * that the passage has as they were typed, but for case and accents, not only of the same stem, nor by edits; nothing
 * if the index keeps no text.
 *
 * With `rerank` a name in the query counts as `(=name OR name^0.2)`, as it was typed or a fifth of its stem, and
 * `(=name^0.5 OR other^0.5 OR name^0.2)` if its plural or singular, the other, is a name, too: that is what BM25 ranks
 * by then, and what explanations show; the same passages match. A name is a word that the texts of the best
 * LEDE_RERANK_DEPTH write with a capital in the midst of sentences, 9 times in 10 at least, or that the query does,
 * other than as its first word of several, unless these write it small as often; in languages alone that leave names as
 * they are (docs/QUERY.md has the list). A possessive ending is no other word. Where some of the best have other words
 * of a name's stem alone, texts with that stem have to be read: up to a second or so of a million passages.
 *
 * With `recent` the score, whatever it is made of, is multiplied by
 *
 *     1 + 0.25 * 2 ^ (-age / recent)
 *
 * where age is the number of days by which the article is older than the newest of those looked at; an article without
 * a date gains nothing. With `collapse` passages of nearly the same words are put under the first of them: those of
 * which three words in a row are common to 70 % (Broder, On the resemblance and containment of documents, 1997). The
 * best LEDE_RERANK_DEPTH are compared, and of those behind them as many as it takes to have the hits that are asked
 * for, LEDE_COLLAPSE_DEPTH at most; more copies may follow behind those. Not possible if the index keeps no text.
 *
 * Sorted by date all matches are looked at, and their scores are BM25's; `collapse` alone is heeded then. */
#define LEDE_RERANK_DEPTH     100
#define LEDE_COLLAPSE_DEPTH   65536
#define LEDE_PROXIMITY_WEIGHT 0.5
#define LEDE_SURFACE_WEIGHT   0.2
LEDE_API LEDE_NODISCARD lede_status lede_search(lede_results **out, const lede_index *index, const lede_query *query,
                                                const lede_search_options *options, lede_error *err);
/* How many passages (or articles, with options.group) match, exactly. Nothing is ranked, so that this takes less time
 * than a search with options.count if the query is one of words, with or without + and -, or a phrase. Of the options
 * it heeds group, without, and interrupt. */
LEDE_API LEDE_NODISCARD lede_status lede_count(uint64_t *count, const lede_index *index, const lede_query *query,
                                               const lede_search_options *options, lede_error *err);
/* The results borrow from index and query: free them first. */
LEDE_API void lede_results_free(lede_results *results);

typedef struct lede_hit {
    double score;
    uint64_t passage; /* ordinal of the passage in the snapshot */
    size_t copies;    /* other hits that were put under this one as they say the same */
} lede_hit;

LEDE_API size_t lede_results_count(const lede_results *results);
/* The number of passages (or articles, when grouped) that match; exact if *exact, else a lower bound, which may be
 * another one when the same is searched for again: see lede_search_options.count. */
LEDE_API uint64_t lede_results_total(const lede_results *results, bool *exact);
/* False if lede_search_options.within ended the search before all was looked at; where, depends on the machine and on
 * what else it does. What was found then is right as far as it goes: each hit matches, and the total is a lower bound.
 * But better hits may be missing, though the most promising were looked at first; so may forms of prefixes, wildcards
 * and fuzzy words, which gives others another score than in the whole search (and in lede_results_explain); and if
 * there was no time for the second stage, hits are in the order of BM25, and copies are hits of their own. To show
 * something at once and everything later, search twice, the second time without `within`; two threads may do so at the
 * same time, each with results of its own. The time is that of the search alone; it is kept to a millisecond or so on a
 * machine that does not wait for its disk. */
LEDE_API bool lede_results_complete(const lede_results *results);
/* What could not be searched, as one line: shards that did not answer, and why; or a prefix, wildcard or fuzzy word in
 * a phrase or NEAR of whose words only the 1024 most frequent were looked for. NULL if all was searched. Lives as long
 * as the results. */
LEDE_API const char *lede_results_missing(const lede_results *results);
/* Hit number i, from 0, best first. Lives as long as the results. */
LEDE_API const lede_hit *lede_results_hit(const lede_results *results, size_t i);

/* The passages that were put under hit i, best first: hit->copies of them. Lives as long as the results. */
LEDE_API const uint64_t *lede_results_copies(const lede_results *results, size_t i);

/* The key of hit i's article, read when it is first asked for. *key lives as long as the results. */
LEDE_API LEDE_NODISCARD lede_status lede_results_key(const char **key, size_t *key_len, lede_results *results, size_t i,
                                                     lede_error *err);

/* The same of any passage of the snapshot. LEDE_INVALID if the index has no such passage. */
LEDE_API LEDE_NODISCARD lede_status lede_results_key_at(const char **key, size_t *key_len, lede_results *results,
                                                        uint64_t passage, lede_error *err);

/* A piece of text that matched, in bytes. */
typedef struct lede_span {
    uint32_t start, end;
} lede_span;

/* A passage with what a reader wants to see around it. */
typedef struct lede_passage_view {
    lede_article article; /* without body */
    const char *heading;  /* section heading it stands under, or "" */
    size_t heading_len;
    const char *text; /* of the passage; empty if the index keeps no text */
    size_t text_len;
    uint64_t passage;       /* its ordinal in the snapshot; those of an article's passages follow each other */
    uint32_t number;        /* of the passage in its article, from 1 */
    uint32_t line;          /* in article.path, from 1 */
    const lede_span *spans; /* matched words in text, in order, not overlapping */
    size_t span_count;
    const lede_span *title_spans; /* the same in article.title */
    size_t title_span_count;
    const lede_span *heading_spans; /* and in heading */
    size_t heading_span_count;
} lede_passage_view;

/* Fetches the passage of hit i. *out lives as long as the results. */
LEDE_API LEDE_NODISCARD lede_status lede_results_passage(const lede_passage_view **out, lede_results *results, size_t i,
                                                         lede_error *err);

/* The same for any passage, lit by the results' query: for what stands around a hit, passages `view->passage - 1` and
 * `+ 1`, as far as the article has them. Fetched anew by each call. LEDE_INVALID if the index has no such passage. */
LEDE_API LEDE_NODISCARD lede_status lede_results_passage_at(const lede_passage_view **out, lede_results *results,
                                                            uint64_t passage, lede_error *err);

/* The other passages of hit i's article that match, best first, `most` of them at most; scores are as of lede_search.
 * *hits lives as long as the results. */
LEDE_API LEDE_NODISCARD lede_status lede_results_more(const lede_hit **hits, size_t *count, lede_results *results,
                                                      size_t i, size_t most, lede_error *err);

/* What a query matches in any text: the words that it searches for, whatever their ending, and those of its phrases
 * where they stand in the phrase. *spans is the caller's to free(); NULL if there are none. LEDE_INVALID if the text is
 * not UTF-8. */
LEDE_API LEDE_NODISCARD lede_status lede_query_highlight(lede_span **spans, size_t *count, const lede_query *query,
                                                         const lede_index *index, const char *text, size_t len,
                                                         lede_error *err);

/* A part of a score. The parts of a hit are a tree, parents before their children: the children of a sum are the parts
 * behind it that are one deeper, up to the next that is not deeper than it; its value is theirs added up in that order,
 * from 0 on, so that adding doubles gives it to the last bit. */
typedef enum lede_part_kind {
    LEDE_PART_SUM = 0, /* of its children; without any it is a number by itself */
    LEDE_PART_WORD,    /* what a word gives by the formula at lede_search: weight * (frequency / (frequency + norm)) */
    LEDE_PART_PROXIMITY, /* gains of the second stage */
    LEDE_PART_SURFACE,
    LEDE_PART_RECENCY,
} lede_part_kind;

typedef struct lede_score_part {
    lede_part_kind kind;
    unsigned depth;   /* 0: the whole score */
    const char *name; /* of a word the term as the index has it (stemmed), else what it is, such as "any of" */
    double value;
    /* Of a word, else 0: */
    double weight;      /* idf * (k1 + 1) * how often the query has it */
    double norm;        /* k1 * (1 - b + b * length / average length) */
    uint64_t doc_freq;  /* passages that hold it */
    uint32_t frequency; /* how often the passage has it */
    uint32_t length;    /* of the passage in words, title and heading included */
} lede_score_part;

/* The parts of the score of hit i, the first of which is the whole: its value is the hit's score, bit by bit. *parts
 * lives as long as the results. An index in shards is asked again for it, and scores in single precision: what rounding
 * adds is a part. LEDE_IO if it was written meanwhile, so that it scores otherwise. */
LEDE_API LEDE_NODISCARD lede_status lede_results_explain(const lede_score_part **parts, size_t *count,
                                                         lede_results *results, size_t i, lede_error *err);

/* The whole article of a key, with its body, which is empty if the index keeps no text. Free with
 * lede_article_free. */
LEDE_API LEDE_NODISCARD lede_status lede_index_article(lede_article **out, const lede_index *index, const char *key,
                                                       size_t key_len, lede_error *err);
LEDE_API void lede_article_free(lede_article *article);

/* Byte offset in the article's body at which passage `number` (from 1) starts; if there is none such, the length of the
 * body, or 0 if the index keeps no text. */
LEDE_API size_t lede_index_passage_start(const lede_index *index, const char *key, size_t key_len, uint32_t number);

/* Calls `visit` with words of the index (as they are written in articles, in lower case) that begin
 * with `prefix`, most frequent first (of an index in shards, those that most passages hold), at most `limit` of them. A
 * return value other than 0 stops. */
LEDE_API LEDE_NODISCARD lede_status lede_index_complete(
    const lede_index *index, const char *prefix, size_t prefix_len, size_t limit,
    int (*visit)(void *ctx, const char *word, size_t len, uint64_t frequency), void *ctx, lede_error *err);

/* ------------------------------------------------------------------------------------ facets -- */

/* What articles are told apart by. */
typedef enum lede_facet {
    LEDE_FACET_YEAR = 0, /* "2025" */
    LEDE_FACET_MONTH,    /* "2025-04", or the year if no more is known */
    LEDE_FACET_DAY,      /* "2025-04-22", or the month or year */
    LEDE_FACET_SOURCE,   /* the file it was read from */
    LEDE_FACET_FOLDER,   /* the folder of that file */
    LEDE_FACET_BYLINE,
    LEDE_FACET_DATELINE,
    LEDE_FACET_CREDIT,
} lede_facet;

typedef struct lede_facet_options {
    lede_facet facet;
    size_t limit;  /* values at most; 0: all */
    bool by_value; /* in bytewise order of the values; else those with the most passages first */
} lede_facet_options;

typedef struct lede_facet_value {
    const char *value; /* empty: of the articles that have none */
    size_t len;
    uint64_t passages, articles; /* that match and have it */
} lede_facet_value;

typedef struct lede_facets lede_facets;

/* Counts the passages that match, and their articles, by what the articles have. A byline, dateline or credit is
 * counted once, whatever its case, accents and signs, under the spelling that most of the articles have. All that match
 * are looked at, so the counts are exact; that takes about a microsecond an article. LEDE_UNSUPPORTED of an index in
 * shards, for more than a million passages of a shard. Free with lede_facets_free; does not borrow from the index or
 * the query. */
LEDE_API LEDE_NODISCARD lede_status lede_index_facets(lede_facets **out, const lede_index *index,
                                                      const lede_query *query, const lede_facet_options *options,
                                                      lede_error *err);
LEDE_API void lede_facets_free(lede_facets *facets);
LEDE_API size_t lede_facets_count(const lede_facets *facets);
/* Value i, from 0; lives as long as the facets. NULL beyond the last. */
LEDE_API const lede_facet_value *lede_facets_value(const lede_facets *facets, size_t i);
/* All passages and articles that match. *distinct, which may be NULL, is how many values there are without a limit. */
LEDE_API lede_facet_value lede_facets_total(const lede_facets *facets, size_t *distinct);

/* ----------------------------------------------------------------------------- telling words -- */

/* A word that tells of results. */
typedef struct lede_telling_word {
    const char *word; /* as it stands in one of them, in lower case */
    size_t len;
    double weight;
    uint64_t hits;     /* of the results that hold it, or another word of its stem */
    uint64_t passages; /* of the index that do */
} lede_telling_word;

/* The words that tell most of the results, the heaviest first, `limit` at most, without those of the query. The weight
 * is Robertson's offer weight (S. Robertson, On term selection for query expansion, 1990), with all hits taken as
 * relevant:
 *
 *     r * ln((r + 0.5) (N - n - R + r + 0.5) / ((n - r + 0.5) (R - r + 0.5)))
 *
 * where r of the R hits and n of the N passages of the index hold the word; words in more than a fifth of all passages,
 * or in one of more than three hits alone, are left out. Reads the texts of all hits, so that some
 * dozens are a good number. LEDE_UNSUPPORTED if the index keeps no text. *words lives as long as the results. */
LEDE_API LEDE_NODISCARD lede_status lede_results_terms(const lede_telling_word **words, size_t *count,
                                                       lede_results *results, size_t limit, lede_error *err);

#define LEDE_SIMILAR_WORDS      25
#define LEDE_SIMILAR_WORDS_MOST 64

/* Makes a query for articles like one: of its `limit` most telling words (0: LEDE_SIMILAR_WORDS; at most
 * LEDE_SIMILAR_WORDS_MOST), by tf * idf as in Lucene's MoreLikeThis, each as often as the article has it, up to 16
 * times, so that it weighs as much. Words that no other passage holds are left out. Search with options.without to
 * leave out the article itself. LEDE_NOT_FOUND if there is no article of the key, LEDE_UNSUPPORTED if the index keeps
 * no text. */
LEDE_API LEDE_NODISCARD lede_status lede_query_similar(lede_query **out, const lede_index *index, const char *key,
                                                       size_t key_len, size_t limit, lede_error *err);

/* What the writer of the query may have meant: its text with other words in the place of those that no passage holds,
 * or that are far rarer than a word near them: 500 times, and there 20 times at most, or 100 times, and there 200 times
 * at most, if they have six letters or more. Near is a word of the index one letter away (inserted, dropped, replaced
 * or swapped with its neighbour), or two with the same first letter if the word is unknown and has six letters or more;
 * the most frequent one is taken, those two away counting a hundredth. Words of less than four letters are left alone.
 * *out is the caller's to free(); NULL if there is nothing to suggest. Where a word is unknown this looks at all words
 * of the index that begin with its letter. An index in shards counts passages that hold a word, and not how often they
 * do; where a shard does not answer, there is nothing to suggest. */
LEDE_API LEDE_NODISCARD lede_status lede_index_suggest(char **out, const lede_index *index, const lede_query *query,
                                                       lede_error *err);

/* ------------------------------------------------------------------------------- housekeeping -- */

typedef struct lede_stats {
    uint64_t articles, passages; /* live */
    uint64_t deleted_passages;   /* still in segments, gone at the next merge */
    uint64_t segments;           /* 0 of an index in shards, which has none of the figures from `terms` to the bytes */
    uint64_t shards;             /* of an index in shards, else 0 */
    uint64_t terms;              /* distinct, in all segments together; summed over segments if more than one */
    uint64_t postings;           /* (term, passage) pairs */
    uint64_t positions;          /* occurrences */
    uint64_t words;              /* distinct surface forms, as terms */
    uint64_t sources;            /* files */
    double average_length;       /* words a passage, title and heading included */
    /* Bytes on disk, part by part; they add up to bytes_total. */
    uint64_t bytes_total, bytes_terms, bytes_postings, bytes_positions, bytes_lengths, bytes_words, bytes_articles,
        bytes_keys, bytes_text, bytes_catalogue, bytes_other;
    const char *language; /* lives as long as the index */
    lede_passages passages_mode;
    bool has_text;
    uint64_t commit; /* number of the snapshot: one more at each commit with changes, and at each merge after it */
} lede_stats;

LEDE_API LEDE_NODISCARD lede_status lede_index_stats(lede_stats *out, const lede_index *index, lede_error *err);

/* Reads every byte of the index and verifies every checksum and every invariant of the format. `report`, which may be
 * NULL, is called for each fault found (one line). Returns LEDE_OK if there is none, LEDE_CORRUPT with the number of
 * faults in *faults (which may be NULL) otherwise. `progress`, which may be NULL, is called many times a second; a
 * return value other than 0 ends the check with LEDE_INTERRUPTED. Both get `ctx`. */
LEDE_API LEDE_NODISCARD lede_status lede_index_check(const char *path, void (*report)(void *ctx, const char *fault),
                                                     int (*progress)(void *ctx, const lede_progress *progress),
                                                     void *ctx, uint64_t *faults, lede_error *err);

#ifdef __cplusplus
}
#endif
#endif
