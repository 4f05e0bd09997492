/* typed.h - commands typed at a prompt, such as ":open 2". */
#ifndef LEDE_CLI_TYPED_H
#define LEDE_CLI_TYPED_H

#include "session.h"

/* Runs a command, ":open 2" without the colon, and prints what it has to say where the session's report goes. */
LEDE_NODISCARD lede_status typed_run(struct session *s, const char *line, lede_error *err);

/* Whether it shows something in a pager. */
bool typed_wants_terminal(const char *line);

/* The name of command number i, from 0; NULL behind the last. */
const char *typed_name(size_t i);

#endif
