#include "warnings.h"

#include <stdio.h>
#include <string.h>

#include "cli/common/command.h"
#include "display.h"
#include "progress.h"

/* Where there is no room for all of a path, its end tells more than its beginning. */
enum { PATH_SHOWN = 700 };

static const char *end_of_path(const char *path) {
    size_t n = strlen(path);
    path += n > PATH_SHOWN ? n - PATH_SHOWN : 0;
    while (((unsigned char)*path & 0xc0) == 0x80) /* within a character */
        path++;
    return path;
}

void warnings_add(struct warnings *w, lede_warning_kind kind, const char *where, const char *why) {
    char message[LEDE_ERROR_MESSAGE_SIZE];
    size_t k = (size_t)kind < WARNING_KINDS ? (size_t)kind : 0;
    if (w->quiet || w->counts[k]++ >= WARNINGS_SHOWN)
        return;
    const char *path = path_from_here(where), *shown = end_of_path(path);
    snprintf(message, sizeof message, "%s%s: %s", shown > path ? "..." : "", shown, why);
    remark("warning", message);
}

void warnings_finish(const struct warnings *w) {
    static const char *const what[WARNING_KINDS] = {"left out", "repaired"};
    char message[128], number[32];
    for (size_t k = 0; k < WARNING_KINDS; k++)
        if (w->counts[k] > WARNINGS_SHOWN) {
            uint64_t more = w->counts[k] - WARNINGS_SHOWN;
            snprintf(message, sizeof message, "%s more file%s or record%s %s", number_format(number, more),
                     more == 1 ? "" : "s", more == 1 ? "" : "s", what[k]);
            remark("warning", message);
        }
}
