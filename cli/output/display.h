/* display.h - hits and figures as text for people. */
#ifndef LEDE_CLI_DISPLAY_H
#define LEDE_CLI_DISPLAY_H

#include "cli/common/terminal.h"
#include "cli/common/text.h"
#include "search.h"

/* Prints the hits:
 *
 *      1  Islamabad Seeks Russia's Help to Avert War with India
 *         8.412  2025-05-05  articles/001.txt:5  Pakistan's Plea for Mediation
 *         Pakistan urgently sought Russia's intervention to de-escalate tensions with India
 *         following the April 22 Pahalgam terror attack ...
 *
 * wrapped to the terminal's width and cut to as many lines as `detail` allows, or a line for each paragraph where there
 * is no width. */
LEDE_NODISCARD lede_status display_hits(const struct terminal *t, const struct search *search,
                                        const struct detail *detail, lede_error *err);

/* "52 passages match, 0.8 ms", without a newline; `text` has room for 128 bytes. Returns text. */
char *display_summary(char *text, const struct search *search, const char *unit);

/* `lede stats`. */
void display_stats(const struct terminal *t, const char *path, const lede_stats *stats);

/* "2025-06-03", "2025-06", "2025" or "": `text` has room for 16 bytes. Returns text. */
char *date_format(char *text, lede_date date);

/* The path as seen from the current folder, if it is below that: a pointer into `path`. */
const char *path_from_here(const char *path);

/* What an article goes by: its title with what matched in it, else the name of its file, else its key. */
struct marked_text title_of(const lede_passage_view *view);

#endif
