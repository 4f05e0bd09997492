#include "footprint.h"

#include "core/segment/segment_map.h"

enum { PART = 8 };

#define MEMORY_MIN (UINT64_C(4) << 20)

static uint64_t part_of(uint64_t memory) {
    return memory / PART > MEMORY_MIN ? memory / PART : MEMORY_MIN;
}

void footprint_init(struct footprint *f, const struct merge_input *inputs, size_t count, uint64_t memory) {
    uint64_t lengths = 0;
    for (size_t i = 0; i < count; i++)
        lengths += segment_section(inputs[i].segment, SECTION_LENGTHS)->size;
    *f = (struct footprint){inputs, count, 0, part_of(memory), lengths > part_of(memory)};
}

void footprint_drop(struct footprint *f) {
    for (size_t i = 0; i < f->count; i++)
        segment_forget(f->inputs[i].segment);
    f->touched = 0;
}
