#include "resolve.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/segment/keys.h"
#include "indexer/merge/footprint.h"

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

enum {
    /* Keys of a segment that are in memory at once. */
    AHEAD = 256,
    /* As many after a search, of which mostly one is asked for. */
    AHEAD_FIRST = 8,
    /* Bytes of the table, about, that a key takes. */
    KEY_BYTES = 6,
    /* Places far apart that are read to find a key that is far. */
    PLACES = 2,
    /* Of so many segments the pages around the keys that are read next may stay mapped. */
    FEW = 16,
};

/* A place in the sorted table of a segment's keys, which only moves on. */
struct key_cursor {
    const struct contender *from;
    struct footprint *footprint; /* NULL: pages are not told of */
    bool forgets;                /* pages are given back at once */
    uint64_t hash;               /* that of the key it stands on; or KEY_SCAN_END */
    uint32_t next, count, room;  /* of `ahead` */
    struct {
        uint32_t hash, article;
    } ahead[AHEAD];
    struct key_scan scan; /* the key behind these */
    /* Of the tags, if there are any: the next one is that of the first key that was not asked for. */
    struct spool_reader tags;
    const uint8_t *next_tag, *tags_end;
};

/* Reads the next keys. */
static void fill(struct key_cursor *c) {
    struct key_scan *k = &c->scan;
    uint32_t n = 0;
    for (; n < c->room && k->hash != KEY_SCAN_END; key_scan_next(k)) {
        c->ahead[n].hash = (uint32_t)k->hash;
        c->ahead[n++].article = k->article;
    }
    if (c->footprint)
        footprint_touch(c->footprint, n * KEY_BYTES);
    if (c->forgets)
        segment_forget(k->segment);
    c->room = c->room < AHEAD ? 2 * c->room : AHEAD;
    c->next = 0;
    c->count = n;
    c->hash = n ? c->ahead[0].hash : KEY_SCAN_END;
}

static void key_cursor_start(struct key_cursor *c, const struct contender *from, struct footprint *footprint,
                             bool forgets) {
    c->from = from;
    c->footprint = footprint;
    c->forgets = forgets;
    c->room = AHEAD_FIRST;
    c->tags = (struct spool_reader){.spool = NULL};
    c->next_tag = c->tags_end = NULL;
    key_scan_start(&c->scan, from->tombstones->segment, 0);
    if (from->sequence && spool_size(&from->sequence->tags))
        spool_reader_init(&c->tags, &from->sequence->tags);
    fill(c);
}

static void key_cursor_release(struct key_cursor *c) {
    spool_reader_release(&c->tags);
}

static uint32_t key_cursor_article(const struct key_cursor *c) {
    return c->ahead[c->next].article;
}

