/* json_field.h - what the fields of an object of JSON say of an article. */
#ifndef LEDE_INDEXER_JSON_FIELD_H
#define LEDE_INDEXER_JSON_FIELD_H

#include <jansson.h>
#include <lede.h>

#include "core/base/buffer.h"
#include "core/text/span.h"

/* The first field there is of those names, up to NULL, that has something in it; NULL if there is none. */
const json_t *json_field_find(const json_t *object, const char *const *names);
/* The text of a string, trimmed; empty for anything else. */
struct span json_field_text(const json_t *value);
lede_date json_field_date(const json_t *value);
/* Appends the words of a string with one blank between them, as titles and names are shown in a line. */
void json_field_append_words(struct buffer *out, const json_t *value);
/* A name, or an array of names. Of those that are told by an id alone the graph has the name; NULL if there is none. */
void json_field_append_names(struct buffer *out, const json_t *graph, const json_t *value);

#endif
