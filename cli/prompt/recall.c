#include "recall.h"

#include <stdlib.h>
#include <string.h>

void recall_release(struct recall *r) {
    for (size_t i = 0; i < r->count; i++)
        free(r->lines[i]);
    free(r->lines);
    free(r->draft);
    memset(r, 0, sizeof *r);
}

static bool make_room(struct recall *r) {
    size_t capacity = r->capacity ? 2 * r->capacity : 64;
    if (r->count < r->capacity)
        return true;
    char **lines = realloc(r->lines, capacity * sizeof *lines);
    if (!lines)
        return false;
    r->lines = lines;
    r->capacity = capacity;
    return true;
}

bool recall_add(struct recall *r, const char *line) {
    bool is_new = *line && (r->count == 0 || strcmp(r->lines[r->count - 1], line) != 0);
    char *copy = is_new && make_room(r) ? strdup(line) : NULL;
    if (copy)
        r->lines[r->count++] = copy;
    r->at = r->count;
    return copy != NULL;
}

const char *recall_older(struct recall *r, const char *current) {
    size_t at = r->at;
    while (at > 0 && strcmp(r->lines[at - 1], current) == 0)
        at--;
    if (at == 0)
        return NULL;
    if (r->at == r->count) {
        free(r->draft);
        r->draft = strdup(current);
    }
    r->at = at - 1;
    return r->lines[r->at];
}

const char *recall_newer(struct recall *r, const char *current) {
    if (r->at >= r->count)
        return NULL;
    while (r->at < r->count && ++r->at < r->count)
        if (strcmp(r->lines[r->at], current) != 0)
            return r->lines[r->at];
    const char *draft = r->draft ? r->draft : "";
    return strcmp(draft, current) != 0 ? draft : NULL;
}

size_t recall_find(const struct recall *r, size_t from, const char *text) {
    for (size_t i = from; i > 0; i--)
        if (strcasestr(r->lines[i - 1], text))
            return i - 1;
    return r->count;
}
