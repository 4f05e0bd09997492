#include "hot_kept.h"

#include <stdint.h>
#include <stdlib.h>

#include "core/base/slabs.h"

enum { LINE = SLABS_LINE };

/* Parts that take less come from malloc: an index of which no word takes more is small enough to be read fast in any
 * pages, and should not take 2 MB for the first. The address sanitizer is to see what is used after it was given back.
 */
#ifdef __SANITIZE_ADDRESS__
#define SMALL SIZE_MAX
#else
#define SMALL ((size_t)16 * 1024)
#endif

size_t hot_kept_part(size_t bytes) {
    return (bytes + LINE - 1) / LINE * LINE + LINE;
}

size_t hot_kept_size(size_t parts) {
    return LINE + parts;
}

static struct hot_kept *allocate(size_t parts) {
    uint8_t *memory = calloc(1, hot_kept_size(parts));
    if (!memory)
        return NULL;
    struct hot_kept *k = (struct hot_kept *)(void *)(memory + LINE - (uintptr_t)memory % LINE);
    k->memory = memory;
    return k;
}

struct hot_kept *hot_kept_new(size_t parts) {
    struct hot_kept *k = parts < SMALL ? allocate(parts) : slabs_new(parts);
    if (k)
        k->size = hot_kept_size(parts);
    return k;
}

void hot_kept_shrink(struct hot_kept *k, size_t parts) {
    if (k->memory)
        return;
    slabs_shrink(k, parts);
    k->size = hot_kept_size(parts);
}

void hot_kept_free(struct hot_kept *k) {
    if (k && k->memory)
        free(k->memory);
    else
        slabs_free(k);
}
