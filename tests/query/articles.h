/* articles.h - a small newspaper's archive, which the query tests search. */
#ifndef LEDE_TESTS_QUERY_ARTICLES_H
#define LEDE_TESTS_QUERY_ARTICLES_H

#include "support/folder.h"
#include "support/index.h"

static const struct {
    const char *key, *title, *body;
} archive[] = {
    {"tashkent", "The Tashkent Declaration",
     "India and Pakistan signed a declaration in Tashkent on 10 January 1966. Kosygin mediated between them."},
    {"simla", "The Simla Agreement",
     "India and Pakistan signed the agreement in Simla on 2 July 1972. It speaks of a line of control."},
    {"lahore", "The Lahore Declaration",
     "Vajpayee and Sharif signed the declaration in February 1999, the prime ministers having come by bus."},
    {"indus", "The Indus Waters Treaty",
     "The treaty shares the water of six rivers. The World Bank brokered it in 1960; Nehru signed it in Karachi."},
    {"lavrov", "Lavrov recalls Simla",
     "Foreign minister Lavrov said that negotiations should go by the declarations of Simla and Lahore."},
    {"terror", "", "Ministers speak of terrorism. Officers attended a course in counter-terrorism in 2014-15."},
    {"course", "", "The course of the rivers was surveyed in 2014 and 2015; water ran low."},
    {"rail", "The night train",
     "The night train to Amritsar left an hour late, and the restaurant car was cold. A man read the paper aloud to "
     "all who would hear it, page after page, until the lights of the border came in sight and the talk turned to "
     "what one may carry across it and what not, and for how much.\n\n"
     "At the frontier the officers took their time. They looked into every bag, and under every seat of the train, "
     "for they had heard of a treaty that was to be signed in the morning, and nobody wanted to be the one who let "
     "something through on such a day. The engine had water enough, so one waited for the sun.\n"},
    {"quarry", "Stones",
     "Limestone paves half of our streets.\n\nMasons between jobs\n\nMost quarries closed long ago; masons who stay "
     "cut slabs for kitchens.\n"},
    {"résumé", "Café de l’Europe", "A résumé of what naïve Zürich readers asked: Straße or Strasse?"},
};

/* The one article that comes from a file. */
static inline void add_file(const struct folder *f, lede_writer *w) {
    mkdir(folder_entry(f, "news"), 0777);
    folder_write_text(f, "news/coast.jsonl", "{\"_id\":\"coast\",\"text\":\"Sandpipers winter here.\"}\n");
    MUST(lede_writer_add_path(w, folder_entry(f, "news/coast.jsonl"), err));
}

static inline const char *write_archive(const struct folder *f) {
    const char *path = folder_entry(f, "archive.lede");
    lede_writer *w = writer_on(path, NULL);
    add_file(f, w);
    for (size_t i = 0; i < sizeof archive / sizeof *archive; i++) {
        bool is_french = strcmp(archive[i].key, "résumé") == 0; /* the one that tells its language */
        const lede_article a = {.key = archive[i].key,
                                .key_len = strlen(archive[i].key),
                                .title = archive[i].title,
                                .title_len = strlen(archive[i].title),
                                .body = archive[i].body,
                                .body_len = strlen(archive[i].body),
                                .date = 20250603,
                                .language = is_french ? "fr" : NULL,
                                .language_len = is_french ? 2 : 0};
        MUST(lede_writer_add_article(w, &a, err));
        if (i == 3)
            MUST(lede_writer_commit(w, NULL, err));
    }
    MUST(lede_writer_commit(w, NULL, err));
    lede_writer_close(w);
    return path;
}

#endif
