/* Words of a query: analysed as those of articles are, with wildcards, suffixes and exact forms. */
#include "parser.h"

#include <string.h>

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* Reads "^2.5" or "^.5" at *at; 0, and *at as it was, if there is none. */
static double take_weight(struct parser *p, size_t *at) {
    size_t i = *at;
    double whole = 0, part = 0, unit = 1;
    if (parser_byte(p, i++) != '^' || !is_digit(parser_byte(p, i + (parser_byte(p, i) == '.'))))
        return 0;
    for (; is_digit(parser_byte(p, i)); i++)
        whole = whole < 1e9 ? whole * 10 + (parser_byte(p, i) - '0') : whole;
    if (parser_byte(p, i) == '.' && is_digit(parser_byte(p, i + 1)))
        for (i++; is_digit(parser_byte(p, i)); i++)
            part += (parser_byte(p, i) - '0') * (unit /= 10);
    double weight = whole + part;
    if (weight < 0.001 || weight > 1000)
        parser_guess(p, GUESS_WEIGHT, *at);
    *at = i;
    return weight_round(weight);
}

double parser_weight(struct parser *p) {
    size_t at = p->at;
    double weight = take_weight(p, &at);
    if (weight == 0 || !parser_ends_at(p, at))
        return 1;
    p->at = at;
    return weight;
}

void parser_suffixes(struct parser *p, size_t start, size_t *end, struct suffixes *out) {
    *out = (struct suffixes){0, 0};
    const char *text = (const char *)p->text.data;
    const char *caret = memrchr(text + start, '^', *end - start);
    size_t at = caret ? (size_t)(caret - text) : *end;
    if (caret && at > start) {
        size_t behind = at;
        double weight = take_weight(p, &behind);
        if (weight > 0 && behind == *end) {
            out->weight = weight;
            *end = at;
        } else if (weight > 0 || (parser_byte(p, at + 1) == '-' && is_digit(parser_byte(p, at + 2)))) {
            parser_guess(p, GUESS_WEIGHT, at);
        }
    }
    size_t tilde = *end;
    bool number = tilde > start && is_digit(text[tilde - 1]);
    tilde -= number;
    if (tilde == start || text[tilde - 1] != '~')
        return;
    tilde--;
    uint32_t edits = number ? (uint32_t)(text[tilde + 1] - '0') : 1;
    if (edits > 2 || edits == 0 || tilde == start)
        parser_guess(p, GUESS_SUFFIX, tilde);
    out->edits = edits > 2 ? 2 : edits;
    *end = tilde;
}

/* ------------------------------------------------------------------------------------ words -- */

static bool is_wild(char c) {
    return c == '*' || c == '?';
}

/* Writes the pattern with its letters folded, runs of stars as one, to out[TERM_MAX]. Returns its length, 0 if no
 * letter is left. */
static size_t fold_pattern(struct parser *p, const char *text, size_t len, char *out) {
    char form[TERM_MAX + 1];
    size_t n = 0, letters = 0;
    for (size_t i = 0; i < len;) {
        size_t run = 0;
        while (i + run < len && !is_wild(text[i + run]))
            run++;
        size_t folded = run ? analyzer_form(p->analyzer, text + i, run, form) : 0;
        if (n + folded >= TERM_MAX)
            break;
        memcpy(out + n, form, folded);
        n += folded;
        letters += folded;
        i += run;
        if (i < len && !(text[i] == '*' && n && out[n - 1] == '*'))
            out[n++] = text[i];
        i++;
    }
    return letters ? n : 0;
}

static bool keep_form(struct parser *p, struct node *word, const char *form, size_t len) {
    word->form = arena_strndup(&p->query->arena, form, len);
    word->form_len = len;
    if (!word->form)
        parser_fail(p);
    return word->form;
}

/* Forms can be told from their stems by the text alone. */
static bool tells_forms(struct parser *p, size_t at) {
    return p->stems && (p->target->has_text || !parser_guess(p, GUESS_TEXT, at));
}

static struct node *new_word(struct parser *p, size_t start, size_t end) {
    struct node *word = parser_operand(p, NODE_WORD, start);
    if (word) {
        word->shown = arena_strndup(&p->query->arena, (const char *)p->text.data + start, end - start);
        word->shown_len = end - start;
        if (!word->shown)
            parser_fail(p);
    }
    return word;
}

