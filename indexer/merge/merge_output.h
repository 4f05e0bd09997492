/* merge_output.h - the segment that a merge writes, whatever order it takes the articles in:
 *
 *     merge_output_open
 *     SECTION_ARTICLES: merge_output_article for each, between segment_writer_begin and _end; articles_writer_finish
 *     SECTION_TEXT, with a text_writer
 *     merge_output_begin_terms; for each term: its postings to o->postings, merge_output_term; merge_output_end_terms
 *     merge_output_words
 *     merge_output_close
 */
#ifndef LEDE_INDEXER_MERGE_OUTPUT_H
#define LEDE_INDEXER_MERGE_OUTPUT_H

#include "core/segment/articles.h"
#include "core/segment/dictionary.h"
#include "core/segment/postings_writer.h"
#include "core/segment/stored_text.h"
#include "core/segment/text_writer.h"
#include "footprint.h"
#include "key_walk.h"

/* What an entry of a dictionary has, about. */
#define MERGE_ENTRY_BYTES 16

struct merge_output {
    struct segment_writer *out;
    struct segment_counts counts;
    struct articles_writer articles;
    struct postings_writer postings;
    struct dictionary_writer dictionary;
    struct buffer passages, lengths, headings; /* of the article in hand */
    struct scratch scratch;                    /* where tables wait for their section */
    struct scratch term;                       /* where parts of the term in hand do */
    struct footprint footprint;                /* of the inputs */
    const struct merge_job *job;
    uint64_t steps;
    lede_error *err;
};

/* The job and the path are borrowed. */
LEDE_NODISCARD lede_status merge_output_open(struct merge_output *o, const struct merge_job *job, const char *path,
                                             lede_error *err);
/* Commits the segment if `status` is LEDE_OK, else removes it and returns that. */
LEDE_NODISCARD lede_status merge_output_close(struct merge_output *o, lede_status status, struct segment_info *info);

/* To be called for each article and term: asks now and then whether to stop. */
LEDE_NODISCARD lede_status merge_output_step(struct merge_output *o);
/* So many more bytes of the inputs are done with. */
void merge_output_done(const struct merge_output *o, uint64_t bytes);

/* What a writer of a part says when it has failed. */
LEDE_NODISCARD lede_status merge_output_failure(const struct merge_output *o);

LEDE_NODISCARD lede_status merge_output_article(struct merge_output *o, const struct segment *s,
                                                const struct article_record *record, uint64_t source);
/* Writes the sections about articles, SECTION_ARTICLES being begun. */
LEDE_NODISCARD lede_status merge_output_end_articles(struct merge_output *o);

void merge_output_begin_terms(struct merge_output *o);
/* Ends the postings of a term; one without any is left out. */
LEDE_NODISCARD lede_status merge_output_term(struct merge_output *o, const char *key, size_t len);
LEDE_NODISCARD lede_status merge_output_end_terms(struct merge_output *o, lede_status status);

/* Writes the words of all inputs. */
LEDE_NODISCARD lede_status merge_output_words(struct merge_output *o);

#endif
