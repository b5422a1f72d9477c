/*
 * export.c - writes the configuration as a folder of YAML files, which nb_apply_read() reads back to the same documents.
 */
#include "apply/apply.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <yaml.h>

#include "base/write.h"

#define FILE_MAX   ((size_t)64 * 1024 * 1024)
#define PATH_BYTES 4096

/* ---- YAML ---- */

struct writer {
    yaml_emitter_t emitter;
    bool failed;
};

static int append_bytes(void *arg, unsigned char *bytes, size_t size)
{
    nb_strbuf_append_n(arg, (const char *)bytes, size);
    return 1;
}

static void emit(struct writer *writer, yaml_event_t *event, int made)
{
    if (!made)
        nb_fatal("out of memory");
    writer->failed = writer->failed || !yaml_emitter_emit(&writer->emitter, event);
}

static void emit_scalar(struct writer *writer, const char *text, yaml_scalar_style_t style)
{
    yaml_event_t event;

    emit(writer, &event,
         yaml_scalar_event_initialize(&event, NULL, NULL, (const yaml_char_t *)text, (int)strlen(text), 1, 1, style));
}

/* Without quotes only what every reader of YAML, of version 1.1 too, takes for a string. */
static bool is_plain(const char *text)
{
    static const char *const words[] = {"y", "n", "yes", "no", "on", "off", "true", "false", "null", NULL};

    if (!isalpha((unsigned char)*text))
        return false;
    for (const char *const *word = words; *word; word++)
        if (strcasecmp(text, *word) == 0)
            return false;
    return text[strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-/@")] == '\0';
}

static void emit_string(struct writer *writer, const char *text)
{
    if (strchr(text, '\n'))
        emit_scalar(writer, text, YAML_LITERAL_SCALAR_STYLE);
    else
        emit_scalar(writer, text, is_plain(text) ? YAML_PLAIN_SCALAR_STYLE : YAML_DOUBLE_QUOTED_SCALAR_STYLE);
}

static bool is_scalar(const json_t *value)
{
    return !json_is_object(value) && !json_is_array(value);
}

/* A short list of scalars stands on one line: [in_app, email]. */
static yaml_sequence_style_t list_style(const json_t *list)
{
    const json_t *item;
    size_t i;

    json_array_foreach(list, i, item) if (!is_scalar(item) || json_string_length(item) > 40 ||
                                          i > 8) return YAML_BLOCK_SEQUENCE_STYLE;
    return YAML_FLOW_SEQUENCE_STYLE;
}

static void emit_value(struct writer *writer, const json_t *value);

static void emit_list(struct writer *writer, const json_t *list, yaml_sequence_style_t style)
{
    yaml_event_t event;
    const json_t *item;
    size_t i;

    emit(writer, &event, yaml_sequence_start_event_initialize(&event, NULL, NULL, 1, style));
    json_array_foreach(list, i, item) emit_value(writer, item);
    emit(writer, &event, yaml_sequence_end_event_initialize(&event));
}

static void emit_object(struct writer *writer, const json_t *object)
{
    yaml_mapping_style_t style = json_object_size(object) > 0 ? YAML_BLOCK_MAPPING_STYLE : YAML_FLOW_MAPPING_STYLE;
    yaml_event_t event;
    const char *name;
    json_t *value;

    emit(writer, &event, yaml_mapping_start_event_initialize(&event, NULL, NULL, 1, style));
    json_object_foreach((json_t *)object, name, value)
    {
        emit_string(writer, name);
        emit_value(writer, value);
    }
    emit(writer, &event, yaml_mapping_end_event_initialize(&event));
}

static void emit_value(struct writer *writer, const json_t *value)
{
    struct nb_strbuf text;

    if (json_is_object(value)) {
        emit_object(writer, value);
    } else if (json_is_array(value)) {
        emit_list(writer, value, list_style(value));
    } else if (json_is_string(value)) {
        emit_string(writer, json_string_value(value));
    } else {
        nb_strbuf_init(&text, 64);
        nb_apply_append_json(&text, value);
        emit_scalar(writer, text.data, YAML_PLAIN_SCALAR_STYLE);
        nb_strbuf_clear(&text);
    }
}

static int write_yaml(struct nb_strbuf *out, const char *kind, const json_t *documents, struct nb_error *err)
{
    struct writer writer = {0};
    yaml_event_t event;

    if (!yaml_emitter_initialize(&writer.emitter))
        nb_fatal("out of memory");
    yaml_emitter_set_output(&writer.emitter, append_bytes, out);
    yaml_emitter_set_unicode(&writer.emitter, 1);
    yaml_emitter_set_width(&writer.emitter, -1);
    emit(&writer, &event, yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING));
    emit(&writer, &event, yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1));
    emit(&writer, &event, yaml_mapping_start_event_initialize(&event, NULL, NULL, 1, YAML_BLOCK_MAPPING_STYLE));
    emit_string(&writer, kind);
    emit_list(&writer, documents, YAML_BLOCK_SEQUENCE_STYLE);
    emit(&writer, &event, yaml_mapping_end_event_initialize(&event));
    emit(&writer, &event, yaml_document_end_event_initialize(&event, 1));
    emit(&writer, &event, yaml_stream_end_event_initialize(&event));
    yaml_emitter_delete(&writer.emitter);
    if (writer.failed)
        return nb_error_set(err, NB_EFAILED, NB_DOMAIN_NONE, "%s cannot be written as YAML", kind);
    return nb_strbuf_check(out, kind, err);
}

