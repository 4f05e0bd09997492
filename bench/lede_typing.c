/* lede-typing - how long the full-screen prompt takes from a key to the screen that answers it.
 *
 *     lede-typing [-v] COMMAND INDEX < queries
 *
 * Runs the command in a pseudo-terminal of 120 columns and 40 rows, types each query (one a line) letter by letter, and
 * waits after each until the screen is at rest. Of each key is told, in milliseconds, by the clock and by the processor
 * time of all of the prompt's threads,
 *
 *     typing   until a frame shows an answer to it: the hits, or the best that were found so far
 *     final    until one shows the whole
 *
 * as the frame's row below the line says ("searching ...", "so far ..."). As one thread waits for the other, processor
 * time is about what the key would have taken on a machine that does nothing else. Prints a line of figures of each.
 * With -v the keys of which the first was longer than a frame are printed before, with both and what was typed so far.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

static void die(const char *why) {
    fprintf(stderr, "lede-typing: %s\n", why);
    exit(2);
}

/* What the terminal of the tests asks of theirs. */
#define fail()                 die("the prompt sends what no terminal knows")
#define fail_msg(...)          die("the prompt sends what no terminal knows")
#define assert_true(x)         ((x) ? (void)0 : die(#x))
#define assert_false(x)        assert_true(!(x))
#define assert_non_null(x)     assert_true((x) != NULL)
#define assert_int_equal(a, b) assert_true((long)(a) == (long)(b))
#define print_error(...)       fprintf(stderr, __VA_ARGS__)
#include "tests/support/vt.h"

enum { REST_MS = 60, FINAL_MS = 5000, KEYS_MOST = 1 << 20, STATUS_ROW = 1, ROWS = 40, COLUMNS = 120 };

static const double frame_ms = 1000.0 / 60;

/* How long something took. */
struct taken {
    double ms, processor_ms;
};

struct typing {
    struct vt vt;
    clockid_t clock; /* its processor time */
    bool tells;      /* which keys are late */
    struct taken *first, *whole;
    size_t count;
};

static double now_ms_of(clockid_t clock) {
    struct timespec t = {0};
    clock_gettime(clock, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static double now_ms(void) {
    return now_ms_of(CLOCK_MONOTONIC);
}

static struct taken since(const struct typing *t, const struct taken *start) {
    return (struct taken){now_ms() - start->ms, now_ms_of(t->clock) - start->processor_ms};
}

static bool shows(const struct typing *t, const char *text) {
    return strstr(vt_row(&t->vt, STATUS_ROW), text) != NULL;
}

/* Takes in what the prompt draws. False when nothing comes for a while. */
static bool read_some(struct typing *t, int ms) {
    struct pollfd wait = {t->vt.screen.terminal, POLLIN, 0};
    if (poll(&wait, 1, ms) <= 0)
        return false;
    if (!vt_read(&t->vt, 0))
        die("the prompt has ended");
    return true;
}

/* Reads frames until the whole answer is there and nothing comes for a while. */
static void rest(struct typing *t, const struct taken *start, struct taken *first, struct taken *whole) {
    *first = *whole = (struct taken){0, 0};
    while (read_some(t, whole->ms > 0 || first->ms == 0 ? REST_MS : FINAL_MS)) {
        if (t->vt.is_updating || shows(t, "searching ..."))
            continue;
        if (first->ms == 0)
            *first = since(t, start);
        if (whole->ms == 0 && !shows(t, "so far ..."))
            *whole = since(t, start);
    }
    if (first->ms > 0 && whole->ms == 0) /* it was not waited for any longer */
        *whole = since(t, start);
}

static void press(struct typing *t, const char *key, size_t len, struct taken *first, struct taken *whole) {
    const struct taken start = {now_ms(), now_ms_of(t->clock)};
    if (write(t->vt.screen.terminal, key, len) != (ssize_t)len)
        die("the key can't be sent");
    rest(t, &start, first, whole);
}

/* Of the character's bytes. */
static size_t length_of(const char *c) {
    size_t n = 1;
    while (((unsigned char)c[n] & 0xC0) == 0x80)
        n++;
    return n;
}

static void type(struct typing *t, const char *query) {
    struct taken first, whole;
    press(t, "\025", 1, &first, &whole);
    for (const char *key = query; *key && *key != '\n' && t->count < KEYS_MOST; key += length_of(key)) {
        press(t, key, length_of(key), &first, &whole);
        t->first[t->count] = first;
        t->whole[t->count++] = whole;
        if (t->tells && (first.ms > frame_ms || first.processor_ms > frame_ms))
            printf("%.2f ms, processor %.2f: %.*s\n", first.ms, first.processor_ms, (int)(key + length_of(key) - query),
                   query);
    }
}

static void start(struct typing *t, char *command, char *index) {
    char named[] = "-i";
    char *const words[] = {command, named, index, NULL};
    const char *const environment[] = {"TERM", "xterm-256color", "XDG_STATE_HOME", "/nonexistent", NULL};
    struct taken first, whole, none = {0, 0};
    vt_start(&t->vt, ".", words, environment, ROWS, COLUMNS);
    if (clock_getcpuclockid(t->vt.screen.pid, &t->clock) != 0)
        die("the prompt's processor time can't be told");
    for (int tries = 0; tries < 50 && vt_find(&t->vt, 0, "Type words") < 0; tries++)
        rest(t, &none, &first, &whole);
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double percentile(const double *times, size_t count, double share) {
    size_t i = (size_t)(share * (double)count);
    return times[i < count ? i : count - 1];
}

static void report(const char *op, const struct taken *taken, size_t count, bool by_processor) {
    double sum = 0, *times = calloc(count, sizeof *times);
    size_t late = 0;
    assert_non_null(times);
    for (size_t i = 0; i < count; i++) {
        times[i] = by_processor ? taken[i].processor_ms : taken[i].ms;
        sum += times[i];
        late += times[i] > frame_ms;
    }
    qsort(times, count, sizeof *times, compare);
    printf("op=%s%s keys=%zu mean_ms=%.2f p50_ms=%.2f p90_ms=%.2f p99_ms=%.2f max_ms=%.2f late=%zu in_time=%.2f%%\n",
           op, by_processor ? "_processor" : "", count, sum / (double)count, percentile(times, count, .5),
           percentile(times, count, .9), percentile(times, count, .99), times[count - 1], late,
           100 * (1 - (double)late / (double)count));
    free(times);
}

int main(int argc, char **argv) {
    static struct typing t;
    char *line = NULL;
    size_t size = 0;
    t.first = calloc(KEYS_MOST, sizeof *t.first);
    t.whole = calloc(KEYS_MOST, sizeof *t.whole);
    t.tells = argc == 4 && strcmp(argv[1], "-v") == 0;
    if (argc != 3 + t.tells || !t.first || !t.whole)
        die("usage: lede-typing [-v] COMMAND INDEX < queries");
    start(&t, argv[argc - 2], argv[argc - 1]);
    while (getline(&line, &size, stdin) >= 0)
        type(&t, line);
    /* ^C leaves it. */
    if (write(t.vt.screen.terminal, "\003", 1) == 1)
        screen_finish(&t.vt.screen);
    for (int by_processor = 0; by_processor < 2 && t.count; by_processor++) {
        report("typing", t.first, t.count, by_processor);
        report("final", t.whole, t.count, by_processor);
    }
    free(line);
    free(t.first);
    free(t.whole);
    return 0;
}
