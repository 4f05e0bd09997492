/* article.h - an article cut into passages, on its way from the parser to a segment. */
#ifndef LEDE_CORE_ARTICLE_H
#define LEDE_CORE_ARTICLE_H

#include <lede.h>

/* The longest key that an article may have. */
#define ARTICLE_KEY_MAX 4096

/* A passage: bytes [start, start + len) of the body, under the heading at bytes
 * [heading_start, heading_start + heading_len) of the body, if heading_len is not 0. Passages of an article stand in
 * order and don't overlap; headings and litter lie between them. */
struct passage {
    uint32_t start, len;
    uint32_t heading_start, heading_len;
    uint32_t line; /* of its first byte in the source file, from 1 */
};

struct article {
    lede_article meta; /* strings borrowed; meta.body holds title-less, litter-free text; meta.path is not used */
    uint64_t source;   /* id of its file in the catalogue; 0: given through the API */
    const struct passage *passages;
    uint32_t passage_count; /* 0: it has no text and is found by its title: that counts as one empty passage */
};

#endif
