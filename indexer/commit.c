/* The commit, step by step:
 *
 *  1. All that was read is in segment files, each fsynced.
 *  2. Which articles these supersede, or are gone with their files, is marked in the bitmaps of deletions.
 *  3. The brief of the commit before is removed, and the folder of the segments is fsynced: from here on their names
 *     last, and no brief is of another commit than the catalogue.
 *  4. One transaction of the catalogue names the new segments, puts the bitmaps, and drops segments of which nothing
 *     is left. When SQLite says that it is durable the commit is done, and has a brief.
 *  5. Files that no segment's row names any more are unlinked.
 *  6. Segments are merged as the policy has it, each merge in a transaction of its own after steps 3 to 5.
 *
 * A crash before the end of 4 leaves the commit before, with files that nobody names; one after it leaves this commit,
 * with files that nobody names any more. Both are swept by the next writer.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/error.h"
#include "core/base/file.h"
#include "core/index/brief.h"
#include "core/index/layout.h"
#include "core/segment/columns.h"
#include "indexer/merge/merge.h"
#include "indexer/merge/policy.h"
#include "indexer/merge/reorder.h"
#include "writer.h"

/* Of the memory, what a merge may take when nothing is indexed beside it, see pipeline.h. */
enum { MERGE_PERCENT = 75 };

/* As many bytes of the catalogue are read at each commit, to have a digest of them; of more there is one at closing. */
enum { DIGEST_MAX = 16 << 20 };

/* ----------------------------------------------------------------------------------- collect -- */

static lede_status apply_deletions(struct lede_writer *w, struct writer_segment *s, lede_error *err) {
    lede_status status = LEDE_OK;
    const struct contender contender = {.tombstones = &s->tombstones, .sequence = &s->sequence};
    for (size_t i = 0; !status && i < w->deletion_count; i++) {
        const struct deletion *d = &w->deletions[i];
        status = resolve_deletion(&contender, d->key, d->key_len, d->batch, err);
    }
    return status;
}

static void forget_deletions(struct lede_writer *w) {
    for (size_t i = 0; i < w->deletion_count; i++)
        free(w->deletions[i].key);
    w->deletion_count = 0;
}

static lede_status take_pending(struct lede_writer *w, struct pending *p, lede_error *err) {
    const struct new_segment segment = {.id = p->id, .info = &p->info, .sequence = &p->sequence};
    lede_status status = writer_append_segment(w, &segment, err);
    return status ? status : apply_deletions(w, &w->segments[w->count - 1], err);
}

lede_status writer_collect(struct lede_writer *w, lede_error *err) {
    struct pending_list pending = {NULL, 0};
    lede_status status = feed_flush(&w->feed, err);
    if (!status)
        status = pipeline_flush(w->pipeline, &pending, err);
    for (size_t i = 0; !status && i < pending.count; i++)
        status = take_pending(w, &pending.items[i], err);
    pending_list_release(&pending);
    if (!status) {
        forget_deletions(w);
        w->in_flight = false;
    }
    return status;
}

/* ------------------------------------------------------------------------------------ refuse -- */

/* That a file that was named has nothing in it that can be used is seen when it is in the place of what the index had
 * of it: that is put back. Unless something else has become of the file meanwhile. */
static lede_status refuse_file(struct lede_writer *w, uint64_t source, const char *path, lede_error *err) {
    struct catalogue_source now;
    lede_status status = catalogue_find_source(w->catalogue, path, &now, err);
    if (status)
        return status == LEDE_NOT_FOUND ? LEDE_OK : status;
    return now.id == source && strcmp(path, "-") != 0
               ? update_refuse(&w->update, path, source, w->counters.next_source, err)
               : LEDE_OK;
}

