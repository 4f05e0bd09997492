#include "feed.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <xxhash.h>

#include "core/base/error.h"
#include "core/text/charset.h"
#include "indexer/formats/lines.h"
#include "indexer/formats/reader.h"

enum {
    /* Bytes read before a file is judged to be text: as much as a batch likes at once, and even, for UTF-16. */
    CHUNK = 64 * 1024,
    /* How long a silent pipe is waited for between two ticks. */
    POLL_MILLISECONDS = 50,
};

void feed_init(struct feed *f, struct pipeline *pipeline) {
    *f = (struct feed){.pipeline = pipeline};
}

void feed_release(struct feed *f) {
    buffer_release(&f->rest);
    converter_free(f->converter);
    f->converter = NULL;
}

lede_status feed_flush(struct feed *f, lede_error *err) {
    struct batch *batch = f->batch;
    f->batch = NULL;
    return batch ? pipeline_send(f->pipeline, batch, err) : LEDE_OK;
}

/* A batch that `more` bytes still go into, if they are not too many for any. */
static lede_status make_room(struct feed *f, uint64_t more, lede_error *err) {
    lede_status status = LEDE_OK;
    if (f->batch && f->batch->bytes.len + more > pipeline_batch_size(f->pipeline) && f->batch->count > 0)
        status = feed_flush(f, err);
    if (!status && !f->batch)
        status = pipeline_take(f->pipeline, &f->batch, err);
    return status;
}

/* ----------------------------------------------------------------------------------- reading -- */

/* One input being read: the bytes not yet in a piece stand at the end of the batch, from `start` on. */
struct reading {
    struct feed *feed;
    const struct feed_input *input;
    XXH3_state_t *hash;
    enum line_unit unit;
    lede_format format;
    struct converter *converter; /* NULL: the bytes are taken as they are */
    bool converts;               /* they are in its charset, as far as was seen */
    size_t start;
    uint64_t size;
    uint32_t line;
    bool ended;   /* at the end of the file */
    bool stopped; /* by the tick */
    bool broken;  /* reading failed, as was warned */
};

static struct buffer *bytes_of(const struct reading *r) {
    return &r->feed->batch->bytes;
}

static size_t gathered(const struct reading *r) {
    return bytes_of(r)->len - r->start;
}

static void warn(const struct reading *r, lede_warning_kind kind, uint32_t line, const char *why) {
    char *where = NULL;
    const struct feed *f = r->feed;
    if (line == 0) {
        f->warn(f->ctx, kind, r->input->path, why);
    } else if (asprintf(&where, "%s:%u", r->input->path, line) >= 0) {
        f->warn(f->ctx, kind, where, why);
        free(where);
    }
}

static int ask_tick(const struct feed *f) {
    return f->tick ? f->tick(f->ctx) : 0;
}

/* Reads once, with ticks while a pipe is silent. Like read(2); interrupted by a tick it gives -1 with EINTR. */
static ssize_t read_once(const struct feed *f, int fd, void *bytes, size_t n) {
    for (;;) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        if (ask_tick(f)) {
            errno = EINTR;
            return -1;
        }
        int ready = poll(&p, 1, POLL_MILLISECONDS);
        /* A signal may be why we should stop: ask again, instead of waiting in read(2). */
        if (ready == 0 || (ready < 0 && errno == EINTR))
            continue;
        ssize_t got = read(fd, bytes, n);
        if (got >= 0 || (errno != EINTR && errno != EAGAIN))
            return got;
    }
}

/* Appends up to n bytes to the batch: fewer only if the input ended, was stopped or failed. */
static lede_status fill_raw(struct reading *r, size_t n, lede_error *err) {
    uint8_t *to = buffer_reserve(bytes_of(r), n);
    if (!to)
        return error_nomem(err);
    while (n > 0 && !r->ended && !r->stopped && !r->broken) {
        ssize_t got = read_once(r->feed, r->input->fd, to, n);
        if (got > 0) {
            XXH3_64bits_update(r->hash, to, (size_t)got);
            bytes_of(r)->len += (size_t)got;
            to += got;
            n -= (size_t)got;
            r->size += (uint64_t)got;
            r->feed->bytes_read += (uint64_t)got;
        } else if (got == 0) {
            r->ended = true;
        } else if (errno == EINTR) {
            r->stopped = true;
        } else {
            char why[128];
            snprintf(why, sizeof why, "cannot be read: %s", strerror(errno));
            warn(r, LEDE_WARNING_SKIPPED, 0, why);
            r->broken = true;
        }
    }
    return LEDE_OK;
}

