/*
 * curl.c - libcurl, loaded when something is sent (base/library.h).
 */
#include <curl/curl.h>
#include <stdarg.h>

#include "base/library.h"

static struct nb_library curl = {.file = "libcurl.so.4", .package = "libcurl4"};

/* ---- those that take a value of a type that their option names ---- */

#undef curl_easy_setopt
#undef curl_easy_getinfo
#undef curl_multi_setopt

CURLcode curl_easy_setopt(CURL *easy, CURLoption option, ...)
{
    CURLcode rc;
    va_list values;
    NB_LIBRARY_REAL(curl, curl_easy_setopt);

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
    NB_LIBRARY_REAL(curl, curl_multi_setopt);

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
    NB_LIBRARY_REAL(curl, curl_easy_getinfo);

    va_start(values, info);
    rc = real.call(easy, info, va_arg(values, void *));
    va_end(values);
    return rc;
}

/* ---- the others ---- */

NB_LIBRARY_FUNCTION(curl, CURLcode, curl_global_init, (long flags), (flags))
NB_LIBRARY_PROCEDURE(curl, curl_global_cleanup, (void), ())
NB_LIBRARY_FUNCTION(curl, CURL *, curl_easy_init, (void), ())
NB_LIBRARY_PROCEDURE(curl, curl_easy_cleanup, (CURL * easy), (easy))
NB_LIBRARY_PROCEDURE(curl, curl_easy_reset, (CURL * easy), (easy))
NB_LIBRARY_FUNCTION(curl, CURLcode, curl_easy_recv, (CURL * easy, void *buffer, size_t size, size_t *got),
                    (easy, buffer, size, got))
NB_LIBRARY_FUNCTION(curl, CURLcode, curl_easy_send, (CURL * easy, const void *data, size_t size, size_t *sent),
                    (easy, data, size, sent))
NB_LIBRARY_FUNCTION(curl, const char *, curl_easy_strerror, (CURLcode code), (code))
NB_LIBRARY_FUNCTION(curl, CURLHcode, curl_easy_header,
                    (CURL * easy, const char *name, size_t index, unsigned int origin, int request,
                     struct curl_header **header),
                    (easy, name, index, origin, request, header))
NB_LIBRARY_PROCEDURE(curl, curl_free, (void *memory), (memory))
NB_LIBRARY_FUNCTION(curl, time_t, curl_getdate, (const char *text, const time_t *unused), (text, unused))
NB_LIBRARY_FUNCTION(curl, CURLM *, curl_multi_init, (void), ())
NB_LIBRARY_FUNCTION(curl, CURLMcode, curl_multi_cleanup, (CURLM * multi), (multi))
NB_LIBRARY_FUNCTION(curl, CURLMcode, curl_multi_add_handle, (CURLM * multi, CURL *easy), (multi, easy))
NB_LIBRARY_FUNCTION(curl, CURLMcode, curl_multi_remove_handle, (CURLM * multi, CURL *easy), (multi, easy))
NB_LIBRARY_FUNCTION(curl, CURLMcode, curl_multi_assign, (CURLM * multi, curl_socket_t fd, void *value),
                    (multi, fd, value))
NB_LIBRARY_FUNCTION(curl, CURLMcode, curl_multi_socket_action,
                    (CURLM * multi, curl_socket_t fd, int events, int *running), (multi, fd, events, running))
NB_LIBRARY_FUNCTION(curl, CURLMsg *, curl_multi_info_read, (CURLM * multi, int *left), (multi, left))
NB_LIBRARY_FUNCTION(curl, const char *, curl_multi_strerror, (CURLMcode code), (code))
NB_LIBRARY_FUNCTION(curl, struct curl_slist *, curl_slist_append, (struct curl_slist * list, const char *text),
                    (list, text))
NB_LIBRARY_PROCEDURE(curl, curl_slist_free_all, (struct curl_slist * list), (list))
NB_LIBRARY_FUNCTION(curl, CURLU *, curl_url, (void), ())
NB_LIBRARY_PROCEDURE(curl, curl_url_cleanup, (CURLU * url), (url))
#if LIBCURL_VERSION_NUM < 0x080000
#define READ_ONLY
#else
#define READ_ONLY const
#endif
NB_LIBRARY_FUNCTION(curl, CURLUcode, curl_url_get,
                    (READ_ONLY CURLU * url, CURLUPart part, char **text, unsigned int flags), (url, part, text, flags))
NB_LIBRARY_FUNCTION(curl, CURLUcode, curl_url_set, (CURLU * url, CURLUPart part, const char *text, unsigned int flags),
                    (url, part, text, flags))
