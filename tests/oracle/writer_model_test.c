/* A random sequence of everything that a writer can do, compared after each commit with a plain map from keys to
 * texts. A writer that is closed without a commit has done nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>

#include "support/folder.h"
#include "support/index.h"
#include "support/random.h"

enum {
    KEYS = 40,    /* of the API and of streams: k0, k1, ... */
    FILES = 8,    /* in a folder and its subfolder */
    RECORDS = 12, /* of a file: fN-0, fN-1, ... */
    STEPS = 600,
    TEXT = 64,
};

/* What an article's key is, by number: those of the API, then those of each file. */
enum { ALL_KEYS = KEYS + FILES * RECORDS };

struct entry {
    char text[TEXT]; /* empty: there is none */
    int file;        /* it came from; -1: none */
};

struct state {
    struct entry entries[ALL_KEYS];
    unsigned indexed[FILES]; /* version of each file in the index; 0: it is not there */
};

struct model {
    struct folder folder;
    char index[FOLDER_PATH + 16];
    lede_writer *writer;
    struct state pending, committed;
    unsigned on_disk[FILES]; /* version of each file; 0: there is none */
    char records[FILES][RECORDS][TEXT];
    unsigned next;
    uint64_t commits;
};

static unsigned chance(unsigned n) {
    return (unsigned)random() % n;
}

static void key_name(int number, char key[32]) {
    if (number < KEYS)
        snprintf(key, 32, "k%d", number);
    else
        snprintf(key, 32, "f%d-%d", (number - KEYS) / RECORDS, (number - KEYS) % RECORDS);
}

/* Files with an odd number are in the subfolder. */
static const char *file_name(const struct model *m, int file) {
    char name[64];
    snprintf(name, sizeof name, "in/%sf%d.%s", file % 2 ? "sub/" : "", file, file % 3 ? "tsv" : "jsonl");
    return folder_entry(&m->folder, name);
}

static void make_text(struct model *m, char text[TEXT]) {
    snprintf(text, TEXT, "Text number %u with word%u in it.", m->next, chance(1000));
    m->next++;
}

static void open_writer(struct model *m) {
    static const uint64_t memories[] = {0, 32 << 20, 64 << 20};
    const lede_writer_options options = {.threads = 1 + chance(3), .memory = memories[chance(3)]};
    m->writer = writer_on(m->index, &options);
}

/* --------------------------------------------------------------------------------------- steps -- */

static void add_one(struct model *m) {
    int number = (int)chance(chance(4) ? KEYS : ALL_KEYS);
    char key[32];
    struct entry *e = &m->pending.entries[number];
    key_name(number, key);
    make_text(m, e->text);
    e->file = -1;
    put_article(m->writer, key, e->text);
}

static void add_stream(struct model *m) {
    FILE *file = fopen(folder_entry(&m->folder, "stream"), "wb");
    assert_non_null(file);
    for (unsigned i = 0; i < 1 + chance(10); i++) {
        int number = (int)chance(KEYS);
        struct entry *e = &m->pending.entries[number];
        make_text(m, e->text);
        e->file = -1;
        fprintf(file, "k%d\t%s\n", number, e->text);
    }
    fclose(file);
    int fd = open(folder_entry(&m->folder, "stream"), O_RDONLY);
    MUST(lede_writer_add_stream(m->writer, fd, LEDE_FORMAT_TSV, err));
    close(fd);
}

static void delete_one(struct model *m) {
    int number = (int)chance(ALL_KEYS);
    char key[32];
    uint64_t deleted;
    key_name(number, key);
    lede_status status = lede_writer_delete(m->writer, key, strlen(key), &deleted, NULL);
    /* An article that goes with the old content of its file at the commit may be found until then. */
    if (m->pending.entries[number].text[0])
        assert_int_equal(status, LEDE_OK);
    else
        assert_true(status == LEDE_OK || status == LEDE_NOT_FOUND);
    m->pending.entries[number].text[0] = '\0';
}

static void write_file(struct model *m) {
    int file = (int)chance(FILES);
    FILE *f = fopen(file_name(m, file), "wb");
    assert_non_null(f);
    m->on_disk[file] = ++m->next;
    for (int i = 0; i < RECORDS; i++) {
        char *text = m->records[file][i];
        text[0] = '\0';
        if (chance(3) == 0)
            continue;
        make_text(m, text);
        fprintf(f, file % 3 ? "f%d-%d\t%s\n" : "{\"id\": \"f%d-%d\", \"contents\": \"%s\"}\n", file, i, text);
    }
    fclose(f);
}

static void remove_file(struct model *m) {
    int file = (int)chance(FILES);
    unlink(file_name(m, file));
    m->on_disk[file] = 0;
}

