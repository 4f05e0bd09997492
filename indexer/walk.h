/* walk.h - the files below a folder. */
#ifndef LEDE_INDEXER_WALK_H
#define LEDE_INDEXER_WALK_H

#include "parser.h"

struct walk_file {
    char *path; /* absolute, without symbolic links, "." or ".." */
    uint64_t size;
    int64_t mtime; /* nanoseconds since 1970 */
    lede_format format;
};

struct walk {
    struct walk_file *files; /* sorted by path, bytewise, so that two runs index in the same order */
    size_t count;
    uint64_t bytes;
    uint64_t others; /* files of other kinds that were passed over */
    char *root;      /* the absolute path that was walked */
    bool is_folder;
};

/* Lists `path`: itself if it is a file, of any name (format as given, or by name, or left AUTO to be found
 * from its bytes), else all files below it with a name of a known format. Hidden files and folders
 * (".git", ".lede"), index folders (*.lede) and files of unknown kinds, which are counted, are passed over silently;
 * folders and files that can't be read are reported by `warn` and passed over. Symbolic links to files are followed,
 * those to folders are not below a folder (no cycles). LEDE_NOT_FOUND / LEDE_IO if `path` itself can't be read. */
LEDE_NODISCARD lede_status walk_path(struct walk *out, const char *path, lede_format format,
                                     void (*warn)(void *ctx, lede_warning_kind kind, const char *where,
                                                  const char *why),
                                     void *ctx, lede_error *err);
void walk_release(struct walk *w);

#endif
