#include "scanner.h"

#include "utf8.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define BLOCK     64
#define NO_REGION SIZE_MAX

/* Longest stretch handed to ICU at once, and longest word of the second tier: what is longer is cut, so that memory
 * and time stay in bounds. No language comes near. */
#define REGION_MAX (UINT32_C(1) << 16)

#define O WORD_OTHER
#define L WORD_LETTER
#define N WORD_NUMBER
#define C WORD_CONNECTOR
#define A WORD_MID_ANY
#define M WORD_MID_NUMBER
#define Q WORD_QUOTE
/* clang-format off */
static const uint8_t ascii_classes[128] = {
    O, O, O, O, O, O, O, O, O, O, O, O, O, O, O, O,
    O, O, O, O, O, O, O, O, O, O, O, O, O, O, O, O,
    O, O, Q, O, O, O, O, A, O, O, O, O, M, O, A, O, /*  !"#$%&'()*+,-./ */
    N, N, N, N, N, N, N, N, N, N, O, M, O, O, O, O, /* 0123456789:;<=>? */
    O, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, /* @ABCDEFGHIJKLMNO */
    L, L, L, L, L, L, L, L, L, L, L, O, O, O, O, C, /* PQRSTUVWXYZ[\]^_ */
    O, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, /* `abcdefghijklmno */
    L, L, L, L, L, L, L, L, L, L, L, O, O, O, O, O, /* pqrstuvwxyz{|}~  */
};
/* clang-format on */
#undef O
#undef L
#undef N
#undef C
#undef A
#undef M
#undef Q

/* ------------------------------------------------------------------------------------- masks -- */

struct scanner_masks scanner_classify_plainly(const uint8_t *p) {
    struct scanner_masks m = {0, 0, 0};
    for (unsigned i = 0; i < BLOCK; i++) {
        uint64_t bit = UINT64_C(1) << i;
        uint8_t class = p[i] < 0x80 ? ascii_classes[p[i]] : WORD_OTHER;
        m.high |= p[i] >= 0x80 ? bit : 0;
        m.word |= p[i] >= 0x80 || (class >= WORD_LETTER && class <= WORD_CONNECTOR) ? bit : 0;
        m.mid |= class == WORD_MID_ANY || class == WORD_MID_NUMBER ? bit : 0;
    }
    return m;
}

#ifdef __SSE2__

static inline uint64_t bits_of(__m128i v, unsigned shift) {
    return (uint64_t)(uint32_t)_mm_movemask_epi8(v) << shift;
}

/* Which bytes of v lie in first..first + count - 1: one signed comparison after moving `first` to the least value. */
static inline __m128i in_range(__m128i v, int first, int count) {
    return _mm_cmplt_epi8(_mm_sub_epi8(v, _mm_set1_epi8((char)(first - 128))), _mm_set1_epi8((char)(count - 128)));
}

static inline __m128i equal(__m128i v, char c) {
    return _mm_cmpeq_epi8(v, _mm_set1_epi8(c));
}

struct scanner_masks scanner_classify(const uint8_t *p) {
    struct scanner_masks m = {0, 0, 0};
    for (unsigned i = 0; i < BLOCK; i += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(p + i));
        __m128i letter = in_range(_mm_or_si128(v, _mm_set1_epi8(0x20)), 'a', 26);
        __m128i word = _mm_or_si128(_mm_or_si128(letter, in_range(v, '0', 10)), equal(v, '_'));
        __m128i mid =
            _mm_or_si128(_mm_or_si128(equal(v, '\''), equal(v, ',')), _mm_or_si128(equal(v, '.'), equal(v, ';')));
        m.word |= bits_of(_mm_or_si128(word, v), i);
        m.high |= bits_of(v, i);
        m.mid |= bits_of(mid, i);
    }
    return m;
}

#else

struct scanner_masks scanner_classify(const uint8_t *p) {
    return scanner_classify_plainly(p);
}

#endif

/* Makes `block` the one that pos stands in. What lies behind the text is no part of a word. */
static void load_block(struct scanner *s, size_t pos) {
    s->block = pos & ~(size_t)(BLOCK - 1);
    const uint8_t *p = s->text + s->block;
    uint8_t padded[BLOCK];
    size_t left = s->len - s->block;
    if (left < BLOCK) {
        memset(padded, 0, sizeof padded);
        memcpy(padded, p, left);
        p = padded;
    }
    s->masks = scanner_classify(p);
}

void scanner_init(struct scanner *s, struct unicode *unicode) {
    *s = (struct scanner){.unicode = unicode, .region = NO_REGION};
}

