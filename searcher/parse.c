/* The parser of queries: operands are cut out of the text (see query.h), then each is analysed into words. */
#include "../core/analyzer.h"
#include "../core/buffer.h"
#include "../core/error.h"
#include "../core/utf8.h"
#include "query.h"

#include <stdio.h>
#include <string.h>

struct operand {
    enum clause_sign sign;
    size_t at;         /* offset of its sign or, if it has none, its first byte */
    size_t start, end; /* its text, without sign and quotes */
    bool has_sign, quoted;
};

struct parse {
    struct lede_query *query;
    struct analyzer *analyzer;
    bool all_required;   /* words without a sign are +words */
    bool strict;         /* guess nothing */
    struct buffer text;  /* what is parsed: valid UTF-8 without NUL, of the length that was given */
    struct buffer canon; /* canonical form so far */
    uint32_t *words;     /* term numbers of all words, LEDE_QUERY_MAX_TERMS at most */
    size_t word_count;
    bool open_quote, lone_sign; /* seen, for the note */
};

/* ------------------------------------------------------------------------------- characters -- */

/* Copies the query, with a character that separates words for each byte that can't be read: offsets stay what they
 * are for the one who typed it. */
static void take_text(struct buffer *out, const char *text, size_t len) {
    const char *end = text + len;
    uint32_t c;
    for (size_t n; text < end; text += n) {
        n = utf8_read(text, end, &c);
        if (c == 0 || c == UTF8_BROKEN)
            buffer_append(out, "???", n);
        else
            buffer_append(out, text, n);
    }
}

/* Reads the character at i, which is inside the buffer. */
static size_t character_at(const struct buffer *b, size_t i, uint32_t *c) {
    const char *text = (const char *)b->data;
    return utf8_read(text + i, text + b->len, c);
}

/* White_Space of Unicode but for U+202F, which joins the digits of a number, in articles as here. */
static bool is_space(uint32_t c) {
    switch (c) {
    case 0x20:
    case 0x85:
    case 0xa0:
    case 0x1680:
    case 0x2028:
    case 0x2029:
    case 0x205f:
    case 0x3000: return true;
    default: return (c >= 0x09 && c <= 0x0d) || (c >= 0x2000 && c <= 0x200a);
    }
}

/* The length of the white space character at i; 0 if there is none. */
static size_t space_at(const struct buffer *b, size_t i) {
    uint32_t c;
    size_t n = character_at(b, i, &c);
    return is_space(c) ? n : 0;
}

static bool is_quote(uint32_t c) {
    return c == '"' || c == 0xab || c == 0xbb || (c >= 0x201c && c <= 0x201f) || c == 0xff02;
}

/* Whether U+05D0 to U+05EA, which are D7 90 to D7 AA, stand on both sides of byte i. */
static bool is_between_hebrew(const struct buffer *b, size_t i) {
    const uint8_t *p = b->data + i;
    return i >= 2 && b->len - i > 2 && p[-2] == 0xd7 && p[-1] >= 0x90 && p[-1] <= 0xaa && p[1] == 0xd7 &&
           p[2] >= 0x90 && p[2] <= 0xaa;
}

/* The length of the quote at i; 0 if there is none. A plain quote between two Hebrew letters is part of a word, an
 * acronym, as it is in articles (UAX #29, WB7b). */
static size_t quote_at(const struct buffer *b, size_t i) {
    uint32_t c;
    size_t n = character_at(b, i, &c);
    return is_quote(c) && !(c == '"' && is_between_hebrew(b, i)) ? n : 0;
}

/* --------------------------------------------------------------------------------- operands -- */

static lede_status refuse_at(size_t offset, const char *why, lede_error *err) {
    error_set(err, LEDE_INVALID, "query: %s at byte %zu", why, offset + 1);
    if (err)
        err->offset = offset;
    return LEDE_INVALID;
}

static size_t skip_spaces(const struct buffer *b, size_t i) {
    for (size_t n; i < b->len && (n = space_at(b, i)) > 0;)
        i += n;
    return i;
}

