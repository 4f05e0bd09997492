/* nasty_text.h - random texts that try the corners of text analysis: strings over alphabets whose pieces meet in ways
 * that real text seldom has. */
#ifndef LEDE_TESTS_NASTY_TEXT_H
#define LEDE_TESTS_NASTY_TEXT_H

#include <string.h>

#include "random.h"

static const char *const nasty_ascii[] = {"a", "B",  "7",  "0",  "_",    "'", ".", ",", ";",    ":",  "@",  "\"", "-",
                                          " ", "\n", "\r", "\t", "\x01", "#", "*", "(", "\x7f", "zz", "12", NULL};
static const char *const nasty_typographic[] = {"a",      "India", "9", "_", " ",      ".", "'",      "‘",
                                                "’",      "“",     "”", "–", "—",      "…", "\u00a0", "·",
                                                "\u00ad", "é",     "ß", "ª", "\u0301", "ı", "Ł",      NULL};
static const char *const nasty_marks[] = {"a",      "1",      "_",      ".",          "'",      ",",      " ",
                                          "\n",     "\u0308", "\u0345", "\u200d",     "\u200c", "\ufe0f", "\u20e3",
                                          "\u00ad", "\u0600", "\u061c", "\u3099",     "é",      "\u2028", "\"",
                                          "\u3000", "\u2003", "\u2060", "\U000e0020", NULL};
static const char *const nasty_scripts[] = {"д",  "Й", "ا", "٣",      "ـ",      "ُ",           "۔",          "،",  "٫",
                                            "٬",  "क", "ि", "्",       "।",      "५",          "இ",          "가", "ᄀ",
                                            "ᅡ", "ა", "Ω", "ʼ",      "՚",      "a",          "1",          ".",  ",",
                                            " ",  ":", "'", "\u200d", "\u06dd", "\U00010400", "\U0001e900", NULL};
static const char *const nasty_complex[] = {
    "北京", "中", "国", "々", "ア",  "カー", "ｶ",  "ﾞ",    "ひ",         "らがな", "は", "ー",
    "。",   "、", "，", "．", "ไทย", "ก",    "ำ",  "ភាសា", "မြန်",        "ລາວ",    "א",  "ב",
    "״",    "'",  "\"", ".",  "a",   "7",    "_",  " ",    "\u0308",     "\u3099", "가", "\u200d",
    "\n",   "Ａ", "１", "：", "＠",  "﹕",   "㈱", "〱",   "\U00020000", NULL};
static const char *const nasty_pictures[] = {"😀", "👩", "👍", "🏽", "❤", "\ufe0f", "\u200d", "🇮",  "🇳",
                                             "🇵", "ℹ", "Ⓜ", "🅰",    "1", "#",      "\u20e3", "a",  " ",
                                             "(", "_", ".", "'",    "™", "©",      "㊗",     "北", NULL};

static const struct nasty_alphabet {
    const char *name;
    const char *const *pieces;
} nasty_alphabets[] = {{"ascii", nasty_ascii},     {"typographic", nasty_typographic}, {"marks", nasty_marks},
                       {"scripts", nasty_scripts}, {"complex", nasty_complex},         {"pictures", nasty_pictures}};
#define NASTY_ALPHABETS (sizeof nasty_alphabets / sizeof *nasty_alphabets)

/* Up to `pieces` pieces of an alphabet, as far as `cap` bytes hold them; returns the length. */
static inline size_t nasty_text(char *text, size_t cap, const struct nasty_alphabet *alphabet, uint32_t pieces,
                                struct random *r) {
    uint32_t n = 0;
    while (alphabet->pieces[n])
        n++;
    size_t len = 0;
    for (pieces = random_below(r, pieces + 1); pieces > 0; pieces--) {
        const char *piece = alphabet->pieces[random_below(r, n)];
        size_t piece_len = strlen(piece);
        if (cap - len < piece_len)
            break;
        memcpy(text + len, piece, piece_len);
        len += piece_len;
    }
    return len;
}

/* A text of several parts, each over an alphabet of its own. */
static inline size_t nasty_mixture(char *text, size_t cap, struct random *r) {
    size_t len = 0;
    for (uint32_t parts = 1 + random_below(r, 5); parts > 0; parts--)
        len += nasty_text(text + len, cap - len, &nasty_alphabets[random_below(r, NASTY_ALPHABETS)], 24, r);
    return len;
}

#endif
