/* parser.h - from the bytes of input files to articles cut into passages.
 *
 * A parser is a worker's own: pure computation over bytes in memory, with scratch space that it keeps
 * from one input to the next. One file for each format; text.c holds what articles of prose have in
 * common (title, dateline, date, credit, headings, litter), passage.c cuts.
 *
 * Charsets: a file of one article is read as a whole by core/text/charset.h (of HTML, what the page declares is
 * heeded); each line of JSONL and TSV is read for itself, so one with broken bytes, or in Latin-1, changes nothing for
 * the others. A file with a NUL byte, or a line with one, is left out. UTF-16 can't be read in pieces of lines: such a
 * file is given whole, or made UTF-8 before.
 */
#ifndef LEDE_INDEXER_PARSER_H
#define LEDE_INDEXER_PARSER_H

#include "core/segment/article.h"

/* Some input: a whole file for TEXT, MARKDOWN and HTML; any number of whole lines for JSONL and TSV. */
struct parse_input {
    lede_format format;     /* not AUTO */
    lede_passages passages; /* not AUTO */
    const char *path;       /* of the file, absolute, or "-" for standard input; reader_key makes keys of it */
    const char *bytes;      /* any bytes: UTF-8, with or without BOM; UTF-16 with BOM; Latin-1; broken */
    size_t len;
    uint32_t line;   /* number of the first line in the file, from 1 */
    uint64_t source; /* id to put into the articles */
};

struct parse_sink {
    void *ctx;
    /* Takes one article; all it points to is borrowed during the call. */
    lede_status (*article)(void *ctx, const struct article *article, lede_error *err);
    /* A file (line 0) or record was left out, or (repaired) some of its bytes were replaced. */
    void (*warn)(void *ctx, lede_warning_kind kind, const char *path, uint32_t line, const char *why);
    uint64_t bytes_replaced;  /* counted here */
    uint64_t records_skipped; /* counted here */
};

struct parser;
struct trees;

LEDE_NODISCARD lede_status parser_new(struct parser **out, lede_error *err);
void parser_free(struct parser *p);
/* Records and pages whose trees take more memory than there is are left out from now on. Borrowed. */
void parser_limit(struct parser *p, struct trees *trees);

/* Hands each article of the input to the sink, in order. Fails only if the sink does, or memory runs out. */
LEDE_NODISCARD lede_status parser_run(struct parser *p, const struct parse_input *input, struct parse_sink *sink,
                                      lede_error *err);

/* Cuts an article given through the API: meta.body into passages. The passages are borrowed until the next call. */
LEDE_NODISCARD lede_status parser_cut(struct parser *p, const lede_article *meta, lede_passages mode,
                                      struct article *out, lede_error *err);

/* The format of a file by its name (.txt .text .md .markdown .jsonl .ndjson .tsv .html .htm .xhtml, in any case); AUTO
 * if it says nothing. */
lede_format format_of_name(const char *path);
/* The format of a stream by its first bytes: JSONL for '{' and '[{' with a name and a colon behind, HTML for <html> or
 * its doctype, TSV for a tab in the first line whose id has no space; MARKDOWN if it opens with a heading or front
 * matter, or has headings, links or code blocks in two lines or more; else TEXT. */
lede_format format_of_bytes(const char *bytes, size_t len);
/* NULL, or why this looks like a binary file ("NUL bytes near its start; binary?"), from its first bytes, of which the
 * first 64 KiB are looked at. UTF-16 with BOM is text. Static storage. */
const char *binary_reason(const char *bytes, size_t len);
/* The same by what files of common formats begin with, whatever their name says, and nothing else. */
const char *binary_signature(const char *bytes, size_t len);

#endif
