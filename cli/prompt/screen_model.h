/* screen_model.h - what the full-screen prompt knows of itself, and what each key makes of that. It knows nothing of
 * terminals and indexes: what is to be done with those it asks for. */
#ifndef LEDE_CLI_SCREEN_MODEL_H
#define LEDE_CLI_SCREEN_MODEL_H

#include "keys.h"
#include "line.h"
#include "recall.h"

enum screen_mode {
    SCREEN_SEARCH = 0, /* a query is typed */
    SCREEN_HISTORY,    /* an earlier one is looked for */
    SCREEN_PAGE,       /* a text is shown: the keys, or what a command has to say */
};

/* What a key asks for. */
enum screen_effect {
    SCREEN_NOTHING = 0, /* but to be drawn again */
    SCREEN_QUERY,       /* the query, or how it is meant, is another one */
    SCREEN_OPEN,        /* Enter: the article of the selected hit, or a command that was typed */
    SCREEN_COMPLETE,    /* the word before the cursor */
    SCREEN_COMPLETE_BACK,
    SCREEN_SUGGESTION, /* what may have been meant, in place of the query */
    SCREEN_REDRAW,     /* all of it */
    SCREEN_STOP,       /* ^Z */
    SCREEN_QUIT,
};

/* Of the preview. How far it goes is known when it is drawn: until then the moves that were asked for wait, so that
 * each stops where the article does, before the next turns back. */
enum { SCREEN_MOVES = 32 };
struct screen_scroll {
    long rows;                /* that it was moved down by */
    bool is_first, is_last;   /* when it was drawn, there was nothing above, below */
    long moves[SCREEN_MOVES]; /* since then, by so many rows each, now down and now up */
    unsigned count;
};

struct screen_model {
    struct line line;
    struct recall recall;
    enum screen_mode mode;
    bool is_pasting;

    struct line wanted; /* what is looked for in the history */
    size_t recalled;    /* number of the line found; recall.count if none is */

    size_t count;    /* hits that are at hand */
    size_t selected; /* one of them */
    size_t top;      /* the first that is shown */
    size_t page;     /* how many fit in the list */
    struct screen_scroll scroll;
    long half; /* rows that are half of it */

    bool all_words;  /* must match */
    bool by_article; /* one hit an article */
    bool hide_preview;
    bool all_copies;  /* are hits of their own */
    char *page_text;  /* that is shown */
    size_t page_top;  /* its first row that is; drawing makes it less if that is too much */
    size_t page_rows; /* that fit */
    char note[256];   /* said until the next key; or "" */
};

/* A key that does something. */
struct screen_binding {
    const char *name; /* as people are told of it, such as "Alt-PgUp"; NULL of what terminals send by themselves */
    uint32_t code;    /* see keys.h */
    unsigned modifiers;
    int action; /* private */
};

/* For tests, which hold help and manual to them: all of them, but for characters. */
const struct screen_binding *screen_bindings(size_t *count);

void screen_model_release(struct screen_model *m);

enum screen_effect screen_press(struct screen_model *m, const struct key *key);

/* The query is what is typed, or what is found in the history meanwhile. */
const char *screen_query(const struct screen_model *m);

/* There are `count` hits now: of another query, or else more or fewer of the same. */
void screen_set_hits(struct screen_model *m, size_t count, bool is_other);

/* Selects a hit that is another one by now: `hit` of those that there are, or, where it is `count`, the one that stands
 * in its place. */
void screen_keep_selected(struct screen_model *m, size_t hit);

/* Rows that there is room for. */
struct screen_room {
    size_t hits; /* in the list; at least one is assumed */
    size_t preview, page;
};
void screen_set_room(struct screen_model *m, struct screen_room room);

/* Shows a text, which is the model's to free() from then on, in place of the hits. NULL: out of memory. */
void screen_show_page(struct screen_model *m, char *text);

#endif
