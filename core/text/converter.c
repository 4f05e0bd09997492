#include "converter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "modules/icu.h"
#include "utf8.h"

struct converter {
    const struct icu *icu;
    UConverter *icu_converter;
    char name[UCNV_MAX_CONVERTER_NAME_LENGTH];
    UChar lead;        /* half of a pair whose other half has not come yet; 0 if none */
    uint64_t replaced; /* by the run in hand */
};

/* ICU would write U+001A for some of them, and not tell how many there are. */
static void replace(const void *ctx, UConverterToUnicodeArgs *args, const char *bytes, int32_t n,
                    UConverterCallbackReason reason, UErrorCode *status) {
    static const UChar replacement = 0xfffd;
    struct converter *c = (struct converter *)(uintptr_t)ctx;
    (void)bytes;
    if (reason > UCNV_IRREGULAR)
        return;
    c->replaced += (uint64_t)n;
    *status = U_ZERO_ERROR;
    c->icu->ucnv_cbToUWriteUChars(args, &replacement, 1, 0, status);
}

static lede_status refuse(UErrorCode status, const char *name, lede_error *err) {
    if (status == U_MEMORY_ALLOCATION_ERROR)
        return error_nomem(err);
    return error_set(err, LEDE_INVALID, "there is no charset '%.60s'; windows-1251, koi8-r and shift_jis are some",
                     name);
}

static void settle_name(struct converter *c) {
    UErrorCode status = U_ZERO_ERROR;
    const char *own = c->icu->ucnv_getName(c->icu_converter, &status), *name = NULL;
    if (own)
        name = c->icu->ucnv_getStandardName(own, "MIME", &status);
    if (own && !name)
        name = c->icu->ucnv_getStandardName(own, "IANA", &status);
    snprintf(c->name, sizeof c->name, "%s", name ? name : own ? own : "");
}

lede_status converter_new(struct converter **out, const char *name, lede_error *err) {
    UErrorCode code = U_ZERO_ERROR;
    struct converter *c = calloc(1, sizeof *c);
    *out = NULL;
    lede_status status = c ? icu_load(&c->icu, err) : error_nomem(err);
    if (!status && (!*name || strlen(name) >= sizeof c->name))
        status = refuse(U_FILE_ACCESS_ERROR, name, err);
    if (!status) {
        c->icu_converter = c->icu->ucnv_open(name, &code);
        if (U_SUCCESS(code))
            c->icu->ucnv_setToUCallBack(c->icu_converter, replace, c, NULL, NULL, &code);
        if (U_FAILURE(code))
            status = refuse(code, name, err);
    }
    if (status) {
        converter_free(c);
        return status;
    }
    settle_name(c);
    *out = c;
    return LEDE_OK;
}

void converter_free(struct converter *c) {
    if (c && c->icu_converter)
        c->icu->ucnv_close(c->icu_converter);
    free(c);
}

const char *converter_name(const struct converter *c) {
    return c->name;
}

void converter_reset(struct converter *c) {
    c->icu->ucnv_resetToUnicode(c->icu_converter);
    c->lead = 0;
}

/* ICU's converters never give half a pair but where a piece ends. */
static void append_units(struct converter *c, struct buffer *out, const UChar *units, const UChar *end) {
    char *to = (char *)buffer_reserve(out, (size_t)(end - units) * 3 + UTF8_MAX);
    size_t len = 0;
    for (; to && units < end; units++) {
        uint32_t character = *units;
        if (U16_IS_LEAD(character)) {
            c->lead = *units;
            continue;
        }
        if (c->lead && U16_IS_TRAIL(character))
            character = (uint32_t)U16_GET_SUPPLEMENTARY(c->lead, character);
        c->lead = 0;
        len += utf8_write(to + len, character);
    }
    out->len += len;
}

lede_status converter_run(struct converter *c, struct buffer *out, const char *bytes, size_t n, bool last,
                          uint64_t *replaced, lede_error *err) {
    enum { UNITS = 2048 };
    UChar units[UNITS];
    const char *from = bytes, *end = bytes + n;
    UErrorCode status;
    c->replaced = 0;
    do {
        UChar *to = units;
        status = U_ZERO_ERROR;
        c->icu->ucnv_toUnicode(c->icu_converter, &to, units + UNITS, &from, end, NULL, last, &status);
        append_units(c, out, units, to);
    } while (status == U_BUFFER_OVERFLOW_ERROR && !out->failed);
    *replaced += c->replaced;
    return out->failed || U_FAILURE(status) ? error_nomem(err) : LEDE_OK;
}
