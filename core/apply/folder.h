/*
 * folder.h - an installation's configuration as files: what a folder of YAML and JSON files says.
 *
 * Every file NAME.yaml, NAME.yml or NAME.json, in the folder or below it, is a mapping from kinds (config/kind.h) to
 * lists of documents, which are what `nightbell KIND export` writes:
 *
 *     rules:
 *       - rule_id: big-orders
 *         event_type: po_approved
 *         …
 *
 * Beside the kinds, `owner: NAME` in one of the files says whose they are: several folders may configure one tenant, each with an
 * owner of its own.
 *
 * A member NAME_file, anywhere in a document, stands for the member NAME with the text of that file, whose path is
 * relative to the file and stays below the folder. Files and folders whose names begin with a dot are passed over, and
 * symbolic links are refused.
 */
#ifndef NB_APPLY_FOLDER_H
#define NB_APPLY_FOLDER_H

#include "apply/yaml.h"
#include "base/vec.h"
#include "config/kind.h"

struct nb_apply_document {
    const struct nb_config_kind *kind;
    char *key;
    char *text;          /* JSON, one line */
    char *file;          /* as errors name it */
    char *pointer;       /* where in the file: "/rules/0" */
    const json_t *lines; /* of the file (yaml.h); NULL for JSON, whose lines are not known */
};

struct nb_apply_folder {
    NB_VEC(struct nb_apply_document) documents; /* by kind as they are imported, then by file and place */
    json_t *lines;                              /* of all files */
    json_t *files;                              /* {kind: {key: the file that it stands in}} */
    char *owner;                                /* NULL: the files name none */
};

typedef void nb_apply_complaint(void *arg, const struct nb_error *err);

/* Reads all files and tells everything that is wrong with them, then fails with NB_EINVALID. NB_ENOTFOUND: there is no
 * such folder. */
NB_MUSTCHECK int nb_apply_read(struct nb_apply_folder **out, const char *path, nb_apply_complaint *complaint, void *arg,
                               struct nb_error *err);
void nb_apply_folder_free(struct nb_apply_folder **folder);

/* The file that has the document; NULL: none has. */
const char *nb_apply_file_of(const struct nb_apply_folder *folder, const struct nb_config_kind *kind, const char *key);

/* Sets err to "file:line: what", the line being that of the member that `what` begins with ("texts[0].locale: …"). */
int nb_apply_refuse(const struct nb_apply_document *document, const char *what, const char *hint, struct nb_error *err);

/* Appends the value as JSON on one line. Numbers are written with the fewest digits that read back the same, so that
 * 0.1 stays 0.1. */
void nb_apply_append_json(struct nb_strbuf *out, const json_t *value);

#endif