void scanner_reset(struct scanner *s, const char *text, size_t len) {
    s->text = (const uint8_t *)text;
    s->len = len;
    s->pos = 0;
    s->region = NO_REGION;
    if (len)
        load_block(s, 0);
}

/* ------------------------------------------------------------------------- tiers two and three -- */

/* A character of the text. At the end its length is 0 and its class OTHER. */
struct character {
    enum word_class class;
    uint32_t len;
};

static struct character wide_character(struct scanner *s, size_t pos) {
    uint32_t c;
    const char *text = (const char *)s->text;
    uint32_t len = (uint32_t)utf8_read(text + pos, text + s->len, &c);
    if (c == UTF8_BROKEN)
        return (struct character){WORD_OTHER, len};
    const uint8_t *classes = unicode_word_classes(s->unicode, c >> 8);
    return (struct character){classes ? classes[c & 0xff] : WORD_OTHER, len};
}

static inline struct character character_at(struct scanner *s, size_t pos) {
    if (pos >= s->len)
        return (struct character){WORD_OTHER, 0};
    if (s->text[pos] < 0x80)
        return (struct character){ascii_classes[s->text[pos]], 1};
    return wide_character(s, pos);
}

static inline bool is_wordlike(enum word_class class) {
    return class >= WORD_LETTER && class <= WORD_CONNECTOR;
}

static size_t skip_extends(struct scanner *s, size_t pos) {
    struct character c;
    while ((c = character_at(s, pos)).class == WORD_EXTEND)
        pos += c.len;
    return pos;
}

/* Whether a zero-width joiner stands before pos, which joins even a word with a pictograph (WB3c). */
static bool follows_joiner(const struct scanner *s, size_t pos) {
    return pos >= 3 && memcmp(s->text + pos - 3, "\xe2\x80\x8d", 3) == 0;
}

/* Whether there is a boundary before the character c at pos for sure, that of class `last` standing before it. */
static bool begins_piece(const struct scanner *s, size_t pos, struct character c, enum word_class last) {
    return c.class == WORD_OTHER && !(last == WORD_STICKY && pos < s->len && s->text[pos] == ' ');
}

/* Whether a sign of class `mid` joins a character of class `before` with one of the same class (WB6, 7, 11, 12). */
static bool joins(enum word_class before, enum word_class mid) {
    return (before == WORD_LETTER && (mid == WORD_MID_LETTER || mid == WORD_MID_ANY)) ||
           (before == WORD_NUMBER && (mid == WORD_MID_NUMBER || mid == WORD_MID_ANY));
}

/* The end of the word at `start`, which is of class `last`; 0 if only ICU can tell. *count is the number of its
 * characters but for marks. */
static size_t word_end(struct scanner *s, size_t start, struct character first, size_t *count) {
    enum word_class last = first.class;
    size_t end = start + first.len;
    for (*count = 1;; ++*count) {
        size_t next = skip_extends(s, end);
        /* ICU's rules give no status to a word that ends so; whether it does is for ICU to tell. */
        if (last == WORD_CONNECTOR && next > end)
            return 0;
        end = next;
        struct character c = character_at(s, end);
        if (joins(last, c.class)) {
            next = skip_extends(s, end + c.len);
            enum word_class before = last;
            c = character_at(s, next);
            if (c.class != before && c.class != WORD_COMPLEX)
                return end;
        }
        if (c.class == WORD_COMPLEX || (c.class == WORD_STICKY && follows_joiner(s, next)))
            return 0;
        if (!is_wordlike(c.class) || end - start >= REGION_MAX)
            return end;
        last = c.class;
        end = next + c.len;
    }
}

/* The end of the stretch from `pos` that ICU has to see at once. */
static size_t region_end(struct scanner *s, size_t pos) {
    enum word_class last = WORD_OTHER;
    size_t end = pos;
    for (;;) {
        struct character c = character_at(s, end);
        if (begins_piece(s, end, c, last) || end - pos >= REGION_MAX)
            return end;
        last = c.class == WORD_OTHER ? WORD_STICKY : c.class;
        end += c.len;
    }
}

/* Has ICU cut the text from the boundary `start` to the end of the stretch that `complex` stands in. */
static void enter_region(struct scanner *s, size_t start, size_t complex) {
    size_t end = region_end(s, complex);
    if (complex - start > REGION_MAX)
        start = complex;
    unicode_words_start(s->unicode, (const char *)s->text + start, end - start);
    s->region = start;
    s->pos = end;
}

