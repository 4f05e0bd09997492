/* passage_text.h - the text of a passage by the positions that the index has of it: what form stands there, and in
 * which sentence. Positions alone tell no forms and no sentences; with them in the index it would be some percent
 * larger for all, and a passage is read and taken apart in a few microseconds. */
#ifndef LEDE_SEARCHER_PASSAGE_TEXT_H
#define LEDE_SEARCHER_PASSAGE_TEXT_H

#include "core/index/snapshot.h"
#include "core/segment/stored_text.h"
#include "core/text/analyzer.h"
#include "interrupt.h"
#include "searcher/match/near.h"
#include "searcher/match/verdicts.h"

struct passage_text;

/* For passages of a snapshot that keeps text, which is borrowed. Sentences are told apart only if they are wanted. */
LEDE_NODISCARD lede_status passage_text_new(struct passage_text **out, const struct snapshot *snapshot,
                                            bool has_sentences, lede_error *err);
void passage_text_free(struct passage_text *t);

/* Reads from this segment from now on. */
void passage_text_use(struct passage_text *t, const struct segment *segment);

/* Reading fails with LEDE_INTERRUPTED when the search has to end, which is borrowed. */
void passage_text_watch(struct passage_text *t, struct interrupt *interrupt);

/* Reads a passage, unless it is the one read last. */
LEDE_NODISCARD lede_status passage_text_read(struct passage_text *t, uint32_t doc);

/* The form at a position of the passage read; its length, 0 if there is none. */
size_t passage_text_form(struct passage_text *t, uint32_t position, char form[TERM_MAX + 1]);

/* The number of the sentence at a position of the passage read, rising with positions; title and heading are sentences
 * of their own. UINT32_MAX if there is none. */
uint32_t passage_text_sentence(struct passage_text *t, uint32_t position);

/* How many words of a passage the verdicts' word stands for, in its field; where there are `enough`, 1 or more, the
 * others may not be counted. What is said above of the passage read last
 * holds no more then. */
LEDE_NODISCARD lede_status passage_text_count(struct passage_text *t, uint32_t doc, struct verdicts *verdicts,
                                              uint32_t enough, uint32_t *count);

/* Where fields begin in a passage. */
struct field_borders field_borders_of(const struct segment *segment, uint32_t doc);

static inline bool field_borders_have(const struct field_borders *b, enum text_field field, uint32_t position) {
    switch (field) {
    case FIELD_TITLE: return position < b->heading;
    case FIELD_HEADING: return position >= b->heading && position < b->body;
    case FIELD_BODY: return position >= b->body;
    default: return true;
    }
}

#endif
