/* converter.h - from a charset that somebody names to UTF-8, piece by piece, by ICU's converters. What the bytes
 * themselves tell of their charset is core/text/charset.h. */
#ifndef LEDE_CORE_CONVERTER_H
#define LEDE_CORE_CONVERTER_H

#include <lede.h>

#include "core/base/buffer.h"

struct converter;

/* For the charset of this name, such as "windows-1251" or "koi8-r", in any case. LEDE_INVALID if there is none. */
LEDE_NODISCARD lede_status converter_new(struct converter **out, const char *name, lede_error *err);
void converter_free(struct converter *c);

/* The one name of the charset, whichever it was asked for by: that of MIME or of IANA's registry, where it has one.
 * Lives as long as the converter. */
const char *converter_name(const struct converter *c);

/* Forgets what came before: a text begins. */
void converter_reset(struct converter *c);

/* Appends the next bytes of a text to *out as UTF-8, and adds to *replaced the number of those that meant nothing and
 * became U+FFFD. A character that is cut off at the end waits for its rest, or, if these are the last bytes of the
 * text, means nothing. Fails for lack of memory alone. */
LEDE_NODISCARD lede_status converter_run(struct converter *c, struct buffer *out, const char *bytes, size_t n,
                                         bool last, uint64_t *replaced, lede_error *err);

#endif
