/*
 * request.h - one request: what it says, what its route keeps while the database works, and its answer.
 */
#ifndef NB_GATEWAY_REQUEST_H
#define NB_GATEWAY_REQUEST_H

#include <jansson.h>

#include "base/strbuf.h"
#include "base/uuid.h"
#include "base/vec.h"
#include "db/chain.h"
#include "gateway/microhttpd.h"

#define GATEWAY_SEGMENTS_MAX   12 /* of a path */
#define GATEWAY_PARAMETERS_MAX 32
#define GATEWAY_STEPS_MAX      24
#define GATEWAY_ID_SIZE        129
#define GATEWAY_JSON           "application/json"

struct gateway;
struct gateway_route;
struct gateway_transaction;

struct gateway_pair {
    char *name, *value;
};

struct gateway_request {
    struct gateway *gateway;
    struct MHD_Connection *connection; /* for its headers */
    void *peer;                        /* server.c's */
    bool from_loopback;                /* and not through a unix socket */

    /* ---- what it says ---- */
    char *method;
    char *path;                /* as it was sent, without the query: for the log */
    struct nb_error malformed; /* code: what is wrong with the target */
    NB_VEC(char *) segments;   /* decoded; "/" has none */
    NB_VEC(struct gateway_pair) parameters;
    struct nb_strbuf body;
    char id[GATEWAY_ID_SIZE]; /* X-Request-Id, or a new one */
    char *token;              /* of the bearer; NULL where the route wants none */

    /* ---- its route ---- */
    const struct gateway_route *route;
    const char *captured[4];                 /* the segments that stand for {…} in the route's path */
    struct gateway_transaction *transaction; /* transact.c's */
    struct nb_chain *chain;
    size_t step[GATEWAY_STEPS_MAX];
    struct nb_uuid user; /* in `tell`: whose token it is */
    void *state;         /* the route's own, between `ask` and `tell` */
    void (*dispose)(void *state);

    /* ---- its answer ---- */
    int status; /* 0: none yet */
    struct nb_strbuf answer;
    const char *content_type;
    NB_VEC(struct gateway_pair) headers;
    int64_t began_ms;
    size_t received; /* bytes of the body, those that are dropped included */
    bool ambiguous;  /* where it ends is not certain: nothing more is read from its connection */
};

/* target: the path and query of the request line. Never fails: what is wrong with it is in `malformed`. */
struct gateway_request *gateway_request_new(struct gateway *gateway, const char *target);
void gateway_request_free(struct gateway_request **request);

/* The value of a header or parameter, borrowed; NULL: there is none. Of several the first. */
const char *gateway_request_header(const struct gateway_request *request, const char *name);
const char *gateway_request_parameter(const struct gateway_request *request, const char *name);
/* A whole number within bounds; `otherwise` where there is none. */
NB_MUSTCHECK int gateway_request_number(int64_t *out, const struct gateway_request *request, const char *name,
                                        int64_t minimum, int64_t maximum, int64_t otherwise, struct nb_error *err);
/* The body as a JSON object; {} where there is no body. names: its possible members, NULL-terminated. The caller owns *out. */
NB_MUSTCHECK int gateway_request_object(json_t **out, const struct gateway_request *request, const char *const *names,
                                        struct nb_error *err);

/* ---- answering: once ---- */

void gateway_answer_header(struct gateway_request *request, const char *name, const char *format, ...) NB_PRINTF(3, 4);
/* The body is what stands in request->answer. */
void gateway_answer(struct gateway_request *request, int status, const char *content_type);

#endif
