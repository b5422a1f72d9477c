/*
 * bearer.h - the token of a request, as far as it can be judged without the database.
 *
 * Nothing is accepted here: the database verifies the token for each statement. What can only be refused does not reach it: no token, no
 * JWT by its form, one whose time is over, and one that the database has refused within the last seconds.
 */
#ifndef NB_GATEWAY_BEARER_H
#define NB_GATEWAY_BEARER_H

#include "gateway/request.h"

struct gateway_tokens; /* what the database said of tokens lately, by digest */

struct gateway_tokens *gateway_tokens_new(void);
void gateway_tokens_free(struct gateway_tokens **tokens);

/* Sets request->token. NB_EDENIED with the reason. */
NB_MUSTCHECK int gateway_bearer_read(struct gateway_request *request, struct gateway_tokens *tokens,
                                     struct nb_error *err);
/* The token behind "Bearer " in the header Authorization, borrowed; NULL: none. */
const char *gateway_bearer_text(const struct gateway_request *request);

void gateway_tokens_refused(struct gateway_tokens *tokens, const char *token, const char *reason);
/* Whether the database was asked to keep what the token says (remember_token) within the last minutes; notes that it is now. */
bool gateway_tokens_remembered(struct gateway_tokens *tokens, const char *token);

#endif
