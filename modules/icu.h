/* icu.h - what is called of ICU: words, folding, normalisation, charsets. */
#ifndef LEDE_MODULES_ICU_H
#define LEDE_MODULES_ICU_H

#include <unicode/ubrk.h>
#include <unicode/uchar.h>
#include <unicode/ucnv.h>
#include <unicode/ucnv_cb.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>

#include "module.h"

#define ICU_FUNCTIONS(DO)                                                                                              \
    DO(u_charDigitValue)                                                                                               \
    DO(u_charType)                                                                                                     \
    DO(u_errorName)                                                                                                    \
    DO(u_getIntPropertyValue)                                                                                          \
    DO(u_hasBinaryProperty)                                                                                            \
    DO(ubrk_close)                                                                                                     \
    DO(ubrk_getRuleStatus)                                                                                             \
    DO(ubrk_next)                                                                                                      \
    DO(ubrk_open)                                                                                                      \
    DO(ubrk_setText)                                                                                                   \
    DO(ucnv_cbToUWriteUChars)                                                                                          \
    DO(ucnv_close)                                                                                                     \
    DO(ucnv_getName)                                                                                                   \
    DO(ucnv_getStandardName)                                                                                           \
    DO(ucnv_open)                                                                                                      \
    DO(ucnv_resetToUnicode)                                                                                            \
    DO(ucnv_setToUCallBack)                                                                                            \
    DO(ucnv_toUnicode)                                                                                                 \
    DO(unorm2_getNFCInstance)                                                                                          \
    DO(unorm2_getNFDInstance)                                                                                          \
    DO(unorm2_getNFKCCasefoldInstance)                                                                                 \
    DO(unorm2_normalize)                                                                                               \
    DO(uscript_getScript)

MODULE_DECLARE(icu, ICU_FUNCTIONS)

#endif
