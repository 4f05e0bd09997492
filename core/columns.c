#include "columns.h"

#include <stdlib.h>

#include "file.h"
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

static uint32_t string_count(const struct string_table *t) {
    return (uint32_t)(t->ends.len / 4);
}

static const char *string_at(const struct string_table *t, uint32_t i, size_t *len) {
    uint32_t start = i ? load_u32(t->ends.data + 4 * (size_t)(i - 1)) : 0;
    *len = load_u32(t->ends.data + 4 * (size_t)i) - start;
    return *len ? (const char *)t->bytes.data + start : "";
}

static uint32_t *slot_of(const struct string_table *t, const char *s, size_t len) {
    uint32_t i = (uint32_t)file_checksum(s, len) & (t->slot_count - 1);
    for (; t->slots[i]; i = (i + 1) & (t->slot_count - 1)) {
        size_t other_len;
        const char *other = string_at(t, t->slots[i] - 1, &other_len);
        if (other_len == len && memcmp(other, s, len) == 0)
            break;
    }
    return &t->slots[i];
}

static bool make_slots(struct string_table *t) {
    uint32_t count = string_count(t);
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
        const char *s = string_at(t, i, &len);
        *slot_of(t, s, len) = i + 1;
    }
    return true;
}

/* False if memory ran out, or the strings are too many bytes. */
static bool number_string(struct string_table *t, const char *s, size_t len, uint32_t *number) {
    *number = 0;
    if (!make_slots(t) || len > UINT32_MAX - t->bytes.len)
        return false;
    uint32_t *slot = slot_of(t, s ? s : "", len);
    if (!*slot) {
        buffer_append(&t->bytes, s, len);
        buffer_append_u32(&t->ends, (uint32_t)t->bytes.len);
        if (t->bytes.failed || t->ends.failed)
            return false;
        *slot = string_count(t);
    }
    *number = *slot - 1;
    return true;
}

static void string_table_release(struct string_table *t) {
    buffer_release(&t->bytes);
    buffer_release(&t->ends);
    free(t->slots);
}

/* ------------------------------------------------------------------------------------- writer -- */

void columns_writer_release(struct columns_writer *w) {
    for (unsigned k = 0; k < COLUMN_COUNT; k++)
        buffer_release(&w->entries[k]);
    string_table_release(&w->bylines);
    string_table_release(&w->languages);
    *w = (struct columns_writer){.failed = false};
}

static size_t table_memory(const struct string_table *t) {
    return t->bytes.cap + t->ends.cap + t->slot_count * sizeof *t->slots;
}

size_t columns_writer_memory(const struct columns_writer *w) {
    size_t sum = table_memory(&w->bylines) + table_memory(&w->languages);
    for (unsigned k = 0; k < COLUMN_COUNT; k++)
        sum += w->entries[k].cap;
    return sum;
}

void columns_writer_add(struct columns_writer *w, const struct article *article, uint32_t title_words,
                        const uint32_t *headings, uint32_t passages) {
    const lede_article *m = &article->meta;
    uint32_t byline = 0, language = 0;
    if (!number_string(&w->bylines, m->byline, m->byline_len, &byline) ||
        !number_string(&w->languages, m->language, m->language_len, &language))
        w->failed = true;
    buffer_append_u32(&w->entries[COLUMN_DATES], m->date);
    buffer_append_u32(&w->entries[COLUMN_BYLINES], byline);
    buffer_append_u32(&w->entries[COLUMN_LANGUAGES], language);
    buffer_append_u32(&w->entries[COLUMN_TITLES], title_words);
    for (uint32_t i = 0; i < passages; i++)
        buffer_append_u32(&w->entries[COLUMN_HEADINGS], headings ? headings[i] : 0);
}

static void write_padding(struct segment_writer *out, uint64_t size) {
    static const uint8_t zeros[8];
    segment_writer_write(out, zeros, padded(size) - size);
}