static lede_status refuse_source(struct lede_writer *w, uint64_t source, lede_error *err) {
    char *path = NULL;
    lede_status status = catalogue_source_path(w->catalogue, source, &path, err);
    if (status)
        return status == LEDE_NOT_FOUND ? LEDE_OK : status;
    if (!id_set_has(&w->findings.unusable, source))
        writer_warn(w, LEDE_WARNING_SKIPPED, path, "none of its lines can be used; is it in another format?");
    w->info.files_skipped += w->info.files_indexed > 0;
    w->info.files_indexed -= w->info.files_indexed > 0;
    status = refuse_file(w, source, path, err);
    free(path);
    return status;
}

static lede_status refuse_sources(struct lede_writer *w, lede_error *err) {
    const struct findings *f = &w->findings;
    lede_status status = pipeline_take_findings(w->pipeline, &w->findings, err);
    for (uint64_t id = 0; !status && id_set_next(&w->update.named, &id); id++)
        if (id_set_has(&f->unusable, id) || findings_all_lines_left_out(f, id))
            status = refuse_source(w, id, err);
    findings_release(&w->findings);
    return status;
}

/* ----------------------------------------------------------------------------------- resolve -- */

static bool has_fresh(const struct lede_writer *w) {
    return w->count > 0 && w->segments[w->count - 1].fresh;
}

/* Articles of files that are gone, in fresh segments or in those committed before. */
static lede_status resolve_gone(struct lede_writer *w, bool fresh, uint64_t *deleted, lede_error *err) {
    lede_status status = LEDE_OK;
    for (size_t i = 0; !status && i < w->count; i++)
        if (w->segments[i].fresh == fresh)
            status = resolve_sources(&w->segments[i].tombstones, &w->update.gone, deleted, err);
    return status;
}

static lede_status resolve_all_keys(struct lede_writer *w, struct resolution *resolution, lede_error *err) {
    if (!has_fresh(w))
        return LEDE_OK;
    struct contender *contenders = calloc(w->count, sizeof *contenders);
    if (!contenders)
        return error_nomem(err);
    for (size_t i = 0; i < w->count; i++) {
        struct writer_segment *s = &w->segments[i];
        contenders[i] = (struct contender){&s->tombstones, s->fresh ? &s->sequence : NULL};
    }
    lede_status status = resolve_keys(contenders, w->count, &w->update.gone, writer_memory(w), resolution, err);
    free(contenders);
    return status;
}

/* Of what came in since the last commit. */
static uint64_t count_fresh_tombstones(const struct lede_writer *w) {
    uint64_t count = 0;
    for (size_t i = 0; i < w->count; i++)
        count += w->segments[i].fresh ? w->segments[i].tombstones.articles : 0;
    return count;
}

/* Keys come first: an article that comes again from a changed file is updated, rather than deleted and added; and one
 * whose file is gone again has replaced what was there before all the same. */
static lede_status resolve(struct lede_writer *w, lede_error *err) {
    uint64_t fresh_gone = 0, gone = 0, before = count_fresh_tombstones(w);
    struct resolution keys = {.replaced = 0};
    lede_status status = resolve_all_keys(w, &keys, err);
    w->info.articles_superseded += count_fresh_tombstones(w) - before;
    if (!status)
        status = resolve_gone(w, true, &fresh_gone, err);
    if (!status)
        status = resolve_gone(w, false, &gone, err);
    uint64_t articles = 0;
    for (size_t i = 0; i < w->count; i++) {
        const struct writer_segment *s = &w->segments[i];
        const struct segment_info *info = segment_info(s->segment);
        articles += s->fresh ? info->articles - s->tombstones.articles : 0;
        w->info.passages_added += s->fresh ? info->passages - s->tombstones.passages : 0;
    }
    w->info.articles_added += articles - keys.replaced;
    w->info.articles_updated += keys.replaced;
    w->info.articles_deleted += keys.deleted + gone;
    return status;
}

/* ----------------------------------------------------------------------------------- publish -- */

static lede_status put_segment(struct lede_writer *w, const struct writer_segment *s, lede_error *err) {
    if (tombstones_cover(&s->tombstones))
        return s->fresh ? LEDE_OK : catalogue_drop_segment(w->catalogue, s->id, err);
    const struct catalogue_segment row = {
        .id = s->id,
        .info = *segment_info(s->segment),
        .deleted_passages = s->tombstones.passages,
        .deleted_articles = s->tombstones.articles,
        .deleted = s->tombstones.bitmap,
    };
    return catalogue_put_segment(w->catalogue, &row, err);
}

