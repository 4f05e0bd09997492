#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "articles.h"
#include "core/base/error.h"
#include "hot_terms.h"
#include "keys.h"
#include "segment_map.h"
#include "text_table.h"

/* Header, see segment.h. */
static const uint8_t magic[8] = {'L', 'E', 'D', 'E', 0x1a, 'S', 'E', 'G'};

enum {
    COUNTS_AT = 24,
    ALIGNMENT = 64,
    /* Zeros behind each section, so that words may be loaded from its last bytes. */
    PADDING = 8,
};

static void encode_counts(uint8_t *p, const struct segment_counts *c) {
    store_u32(p, c->passages);
    store_u32(p + 4, c->articles);
    store_u64(p + 8, c->total_length);
    store_u64(p + 16, c->terms);
    store_u64(p + 24, c->words);
    store_u64(p + 32, c->postings);
    store_u64(p + 40, c->positions);
    store_u64(p + 48, c->text_size);
    store_u64(p + 56, c->position_bytes);
    store_u32(p + 64, c->length_width);
    store_u32(p + 68, c->source_runs);
    store_u32(p + 72, c->settled);
    store_u32(p + 76, c->exact_words);
    store_u32(p + 80, c->key_runs);
    store_u32(p + 84, c->common_terms);
}

static struct segment_counts decode_counts(const uint8_t *p) {
    return (struct segment_counts){
        .passages = load_u32(p),
        .articles = load_u32(p + 4),
        .total_length = load_u64(p + 8),
        .terms = load_u64(p + 16),
        .words = load_u64(p + 24),
        .postings = load_u64(p + 32),
        .positions = load_u64(p + 40),
        .text_size = load_u64(p + 48),
        .position_bytes = load_u64(p + 56),
        .length_width = load_u32(p + 64),
        .source_runs = load_u32(p + 68),
        .settled = load_u32(p + 72) == 1,
        .exact_words = load_u32(p + 76) == 1,
        .key_runs = load_u32(p + 80),
        .common_terms = load_u32(p + 84),
    };
}

/* ------------------------------------------------------------------------------------- writer -- */

struct segment_writer {
    struct file_writer *file;
    struct section sections[SECTION_COUNT + 1];
    struct section *current;
};

lede_status segment_writer_open(struct segment_writer **out, const char *path, lede_error *err) {
    *out = NULL;
    struct segment_writer *w = calloc(1, sizeof *w);
    if (!w)
        return error_nomem(err);
    lede_status status = file_writer_open(&w->file, path, err);
    if (status != LEDE_OK) {
        free(w);
        return status;
    }
    static const uint8_t zeros[SEGMENT_HEADER_SIZE];
    file_writer_write(w->file, zeros, sizeof zeros);
    file_writer_align(w->file, ALIGNMENT);
    *out = w;
    return LEDE_OK;
}

void segment_writer_begin(struct segment_writer *w, enum section_kind kind) {
    w->current = &w->sections[kind];
    w->current->offset = file_writer_offset(w->file);
    file_writer_checksum_start(w->file);
}

void segment_writer_write(struct segment_writer *w, const void *bytes, size_t n) {
    file_writer_write(w->file, bytes, n);
}

bool segment_writer_spool(struct segment_writer *w, struct spool *s) {
    struct spool_reader r;
    const uint8_t *bytes;
    size_t n;
    spool_reader_init(&r, s);
    while ((bytes = spool_next(&r, &n)))
        segment_writer_write(w, bytes, n);
    spool_reader_release(&r);
    return !spool_failed(s);
}

uint64_t segment_writer_offset(const struct segment_writer *w) {
    return file_writer_offset(w->file) - w->current->offset;
}

void segment_writer_end(struct segment_writer *w) {
    static const uint8_t zeros[PADDING];
    w->current->size = segment_writer_offset(w);
    w->current->checksum = file_writer_checksum(w->file);
    file_writer_write(w->file, zeros, sizeof zeros);
    file_writer_align(w->file, ALIGNMENT);
}

uint64_t segment_writer_size(const struct segment_writer *w, enum section_kind kind) {
    return w->sections[kind].size;
}

lede_status segment_writer_read(uint8_t **out, struct segment_writer *w, enum section_kind kind, lede_error *err) {
    const struct section *x = &w->sections[kind];
    *out = malloc(x->size + 1);
    lede_status status = *out ? file_writer_read(w->file, x->offset, *out, x->size, err) : error_nomem(err);
    if (status != LEDE_OK) {
        free(*out);
        *out = NULL;
    }
    return status;
}

