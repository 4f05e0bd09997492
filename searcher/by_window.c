#include "retrieve.h"

/* Hands what the window holds to the collector, and clears it. */
static void harvest(struct window *w, struct collector *c) {
    for (uint32_t word = 0; word < WINDOW_DOCS / 64; word++) {
        uint64_t bits = w->matched[word];
        for (; bits; bits &= bits - 1) {
            uint32_t i = word * 64 + (uint32_t)__builtin_ctzll(bits);
            if (!snapshot_is_deleted(&c->segment, w->start + i))
                collector_add(c, w->start + i, w->scores[i]);
            w->scores[i] = 0;
        }
        w->matched[word] = 0;
    }
}

void retrieve_by_window(struct cursor *root, struct window *scratch, struct collector *c) {
    while (root->doc != DOC_END) {
        window_move(scratch, root->doc);
        cursor_accumulate(root, scratch);
        harvest(scratch, c);
    }
}