static lede_status sync_segments(const struct lede_writer *w, lede_error *err) {
    char *folder = layout_segments(w->path);
    lede_status status = folder ? brief_remove(w->path, err) : error_nomem(err);
    if (!status)
        status = file_sync_folder(folder, err);
    free(folder);
    return status;
}

static lede_status put_counters(struct lede_writer *w, lede_error *err) {
    struct catalogue_counters counters = {
        .commit = w->counters.commit + 1,
        .next_segment = pipeline_take_id(w->pipeline),
        .next_source = w->update.next_source,
    };
    lede_status status = catalogue_put_counters(w->catalogue, &counters, err);
    if (!status)
        w->counters = counters;
    return status;
}

/* Ends the transaction, one way or the other. */
static lede_status end_transaction(struct lede_writer *w, lede_status status, lede_error *err) {
    if (!status)
        status = catalogue_commit(w->catalogue, err);
    w->in_transaction = false;
    if (status) {
        catalogue_rollback(w->catalogue);
        buffer_clear(&w->brief);
        return status;
    }
    w->made_folder = w->never_committed = false;
    brief_compose(&w->brief, w->catalogue);
    brief_write(w->path, &w->brief, DIGEST_MAX);
    return LEDE_OK;
}

static void unlink_segment(const struct lede_writer *w, uint64_t id) {
    char *path = layout_segment(w->path, id);
    if (path)
        unlink(path); /* what stays is swept later */
    free(path);
}

static int by_id(const void *a, const void *b) {
    const struct writer_segment *x = a, *y = b;
    return x->id < y->id ? -1 : x->id > y->id;
}

/* What is in w->segments is committed: forgets segments of which nothing is left, and their files. */
static void settle_segments(struct lede_writer *w) {
    size_t kept = 0;
    for (size_t i = 0; i < w->count; i++) {
        struct writer_segment *s = &w->segments[i];
        if (tombstones_cover(&s->tombstones)) {
            unlink_segment(w, s->id);
            writer_segment_release(s);
            continue;
        }
        s->fresh = s->tombstones.changed = false;
        sequence_release(&s->sequence);
        w->segments[kept++] = *s;
    }
    w->count = kept;
    if (kept > 1)
        qsort(w->segments, kept, sizeof *w->segments, by_id);
}

static bool has_changes(const struct lede_writer *w) {
    bool changes = has_fresh(w) || w->never_committed;
    for (size_t i = 0; i < w->count; i++)
        changes |= w->segments[i].tombstones.changed;
    return changes;
}

static lede_status publish(struct lede_writer *w, lede_error *err) {
    bool changes = has_changes(w);
    if (!changes && !w->in_transaction)
        return LEDE_OK;
    lede_status status = sync_segments(w, err);
    if (!status)
        status = writer_begin(w, err);
    for (size_t i = 0; !status && i < w->count; i++)
        if (w->segments[i].fresh || w->segments[i].tombstones.changed)
            status = put_segment(w, &w->segments[i], err);
    if (!status && changes)
        status = put_counters(w, err);
    if (!status)
        status = catalogue_forget_retired(w->catalogue, w->update.now, err);
    status = end_transaction(w, status, err);
    if (!status) {
        settle_segments(w);
        update_forget(&w->update);
    }
    return status;
}

/* ------------------------------------------------------------------------------------- merge -- */

/* Segments to merge into one. */
struct picked {
    const size_t *segments; /* indexes, ascending */
    size_t count;
    bool reorder;
};

/* Lets progress be that of the merge, until w->merge_done is NULL again. */
static void report_merge(struct lede_writer *w, const struct merge_job *job) {
    w->merge_done = job->done;
    w->merge_total = 0;
    for (size_t i = 0; i < job->count; i++)
        w->merge_total += segment_info(job->inputs[i].segment)->size;
}

