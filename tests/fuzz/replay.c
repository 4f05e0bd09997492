/* Runs a fuzz target without a fuzzer, as part of the normal tests:
 *
 *     NAME_fuzz FOLDER|FILE... [--seconds N]
 *
 * feeds each file given (or in a folder given) to LLVMFuzzerTestOneInput, and then mutations of them for a
 * few seconds (of the empty input, if there are none). The input in hand stands in the file NAME_fuzz.input, in the
 * current folder, which is mapped, so that it survives a crash: running the program on that file alone repeats it. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "support/random.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    INPUT_MAX = 1 << 18, /* larger inputs teach nothing that a smaller one can't */
    INPUTS_MAX = 4096,
    MUTATIONS_MAX = 20000,
    STACKED_MAX = 5, /* mutations on top of each other */
};

struct input {
    uint8_t *data;
    size_t size;
};

struct replay {
    struct input inputs[INPUTS_MAX];
    size_t count;
    struct random random;
    int fd;          /* of the input in hand */
    uint8_t *mapped; /* its INPUT_MAX bytes */
};

static void die(const char *what) {
    fprintf(stderr, "%s: %s\n", what, strerror(errno));
    exit(2);
}

static size_t below(struct replay *r, size_t n) {
    return n ? (size_t)(random_next(&r->random) % n) : 0;
}

static double seconds_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void load_file(struct replay *r, const char *path) {
    FILE *f = fopen(path, "rb");
    if (!f)
        die(path);
    uint8_t *data = malloc(INPUT_MAX);
    if (!data || r->count == INPUTS_MAX)
        die(path);
    size_t size = fread(data, 1, INPUT_MAX, f);
    if (ferror(f))
        die(path);
    fclose(f);
    r->inputs[r->count++] = (struct input){data, size};
}

static int compare_names(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* In the order of names, so that a seed means the same mutations everywhere. */
static void load_folder(struct replay *r, const char *path) {
    char **names = calloc(INPUTS_MAX, sizeof *names);
    DIR *folder = opendir(path);
    if (!names || !folder)
        die(path);
    size_t n = 0;
    for (struct dirent *e; n < INPUTS_MAX && (e = readdir(folder));)
        if (e->d_name[0] != '.' && asprintf(&names[n++], "%s/%s", path, e->d_name) < 0)
            die(path);
    closedir(folder);
    qsort(names, n, sizeof *names, compare_names);
    for (size_t i = 0; i < n; i++) {
        load_file(r, names[i]);
        free(names[i]);
    }
    free(names);
}

static void load(struct replay *r, const char *path) {
    struct stat st;
    if (stat(path, &st))
        die(path);
    if (S_ISDIR(st.st_mode))
        load_folder(r, path);
    else
        load_file(r, path);
}

static void open_input_in_hand(struct replay *r, const char *path) {
    r->fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (r->fd < 0)
        die(path);
    r->mapped = mmap(NULL, INPUT_MAX, PROT_READ | PROT_WRITE, MAP_SHARED, r->fd, 0);
    if (r->mapped == MAP_FAILED)
        die(path);
}

/* The target gets a block of exactly the input's size, so that the address sanitizer sees the byte past it. */
static void run(struct replay *r, const uint8_t *data, size_t size) {
    if (ftruncate(r->fd, (off_t)size))
        die("ftruncate");
    if (size)
        memcpy(r->mapped, data, size);
    uint8_t *exact = malloc(size ? size : 1);
    if (!exact)
        die("malloc");
    if (size)
        memcpy(exact, data, size);
    LLVMFuzzerTestOneInput(exact, size);
    free(exact);
}

static void flip_bit(struct replay *r, struct input *in) {
    if (in->size)
        in->data[below(r, in->size)] ^= (uint8_t)(1U << below(r, 8));
}

static void set_byte(struct replay *r, struct input *in) {
    static const uint8_t telling[] = {0, 1, 0x7f, 0x80, 0xff, '"', '+', '-', ' ', '\n', 0xc3, 0xe2};
    if (in->size)
        in->data[below(r, in->size)] =
            below(r, 2) ? telling[below(r, sizeof telling)] : (uint8_t)random_next(&r->random);
}

static void set_word(struct replay *r, struct input *in) {
    static const uint32_t telling[] = {0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 0x100, 0x10000};
    uint32_t word = telling[below(r, sizeof telling / sizeof *telling)];
    if (in->size >= sizeof word)
        memcpy(in->data + below(r, in->size - sizeof word + 1), &word, sizeof word);
}

static void remove_span(struct replay *r, struct input *in) {
    size_t at = below(r, in->size), n = below(r, (in->size - at < 16 ? in->size - at : 16) + 1);
    memmove(in->data + at, in->data + at + n, in->size - at - n);
    in->size -= n;
}

static void truncate_end(struct replay *r, struct input *in) {
    in->size = below(r, in->size + 1);
}

/* Inserts a piece of some input, perhaps the same one. */
static void insert_piece(struct replay *r, struct input *in) {
    const struct input *from = &r->inputs[below(r, r->count)];
    size_t start = below(r, from->size), n = below(r, (from->size - start < 64 ? from->size - start : 64) + 1);
    size_t at = below(r, in->size + 1);
    if (n == 0 || n > INPUT_MAX - in->size)
        return;
    memmove(in->data + at + n, in->data + at, in->size - at);
    memcpy(in->data + at, from->data + start, n);
    in->size += n;
}

static void mutate(struct replay *r, struct input *in) {
    static void (*const mutations[])(struct replay *, struct input *) = {flip_bit,    set_byte,     set_word,
                                                                         remove_span, truncate_end, insert_piece};
    for (size_t n = 1 + below(r, STACKED_MAX); n; n--)
        mutations[below(r, sizeof mutations / sizeof *mutations)](r, in);
}

static size_t run_mutations(struct replay *r, double seconds) {
    struct input work = {malloc(INPUT_MAX), 0};
    if (!work.data)
        die("malloc");
    size_t n = 0;
    for (double end = seconds_now() + seconds; n < MUTATIONS_MAX && seconds_now() < end; n++) {
        const struct input *base = &r->inputs[below(r, r->count)];
        if (base->size)
            memcpy(work.data, base->data, base->size);
        work.size = base->size;
        mutate(r, &work);
        run(r, work.data, work.size);
    }
    free(work.data);
    return n;
}

int main(int argc, char **argv) {
    static struct replay r; /* large */
    double seconds = 3;
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--seconds") && i + 1 < argc)
            seconds = atof(argv[++i]);
        else
            load(&r, argv[i]);
    }
    if (r.count == 0)
        r.inputs[r.count++] = (struct input){NULL, 0};
    char *in_hand = NULL;
    const char *slash = strrchr(argv[0], '/');
    if (asprintf(&in_hand, "%s.input", slash ? slash + 1 : argv[0]) < 0)
        die("asprintf");
    open_input_in_hand(&r, in_hand);
    r.random.state = random_seed();
    printf("%zu inputs; the input in hand is in %s\n", r.count, in_hand);
    fflush(stdout);
    for (size_t i = 0; i < r.count; i++)
        run(&r, r.inputs[i].data, r.inputs[i].size);
    size_t n = run_mutations(&r, seconds);
    printf("%zu mutations\n", n);
    unlink(in_hand);
    for (size_t i = 0; i < r.count; i++)
        free(r.inputs[i].data);
    munmap(r.mapped, INPUT_MAX);
    close(r.fd);
    free(in_hand);
    return 0;
}
