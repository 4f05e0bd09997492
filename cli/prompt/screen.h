/* screen.h - the full-screen prompt: hits change as a query is typed. */
#ifndef LEDE_CLI_SCREEN_H
#define LEDE_CLI_SCREEN_H

#include "session.h"

/* Runs it until the user leaves. LEDE_UNSUPPORTED, with nothing shown, if the terminal can't do it. A signal that ends
 * the program does so from in here, when the terminal is as it was. */
LEDE_NODISCARD lede_status screen_run(struct session *session, lede_error *err);

#endif
