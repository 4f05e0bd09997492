/* progress.h - a bar with rate and time left on a terminal's standard error; silent elsewhere.
 *
 *     indexing [=========>             ]  38%  41.2 MB/s  12,345 articles  0:42 left
 */
#ifndef LEDE_CLI_PROGRESS_H
#define LEDE_CLI_PROGRESS_H

#include <lede.h>

#include "cli/common/terminal.h"

struct progress {
    struct terminal terminal; /* standard error */
    bool enabled;
    double started;      /* of the phase */
    double drawn;        /* when last; 0: there is no bar on the screen */
    const char *phase;   /* of the last report */
    uint64_t bytes_then; /* done when the phase started */
};

void progress_init(struct progress *p, bool quiet);

/* Draws the bar, a few times a second at most. */
void progress_show(struct progress *p, const lede_progress *now);

/* Takes the bar off the screen, as before a message. */
void progress_clear(struct progress *p);

/* One line, without a newline, of at most `width` columns. For progress_show. */
void progress_format(char *line, size_t size, unsigned width, const lede_progress *now, double bytes_per_second);

/* "1,234,567"; `text` has room for 32 bytes. Returns text. */
char *number_format(char *text, uint64_t number);

/* "512 B", "1.4 MB": decimal units; `text` has room for 32 bytes. Returns text. */
char *bytes_format(char *text, uint64_t bytes);

#endif
