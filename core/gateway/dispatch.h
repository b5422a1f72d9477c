/*
 * dispatch.h - what becomes of a request: its route and token, the database, and the end.
 */
#ifndef NB_GATEWAY_DISPATCH_H
#define NB_GATEWAY_DISPATCH_H

#include "gateway/transact.h"

/* Its header is there. Finds its route and judges its token; may answer already. */
void gateway_dispatch_header(struct gateway_request *request);
/* Its body is there. Answers before it returns, or calls done later. */
void gateway_dispatch(struct gateway_request *request, gateway_transacted *done);
/* It has been answered (or not, status 0): counted and logged. */
void gateway_dispatch_over(struct gateway_request *request);

#endif
