/* lede-startup - how long whole programs take, in turns: lede-startup [-n RUNS] COMMAND [ARG...] : COMMAND [ARG...] :
 * ...
 *
 * What else the machine does slows down one turn of all commands alike, so the ratios to the first command stand where
 * the times do not. */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char usage[] = "usage: lede-startup [-n RUNS] COMMAND [ARG...] : COMMAND [ARG...] : ...\n"
                            "Runs each command RUNS times (100), in turns, with input and output at /dev/null;\n"
                            "prints the median and the least of the times in microseconds, and the median of\n"
                            "the ratios to the first command of the same turn.\n";

enum { COMMANDS_MAX = 32 };

extern char **environ;

struct command {
    char **arguments;
    double *times, *ratios; /* of each run */
};

/* Cuts the arguments at ":"; the number of commands, 0 if one of them is empty or there are too many. */
static size_t cut(struct command *commands, int argc, char **argv) {
    size_t count = 0;
    for (int i = 0, start = 0; i <= argc; i++) {
        if (i < argc && strcmp(argv[i], ":") != 0)
            continue;
        if (i == start || count == COMMANDS_MAX)
            return 0;
        argv[i] = NULL;
        commands[count++] = (struct command){.arguments = argv + start};
        start = i + 1;
    }
    return count;
}

static double microseconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* Runs it to its end; how long that took, or less than nothing if it could not be started or was killed. An exit status
 * of 2 and more is no reason to measure on, either. */
static double run(char **arguments, const posix_spawn_file_actions_t *actions) {
    pid_t pid;
    int state = 0;
    double start = microseconds();
    int code = posix_spawnp(&pid, arguments[0], actions, NULL, arguments, environ);
    if (code) {
        fprintf(stderr, "lede-startup: %s: %s\n", arguments[0], strerror(code));
        return -1;
    }
    while (waitpid(pid, &state, 0) < 0 && errno == EINTR) {
    }
    double time = microseconds() - start;
    if (WIFEXITED(state) && WEXITSTATUS(state) < 2)
        return time;
    fprintf(stderr, "lede-startup: %s failed (status %d)\n", arguments[0], state);
    return -1;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, size_t n) {
    qsort(values, n, sizeof *values, ascending);
    return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

static bool measure(struct command *commands, size_t count, size_t runs, const posix_spawn_file_actions_t *actions) {
    for (size_t i = 0; i < count; i++)
        if (run(commands[i].arguments, actions) < 0)
            return false;
    for (size_t r = 0; r < runs; r++)
        for (size_t i = 0; i < count; i++) {
            double time = run(commands[i].arguments, actions);
            if (time < 0)
                return false;
            commands[i].times[r] = time;
            commands[i].ratios[r] = time / commands[0].times[r];
        }
    return true;
}

static void print(const struct command *commands, size_t count, size_t runs) {
    printf("%9s %9s %7s\n", "median", "least", "ratio");
    for (size_t i = 0; i < count; i++) {
        double middle = median(commands[i].times, runs);
        printf("%9.0f %9.0f %7.2f ", middle, commands[i].times[0], median(commands[i].ratios, runs));
        for (char **p = commands[i].arguments; *p; p++)
            printf(" %s", *p);
        putchar('\n');
    }
}

int main(int argc, char **argv) {
    struct command commands[COMMANDS_MAX] = {{NULL, NULL, NULL}};
    long runs = 100;
    for (int option; (option = getopt(argc, argv, "+n:")) != -1;) {
        if (option != 'n' || (runs = strtol(optarg, NULL, 10)) < 1)
            return fputs(usage, stderr), 2;
    }
    size_t count = cut(commands, argc - optind, argv + optind), n = (size_t)runs;
    if (!count)
        return fputs(usage, stderr), 2;
    double *numbers = calloc(2 * count * n, sizeof *numbers);
    posix_spawn_file_actions_t actions;
    if (!numbers || posix_spawn_file_actions_init(&actions))
        return fputs("lede-startup: out of memory\n", stderr), 2;
    for (size_t i = 0; i < count; i++) {
        commands[i].times = numbers + 2 * i * n;
        commands[i].ratios = commands[i].times + n;
    }
    bool measured = !posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0) &&
                    !posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0) &&
                    measure(commands, count, n, &actions);
    if (measured)
        print(commands, count, n);
    posix_spawn_file_actions_destroy(&actions);
    free(numbers);
    return measured ? 0 : 2;
}
