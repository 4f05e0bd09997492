/* lede-words: how long prefixes, wildcards and fuzzy words take on an index of very many distinct words.
 *
 *     lede-words FOLDER [WORDS]
 *
 * Makes an index in FOLDER of WORDS random words (a million unless told), each in two or three of 20-word passages, if
 * there is none; then runs queries of each kind and prints the median and the longest time of each kind, with the
 * passages that it found. */
#include <lede.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { WORD = 16, PASSAGE_WORDS = 20, QUERIES = 25 };

static void must(lede_status status, const lede_error *err) {
    if (status == LEDE_OK)
        return;
    fprintf(stderr, "lede-words: %s\n", err->message);
    exit(2);
}

/* SplitMix64 (Steele, Lea, Flood, Fast splittable pseudorandom number generators, 2014). */
static uint64_t mix(uint64_t z) {
    z += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* Word number n: 5 to 11 letters, of which some are more frequent. */
static size_t word_of(uint64_t n, char *word) {
    static const char letters[] = "eeeeaaaiiooutttnnnsssrrllddcmpghbyfvkwjxqz";
    uint64_t bits = mix(n);
    size_t len = 5 + bits % 7;
    for (size_t i = 0; i < len; i++) {
        bits = mix(bits);
        word[i] = letters[bits % (sizeof letters - 1)];
    }
    word[len] = 0;
    return len;
}

static void make(const char *path, uint64_t words) {
    const lede_writer_options options = {.language = "none", .omit_text = true};
    lede_writer *writer;
    lede_error err;
    must(lede_writer_open(&writer, path, &options, &err), &err);
    for (uint64_t i = 0; i < words / 8; i++) {
        char key[24], body[PASSAGE_WORDS * WORD];
        size_t len = 0;
        for (uint64_t k = 0; k < PASSAGE_WORDS; k++) {
            len += word_of(mix(i * PASSAGE_WORDS + k) % words, body + len);
            body[len++] = ' ';
        }
        const lede_article article = {.key = key,
                                      .key_len = (size_t)snprintf(key, sizeof key, "%llu", (unsigned long long)i),
                                      .body = body,
                                      .body_len = len};
        must(lede_writer_add_article(writer, &article, &err), &err);
    }
    must(lede_writer_commit(writer, NULL, &err), &err);
    must(lede_writer_optimize(writer, NULL, &err), &err);
    lede_writer_close(writer);
}

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Runs queries that are words cut to `keep` letters, 0: whole, with something before and behind. */
static void measure(const lede_index *index, uint64_t words, size_t keep, const char *before, const char *behind) {
    double times[QUERIES];
    uint64_t found = 0;
    for (uint64_t i = 0; i < QUERIES; i++) {
        char word[WORD], text[64];
        lede_query *query;
        lede_results *results;
        lede_error err;
        word_of(mix(i + 1000) % words, word);
        if (keep)
            word[keep] = 0;
        int len = snprintf(text, sizeof text, "%s%s%s", before, word, behind);
        double start = seconds();
        must(lede_query_parse(&query, index, text, (size_t)len, NULL, &err), &err);
        must(lede_search(&results, index, query, NULL, &err), &err);
        times[i] = seconds() - start;
        found += lede_results_total(results, NULL);
        lede_results_free(results);
        lede_query_free(query);
    }
    qsort(times, QUERIES, sizeof *times, by_value);
    printf("%s%.*s%s  %10.3f ms  %10.3f ms  %12.1f\n", before, (int)(keep ? keep : 8), "abcdefgh", behind,
           times[QUERIES / 2] * 1e3, times[QUERIES - 1] * 1e3, (double)found / QUERIES);
}

int main(int argc, char **argv) {
    uint64_t words = argc > 2 ? strtoull(argv[2], NULL, 10) : 1000000;
    lede_index *index = NULL;
    lede_stats stats;
    lede_error err;
    if (argc < 2 || words == 0) {
        fprintf(stderr, "usage: lede-words FOLDER [WORDS]\n");
        return 2;
    }
    if (lede_index_open(&index, argv[1], &err) == LEDE_NOT_FOUND) {
        make(argv[1], words);
        must(lede_index_open(&index, argv[1], &err), &err);
    }
    must(lede_index_stats(&stats, index, &err), &err);
    printf("%llu words, %llu passages\nquery      median         longest      passages\n",
           (unsigned long long)stats.words, (unsigned long long)stats.passages);
    for (size_t keep = 1; keep <= 5; keep++)
        measure(index, words, keep, "", "*");
    measure(index, words, 3, "*", "*");
    measure(index, words, 4, "*", "");
    measure(index, words, 0, "", "~");
    measure(index, words, 0, "", "~2");
    lede_index_close(index);
    return 0;
}
