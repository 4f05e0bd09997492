/* warnings.h - files and records that an index run could not use, told one a line as they come, but not by the
 * thousand. */
#ifndef LEDE_CLI_WARNINGS_H
#define LEDE_CLI_WARNINGS_H

#include <lede.h>

enum { WARNINGS_SHOWN = 20, WARNING_KINDS = 2 };

struct warnings {
    bool quiet;
    uint64_t counts[WARNING_KINDS];
};

/* Says "lede: warning: WHERE: WHY", up to WARNINGS_SHOWN times of each kind; counts the others. */
void warnings_add(struct warnings *w, lede_warning_kind kind, const char *where, const char *why);

/* Tells how many were not shown. */
void warnings_finish(const struct warnings *w);

#endif
