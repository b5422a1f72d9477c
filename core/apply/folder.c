/*
 * folder.c - reads a folder of configuration files.
 */
#include "apply/folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/json_text.h"
#include "base/text.h"

#define DEPTH_MAX    8
#define FILES_MAX    10000
#define PATH_BYTES   4096
#define DOCUMENT_MAX ((size_t)4 * 1024 * 1024)
#define FILE_SUFFIX  "_file"
#define OWNER        "owner" /* beside the kinds: whose files they are */
#define OWNER_MAX    100     /* bytes */

struct reading {
    struct nb_apply_folder *folder;
    size_t root_length; /* of the folder's path, with the slash behind it */
    size_t files;
    nb_apply_complaint *complaint;
    void *arg;
    bool is_wrong;
};

/* The file that is being read. */
struct file {
    struct reading *reading;
    const char *path;
    const char *name;
    json_t *lines; /* NULL for JSON */
};

static void complain(struct reading *reading, const struct nb_error *err)
{
    reading->is_wrong = true;
    reading->complaint(reading->arg, err);
}

static void complain_at(const struct file *file, const char *pointer, const char *what)
{
    struct nb_error err;
    size_t line = file->lines ? nb_yaml_line(file->lines, pointer) : 0;

    if (line)
        nb_error_set(&err, NB_EINVALID, NB_DOMAIN_INPUT, "%s:%zu: %s", file->name, line, what);
    else
        nb_error_set(&err, NB_EINVALID, NB_DOMAIN_INPUT, "%s: %s%s%s", file->name, pointer, *pointer ? ": " : "", what);
    complain(file->reading, &err);
}

/* ---- JSON text ---- */

static void append_number(struct nb_strbuf *out, double value)
{
    char text[64];

    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof(text), "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            break;
    }
    nb_strbuf_append(out, text);
}

void nb_apply_append_json(struct nb_strbuf *out, const json_t *value)
{
    const char *name, *between = "";
    const json_t *item;
    size_t i;

    switch (json_typeof(value)) {
    case JSON_OBJECT:
        nb_strbuf_append(out, "{");
        json_object_foreach((json_t *)value, name, item)
        {
            nb_strbuf_append(out, between);
            nb_json_append_string(out, name);
            nb_strbuf_append(out, ":");
            nb_apply_append_json(out, item);
            between = ",";
        }
        nb_strbuf_append(out, "}");
        break;
    case JSON_ARRAY:
        nb_strbuf_append(out, "[");
        json_array_foreach(value, i, item)
        {
            nb_strbuf_append(out, i > 0 ? "," : "");
            nb_apply_append_json(out, item);
        }
        nb_strbuf_append(out, "]");
        break;
    case JSON_STRING:
        nb_json_append_string(out, json_string_value(value));
        break;
    case JSON_INTEGER:
        nb_strbuf_appendf(out, "%lld", (long long)json_integer_value(value));
        break;
    case JSON_REAL:
        append_number(out, json_real_value(value));
        break;
    default:
        nb_strbuf_append(out, json_is_null(value) ? "null" : json_is_true(value) ? "true" : "false");
    }
}

/* ---- texts in files of their own ---- */

static bool stays_below(const char *path)
{
    if (*path == '/' || *path == '\0')
        return false;
    for (const char *part = path; part; part = strchr(part, '/') ? strchr(part, '/') + 1 : NULL)
        if (strncmp(part, "..", 2) == 0 && (part[2] == '/' || part[2] == '\0'))
            return false;
    return true;
}

/* A link might lead out of the folder, to a file that only the person who applies may read. before: the length of what
 * is not looked at. */
static bool goes_through_link(char *path, size_t before)
{
    struct stat info;
    bool found = false;

    for (char *end = path + before; *end && !found; end += *end == '/') {
        char behind;

        end += strcspn(end, "/");
        behind = *end;
        *end = '\0';
        found = lstat(path, &info) == 0 && S_ISLNK(info.st_mode);
        *end = behind;
    }
    return found;
}

