#include "passage.h"

#include "core/base/error.h"
#include "core/text/sentence.h"

/* Blocks that are to be one passage, or several if they are too many words. */
struct group {
    size_t first, last;
    size_t units; /* tenths of words */
};

struct cutter {
    struct buffer *out;
    const char *body;
    const struct block *blocks;
    struct passage heading;        /* heading_start and heading_len alone count */
    struct group pending, current; /* units == 0: empty. Pending waits for a short last paragraph */
    size_t line_block;             /* where to look for the block of the next passage */
    uint32_t line_at, line;        /* a place in that block, and its line */
};

static uint32_t block_end(const struct block *b) {
    return b->start + b->len;
}

/* The source line of a byte of the body. Bytes are asked for in order, and counting goes on from the last one, so that
 * a long block is read once however many passages it makes. */
static uint32_t line_of(struct cutter *c, const struct group *g, uint32_t at) {
    if (c->line_block < g->first)
        c->line_block = g->first;
    while (c->line_block < g->last && block_end(&c->blocks[c->line_block]) <= at)
        c->line_block++;
    const struct block *b = &c->blocks[c->line_block];
    if (c->line_at < b->start || c->line == 0) {
        c->line_at = b->start;
        c->line = b->line;
    }
    for (; c->line_at < at; c->line_at++)
        c->line += c->body[c->line_at] == '\n' || c->body[c->line_at] == PASSAGE_WRAP;
    return c->line;
}

static void append_passage(struct cutter *c, const struct group *g, uint32_t start, uint32_t end) {
    struct passage passage = c->heading;
    passage.start = start;
    passage.len = end - start;
    passage.line = line_of(c, g, start);
    buffer_append(c->out, &passage, sizeof passage);
}

/* The bounds of a part that is to be split off, in tenths of words. */
struct bounds {
    size_t least, target, most;
};

static struct bounds bounds_of(size_t units) {
    const size_t least = (size_t)PASSAGE_MIN * WORD, max = (size_t)PASSAGE_MAX * WORD;
    size_t most = (size_t)PASSAGE_SPLIT * WORD;
    size_t parts = (units + max - 1) / max;
    if (most > units - least)
        most = units - least; /* leave enough for the last part */
    return (struct bounds){least, units / parts, most};
}

/* A place to cut at. */
struct place {
    enum cut cut;
    size_t distance; /* from the target, in units */
    size_t end, next;
    size_t units; /* up to here */
};

static void consider(struct place *best, struct place place, const struct bounds *bounds) {
    place.distance = place.units > bounds->target ? place.units - bounds->target : bounds->target - place.units;
    if (place.cut < best->cut || (place.cut == best->cut && place.distance < best->distance))
        *best = place;
}

static size_t skip_space(struct span t, size_t at) {
    size_t run = 0;
    while (at < t.n) {
        struct step step = span_step(t, at, &run);
        if (!step.space)
            break;
        at += step.len;
    }
    return at;
}

/* The best place to cut a first part from t. */
static struct place find_place(struct span t, const struct bounds *bounds) {
    struct place best = {CUT_INSIDE + 1, SIZE_MAX, t.n, t.n, 0};
    size_t units = 0, run = 0, at = 0;
    bool free = false; /* whether a line may break here without white space */
    while (at < t.n && units <= bounds->most) {
        bool inside = run > 0;
        struct step step = span_step(t, at, &run);
        size_t next = step.space ? skip_space(t, at) : at;
        if (units >= bounds->least && (step.space || step.units)) {
            enum cut cut = sentence_cut(t, at, next);
            if (cut == CUT_INSIDE && (free || step.alone) && !inside)
                cut = CUT_WORD;
            consider(&best, (struct place){cut, 0, at, next, units}, bounds);
        }
        units += step.units;
        at = step.space ? next : at + step.len;
        free = step.alone;
    }
    return best;
}

/* Splits a group at the ends of paragraphs or sentences, into parts of about the same length. */
static void split(struct cutter *c, const struct group *g) {
    uint32_t start = c->blocks[g->first].start, end = block_end(&c->blocks[g->last]);
    size_t units = g->units;
    while (units > (size_t)PASSAGE_MAX * WORD) {
        struct span rest = {c->body + start, end - start};
        struct bounds bounds = bounds_of(units);
        struct place place = find_place(rest, &bounds);
        if (place.next >= rest.n)
            break;
        append_passage(c, g, start, start + (uint32_t)place.end);
        start += (uint32_t)place.next;
        units -= place.units;
        if (units <= (size_t)PASSAGE_MAX * WORD) /* cuts inside of words add up to a few more */
            units = span_words((struct span){c->body + start, end - start});
    }
    append_passage(c, g, start, end);
}

static void emit(struct cutter *c, struct group *g) {
    if (!g->units)
        return;
    size_t limit = (g->first == g->last ? PASSAGE_MAX : PASSAGE_MAX + PASSAGE_MIN) * (size_t)WORD;
    if (g->units > limit)
        split(c, g);
    else
        append_passage(c, g, c->blocks[g->first].start, block_end(&c->blocks[g->last]));
    *g = (struct group){0, 0, 0};
}

static bool is_short(const struct group *g) {
    return g->units < (size_t)PASSAGE_MIN * WORD;
}

static void add_paragraph(struct cutter *c, size_t i) {
    const struct block *b = &c->blocks[i];
    size_t units = span_words((struct span){c->body + b->start, b->len});
    if (!units)
        return;
    if (c->current.units && !is_short(&c->current)) {
        emit(c, &c->pending);
        c->pending = c->current;
        c->current.units = 0;
    }
    if (!c->current.units)
        c->current.first = i;
    c->current.last = i;
    c->current.units += units;
}

/* The end of what stands under a heading: a last paragraph that is too short joins what comes before it. */
static void end_section(struct cutter *c) {
    if (c->pending.units && c->current.units && is_short(&c->current)) {
        c->pending.last = c->current.last;
        c->pending.units += c->current.units;
        c->current.units = 0;
    }
    emit(c, &c->pending);
    emit(c, &c->current);
}

/* Headings in succession count as one. */
static void start_section(struct cutter *c, size_t i) {
    const struct block *b = &c->blocks[i];
    if (i > 0 && c->blocks[i - 1].heading) {
        c->heading.heading_len = block_end(b) - c->heading.heading_start;
    } else {
        c->heading.heading_start = b->start;
        c->heading.heading_len = b->len;
    }
}

lede_status passage_cut(struct buffer *out, const char *body, const struct block *blocks, size_t count,
                        lede_error *err) {
    struct cutter c = {.out = out, .body = body, .blocks = blocks};
    for (size_t i = 0; i < count; i++) {
        if (blocks[i].heading) {
            end_section(&c);
            start_section(&c, i);
        } else {
            add_paragraph(&c, i);
        }
    }
    end_section(&c);
    return out->failed ? error_nomem(err) : LEDE_OK;
}

lede_status passage_whole(struct buffer *out, const struct block *blocks, size_t count, lede_error *err) {
    if (count) {
        uint32_t start = blocks[0].start, end = block_end(&blocks[count - 1]);
        struct passage passage = {start, end - start, 0, 0, blocks[0].line};
        buffer_append(out, &passage, sizeof passage);
    }
    return out->failed ? error_nomem(err) : LEDE_OK;
}
