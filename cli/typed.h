/* typed.h - commands typed at a prompt, such as ":open 2". */
#ifndef LEDE_CLI_TYPED_H
#define LEDE_CLI_TYPED_H

#include "session.h"

enum typed_answer { TYPED_GO_ON, TYPED_QUIT };

/* Runs a command, ":open 2" without the colon, and prints what it has to say. */
enum typed_answer typed_run(struct session *s, const char *command);

/* The name of command number i, from 0; NULL behind the last. */
const char *typed_name(size_t i);

#endif
