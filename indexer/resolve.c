#include "resolve.h"

#include <stdlib.h>
#include <string.h>

#include "../core/error.h"
#include "../core/keys.h"
#include "footprint.h"

/* ----------------------------------------------------------------------------------- sources -- */

/* Articles between two times that the pages they stand on are given back. */
enum { FORGET_INTERVAL = 1 << 16 };

static lede_status delete_run(struct tombstones *t, const struct source_run *run, struct article_record *record,
                              uint64_t *deleted, lede_error *err) {
    lede_status status = LEDE_OK;
    for (uint32_t i = 0; !status && i < run->count; i++) {
        bool added = false;
        status = segment_article(t->segment, run->first_article + i, record, err);
        if (!status)
            status = tombstones_add(t, record, &added, err);
        *deleted += added;
        if (i % FORGET_INTERVAL == FORGET_INTERVAL - 1)
            segment_forget(t->segment);
    }
    return status;
}

lede_status resolve_sources(struct tombstones *t, const struct id_set *sources, uint64_t *deleted, lede_error *err) {
    if (sources->count == 0)
        return LEDE_OK;
    struct article_record *record = malloc(sizeof *record);
    if (!record)
        return error_nomem(err);
    lede_status status = LEDE_OK;
    uint32_t count = segment_source_run_count(t->segment);
    for (uint32_t i = 0; !status && i < count; i++) {
        struct source_run run;
        segment_source_run(t->segment, i, &run);
        if (id_set_has(sources, run.source))
            status = delete_run(t, &run, record, deleted, err);
    }
    free(record);
    return status;
}

/* -------------------------------------------------------------------------------------- keys -- */

/* A place in the sorted table of a segment's keys, which only moves on. */
struct key_cursor {
    const struct contender *from;
    struct key_scan scan;
    /* Of the tags, if there are any: the next one is that of the first key that was not asked for. */
    struct spool_reader tags;
    const uint8_t *next_tag, *tags_end;
};

static struct key_cursor key_cursor_start(const struct contender *from) {
    struct key_cursor c = {.from = from};
    key_scan_start(&c.scan, from->tombstones->segment, 0);
    if (from->sequence && from->sequence->tags)
        spool_reader_init(&c.tags, &from->sequence->tags->spool);
    return c;
}

static void key_cursor_release(struct key_cursor *c) {
    spool_reader_release(&c->tags);
}

/* The next key's; false if it is not known. */
static bool take_tag(struct key_cursor *c, uint8_t *tag) {
    size_t size;
    if (!c->tags.spool)
        return false;
    if (c->next_tag == c->tags_end) {
        c->next_tag = spool_next(&c->tags, &size);
        c->tags_end = c->next_tag + size;
    }
    if (!c->next_tag)
        return false;
    *tag = *c->next_tag++;
    return true;
}

static bool is_below(const struct key_scan *k, uint32_t entry, uint64_t hash) {
    uint32_t article;
    return segment_key_entry(k->segment, entry, &article) < hash;
}

/* Moves to the first entry that is not below `hash`: in steps that double, then by halving. This costs as much as a
 * merge where keys are many, and as a search where they are few. (Bentley and Yao, An almost optimal algorithm for
 * unbounded searching, 1976.) */
static void key_cursor_seek(struct key_cursor *c, uint64_t hash) {
    struct key_scan *k = &c->scan;
    uint32_t count = segment_info(k->segment)->articles, step = 1, low = k->entry;
    if (k->hash < hash)
        key_scan_next(k); /* often far enough */
    if (k->hash >= hash)
        return;
    while (count - low > step && is_below(k, low + step, hash)) {
        low += step;
        step = step < count / 2 ? 2 * step : step;
    }
    uint32_t high = count - low > step ? low + step : count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (is_below(k, middle, hash))
            low = middle;
        else
            high = middle;
    }
    key_scan_start(k, k->segment, low + 1);
}

