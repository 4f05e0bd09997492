#include "retrieve.h"

enum { ASK_EVERY = 1 << 8 }; /* documents */

void retrieve_by_document(struct cursor *root, struct collector *c) {
    uint32_t left = ASK_EVERY;
    for (uint32_t d = root->doc; d != DOC_END; d = cursor_next(root)) {
        if (--left == 0 && collector_is_interrupted(c))
            return;
        left = left ? left : ASK_EVERY;
        if (!collector_accepts(c, d) || !cursor_confirm(root))
            continue;
        collector_count(c, 1);
        double score = cursor_score(root);
        if (score > collector_bar(c))
            collector_add(c, d, score);
    }
}