/* Where an operand ends whose text starts at i: at a quote, at white space unless it is a phrase, or with the query. */
static size_t operand_end(const struct buffer *b, size_t i, bool quoted) {
    uint32_t c;
    for (size_t n; i < b->len; i += n) {
        n = character_at(b, i, &c);
        if (quote_at(b, i) || (!quoted && is_space(c)))
            break;
    }
    return i;
}

/* Cuts the operand at *at, which is inside the text, and moves *at behind it. */
static lede_status take_operand(struct parse *p, size_t *at, bool sign_allowed, struct operand *out, lede_error *err) {
    const struct buffer *b = &p->text;
    size_t i = *at;
    *out = (struct operand){.sign = p->all_required ? CLAUSE_MUST : CLAUSE_SHOULD, .at = i};
    if (sign_allowed && (b->data[i] == '+' || b->data[i] == '-')) {
        out->has_sign = true;
        out->sign = b->data[i++] == '+' ? CLAUSE_MUST : CLAUSE_MUST_NOT;
    }
    size_t quote = i < b->len ? quote_at(b, i) : 0;
    out->quoted = quote > 0;
    out->start = i + quote;
    out->end = operand_end(b, out->start, out->quoted);
    *at = out->end;
    if (quote && out->end == b->len) {
        p->open_quote = true;
        if (p->strict)
            return refuse_at(i, "unbalanced quote", err);
    } else if (quote) {
        *at += quote_at(b, out->end);
    }
    return LEDE_OK;
}

/* ------------------------------------------------------------------------------------ words -- */

/* Adds the operand's words to p->words. [*start, *end) is what it comes down to, from the first of them to the last. */
static lede_status take_words(struct parse *p, const struct operand *o, size_t *start, size_t *end, lede_error *err) {
    const char *text = (const char *)p->text.data + o->start;
    char term[TERM_MAX + 1];
    struct word word;
    *start = *end = o->start;
    analyzer_reset(p->analyzer, text, o->end - o->start);
    for (size_t before = p->word_count; analyzer_next(p->analyzer, &word);) {
        size_t len = analyzer_term(p->analyzer, text + word.start, word.end - word.start, term);
        if (len == 0)
            continue;
        if (p->word_count == LEDE_QUERY_MAX_TERMS)
            return error_set(err, LEDE_INVALID, "query: more than %d words; shorten it", LEDE_QUERY_MAX_TERMS);
        uint32_t number = query_add_term(p->query, term, len);
        if (number == QUERY_NO_TERM)
            return error_nomem(err);
        if (p->word_count == before)
            *start = o->start + word.start;
        *end = o->start + word.end;
        p->words[p->word_count++] = number;
    }
    return analyzer_status(p->analyzer, err);
}

/* Appends bytes [start, end) of the text with runs of white space as one space. */
static void append_words(struct parse *p, size_t start, size_t end) {
    for (size_t i = start; i < end;) {
        size_t next = skip_spaces(&p->text, i);
        if (next > i)
            buffer_append_u8(&p->canon, ' ');
        else
            buffer_append_u8(&p->canon, p->text.data[next++]);
        i = next;
    }
}

static void append_canonical(struct parse *p, const struct operand *o, bool quoted, size_t start, size_t end) {
    if (p->canon.len)
        buffer_append_u8(&p->canon, ' ');
    if (o->sign != CLAUSE_SHOULD)
        buffer_append_u8(&p->canon, o->sign == CLAUSE_MUST ? '+' : '-');
    if (quoted)
        buffer_append_u8(&p->canon, '"');
    append_words(p, start, end);
    if (quoted)
        buffer_append_u8(&p->canon, '"');
}

