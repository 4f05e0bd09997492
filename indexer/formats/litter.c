#include "litter.h"

#include <string.h>

#include "core/text/sentence.h"

enum how {
    WHOLE,  /* the line, but for the signs around it, says this */
    PREFIX, /* the line begins so */
};

struct rule {
    const char *says;
    enum how how;
    enum litter litter;
};

/* Lines are compared without the signs around them, apostrophes made plain. */
static const struct rule rules[] = {
    {"advertisement", WHOLE, LITTER_LINE},
    {"advertisements", WHOLE, LITTER_LINE},
    {"advertisement - scroll to continue", WHOLE, LITTER_LINE},
    {"article continues below", PREFIX, LITTER_LINE},
    {"article continues after", PREFIX, LITTER_LINE},
    {"story continues below", PREFIX, LITTER_LINE},
    {"continue reading below", PREFIX, LITTER_LINE},
    {"continue reading", WHOLE, LITTER_LINE},
    {"scroll to continue", PREFIX, LITTER_LINE},
    {"skip to content", WHOLE, LITTER_LINE},
    {"skip to main content", WHOLE, LITTER_LINE},
    {"skip advertisement", WHOLE, LITTER_LINE},
    {"sponsored content", WHOLE, LITTER_LINE},
    {"sponsored", WHOLE, LITTER_LINE},
    {"click to share on", PREFIX, LITTER_LINE},
    {"share this", WHOLE, LITTER_LINE},
    {"share this:", PREFIX, LITTER_LINE},
    {"share this article", WHOLE, LITTER_LINE},
    {"share this story", WHOLE, LITTER_LINE},
    {"share this post", WHOLE, LITTER_LINE},
    {"share this page", WHOLE, LITTER_LINE},
    {"share on facebook", PREFIX, LITTER_LINE},
    {"share on twitter", PREFIX, LITTER_LINE},
    {"share on x", WHOLE, LITTER_LINE},
    {"share on whatsapp", PREFIX, LITTER_LINE},
    {"share on linkedin", PREFIX, LITTER_LINE},
    {"share via", PREFIX, LITTER_LINE},
    {"facebook twitter", PREFIX, LITTER_LINE},
    {"read more", WHOLE, LITTER_LINE},
    {"read more:", PREFIX, LITTER_LINE},
    {"read more |", PREFIX, LITTER_LINE},
    {"read also", WHOLE, LITTER_LINE},
    {"read also:", PREFIX, LITTER_LINE},
    {"read also |", PREFIX, LITTER_LINE},
    {"also read", WHOLE, LITTER_LINE},
    {"also read:", PREFIX, LITTER_LINE},
    {"also read |", PREFIX, LITTER_LINE},
    {"also read -", PREFIX, LITTER_LINE},
    {"must read:", PREFIX, LITTER_LINE},
    {"read |", PREFIX, LITTER_LINE},
    {"watch |", PREFIX, LITTER_LINE},
    {"watch:", PREFIX, LITTER_EDGE},
    {"click here to", PREFIX, LITTER_EDGE},
    {"tap here to", PREFIX, LITTER_EDGE},
    {"listen to this article", PREFIX, LITTER_LINE},
    {"listen to article", PREFIX, LITTER_LINE},

    {"share", WHOLE, LITTER_EDGE},
    {"tweet", WHOLE, LITTER_EDGE},
    {"facebook", WHOLE, LITTER_EDGE},
    {"twitter", WHOLE, LITTER_EDGE},
    {"whatsapp", WHOLE, LITTER_EDGE},
    {"linkedin", WHOLE, LITTER_EDGE},
    {"pinterest", WHOLE, LITTER_EDGE},
    {"telegram", WHOLE, LITTER_EDGE},
    {"reddit", WHOLE, LITTER_EDGE},
    {"instagram", WHOLE, LITTER_EDGE},
    {"youtube", WHOLE, LITTER_EDGE},
    {"email", WHOLE, LITTER_EDGE},
    {"email this", PREFIX, LITTER_EDGE},
    {"print", WHOLE, LITTER_EDGE},
    {"print this", PREFIX, LITTER_EDGE},
    {"copy link", WHOLE, LITTER_EDGE},
    {"copy url", WHOLE, LITTER_EDGE},
    {"save article", WHOLE, LITTER_EDGE},
    {"loading", WHOLE, LITTER_EDGE},
    {"menu", WHOLE, LITTER_EDGE},
    {"search", WHOLE, LITTER_EDGE},
    {"home", WHOLE, LITTER_EDGE},
    {"home >", PREFIX, LITTER_LINE},
    {"home /", PREFIX, LITTER_LINE},
    {"home »", PREFIX, LITTER_LINE},
    {"login", WHOLE, LITTER_EDGE},
    {"log in", WHOLE, LITTER_EDGE},
    {"sign in", WHOLE, LITTER_EDGE},
    {"sign up", WHOLE, LITTER_EDGE},
    {"register", WHOLE, LITTER_EDGE},
    {"subscribe", WHOLE, LITTER_EDGE},
    {"subscribe now", PREFIX, LITTER_EDGE},
    {"subscribe to", PREFIX, LITTER_EDGE},
    {"subscribe for", PREFIX, LITTER_EDGE},
    {"sign up for", PREFIX, LITTER_EDGE},
    {"sign up to", PREFIX, LITTER_EDGE},
    {"get the latest", PREFIX, LITTER_EDGE},
    {"stay up to date", PREFIX, LITTER_EDGE},
    {"stay updated", PREFIX, LITTER_EDGE},
    {"stay tuned", PREFIX, LITTER_EDGE},
    {"follow us", PREFIX, LITTER_EDGE},
    {"follow @", PREFIX, LITTER_EDGE},
    {"like us on", PREFIX, LITTER_EDGE},
    {"like and follow", PREFIX, LITTER_EDGE},
    {"find us on", PREFIX, LITTER_EDGE},
    {"join us on", PREFIX, LITTER_EDGE},
    {"join our", PREFIX, LITTER_EDGE},
    {"download our app", PREFIX, LITTER_EDGE},
    {"download the app", PREFIX, LITTER_EDGE},
    {"newsletter", WHOLE, LITTER_EDGE},
    {"newsletters", WHOLE, LITTER_EDGE},
    {"enter your email", PREFIX, LITTER_EDGE},
    {"your email address", PREFIX, LITTER_EDGE},
    {"email address", WHOLE, LITTER_EDGE},
    {"back to top", WHOLE, LITTER_EDGE},
    {"tags:", PREFIX, LITTER_EDGE},
    {"tagged:", PREFIX, LITTER_EDGE},
    {"tagged with", PREFIX, LITTER_EDGE},
    {"topics:", PREFIX, LITTER_EDGE},
    {"related topics:", PREFIX, LITTER_EDGE},
    {"filed under", PREFIX, LITTER_EDGE},
    {"posted in", PREFIX, LITTER_EDGE},
    {"category:", PREFIX, LITTER_EDGE},
    {"categories:", PREFIX, LITTER_EDGE},
    {"keywords:", PREFIX, LITTER_EDGE},
    {"see also:", PREFIX, LITTER_EDGE},
    {"related:", PREFIX, LITTER_EDGE},
    {"we use cookies", PREFIX, LITTER_EDGE},
    {"this website uses cookies", PREFIX, LITTER_EDGE},
    {"this site uses cookies", PREFIX, LITTER_EDGE},
    {"our website uses cookies", PREFIX, LITTER_EDGE},
    {"by continuing to use", PREFIX, LITTER_EDGE},
    {"by continuing to browse", PREFIX, LITTER_EDGE},
    {"by using this site", PREFIX, LITTER_EDGE},
    {"accept all", WHOLE, LITTER_EDGE},
    {"accept all cookies", WHOLE, LITTER_EDGE},
    {"accept cookies", WHOLE, LITTER_EDGE},
    {"accept", WHOLE, LITTER_EDGE},
    {"reject all", WHOLE, LITTER_EDGE},
    {"manage cookies", PREFIX, LITTER_EDGE},
    {"cookie settings", PREFIX, LITTER_EDGE},
    {"cookie policy", PREFIX, LITTER_EDGE},
    {"privacy policy", PREFIX, LITTER_EDGE},
    {"terms of use", PREFIX, LITTER_EDGE},
    {"terms of service", PREFIX, LITTER_EDGE},
    {"terms and conditions", PREFIX, LITTER_EDGE},
    {"terms & conditions", PREFIX, LITTER_EDGE},
    {"about us", WHOLE, LITTER_EDGE},
    {"contact us", WHOLE, LITTER_EDGE},
    {"advertise with us", PREFIX, LITTER_EDGE},
    {"please enter your", PREFIX, LITTER_EDGE},
    {"please type your", PREFIX, LITTER_EDGE},
    {"required fields are marked", PREFIX, LITTER_EDGE},
    {"save my name", PREFIX, LITTER_EDGE},
    {"notify me of", PREFIX, LITTER_EDGE},
    {"you must be logged in", PREFIX, LITTER_EDGE},
    {"log in to leave a comment", PREFIX, LITTER_EDGE},
    {"this site uses akismet", PREFIX, LITTER_EDGE},
    {"previous article", PREFIX, LITTER_EDGE},
    {"next article", PREFIX, LITTER_EDGE},
    {"previous post", PREFIX, LITTER_EDGE},
    {"next post", PREFIX, LITTER_EDGE},
    {"view comments", WHOLE, LITTER_EDGE},
    {"show comments", WHOLE, LITTER_EDGE},
    {"no comments", WHOLE, LITTER_EDGE},

    {"leave a reply", WHOLE, LITTER_FORM},
    {"leave a reply cancel reply", WHOLE, LITTER_FORM},
    {"leave a reply to", PREFIX, LITTER_FORM},
    {"leave a comment", WHOLE, LITTER_FORM},
    {"leave your comment", WHOLE, LITTER_FORM},
    {"leave a response", WHOLE, LITTER_FORM},
    {"post a comment", WHOLE, LITTER_FORM},
    {"post your comment", WHOLE, LITTER_FORM},
    {"post comment", WHOLE, LITTER_FORM},
    {"write a comment", WHOLE, LITTER_FORM},
    {"add a comment", WHOLE, LITTER_FORM},
    {"cancel reply", WHOLE, LITTER_FORM},
    {"join the conversation", WHOLE, LITTER_FORM},
    {"join the discussion", WHOLE, LITTER_FORM},

    {"must read", WHOLE, LITTER_PROMO},
    {"must reads", WHOLE, LITTER_PROMO},
    {"related articles", WHOLE, LITTER_PROMO},
    {"related stories", WHOLE, LITTER_PROMO},
    {"related news", WHOLE, LITTER_PROMO},
    {"related posts", WHOLE, LITTER_PROMO},
    {"related content", WHOLE, LITTER_PROMO},
    {"related coverage", WHOLE, LITTER_PROMO},
    {"related topics", WHOLE, LITTER_PROMO},
    {"read next", WHOLE, LITTER_PROMO},
    {"up next", WHOLE, LITTER_PROMO},
    {"more stories", PREFIX, LITTER_PROMO},
    {"more news", WHOLE, LITTER_PROMO},
    {"more on this story", WHOLE, LITTER_PROMO},
    {"more from the web", WHOLE, LITTER_PROMO},
    {"you may also like", PREFIX, LITTER_PROMO},
    {"you might also like", PREFIX, LITTER_PROMO},
    {"you may like", WHOLE, LITTER_PROMO},
    {"recommended for you", WHOLE, LITTER_PROMO},
    {"recommended stories", WHOLE, LITTER_PROMO},
    {"recommended articles", WHOLE, LITTER_PROMO},
    {"trending now", WHOLE, LITTER_PROMO},
    {"trending stories", WHOLE, LITTER_PROMO},
    {"trending news", WHOLE, LITTER_PROMO},
    {"most read", WHOLE, LITTER_PROMO},
    {"most popular", WHOLE, LITTER_PROMO},
    {"popular posts", WHOLE, LITTER_PROMO},
    {"popular stories", WHOLE, LITTER_PROMO},
    {"latest news", WHOLE, LITTER_PROMO},
    {"latest stories", WHOLE, LITTER_PROMO},
    {"latest articles", WHOLE, LITTER_PROMO},
    {"top stories", WHOLE, LITTER_PROMO},
    {"editor's picks", WHOLE, LITTER_PROMO},
    {"editors' picks", WHOLE, LITTER_PROMO},
    {"in case you missed it", WHOLE, LITTER_PROMO},
    {"similar articles", WHOLE, LITTER_PROMO},
    {"similar posts", WHOLE, LITTER_PROMO},

    {"comments", WHOLE, LITTER_TAIL},
    {"comment", WHOLE, LITTER_TAIL},
    {"reader comments", WHOLE, LITTER_TAIL},
    {"related", WHOLE, LITTER_TAIL},
    {"recommended", WHOLE, LITTER_TAIL},
    {"trending", WHOLE, LITTER_TAIL},
    {"latest", WHOLE, LITTER_TAIL},
    {"more from", PREFIX, LITTER_TAIL},
    {"more on", PREFIX, LITTER_TAIL},
    {"see also", WHOLE, LITTER_TAIL},
    {"don't miss", WHOLE, LITTER_TAIL},
    {"popular", WHOLE, LITTER_TAIL},
};

