#include "http/route.h"

#include "db.h"

static bool
say_part(struct scope *s, const struct request *in, struct reply *out)
{
    (void)s;
    buf_text(&out->body, in->parts[0]);
    return true;
}

static bool
break_down(struct scope *s, const struct request *in, struct reply *out)
{
    (void)in;
    buf_text(&out->body, "half an answer");
    return fail(s, ERROR_BUG, "a secret of ours");
}

static const struct route routes[] = {
    {"GET", "/open/{name}", ROLE_PUBLIC, say_part, ""},
    {"POST", "/open/{name}", ROLE_PUBLIC, say_part, ""},
    {"GET", "/closed", ROLE_VIEWER, say_part, "day site"},
    {"GET", "/lenient", ROLE_PUBLIC, say_part, "*"},
    {"GET", "/broken", ROLE_PUBLIC, break_down, ""},
    {0},
};

static struct reply
answer_query(struct scope *s, const char *method, const char *path, const char *query)
{
    struct request in = {.method = method,
                         .path = path,
                         .query = query,
                         .authorization = "",
                         .roles = 0,
                         .id = "r1"};
    static const char *const anywhere[] = {"", NULL};
    static const struct area area = {.prefixes = anywhere, .routes = routes};
    static const struct area *const areas[] = {&area, NULL};
    const struct service service = {.name = "test", .areas = areas, .auth = auth_open(s)};
    struct reply out = reply_open(s);
    route_answer(s, &service, &in, &out);
    return out;
}

static struct reply
answer(struct scope *s, const char *method, const char *path)
{
    return answer_query(s, method, path, "");
}

TEST(route_hands_over_what_stood_for_its_name)
{
    const struct reply got = answer(s, "GET", "/open/pm-2.5_x");
    CHECK(got.status == 200);
    CHECK_TEXT(got.body.text, "pm-2.5_x");
}

TEST(route_that_is_not_there_is_404_whatever_the_path_holds)
{
    static const char *const paths[] = {"/",         "/open",       "/open/",
                                        "/open/a/b", "/open/a%2fb", "/open/\xff"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        struct scope one = {0};
        CHECK(answer(&one, "GET", paths[i]).status == 404);
        scope_close(&one);
    }
}

TEST(route_of_another_method_is_405_and_tells_which_are_allowed)
{
    const struct reply got = answer(s, "DELETE", "/open/x");
    CHECK(got.status == 405);
    CHECK_TEXT(got.headers.text, "Allow: GET, POST\r\n");
    CHECK_TEXT(got.body.text,
               "{\"error\":{\"code\":\"METHOD\",\"message\":\"this address takes GET, "
               "POST\",\"request_id\":\"r1\"}}");
}

TEST(route_answers_head_as_get)
{
    CHECK(answer(s, "HEAD", "/open/x").status == 200);
}

TEST(route_with_a_role_asks_for_a_token)
{
    const struct reply got = answer(s, "GET", "/closed");
    CHECK(got.status == 401);
    CHECK_TEXT(got.headers.text, "WWW-Authenticate: Bearer realm=\"airwatch\"\r\n");
}

TEST(route_refuses_query_values_that_it_does_not_name)
{
    const struct reply got = answer_query(s, "GET", "/open/x", "sites=DEBB053");
    CHECK(got.status == 400);
    CHECK(strstr(got.body.text, "unknown query value \\\"sites\\\": this address takes none") !=
          NULL);
}

TEST(route_may_take_any_query)
{
    CHECK(answer_query(s, "GET", "/lenient", "a=1&b&a").status == 200);
}

TEST(route_looks_at_the_query_behind_the_role)
{
    CHECK(answer_query(s, "GET", "/closed", "sites=DEBB053").status == 401);
}

TEST(route_keeps_the_words_of_a_bug_to_the_log)
{
    const struct reply got = answer(s, "GET", "/broken");
    CHECK(got.status == 500);
    CHECK(strstr(got.body.text, "secret") == NULL);
    CHECK(strstr(got.body.text, "half") == NULL);
}

TEST(reply_head_tells_status_type_length_and_id)
{
    struct reply out = reply_open(s);
    struct buf head = buf_open(s, 100);
    out.status = 201;
    buf_text(&out.body, "{}");
    reply_header(&out, "X-Model-Version", "V1.0.0");

    reply_head(&out, "r1", &head);

    CHECK_TEXT(head.text,
               "Status: 201 Created\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
               "X-Request-Id: r1\r\nX-Model-Version: V1.0.0\r\n\r\n");
}

static bool
say_rest(struct scope *s, const struct request *in, struct reply *out)
{
    (void)s;
    buf_text(&out->body, in->rest);
    return true;
}

static bool
say_principal(struct scope *s, const struct request *in, struct reply *out)
{
    (void)s;
    buf_text(&out->body, in->principal);
    return true;
}

