#include "scanner.h"

#include "core/base/cpu.h"
#include "utf8.h"

#ifdef __x86_64__
#include <immintrin.h>
#define AVX512 __attribute__((target("bmi,bmi2,popcnt,avx2,avx512f,avx512bw,avx512vl,avx512vbmi,avx512vbmi2")))
#elif defined(__SSE2__)
#include <emmintrin.h>
#elif defined(__aarch64__)
#include "core/base/neon.h"
#endif

#define BLOCK     SCANNER_BLOCK
#define NO_REGION SIZE_MAX

/* Longest stretch handed to ICU at once, and longest word of the second tier: what is longer is cut, so that memory
 * and time stay in bounds. No language comes near. */
#define REGION_MAX (UINT32_C(1) << 16)
_Static_assert(2 * REGION_MAX <= UNICODE_WORDS_MAX, "a region, and the piece before it, are not too much for ICU");

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

#elif defined(__aarch64__)

/* Which bytes of v lie in first..first + count - 1. */
static inline uint8x16_t in_range(uint8x16_t v, uint8_t first, uint8_t count) {
    return vcltq_u8(vsubq_u8(v, vdupq_n_u8(first)), vdupq_n_u8(count));
}

static inline uint8x16_t equal(uint8x16_t v, char c) {
    return vceqq_u8(v, vdupq_n_u8((uint8_t)c));
}

struct scanner_masks scanner_classify(const uint8_t *p) {
    uint8x16_t word[BLOCK / 16], high[BLOCK / 16], mid[BLOCK / 16];
    for (unsigned i = 0; i < BLOCK / 16; i++) {
        uint8x16_t v = vld1q_u8(p + (size_t)16 * i);
        uint8x16_t letter = in_range(vorrq_u8(v, vdupq_n_u8(0x20)), 'a', 26);
        high[i] = vcgeq_u8(v, vdupq_n_u8(0x80));
        word[i] = vorrq_u8(vorrq_u8(letter, in_range(v, '0', 10)), vorrq_u8(equal(v, '_'), high[i]));
        mid[i] = vorrq_u8(vorrq_u8(equal(v, '\''), equal(v, ',')), vorrq_u8(equal(v, '.'), equal(v, ';')));
    }
    return (struct scanner_masks){.word = neon_bits(word), .high = neon_bits(high), .mid = neon_bits(mid)};
}

#else

struct scanner_masks scanner_classify(const uint8_t *p) {
    return scanner_classify_plainly(p);
}

#endif

/* ------------------------------------------------------------------------- tiers two and three -- */

/* A character of the text. At the end its length is 0 and its class OTHER. */
struct character {
    enum word_class class;
    uint32_t len;
};

static const uint8_t *load_page(struct scanner *s, uint32_t page) {
    static const uint8_t nothing[256]; /* all WORD_OTHER, when ICU has failed */
    const uint8_t *classes = unicode_word_classes(s->unicode, page);
    if (!classes)
        return nothing;
    if (page < 256)
        s->pages[page] = classes;
    return classes;
}

static inline enum word_class class_of(struct scanner *s, uint32_t c) {
    const uint8_t *page = c < 0x10000 ? s->pages[c >> 8] : NULL;
    if (!page)
        page = load_page(s, c >> 8);
    return page[c & 0xff];
}

