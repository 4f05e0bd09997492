#include "date.h"

#include <string.h>

lede_date date_make(unsigned year, unsigned month, unsigned day) {
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (year < 1 || year > 9999 || month < 1 || month > 12)
        return 0;
    unsigned last = days[month - 1] + (month == 2 && leap ? 1U : 0U);
    return day >= 1 && day <= last ? year * 10000 + month * 100 + day : 0;
}

/* Days since 1970 to a date by eras of 400 years (Hinnant, chrono-compatible low-level date algorithms). */
lede_date date_of_seconds(int64_t seconds) {
    if (seconds < 0 || seconds >= INT64_C(253402300800))
        return 0;
    uint32_t z = (uint32_t)(seconds / 86400) + 719468;
    uint32_t era = z / 146097, doe = z % 146097;
    uint32_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    uint32_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
    uint32_t day = doy - (153 * mp + 2) / 5 + 1, month = mp < 10 ? mp + 3 : mp - 9;
    return date_make(yoe + era * 400 + (month <= 2 ? 1U : 0U), month, day);
}

static void skip(struct span *t, size_t n) {
    *t = (struct span){t->s + n, t->n - n};
}

static bool is_digit(struct span t, size_t i) {
    return i < t.n && t.s[i] >= '0' && t.s[i] <= '9';
}

static char char_at(struct span t, size_t i) {
    return i < t.n ? t.s[i] : 0;
}

/* Reads a number of at most 8 digits; returns how many there were, 0 also if there are more. */
static size_t read_number(struct span *t, unsigned *value) {
    size_t n = 0;
    *value = 0;
    for (; is_digit(*t, n); n++)
        *value = n < 8 ? *value * 10 + (unsigned)(t->s[n] - '0') : 0;
    if (n > 8)
        return 0;
    skip(t, n);
    return n;
}

/* Skips white space and any of the characters of `set`. */
static void skip_any(struct span *t, const char *set) {
    *t = span_trim(*t);
    while (t->n && strchr(set, t->s[0])) {
        skip(t, 1);
        *t = span_trim(*t);
    }
}

/* The bytes of letters that t begins with. */
static struct span letters_of(struct span t) {
    size_t at = 0, len;
    while (at < t.n && span_letter(t, at, &len) != LETTER_NONE)
        at += len;
    return (struct span){t.s, at};
}

struct name {
    const char *name;
    unsigned number;
};

/* English, German, French, Spanish, Italian, Portuguese, Dutch, Russian; a few share their spelling. */
static const struct name months[] = {
    {"january", 1},   {"jan", 1},       {"januar", 1},     {"janvier", 1},    {"enero", 1},     {"gennaio", 1},
    {"janeiro", 1},   {"januari", 1},   {"января", 1},     {"february", 2},   {"feb", 2},       {"februar", 2},
    {"février", 2},   {"febrero", 2},   {"febbraio", 2},   {"fevereiro", 2},  {"februari", 2},  {"февраля", 2},
    {"march", 3},     {"mar", 3},       {"märz", 3},       {"mars", 3},       {"marzo", 3},     {"março", 3},
    {"maart", 3},     {"марта", 3},     {"april", 4},      {"apr", 4},        {"avril", 4},     {"abril", 4},
    {"aprile", 4},    {"апреля", 4},    {"may", 5},        {"mai", 5},        {"mayo", 5},      {"maggio", 5},
    {"maio", 5},      {"mei", 5},       {"мая", 5},        {"june", 6},       {"jun", 6},       {"juni", 6},
    {"juin", 6},      {"junio", 6},     {"giugno", 6},     {"junho", 6},      {"июня", 6},      {"july", 7},
    {"jul", 7},       {"juli", 7},      {"juillet", 7},    {"julio", 7},      {"luglio", 7},    {"julho", 7},
    {"июля", 7},      {"august", 8},    {"aug", 8},        {"août", 8},       {"agosto", 8},    {"augustus", 8},
    {"августа", 8},   {"september", 9}, {"sep", 9},        {"sept", 9},       {"septembre", 9}, {"septiembre", 9},
    {"settembre", 9}, {"setembro", 9},  {"сентября", 9},   {"october", 10},   {"oct", 10},      {"oktober", 10},
    {"octobre", 10},  {"octubre", 10},  {"ottobre", 10},   {"outubro", 10},   {"октября", 10},  {"november", 11},
    {"nov", 11},      {"novembre", 11}, {"noviembre", 11}, {"novembro", 11},  {"ноября", 11},   {"december", 12},
    {"dec", 12},      {"dezember", 12}, {"décembre", 12},  {"diciembre", 12}, {"dicembre", 12}, {"dezembro", 12},
    {"декабря", 12},
};

