#include "articles.h"

#include <stdlib.h>

#include "core/base/codec.h"
#include "core/base/cpu.h"
#include "core/base/error.h"
#include "keys.h"

/* What an article's record holds besides its key. */
enum {
    HAS_TITLE = 1,
    HAS_BYLINE = 2,
    HAS_DATELINE = 4,
    HAS_CREDIT = 8,
    HAS_DATE = 16,
    HAS_PASSAGES = 32, /* else one passage, which is all of the body */
    HAS_BODY_POSITION = 64,
    FLAGS = 127,
};

/* An entry of a group: offset of its first record, of its text, low half first; its first passage; its line. */
enum { GROUP_COLUMNS = 6, GROUP_SIZE = 4 * GROUP_COLUMNS };

/* ------------------------------------------------------------------------------------- writer -- */

void articles_writer_init(struct articles_writer *w, struct scratch *scratch) {
    memset(w, 0, sizeof *w);
    spool_init(&w->records, scratch, SPOOL_ROOM);
    spool_init(&w->groups, scratch, SPOOL_ROOM);
    spool_init(&w->starts, scratch, SPOOL_ROOM);
    spool_init(&w->lengths, scratch, SPOOL_ROOM);
    spool_init(&w->runs, scratch, SPOOL_ROOM);
    keys_writer_init(&w->keys, scratch);
    columns_writer_init(&w->columns, scratch);
}

void articles_writer_release(struct articles_writer *w) {
    spool_release(&w->records);
    spool_release(&w->groups);
    buffer_release(&w->passages);
    buffer_release(&w->key);
    buffer_release(&w->span_key);
    spool_release(&w->starts);
    spool_release(&w->lengths);
    spool_release(&w->runs);
    keys_writer_release(&w->keys);
    columns_writer_release(&w->columns);
}

size_t articles_writer_memory(const struct articles_writer *w) {
    return spool_memory(&w->records) + spool_memory(&w->groups) + spool_memory(&w->starts) + spool_memory(&w->lengths) +
           spool_memory(&w->runs) + w->keys.memory + columns_writer_memory(&w->columns);
}

static void append_passages(struct buffer *b, const struct passage *passages, uint32_t count, uint32_t line) {
    uint32_t end = 0, heading = 0;
    buffer_append_varint(b, count);
    for (uint32_t i = 0; i < count; i++) {
        const struct passage *p = &passages[i];
        buffer_append_varint(b, p->start - end);
        buffer_append_varint(b, p->len);
        buffer_append_varint(b, p->line - line);
        buffer_append_varint(b, p->heading_len);
        if (p->heading_len)
            buffer_append_varint(b, zigzag_encode((int64_t)p->heading_start - heading));
        end = p->start + p->len;
        line = p->line;
        heading = p->heading_len ? p->heading_start : 0;
    }
}

static bool is_plain(const struct article *a, const struct passage *p, uint32_t count) {
    return count == 1 && p->start == 0 && p->len == a->meta.body_len && p->heading_len == 0 && p->line == a->meta.line;
}

/* The key without what it shares with the key before. */
static void append_key(struct articles_writer *w, const char *key, size_t len) {
    size_t shared = 0, max = w->key.len < len ? w->key.len : len;
    while (shared < max && w->key.data[shared] == (uint8_t)key[shared])
        shared++;
    buffer_append_varint(&w->records.tail, shared);
    buffer_append_string(&w->records.tail, key + shared, len - shared);
}

static void set_key(struct buffer *b, const char *key, size_t len) {
    buffer_clear(b);
    buffer_append(b, key, len);
}

static void end_nexts(struct articles_writer *w) {
    if (w->nexts == 0)
        return;
    buffer_append_varint(&w->records.tail, 1);
    buffer_append_varint(&w->records.tail, w->nexts - 1);
    w->nexts = 0;
}

static void begin_group(struct articles_writer *w, uint32_t line) {
    end_nexts(w);
    buffer_append_u64(&w->groups.tail, w->drained + spool_size(&w->records));
    buffer_append_u64(&w->groups.tail, w->text);
    buffer_append_u32(&w->groups.tail, w->passage_count);
    buffer_append_u32(&w->groups.tail, line);
    spool_settle(&w->groups);
    if (w->articles % ARTICLE_KEY_SPAN == 0)
        buffer_clear(&w->span_key);
    set_key(&w->key, (const char *)w->span_key.data, w->span_key.len);
    w->line = line;
}