/* A longer line is no longer a label, nor a button, nor (longer still) a notice. */
enum { WHOLE_BYTES = 60, PREFIX_WORDS = 35, LINE_BYTES = 400 };

/* Signs that stand around labels. */
static bool is_sign(char c) {
    return c && strchr("-–*|.:!<>[]()#=_~+\"'/\\&", c) != NULL;
}

/* The line in plain apostrophes, without signs and non-ASCII signs at its ends, written to buffer. */
static struct span plain_line(struct span line, char buffer[LINE_BYTES]) {
    size_t n = 0;
    for (size_t i = 0; i < line.n; i++) {
        bool quote = line.n - i >= 3 && memcmp(line.s + i, "’", 3) == 0;
        buffer[n++] = quote ? '\'' : line.s[i];
        i += quote ? 2 : 0;
    }
    struct span t = span_trim((struct span){buffer, n});
    size_t len;
    while (t.n && (is_sign(t.s[0]) || ((t.s[0] & 0x80) && span_letter(t, 0, &len) == LETTER_NONE))) {
        (void)span_letter(t, 0, &len);
        t = span_trim((struct span){t.s + len, t.n - len});
    }
    return t;
}

static struct span without_trailing_signs(struct span t) {
    size_t len, ignored;
    while (t.n) {
        uint32_t last = span_last(t, &len);
        struct span sign = {t.s + t.n - len, len};
        if (last < 0x80 ? !is_sign((char)last) && last != '*' : span_letter(sign, 0, &ignored) != LETTER_NONE)
            break;
        t = span_trim((struct span){t.s, t.n - len});
    }
    return t;
}

