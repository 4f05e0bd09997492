#include "retrieve.h"
#include "searcher/plan/plan.h"

/* No date is later. */
#define LATEST 999999999U

void collector_init(struct collector *c, size_t limit, lede_group group, const struct plan *plan) {
    *c = (struct collector){.group = group, .plan = plan};
    topk_init(&c->top, limit);
}

void collector_release(struct collector *c) {
    topk_release(&c->top);
}

void collector_begin(struct collector *c, const struct snapshot_segment *segment) {
    c->segment = *segment;
    c->accepted = c->plan->accepted ? c->plan->accepted[segment - c->plan->snapshot->segments] : NULL;
}

bool collector_is_interrupted(struct collector *c) {
    struct interrupt *i = c->plan->interrupt;
    if (c->is_helper ? interrupt_is_due_helper(i) : interrupt_is_due(i))
        c->status = LEDE_INTERRUPTED;
    return c->status == LEDE_INTERRUPTED;
}

/* What the heap orders by: the score; or the date, and behind the point the score, to as many digits as are left. An
 * article without a date is the last. */
static double key_of(const struct collector *c, uint32_t article, double score) {
    if (c->sort == LEDE_SORT_SCORE)
        return score;
    lede_date date = segment_date(c->segment.segment, article);
    return (c->sort == LEDE_SORT_OLDEST && date ? LATEST - date : date) + score / (1 + score);
}

bool collector_wants(const struct collector *c, uint32_t doc, double most) {
    if (c->group == LEDE_GROUP_NONE && c->sort == LEDE_SORT_SCORE)
        return most > collector_bar(c);
    uint32_t article = segment_article_of(c->segment.segment, doc);
    if (c->group != LEDE_GROUP_NONE && c->has_article && article == c->article && most <= c->best.score)
        return false;
    return key_of(c, article, most) > c->top.threshold;
}

static void end_article(struct collector *c) {
    if (c->has_article)
        topk_push(&c->top, key_of(c, c->article, c->best.score), c->best.ordinal);
    c->has_article = false;
}

void collector_add(struct collector *c, uint32_t doc, double score) {
    uint64_t ordinal = c->segment.base + doc;
    if (c->group == LEDE_GROUP_NONE) {
        double key = c->sort == LEDE_SORT_SCORE ? score : key_of(c, segment_article_of(c->segment.segment, doc), score);
        topk_push(&c->top, key, ordinal);
        return;
    }
    /* The passages of an article stand together. */
    uint32_t article = segment_article_of(c->segment.segment, doc);
    if (!c->has_article || article != c->article) {
        end_article(c);
        c->total++;
        c->has_article = true;
        c->article = article;
        c->best = (struct topk_entry){score, ordinal};
    } else if (score > c->best.score) {
        c->best = (struct topk_entry){score, ordinal};
    }
}

void collector_end(struct collector *c) {
    end_article(c);
}
