/* What the writer of a query may have meant: words of the index near those that it lacks. */
#include "core/base/error.h"
#include "core/index/engine.h"
#include "core/index/index.h"
#include "core/text/analyzer.h"
#include "core/text/utf8.h"
#include "searcher/query/query.h"

#include <stdlib.h>
#include <string.h>

enum {
    SHORTEST = 4,        /* characters: nearly all shorter words are one edit from another */
    TWO_EDITS = 6,       /* characters from which on two edits are forgiven */
    LONGEST = 40,        /* characters: longer words are not looked for */
    RARE = 20,           /* times: a short word that is there more often is no mistake */
    RARE_LONG = 200,     /* nor a word of TWO_EDITS characters and more */
    RARER = 500,         /* times as frequent as a known short word another has to be, to have been meant */
    RARER_LONG = 100,    /* than a longer one, which has fewer words near it by chance */
    EDIT_COST = 100,     /* times as frequent a word has to be that is one edit further away */
    SURE = 200,          /* passages: a word in so many is in a sample of the index */
    COUNTED = 16,        /* words of a sample that are counted in all of the index */
    FIRST_LETTERS = 48,  /* letters of the alphabet on either side of the first one */
    KNOWN_MOST = 1 << 16 /* near words that are remembered: more are never near one word */
};

struct letters {
    uint32_t at[LONGEST + 1];
    size_t count; /* LONGEST + 1: too many */
};

/* A word of the query. */
struct typed {
    size_t start, end; /* in its text */
    char form[TERM_MAX + 1], term[TERM_MAX + 1];
    size_t form_len, term_len;
    uint64_t times; /* that the index has it as it is; one that it has in other forms of its stem alone: once */
};

/* A word of the index that is near. */
struct near {
    char word[TERM_MAX + 1];
    size_t len;
    unsigned edits;
    uint64_t frequency; /* in all segments so far; of an engine: passages that hold it */
};

