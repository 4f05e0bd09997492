/* lede-generate - many passages out of few, as generate.h tells: lede-generate [-s SEED] COUNT CORPUS.tsv >OUT.tsv */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "generate.h"

static const char usage[] =
    "usage: lede-generate [-s SEED] COUNT CORPUS.tsv >OUT.tsv\n"
    "Writes COUNT passages, made of those in CORPUS.tsv (id<TAB>text), with their statistics.\n";

static const char *map(const char *path, size_t *size) {
    struct stat st;
    int fd = open(path, O_RDONLY);
    if (fd < 0 || fstat(fd, &st) || st.st_size == 0)
        return NULL;
    *size = (size_t)st.st_size;
    const char *bytes = mmap(NULL, *size, PROT_READ, MAP_PRIVATE, fd, 0);
    close(fd);
    return bytes == MAP_FAILED ? NULL : bytes;
}

int main(int argc, char **argv) {
    uint64_t seed = 1;
    for (int option; (option = getopt(argc, argv, "s:")) != -1;) {
        if (option != 's')
            return fputs(usage, stderr), 2;
        seed = strtoull(optarg, NULL, 10);
    }
    uint64_t count = argc - optind == 2 ? strtoull(argv[optind], NULL, 10) : 0;
    if (!count)
        return fputs(usage, stderr), 2;
    size_t size = 0;
    const char *bytes = map(argv[optind + 1], &size);
    if (!bytes)
        return fprintf(stderr, "lede-generate: %s can't be read\n", argv[optind + 1]), 2;
    struct generate_figures f;
    if (!generate(&f, stdout, bytes, size, count, seed))
        return fputs("lede-generate: out of memory, nothing to make passages of, or no room to write\n", stderr), 2;
    fprintf(stderr, "given: %llu passages, %llu words, %llu distinct, growing with the power %.3f; new words: %llu\n",
            (unsigned long long)f.passages, (unsigned long long)f.words, (unsigned long long)f.vocabulary, f.heaps,
            (unsigned long long)f.new_words);
    return 0;
}
