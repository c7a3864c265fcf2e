#include "http/route.h"

#include <string.h>

#include "base/log.h"
#include "text/url.h"

#define REST_BYTES 4096 // of what a {name*} stands for, before it is decoded

// Takes one part off the path for a {name}, or all that is left for a {name*}. An asterisk that
// fits but cannot be read is a failure of the scope.
static bool
part_take(struct scope *s, const char *name, const char **path, size_t *n_parts, struct request *in)
{
    static const char part[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    if (name[strcspn(name, "}*")] == '*') {
        const size_t n = strlen(*path);
        if (n > REST_BYTES)
            return fail(s, ERROR_INPUT, "Invalid path: it is longer than %d bytes", REST_BYTES);
        if (!url_decode(s, (struct str){*path, n}, false, &in->rest))
            return explain(s, "Invalid path");
        *path += n;
        return true;
    }
    const size_t n = strspn(*path, part);
    if (n == 0 || n >= sizeof in->parts[0] || *n_parts == REQUEST_PARTS)
        return false;
    memcpy(in->parts[*n_parts], *path, n);
    in->parts[(*n_parts)++][n] = '\0';
    *path += n;
    return true;
}

// Matches what is behind the prefix against a pattern and keeps what stood for its {names}.
static bool
path_match(struct scope *s, const char *pattern, const char *path, struct request *in)
{
    size_t n_parts = 0;

    while (*pattern != '\0') {
        if (*pattern != '{') {
            if (*pattern++ != *path++)
                return false;
            continue;
        }
        if (!part_take(s, pattern, &path, &n_parts, in))
            return false;
        pattern = strchr(pattern, '}') + 1;
    }
    return *path == '\0';
}

static bool
method_match(const char *allowed, const char *method)
{
    return strcmp(allowed, method) == 0 || strcmp(allowed, "*") == 0 ||
           (strcmp(allowed, "GET") == 0 && strcmp(method, "HEAD") == 0);
}

// What stands behind a prefix that ends at a slash or with the path; NULL when it is another.
static const char *
prefix_skip(const char *prefix, const char *path)
{
    const size_t n = strlen(prefix);
    if (strncmp(prefix, path, n) != 0 || (path[n] != '\0' && path[n] != '/'))
        return NULL;
    return path + n;
}

static const char *
area_find(const struct service *service, const char *path, const struct area **out)
{
    for (size_t i = 0; service->areas[i] != NULL; i++)
        for (const char *const *p = service->areas[i]->prefixes; *p != NULL; p++) {
            const char *behind = prefix_skip(*p, path);
            if (behind != NULL) {
                *out = service->areas[i];
                return behind;
            }
        }
    return NULL;
}

// The path behind the prefix of a raw area, as the caller wrote it.
static const char *
raw_behind(struct scope *s, const struct request *in)
{
    const char *path = scope_copy_n(s, in->target, strcspn(in->target, "?"));
    for (const char *const *p = in->area->prefixes; *p != NULL; p++) {
        const char *behind = prefix_skip(*p, path);
        if (behind != NULL)
            return behind;
    }
    return fail_null(s, ERROR_INPUT, "Invalid path"); // escapes, dots or slashes before it
}

// Adds the methods that the path would take, and fails.
static bool
method_refuse(struct scope *s, const char *path, struct request *in, struct reply *out)
{
    struct buf allow = buf_open(s, 64);
    for (const struct route *r = in->area->routes; r->path != NULL; r++)
        if (path_match(s, r->path, path, in))
            buf_print(&allow, "%s%s", allow.n == 0 ? "" : ", ", r->method);
    if (s->kind != ERROR_NONE)
        return false;
    if (allow.n == 0)
        return fail(s, ERROR_MISSING, "there is nothing at this address");
    reply_header(out, "Allow", allow.text);
    return fail(s, ERROR_METHOD, "this address takes %s", allow.text);
}

static bool
route_find(struct scope *s, const struct service *service, struct request *in, struct reply *out)
{
    const char *path = area_find(service, in->path, &in->area);
    if (path == NULL)
        return fail(s, ERROR_MISSING, "there is nothing at this address");
    if (in->area->is_raw && (path = raw_behind(s, in)) == NULL)
        return false;
    for (const struct route *r = in->area->routes; r->path != NULL; r++) {
        if (method_match(r->method, in->method) && path_match(s, r->path, path, in)) {
            in->route = r;
            return true;
        }
        if (s->kind != ERROR_NONE)
            return false;
    }
    return method_refuse(s, path, in, out);
}

static bool
run(struct scope *s, const struct service *service, struct request *in, struct reply *out)
{
    if (s->kind != ERROR_NONE || !route_find(s, service, in, out))
        return false;
    if (in->area->door != NULL && !in->area->door(s, in))
        return false;
    // A public page stays public, whatever token is shown with it.
    const struct route *route = in->route;
    if (route->role != ROLE_PUBLIC) {
        if (!auth_identify(s, service->auth, in))
            return false;
        if (in->area->is_open)
            auth_anonymous(service->auth, in);
        if (!auth_demand(s, in, route->role))
            return false;
    }
    return request_query_check(s, in, route->query) &&
           (in->area->is_streamed_in || request_body_read(s, in)) && route->handle(s, in, out);
}

void
route_failure(const struct scope *s, const struct request *in, struct reply *out)
{
    if (in->area != NULL && in->area->failure != NULL)
        in->area->failure(s, in, out);
    else
        reply_failure(s, in->id, out);
}

void
route_answer(struct scope *s, const struct service *service, struct request *in, struct reply *out)
{
    in->app = service->app;
    const bool is_done = run(s, service, in, out);
    if (is_done && s->kind == ERROR_NONE)
        return;
    if (is_done) // a handler has lost the word of a failure: that is no success
        log_error("request.failure_lost", "request_id=%s path=%s", in->id, in->path);
    route_failure(s, in, out);
    log_debug("request.refused", "request_id=%s path=%s kind=%s message=\"%s\"", in->id, in->path,
              error_name(s->kind), s->message);
}

static size_t
area_count(const struct area *area)
{
    size_t n = 0;
    while (area->routes[n].path != NULL)
        n++;
    return n;
}

size_t
route_count(const struct service *service)
{
    size_t n = 0;
    for (size_t i = 0; service->areas[i] != NULL; i++)
        n += area_count(service->areas[i]);
    return n;
}

size_t
route_number(const struct service *service, const struct request *in)
{
    size_t n = 0;
    for (size_t i = 0; service->areas[i] != NULL; i++) {
        if (in->route != NULL && service->areas[i] == in->area)
            return n + (size_t)(in->route - in->area->routes);
        n += area_count(service->areas[i]);
    }
    return n;
}
