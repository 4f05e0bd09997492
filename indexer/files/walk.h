/* walk.h - the files below a folder. */
#ifndef LEDE_INDEXER_WALK_H
#define LEDE_INDEXER_WALK_H

#include "file_list.h"
#include "indexer/formats/parser.h"

struct walk {
    struct file_list files;
    uint64_t others; /* files of other kinds that were passed over */
    char *root;      /* the absolute path that was walked */
    bool is_folder;
    struct scratch scratch;
};

struct walk_options {
    const char *scratch; /* borrowed: what is too much for memory goes to a nameless file beside this one */
    lede_format format;
    /* Both may be NULL. tick is called for each entry of a folder, and ends the walk early if it returns other than 0:
     * then the files are not all there are. */
    int (*tick)(void *ctx);
    void (*warn)(void *ctx, lede_warning_kind kind, const char *where, const char *why);
    void *ctx;
};

/* Lists `path`: itself if it is a file, of any name (format as given, or by name, or left AUTO to be found
 * from its bytes), else all files below it with a name of a known format. Hidden files and folders
 * (".git", ".lede"), index folders (*.lede) and files of unknown kinds, which are counted, are passed over silently;
 * folders and files that can't be read are reported by `warn` and passed over. Symbolic links to files are followed,
 * those to folders are not below a folder (no cycles). Takes a few MiB of memory, however many files there are.
 * LEDE_NOT_FOUND / LEDE_IO if `path` itself can't be read, or the scratch file can't be used. */
LEDE_NODISCARD lede_status walk_path(struct walk *out, const char *path, const struct walk_options *options,
                                     lede_error *err);
void walk_release(struct walk *w);

#endif
