#include "columns.h"

#include <stdlib.h>

#include "core/base/file.h"
#include "segment_map.h"

enum { COLUMN_HEADER = 16 };

static uint64_t padded(uint64_t size) {
    return (size + 7) / 8 * 8;
}

/* ------------------------------------------------------------------------------------- reader -- */

static bool read_column(struct column *c, const uint8_t **p, const uint8_t *end, uint32_t entries) {
    if (end - *p < COLUMN_HEADER)
        return false;
    uint64_t left = (uint64_t)(end - *p) - COLUMN_HEADER;
    *c = (struct column){.count = load_u32(*p), .width = load_u32(*p + 4), .values_size = load_u64(*p + 8)};
    if (c->width > 4 || c->width == 3 || c->values_size > left || padded(c->values_size) > left ||
        padded((uint64_t)c->width * entries) > left - padded(c->values_size) || c->count > c->values_size / 4)
        return false;
    c->values = *p + COLUMN_HEADER;
    c->entries = c->values + padded(c->values_size);
    *p = c->entries + padded((uint64_t)c->width * entries);
    return true;
}

bool columns_read(struct column columns[COLUMN_COUNT], const struct section *section, uint32_t articles,
                  uint32_t passages) {
    const uint8_t *p = section->data, *end = section->data + section->size;
    for (unsigned k = 0; k < COLUMN_COUNT; k++)
        if (!read_column(&columns[k], &p, end, k == COLUMN_HEADINGS ? passages : articles))
            return false;
    return p == end;
}

lede_date segment_date(const struct segment *s, uint32_t article) {
    const struct column *dates = &s->columns[COLUMN_DATES];
    return column_date(dates, column_entry(dates, article));
}

uint32_t column_date(const struct column *c, uint32_t i) {
    return i < c->count ? load_u32(c->values + 4 * (size_t)i) : 0;
}

const char *column_string(const struct column *c, uint32_t i, size_t *len) {
    *len = 0;
    if (i >= c->count)
        return "";
    uint64_t room = c->values_size - 4 * (uint64_t)c->count;
    uint32_t start = i ? load_u32(c->values + 4 * (size_t)(i - 1)) : 0, end = load_u32(c->values + 4 * (size_t)i);
    if (start > end || end > room)
        return "";
    *len = end - start;
    return (const char *)c->values + 4 * (size_t)c->count + start;
}

/* ------------------------------------------------------------------------------------ strings -- */

static void string_table_init(struct string_table *t, struct scratch *scratch) {
    *t = (struct string_table){.slots = NULL};
    spool_init(&t->bytes, scratch, SPOOL_ROOM);
    spool_init(&t->ends, scratch, SPOOL_ROOM);
}

static void string_table_release(struct string_table *t) {
    spool_release(&t->bytes);
    spool_release(&t->ends);
    buffer_release(&t->known);
    buffer_release(&t->known_to);
    free(t->slots);
}

static size_t string_table_memory(const struct string_table *t) {
    return spool_memory(&t->bytes) + spool_memory(&t->ends) + t->known.cap + t->known_to.cap +
           t->slot_count * sizeof *t->slots;
}

static uint32_t known_count(const struct string_table *t) {
    return (uint32_t)(t->known_to.len / 4);
}

static uint32_t string_count(const struct string_table *t) {
    return (uint32_t)(spool_size(&t->ends) / 4);
}

static const char *known_at(const struct string_table *t, uint32_t i, size_t *len) {
    uint32_t start = i ? load_u32(t->known_to.data + 4 * (size_t)(i - 1)) : 0;
    *len = load_u32(t->known_to.data + 4 * (size_t)i) - start;
    return *len ? (const char *)t->known.data + start : "";
}

static uint32_t *slot_of(const struct string_table *t, const char *s, size_t len) {
    uint32_t i = (uint32_t)file_checksum(s, len) & (t->slot_count - 1);
    for (; t->slots[i]; i = (i + 1) & (t->slot_count - 1)) {
        size_t other_len;
        const char *other = known_at(t, t->slots[i] - 1, &other_len);
        if (other_len == len && memcmp(other, s, len) == 0)
            break;
    }
    return &t->slots[i];
}

