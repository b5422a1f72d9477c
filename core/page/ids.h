/*
 * ids.h - short ids: the end of a UUID. Its beginning is its time, which rows that came together share.
 *
 * Lists on a terminal show eight digits, more where these would be digits only, which look like a number. Six to twelve are
 * understood. Subjects whose ids are numbers have no short form: it would be no shorter.
 */
#ifndef NB_PAGE_IDS_H
#define NB_PAGE_IDS_H

#include "page/page.h"

#define NB_SHORT_ID_MIN 6
#define NB_SHORT_ID_MAX 12 /* so many stand behind the last dash */

/* Whether text has the form of one. */
bool nb_key_is_short(enum nb_subject subject, const char *text);
/* The short form; the whole id where there is none. */
const char *nb_key_format_short(const struct nb_key *key, enum nb_subject subject, char text[NB_KEY_TEXT_SIZE]);
/* Whether the id ends so, whatever the case. */
bool nb_key_ends(const struct nb_key *key, enum nb_subject subject, const char *ending);

/* Borrowed for the duration of the call. */
typedef void nb_keys_done(void *arg, const struct nb_key *keys, size_t count, const struct nb_error *err);
/* The rows that the reader has whose ids end like one of these, deleted and expired ones not among them. */
struct nb_request *nb_keys_ending(struct nb_connection *connection, enum nb_subject subject, const char *const *endings,
                                  size_t count, nb_keys_done *done, void *arg);

#endif
