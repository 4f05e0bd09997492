#include "naming.h"

#include <string.h>
#include <strings.h>

#include "core/text/analyzer.h"

bool naming_init(struct naming *n, const char *language) {
    static const struct {
        const char *language;
        bool genitive;
    } such[] = {
        {"english", false},    {"porter", false},  {"lovins", false},   {"spanish", false}, {"french", false},
        {"portuguese", false}, {"italian", false}, {"catalan", false},  {"dutch", true},    {"indonesian", false},
        {"swedish", true},     {"danish", true},   {"norwegian", true},
    };
    const char *name = analyzer_language(language);
    *n = (struct naming){"", false, false};
    for (size_t i = 0; name && i < sizeof such / sizeof *such; i++)
        if (strcmp(name, such[i].language) == 0) {
            *n = (struct naming){analyzer_elisions(name), such[i].genitive, false};
            return true;
        }
    return false;
}

/* Bytes of one, plain or typographic, if the text begins with it. */
static size_t apostrophe(const char *s, size_t len) {
    return len && *s == '\'' ? 1 : len >= 3 && memcmp(s, "\xE2\x80\x99", 3) == 0 ? 3 : 0;
}

size_t naming_elided(const struct naming *n, const char *word, size_t len) {
    for (const char *p = n->elisions; *p; p += strspn(p, " ")) {
        size_t listed = strcspn(p, " "), behind = 0;
        if (listed + 1 < len && strncasecmp(p, word, listed) == 0)
            behind = apostrophe(word + listed, len - listed);
        if (behind && listed + behind < len)
            return listed + behind;
        p += listed;
    }
    return 0;
}

/* Bytes of an ending of number. */
static size_t number_ending(const char *form, size_t len) {
    if (len > 4 && memcmp(form + len - 3, "ies", 3) == 0)
        return 3;
    return len > 2 && (form[len - 1] == 's' || form[len - 1] == 'y') ? 1 : 0;
}

size_t naming_bare(const struct naming *n, const char *form, size_t len, const char **bare) {
    size_t before = naming_elided(n, form, len);
    *bare = form + before;
    len -= before;
    size_t left = len > 2 && (*bare)[len - 1] == 's' && (*bare)[len - 2] == '\'' ? len - 1 : len;
    if (left > 1 && (*bare)[left - 1] == '\'')
        len = left - 1;
    if (n->number)
        return len - number_ending(*bare, len);
    return n->genitive && len > 2 && (*bare)[len - 1] == 's' ? len - 1 : len;
}

/* Elided word number i, from 1 on; NULL if there are no more. */
static const char *elision_at(const struct naming *n, unsigned i, size_t *len) {
    const char *p = n->elisions;
    for (; *p; p += strspn(p, " ")) {
        *len = strcspn(p, " ");
        if (--i == 0)
            return p;
        p += *len;
    }
    return NULL;
}

size_t naming_variant(const struct naming *n, const char *bare, size_t len, unsigned i, char out[NAMING_MAX]) {
    static const char *const endings[] = {"", "'", "'s", "s", "s'", "s's", "y", "y'", "y's", "ies", "ies'"};
    unsigned count = n->number ? 11 : n->genitive ? 6 : 3;
    const char *ending = endings[i % count];
    size_t before = 0, behind = strlen(ending);
    if (i >= count) {
        const char *word = elision_at(n, i / count, &before);
        if (!word)
            return 0;
        memcpy(out, word, before);
        out[before++] = '\'';
    }
    if (before + len + behind > NAMING_MAX)
        return 0;
    memcpy(out + before, bare, len);
    memcpy(out + before + len, ending, behind);
    return before + len + behind;
}
