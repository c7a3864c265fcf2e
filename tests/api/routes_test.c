#include "api/routes.h"

#include <strings.h>

#include "site/asset.h"
#include "test.h"
#include "text/json.h"

static const struct route *const tables[] = {predict_routes, registry_routes, metrics_routes};

static const struct json *
document(struct scope *s)
{
    const struct asset *a = site_assets;
    while (a->name != NULL && strcmp(a->name, "openapi.json") != 0)
        a++;
    CHECK(a->name != NULL);
    const struct json *parsed = json_parse(s, a->bytes, a->size_bytes);
    CHECK(parsed != NULL);
    const struct json *paths;
    CHECK(json_object(s, parsed, "paths", &paths));
    return paths;
}

// The method of a path in the document; NULL when it is not told.
static const struct json *
operation_of(const struct json *paths, const char *path, const char *method)
{
    for (const struct json *p = json_first(paths); p != NULL; p = json_next(p))
        for (const struct json *m = json_first(p); m != NULL; m = json_next(m))
            if (strcmp(json_key(p), path) == 0 && strcasecmp(json_key(m), method) == 0)
                return m;
    return NULL;
}

TEST(openapi_tells_every_route_with_its_role)
{
    const struct json *paths = document(s);
    for (size_t t = 0; t < 3; t++)
        for (const struct route *r = tables[t]; r->path != NULL; r++) {
            const char *role;
            const struct json *security;
            const struct json *o = operation_of(paths, r->path, r->method);
            if (o == NULL)
                TEST_DIE("%s %s is not in openapi.json", r->method, r->path);
            CHECK(json_text(s, o, "x-role", &role));
            CHECK_TEXT(role, role_name(r->role));
            CHECK(json_array(s, o, "security", &security));
            CHECK((json_count(security) == 0) == (r->role == ROLE_PUBLIC));
        }
}

// The query values that an operation tells of, "site model"; what takes any tells none.
static const char *
query_of(struct scope *s, const struct json *operation)
{
    struct buf names = buf_open(s, 64);
    const struct json *list = json_find(operation, "parameters");
    const char *name, *in;
    for (const struct json *p = list == NULL ? NULL : json_first(list); p != NULL;
         p = json_next(p)) {
        CHECK(json_text(s, p, "name", &name) && json_text(s, p, "in", &in));
        if (strcmp(in, "query") == 0)
            buf_print(&names, "%s%s", names.n == 0 ? "" : " ", name);
    }
    return names.text;
}

TEST(openapi_tells_the_query_values_that_a_route_takes)
{
    const struct json *paths = document(s);
    for (size_t t = 0; t < 3; t++)
        for (const struct route *r = tables[t]; r->path != NULL; r++)
            CHECK_TEXT(query_of(s, operation_of(paths, r->path, r->method)),
                       strcmp(r->query, "*") == 0 ? "" : r->query);
}

TEST(openapi_tells_nothing_that_is_no_route)
{
    const struct json *paths = document(s);
    for (const struct json *p = json_first(paths); p != NULL; p = json_next(p))
        for (const struct json *m = json_first(p); m != NULL; m = json_next(m)) {
            bool is_found = false;
            for (size_t t = 0; t < 3; t++)
                for (const struct route *r = tables[t]; r->path != NULL; r++)
                    is_found = is_found || (strcmp(r->path, json_key(p)) == 0 &&
                                            strcasecmp(r->method, json_key(m)) == 0);
            if (!is_found)
                TEST_DIE("%s %s is told but not answered", json_key(m), json_key(p));
        }
}

TEST(routes_leave_only_pages_forecasts_and_health_to_anyone)
{
    static const char *const open_to_all[] = {"/api/v1/forecast",  "/health",
                                              "/api/v1/health",    "/_stcore/health",
                                              "/api/openapi.json", "/metrics"};
    for (size_t t = 0; t < 3; t++)
        for (const struct route *r = tables[t]; r->path != NULL; r++) {
            bool is_open = false;
            for (size_t i = 0; i < sizeof open_to_all / sizeof *open_to_all; i++)
                is_open = is_open || strcmp(open_to_all[i], r->path) == 0;
            CHECK((r->role == ROLE_PUBLIC) == is_open);
        }
}