static lede_status add_operand(struct parse *p, const struct operand *o, lede_error *err) {
    size_t start, end, before = p->word_count;
    lede_status status = take_words(p, o, &start, &end, err);
    if (status != LEDE_OK)
        return status;
    const uint32_t *words = p->words + before;
    uint32_t count = (uint32_t)(p->word_count - before);
    if (count == 0) {
        p->lone_sign |= o->has_sign;
        return o->has_sign && p->strict ? refuse_at(o->at, "sign without a word", err) : LEDE_OK;
    }
    append_canonical(p, o, o->quoted && count > 1, start, end);
    if (o->quoted || o->sign == CLAUSE_MUST_NOT)
        query_add_clause(p->query, o->sign, words, count);
    else
        for (uint32_t i = 0; i < count; i++)
            query_add_clause(p->query, o->sign, words + i, 1);
    return LEDE_OK;
}

/* -------------------------------------------------------------------------------- the whole -- */

static lede_status parse_operands(struct parse *p, lede_error *err) {
    size_t behind = SIZE_MAX; /* where the last operand ended */
    for (size_t i = skip_spaces(&p->text, 0); i < p->text.len; i = skip_spaces(&p->text, i)) {
        struct operand o;
        lede_status status = take_operand(p, &i, i != behind, &o, err);
        behind = i;
        if (status == LEDE_OK)
            status = add_operand(p, &o, err);
        if (status != LEDE_OK)
            return status;
    }
    return LEDE_OK;
}

/* What was guessed, and why there can't be hits; NULL in the query if there is nothing to say. */
static lede_status take_note(struct parse *p, lede_error *err) {
    bool is_empty = lede_query_is_empty(p->query);
    const char *const parts[] = {
        p->open_quote ? "unbalanced quote: read as closed at the end" : NULL,
        p->lone_sign ? "sign without a word: ignored" : NULL,
        is_empty && p->query->clause_count ? "only words to leave out: add one to look for" : NULL,
        is_empty && !p->query->clause_count ? "no word to look for" : NULL,
    };
    struct buffer note = BUFFER_EMPTY;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (!parts[i])
            continue;
        if (note.len)
            buffer_append(&note, "; ", 2);
        buffer_append(&note, parts[i], strlen(parts[i]));
    }
    if (note.len && !note.failed)
        p->query->note = arena_strndup(&p->query->arena, (const char *)note.data, note.len);
    bool failed = note.failed || (note.len && !p->query->note);
    buffer_release(&note);
    return failed ? error_nomem(err) : LEDE_OK;
}

static lede_status parse_init(struct parse *p, const char *language, const char *text, size_t len, lede_error *err) {
    p->query = query_new();
    if (!p->query)
        return error_nomem(err);
    p->words = arena_alloc(&p->query->arena, LEDE_QUERY_MAX_TERMS * sizeof *p->words);
    take_text(&p->text, text, len);
    if (!p->words || p->text.failed)
        return error_nomem(err);
    return analyzer_new(&p->analyzer, language, err);
}

lede_status query_parse(struct lede_query **out, const char *language, const char *text, size_t len,
                        const lede_query_options *options, lede_error *err) {
    const lede_query_options defaults = {0};
    const lede_query_options *o = options ? options : &defaults;
    struct parse p = {.all_required = o->default_operator == LEDE_AND, .strict = o->strict};
    *out = NULL;
    if (len > UINT32_MAX)
        return error_set(err, LEDE_INVALID, "query: longer than 4 GiB; shorten it");
    lede_status status = parse_init(&p, language, text, len, err);
    if (status == LEDE_OK)
        status = parse_operands(&p, err);
    if (status != LEDE_OK)
        goto out;
    status = take_note(&p, err);
    if (status != LEDE_OK)
        goto out;
    p.query->text = p.canon.failed ? NULL : arena_strndup(&p.query->arena, (const char *)p.canon.data, p.canon.len);
    if (!p.query->text) {
        status = error_nomem(err);
        goto out;
    }
    *out = p.query;
    p.query = NULL;
out:
    analyzer_free(p.analyzer);
    buffer_release(&p.text);
    buffer_release(&p.canon);
    lede_query_free(p.query);
    return status;
}
