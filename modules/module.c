#include "module.h"

#include <dlfcn.h>
#include <limits.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { FILE_MAX = PATH_MAX + 64 };

static lede_status refuse(lede_error *err, const char *why, const char *remedy) {
    if (err) {
        err->status = LEDE_UNSUPPORTED;
        err->offset = LEDE_NO_OFFSET;
        snprintf(err->message, sizeof err->message, "%.*s; %s", (int)sizeof err->message / 4 * 3, why, remedy);
    }
    return LEDE_UNSUPPORTED;
}

static const char again[] = "install Lede again, its modules and the libraries that they need";

/* What the loader says begins with the file at fault: the module, or a library that it needs. */
static lede_status refuse_loading(lede_error *err, const char *file) {
    char why[2 * FILE_MAX];
    const char *said = dlerror();
    if (!said || !strncmp(said, file, strlen(file)))
        return refuse(err, said ? said : file, again);
    snprintf(why, sizeof why, "%s needs a library that is not installed: %s", file, said);
    return refuse(err, why, "install the package that has it");
}

/* The folder of the program that runs. */
static bool find_program(char folder[PATH_MAX]) {
    ssize_t n = readlink("/proc/self/exe", folder, PATH_MAX - 1);
    if (n <= 0)
        return false;
    folder[n] = 0;
    char *name = strrchr(folder, '/');
    if (name)
        *name = 0;
    return name != NULL;
}

/* The folder that liblede was loaded from, or that of the program which has it in it. Not by $ORIGIN in a path of ours,
 * as the sanitizers call dlopen on our behalf, and it is the caller's origin that counts. */
static bool find_library(char folder[PATH_MAX]) {
    Dl_info info;
    struct link_map *library = NULL;
    /* In glibc a link map is a handle; the program's own has no name. */
    if (!dladdr1((const void *)(uintptr_t)lede_version, &info, (void **)&library, RTLD_DL_LINKMAP) || !library)
        return false;
    return *library->l_name ? dlinfo(library, RTLD_DI_ORIGIN, folder) == 0 : find_program(folder);
}

/* Where the module is, or should be: beside the library, as it is built, or in a folder beside it, as it is installed;
 * seen from the command, that stands elsewhere. */
static bool locate(char file[FILE_MAX], const char *name) {
    static const char *const places[] = {"", "/lede", "/" LEDE_LIBRARY_FROM_COMMAND "/lede"};
    char folder[PATH_MAX];
    if (!find_library(folder))
        return false;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        snprintf(file, FILE_MAX, "%s%s/lede-%s.so", folder, places[i], name);
        if (access(file, F_OK) == 0)
            break;
    }
    return true;
}

lede_status module_load(const void **out, const char *name, size_t size, lede_error *err) {
    char file[FILE_MAX], symbol[32], why[FILE_MAX + 64];
    *out = NULL;
    if (!locate(file, name))
        return refuse(err, "Lede can't tell where it was loaded from", again);
    void *handle = dlopen(file, RTLD_LAZY | RTLD_LOCAL | RTLD_NODELETE);
    if (!handle)
        return refuse_loading(err, file);
    snprintf(symbol, sizeof symbol, "lede_%s", name);
    const struct module *module = dlsym(handle, symbol);
    if (!module)
        return refuse_loading(err, file);
    if (module->version != MODULE_VERSION || module->size != size) {
        snprintf(why, sizeof why, "%s: belongs to another version of Lede", file);
        return refuse(err, why, again);
    }
    *out = module;
    return LEDE_OK;
}
