#include "mlflow/failure.h"

#include "http/route.h"
#include "test.h"

static struct reply
told(struct scope *s, enum error_kind kind, const struct request *in)
{
    struct reply out = reply_open(s);
    scope_forgive(s);
    fail(s, kind, "why");
    mlflow_failure(s, in, &out);
    return out;
}

TEST(failure_has_the_status_and_the_code_that_the_client_expects)
{
    static const struct {
        enum error_kind kind;
        int status;
        const char *code;
    } cases[] = {
        {ERROR_INPUT, 400, "INVALID_PARAMETER_VALUE"},
        {ERROR_LIMIT, 400, "INVALID_PARAMETER_VALUE"},
        {ERROR_CONFLICT, 400, "RESOURCE_ALREADY_EXISTS"},
        {ERROR_UNKNOWN, 401, "UNAUTHENTICATED"},
        {ERROR_DENIED, 403, "PERMISSION_DENIED"},
        {ERROR_MISSING, 404, "RESOURCE_DOES_NOT_EXIST"},
        {ERROR_METHOD, 405, "ENDPOINT_NOT_FOUND"},
        {ERROR_GATE, 400, "INVALID_STATE"},
        {ERROR_UNSUPPORTED, 501, "NOT_IMPLEMENTED"},
        {ERROR_UNAVAILABLE, 503, "TEMPORARILY_UNAVAILABLE"},
        {ERROR_BUG, 500, "INTERNAL_ERROR"},
    };
    static const struct route route = {0};
    const struct request in = {.path = "/api/2.0/mlflow/runs/get", .route = &route};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct reply got = told(s, cases[i].kind, &in);
        CHECK(got.status == cases[i].status);
        CHECK(strstr(got.body.text, scope_print(s, "{\"error_code\":\"%s\",", cases[i].code)) !=
              NULL);
        CHECK((strstr(got.body.text, "why") == NULL) == (cases[i].kind == ERROR_BUG));
    }
}

TEST(failure_where_there_is_no_route_tells_what_is_unknown_from_what_is_beyond_us)
{
    const struct request unknown = {.path = "/api/2.0/mlflow/nothing"},
                         beyond = {.path = "/api/3.0/mlflow/scorers/list"},
                         similar = {.path = "/api/3.0/mlflow/scorersx"};
    CHECK(strstr(told(s, ERROR_MISSING, &unknown).body.text, "ENDPOINT_NOT_FOUND") != NULL);
    CHECK(strstr(told(s, ERROR_MISSING, &similar).body.text, "ENDPOINT_NOT_FOUND") != NULL);
    CHECK(told(s, ERROR_MISSING, &beyond).status == 501);
}

TEST(failure_says_how_to_sign_in_and_when_to_come_back)
{
    const struct request in = {.path = "/api/2.0/mlflow/runs/get"};
    CHECK_TEXT(told(s, ERROR_UNKNOWN, &in).headers.text,
               "WWW-Authenticate: Basic realm=\"mlflow\"\r\n");
    CHECK_TEXT(told(s, ERROR_UNAVAILABLE, &in).headers.text, "Retry-After: 1\r\n");
}