/* Well-formed, but for a character that is cut off where the bytes end. */
static bool is_utf8(struct span bytes, bool at_end) {
    size_t valid = utf8_valid_prefix(bytes.s, bytes.n);
    return valid == bytes.n || (!at_end && bytes.n - valid < UTF8_MAX && (uint8_t)bytes.s[valid] >= 0xc2);
}

/* Whether an input tells its charset at its beginning, or that it is no text. */
static bool tells_charset(const struct reading *r, struct span head) {
    lede_format format = r->input->format ? r->input->format : format_of_bytes(head.s, head.n);
    return text_is_utf16(head.s, head.n) || reader_without_bom(head).n < head.n ||
           (format == LEDE_FORMAT_HTML && html_tells_charset(head)) || binary_signature(head.s, head.n);
}

/* Whether the first bytes beyond ASCII are the last ones, and too few for a character of any length. */
static bool ends_early(struct span bytes) {
    size_t tail = bytes.n < UTF8_MAX ? bytes.n : UTF8_MAX - 1;
    return utf8_is_ascii(bytes.s, bytes.n - tail) && !utf8_is_ascii(bytes.s + bytes.n - tail, tail);
}

/* Decides by the first bytes beyond ASCII what the input is in. */
static void decide_charset(struct reading *r, struct span bytes) {
    bool is_first = r->size == bytes.n;
    if (is_first && tells_charset(r, bytes)) {
        r->converter = NULL;
    } else if (!utf8_is_ascii(bytes.s, bytes.n)) {
        r->converts = !is_utf8(bytes, r->ended);
        if (!r->converts)
            r->converter = NULL;
    }
}

static void warn_of_replaced(struct reading *r, uint64_t count) {
    char why[160];
    bool is_lines = r->format == LEDE_FORMAT_JSONL || r->format == LEDE_FORMAT_TSV;
    r->feed->bytes_replaced += count;
    snprintf(why, sizeof why, "%llu byte%s that mean%s nothing in %.60s%s replaced by U+FFFD",
             (unsigned long long)count, count == 1 ? "" : "s", count == 1 ? "s" : "", converter_name(r->converter),
             is_lines ? ", in or below this line," : "");
    warn(r, LEDE_WARNING_REPAIRED, is_lines ? r->line : 0, why);
}

/* The same as fill_raw, in UTF-8: of the bytes that are read that may be more than n, or fewer. */
static lede_status fill(struct reading *r, size_t n, lede_error *err) {
    struct buffer *bytes = bytes_of(r), utf8 = BUFFER_EMPTY;
    size_t from = bytes->len;
    uint64_t replaced = 0;
    lede_status status = fill_raw(r, n, err);
    struct span raw = {(const char *)bytes->data + from, bytes->len - from};
    bool is_open = r->converter && !r->converts;
    if (!status && is_open && ends_early(raw)) {
        status = fill_raw(r, UTF8_MAX, err);
        raw = (struct span){(const char *)bytes->data + from, bytes->len - from};
    }
    if (!status && is_open)
        decide_charset(r, raw);
    if (status || !r->converter)
        return status;
    status = converter_run(r->converter, &utf8, raw.s, raw.n, r->ended, &replaced, err);
    bytes->len = from;
    buffer_append(bytes, utf8.data, utf8.len);
    buffer_release(&utf8);
    if (replaced)
        warn_of_replaced(r, replaced);
    return !status && bytes->failed ? error_nomem(err) : status;
}

static enum charset charset_of(enum line_unit unit) {
    return unit == LINES_UTF16_LE ? CHARSET_UTF16_LE : CHARSET_UTF16_BE;
}

/* Puts lines of UTF-16 into UTF-8: the parser could tell their charset by the BOM in the first piece alone. */
static lede_status convert_lines(struct reading *r, size_t *len, lede_error *err) {
    struct buffer utf8 = BUFFER_EMPTY, *bytes = bytes_of(r);
    uint64_t replaced = 0;
    const char *from = (const char *)bytes->data + r->start;
    lede_status status = text_to_utf8_from(&utf8, charset_of(r->unit), from, *len, &replaced, err);
    if (!status) {
        bytes->len = r->start;
        buffer_append(bytes, utf8.data, utf8.len);
        *len = utf8.len;
    }
    buffer_release(&utf8);
    if (replaced) {
        r->feed->bytes_replaced += replaced;
        warn(r, LEDE_WARNING_REPAIRED, r->line, "broken UTF-16 in or below this line was replaced by U+FFFD");
    }
    return status;
}

