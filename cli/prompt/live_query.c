#include "live_query.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/common/command.h"
#include "editor.h"

enum {
    LEAST = 2,      /* bytes of a word from which on it is a beginning: "a" may become anything */
    WORDS_MOST = 8, /* that it may become, at once, */
    /* and how often articles may have them all, unless it is one: to be searched for within a frame. */
    OCCURRENCES_MOST = 1 << 16,
    LOOKED_AT = 512, /* words, to see how frequent the one that is typed is */
    FAR_MORE = 10,   /* times as often a beginning as a word */
};

/* The word that is typed, first, and those that begin like it, most frequent first. */
struct beginnings {
    char *words[1 + WORDS_MOST];
    uint64_t occurrences[1 + WORDS_MOST], total;
    uint64_t others; /* occurrences of all that begin like it */
    size_t count;
    bool failed;
};

static void add_word(struct beginnings *b, const char *word, size_t len, uint64_t occurrences) {
    b->words[b->count] = strndup(word, len);
    b->occurrences[b->count] = occurrences;
    b->failed = b->failed || !b->words[b->count];
    b->count += !b->failed;
}

static int consider(void *ctx, const char *word, size_t len, uint64_t occurrences) {
    struct beginnings *b = ctx;
    if (len == strlen(b->words[0]) && strncasecmp(word, b->words[0], len) == 0) {
        b->occurrences[0] = occurrences;
        return 0;
    }
    b->others += occurrences;
    if (b->count <= WORDS_MOST)
        add_word(b, word, len, occurrences);
    return b->failed;
}

/* Keeps as many as articles have often enough, but at least one that they have at all. */
static void keep_within(struct beginnings *b, uint64_t most) {
    size_t kept = 0;
    for (; kept < b->count && (b->total == 0 || b->total + b->occurrences[kept] <= most); kept++)
        b->total += b->occurrences[kept];
    while (b->count > kept)
        free(b->words[--b->count]);
}

static lede_status find_words(struct beginnings *b, const lede_index *index, const char *word, size_t len,
                              bool may_go_on, lede_error *err) {
    add_word(b, word, len, 0);
    if (b->failed || !may_go_on)
        return LEDE_OK;
    return lede_index_complete(index, word, len, LOOKED_AT, consider, b, err);
}

static void release(struct beginnings *b) {
    for (size_t i = 0; i < b->count; i++)
        free(b->words[i]);
}

/* True for words, and operators to be, that have no letter but capitals of ASCII. */
static bool is_in_capitals(const char *word, size_t len) {
    for (size_t i = 0; i < len; i++)
        if (word[i] < 'A' || word[i] > 'Z')
            return false;
    return true;
}

/* Where the last word stands. */
struct place {
    size_t word, end;
    size_t phrase; /* the quote that is open before it; SIZE_MAX: none */
    bool is_alone; /* in that */
};

/* Quotes of people who type well count, too: see editor_word_start. */
static size_t quote_length(const char *text, size_t len) {
    bool is_curly = len >= 3 && text[0] == '\xE2' && text[1] == '\x80' && (text[2] == '\x9C' || text[2] == '\x9D');
    return len && text[0] == '"' ? 1 : is_curly ? 3 : 0;
}

static struct place find_place(const char *text, size_t len) {
    struct place p = {.phrase = SIZE_MAX};
    size_t inside = 0, n;
    for (size_t i = 0; i < len; i += n ? n : 1) {
        n = quote_length(text + i, len - i);
        if (n)
            p.phrase = p.phrase == SIZE_MAX ? i : SIZE_MAX;
        inside = n ? i + n : inside;
    }
    for (p.end = len; p.phrase != SIZE_MAX && p.end > inside && strchr(" ,.;:!?", text[p.end - 1]);)
        p.end--;
    p.word = editor_word_start(text, p.end);
    p.is_alone = p.phrase != SIZE_MAX && inside + strspn(text + inside, " ") >= p.word;
    return p;
}

/* Whether what starts at text[start], behind one of these, can stand in parentheses with others. */
static bool is_free(const char *text, size_t start, const char *behind) {
    char before = start ? text[start - 1] : ' ';
    bool is_required = before == '+' && (start == 1 || text[start - 2] == ' ');
    return text[0] != ':' && !memchr(text, '(', start) && (strchr(behind, before) || is_required);
}

/* ------------------------------------------------------------------------------------- text -- */

static double idf(uint64_t occurrences, uint64_t passages) {
    double n = (double)(occurrences < passages ? occurrences : passages);
    return log(1 + ((double)passages - n + 0.5) / (n + 0.5));
}

