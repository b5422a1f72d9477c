/*
 * curl.c - libcurl, loaded when the first of its functions is called.
 *
 * It brings some thirty libraries. A program that is linked with it loads them at every start: that took the console a
 * quarter more memory and as much time as all the rest, and the console sends nothing. So the program is not linked with it;
 * the functions of these names call libcurl's. Without the library the program ends and says which package has it.
 */
#include <curl/curl.h>
#include <dlfcn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/base.h"
#include "base/log.h"

#define LIBRARY "libcurl.so.4"

/* Names the symbol where the library lacks it: one that is older than what we were built with. */
static void *find(const char *name)
{
    static void *library;
    void *symbol;

    if (!library)
        library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
    symbol = library ? dlsym(library, name) : NULL;
    if (!symbol) {
        nb_log(NB_LOG_ERROR, "libcurl failed=%s hint=%s", nb_log_quote(dlerror()),
               nb_log_quote("install libcurl 7.88 or later (Debian: libcurl4)"));
        abort(); /* as where there is no memory: nothing can be sent, and the caller cannot help it */
    }
    return symbol;
}

/* ISO C has no conversion from an object's address to a function's; POSIX says that this one works. */
#define REAL(name)                                                                                                     \
    static union {                                                                                                     \
        void *symbol;                                                                                                  \
        __typeof__(name) *call;                                                                                        \
    } real;                                                                                                            \
    if (!real.symbol)                                                                                                  \
    real.symbol = find(#name)

#define FORWARD(type, name, parameters, arguments)                                                                     \
    type name parameters                                                                                               \
    {                                                                                                                  \
        REAL(name);                                                                                                    \
        return real.call arguments;                                                                                    \
    }
#define FORWARD_VOID(name, parameters, arguments)                                                                      \
    void name parameters                                                                                               \
    {                                                                                                                  \
        REAL(name);                                                                                                    \
        real.call arguments;                                                                                           \
    }

/* ---- those that take a value of a type that their option names ---- */

#undef curl_easy_setopt
#undef curl_easy_getinfo
#undef curl_multi_setopt

CURLcode curl_easy_setopt(CURL *easy, CURLoption option, ...)
{
    CURLcode rc;
    va_list values;
    REAL(curl_easy_setopt);

    va_start(values, option);
    if (option < CURLOPTTYPE_OBJECTPOINT)
        rc = real.call(easy, option, va_arg(values, long));
    else if (option >= CURLOPTTYPE_OFF_T && option < CURLOPTTYPE_BLOB)
        rc = real.call(easy, option, va_arg(values, curl_off_t));
    else
        rc = real.call(easy, option, va_arg(values, void *));
    va_end(values);
    return rc;
}

CURLMcode curl_multi_setopt(CURLM *multi, CURLMoption option, ...)
{
    CURLMcode rc;
    va_list values;
    REAL(curl_multi_setopt);

    va_start(values, option);
    if ((int)option < CURLOPTTYPE_OBJECTPOINT)
        rc = real.call(multi, option, va_arg(values, long));
    else
        rc = real.call(multi, option, va_arg(values, void *));
    va_end(values);
    return rc;
}

CURLcode curl_easy_getinfo(CURL *easy, CURLINFO info, ...)
{
    CURLcode rc;
    va_list values;
    REAL(curl_easy_getinfo);

    va_start(values, info);
    rc = real.call(easy, info, va_arg(values, void *));
    va_end(values);
    return rc;
}

/* ---- the others ---- */

FORWARD(CURLcode, curl_global_init, (long flags), (flags))
FORWARD_VOID(curl_global_cleanup, (void), ())
FORWARD(CURL *, curl_easy_init, (void), ())
FORWARD_VOID(curl_easy_cleanup, (CURL * easy), (easy))
FORWARD_VOID(curl_easy_reset, (CURL * easy), (easy))
FORWARD(CURLcode, curl_easy_recv, (CURL * easy, void *buffer, size_t size, size_t *got), (easy, buffer, size, got))
FORWARD(CURLcode, curl_easy_send, (CURL * easy, const void *data, size_t size, size_t *sent), (easy, data, size, sent))
FORWARD(const char *, curl_easy_strerror, (CURLcode code), (code))
FORWARD(CURLHcode, curl_easy_header,
        (CURL * easy, const char *name, size_t index, unsigned int origin, int request, struct curl_header **header),
        (easy, name, index, origin, request, header))
FORWARD_VOID(curl_free, (void *memory), (memory))
FORWARD(time_t, curl_getdate, (const char *text, const time_t *unused), (text, unused))
FORWARD(CURLM *, curl_multi_init, (void), ())
FORWARD(CURLMcode, curl_multi_cleanup, (CURLM * multi), (multi))
FORWARD(CURLMcode, curl_multi_add_handle, (CURLM * multi, CURL *easy), (multi, easy))
FORWARD(CURLMcode, curl_multi_remove_handle, (CURLM * multi, CURL *easy), (multi, easy))
FORWARD(CURLMcode, curl_multi_assign, (CURLM * multi, curl_socket_t fd, void *value), (multi, fd, value))
FORWARD(CURLMcode, curl_multi_socket_action, (CURLM * multi, curl_socket_t fd, int events, int *running),
        (multi, fd, events, running))
FORWARD(CURLMsg *, curl_multi_info_read, (CURLM * multi, int *left), (multi, left))
FORWARD(const char *, curl_multi_strerror, (CURLMcode code), (code))
FORWARD(struct curl_slist *, curl_slist_append, (struct curl_slist * list, const char *text), (list, text))
FORWARD_VOID(curl_slist_free_all, (struct curl_slist * list), (list))
FORWARD(CURLU *, curl_url, (void), ())
FORWARD_VOID(curl_url_cleanup, (CURLU * url), (url))
#if LIBCURL_VERSION_NUM < 0x080000
#define READ_ONLY
#else
#define READ_ONLY const
#endif
FORWARD(CURLUcode, curl_url_get, (READ_ONLY CURLU * url, CURLUPart part, char **text, unsigned int flags),
        (url, part, text, flags))
FORWARD(CURLUcode, curl_url_set, (CURLU * url, CURLUPart part, const char *text, unsigned int flags),
        (url, part, text, flags))
