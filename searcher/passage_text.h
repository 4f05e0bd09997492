/* passage_text.h - the text of a passage by the positions that the index has of it: what form stands there, and in
 * which sentence. Positions alone tell no forms and no sentences; with them in the index it would be some percent
 * larger for all, and a passage is read and taken apart in a few microseconds. */
#ifndef LEDE_SEARCHER_PASSAGE_TEXT_H
#define LEDE_SEARCHER_PASSAGE_TEXT_H

#include "../core/analyzer.h"
#include "../core/snapshot.h"
#include "../core/stored_text.h"
#include "interrupt.h"
#include "near.h"

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

/* Where fields begin in a passage. */
struct field_borders field_borders_of(const struct segment *segment, uint32_t doc);

#endif
