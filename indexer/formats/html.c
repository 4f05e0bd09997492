/* HTML pages: libxml2 makes a tree of whatever they hold; this takes the article out of it. Elements that are
 * paragraphs become blocks of a line each, h1 to h6 headings; what frames a page (menus, forms, scripts) is passed
 * over, and the litter that is left is text_settle's to find. */
#include "reader.h"

#include "core/base/error.h"
#include "core/text/utf8.h"
#include "date.h"
#include "dom.h"
#include "entities.h"
#include "linked.h"
#include "modules/xml.h"

struct page {
    const struct xml *xml;
    struct block_writer out; /* one line a block, white space collapsed */
    const xmlNode *article;
    bool space;    /* white space stands before what comes next */
    bool headings; /* there are h2 to h6 */
};

/* What frames an article, on its page or within it. */
static bool is_frame(const xmlNode *node) {
    static const char *const elements[] = {"script", "style",  "noscript", "template", "nav",      "footer",
                                           "aside",  "form",   "button",   "select",   "textarea", "svg",
                                           "math",   "iframe", "object",   "video",    "audio",    "canvas",
                                           "dialog", "menu",   "title",    NULL};
    static const char *const roles[] = {"navigation", "banner", "contentinfo", "complementary", "search", "dialog"};
    if (node->type != XML_ELEMENT_NODE)
        return false;
    struct span role = dom_attribute(node, "role");
    for (size_t i = 0; role.n && i < sizeof roles / sizeof *roles; i++)
        if (span_equal(role, roles[i]))
            return true;
    return dom_is_one_of(node, elements) || dom_has_attribute(node, "hidden") ||
           span_equal(dom_attribute(node, "aria-hidden"), "true");
}

/* Elements that end the paragraph before them, and their own. */
static bool parts_blocks(const xmlNode *node) {
    static const char *const elements[] = {"p",    "div",        "br",      "hr",         "li",    "ul",      "ol",
                                           "dl",   "dt",         "dd",      "tr",         "table", "caption", "section",
                                           "main", "article",    "header",  "blockquote", "pre",   "figure",  "h1",
                                           "h2",   "figcaption", "h3",      "h4",         "h5",    "h6",      "address",
                                           "body", "summary",    "details", NULL};
    return dom_is_one_of(node, elements);
}

static bool is_heading(const xmlNode *node) {
    static const char *const elements[] = {"h1", "h2", "h3", "h4", "h5", "h6", NULL};
    return dom_is_one_of(node, elements);
}

static void close_block(struct page *page) {
    block_close(&page->out);
    page->space = false;
}

static void open_block(struct page *page, const xmlNode *node) {
    long line = page->xml->xmlGetLineNo(node->parent);
    const xmlNode *up = node->parent;
    while (up && up != page->article && !is_heading(up))
        up = up->parent;
    bool heading = up && is_heading(up);
    if (page->out.text->len)
        buffer_append_u8(page->out.text, '\n');
    block_open(&page->out, line > 0 ? (uint32_t)line : 1, heading, true);
    page->headings |= heading && !dom_is(up, "h1");
}

static void add_text(struct page *page, const xmlNode *node) {
    struct span rest = dom_text(node), word;
    for (;;) {
        const char *before = rest.s;
        if (!span_next_word(&rest, &word)) {
            page->space |= rest.s > before;
            return;
        }
        page->space |= word.s > before;
        if (!page->out.open)
            open_block(page, node);
        else if (page->space)
            buffer_append_u8(page->out.text, ' ');
        dom_append_valid(page->out.text, word);
        page->space = false;
    }
}

/* Closes the block of each element that ends between two nodes that follow each other. */
static void leave_elements(struct page *page, const xmlNode *from, const xmlNode *to) {
    const xmlNode *parent = to ? to->parent : page->article->parent;
    for (; from && from != parent; from = from->parent)
        if (parts_blocks(from))
            close_block(page);
}

static void read_article(struct page *page) {
    for (const xmlNode *node = page->article, *next; node; node = next) {
        bool frame = node != page->article && is_frame(node);
        if (parts_blocks(node))
            close_block(page);
        if (dom_is(node, "td") || dom_is(node, "th"))
            page->space = true;
        add_text(page, node);
        next = dom_next(node, page->article, !frame);
        if (!next || next->parent != node)
            leave_elements(page, node, next);
    }
    close_block(page);
}

/* Bytes of text below a node that are not its frame's. */
static size_t text_size(const xmlNode *root) {
    size_t size = 0;
    for (const xmlNode *node = root; node; node = dom_next(node, root, node == root || !is_frame(node)))
        size += span_trim(dom_text(node)).n;
    return size;
}

