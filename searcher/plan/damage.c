#include "damage.h"

#include <stdio.h>

#include "core/base/error.h"
#include "core/segment/segment_map.h"

/* Whether the postings of a term can be read to their end, with their positions. */
static bool is_readable(const struct segment *segment, const struct term_info *info) {
    struct postings p;
    postings_init(&p, segment, info);
    for (uint32_t doc = p.doc; doc != DOC_END; doc = postings_next(&p))
        if (!postings_positions(&p))
            break;
    bool readable = p.status != LEDE_CORRUPT;
    postings_release(&p);
    return readable;
}

static bool locate_in(const struct plan *plan, size_t i, lede_error *err) {
    const struct segment *segment = plan->snapshot->segments[i].segment;
    const struct lede_query *query = plan->query;
    for (size_t t = 0; t < query->term_count; t++) {
        const struct term_info *info = &plan->infos[i * query->term_count + t];
        if (info->doc_freq == 0 || is_readable(segment, info))
            continue;
        char what[128];
        snprintf(what, sizeof what, "the postings of '%.*s'", (int)query->terms[t].len, query->terms[t].bytes);
        error_corrupt(err, segment_path(segment), segment_section(segment, SECTION_POSTINGS)->offset + info->postings,
                      what);
        return true;
    }
    return false;
}

void damage_locate(const struct plan *plan, lede_error *err) {
    if (!err || err->offset != LEDE_NO_OFFSET)
        return;
    for (size_t i = 0; i < plan->snapshot->segment_count; i++)
        if (locate_in(plan, i, err))
            return;
}
