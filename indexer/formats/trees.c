#include "trees.h"

#include <string.h>

/* Bytes that things take, with what malloc adds. Of jansson: an object with its first table; a value with its place in
 * an array; a key with what leads to it. Of libxml2: an element; the text behind a tag; an attribute with its text. */
enum { OBJECT = 288, VALUE = 96, MEMBER = 112, ELEMENT = 160, BEHIND = 160, ATTRIBUTE = 272 };

/* Parts of the memory that a large tree may have; and all small ones together, beside it. */
enum { LARGE_PART = 2, SMALL_PART = 3 };

bool trees_init(struct trees *t, uint64_t memory, unsigned parsers) {
    t->most = (size_t)(memory / LARGE_PART);
    t->small = (size_t)(memory / SMALL_PART / parsers);
    return pthread_mutex_init(&t->large, NULL) == 0;
}

void trees_release(struct trees *t) {
    pthread_mutex_destroy(&t->large);
}

/* -------------------------------------------------------------------------------------- JSON -- */

/* Behind the string whose quote is before s. */
static const char *pass_string(const char *s, const char *end) {
    while (s < end && *s != '"')
        s += *s == '\\' ? 2 : 1;
    return s < end ? s + 1 : end;
}

size_t trees_of_json(struct span text) {
    size_t bytes = text.n;
    for (const char *s = text.s, *end = s + text.n; s < end;) {
        switch (*s++) {
        case '"': s = pass_string(s, end); break;
        case '{': bytes += OBJECT; break;
        case '[':
        case ',': bytes += VALUE; break;
        case ':': bytes += MEMBER; break;
        default: break;
        }
    }
    return bytes;
}

/* -------------------------------------------------------------------------------------- HTML -- */

static bool is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* What stands behind white space in the tag from s on; *s moves to its end. */
static size_t count_attributes(const char **s, const char *end) {
    size_t count = 0;
    bool space = false;
    for (; *s < end && **s != '>'; ++*s) {
        count += space && !is_space(**s);
        space = is_space(**s);
    }
    return count;
}

static const char *next_tag(const char *s, const char *end) {
    return s < end ? memchr(s, '<', (size_t)(end - s)) : NULL;
}

size_t trees_of_html(struct span text) {
    size_t bytes = text.n;
    for (const char *s = text.s, *end = s + text.n; (s = next_tag(s, end)); bytes += BEHIND) {
        s++;
        bytes += s < end && *s != '/' ? ELEMENT : 0;
        bytes += ATTRIBUTE * count_attributes(&s, end);
    }
    return bytes;
}

size_t trees_attributes(struct span html) {
    size_t most = 0;
    for (const char *s = html.s, *end = s + html.n; (s = next_tag(s, end));) {
        size_t count = 0;
        if (++s < end && ((*s | 0x20) >= 'a' && (*s | 0x20) <= 'z'))
            count = count_attributes(&s, end);
        most = count > most ? count : most;
    }
    return most;
}

/* -------------------------------------------------------------------------------------- room -- */

bool trees_enter(struct trees *t, size_t bytes, bool *large) {
    *large = false;
    if (!t || bytes <= t->small)
        return true;
    if (bytes > t->most)
        return false;
    *large = true;
    pthread_mutex_lock(&t->large);
    return true;
}

void trees_leave(struct trees *t, bool large) {
    if (large)
        pthread_mutex_unlock(&t->large);
}
