/* Stored text: what was added is what is read, in whatever pieces, with dictionaries and without, copied and as the
 * version before wrote it; what is damaged is an error. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <zstd.h>

#include "core/segment/text_sample.h"
#include "support/stored_text.h"

static void assert_piece(struct text_reader *reader, const struct text *t, size_t start, size_t len) {
    struct buffer out = BUFFER_EMPTY;
    MUST(text_reader_read(reader, start, len, &out, err));
    assert_int_equal(out.len, len);
    if (len)
        assert_memory_equal(out.data, t->bytes.data + start, len);
    buffer_release(&out);
}

/* All of it at once, each body, and pieces anywhere. */
static void assert_holds(struct random *r, const struct segment *s, const struct text *t) {
    struct text_reader reader = TEXT_READER_EMPTY;
    size_t size = t->bytes.len, len;
    assert_int_equal(s->counts.text_size, size);
    text_reader_use(&reader, s);
    assert_piece(&reader, t, 0, size);
    for (size_t i = 0; i < t->count; i++) {
        body_at(t, i, &len);
        assert_piece(&reader, t, t->starts[i], len);
    }
    for (unsigned i = 0; i < 300 && size; i++) {
        size_t start = random_below(r, (uint32_t)size);
        assert_piece(&reader, t, start, random_below(r, size - start < 5000 ? (uint32_t)(size - start) : 5000));
    }
    text_reader_release(&reader);
}

/* --------------------------------------------------------------------------- what is read back -- */

static void holds_any_length(void **state) {
    struct random *r = *state;
    /* One body; what waits for a dictionary; just about enough for one; for two; for three. */
    static const size_t sizes[] = {1, 40000, 500000, 530000, 1500000, 3 << 20, 9 << 20};
    static const unsigned stretches[] = {1, 1, 1, 1, 1, 2, 3};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct text *t = text_new();
        struct made m;
        if (i == 0)
            append_body(r, t, 1);
        else {
            text_free(t);
            t = make_text(r, sizes[i]);
        }
        store(&m, t);
        assert_holds(r, m.segment, t);
        assert_int_equal(text_stretch_count(m.segment), stretches[i]);
        assert_true((text_stretch(m.segment, 0).dictionary_size > 0) == (t->bytes.len >= TEXT_SAMPLE_ROOM - 2 * 1536));
        made_release(&m);
        text_free(t);
    }
}

static void no_text_is_no_table(void **state) {
    (void)state;
    struct text *t = text_new();
    struct made m;
    store(&m, t);
    assert_int_equal(m.segment->version, SEGMENT_VERSION_BEFORE);
    assert_int_equal(segment_section(m.segment, SECTION_TEXT)->size, 0);
    assert_int_equal(segment_section(m.segment, SECTION_TEXT_BLOCKS)->size, 0);
    made_release(&m);
    text_free(t);
}

/* Bodies that have nothing in common give no dictionary worth the name, and are kept all the same. */
static void noise_is_held(void **state) {
    struct random *r = *state;
    struct text *t = text_new();
    struct made m;
    for (unsigned i = 0; i < 1500; i++) {
        t->starts[t->count++] = t->bytes.len;
        for (unsigned k = 0; k < 125; k++)
            buffer_append_u64(&t->bytes, random_next(r));
    }
    store(&m, t);
    assert_holds(r, m.segment, t);
    made_release(&m);
    text_free(t);
}

static void one_byte_over_and_over_is_held(void **state) {
    struct random *r = *state;
    struct text *t = text_new();
    struct made m;
    for (unsigned i = 0; i < 3000; i++) {
        static const char a[1000] = {0};
        t->starts[t->count++] = t->bytes.len;
        buffer_append(&t->bytes, a, sizeof a);
    }
    store(&m, t);
    assert_holds(r, m.segment, t);
    made_release(&m);
    text_free(t);
}

static void passages_are_in_small_blocks(void **state) {
    struct random *r = *state;
    struct text *t = make_text(r, 3 << 20);
    struct made m;
    store(&m, t);
    for (size_t at = 0; at < t->bytes.len;) {
        struct text_block b;
        MUST(text_block_find(&b, m.segment, at, err));
        assert_true(b.raw == at && b.raw_end - b.raw <= 1536);
        at = b.raw_end;
    }
    made_release(&m);
    text_free(t);
}

