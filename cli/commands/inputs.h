/* inputs.h - the files and folders that a command line names, as they are known before any is read. */
#ifndef LEDE_CLI_INPUTS_H
#define LEDE_CLI_INPUTS_H

#include "cli/common/options.h"

/* The files among them, which are to be read whatever they are, and not passed over as in a folder. */
struct inputs {
    struct input {
        char *path; /* absolute, as warnings name it; "-" for standard input */
        bool told;
    } * files; /* in order of their paths, each once */
    size_t count;
};

/* Looks at all of them: one that is not there, or can't be read, is told before hours go into the others. */
LEDE_NODISCARD lede_status inputs_init(struct inputs *in, const struct arguments *paths, lede_error *err);
void inputs_release(struct inputs *in);

/* The file of this name; NULL if there is none. */
struct input *inputs_find(const struct inputs *in, const char *path);

#endif
