#include "tombstone.h"

#include <stdlib.h>

#include "core/base/error.h"
#include "core/index/catalogue.h"

void tombstones_init(struct tombstones *t, const struct segment *segment, uint8_t *bitmap, uint32_t passages,
                     uint32_t articles) {
    *t = (struct tombstones){.segment = segment, .bitmap = bitmap, .passages = passages, .articles = articles};
}

void tombstones_release(struct tombstones *t) {
    free(t->bitmap);
    *t = (struct tombstones){.segment = NULL};
}

lede_status tombstones_add(struct tombstones *t, const struct article_record *record, bool *added, lede_error *err) {
    uint32_t first = record->first_passage, count = record->passage_count;
    *added = false;
    if (tombstones_has(t, first))
        return LEDE_OK;
    uint32_t passages = segment_info(t->segment)->passages;
    if (first >= passages || count > passages - first)
        return error_set(err, LEDE_CORRUPT,
                         "%s: an article has passages beyond the last; restore the index or index again",
                         segment_path(t->segment));
    if (!t->bitmap && !(t->bitmap = calloc(1, catalogue_bitmap_size(passages))))
        return error_nomem(err);
    for (uint32_t p = first; p < first + count; p++)
        t->bitmap[p >> 3] |= (uint8_t)(1U << (p & 7));
    t->passages += count;
    t->articles++;
    t->changed = true;
    *added = true;
    return LEDE_OK;
}
