#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

lede_status error_write(lede_error *err, lede_status status, const char *format, ...) {
    va_list args;
    va_start(args, format);
    err->status = status;
    err->offset = LEDE_NO_OFFSET;
    vsnprintf(err->message, sizeof err->message, format, args);
    va_end(args);
    return status;
}

static size_t least(size_t a, size_t b) {
    return a < b ? a : b;
}

/* Optimal string alignment (Damerau, Levenshtein), three rows of the table at a time. Longer words than any
 * of ours are as far away as can be. */
size_t edit_distance(const char *a, const char *b) {
    enum { WIDEST = 64 };
    size_t n = strlen(a), m = strlen(b);
    if (n >= WIDEST || m >= WIDEST)
        return SIZE_MAX;
    size_t rows[3][WIDEST];
    for (size_t j = 0; j <= m; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= n; i++) {
        size_t *row = rows[i % 3], *above = rows[(i + 2) % 3], *above2 = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= m; j++) {
            row[j] = least(least(above[j], row[j - 1]) + 1, above[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = least(row[j], above2[j - 2] + 1);
        }
    }
    return rows[n % 3][m];
}

bool size_read(uint64_t *size, const char *text) {
    static const char units[] = "KMGT";
    char *end;
    double number = strtod(text, &end);
    if (end == text || !isfinite(number) || number < 0)
        return false;
    if (*end) {
        const char *unit = memchr(units, *end & ~0x20, 4);
        if (!unit || (end[1] && strcmp(end + 1, "B") != 0 && strcmp(end + 1, "iB") != 0))
            return false;
        number = ldexp(number, 10 * (int)(unit - units + 1));
    }
    if (number >= 0x1p63)
        return false;
    *size = (uint64_t)number;
    return true;
}

static bool read_count(size_t *count, const char *text) {
    char *end;
    errno = 0;
    unsigned long long number = strtoull(text, &end, 10);
    if (end == text || *end || errno || *text == '-' || number > SIZE_MAX)
        return false;
    *count = (size_t)number;
    return true;
}

static bool read_number(double *number, const char *text) {
    char *end;
    double value = strtod(text, &end);
    if (end == text || *end || !isfinite(value) || value < 0)
        return false;
    *number = value;
    return true;
}

static bool read_choice(int *value, const struct option_choice *choices, const char *text) {
    for (; choices->name; choices++)
        if (strcmp(choices->name, text) == 0) {
            *value = choices->value;
            return true;
        }
    return false;
}

static lede_status refuse_choice(const struct option_spec *spec, const char *text, lede_error *err) {
    char names[256] = "";
    size_t len = 0;
    for (const struct option_choice *c = spec->choices; c->name && len < sizeof names; c++)
        len += (size_t)snprintf(names + len, sizeof names - len, "%s%s", len ? ", " : "", c->name);
    return error_write(err, LEDE_INVALID, "--%s cannot be '%s': it is one of %s", spec->name, text, names);
}

static lede_status store(const struct option_spec *spec, const char *text, lede_error *err) {
    switch (spec->kind) {
    case OPTION_FLAG: *(bool *)spec->value = true; return LEDE_OK;
    case OPTION_FILE:
    case OPTION_FOLDER:
    case OPTION_STRING: *(const char **)spec->value = text; return LEDE_OK;
    case OPTION_COUNT:
        if (read_count(spec->value, text))
            return LEDE_OK;
        return error_write(err, LEDE_INVALID, "--%s needs a number, not '%s'", spec->name, text);
    case OPTION_SIZE:
        if (size_read(spec->value, text))
            return LEDE_OK;
        return error_write(err, LEDE_INVALID, "--%s needs a size such as 512M or 1G, not '%s'", spec->name, text);
    case OPTION_NUMBER:
        if (read_number(spec->value, text))
            return LEDE_OK;
        return error_write(err, LEDE_INVALID, "--%s needs a number of 0 or more, not '%s'", spec->name, text);
    case OPTION_CHOICE:
        if (read_choice(spec->value, spec->choices, text))
            return LEDE_OK;
        return refuse_choice(spec, text, err);
    }
    return LEDE_OK;
}

/* What getopt wants: entry i of `longs` is spec i, the last one --help. */
struct getopt_tables {
    struct option longs[OPTIONS_MAX + 2];
    char letters[2 * OPTIONS_MAX + 8];
};

enum { CODE_LONG = 256, CODE_HELP = CODE_LONG + OPTIONS_MAX };

static void fill_tables(struct getopt_tables *tables, const struct option_spec *specs, size_t count,
                        enum options_order order) {
    char *letter = tables->letters;
    memset(tables, 0, sizeof *tables);
    if (order != OPTIONS_ANYWHERE)
        *letter++ = '+';
    *letter++ = ':';
    *letter++ = 'h';
    for (size_t i = 0; i < count; i++) {
        int has_value = specs[i].kind == OPTION_FLAG ? no_argument : required_argument;
        tables->longs[i] = (struct option){specs[i].name, has_value, NULL, CODE_LONG + (int)i};
        if (specs[i].letter) {
            *letter++ = (char)specs[i].letter;
            if (has_value == required_argument)
                *letter++ = ':';
        }
    }
    tables->longs[count] = (struct option){"help", no_argument, NULL, CODE_HELP};
}

static const struct option_spec *nearest(const struct option_spec *specs, size_t count, const char *name, size_t len) {
    const struct option_spec *best = NULL;
    size_t distance = 3;
    char word[64];
    snprintf(word, sizeof word, "%.*s", (int)len, name);
    for (size_t i = 0; i < count; i++) {
        size_t d = edit_distance(specs[i].name, word);
        if (d < distance && d < strlen(specs[i].name)) {
            distance = d;
            best = &specs[i];
        }
    }
    return best;
}

static lede_status refuse(char **argv, const struct option_spec *specs, size_t count, lede_error *err) {
    const char *word = argv[optind - 1];
    if (optopt >= CODE_LONG && optopt < CODE_HELP)
        return error_write(err, LEDE_INVALID, "--%s takes no value", specs[optopt - CODE_LONG].name);
    if (optopt && optopt != CODE_HELP)
        return error_write(err, LEDE_INVALID,
                           "unknown option '-%c'; see --help, or put -- before words that begin with '-'", optopt);
    size_t len = strcspn(word + 2, "=");
    const struct option_spec *near = nearest(specs, count, word + 2, len);
    if (near)
        return error_write(err, LEDE_INVALID, "unknown option '%.*s'; did you mean --%s?", (int)len + 2, word,
                           near->name);
    return error_write(err, LEDE_INVALID, "unknown or ambiguous option '%.*s'; see --help", (int)len + 2, word);
}

static const struct option_spec *spec_of_code(const struct option_spec *specs, size_t count, int code) {
    if (code >= CODE_LONG)
        return &specs[code - CODE_LONG];
    for (size_t i = 0; i < count; i++)
        if (specs[i].letter == code)
            return &specs[i];
    return NULL;
}

/* The option that a word such as --limit or --limit=3 names in full, with its value, NULL if it has none; or NULL. */
static const struct option_spec *spec_of_word(const struct option_spec *specs, size_t count, const char *word,
                                              const char **value) {
    size_t len = strcspn(word, "=");
    *value = word[len] ? word + len + 1 : NULL;
    for (size_t i = 0; i < count; i++)
        if (len > 2 && strncmp(word, "--", 2) == 0 && strlen(specs[i].name) == len - 2 &&
            memcmp(specs[i].name, word + 2, len - 2) == 0)
            return &specs[i];
    return NULL;
}

/* Takes the options that stand among the words from number optind on, and leaves the others in their order. */
static lede_status take_among_words(struct arguments *all, const struct option_spec *specs, size_t count,
                                    lede_error *err) {
    char **argv = all->values;
    int kept = optind, i = optind;
    for (; i < all->count && strcmp(argv[i], "--") != 0; i++) {
        const char *value;
        const struct option_spec *spec = spec_of_word(specs, count, argv[i], &value);
        if (strcmp(argv[i], "--help") == 0)
            return LEDE_INTERRUPTED;
        if (!spec) {
            argv[kept++] = argv[i];
            continue;
        }
        if (spec->kind == OPTION_FLAG && value)
            return error_write(err, LEDE_INVALID, "--%s takes no value", spec->name);
        if (spec->kind != OPTION_FLAG && !value && !(value = argv[++i]))
            return error_write(err, LEDE_INVALID, "--%s needs a value", spec->name);
        lede_status status = store(spec, value, err);
        if (status)
            return status;
    }
    while (i < all->count)
        argv[kept++] = argv[i++];
    all->count = kept;
    return LEDE_OK;
}

lede_status options_parse(struct arguments *rest, struct arguments all, const struct option_spec *specs, size_t count,
                          enum options_order order, lede_error *err) {
    struct getopt_tables tables;
    char **argv = all.values;
    fill_tables(&tables, specs, count, order);
    opterr = 0;
    optind = 0;
    for (;;) {
        int code = getopt_long(all.count, argv, tables.letters, tables.longs, NULL);
        if (code < 0)
            break;
        if (code == CODE_HELP || code == 'h')
            return LEDE_INTERRUPTED;
        if (code == '?')
            return refuse(argv, specs, count, err);
        const struct option_spec *spec = spec_of_code(specs, count, code == ':' ? optopt : code);
        if (code == ':')
            return error_write(err, LEDE_INVALID, "--%s needs a value", spec ? spec->name : "option");
        lede_status status = spec ? store(spec, optarg, err) : LEDE_OK;
        if (status)
            return status;
    }
    bool ended = optind > 1 && strcmp(argv[optind - 1], "--") == 0;
    lede_status status = order == OPTIONS_OF_QUERY && !ended ? take_among_words(&all, specs, count, err) : LEDE_OK;
    *rest = (struct arguments){argv + optind, all.count - optind};
    return status;
}

bool options_knows(const struct option_spec *specs, size_t count, const char *word) {
    if (word[0] != '-')
        return false;
    for (size_t i = 0; i < count; i++) {
        size_t len = strlen(specs[i].name);
        if (word[1] == specs[i].letter && word[1] && !word[2])
            return true;
        if (word[1] == '-' && strncmp(word + 2, specs[i].name, len) == 0 && (!word[len + 2] || word[len + 2] == '='))
            return true;
    }
    return false;
}

void options_list(FILE *out, const struct option_spec *specs, size_t count) {
    static const char *const kinds[] = {"", "text", "file", "folder", "number", "size", "number", ""};
    for (size_t i = 0; i < count; i++) {
        const struct option_spec *s = &specs[i];
        fprintf(out, "--%s\t%s%.1s\t%s", s->name, s->letter ? "-" : "", s->letter ? (char[]){(char)s->letter, 0} : "",
                kinds[s->kind]);
        for (const struct option_choice *c = s->kind == OPTION_CHOICE ? s->choices : NULL; c && c->name; c++)
            fprintf(out, "%s%s", c == s->choices ? "" : "|", c->name);
        putc('\n', out);
    }
}