static bool make_slots(struct string_table *t) {
    uint32_t count = known_count(t);
    if (t->slot_count > 2 * count)
        return true;
    uint32_t room = t->slot_count ? 2 * t->slot_count : 64;
    uint32_t *slots = calloc(room, sizeof *slots);
    if (!slots)
        return false;
    free(t->slots);
    t->slots = slots;
    t->slot_count = room;
    for (uint32_t i = 0; i < count; i++) {
        size_t len;
        const char *s = known_at(t, i, &len);
        *slot_of(t, s, len) = i + 1;
    }
    return true;
}

static void forget_strings(struct string_table *t) {
    t->forgotten += known_count(t);
    buffer_release(&t->known);
    buffer_release(&t->known_to);
    free(t->slots);
    t->slots = NULL;
    t->slot_count = 0;
}

static void add_string(struct string_table *t, const char *s, size_t len) {
    buffer_append(&t->known, s, len);
    buffer_append_u32(&t->known_to, (uint32_t)t->known.len);
    spool_append(&t->bytes, s, len);
    spool_append_u32(&t->ends, (uint32_t)spool_size(&t->bytes));
}

/* False if memory ran out, or the strings are too many bytes. */
static bool number_string(struct string_table *t, const char *s, size_t len, uint32_t *number) {
    *number = 0;
    s = s ? s : "";
    if (!make_slots(t) || len > UINT32_MAX - spool_size(&t->bytes))
        return false;
    uint32_t *slot = slot_of(t, s, len);
    if (!*slot) {
        add_string(t, s, len);
        *slot = known_count(t);
    }
    *number = t->forgotten + *slot - 1;
    bool ok = !t->known.failed && !t->known_to.failed;
    if (ok && t->known.len + t->known_to.len + t->slot_count * sizeof *t->slots > COLUMN_STRINGS_ROOM)
        forget_strings(t);
    return ok;
}

/* ------------------------------------------------------------------------------------- writer -- */

void columns_writer_init(struct columns_writer *w, struct scratch *scratch) {
    *w = (struct columns_writer){.failed = false};
    for (unsigned k = 0; k < COLUMN_COUNT; k++)
        spool_init(&w->entries[k], scratch, SPOOL_ROOM);
    string_table_init(&w->bylines, scratch);
    string_table_init(&w->languages, scratch);
}

void columns_writer_release(struct columns_writer *w) {
    for (unsigned k = 0; k < COLUMN_COUNT; k++)
        spool_release(&w->entries[k]);
    string_table_release(&w->bylines);
    string_table_release(&w->languages);
    id_set_release(&w->dates);
    *w = (struct columns_writer){.failed = false};
}

static uint64_t more(uint64_t a, uint64_t b) {
    return a > b ? a : b;
}

uint64_t columns_writer_strings(const struct columns_writer *w) {
    return more(spool_size(&w->bylines.bytes), spool_size(&w->languages.bytes));
}

uint64_t segment_strings(const struct segment *s) {
    return more(s->columns[COLUMN_BYLINES].values_size, s->columns[COLUMN_LANGUAGES].values_size);
}

size_t columns_writer_memory(const struct columns_writer *w) {
    size_t sum = string_table_memory(&w->bylines) + string_table_memory(&w->languages) + id_set_memory(&w->dates);
    for (unsigned k = 0; k < COLUMN_COUNT; k++)
        sum += spool_memory(&w->entries[k]);
    return sum;
}

static void add_entry(struct columns_writer *w, enum column_kind kind, uint32_t entry) {
    spool_append_u32(&w->entries[kind], entry);
    w->most[kind] = entry > w->most[kind] ? entry : w->most[kind];
}

void columns_writer_add(struct columns_writer *w, const struct article *article, uint32_t title_words,
                        const uint32_t *headings, uint32_t passages) {
    const lede_article *m = &article->meta;
    uint32_t byline = 0, language = 0;
    if (!number_string(&w->bylines, m->byline, m->byline_len, &byline) ||
        !number_string(&w->languages, m->language, m->language_len, &language) || id_set_add(&w->dates, m->date, NULL))
        w->failed = true;
    add_entry(w, COLUMN_DATES, m->date);
    add_entry(w, COLUMN_BYLINES, byline);
    add_entry(w, COLUMN_LANGUAGES, language);
    add_entry(w, COLUMN_TITLES, title_words);
    for (uint32_t i = 0; i < passages; i++)
        add_entry(w, COLUMN_HEADINGS, headings ? headings[i] : 0);
}