static struct node *pattern_word(struct parser *p, size_t start, size_t end) {
    char pattern[TERM_MAX + 1];
    size_t len = fold_pattern(p, (const char *)p->text.data + start, end - start, pattern);
    struct node *word = len ? new_word(p, start, end) : NULL;
    if (!word)
        return NULL;
    bool prefix = pattern[len - 1] == '*' && !memchr(pattern, '*', len - 1) && !memchr(pattern, '?', len);
    word->word = prefix ? WORD_PREFIX : WORD_WILDCARD;
    p->by_stems |= p->stems && !p->target->has_text;
    return keep_form(p, word, pattern, len - prefix) ? word : NULL;
}

static struct node *plain_word(struct parser *p, size_t start, size_t end, bool exact) {
    char term[TERM_MAX + 1];
    const char *text = (const char *)p->text.data + start;
    size_t len = analyzer_term(p->analyzer, text, end - start, term);
    struct node *word = len ? new_word(p, start, end) : NULL;
    if (!word)
        return NULL;
    word->term = query_add_term(p->query, term, len);
    if (word->term == QUERY_NO_TERM) {
        parser_fail(p);
        return NULL;
    }
    if (exact && tells_forms(p, start)) {
        len = analyzer_form(p->analyzer, text, end - start, term);
        word->word = WORD_FORM;
        return keep_form(p, word, term, len) ? word : NULL;
    }
    return word;
}

/* Takes the ? at the ends of a word for the question marks that they are. False if there are none. */
static bool end_question(struct parser *p, size_t from, size_t to) {
    bool found = false;
    for (; from < to && p->text.data[from] == '?'; from++) {
        p->scan.data[from] = '?';
        found = true;
    }
    for (; to > from && p->text.data[to - 1] == '?'; to--) {
        p->scan.data[to - 1] = '?';
        found = true;
    }
    return found;
}

/* Where the word ends that a star is in or next to. The letter that stands for it is a part of words of alphabets, but
 * stands apart from those that a dictionary cuts, and from Korean ones. (So does that of a ?, which may well end a
 * question there, as no space needs to follow.) Leaves the analyzer anywhere. */
static size_t join_at_stars(struct parser *p, size_t to, size_t end) {
    const char *scan = (const char *)p->scan.data, *text = (const char *)p->text.data;
    struct word next;
    while (to < end && (text[to] == '*' || text[to - 1] == '*')) {
        analyzer_reset(p->analyzer, scan + to, end - to);
        if (!analyzer_next(p->analyzer, &next) || next.start > 0)
            break;
        if (!end_question(p, to, to + next.end))
            to += next.end;
    }
    return to;
}

void parser_words(struct parser *p, struct node *list, size_t start, size_t end, bool exact) {
    const char *scan = (const char *)p->scan.data, *text = (const char *)p->text.data;
    struct word word;
    if (p->status != LEDE_OK || start >= end)
        return;
    analyzer_reset(p->analyzer, scan + start, end - start);
    while (p->status == LEDE_OK && analyzer_next(p->analyzer, &word)) {
        size_t from = start + word.start, to = start + word.end;
        if (end_question(p, from, to)) {
            start = from;
            analyzer_reset(p->analyzer, scan + start, end - start);
            continue;
        }
        if (to < end && (text[to] == '*' || text[to - 1] == '*')) {
            start = to = join_at_stars(p, to, end);
            analyzer_reset(p->analyzer, scan + start, end - start);
        }
        bool wild = memchr(text + from, '*', to - from) || memchr(text + from, '?', to - from);
        struct node *node = wild ? pattern_word(p, from, to) : plain_word(p, from, to, exact);
        if (node)
            node_add(list, node);
    }
}

void parser_make_fuzzy(struct parser *p, struct node *list, uint32_t edits) {
    char form[TERM_MAX + 1];
    struct node *word = list->last;
    if (p->status != LEDE_OK)
        return;
    if (!word || word->word == WORD_PREFIX || word->word == WORD_WILDCARD) {
        parser_guess(p, GUESS_SUFFIX, p->at - 1);
        return;
    }
    size_t len = analyzer_form(p->analyzer, word->shown, word->shown_len, form), letters = 0;
    for (size_t i = 0; i < len; i++)
        letters += (form[i] & 0xc0) != 0x80;
    word->word = WORD_FUZZY;
    /* One letter less, or all words as short as it would do. */
    word->edits = edits < letters ? edits : (uint32_t)letters - 1;
    if (word->edits == 0)
        word->word = WORD_STEM;
    else if (keep_form(p, word, form, len))
        p->by_stems |= p->stems && !p->target->has_text;
}
