#include "api/routes.h"

#include <strings.h>

#include "mlflow/routes.h"
#include "site/asset.h"
#include "test.h"
#include "text/json.h"

static const struct area *const areas[] = {
    &predict_area,          &registry_area,         &metrics_area,         &mlflow_second,
    &mlflow_third,          &mlflow_artifacts,      &mlflow_files,         &mlflow_version,
    &mlflow_artifact_files, &mlflow_artifact_parts, &mlflow_version_files,
};
#define N_AREAS (sizeof areas / sizeof *areas)

static const struct json *
document(struct scope *s)
{
    const struct asset *a = site_assets;
    while (a->name != NULL && strcmp(a->name, "openapi.json") != 0)
        a++;
    CHECK(a->name != NULL);
    const struct json *parsed = json_parse(s, a->bytes, a->size_bytes);
    CHECK(parsed != NULL);
    return parsed;
}

static const struct json *
paths_of(struct scope *s)
{
    const struct json *paths;
    CHECK(json_object(s, document(s), "paths", &paths));
    return paths;
}

// The address of a route as the document writes it: with its area's first prefix, and "{path}" for
// "{path*}".
static const char *
address(struct scope *s, const struct area *area, const struct route *r)
{
    struct buf text = buf_open(s, 64);
    buf_text(&text, area->prefixes[0]);
    for (const char *at = r->path; *at != '\0'; at++)
        if (strncmp(at, "*}", 2) != 0)
            buf_char(&text, *at);
    return text.text;
}

// Tells whether a route answers a method; one of "*" answers those that the document can tell.
static bool
answers(const struct route *r, const char *method)
{
    return strcmp(r->method, "*") == 0 || strcasecmp(r->method, method) == 0;
}

// Does something for each route and each method of its.
typedef void (*visit)(struct scope *s, const struct json *operation, const struct route *r,
                      const char *told);

static void
each_route(struct scope *s, visit one)
{
    static const char *const all[] = {"get", "post", "put", "patch", "delete"};
    const struct json *paths = paths_of(s);
    for (size_t i = 0; i < N_AREAS; i++)
        for (const struct route *r = areas[i]->routes; r->path != NULL; r++)
            for (size_t k = 0; k < 5; k++) {
                if (!answers(r, all[k]))
                    continue;
                const char *where = address(s, areas[i], r);
                const struct json *o = NULL;
                for (const struct json *p = json_first(paths); p != NULL; p = json_next(p))
                    if (strcmp(json_key(p), where) == 0)
                        o = json_find(p, all[k]);
                if (o == NULL)
                    TEST_DIE("%s %s is not in openapi.json", all[k], where);
                one(s, o, r, scope_print(s, "%s %s", all[k], where));
            }
}

static void
role_check(struct scope *s, const struct json *operation, const struct route *r, const char *told)
{
    const char *role;
    const struct json *security;
    CHECK(json_text(s, operation, "x-role", &role));
    if (strcmp(role, role_name(r->role)) != 0)
        TEST_DIE("%s wants %s, not %s", told, role_name(r->role), role);
    CHECK(json_array(s, operation, "security", &security));
    CHECK((json_count(security) == 0) == (r->role == ROLE_PUBLIC));
}

TEST(openapi_tells_every_route_with_its_role)
{
    each_route(s, role_check);
}

// Holds what an operation tells of its query values against the route: "site model"; a route that
// takes any may tell of some.
static void
query_check(struct scope *s, const struct json *operation, const struct route *r, const char *told)
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
    if (strcmp(r->query, "*") != 0 && strcmp(names.text, r->query) != 0)
        TEST_DIE("%s takes \"%s\", not \"%s\"", told, r->query, names.text);
}

TEST(openapi_tells_the_query_values_that_a_route_takes)
{
    each_route(s, query_check);
}

static bool
is_answered(struct scope *s, const char *path, const char *method)
{
    for (size_t i = 0; i < N_AREAS; i++)
        for (const struct route *r = areas[i]->routes; r->path != NULL; r++)
            if (answers(r, method) && strcmp(address(s, areas[i], r), path) == 0)
                return true;
    return false;
}

TEST(openapi_tells_nothing_that_is_no_route)
{
    const struct json *paths = paths_of(s);
    for (const struct json *p = json_first(paths); p != NULL; p = json_next(p))
        for (const struct json *m = json_first(p); m != NULL; m = json_next(m))
            if (!is_answered(s, json_key(p), json_key(m)))
                TEST_DIE("%s %s is told but not answered", json_key(m), json_key(p));
}

TEST(openapi_tells_the_prefixes_that_mean_the_same)
{
    const struct json *told;
    CHECK(json_object(s, document(s), "x-prefixes", &told));
    for (size_t i = 0; i < N_AREAS; i++) {
        const char *const *more = areas[i]->prefixes + 1;
        const struct json *list = NULL;
        for (const struct json *p = json_first(told); p != NULL; p = json_next(p))
            if (strcmp(json_key(p), areas[i]->prefixes[0]) == 0)
                list = p;
        if (areas[i]->routes->path == NULL || more[0] == NULL)
            continue;
        if (list == NULL)
            TEST_DIE("that %s begins %s, too, is not in openapi.json", more[0],
                     areas[i]->prefixes[0]);
        const struct json *one = json_first(list);
        for (; *more != NULL && one != NULL; more++, one = json_next(one))
            CHECK_TEXT(json_as_text(one), *more);
        CHECK(*more == NULL && one == NULL);
    }
}

TEST(openapi_names_each_operation_once)
{
    const struct json *paths = paths_of(s);
    struct buf names = buf_open(s, 4096);
    buf_char(&names, '\n');
    for (const struct json *p = json_first(paths); p != NULL; p = json_next(p))
        for (const struct json *m = json_first(p); m != NULL; m = json_next(m)) {
            const char *id;
            CHECK(json_text(s, m, "operationId", &id));
            if (strstr(names.text, scope_print(s, "\n%s\n", id)) != NULL)
                TEST_DIE("operation \"%s\" is told twice", id);
            buf_print(&names, "%s\n", id);
        }
}

TEST(routes_leave_only_pages_forecasts_health_and_parts_of_uploads_to_anyone)
{
    static const char *const open_to_all[] = {
        "/api/v1/forecast",  "/health",  "/api/v1/health", "/_stcore/health",
        "/api/openapi.json", "/metrics", "/version",
        "/api/2.0/mlflow-artifacts/mpu-part/{upload}/{part}"}; // to who has an upload's id
    for (size_t t = 0; t < N_AREAS; t++)
        for (const struct route *r = areas[t]->routes; r->path != NULL; r++) {
            bool is_open = false;
            for (size_t i = 0; i < sizeof open_to_all / sizeof *open_to_all; i++)
                is_open = is_open || strcmp(open_to_all[i], address(s, areas[t], r)) == 0;
            CHECK((r->role == ROLE_PUBLIC) == is_open);
        }
}
