#include "worker.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/base/error.h"
#include "core/index/layout.h"
#include "spill.h"

enum {
    /* Memory that a spill takes while it is read. */
    SPILL_READING = 128 * 1024,
    /* So many bytes of the share for each passage, of which the length takes one or two. */
    LENGTH_PART = 8,
    /* Bytes of bylines of a segment. A record that is read after them is much smaller than what is left up to 4 GiB. */
    STRINGS_MAX = 1 << 30,
    /* The part of it that words may keep, which mostly come again. */
    VOCABULARY_PART = 4,
};

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

/* Whether a flush has to come before the next spill: more at once, or the lengths of more passages, would take too much
 * memory when they are put together. */
static bool is_full(const struct worker *w) {
    size_t share = w->settings->share, most = share / SPILL_READING;
    return inverter_spills(w->inverter) + 2 > (most < SPILLS_MAX ? most : SPILLS_MAX) ||
           inverter_passages(w->inverter) > share / LENGTH_PART;
}

static lede_status take_article(void *ctx, const struct article *article, lede_error *err) {
    struct worker *w = ctx;
    w->taken++;
    if (w->settings->store)
        return put_article(w, article, err);
    lede_status status = w->sequence.file ? LEDE_OK : sequence_begin(&w->sequence, &w->file, w->segments, err);
    if (!status)
        status = inverter_add(w->inverter, article, err);
    if (status)
        return status;
    sequence_append(&w->sequence, w->articles, w->batch);
    w->articles++;
    w->uncounted++;
    if (inverter_strings(w->inverter) > STRINGS_MAX)
        return worker_flush(w, err);
    return inverter_memory(w->inverter) > w->settings->share ? worker_spill(w, err) : LEDE_OK;
}

static void take_warning(void *ctx, lede_warning_kind kind, const char *path, uint32_t line, const char *why) {
    struct worker *w = ctx;
    char *where = NULL;
    if (line == 0) {
        w->left_out |= kind == LEDE_WARNING_SKIPPED;
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
        parser_limit(w->parser, &w->settings->trees);
    return status;
}

static void free_tools(struct worker *w) {
    parser_free(w->parser);
    analyzer_free(w->analyzer);
    w->parser = NULL;
    w->analyzer = NULL;
}

static lede_status make_inverter(struct worker *w, lede_error *err) {
    return inverter_new(&w->inverter, w->analyzer, w->settings->omit_text, w->segments, err);
}

lede_status worker_init(struct worker *w, struct worker_settings *settings, uint64_t first_id, uint64_t id_step,
                        lede_error *err) {
    *w = (struct worker){.settings = settings, .next_id = first_id, .id_step = id_step};
    w->sink = (struct parse_sink){.ctx = w, .article = take_article, .warn = take_warning};
    w->segments = layout_segments(settings->index);
    lede_status status = w->segments ? make_tools(w, err) : error_nomem(err);
    return status ? status : make_inverter(w, err);
}

void worker_release(struct worker *w) {
    inverter_free(w->inverter);
    free_tools(w);
    free(w->segments);
    pending_list_release(&w->done);
    sequence_release(&w->sequence);
    sequence_file_release(w->file);
    findings_release(&w->findings);
}

lede_status worker_renew(struct worker *w, lede_error *err) {
    free_tools(w);
    lede_status status = make_tools(w, err);
    if (!status)
        inverter_use(w->inverter, w->analyzer);
    return status;
}

static lede_status run_article(struct worker *w, const struct batch *batch, const struct piece *piece,
                               lede_error *err) {
    lede_article meta;
    struct article article = {.source = 0};
    batch_article(batch, piece, &meta);
    lede_status status = parser_cut(w->parser, &meta, passages_of(w->settings, LEDE_FORMAT_TEXT), &article, err);
    return status ? status : take_article(w, &article, err);
}

/* What a piece of a source has come to. */
static lede_status note_findings(struct worker *w, const struct piece *piece, bool skipped_records, lede_error *err) {
    struct findings *f = &w->findings;
    lede_status status = w->left_out ? id_set_add(&f->unusable, piece->source, err) : LEDE_OK;
    if (status || (piece->format != LEDE_FORMAT_JSONL && piece->format != LEDE_FORMAT_TSV))
        return status;
    if (w->taken)
        return id_set_add(&f->fruitful, piece->source, err);
    return skipped_records ? id_set_add(&f->barren, piece->source, err) : LEDE_OK;
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
    uint64_t skipped = w->sink.records_skipped;
    w->path = input.path;
    w->taken = 0;
    w->left_out = false;
    lede_status status = parser_run(w->parser, &input, &w->sink, err);
    return status ? status : note_findings(w, piece, w->sink.records_skipped > skipped, err);
}

lede_status worker_run(struct worker *w, const struct batch *batch, lede_error *err) {
    lede_status status = LEDE_OK;
    w->batch = batch->number;
    for (size_t i = 0; !status && i < batch->count; i++)
        status = run_piece(w, batch, &batch->pieces[i], err);
    /* Once a batch, as it costs as much as some fifty additions of other kinds. */
    atomic_fetch_add_explicit(&w->settings->articles, w->uncounted, memory_order_relaxed);
    w->uncounted = 0;
    return status;
}

lede_status worker_relax(struct worker *w, lede_error *err) {
    inverter_free(w->inverter);
    w->inverter = NULL;
    return make_inverter(w, err);
}

lede_status worker_spill(struct worker *w, lede_error *err) {
    if (is_full(w))
        return worker_flush(w, err);
    lede_status status = inverter_spill(w->inverter, err);
    return status ? status : inverter_trim(w->inverter, w->settings->share / VOCABULARY_PART, err);
}

lede_status worker_flush(struct worker *w, lede_error *err) {
    if (w->articles == 0)
        return LEDE_OK;
    const struct inverter_pulse pulse = {w->settings->pulse, w->settings->ctx};
    struct segment_info info;
    uint64_t id = w->next_id;
    char *path = layout_segment(w->settings->index, id);
    lede_status status = path ? LEDE_OK : error_nomem(err);
    if (!status) {
        inverter_tag_keys(w->inverter, &w->sequence.tags);
        status = inverter_flush(w->inverter, path, &pulse, &info, err);
    }
    free(path);
    sequence_end(&w->sequence);
    if (!status)
        status = sequence_status(&w->sequence, err);
    if (!status)
        status = pending_list_add(&w->done, id, &info, &w->sequence, err);
    w->next_id += w->id_step;
    w->articles = 0;
    /* An inverter keeps its vocabulary from one segment to the next, as most words come again. In a small share that
     * would leave too little for the rest. */
    if (!status && inverter_memory(w->inverter) > w->settings->share / 2)
        status = worker_relax(w, err);
    return status;
}
