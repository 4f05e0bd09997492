/* explanation.h - checks of what lede_results_explain tells. */
#ifndef LEDE_TESTS_SUPPORT_EXPLANATION_H
#define LEDE_TESTS_SUPPORT_EXPLANATION_H

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buffer.h"
#include "support/index.h"

static inline bool explanation_is_rounding(const lede_score_part *part) {
    return strcmp(part->name, "rounding to single precision") == 0;
}

/* A sum is its children, added up in their order; a word is worth what the formula says; to the last bit. */
static inline void explanation_check_part(const lede_score_part *parts, size_t count, size_t p, const char *text) {
    const lede_score_part *part = &parts[p];
    double sum = 0;
    bool has_children = p + 1 < count && parts[p + 1].depth > part->depth;
    for (size_t c = p + 1; c < count && parts[c].depth > part->depth; c++)
        if (parts[c].depth == part->depth + 1)
            sum += parts[c].value;
    if (part->kind == LEDE_PART_WORD)
        sum = part->weight * (part->frequency / (part->frequency + part->norm));
    if ((has_children || part->kind == LEDE_PART_WORD) && sum != part->value)
        fail_msg("'%s': '%s' is %.17g, but its parts come to %.17g", text, part->name, part->value, sum);
    if (explanation_is_rounding(part) && fabs(part->value) > ldexp(parts[0].value, -24))
        fail_msg("'%s': %g is more than rounding %.17g can add", text, part->value, parts[0].value);
}

/* Checks the parts of the score of hit i, and writes them to `out`, a line each, but for what is of the rounding. */
static inline void explanation_check(struct buffer *out, lede_results *results, size_t i, const char *text) {
    const lede_score_part *parts;
    size_t count;
    char line[512];
    MUST(lede_results_explain(&parts, &count, results, i, err));
    assert_true(count > 0 && parts[0].depth == 0 && parts[0].value == lede_results_hit(results, i)->score);
    for (size_t p = 0; p < count; p++) {
        const lede_score_part *part = &parts[p];
        explanation_check_part(parts, count, p, text);
        int len = snprintf(line, sizeof line, "%*s%s %.17g = %.17g * %u / (%u + %.17g), %u words, in %llu\n",
                           2 * (int)part->depth, "", part->name, part->value, part->weight, part->frequency,
                           part->frequency, part->norm, part->length, (unsigned long long)part->doc_freq);
        if (part->depth > 0 && !explanation_is_rounding(part))
            buffer_append(out, line, (size_t)len);
    }
    buffer_append_u8(out, 0);
    assert_false(out->failed);
}

#endif
