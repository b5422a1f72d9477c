/*
 * check.h - the bounds of what producers send, with errors that name the member. The database holds
 * the same bounds for every other producer; here they cost no round trip. Private to this folder.
 */
#ifndef NB_PRODUCE_CHECK_H
#define NB_PRODUCE_CHECK_H

#include <string.h>

#include "produce/produce.h"

#define PRODUCE_TYPE_MAX       100
#define PRODUCE_EVENT_TYPE_MAX 400 /* 100 characters */
#define PRODUCE_LINK_MAX       2048
#define PRODUCE_KEY_MAX        255
#define PRODUCE_ACTIONS_MAX    (16 * 1024)

/* NULL and "" are refused where the member is required, and NULL only there. */
NB_MUSTCHECK int produce_check_text(const char *name, const char *text, size_t max_bytes, bool required,
                                    struct nb_error *err);
NB_MUSTCHECK int produce_check_title(const char *title, struct nb_error *err);
/* One JSON value; the error names the member and the column. The caller owns *out. */
NB_MUSTCHECK int produce_check_json(json_t **out, const char *name, const char *text, size_t length,
                                    struct nb_error *err);
/* A whole item of a stream, as parsed. */
NB_MUSTCHECK int produce_check_item(enum nb_produce_kind kind, const json_t *item, struct nb_error *err);

#endif
