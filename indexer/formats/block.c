#include "block.h"

#include "core/base/error.h"
#include "core/text/sentence.h"

/* A line that is not blank, trimmed. */
struct line {
    uint32_t start, len;
    uint32_t number;
    uint32_t width;      /* in characters */
    uint32_t first_word; /* characters of its first word */
    bool gap;            /* a blank line, or the start of the text, stands before it */
};

static uint32_t width_of(struct span t) {
    uint32_t width = 0;
    for (size_t i = 0; i < t.n; i++)
        width += (t.s[i] & 0xc0) != 0x80;
    return width;
}

static uint32_t first_word_width(struct span t) {
    struct span word;
    return span_next_word(&t, &word) ? width_of(word) : 0;
}

static void read_lines(struct buffer *lines, struct span text, uint32_t number) {
    struct span rest = text, t;
    bool gap = true;
    for (; span_next_line(&rest, &t); number++) {
        if (!t.n) {
            gap = true;
            continue;
        }
        struct line line = {(uint32_t)(t.s - text.s), (uint32_t)t.n, number, width_of(t), first_word_width(t), gap};
        buffer_append(lines, &line, sizeof line);
        gap = false;
    }
}

/* Right margins are looked for in this range: narrower texts are verse or lists, wider ones a paragraph a line. */
enum { MARGIN_MIN = 40, MARGIN_MAX = 120 };

/* The width that all but one line in fifty keep to; 0 if that is not the width of a wrapped text. */
static uint32_t margin_of(const struct line *lines, size_t count) {
    size_t histogram[MARGIN_MAX + 2] = {0};
    for (size_t i = 0; i < count; i++)
        histogram[lines[i].width > MARGIN_MAX ? MARGIN_MAX + 1 : lines[i].width]++;
    size_t beyond = 0;
    uint32_t width = MARGIN_MAX + 1;
    while (width > 0 && beyond + histogram[width] <= count / 50)
        beyond += histogram[width--];
    return width >= MARGIN_MIN && width <= MARGIN_MAX ? width : 0;
}

/* Whether line `a` was ended as the first word of the next one did not fit. Editors that fill paragraphs leave a few
 * characters of slack. */
static bool is_wrapped(const struct line *a, uint32_t margin) {
    enum { SLACK = 8 };
    return a->width + 1 + a[1].first_word + SLACK > margin;
}

/* The margin of a wrapped text, 0 if lines are paragraphs: of the lines that another follows at once, most must reach
 * it, or they were ended for another reason. */
static uint32_t find_margin(const struct line *lines, size_t count) {
    uint32_t margin = margin_of(lines, count);
    size_t pairs = 0, wrapped = 0;
    for (size_t i = 0; margin && i + 1 < count; i++) {
        if (!lines[i + 1].gap) {
            pairs++;
            wrapped += is_wrapped(&lines[i], margin);
        }
    }
    return pairs >= 2 && wrapped * 4 >= pairs * 3 ? margin : 0;
}

lede_status block_read(struct buffer *blocks, struct buffer *scratch, struct span text, uint32_t number,
                       lede_error *err) {
    buffer_clear(scratch);
    read_lines(scratch, text, number);
    if (scratch->failed)
        return error_nomem(err);
    const struct line *lines = (const struct line *)(const void *)scratch->data;
    size_t count = scratch->len / sizeof *lines;
    uint32_t margin = find_margin(lines, count);
    for (size_t i = 0, last; i < count; i = last + 1) {
        last = i;
        while (margin && last + 1 < count && !lines[last + 1].gap && is_wrapped(&lines[last], margin))
            last++;
        struct block block = {lines[i].start, lines[last].start + lines[last].len - lines[i].start, lines[i].number,
                              false, lines[i].gap};
        buffer_append(blocks, &block, sizeof block);
    }
    return blocks->failed ? error_nomem(err) : LEDE_OK;
}

static bool starts_list_item(struct span t) {
    return span_starts(t, "- ") || span_starts(t, "* ") || span_starts(t, "• ");
}

/* Commas, semicolons and colons, with those of Arabic and of Chinese: more of the sentence is to come. */
static bool goes_on_behind(uint32_t c) {
    switch (c) {
    case ',':
    case ';':
    case ':':
    case 0x60c:
    case 0x61b:
    case 0x2026:
    case 0x3001:
    case 0xff0c:
    case 0xff1a:
    case 0xff1b: return true;
    default: return false;
    }
}

/* Whether t could be a line that names what stands below it, of at most so many words. */
static bool is_caption(struct span t, size_t words) {
    size_t len;
    if (!t.n || t.n > TITLE_BYTES || starts_list_item(t) || span_has_words(t, words + 1))
        return false;
    uint32_t last = span_last(t, &len);
    if (goes_on_behind(last) || span_ends(t, "..."))
        return false;
    return !sentence_is_whole(t) || last == '?' || last == '!' || last == 0x61f || last == 0xff1f || last == 0xff01;
}

bool block_is_title(struct span line) {
    return is_caption(line, TITLE_WORDS);
}

bool block_is_heading(struct span line) {
    return is_caption(line, HEADING_WORDS) && span_first_letter(line) != LETTER_LOWER;
}

/* Whether a block reads as text below a heading: it ends a sentence, or goes on for longer than any heading, and does
 * not go on with what was begun above. */
static bool is_paragraph(struct span t) {
    return !is_caption(t, HEADING_WORDS + 6) && span_first_letter(t) != LETTER_LOWER;
}

void block_mark_headings(struct block *blocks, size_t count, const char *text) {
    for (size_t i = 0, end; i < count; i = end + 1) {
        end = i;
        while (end < count && block_is_heading(block_span(text, &blocks[end])))
            end++;
        if (end == count || !is_paragraph(block_span(text, &blocks[end])))
            continue;
        /* Two in succession are a heading and one below it, more are a list with, maybe, a heading behind it. */
        for (size_t k = end - i > 2 ? end - 1 : i; k < end; k++)
            blocks[k].heading = true;
    }
}

void block_open(struct block_writer *w, uint32_t line, bool heading, bool gap) {
    struct block block = {(uint32_t)w->text->len, 0, line, heading, gap};
    buffer_append(w->blocks, &block, sizeof block);
    w->open = !w->blocks->failed;
}

void block_close(struct block_writer *w) {
    if (w->open)
        block_last(w)->len = (uint32_t)w->text->len - block_last(w)->start;
    w->open = false;
}

struct block *block_last(const struct block_writer *w) {
    return (struct block *)(void *)(w->blocks->data + w->blocks->len) - 1;
}
