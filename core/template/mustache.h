/*
 * mustache.h - Mustache by its specification (the mandatory suites): compiled once, rendered often.
 *
 * Written here because no C library of Debian does it: libmustach is not packaged, the others are C++, and none bounds
 * what a hostile template may cost or says which variables were missing.
 *
 * Beyond the specification, where it leaves the choice:
 * - falsy is what JavaScript calls so: missing, null, false, 0, "" and the empty list;
 * - a list or an object that is interpolated becomes its JSON text;
 * - the lines of a partial that are empty are not indented;
 * - there are no lambdas.
 */
#ifndef NB_TEMPLATE_MUSTACHE_H
#define NB_TEMPLATE_MUSTACHE_H

#include <jansson.h>

#include "base/strbuf.h"

struct nb_mustache;

/* NB_EINVALID where the text is no template; message begins with "line:column: ". text is copied. */
NB_MUSTCHECK int nb_mustache_compile(struct nb_mustache **out, const char *text, size_t length, struct nb_error *err);
void nb_mustache_free(struct nb_mustache **template);

/* Whether a name in it begins with `user`, so that the text differs from person to person. Its partials are not looked
 * at. */
bool nb_mustache_names_user(const struct nb_mustache *template);

enum nb_mustache_escape { NB_ESCAPE_NONE, NB_ESCAPE_HTML };

enum nb_mustache_lack {
    NB_LACK_VARIABLE, /* neither the context nor the defaults have it */
    NB_LACK_PARTIAL,
};

struct nb_mustache_options {
    enum nb_mustache_escape escape; /* of {{name}}; {{{name}}} and {{&name}} are never escaped */
    const json_t *context;
    const json_t *user;     /* what `user` means, whatever the context says; NULL: nothing */
    const json_t *defaults; /* an object by whole name, such as "po.amount"; NULL: none */
    /* Finds a partial: *out is borrowed, NULL where there is none. */
    int (*partial)(void *arg, const struct nb_mustache **out, const char *name, struct nb_error *err);
    /* Called each time something is missing. It renders as nothing. */
    void (*missing)(void *arg, enum nb_mustache_lack lack, const char *name);
    void *arg; /* of both */
};

/* Appends to out, whose limit bounds the result. NB_EINVALID where that or a bound of limits.h is passed; what is in
 * out by then is of no use. */
NB_MUSTCHECK int nb_mustache_render(struct nb_strbuf *out, const struct nb_mustache *template,
                                    const struct nb_mustache_options *options, struct nb_error *err);

/* Parses the context of a template like nb_json_parse(), but keeps every digit of a number: 150000.00 stays that. The
 * value is for rendering only. */
NB_MUSTCHECK int nb_mustache_context(json_t **out, const char *text, size_t length, struct nb_error *err);

/* What a template mentions, in its order. */
enum nb_mustache_use {
    NB_USE_VARIABLE,
    NB_USE_SECTION,
    NB_USE_INVERTED,
    NB_USE_END, /* of the innermost section */
    NB_USE_PARTIAL,
};
typedef void nb_mustache_use_seen(void *arg, enum nb_mustache_use use, const char *name, unsigned line,
                                  unsigned column);
void nb_mustache_uses(const struct nb_mustache *template, nb_mustache_use_seen *seen, void *arg);

#endif
