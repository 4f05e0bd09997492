#include "json_field.h"

#include <stdio.h>
#include <string.h>

#include "date.h"

/* A field that is there for nothing: null, "", [] or {}. */
static bool is_empty(const json_t *value) {
    switch (json_typeof(value)) {
    case JSON_NULL: return true;
    case JSON_STRING: return !span_trim((struct span){json_string_value(value), json_string_length(value)}).n;
    case JSON_ARRAY: return json_array_size(value) == 0;
    case JSON_OBJECT: return json_object_size(value) == 0;
    default: return false;
    }
}

const json_t *json_field_find(const json_t *object, const char *const *names) {
    for (; *names; names++) {
        const json_t *value = json_object_get(object, *names);
        if (value && !is_empty(value))
            return value;
    }
    return NULL;
}

struct span json_field_text(const json_t *value) {
    if (!json_is_string(value))
        return (struct span){"", 0};
    return span_trim((struct span){json_string_value(value), json_string_length(value)});
}

void json_field_append_words(struct buffer *out, const json_t *value) {
    struct span t = json_field_text(value), word;
    for (bool first = true; span_next_word(&t, &word); first = false) {
        if (!first)
            buffer_append_u8(out, ' ');
        buffer_append(out, word.s, word.n);
    }
}

/* What has this id in a graph of linked data, and a name; NULL if there is none. */
static const json_t *find_named(const json_t *graph, const char *id) {
    for (size_t i = 0; id && i < json_array_size(graph); i++) {
        const json_t *node = json_array_get(graph, i);
        const char *other = json_string_value(json_object_get(node, "@id"));
        if (other && !strcmp(other, id) && json_object_get(node, "name"))
            return node;
    }
    return NULL;
}

/* A name, by itself or as {"name": ...}, as schema.org has it; or as {"@id": ...}, of what has both in the graph. */
static void append_name(struct buffer *out, const json_t *graph, const json_t *value) {
    const json_t *name = json_is_object(value) ? json_object_get(value, "name") : value;
    if (!name)
        name = json_object_get(find_named(graph, json_string_value(json_object_get(value, "@id"))), "name");
    json_field_append_words(out, name);
}

void json_field_append_names(struct buffer *out, const json_t *graph, const json_t *value) {
    if (!json_is_array(value)) {
        append_name(out, graph, value);
        return;
    }
    for (size_t i = 0; i < json_array_size(value); i++) {
        size_t before = out->len;
        if (before)
            buffer_append(out, ", ", 2);
        size_t start = out->len;
        append_name(out, graph, json_array_get(value, i));
        if (out->len == start)
            out->len = before;
    }
}

lede_date json_field_date(const json_t *value) {
    if (json_is_integer(value)) {
        char digits[32];
        int n = snprintf(digits, sizeof digits, "%lld", (long long)json_integer_value(value));
        return date_of_field((struct span){digits, (size_t)n});
    }
    return date_of_field(json_field_text(value));
}