/* Makes of a key the next one that counts: in which the number at the end is one more. False if there is none, or it
 * would become longer than `room`. */
static bool count_key(char *key, size_t *len, size_t room) {
    size_t i = *len;
    while (i > 0 && key[i - 1] == '9')
        key[--i] = '0';
    if (i > 0 && key[i - 1] >= '0' && key[i - 1] < '9') {
        key[i - 1]++;
        return true;
    }
    if (i == *len || *len == room)
        return false;
    memmove(key + i + 1, key + i, *len - i);
    key[i] = '1';
    ++*len;
    return true;
}

/* Whether nothing but the length of the body needs telling: the key counts, the line is the next one, and so on. */
static bool is_next(const struct articles_writer *w, const struct article *a, const struct passage *p, uint32_t count,
                    uint32_t body_position) {
    const lede_article *m = &a->meta;
    char key[ARTICLE_KEY_MAX];
    size_t len = w->key.len;
    if (w->articles % ARTICLE_GROUP == 0 || m->line != w->line + 1 || body_position || m->title_len || m->byline_len ||
        m->dateline_len || m->credit_len || m->date || !is_plain(a, p, count) || w->key.failed || len > sizeof key)
        return false;
    memcpy(key, w->key.data, len);
    return count_key(key, &len, sizeof key) && len == m->key_len && memcmp(key, m->key, len) == 0;
}

static void append_fields(struct articles_writer *w, const struct article *a, uint32_t body_position,
                          const struct passage *passages, uint32_t count) {
    const lede_article *m = &a->meta;
    bool plain = is_plain(a, passages, count);
    unsigned flags = (m->title_len ? HAS_TITLE : 0) | (m->byline_len ? HAS_BYLINE : 0) |
                     (m->dateline_len ? HAS_DATELINE : 0) | (m->credit_len ? HAS_CREDIT : 0) |
                     (m->date ? HAS_DATE : 0) | (plain ? 0 : HAS_PASSAGES) | (body_position ? HAS_BODY_POSITION : 0);
    struct buffer *b = &w->records.tail;
    buffer_append_u8(b, (uint8_t)flags);
    append_key(w, m->key, m->key_len);
    if (m->title_len)
        buffer_append_string(b, m->title, m->title_len);
    if (m->byline_len)
        buffer_append_string(b, m->byline, m->byline_len);
    if (m->dateline_len)
        buffer_append_string(b, m->dateline, m->dateline_len);
    if (m->credit_len)
        buffer_append_string(b, m->credit, m->credit_len);
    if (m->date)
        buffer_append_varint(b, m->date);
    if (body_position)
        buffer_append_varint(b, body_position);
    buffer_append_varint(b, zigzag_encode((int64_t)m->line - w->line));
    if (!plain)
        append_passages(b, passages, count, m->line);
}

static void append_record(struct articles_writer *w, const struct article *a, uint32_t body_position,
                          const struct passage *passages, uint32_t count) {
    const lede_article *m = &a->meta;
    bool next = is_next(w, a, passages, count, body_position);
    if (next && m->body_len == 0) {
        w->nexts++;
    } else {
        end_nexts(w);
        buffer_append_varint(&w->records.tail, (uint64_t)m->body_len << 1 | next);
    }
    if (!next)
        append_fields(w, a, body_position, passages, count);
    spool_settle(&w->records);
    set_key(&w->key, m->key, m->key_len);
    if (w->articles % ARTICLE_KEY_SPAN == 0)
        set_key(&w->span_key, m->key, m->key_len);
    w->line = m->line;
}

static void append_run(struct articles_writer *w) {
    if (!w->run.count)
        return;
    buffer_append_u64(&w->runs.tail, w->run.source);
    buffer_append_u32(&w->runs.tail, w->run.first_article);
    buffer_append_u32(&w->runs.tail, w->run.count);
    spool_settle(&w->runs);
    w->run_count++;
}

/* Has so many words of the passages' bits behind it. */
static void pass_start_words(struct articles_writer *w, uint32_t words) {
    for (; w->start_words < words; w->start_words++, w->start_word = 0)
        spool_append_u64(&w->starts, w->start_word);
}

