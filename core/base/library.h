/*
 * library.h - shared libraries that are loaded when one of their functions is first called.
 *
 * A program that is linked with libcurl or libical loads, with them, some forty libraries at every start: that took the
 * console a third more memory and most of its start, and the console neither sends nor works out recurrences. So the program
 * is not linked with them. A file defines functions of the same names that call the library's:
 *
 *     static struct nb_library curl = {.file = "libcurl.so.4", .package = "libcurl4"};
 *     NB_LIBRARY_PROCEDURE(curl, curl_free, (void *memory), (memory))
 *
 * The headers are the library's own, so the compiler checks each definition. Not for several threads.
 */
#ifndef NB_BASE_LIBRARY_H
#define NB_BASE_LIBRARY_H

struct nb_library {
    const char *file;    /* as the loader finds it: with the version of its interface */
    const char *package; /* Debian's */
    void *handle;
};

/* A library or function that is missing ends the program, as it would have at its start; the log names the package. */
void *nb_library_find(struct nb_library *library, const char *name);

/* ISO C has no conversion from an object's address to a function's; POSIX says that this one works. */
#define NB_LIBRARY_REAL(library, name)                                                                                 \
    static union {                                                                                                     \
        void *symbol;                                                                                                  \
        __typeof__(name) *call;                                                                                        \
    } real;                                                                                                            \
    if (!real.symbol)                                                                                                  \
    real.symbol = nb_library_find(&(library), #name)

#define NB_LIBRARY_FUNCTION(library, type, name, parameters, arguments)                                                \
    type name parameters                                                                                               \
    {                                                                                                                  \
        NB_LIBRARY_REAL(library, name);                                                                                \
        return real.call arguments;                                                                                    \
    }
#define NB_LIBRARY_PROCEDURE(library, name, parameters, arguments)                                                     \
    void name parameters                                                                                               \
    {                                                                                                                  \
        NB_LIBRARY_REAL(library, name);                                                                                \
        real.call arguments;                                                                                           \
    }

#endif