static inline struct character character_at(struct scanner *s, size_t pos) {
    if (pos >= s->len)
        return (struct character){WORD_OTHER, 0};
    const uint8_t *p = s->text + pos;
    if (p[0] < 0x80)
        return (struct character){ascii_classes[p[0]], 1};
    if (p[0] < 0xe0 && s->len - pos >= 2) {
        uint32_t c = (p[0] & 0x1fU) << 6 | (p[1] & 0x3fU);
        return (struct character){class_of(s, c), 2};
    }
    if (p[0] < 0xf0 && s->len - pos >= 3) {
        uint32_t c = (p[0] & 0x0fU) << 12 | (p[1] & 0x3fU) << 6 | (p[2] & 0x3fU);
        return (struct character){class_of(s, c), 3};
    }
    uint32_t c;
    uint32_t len = (uint32_t)utf8_read((const char *)p, (const char *)s->text + s->len, &c);
    return (struct character){c == UTF8_BROKEN ? WORD_OTHER : class_of(s, c), len};
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

static __attribute__((noinline)) bool region_next(struct scanner *s, struct word *word) {
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
static __attribute__((noinline)) bool careful_next(struct scanner *s, size_t start, struct word *word) {
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

/* Of the first `left` bytes at p, 1 or more. */
typedef struct scanner_masks classify_masks(const uint8_t *p, size_t left);
/* Writes the places of the ones, less `offset`, of which there is room for SCANNER_EDGES; returns how many they are. */
typedef uint32_t write_edges(uint16_t *out, uint64_t edges, uint32_t offset);

static struct scanner_masks classify(const uint8_t *p, size_t left) {
    if (left >= BLOCK)
        return scanner_classify(p);
    uint8_t padded[BLOCK] = {0};
    memcpy(padded, p, left);
    return scanner_classify(padded);
}

/* How many bits are set: where nothing is known of the processor, the compiler's own is a call. */
static inline uint32_t count_bits(uint64_t v) {
    v -= v >> 1 & UINT64_C(0x5555555555555555);
    v = (v & UINT64_C(0x3333333333333333)) + (v >> 2 & UINT64_C(0x3333333333333333));
    return (uint32_t)(((v + (v >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f)) * UINT64_C(0x0101010101010101) >> 56);
}

/* Eight at a time: how many there are is hard to foresee, how many times eight is not. What is put behind the last one
 * has no meaning. (As in Langdale and Lemire, Parsing gigabytes of JSON per second, 2019.) */
static inline uint32_t put_edges(uint16_t *out, uint64_t edges, uint32_t offset) {
    const uint64_t guard = UINT64_C(1) << (BLOCK - 1);
    uint32_t n = count_bits(edges);
    for (uint32_t i = 0; i < n; i += 8)
        for (uint32_t k = 0; k < 8; k++, edges &= edges - 1)
            out[i + k] = (uint16_t)(offset + (uint32_t)__builtin_ctzll(edges | guard));
    return n;
}

/* Sees to a run that goes on behind the batch, which is `end` bytes long: the next batch takes it up from its start.
 * One as long as a batch, or at the end of the text, ends here. */
static void close_run(struct scanner *s, uint32_t end) {
    uint32_t start = s->edges[s->edge_count - 1];
    bool at_end = s->base + end >= s->len;
    if (!at_end && start > 0) {
        s->edge_count--;
        s->next_base = s->base + start;
        return;
    }
    s->edges[s->edge_count++] = (uint16_t)end;
    if (!at_end)
        s->special[end / BLOCK] |= 1;
}

static inline __attribute__((always_inline)) void load_batch(struct scanner *s, size_t base, classify_masks *masks,
                                                             write_edges *write) {
    uint64_t before = 0, carry = 0;
    uint32_t end = 0, count = 0;
    for (; end < SCANNER_BATCH && base + end < s->len; end += BLOCK) {
        struct scanner_masks m = masks(s->text + base + end, s->len - base - end);
        count += write(s->edges + count, m.word ^ (m.word << 1 | before), end);
        before = m.word >> (BLOCK - 1);
        /* Adding its lowest high byte to a run carries through to the bit behind the run, and no farther. */
        uint64_t sum = 0;
        bool over = __builtin_add_overflow(m.word, m.high, &sum);
        over |= __builtin_add_overflow(sum, carry, &sum);
        carry = over;
        /* What follows the last byte of a block is out of sight: a sign there may join. */
        s->special[end / BLOCK] = (sum & ~m.word) | (m.mid & (m.word >> 1 | UINT64_C(1) << (BLOCK - 1)));
    }
    s->special[end / BLOCK] = carry;
    if (end > s->len - base)
        end = (uint32_t)(s->len - base);
    s->base = base;
    s->next_base = base + end;
    s->edge = 0;
    s->edge_count = count;
    if (count % 2)
        close_run(s, end);
}

static void load(struct scanner *s, size_t base) {
    load_batch(s, base, classify, put_edges);
}

#ifdef __x86_64__

AVX512 static inline struct scanner_masks classify_avx512(const uint8_t *p, size_t left) {
    __m512i v = _mm512_maskz_loadu_epi8(left < BLOCK ? (UINT64_C(1) << left) - 1 : UINT64_MAX, p);
    __m512i lower = _mm512_or_si512(v, _mm512_set1_epi8(0x20));
    uint64_t letter = _mm512_cmplt_epu8_mask(_mm512_sub_epi8(lower, _mm512_set1_epi8('a')), _mm512_set1_epi8(26));
    uint64_t digit = _mm512_cmplt_epu8_mask(_mm512_sub_epi8(v, _mm512_set1_epi8('0')), _mm512_set1_epi8(10));
    uint64_t connector = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('_')), high = _mm512_movepi8_mask(v);
    return (struct scanner_masks){
        .word = letter | digit | connector | high,
        .high = high,
        .mid = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('\'')) | _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8(',')) |
               _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('.')) | _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8(';')),
    };
}

