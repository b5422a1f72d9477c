/*
 * service.c - tells the service manager how it goes.
 */
#include "config.h"

#include "base/service.h"

#ifdef HAVE_SYSTEMD
#include <systemd/sd-daemon.h>
#endif

void nb_service_tell(const char *state)
{
#ifdef HAVE_SYSTEMD
    sd_notify(0, state);
#else
    (void)state;
#endif
}