/* -------------------------------------------------------------------------------------- copies -- */

static void copies_stand_among_what_is_added(void **state) {
    struct random *r = *state;
    struct text *a = make_text(r, 5 << 20), *before = make_text(r, 100000), *behind = make_text(r, 2 << 20);
    struct made source, m;
    store(&source, a);
    assert_false(text_is_worth_copying(source.segment)); /* it is much too small, which does no harm */
    struct segment_writer *out = begin(&m);
    struct text_writer *w;
    MUST(text_writer_new(&w, NULL, err));
    add_all(w, out, before);
    MUST(text_writer_copy(w, source.segment, out, err));
    add_all(w, out, behind);
    MUST(text_writer_copy(w, source.segment, out, err));
    finish(&m, w, out);
    struct text *all = text_new();
    const struct text *const parts[] = {before, a, behind, a};
    for (size_t i = 0; i < 4; i++) {
        all->starts[all->count++] = all->bytes.len;
        buffer_append(&all->bytes, parts[i]->bytes.data, parts[i]->bytes.len);
    }
    assert_holds(r, m.segment, all);
    assert_int_equal(text_stretch_count(m.segment), 1 + 2 + 2 + 2);
    made_release(&source);
    made_release(&m);
    text_free(a);
    text_free(before);
    text_free(behind);
    text_free(all);
}

/* ------------------------------------------------------------------------- the version before -- */

static void write_block_before(struct segment_writer *out, struct buffer *table, const struct text *t, size_t start,
                               size_t len) {
    size_t bound = ZSTD_compressBound(len);
    uint8_t *p = malloc(bound);
    assert_non_null(p);
    size_t size = ZSTD_compress(p, bound, t->bytes.data + start, len, 3);
    assert_false(ZSTD_isError(size));
    buffer_append_u64(table, start);
    buffer_append_u64(table, segment_writer_offset(out));
    segment_writer_write(out, p, size);
    free(p);
}

/* Makes the file's header what that version wrote. */
static void make_older(const char *path) {
    uint8_t header[SEGMENT_HEADER_SIZE];
    FILE *f = fopen(path, "r+b");
    assert_non_null(f);
    assert_int_equal(fread(header, sizeof header, 1, f), 1);
    store_u32(header + 8, SEGMENT_VERSION_BEFORE);
    store_u64(header + SEGMENT_CHECKSUM_AT, file_checksum(header, SEGMENT_CHECKSUM_AT));
    rewind(f);
    assert_int_equal(fwrite(header, sizeof header, 1, f), 1);
    assert_int_equal(fclose(f), 0);
}

static void store_as_before(struct made *m, const struct text *t) {
    struct buffer table = BUFFER_EMPTY;
    struct segment_writer *out = begin(m);
    for (size_t at = 0, len; at < t->bytes.len; at += len) {
        len = t->bytes.len - at < 8000 ? t->bytes.len - at : 8000;
        write_block_before(out, &table, t, at, len);
    }
    buffer_append_u64(&table, t->bytes.len);
    buffer_append_u64(&table, segment_writer_offset(out));
    segment_writer_end(out);
    segment_writer_begin(out, SECTION_TEXT_BLOCKS);
    segment_writer_write(out, table.data, table.len);
    segment_writer_end(out);
    commit(m, out, t->bytes.len);
    make_older(folder_entry(&m->folder, "text.seg"));
    open_made(m);
    buffer_release(&table);
}

static void the_version_before_is_read(void **state) {
    struct random *r = *state;
    struct text *t = make_text(r, 2 << 20);
    struct made m;
    store_as_before(&m, t);
    assert_int_equal(m.segment->version, SEGMENT_VERSION_BEFORE);
    assert_holds(r, m.segment, t);
    assert_false(text_is_worth_copying(m.segment));
    made_release(&m);
    text_free(t);
}

/* -------------------------------------------------------------------------------------- damage -- */