/* "3 Comments", "Comments (3)" */
static bool counts_comments(struct span t) {
    while (t.n && t.s[0] >= '0' && t.s[0] <= '9')
        t = (struct span){t.s + 1, t.n - 1};
    while (t.n && ((t.s[t.n - 1] >= '0' && t.s[t.n - 1] <= '9') || t.s[t.n - 1] == '('))
        t.n--;
    t = span_trim(t);
    return span_equal(t, "comments") || span_equal(t, "comment") || span_equal(t, "replies") ||
           span_equal(t, "responses");
}

static bool has_year(struct span t) {
    for (size_t i = 0; i + 4 <= t.n; i++) {
        bool year = memcmp(t.s + i, "19", 2) == 0 || memcmp(t.s + i, "20", 2) == 0;
        if (year && t.s[i + 2] >= '0' && t.s[i + 2] <= '9' && t.s[i + 3] >= '0' && t.s[i + 3] <= '9')
            return true;
    }
    return false;
}

/* "Copyright © 2021 X | All rights reserved", "(c) X 2021", "All rights reserved. This material may not be ...".
 * Speaking of copyright does not make a notice, nor does a sentence of some length with the sign in it. */
static bool is_notice(struct span line, struct span plain, struct span bare) {
    enum { SIGN_WITHIN = 14, SENTENCE_WORDS = 12 };
    static const char rights_text[] = "all rights reserved";
    struct span head = {line.s, line.n < SIGN_WITHIN ? line.n : SIGN_WITHIN};
    bool sign = span_find(head, "©") < head.n || span_starts(line, "(c) ");
    bool word = span_starts(plain, "copyright"), starts = span_starts(bare, rights_text);
    bool rights = starts || span_ends(bare, rights_text) || (word && span_find(bare, rights_text) < bare.n);
    if (!sign && !word && !rights)
        return false;
    if (sentence_is_whole(line) && !rights && span_has_words(line, SENTENCE_WORDS + 1))
        return false;
    if (sign || word)
        return rights || (sign && (word || has_year(line))) || (has_year(line) && !sentence_is_whole(line));
    return starts || has_year(line);
}