static lede_status write_in_order(struct lede_writer *w, const struct merge_job *job, const char *path,
                                  struct segment_info *info, lede_error *err) {
    report_merge(w, job);
    return merge_segments(job, path, info, err);
}

/* In an order by likeness if it is worth it, else in the one of the input. Where searching has far fewer ranges to look
 * into, it is worth what articles take. */
static lede_status permute(const struct reordering *r, struct permute_job *job, const char *path,
                           struct segment_info *info, lede_error *err) {
    static const double ranges_worth_it = 0.75;
    lede_status status = LEDE_NOT_FOUND;
    job->articles = r->articles;
    if (r->order) {
        job->order = r->order;
        job->gain = r->ranges > ranges_worth_it ? &r->gain : NULL;
        status = permute_segments(job, path, info, err);
    }
    if (status == LEDE_NOT_FOUND && r->natural) {
        job->order = r->natural;
        job->gain = NULL;
        status = permute_segments(job, path, info, err);
    }
    return status;
}

static lede_status write_reordered(struct lede_writer *w, struct merge_job *merge, const char *path,
                                   struct segment_info *info, lede_error *err) {
    struct permute_job job = {.merge = *merge};
    struct reordering found;
    job.merge.settled = merge->settled = true;
    writer_report(w, "reordering");
    lede_status status = reorder_articles(&found, &job, w->options.threads, err);
    report_merge(w, merge);
    writer_report(w, "merging");
    if (!status)
        status = permute(&found, &job, path, info, err);
    reordering_release(&found);
    return status == LEDE_NOT_FOUND ? merge_segments(merge, path, info, err) : status;
}

static lede_status write_merged(struct lede_writer *w, const struct picked *picked, uint64_t id,
                                struct segment_info *info, lede_error *err) {
    size_t n = picked->count;
    struct merge_input *inputs = calloc(n, sizeof *inputs);
    uint64_t done = 0;
    struct merge_job job = {.inputs = inputs,
                            .count = n,
                            .stop = writer_tick,
                            .ctx = w,
                            .memory = writer_memory(w) / 100 * MERGE_PERCENT,
                            .done = &done};
    char *path = layout_segment(w->path, id);
    lede_status status = inputs && path ? LEDE_OK : error_nomem(err);
    for (size_t i = 0; !status && i < n; i++) {
        const struct writer_segment *s = &w->segments[picked->segments[i]];
        inputs[i] = (struct merge_input){s->segment, s->tombstones.bitmap};
    }
    if (!status && picked->reorder)
        status = write_reordered(w, &job, path, info, err);
    else if (!status)
        status = write_in_order(w, &job, path, info, err);
    w->merge_done = NULL;
    free(inputs);
    free(path);
    return status;
}

static lede_status publish_merged(struct lede_writer *w, const struct picked *picked, const struct new_segment *merged,
                                  lede_error *err) {
    const struct catalogue_segment row = {.id = merged->id, .info = *merged->info};
    lede_status status = sync_segments(w, err);
    if (!status)
        status = writer_begin(w, err);
    for (size_t i = 0; !status && i < picked->count; i++)
        status = catalogue_drop_segment(w->catalogue, w->segments[picked->segments[i]].id, err);
    if (!status)
        status = catalogue_put_segment(w->catalogue, &row, err);
    if (!status)
        status = put_counters(w, err);
    return end_transaction(w, status, err);
}

/* Takes out the merged segments, and their files. */
static void drop_picked(struct lede_writer *w, const struct picked *picked) {
    size_t kept = 0, next = 0;
    for (size_t i = 0; i < w->count; i++) {
        if (next < picked->count && picked->segments[next] == i) {
            next++;
            unlink_segment(w, w->segments[i].id);
            writer_segment_release(&w->segments[i]);
        } else {
            w->segments[kept++] = w->segments[i];
        }
    }
    w->count = kept;
}

