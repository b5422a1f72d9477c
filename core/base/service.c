/*
 * service.c - tells the service manager how it goes.
 */
#include "config.h"

#include "base/service.h"

#ifdef HAVE_SYSTEMD
#include <stdlib.h>
#include <systemd/sd-daemon.h>

#include "base/library.h"

static struct nb_library systemd = {.file = "libsystemd.so.0", .package = "libsystemd0"};

NB_LIBRARY_FUNCTION(systemd, int, sd_notify, (int unset_environment, const char *state), (unset_environment, state))
#endif

void nb_service_tell(const char *state)
{
#ifdef HAVE_SYSTEMD
    if (getenv("NOTIFY_SOCKET"))
        sd_notify(0, state);
#else
    (void)state;
#endif
}