static void key_cursor_next(struct key_cursor *c) {
    if (++c->next < c->count)
        c->hash = c->ahead[c->next].hash;
    else
        fill(c);
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

static void key_cursor_seek(struct key_cursor *c, uint64_t hash) {
    if (c->hash >= hash)
        return;
    if (c->ahead[c->count - 1].hash >= hash) {
        while (c->ahead[c->next].hash < hash)
            c->next++;
        c->hash = c->ahead[c->next].hash;
        return;
    }
    if (c->scan.hash < hash) {
        if (c->footprint)
            footprint_touch(c->footprint, (uint64_t)PLACES * FOOTPRINT_AROUND);
        c->room = AHEAD_FIRST;
        key_scan_seek(&c->scan, hash);
    }
    fill(c);
}

/* Of the keys of this hash. */
static lede_status delete_before(struct key_cursor *c, const char *key, size_t key_len, uint64_t batch,
                                 lede_error *err) {
    struct tombstones *t = c->from->tombstones;
    struct article_record *record = malloc(sizeof *record);
    lede_status status = record ? LEDE_OK : error_nomem(err);
    for (uint64_t hash = segment_key_hash(key, key_len); !status && c->hash == hash; key_cursor_next(c)) {
        uint32_t article = key_cursor_article(c);
        bool added;
        if (sequence_batch(c->from->sequence, article) >= batch)
            continue;
        status = segment_article(t->segment, article, record, err);
        if (!status && record->meta.key_len == key_len && !memcmp(record->meta.key, key, key_len))
            status = tombstones_add(t, record, &added, err);
    }
    free(record);
    return status;
}

lede_status resolve_deletion(const struct contender *segment, const char *key, size_t key_len, uint64_t batch,
                             lede_error *err) {
    struct key_cursor *c = malloc(sizeof *c);
    if (!c)
        return error_nomem(err);
    key_cursor_start(c, segment, NULL, false);
    key_cursor_seek(c, segment_key_hash(key, key_len));
    lede_status status = delete_before(c, key, key_len, batch, err);
    key_cursor_release(c);
    free(c);
    return status ? status : sequence_status(segment->sequence, err);
}

/* An article with the key that others are compared to: the best so far of its key. */
struct winner {
    const struct contender *from;
    uint32_t article;
    struct article_record record;
};

/* Articles with keys of one hash, in the order in which they challenge each other. */
struct challenger {
    const struct contender *from;
    uint32_t article;
};
enum { CHALLENGERS = 1024 };

/* Keys that have the same hash: one winner for each key, so one in all but by chance. */
struct bout {
    struct winner **winners;
    size_t count, cap;
    struct challenger waiting[CHALLENGERS];
    size_t waiting_count;
    uint64_t tags;     /* a bit for each that was seen */
    bool is_contended; /* two keys, or more, may be the same */
    struct article_record challenger;
    const struct id_set *gone;
    struct resolution *resolution;
    struct footprint *footprint;
};

_Static_assert(KEYS_TAGS == 64, "a bit for each tag");

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

static void bout_win(struct bout *b, struct winner *w, const struct challenger *c) {
    w->from = c->from;
    w->article = c->article;
    copy_record(&w->record, &b->challenger);
}

/* Whether a challenger takes the winner's place. They come segment by segment, in order, so that one of a batch not
 * earlier than the winner's does; those that were committed before never do. */
static bool is_later(const struct challenger *c, const struct winner *w) {
    return c->from->sequence && w->from->sequence &&
           sequence_batch(c->from->sequence, c->article) >= sequence_batch(w->from->sequence, w->article);
}

static lede_status bout_challenge(struct bout *b, const struct challenger *c, lede_error *err) {
    bool added = false;
    footprint_touch(b->footprint, FOOTPRINT_AROUND);
    lede_status status = segment_article(c->from->tombstones->segment, c->article, &b->challenger, err);
    if (status || tombstones_has(c->from->tombstones, b->challenger.first_passage))
        return status;
    struct winner *w = bout_find(b);
    if (!w) {
        if (b->count == b->cap)
            status = bout_grow(b, err);
        if (!status)
            bout_win(b, b->winners[b->count++], c);
    } else if (is_later(c, w)) {
        status = tombstones_add(w->from->tombstones, &w->record, &added, err);
        bout_win(b, w, c);
    } else {
        status = tombstones_add(c->from->tombstones, &b->challenger, &added, err);
        if (added && !c->from->sequence)
            ++*(id_set_has(b->gone, w->record.source) ? &b->resolution->deleted : &b->resolution->replaced);
    }
    return status;
}

/* Lets those who wait challenge. */
static lede_status bout_hold(struct bout *b, lede_error *err) {
    lede_status status = LEDE_OK;
    for (size_t i = 0; !status && i < b->waiting_count; i++)
        status = bout_challenge(b, &b->waiting[i], err);
    b->waiting_count = 0;
    return status;
}

/* Takes the keys of a hash from a cursor, which moves behind them. Of new segments each key is asked for its tag once,
 * in order. */
static lede_status bout_gather(struct bout *b, struct key_cursor *c, uint64_t hash, lede_error *err) {
    lede_status status = LEDE_OK;
    for (; !status && c->hash == hash; key_cursor_next(c)) {
        uint8_t tag;
        uint64_t bit = take_tag(c, &tag) ? UINT64_C(1) << tag : ~UINT64_C(0);
        b->is_contended |= (b->tags & bit) != 0;
        b->tags |= bit;
        b->waiting[b->waiting_count++] = (struct challenger){c->from, key_cursor_article(c)};
        if (b->waiting_count == CHALLENGERS)
            status = bout_hold(b, err);
    }
    return status;
}

/* The lowest hash that a new segment stands on. */
static uint64_t lowest_hash(const struct key_cursor *cursors, size_t count) {
    uint64_t lowest = KEY_SCAN_END;
    for (size_t i = 0; i < count; i++) {
        if (cursors[i].from->sequence && cursors[i].hash < lowest)
            lowest = cursors[i].hash;
    }
    return lowest;
}

/* All keys of one hash: those of new segments first, which no committed one beats. */
static lede_status resolve_hash(struct bout *b, struct key_cursor *cursors, size_t count, uint64_t hash,
                                lede_error *err) {
    lede_status status = LEDE_OK;
    b->count = b->waiting_count = 0;
    b->tags = 0;
    b->is_contended = false;
    for (size_t i = 0; !status && i < count; i++)
        if (cursors[i].from->sequence)
            status = bout_gather(b, &cursors[i], hash, err);
    for (size_t i = 0; !status && i < count; i++) {
        if (cursors[i].from->sequence)
            continue;
        key_cursor_seek(&cursors[i], hash);
        status = bout_gather(b, &cursors[i], hash, err);
    }
    return !status && (b->is_contended || b->count) ? bout_hold(b, err) : status;
}

static lede_status resolve_all(struct bout *b, struct key_cursor *cursors, size_t count, lede_error *err) {
    lede_status status = LEDE_OK;
    for (uint64_t hash; !status && (hash = lowest_hash(cursors, count)) != KEY_SCAN_END;)
        status = resolve_hash(b, cursors, count, hash, err);
    for (size_t i = 0; !status && i < count; i++)
        if (cursors[i].from->sequence)
            status = sequence_status(cursors[i].from->sequence, err);
    return status;
}

lede_status resolve_keys(const struct contender *segments, size_t count, const struct id_set *gone, uint64_t memory,
                         struct resolution *resolution, lede_error *err) {
    struct bout *bout = calloc(1, sizeof *bout);
    struct key_cursor *cursors = calloc(count ? count : 1, sizeof *cursors);
    struct merge_input *inputs = calloc(count ? count : 1, sizeof *inputs);
    struct footprint footprint;
    lede_status status = bout && cursors && inputs ? LEDE_OK : error_nomem(err);
    for (size_t i = 0; !status && i < count; i++)
        inputs[i].segment = segments[i].tombstones->segment;
    if (!status) {
        footprint_init(&footprint, inputs, count, 2 * memory); /* there is little else now */
        for (size_t i = 0; i < count; i++)
            key_cursor_start(&cursors[i], &segments[i], &footprint, count > FEW);
        bout->gone = gone;
        bout->resolution = resolution;
        bout->footprint = &footprint;
        status = resolve_all(bout, cursors, count, err);
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