lede_status segment_writer_commit(struct segment_writer *w, const struct segment_counts *counts,
                                  struct segment_info *info, lede_error *err) {
    uint8_t header[SEGMENT_HEADER_SIZE] = {0};
    uint64_t size = file_writer_offset(w->file);
    memcpy(header, magic, sizeof magic);
    store_u32(header + 8, counts->text_size ? SEGMENT_VERSION : SEGMENT_VERSION_BEFORE);
    store_u32(header + 12, SECTION_COUNT);
    store_u64(header + 16, size);
    encode_counts(header + COUNTS_AT, counts);
    for (unsigned k = 1; k <= SECTION_COUNT; k++) {
        uint8_t *p = header + SEGMENT_SECTIONS_AT + (k - 1) * SEGMENT_SECTION_ENTRY;
        store_u64(p, w->sections[k].offset);
        store_u64(p + 8, w->sections[k].size);
        store_u64(p + 16, w->sections[k].checksum);
    }
    store_u64(header + SEGMENT_CHECKSUM_AT, file_checksum(header, SEGMENT_CHECKSUM_AT));
    file_writer_patch(w->file, 0, header, sizeof header);
    lede_status status = file_writer_commit(w->file, err);
    *info = (struct segment_info){size, load_u64(header + SEGMENT_CHECKSUM_AT), counts->passages, counts->articles,
                                  counts->total_length};
    free(w);
    return status;
}

void segment_writer_abort(struct segment_writer *w) {
    if (!w)
        return;
    file_writer_abort(w->file);
    free(w);
}

/* ------------------------------------------------------------------------------------- reader -- */

lede_status segment_corrupt(const struct segment *s, enum section_kind kind, uint64_t at, const char *what,
                            lede_error *err) {
    return error_corrupt(err, s->path, s->sections[kind].offset + at, what);
}

static lede_status read_sections(struct segment *s, lede_error *err) {
    const uint8_t *data = s->map.data;
    for (unsigned k = 1; k <= SECTION_COUNT; k++) {
        uint64_t entry = SEGMENT_SECTIONS_AT + (k - 1) * SEGMENT_SECTION_ENTRY;
        uint64_t offset = load_u64(data + entry), size = load_u64(data + entry + 8);
        if (offset % ALIGNMENT || offset > s->map.size || size > s->map.size - offset ||
            s->map.size - offset - size < PADDING)
            return error_corrupt(err, s->path, entry, "section lies outside of the file");
        s->sections[k] = (struct section){data + offset, size, offset, load_u64(data + entry + 16)};
    }
    return LEDE_OK;
}

/* What the sizes of tables of fixed width have to be. */
static lede_status check_sizes(const struct segment *s, lede_error *err) {
    const struct segment_counts *c = &s->counts;
    uint64_t words = ((uint64_t)c->passages + 63) / 64;
    const struct {
        enum section_kind kind;
        uint64_t size;
    } expected[] = {
        {SECTION_LENGTHS, (uint64_t)c->passages * c->length_width},
        {SECTION_KEYS, keys_size(c->articles, c->key_runs)},
        {SECTION_SOURCES, (uint64_t)c->source_runs * 16},
        {SECTION_PASSAGE_STARTS, c->articles == c->passages ? 0 : words * 12},
        {SECTION_TERM_BLOCKS, (c->terms + 31) / 32 * 4},
        {SECTION_WORD_BLOCKS, (c->words + 31) / 32 * 4},
    };
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        if (s->sections[expected[i].kind].size != expected[i].size)
            return segment_corrupt(s, expected[i].kind, 0, "section has another size than the header's counts", err);
    if (!article_groups_fit(&s->sections[SECTION_ARTICLE_GROUPS], c->articles))
        return segment_corrupt(s, SECTION_ARTICLE_GROUPS, 0, "section has another size than its widths", err);
    uint64_t starts = c->common_terms ? 4 * ((uint64_t)c->common_terms + 1) : 0;
    if (starts > s->sections[SECTION_TERMS].size)
        return segment_corrupt(s, SECTION_TERMS, 0, "section is smaller than the table at its end", err);
    bool width = c->length_width == 1 || c->length_width == 2 || c->length_width == 4;
    if (!width || c->articles > c->passages || c->passages == 0 || c->passages == UINT32_MAX || c->articles == 0 ||
        c->source_runs == 0 || c->source_runs > c->articles || c->key_runs == 0 || c->key_runs > c->articles ||
        c->terms > UINT64_MAX / 2 || c->words > UINT64_MAX / 2)
        return error_corrupt(err, s->path, COUNTS_AT, "counts contradict each other");
    return LEDE_OK;
}

