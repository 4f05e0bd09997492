/* litter.h - what web pages leave around an article: comment forms, promotion, notices, buttons. */
#ifndef LEDE_INDEXER_LITTER_H
#define LEDE_INDEXER_LITTER_H

#include "block.h"

/* What a whole short line says about itself, and (where more is lost by a wrong guess) where it has to stand to be
 * believed. "Text" below means paragraphs of some length that end as a sentence does. */
enum litter {
    LITTER_NONE = 0,
    LITTER_LINE,  /* "Advertisement", "Read also: ...": litter wherever it stands */
    LITTER_EDGE,  /* "Tags: ...", "Copyright ...", "Share": litter before or behind all text */
    LITTER_FORM,  /* "LEAVE A REPLY": begins what is litter to the end of the article, if at most half as much text is
                     below it as above */
    LITTER_PROMO, /* "Must Read": the same for a sixth; teasers may look like text */
    LITTER_TAIL,  /* "Comments", "Related": the same, if no text follows at all */
};

enum litter litter_of_line(struct span line);

/* Takes litter out of the blocks of an article; returns how many are left. */
size_t litter_remove(struct block *blocks, size_t count, const char *text);

#endif
