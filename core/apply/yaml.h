/*
 * yaml.h - one YAML file as JSON, with the line of everything in it, so that an error can name it.
 *
 * YAML as operators write it: mappings, lists, scalars, comments, block texts. Plain scalars are resolved by the core
 * schema of YAML 1.2 (https://yaml.org/spec/1.2.2/#103-core-schema): `no` and `2026-11-30` are strings, `~` is null.
 * Refused, with file and line: tags, anchors and aliases, a key that stands twice, a key that is no scalar, a second
 * document, .inf and .nan, an integer that no 64 bits hold, nesting past NB_JSON_MAX_DEPTH, NUL. JSON is a subset, but
 * for its surrogate escapes (\ud83d\ude00), which libyaml does not know.
 */
#ifndef NB_APPLY_YAML_H
#define NB_APPLY_YAML_H

#include "base/json.h"
#include "base/strbuf.h"

#define NB_YAML_FILE_MAX ((size_t)4 * 1024 * 1024)

/* Reads text, which errors call `name`: "rules.yaml:12: …". *out is NULL for a file without a document; both results
 * belong to the caller. *lines maps the JSON pointer (RFC 6901) of each value to its line, counted from 1, and that of
 * a mapping's member to the line of its key: {"": 1, "/rules/0": 3, "/rules/0/urgency": 5}. */
NB_MUSTCHECK int nb_yaml_parse(json_t **out, json_t **lines, const char *text, size_t length, const char *name,
                               struct nb_error *err);

/* The line of the value at `pointer`, or of the nearest one around it; 0 where nothing is known. */
size_t nb_yaml_line(const json_t *lines, const char *pointer);

#endif
