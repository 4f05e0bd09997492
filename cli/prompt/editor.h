/* editor.h - lines typed at a terminal: editing, history and completion, by libedit. */
#ifndef LEDE_CLI_EDITOR_H
#define LEDE_CLI_EDITOR_H

#include <lede.h>

/* Words that the one before the cursor may become. */
struct candidates {
    char **words;
    size_t count, capacity;
    size_t kept; /* bytes at the beginning of each word that stand in the line already */
};

/* Adds a copy; false: out of memory. */
bool candidates_add(struct candidates *c, const char *word, size_t len);
void candidates_release(struct candidates *c);

/* Bytes that all of them begin with. */
size_t candidates_common(const struct candidates *c);

struct editor_options {
    const char *prompt;       /* borrowed */
    const char *history_path; /* borrowed; NULL: keep none */
    /* Fills in what the `len` bytes of `prefix` may be completed to. `is_first`: nothing stands before it. */
    void (*complete)(void *ctx, struct candidates *out, const char *prefix, size_t len, bool is_first);
    void *ctx;
};

struct editor;

/* Edits on standard input and output. From then on ^C drops the line that is being edited, and no more. */
LEDE_NODISCARD lede_status editor_new(struct editor **out, const struct editor_options *options, lede_error *err);
void editor_free(struct editor *e);

enum editor_event {
    EDITOR_LINE,
    EDITOR_CANCELLED, /* by ^C */
    EDITOR_END,       /* ^D, or the terminal is gone */
};

/* Reads a line, without its newline, valid until the next call. */
enum editor_event editor_read(struct editor *e, const char **line, size_t *len);

/* Remembers a line, in the file of the history, too, if it is not the same as the one before. */
void editor_remember(struct editor *e, const char *line);

/* Where the word before the cursor begins, in the first `len` bytes of a line. */
size_t editor_word_start(const char *line, size_t len);

#endif