/* The text of the file beside `file`; NULL where it cannot be read, which is told. */
static json_t *read_text(const struct file *file, const char *beside, const char *pointer)
{
    struct nb_strbuf path, text;
    size_t folder = (size_t)(strrchr(file->path, '/') + 1 - file->path);
    struct nb_error err;
    json_t *value = NULL;
    int rc;

    nb_strbuf_init(&path, PATH_BYTES);
    nb_strbuf_init(&text, DOCUMENT_MAX);
    nb_strbuf_append_n(&path, file->path, folder);
    nb_strbuf_append(&path, beside);
    rc = nb_strbuf_check(&path, "the path", &err);
    if (rc == 0 && goes_through_link(path.data, folder))
        rc = nb_error_set(&err, NB_EINVALID, NB_DOMAIN_INPUT, "%s: a symbolic link is not read", beside);
    if (!stays_below(beside))
        complain_at(file, pointer, "expected the path of a file beside this one, without ..");
    else if (rc != 0 || nb_file_read(&text, path.data, beside, &err) != 0)
        complain_at(file, pointer, err.message);
    else if (text.overflowed || !nb_utf8_valid(text.data, text.length) || memchr(text.data, '\0', text.length))
        complain_at(file, pointer, "the file is too long, not valid UTF-8, or contains a NUL byte");
    else
        value = json_stringn(text.data, text.length);
    nb_strbuf_clear(&text);
    nb_strbuf_clear(&path);
    return value;
}

static void take_texts(const struct file *file, json_t *value, struct nb_strbuf *pointer);

/* The name without _file, where name ends so and the value is a string; NULL otherwise. */
static char *member_of_file(const char *name, const json_t *value)
{
    size_t length = strlen(name), suffix = strlen(FILE_SUFFIX);

    if (!json_is_string(value) || length <= suffix || strcmp(name + length - suffix, FILE_SUFFIX) != 0)
        return NULL;
    return nb_strndup(name, length - suffix);
}

static void take_texts_of_object(const struct file *file, json_t *object, struct nb_strbuf *pointer)
{
    size_t outer = pointer->length;
    const char *name;
    json_t *value;
    void *next;

    json_object_foreach_safe(object, next, name, value)
    {
        char *member = member_of_file(name, value);

        nb_strbuf_appendf(pointer, "/%s", name);
        if (member && json_object_get(object, member)) {
            complain_at(file, pointer->data, "the text stands here too: leave one of the two out");
        } else if (member) {
            json_t *text = read_text(file, json_string_value(value), pointer->data);

            if (text)
                json_object_set_new(object, member, text);
            json_object_del(object, name);
        } else {
            take_texts(file, value, pointer);
        }
        free(member);
        nb_strbuf_truncate(pointer, outer);
    }
}

static void take_texts(const struct file *file, json_t *value, struct nb_strbuf *pointer)
{
    size_t outer = pointer->length;
    json_t *item;
    size_t i;

    if (json_is_object(value))
        take_texts_of_object(file, value, pointer);
    json_array_foreach(value, i, item)
    {
        nb_strbuf_appendf(pointer, "/%zu", i);
        take_texts(file, item, pointer);
        nb_strbuf_truncate(pointer, outer);
    }
}

/* ---- documents ---- */

static void take_document(const struct file *file, const struct nb_config_kind *kind, json_t *value,
                          struct nb_strbuf *pointer)
{
    struct nb_apply_folder *folder = file->reading->folder;
    const char *key = json_string_value(json_object_get(value, kind->key));
    const char *first = key ? nb_apply_file_of(folder, kind, key) : NULL;
    struct nb_apply_document document = {.kind = kind, .lines = file->lines};
    struct nb_strbuf text;

    nb_strbuf_init(&text, PATH_BYTES);
    if (!json_is_object(value))
        nb_strbuf_appendf(&text, "expected a %s: a mapping of its members", kind->one);
    else if (!key)
        nb_strbuf_appendf(&text, "%s: expected a string", kind->key);
    else if (first)
        nb_strbuf_appendf(&text, "the %s \"%.100s\" stands in %s as well", kind->one, key, first);
    if (text.length > 0) {
        complain_at(file, pointer->data, text.data);
        nb_strbuf_clear(&text);
        return;
    }
    nb_strbuf_clear(&text);
    take_texts(file, value, pointer);
    nb_strbuf_init(&text, DOCUMENT_MAX);
    nb_apply_append_json(&text, value);
    document.key = nb_strdup(key);
    document.text = nb_strbuf_take(&text);
    document.file = nb_strdup(file->name);
    document.pointer = nb_strdup(pointer->data);
    nb_vec_push(&folder->documents, document);
    if (!json_object_get(folder->files, kind->name))
        json_object_set_new(folder->files, kind->name, json_object());
    json_object_set_new(json_object_get(folder->files, kind->name), key, json_string(file->name));
}

static void unknown_kind(const struct file *file, const char *name, const char *pointer)
{
    struct nb_strbuf text;
    size_t count;
    const struct nb_config_kind *kinds = nb_config_kinds(&count);

    nb_strbuf_init(&text, PATH_BYTES);
    nb_strbuf_appendf(&text, "there is no kind \"%.100s\": expected one of", name);
    for (size_t i = 0; i < count; i++)
        nb_strbuf_appendf(&text, "%s %s", i > 0 ? "," : "", kinds[i].name);
    complain_at(file, pointer, text.data);
    nb_strbuf_clear(&text);
}

