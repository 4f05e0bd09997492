#include "shelf.h"

#include <stdlib.h>

#include "../core/error.h"

void shelf_init(struct shelf *s, struct merger *merger, uint64_t first_id, uint64_t id_step, uint64_t passages_max) {
    *s = (struct shelf){.merger = merger, .passages_max = passages_max, .next_id = first_id, .id_step = id_step};
}

void shelf_release(struct shelf *s) {
    for (size_t i = 0; i < s->count; i++)
        pending_free(s->items[i]);
    free(s->items);
    s->items = NULL;
    s->count = 0;
}

uint64_t shelf_take_id(struct shelf *s) {
    uint64_t id = s->next_id;
    s->next_id += s->id_step;
    return id;
}

static lede_status append(struct pending ***items, size_t *count, struct pending *p, lede_error *err) {
    /* Grown at powers of two, so that no capacity has to be kept. */
    if ((*count & (*count - 1)) == 0) {
        struct pending **grown = reallocarray(*items, *count ? 2 * *count : 1, sizeof(struct pending *));
        if (!grown)
            return error_nomem(err);
        *items = grown;
    }
    (*items)[(*count)++] = p;
    return LEDE_OK;
}

/* True if the last SHELF_TIER are of one tier, and fit into one segment. */
static bool is_due(const struct shelf *s) {
    if (s->count < SHELF_TIER)
        return false;
    struct pending *const *last = s->items + s->count - SHELF_TIER;
    uint64_t passages = 0;
    for (size_t i = 0; i < SHELF_TIER; i++) {
        passages += last[i]->info.passages;
        if (last[i]->tier != last[0]->tier)
            return false;
    }
    return passages <= s->passages_max;
}

/* Counts of the merged segment, and when its articles came in: those of the inputs, one after another. */
static lede_status sum_up(struct pending *p, lede_error *err) {
    lede_status status = LEDE_OK;
    for (size_t i = 0; !status && i < p->input_count; i++) {
        const struct pending *input = p->inputs[i];
        status = sequence_concatenate(&p->sequence, &input->sequence, p->info.articles, err);
        p->info.articles += input->info.articles;
        p->info.passages += input->info.passages;
    }
    return status;
}

static lede_status merge_last(struct shelf *s, lede_error *err) {
    struct pending *p = calloc(1, sizeof *p);
    struct pending **inputs = calloc(SHELF_TIER, sizeof(struct pending *));
    if (!p || !inputs) {
        free(p);
        free(inputs);
        return error_nomem(err);
    }
    struct pending **last = s->items + s->count - SHELF_TIER;
    for (size_t i = 0; i < SHELF_TIER; i++)
        inputs[i] = last[i];
    p->inputs = inputs;
    p->input_count = SHELF_TIER;
    p->id = shelf_take_id(s);
    p->tier = last[0]->tier + 1;
    last[0] = p;
    s->count -= SHELF_TIER - 1;
    lede_status status = sum_up(p, err);
    if (!status)
        merger_request(s->merger, p);
    return status;
}

lede_status shelf_put(struct shelf *s, uint64_t id, const struct segment_info *info, struct sequence *sequence,
                      lede_error *err) {
    struct pending *p = calloc(1, sizeof *p);
    if (!p)
        return error_nomem(err);
    p->id = id;
    p->info = *info;
    p->ready = true;
    p->sequence = *sequence;
    *sequence = SEQUENCE_EMPTY;
    lede_status status = append(&s->items, &s->count, p, err);
    if (status)
        pending_free(p);
    while (!status && is_due(s))
        status = merge_last(s, err);
    return status;
}

/* Appends p, or what it would have been merged from, and leaves it without inputs. */
static lede_status unfold(struct pending *p, struct pending ***out, size_t *count, lede_error *err) {
    lede_status status = LEDE_OK;
    if (p->ready) {
        status = append(out, count, p, err);
        if (status)
            pending_free(p);
        return status;
    }
    for (size_t i = 0; i < p->input_count; i++) {
        if (!status)
            status = unfold(p->inputs[i], out, count, err);
        else
            pending_free(p->inputs[i]);
    }
    p->input_count = 0;
    pending_free(p);
    return status;
}

lede_status shelf_clear(struct shelf *s, struct pending ***out, size_t *count, lede_error *err) {
    lede_status status = LEDE_OK;
    for (size_t i = 0; i < s->count; i++) {
        if (!status)
            status = unfold(s->items[i], out, count, err);
        else
            pending_free(s->items[i]);
    }
    s->count = 0;
    shelf_release(s);
    return status;
}
