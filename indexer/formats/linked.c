#include "linked.h"

#include <string.h>
#include <strings.h>

#include "core/base/error.h"
#include "dom.h"
#include "json_field.h"
#include "trees.h"

/* An article in hand, and the objects around it. */
struct graph {
    const json_t *article;
    const json_t *nodes; /* an array; NULL if there is none */
};

static bool ends_with(const char *s, const char *suffix) {
    size_t n = strlen(s), m = strlen(suffix);
    return n >= m && !strcmp(s + n - m, suffix);
}

/* NewsArticle, ReportageNewsArticle, BlogPosting, ...: also as https://schema.org/NewsArticle. */
static bool is_article_type(const json_t *type) {
    const char *name = json_string_value(type);
    return name && (ends_with(name, "Article") || ends_with(name, "BlogPosting"));
}

static bool is_article(const json_t *object) {
    const json_t *type = json_object_get(object, "@type");
    bool found = is_article_type(type);
    for (size_t i = 0; !found && i < json_array_size(type); i++)
        found = is_article_type(json_array_get(type, i));
    return found;
}

/* An object that is an article, or has one. */
static const json_t *article_of(const json_t *object) {
    const json_t *main = json_object_get(object, "mainEntity");
    return is_article(object) ? object : is_article(main) ? main : NULL;
}

static struct graph find_article(const json_t *data) {
    const json_t *nodes = json_is_array(data) ? data : json_object_get(data, "@graph");
    struct graph g = {article_of(data), json_is_array(nodes) ? nodes : NULL};
    for (size_t i = 0; !g.article && i < json_array_size(g.nodes); i++)
        g.article = article_of(json_array_get(g.nodes, i));
    return g;
}

static lede_status take_article(struct linked *out, const struct graph *g, lede_error *err) {
    json_field_append_words(&out->headline, json_object_get(g->article, "headline"));
    json_field_append_names(&out->byline, g->nodes, json_object_get(g->article, "author"));
    out->published = json_field_date(json_object_get(g->article, "datePublished"));
    out->modified = json_field_date(json_object_get(g->article, "dateModified"));
    /* An address is no name. */
    if (out->byline.len && memchr(out->byline.data, '/', out->byline.len))
        buffer_clear(&out->byline);
    return out->headline.failed || out->byline.failed ? error_nomem(err) : LEDE_OK;
}

/* Copies it from the first bracket on, as some pages have it within a comment or CDATA; with blanks for line ends,
 * which many have within strings. */
static void copy_json(struct buffer *out, struct span t) {
    static const char cdata[] = "<![CDATA[";
    size_t at = span_find(t, cdata);
    if (at < t.n)
        t = (struct span){t.s + at + sizeof cdata - 1, t.n - at - (sizeof cdata - 1)};
    while (t.n && t.s[0] != '{' && t.s[0] != '[')
        t = (struct span){t.s + 1, t.n - 1};
    buffer_clear(out);
    buffer_append(out, t.s, t.n);
    for (size_t i = 0; i < out->len; i++)
        out->data[i] = out->data[i] < ' ' ? ' ' : out->data[i];
}

static lede_status read_script(struct linked *out, bool *found, struct span json, lede_error *err) {
    json_error_t error;
    json_t *data = json_loadb(json.s, json.n, JSON_DISABLE_EOF_CHECK, &error);
    struct graph g = find_article(data);
    lede_status status = LEDE_OK;
    if (!data && json_error_code(&error) == json_error_out_of_memory)
        status = error_nomem(err);
    *found = g.article != NULL;
    if (*found)
        status = take_article(out, &g, err);
    json_decref(data);
    return status;
}

static bool is_linked_data(const xmlNode *node) {
    static const char type[] = "application/ld+json";
    struct span t = dom_is(node, "script") ? dom_attribute(node, "type") : SPAN("");
    return t.n >= sizeof type - 1 && !strncasecmp(t.s, type, sizeof type - 1);
}

lede_status linked_read(struct linked *out, const xmlNode *root, size_t memory, lede_error *err) {
    struct buffer json = BUFFER_EMPTY;
    lede_status status = LEDE_OK;
    bool found = false;
    for (const xmlNode *node = root; !status && !found && node; node = dom_next(node, root, true)) {
        if (!is_linked_data(node) || !node->children)
            continue;
        copy_json(&json, dom_text(node->children));
        struct span t = {(const char *)json.data, json.len};
        if (json.failed)
            status = error_nomem(err);
        else if (t.n && trees_of_json(t) <= memory)
            status = read_script(out, &found, t, err);
    }
    buffer_release(&json);
    return status;
}

void linked_release(struct linked *l) {
    buffer_release(&l->headline);
    buffer_release(&l->byline);
}