static void take_owner(const struct file *file, const json_t *value)
{
    struct nb_apply_folder *folder = file->reading->folder;
    const char *name = json_string_value(value);
    struct nb_strbuf text;

    if (!name || !*name || strlen(name) > OWNER_MAX) {
        complain_at(file, "/owner", "owner: expected a name of at most 100 bytes");
    } else if (folder->owner && strcmp(folder->owner, name) != 0) {
        nb_strbuf_init(&text, PATH_BYTES);
        nb_strbuf_appendf(&text, "the owner of another file is \"%s\"", folder->owner);
        complain_at(file, "/owner", text.data);
        nb_strbuf_clear(&text);
    } else if (!folder->owner) {
        folder->owner = nb_strdup(name);
    }
}

static void take_file(const struct file *file, json_t *value)
{
    struct nb_strbuf pointer;
    const char *name;
    json_t *list, *item;
    size_t i;

    if (value && !json_is_object(value)) {
        complain_at(file, "", "expected kinds with their documents, such as \"rules:\" and a list");
        return;
    }
    nb_strbuf_init(&pointer, PATH_BYTES);
    json_object_foreach(value, name, list)
    {
        const struct nb_config_kind *kind = nb_config_kind_find(name);

        if (strcmp(name, OWNER) == 0) {
            take_owner(file, list);
            continue;
        }
        nb_strbuf_reset(&pointer);
        nb_strbuf_appendf(&pointer, "/%s", name);
        if (!kind)
            unknown_kind(file, name, pointer.data);
        else if (!json_is_array(list) && !json_is_null(list))
            complain_at(file, pointer.data, "expected a list of documents");
        json_array_foreach(kind ? list : NULL, i, item)
        {
            nb_strbuf_reset(&pointer);
            nb_strbuf_appendf(&pointer, "/%s/%zu", name, i);
            take_document(file, kind, item, &pointer);
        }
    }
    nb_strbuf_clear(&pointer);
}

/* ---- files ---- */

static bool has_suffix(const char *name, const char *suffix)
{
    size_t length = strlen(name), of = strlen(suffix);

    return length > of && strcmp(name + length - of, suffix) == 0;
}

static void read_file(struct reading *reading, const char *path)
{
    struct file file = {.reading = reading, .path = path, .name = path + reading->root_length};
    struct nb_strbuf text;
    struct nb_error err;
    json_t *value = NULL;
    int rc;

    nb_strbuf_init(&text, NB_YAML_FILE_MAX);
    rc = nb_file_read(&text, path, file.name, &err);
    if (rc == 0 && text.overflowed)
        rc = nb_error_set(&err, NB_EINVALID, NB_DOMAIN_INPUT, "%s: longer than %zu bytes", file.name, NB_YAML_FILE_MAX);
    else if (rc == 0 && has_suffix(path, ".json")) {
        struct nb_error bad;

        if ((rc = nb_json_parse(&value, text.data, text.length, &bad)) != 0)
            nb_error_set(&err, rc, NB_DOMAIN_INPUT, "%s: %s", file.name, bad.message);
    } else if (rc == 0) {
        rc = nb_yaml_parse(&value, &file.lines, text.data, text.length, file.name, &err);
        json_array_append_new(reading->folder->lines, file.lines);
    }
    if (rc == 0)
        take_file(&file, value);
    else
        complain(reading, &err);
    json_decref(value);
    nb_strbuf_clear(&text);
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static int read_folder(struct reading *reading, const char *path, int depth, struct nb_error *err);

static int read_entry(struct reading *reading, const char *path, int depth, struct nb_error *err)
{
    struct nb_error problem;
    struct stat info;

    if (lstat(path, &info) != 0)
        return nb_error_errno(err, errno, "%s", path);
    if (S_ISDIR(info.st_mode))
        return read_folder(reading, path, depth + 1, err);
    if (!has_suffix(path, ".yaml") && !has_suffix(path, ".yml") && !has_suffix(path, ".json"))
        return 0;
    if (S_ISLNK(info.st_mode)) {
        nb_error_set(&problem, NB_EINVALID, NB_DOMAIN_INPUT, "%s: a symbolic link is not read",
                     path + reading->root_length);
        complain(reading, &problem);
        return 0;
    }
    if (++reading->files > FILES_MAX)
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "the folder has more than %d files", FILES_MAX);
    read_file(reading, path);
    return 0;
}

