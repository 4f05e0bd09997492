/* What the writer of a query may have meant: words of the index near those that it lacks. */
#include "../core/analyzer.h"
#include "../core/error.h"
#include "../core/index.h"
#include "../core/utf8.h"
#include "query.h"

#include <stdlib.h>
#include <string.h>

enum {
    SHORTEST = 4,        /* characters: nearly all shorter words are one edit from another */
    TWO_EDITS = 6,       /* characters from which on two edits are forgiven */
    LONGEST = 40,        /* characters: longer words are not looked for */
    RARE = 20,           /* passages: a word in more is no mistake */
    RARER = 500,         /* times as frequent as a known word another has to be, to have been meant */
    EDIT_COST = 100,     /* times as frequent a word has to be that is one edit further away */
    FIRST_LETTERS = 48,  /* letters of the alphabet on either side of the first one */
    KNOWN_MOST = 1 << 16 /* near words that are remembered: more are never near one word */
};

struct letters {
    uint32_t at[LONGEST + 1];
    size_t count; /* LONGEST + 1: too many */
};

/* A word of the query. */
struct typed {
    char form[TERM_MAX + 1], term[TERM_MAX + 1];
    size_t form_len, term_len;
};

/* A word of the index that is near. */
struct near {
    char word[TERM_MAX + 1];
    size_t len;
    unsigned edits;
    uint64_t frequency; /* in all segments so far */
};

struct suggester {
    const struct snapshot *snapshot;
    struct analyzer *analyzer;
    struct letters letters; /* of the word that is looked for */
    const char *form;       /* its bytes */
    size_t form_len;
    unsigned most;       /* edits that are forgiven */
    struct buffer nears; /* struct near each */
};

static struct letters letters_of(const char *word, size_t len) {
    struct letters l = {.count = 0};
    const char *end = word + len;
    while (word < end && l.count <= LONGEST)
        word += utf8_read(word, end, &l.at[l.count++]);
    return l;
}

static unsigned least(unsigned a, unsigned b) {
    return a < b ? a : b;
}

/* Letters inserted, dropped, replaced or swapped with a neighbour to make b of a (optimal string alignment: Damerau, A
 * technique for computer detection and correction of spelling errors, 1964); more than `most` if there are more. */
static unsigned edits_between(const struct letters *a, const struct letters *b, unsigned most) {
    unsigned rows[3][LONGEST + 2];
    if (a->count > b->count + most || b->count > a->count + most)
        return most + 1;
    for (unsigned j = 0; j <= b->count; j++)
        rows[0][j] = j;
    for (unsigned i = 1; i <= a->count; i++) {
        unsigned *row = rows[i % 3], *above = rows[(i + 2) % 3], *above2 = rows[(i + 1) % 3], best = i;
        row[0] = i;
        for (unsigned j = 1; j <= b->count; j++) {
            row[j] = least(least(above[j], row[j - 1]) + 1, above[j - 1] + (a->at[i - 1] != b->at[j - 1]));
            if (i > 1 && j > 1 && a->at[i - 1] == b->at[j - 2] && a->at[i - 2] == b->at[j - 1])
                row[j] = least(row[j], above2[j - 2] + 1);
            best = least(best, row[j]);
        }
        if (best > most)
            return most + 1;
    }
    return rows[a->count % 3][b->count];
}

/* ------------------------------------------------------------------------------- near words -- */

static struct near *nears_of(const struct suggester *s, size_t *count) {
    *count = s->nears.len / sizeof(struct near);
    return (struct near *)(void *)s->nears.data;
}

static void add_near(struct suggester *s, const char *word, size_t len, unsigned edits, uint64_t frequency) {
    size_t count;
    struct near *nears = nears_of(s, &count);
    for (size_t i = 0; i < count; i++)
        if (nears[i].len == len && memcmp(nears[i].word, word, len) == 0) {
            nears[i].frequency += frequency;
            return;
        }
    struct near near = {.len = len, .edits = edits, .frequency = frequency};
    memcpy(near.word, word, len);
    near.word[len] = '\0';
    if (count < KNOWN_MOST)
        buffer_append(&s->nears, &near, sizeof near);
}

static void compare(struct suggester *s, const char *word, size_t len, uint64_t frequency) {
    struct letters letters = letters_of(word, len);
    unsigned edits = letters.count <= LONGEST ? edits_between(&s->letters, &letters, s->most) : s->most + 1;
    if (edits <= s->most && edits > 0)
        add_near(s, word, len, edits, frequency);
}

/* Whether n bytes can be what one edit changes: a letter, or two that are swapped. */
static bool is_one_edit(const char *bytes, size_t n) {
    bool ascii = true;
    for (size_t i = 0; i < n && i < 8; i++)
        ascii &= (unsigned char)bytes[i] < 0x80;
    return n <= (ascii ? 2 : 8);
}

