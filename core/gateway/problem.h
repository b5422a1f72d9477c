/*
 * problem.h - errors as application/problem+json (RFC 9457).
 *
 *     {"type": "/problems/not-found", "title": "Not found", "status": 404, "detail": …, "hint": …, "request_id": …}
 */
#ifndef NB_GATEWAY_PROBLEM_H
#define NB_GATEWAY_PROBLEM_H

#include "gateway/request.h"

enum gateway_problem {
    GATEWAY_BAD_REQUEST,
    GATEWAY_UNAUTHORIZED,
    GATEWAY_FORBIDDEN,
    GATEWAY_NOT_FOUND,
    GATEWAY_METHOD,
    GATEWAY_CONFLICT,
    GATEWAY_TOO_LARGE,
    GATEWAY_INVALID,
    GATEWAY_INTERNAL,
    GATEWAY_BUSY,
    GATEWAY_UNREACHABLE,
};

/* Answers with a problem. err: what its detail and hint are; NULL: only its title. */
void gateway_answer_problem(struct gateway_request *request, enum gateway_problem problem, const struct nb_error *err);
/* 401, with the header that says what is wanted. */
void gateway_answer_unauthorized(struct gateway_request *request, const struct nb_error *err);
/* The same, by the error's code. What is no fault of who asks is logged and not told. */
void gateway_answer_error(struct gateway_request *request, const struct nb_error *err);

#endif
