/*
 * route.h - the table of routes. A subject is a file with a table of its own, which routes.c lists.
 *
 * `ask` adds the statements of a request to its chain (request->chain), which already begins a transaction of the token's; `tell` reads their
 * results after the commit and writes the answer. Each returns NB_OK, or a code with err set, which becomes the problem that is
 * answered (problem.h). Who asks, a database that is lost, a statement or commit that failed: none of it reaches `tell`.
 */
#ifndef NB_GATEWAY_ROUTE_H
#define NB_GATEWAY_ROUTE_H

#include "gateway/request.h"

enum gateway_door {
    GATEWAY_OPEN,    /* for everybody */
    GATEWAY_BEARER,  /* for who has a token: their own rows */
    GATEWAY_METRICS, /* for the token of --metrics-token-file, or without one for this host */
};

struct gateway_route {
    const char *method;
    const char *path; /* "/v1/me/notifications/{id}" */
    enum gateway_door door;
    bool writes;                                                       /* else its transaction may only read */
    size_t body_max;                                                   /* 0: it takes no body */
    int (*ask)(struct gateway_request *request, struct nb_error *err); /* NULL: it asks the database nothing */
    int (*tell)(struct gateway_request *request, struct nb_error *err);
};

/* Sets request->route and what it captures. NB_ENOTFOUND; NB_EUSAGE where the path has routes, but not by this method: *allowed
 * then names those, and the caller frees it. */
NB_MUSTCHECK int gateway_route_find(struct gateway_request *request, char **allowed, struct nb_error *err);
/* All routes, for tests and the metrics; NULL behind the last. */
const struct gateway_route *gateway_route_at(size_t index);

/* The tables; each ends with a NULL method. */
extern const struct gateway_route gateway_process_routes[], gateway_problem_routes[], gateway_notification_routes[];

#endif
