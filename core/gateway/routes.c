/*
 * routes.c - which routes there are, and the one that a request means.
 */
#include <string.h>

#include "gateway/route.h"

static const struct gateway_route *const tables[] = {
    gateway_process_routes,
    gateway_problem_routes,
    gateway_notification_routes,
};

const struct gateway_route *gateway_route_at(size_t index)
{
    for (size_t i = 0; i < NB_ARRAY_SIZE(tables); i++)
        for (const struct gateway_route *route = tables[i]; route->method; route++)
            if (index-- == 0)
                return route;
    return NULL;
}

/* Whether the path is the route's; keeps what stands for its {…}. */
static bool path_matches(const struct gateway_route *route, struct gateway_request *request)
{
    const char *at = route->path;
    size_t captured = 0;

    memset(request->captured, 0, sizeof(request->captured));
    for (size_t i = 0; i < request->segments.count; i++) {
        const char *segment = request->segments.data[i];
        size_t length;

        if (*at != '/')
            return false;
        length = strcspn(++at, "/");
        if (*at == '{' && *segment && captured < NB_ARRAY_SIZE(request->captured))
            request->captured[captured++] = segment;
        else if (strlen(segment) != length || strncmp(segment, at, length) != 0)
            return false;
        at += length;
    }
    return *at == '\0' || (request->segments.count == 0 && strcmp(at, "/") == 0);
}

/* HEAD is GET without the body, which the server leaves out. */
static bool method_matches(const struct gateway_route *route, const char *method)
{
    return strcmp(route->method, strcmp(method, "HEAD") == 0 ? "GET" : method) == 0;
}

/* Before all "{id}" a word of its own: "unread-count" is no id. */
static bool is_nearer(const struct gateway_route *route, const struct gateway_route *other)
{
    return !other || (!strchr(route->path, '{') && strchr(other->path, '{'));
}

int gateway_route_find(struct gateway_request *request, char **allowed, struct nb_error *err)
{
    const struct gateway_route *route, *found = NULL;
    struct nb_strbuf methods;
    int rc = NB_OK;

    *allowed = NULL;
    nb_strbuf_init(&methods, 256);
    for (size_t i = 0; (route = gateway_route_at(i)); i++) {
        if (!path_matches(route, request))
            continue;
        nb_strbuf_appendf(&methods, "%s%s", methods.length ? ", " : "", route->method);
        if (method_matches(route, request->method) && is_nearer(route, found))
            found = route;
    }
    if (found)
        (void)path_matches(found, request);
    else if (methods.length > 0)
        rc = nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT, "this path knows %s, not %.20s", methods.data,
                          request->method);
    else
        rc = nb_error_set(err, NB_ENOTFOUND, NB_DOMAIN_INPUT, "there is nothing at this path");
    if (methods.length > 0 && !found)
        *allowed = nb_strbuf_take(&methods);
    nb_strbuf_clear(&methods);
    request->route = found;
    return rc;
}