static lede_status read_header(struct segment *s, const struct segment_info *expected, lede_error *err) {
    const uint8_t *data = s->map.data;
    if (s->map.size < SEGMENT_HEADER_SIZE || memcmp(data, magic, sizeof magic) != 0)
        return error_corrupt(err, s->path, 0, "not a segment file");
    uint32_t version = s->version = load_u32(data + 8);
    if (version > SEGMENT_VERSION)
        return error_set(err, LEDE_TOO_NEW, "%s: segment format %u, this Lede reads up to %d; upgrade Lede", s->path,
                         version, SEGMENT_VERSION);
    if (version < SEGMENT_VERSION_BEFORE)
        return error_set(err, LEDE_TOO_OLD,
                         "%s: segment format %u, this Lede reads %d; remove the index and index again", s->path,
                         version, SEGMENT_VERSION_BEFORE);
    if (load_u32(data + 12) != SECTION_COUNT ||
        load_u64(data + SEGMENT_CHECKSUM_AT) != file_checksum(data, SEGMENT_CHECKSUM_AT))
        return error_corrupt(err, s->path, SEGMENT_CHECKSUM_AT, "the header is not what its checksum says");
    if (load_u64(data + 16) != s->map.size)
        return error_corrupt(err, s->path, 16, "the file has another size than its header says");
    s->counts = decode_counts(data + COUNTS_AT);
    s->info = (struct segment_info){s->map.size, load_u64(data + SEGMENT_CHECKSUM_AT), s->counts.passages,
                                    s->counts.articles, s->counts.total_length};
    if (expected && (expected->size != s->info.size || expected->checksum != s->info.checksum))
        return error_corrupt(err, s->path, SEGMENT_CHECKSUM_AT, "not the segment that the catalogue names");
    lede_status status = read_sections(s, err);
    if (status == LEDE_OK)
        status = check_sizes(s, err);
    if (status == LEDE_OK &&
        !columns_read(s->columns, &s->sections[SECTION_COLUMNS], s->counts.articles, s->counts.passages))
        status = segment_corrupt(s, SECTION_COLUMNS, 0, "section has another size than its columns", err);
    return status == LEDE_OK ? text_table_open(s, err) : status;
}

lede_status segment_open(struct segment **out, const char *path, const struct segment_info *expected, lede_error *err) {
    *out = NULL;
    struct segment *s = calloc(1, sizeof *s);
    char *copy = strdup(path);
    if (!s || !copy) {
        free(s);
        free(copy);
        return error_nomem(err);
    }
    s->path = copy;
    lede_status status = file_map_open(&s->map, path, err);
    if (status == LEDE_OK)
        status = read_header(s, expected, err);
    if (status == LEDE_OK)
        *out = s;
    else
        segment_close(s);
    return status;
}

void segment_close(struct segment *s) {
    if (!s)
        return;
    hot_terms_free(s->hot);
    text_table_close(s);
    file_map_close(&s->map);
    free(s->path);
    free(s);
}

void segment_keep_hot(struct segment *s, struct hot_budget *budget) {
    s->hot = hot_terms_new(budget);
}

struct hot_terms *segment_hot(const struct segment *s) {
    return s->hot;
}

void segment_forget(const struct segment *s) {
    file_map_forget(&s->map);
}

void segment_drop(const struct segment *s, enum section_kind kind, uint64_t size) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    const struct section *x = segment_section(s, kind);
    uintptr_t start = ((uintptr_t)x->data + page - 1) / page * page, end = ((uintptr_t)x->data + size) / page * page;
    /* Advice: if it isn't taken, nothing is wrong. */
    if (end > start)
        (void)!madvise((void *)start, end - start, MADV_DONTNEED);
}

const char *segment_path(const struct segment *s) {
    return s->path;
}

const struct segment_info *segment_info(const struct segment *s) {
    return &s->info;
}

bool segment_is_settled(const struct segment *s) {
    return s->counts.settled;
}

void segment_stats(const struct segment *s, lede_stats *stats) {
    const struct section *x = s->sections;
    stats->segments++;
    stats->articles += s->counts.articles;
    stats->passages += s->counts.passages;
    stats->terms += s->counts.terms;
    stats->words += s->counts.words;
    stats->postings += s->counts.postings;
    stats->positions += s->counts.positions;
    stats->bytes_total += s->info.size;
    uint64_t terms = x[SECTION_TERMS].size + x[SECTION_TERM_BLOCKS].size;
    uint64_t words = x[SECTION_WORDS].size + x[SECTION_WORD_BLOCKS].size;
    uint64_t postings = x[SECTION_POSTINGS].size - s->counts.position_bytes;
    uint64_t articles = x[SECTION_ARTICLES].size + x[SECTION_ARTICLE_GROUPS].size + x[SECTION_PASSAGE_STARTS].size +
                        x[SECTION_SOURCES].size + x[SECTION_COLUMNS].size;
    uint64_t text = x[SECTION_TEXT].size + x[SECTION_TEXT_BLOCKS].size;
    uint64_t keys = x[SECTION_KEYS].size, lengths = x[SECTION_LENGTHS].size, positions = s->counts.position_bytes;
    stats->bytes_terms += terms;
    stats->bytes_words += words;
    stats->bytes_postings += postings;
    stats->bytes_positions += positions;
    stats->bytes_lengths += lengths;
    stats->bytes_articles += articles;
    stats->bytes_keys += keys;
    stats->bytes_text += text;
    stats->bytes_other += s->info.size - terms - words - postings - positions - lengths - articles - keys - text;
}