static void write_values(struct segment_writer *out, uint32_t count, unsigned width, const struct buffer *table,
                         const struct buffer *bytes) {
    uint64_t size = table->len + bytes->len;
    uint8_t head[COLUMN_HEADER];
    store_u32(head, count);
    store_u32(head + 4, width);
    store_u64(head + 8, size);
    segment_writer_write(out, head, sizeof head);
    segment_writer_write(out, table->data, table->len);
    segment_writer_write(out, bytes->data, bytes->len);
    write_padding(out, size);
}

static unsigned width_of(const struct buffer *entries) {
    uint32_t most = 0;
    for (size_t i = 0; i < entries->len; i += 4) {
        uint32_t entry = load_u32(entries->data + i);
        most = entry > most ? entry : most;
    }
    return most == 0 ? 0 : most <= UINT8_MAX ? 1 : most <= UINT16_MAX ? 2 : 4;
}

/* As numbers are little-endian, the first bytes of each are the number. */
static void write_entries(struct segment_writer *out, const struct buffer *entries, unsigned width) {
    for (size_t i = 0; width && i < entries->len; i += 4)
        segment_writer_write(out, entries->data + i, width);
    write_padding(out, entries->len / 4 * width);
}

static int by_number(const void *a, const void *b) {
    uint32_t x = load_u32(a), y = load_u32(b);
    return (x > y) - (x < y);
}

/* Sets *values to the distinct numbers of `entries`, rising. */
static void distinct(struct buffer *values, const struct buffer *entries) {
    size_t kept = 0;
    buffer_append(values, entries->data, entries->len);
    if (values->failed || !values->len)
        return;
    qsort(values->data, values->len / 4, 4, by_number);
    for (size_t i = 0; i < values->len; i += 4)
        if (kept == 0 || load_u32(values->data + kept - 4) != load_u32(values->data + i)) {
            store_u32(values->data + kept, load_u32(values->data + i));
            kept += 4;
        }
    values->len = kept;
}

/* Puts the number of its value in the place of each entry. */
static void number_dates(struct buffer *entries, const struct buffer *values) {
    for (size_t i = 0; i < entries->len; i += 4) {
        const uint8_t *found = bsearch(entries->data + i, values->data, values->len / 4, 4, by_number);
        store_u32(entries->data + i, (uint32_t)((size_t)(found - values->data) / 4));
    }
}

static bool write_dates(struct buffer *entries, struct segment_writer *out) {
    const struct buffer none = BUFFER_EMPTY;
    struct buffer values = BUFFER_EMPTY;
    distinct(&values, entries);
    bool ok = !values.failed;
    if (ok) {
        number_dates(entries, &values);
        write_values(out, (uint32_t)(values.len / 4), width_of(entries), &values, &none);
        write_entries(out, entries, width_of(entries));
    }
    buffer_release(&values);
    return ok;
}

static void write_column(const struct buffer *entries, const struct string_table *table, struct segment_writer *out) {
    const struct string_table none = {.slots = NULL};
    const struct string_table *t = table ? table : &none;
    write_values(out, string_count(t), width_of(entries), &t->ends, &t->bytes);
    write_entries(out, entries, width_of(entries));
}

bool columns_writer_finish(struct columns_writer *w, struct segment_writer *out) {
    for (unsigned k = 0; k < COLUMN_COUNT; k++)
        w->failed |= w->entries[k].failed;
    segment_writer_begin(out, SECTION_COLUMNS);
    bool ok = !w->failed && write_dates(&w->entries[COLUMN_DATES], out);
    if (ok) {
        write_column(&w->entries[COLUMN_BYLINES], &w->bylines, out);
        write_column(&w->entries[COLUMN_LANGUAGES], &w->languages, out);
        write_column(&w->entries[COLUMN_TITLES], NULL, out);
        write_column(&w->entries[COLUMN_HEADINGS], NULL, out);
    }
    segment_writer_end(out);
    return ok;
}