/* Words as rare as all of them together: else the rarest would be taken for the best. */
static void write_weight(FILE *out, const struct beginnings *b, const char *word, uint64_t passages) {
    uint64_t occurrences = b->total;
    for (size_t i = 0; i < b->count; i++)
        if (strcmp(b->words[i], word) == 0)
            occurrences = b->occurrences[i];
    double share = idf(b->total, passages) / idf(occurrences, passages);
    unsigned thousandths = share < 0.001 ? 1 : share > 1 ? 1000 : (unsigned)(share * 1000);
    if (thousandths < 1000)
        fprintf(out, "^0.%03u", thousandths);
}

/* Those of different stems, from the first on, joined by OR. */
static lede_status write_words(FILE *out, const lede_index *index, const struct beginnings *b, lede_error *err) {
    char text[4096] = "";
    size_t len = 0;
    lede_stats stats;
    lede_query *query = NULL;
    for (size_t i = 0; i < b->count && len + strlen(b->words[i]) + 2 < sizeof text; i++)
        len += (size_t)sprintf(text + len, "%s ", b->words[i]);
    lede_status status = lede_index_stats(&stats, index, err);
    if (status == LEDE_OK)
        status = lede_query_parse(&query, index, text, len, NULL, err);
    bool is_first = true;
    for (const lede_query_node *n = status ? NULL : lede_query_root(query)->first; n; n = n->next) {
        if (strcmp(n->kind, "word") != 0)
            continue;
        fprintf(out, "%s%s", is_first ? "" : " OR ", n->text);
        write_weight(out, b, n->text, stats.passages);
        is_first = false;
    }
    lede_query_free(query);
    return status;
}

/* `before` begins with the quote. */
static void write_phrases(FILE *out, const struct beginnings *b, const char *before, size_t len) {
    for (size_t i = 0; i < b->count; i++)
        fprintf(out, "%s%.*s%s\"", i ? " OR " : "", (int)len, before, b->words[i]);
}

static lede_status rewrite(struct live_query *q, const lede_index *index, const char *text, const struct place *place,
                           const struct beginnings *b, lede_error *err) {
    bool is_phrase = place->phrase != SIZE_MAX;
    size_t before = is_phrase ? place->phrase : place->word;
    lede_status status = LEDE_OK;
    FILE *file = open_memstream(&q->text, &q->len);
    if (!file)
        return error_write(err, LEDE_NOMEM, "out of memory");
    fprintf(file, "%.*s(", (int)before, text);
    if (is_phrase && !place->is_alone)
        write_phrases(file, b, text + before, place->word - before);
    else
        status = write_words(file, index, b, err);
    fputc(')', file);
    if (fclose(file) != 0 && status == LEDE_OK)
        status = error_write(err, LEDE_NOMEM, "out of memory");
    return status;
}

/* Whether the last word can stand in parentheses with others that begin so. */
static bool can_go_on(const char *text, size_t len, const struct place *place) {
    const char *word = text + place->word;
    size_t word_len = place->end - place->word;
    if (place->phrase != SIZE_MAX)
        return is_free(text, place->phrase, " ,;.!?");
    return word_len >= LEAST && place->end == len && is_free(text, place->word, " ") && !is_in_capitals(word, word_len);
}

lede_status live_query_init(struct live_query *q, const lede_index *index, const char *text, size_t len,
                            lede_error *err) {
    struct place place = find_place(text, len);
    struct beginnings b = {0};
    size_t word_len = place.end - place.word;
    bool is_phrase = place.phrase != SIZE_MAX, is_short = word_len < LEAST || place.end < len;
    *q = (struct live_query){.beginning = SIZE_MAX};
    if (word_len == 0)
        return LEDE_OK;
    lede_status status = find_words(&b, index, text + place.word, word_len, !is_short, err);
    if (status == LEDE_OK && b.failed)
        status = error_write(err, LEDE_NOMEM, "out of memory");
    if (b.others > 0 && b.others / FAR_MORE >= b.occurrences[0])
        q->beginning = place.word;
    keep_within(&b, OCCURRENCES_MOST);
    if (status == LEDE_OK && (is_phrase || b.count > 1) && can_go_on(text, len, &place))
        status = rewrite(q, index, text, &place, &b, err);
    release(&b);
    if (status)
        live_query_release(q);
    return status;
}

void live_query_release(struct live_query *q) {
    free(q->text);
    q->text = NULL;
}
