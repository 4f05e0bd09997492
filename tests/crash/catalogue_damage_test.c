/* One bit of the catalogue's file is another: lede check finds it, or nothing that Lede reads has changed by it. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/catalogue.h"
#include "core/layout.h"
#include "support/folder.h"
#include "support/index.h"
#include "support/random.h"

enum { ARTICLES = 12, FILES = 5 };

/* An index with files, with deleted passages, and with a file that is gone. */
static void make_index(const struct folder *f) {
    char name[64], body[128];
    lede_writer *w = writer_on(folder_entry(f, "a.lede"), NULL);
    assert_int_equal(mkdir(folder_entry(f, "texts"), 0777), 0);
    for (int i = 0; i < FILES; i++) {
        snprintf(name, sizeof name, "texts/article-%d.txt", i);
        snprintf(body, sizeof body, "Article %d\n\nLavrov met the delegation at Simla on day %d of the talks.\n", i, i);
        folder_write_text(f, name, body);
    }
    MUST(lede_writer_add_path(w, folder_entry(f, "texts"), err));
    for (int i = 0; i < ARTICLES; i++) {
        snprintf(name, sizeof name, "key %d", i);
        put_article(w, name, "It was agreed that the Line of Control shall be respected by both sides.");
    }
    MUST(lede_writer_commit(w, NULL, err));
    assert_int_equal(unlink(folder_entry(f, "texts/article-3.txt")), 0);
    MUST(lede_writer_add_path(w, folder_entry(f, "texts"), err));
    uint64_t deleted;
    MUST(lede_writer_delete(w, "key 4", 5, &deleted, err));
    MUST(lede_writer_commit(w, NULL, err));
    lede_writer_close(w);
}

/* ---------------------------------------------------------------------------------- contents -- */

struct contents {
    char *text;
    size_t len;
    FILE *file;
    struct catalogue *catalogue;
};

static lede_status add_source(void *ctx, const struct catalogue_source *s, lede_error *err) {
    struct contents *c = ctx;
    (void)err;
    fprintf(c->file, "%llu %s %llu %lld %llu %d\n", (unsigned long long)s->id, s->path, (unsigned long long)s->size,
            (long long)s->mtime, (unsigned long long)s->hash, (int)s->state);
    return LEDE_OK;
}

static lede_status add_segments(struct contents *c, lede_error *err) {
    struct catalogue_segment *rows;
    size_t count;
    lede_status status = catalogue_segments(c->catalogue, &rows, &count, err);
    for (size_t i = 0; !status && i < count; i++) {
        const struct catalogue_segment *r = &rows[i];
        fprintf(c->file, "%llu %llu %llu %u %u %llu %u %u\n", (unsigned long long)r->id,
                (unsigned long long)r->info.size, (unsigned long long)r->info.checksum, r->info.passages,
                r->info.articles, (unsigned long long)r->info.total_length, r->deleted_passages, r->deleted_articles);
        for (size_t k = 0; r->deleted && k < catalogue_bitmap_size(r->info.passages); k++)
            fprintf(c->file, " %u", r->deleted[k]);
    }
    catalogue_segments_free(rows, count);
    return status;
}

/* By id, by path and by folder, so that both tables and their indexes are asked. */
static lede_status add_sources(struct contents *c, const struct folder *f, lede_error *err) {
    char name[64];
    lede_status status = catalogue_sources_below(c->catalogue, folder_entry(f, "texts"), add_source, c, err);
    for (int i = 0; !status && i < FILES + 2; i++) {
        char *path = NULL;
        snprintf(name, sizeof name, "texts/article-%d.txt", i);
        status = catalogue_sources_of(c->catalogue, folder_entry(f, name), add_source, c, err);
        if (!status)
            status = catalogue_source_path(c->catalogue, (uint64_t)i, &path, err);
        if (status == LEDE_NOT_FOUND)
            status = LEDE_OK;
        fprintf(c->file, "%s\n", path ? path : "none");
        free(path);
    }
    return status;
}

/* All that Lede reads of a catalogue; NULL if that fails. */
static char *contents_of(const struct folder *f) {
    struct contents c = {.text = NULL};
    struct catalogue_settings s = {.language = NULL};
    struct catalogue_counters n = {0, 0, 0};
    lede_error err;
    c.file = open_memstream(&c.text, &c.len);
    assert_non_null(c.file);
    lede_status status = catalogue_open(&c.catalogue, folder_entry(f, "a.lede"), &err);
    if (!status)
        status = catalogue_get_settings(c.catalogue, &s, &err);
    if (!status)
        status = catalogue_get_counters(c.catalogue, &n, &err);
    if (!status)
        status = add_segments(&c, &err);
    if (!status)
        status = add_sources(&c, f, &err);
    if (!status)
        fprintf(c.file, "%s %d %d %llu %llu %llu\n", s.language, s.passages, s.omit_text, (unsigned long long)n.commit,
                (unsigned long long)n.next_segment, (unsigned long long)n.next_source);
    catalogue_settings_release(&s);
    catalogue_close(c.catalogue);
    fclose(c.file);
    if (status) {
        free(c.text);
        c.text = NULL;
    }
    return c.text;
}

/* ------------------------------------------------------------------------------------ damage -- */

static bool check_finds(const struct folder *f) {
    uint64_t faults;
    return lede_index_check(folder_entry(f, "a.lede"), NULL, NULL, NULL, &faults, NULL) != LEDE_OK;
}

/* SQLite's own: how often the file changed and with which version of SQLite, the number of the schema. */
static bool is_counter(size_t at) {
    return (at >= 24 && at < 28) || (at >= 40 && at < 44) || (at >= 92 && at < 100);
}

static void put_byte(int fd, size_t at, uint8_t byte) {
    assert_int_equal(pwrite(fd, &byte, 1, (off_t)at), 1);
}

static void no_flipped_bit_goes_unseen(void **state) {
    struct random *r = *state;
    struct folder f;
    static uint8_t bytes[1 << 20];
    size_t unseen = 0, counters = 0, tried = 0;
    folder_make(&f);
    make_index(&f);
    char *before = contents_of(&f);
    assert_non_null(before);
    assert_false(check_finds(&f));
    int fd = open(folder_entry(&f, "a.lede/catalogue.db"), O_RDWR);
    ssize_t size = read(fd, bytes, sizeof bytes);
    assert_true(size > 4096 && size < (ssize_t)sizeof bytes);
    for (size_t i = 0; i < (size_t)size; i++) {
        if (!bytes[i] && i >= 100 && random_below(r, 64))
            continue; /* most of it is free */
        tried++;
        put_byte(fd, i, bytes[i] ^ (uint8_t)(1U << random_below(r, 8)));
        if (!check_finds(&f)) {
            char *now = contents_of(&f);
            if (!now || strcmp(now, before))
                fail_msg("byte %zu: the catalogue has changed, and check does not see it", i);
            free(now);
            if (getenv("LEDE_VERBOSE"))
                printf("unseen: byte %zu (%02x)\n", i, bytes[i]);
            counters += is_counter(i);
            unseen += bytes[i] && !is_counter(i);
        }
        put_byte(fd, i, bytes[i]);
    }
    close(fd);
    assert_false(check_finds(&f));
    printf("%zu flips; unseen %zu in counters, %zu in bytes that were not zero, of no consequence\n", tried, counters,
           unseen);
    free(before);
    folder_remove(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(no_flipped_bit_goes_unseen, random_setup, random_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
