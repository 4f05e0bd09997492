/* build_index DIR: indexes the corpus of the search-benchmark-game, `{"id": ..., "text": ...}` lines on standard input,
 * into DIR as one segment: no stemming, positions, no text, similar articles side by side. */
#include <lede.h>
#include <stdio.h>

static lede_status build(lede_writer *w, lede_error *err) {
    lede_status status = lede_writer_add_stream(w, 0, LEDE_FORMAT_JSONL, err);
    return status ? status : lede_writer_optimize(w, NULL, err);
}

int main(int argc, char **argv) {
    static const lede_writer_options options = {
        .language = "none", .omit_text = true, .passages = LEDE_PASSAGES_WHOLE, .memory = UINT64_C(1) << 30};
    lede_writer *w = NULL;
    lede_error err;
    if (argc != 2) {
        fputs("usage: build_index DIR <CORPUS.json\n", stderr);
        return 2;
    }
    lede_status status = lede_writer_open(&w, argv[1], &options, &err);
    if (!status)
        status = build(w, &err);
    lede_writer_close(w);
    if (status)
        fprintf(stderr, "build_index: %s\n", err.message);
    return status ? 2 : 0;
}
