/*
 * fetch.h - blocking forms of the library's asynchronous reads: a command has nothing else to do meanwhile.
 */
#ifndef CLI_FETCH_H
#define CLI_FETCH_H

#include "page/page.h"

struct command_call;

/* The caller frees *out with nb_page_free(). A session that has only begun is settled on the way: both are answered in one
 * round trip. */
NB_MUSTCHECK int fetch_page(struct nb_page **out, struct command_call *call, struct nb_connection *connection,
                            const struct nb_page_request *wanted, struct nb_error *err);
/* The rows with these keys that exist and are visible, newest first; count is at most FETCH_KEYS_MAX. */
#define FETCH_KEYS_MAX 500
NB_MUSTCHECK int fetch_keys(struct nb_page **out, struct command_call *call, struct nb_connection *connection,
                            enum nb_subject subject, const struct nb_key *keys, size_t count, struct nb_error *err);
NB_MUSTCHECK int fetch_count(int64_t *out, struct command_call *call, struct nb_connection *connection,
                             enum nb_subject subject, const struct nb_filter *filter, struct nb_error *err);

/* Runs the loop until *done; for acts whose callbacks store the results themselves. */
NB_MUSTCHECK int fetch_wait(const bool *done, struct nb_connection *connection, struct nb_error *err);

/* The filter of a call: its arguments from `first` on, with --tenant where the subject's filter language has that
 * word. */
NB_MUSTCHECK int fetch_filter(struct nb_filter **out, const struct command_call *call, enum nb_subject subject,
                              size_t first, struct nb_error *err);

#endif
