/* The parser of queries, by recursive descent over the text:
 *
 *     query    = either .
 *     either   = both { "OR" both } .
 *     both     = less { "AND" less } .
 *     less     = list { "NOT" list } .                   either list may lack: NOT alone leaves out
 *     list     = { space | item } .
 *     item     = [ sign ] [ field ] ( group | phrase | near | filter | all | text ) [ weight ] .
 *     group    = "(" query ")" [ "/" digits ] .
 *     phrase   = [ "=" ] quote { any character but a quote } quote .     the last one may lack its closing quote
 *     near     = ( "NEAR" | "ADJ" | "SENTENCE" | "PASSAGE" ) [ "/" digits ] "(" { space | item } ")" .
 *     filter   = ( "date" | "byline" | "path" | "lang" ) ":" ( phrase | text ) .
 *     field    = ( "title" | "heading" | "body" ) ":" .
 *     all      = "*" .
 *     text     = [ "=" ] characters but white space, quotes and parentheses [ "~" [ digit ] ] .
 *     weight   = "^" ( digits [ "." digits ] | "." digits ) .
 *     sign     = "+" | "-" .                             behind white space or a parenthesis, and at the start
 *     quote    = any of " « » “ ” „ ‟ ＂ .               each opens and closes; but see quote_at
 *
 * A text counts as its words one by one, each with the text's sign; a text of several words with "-" is one phrase, as
 * `-counter-terrorism` must not exclude all that is said about terrorism. Operators are words where there is nothing
 * for them to stand between. */
#include <string.h>

#include "core/base/error.h"
#include "core/text/utf8.h"
#include "parser.h"

static const char *const guesses[GUESS_COUNT] = {
    [GUESS_QUOTE] = "unbalanced quote",
    [GUESS_SIGN] = "sign without a word",
    [GUESS_OPEN] = "( without )",
    [GUESS_CLOSE] = ") without (",
    [GUESS_EMPTY] = "( ) without a word",
    [GUESS_OPERATOR] = "operator without words on both sides",
    [GUESS_EXCLUSION] = "nothing to leave words out of",
    [GUESS_OPERAND] = "NEAR, ADJ and SENTENCE take words and phrases",
    [GUESS_FIELD] = "not a field such as title:simla, date:2025, byline:sharma, path:news or lang:en",
    [GUESS_DATE] = "not a date such as 2025, 2025-04 or 2025-04-22..2025-05-10",
    [GUESS_RANGE] = "dates from later to earlier",
    [GUESS_LEAST] = "a number of operands that there are not",
    [GUESS_DISTANCE] = "a distance that is not from 1 to 1000",
    [GUESS_WEIGHT] = "a weight that is not from 0.001 to 1000",
    [GUESS_SUFFIX] = "~ without a word before it, or with more than 2",
    [GUESS_QUOTED_SUFFIX] = "~ in quotes, where words stand as they are",
    [GUESS_TEXT] = "the index keeps no text to tell forms and sentences by",
    [GUESS_DEPTH] = "parentheses more than 64 deep",
    [GUESS_LENGTH] = "more than 1024 words",
};

_Static_assert(LEDE_QUERY_MAX_TERMS == 1024 && QUERY_MAX_DEPTH == 64, "the texts above tell these");

enum { MAX_DISTANCE = 1000, DEFAULT_DISTANCE = 10 };

bool parser_guess(struct parser *p, enum guess guess, size_t at) {
    if (p->status != LEDE_OK)
        return false;
    p->guesses |= 1U << guess;
    if (!p->strict)
        return true;
    p->status = error_set(p->err, LEDE_INVALID, "query: %s at byte %zu", guesses[guess], at + 1);
    if (p->err)
        p->err->offset = at;
    return false;
}

void parser_fail(struct parser *p) {
    if (p->status == LEDE_OK)
        p->status = error_nomem(p->err);
}

struct node *parser_node(struct parser *p, enum node_kind kind, size_t at) {
    struct node *n = node_new(&p->query->arena, kind, at);
    if (!n)
        parser_fail(p);
    return n;
}