static void append_start(struct articles_writer *w) {
    pass_start_words(w, w->passage_count / 64);
    w->start_word |= UINT64_C(1) << w->passage_count % 64;
}

void articles_writer_add(struct articles_writer *w, const struct article *a, const struct passage *passages,
                         uint32_t count, const struct article_words *words) {
    const uint32_t *lengths = words->lengths;
    if (w->articles % ARTICLE_GROUP == 0)
        begin_group(w, a->meta.line);
    append_record(w, a, words->body_position, passages, count);
    append_start(w);
    for (uint32_t i = 0; i < count; i++) {
        spool_append_u32(&w->lengths, lengths[i]);
        w->max_length = lengths[i] > w->max_length ? lengths[i] : w->max_length;
        w->total_length += lengths[i];
    }
    keys_writer_add(&w->keys, a->meta.key, a->meta.key_len);
    columns_writer_add(&w->columns, a, words->body_position ? words->body_position - 1 : 0, words->headings, count);
    if (w->run.count == 0 || w->run.source != a->source) {
        append_run(w);
        w->run = (struct source_run){a->source, w->articles, 0};
    }
    w->run.count++;
    w->articles++;
    w->passage_count += count;
    w->text += a->meta.body_len;
}

void articles_writer_drain(struct articles_writer *w, struct segment_writer *out) {
    w->drained += spool_size(&w->records);
    w->failed |= !segment_writer_spool(out, &w->records);
    spool_clear(&w->records);
}

/* The widths of the columns of the groups' entries. */
static void find_widths(struct spool *groups, uint8_t widths[GROUP_COLUMNS]) {
    struct spool_reader r;
    uint32_t all[GROUP_COLUMNS] = {0};
    size_t size;
    spool_reader_init(&r, groups);
    for (const uint8_t *p; (p = spool_next(&r, &size));)
        for (size_t i = 0; i < size; i += 4)
            all[i / 4 % GROUP_COLUMNS] |= load_u32(p + i);
    spool_reader_release(&r);
    for (unsigned c = 0; c < GROUP_COLUMNS; c++)
        widths[c] = (uint8_t)bit_width(all[c]);
}

static void pack_column(struct spool *groups, unsigned c, unsigned width, struct spool *out) {
    struct spool_reader r;
    struct run_packer packer;
    size_t size;
    run_packer_init(&packer, out, width);
    spool_reader_init(&r, groups);
    for (const uint8_t *p; (p = spool_next(&r, &size));)
        for (size_t i = 0; i < size; i += GROUP_SIZE)
            run_packer_add(&packer, load_u32(p + i + 4 * (size_t)c));
    spool_reader_release(&r);
    run_packer_flush(&packer);
}

/* The entries of groups, which are GROUP_COLUMNS numbers of 32 bits each, by columns, each in as few bits as it needs.
 */
static bool write_groups(struct articles_writer *w, struct segment_writer *out) {
    uint8_t widths[GROUP_COLUMNS];
    bool ok = true;
    find_widths(&w->groups, widths);
    segment_writer_begin(out, SECTION_ARTICLE_GROUPS);
    segment_writer_write(out, widths, sizeof widths);
    for (unsigned c = 0; ok && c < GROUP_COLUMNS; c++) {
        struct spool packed;
        spool_init(&packed, w->groups.scratch, SPOOL_ROOM);
        pack_column(&w->groups, c, widths[c], &packed);
        ok = segment_writer_spool(out, &packed) && !spool_failed(&w->groups);
        spool_release(&packed);
    }
    segment_writer_end(out);
    return ok;
}

/* Lengths in as few bytes each as the longest needs. */
static bool write_lengths(struct articles_writer *w, struct segment_writer *out, uint32_t width) {
    struct spool_reader r;
    size_t size;
    segment_writer_begin(out, SECTION_LENGTHS);
    spool_reader_init(&r, &w->lengths);
    for (const uint8_t *p; (p = spool_next(&r, &size));)
        for (size_t i = 0; i < size; i += 4)
            segment_writer_write(out, p + i, width);
    spool_reader_release(&r);
    segment_writer_end(out);
    return !spool_failed(&w->lengths);
}

