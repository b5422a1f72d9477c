/*
 * transact.h - one request as one chain in one round trip: BEGIN, the token for this transaction only, who that is, the route's
 * statements, COMMIT.
 */
#ifndef NB_GATEWAY_TRANSACT_H
#define NB_GATEWAY_TRANSACT_H

#include "gateway/request.h"

/* Runs `ask` of the request's route and sends the chain; done is called from the loop when the answer has been written
 * (request->status). When it could not even be sent, the answer is there when this returns, and done is not called. */
typedef void gateway_transacted(struct gateway_request *request);
void gateway_transact(struct gateway_request *request, gateway_transacted *done);
/* The request goes before its answer has come. Only for the end. */
void gateway_transact_forget(struct gateway_request *request);

#endif