static void forget_articles_of(struct state *s, int file) {
    for (int i = 0; i < ALL_KEYS; i++)
        if (s->entries[i].file == file)
            s->entries[i].text[0] = '\0';
    s->indexed[file] = 0;
}

static void index_one(struct model *m, int file) {
    struct state *s = &m->pending;
    if (s->indexed[file] == m->on_disk[file])
        return;
    forget_articles_of(s, file);
    s->indexed[file] = m->on_disk[file];
    for (int i = 0; m->on_disk[file] && i < RECORDS; i++) {
        struct entry *e = &s->entries[KEYS + file * RECORDS + i];
        if (!m->records[file][i][0])
            continue;
        memcpy(e->text, m->records[file][i], TEXT);
        e->file = file;
    }
}

static void index_folder(struct model *m) {
    bool all = chance(2);
    MUST(lede_writer_add_path(m->writer, folder_entry(&m->folder, all ? "in" : "in/sub"), err));
    for (int file = all ? 0 : 1; file < FILES; file += all ? 1 : 2)
        index_one(m, file);
}

static void index_file(struct model *m) {
    int file = (int)chance(FILES);
    lede_status status = lede_writer_add_path(m->writer, file_name(m, file), NULL);
    assert_int_equal(status, m->on_disk[file] ? LEDE_OK : LEDE_NOT_FOUND);
    if (m->on_disk[file])
        index_one(m, file);
}

static void delete_file(struct model *m) {
    int file = (int)chance(FILES);
    uint64_t deleted;
    const char *name = file_name(m, file);
    lede_status status = lede_writer_delete(m->writer, name, strlen(name), &deleted, NULL);
    assert_int_equal(status, m->pending.indexed[file] ? LEDE_OK : LEDE_NOT_FOUND);
    forget_articles_of(&m->pending, file);
}

/* ------------------------------------------------------------------------------------ comparison -- */

static uint64_t count_articles(const struct state *s) {
    uint64_t n = 0;
    for (int i = 0; i < ALL_KEYS; i++)
        n += s->entries[i].text[0] != '\0';
    return n;
}

static void compare(const struct model *m) {
    lede_index *index;
    lede_stats stats;
    MUST(lede_index_open(&index, m->index, err));
    for (int i = 0; i < ALL_KEYS; i++) {
        const struct entry *e = &m->committed.entries[i];
        char key[32];
        key_name(i, key);
        char *body = body_of(index, key);
        if (!e->text[0] && body)
            fail_msg("%s should not be in the index, with %s", key, body);
        if (e->text[0] && (!body || strcmp(body, e->text)))
            fail_msg("%s is %s, not %s", key, body ? body : "missing", e->text);
        free(body);
    }
    MUST(lede_index_stats(&stats, index, err));
    assert_int_equal(stats.articles, count_articles(&m->committed));
    assert_int_equal(stats.passages, stats.articles);
    lede_index_close(index);
}

static void commit(struct model *m) {
    lede_commit_info info;
    MUST(lede_writer_commit(m->writer, &info, err));
    assert_int_equal(count_articles(&m->committed) + info.articles_added,
                     count_articles(&m->pending) + info.articles_deleted);
    if (chance(10) == 0)
        MUST(lede_writer_optimize(m->writer, NULL, err));
    m->committed = m->pending;
    m->commits++;
    compare(m);
    if (m->commits % 8 == 0)
        check_index(m->index);
}

static void reopen(struct model *m) {
    lede_writer_close(m->writer);
    m->pending = m->committed;
    if (m->commits)
        compare(m);
    open_writer(m);
}

static void step(struct model *m) {
    static const struct {
        void (*run)(struct model *m);
        unsigned weight;
    } kinds[] = {{add_one, 30},     {add_stream, 6}, {delete_one, 8},  {write_file, 14}, {remove_file, 3},
                 {index_folder, 8}, {index_file, 6}, {delete_file, 2}, {commit, 12},     {reopen, 5}};
    unsigned total = 0, at;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        total += kinds[i].weight;
    at = chance(total);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (at < kinds[i].weight) {
            kinds[i].run(m);
            return;
        }
        at -= kinds[i].weight;
    }
}

static void writer_does_as_a_map_would(void **state) {
    (void)state;
    srandom((unsigned)random_seed());
    struct model *m = calloc(1, sizeof *m);
    assert_non_null(m);
    folder_make(&m->folder);
    snprintf(m->index, sizeof m->index, "%s/i.lede", m->folder.path);
    assert_int_equal(mkdir(folder_entry(&m->folder, "in"), 0777), 0);
    assert_int_equal(mkdir(folder_entry(&m->folder, "in/sub"), 0777), 0);
    open_writer(m);
    for (int i = 0; i < STEPS; i++)
        step(m);
    commit(m);
    lede_writer_close(m->writer);
    check_index(m->index);
    folder_remove(&m->folder);
    free(m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writer_does_as_a_map_would),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
