#include "id_set.h"

#include <stdlib.h>
#include <string.h>

#include "error.h"

void id_set_release(struct id_set *set) {
    free(set->pages);
    *set = ID_SET_EMPTY;
}

size_t id_set_memory(const struct id_set *set) {
    return set->cap * sizeof *set->pages;
}

/* The first page whose number is not below. */
static size_t find_page(const struct id_set *set, uint64_t number) {
    size_t low = 0, high = set->page_count;
    if (high > 0 && set->pages[high - 1].number < number)
        return high; /* numbers mostly rise */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (set->pages[middle].number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool insert_page(struct id_set *set, size_t at, uint64_t number) {
    if (set->page_count == set->cap) {
        size_t cap = set->cap ? 2 * set->cap : 16;
        struct id_page *grown = reallocarray(set->pages, cap, sizeof *grown);
        if (!grown)
            return false;
        set->pages = grown;
        set->cap = cap;
    }
    memmove(set->pages + at + 1, set->pages + at, (set->page_count - at) * sizeof *set->pages);
    set->pages[at] = (struct id_page){.number = number};
    set->page_count++;
    return true;
}

lede_status id_set_add(struct id_set *set, uint64_t id, lede_error *err) {
    uint64_t number = id >> ID_PAGE_SHIFT, bit = UINT64_C(1) << (id & 63);
    size_t at = find_page(set, number);
    if ((at == set->page_count || set->pages[at].number != number) && !insert_page(set, at, number))
        return error_nomem(err);
    uint64_t *word = &set->pages[at].words[id >> 6 & (ID_PAGE_WORDS - 1)];
    set->count += !(*word & bit);
    *word |= bit;
    return LEDE_OK;
}

lede_status id_set_add_all(struct id_set *set, const struct id_set *other, lede_error *err) {
    lede_status status = LEDE_OK;
    for (uint64_t id = 0; !status && id_set_next(other, &id); id++)
        status = id_set_add(set, id, err);
    return status;
}

bool id_set_has(const struct id_set *set, uint64_t id) {
    size_t at = find_page(set, id >> ID_PAGE_SHIFT);
    return at < set->page_count && set->pages[at].number == id >> ID_PAGE_SHIFT &&
           (set->pages[at].words[id >> 6 & (ID_PAGE_WORDS - 1)] >> (id & 63) & 1);
}

void id_set_remove(struct id_set *set, uint64_t id) {
    if (!id_set_has(set, id))
        return;
    struct id_page *page = &set->pages[find_page(set, id >> ID_PAGE_SHIFT)];
    page->words[id >> 6 & (ID_PAGE_WORDS - 1)] &= ~(UINT64_C(1) << (id & 63));
    set->count--;
}

/* The first bit of the words from `from` on, ID_PAGE_WORDS * 64 if there is none. */
static unsigned next_bit(const uint64_t *words, unsigned from) {
    for (unsigned i = from / 64; i < ID_PAGE_WORDS; i++) {
        uint64_t word = i == from / 64 ? words[i] & (~UINT64_C(0) << from % 64) : words[i];
        if (word)
            return i * 64 + (unsigned)__builtin_ctzll(word);
    }
    return ID_PAGE_WORDS * 64;
}

bool id_set_next(const struct id_set *set, uint64_t *id) {
    for (size_t at = find_page(set, *id >> ID_PAGE_SHIFT); at < set->page_count; at++) {
        const struct id_page *page = &set->pages[at];
        unsigned from = page->number == *id >> ID_PAGE_SHIFT ? (unsigned)(*id & (ID_PAGE_WORDS * 64 - 1)) : 0;
        unsigned bit = next_bit(page->words, from);
        if (bit < ID_PAGE_WORDS * 64) {
            *id = page->number << ID_PAGE_SHIFT | bit;
            return true;
        }
    }
    return false;
}

void id_set_number(struct id_set *set) {
    uint64_t before = 0;
    for (size_t i = 0; i < set->page_count; i++) {
        set->pages[i].before = before;
        for (size_t k = 0; k < ID_PAGE_WORDS; k++)
            before += (uint64_t)__builtin_popcountll(set->pages[i].words[k]);
    }
}

uint64_t id_set_rank(const struct id_set *set, uint64_t id) {
    const struct id_page *page = &set->pages[find_page(set, id >> ID_PAGE_SHIFT)];
    uint64_t rank = page->before, word = id >> 6 & (ID_PAGE_WORDS - 1);
    for (uint64_t k = 0; k < word; k++)
        rank += (uint64_t)__builtin_popcountll(page->words[k]);
    return rank + (uint64_t)__builtin_popcountll(page->words[word] & ((UINT64_C(1) << (id & 63)) - 1));
}