static const struct name weekdays[] = {
    {"monday", 1}, {"mon", 1},      {"tuesday", 2}, {"tue", 2},    {"tues", 2},  {"wednesday", 3},
    {"wed", 3},    {"thursday", 4}, {"thu", 4},     {"thur", 4},   {"thurs", 4}, {"friday", 5},
    {"fri", 5},    {"saturday", 6}, {"sat", 6},     {"sunday", 7}, {"sun", 7},
};

/* Reads a name of the list, with a full stop behind it if it is there; 0 if there is none. */
static unsigned read_name(struct span *t, const struct name *names, size_t count) {
    struct span word = letters_of(*t);
    for (size_t i = 0; word.n && i < count; i++)
        if (span_equal(word, names[i].name)) {
            skip(t, word.n + (char_at(*t, word.n) == '.' ? 1U : 0U));
            return names[i].number;
        }
    return 0;
}

static unsigned read_month(struct span *t) {
    return read_name(t, months, sizeof months / sizeof *months);
}

static void skip_weekday(struct span *t) {
    if (read_name(t, weekdays, sizeof weekdays / sizeof *weekdays))
        skip_any(t, ",");
}

/* Whether t begins with nothing that would make the number before it a part of something longer. */
static bool ends_number(struct span t) {
    size_t len;
    bool letter = t.n && span_letter(t, 0, &len) != LETTER_NONE && t.s[0] != 'T';
    return !is_digit(t, 0) && !letter && !(char_at(t, 0) == '.' && is_digit(t, 1));
}

static unsigned read_year(struct span *t) {
    unsigned year;
    return read_number(t, &year) == 4 && ends_number(*t) ? year : 0;
}

/* 1st, 2nd, 3rd, 4th, 1er, 2. */
static void skip_ordinal(struct span *t) {
    static const char *const endings[] = {"st", "nd", "rd", "th", "er", ".", "º"};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t n = strlen(endings[i]), len;
        struct span rest = {t->s + n, t->n > n ? t->n - n : 0};
        if (span_starts(*t, endings[i]) && !(rest.n && span_letter(rest, 0, &len) != LETTER_NONE)) {
            *t = rest;
            return;
        }
    }
}

static void skip_word(struct span *t, const char *word) {
    struct span first = letters_of(*t);
    if (span_equal(first, word)) {
        skip(t, first.n);
        *t = span_trim(*t);
    }
}

/* June 3, 2025 */
static lede_date read_month_first(struct span t, struct span *rest) {
    unsigned month = read_month(&t), day;
    skip_any(&t, "-");
    if (!month || !read_number(&t, &day))
        return 0;
    skip_ordinal(&t);
    skip_any(&t, ",-");
    *rest = t;
    return date_make(read_year(rest), month, day);
}

/* 3 June 2025, 3. Juli 1972, 3 de julio de 1972, 3-Jun-2025 */
static lede_date read_day_first(struct span t, struct span *rest) {
    unsigned day;
    if (!read_number(&t, &day))
        return 0;
    skip_ordinal(&t);
    skip_any(&t, "-/");
    skip_word(&t, "of");
    skip_word(&t, "de");
    unsigned month = read_month(&t);
    skip_any(&t, ",-/");
    skip_word(&t, "de");
    *rest = t;
    return month ? date_make(read_year(rest), month, day) : 0;
}

/* Three numbers between two separators of the same kind. */
static lede_date read_numbers(struct span t, struct span *rest) {
    unsigned a, b, c;
    size_t a_digits = read_number(&t, &a);
    char separator = char_at(t, 0);
    if (a_digits == 8) {
        *rest = t;
        return ends_number(t) ? date_make(a / 10000, a / 100 % 100, a % 100) : 0;
    }
    if (!a_digits || !separator || !strchr("-/.", separator))
        return 0;
    skip(&t, 1);
    if (!read_number(&t, &b) || char_at(t, 0) != separator)
        return 0;
    skip(&t, 1);
    size_t c_digits = read_number(&t, &c);
    *rest = t;
    if (!c_digits || !ends_number(t))
        return 0;
    if (a_digits == 4)
        return date_make(a, b, c);
    if (c_digits != 4)
        return 0;
    if (separator == '.' || a > 12 || a == b)
        return date_make(c, b, a);
    return b > 12 ? date_make(c, a, b) : 0;
}

static bool take(struct span *t, const char *sign) {
    bool found = span_starts(*t, sign);
    if (found)
        skip(t, strlen(sign));
    return found;
}