/* False only for words that are not near, which most are: by what is left between a beginning and an end that both
 * have, if one edit is forgiven. */
static bool may_be_near(const struct suggester *s, const char *word, size_t len) {
    size_t shorter = len < s->form_len ? len : s->form_len, front = 0, back = 0;
    if (s->most > 1)
        return true;
    while (front < shorter && word[front] == s->form[front])
        front++;
    while (back < shorter - front && word[len - 1 - back] == s->form[s->form_len - 1 - back])
        back++;
    return is_one_edit(word + front, len - front - back) && is_one_edit(s->form + front, s->form_len - front - back);
}

/* The words that begin with the same letter, all of which are compared. */
static lede_status scan(struct suggester *s, const struct segment *segment, const char *first, size_t first_len,
                        lede_error *err) {
    struct dictionary_cursor *c = NULL;
    const char *word;
    size_t len;
    lede_status status = dictionary_open(&c, segment, DICTIONARY_WORDS, first, first_len, err);
    while (status == LEDE_OK && (word = dictionary_key(c, &len)) && len >= first_len &&
           memcmp(word, first, first_len) == 0) {
        if (may_be_near(s, word, len))
            compare(s, word, len, dictionary_info(c)->total_freq);
        status = dictionary_next(c, err);
    }
    dictionary_close(c);
    return status;
}

/* How often the segment has the word; 0 if it lacks it. */
static lede_status find_word(const struct segment *segment, const char *wanted, size_t wanted_len, uint64_t *times,
                             lede_error *err) {
    struct dictionary_cursor *c = NULL;
    size_t len;
    lede_status status = dictionary_open(&c, segment, DICTIONARY_WORDS, wanted, wanted_len, err);
    const char *word = status == LEDE_OK ? dictionary_key(c, &len) : NULL;
    bool is_there = word && len == wanted_len && memcmp(word, wanted, len) == 0;
    *times = is_there ? dictionary_info(c)->total_freq : 0;
    dictionary_close(c);
    return status;
}

static lede_status look_up(struct suggester *s, const struct segment *segment, const char *wanted, size_t wanted_len,
                           lede_error *err) {
    uint64_t times;
    lede_status status = find_word(segment, wanted, wanted_len, &times, err);
    if (status == LEDE_OK && times)
        add_near(s, wanted, wanted_len, 1, times);
    return status;
}

