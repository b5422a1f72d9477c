/*
 * template.h - the templates of the database: loaded, cached, rendered, checked.
 *
 * A set is what one template needs to be rendered for one channel: its texts in every language, and the templates that
 * it takes in as partials. For a recipient of locale pt-BR the text of pt-BR is taken, else that of pt, else default,
 * and where a template has not even that, its first one; for each partial likewise.
 */
#ifndef NB_TEMPLATE_TEMPLATE_H
#define NB_TEMPLATE_TEMPLATE_H

#include <jansson.h>

#include "base/strbuf.h"
#include "base/vec.h"
#include "db/query.h"

struct nb_template_set;

/* NB_ENOTFOUND where there is no such template, or it has no text for the channel. tenant is a UUID. A text that is not
 * Mustache keeps the others from nothing: rendering it fails. */
NB_MUSTCHECK int nb_template_set_load(struct nb_template_set **out, struct nb_connection *connection,
                                      const char *tenant, const char *code, const char *channel, struct nb_error *err);
void nb_template_set_free(struct nb_template_set **set);

/* ---- rendering ---- */

typedef NB_VEC(char *) nb_template_names;

/* A rendered template. */
struct nb_template_text {
    char *subject; /* one line; NULL: the template has none */
    char *body;
    char *html; /* NULL: none */
    nb_template_names cc, bcc;
    const char *locale; /* of the text that was taken; borrowed from the set */
    int version;
    nb_template_names missing;  /* variables without value and default, each once; partials with > in front */
    nb_template_names mistyped; /* declared variables whose value is of another type, each once */
};

/* locale NULL or "": default. context is an object made by nb_mustache_context(); user likewise, what `user` means (NULL:
 * nobody). What is missing renders as nothing. NB_EINVALID where the text is no template or passes a bound: the message
 * names template, channel, locale, part, line and column. Clear out in any case. */
NB_MUSTCHECK int nb_template_render(struct nb_template_text *out, const struct nb_template_set *set, const char *locale,
                                    const json_t *context, const json_t *user, struct nb_error *err);
void nb_template_text_clear(struct nb_template_text *text);

/* Whether what is rendered for the locale may differ from person to person. */
bool nb_template_names_user(const struct nb_template_set *set, const char *locale);
/* Appends which texts are taken for the locale. What is rendered without names of `user` is the same for all locales
 * for which this is the same. */
void nb_template_variant(struct nb_strbuf *out, const struct nb_template_set *set, const char *locale);

/* ---- caching ---- */

/* Sets that were loaded, the least lately used forgotten first. For one thread and any number of connections to one
 * database. */
struct nb_template_cache;

struct nb_template_cache *nb_template_cache_new(size_t most);
void nb_template_cache_free(struct nb_template_cache **cache);
/* The set as it is in the database now: asks for the versions, and loads only what changed. *out is borrowed until the
 * next call. */
NB_MUSTCHECK int nb_template_cache_get(struct nb_template_cache *cache, const struct nb_template_set **out,
                                       struct nb_connection *connection, const char *tenant, const char *code,
                                       const char *channel, struct nb_error *err);
/* For tests: how many sets were loaded since it was made. */
size_t nb_template_cache_loads(const struct nb_template_cache *cache);

/* ---- previewing ---- */

/* What a template is rendered with outside the worker, by an administrator. */
struct nb_template_preview {
    char *tenant;    /* UUID */
    json_t *context; /* as the worker would read it */
    json_t *user;    /* NULL: nobody */
    char *locale;    /* the person's; NULL: none */
};

/* tenant: a name or UUID (NULL: one's own); context: a JSON object as text; person: a name, address or UUID (NULL:
 * nobody). Clear out in any case. */
NB_MUSTCHECK int nb_template_preview_open(struct nb_template_preview *out, struct nb_connection *connection,
                                          const char *tenant, const char *context, const char *person,
                                          struct nb_error *err);
void nb_template_preview_clear(struct nb_template_preview *preview);

/* ---- checking ---- */

enum nb_template_finding {
    NB_FINDING_SYNTAX,     /* not Mustache: what says line and column first */
    NB_FINDING_UNDECLARED, /* a variable that is not declared */
    NB_FINDING_PARTIAL,    /* a partial that is no template */
    NB_FINDING_LOCALE,     /* a text that is missing in a locale */
};

/* where: "texts[1].body_template (email, pt-BR)"; what begins with line and column: "3:14: the tag …". For a locale: the
 * channel, and what is missing. */
typedef void nb_template_found(void *arg, enum nb_template_finding finding, const char *where, const char *what);

/* What is wrong with a template's document, which import_templates() takes. codes: an object whose members are the
 * templates that there are; NULL: partials are not looked for. */
void nb_template_check(const json_t *document, const json_t *codes, nb_template_found *found, void *arg);
/* Only whether its texts are Mustache: NB_EINVALID with the first place where one is not. What else is wrong with the
 * document the database says. */
NB_MUSTCHECK int nb_template_check_syntax(const char *document, size_t length, struct nb_error *err);
const char *nb_template_finding_word(enum nb_template_finding finding);

#endif