/* The outermost element of a name that has most text; NULL if there is none. */
static const xmlNode *largest(const xmlNode *root, const char *name, size_t *size) {
    const xmlNode *best = NULL;
    *size = 0;
    for (const xmlNode *node = root; node;) {
        bool found = dom_is(node, name);
        size_t n = found ? text_size(node) : 0;
        if (found && (!best || n > *size)) {
            best = node;
            *size = n;
        }
        node = dom_next(node, root, !found);
    }
    return best;
}

/* <article>, if one holds most of the text there is (a page of teasers has many), else <main>, else all. */
static const xmlNode *find_article(const xmlNode *root) {
    size_t article_size, main_size;
    const xmlNode *article = largest(root, "article", &article_size), *main = largest(root, "main", &main_size);
    size_t all = main_size ? main_size : text_size(root);
    if (article && article_size * 2 >= all)
        return article;
    return main_size ? main : root;
}

/* What a <meta> with one of the names says, the first name first; empty if there is none. */
static struct span find_meta(const xmlNode *root, const char *const *names) {
    static const char *const attributes[] = {"name", "property", "itemprop"};
    for (; *names; names++)
        for (const xmlNode *node = root; node; node = dom_next(node, root, true))
            for (size_t i = 0; dom_is(node, "meta") && i < 3; i++)
                if (span_equal(dom_attribute(node, attributes[i]), *names))
                    return dom_attribute(node, "content");
    return SPAN("");
}

/* When it was published, before when it was changed. */
static lede_date find_date(const xmlNode *root, const xmlNode *article, const struct linked *linked) {
    static const char *const names[] = {
        "article:published_time", "datePublished",  "date",    "pubdate", "publish-date",
        "parsely-pub-date",       "DC.date.issued", "DC.date", NULL};
    lede_date date = linked->published ? linked->published : date_of_field(find_meta(root, names));
    for (const xmlNode *node = article; node && !date; node = dom_next(node, article, !is_frame(node)))
        if (dom_is(node, "time"))
            date = date_of_field(dom_attribute(node, "datetime"));
    return date ? date : linked->modified;
}

/* "Headline | Site", "Headline - Site" */
static size_t without_site(struct span title) {
    static const char *const marks[] = {" | ", " - ", " – ", " — ", " » "};
    enum { HEADLINE_WORDS = 3 };
    for (size_t at = title.n; at > 0; at--)
        for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
            if (span_starts((struct span){title.s + at, title.n - at}, marks[i]))
                return span_has_words((struct span){title.s, at}, HEADLINE_WORDS) ? at : title.n;
    return title.n;
}

static const xmlNode *find_element(const xmlNode *root, const char *name) {
    const xmlNode *node = root;
    while (node && !dom_is(node, name))
        node = dom_next(node, root, true);
    return node;
}

/* The first h1 of the article, else of the page; else what the page is called for machines, for sharing, or for its
 * window. */
static void find_title(struct buffer *title, const xmlNode *root, const xmlNode *article, const struct linked *linked) {
    static const char *const names[] = {"og:title", "twitter:title", NULL};
    buffer_clear(title);
    const xmlNode *heading = find_element(article, "h1");
    heading = heading ? heading : find_element(root, "h1");
    if (heading)
        dom_append_words(title, heading);
    if (!title->len)
        buffer_append(title, linked->headline.data, linked->headline.len);
    if (!title->len)
        dom_append_valid(title, find_meta(root, names));
    const xmlNode *window = title->len ? NULL : find_element(root, "title");
    if (window) {
        dom_append_words(title, window);
        title->len = title->len ? without_site((struct span){(const char *)title->data, title->len}) : 0;
    }
}

static void find_byline(struct buffer *byline, const xmlNode *root, const struct linked *linked) {
    static const char *const names[] = {"author", "parsely-author", "DC.creator", NULL};
    struct span author = find_meta(root, names);
    buffer_clear(byline);
    if (linked->byline.len)
        buffer_append(byline, linked->byline.data, linked->byline.len);
    else if (!memchr(author.s, '/', author.n))
        dom_append_valid(byline, author);
}

static lede_status take_article(struct reader *r, const struct xml *xml, const xmlNode *root,
                                const struct linked *linked, lede_error *err) {
    struct parser *p = r->parser;
    lede_article meta = {.line = 1};
    struct page page = {.xml = xml, .out = {&p->plain, &p->blocks, false}, .article = find_article(root)};
    buffer_clear(&p->plain);
    buffer_clear(&p->blocks);
    read_article(&page);
    find_title(&p->title, root, page.article, linked);
    find_byline(&p->byline, root, linked);
    if (p->plain.failed || p->blocks.failed || p->title.failed || p->byline.failed)
        return error_nomem(err);
    meta.title = (const char *)p->title.data;
    meta.title_len = p->title.len;
    meta.byline = (const char *)p->byline.data;
    meta.byline_len = p->byline.len;
    meta.date = find_date(root, page.article, linked);
    struct span language = dom_attribute(root, "lang");
    meta.language = language.s;
    meta.language_len = utf8_is_ascii(language.s, language.n) ? language.n : 0;
    struct span text = {(const char *)p->plain.data, p->plain.len};
    lede_status status = text_settle(p, text, &meta, page.headings ? 0U : TEXT_FIND_HEADINGS, err);
    return status ? status : reader_emit_file(r, &meta, err);
}

