#include "expand.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/text/utf8.h"
#include "searcher/query/naming.h"
#include "searcher/query/pattern.h"

enum { ASK_EVERY_WORD = 256, ASK_EVERY_SEEK = 32 };

/* What all of this is for. */
struct expanding {
    const struct node *word;
    const struct segment *segment;
    struct interrupt *interrupt;
    const struct expand_visitor *visitor;
    lede_error *err;
};

static lede_status take(const struct expanding *e, const char *form, size_t len, const struct dictionary_cursor *c) {
    return e->visitor->visit(e->visitor->ctx, form, len, dictionary_info(c)->total_freq, e->err);
}

/* Bytes that all forms of a wildcard begin with. */
static size_t fixed_beginning(const struct node *word) {
    size_t n = 0;
    while (n < word->form_len && word->form[n] != '*' && word->form[n] != '?')
        n++;
    return word->word == WORD_WILDCARD ? n : word->form_len;
}

/* The longest run of letters that all forms of a wildcard have somewhere. */
static const char *longest_run(const struct node *word, size_t *len) {
    const char *best = word->form;
    size_t run = 0;
    *len = 0;
    for (size_t i = 0; i < word->form_len; i++) {
        run = word->form[i] == '*' || word->form[i] == '?' ? 0 : run + 1;
        if (run > *len) {
            *len = run;
            best = word->form + i + 1 - run;
        }
    }
    return best;
}

static bool begins(const char *key, size_t len, const char *beginning, size_t n) {
    return len >= n && memcmp(key, beginning, n) == 0;
}

static lede_status scan(const struct expanding *e) {
    const struct node *word = e->word;
    struct dictionary_cursor *c;
    uint32_t looked_at = 0;
    size_t fixed = fixed_beginning(word), len, run_len;
    const char *run = longest_run(word, &run_len);
    lede_status status = dictionary_open(&c, e->segment, DICTIONARY_WORDS, word->form, fixed, e->err);
    for (const char *key; status == LEDE_OK && (key = dictionary_key(c, &len));) {
        if (!begins(key, len, word->form, fixed) || interrupt_is_due_each(e->interrupt, &looked_at, ASK_EVERY_WORD))
            break;
        if (word->word == WORD_PREFIX || (memmem(key, len, run, run_len) && node_takes_form(word, key, len)))
            status = take(e, key, len, c);
        if (status == LEDE_OK)
            status = dictionary_next(c, e->err);
    }
    dictionary_close(c);
    return status;
}

/* ------------------------------------------------------------------------------------- fuzzy -- */

struct walk {
    struct distance distance;
    uint32_t text[TERM_MAX], known; /* the characters whose rows are made */
    uint32_t key[TERM_MAX], len;    /* the key that is looked at */
    char next[4 * TERM_MAX + UTF8_MAX];
};

#define LAST_CHARACTER 0x10ffff

/* The least character above c that the word has. UINT32_MAX if there is none. */
static uint32_t next_in_word(const struct distance *d, uint32_t c) {
    uint32_t least = UINT32_MAX;
    for (uint32_t j = 0; j < d->len; j++)
        if (d->word[j] > c && d->word[j] < least)
            least = d->word[j];
    return least;
}

/* The least character above c that may follow the first i. */
static uint32_t next_character(const struct distance *d, uint32_t i, uint32_t c) {
    if (d->least[i] >= d->edits)
        return next_in_word(d, c); /* no edit is left for another */
    if (c == LAST_CHARACTER)
        return UINT32_MAX;
    return c + 1 == 0xd800 ? 0xe000 : c + 1;
}

/* Writes the least text above all that begin with the first `dead` characters that may be near; its length, 0 if there
 * is none. */
static size_t next_key(struct walk *w, uint32_t dead) {
    for (uint32_t i = dead; i > 0; i--) {
        uint32_t c = next_character(&w->distance, i - 1, w->text[i - 1]);
        if (c == UINT32_MAX)
            continue;
        size_t n = 0;
        for (uint32_t k = 0; k + 1 < i; k++)
            n += utf8_write(w->next + n, w->text[k]);
        return n + utf8_write(w->next + n, c);
    }
    return 0;
}

/* Makes the rows of the key, as far as it is alive. Returns how many characters are dead, 0 if it is alive to its end.
 */
static uint32_t follow(struct walk *w, const char *key, size_t len) {
    uint32_t same = 0;
    w->len = pattern_characters(key, len, w->key);
    while (same < w->known && same < w->len && w->text[same] == w->key[same])
        same++;
    memcpy(w->text + same, w->key + same, (w->len - same) * sizeof *w->key);
    w->known = same;
    while (w->known < w->len) {
        distance_put(&w->distance, w->text, ++w->known);
        if (distance_is_dead(&w->distance, w->known))
            return w->known;
    }
    return 0;
}

static lede_status walk_from(const struct expanding *e, struct walk *w, struct dictionary_cursor *c) {
    lede_status status = LEDE_OK;
    uint32_t sought = 0;
    size_t len;
    for (const char *key; status == LEDE_OK && (key = dictionary_key(c, &len));) {
        if (interrupt_is_due_each(e->interrupt, &sought, ASK_EVERY_SEEK))
            break;
        uint32_t dead = follow(w, key, len);
        if (dead) {
            size_t next = next_key(w, dead);
            if (next == 0)
                break;
            status = dictionary_seek(c, w->next, next, e->err);
            continue;
        }
        if (w->distance.rows[w->len][w->distance.len] <= w->distance.edits)
            status = take(e, key, len, c);
        if (status == LEDE_OK)
            status = dictionary_next(c, e->err);
    }
    return status;
}

static lede_status walk(const struct expanding *e) {
    const struct node *word = e->word;
    struct dictionary_cursor *c = NULL;
    struct walk *w = malloc(sizeof *w);
    if (!w)
        return error_nomem(e->err);
    w->known = 0;
    distance_init(&w->distance, word->form, word->form_len, word->edits);
    lede_status status = dictionary_open(&c, e->segment, DICTIONARY_WORDS, "", 0, e->err);
    if (status == LEDE_OK)
        status = walk_from(e, w, c);
    dictionary_close(c);
    free(w);
    return status;
}

/* -------------------------------------------------------------------------------------- exact -- */

static lede_status find_form(const struct expanding *e, const char *form, size_t form_len) {
    struct dictionary_cursor *c;
    size_t len;
    lede_status status = dictionary_open(&c, e->segment, DICTIONARY_WORDS, form, form_len, e->err);
    const char *key = status == LEDE_OK ? dictionary_key(c, &len) : NULL;
    if (key && len == form_len && memcmp(key, form, len) == 0)
        status = take(e, key, len, c);
    dictionary_close(c);
    return status;
}

static lede_status find(const struct expanding *e) {
    const struct node *word = e->word;
    char variant[NAMING_MAX];
    size_t len;
    lede_status status = LEDE_OK;
    if (!word->naming)
        return find_form(e, word->form, word->form_len);
    for (unsigned i = 0; !status && (len = naming_variant(word->naming, word->form, word->form_len, i, variant)); i++)
        status = find_form(e, variant, len);
    return status;
}

lede_status expand_word(const struct node *word, const struct segment *segment, struct interrupt *interrupt,
                        const struct expand_visitor *visitor, lede_error *err) {
    const struct expanding e = {word, segment, interrupt, visitor, err};
    switch (word->word) {
    case WORD_FUZZY: return walk(&e);
    case WORD_FORM: return find(&e);
    default: return scan(&e);
    }
}
