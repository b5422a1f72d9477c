/*
 * service.h - what a program that runs as a service tells its manager (systemd, where there is one).
 */
#ifndef NB_BASE_SERVICE_H
#define NB_BASE_SERVICE_H

/* state: "READY=1", "STOPPING=1" and the like, see sd_notify(3). Without a manager nothing happens. */
void nb_service_tell(const char *state);

#endif
