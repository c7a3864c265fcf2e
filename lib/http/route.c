#include "http/route.h"

#include <string.h>

#include "base/log.h"

// Matches one path against a pattern and keeps what stood for its {names}.
static bool
path_match(const char *pattern, const char *path, struct request *in)
{
    static const char part[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    size_t n_parts = 0;

    while (*pattern != '\0') {
        if (*pattern != '{') {
            if (*pattern++ != *path++)
                return false;
            continue;
        }
        const size_t n = strspn(path, part);
        if (n == 0 || n >= sizeof in->parts[0] || n_parts == REQUEST_PARTS)
            return false;
        memcpy(in->parts[n_parts], path, n);
        in->parts[n_parts++][n] = '\0';
        path += n;
        pattern = strchr(pattern, '}') + 1;
    }
    return *path == '\0';
}

static bool
method_match(const char *allowed, const char *method)
{
    return strcmp(allowed, method) == 0 ||
           (strcmp(allowed, "GET") == 0 && strcmp(method, "HEAD") == 0);
}

// Adds the methods that the path would take, and fails.
static bool
method_refuse(struct scope *s, const struct route *routes, struct request *in, struct reply *out)
{
    struct buf allow = buf_open(s, 64);
    for (const struct route *r = routes; r->path != NULL; r++)
        if (path_match(r->path, in->path, in))
            buf_print(&allow, "%s%s", allow.n == 0 ? "" : ", ", r->method);
    if (allow.n == 0)
        return fail(s, ERROR_MISSING, "there is nothing at this address");
    reply_header(out, "Allow", allow.text);
    return fail(s, ERROR_METHOD, "this address takes %s", allow.text);
}

static const struct route *
route_find(struct scope *s, const struct service *service, struct request *in, struct reply *out)
{
    for (const struct route *r = service->routes; r->path != NULL; r++)
        if (method_match(r->method, in->method) && path_match(r->path, in->path, in))
            return r;
    method_refuse(s, service->routes, in, out);
    return NULL;
}

static bool
run(struct scope *s, const struct service *service, const struct route *route, struct request *in,
    struct reply *out)
{
    if (route == NULL)
        return false;
    // A public page stays public, whatever token is shown with it.
    if (route->role != ROLE_PUBLIC &&
        (!auth_identify(s, service->auth, in) || !auth_demand(s, in, route->role)))
        return false;
    return request_query_check(s, in, route->query) && route->handle(s, in, out);
}

const struct route *
route_answer(struct scope *s, const struct service *service, struct request *in, struct reply *out)
{
    in->app = service->app;
    const struct route *route = s->kind == ERROR_NONE ? route_find(s, service, in, out) : NULL;
    if (!run(s, service, route, in, out)) {
        reply_failure(s, in->id, out);
        log_debug("request.refused", "request_id=%s path=%s kind=%s message=\"%s\"", in->id,
                  in->path, error_name(s->kind), s->message);
    }
    return route;
}