struct node *parser_operand(struct parser *p, enum node_kind kind, size_t at) {
    if (p->operands == LEDE_QUERY_MAX_TERMS) {
        parser_guess(p, GUESS_LENGTH, at);
        return NULL;
    }
    p->operands++;
    struct node *n = parser_node(p, kind, at);
    if (n)
        n->field = p->field;
    return n;
}

/* ------------------------------------------------------------------------------- characters -- */

/* Copies the query, with a character that separates words for each byte that can't be read: offsets stay what they
 * are for the one who typed it. */
static void take_text(struct buffer *out, const char *text, size_t len) {
    const char *end = text + len;
    uint32_t c;
    buffer_reserve(out, len);
    while (text < end) {
        size_t good = utf8_valid_prefix(text, (size_t)(end - text));
        const char *nul = memchr(text, 0, good);
        good = nul ? (size_t)(nul - text) : good;
        buffer_append(out, text, good);
        text += good;
        if (text == end)
            break;
        size_t n = utf8_read(text, end, &c);
        buffer_append(out, "!!!", n);
        text += n;
    }
}

static bool is_letter(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c & 0x80);
}

/* Wildcards are letters to those who look for words: any * , and a ? between letters or other wildcards. */
static void take_scan(struct buffer *out, const struct buffer *text) {
    buffer_append(out, text->data, text->len);
    bool is_wild = text->len && (memchr(text->data, '*', text->len) || memchr(text->data, '?', text->len));
    for (size_t i = out->failed || !is_wild ? 0 : text->len; i-- > 0;) {
        char before = i ? (char)text->data[i - 1] : ' ', next = i + 1 < text->len ? (char)out->data[i + 1] : ' ';
        bool inside = is_letter(next) && (is_letter(before) || before == '*' || before == '?');
        if (text->data[i] == '*' || (text->data[i] == '?' && inside))
            out->data[i] = 'x';
    }
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

/* Reads the character at i, which is inside the text. */
static size_t character_at(const struct parser *p, size_t i, uint32_t *c) {
    const char *text = (const char *)p->text.data;
    return utf8_read(text + i, text + p->text.len, c);
}

/* The length of the white space character at i; 0 if there is none. */
static inline size_t space_at(const struct parser *p, size_t i) {
    if (i >= p->text.len)
        return 0;
    uint32_t c = p->text.data[i];
    size_t n = c < 0x80 ? 1 : character_at(p, i, &c);
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

/* The length of the quote at i; 0 if there is none. A plain one between two Hebrew letters is part of a word, an
 * acronym, as it is in articles (UAX #29, WB7b). */
static inline size_t quote_at(const struct parser *p, size_t i) {
    if (i >= p->text.len)
        return 0;
    uint32_t c = p->text.data[i];
    size_t n = c < 0x80 ? 1 : character_at(p, i, &c);
    return is_quote(c) && !(c == '"' && is_between_hebrew(&p->text, i)) ? n : 0;
}

char parser_byte(const struct parser *p, size_t i) {
    return i < p->text.len ? (char)p->text.data[i] : '\0';
}

static bool is_parenthesis(char c) {
    return c == '(' || c == ')';
}

bool parser_ends_at(const struct parser *p, size_t i) {
    return i >= p->text.len || is_parenthesis(parser_byte(p, i)) || space_at(p, i) || quote_at(p, i);
}

static size_t skip_spaces(const struct parser *p, size_t i) {
    for (size_t n; (n = space_at(p, i)) > 0;)
        i += n;
    return i;
}

static size_t text_end(const struct parser *p, size_t i) {
    uint32_t c;
    for (;; i += character_at(p, i, &c)) {
        while (is_letter(parser_byte(p, i)) && !(p->text.data[i] & 0x80))
            i++;
        if (parser_ends_at(p, i))
            return i;
    }
}

static size_t quoted_end(const struct parser *p, size_t i) {
    uint32_t c;
    while (i < p->text.len && !quote_at(p, i))
        i += character_at(p, i, &c);
    return i;
}

/* Reads digits at *at; false if there are none. Large numbers are all the same. */
static bool take_number(struct parser *p, size_t *at, uint32_t *number) {
    size_t start = *at;
    for (*number = 0; parser_byte(p, *at) >= '0' && parser_byte(p, *at) <= '9'; ++*at)
        *number = *number > 100000 ? *number : *number * 10 + (uint32_t)(parser_byte(p, *at) - '0');
    return *at > start;
}

/* -------------------------------------------------------------------------------- operators -- */

static struct node *parse_either(struct parser *p);

/* Mostly the first byte tells. */
static inline bool stands_at(const struct parser *p, size_t i, const char *text) {
    if (parser_byte(p, i) != text[0])
        return false;
    size_t len = strlen(text);
    return p->text.len - i >= len && memcmp(p->text.data + i, text, len) == 0;
}

/* Whether the text is all in capitals, and has words side by side, without any sign of syntax: "MATHEMATICAL ANALYSIS
 * AND DESIGN" does not ask for both sides of its AND. */
static bool is_shouted(const struct parser *p) {
    static const char *const names[] = {"AND", "OR", "NOT"};
    bool side_by_side = false, after_word = false;
    for (size_t i = 0; i < p->text.len; i++)
        if (strchr("abcdefghijklmnopqrstuvwxyz()\"+:=*~^", p->text.data[i]) || p->text.data[i] >= 0x80)
            return false;
    for (size_t i = skip_spaces(p, 0), end; i < p->text.len; i = skip_spaces(p, end)) {
        bool word = true;
        end = text_end(p, i);
        for (size_t n = 0; n < 3; n++)
            word = word && !(stands_at(p, i, names[n]) && end - i == strlen(names[n]));
        side_by_side |= word && after_word;
        after_word = word;
    }
    return side_by_side;
}

/* Whether the operator stands at p->at, with something behind it. */
static bool is_operator(const struct parser *p, const char *name) {
    if (p->shouted || !stands_at(p, p->at, name))
        return false;
    size_t end = p->at + strlen(name);
    if (!parser_ends_at(p, end))
        return false;
    end = skip_spaces(p, end);
    return end < p->text.len && parser_byte(p, end) != ')';
}

static bool take_operator(struct parser *p, const char *name) {
    p->at = skip_spaces(p, p->at);
    if (p->status != LEDE_OK || !is_operator(p, name))
        return false;
    p->at += strlen(name);
    return true;
}

/* Whether there is a word at p->at that is an operator elsewhere. */
static bool is_lone_operator(const struct parser *p) {
    static const char *const names[] = {"AND", "OR", "NOT"};
    for (size_t i = 0; i < 3 && !p->shouted; i++)
        if (stands_at(p, p->at, names[i]) && parser_ends_at(p, p->at + strlen(names[i])))
            return true;
    return false;
}

/* ----------------------------------------------------------------------------------- operands -- */

/* What stands before an operand. */
struct prefix {
    enum occur occur;
    bool implied, exact;
    size_t at; /* where the operand starts, with its sign */
};

static void add(struct parser *p, struct node *list, const struct prefix *prefix, struct node *node) {
    combine_add(p, list, node, prefix->occur, prefix->implied);
}

/* Adds words, or all of them as a phrase. */
static void add_words(struct parser *p, struct node *list, const struct prefix *prefix, struct node *words,
                      bool phrase) {
    if (words->count == 0) {
        if (!prefix->implied)
            parser_guess(p, GUESS_SIGN, prefix->at);
        return;
    }
    if (phrase && words->count > 1) {
        words->kind = NODE_PHRASE;
        add(p, list, prefix, words);
        return;
    }
    for (struct node *w = words->first, *next; w; w = next) {
        next = w->next;
        w->next = NULL;
        add(p, list, prefix, w);
    }
}

/* The place of a ~ that would make a word fuzzy, were there no quotes; `end` if there is none. */
static size_t quoted_suffix(const struct parser *p, size_t start, size_t end) {
    for (size_t i = start + 1; i < end; i++) {
        size_t behind = i + 1;
        if (parser_byte(p, i) != '~' || !is_letter(parser_byte(p, i - 1)))
            continue;
        behind += behind < end && parser_byte(p, behind) >= '0' && parser_byte(p, behind) <= '9';
        if (behind == end || space_at(p, behind))
            return i;
    }
    return end;
}

static void parse_phrase(struct parser *p, struct node *list, const struct prefix *prefix) {
    size_t open = p->at, start = open + quote_at(p, open), end = quoted_end(p, start);
    struct node *words = parser_node(p, NODE_GROUP, prefix->at);
    if (!words)
        return;
    p->at = end + quote_at(p, end);
    if (end == p->text.len)
        parser_guess(p, GUESS_QUOTE, open);
    if (quoted_suffix(p, start, end) < end)
        parser_guess(p, GUESS_QUOTED_SUFFIX, quoted_suffix(p, start, end));
    parser_words(p, words, start, end, prefix->exact);
    if (words->count == 1 && words->first->word == WORD_STEM) {
        words->first = words->last = NULL;
        words->count = 0;
        p->operands--;
        parser_words(p, words, start, end, true);
    }
    double weight = parser_weight(p);
    if (words->count == 1)
        words->first->weight = weight;
    else
        words->weight = weight;
    add_words(p, list, prefix, words, true);
}

/* Whether [start, end) begins with a name and a colon as fields do: an unknown name with a value right behind, or that
 * of a field with none. */
static bool is_like_field(const struct parser *p, size_t start, size_t end) {
    static const char *const names[] = {"title", "heading", "body", "date", "byline", "path", "lang"};
    size_t colon = start;
    bool is_known = false;
    while (colon < end && parser_byte(p, colon) >= 'a' && parser_byte(p, colon) <= 'z')
        colon++;
    if (colon == start || colon == end || parser_byte(p, colon) != ':')
        return false;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        is_known |= strlen(names[i]) == colon - start && stands_at(p, start, names[i]);
    if (colon + 1 == end)
        return is_known || quote_at(p, end) || parser_byte(p, end) == '(';
    return !is_known && is_letter(parser_byte(p, colon + 1));
}

static void parse_text(struct parser *p, struct node *list, const struct prefix *prefix) {
    size_t start = p->at, end = text_end(p, start);
    struct suffixes suffixes;
    struct node *words = parser_node(p, NODE_GROUP, prefix->at);
    if (!words)
        return;
    p->at = end;
    if (is_like_field(p, start, end))
        parser_guess(p, GUESS_FIELD, start);
    parser_suffixes(p, start, &end, &suffixes);
    parser_words(p, words, start, end, prefix->exact);
    bool phrase = prefix->occur == OCCUR_MUST_NOT;
    if (suffixes.edits && phrase && words->count > 1)
        parser_guess(p, GUESS_SUFFIX, end);
    else if (suffixes.edits)
        parser_make_fuzzy(p, words, suffixes.edits);
    for (struct node *w = words->first; w && suffixes.weight > 0 && !phrase; w = w->next)
        w->weight = suffixes.weight;
    add_words(p, list, prefix, words, phrase);
}

/* Whether the group that opens at `open` ends with a number of its operands that there have to be. */
static bool is_quorum(const struct parser *p, size_t open) {
    size_t depth = 0, i = open;
    for (size_t quote; i < p->text.len; i++) {
        if ((quote = quote_at(p, i)) > 0) {
            i = quoted_end(p, i + quote);
            i += quote_at(p, i) - 1;
            continue;
        }
        depth += parser_byte(p, i) == '(';
        if (parser_byte(p, i) == ')' && --depth == 0)
            break;
    }
    char digit = parser_byte(p, i + 2);
    return parser_byte(p, i + 1) == '/' && digit >= '0' && digit <= '9';
}

/* Reads a group at p->at, with its suffixes; NULL if there is nothing in it. */
static struct node *take_group(struct parser *p) {
    size_t open = p->at++;
    uint32_t least;
    if (p->depth == QUERY_MAX_DEPTH) {
        parser_guess(p, GUESS_DEPTH, open);
        return NULL;
    }
    bool outer = p->in_quorum;
    p->in_quorum = is_quorum(p, open);
    p->depth++;
    struct node *group = parse_either(p);
    p->depth--;
    p->in_quorum = outer;
    if (parser_byte(p, p->at) == ')')
        p->at++;
    else
        parser_guess(p, GUESS_OPEN, open);
    size_t at = p->at + 1;
    bool has_least = parser_byte(p, p->at) == '/' && take_number(p, &at, &least);
    p->at = has_least ? at : p->at;
    double weight = parser_weight(p);
    if (!group || !group->count)
        parser_guess(p, GUESS_EMPTY, open);
    if (!group || !group->count || p->status != LEDE_OK)
        return NULL;
    if (has_least)
        group = combine_quorum(p, group, least);
    if (group && weight != 1)
        node_multiply(group, weight);
    return group;
}

static void parse_group(struct parser *p, struct node *list, const struct prefix *prefix) {
    struct node *group = take_group(p);
    if (!group && !prefix->implied)
        parser_guess(p, GUESS_SIGN, prefix->at);
    if (group)
        group->kept = p->in_quorum;
    add(p, list, prefix, group);
}

/* -------------------------------------------------------------------------------------- near -- */

static void parse_item(struct parser *p, struct node *list, bool sign_allowed);

static bool is_choice_of_words(const struct node *node) {
    bool words = node->kind == NODE_GROUP && !node->least;
    for (const struct node *c = node->first; c && words; c = c->next)
        words = c->kind == NODE_WORD && c->occur == OCCUR_SHOULD;
    return words;
}

/* Adds what a NEAR and its like can take of the node; says if there is more to it. */
static void add_operand(struct parser *p, struct node *near, struct node *node) {
    while (node->kind == NODE_GROUP && node->count == 1 && node->first->occur != OCCUR_MUST_NOT)
        node = node->first;
    if (node->kind == NODE_WORD || node->kind == NODE_PHRASE || is_choice_of_words(node)) {
        node_add(near, node);
        return;
    }
    parser_guess(p, GUESS_OPERAND, node->at);
    for (struct node *c = node->first, *next; c; c = next) {
        next = c->next;
        if (c->occur != OCCUR_MUST_NOT && c->kind != NODE_FILTER)
            add_operand(p, near, c);
    }
}

/* Adds what an item comes to, its words one by one. */
static void parse_near_item(struct parser *p, struct node *near, bool apart) {
    struct node *item = parser_node(p, NODE_GROUP, p->at);
    if (!item)
        return;
    parse_item(p, item, apart);
    for (struct node *c = item->first, *after; c; c = after) {
        after = c->next;
        bool fits = c->occur != OCCUR_MUST_NOT && c->occur != OCCUR_FILTER;
        if (!fits || !c->implied)
            parser_guess(p, GUESS_OPERAND, c->at);
        if (fits)
            add_operand(p, near, c);
    }
}

/* The operands up to the closing parenthesis. */
static void parse_operands(struct parser *p, struct node *near, size_t open) {
    while (p->status == LEDE_OK) {
        size_t next = skip_spaces(p, p->at);
        bool apart = next > p->at || p->at == open + 1;
        p->at = next;
        if (p->at == p->text.len || parser_byte(p, p->at) == ')')
            break;
        if (apart && is_lone_operator(p)) {
            parser_guess(p, GUESS_OPERAND, p->at);
            p->at = text_end(p, p->at);
        } else if (parser_byte(p, p->at) == '(') {
            struct node *group = take_group(p);
            if (group)
                add_operand(p, near, group);
        } else {
            parse_near_item(p, near, apart);
        }
    }
    if (parser_byte(p, p->at) == ')')
        p->at++;
    else
        parser_guess(p, GUESS_OPEN, open);
}

struct near_name {
    const char *name;
    enum node_kind kind;
    bool has_distance;
};

static const struct near_name near_names[] = {{"NEAR", NODE_NEAR, true},
                                              {"ADJ", NODE_ADJ, true},
                                              {"SENTENCE", NODE_SENTENCE, false},
                                              {"PASSAGE", NODE_GROUP, false}};

/* The operator whose name, number and parenthesis stand at i; NULL if there is none. *open is where its parenthesis
 * is. */
static const struct near_name *near_at(struct parser *p, size_t i, size_t *open, uint32_t *distance) {
    for (size_t n = 0; n < sizeof near_names / sizeof *near_names; n++) {
        const struct near_name *name = &near_names[n];
        if (!stands_at(p, i, name->name))
            continue;
        *open = i + strlen(name->name);
        *distance = DEFAULT_DISTANCE;
        size_t at = *open + 1;
        bool has_slash = name->has_distance && parser_byte(p, *open) == '/';
        if (has_slash && take_number(p, &at, distance)) {
            *open = skip_spaces(p, at);
        } else if (has_slash && parser_byte(p, at) == '(') {
            *distance = DEFAULT_DISTANCE;
            *open = at;
            parser_guess(p, GUESS_DISTANCE, i);
        }
        if (parser_byte(p, *open) == '(')
            return name;
    }
    return NULL;
}

static struct node *join_operands(struct parser *p, struct node *near) {
    struct node *all = parser_node(p, NODE_GROUP, near->at);
    for (struct node *c = near->first, *next; c && all; c = next) {
        next = c->next;
        combine_add(p, all, c, OCCUR_MUST, false);
    }
    if (all)
        combine_finish(p, all);
    return all;
}

/* A choice of words that stands for one word: its weight is that of the weightiest. */
static void make_synonym(struct node *group) {
    double weight = 0;
    group->kind = NODE_SYNONYM;
    for (struct node *c = group->first; c; c = c->next) {
        weight = c->weight > weight ? c->weight : weight;
        c->weight = 1;
    }
    group->weight = weight;
}

/* What an operator over operands comes to: the only one itself. */
static struct node *finish_near(struct parser *p, struct node *near, enum node_kind kind) {
    if (near->count < 2)
        return near->first;
    if (kind == NODE_GROUP || (kind == NODE_SENTENCE && !p->target->has_text && parser_guess(p, GUESS_TEXT, near->at)))
        return join_operands(p, near);
    near->kind = kind;
    for (struct node *c = near->first; c; c = c->next)
        if (c->kind == NODE_GROUP)
            make_synonym(c);
    return near;
}

static void parse_near(struct parser *p, struct node *list, const struct prefix *prefix, const struct near_name *name,
                       size_t open, uint32_t distance) {
    struct node *near = parser_node(p, NODE_GROUP, prefix->at);
    if (!near)
        return;
    if (p->depth == QUERY_MAX_DEPTH) {
        parser_guess(p, GUESS_DEPTH, open);
        p->at = open + 1;
        return;
    }
    if (distance < 1 || distance > MAX_DISTANCE) {
        parser_guess(p, GUESS_DISTANCE, p->at);
        distance = distance < 1 ? 1 : MAX_DISTANCE;
    }
    p->at = open + 1;
    p->depth++;
    parse_operands(p, near, open);
    p->depth--;
    double weight = parser_weight(p);
    if (p->status != LEDE_OK)
        return;
    near = finish_near(p, near, name->kind);
    if (!near) {
        if (!prefix->implied)
            parser_guess(p, GUESS_SIGN, prefix->at);
        return;
    }
    near->next = NULL;
    if (name->has_distance && (near->kind == NODE_NEAR || near->kind == NODE_ADJ))
        near->distance = distance;
    if (weight != 1)
        node_multiply(near, weight);
    add(p, list, prefix, near);
}

/* ------------------------------------------------------------------------------------- fields -- */

/* The length of the name and colon at i, if something follows it; 0 if there is none. */
static size_t name_at(const struct parser *p, size_t i, const char *name) {
    if (!stands_at(p, i, name))
        return 0;
    size_t len = strlen(name);
    if (parser_byte(p, i + len) != ':')
        return 0;
    i += len + 1;
    bool follows = i < p->text.len && !space_at(p, i) && parser_byte(p, i) != ')';
    return follows ? len + 1 : 0;
}

static bool parse_filter(struct parser *p, struct node *list, const struct prefix *prefix) {
    static const char *const names[] = {
        [FILTER_DATE] = "date", [FILTER_BYLINE] = "byline", [FILTER_PATH] = "path", [FILTER_LANGUAGE] = "lang"};
    for (unsigned kind = 0; kind < sizeof names / sizeof *names; kind++) {
        size_t skip = name_at(p, p->at, names[kind]);
        if (!skip)
            continue;
        size_t start = p->at + skip, quote = quote_at(p, start);
        size_t end = quote ? quoted_end(p, start + quote) : text_end(p, start);
        if (quote && end == p->text.len)
            parser_guess(p, GUESS_QUOTE, start);
        struct node *filter = parser_filter(p, (enum filter_kind)kind, start + quote, end);
        if (!filter)
            return false;
        p->at = end + (quote ? quote_at(p, end) : 0);
        add(p, list, prefix, filter);
        return true;
    }
    return false;
}

/* Reads a field's name at p->at. */
static enum text_field take_field(struct parser *p) {
    static const char *const names[] = {[FIELD_TITLE] = "title", [FIELD_HEADING] = "heading", [FIELD_BODY] = "body"};
    for (unsigned field = FIELD_TITLE; field <= FIELD_BODY; field++) {
        size_t skip = name_at(p, p->at, names[field]);
        p->at += skip;
        if (skip)
            return (enum text_field)field;
    }
    return FIELD_ANY;
}

/* ----------------------------------------------------------------------------------- the rest -- */

static struct prefix take_prefix(struct parser *p, bool sign_allowed) {
    struct prefix x = {p->query->all_required ? OCCUR_MUST : OCCUR_SHOULD, true, false, p->at};
    char c = parser_byte(p, p->at);
    if (sign_allowed && (c == '+' || c == '-')) {
        x.implied = false;
        x.occur = c == '+' ? OCCUR_MUST : OCCUR_MUST_NOT;
        p->at++;
    }
    return x;
}

static void parse_operand(struct parser *p, struct node *list, struct prefix *x) {
    size_t open;
    uint32_t distance;
    if (p->status != LEDE_OK || parse_filter(p, list, x))
        return;
    if (parser_byte(p, p->at) == '=') {
        p->at++;
        x->exact = true;
    }
    const struct near_name *near = x->exact ? NULL : near_at(p, p->at, &open, &distance);
    if (near)
        parse_near(p, list, x, near, open, distance);
    else if (parser_byte(p, p->at) == '(')
        parse_group(p, list, x);
    else if (quote_at(p, p->at))
        parse_phrase(p, list, x);
    else
        parse_text(p, list, x);
}

static bool is_all(const struct parser *p) {
    return parser_byte(p, p->at) == '*' && parser_ends_at(p, p->at + 1);
}

static void parse_item(struct parser *p, struct node *list, bool sign_allowed) {
    struct prefix x = take_prefix(p, sign_allowed);
    if (is_all(p)) {
        p->at++;
        add(p, list, &x, parser_operand(p, NODE_ALL, x.at));
        return;
    }
    enum text_field outer = p->field, inner = take_field(p);
    p->field = inner == FIELD_ANY ? outer : inner;
    parse_operand(p, list, &x);
    p->field = outer;
}

/* Stands at a parenthesis that nobody waits for: passes over it. */
static bool skip_close(struct parser *p) {
    if (parser_byte(p, p->at) != ')' || p->depth)
        return false;
    parser_guess(p, GUESS_CLOSE, p->at++);
    return true;
}

static struct node *parse_list(struct parser *p) {
    struct node *list = parser_node(p, NODE_GROUP, p->at);
    for (bool first = true; p->status == LEDE_OK; first = false) {
        size_t next = skip_spaces(p, p->at);
        bool apart = first || next > p->at;
        p->at = next;
        if (p->at == p->text.len || (parser_byte(p, p->at) == ')' && p->depth))
            break;
        if (skip_close(p))
            continue;
        if (list->count == 0)
            list->at = p->at;
        bool binary = list->count > 0 && (is_operator(p, "AND") || is_operator(p, "OR"));
        if (apart && (binary || is_operator(p, "NOT")))
            break;
        if (apart && is_lone_operator(p))
            parser_guess(p, GUESS_OPERATOR, p->at);
        parse_item(p, list, apart || (p->at && parser_byte(p, p->at - 1) == '('));
    }
    if (list)
        combine_finish(p, list);
    return list && list->count ? list : NULL;
}

static struct node *parse_less(struct parser *p) {
    p->at = skip_spaces(p, p->at);
    struct node *left = is_operator(p, "NOT") ? NULL : parse_list(p);
    while (take_operator(p, "NOT"))
        left = combine_not(p, left, parse_list(p));
    return left;
}

static struct node *parse_both(struct parser *p) {
    struct node *left = parse_less(p);
    while (take_operator(p, "AND"))
        left = combine_and(p, left, parse_less(p));
    return left;
}

static struct node *parse_either(struct parser *p) {
    struct node *left = parse_both(p);
    while (take_operator(p, "OR"))
        left = combine_or(p, left, parse_both(p));
    return left;
}

/* ------------------------------------------------------------------------------------- notes -- */

enum { NOTE_QUERY_MOST = 200 };

static void append(struct buffer *out, const char *text) {
    buffer_append(out, text, strlen(text));
}

/* "what was wrong, what else: read as QUERY; why there can't be hits" */
static void write_note(struct buffer *note, const struct parser *p) {
    const struct lede_query *q = p->query;
    for (unsigned g = 0; g < GUESS_COUNT; g++)
        if (p->guesses & 1U << g) {
            append(note, note->len ? ", " : "");
            append(note, guesses[g]);
        }
    size_t len = strlen(q->text), shown = utf8_cut(q->text, len, NOTE_QUERY_MOST);
    if (note->len) {
        append(note, len ? ": read as " : ": ignored");
        buffer_append(note, q->text, shown);
        append(note, shown < len ? "..." : "");
    }
    if (p->by_stems) {
        append(note, note->len ? "; " : "");
        append(note, "the index keeps no text: all words of the same stem are found");
    }
    if (lede_query_is_empty(q)) {
        append(note, note->len ? "; " : "");
        append(note, q->root->count ? "only words to leave out: add one to look for" : "no word to look for");
    }
}

static char *keep(struct lede_query *q, const struct buffer *b) {
    return b->failed ? NULL : arena_strndup(&q->arena, (const char *)b->data, b->len);
}

static bool take_texts(struct parser *p) {
    struct lede_query *q = p->query;
    struct buffer text = BUFFER_EMPTY, note = BUFFER_EMPTY;
    print_query(&text, q->root, q->all_required);
    q->text = keep(q, &text);
    if (q->text)
        write_note(&note, p);
    q->note = q->text && note.len ? keep(q, &note) : NULL;
    q->shown = show_tree(q);
    bool ok = q->text && q->shown && !note.failed && (q->note || !note.len);
    buffer_release(&text);
    buffer_release(&note);
    return ok;
}

/* -------------------------------------------------------------------------------- the whole -- */

static lede_status parser_init(struct parser *p, const char *text, size_t len, const lede_query_options *o,
                               lede_error *err) {
    p->query = query_new();
    if (!p->query)
        return error_nomem(err);
    p->query->all_required = o->default_operator == LEDE_AND;
    p->strict = o->strict;
    take_text(&p->text, text, len);
    take_scan(&p->scan, &p->text);
    if (p->text.failed || p->scan.failed)
        return error_nomem(err);
    p->shouted = is_shouted(p);
    lede_status status = analyzer_new(&p->analyzer, p->target->language, err);
    p->stems = status == LEDE_OK && analyzer_stems(p->analyzer);
    return status;
}

static lede_status parse_whole(struct parser *p) {
    struct node *root = parse_either(p), *outer = root;
    if (p->status == LEDE_OK && (!root || root->least)) {
        outer = parser_node(p, NODE_GROUP, 0);
        if (outer && root)
            combine_add(p, outer, root, p->query->all_required ? OCCUR_MUST : OCCUR_SHOULD, true);
    }
    if (p->status == LEDE_OK)
        p->status = analyzer_status(p->analyzer, p->err);
    if (outer)
        combine_settle(p, outer);
    while (outer && outer->count == 1 && outer->first->kind == NODE_GROUP && !outer->first->least &&
           outer->first->occur != OCCUR_MUST_NOT)
        outer = outer->first;
    p->query->root = outer;
    if (p->status == LEDE_OK && (!query_finish(p->query) || !take_texts(p)))
        parser_fail(p);
    return p->status;
}

lede_status query_parse(struct lede_query **out, const struct query_target *target, const char *text, size_t len,
                        const lede_query_options *options, lede_error *err) {
    const lede_query_options defaults = {0};
    struct parser p = {.target = target, .err = err};
    *out = NULL;
    if (len > UINT32_MAX)
        return error_set(err, LEDE_INVALID, "query: longer than 4 GiB; shorten it");
    lede_status status = parser_init(&p, text, len, options ? options : &defaults, err);
    if (status == LEDE_OK)
        status = parse_whole(&p);
    if (status == LEDE_OK) {
        *out = p.query;
        p.query = NULL;
    }
    analyzer_free(p.analyzer);
    buffer_release(&p.text);
    buffer_release(&p.scan);
    lede_query_free(p.query);
    return status;
}
