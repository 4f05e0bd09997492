#include "history.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char *history_path(void) {
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    char *path = NULL;
    int n = -1;
    if (state && *state == '/')
        n = asprintf(&path, "%s/lede/history", state);
    else if (home && *home == '/')
        n = asprintf(&path, "%s/.local/state/lede/history", home);
    return n < 0 ? NULL : path;
}

/* The folders that `path` stands in. */
static bool make_folders(const char *path) {
    char *folder = strdup(path);
    bool made = folder != NULL;
    for (char *slash = folder ? strchr(folder + 1, '/') : NULL; slash && made; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        made = mkdir(folder, 0700) == 0 || errno == EEXIST;
        *slash = '/';
    }
    free(folder);
    return made;
}

static bool write_all(int fd, const char *text, size_t len) {
    while (len) {
        ssize_t n = write(fd, text, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        text += n;
        len -= (size_t)n;
    }
    return true;
}

bool history_append(const char *path, const char *line) {
    size_t len = strlen(line);
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 && errno == ENOENT && make_folders(path))
        fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    char *whole = malloc(len + 2);
    bool done = false;
    if (fd >= 0 && whole) {
        /* In one write: other prompts append, too. */
        memcpy(whole, line, len);
        memcpy(whole + len, "\n", 2);
        done = write_all(fd, whole, len + 1);
    }
    free(whole);
    if (fd >= 0)
        close(fd);
    return done;
}

static char *read_all(const char *path, size_t *len) {
    struct stat info;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    char *text = NULL;
    *len = 0;
    if (fd >= 0 && fstat(fd, &info) == 0 && S_ISREG(info.st_mode))
        text = malloc((size_t)info.st_size + 1);
    while (text && *len < (size_t)info.st_size) {
        ssize_t n = read(fd, text + *len, (size_t)info.st_size - *len);
        if (n <= 0)
            break;
        *len += (size_t)n;
    }
    if (text)
        text[*len] = '\0';
    if (fd >= 0)
        close(fd);
    return text;
}

/* Puts `text` in place of the file, whole or not at all. */
static void replace(const char *path, const char *text, size_t len) {
    char *draft = NULL;
    if (asprintf(&draft, "%s.XXXXXX", path) < 0)
        return;
    int fd = mkostemp(draft, O_CLOEXEC);
    if (fd >= 0) {
        bool written = write_all(fd, text, len);
        if (close(fd) != 0 || !written || rename(draft, path) != 0)
            unlink(draft);
    }
    free(draft);
}

void history_load(const char *path, void (*each)(void *ctx, const char *line), void *ctx) {
    size_t len, lines = 0;
    char *text = read_all(path, &len);
    if (!text)
        return;
    char *start = text + len;
    while (start > text && lines <= HISTORY_MAX) {
        if (start[-1] == '\n' && ++lines > HISTORY_MAX)
            break;
        start--;
    }
    size_t dropped = 0;
    for (const char *p = text; p < start; p++)
        dropped += *p == '\n';
    if (dropped >= HISTORY_MAX)
        replace(path, start, len - (size_t)(start - text));
    for (char *line = start; *line;) {
        char *end = line + strcspn(line, "\n");
        bool last = *end == '\0';
        *end = '\0';
        if (*line)
            each(ctx, line);
        line = last ? end : end + 1;
    }
    free(text);
}