enum litter litter_of_line(struct span line) {
    char buffer[LINE_BYTES];
    if (!line.n || line.n > LINE_BYTES || span_has_words(line, PREFIX_WORDS + 1))
        return LITTER_NONE;
    struct span plain = plain_line(line, buffer), bare = without_trailing_signs(plain);
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        const struct rule *rule = &rules[i];
        if (rule->how == WHOLE ? bare.n <= WHOLE_BYTES && span_equal(bare, rule->says) : span_starts(plain, rule->says))
            return rule->litter;
    }
    if (counts_comments(bare))
        return LITTER_FORM;
    return is_notice(line, plain, bare) ? LITTER_EDGE : LITTER_NONE;
}

/* How many bytes of text a paragraph has; 0 for one that is not clearly text. */
static size_t text_bytes(struct span t) {
    enum { TEXT_WORDS = 20 };
    bool text = sentence_is_whole(t) && span_has_words(t, TEXT_WORDS) && !litter_of_line(t);
    return text ? t.n : 0;
}

/* Where the text of an article stands. */
struct extent {
    size_t first, last; /* blocks; first > last: there is none */
    size_t bytes;
};

static struct extent find_text(const struct block *blocks, size_t count, const char *text) {
    struct extent extent = {count, 0, 0};
    for (size_t i = 0; i < count; i++) {
        size_t bytes = text_bytes(block_span(text, &blocks[i]));
        if (!bytes)
            continue;
        if (!extent.bytes)
            extent.first = i;
        extent.last = i;
        extent.bytes += bytes;
    }
    return extent;
}

