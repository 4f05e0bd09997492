#include "hot_kept.h"

#include <stdint.h>
#include <stdlib.h>

enum { LINE = 64 };

size_t hot_kept_part(size_t bytes) {
    return (bytes + LINE - 1) / LINE * LINE + LINE;
}

size_t hot_kept_size(size_t parts) {
    return LINE + parts;
}

struct hot_kept *hot_kept_new(size_t parts) {
    uint8_t *memory = calloc(1, hot_kept_size(parts));
    if (!memory)
        return NULL;
    struct hot_kept *k = (struct hot_kept *)(void *)(memory + LINE - (uintptr_t)memory % LINE);
    k->memory = memory;
    k->size = hot_kept_size(parts);
    return k;
}

void hot_kept_free(struct hot_kept *k) {
    if (k)
        free(k->memory);
}