static lede_status read_tree(struct reader *r, const struct xml *xml, const xmlNode *root, lede_error *err) {
    struct linked linked = {.published = 0};
    const struct trees *trees = r->parser->trees;
    lede_status status = linked_read(&linked, root, trees ? trees->small : SIZE_MAX, err);
    if (!status)
        status = take_article(r, xml, root, &linked, err);
    linked_release(&linked);
    return status;
}

/* The name that stands behind `what`, in quotes or not; empty if there is none. */
static struct span name_behind(struct span head, const char *what) {
    size_t at = span_find(head, what) + strlen(what), n = 0;
    if (at >= head.n)
        return (struct span){"", 0};
    struct span name = {head.s + at, head.n - at};
    while (name.n && strchr("\"' ", name.s[0]))
        name = (struct span){name.s + 1, name.n - 1};
    while (n < name.n && !strchr("\"' \t\r\n;/>?", name.s[n]))
        n++;
    return (struct span){name.s, n};
}

/* The charset by an XML declaration, which libxml2 does not read in HTML: <?xml version="1.0" encoding="ISO-8859-2"?>
 */
static struct span xml_charset(struct span text) {
    if (!span_starts(text, "<?xml"))
        return (struct span){"", 0};
    const char *end = memchr(text.s, '>', text.n);
    return name_behind((struct span){text.s, end ? (size_t)(end - text.s) : 0}, "encoding=");
}

/* What the bytes are to be taken for; NULL: for what the page says further down, which libxml2 follows. `name` has room
 * for `size` bytes. */
static const char *charset_of_page(struct span text, char *name, size_t size) {
    struct span declared = xml_charset(text);
    if (utf8_valid(text.s, text.n))
        return "UTF-8";
    snprintf(name, size, "%.*s", declared.n < size ? (int)declared.n : 0, declared.s);
    return *name ? name : NULL;
}

static lede_status read_page(struct reader *r, struct span text, lede_error *err) {
    enum { OPTIONS = HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_NONET };
    const struct xml *xml;
    lede_status status = xml_load(&xml, err);
    if (status)
        return status;
    htmlParserCtxtPtr parser = xml->htmlNewParserCtxt();
    if (!parser)
        return error_nomem(err);
    char name[64];
    text = entities_mend(&r->parser->markup, text);
    const char *charset = charset_of_page(text, name, sizeof name);
    xmlDocPtr tree = xml->htmlCtxtReadMemory(parser, text.s, (int)text.n, NULL, charset, OPTIONS);
    bool no_memory = parser->lastError.code == XML_ERR_NO_MEMORY || r->parser->markup.failed;
    const xmlNode *root = tree ? xml->xmlDocGetRootElement(tree) : NULL;
    if (no_memory)
        status = error_nomem(err);
    else if (root)
        status = read_tree(r, xml, root, err);
    else
        reader_skip(r, 0, "no text in it");
    xml->xmlFreeDoc(tree);
    xml->htmlFreeParserCtxt(parser);
    return status;
}

lede_status html_read(struct reader *r, struct span text, lede_error *err) {
    struct trees *trees = r->parser->trees;
    bool large;
    if (trees_attributes(text) > TREES_ATTRIBUTES_MAX) {
        reader_skip(r, 0, "a tag with more attributes than any page has; broken?");
        return LEDE_OK;
    }
    if (!trees_enter(trees, trees ? trees_of_html(text) : 0, &large)) {
        reader_skip(r, 0, "too many tags for one page; split it or give more --memory");
        return LEDE_OK;
    }
    lede_status status = read_page(r, text, err);
    trees_leave(trees, large);
    return status;
}

static struct span declared_charset(struct span text) {
    enum { LOOK_AT = 1024 };
    struct span head = {text.s, text.n < LOOK_AT ? text.n : LOOK_AT}, name = xml_charset(text);
    return name.n ? name : name_behind(head, "charset=");
}

bool html_tells_charset(struct span text) {
    struct span name = declared_charset(text);
    return name.n && !span_starts(name, "utf-");
}

bool html_declares_charset(struct span text) {
    struct span name = declared_charset(text);
    return html_tells_charset(text) && !span_equal(name, "iso-8859-1") && !span_equal(name, "windows-1252");
}