static bool region_next(struct scanner *s, struct word *word) {
    uint32_t start, end;
    if (!unicode_words_next(s->unicode, &start, &end)) {
        s->region = NO_REGION;
        return false;
    }
    word->start = (uint32_t)(s->region + start);
    word->end = (uint32_t)(s->region + end);
    return true;
}

/* The start of the piece that ends at the boundary or mark at `start`, no farther back than pos: marks stick to the
 * character before them, spaces to spaces. */
static size_t piece_start(const struct scanner *s, size_t start) {
    size_t piece = start;
    while (piece > s->pos && (piece == start || (s->text[piece] == ' ' && s->text[piece - 1] == ' ')))
        piece--;
    return piece;
}

/* The word that starts at pos with the character c; false if there is none, or if ICU was put to work. Moves s->pos. */
static bool careful_word(struct scanner *s, size_t pos, struct character c, struct word *word) {
    size_t count, end = word_end(s, pos, c, &count);
    if (end == 0) {
        enter_region(s, pos, pos);
        return false;
    }
    s->pos = end;
    *word = (struct word){(uint32_t)pos, (uint32_t)end};
    return count > 1 || c.class != WORD_CONNECTOR;
}

/* Finds a word by classes, from `start` on: the first byte from pos that is not a plain sign of ASCII. Moves pos. False
 * if there is none before the next such sign, or if ICU was put to work. */
static bool careful_next(struct scanner *s, size_t start, struct word *word) {
    size_t piece = start; /* where the piece that `pos` is in starts */
    enum word_class last = WORD_OTHER;
    for (size_t pos = start;;) {
        struct character c = character_at(s, pos);
        if (c.class == WORD_COMPLEX) {
            enter_region(s, piece == start ? piece_start(s, start) : piece, pos);
            return false;
        }
        if (is_wordlike(c.class))
            return careful_word(s, pos, c, word);
        bool begins = begins_piece(s, pos, c, last);
        if (c.len == 0 || (begins && s->text[pos] < 0x80)) {
            s->pos = pos;
            return false;
        }
        if (begins)
            piece = pos;
        last = c.class == WORD_OTHER && !begins ? WORD_STICKY : c.class;
        pos += c.len;
    }
}

/* ---------------------------------------------------------------------------------- tier one -- */

/* The first byte from pos on that is part of a word or not ASCII; len if there is none. Leaves its block loaded. */
static inline size_t run_start(struct scanner *s, size_t pos) {
    if (pos >= s->len)
        return s->len;
    if (pos - s->block >= BLOCK)
        load_block(s, pos);
    uint64_t bits = s->masks.word >> (pos % BLOCK);
    while (!bits) {
        pos = (pos | (BLOCK - 1)) + 1;
        if (pos >= s->len)
            return s->len;
        load_block(s, pos);
        bits = s->masks.word;
    }
    return pos + (size_t)__builtin_ctzll(bits);
}

/* The end of the run at `start`; *plain tells whether it is a word as it stands. */
static inline size_t run_end(struct scanner *s, size_t start, bool *plain) {
    size_t from = start % BLOCK;
    uint64_t high = s->masks.high >> from;
    uint64_t gap = ~s->masks.word >> from;
    size_t end = start;
    bool ascii = true;
    while (!gap) {
        ascii = ascii && !high;
        end = s->block + BLOCK;
        if (end >= s->len) {
            *plain = ascii;
            return s->len;
        }
        load_block(s, end);
        high = s->masks.high;
        gap = ~s->masks.word;
    }
    unsigned n = (unsigned)__builtin_ctzll(gap);
    end += n;
    /* A sign that may join needs a look at what follows; in the last byte of a block that is out of sight. */
    uint64_t joint = s->masks.mid & (s->masks.word >> 1 | UINT64_C(1) << (BLOCK - 1));
    *plain = ascii & !(high & ((UINT64_C(1) << n) - 1)) & !(joint >> (end % BLOCK) & 1);
    return end;
}

bool scanner_next(struct scanner *s, struct word *word) {
    for (;;) {
        if (s->region != NO_REGION && region_next(s, word))
            return true;
        size_t start = run_start(s, s->pos);
        if (start == s->len || unicode_failed(s->unicode)) {
            s->pos = s->len;
            return false;
        }
        bool plain;
        size_t end = run_end(s, start, &plain);
        if (!plain) {
            if (careful_next(s, start, word))
                return true;
            continue;
        }
        s->pos = end;
        if (end - start == 1 && s->text[start] == '_')
            continue;
        *word = (struct word){(uint32_t)start, (uint32_t)end};
        return true;
    }
}