struct suggester {
    const struct snapshot *snapshot;
    struct engine_reader *reader; /* of an engine, which the snapshot then says nothing of; NULL: segments */
    struct analyzer *analyzer;
    struct buffer typed;    /* struct typed each */
    struct buffer firsts;   /* words with other first letters, each: length as a byte, bytes, NUL */
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

/* ------------------------------------------------------------------------ words of segments -- */

/* The words that begin with the same letter, all of which are compared. */
static lede_status scan(struct suggester *s, const struct segment *segment, size_t first_len, lede_error *err) {
    struct dictionary_cursor *c = NULL;
    const char *word;
    size_t len;
    lede_status status = dictionary_open(&c, segment, DICTIONARY_WORDS, s->form, first_len, err);
    while (status == LEDE_OK && (word = dictionary_key(c, &len)) && len >= first_len &&
           memcmp(word, s->form, first_len) == 0) {
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

static lede_status count_word(struct typed *word, const struct snapshot *snapshot, lede_error *err) {
    bool has_stem = false;
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
        word->times += times;
    }
    if (word->times == 0 && has_stem)
        word->times = 1;
    return LEDE_OK;
}

static lede_status look_up(struct suggester *s, const struct segment *segment, lede_error *err) {
    const char *at = (const char *)s->firsts.data, *end = at + s->firsts.len;
    lede_status status = LEDE_OK;
    for (size_t len; at < end && status == LEDE_OK; at += len + 2) {
        uint64_t times = 0;
        len = *(const uint8_t *)at;
        status = find_word(segment, at + 1, len, &times, err);
        if (times)
            add_near(s, at + 1, len, 1, times);
    }
    return status;
}

static lede_status look_around(struct suggester *s, size_t first_len, lede_error *err) {
    lede_status status = LEDE_OK;
    for (size_t i = 0; i < s->snapshot->segment_count && status == LEDE_OK; i++) {
        status = scan(s, s->snapshot->segments[i].segment, first_len, err);
        if (status == LEDE_OK)
            status = look_up(s, s->snapshot->segments[i].segment, err);
    }
    return status;
}

/* ------------------------------------------------------------------------ words of an engine -- */

static lede_status compare_word(void *ctx, const char *form, size_t len, uint64_t passages, lede_error *err) {
    struct suggester *s = ctx;
    (void)err;
    if (may_be_near(s, form, len))
        compare(s, form, len, passages);
    return LEDE_OK;
}

/* All words of the query at once: the stem of each, and its form. */
static lede_status ask_for_typed(struct suggester *s, lede_error *err) {
    struct typed *typed = (struct typed *)(void *)s->typed.data;
    size_t count = s->typed.len / sizeof *typed;
    struct engine_term *terms = calloc(2 * count + 1, sizeof *terms);
    uint64_t passages;
    if (!terms)
        return error_nomem(err);
    for (size_t i = 0; i < count; i++) {
        terms[2 * i] = (struct engine_term){typed[i].term, typed[i].term_len, false, 0};
        terms[2 * i + 1] = (struct engine_term){typed[i].form, typed[i].form_len, true, 0};
    }
    lede_status status = s->reader->engine->frequencies(terms, 2 * count, ENGINE_ALL, &passages, s->reader, err);
    for (size_t i = 0; i < count && status == LEDE_OK; i++) {
        uint64_t has_stem = terms[2 * i].doc_freq > 0;
        typed[i].times = terms[2 * i + 1].doc_freq ? terms[2 * i + 1].doc_freq : has_stem;
    }
    free(terms);
    return status;
}

/* All words with other first letters at once. */
static lede_status ask_for_firsts(struct suggester *s, enum engine_extent of, lede_error *err) {
    const char *at = (const char *)s->firsts.data, *end = at + s->firsts.len;
    struct engine_term *terms = calloc(s->firsts.len + 1, sizeof *terms);
    size_t count = 0;
    uint64_t passages;
    if (!terms)
        return error_nomem(err);
    for (; at < end; at += *(const uint8_t *)at + 2)
        terms[count++] = (struct engine_term){at + 1, *(const uint8_t *)at, true, 0};
    lede_status status = s->reader->engine->frequencies(terms, count, of, &passages, s->reader, err);
    for (size_t i = 0; i < count && status == LEDE_OK; i++)
        if (terms[i].doc_freq)
            add_near(s, terms[i].bytes, terms[i].len, 1, terms[i].doc_freq);
    free(terms);
    return status;
}

static lede_status ask_in(struct suggester *s, enum engine_extent of, size_t first_len, lede_error *err) {
    const struct engine_beginning beginning = {s->form, first_len, of};
    buffer_clear(&s->nears);
    lede_status status = s->reader->engine->words(s->reader, &beginning, compare_word, s, err);
    return status ? status : ask_for_firsts(s, of, err);
}

static uint64_t worth(const struct near *near) {
    return near->edits > 1 ? near->frequency / EDIT_COST : near->frequency;
}

static int by_worth(const void *a, const void *b) {
    const struct near *x = a, *y = b;
    uint64_t p = worth(x), q = worth(y);
    return p != q ? (p < q ? 1 : -1) : strcmp(x->word, y->word);
}

/* The best of a sample alone are left, with what all of the index has of them. */
static lede_status count_best(struct suggester *s, lede_error *err) {
    struct engine_term terms[COUNTED];
    uint64_t passages;
    size_t count;
    struct near *nears = nears_of(s, &count);
    if (count)
        qsort(nears, count, sizeof *nears, by_worth);
    count = count < COUNTED ? count : COUNTED;
    s->nears.len = count * sizeof *nears;
    for (size_t i = 0; i < count; i++)
        terms[i] = (struct engine_term){nears[i].word, nears[i].len, true, 0};
    lede_status status =
        count ? s->reader->engine->frequencies(terms, count, ENGINE_ALL, &passages, s->reader, err) : LEDE_OK;
    for (size_t i = 0; i < count && status == LEDE_OK; i++)
        nears[i].frequency = terms[i].doc_freq;
    return status;
}

/* What stands for a word that is there has to be so frequent that a sample has it. */
static bool is_settled(const struct suggester *s, const struct typed *word) {
    size_t count;
    const struct near *nears = nears_of(s, &count);
    uint64_t best = 0;
    for (size_t i = 0; i < count; i++)
        best = worth(&nears[i]) > best ? worth(&nears[i]) : best;
    return word->times || best >= SURE;
}

static lede_status ask_around(struct suggester *s, const struct typed *word, size_t first_len, lede_error *err) {
    if (s->reader->sample == 1)
        return ask_in(s, ENGINE_ALL, first_len, err);
    lede_status status = ask_in(s, ENGINE_SAMPLE, first_len, err);
    if (status == LEDE_OK)
        status = count_best(s, err);
    return status || is_settled(s, word) ? status : ask_in(s, ENGINE_ALL, first_len, err);
}

/* ---------------------------------------------------------------------------------------- words -- */

static void add_first(struct buffer *firsts, const char *word, size_t len) {
    if (len > TERM_MAX)
        return;
    buffer_append_u8(firsts, (uint8_t)len);
    buffer_append(firsts, word, len);
    buffer_append_u8(firsts, 0);
}

/* Forms of words are folded, so that of ASCII few characters begin one. */
static bool may_begin_word(uint32_t c) {
    if (c < 0x80)
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    return c <= 0x10ffff && (c < 0xd800 || c > 0xdfff);
}

/* One edit at the first letter: it is missing, too much, another, or swapped with the next. */
static void make_firsts(struct buffer *firsts, const char *word, size_t len) {
    char other[2 * TERM_MAX + 8];
    uint32_t first, second;
    size_t n = utf8_read(word, word + len, &first), m = utf8_read(word + n, word + len, &second);
    buffer_clear(firsts);
    /* A word that begins with the same letter all the same was met before. */
    if (first != second) {
        add_first(firsts, word + n, len - n);
        memcpy(other, word + n, m);
        memcpy(other + m, word, n);
        memcpy(other + m + n, word + n + m, len - n - m);
        add_first(firsts, other, len);
    }
    uint32_t from = first > FIRST_LETTERS ? first - FIRST_LETTERS : 1;
    for (uint32_t c = from; c <= first + FIRST_LETTERS; c++) {
        if (c == first || !may_begin_word(c))
            continue;
        size_t k = utf8_write(other, c);
        memcpy(other + k, word, len);
        add_first(firsts, other, k + len);
        memcpy(other + k, word + n, len - n);
        add_first(firsts, other, k + len - n);
    }
}

/* The near word that is most likely meant; NULL if there is none, or if it is of the same stem and found anyway. */
static const struct near *choose(struct suggester *s, const struct typed *word) {
    const struct near *best = NULL;
    size_t count, rarer = s->letters.count >= TWO_EDITS ? RARER_LONG : RARER;
    struct near *nears = nears_of(s, &count);
    for (size_t i = 0; i < count; i++) {
        bool is_better = !best || worth(&nears[i]) > worth(best) ||
                         (worth(&nears[i]) == worth(best) && strcmp(nears[i].word, best->word) < 0);
        if (is_better && nears[i].frequency >= rarer * word->times)
            best = &nears[i];
    }
    char other[TERM_MAX + 1];
    size_t len = best ? analyzer_term(s->analyzer, best->word, best->len, other) : 0;
    bool is_same = best && len == word->term_len && memcmp(other, word->term, len) == 0;
    return is_same ? NULL : best;
}

/* Finds what may have been meant by a word; *found is NULL if it is well as it is. */
static lede_status suggest_word(struct suggester *s, const struct typed *word, const struct near **found,
                                lede_error *err) {
    uint32_t first;
    *found = NULL;
    s->letters = letters_of(word->form, word->form_len);
    s->form = word->form;
    s->form_len = word->form_len;
    buffer_clear(&s->nears);
    if (word->times > (s->letters.count >= TWO_EDITS ? RARE_LONG : RARE))
        return LEDE_OK;
    s->most = word->times == 0 && s->letters.count >= TWO_EDITS ? 2 : 1;
    size_t first_len = utf8_read(word->form, word->form + word->form_len, &first);
    make_firsts(&s->firsts, word->form, word->form_len);
    if (s->firsts.failed)
        return error_nomem(err);
    lede_status status = s->reader ? ask_around(s, word, first_len, err) : look_around(s, first_len, err);
    if (status == LEDE_OK && s->nears.failed)
        return error_nomem(err);
    *found = choose(s, word);
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

static bool may_be_suggested_for(const struct lede_query *query, const struct typed *word) {
    size_t count = letters_of(word->form, word->form_len).count;
    return word->term_len && count >= SHORTEST && count <= LONGEST &&
           query_find_term(query, word->term, word->term_len) != QUERY_NO_TERM;
}

/* The words that the query searches for, as it has them. */
static lede_status take_typed(struct suggester *s, const struct lede_query *query, lede_error *err) {
    struct analyzer *words = NULL;
    struct word word;
    lede_status status = analyzer_new(&words, s->snapshot->language, err);
    if (status != LEDE_OK)
        return status;
    analyzer_reset(words, query->text, strlen(query->text));
    while (analyzer_next(words, &word)) {
        struct typed t = {.start = word.start, .end = word.end};
        const char *bytes = query->text + word.start;
        t.term_len = analyzer_term(s->analyzer, bytes, word.end - word.start, t.term);
        t.form_len = analyzer_form(s->analyzer, bytes, word.end - word.start, t.form);
        if (may_be_suggested_for(query, &t))
            buffer_append(&s->typed, &t, sizeof t);
    }
    analyzer_free(words);
    return s->typed.failed ? error_nomem(err) : LEDE_OK;
}

static lede_status count_typed(struct suggester *s, lede_error *err) {
    struct typed *typed = (struct typed *)(void *)s->typed.data;
    lede_status status = LEDE_OK;
    if (s->reader)
        return ask_for_typed(s, err);
    for (size_t i = 0; i < s->typed.len / sizeof *typed && status == LEDE_OK; i++)
        status = count_word(&typed[i], s->snapshot, err);
    return status;
}

/* Rewrites the query's text into `out`, and tells whether something is other than before. */
static lede_status rewrite(struct suggester *s, const struct lede_query *query, struct buffer *out, bool *changed,
                           lede_error *err) {
    const struct typed *typed = (const struct typed *)(const void *)s->typed.data;
    size_t done = 0;
    lede_status status = LEDE_OK;
    for (size_t i = 0; i < s->typed.len / sizeof *typed && status == LEDE_OK; i++) {
        const struct near *near = NULL;
        status = suggest_word(s, &typed[i], &near, err);
        if (!near)
            continue;
        buffer_append(out, query->text + done, typed[i].start - done);
        append_word(out, near, query->text[typed[i].start]);
        done = typed[i].end;
        *changed = true;
    }
    buffer_append(out, query->text + done, strlen(query->text) - done);
    buffer_append_u8(out, 0);
    return status == LEDE_OK && out->failed ? error_nomem(err) : status;
}

lede_status lede_index_suggest(char **out, const lede_index *index, const lede_query *query, lede_error *err) {
    struct suggester s = {.snapshot = index->snapshot, .reader = index->reader};
    struct buffer text = BUFFER_EMPTY;
    bool changed = false;
    *out = NULL;
    lede_status status = analyzer_new(&s.analyzer, index->snapshot->language, err);
    if (status == LEDE_OK)
        status = take_typed(&s, query, err);
    if (status == LEDE_OK && s.typed.len)
        status = count_typed(&s, err);
    if (status == LEDE_OK)
        status = rewrite(&s, query, &text, &changed, err);
    if (status == LEDE_OK && changed && !(*out = strdup((const char *)text.data)))
        status = error_nomem(err);
    analyzer_free(s.analyzer);
    buffer_release(&s.typed);
    buffer_release(&s.firsts);
    buffer_release(&s.nears);
    buffer_release(&text);
    return s.reader && status == LEDE_IO ? LEDE_OK : status;
}
