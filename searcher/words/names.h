/* names.h - proper names in a query, which their stems put together with other words: Morales with "moral".
 *
 * Who asks for Morales wants no "moral", however often it stands there. So a word that is a name is searched for as it
 * was typed, and its stem counts a fifth, so that the same passages match:
 *
 *     morales gas             (=morales OR morales^0.2) gas
 *     +morales gas            +(=morales OR morales^0.2) gas
 *     "evo morales" keats     ("evo =morales" OR "evo morales"^0.2) (=keats OR keats^0.2)
 *
 * but with the endings that names take, see naming.h. All else follows: scores, pages, groups and explanations are
 * those of this query. What is left out or a filter stays as it is. A word gives w * tf / (tf + norm) at most w; so the
 * name, once in a passage of up to five times the average length, gives more than any other words of its stem, even
 * alone.
 *
 * The plural of a name, or the singular, counts half where texts write it with a capital, too: Romans and Roman.
 *
 * Which words are names is told by the texts of the best passages, surface.h; so the query is run as it is, and again
 * where one of its names is one that some of the best passages have the stem of alone. A word that none of them has as
 * it was typed may be a name, too, whose passages others crowd out: if it is rare among the words of its stem, it is
 * searched for as one, which stands if the texts that are found then say so.
 *
 *     run as it is -> names? -> run with them -> all are names, and there are no more? -> done
 *                                             -> else with the others
 *
 * Measured on judged questions, names that count a tenth of their stems or less do harm: much that is written with a
 * capital is no person's name, and Roman, Senate and Reconstruction are asked for with their stems.
 */
#ifndef LEDE_SEARCHER_NAMES_H
#define LEDE_SEARCHER_NAMES_H

#include "core/index/snapshot.h"
#include "searcher/query/query.h"

/* What the best passages tell of a term's word. */
enum name_verdict {
    NAME_NONE,   /* no name, or no passage has its stem alone; of one that is searched for as a name: no name */
    NAME_FOUND,  /* a name */
    NAME_UNSEEN, /* none of them has it as it was typed */
};

struct name_report {
    enum name_verdict verdict;
    bool number;      /* its plural, or singular, is a name, too */
    const char *form; /* its bare form, borrowed */
    size_t form_len;
};

struct names {
    struct arena arena;
    const struct lede_query *query; /* as it was asked; borrowed */
    const char *language;
    const struct snapshot *snapshot; /* NULL: unseen words are tried, however frequent */
    bool *guarded, *refuted; /* of its terms: those of the run that stands; those that have turned out to be none */
    bool *tried;             /* those of the run under way */
    const struct name_report *reports; /* of the run that stands; borrowed */
    unsigned runs;
};

LEDE_NODISCARD lede_status names_init(struct names *n, const struct lede_query *query, const char *language,
                                      const struct snapshot *snapshot, lede_error *err);
void names_release(struct names *n);

/* The query to run next, of what the run that stands has reported; NULL if that is the last one. It borrows from the
 * query that was asked, and is freed by lede_query_free. reports are of the query's terms, NULL if there are none. */
LEDE_NODISCARD lede_status names_next(struct lede_query **out, struct names *n, const struct name_report *reports,
                                      lede_error *err);

/* Whether the run of that query stands, by its reports: what was searched for as names are such. */
bool names_stand(struct names *n, const struct name_report *reports);

#endif
