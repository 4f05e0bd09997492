#include "module.h"

#include <dlfcn.h>
#include <limits.h>
#include <link.h>
#include <stdio.h>
#include <unistd.h>

enum { FILE_MAX = PATH_MAX + 64 };

static lede_status refuse(lede_error *err, const char *file, const char *why) {
    if (err) {
        err->status = LEDE_UNSUPPORTED;
        err->offset = LEDE_NO_OFFSET;
        snprintf(err->message, sizeof err->message, "%.*s; %s", (int)sizeof err->message / 4 * 3, why ? why : file,
                 "install Lede again, its modules and the libraries that they need");
    }
    return LEDE_UNSUPPORTED;
}

/* The folder that liblede was loaded from. Not by $ORIGIN in a path of ours, as the sanitizers call dlopen on our
 * behalf, and it is the caller's origin that counts. */
static bool find_library(char folder[PATH_MAX]) {
    Dl_info info;
    struct link_map *library = NULL;
    /* In glibc a link map is a handle. */
    return dladdr1((const void *)(uintptr_t)lede_version, &info, (void **)&library, RTLD_DL_LINKMAP) && library &&
           dlinfo(library, RTLD_DI_ORIGIN, folder) == 0;
}

/* Where the module is, or should be. */
static bool locate(char file[FILE_MAX], const char *name) {
    char folder[PATH_MAX];
    if (!find_library(folder))
        return false;
    snprintf(file, FILE_MAX, "%s/lede-%s.so", folder, name);
    if (access(file, F_OK))
        snprintf(file, FILE_MAX, "%s/lede/lede-%s.so", folder, name);
    return true;
}

lede_status module_load(const void **out, const char *name, size_t size, lede_error *err) {
    char file[FILE_MAX], symbol[32], why[FILE_MAX + 64];
    *out = NULL;
    if (!locate(file, name))
        return refuse(err, name, "liblede can't tell where it was loaded from");
    void *handle = dlopen(file, RTLD_LAZY | RTLD_LOCAL | RTLD_NODELETE);
    if (!handle)
        return refuse(err, file, dlerror());
    snprintf(symbol, sizeof symbol, "lede_%s", name);
    const struct module *module = dlsym(handle, symbol);
    if (!module)
        return refuse(err, file, dlerror());
    if (module->version != MODULE_VERSION || module->size != size) {
        snprintf(why, sizeof why, "%s: belongs to another version of Lede", file);
        return refuse(err, file, why);
    }
    *out = module;
    return LEDE_OK;
}
