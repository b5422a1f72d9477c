/*
 * microhttpd.c - libmicrohttpd, loaded when the gateway starts (base/library.h).
 */
#include "gateway/microhttpd.h"

#include <stdarg.h>

#include "base/library.h"

static struct nb_library microhttpd = {.file = "libmicrohttpd.so.12", .package = "libmicrohttpd12"};

/* Takes its options as an array only: a list of values whose types the options name cannot be passed on. */
struct MHD_Daemon *MHD_start_daemon(unsigned int flags, uint16_t port, MHD_AcceptPolicyCallback accept,
                                    void *accept_arg, MHD_AccessHandlerCallback handler, void *handler_arg, ...)
{
    struct MHD_OptionItem *options = NULL;
    va_list values;
    NB_LIBRARY_REAL(microhttpd, MHD_start_daemon);

    va_start(values, handler_arg);
    if (va_arg(values, int) == MHD_OPTION_ARRAY)
        options = va_arg(values, struct MHD_OptionItem *);
    va_end(values);
    return options ? real.call(flags, port, accept, accept_arg, handler, handler_arg, MHD_OPTION_ARRAY, options,
                               MHD_OPTION_END)
                   : NULL;
}

/* The two that take a value after their question are asked without one. */
const union MHD_ConnectionInfo *MHD_get_connection_info(struct MHD_Connection *connection,
                                                        enum MHD_ConnectionInfoType type, ...)
{
    NB_LIBRARY_REAL(microhttpd, MHD_get_connection_info);
    return real.call(connection, type);
}

const union MHD_DaemonInfo *MHD_get_daemon_info(struct MHD_Daemon *daemon, enum MHD_DaemonInfoType type, ...)
{
    NB_LIBRARY_REAL(microhttpd, MHD_get_daemon_info);
    return real.call(daemon, type);
}

NB_LIBRARY_PROCEDURE(microhttpd, MHD_stop_daemon, (struct MHD_Daemon * daemon), (daemon))
NB_LIBRARY_FUNCTION(microhttpd, MHD_socket, MHD_quiesce_daemon, (struct MHD_Daemon * daemon), (daemon))
NB_LIBRARY_FUNCTION(microhttpd, enum MHD_Result, MHD_run, (struct MHD_Daemon * daemon), (daemon))
NB_LIBRARY_FUNCTION(microhttpd, enum MHD_Result, MHD_get_timeout,
                    (struct MHD_Daemon * daemon, MHD_UNSIGNED_LONG_LONG *timeout), (daemon, timeout))
NB_LIBRARY_PROCEDURE(microhttpd, MHD_suspend_connection, (struct MHD_Connection * connection), (connection))
NB_LIBRARY_PROCEDURE(microhttpd, MHD_resume_connection, (struct MHD_Connection * connection), (connection))
NB_LIBRARY_FUNCTION(microhttpd, const char *, MHD_lookup_connection_value,
                    (struct MHD_Connection * connection, enum MHD_ValueKind kind, const char *key),
                    (connection, kind, key))
NB_LIBRARY_FUNCTION(microhttpd, int, MHD_get_connection_values,
                    (struct MHD_Connection * connection, enum MHD_ValueKind kind, MHD_KeyValueIterator iterator,
                     void *iterator_arg),
                    (connection, kind, iterator, iterator_arg))
NB_LIBRARY_FUNCTION(microhttpd, struct MHD_Response *, MHD_create_response_from_buffer,
                    (size_t size, void *buffer, enum MHD_ResponseMemoryMode mode), (size, buffer, mode))
NB_LIBRARY_FUNCTION(microhttpd, enum MHD_Result, MHD_add_response_header,
                    (struct MHD_Response * response, const char *name, const char *value), (response, name, value))
NB_LIBRARY_FUNCTION(microhttpd, enum MHD_Result, MHD_queue_response,
                    (struct MHD_Connection * connection, unsigned int status, struct MHD_Response *response),
                    (connection, status, response))
NB_LIBRARY_PROCEDURE(microhttpd, MHD_destroy_response, (struct MHD_Response * response), (response))
