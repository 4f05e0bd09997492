#include "worker.h"

#include <stdio.h>
#include <stdlib.h>

#include "../core/error.h"
#include "../core/layout.h"

static lede_passages passages_of(const struct worker_settings *s, lede_format format) {
    if (s->passages != LEDE_PASSAGES_AUTO)
        return s->passages;
    return format == LEDE_FORMAT_TSV ? LEDE_PASSAGES_WHOLE : LEDE_PASSAGES_CUT;
}

/* -------------------------------------------------------------------------------------- sink -- */

static lede_status put_article(struct worker *w, const struct article *article, lede_error *err) {
    struct engine_writer *store = w->settings->store;
    lede_status status = store->engine->put(store, w->analyzer, article, article->source ? w->path : "", err);
    if (!status)
        atomic_fetch_add_explicit(&w->settings->articles, 1, memory_order_relaxed);
    return status;
}

static lede_status take_article(void *ctx, const struct article *article, lede_error *err) {
    struct worker *w = ctx;
    if (w->settings->store)
        return put_article(w, article, err);
    lede_status status = sequence_append(&w->sequence, w->articles, w->batch, err);
    if (!status)
        status = inverter_add(w->inverter, article, err);
    if (status)
        return status;
    w->articles++;
    atomic_fetch_add_explicit(&w->settings->articles, 1, memory_order_relaxed);
    return inverter_memory(w->inverter) > w->settings->share ? worker_flush(w, err) : LEDE_OK;
}

static void take_warning(void *ctx, lede_warning_kind kind, const char *path, uint32_t line, const char *why) {
    const struct worker *w = ctx;
    char *where = NULL;
    if (line == 0) {
        w->settings->warn(w->settings->ctx, kind, path, why);
    } else if (asprintf(&where, "%s:%u", path, line) >= 0) {
        w->settings->warn(w->settings->ctx, kind, where, why);
        free(where);
    }
}

/* ------------------------------------------------------------------------------------ worker -- */

static lede_status make_tools(struct worker *w, lede_error *err) {
    lede_status status = analyzer_new(&w->analyzer, w->settings->language, err);
    if (!status)
        status = parser_new(&w->parser, err);
    if (!status)
        status = inverter_new(&w->inverter, w->analyzer, w->settings->omit_text, err);
    return status;
}

static void free_tools(struct worker *w) {
    inverter_free(w->inverter);
    parser_free(w->parser);
    analyzer_free(w->analyzer);
    w->inverter = NULL;
    w->parser = NULL;
    w->analyzer = NULL;
}

lede_status worker_init(struct worker *w, struct worker_settings *settings, struct merger *merger, uint64_t first_id,
                        uint64_t id_step, lede_error *err) {
    *w = (struct worker){.settings = settings};
    w->sink = (struct parse_sink){.ctx = w, .article = take_article, .warn = take_warning};
    shelf_init(&w->shelf, merger, first_id, id_step, settings->merge_passages_max);
    return make_tools(w, err);
}

void worker_release(struct worker *w) {
    free_tools(w);
    shelf_release(&w->shelf);
    sequence_release(&w->sequence);
}

lede_status worker_renew(struct worker *w, lede_error *err) {
    free_tools(w);
    return make_tools(w, err);
}

static lede_status run_article(struct worker *w, const struct batch *batch, const struct piece *piece,
                               lede_error *err) {
    lede_article meta;
    struct article article = {.source = 0};
    batch_article(batch, piece, &meta);
    lede_status status = parser_cut(w->parser, &meta, passages_of(w->settings, LEDE_FORMAT_TEXT), &article, err);
    return status ? status : take_article(w, &article, err);
}

static lede_status run_piece(struct worker *w, const struct batch *batch, const struct piece *piece, lede_error *err) {
    if (piece->is_article)
        return run_article(w, batch, piece, err);
    struct parse_input input = {
        .format = piece->format,
        .passages = passages_of(w->settings, piece->format),
        .path = batch_path(batch, piece),
        .bytes = batch_bytes(batch, piece),
        .len = piece->len,
        .line = piece->line,
        .source = piece->source,
    };
    w->path = input.path;
    return parser_run(w->parser, &input, &w->sink, err);
}

lede_status worker_run(struct worker *w, const struct batch *batch, lede_error *err) {
    lede_status status = LEDE_OK;
    w->batch = batch->number;
    for (size_t i = 0; !status && i < batch->count; i++)
        status = run_piece(w, batch, &batch->pieces[i], err);
    return status;
}

lede_status worker_relax(struct worker *w, lede_error *err) {
    inverter_free(w->inverter);
    return inverter_new(&w->inverter, w->analyzer, w->settings->omit_text, err);
}

lede_status worker_flush(struct worker *w, lede_error *err) {
    if (w->articles == 0)
        return LEDE_OK;
    struct segment_info info;
    uint64_t id = shelf_take_id(&w->shelf);
    char *path = layout_segment(w->settings->index, id);
    lede_status status = path ? inverter_flush(w->inverter, path, &info, err) : error_nomem(err);
    free(path);
    if (!status)
        status = shelf_put(&w->shelf, id, &info, &w->sequence, err);
    w->articles = 0;
    /* An inverter keeps its vocabulary from one segment to the next, as most words come again. In a small share that
     * would leave too little for the rest. */
    if (!status && inverter_memory(w->inverter) > w->settings->share / 2)
        status = worker_relax(w, err);
    return status;
}
