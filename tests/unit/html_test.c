/* HTML pages: the article on them, and not what frames it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/parsed.h"

#define SENTENCE "The minister spoke for an hour in the old hall above the river and nobody else was heard at all."
#define LONG     SENTENCE " " SENTENCE " He left."

static const char page[] = "<!DOCTYPE html>\n"
                           "<html><head><title>A title - The Valley Ledger</title>\n"
                           "<meta name='author' content='Zoë Marchetti'>\n"
                           "<meta property=\"article:published_time\" content=\"2025-05-06T10:00:00Z\">\n"
                           "<style>p { color: red }</style><script>var a = '<p>no</p>';</script></head>\n"
                           "<body><header><nav><a href=/>Home</a> <a href=/world>World</a></nav></header>\n"
                           "<main><article>\n"
                           "<h1>A title,\n set in <em>two</em> lines</h1>\n"
                           "<p class=byline>By Zoë Marchetti</p>\n"
                           "<p>MOSCOW: " SENTENCE "\n" SENTENCE " <a href='x'>He&nbsp;left</a>.</p>\n"
                           "<figure><img src=a.png><figcaption>A map.</figcaption></figure>\n"
                           "<h2>A heading</h2>\n"
                           "<p>" SENTENCE "<p>" SENTENCE "\n"
                           "<aside><p>Subscribe!</p></aside>\n"
                           "<ul><li>one<li>two</ul>\n"
                           "<table><tr><td>a<td>b<tr><td>c<td>d</table>\n"
                           "<form>Your name <input></form>\n"
                           "<p hidden>Secret.</p><p aria-hidden=true>Secret.</p>\n"
                           "</article>\n"
                           "<article><p>Another story.</p></article></main>\n"
                           "<footer>Copyright</footer></body></html>\n";

static void expect(const char *input, size_t len, const char *expected) {
    struct buffer out = BUFFER_EMPTY;
    assert_int_equal(parsed_run(&out, LEDE_FORMAT_HTML, LEDE_PASSAGES_CUT, input, len), LEDE_OK);
    assert_string_equal((const char *)out.data, expected);
    buffer_release(&out);
}

static void a_page_gives_its_article(void **state) {
    (void)state;
    expect(
        page, sizeof page - 1,
        "article /a/file\ntitle: A title, set in two lines\ndate: 20250506\ndateline: MOSCOW\nbyline: Zoë Marchetti\n"
        "11 MOSCOW: " LONG "/A map.\n"
        "15 [A heading] " SENTENCE "/" SENTENCE "/one/two/a b/c d\n");
}

static void pages_of_all_sorts(void **state) {
    static const struct {
        const char *input, *expected;
    } cases[] = {
        {"<p>" LONG, "article /a/file\n1 " LONG "\n"},
        {"<p>" LONG " &copy 2025 AT&T, A&ampB, caf&eacute, M&uumlnchen, &copyright &copy; &notin; &lt &amp;copy R&D &x",
         "article /a/file\n1 " LONG " © 2025 AT&T, A&B, café, München, ©right © ∉ < &copy R&D &x\n"},
        {"<p>" LONG " it&#146;s &#x93;so&#X94 &#150;1 &#129; &#160;x &#8217;&#1460;&#x2014",
         "article /a/file\n1 " LONG " it’s “so” –1 \xc2\x81 x ’\u05b4—\n"},
        {"<meta property=og:title content='It&#146;s &#x93;so&#148; &copy=2'><body>" LONG,
         "article /a/file\ntitle: It’s “so” &copy=2\n1 " LONG "\n"},
        {"<p title='a&copy=b'>" LONG " <a href='?a=1&copy=2&lt'>a < b</a> &nbsp<!-- &gt -->&gt",
         "article /a/file\n1 " LONG " a < b >\n"},
        /* In attributes what looks like a part of an address is one. */
        {"<meta name=author content=\"Jos&eacute M, &Eacute\"><meta property=og:title content='A&amp B &lt&gt &copy; "
         "&copyx "
         "&copy=2 &notit; &eacute'><body>" LONG,
         "article /a/file\ntitle: A& B <> © &copyx &copy=2 &notit; é\nbyline: José M, É\n1 " LONG "\n"},
        /* The longest name counts, with its semicolon or without. */
        {"<p>" LONG " &copyfoo; &notit; &notin; &ltimes; &COPY; &REG 1 &AMP;&LT;&GT;&QUOT; &COPYa; &copy",
         "article /a/file\n1 " LONG " ©foo; ¬it; ∉ &ltimes; © ® 1 &<>\" ©a; ©\n"},
        {LONG "<br><br>" LONG, "article /a/file\n1 " LONG "\n1 " LONG "\n"},
        {"<title>A title of some words | Site</title><body><div>" LONG "</div>",
         "article /a/file\ntitle: A title of some words\n1 " LONG "\n"},
        {"<title>Site - A title</title><body>" LONG, "article /a/file\ntitle: Site - A title\n1 " LONG "\n"},
        {"<meta property=og:title content='A &amp; B'><title>X</title><body>" LONG,
         "article /a/file\ntitle: A & B\n1 " LONG "\n"},
        {"<h1>T</h1><p>T</p><p><time datetime=2025-05-06>6 May</time></p><p>" LONG,
         "article /a/file\ntitle: T\ndate: 20250506\n1 " LONG "\n"},
        {"<h1>T</h1><p>" LONG "<p><b>A heading</b><p>" LONG,
         "article /a/file\ntitle: T\n1 " LONG "\n1 [A heading] " LONG "\n"},
        {"<h1>T</h1><p>" LONG "<p>Leave a Reply<p>Your email address will not be published.",
         "article /a/file\ntitle: T\n1 " LONG "\n"},
        /* Teasers: no article has most of the text. */
        {"<body><article><p>" SENTENCE "</article><article><p>" SENTENCE "</article><article><p>" SENTENCE "</article>",
         "article /a/file\n1 " SENTENCE "/" SENTENCE "/" SENTENCE "\n"},
        {"<p>caf\xe9 cr\xe8me " LONG, "article /a/file\n1 café crème " LONG "\n"},
        {"<meta charset=koi8-r><p>\xed\xcf\xd3\xcb\xd7\xc1.", "article /a/file\n1 Москва.\n"},
        {"<?xml version='1.0' encoding='ISO-8859-2'?><html xmlns='http://www.w3.org/1999/xhtml'><p>\xa3\xf3\x64\xbc.",
         "article /a/file\n1 Łódź.\n"},
        {"<?xml version=\"1.0\" encoding=\"iso-8859-1\"?><html><p>caf\xe9.", "article /a/file\n1 café.\n"},
        {"<?xml version=\"1.0\" encoding=\"iso-8859-2\"?><html><p>Zo\xc3\xab.", "article /a/file\n1 Zoë.\n"},
        {"<?xml version=\"1.0\" encoding=\"no-such\"?><html><p>caf\xe9.", "article /a/file\n1 café.\n"},
        {"<?xml version=\"1.0\"?><html><meta charset=koi8-r><p>\xed\xcf\xd3\xcb\xd7\xc1.",
         "article /a/file\n1 Москва.\n"},
        {"<p>\xe9 charset=", "article /a/file\n1 é charset=\n"},
        {"\xef\xbb\xbf<p>Zo\xc3\xab.", "article /a/file\n1 Zoë.\n"},
        {"<p>a &#0; &bogus; &lt;b&gt; &#x1F600;", "article /a/file\n1 a &bogus; <b> 😀\n"},
        {"<script>only</script>", "skipped /a/file:0: no text in it\n"},
        {"", "skipped /a/file:0: no text in it\n"},
        {"   ", "skipped /a/file:0: no text in it\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect(cases[i].input, strlen(cases[i].input), cases[i].expected);
}