/* Makes the first `len` of the gathered bytes a piece; the rest is put aside. */
static lede_status cut(struct reading *r, size_t len, lede_error *err) {
    struct feed *f = r->feed;
    struct buffer *bytes = bytes_of(r);
    const struct piece piece = {.format = r->format, .source = r->input->source, .line = r->line};
    buffer_clear(&f->rest);
    buffer_append(&f->rest, bytes->data + r->start + len, gathered(r) - len);
    if (f->rest.failed)
        return error_nomem(err);
    bytes->len = r->start + len;
    lede_status status = LEDE_OK;
    if (r->unit != LINES_BYTES && (r->format == LEDE_FORMAT_JSONL || r->format == LEDE_FORMAT_TSV))
        status = convert_lines(r, &len, err);
    return status ? status : batch_add_piece(f->batch, &piece, r->input->path, len, err);
}

static void warn_too_long(const struct reading *r, uint32_t line, const char *what) {
    char why[128];
    snprintf(why, sizeof why, "%s longer than %zu MiB; split it or give more --memory", what,
             pipeline_record_max(r->feed->pipeline) >> 20);
    warn(r, LEDE_WARNING_SKIPPED, line, why);
}

/* ------------------------------------------------------------------------------------- prose -- */

/* A whole file as one piece. */
static lede_status read_whole(struct reading *r, bool *skipped, lede_error *err) {
    lede_status status = LEDE_OK;
    size_t max = pipeline_record_max(r->feed->pipeline);
    while (!status && !r->ended && !r->stopped && !r->broken && gathered(r) <= max)
        status = fill(r, gathered(r) + CHUNK <= max ? gathered(r) + CHUNK : max + 1 - gathered(r), err);
    if (status)
        return status;
    if (gathered(r) > max)
        warn_too_long(r, 0, "a text");
    if (!r->ended || gathered(r) > max) {
        /* Half an article is none. */
        *skipped = !r->stopped;
        bytes_of(r)->len = r->start;
        return LEDE_OK;
    }
    return cut(r, gathered(r), err);
}

/* ------------------------------------------------------------------------------------- lines -- */

/* Drops the line that is being gathered, which is too long, up to its end. */
static lede_status skip_line(struct reading *r, lede_error *err) {
    struct buffer *bytes = bytes_of(r);
    size_t start = r->start, end = 0;
    lede_status status = LEDE_OK;
    warn_too_long(r, r->line, "a line");
    r->feed->records_skipped++;
    while (!status && end == 0 && !r->ended && !r->stopped && !r->broken) {
        bytes->len = start;
        status = fill(r, CHUNK, err);
        end = lines_first_end((const char *)bytes->data + start, bytes->len - start, r->unit);
    }
    if (end == 0)
        end = bytes->len - start;
    memmove(bytes->data + start, bytes->data + start + end, bytes->len - start - end);
    bytes->len -= end;
    r->line++;
    return status;
}

/* Hands on the whole lines gathered, `len` bytes, and starts the next batch with what follows. */
static lede_status pass_lines(struct reading *r, size_t len, lede_error *err) {
    struct feed *f = r->feed;
    size_t lines = lines_count((const char *)bytes_of(r)->data + r->start, len, r->unit);
    lede_status status = cut(r, len, err);
    r->line += (uint32_t)lines;
    if (!status)
        status = feed_flush(f, err);
    if (!status)
        status = make_room(f, 0, err);
    if (status)
        return status;
    r->start = 0;
    buffer_append(bytes_of(r), f->rest.data, f->rest.len);
    if (f->rest.cap > 2 * pipeline_batch_size(f->pipeline))
        buffer_release(&f->rest);
    return bytes_of(r)->failed ? error_nomem(err) : LEDE_OK;
}

/* Gathers a batch, and passes on the whole lines in it. */
static lede_status read_lines(struct reading *r, lede_error *err) {
    size_t batch = pipeline_batch_size(r->feed->pipeline), max = pipeline_record_max(r->feed->pipeline);
    lede_status status = LEDE_OK;
    while (!status && !r->ended && !r->stopped && !r->broken) {
        size_t room = batch > bytes_of(r)->len ? batch - bytes_of(r)->len : 0;
        size_t want = room > CHUNK ? room : gathered(r) > CHUNK ? gathered(r) : CHUNK;
        status = fill(r, want < max + 1 - gathered(r) ? want : max + 1 - gathered(r), err);
        if (status || r->ended)
            break;
        size_t end = lines_last_end((const char *)bytes_of(r)->data + r->start, gathered(r), r->unit);
        if (end > 0)
            status = pass_lines(r, end, err);
        else if (gathered(r) > max)
            status = skip_line(r, err);
    }
    if (status)
        return status;
    if (!r->ended) {
        size_t end = lines_last_end((const char *)bytes_of(r)->data + r->start, gathered(r), r->unit);
        bytes_of(r)->len = r->start + end;
    }
    return gathered(r) > 0 ? cut(r, gathered(r), err) : LEDE_OK;
}

