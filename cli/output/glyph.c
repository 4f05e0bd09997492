#include "glyph.h"

#include <string.h>

#include "cli/common/text.h"

enum {
    ZERO_WIDTH_NON_JOINER = 0x200C,
    ZERO_WIDTH_JOINER = 0x200D,
    NO_BREAK_SPACE = 0xA0,
    FIRST_EMOJI = 0x2190, /* arrows are the first that are drawn as emoji */
};

struct range {
    uint32_t first, last;
};

static bool is_among(const struct range *ranges, size_t count, uint32_t c) {
    for (size_t i = 0; i < count; i++)
        if (c >= ranges[i].first && c <= ranges[i].last)
            return true;
    return false;
}

/* Asks for another form, direction or break of what is around it, and is nothing in itself. */
static bool is_ignorable(uint32_t c) {
    static const struct range ranges[] = {
        {0xAD, 0xAD},     {0x61C, 0x61C},   {0x180B, 0x180F}, {0x200B, 0x200B},   {0x200E, 0x200F},   {0x202A, 0x202E},
        {0x2060, 0x206F}, {0xFE00, 0xFE0F}, {0xFEFF, 0xFEFF}, {0xE0000, 0xE0FFF}, {0x1D173, 0x1D17A},
    };
    return is_among(ranges, sizeof ranges / sizeof *ranges, c);
}

/* The blocks of the bidirectional classes R and AL. */
static bool is_rtl(uint32_t c) {
    static const struct range ranges[] = {
        {0x590, 0x8FF}, {0xFB1D, 0xFDFF}, {0xFE70, 0xFEFE}, {0x10800, 0x10FFF}, {0x1E800, 0x1EFFF}};
    return c >= 0x590 && is_among(ranges, sizeof ranges / sizeof *ranges, c);
}

static bool is_joiner(uint32_t c) {
    return c == ZERO_WIDTH_JOINER || c == ZERO_WIDTH_NON_JOINER;
}

/* The colours of skin: marks upon an emoji, wide if they stand alone. */
static bool is_skin_tone(uint32_t c) {
    return c >= 0x1F3FB && c <= 0x1F3FF;
}

/* Adds what stands upon the base. Joiners shape letters; emoji they join. */
static void add_marks(struct glyph *g, const char *text, size_t len, size_t *at) {
    bool is_emoji = g->characters[0] >= FIRST_EMOJI && g->width == 2;
    while (*at < len && (unsigned char)text[*at] >= 0x80) {
        size_t next = *at;
        uint32_t c = text_next(text, len, &next);
        bool is_dropped = is_ignorable(c) || (is_emoji && (is_joiner(c) || is_skin_tone(c)));
        if (!is_dropped && (text_is_control(c) || text_width(c) > 0))
            return;
        if (!is_dropped && g->count < GLYPH_CHARACTERS)
            g->characters[g->count++] = c;
        *at = next;
    }
}

void glyph_next(struct glyph *g, const char *text, size_t len, size_t *at) {
    uint32_t c = text_next(text, len, at);
    memset(g, 0, sizeof *g);
    if (text_is_space(c)) {
        g->is_space = true;
        g->ends_line = text_is_line_end(c);
        c = ' ';
        if (g->ends_line && *at < len && text[*at - 1] == '\r' && text[*at] == '\n')
            ++*at;
    } else if (text_is_control(c)) {
        c = REPLACEMENT_CHARACTER;
    } else if (is_ignorable(c) || is_joiner(c)) {
        return;
    }
    g->width = text_width(c);
    if (g->width == 0) {
        /* A mark without a base gets one that is not seen. */
        g->characters[g->count++] = NO_BREAK_SPACE;
        g->width = 1;
    }
    g->characters[g->count++] = c;
    g->is_rtl = is_rtl(c);
    if (!g->is_space)
        add_marks(g, text, len, at);
}

size_t glyph_before(const char *text, size_t at) {
    struct glyph g;
    size_t start = 0, next = 0;
    while (next < at) {
        start = next;
        glyph_next(&g, text, at, &next);
    }
    return start;
}

size_t glyph_columns(const char *text, size_t len) {
    size_t columns = 0;
    struct glyph g;
    for (size_t at = 0; at < len;) {
        glyph_next(&g, text, len, &at);
        columns += g.width;
    }
    return columns;
}