/* Whether a line that may begin the end does, with so much text above and below. */
static bool begins_tail(enum litter kind, size_t above, size_t below) {
    switch (kind) {
    case LITTER_FORM: return below * 2 <= above;
    case LITTER_PROMO: return below * 6 <= above;
    case LITTER_TAIL: return below == 0;
    default: return false;
    }
}

/* The first line may be a title that only sounds like litter. */
static bool is_spared(struct span t, size_t i) {
    return i == 0 && span_words(t) > 4 * WORD && block_is_title(t);
}

size_t litter_remove(struct block *blocks, size_t count, const char *text) {
    struct extent extent = find_text(blocks, count, text);
    size_t kept = 0, above = 0;
    for (size_t i = 0; i < count; i++) {
        struct span t = block_span(text, &blocks[i]);
        enum litter kind = litter_of_line(t);
        bool late = above > 0 || (!extent.bytes && i > 0 && i * 2 >= count);
        if (late && begins_tail(kind, above, extent.bytes - above))
            break;
        bool edge = kind == LITTER_EDGE && (i < extent.first || i > extent.last) && !is_spared(t, i);
        if (kind == LITTER_LINE || edge)
            continue;
        above += kind ? 0 : text_bytes(t);
        blocks[kept++] = blocks[i];
    }
    return kept;
}
