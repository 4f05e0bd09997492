/* stage.h - what the parts of the second stage share: the candidates, the words that are looked at in them, and what is
 * needed to read them. For the parts alone; second_stage.h is how it is used.
 *
 *     second_stage.c   candidates -> gains -> order -> copies -> hits
 *     stage_words.c    which of the query's words are looked at
 *     stage_places.c   where they stand, and what a candidate gains by their being near each other
 *     stage_texts.c    what the candidates' texts have as typed, and what it gains by that; its words, for copies
 *     stage_names.c    what all of them tell of names
 */
#ifndef LEDE_SEARCHER_STAGE_H
#define LEDE_SEARCHER_STAGE_H

#include "copies.h"
#include "core/segment/articles.h"
#include "core/segment/stored_text.h"
#include "searcher/match/proximity.h"
#include "searcher/match/surface.h"
#include "searcher/plan/passage_text.h"
#include "second_stage.h"

/* Words that are looked at: the rarer half of the query's, this many at least and at most. Words such as "of the" stand
 * near each other everywhere and are always as typed: measured on judged questions, gains by them do harm. */
enum { WORDS_LEAST = 3, WORDS_MOST = 32 };

struct candidate {
    struct ranked ranked;
    const struct snapshot_segment *segment; /* or NULL, and */
    const lede_passage_view *view;
    uint32_t doc, article; /* of the segment */
    double norm;
    int32_t day;
    struct field_borders borders;  /* where fields begin, if that is asked for */
    struct buffer occurrences;     /* struct occurrence each */
    uint32_t freqs[WORDS_MOST];    /* how often each word is there */
    uint32_t typed;                /* a bit for each that is there as typed */
    bool *seen;                    /* which of the query's terms are; NULL: not looked at */
    struct wording *wording;       /* NULL unless copies are looked for */
    struct candidate *next, *last; /* copies of it, and the last of them */
};

/* A word that is looked at: a term of the query, or a prefix and its like. */
struct looked_word {
    const struct node *pattern; /* NULL: it is */
    uint32_t term;
};

struct stage {
    struct arena *arena; /* of what stays */
    struct arena scratch;
    const struct second_stage_input *in;
    const lede_search_options *options;
    bool has_text, gains, recent; /* what is asked for: hits sorted by date keep their order */
    /* Entries of the heap are looked at some at a time: these, */
    struct candidate *candidates;
    struct candidate **order; /* by passage, then by score */
    size_t count, first;      /* that stand behind so many others */
    struct candidate **kept;  /* and those of them and of the others before that are no copies, in order */
    size_t kept_count;
    struct looked_word words[WORDS_MOST];
    double idfs[WORDS_MOST];
    size_t word_count, pattern_count; /* and the prefixes and names among them that texts are to be asked for */
    size_t known_count;               /* words with those behind them, which may be names, but are not looked at */
    struct surface surface;
    struct article_cursor *articles; /* of a segment, */
    struct text_reader texts;        /* and its texts */
    struct buffer text, hashes;      /* of one passage */
    struct copies copies;            /* of those that are kept */
    struct surface_case *cases;      /* of the query's terms */
    bool *seen;                      /* of the query's terms, in one passage, */
    bool typed[WORDS_MOST];          /* and of words that are patterns */
    struct candidate *reading;       /* the one whose text is read */
    struct name_report *names;       /* of the query's terms, in the arena */
};

/* Finds the words that are looked at. False if out of memory. */
bool stage_take_words(struct stage *s);

void stage_take_occurrences(struct candidate *c, size_t word, const uint32_t *positions, uint32_t count);
void stage_release_occurrences(struct stage *s);
/* Finds where words [from, to) stand in all candidates, which are of segments and in the order of passages. */
LEDE_NODISCARD lede_status stage_look_up(struct stage *s, size_t from, size_t to, lede_error *err);
/* The same of views, by counting in their texts, if there are any. */
LEDE_NODISCARD lede_status stage_count_words(struct stage *s, lede_error *err);
LEDE_NODISCARD lede_status stage_gain_by_proximity(struct stage *s, lede_error *err);

/* Reads the texts of a candidate, as far as that is asked for. */
LEDE_NODISCARD lede_status stage_read(struct stage *s, struct candidate *c, lede_error *err);
void stage_gain_by_surface(struct stage *s);

/* Finds those that are searched for as names, too, where they are. */
LEDE_NODISCARD lede_status stage_judge_names(struct stage *s, lede_error *err);
/* Forms outlive the surface that they are of. False if out of memory. */
bool stage_keep_names(struct stage *s);

#endif
