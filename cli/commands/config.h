/*
 * config.h - the commands that every kind of configuration has: list, show, export, import, delete. The group's name is
 * the kind's (config/kind.h); a kind's file has its columns, its table of commands, and what else it can do.
 */
#ifndef CLI_CONFIG_H
#define CLI_CONFIG_H

#include "cli/frame/command.h"
#include "cli/rows/listing.h"
#include "config/documents.h"

/* A column of the list: a member of the document. Lists are joined by commas. */
struct config_column {
    struct listing_column column;
    const char *member;
    const char *of;         /* for a list of objects: this member of each, every value once; NULL: the items */
    bool is_key;            /* drawn strong */
    const char *when_empty; /* instead of an empty list; NULL: nothing */
    const char *alarm;      /* the value that is drawn as an alarm; NULL: none */
};

struct config_view {
    const char *kind;
    const struct config_column *columns;
    size_t count;
    /* What refuses a document before it is sent (struct nb_config); NULL: nothing. */
    int (*check)(const char *document, size_t length, struct nb_error *err);
};

/* One line for each kind: config.c lists them. */
extern const struct config_view config_view_users;       /* users.c */
extern const struct config_view config_view_groups;      /* users.c */
extern const struct config_view config_view_devices;     /* users.c */
extern const struct config_view config_view_endpoints;   /* endpoints.c */
extern const struct config_view config_view_addresses;   /* users.c */
extern const struct config_view config_view_rules;       /* rules.c */
extern const struct config_view config_view_event_types; /* event_types.c */
extern const struct config_view config_view_heartbeats;  /* heartbeats.c */
extern const struct config_view config_view_windows;     /* windows.c */
extern const struct config_view config_view_templates;   /* templates.c */
extern const struct config_view config_view_types;       /* types.c */

/* Connects as who may configure and names what: in the local cluster as its administrator unless a token is given. */
NB_MUSTCHECK int config_open(struct nb_config *out, struct command_call *call, bool to_write, struct nb_error *err);

int config_list(struct command_call *call, struct nb_error *err);
int config_show(struct command_call *call, struct nb_error *err);
int config_export(struct command_call *call, struct nb_error *err);
int config_delete(struct command_call *call, struct nb_error *err);
int config_import(struct command_call *call, struct nb_error *err); /* config_import.c */

/* config_file.c: the documents of a file, one after the other. */
struct config_file;
struct config_file_item {
    size_t line;      /* where it begins */
    const char *text; /* until the next call */
    size_t length;
    struct nb_error refused; /* its code is set where the file has no document there */
};
/* format: ndjson, csv or yaml; NULL: what the file's name says. */
NB_MUSTCHECK int config_file_open(struct config_file **out, const struct nb_config_kind *kind, const char *path,
                                  const char *format, struct nb_error *err);
/* 1: item is the next one; 0: there is none any more. */
NB_MUSTCHECK int config_file_next(struct config_file *file, struct config_file_item *item, struct nb_error *err);
bool config_file_rewinds(const struct config_file *file); /* it can be read twice */
void config_file_rewind(struct config_file *file);
int64_t config_file_bytes(const struct config_file *file); /* read so far */
int64_t config_file_total(const struct config_file *file); /* < 0: unknown */
void config_file_free(struct config_file **file);

extern const struct command_option config_import_options[];

/* What refuses a document of the kind before it is sent; NULL: nothing. */
typedef int config_check(const char *document, size_t length, struct nb_error *err);
config_check *config_check_of(const struct nb_config_kind *kind);

/* config_difference.c: "+ key", "~ key" with its members below, "- key"; and {"member": {"from": …, "to": …}, …}. */
void config_difference_print(struct output *output, const char *key, const char *change, const char *before,
                             const char *after);
json_t *config_difference_members(const char *before, const char *after);

/* The five commands for the table of a group. KEY: the argument that names one ("TYPE"); many: "types"; one: "a type";
 * members: "type, module, …"; more: what else the help of import says; kept: what a delete says of what stays. */
#define CONFIG_COMMANDS(KEY, many, one, list_about, members, more, delete_about)                                       \
    {"list",                                                                                                           \
     "",                                                                                                               \
     .summary = "list the " many,                                                                                      \
     .description = list_about " With --json one object a line, as export writes it.",                                 \
     .is_default = true,                                                                                               \
     .run = config_list},                                                                                              \
        {"show", KEY, .summary = "print " one " as JSON", .run = config_show},                                         \
        {"export", "", .summary = "write the " many " to standard output, one JSON object a line",                     \
         .description = "What import reads: " members ".", .run = config_export},                                      \
        {"import",                                                                                                     \
         "FILE",                                                                                                       \
         .summary = "add and change " many " from a file of them (- for standard input)",                              \
         .description =                                                                                                \
             "A line each, as export writes them; or a list as JSON or YAML. "                                         \
             "What is there already becomes what its line says; what a line leaves out has its default. Prints a "     \
             "line for each: its number, its name, and added, changed or same. What is wrong with a line is told "     \
             "with its number, and keeps no other out.\n"                                                              \
             "On a terminal it shows first what would change, member by member, and asks; --dry-run only shows "       \
             "it. " more,                                                                                              \
         .options = config_import_options,                                                                             \
         .run = config_import},                                                                                        \
    {                                                                                                                  \
        "delete", KEY, .summary = delete_about, .run = config_delete                                                   \
    }

#endif