/* A number and, behind it, the sign for what it counts, in Chinese and Japanese or in Korean. */
static bool read_counted(struct span *t, unsigned *value, const char *const signs[2]) {
    *t = span_trim(*t);
    size_t digits = read_number(t, value);
    *t = span_trim(*t);
    return digits && (take(t, signs[0]) || take(t, signs[1]));
}

/* 星期二, 周二, 火曜日, 화요일; （火） */
static void skip_eastern_weekday(struct span *t) {
    struct span rest = span_trim(*t);
    size_t len;
    bool opened = take(&rest, "（") || take(&rest, "(");
    bool told = take(&rest, "星期") || take(&rest, "周") || take(&rest, "週");
    if (!rest.n || span_letter(rest, 0, &len) == LETTER_NONE)
        return;
    skip(&rest, len);
    told = take(&rest, "曜日") || take(&rest, "요일") || told;
    if (opened ? take(&rest, "）") || take(&rest, ")") : told)
        *t = rest;
}

static const char *const year_signs[] = {"年", "년"}, *const month_signs[] = {"月", "월"},
                         *const day_signs[] = {"日", "일"}, *const spoken_day_signs[] = {"号", "號"};

/* 2025年6月3日, 2025년 6월 3일 */
static lede_date read_eastern(struct span t, struct span *rest) {
    unsigned year, month, day;
    if (!read_counted(&t, &year, year_signs) || year < 1000 || !read_counted(&t, &month, month_signs))
        return 0;
    struct span days = t;
    if (!read_counted(&t, &day, day_signs) && (t = days, !read_counted(&t, &day, spoken_day_signs)))
        return 0;
    skip_eastern_weekday(&t);
    *rest = t;
    return date_make(year, month, day);
}

lede_date date_read(struct span *t) {
    struct span start = span_trim(*t), rest = start;
    skip_weekday(&start);
    lede_date date = is_digit(start, 0) ? read_numbers(start, &rest) : read_month_first(start, &rest);
    if (!date && is_digit(start, 0))
        date = read_eastern(start, &rest);
    if (!date && is_digit(start, 0))
        date = read_day_first(start, &rest);
    if (date)
        *t = rest;
    return date;
}

bool date_read_day(struct span *t) {
    struct span rest = span_trim(*t);
    unsigned day = 0, weekday = read_name(&rest, weekdays, sizeof weekdays / sizeof *weekdays);
    if (weekday)
        skip_any(&rest, ",");
    struct span start = rest;
    bool digits = read_number(&rest, &day) > 0;
    if (digits) {
        skip_ordinal(&rest);
        rest = span_trim(rest);
    }
    bool month = read_month(&rest) != 0;
    if (month && !digits) {
        rest = span_trim(rest);
        digits = read_number(&rest, &day) > 0;
        skip_ordinal(&rest);
    }
    bool whole = month && digits && day >= 1 && day <= 31;
    if (whole || weekday)
        *t = whole ? rest : start;
    return whole || weekday;
}

/* 2025年, 2025年6月: all of t. */
static lede_date read_eastern_part(struct span t) {
    unsigned year, month = 0;
    if (!read_counted(&t, &year, year_signs) || year < 1000)
        return 0;
    t = span_trim(t);
    if (t.n && (!read_counted(&t, &month, month_signs) || month == 0))
        return 0;
    return span_trim(t).n == 0 && month <= 12 && year <= 9999 ? year * 10000 + month * 100 : 0;
}

/* 2025, 2025-06, 2025/6, June 2025: all of t, with nothing behind it. */
static lede_date read_part(struct span t) {
    unsigned year, month = read_month(&t);
    t = span_trim(t);
    if (read_number(&t, &year) != 4 || year == 0)
        return 0;
    if (!month && t.n > 1 && strchr("-/", t.s[0])) {
        skip(&t, 1);
        if (read_number(&t, &month) > 2 || month == 0)
            return 0;
    }
    return t.n == 0 && month <= 12 ? year * 10000 + month * 100 : 0;
}

lede_date date_of_field(struct span t) {
    lede_date date = date_read(&t);
    t = span_trim(t);
    if (!date)
        date = read_part(t);
    if (!date)
        date = read_eastern_part(t);
    int64_t seconds = 0;
    bool number = !date && (t.n == 10 || t.n == 13);
    for (size_t i = 0; number && i < t.n; i++) {
        number = is_digit(t, i);
        seconds = i < 10 ? seconds * 10 + (t.s[i] - '0') : seconds;
    }
    return number ? date_of_seconds(seconds) : date;
}

enum { LABEL = 1, LABEL_UPDATE, TIME_WORD };

