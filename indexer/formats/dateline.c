#include "dateline.h"

#include <string.h>

#include "byline.h"
#include "date.h"

enum separator { NO_SEPARATOR = 0, COLON, DASH, STOP };

/* What may stand in capitals before a colon without being a place. */
static const char *const kickers[] = {
    "breaking", "exclusive",  "opinion",   "watch", "live",    "updated",    "update",     "explainer",    "factbox",
    "analysis", "comment",    "editorial", "video", "note",    "correction", "interview",  "review",       "timeline",
    "photos",   "fact check", "q",         "q&a",   "summary", "abstract",   "background", "introduction", "question"};

static bool is_kicker(struct span t) {
    if (span_starts(t, "by "))
        return true;
    for (size_t i = 0; i < sizeof kickers / sizeof *kickers; i++)
        if (span_equal(t, kickers[i]))
            return true;
    return false;
}

/* The length of the dash at t.s[at], a hyphen being one between blanks only. */
static size_t dash_length(struct span t, size_t at) {
    struct span rest = {t.s + at, t.n - at};
    if (span_starts(rest, "–") || span_starts(rest, "—") || span_starts(rest, "―"))
        return 3;
    if (span_starts(rest, "--"))
        return 2;
    bool blanks = at > 0 && t.s[at - 1] == ' ' && (rest.n == 1 || rest.s[1] == ' ');
    return span_starts(rest, "-") && blanks ? 1 : 0;
}

/* A full stop ends a dateline only behind one to three words in capitals (MOSCOW. The ...), not behind an initial. */
static bool is_stop(struct span t, size_t at) {
    enum { LEAST_BYTES = 5 };
    struct span head = {t.s, at};
    bool end = t.s[at] == '.' && at + 1 < t.n && t.s[at + 1] == ' ';
    return end && at >= LEAST_BYTES && !memchr(head.s, '.', head.n) && span_is_capitals(head) &&
           span_words(head) <= 3 * WORD;
}

/* The end of the head of a paragraph, at a separator near its start; *text is where the story goes on. */
static enum separator find_separator(struct span t, size_t *head, size_t *text) {
    enum { HEAD_BYTES = 100 };
    unsigned depth = 0;
    for (size_t at = 0; at < t.n && at < HEAD_BYTES && t.s[at] != '\n'; at++) {
        size_t dash = depth ? 0 : dash_length(t, at);
        depth += t.s[at] == '(' ? 1U : 0U;
        depth -= t.s[at] == ')' && depth ? 1U : 0U;
        bool colon = t.s[at] == ':' && !depth, stop = !depth && is_stop(t, at);
        if (!dash && !colon && !stop)
            continue;
        *head = at;
        *text = at + (dash ? dash : 1);
        return dash ? DASH : colon ? COLON : STOP;
    }
    return NO_SEPARATOR;
}

/* What a head says: place {, region} [, day or date] [(agency)]. */
struct parts {
    struct span place, agency;
    lede_date date;
    bool day;
};

static bool is_region(struct span t) {
    return t.n > 1 && span_first_letter(t) == LETTER_UPPER && span_words(t) <= 3 * WORD;
}

/* Cuts from *rest what stands before the next of the characters. */
static struct span take_until(struct span *rest, const char *ends) {
    size_t n = 0;
    while (n < rest->n && !strchr(ends, rest->s[n]))
        n++;
    struct span part = span_trim((struct span){rest->s, n});
    *rest = (struct span){rest->s + n, rest->n - n};
    return part;
}

/* Reads one part behind the place. */
static bool read_part(struct parts *p, struct span *rest) {
    if (rest->s[0] == '(') {
        *rest = (struct span){rest->s + 1, rest->n - 1};
        struct span inside = take_until(rest, ")");
        lede_date date = date_of_line(inside);
        if (date)
            p->date = date;
        else
            p->agency = inside;
        return inside.n > 0;
    }
    lede_date date = date_read(rest);
    if (date) {
        p->date = date;
        return true;
    }
    if (date_read_day(rest)) {
        p->day = true;
        return true;
    }
    struct span part = take_until(rest, ",(");
    if (credit_is_agency(part)) {
        p->agency = part;
        return true;
    }
    p->place.n = (size_t)(part.s + part.n - p->place.s);
    return is_region(part) && !p->date && !p->day && !p->agency.n;
}

static bool read_parts(struct parts *p, struct span head) {
    p->place = take_until(&head, ",(");
    for (;;) {
        while (head.n && strchr(", )", head.s[0]))
            head = (struct span){head.s + 1, head.n - 1};
        if (!head.n)
            return p->place.n > 0;
        if (!read_part(p, &head))
            return false;
    }
}

/* A name of one to five words, of letters and what joins them. */
static bool is_place(struct span t) {
    static const char *const particles[] = {"of", "the", "de", "del", "la", "le", "el", "am", "an", "upon", "and"};
    struct span word, rest = t;
    size_t words = 0, letters = 0, len;
    for (; span_next_word(&rest, &word); words++) {
        bool particle = false;
        for (size_t i = 0; words && i < sizeof particles / sizeof *particles; i++)
            particle |= span_equal(word, particles[i]);
        if (!particle && span_first_letter(word) == LETTER_LOWER)
            return false;
    }
    for (size_t at = 0; at < t.n; at += len) {
        if (span_letter(t, at, &len) != LETTER_NONE)
            letters++;
        else if (!strchr(" /-.',&", t.s[at]) && (uint8_t)t.s[at] < 0x80)
            return false;
    }
    return words >= 1 && words <= 5 && letters >= 3;
}

/* Whether the place is written as one: in capitals, up to a comma at least, while the story is not. */
static bool is_capital_place(struct span place, struct span story) {
    enum { OPENING_BYTES = 60 };
    struct span opening = {story.s, story.n < OPENING_BYTES ? story.n : OPENING_BYTES};
    return span_is_capitals(take_until(&place, ",")) && !span_is_capitals(opening);
}

bool dateline_read(struct dateline *out, struct span paragraph) {
    struct parts p = {{"", 0}, {"", 0}, 0, false};
    size_t head = 0, text = 0;
    paragraph = span_trim(paragraph);
    enum separator separator = find_separator(paragraph, &head, &text);
    if (!separator || !read_parts(&p, span_trim((struct span){paragraph.s, head})))
        return false;
    struct span story = span_trim((struct span){paragraph.s + text, paragraph.n - text});
    bool evidence = p.day || p.date || p.agency.n, alone = story.n == 0 && separator != STOP;
    if (!evidence && !alone && !is_capital_place(p.place, story))
        return false;
    if (credit_is_agency(p.place) && !p.agency.n) {
        *out = (struct dateline){{"", 0}, p.place, p.date};
        return true;
    }
    *out = (struct dateline){p.place, p.agency, p.date};
    return is_place(p.place) && !is_kicker(p.place);
}
