/*
 * guard.h - which addresses may be connected to on behalf of somebody who is not the administrator.
 *
 * A webhook's URL and a push subscription's are given by users: without a guard they could make this host talk to itself,
 * to its neighbours, or to a cloud's metadata service. The address that is connected to is judged, not the name: a
 * name may resolve to anything, and to something else the next time.
 *
 * An IPv4 address inside an IPv6 one (mapped, NAT64) is judged as that IPv4 address, because it leads there.
 */
#ifndef NB_CHANNELS_GUARD_H
#define NB_CHANNELS_GUARD_H

#include <sys/socket.h>

#include "base/error.h"

struct nb_guard;

/* allow: networks that are open all the same, "10.1.0.0/16 fd00::/8 192.168.7.4", separated by blanks or commas; NULL:
 * none. NB_EINVALID names the word that is none. */
NB_MUSTCHECK int nb_guard_new(struct nb_guard **out, const char *allow, struct nb_error *err);
void nb_guard_free(struct nb_guard **guard);

/* NULL: may be connected to. Otherwise what kind of address it is: "a private address". */
const char *nb_guard_refusal(const struct nb_guard *guard, const struct sockaddr *address);

#endif
