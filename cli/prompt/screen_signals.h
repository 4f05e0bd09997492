/* screen_signals.h - signals, turned into bytes that can be waited for along with keys. */
#ifndef LEDE_CLI_SCREEN_SIGNALS_H
#define LEDE_CLI_SCREEN_SIGNALS_H

#include <stdbool.h>

/* From now on SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGCONT and SIGWINCH are noted. Those that our parent had
 * ignored, as nohup does, stay so. False: out of file descriptors. */
bool screen_signals_watch(void);

/* As it was before. */
void screen_signals_end(void);

/* A file descriptor that can be read from when there is one. */
int screen_signals_fd(void);

/* The oldest that was not taken yet; 0 if there is none. */
int screen_signals_take(void);

/* While another program has the terminal ^Z stops us as well, and ^C is for that program alone. */
void screen_signals_lend(void);
void screen_signals_return(void);

/* Stops, with all of the process group or alone, until SIGCONT. */
void screen_signals_stop(bool whole_group);

#endif