/* ---- files ---- */

struct collecting {
    json_t *documents;
    char *bad; /* the key of one that C's JSON cannot hold */
};

static void collect(void *arg, const char *key, const char *document)
{
    struct collecting *collecting = arg;
    json_t *value = NULL;

    if (nb_json_parse(&value, document, strlen(document), NULL) == 0)
        json_array_append_new(collecting->documents, value);
    else if (!collecting->bad)
        collecting->bad = nb_strdup(key);
}

static int make_folder(const char *path, bool replace, struct nb_error *err)
{
    DIR *folder;
    const struct dirent *entry;
    bool is_empty = true;

    if (mkdir(path, 0755) == 0)
        return 0;
    if (errno != EEXIST || !(folder = opendir(path)))
        return nb_error_errno(err, errno, "make the folder %s", path);
    while ((entry = readdir(folder)))
        is_empty = is_empty && entry->d_name[0] == '.';
    closedir(folder);
    if (is_empty || replace)
        return 0;
    nb_error_set(err, NB_EFAILED, NB_DOMAIN_INPUT, "the folder %s has files", path);
    return nb_error_hint(err, "name an empty one, or replace its files with --replace");
}

/* The file of one kind. */
struct kind_file {
    struct nb_strbuf path, text;
    size_t documents;
    bool is_wanted;
};

/* Reads the kind's documents into the text of its file. A kind without documents has one only in place of a file that
 * says otherwise. */
static int read_kind(struct kind_file *file, const struct nb_config *config, const char *folder, bool replace,
                     struct nb_error *err)
{
    struct collecting collecting = {.documents = json_array()};
    struct stat info;
    int rc;

    nb_strbuf_appendf(&file->path, "%s/%s.yaml", folder, config->kind->name);
    if ((rc = nb_strbuf_check(&file->path, "the path", err)) == 0)
        rc = nb_config_list(config, NULL, collect, &collecting, err);
    if (rc == 0 && collecting.bad)
        rc = nb_error_set(err, NB_EFAILED, NB_DOMAIN_INPUT, "%s \"%.100s\" has a number that YAML readers do not hold",
                          config->kind->one, collecting.bad);
    file->documents = json_array_size(collecting.documents);
    file->is_wanted = file->documents > 0 || (replace && stat(file->path.data, &info) == 0);
    if (rc == 0 && file->is_wanted)
        rc = write_yaml(&file->text, config->kind->name, collecting.documents, err);
    free(collecting.bad);
    json_decref(collecting.documents);
    return rc;
}

/* Everything is read before anything is written, so that who may not read it all leaves no half of an export. */
int nb_apply_export(struct nb_connection *connection, const char *tenant, const struct nb_config_kind *kind,
                    const char *path, bool replace, nb_apply_written *written, void *arg, struct nb_error *err)
{
    size_t count;
    const struct nb_config_kind *kinds = nb_config_kinds(&count);
    struct kind_file *files = nb_calloc(count, sizeof(*files));
    int rc = 0;

    for (size_t i = 0; i < count; i++) {
        const struct nb_config config = {.kind = &kinds[i], .connection = connection, .tenant = tenant};

        nb_strbuf_init(&files[i].path, PATH_BYTES);
        nb_strbuf_init(&files[i].text, FILE_MAX);
        if (rc == 0 && (kind ? kind == &kinds[i] : !kinds[i].is_personal))
            rc = read_kind(&files[i], &config, path, replace, err);
    }
    if (rc == 0)
        rc = make_folder(path, replace, err);
    for (size_t i = 0; i < count; i++) {
        if (rc == 0 && files[i].is_wanted &&
            (rc = nb_file_replace(files[i].path.data, files[i].text.data, files[i].text.length, 0644, err)) == 0)
            written(arg, files[i].path.data, files[i].documents);
        nb_strbuf_clear(&files[i].path);
        nb_strbuf_clear(&files[i].text);
    }
    free(files);
    return rc;
}
