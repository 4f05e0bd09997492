#include "proximity.h"

#include <stdlib.h>
#include <string.h>

static int compare_places(const void *a, const void *b) {
    const struct occurrence *x = a, *y = b;
    if (x->position != y->position)
        return x->position < y->position ? -1 : 1;
    return (x->word > y->word) - (x->word < y->word);
}

double proximity_gain(const struct proximity *p, struct occurrence *occurrences, size_t count, double norm) {
    double gain = 0;
    if (count < 2)
        return 0;
    qsort(occurrences, count, sizeof *occurrences, compare_places);
    memset(p->sums, 0, p->words * sizeof *p->sums);
    for (size_t i = 1; i < count; i++) {
        const struct occurrence *a = &occurrences[i - 1], *b = &occurrences[i];
        if (a->word == b->word || a->position == b->position)
            continue;
        double distance = b->position - a->position;
        p->sums[a->word] += p->idfs[b->word] / (distance * distance);
        p->sums[b->word] += p->idfs[a->word] / (distance * distance);
    }
    for (size_t w = 0; w < p->words; w++)
        gain += (p->idfs[w] < 1 ? p->idfs[w] : 1) * (p->k1 + 1) * (p->sums[w] / (p->sums[w] + norm));
    return gain;
}
