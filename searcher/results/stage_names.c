#include "core/base/error.h"
#include "stage.h"

/* Whether some candidate has other words of the stem alone. */
static lede_status find_others(struct stage *s, size_t word, bool *found, lede_error *err) {
    uint32_t term = s->words[word].term;
    bool looked_up = word < s->word_count || !s->in->plan;
    lede_status status = looked_up ? LEDE_OK : stage_look_up(s, word, word + 1, err);
    *found = false;
    for (size_t i = 0; i < s->count && !*found; i++)
        *found = s->candidates[i].freqs[word] > 0 && !s->candidates[i].seen[term];
    return status;
}

static bool is_seen(const struct stage *s, uint32_t term) {
    bool seen = false;
    for (size_t i = 0; i < s->count && !seen; i++)
        seen = s->candidates[i].seen[term];
    return seen;
}

/* What the candidates tell of a word that is searched for by its stem. */
static lede_status judge(struct stage *s, size_t word, lede_error *err) {
    uint32_t term = s->words[word].term;
    const struct surface_case *seen = &s->cases[term];
    struct name_report *report = &s->names[term];
    bool is_name = surface_is_name(&s->surface, term, seen), is_unseen = !is_seen(s, term), others;
    report->form_len = surface_form_of(&s->surface, term, &report->form);
    if (!report->form_len || !(is_name || is_unseen))
        return LEDE_OK;
    lede_status status = find_others(s, word, &others, err);
    report->number = surface_has_number(seen);
    if (status != LEDE_OK || !others)
        return status;
    report->verdict = is_name ? NAME_FOUND : is_unseen ? NAME_UNSEEN : NAME_NONE;
    return status;
}

lede_status stage_judge_names(struct stage *s, lede_error *err) {
    const struct lede_query *query = s->in->query;
    lede_status status = LEDE_OK;
    if (!s->gains || !s->has_text || !s->surface.has_names)
        return LEDE_OK;
    s->names = arena_zalloc(s->arena, query->term_count + 1, sizeof *s->names);
    if (!s->names)
        return error_nomem(err);
    for (size_t w = 0; w < s->known_count && status == LEDE_OK; w++)
        status = s->words[w].pattern ? LEDE_OK : judge(s, w, err);
    for (uint32_t t = 0; t < query->term_count && query->names; t++)
        if (query->names[t]) {
            struct name_report *report = &s->names[t];
            report->form_len = surface_form_of(&s->surface, t, &report->form);
            report->verdict = surface_is_name(&s->surface, t, &s->cases[t]) ? NAME_FOUND : NAME_NONE;
            report->number = surface_has_number(&s->cases[t]);
        }
    return status;
}

bool stage_keep_names(struct stage *s) {
    bool kept = true;
    for (size_t t = 0; s->names && t < s->in->query->term_count && kept; t++) {
        struct name_report *report = &s->names[t];
        if (report->verdict != NAME_NONE)
            kept = (report->form = arena_strndup(s->arena, report->form, report->form_len));
    }
    return kept;
}