lede_status resolve_deletion(const struct contender *segment, const char *key, size_t key_len, uint64_t batch,
                             lede_error *err) {
    struct article_record *record = malloc(sizeof *record);
    if (!record)
        return error_nomem(err);
    struct key_cursor c = key_cursor_start(segment);
    uint64_t hash = segment_key_hash(key, key_len);
    lede_status status = LEDE_OK;
    for (key_cursor_seek(&c, hash); !status && c.scan.hash == hash; key_scan_next(&c.scan)) {
        bool added;
        if (sequence_batch(segment->sequence, c.scan.article) >= batch)
            continue;
        status = segment_article(c.scan.segment, c.scan.article, record, err);
        if (!status && record->meta.key_len == key_len && !memcmp(record->meta.key, key, key_len))
            status = tombstones_add(segment->tombstones, record, &added, err);
    }
    free(record);
    return status;
}

enum {
    /* Bytes of the table, about, that a key takes. */
    KEY_BYTES = 6,
    /* Keys that are passed over without being looked at. */
    FAR = 1 << 14,
    /* Places far apart that are read to find a key that is far. */
    PLACES = 2,
};

/* An article with the key that others are compared to: the best so far of its key. */
struct winner {
    const struct contender *from;
    uint64_t batch;
    struct article_record record;
};

/* Articles whose keys have the same hash: one winner for each key, so one in all but by chance. */
struct bout {
    struct winner **winners;
    size_t count, cap;
    struct article_record challenger;
    const struct id_set *gone;
    struct resolution *resolution;
    struct footprint *footprint;
};

static void bout_release(struct bout *b) {
    for (size_t i = 0; i < b->cap; i++)
        free(b->winners[i]);
    free(b->winners);
}

/* A copied record has its key in another place. */
static void copy_record(struct article_record *to, const struct article_record *from) {
    *to = *from;
    to->meta.key = to->key;
}

static lede_status bout_grow(struct bout *b, lede_error *err) {
    struct winner **grown = reallocarray(b->winners, b->cap + 1, sizeof(struct winner *));
    if (!grown)
        return error_nomem(err);
    b->winners = grown;
    b->winners[b->cap] = malloc(sizeof(struct winner));
    if (!b->winners[b->cap])
        return error_nomem(err);
    b->cap++;
    return LEDE_OK;
}

static struct winner *bout_find(const struct bout *b) {
    const lede_article *meta = &b->challenger.meta;
    for (size_t i = 0; i < b->count; i++) {
        const lede_article *other = &b->winners[i]->record.meta;
        if (other->key_len == meta->key_len && !memcmp(other->key, meta->key, meta->key_len))
            return b->winners[i];
    }
    return NULL;
}

static void bout_win(struct bout *b, struct winner *w, const struct contender *from, uint64_t batch) {
    w->from = from;
    w->batch = batch;
    copy_record(&w->record, &b->challenger);
}

/* Lets the article that `c` stands on challenge the winner of its key. Challengers come segment by segment, in order,
 * so that one of a batch not earlier than the winner's wins. */
static lede_status bout_challenge(struct bout *b, const struct key_cursor *c, lede_error *err) {
    uint32_t article = c->scan.article;
    bool added = false;
    footprint_touch(b->footprint, FOOTPRINT_AROUND);
    lede_status status = segment_article(c->scan.segment, article, &b->challenger, err);
    if (status || tombstones_has(c->from->tombstones, b->challenger.first_passage))
        return status;
    uint64_t batch = c->from->sequence ? sequence_batch(c->from->sequence, article) : 0;
    struct winner *w = bout_find(b);
    if (!w) {
        if (b->count == b->cap)
            status = bout_grow(b, err);
        if (!status)
            bout_win(b, b->winners[b->count++], c->from, batch);
    } else if (c->from->sequence && batch >= w->batch) {
        status = tombstones_add(w->from->tombstones, &w->record, &added, err);
        bout_win(b, w, c->from, batch);
    } else {
        status = tombstones_add(c->from->tombstones, &b->challenger, &added, err);
        if (added && !c->from->sequence)
            ++*(id_set_has(b->gone, w->record.source) ? &b->resolution->deleted : &b->resolution->replaced);
    }
    return status;
}

/* The lowest hash that a new segment stands on. */
static uint64_t lowest_hash(const struct key_cursor *cursors, size_t count) {
    uint64_t lowest = KEY_SCAN_END;
    for (size_t i = 0; i < count; i++) {
        if (cursors[i].from->sequence && cursors[i].scan.hash < lowest)
            lowest = cursors[i].scan.hash;
    }
    return lowest;
}

