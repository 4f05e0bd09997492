/* module.h - libraries that are loaded when they are first needed.
 *
 * Loading ICU, libxml2 and libedit takes longer than most searches, and few searches need any of them. So neither
 * liblede nor lede links them. A small shared object does, lede-NAME.so, which exports nothing but a table of the
 * functions that we call, lede_NAME:
 *
 *     const struct icu *icu;
 *     lede_status status = icu_load(&icu, err);
 *     if (!status)
 *         ... icu->u_charType(c) ...
 *
 * The modules stand in the folder `lede` beside liblede, where they are installed, or right beside it, as they are
 * built; the command, which has the library in it, looks there as well. They are never unloaded. Loading one again
 * costs a look-up, from any thread.
 *
 * This folder is below all others: it knows <lede.h> alone, and includes the headers of the libraries. Tests and
 * benchmarks, which link everything, have linked.c in place of module.c. */
#ifndef LEDE_MODULES_MODULE_H
#define LEDE_MODULES_MODULE_H

#include <lede.h>

/* To be raised whenever what a table means changes, but for its size. */
#define MODULE_VERSION 1

/* What each table begins with: MODULE_VERSION and its own size, as the module was built with. */
struct module {
    uint32_t version, size;
};

/* The table of lede-NAME.so. LEDE_UNSUPPORTED if it can't be loaded, or was not built with this liblede. */
LEDE_NODISCARD lede_status module_load(const void **out, const char *name, size_t size, lede_error *err);

/* Declares struct NAME, its only instance lede_NAME, and how it is loaded, NAME_load. FUNCTIONS is a macro that does
 * something to each of the functions. */
#define MODULE_DECLARE(name, FUNCTIONS)                                                                                \
    struct name {                                                                                                      \
        struct module head;                                                                                            \
        FUNCTIONS(MODULE_POINTER)                                                                                      \
    };                                                                                                                 \
    extern const struct name lede_##name;                                                                              \
    LEDE_NODISCARD static inline lede_status name##_load(const struct name **out, lede_error *err) {                   \
        const void *table = NULL;                                                                                      \
        lede_status status = module_load(&table, #name, sizeof **out, err);                                            \
        *out = table;                                                                                                  \
        return status;                                                                                                 \
    }
#define MODULE_POINTER(function) __typeof__(function) *function;

/* The module itself. */
#define MODULE_DEFINE(name, FUNCTIONS)                                                                                 \
    __attribute__((visibility("default"))) const struct name lede_##name = {                                           \
        .head = {MODULE_VERSION, (uint32_t)sizeof(struct name)}, FUNCTIONS(MODULE_ENTRY)};
#define MODULE_ENTRY(function) .function = function,

#endif