static void write_ranks(struct spool *starts, struct segment_writer *out) {
    struct spool_reader r;
    uint32_t rank = 0;
    size_t size;
    spool_reader_init(&r, starts);
    for (const uint8_t *p; (p = spool_next(&r, &size));) {
        for (size_t i = 0; i < size; i += 8) {
            uint8_t entry[4];
            store_u32(entry, rank);
            segment_writer_write(out, entry, sizeof entry);
            rank += (uint32_t)__builtin_popcountll(load_u64(p + i));
        }
    }
    spool_reader_release(&r);
}

/* The bits that tell articles apart, each word of 64 followed in its place of a second table by the number of articles
 * before it. Left out where every article is one passage. */
static bool write_starts(struct articles_writer *w, struct segment_writer *out) {
    bool ok = true;
    segment_writer_begin(out, SECTION_PASSAGE_STARTS);
    if (w->articles != w->passage_count) {
        pass_start_words(w, (uint32_t)(((uint64_t)w->passage_count + 63) / 64));
        ok = segment_writer_spool(out, &w->starts);
        write_ranks(&w->starts, out);
    }
    segment_writer_end(out);
    return ok && !spool_failed(&w->starts);
}

static bool write_runs(struct articles_writer *w, struct segment_writer *out) {
    segment_writer_begin(out, SECTION_SOURCES);
    bool ok = segment_writer_spool(out, &w->runs);
    segment_writer_end(out);
    return ok;
}

bool articles_writer_finish(struct articles_writer *w, struct segment_writer *out, struct segment_counts *counts) {
    uint32_t width = w->max_length > UINT16_MAX ? 4 : w->max_length > UINT8_MAX ? 2 : 1;
    end_nexts(w);
    articles_writer_drain(w, out);
    segment_writer_end(out);
    append_run(w);
    counts->articles = w->articles;
    counts->passages = w->passage_count;
    counts->total_length = w->total_length;
    counts->source_runs = w->run_count;
    counts->length_width = width;
    bool ok = !w->failed && !w->passages.failed && !w->key.failed && !w->span_key.failed && write_groups(w, out) &&
              keys_writer_finish(&w->keys, out) && write_runs(w, out) && write_lengths(w, out, width) &&
              write_starts(w, out) && columns_writer_finish(&w->columns, out);
    counts->key_runs = w->keys.runs;
    return ok;
}

/* ------------------------------------------------------------------------------------- reader -- */

uint32_t segment_length(const struct segment *s, uint32_t passage) {
    const uint8_t *data = segment_section(s, SECTION_LENGTHS)->data;
    switch (s->counts.length_width) {
    case 1: return data[passage];
    case 2: return load_u16(data + 2 * (size_t)passage);
    default: return load_u32(data + 4 * (size_t)passage);
    }
}

const uint8_t *segment_lengths(const struct segment *s, unsigned *width) {
    *width = s->counts.length_width;
    return segment_section(s, SECTION_LENGTHS)->data;
}

/* Walks the records of a group. */
struct record_reader {
    const uint8_t *next, *end;
    size_t key_len; /* of the key before, in the record that is read over */
    uint32_t line;
    uint32_t nexts; /* records that are not there, as they are next to the one before, with an empty body */
    bool keyless;   /* keys are read over */
};

static bool read_string(struct record_reader *r, bool there, const char **s, size_t *len) {
    uint64_t n = 0;
    *s = "";
    *len = 0;
    if (!there)
        return true;
    if (!varint_get(&r->next, r->end, &n) || n > (uint64_t)(r->end - r->next))
        return false;
    *s = (const char *)r->next;
    *len = (size_t)n;
    r->next += n;
    return true;
}

static bool read_key(struct record_reader *r, struct article_record *out) {
    uint64_t shared;
    const char *rest;
    size_t rest_len;
    if (!varint_get(&r->next, r->end, &shared) || !read_string(r, true, &rest, &rest_len))
        return false;
    if (r->keyless) {
        out->meta.key = "";
        out->meta.key_len = 0;
        return true;
    }
    if (shared > r->key_len || shared + rest_len > ARTICLE_KEY_MAX)
        return false;
    memcpy(out->key + shared, rest, rest_len);
    r->key_len = (size_t)shared + rest_len;
    out->key[r->key_len] = 0;
    out->meta.key = out->key;
    out->meta.key_len = r->key_len;
    return true;
}