static bool
door_shut(struct scope *s, const struct request *in)
{
    return strcmp(in->host, "evil") != 0 || fail(s, ERROR_DENIED, "not you");
}

static void
words(const struct scope *s, const struct request *in, struct reply *out)
{
    (void)in;
    out->status = error_http_status(s->kind);
    buf_clear(&out->body);
    buf_print(&out->body, "words: %s", s->message);
}

static const struct route raw_routes[] = {
    {"GET", "/files/{path*}", ROLE_PUBLIC, say_rest, "*"},
    {"*", "/any", ROLE_PUBLIC, say_principal, "*"},
    {"GET", "/closed", ROLE_VIEWER, say_principal, "*"},
    {0},
};

// What an area below /v1 and /v2 answers; nginx has decoded `path`, `target` is as it was written.
static struct reply
raw_answer(struct scope *s, const char *method, const char *path, const char *target)
{
    static const char *const prefixes[] = {"/v1", "/v2", NULL}, *const anywhere[] = {"", NULL};
    static const struct area raw = {.prefixes = prefixes,
                                    .routes = raw_routes,
                                    .is_raw = true,
                                    .is_open = true,
                                    .door = door_shut,
                                    .failure = words};
    static const struct area rest = {.prefixes = anywhere, .routes = routes};
    static const struct area *const areas[] = {&raw, &rest, NULL};
    struct request in = {.method = method,
                         .path = path,
                         .target = target,
                         .query = "",
                         .authorization = "",
                         .host = strchr(target, '!') == NULL ? "" : "evil",
                         .id = "r1"};
    const struct service service = {.name = "test", .areas = areas, .auth = auth_open(s)};
    struct reply out = reply_open(s);
    if (strstr(target, "anonymous") != NULL)
        auth_anonymous_set(service.auth, roles_read("viewer"));
    route_answer(s, &service, &in, &out);
    return out;
}

TEST(route_of_an_area_is_found_below_each_of_its_prefixes)
{
    CHECK_TEXT(raw_answer(s, "GET", "/v1/files/a/b", "/v1/files/a/b?c").body.text, "a/b");
    CHECK_TEXT(raw_answer(s, "GET", "/v2/files/a", "/v2/files/a").body.text, "a");
    CHECK(raw_answer(s, "PURGE", "/v1/any", "/v1/any").status == 200);
}

TEST(route_of_a_raw_area_takes_the_path_as_it_was_written)
{
    static const struct {
        const char *target, *rest;
    } cases[] = {{"/v1/files/../x", "../x"},         {"/v1/files/a//b", "a//b"},
                 {"/v1/files/%2e%2e%2fx", "../x"},   {"/v1/files/%252e", "%2e"},
                 {"/v1/files/a+b%20c?d=e", "a+b c"}, {"/v1/files/", ""}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CHECK_TEXT(raw_answer(s, "GET", "/v1/files/x", cases[i].target).body.text, cases[i].rest);
}

TEST(route_of_a_raw_area_refuses_what_is_no_text)
{
    static const char *const targets[] = {"/v1/files/%00", "/v1/files/%",     "/v1/files/%zz",
                                          "/v1/files/%ff", "/%76%31/files/x", "/x/../v1/files/x"};
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
        struct scope one = {0};
        const struct reply got = raw_answer(&one, "GET", "/v1/files/x", targets[i]);
        CHECK(got.status == 400);
        CHECK(strstr(got.body.text, "words: Invalid path") != NULL);
        scope_close(&one);
    }
}

TEST(route_below_a_prefix_fails_in_the_words_of_its_area)
{
    CHECK_TEXT(raw_answer(s, "GET", "/v1/nothing", "/v1/nothing").body.text,
               "words: there is nothing at this address");
    scope_forgive(s);
    const struct reply got = raw_answer(s, "PUT", "/v1/closed", "/v1/closed");
    CHECK(got.status == 405);
    CHECK_TEXT(got.headers.text, "Allow: GET\r\n");
    scope_forgive(s);
    CHECK(strstr(raw_answer(s, "GET", "/v1x/any", "/v1x/any").body.text, "\"error\"") != NULL);
}

TEST(route_asks_the_door_of_its_area_before_anybody_is_asked_who_they_are)
{
    const struct reply got = raw_answer(s, "GET", "/v1/closed", "/v1/closed?!");
    CHECK(got.status == 403);
    CHECK_TEXT(got.body.text, "words: not you");
}

TEST(route_of_an_open_area_takes_who_shows_nothing_as_it_was_told)
{
    CHECK(raw_answer(s, "GET", "/v1/closed", "/v1/closed").status == 401);
    scope_forgive(s);
    CHECK_TEXT(raw_answer(s, "GET", "/v1/closed", "/v1/closed?anonymous").body.text, "anonymous");
    CHECK(raw_answer(s, "GET", "/closed", "/closed?anonymous").status ==
          401); // the rest is not open
}
