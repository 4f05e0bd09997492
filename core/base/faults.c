#include "faults.h"

#include <stdarg.h>
#include <stdio.h>

#include "error.h"

void faults_pass(void *faults, const char *fault) {
    const struct faults *f = faults;
    if (f->report)
        f->report(f->ctx, fault);
}

void faults_add(struct faults *f, const char *format, ...) {
    char line[LEDE_ERROR_MESSAGE_SIZE];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    f->count++;
    faults_pass(f, line);
}

lede_status faults_judge(const struct faults *f, const char *index, lede_error *err) {
    if (!f->count)
        return LEDE_OK;
    return error_set(err, LEDE_CORRUPT, "%s: %llu fault%s found; restore the index or index again", index,
                     (unsigned long long)f->count, f->count == 1 ? "" : "s");
}
