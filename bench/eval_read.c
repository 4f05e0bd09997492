/* The readers of eval.h's files. */
#include "eval.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIELDS_MAX = 6 };

static bool fail(struct eval_error *err, const char *path, size_t line, const char *what) {
    if (line)
        snprintf(err->message, sizeof err->message, "%s:%zu: %s", path, line, what);
    else
        snprintf(err->message, sizeof err->message, "%s: %s", path, what);
    return false;
}

static bool read_whole(char **text, const char *path, struct eval_error *err) {
    bool ok = false;
    size_t size = 0, room = 1 << 16;
    *text = malloc(room);
    FILE *f = fopen(path, "rb");
    if (!f || !*text)
        goto out;
    for (size_t n; (n = fread(*text + size, 1, room - size - 1, f)) > 0;) {
        size += n;
        if (size + 1 < room)
            continue;
        char *grown = realloc(*text, room *= 2);
        if (!grown)
            goto out;
        *text = grown;
    }
    (*text)[size] = 0;
    ok = !ferror(f);
out:
    if (!ok)
        fail(err, path, 0, strerror(errno));
    if (f)
        fclose(f);
    return ok;
}

/* Cuts a line into its fields, in place, and returns how many there are, at most FIELDS_MAX + 1. */
static size_t split(char *line, char *fields[FIELDS_MAX]) {
    size_t n = 0;
    for (char *save = NULL, *f = strtok_r(line, " \t\r", &save); f; f = strtok_r(NULL, " \t\r", &save)) {
        if (n == FIELDS_MAX)
            return n + 1;
        fields[n++] = f;
    }
    return n;
}

static bool parse_value(double *out, const char *field) {
    char *end;
    *out = strtod(field, &end);
    return end != field && *end == 0;
}

/* What a line's fields mean: a status that tells "no record here" from "wrong". */
enum line { LINE_RECORD, LINE_NONE, LINE_WRONG };

static enum line read_run_line(struct eval_record *out, char **fields, size_t n, size_t line) {
    (void)line;
    if (n == 0)
        return LINE_NONE;
    if (n != 6 || !parse_value(&out->value, fields[4]))
        return LINE_WRONG;
    out->query = fields[0];
    out->doc = fields[2];
    return LINE_RECORD;
}

static enum line read_judgment_line(struct eval_record *out, char **fields, size_t n, size_t line) {
    if (n == 0)
        return LINE_NONE;
    if (n != 3 && n != 4)
        return LINE_WRONG;
    out->query = fields[0];
    out->doc = fields[n - 2];
    if (!parse_value(&out->value, fields[n - 1]))
        return line == 1 && n == 3 ? LINE_NONE : LINE_WRONG;
    return out->value == (double)(int)out->value ? LINE_RECORD : LINE_WRONG;
}

static bool read_records(struct eval_records *out, const char *path,
                         enum line (*read)(struct eval_record *, char **, size_t, size_t), const char *shape,
                         struct eval_error *err) {
    *out = (struct eval_records){NULL, NULL, 0};
    size_t room = 0, number = 0;
    if (!read_whole(&out->text, path, err))
        goto failed;
    for (char *next, *line = out->text; *line; line = next) {
        next = strchrnul(line, '\n');
        if (*next)
            *next++ = 0;
        if (out->count == room) {
            room = room ? 2 * room : 1024;
            struct eval_record *grown = realloc(out->items, room * sizeof *grown);
            if (!grown) {
                fail(err, path, 0, "out of memory");
                goto failed;
            }
            out->items = grown;
        }
        char *fields[FIELDS_MAX];
        size_t n = split(line, fields);
        enum line what = read(&out->items[out->count], fields, n, ++number);
        if (what == LINE_WRONG) {
            fail(err, path, number, shape);
            goto failed;
        }
        out->count += what == LINE_RECORD;
    }
    return true;
failed:
    eval_records_release(out);
    return false;
}

bool eval_read_run(struct eval_records *out, const char *path, struct eval_error *err) {
    return read_records(out, path, read_run_line, "not a line of a TREC run (query Q0 doc rank score tag)", err);
}

bool eval_read_judgments(struct eval_records *out, const char *path, struct eval_error *err) {
    return read_records(out, path, read_judgment_line,
                        "not a judgment (query 0 doc degree, or query doc degree below a header)", err);
}

void eval_records_release(struct eval_records *records) {
    free(records->text);
    free(records->items);
    *records = (struct eval_records){NULL, NULL, 0};
}
