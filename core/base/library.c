/*
 * library.c - loads shared libraries when they are needed.
 */
#include "base/library.h"

#include <dlfcn.h>
#include <stdlib.h>

#include "base/log.h"

void *nb_library_find(struct nb_library *library, const char *name)
{
    void *symbol;

    if (!library->handle)
        library->handle = dlopen(library->file, RTLD_NOW | RTLD_LOCAL);
    symbol = library->handle ? dlsym(library->handle, name) : NULL;
    if (!symbol) {
        const char *problem = dlerror();

        nb_log(NB_LOG_ERROR, "library=%s failed=%s hint=\"install the package %s\"", library->file,
               nb_log_quote(problem ? problem : name), library->package);
        abort(); /* as where there is no memory: the caller cannot help it */
    }
    return symbol;
}
