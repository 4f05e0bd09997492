#include "retrieve.h"

void retrieve_by_document(struct cursor *root, struct collector *c) {
    for (uint32_t d = root->doc; d != DOC_END; d = cursor_next(root)) {
        if (!collector_accepts(c, d))
            continue;
        collector_count(c, 1);
        double score = cursor_score(root);
        if (score > collector_bar(c))
            collector_add(c, d, score);
    }
}
