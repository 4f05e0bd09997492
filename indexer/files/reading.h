/* reading.h - how a file is read where its name and its bytes don't tell it. That is kept with its source, so that the
 * file is read so again when it has changed, until it is asked for otherwise:
 *
 *     FORMAT CHARSET     "tsv auto", "auto koi8-r", "text windows-1251"; empty: "auto auto"
 */
#ifndef LEDE_INDEXER_READING_H
#define LEDE_INDEXER_READING_H

#include "core/index/catalogue.h"

struct file_reading {
    lede_format format;                /* AUTO: as its name or its bytes tell */
    char charset[SOURCE_READING_SIZE]; /* empty: as its bytes tell */
};

/* Of a source; what is none is the default. */
struct file_reading reading_parse(const char *text);
void reading_write(char text[SOURCE_READING_SIZE], const struct file_reading *reading);

#endif
