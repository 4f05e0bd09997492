/* The segment reader on any bytes: it may refuse them, it must not crash, hang or read outside of them. Checksums are
 * made right first, as they would keep everything else from being reached. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/base/faults.h"
#include "core/segment/segment_map.h"
#include "core/segment/stored_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void mend_checksums(uint8_t *bytes, size_t size) {
    if (size < SEGMENT_HEADER_SIZE)
        return;
    store_u64(bytes + 16, size);
    for (unsigned k = 1; k <= SECTION_COUNT; k++) {
        uint8_t *entry = bytes + SEGMENT_SECTIONS_AT + (k - 1) * SEGMENT_SECTION_ENTRY;
        uint64_t offset = load_u64(entry), length = load_u64(entry + 8);
        if (offset <= size && length <= size - offset)
            store_u64(entry + 16, file_checksum(bytes + offset, (size_t)length));
    }
    store_u64(bytes + SEGMENT_CHECKSUM_AT, file_checksum(bytes, SEGMENT_CHECKSUM_AT));
}

/* What a search does, where the check would have stopped at the first fault. */
static void read_all(const struct segment *s) {
    struct buffer text = BUFFER_EMPTY;
    struct text_reader reader = TEXT_READER_EMPTY;
    text_reader_use(&reader, s);
    for (uint32_t p = 0; p < s->counts.passages && p < 1000; p++) {
        struct article_record article;
        struct passage passage;
        uint32_t number;
        if (segment_passage(s, p, &article, &passage, &number, NULL) == LEDE_OK) {
            buffer_clear(&text);
            (void)!text_reader_read(&reader, article.text + passage.start, passage.len, &text, NULL);
            (void)!segment_find_key(s, NULL, article.meta.key, article.meta.key_len, &number, NULL);
        }
    }
    struct term_info info;
    (void)!segment_find_term(s, "to", 2, &info, NULL);
    text_reader_release(&reader);
    buffer_release(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    int fd = memfd_create("segment", MFD_CLOEXEC);
    uint8_t *bytes = malloc(size + 1);
    if (fd < 0 || !bytes)
        abort();
    if (size)
        memcpy(bytes, data, size);
    mend_checksums(bytes, size);
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    struct segment *s;
    if (write(fd, bytes, size) == (ssize_t)size && segment_open(&s, path, NULL, NULL) == LEDE_OK) {
        read_all(s);
        struct faults faults = {.report = NULL};
        (void)!segment_check(s, &faults, NULL, NULL, NULL);
        segment_close(s);
    }
    close(fd);
    free(bytes);
    return 0;
}
