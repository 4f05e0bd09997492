/* random_article.h - articles of few words, for engines that are compared: each word has three forms of one stem, and
 * stands there as it may be typed, with a capital or an accent. To be included behind cmocka.h. */
#ifndef LEDE_TESTS_RANDOM_ARTICLE_H
#define LEDE_TESTS_RANDOM_ARTICLE_H

#include <ctype.h>
#include <string.h>

#include "core/segment/article.h"
#include "support/random.h"

enum { STEMS = 8, FORMS = 3, SHOWN = 16, TITLE_WORDS = 4, TEXT_WORDS = 50, NAMES = 4, LANGUAGES = 3 };

/* The first form is what all stemmers make of the three; no two begin with the same three letters. */
static const char *const forms_of[STEMS][FORMS] = {
    {"talk", "talks", "talked"},    {"accord", "accords", "according"}, {"border", "borders", "bordered"},
    {"order", "orders", "ordered"}, {"water", "waters", "watered"},     {"sign", "signs", "signed"},
    {"visit", "visits", "visited"}, {"map", "maps", "mapped"},
};
static const char *const names[NAMES] = {"sharma", "gupta", "anna", "lee"};
static const char *const languages[LANGUAGES] = {"en", "de", "hi"};

struct random_word {
    uint32_t stem, form;
};

static inline const char *form_of(struct random_word w) {
    return forms_of[w.stem][w.form];
}

/* The smaller the number, the more frequent. */
static inline struct random_word random_word(struct random *r) {
    return (struct random_word){random_below(r, 1 + random_below(r, STEMS)), random_below(r, FORMS)};
}

/* The word as somebody may write it. */
static inline const char *shown(struct random *r, const char *word, char out[SHOWN]) {
    static const char *const accented[][2] = {{"a", "á"}, {"o", "ö"}, {"i", "î"}};
    const char *const *accent = accented[random_below(r, 3)];
    const char *letter = strstr(word, accent[0]);
    if (letter && random_below(r, 8) == 0)
        snprintf(out, SHOWN, "%.*s%s%s", (int)(letter - word), word, accent[1], letter + 1);
    else
        snprintf(out, SHOWN, "%s", word);
    if (random_below(r, 6) == 0)
        out[0] = (char)toupper((unsigned char)out[0]);
    return out;
}

/* Words in a row, and the same as text. */
struct random_text {
    struct random_word words[TEXT_WORDS];
    uint32_t count;
    char text[TEXT_WORDS * SHOWN];
};

static inline void random_text(struct random *r, uint32_t most, struct random_text *out) {
    char word[SHOWN];
    size_t len = 0;
    out->count = random_below(r, most + 1);
    for (uint32_t i = 0; i < out->count; i++) {
        out->words[i] = random_word(r);
        len += (size_t)snprintf(out->text + len, sizeof out->text - len, "%s%s", i ? " " : "",
                                shown(r, form_of(out->words[i]), word));
    }
    out->text[len] = '\0';
}

struct random_article {
    struct random_text title, heading, text;
    uint32_t byline[3], byline_words;
    char byline_text[64], key[16], body[2 * TEXT_WORDS * SHOWN + 4];
    const char *language; /* "" if none is told */
    uint32_t date;
};

/* A day of two years. */
static inline uint32_t random_date(struct random *r) {
    return 20240001 + random_below(r, 2) * 10000 + (1 + random_below(r, 12)) * 100 + random_below(r, 28);
}

static inline void random_article(struct random *r, uint32_t number, struct random_article *out) {
    size_t len = 0;
    random_text(r, TITLE_WORDS, &out->title);
    random_text(r, TITLE_WORDS, &out->heading);
    random_text(r, TEXT_WORDS, &out->text);
    snprintf(out->key, sizeof out->key, "%u", number);
    snprintf(out->body, sizeof out->body, "%s\n\n%s", out->heading.text, out->text.text);
    out->byline_words = random_below(r, 4);
    out->byline_text[0] = '\0';
    for (uint32_t i = 0; i < out->byline_words; i++) {
        out->byline[i] = random_below(r, NAMES);
        len += (size_t)snprintf(out->byline_text + len, sizeof out->byline_text - len, "%s ", names[out->byline[i]]);
    }
    out->language = random_below(r, 3) ? languages[random_below(r, LANGUAGES)] : "";
    out->date = random_date(r);
}

/* As the indexer takes it: one passage, below its heading. */
static inline struct article indexed_article(const struct random_article *a, struct passage *passage) {
    struct article article = {.passages = passage, .passage_count = 1};
    *passage = (struct passage){.start = (uint32_t)strlen(a->heading.text) + 2,
                                .len = (uint32_t)strlen(a->text.text),
                                .heading_len = (uint32_t)strlen(a->heading.text),
                                .line = 1};
    article.meta = (lede_article){.key = a->key,
                                  .key_len = strlen(a->key),
                                  .title = a->title.text,
                                  .title_len = strlen(a->title.text),
                                  .byline = a->byline_text,
                                  .byline_len = strlen(a->byline_text),
                                  .language = a->language,
                                  .language_len = strlen(a->language),
                                  .body = a->body,
                                  .body_len = strlen(a->body),
                                  .date = a->date};
    return article;
}

#endif