/* Passages as they were coded by append_passages; p is NULL where only their end is wanted. */
struct passage_reader {
    const uint8_t *next, *end;
    struct passage passage;
};

static bool read_passage(struct passage_reader *r) {
    uint32_t gap, len, lines, heading_len;
    uint64_t heading = 0;
    if (!varint_get_u32(&r->next, r->end, &gap) || !varint_get_u32(&r->next, r->end, &len) ||
        !varint_get_u32(&r->next, r->end, &lines) || !varint_get_u32(&r->next, r->end, &heading_len) ||
        (heading_len && !varint_get(&r->next, r->end, &heading)))
        return false;
    struct passage *p = &r->passage;
    uint64_t start = (uint64_t)p->start + p->len + gap;
    int64_t heading_start = (int64_t)p->heading_start + zigzag_decode(heading);
    if (start + len > UINT32_MAX || heading_start < 0 || heading_start + heading_len > UINT32_MAX)
        return false;
    p->start = (uint32_t)start;
    p->len = len;
    p->line += lines;
    p->heading_len = heading_len;
    /* Where there is no heading its place counts as 0. */
    p->heading_start = heading_len ? (uint32_t)heading_start : 0;
    return true;
}

static bool read_passages(struct record_reader *r, struct article_record *out, bool there) {
    out->passages = out->end = NULL;
    out->passage_count = 1;
    if (!there)
        return true;
    if (!varint_get_u32(&r->next, r->end, &out->passage_count) || out->passage_count == 0)
        return false;
    struct passage_reader reader = {r->next, r->end, {.line = out->meta.line}};
    for (uint32_t i = 0; i < out->passage_count; i++)
        if (!read_passage(&reader) || (uint64_t)reader.passage.start + reader.passage.len > out->meta.body_len ||
            (uint64_t)reader.passage.heading_start + reader.passage.heading_len > out->meta.body_len)
            return false;
    out->passages = r->next;
    out->end = r->next = reader.next;
    return true;
}

static bool read_numbers(struct record_reader *r, struct article_record *out, unsigned flags) {
    lede_article *m = &out->meta;
    uint64_t line;
    m->date = 0;
    out->body_position = 0;
    if (((flags & HAS_DATE) && !varint_get_u32(&r->next, r->end, &m->date)) ||
        ((flags & HAS_BODY_POSITION) && !varint_get_u32(&r->next, r->end, &out->body_position)) ||
        !varint_get(&r->next, r->end, &line))
        return false;
    int64_t at = (int64_t)r->line + zigzag_decode(line);
    if (at < 0 || at > UINT32_MAX)
        return false;
    m->line = r->line = (uint32_t)at;
    return true;
}

static bool read_next(struct record_reader *r, struct article_record *out) {
    lede_article *m = &out->meta;
    if (r->line == UINT32_MAX || (!r->keyless && !count_key(out->key, &r->key_len, ARTICLE_KEY_MAX)))
        return false;
    out->key[r->key_len] = 0;
    *m = (lede_article){.key = out->key, .key_len = r->key_len, .body_len = m->body_len, .line = ++r->line};
    m->title = m->byline = m->dateline = m->credit = "";
    out->body_position = 0;
    return read_passages(r, out, false);
}

static bool read_record(struct record_reader *r, struct article_record *out) {
    uint64_t head;
    if (r->nexts > 0) {
        r->nexts--;
        out->meta.body_len = 0;
        return read_next(r, out);
    }
    if (!varint_get(&r->next, r->end, &head) || head >> 1 > UINT32_MAX)
        return false;
    out->meta.body_len = (size_t)(head >> 1);
    if (head == 1 && (!varint_get_u32(&r->next, r->end, &r->nexts) || r->nexts >= ARTICLE_GROUP))
        return false;
    if (head & 1)
        return read_next(r, out);
    if (r->next == r->end)
        return false;
    unsigned flags = *r->next++;
    lede_article *m = &out->meta;
    return !(flags & ~(unsigned)FLAGS) && read_key(r, out) &&
           read_string(r, flags & HAS_TITLE, &m->title, &m->title_len) &&
           read_string(r, flags & HAS_BYLINE, &m->byline, &m->byline_len) &&
           read_string(r, flags & HAS_DATELINE, &m->dateline, &m->dateline_len) &&
           read_string(r, flags & HAS_CREDIT, &m->credit, &m->credit_len) && read_numbers(r, out, flags) &&
           read_passages(r, out, flags & HAS_PASSAGES);
}

