/* intersection.h - documents that may have all words of a query, or its phrase, many at a time: the words are looked up
 * one after the other, each in the documents that are left, and what has them all is scored, or counted. by_all.c and
 * candidates.c tell which documents these are. */
#ifndef LEDE_SEARCHER_INTERSECTION_H
#define LEDE_SEARCHER_INTERSECTION_H

#include "core/base/buffer.h"
#include "range_run.h"
#include "searcher/match/near.h"

/* Documents that are looked at together: when there are BATCH of them, to which come at most as many as are added at
 * once. */
enum { BATCH = 128, BATCH_ROOM = BATCH + CHUNK_RANGE };

/* Documents of the rarest word, which rise, and which have the words that were looked for so far. */
struct batch {
    uint32_t count;
    uint32_t docs[BATCH_ROOM];
    uint16_t bounds[BATCH_ROOM]; /* units that it has at most */
    uint8_t rows[BATCH_ROOM];    /* in the tables below */
};

/* Units in so many classes. */
enum { UNIT_CLASS_SHIFT = 8, UNIT_CLASSES = (UINT16_MAX >> UNIT_CLASS_SHIFT) + 1 };

static inline uint32_t units_class(uint16_t units) {
    return (uint32_t)units >> UNIT_CLASS_SHIFT;
}

/* The units of a class that about `want` documents have, or more, of so many of each class; 0: they are not so many. */
uint32_t units_reached(const uint32_t *classes, double want);

/* What is known of the documents of a batch, by row. */
struct word_table {
    uint32_t indices[BATCH_ROOM]; /* where the word has them */
    uint32_t freqs[BATCH_ROOM];   /* how often, if it is known */
    bool known;
    bool found; /* else where it has them is to be looked up; that it has them is known */
};

/* What NEAR and ADJ ask, and room to look at their words' positions in the documents of a batch. */
struct nearness {
    struct near near;
    bool by_masks; /* masks tell all of a passage that has no title and no heading */
    const uint32_t **positions;
    uint32_t (*counts)[BATCH_ROOM];
    struct phrase_slot *slots; /* of one document */
};

/* A phrase, NEAR or ADJ: word i is terms[slots[i]]. */
struct phrase {
    uint32_t *slots;
    uint32_t *order;           /* places of the phrase, that of the rarest word first */
    uint32_t count;            /* 0: none */
    struct nearness *nearness; /* NULL: the words follow one another */
    /* Where it may start in the documents of the batch; and where a word stands in them. */
    struct position_masks masks, places;
    uint8_t hits[BATCH_ROOM]; /* whether it may start at all, 1 or 0 */
    /* Of such as have positions that masks can't tell: so many, from begins[k] on. */
    struct batch others;
    struct buffer starts; /* u32 */
    uint32_t begins[BATCH_ROOM], counts[BATCH_ROOM];
};

/* A search for the documents that have all words. */
struct intersection {
    struct range_run *run;
    struct phrase phrase;
    struct batch batch;
    struct word_table *tables; /* as run->terms */
    bool leads;                /* where the rarest word has the documents of the batch is known */
    const uint64_t *marks;     /* or these tell, which of its postings are around them; else NULL */
    size_t sure;               /* so many of the words, in order, have them, as marks, or sets, told */
    bool counts;               /* what matches is counted, and nothing else */
    bool placed;               /* where all words of the phrase stand is in memory */
    bool exact;                /* all have all words, and bounds need not be tightened */
    uint32_t *classes;         /* where bounds are exact units, those of what matches are counted, by class; or NULL */
    /* All words are in so many documents that their postings are better read as sets: what they are in a range, as
     * run->terms; NULL if they are not. */
    struct chunk_masks *masks;
};

/* Without a phrase. The room for documents and positions is not cleared: 24 KiB, which would put all else out of the
 * nearest cache. */
static inline void intersection_init(struct intersection *x, struct range_run *run, bool counts) {
    x->run = run;
    x->phrase.slots = x->phrase.order = NULL;
    x->phrase.count = 0;
    x->phrase.nearness = NULL;
    x->phrase.others.count = x->batch.count = 0;
    x->phrase.starts = BUFFER_EMPTY;
    x->tables = NULL;
    x->leads = false;
    x->marks = NULL;
    x->sure = 0;
    x->counts = counts;
    x->placed = false;
    x->exact = false;
    x->classes = NULL;
    x->masks = NULL;
}

/* Puts a document of the rarest word, which has it at `index`, behind the others; it stays if it is counted. */
static inline void batch_put(struct batch *b, struct word_table *table, uint32_t doc, uint32_t bound, uint32_t index) {
    uint32_t k = b->count;
    b->docs[k] = doc;
    b->bounds[k] = (uint16_t)bound;
    b->rows[k] = (uint8_t)k;
    table->indices[k] = index;
}

/* Where the rarest word has the documents of the batch. */
static inline struct word_table *intersection_lead(const struct intersection *x) {
    return &x->tables[x->run->order[0] - x->run->terms];
}

/* Whether most documents have the word, and are scored if they do: how often they have it is better asked at once. */
static inline bool intersection_scores_most(const struct intersection *x, const struct range_term *t) {
    return x->phrase.count == 0 && !x->counts && t->doc_freq > segment_info(t->scorer->segment)->passages / 2;
}

/* Whether a phrase's word, which chunks tell of, gives so little, as most have it, that it is not asked how often a
 * document has it before it is known where. */
static inline bool intersection_gives_little(const struct intersection *x, const struct range_term *t) {
    enum { PART = 8 }; /* of the threshold */
    return x->phrase.count > 0 && range_term_finds_by_masks(t) && t->max_units < x->run->cut / PART;
}

/* The lengths of the batch's documents from number `first` on, which are in no cache, are fetched before they are
 * needed. Where no threshold asks for units, a phrase needs them with the positions, and fetches them chunk by chunk.
 */
FETCHING void intersection_fetch_lengths(const struct intersection *x, uint32_t first) {
    const struct range_scorer *s = &x->run->scorer;
    bool wanted = x->phrase.count == 0 || x->run->cut > 1;
    for (uint32_t k = first; wanted && k < x->batch.count; k++)
        fetch_line(s->lengths + (size_t)x->batch.docs[k] * s->length_width);
}

/* Word by word, the rarest first, until no document of the batch that has them can reach the threshold with what is
 * left; what does goes to the run's collector. The batch is empty then. A word's table tells what fails. */
void intersection_evaluate(struct intersection *x);

#endif
