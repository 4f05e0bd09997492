/* JSON Lines, one object a line: BEIR's {_id, title, text, metadata}, Anserini's {id, contents}, and what others call
 * the same things. Fields of other names are ignored. */
#include "reader.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "core/base/error.h"
#include "core/text/utf8.h"
#include "json_field.h"

/* In order of preference. */
static const char *const id_names[] = {"_id", "id", "key", "docid", "doc_id", "docno", NULL};
static const char *const title_names[] = {"title", "headline", NULL};
static const char *const text_names[] = {"text", "contents", "content", "body", NULL};
static const char *const date_names[] = {"date",         "published",        "published_at",  "pub_date", "pubdate",
                                         "publish_date", "publication_date", "datePublished", "created",  NULL};
static const char *const byline_names[] = {"byline", "author", "authors", NULL};
static const char *const credit_names[] = {"credit", "agency", "source", NULL};
static const char *const dateline_names[] = {"dateline", NULL};
static const char *const language_names[] = {"language", "lang", NULL};

/* The field, of the object or of its metadata. */
static const json_t *find_described(const json_t *object, const char *const *names) {
    const json_t *value = json_field_find(object, names);
    return value ? value : json_field_find(json_object_get(object, "metadata"), names);
}

/* A text, or an array of its paragraphs, which go to `joined`. */
static struct span text_of_body(const json_t *value, struct buffer *joined) {
    if (!json_is_array(value))
        return json_field_text(value);
    buffer_clear(joined);
    for (size_t i = 0; i < json_array_size(value); i++) {
        struct span paragraph = json_field_text(json_array_get(value, i));
        if (joined->len && paragraph.n)
            buffer_append(joined, "\n\n", 2);
        buffer_append(joined, paragraph.s, paragraph.n);
    }
    return joined->len ? (struct span){(const char *)joined->data, joined->len} : json_field_text(NULL);
}

/* A name, but not an address. */
static bool is_credit(struct span t) {
    enum { CREDIT_MAX = 80 };
    return t.n > 0 && t.n <= CREDIT_MAX && !memchr(t.s, '/', t.n) && !memchr(t.s, '\n', t.n);
}

/* The id as it stands, written to the parser's scratch, or what stands for it. */
static lede_status find_key(struct reader *r, const json_t *object, struct span record, lede_article *meta,
                            lede_error *err) {
    struct buffer *key = &r->parser->key;
    const json_t *id = json_field_find(object, id_names);
    char number[32];
    buffer_clear(key);
    if (json_is_string(id) && json_string_length(id)) {
        buffer_append(key, json_string_value(id), json_string_length(id));
    } else if (json_is_integer(id)) {
        int n = snprintf(number, sizeof number, "%lld", (long long)json_integer_value(id));
        buffer_append(key, number, (size_t)n);
    } else {
        return reader_key(r, record, meta, true, err);
    }
    meta->key = (const char *)key->data;
    meta->key_len = key->len;
    return key->failed ? error_nomem(err) : LEDE_OK;
}

static lede_status find_meta(struct reader *r, const json_t *object, lede_article *meta, lede_error *err) {
    struct buffer *title = &r->parser->title, *byline = &r->parser->byline;
    buffer_clear(title);
    buffer_clear(byline);
    json_field_append_words(title, json_field_find(object, title_names));
    json_field_append_names(byline, NULL, find_described(object, byline_names));
    if (title->failed || byline->failed)
        return error_nomem(err);
    struct span credit = json_field_text(find_described(object, credit_names));
    struct span dateline = json_field_text(find_described(object, dateline_names));
    meta->title = (const char *)title->data;
    meta->title_len = title->len;
    meta->byline = (const char *)byline->data;
    meta->byline_len = byline->len;
    meta->credit = credit.s;
    meta->credit_len = is_credit(credit) ? credit.n : 0;
    meta->dateline = dateline.s;
    meta->dateline_len = dateline.n;
    struct span language = json_field_text(find_described(object, language_names));
    meta->language = language.s;
    meta->language_len = is_credit(language) ? language.n : 0;
    meta->date = json_field_date(find_described(object, date_names));
    return LEDE_OK;
}

/* Why the record can't be used; NULL if it can. */
static const char *fault_of(const lede_article *meta) {
    if (meta->key_len > ARTICLE_KEY_MAX)
        return "id of more than 4096 bytes; give it a shorter one";
    if (!meta->title_len && !meta->body_len)
        return "neither a text nor a title; expected the fields _id, title, text";
    return NULL;
}

static lede_status read_object(struct reader *r, const json_t *object, struct span record, uint32_t line,
                               lede_error *err) {
    struct parser *p = r->parser;
    lede_article meta = {.line = line};
    lede_status status = find_meta(r, object, &meta, err);
    if (!status)
        status = find_key(r, object, record, &meta, err);
    if (status)
        return status;
    const json_t *value = json_field_find(object, text_names);
    struct span text = text_of_body(value, &p->plain);
    if (p->plain.failed)
        return error_nomem(err);
    /* In "contents" a first line above others is the title. */
    bool contents = value && value == json_object_get(object, "contents");
    bool untitled = contents && !json_field_find(object, title_names);
    buffer_clear(&p->blocks);
    status = block_read(&p->blocks, &p->lines, text, line, err);
    if (!status)
        status = text_settle(p, text, &meta, TEXT_FIND_HEADINGS | (untitled ? TEXT_FIND_TITLE : 0U), err);
    if (status)
        return status;
    const char *fault = fault_of(&meta);
    if (fault) {
        reader_skip(r, line, fault);
        return LEDE_OK;
    }
    return reader_emit(r, &meta, true, err);
}