static int read_folder(struct reading *reading, const char *path, int depth, struct nb_error *err)
{
    struct dirent **entries = NULL;
    int rc = 0, count;

    if (depth > DEPTH_MAX)
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "%s: folders are nested more than %d deep", path,
                            DEPTH_MAX);
    if ((count = scandir(path, &entries, is_visible, alphasort)) < 0) {
        int errnum = errno;

        rc = nb_error_errno(err, errnum, "open the folder %s", path);
        return errnum == ENOENT && err ? (err->code = NB_ENOTFOUND) : rc;
    }
    for (int i = 0; i < count; i++) {
        struct nb_strbuf inner;

        nb_strbuf_init(&inner, PATH_BYTES);
        nb_strbuf_appendf(&inner, "%s%s%s", path, has_suffix(path, "/") ? "" : "/", entries[i]->d_name);
        if (rc == 0 && (rc = nb_strbuf_check(&inner, "a file's path", err)) == 0)
            rc = read_entry(reading, inner.data, depth, err);
        nb_strbuf_clear(&inner);
        free(entries[i]);
    }
    free(entries);
    return rc;
}

/* Kinds in the order of their table; a stable sort, so documents stay in the order of their files. */
static void sort_by_kind(struct nb_apply_folder *folder)
{
    struct nb_apply_folder sorted = {.lines = folder->lines, .files = folder->files, .owner = folder->owner};
    size_t count;
    const struct nb_config_kind *kinds = nb_config_kinds(&count);

    for (size_t kind = 0; kind < count; kind++)
        for (size_t i = 0; i < folder->documents.count; i++)
            if (folder->documents.data[i].kind == &kinds[kind])
                nb_vec_push(&sorted.documents, folder->documents.data[i]);
    nb_vec_clear(&folder->documents);
    *folder = sorted;
}

int nb_apply_read(struct nb_apply_folder **out, const char *path, nb_apply_complaint *complaint, void *arg,
                  struct nb_error *err)
{
    struct nb_apply_folder *folder = nb_calloc(1, sizeof(*folder));
    struct reading reading = {.folder = folder, .complaint = complaint, .arg = arg};
    int rc;

    folder->lines = json_array();
    folder->files = json_object();
    reading.root_length = strlen(path) + !has_suffix(path, "/");
    rc = read_folder(&reading, path, 0, err);
    if (rc == 0 && reading.is_wrong) {
        rc = nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "the files of %s are not in order", path);
        nb_error_hint(err, "nothing was changed; correct them first");
    }
    sort_by_kind(folder);
    if (rc != 0)
        nb_apply_folder_free(&folder);
    *out = folder;
    return rc;
}

void nb_apply_folder_free(struct nb_apply_folder **folder)
{
    struct nb_apply_folder *it = *folder;

    if (!it)
        return;
    for (size_t i = 0; i < it->documents.count; i++) {
        free(it->documents.data[i].key);
        free(it->documents.data[i].text);
        free(it->documents.data[i].file);
        free(it->documents.data[i].pointer);
    }
    nb_vec_clear(&it->documents);
    json_decref(it->lines);
    json_decref(it->files);
    free(it->owner);
    nb_free(folder);
}

const char *nb_apply_file_of(const struct nb_apply_folder *folder, const struct nb_config_kind *kind, const char *key)
{
    return json_string_value(json_object_get(json_object_get(folder->files, kind->name), key));
}

/* "texts[0].locale: …" is "/texts/0/locale". */
static void append_path(struct nb_strbuf *pointer, const char *what)
{
    size_t length = strcspn(what, ": ");

    if (what[length] != ':')
        return;
    nb_strbuf_append(pointer, "/");
    for (size_t i = 0; i < length; i++)
        if (what[i] == '.' || what[i] == '[')
            nb_strbuf_append(pointer, "/");
        else if (what[i] != ']')
            nb_strbuf_append_char(pointer, what[i]);
}

int nb_apply_refuse(const struct nb_apply_document *document, const char *what, const char *hint, struct nb_error *err)
{
    struct nb_strbuf pointer;
    size_t line;

    nb_strbuf_init(&pointer, PATH_BYTES);
    nb_strbuf_append(&pointer, document->pointer);
    append_path(&pointer, what);
    line = document->lines ? nb_yaml_line(document->lines, pointer.data) : 0;
    if (line)
        nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "%s:%zu: %s \"%.100s\": %s", document->file, line,
                     document->kind->one, document->key, what);
    else
        nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "%s: %s \"%.100s\": %s", document->file, document->kind->one,
                     document->key, what);
    nb_strbuf_clear(&pointer);
    if (hint && *hint)
        nb_error_hint(err, "%s", hint);
    return NB_EINVALID;
}
