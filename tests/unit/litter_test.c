/* Litter of web pages: what is one, and that text is never taken for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "indexer/formats/litter.h"

static void lines_say_what_they_are(void **state) {
    static const struct {
        const char *line;
        enum litter litter;
    } cases[] = {
        {"LEAVE A REPLY", LITTER_FORM},
        {"Leave a Reply Cancel reply", LITTER_FORM},
        {"Leave a comment", LITTER_FORM},
        {"3 Comments", LITTER_FORM},
        {"Comments (12)", LITTER_FORM},
        {"Comments", LITTER_TAIL},
        {"Must Read", LITTER_PROMO},
        {"» RELATED ARTICLES:", LITTER_PROMO},
        {"You may also like…", LITTER_PROMO},
        {"Editor’s Picks", LITTER_PROMO},
        {"Advertisement", LITTER_LINE},
        {"--- ADVERTISEMENT ---", LITTER_LINE},
        {"Story continues below this ad", LITTER_LINE},
        {"Share this:", LITTER_LINE},
        {"Also Read | Envoy carries a letter to Moscow", LITTER_LINE},
        {"Read more: How the line came about", LITTER_LINE},
        {"Please enter your comment!", LITTER_EDGE},
        {"Your email address will not be published. Required fields are marked *", LITTER_EDGE},
        {"Save my name, email, and website in this browser for the next time I comment.", LITTER_EDGE},
        {"Copyright © 2021 Independent Pakistan | All rights reserved", LITTER_EDGE},
        {"© 2025 The Valley Ledger", LITTER_EDGE},
        {"Copyright 2025 Dawn. All rights reserved.", LITTER_EDGE},
        {"All rights reserved. This material may not be published, broadcast or rewritten.", LITTER_EDGE},
        {"(c) 2025 The Valley Ledger", LITTER_EDGE},
        {"Tags: Simla, Lahore", LITTER_EDGE},
        {"Follow us on Facebook and X", LITTER_EDGE},
        {"Subscribe to our newsletter", LITTER_EDGE},
        {"We use cookies to improve your experience. Accept all?", LITTER_EDGE},
        {"Home > News > World", LITTER_LINE},
        {"“Leave a reply”, said the page, and 3 comments were there.", LITTER_NONE},
        {"Copyright lasts for seventy years.", LITTER_NONE},
        {"The copyright of 1710", LITTER_NONE},
        {"A notice said “all rights reserved” in 1972.", LITTER_NONE},
        {"The © sign was first seen in 1802 and nobody who saw it knew what it meant.", LITTER_NONE},
        {"Comments by the minister were not welcome.", LITTER_NONE},
        {"Advertisement is a trade.", LITTER_NONE},
        {"He read more than anyone.", LITTER_NONE},
        {"Must reading be dull?", LITTER_NONE},
        {"May 6, 2025", LITTER_NONE},
        {"", LITTER_NONE},
        {"---", LITTER_NONE},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        enum litter litter = litter_of_line((struct span){cases[i].line, strlen(cases[i].line)});
        if (litter != cases[i].litter)
            fail_msg("%s: %d, not %d", cases[i].line, (int)litter, (int)cases[i].litter);
    }
}

#define TEXT                                                                                                           \
    "The minister spoke for an hour in the old hall above the river, and those who heard him say that he did not "     \
    "once look at his paper.\n"

/* The lines that are left, of texts of one paragraph a line. */
static void expect(const char *input, const char *expected) {
    struct buffer lines = BUFFER_EMPTY, blocks = BUFFER_EMPTY, left = BUFFER_EMPTY;
    assert_int_equal(block_read(&blocks, &lines, (struct span){input, strlen(input)}, 1, NULL), LEDE_OK);
    struct block *b = (struct block *)(void *)blocks.data;
    size_t count = litter_remove(b, blocks.len / sizeof *b, input);
    for (size_t i = 0; i < count; i++) {
        buffer_append(&left, input + b[i].start, b[i].len);
        buffer_append_u8(&left, '\n');
    }
    buffer_append_u8(&left, 0);
    assert_string_equal((char *)left.data, expected);
    buffer_release(&lines);
    buffer_release(&blocks);
    buffer_release(&left);
}

static void only_the_tail_is_cut_off(void **state) {
    static const struct {
        const char *input, *expected;
    } cases[] = {
        {"Title\n" TEXT "LEAVE A REPLY\nPlease enter your comment!\nMust Read\nAnother story...\n", "Title\n" TEXT},
        {TEXT "Must Read\nA teaser\nBRUSSELS: Chairman of Kashmir Council Europe has said that European Union "
              "authorities should not be influenced by Indian propaganda of any kind...\n",
         TEXT},
        {TEXT TEXT TEXT TEXT TEXT TEXT "Must Read\nA teaser\n" TEXT, TEXT TEXT TEXT TEXT TEXT TEXT},
        {TEXT TEXT "3 Comments\n" TEXT, TEXT TEXT},
        /* Headings that only sound like litter. */
        {TEXT "Comments\n" TEXT, TEXT "Comments\n" TEXT},
        {TEXT "Must read\n" TEXT TEXT, TEXT "Must read\n" TEXT TEXT},
        {TEXT "Leave a reply\n" TEXT TEXT, TEXT "Leave a reply\n" TEXT TEXT},
        {"Leave a reply\n" TEXT, "Leave a reply\n" TEXT},
        {TEXT "Copyright © 1710\n" TEXT, TEXT "Copyright © 1710\n" TEXT},
        /* Wherever they stand. */
        {TEXT "Advertisement\n" TEXT, TEXT TEXT},
        {"Skip to content\nTitle\n" TEXT "Also read: a story\n" TEXT, "Title\n" TEXT TEXT},
        /* Before and behind the text. */
        {"Home\nTitle\n" TEXT "Home\n" TEXT "He left.\nHome\nTags: a, b\n", "Title\n" TEXT "Home\n" TEXT "He left.\n"},
        {"Subscribe to a theory of everything\n" TEXT, "Subscribe to a theory of everything\n" TEXT},
        /* No paragraph is long enough to be sure of. */
        {"Short.\nShort.\nLeave a reply\nYour name\n", "Short.\nShort.\n"},
        {"Leave a reply\nShort.\nShort.\nShort.\n", "Leave a reply\nShort.\nShort.\nShort.\n"},
        {"", ""},
        {"Advertisement\n", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect(cases[i].input, cases[i].expected);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_say_what_they_are),
        cmocka_unit_test(only_the_tail_is_cut_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