/* Keys of one hash. */
struct crowd {
    uint64_t tags; /* a bit for each that was seen */
    bool is_mixed; /* two of them, or more, may be the same */
};

_Static_assert(KEYS_TAGS == 64, "a bit for each tag");

/* Those of the hash that the cursor stands on. Of new segments each key is asked for once, in order. */
static void count_keys(struct crowd *crowd, struct key_cursor *c) {
    struct key_scan next = c->scan;
    for (uint64_t hash = next.hash; next.hash == hash; key_scan_next(&next)) {
        uint8_t tag;
        uint64_t bit = take_tag(c, &tag) ? UINT64_C(1) << tag : ~UINT64_C(0);
        crowd->is_mixed |= (crowd->tags & bit) != 0;
        crowd->tags |= bit;
    }
}

/* Whether keys of this hash have to be compared. */
static bool is_contended(struct key_cursor *cursors, size_t count, uint64_t hash, struct footprint *footprint) {
    struct crowd crowd = {0};
    for (size_t i = 0; i < count; i++) {
        uint32_t entry = cursors[i].scan.entry;
        if (!cursors[i].from->sequence)
            key_cursor_seek(&cursors[i], hash);
        bool far = cursors[i].scan.entry - entry > FAR;
        footprint_touch(footprint, far ? (uint64_t)PLACES * FOOTPRINT_AROUND : KEY_BYTES);
        if (cursors[i].scan.hash == hash)
            count_keys(&crowd, &cursors[i]);
    }
    return crowd.is_mixed;
}

/* All keys of one hash: those of new segments first, which no committed one beats. */
static lede_status hold_bout(struct bout *b, struct key_cursor *cursors, size_t count, uint64_t hash, lede_error *err) {
    lede_status status = LEDE_OK;
    b->count = 0;
    for (int committed = 0; committed < 2; committed++) {
        for (size_t i = 0; !status && i < count; i++) {
            struct key_cursor *c = &cursors[i];
            if ((c->from->sequence == NULL) != committed)
                continue;
            for (; !status && c->scan.hash == hash; key_scan_next(&c->scan))
                status = bout_challenge(b, c, err);
        }
    }
    return status;
}

/* Moves the new segments past keys that no others are like. */
static void pass_over(struct key_cursor *cursors, size_t count, uint64_t hash) {
    for (size_t i = 0; i < count; i++)
        while (cursors[i].scan.hash == hash)
            key_scan_next(&cursors[i].scan);
}

static lede_status hold_bouts(struct bout *b, struct key_cursor *cursors, size_t count, lede_error *err) {
    lede_status status = LEDE_OK;
    while (!status) {
        uint64_t hash = lowest_hash(cursors, count);
        if (hash == KEY_SCAN_END)
            break;
        if (is_contended(cursors, count, hash, b->footprint))
            status = hold_bout(b, cursors, count, hash, err);
        else
            pass_over(cursors, count, hash);
    }
    return status;
}

lede_status resolve_keys(const struct contender *segments, size_t count, const struct id_set *gone, uint64_t memory,
                         struct resolution *resolution, lede_error *err) {
    struct bout *bout = calloc(1, sizeof *bout);
    struct key_cursor *cursors = calloc(count ? count : 1, sizeof *cursors);
    struct merge_input *inputs = calloc(count ? count : 1, sizeof *inputs);
    struct footprint footprint;
    lede_status status = bout && cursors && inputs ? LEDE_OK : error_nomem(err);
    for (size_t i = 0; !status && i < count; i++) {
        cursors[i] = key_cursor_start(&segments[i]);
        inputs[i].segment = segments[i].tombstones->segment;
    }
    if (!status) {
        footprint_init(&footprint, inputs, count, 2 * memory); /* there is little else now */
        bout->gone = gone;
        bout->resolution = resolution;
        bout->footprint = &footprint;
        status = hold_bouts(bout, cursors, count, err);
    }
    if (bout)
        bout_release(bout);
    for (size_t i = 0; cursors && i < count; i++)
        key_cursor_release(&cursors[i]);
    free(bout);
    free(cursors);
    free(inputs);
    return status;
}
