/* interrupt.h - ^C: the first one asks for a clean stop, the second one kills. */
#ifndef LEDE_CLI_INTERRUPT_H
#define LEDE_CLI_INTERRUPT_H

/* From now on the first SIGINT, SIGTERM or SIGHUP is only noted; the next one does what it always does. */
void interrupt_watch(void);

/* The signal that was noted; 0 if none. */
int interrupt_signal(void);

#endif