static uint64_t find_source(const struct segment *s, uint32_t article) {
    uint32_t low = 0, high = s->counts.source_runs;
    struct source_run run = {0};
    while (low + 1 < high) {
        uint32_t middle = low + (high - low) / 2;
        segment_source_run(s, middle, &run);
        if (run.first_article <= article)
            low = middle;
        else
            high = middle;
    }
    segment_source_run(s, low, &run);
    return run.source;
}

bool article_groups_fit(const struct section *groups, uint32_t articles) {
    uint64_t n = ((uint64_t)articles + ARTICLE_GROUP - 1) / ARTICLE_GROUP, size = GROUP_COLUMNS;
    if (groups->size < GROUP_COLUMNS)
        return false;
    for (unsigned c = 0; c < GROUP_COLUMNS; c++) {
        if (groups->data[c] > 32)
            return false;
        size += run_size(n, groups->data[c]);
    }
    return groups->size == size;
}

/* What the entry of a group says. */
static void read_group(const struct segment *s, uint32_t group, uint32_t values[GROUP_COLUMNS]) {
    const uint8_t *widths = segment_section(s, SECTION_ARTICLE_GROUPS)->data, *run = widths + GROUP_COLUMNS;
    uint64_t n = ((uint64_t)s->counts.articles + ARTICLE_GROUP - 1) / ARTICLE_GROUP;
    for (unsigned c = 0; c < GROUP_COLUMNS; c++) {
        values[c] = run_get(run, group, widths[c]);
        run += run_size(n, widths[c]);
    }
}

void article_fetch_group(const struct segment *s, uint32_t article) {
    const uint8_t *widths = segment_section(s, SECTION_ARTICLE_GROUPS)->data, *run = widths + GROUP_COLUMNS;
    uint64_t n = ((uint64_t)s->counts.articles + ARTICLE_GROUP - 1) / ARTICLE_GROUP, group = article / ARTICLE_GROUP;
    for (unsigned c = 0; c < GROUP_COLUMNS; c++) {
        fetch_line(run + (group * widths[c] >> 3));
        run += run_size(n, widths[c]);
    }
    HAS_EFFECT;
}

void article_fetch_record(const struct segment *s, uint32_t article) {
    const struct section *records = segment_section(s, SECTION_ARTICLES);
    uint32_t values[GROUP_COLUMNS];
    read_group(s, article / ARTICLE_GROUP, values);
    uint64_t at = (uint64_t)values[1] << 32 | values[0];
    if (at < records->size) {
        fetch_line(records->data + at);
        fetch_line(records->data + at + 64);
    }
    HAS_EFFECT;
}

/* Stands on the first article of a group: what its entry says. */
static void cursor_seek_group(struct article_cursor *c, uint32_t group) {
    uint32_t values[GROUP_COLUMNS];
    read_group(c->segment, group, values);
    c->next = group * ARTICLE_GROUP;
    c->at = (uint64_t)values[1] << 32 | values[0];
    c->record.text = (uint64_t)values[3] << 32 | values[2];
    c->record.first_passage = values[4];
    c->line = values[5];
    c->record.passage_count = 0;
    c->record.meta.body_len = 0;
    c->record.meta.key_len = 0;
}

void article_cursor_init(struct article_cursor *c, const struct segment *s) {
    c->segment = s;
    c->keyless = false;
    c->span_key_len = 0;
    c->nexts = 0;
    cursor_seek_group(c, 0);
}