/* Reads all that can be read, block by block; how many pieces could not. */
static unsigned read_what_is_there(const struct segment *s) {
    struct text_reader reader = TEXT_READER_EMPTY;
    struct buffer out = BUFFER_EMPTY;
    unsigned bad = 0;
    text_reader_use(&reader, s);
    for (uint64_t at = 0; at + 1500 < s->counts.text_size; at += 40000) {
        lede_error err;
        buffer_clear(&out);
        lede_status status = text_reader_read(&reader, at, 1500, &out, &err);
        assert_true(status == LEDE_OK || (status == LEDE_CORRUPT && strstr(err.message, s->path)));
        bad += status != LEDE_OK;
    }
    buffer_release(&out);
    text_reader_release(&reader);
    return bad;
}

/* A byte anywhere in these sections: the tables of stretches and blocks, dictionaries, frames. */
static void damage_is_an_error_or_harmless(void **state) {
    struct random *r = *state;
    struct text *t = make_text(r, 5 << 20);
    struct made m;
    unsigned refused = 0, bad = 0;
    store(&m, t);
    const char *path = folder_entry(&m.folder, "text.seg");
    const struct section table = *segment_section(m.segment, SECTION_TEXT_BLOCKS);
    const struct section bytes = *segment_section(m.segment, SECTION_TEXT);
    segment_close(m.segment);
    for (unsigned i = 0; i < 200; i++) {
        const struct section *x = i % 2 ? &table : &bytes;
        uint64_t room = i % 4 == 1 ? 80 : i % 4 == 2 ? 30000 : x->size;
        uint64_t at = x->offset + (i % 4 == 1 ? x->size - room : 0) + random_below(r, (uint32_t)room);
        uint8_t byte, flipped;
        FILE *f = fopen(path, "r+b");
        assert_non_null(f);
        assert_int_equal(fseek(f, (long)at, SEEK_SET), 0);
        assert_int_equal(fread(&byte, 1, 1, f), 1);
        flipped = (uint8_t)(byte ^ (1U << random_below(r, 8)));
        assert_int_equal(fseek(f, (long)at, SEEK_SET), 0);
        assert_int_equal(fwrite(&flipped, 1, 1, f), 1);
        fflush(f);
        lede_status status = segment_open(&m.segment, path, NULL, NULL);
        assert_true(status == LEDE_OK || status == LEDE_CORRUPT);
        refused += status != LEDE_OK;
        if (status == LEDE_OK)
            bad += read_what_is_there(m.segment) > 0;
        segment_close(m.segment);
        assert_int_equal(fseek(f, (long)at, SEEK_SET), 0);
        assert_int_equal(fwrite(&byte, 1, 1, f), 1);
        fclose(f);
    }
    assert_true(refused > 0 && bad > 0);
    open_made(&m);
    assert_int_equal(read_what_is_there(m.segment), 0);
    made_release(&m);
    text_free(t);
}

/* ------------------------------------------------------------------------------------- samples -- */

static void samples_are_spread_evenly(void **state) {
    (void)state;
    struct text_sample s = {0};
    uint8_t piece[1000];
    for (uint32_t i = 0; i < 20000; i++) {
        memset(piece, 0, sizeof piece);
        store_u32(piece, i);
        assert_true(text_sample_take(&s, piece, sizeof piece));
        assert_true(s.bytes.len <= TEXT_SAMPLE_ROOM);
    }
    uint32_t step = load_u32(s.bytes.data + 1000);
    assert_int_equal(step, 64); /* 20,000 / 524, and up to a power of two */
    assert_int_equal(s.count, (20000 + 63) / 64);
    for (uint32_t i = 0; i < s.count; i++)
        assert_int_equal(load_u32(s.bytes.data + 1000 * (size_t)i), i * step);
    text_sample_clear(&s);
    assert_true(text_sample_take(&s, piece, 10));
    assert_int_equal(s.count, 1);
    assert_int_equal(s.bytes.len, 10);
    text_sample_release(&s);
}

#define RANDOM_TEST(f) cmocka_unit_test_setup_teardown(f, random_setup, random_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        RANDOM_TEST(holds_any_length),
        cmocka_unit_test(no_text_is_no_table),
        RANDOM_TEST(noise_is_held),
        RANDOM_TEST(one_byte_over_and_over_is_held),
        RANDOM_TEST(passages_are_in_small_blocks),
        RANDOM_TEST(copies_stand_among_what_is_added),
        RANDOM_TEST(the_version_before_is_read),
        RANDOM_TEST(damage_is_an_error_or_harmless),
        cmocka_unit_test(samples_are_spread_evenly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
