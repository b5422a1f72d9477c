/*
 * json.h - small helpers around jansson, so that bounds and errors are the same everywhere.
 */
#ifndef NB_BASE_JSON_H
#define NB_BASE_JSON_H

#include <jansson.h>

#include "base/error.h"

#define NB_JSON_MAX_DEPTH 64

/* Parses one value; duplicate keys, NUL and nesting past NB_JSON_MAX_DEPTH are refused. err->column is set.
 * The caller owns *out (json_decref, or json_auto_t). */
NB_MUSTCHECK int nb_json_parse(json_t **out, const char *text, size_t length, struct nb_error *err);
/* The same, but a string may contain \u0000. */
NB_MUSTCHECK int nb_json_parse_nul(json_t **out, const char *text, size_t length, struct nb_error *err);
/* The string member `name`, or NULL when absent or null; NB_EINVALID when it is something else or required and absent. */
NB_MUSTCHECK int nb_json_get_string(const char **out, const json_t *object, const char *name, bool required,
                                    struct nb_error *err);
/* NB_EINVALID naming the first member of object that is not among the NULL-terminated names. */
NB_MUSTCHECK int nb_json_check_members(const json_t *object, const char *const *names, struct nb_error *err);

#endif