/* jansson quotes the input as it stands, or cuts it within a character. */
static void clean_line(char *s) {
    const char *end = s + strlen(s);
    uint32_t c;
    for (size_t len; s < end; s += len) {
        len = utf8_read(s, end, &c);
        if (c < ' ' || c == 0x7f || c == UTF8_BROKEN)
            memset(s, '?', len);
    }
}

static void skip_invalid(struct reader *r, uint32_t line, const json_error_t *error) {
    char why[sizeof error->text + 64];
    snprintf(why, sizeof why, "invalid JSON at column %d: %s", error->column, error->text);
    clean_line(why);
    reader_skip(r, line, why);
}

enum { ESCAPE = 6 /* bytes of \uXXXX */ };

/* The UTF-16 unit of the escape \uXXXX at s; -1 if there stands something else. */
static int unit_of_escape(const char *s, const char *end) {
    if (end - s < ESCAPE || s[0] != '\\' || s[1] != 'u')
        return -1;
    int unit = 0;
    for (int i = 2; i < ESCAPE; i++) {
        const char *digit = memchr("0123456789abcdef", s[i] | 0x20, 16);
        if (!digit || s[i] < '0')
            return -1;
        unit = unit << 4 | (int)(digit - "0123456789abcdef");
    }
    return unit;
}

static bool is_pair(int high, int low) {
    return (high & 0xfc00) == 0xd800 && low >= 0 && (low & 0xfc00) == 0xdc00;
}

/* Copies a line of JSON with U+FFFD for escapes that stand for no character: halves of a surrogate pair, as texts cut
 * within one have them, and NUL. Returns how many there were. */
static size_t repair_escapes(struct buffer *out, struct span t) {
    const char *s = t.s, *end = t.s + t.n;
    size_t repaired = 0;
    buffer_clear(out);
    while (s < end) {
        int unit = unit_of_escape(s, end);
        const char *piece = s;
        size_t n = unit >= 0 ? ESCAPE : *s == '\\' && end - s > 1 ? 2 : 1;
        if (unit >= 0 && is_pair(unit, unit_of_escape(s + ESCAPE, end))) {
            n = 2 * ESCAPE;
        } else if (unit == 0 || (unit & 0x1f800) == 0xd800) {
            piece = "\\ufffd";
            repaired++;
        }
        buffer_append(out, piece, n);
        s += n;
    }
    return repaired;
}

/* Parses a line; NULL, with *error and LEDE_OK, if it is not JSON. */
static json_t *load(struct reader *r, struct span t, uint32_t line, json_error_t *error, lede_status *status,
                    lede_error *err) {
    struct buffer *repaired = &r->parser->plain;
    json_t *object = json_loadb(t.s, t.n, JSON_DECODE_ANY, error);
    size_t count = object ? 0 : repair_escapes(repaired, t);
    *status = repaired->failed ? error_nomem(err) : LEDE_OK;
    if (*status || count == 0)
        return object;
    object = json_loadb((const char *)repaired->data, repaired->len, JSON_DECODE_ANY, error);
    if (object)
        reader_repaired(r, line, count, "escape");
    return object;
}

/* JSON as other tools write it, where objects are expected, one a line; NULL for anything else. */
static const char *shape_reason(struct span t) {
    t = span_trim(t);
    if (!t.n)
        return NULL;
    struct span rest = span_trim((struct span){t.s + 1, t.n - 1});
    if (t.s[0] == '[' && (!rest.n || rest.s[0] == '{'))
        return "an array, not a JSON object on each line; jq -c '.[]' makes lines of it";
    if (t.s[0] == '{' && !rest.n)
        return "an object of several lines, not one on each line; jq -c . makes a line of it";
    return NULL;
}

static lede_status read_json(struct reader *r, struct span t, uint32_t line, lede_error *err) {
    lede_status status;
    json_error_t error;
    json_t *object = load(r, t, line, &error, &status, err);
    if (status)
        return status;
    const char *why = shape_reason(t);
    if (json_is_object(object))
        status = read_object(r, object, t, line, err);
    else if (!object && json_error_code(&error) == json_error_out_of_memory)
        status = error_nomem(err);
    else if (why)
        reader_skip(r, line, why);
    else if (object)
        reader_skip(r, line, "not a JSON object; expected {\"_id\": ..., \"title\": ..., \"text\": ...} on each line");
    else
        skip_invalid(r, line, &error);
    json_decref(object);
    return status;
}

/* Lines so short that their trees need not be looked at. */
enum { SHORT = 4096 };

static lede_status read_line(struct reader *r, struct span t, uint32_t line, lede_error *err) {
    lede_status status;
    struct trees *trees = r->parser->trees;
    bool large;
    if (!reader_record(r, &t, line, &status, err))
        return status;
    if (!trees_enter(trees, trees && t.n > SHORT ? trees_of_json(t) : 0, &large)) {
        reader_skip(r, line, "too many values for one record; split it or give more --memory");
        return LEDE_OK;
    }
    status = read_json(r, t, line, err);
    trees_leave(trees, large);
    return status;
}

lede_status jsonl_read(struct reader *r, struct span text, lede_error *err) {
    struct span t;
    uint32_t line;
    lede_status status = LEDE_OK;
    for (struct line_walk walk = reader_lines(r, text); !status && reader_next_line(&walk, &t, &line);)
        status = read_line(r, t, line, err);
    return status;
}
