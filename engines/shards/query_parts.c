/* What of a query has to be looked up before Xapian can be asked: words' forms, and files by their paths. */
#include "core/base/error.h"
#include "query.h"
#include "reader_private.h"
#include "searcher/plan/filter.h"
#include "sources.h"

#include <stdlib.h>
#include <string.h>

/* Files that a filter on paths may let pass. */
enum { SOURCES_MOST = 1 << 16 };

static lede_status take_source(void *ctx, const struct catalogue_source *source, lede_error *err) {
    struct path_sources *all = ctx;
    for (struct path_sources *p = all; p; p = p->next) {
        if (!filter_takes(p->filter, source->path, strlen(source->path), NULL))
            continue;
        if (p->ids.len == SOURCES_MOST * sizeof(uint64_t))
            return error_set(err, LEDE_UNSUPPORTED,
                             "query: path:%.*s lets more than %d files pass; of an index in shards ask for fewer",
                             (int)p->filter->shown_len, p->filter->shown, SOURCES_MOST);
        buffer_append_u64(&p->ids, source->id);
        if (p->ids.failed)
            return error_nomem(err);
    }
    return LEDE_OK;
}

/* The filters on paths in a tree. */
static bool gather_filters(struct path_sources **out, const struct node *node) {
    if (node->kind == NODE_FILTER && node->filter == FILTER_PATH) {
        struct path_sources *p = calloc(1, sizeof *p);
        if (!p)
            return false;
        *p = (struct path_sources){*out, node, BUFFER_EMPTY};
        *out = p;
    }
    for (const struct node *c = node->first; c; c = c->next)
        if (!gather_filters(out, c))
            return false;
    return true;
}

static lede_status find_paths(struct query_parts *out, struct shards_reader *r, const lede_query *query,
                              struct xapian_error *failure, lede_error *err) {
    if (!gather_filters(&out->paths, query->root))
        return error_nomem(err);
    if (!out->paths)
        return LEDE_OK;
    if (!r->shards.shards[0].db)
        return error_set(err, LEDE_IO, "%s; the list of files is there, which path: asks for",
                         r->shards.shards[0].failure.message);
    lede_status status = sources_visit(&r->shards, take_source, out->paths, err);
    if (status == LEDE_IO)
        failure->code = XAPIAN_NETWORK;
    return status;
}

lede_status query_parts_find(struct query_parts *out, struct shards_reader *r, const lede_query *query,
                             struct xapian_error *failure, lede_error *err) {
    *out = (struct query_parts){.paths = NULL};
    lede_status status = expansions_find(&out->expansions, &r->words[ENGINE_ALL], query, failure, err);
    return status ? status : find_paths(out, r, query, failure, err);
}

void query_parts_release(struct query_parts *parts) {
    expansions_release(&parts->expansions);
    for (struct path_sources *p = parts->paths, *next; p; p = next) {
        next = p->next;
        buffer_release(&p->ids);
        free(p);
    }
}
