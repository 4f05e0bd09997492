#include "merge_output.h"

#include "core/base/error.h"

enum {
    /* Terms or articles between two questions whether to stop. */
    STOP_INTERVAL = 4096,
};

#define MEMORY_MIN (UINT64_C(16) << 20)

lede_status merge_output_open(struct merge_output *o, const struct merge_job *job, const char *path, lede_error *err) {
    *o = (struct merge_output){.job = job, .err = err};
    if (job->done)
        *job->done = 0;
    scratch_init(&o->scratch, path);
    scratch_init(&o->term, path);
    footprint_init(&o->footprint, job->inputs, job->count, job->memory > MEMORY_MIN ? job->memory : MEMORY_MIN);
    articles_writer_init(&o->articles, &o->scratch);
    return segment_writer_open(&o->out, path, err);
}

lede_status merge_output_close(struct merge_output *o, lede_status status, struct segment_info *info) {
    articles_writer_release(&o->articles);
    postings_writer_release(&o->postings);
    buffer_release(&o->passages);
    buffer_release(&o->lengths);
    buffer_release(&o->headings);
    scratch_release(&o->scratch);
    scratch_release(&o->term);
    if (status == LEDE_OK)
        return segment_writer_commit(o->out, &o->counts, info, o->err);
    segment_writer_abort(o->out);
    return status;
}

lede_status merge_output_step(struct merge_output *o) {
    if (++o->steps % STOP_INTERVAL == 0 && o->job->stop && o->job->stop(o->job->ctx))
        return error_set(o->err, LEDE_INTERRUPTED, "merging was stopped");
    return LEDE_OK;
}

void merge_output_done(const struct merge_output *o, uint64_t bytes) {
    if (o->job->done)
        *o->job->done += bytes;
}

lede_status merge_output_failure(const struct merge_output *o) {
    return scratch_failure(o->term.code ? &o->term : &o->scratch, o->err);
}

lede_status merge_output_article(struct merge_output *o, const struct segment *s, const struct article_record *record,
                                 uint64_t source) {
    buffer_clear(&o->passages);
    buffer_clear(&o->lengths);
    buffer_clear(&o->headings);
    article_passages(record, &o->passages);
    for (uint32_t i = 0; i < record->passage_count; i++) {
        buffer_append_u32(&o->lengths, segment_length(s, record->first_passage + i));
        buffer_append_u32(&o->headings, column_entry(&s->columns[COLUMN_HEADINGS], record->first_passage + i));
    }
    if (o->passages.failed || o->lengths.failed || o->headings.failed)
        return error_nomem(o->err);
    const struct passage *passages = (const void *)o->passages.data;
    struct article article = {record->meta, source, passages, record->passage_count};
    const struct article_words words = {record->body_position, (const void *)o->lengths.data,
                                        (const void *)o->headings.data};
    articles_writer_add(&o->articles, &article, passages, record->passage_count, &words);
    articles_writer_drain(&o->articles, o->out);
    return merge_output_step(o);
}

lede_status merge_output_end_articles(struct merge_output *o) {
    bool ok = articles_writer_finish(&o->articles, o->out, &o->counts);
    /* The tables are of no more use, nor is what they took. */
    articles_writer_release(&o->articles);
    return ok ? LEDE_OK : merge_output_failure(o);
}

void merge_output_begin_terms(struct merge_output *o) {
    dictionary_writer_init(&o->dictionary, DICTIONARY_TERMS, &o->scratch);
    postings_writer_init(&o->postings, o->counts.passages, o->counts.total_length, &o->term);
    segment_writer_begin(o->out, SECTION_POSTINGS);
}

lede_status merge_output_term(struct merge_output *o, const char *key, size_t len) {
    struct term_info info = {0};
    if (o->postings.doc_freq == 0)
        return LEDE_OK;
    if (!postings_writer_finish(&o->postings, o->out, &info))
        return merge_output_failure(o);
    dictionary_writer_add(&o->dictionary, key, len, &info);
    o->counts.postings += info.doc_freq;
    o->counts.positions += info.total_freq;
    o->counts.position_bytes += info.positions_size;
    return LEDE_OK;
}

static lede_status end_dictionary(struct merge_output *o, lede_status status) {
    if (!dictionary_writer_finish(&o->dictionary, o->out, &o->counts) && status == LEDE_OK)
        status = merge_output_failure(o);
    dictionary_writer_release(&o->dictionary);
    return status;
}

lede_status merge_output_end_terms(struct merge_output *o, lede_status status) {
    segment_writer_end(o->out);
    return end_dictionary(o, status);
}

lede_status merge_output_words(struct merge_output *o) {
    const struct merge_input *inputs = o->job->inputs;
    size_t count = o->job->count;
    struct key_walk walk;
    uint64_t passages = 0;
    o->counts.exact_words = true;
    for (size_t i = 0; i < count; i++) {
        passages += inputs[i].segment->counts.passages;
        o->counts.exact_words &= inputs[i].segment->counts.exact_words;
    }
    o->counts.exact_words &= passages == o->counts.passages;
    dictionary_writer_init(&o->dictionary, DICTIONARY_WORDS, &o->scratch);
    lede_status status = key_walk_open(&walk, inputs, count, DICTIONARY_WORDS, o->err);
    while (status == LEDE_OK && !walk.end) {
        struct term_info sum = {0};
        for (size_t i = 0; i < count; i++)
            sum.total_freq += key_walk_info(&walk, i) ? key_walk_info(&walk, i)->total_freq : 0;
        dictionary_writer_add(&o->dictionary, walk.key, walk.key_len, &sum);
        footprint_touch(&o->footprint, MERGE_ENTRY_BYTES * count);
        status = merge_output_step(o);
        if (status == LEDE_OK)
            status = key_walk_next(&walk, o->err);
    }
    key_walk_close(&walk);
    return end_dictionary(o, status);
}
