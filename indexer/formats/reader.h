/* reader.h - what the readers of the formats share: a parser's scratch space, and the way to the sink.
 *
 *     parser_run -> tsv_read, jsonl_read, markdown_read, text_read -> reader_emit -> sink
 *
 * A reader gets valid UTF-8 without NUL bytes: whole files are converted before, records (lines) one by one, each
 * for itself, so that one bad line does not decide how the others are read. */
#ifndef LEDE_INDEXER_READER_H
#define LEDE_INDEXER_READER_H

#include "block.h"
#include "core/base/buffer.h"
#include "parser.h"
#include "trees.h"

struct parser {
    struct buffer utf8;     /* the input, or the line in hand, where it had to be converted */
    struct buffer markup;   /* a page that had to be mended */
    struct buffer lines;    /* block_read's */
    struct buffer blocks;   /* struct block: of the source, then of the body */
    struct buffer body;     /* the body of the article in hand */
    struct buffer plain;    /* the text without markup */
    struct buffer title;    /* a title, in one line */
    struct buffer byline;   /* names, in one line */
    struct buffer key;      /* a key that does not stand in the input */
    struct buffer passages; /* struct passage */
    struct trees *trees;    /* NULL: there is no limit */
};

/* One run of a parser. */
struct reader {
    struct parser *parser;
    const struct parse_input *input;
    struct parse_sink *sink;
    bool clean; /* all of the input is known to be valid UTF-8 without NUL bytes */
};

lede_status text_read(struct reader *r, struct span text, lede_error *err);
lede_status markdown_read(struct reader *r, struct span text, lede_error *err);
lede_status html_read(struct reader *r, struct span text, lede_error *err);
lede_status tsv_read(struct reader *r, struct span text, lede_error *err);
lede_status jsonl_read(struct reader *r, struct span text, lede_error *err);

/* Whether a page says that it is in another charset than UTF-8 or Latin-1: html_read takes it as it is. */
bool html_declares_charset(struct span text);
/* Whether a page says in what charset it is. That it is UTF-8 does not count, as its bytes tell that better. */
bool html_tells_charset(struct span text);

/* The lines of an input of records, ended by LF or CRLF, but not those that are empty:
 *     for (struct line_walk walk = reader_lines(r, text); reader_next_line(&walk, &line, &number);) ... */
struct line_walk {
    struct span rest;
    uint32_t number; /* of the next line */
};
struct line_walk reader_lines(const struct reader *r, struct span text);
bool reader_next_line(struct line_walk *walk, struct span *line, uint32_t *number);

/* The key of an article that has no id: the path of its file, path:line for a record; on standard input, which has many
 * texts, "-:" and the hash of `content`, so that the same text is the same article whenever it comes. */
lede_status reader_key(struct reader *r, struct span content, lede_article *meta, bool is_record, lede_error *err);

/* Tells the sink that a file (line 0) or record was left out. */
void reader_skip(struct reader *r, uint32_t line, const char *why);

/* Tells the sink how many pieces, "byte" or such, became U+FFFD. */
void reader_repaired(struct reader *r, uint32_t line, uint64_t count, const char *what);

/* The input, or a record, as UTF-8: *text moves to the parser's scratch if it has to be converted. Warns of what was
 * replaced. */
lede_status reader_convert(struct reader *r, struct span *text, uint32_t line, lede_error *err);
struct span reader_without_bom(struct span text);

/* Where the first NUL byte is, n if there is none; and the warning about it. */
size_t reader_find_nul(const char *bytes, size_t n);
void reader_skip_for_nul(struct reader *r, uint32_t line, size_t at);

/* The record of a line as valid UTF-8, which may move to the parser's scratch. False if it had to be left out, and
 * *status LEDE_OK unless memory ran out. */
bool reader_record(struct reader *r, struct span *record, uint32_t line, lede_status *status, lede_error *err);

/* Cuts the body into passages along the parser's blocks, makes paragraphs of one line each of it, if it is the
 * parser's, and hands the article over. A record has one line: all its passages stand there. */
lede_status reader_emit(struct reader *r, lede_article *meta, bool is_record, lede_error *err);

/* The same for the article of a whole file, which gets its key here, and is left out if there is nothing in it. */
lede_status reader_emit_file(struct reader *r, lede_article *meta, lede_error *err);

/* Finishes a piece of prose. The parser's blocks lie in `text`; what stands around the paragraphs is taken away and put
 * into what *meta lacks. The rest becomes parser->body, and *meta's, with the blocks lying in it. */
enum {
    TEXT_FIND_TITLE = 1,    /* a first line may be a title */
    TEXT_FIND_HEADINGS = 2, /* headings are not marked yet */
    TEXT_KEEP_CR = 4,       /* lines of a block are those of a wrapped paragraph, unless they end with CR */
};
lede_status text_settle(struct parser *p, struct span text, lede_article *meta, unsigned what, lede_error *err);

#endif