/* The numbers from 0 to 63 that have a one, side by side. */
AVX512 static inline uint32_t put_edges_avx512(uint16_t *out, uint64_t edges, uint32_t offset) {
    const __m512i offsets = _mm512_set1_epi16((short)offset);
    __m512i numbers =
        _mm512_set_epi8(63, 62, 61, 60, 59, 58, 57, 56, 55, 54, 53, 52, 51, 50, 49, 48, 47, 46, 45, 44, 43, 42, 41, 40,
                        39, 38, 37, 36, 35, 34, 33, 32, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16,
                        15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
    __m512i places = _mm512_maskz_compress_epi8(edges, numbers);
    __m512i first = _mm512_cvtepu8_epi16(_mm512_castsi512_si256(places));
    __m512i last = _mm512_cvtepu8_epi16(_mm512_extracti64x4_epi64(places, 1));
    _mm512_storeu_si512(out, _mm512_add_epi16(first, offsets));
    _mm512_storeu_si512(out + 32, _mm512_add_epi16(last, offsets));
    return (uint32_t)_mm_popcnt_u64(edges);
}

AVX512 static void load_avx512(struct scanner *s, size_t base) {
    load_batch(s, base, classify_avx512, put_edges_avx512);
}

scanner_load *const *scanner_loads(void) {
    static scanner_load *const all[] = {load_avx512, load, NULL};
    return cpu_has_avx512_vbmi2() ? all : all + 1;
}

#else

scanner_load *const *scanner_loads(void) {
    static scanner_load *const all[] = {load, NULL};
    return all;
}

#endif

void scanner_init(struct scanner *s, struct unicode *unicode) {
    *s = (struct scanner){.unicode = unicode, .load = scanner_loads()[0], .region = NO_REGION};
}

void scanner_reset(struct scanner *s, const char *text, size_t len) {
    s->text = (const uint8_t *)text;
    s->len = len;
    s->pos = s->next_base = 0;
    s->edge = s->edge_count = 0;
    s->region = NO_REGION;
}

/* Goes on behind the batch and what the second tier has used of the text; false at its end. */
static __attribute__((noinline)) bool next_batch(struct scanner *s) {
    size_t base = s->next_base > s->pos ? s->next_base : s->pos;
    if (base >= s->len || unicode_failed(s->unicode))
        return false;
    s->load(s, base);
    return true;
}

bool scanner_next(struct scanner *s, struct word *word) {
    for (;;) {
        if (s->region != NO_REGION && region_next(s, word))
            return true;
        if (s->edge >= s->edge_count) {
            if (next_batch(s))
                continue;
            return false;
        }
        uint32_t behind = s->edges[s->edge + 1];
        size_t start = s->base + s->edges[s->edge], end = s->base + behind;
        if (s->pos >= end) { /* the second tier was here */
            s->edge += 2;
            continue;
        }
        if (s->special[behind / BLOCK] >> (behind % BLOCK) & 1) {
            if (careful_next(s, start > s->pos ? start : s->pos, word))
                return true;
            continue;
        }
        s->edge += 2;
        s->pos = end;
        if (end - start == 1 && s->text[start] == '_')
            continue;
        *word = (struct word){(uint32_t)start, (uint32_t)end};
        return true;
    }
}