/* ------------------------------------------------------------------------------------ inputs -- */

static lede_status guess_format(struct reading *r, lede_error *err) {
    const char *head = (const char *)bytes_of(r)->data + r->start;
    if (r->unit == LINES_BYTES) {
        r->format = format_of_bytes(head, gathered(r));
        return LEDE_OK;
    }
    struct buffer utf8 = BUFFER_EMPTY;
    lede_status status = text_to_utf8_from(&utf8, charset_of(r->unit), head, gathered(r), NULL, err);
    r->format = format_of_bytes((const char *)utf8.data, utf8.len);
    buffer_release(&utf8);
    return status;
}

/* Looks at the first bytes: whether it is text, and in which format. */
static lede_status read_head(struct reading *r, bool *skipped, lede_error *err) {
    lede_status status = fill(r, CHUNK, err);
    if (status || gathered(r) == 0)
        return status;
    const char *head = (const char *)bytes_of(r)->data + r->start;
    const char *why = binary_reason(head, gathered(r));
    if (why) {
        warn(r, LEDE_WARNING_SKIPPED, 0, why);
        bytes_of(r)->len = r->start;
        *skipped = true;
        return LEDE_OK;
    }
    r->unit = lines_detect(head, gathered(r));
    r->format = r->input->format;
    return r->format == LEDE_FORMAT_AUTO ? guess_format(r, err) : LEDE_OK;
}

static lede_status read_all(struct reading *r, struct feed_result *result, lede_error *err) {
    lede_status status = make_room(r->feed, r->input->size ? r->input->size : CHUNK, err);
    if (status)
        return status;
    r->start = bytes_of(r)->len;
    status = read_head(r, &result->skipped, err);
    if (status || result->skipped || gathered(r) == 0) {
        result->complete = r->ended;
        return status;
    }
    if (r->format == LEDE_FORMAT_JSONL || r->format == LEDE_FORMAT_TSV)
        status = read_lines(r, err);
    else
        status = read_whole(r, &result->skipped, err);
    result->complete = r->ended;
    return status;
}

/* The input's converter, with which the last input was read as a rule. */
static lede_status take_converter(struct reading *r, lede_error *err) {
    struct feed *f = r->feed;
    const char *charset = r->input->charset;
    lede_status status = LEDE_OK;
    if (!charset)
        return LEDE_OK;
    if (!f->converter || strcmp(converter_name(f->converter), charset)) {
        converter_free(f->converter);
        status = converter_new(&f->converter, charset, err);
    }
    r->converter = f->converter;
    if (!status)
        converter_reset(f->converter);
    return status;
}

lede_status feed_read(struct feed *f, const struct feed_input *input, struct feed_result *result, lede_error *err) {
    *result = (struct feed_result){.size = 0};
    struct reading r = {.feed = f, .input = input, .format = input->format, .line = 1, .hash = XXH3_createState()};
    uint64_t lines_skipped = f->records_skipped;
    if (!r.hash)
        return error_nomem(err);
    XXH3_64bits_reset(r.hash);
    lede_status status = take_converter(&r, err);
    if (!status)
        status = read_all(&r, result, err);
    result->lines_skipped = f->records_skipped > lines_skipped;
    result->size = r.size;
    result->hash = XXH3_64bits_digest(r.hash);
    XXH3_freeState(r.hash);
    return status;
}

lede_status feed_article(struct feed *f, const lede_article *article, lede_error *err) {
    lede_status status = make_room(f, article->body_len + CHUNK, err);
    return status ? status : batch_add_article(f->batch, article, err);
}

bool feed_hash(struct feed *f, int fd, uint64_t *hash) {
    XXH3_state_t *state = XXH3_createState();
    char *chunk = malloc(CHUNK);
    ssize_t got = state && chunk ? 1 : -1;
    if (got > 0)
        XXH3_64bits_reset(state);
    while (got > 0) {
        got = read_once(f, fd, chunk, CHUNK);
        if (got > 0) {
            XXH3_64bits_update(state, chunk, (size_t)got);
            f->bytes_read += (uint64_t)got;
        }
    }
    if (got == 0)
        *hash = XXH3_64bits_digest(state);
    free(chunk);
    XXH3_freeState(state);
    return got == 0;
}
