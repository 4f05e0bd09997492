#include "reading.h"

#include <stdio.h>
#include <string.h>

static const char automatic[] = "auto";
static const char *const formats[] = {
    [LEDE_FORMAT_AUTO] = automatic, [LEDE_FORMAT_TEXT] = "text", [LEDE_FORMAT_MARKDOWN] = "markdown",
    [LEDE_FORMAT_JSONL] = "jsonl",  [LEDE_FORMAT_TSV] = "tsv",   [LEDE_FORMAT_HTML] = "html"};

struct file_reading reading_parse(const char *text) {
    struct file_reading out = {LEDE_FORMAT_AUTO, ""};
    size_t len = strcspn(text, " ");
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (strlen(formats[i]) == len && !memcmp(formats[i], text, len))
            out.format = (lede_format)i;
    if (text[len] && strcmp(text + len + 1, automatic))
        snprintf(out.charset, sizeof out.charset, "%s", text + len + 1);
    return out;
}

void reading_write(char text[SOURCE_READING_SIZE], const struct file_reading *reading) {
    *text = '\0';
    if (reading->format || *reading->charset)
        snprintf(text, SOURCE_READING_SIZE, "%s %.*s", formats[reading->format],
                 SOURCE_READING_SIZE - (int)sizeof "markdown ", *reading->charset ? reading->charset : automatic);
}
