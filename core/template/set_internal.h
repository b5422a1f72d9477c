/*
 * set_internal.h - a set of templates as loading fills and rendering reads it.
 */
#ifndef NB_TEMPLATE_SET_INTERNAL_H
#define NB_TEMPLATE_SET_INTERNAL_H

#include "template/mustache.h"
#include "template/template.h"

enum part { PART_SUBJECT, PART_BODY, PART_HTML, PART_COUNT };

typedef NB_VEC(struct nb_mustache *) set_addresses;

struct set_text {
    char *locale;
    struct nb_mustache *parts[PART_COUNT]; /* NULL: none */
    set_addresses cc, bcc;
    char *problem; /* why one of them is no template; NULL: all are */
};

/* A template of the set: the one that it is loaded for, or a partial. */
struct set_member {
    char *code;
    int version;       /* 0: there is no such template */
    json_t *variables; /* as declared */
    NB_VEC(struct set_text) texts;
};

struct nb_template_set {
    char *tenant, *code, *channel;
    NB_VEC(struct set_member) members; /* the first is the one that is rendered */
    json_t *defaults;                  /* of all members, by whole name */
};

/* NULL where it is not in the set. */
const struct set_member *nb_template_set_member(const struct nb_template_set *set, const char *code);
/* The text for the locale; NULL where the member has none at all. */
const struct set_text *nb_template_set_text(const struct set_member *member, const char *locale);

#endif
