#include "counters.h"

#ifdef LEDE_COUNTERS
#include <stdio.h>

struct counters counters;

__attribute__((destructor)) static void print(void) {
    const struct counters *c = &counters;
    fflush(stdout);
    fprintf(
        stderr,
        "counters bounds=%llu evaluated=%llu opened=%llu blocks=%llu chunks=%llu empty=%llu postings=%llu marked=%llu "
        "lookups=%llu scored=%llu positions=%llu\n",
        (unsigned long long)c->bounds, (unsigned long long)c->evaluated, (unsigned long long)c->opened,
        (unsigned long long)c->blocks, (unsigned long long)c->chunks, (unsigned long long)c->empty,
        (unsigned long long)c->postings, (unsigned long long)c->marked, (unsigned long long)c->lookups,
        (unsigned long long)c->scored, (unsigned long long)c->positions);
}
#else
/* ISO C has no empty files. */
typedef int counters_are_off;
#endif
