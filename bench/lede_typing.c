/* lede-typing - how long the full-screen prompt takes from a key to the screen that answers it.
 *
 *     lede-typing [-v] COMMAND INDEX < queries
 *
 * Runs the command in a pseudo-terminal of 120 columns and 40 rows, types each query (one a line) letter by letter, and
 * waits after each until the screen is at rest. A key's time runs until the last byte that it caused was read: nothing
 * else is drawn that soon, as the prompt draws only when something has changed. Its processor time is what the prompt
 * used until it was at rest again: of all threads, but they wait for each other, so that it is about what the key would
 * have taken on a machine that does nothing else. Prints a line of figures of each, in milliseconds. With -v the keys
 * of which either was longer than a frame are printed before, with both and what was typed so far. */
#include <poll.h>
#include <pty.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { REST_MS = 60, KEYS_MOST = 1 << 20, FRAME_MS = 16 };

struct typing {
    int terminal;
    pid_t pid;
    clockid_t clock; /* its processor time */
    bool tells;      /* which keys are late */
    double *times, *processor_times;
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

static void die(const char *why) {
    fprintf(stderr, "lede-typing: %s\n", why);
    exit(2);
}

/* Reads until nothing comes for a while; returns when the last byte came. 0 if none did. */
static double rest(struct typing *t) {
    char bytes[1 << 14];
    double last = 0;
    struct pollfd wait = {t->terminal, POLLIN, 0};
    while (poll(&wait, 1, REST_MS) > 0) {
        if (read(t->terminal, bytes, sizeof bytes) <= 0)
            die("the prompt has ended");
        last = now_ms();
    }
    return last;
}

static double press(struct typing *t, const char *key, size_t len) {
    double start = now_ms();
    if (write(t->terminal, key, len) != (ssize_t)len)
        die("the key can't be sent");
    double end = rest(t);
    return end > start ? end - start : 0;
}

/* Of the character's bytes. */
static size_t length_of(const char *c) {
    size_t n = 1;
    while (((unsigned char)c[n] & 0xC0) == 0x80)
        n++;
    return n;
}

static void type(struct typing *t, const char *query) {
    press(t, "\025", 1);
    for (const char *key = query; *key && *key != '\n' && t->count < KEYS_MOST; key += length_of(key)) {
        double before = now_ms_of(t->clock), ms = press(t, key, length_of(key));
        double processor_ms = now_ms_of(t->clock) - before;
        t->times[t->count] = ms;
        t->processor_times[t->count++] = processor_ms;
        if (t->tells && (ms > FRAME_MS || processor_ms > FRAME_MS))
            printf("%.2f ms, processor %.2f: %.*s\n", ms, processor_ms, (int)(key + length_of(key) - query), query);
    }
}

static void start(struct typing *t, char *command, char *index) {
    const struct winsize size = {.ws_row = 40, .ws_col = 120};
    char named[] = "-i";
    char *const words[] = {command, named, index, NULL};
    t->pid = forkpty(&t->terminal, NULL, NULL, &size);
    if (t->pid < 0)
        die("no pseudo-terminal");
    if (t->pid > 0) {
        if (clock_getcpuclockid(t->pid, &t->clock) != 0)
            die("the prompt's processor time can't be told");
        return;
    }
    setenv("TERM", "xterm-256color", 1);
    setenv("XDG_STATE_HOME", "/nonexistent", 1);
    execv(command, words);
    _exit(127);
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double percentile(const double *times, size_t count, double share) {
    size_t i = (size_t)(share * (double)count);
    return times[i < count ? i : count - 1];
}

static void report(const char *op, double *times, size_t count) {
    double sum = 0;
    size_t late = 0;
    for (size_t i = 0; i < count; i++) {
        sum += times[i];
        late += times[i] > FRAME_MS;
    }
    qsort(times, count, sizeof *times, compare);
    printf("op=%s keys=%zu mean_ms=%.2f p50_ms=%.2f p90_ms=%.2f p99_ms=%.2f max_ms=%.2f over_%d_ms=%zu\n", op, count,
           sum / (double)count, percentile(times, count, .5), percentile(times, count, .9),
           percentile(times, count, .99), times[count - 1], FRAME_MS, late);
}

int main(int argc, char **argv) {
    struct typing t = {.times = calloc(KEYS_MOST, sizeof *t.times),
                       .processor_times = calloc(KEYS_MOST, sizeof *t.times)};
    char *line = NULL;
    size_t size = 0;
    t.tells = argc == 4 && strcmp(argv[1], "-v") == 0;
    if (argc != 3 + t.tells || !t.times || !t.processor_times)
        die("usage: lede-typing [-v] COMMAND INDEX < queries");
    start(&t, argv[argc - 2], argv[argc - 1]);
    if (rest(&t) == 0 && rest(&t) == 0)
        die("the prompt shows nothing");
    while (getline(&line, &size, stdin) >= 0)
        type(&t, line);
    /* ^C leaves it. */
    if (write(t.terminal, "\003", 1) == 1)
        waitpid(t.pid, NULL, 0);
    if (t.count) {
        report("typing", t.times, t.count);
        report("typing_processor", t.processor_times, t.count);
    }
    free(line);
    free(t.processor_times);
    free(t.times);
    return 0;
}