/* Merges the picked segments into one. On failure the index is as it was before. */
static lede_status merge_picked(struct lede_writer *w, const struct picked *picked, lede_error *err) {
    struct segment_info info;
    struct new_segment merged = {.id = pipeline_take_id(w->pipeline), .info = &info};
    writer_report(w, "merging");
    lede_status status = pipeline_relax(w->pipeline, err);
    if (!status)
        status = write_merged(w, picked, merged.id, &info, err);
    if (status)
        return status;
    status = publish_merged(w, picked, &merged, err);
    if (status) {
        unlink_segment(w, merged.id);
        return status;
    }
    drop_picked(w, picked);
    return writer_fail(w, writer_append_segment(w, &merged, err));
}

static void measure(const struct lede_writer *w, struct policy_segment *sizes) {
    for (size_t i = 0; i < w->count; i++) {
        const struct segment_info *info = segment_info(w->segments[i].segment);
        sizes[i] = (struct policy_segment){info->size, info->passages, w->segments[i].tombstones.passages,
                                           segment_strings(w->segments[i].segment)};
    }
}

static size_t pick(const struct lede_writer *w, size_t *picked, struct policy_segment *sizes) {
    measure(w, sizes);
    return policy_pick(sizes, w->count, pipeline_merge_max(w->pipeline), picked);
}

static lede_status merge_by_policy(struct lede_writer *w, lede_error *err) {
    size_t *picked = calloc(w->count + 1, sizeof *picked);
    struct policy_segment *sizes = calloc(w->count + 1, sizeof *sizes);
    lede_status status = picked && sizes ? LEDE_OK : error_nomem(err);
    while (!status && !w->stopped) {
        size_t n = pick(w, picked, sizes);
        if (n == 0)
            break;
        status = merge_picked(w, &(struct picked){picked, n, false}, err);
    }
    free(picked);
    free(sizes);
    return status;
}

/* A merge after a commit can be done as well after the next one: lack of room or time for it is no failure. */
static bool can_wait(const struct lede_writer *w, lede_status status) {
    return !w->failed && (status == LEDE_INTERRUPTED || status == LEDE_FULL || status == LEDE_NOMEM);
}

/* ------------------------------------------------------------------------------------ commit -- */

static void hand_out_info(struct lede_writer *w, lede_commit_info *info) {
    uint64_t replaced, skipped;
    pipeline_take_counts(w->pipeline, &replaced, &skipped);
    w->info.bytes_replaced = replaced + w->feed.bytes_replaced;
    w->info.records_skipped = skipped + w->feed.records_skipped;
    w->info.bytes_read = w->feed.bytes_read - w->bytes_reported;
    w->bytes_reported = w->feed.bytes_read;
    w->feed.bytes_replaced = w->feed.records_skipped = 0;
    if (info)
        *info = w->info;
    w->info = (lede_commit_info){.articles_added = 0};
}

/* What an engine holds is published by the engine, and then the catalogue is what it knows. */
static lede_status publish_in_store(struct lede_writer *w, lede_error *err) {
    const struct engine *engine = w->store->engine;
    const struct catalogue_counters counters = {w->counters.commit + 1, w->counters.next_segment,
                                                w->update.next_source};
    lede_status status = LEDE_OK;
    if (!w->in_transaction)
        return LEDE_OK;
    for (uint64_t id = 0; !status && id_set_next(&w->update.gone, &id); id++) {
        uint64_t deleted = 0;
        status = engine->remove_source(w->store, id, &deleted, err);
        w->info.articles_deleted += deleted;
    }
    if (!status)
        status = catalogue_put_counters(w->catalogue, &counters, err);
    if (!status)
        status = engine->commit(w->store, w->catalogue, &w->info, err);
    if (!status)
        status = catalogue_commit(w->catalogue, err);
    if (status)
        return status;
    w->counters = counters;
    w->in_transaction = false;
    update_forget(&w->update);
    return LEDE_OK;
}

/* Looking up keys has touched pages of all segments. */
static void forget_pages(const struct lede_writer *w) {
    for (size_t i = 0; i < w->count; i++)
        segment_forget(w->segments[i].segment);
}