/* Reads the record at c->at, with the key before it in c->record. */
static bool read_at_cursor(struct article_cursor *c, lede_status *status, lede_error *err) {
    const struct segment *s = c->segment;
    const struct section *records = segment_section(s, SECTION_ARTICLES);
    struct article_record *out = &c->record;
    uint64_t first_passage = (uint64_t)out->first_passage + out->passage_count;
    struct record_reader r = {.next = records->data + (c->at < records->size ? c->at : records->size),
                              .end = records->data + records->size,
                              .key_len = out->meta.key_len,
                              .line = c->line,
                              .nexts = c->nexts,
                              .keyless = c->keyless};
    out->text += out->meta.body_len;
    if (!read_record(&r, out) || first_passage + out->passage_count > s->counts.passages) {
        *status = segment_corrupt(s, SECTION_ARTICLES, (uint64_t)(r.next - records->data), "bad article record", err);
        return false;
    }
    out->meta.body = out->meta.path = NULL;
    out->meta.passages = out->passage_count;
    out->first_passage = (uint32_t)first_passage;
    c->at = (uint64_t)(r.next - records->data);
    c->line = r.line;
    c->nexts = r.nexts;
    c->next++;
    return true;
}

/* Where a group begins: what its entry says, and the key that its first one goes on from. */
static bool enter_group(struct article_cursor *c, lede_status *status, lede_error *err) {
    if (c->nexts > 0) {
        *status = segment_corrupt(c->segment, SECTION_ARTICLES, c->at, "bad article record", err);
        return false;
    }
    cursor_seek_group(c, c->next / ARTICLE_GROUP);
    if (c->next % ARTICLE_KEY_SPAN != 0) {
        c->record.meta.key_len = c->span_key_len;
        memcpy(c->record.key, c->span_key, c->span_key_len);
    }
    return true;
}

bool article_cursor_next(struct article_cursor *c, lede_status *status, lede_error *err) {
    *status = LEDE_OK;
    if (c->next >= c->segment->counts.articles)
        return false;
    bool begins_span = c->next % ARTICLE_KEY_SPAN == 0;
    if ((c->next % ARTICLE_GROUP == 0 && !enter_group(c, status, err)) || !read_at_cursor(c, status, err))
        return false;
    if (c->keyless)
        return true;
    const struct column *languages = &c->segment->columns[COLUMN_LANGUAGES];
    c->record.meta.language =
        column_string(languages, column_entry(languages, c->next - 1), &c->record.meta.language_len);
    if (begins_span) {
        c->span_key_len = c->record.meta.key_len;
        memcpy(c->span_key, c->record.key, c->span_key_len);
    }
    return true;
}

/* To the beginning of the article's group, with what the keys in it go on from. */
static bool seek_near(struct article_cursor *c, uint32_t article, lede_status *status, lede_error *err) {
    c->nexts = 0;
    if (article % ARTICLE_KEY_SPAN >= ARTICLE_GROUP && !c->keyless) {
        cursor_seek_group(c, article / ARTICLE_KEY_SPAN * (ARTICLE_KEY_SPAN / ARTICLE_GROUP));
        if (!article_cursor_next(c, status, err))
            return false;
    }
    c->next = article - article % ARTICLE_GROUP;
    return true;
}

/* Goes over records before this one that tell the length of a body alone, in the group that it stands in: reading them
 * all, with the keys that they count, took as long as to read the text of one. What is wrong is left to be read. */
static void skip_nexts(struct article_cursor *c, uint32_t article) {
    const struct section *records = segment_section(c->segment, SECTION_ARTICLES);
    const uint8_t *p = records->data + (c->at < records->size ? c->at : records->size);
    const uint8_t *end = records->data + records->size;
    struct article_record *r = &c->record;
    uint64_t passages = (uint64_t)r->first_passage + r->passage_count, head;
    for (; c->next < article && c->next % ARTICLE_GROUP != 0 && c->nexts == 0 && c->line < UINT32_MAX; c->next++) {
        c->at = (uint64_t)(p - records->data);
        if (!varint_get(&p, end, &head) || !(head & 1) || head == 1 || head >> 1 > UINT32_MAX ||
            passages >= c->segment->counts.passages)
            return;
        r->text += r->meta.body_len;
        r->meta.body_len = (size_t)(head >> 1);
        r->first_passage = (uint32_t)passages++;
        r->passage_count = 1;
        c->line++;
    }
    c->at = (uint64_t)(p - records->data);
}

