/* interrupt.h - a search that is not wanted any more: lede_search_options.interrupt, asked now and then by what may run
 * for long. */
#ifndef LEDE_SEARCHER_INTERRUPT_H
#define LEDE_SEARCHER_INTERRUPT_H

#include <stdbool.h>
#include <stddef.h>

struct interrupt {
    int (*ask)(void *ctx); /* NULL: it is wanted */
    void *ctx;
};

static inline bool interrupt_is_asked(const struct interrupt *i) {
    return i && i->ask && i->ask(i->ctx) != 0;
}

#endif
