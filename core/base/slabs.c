#include "slabs.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

/*  slab -> [piece | bytes ......][piece | bytes ....][piece | free ............]
 *                                                     a header takes a line of the cache
 *
 * A slab is a mapping of whole huge pages, all of which is in pieces; a free one never stands beside another. The whole
 * huge pages behind the header of a free piece are given back to the system: they are 0, and take no memory. */
struct piece {
    size_t size;         /* with the header */
    size_t size_before;  /* of the piece before it in the slab, or 0 */
    bool is_last;        /* of the slab */
    bool is_free;        /* and in the list */
    struct piece *next;  /* in the list */
    struct piece **link; /* that leads here */
};

_Static_assert(sizeof(struct piece) <= SLABS_LINE, "a header is a line");

enum {
    HUGE_PAGE = 2 << 20,
    /* As only what is used takes memory, slabs may be so large that what is left at their ends doesn't count, and small
     * enough that a process whose address space is limited doesn't note it. */
    SLAB = 8 * HUGE_PAGE,
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct piece *free_pieces;
static size_t mapped;

static uint8_t *page_down(uint8_t *p) {
    return p - ((uintptr_t)p & (HUGE_PAGE - 1));
}

static uint8_t *page_up(uint8_t *p) {
    return p + (-(uintptr_t)p & (HUGE_PAGE - 1));
}

static uint8_t *start_of(struct piece *p) {
    return (uint8_t *)p + SLABS_LINE;
}

static uint8_t *end_of(struct piece *p) {
    return (uint8_t *)p + p->size;
}

static struct piece *behind(struct piece *p) {
    return p->is_last ? NULL : (struct piece *)(void *)end_of(p);
}

static struct piece *before(struct piece *p) {
    return p->size_before ? (struct piece *)(void *)((uint8_t *)p - p->size_before) : NULL;
}

/* --------------------------------------------------------------------------------------- slabs -- */

/* So many bytes of the system's, whole huge pages; or NULL. */
static uint8_t *map(size_t size) {
    uint8_t *all = mmap(NULL, size + HUGE_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (all == MAP_FAILED)
        return NULL;
    uint8_t *slab = page_up(all);
    if (slab > all)
        (void)munmap(all, (size_t)(slab - all));
    (void)munmap(slab + size, (size_t)(all + HUGE_PAGE - slab));
#ifdef MADV_HUGEPAGE
    (void)madvise(slab, size, MADV_HUGEPAGE); /* if not, ordinary pages do */
#endif
    return slab;
}

/* Gives memory back, and makes it 0. */
static void wipe(uint8_t *from, const uint8_t *to) {
    if (from >= to)
        return;
#ifdef __linux__ /* elsewhere it is not 0 thereafter */
    if (madvise(from, (size_t)(to - from), MADV_DONTNEED) == 0)
        return;
#endif
    memset(from, 0, (size_t)(to - from));
}

/* -------------------------------------------------------------------------------------- pieces -- */

/* All static functions from here on need the mutex, unless told otherwise. */

static void list(struct piece *p) {
    p->is_free = true;
    p->next = free_pieces;
    p->link = &free_pieces;
    if (p->next)
        p->next->link = &p->next;
    free_pieces = p;
}

static void unlist(struct piece *p) {
    p->is_free = false;
    *p->link = p->next;
    if (p->next)
        p->next->link = p->link;
}

/* A free piece, not in the list. */
static struct piece *add_slab(size_t least) {
    size_t size = least > SLAB ? (least + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE : SLAB;
    struct piece *p = (struct piece *)(void *)map(size);
    if (!p)
        return NULL;
    *p = (struct piece){.size = size, .is_last = true};
    mapped += size;
    return p;
}

/* The smallest that is large enough: large ones, most of which take no memory, stay whole. Or NULL. */
static struct piece *best_fit(size_t size) {
    struct piece *best = NULL;
    for (struct piece *p = free_pieces; p; p = p->next)
        if (p->size >= size && (!best || p->size < best->size))
            best = p;
    return best;
}

static void tell_behind(struct piece *p) {
    if (behind(p))
        behind(p)->size_before = p->size;
}

/* Makes it so large. What is left, if anything is, is neither free nor used yet. */
static struct piece *cut(struct piece *p, size_t size) {
    if (p->size == size)
        return NULL;
    struct piece *rest = (struct piece *)(void *)((uint8_t *)p + size);
    *rest = (struct piece){.size = p->size - size, .size_before = size, .is_last = p->is_last};
    p->size = size;
    p->is_last = false;
    tell_behind(rest);
    return rest;
}

static struct piece *join(struct piece *p, struct piece *next) {
    p->size += next->size;
    p->is_last = next->is_last;
    tell_behind(p);
    return p;
}

/* Joins one that is no longer used with those neighbours that are free, and gives those huge pages back that are whole
 * by that. */
static struct piece *release(struct piece *p) {
    struct piece *last = behind(p), *first = before(p);
    uint8_t *from = page_down((uint8_t *)p), *to = page_up(end_of(p));
    if (last && last->is_free) {
        to = page_up(start_of(last));
        unlist(last);
        join(p, last);
    }
    if (first && first->is_free) {
        unlist(first);
        p = join(first, p);
    }
    uint8_t *least = page_up(start_of(p)), *most = page_down(end_of(p));
    if (p->size_before || !p->is_last)
        wipe(from > least ? from : least, to < most ? to : most);
    return p;
}

/* Without the mutex: makes 0 what is not, of a piece that is the first part of a free one. */
static void clear(struct piece *p, uint8_t *free_end) {
    uint8_t *zeros = page_up(start_of(p)), *behind_zeros = page_down(free_end), *end = end_of(p);
    if (zeros >= behind_zeros)
        zeros = behind_zeros = end;
    zeros = zeros < end ? zeros : end;
    memset(start_of(p), 0, (size_t)(zeros - start_of(p)));
    if (behind_zeros < end)
        memset(behind_zeros, 0, (size_t)(end - behind_zeros));
}

static size_t size_for(size_t n) {
    return SLABS_LINE + (n + SLABS_LINE - 1) / SLABS_LINE * SLABS_LINE;
}

/* A piece which was the first part of a free one up to *free_end, or NULL. */
static struct piece *take(size_t size, uint8_t **free_end) {
    struct piece *p = best_fit(size), *rest;
    if (p)
        unlist(p);
    else
        p = add_slab(size);
    if (!p)
        return NULL;
    *free_end = end_of(p);
    if ((rest = cut(p, size)))
        list(rest);
    return p;
}

static struct piece *piece_of(void *memory) {
    return (struct piece *)(void *)((uint8_t *)memory - SLABS_LINE);
}

void *slabs_new(size_t n) {
    if (n > SIZE_MAX / 2)
        return NULL;
    uint8_t *free_end;
    pthread_mutex_lock(&mutex);
    struct piece *p = take(size_for(n), &free_end);
    pthread_mutex_unlock(&mutex);
    if (!p)
        return NULL;
    clear(p, free_end);
    return start_of(p);
}

void slabs_shrink(void *piece, size_t n) {
    pthread_mutex_lock(&mutex);
    struct piece *rest = cut(piece_of(piece), size_for(n));
    if (rest)
        list(release(rest));
    pthread_mutex_unlock(&mutex);
}

void slabs_free(void *piece) {
    if (!piece)
        return;
    pthread_mutex_lock(&mutex);
    struct piece *p = release(piece_of(piece));
    bool is_slab = !p->size_before && p->is_last;
    size_t size = p->size;
    if (is_slab)
        mapped -= size;
    else
        list(p);
    pthread_mutex_unlock(&mutex);
    if (is_slab)
        (void)munmap(p, size);
}

size_t slabs_size(void) {
    pthread_mutex_lock(&mutex);
    size_t size = mapped;
    pthread_mutex_unlock(&mutex);
    return size;
}
