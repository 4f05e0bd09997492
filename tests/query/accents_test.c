/* Exact words, prefixes, wildcards and fuzzy words in languages whose stemmers read accents: words that are written
 * with them are found by their forms, which have none, whatever their stems are. Each article is one word; what each
 * query finds is held to the forms of all of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/text/analyzer.h"
#include "searcher/query/query.h"
#include "support/folder.h"
#include "support/index.h"

static const struct {
    const char *language, *words;
} samples[] = {
    {"french",
     "congrès congres côte coté côté cote côtes procès progrès succès accès très après décès abcès excès intérêt "
     "intérêts arrêt arrêté arrêtée arrêtés élevé élève élèves lève levé achète acheté préféré préfère modèle "
     "modelé règle réglé allâmes allâtes finîmes fûmes aiguë naïf haïr maïs Noël cœur œuvre garçon façon façade "
     "l'été d'état qu'à été états à où déjà voilà parlèrent donnèrent pâté pâte pâtes tâche tache tâché sûr sur"},
    {"spanish",
     "acción acciones comunicación canción canciones también después inglés ingleses interés intereses país "
     "países río ríos público publicó publico árbol árboles corazón corazones él el más mas está esta comió "
     "comía comíamos hablará hablaré hablarán cantábamos pingüino vergüenza niño niños año años mañana jamás"},
    {"portuguese",
     "ação ações coração corações nação nações informação maçã maçãs irmão irmãos irmã pão pães lição lições "
     "público publicou política políticas será serão está estão português portugueses japonês país países "
     "avó avô avós você vocês também fácil fáceis difícil histórico histórica amável amáveis à às é"},
    {"italian",
     "città università perché poiché così più già però virtù lunedì caffè libertà felicità qualità parlò parlerà "
     "andò andrà è e né ne sì si dà da là la papà papa metà meta età l'età dell'età"},
    {"german",
     "Häuser Haus Hauser Mädchen Maedchen Straße Strasse schön schon schöner Bücher Buch Bucher größer Größe "
     "grösser Töchter Tochter Vögel Vogel über uber Füße Fusse läuft lauft gehört Österreich öffentlich Müller"},
    {"romanian",
     "fată fete fată oraș orașe țară țări mână mâini începe învăța învață română românește copiilor acțiune "
     "acțiuni națiune națiuni frumoasă frumosă băiat băieți însă și știință"},
    {"swedish", "häst hästar hastar gås gäss böcker bok ål al år ar flygplatsen möjlighet kön kon köpa"},
    {"finnish", "häät hyvää hyvaa päivä päivää päivässä talossa tyttö tyttöä äiti sää syödä älä ala"},
    {"turkish", "çocuk çocuklar ağaç ağaçlar güzel gözü gözlük ışık ışıklar İstanbul öğrenci öğrenciler söz şeker"},
    {"catalan", "acció accions perquè català catalans ciutadà també avió avions força forces països dèiem cançó"},
    {"hungarian", "ház házak házban könyv könyvek szép szépek fiú fiúk gyűrű tükör őr ór alma almát almák"},
    {"russian", "ёлка елка всё все актёр актер май мой йод чей"},
};

enum { WORDS = 128, WORD = 64 };

struct fixture {
    lede_index *index;
    struct analyzer *analyzer;
    char words[WORDS][WORD], forms[WORDS][TERM_MAX + 1];
    int count;
};

static void write_words(struct fixture *f, const struct folder *folder, const char *language, const char *words) {
    const char *path = folder_entry(folder, language);
    lede_writer *w = writer_on(path, &(lede_writer_options){.language = language});
    f->count = 0;
    for (const char *p = words; *p; p += strspn(p, " ")) {
        size_t n = strcspn(p, " ");
        char key[16], *word = f->words[f->count];
        assert_true(f->count < WORDS && n < WORD);
        snprintf(word, WORD, "%.*s", (int)n, p);
        analyzer_form(f->analyzer, word, n, f->forms[f->count]);
        snprintf(key, sizeof key, "%d", f->count++);
        put_article(w, key, word);
        p += n;
    }
    MUST(lede_writer_commit(w, NULL, err));
    lede_writer_close(w);
    MUST(lede_index_open(&f->index, path, err));
}

static int expected_of(const struct fixture *f, const struct node *word) {
    int n = 0;
    for (int i = 0; i < f->count; i++)
        n += node_takes_form(word, f->forms[i], strlen(f->forms[i]));
    return n;
}

static int found_by(const struct fixture *f, const char *text, const lede_search_options *options) {
    lede_query *query;
    lede_results *results;
    MUST(lede_query_parse(&query, f->index, text, strlen(text), NULL, err));
    MUST(lede_search(&results, f->index, query, options, err));
    int n = (int)lede_results_count(results);
    lede_results_free(results);
    lede_query_free(query);
    return n;
}

/* Returns how many queries found other words than they stand for. */
static int check(const struct fixture *f, const char *language, const char *text, const struct node *word) {
    const lede_search_options best = {.limit = WORDS}, all = {.limit = WORDS, .count = true};
    int expected = expected_of(f, word), found = found_by(f, text, &best), counted = found_by(f, text, &all);
    if (found == expected && counted == expected)
        return 0;
    print_error("%s: %s finds %d, and %d if all are counted, not %d\n", language, text, found, counted, expected);
    return 1;
}

static int check_word(const struct fixture *f, const char *language, int i) {
    const char *form = f->forms[i];
    char text[2 * TERM_MAX];
    size_t len = strlen(form), half = len / 2;
    int wrong = 0;
    struct node word = {.kind = NODE_WORD, .word = WORD_FORM, .form = form, .form_len = len};
    snprintf(text, sizeof text, "=%s", f->words[i]);
    wrong += check(f, language, text, &word);
    snprintf(text, sizeof text, "%s~", f->words[i]);
    word.word = WORD_FUZZY;
    word.edits = 1;
    if (len > 2) /* a word of one letter is that word */
        wrong += check(f, language, text, &word);
    while (half < len && (form[half] & 0xc0) == 0x80)
        half++;
    if (strchr(form, '\'') || half == 0 || half == len)
        return wrong;
    snprintf(text, sizeof text, "%.*s*", (int)half, form);
    word = (struct node){.kind = NODE_WORD, .word = WORD_PREFIX, .form = form, .form_len = half};
    wrong += check(f, language, text, &word);
    snprintf(text, sizeof text, "*%s", form + half);
    word = (struct node){.kind = NODE_WORD, .word = WORD_WILDCARD, .form = text, .form_len = strlen(text)};
    return wrong + check(f, language, text, &word);
}

static void accents_hide_nothing(void **state) {
    (void)state;
    struct folder folder;
    int wrong = 0;
    folder_make(&folder);
    for (size_t s = 0; s < sizeof samples / sizeof *samples; s++) {
        static struct fixture f;
        if (!analyzer_language(samples[s].language))
            continue;
        assert_int_equal(analyzer_new(&f.analyzer, samples[s].language, NULL), LEDE_OK);
        write_words(&f, &folder, samples[s].language, samples[s].words);
        for (int i = 0; i < f.count; i++)
            wrong += check_word(&f, samples[s].language, i);
        lede_index_close(f.index);
        analyzer_free(f.analyzer);
    }
    folder_remove(&folder);
    assert_int_equal(wrong, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accents_hide_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