static void write_padding(struct segment_writer *out, uint64_t size) {
    static const uint8_t zeros[8];
    segment_writer_write(out, zeros, padded(size) - size);
}

static unsigned width_of(uint32_t most) {
    return most == 0 ? 0 : most <= UINT8_MAX ? 1 : most <= UINT16_MAX ? 2 : 4;
}

/* The values, one part after the other, and the entries: numbers of values, of which `dates` are, or the numbers
 * themselves. */
struct values {
    uint32_t count, most;
    struct spool *parts[2];     /* NULL: there is none */
    const struct id_set *dates; /* NULL: entries are as they are */
};

/* As numbers are little-endian, the first bytes of each are the number. */
static void write_entries(struct segment_writer *out, struct spool *entries, const struct id_set *dates,
                          unsigned width) {
    struct spool_reader r;
    uint32_t date = 0, number = 0;
    bool known = false;
    size_t size;
    spool_reader_init(&r, entries);
    for (const uint8_t *p; width && (p = spool_next(&r, &size));) {
        for (size_t i = 0; i < size; i += 4) {
            uint8_t bytes[4];
            if (dates && (!known || load_u32(p + i) != date)) {
                date = load_u32(p + i);
                number = (uint32_t)id_set_rank(dates, date);
                known = true;
            }
            store_u32(bytes, dates ? number : load_u32(p + i));
            segment_writer_write(out, bytes, width);
        }
    }
    spool_reader_release(&r);
}

static bool write_column(struct segment_writer *out, struct spool *entries, const struct values *v) {
    unsigned width = width_of(v->most);
    uint8_t head[COLUMN_HEADER];
    uint64_t size = 0;
    bool ok = true;
    for (size_t i = 0; i < 2; i++)
        size += v->parts[i] ? spool_size(v->parts[i]) : 0;
    store_u32(head, v->count);
    store_u32(head + 4, width);
    store_u64(head + 8, size);
    segment_writer_write(out, head, sizeof head);
    for (size_t i = 0; i < 2; i++)
        ok = (!v->parts[i] || segment_writer_spool(out, v->parts[i])) && ok;
    write_padding(out, size);
    write_entries(out, entries, v->dates, width);
    write_padding(out, spool_size(entries) / 4 * width);
    return ok && !spool_failed(entries);
}

static bool write_dates(struct columns_writer *w, struct segment_writer *out) {
    struct spool *entries = &w->entries[COLUMN_DATES], dates;
    uint32_t count = (uint32_t)w->dates.count;
    spool_init(&dates, entries->scratch, SPOOL_ROOM);
    for (uint64_t date = 0; id_set_next(&w->dates, &date); date++)
        spool_append_u32(&dates, (uint32_t)date);
    id_set_number(&w->dates);
    const struct values v = {count, count ? count - 1 : 0, {&dates, NULL}, &w->dates};
    bool ok = write_column(out, entries, &v);
    spool_release(&dates);
    return ok;
}

static bool write_strings(struct columns_writer *w, enum column_kind kind, struct string_table *t,
                          struct segment_writer *out) {
    const struct values v = {string_count(t), w->most[kind], {&t->ends, &t->bytes}, NULL};
    return write_column(out, &w->entries[kind], &v);
}

static bool write_numbers(struct columns_writer *w, enum column_kind kind, struct segment_writer *out) {
    const struct values v = {.most = w->most[kind]};
    return write_column(out, &w->entries[kind], &v);
}

bool columns_writer_finish(struct columns_writer *w, struct segment_writer *out) {
    segment_writer_begin(out, SECTION_COLUMNS);
    bool ok = !w->failed && write_dates(w, out) && write_strings(w, COLUMN_BYLINES, &w->bylines, out) &&
              write_strings(w, COLUMN_LANGUAGES, &w->languages, out) && write_numbers(w, COLUMN_TITLES, out) &&
              write_numbers(w, COLUMN_HEADINGS, out);
    segment_writer_end(out);
    return ok;
}