lede_status article_cursor_seek(struct article_cursor *c, uint32_t article, lede_error *err) {
    lede_status status = LEDE_OK;
    if (article >= c->segment->counts.articles)
        return error_set(err, LEDE_INVALID, "%s: no article %u", c->segment->path, article);
    bool is_ahead = c->next <= article && article - c->next < ARTICLE_GROUP, is_there = c->next == article + 1;
    if (!is_ahead && !is_there && !seek_near(c, article, &status, err))
        return status;
    while (c->next <= article) {
        if (!article_cursor_next(c, &status, err))
            return status;
        if (c->keyless)
            skip_nexts(c, article);
    }
    if (!c->keyless)
        c->record.source = find_source(c->segment, article);
    return LEDE_OK;
}

lede_status segment_article(const struct segment *s, uint32_t article, struct article_record *out, lede_error *err) {
    struct article_cursor c;
    c.segment = s;
    c.keyless = false;
    c.next = UINT32_MAX;
    lede_status status = article_cursor_seek(&c, article, err);
    if (status != LEDE_OK)
        return status;
    *out = c.record;
    out->meta.key = out->key;
    return LEDE_OK;
}

uint32_t segment_article_of(const struct segment *s, uint32_t passage) {
    const struct section *starts = segment_section(s, SECTION_PASSAGE_STARTS);
    if (starts->size == 0)
        return passage;
    size_t words = ((size_t)s->counts.passages + 63) / 64, word = passage / 64;
    uint64_t bits = load_u64(starts->data + 8 * word) & (~UINT64_C(0) >> (63 - passage % 64));
    uint32_t rank = load_u32(starts->data + 8 * words + 4 * word) + (uint32_t)__builtin_popcountll(bits);
    return rank ? rank - 1 : 0;
}

/* Reads on, by one. segment_article has read them all before, so nothing is wrong with them. */
static struct passage next_passage(const struct article_record *a, struct passage_reader *r) {
    if (!a->passages)
        return (struct passage){0, (uint32_t)a->meta.body_len, 0, 0, a->meta.line};
    if (!read_passage(r))
        r->next = r->end;
    return r->passage;
}

void article_passage(const struct article_record *a, uint32_t number, struct passage *out) {
    struct passage_reader r = {a->passages, a->end, {.line = a->meta.line}};
    for (uint32_t i = 0; i <= number; i++)
        *out = next_passage(a, &r);
}

void article_passages(const struct article_record *a, struct buffer *out) {
    struct passage_reader r = {a->passages, a->end, {.line = a->meta.line}};
    for (uint32_t i = 0; i < a->passage_count; i++) {
        struct passage p = next_passage(a, &r);
        buffer_append(out, &p, sizeof p);
    }
}

static lede_status passage_of(const struct segment *s, const struct article_record *article, uint32_t ordinal,
                              struct passage *passage, lede_error *err) {
    if (ordinal < article->first_passage || ordinal - article->first_passage >= article->passage_count)
        return segment_corrupt(s, SECTION_PASSAGE_STARTS, ordinal / 8, "passage is not in its article", err);
    article_passage(article, ordinal - article->first_passage, passage);
    return LEDE_OK;
}

lede_status segment_passage(const struct segment *s, uint32_t ordinal, struct article_record *article,
                            struct passage *passage, uint32_t *number, lede_error *err) {
    if (ordinal >= s->counts.passages)
        return error_set(err, LEDE_INVALID, "%s: no passage %u", s->path, ordinal);
    lede_status status = segment_article(s, segment_article_of(s, ordinal), article, err);
    if (status == LEDE_OK)
        status = passage_of(s, article, ordinal, passage, err);
    *number = status == LEDE_OK ? ordinal - article->first_passage : 0;
    return status;
}

lede_status article_cursor_passage(struct article_cursor *c, uint32_t ordinal, struct passage *passage,
                                   lede_error *err) {
    if (ordinal >= c->segment->counts.passages)
        return error_set(err, LEDE_INVALID, "%s: no passage %u", c->segment->path, ordinal);
    lede_status status = article_cursor_seek(c, segment_article_of(c->segment, ordinal), err);
    return status == LEDE_OK ? passage_of(c->segment, &c->record, ordinal, passage, err) : status;
}

void segment_source_run(const struct segment *s, uint32_t i, struct source_run *run) {
    const uint8_t *p = segment_section(s, SECTION_SOURCES)->data + 16 * (size_t)i;
    *run = (struct source_run){load_u64(p), load_u32(p + 8), load_u32(p + 12)};
}

uint32_t segment_source_run_count(const struct segment *s) {
    return s->counts.source_runs;
}
