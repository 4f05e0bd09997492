/* linked.c - in place of module.c, for programs that link the modules: tests and benchmarks. */
#include <string.h>

#include "curses.h"
#include "edit.h"
#include "icu.h"
#include "xml.h"

/* Linked by the programs that ask for it alone. */
extern const char lede_xapian[] __attribute__((weak));

lede_status module_load(const void **out, const char *name, size_t size, lede_error *err) {
    static const struct {
        const char *name;
        const void *table;
    } modules[] = {{"curses", &lede_curses},
                   {"edit", &lede_edit},
                   {"icu", &lede_icu},
                   {"xml", &lede_xml},
                   {"xapian", lede_xapian}};
    (void)size;
    (void)err;
    *out = NULL;
    for (size_t i = 0; i < sizeof modules / sizeof *modules; i++)
        if (!strcmp(modules[i].name, name))
            *out = modules[i].table;
    return *out ? LEDE_OK : LEDE_UNSUPPORTED;
}