static lede_status commit(struct lede_writer *w, lede_commit_info *info, lede_error *err) {
    if (info)
        *info = (lede_commit_info){.articles_added = 0};
    lede_status status = writer_usable(w, err);
    if (status)
        return status;
    w->stopped = false;
    writer_report(w, "committing");
    status = writer_collect(w, err);
    if (!status && w->in_transaction)
        status = refuse_sources(w, err);
    if (!status && w->store)
        status = publish_in_store(w, err);
    if (!status && !w->store)
        status = resolve(w, err);
    forget_pages(w);
    if (!status && !w->store)
        status = publish(w, err);
    if (!status)
        hand_out_info(w, info);
    return writer_fail(w, status);
}

lede_status lede_writer_commit(lede_writer *w, lede_commit_info *info, lede_error *err) {
    lede_status status = commit(w, info, err);
    if (status)
        return status;
    status = merge_by_policy(w, err);
    return can_wait(w, status) ? LEDE_OK : writer_fail(w, status);
}

static uint64_t live_passages(const struct lede_writer *w) {
    uint64_t passages = 0;
    for (size_t i = 0; i < w->count; i++)
        passages += segment_info(w->segments[i].segment)->passages - w->segments[i].tombstones.passages;
    return passages;
}

static bool is_optimal(const struct writer_segment *s, bool reorder) {
    return s->tombstones.passages == 0 && (!reorder || segment_is_settled(s->segment));
}

/* Some segments side by side that are merged, or left as they are. */
struct stretch {
    size_t first, count;
};

/* As many as one merge can take, from the first on. */
static lede_status find_stretch(const struct lede_writer *w, struct stretch *s, size_t end, lede_error *err) {
    struct policy_segment *sizes = calloc(w->count + 1, sizeof *sizes);
    if (!sizes)
        return error_nomem(err);
    measure(w, sizes);
    s->count = policy_run(sizes + s->first, end - s->first, pipeline_merge_max(w->pipeline));
    free(sizes);
    return LEDE_OK;
}

static lede_status merge_stretch(struct lede_writer *w, const struct stretch *s, bool reorder, lede_error *err) {
    size_t *picked = calloc(s->count, sizeof *picked);
    if (!picked)
        return error_nomem(err);
    for (size_t i = 0; i < s->count; i++)
        picked[i] = s->first + i;
    lede_status status = merge_picked(w, &(struct picked){picked, s->count, reorder}, err);
    free(picked);
    return status;
}

/* So that one merge can take all that are left, unless they have too many passages. */
static lede_status merge_crowd(struct lede_writer *w, lede_error *err) {
    struct stretch s = {0, 2};
    lede_status status = LEDE_OK;
    while (!status && w->count > POLICY_FAN && s.count > 1) {
        status = find_stretch(w, &s, w->count, err);
        if (!status && s.count > 1)
            status = merge_stretch(w, &s, false, err);
    }
    return status;
}

/* Into one segment, or as few as can be. What is merged goes to the end. */
static lede_status merge_all(struct lede_writer *w, bool reorder, lede_error *err) {
    lede_status status = merge_crowd(w, err);
    struct stretch s = {0, 0};
    for (size_t left = w->count; !status && left > 0; left -= s.count) {
        status = find_stretch(w, &s, s.first + left, err);
        if (!status && s.count == 1 && is_optimal(&w->segments[s.first], reorder))
            s.first++;
        else if (!status)
            status = merge_stretch(w, &s, reorder, err);
    }
    return status;
}

lede_status lede_writer_optimize(lede_writer *w, const lede_optimize_options *options, lede_error *err) {
    if (w->store)
        return error_set(err, LEDE_UNSUPPORTED, "%s: Xapian's databases are made smaller by its own `xapian-compact`",
                         w->name);
    lede_status status = commit(w, NULL, err);
    bool reorder = !(options && options->keep_order) && live_passages(w) >= REORDER_PASSAGES_MIN;
    return status ? status : merge_all(w, reorder, err);
}