/* What may stand around a date on a line of its own. */
static const struct name date_words[] = {
    {"published", LABEL},
    {"publication", LABEL},
    {"posted", LABEL},
    {"date", LABEL},
    {"dated", LABEL},
    {"first", LABEL},
    {"pub", LABEL},
    {"created", LABEL},
    {"issued", LABEL},
    {"publié", LABEL},
    {"veröffentlicht", LABEL},
    {"stand", LABEL},
    {"publicado", LABEL},
    {"pubblicato", LABEL},
    {"опубликовано", LABEL},
    {"发布时间", LABEL},
    {"公開日", LABEL},
    {"更新时间", LABEL_UPDATE},
    {"更新日", LABEL_UPDATE},
    {"updated", LABEL_UPDATE},
    {"update", LABEL_UPDATE},
    {"last", LABEL_UPDATE},
    {"modified", LABEL_UPDATE},
    {"edited", LABEL_UPDATE},
    {"aktualisiert", LABEL_UPDATE},
    {"on", TIME_WORD},
    {"at", TIME_WORD},
    {"le", TIME_WORD},
    {"am", TIME_WORD},
    {"pm", TIME_WORD},
    {"à", TIME_WORD},
    {"um", TIME_WORD},
    {"hrs", TIME_WORD},
    {"hours", TIME_WORD},
    {"uhr", TIME_WORD},
    {"t", TIME_WORD},
    {"z", TIME_WORD},
    {"ist", TIME_WORD},
    {"pkt", TIME_WORD},
    {"pst", TIME_WORD},
    {"pdt", TIME_WORD},
    {"gmt", TIME_WORD},
    {"utc", TIME_WORD},
    {"bst", TIME_WORD},
    {"est", TIME_WORD},
    {"edt", TIME_WORD},
    {"et", TIME_WORD},
    {"ct", TIME_WORD},
    {"pt", TIME_WORD},
    {"cst", TIME_WORD},
    {"cdt", TIME_WORD},
    {"mst", TIME_WORD},
    {"mdt", TIME_WORD},
    {"cet", TIME_WORD},
    {"cest", TIME_WORD},
    {"eet", TIME_WORD},
    {"eest", TIME_WORD},
    {"msk", TIME_WORD},
    {"aest", TIME_WORD},
    {"aedt", TIME_WORD},
    {"jst", TIME_WORD},
    {"sgt", TIME_WORD},
    {"hkt", TIME_WORD},
    {"bdt", TIME_WORD},
};

static unsigned read_date_word(struct span *t) {
    return read_name(t, date_words, sizeof date_words / sizeof *date_words);
}

/* 10:30, 10.30, 10:30:05, +0530 */
static bool read_time(struct span *t) {
    unsigned value;
    size_t signs = 0;
    if (char_at(*t, 0) == '+')
        skip(t, 1);
    while (read_number(t, &value)) {
        signs++;
        if (!char_at(*t, 0) || !strchr(":.", t->s[0]) || !is_digit(*t, 1))
            return signs > 1 || value < 2400;
        skip(t, 1);
    }
    return false;
}

static void skip_separators(struct span *t) {
    static const char *const separators[] = {"|", "–", "—", "•", "·", "：", "（", "）"};
    size_t before;
    do {
        skip_any(t, ",:;-()/");
        before = t->n;
        for (size_t i = 0; i < sizeof separators / sizeof *separators; i++)
            if (span_starts(*t, separators[i]))
                skip(t, strlen(separators[i]));
    } while (t->n < before);
}

lede_date date_of_line(struct span line) {
    enum { LINE_MAX_BYTES = 160 };
    lede_date published = 0, updated = 0;
    unsigned label = 0;
    if (line.n > LINE_MAX_BYTES)
        return 0;
    for (skip_separators(&line); line.n; skip_separators(&line)) {
        lede_date date = date_read(&line);
        unsigned word = date ? 0 : read_date_word(&line);
        if (date && label == LABEL_UPDATE)
            updated = updated ? updated : date;
        else if (date)
            published = published ? published : date;
        else if (word == LABEL || word == LABEL_UPDATE)
            label = word;
        else if (!word && !read_name(&line, weekdays, sizeof weekdays / sizeof *weekdays) && !read_time(&line))
            return 0;
    }
    return published ? published : updated;
}

lede_date date_take_prefix(struct span *t) {
    struct span rest = span_trim(*t);
    unsigned word = read_date_word(&rest);
    size_t len;
    if (word != LABEL && word != LABEL_UPDATE)
        return 0;
    skip_any(&rest, ":");
    lede_date date = date_read(&rest);
    struct span text = span_trim(rest);
    /* "Published 6 May 2025, the book" goes on as a sentence. */
    bool apart = date && text.n && text.s > rest.s && span_letter(text, 0, &len) != LETTER_LOWER;
    if (!apart)
        return 0;
    *t = text;
    return date;
}