/* One edit at the first letter: it is missing, too much, another, or swapped with the next. */
static lede_status look_up_other_firsts(struct suggester *s, const struct segment *segment, const char *word,
                                        size_t len, lede_error *err) {
    char other[2 * TERM_MAX + 8];
    uint32_t first, second;
    size_t n = utf8_read(word, word + len, &first), m = utf8_read(word + n, word + len, &second);
    /* A word that begins with the same letter all the same was met before. */
    lede_status status = first != second ? look_up(s, segment, word + n, len - n, err) : LEDE_OK;
    memcpy(other, word + n, m);
    memcpy(other + m, word, n);
    memcpy(other + m + n, word + n + m, len - n - m);
    if (status == LEDE_OK && first != second)
        status = look_up(s, segment, other, len, err);
    uint32_t from = first > FIRST_LETTERS ? first - FIRST_LETTERS : 1;
    for (uint32_t c = from; c <= first + FIRST_LETTERS && status == LEDE_OK; c++) {
        if (c == first || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
            continue;
        size_t k = utf8_write(other, c);
        memcpy(other + k, word, len);
        status = look_up(s, segment, other, k + len, err);
        memcpy(other + k, word + n, len - n);
        if (status == LEDE_OK)
            status = look_up(s, segment, other, k + len - n, err);
    }
    return status;
}

/* How often the index has the word as it is. One that it has in other forms of its stem alone counts as had once. */
static lede_status count_word(const struct snapshot *snapshot, const struct typed *word, uint64_t *count,
                              lede_error *err) {
    bool has_stem = false;
    *count = 0;
    for (size_t i = 0; i < snapshot->segment_count; i++) {
        const struct segment *segment = snapshot->segments[i].segment;
        struct term_info info;
        uint64_t times = 0;
        lede_status status = segment_find_term(segment, word->term, word->term_len, &info, err);
        has_stem |= status == LEDE_OK;
        if (status == LEDE_OK)
            status = find_word(segment, word->form, word->form_len, &times, err);
        if (status != LEDE_OK && status != LEDE_NOT_FOUND)
            return status;
        *count += times;
    }
    if (*count == 0 && has_stem)
        *count = 1;
    return LEDE_OK;
}

static uint64_t worth(const struct near *near) {
    return near->edits > 1 ? near->frequency / EDIT_COST : near->frequency;
}

/* The near word that is most likely meant; NULL if there is none, or if it is of the same stem and found anyway. */
static const struct near *choose(struct suggester *s, const struct typed *word, uint64_t times) {
    const struct near *best = NULL;
    size_t count;
    struct near *nears = nears_of(s, &count);
    for (size_t i = 0; i < count; i++) {
        bool is_better = !best || worth(&nears[i]) > worth(best) ||
                         (worth(&nears[i]) == worth(best) && strcmp(nears[i].word, best->word) < 0);
        if (is_better && nears[i].frequency >= RARER * times)
            best = &nears[i];
    }
    char other[TERM_MAX + 1];
    size_t len = best ? analyzer_term(s->analyzer, best->word, best->len, other) : 0;
    bool is_same = best && len == word->term_len && memcmp(other, word->term, len) == 0;
    return is_same ? NULL : best;
}

/* Finds what may have been meant by a word; *found is NULL if it is well as it is. */
static lede_status suggest_word(struct suggester *s, const char *bytes, size_t bytes_len, const struct near **found,
                                lede_error *err) {
    struct typed word;
    uint32_t first;
    uint64_t times;
    word.term_len = analyzer_term(s->analyzer, bytes, bytes_len, word.term);
    word.form_len = analyzer_form(s->analyzer, bytes, bytes_len, word.form);
    *found = NULL;
    s->letters = letters_of(word.form, word.form_len);
    s->form = word.form;
    s->form_len = word.form_len;
    buffer_clear(&s->nears);
    if (s->letters.count < SHORTEST || s->letters.count > LONGEST)
        return LEDE_OK;
    lede_status status = count_word(s->snapshot, &word, &times, err);
    if (status != LEDE_OK || times > RARE)
        return status;
    s->most = times == 0 && s->letters.count >= TWO_EDITS ? 2 : 1;
    size_t first_len = utf8_read(word.form, word.form + word.form_len, &first);
    for (size_t i = 0; i < s->snapshot->segment_count && status == LEDE_OK; i++) {
        const struct segment *segment = s->snapshot->segments[i].segment;
        status = scan(s, segment, word.form, first_len, err);
        if (status == LEDE_OK)
            status = look_up_other_firsts(s, segment, word.form, word.form_len, err);
    }
    if (status == LEDE_OK && s->nears.failed)
        return error_nomem(err);
    *found = choose(s, &word, times);
    return status;
}

/* ----------------------------------------------------------------------------------- queries -- */

static bool is_upper(char c) {
    return c >= 'A' && c <= 'Z';
}

/* The word in the place of one that may have been written with a capital. */
static void append_word(struct buffer *out, const struct near *near, char original) {
    size_t at = out->len;
    buffer_append(out, near->word, near->len);
    if (is_upper(original) && !out->failed && out->data[at] >= 'a' && out->data[at] <= 'z')
        out->data[at] = (uint8_t)(out->data[at] - 'a' + 'A');
}

/* Rewrites the query's text into `out`, and tells whether something is other than before. */
static lede_status rewrite(struct suggester *s, const struct lede_query *query, struct buffer *out, bool *changed,
                           lede_error *err) {
    struct analyzer *words = NULL;
    struct word word;
    char term[TERM_MAX + 1];
    size_t done = 0;
    lede_status status = analyzer_new(&words, s->snapshot->language, err);
    if (status != LEDE_OK)
        return status;
    analyzer_reset(words, query->text, strlen(query->text));
    while (status == LEDE_OK && analyzer_next(words, &word)) {
        const struct near *near = NULL;
        const char *bytes = query->text + word.start;
        size_t len = analyzer_term(words, bytes, word.end - word.start, term);
        if (len && query_find_term(query, term, len) != QUERY_NO_TERM)
            status = suggest_word(s, bytes, word.end - word.start, &near, err);
        if (!near)
            continue;
        buffer_append(out, query->text + done, word.start - done);
        append_word(out, near, *bytes);
        done = word.end;
        *changed = true;
    }
    buffer_append(out, query->text + done, strlen(query->text) - done);
    buffer_append_u8(out, 0);
    analyzer_free(words);
    return status == LEDE_OK && out->failed ? error_nomem(err) : status;
}

lede_status lede_index_suggest(char **out, const lede_index *index, const lede_query *query, lede_error *err) {
    struct suggester s = {.snapshot = index->snapshot, .nears = BUFFER_EMPTY};
    struct buffer text = BUFFER_EMPTY;
    bool changed = false;
    *out = NULL;
    lede_status status = analyzer_new(&s.analyzer, index->snapshot->language, err);
    if (status == LEDE_OK)
        status = rewrite(&s, query, &text, &changed, err);
    if (status == LEDE_OK && changed && !(*out = strdup((const char *)text.data)))
        status = error_nomem(err);
    analyzer_free(s.analyzer);
    buffer_release(&s.nears);
    buffer_release(&text);
    return status;
}