static void depth_is_no_danger(void **state) {
    struct buffer in = BUFFER_EMPTY, out = BUFFER_EMPTY;
    (void)state;
    for (int i = 0; i < 20000; i++)
        buffer_append(&in, "<div><article>", 14);
    buffer_append(&in, LONG, sizeof LONG - 1);
    assert_int_equal(parsed_run(&out, LEDE_FORMAT_HTML, LEDE_PASSAGES_CUT, (char *)in.data, in.len), LEDE_OK);
    assert_true(out.len > 0);
    buffer_release(&in);
    buffer_release(&out);
}

#define LINKED(json)    "<script type=\"application/ld+json\">" json "</script>"
#define TELLS(expected) "article /a/file\n" expected "1 " LONG "\n"

static void what_pages_tell_machines(void **state) {
    static const struct {
        const char *head, *expected;
    } cases[] = {
        {LINKED("{\"@context\":\"https://schema.org\",\"@type\":\"NewsArticle\",\"headline\":\"A "
                "\\u201cheadline\\u201d\\n in  two\","
                "\"author\":{\"@type\":\"Person\",\"name\":\"Jane "
                "Doe\"},\"datePublished\":\"2025-05-06T23:59:00+05:30\","
                "\"dateModified\":\"2025-05-07\"}"),
         TELLS("title: A “headline” in two\ndate: 20250506\nbyline: Jane Doe\n")},
        /* Several authors, by name and by object; several types, and one as an address. */
        {LINKED("[{\"@type\":\"Organization\",\"name\":\"The "
                "Ledger\"},{\"@type\":[\"Thing\",\"http://schema.org/BlogPosting\"],"
                "\"author\":[\"A. Bee\",{\"name\":\"C. Dee\"},{\"url\":\"x\"}]}]"),
         TELLS("byline: A. Bee, C. Dee\n")},
        {LINKED("{\"@graph\":[{\"@type\":\"WebPage\",\"datePublished\":\"1999-01-01\"},{\"@type\":\"Article\","
                "\"author\":{\"@id\":"
                "\"#p\"},\"dateModified\":\"2025-05-07\"},{\"@id\":\"#p\",\"name\":\"Jane Doe\"}]}"),
         TELLS("date: 20250507\nbyline: Jane Doe\n")},
        {LINKED("{\"@type\":\"WebPage\",\"mainEntity\":{\"@type\":\"ReportageNewsArticle\",\"datePublished\":"
                "\"2025\"}}"),
         TELLS("date: 20250000\n")},
        /* The first that is an article; in a comment, with a line end in a string, and another type of script. */
        {"<script type=text/javascript>{\"@type\":\"Article\",\"headline\":\"No\"}</script>" LINKED(
             "{\"@type\":\"BreadcrumbList\"}")
             LINKED("//<![CDATA[\n{\"@type\":\"Article\",\"headline\":\"One\ntwo\"}\n//]]>")
                 LINKED("{\"@type\":\"Article\",\"headline\":\"Later\"}"),
         "article /a/file\ntitle: One two\n4 " LONG "\n"},
        /* A heading that is seen comes first; what is told of the article goes before what is told of the page. */
        {LINKED("{\"@type\":\"Article\",\"headline\":\"H\",\"author\":\"J. "
                "Doe\",\"datePublished\":\"2025-05-06\"}") "<meta name=author content=admin><meta name=date "
                                                           "content=2025-06-01><meta property=og:title "
                                                           "content=P>",
         TELLS("title: H\ndate: 20250506\nbyline: J. Doe\n")},
        {LINKED("{\"@type\":\"Article\",\"headline\":\"H\",\"dateModified\":\"2025-05-06\"}") "<meta name=date "
                                                                                              "content=2025-05-01><"
                                                                                              "h1>T</h1>",
         TELLS("title: T\ndate: 20250501\n")},
        /* No names, nothing at all, and no JSON. */
        {LINKED("{\"@type\":\"Article\",\"author\":\"https://a.example/"
                "jane\",\"headline\":7,\"datePublished\":null}") "<meta name=author content='Jane Doe'>",
         TELLS("byline: Jane Doe\n")},
        {LINKED("{\"@type\":\"Article\",\"author\":[[]],\"headline\":\"\"}"), TELLS("")},
        {LINKED("") LINKED("{") LINKED("}{") LINKED("[]") LINKED("[1,{\"@type\":[2]}]")
             LINKED("{\"@type\":\"Article\",}"),
         TELLS("")},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buffer input = BUFFER_EMPTY;
        buffer_append(&input, cases[i].head, strlen(cases[i].head));
        buffer_append(&input, "<p>" LONG, strlen("<p>" LONG));
        expect((const char *)input.data, input.len, cases[i].expected);
        buffer_release(&input);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_page_gives_its_article),
        cmocka_unit_test(pages_of_all_sorts),
        cmocka_unit_test(what_pages_tell_machines),
        cmocka_unit_test(depth_is_no_danger),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
