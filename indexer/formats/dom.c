#include "dom.h"

#include "core/text/utf8.h"

bool dom_is(const xmlNode *node, const char *name) {
    return node->type == XML_ELEMENT_NODE && strcmp((const char *)node->name, name) == 0;
}

bool dom_is_one_of(const xmlNode *node, const char *const *names) {
    while (*names)
        if (dom_is(node, *names++))
            return true;
    return false;
}

static const xmlAttr *find_attribute(const xmlNode *node, const char *name) {
    const xmlAttr *a = node->type == XML_ELEMENT_NODE ? node->properties : NULL;
    while (a && strcmp((const char *)a->name, name) != 0)
        a = a->next;
    return a;
}

bool dom_has_attribute(const xmlNode *node, const char *name) {
    return find_attribute(node, name) != NULL;
}

struct span dom_attribute(const xmlNode *node, const char *name) {
    const xmlAttr *a = find_attribute(node, name);
    return a && a->children ? span_trim(dom_text(a->children)) : SPAN("");
}

struct span dom_text(const xmlNode *node) {
    bool text = (node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE) && node->content;
    const char *s = text ? (const char *)node->content : "";
    return (struct span){s, strlen(s)};
}

const xmlNode *dom_next(const xmlNode *node, const xmlNode *root, bool inside) {
    if (inside && node->type == XML_ELEMENT_NODE && node->children)
        return node->children;
    while (node && node != root && !node->next)
        node = node->parent;
    return !node || node == root ? NULL : node->next;
}

void dom_append_valid(struct buffer *out, struct span t) {
    if (utf8_valid(t.s, t.n))
        buffer_append(out, t.s, t.n);
    else
        (void)utf8_repair(out, t.s, t.n);
}

void dom_append_words(struct buffer *out, const xmlNode *root) {
    size_t start = out->len;
    for (const xmlNode *node = root; node; node = dom_next(node, root, true)) {
        struct span rest = dom_text(node), word;
        while (span_next_word(&rest, &word)) {
            if (out->len > start)
                buffer_append_u8(out, ' ');
            dom_append_valid(out, word);
        }
    }
}
