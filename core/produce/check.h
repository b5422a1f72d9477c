/*
 * check.h - checks what producers send; errors name the member. The database checks the same bounds for every other
 * producer; here the check costs no round trip. Private to this folder.
 */
#ifndef NB_PRODUCE_CHECK_H
#define NB_PRODUCE_CHECK_H

#include <string.h>

#include "produce/produce.h"

#define PRODUCE_ACTIONS_MAX (16 * 1024) /* more than four buttons can need, which is what the database allows */

/* Refuses NULL and "" where the member is required; elsewhere "" is allowed as well. */
NB_MUSTCHECK int produce_check_text(const char *name, const char *text, size_t max_bytes, bool required,
                                    struct nb_error *err);
NB_MUSTCHECK int produce_check_title(const char *title, struct nb_error *err);
/* Parses one JSON value; the error names the member and the column. The caller owns *out. */
NB_MUSTCHECK int produce_check_json(json_t **out, const char *name, const char *text, size_t length,
                                    struct nb_error *err);
/* Checks a whole item of a stream, already parsed. */
NB_MUSTCHECK int produce_check_item(enum nb_produce_kind kind, const json_t *item, struct nb_error *err);

#endif
