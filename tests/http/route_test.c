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
