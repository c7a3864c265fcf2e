#include "mlflow/failure.h"

#include <string.h>

#include "base/log.h"

struct word {
    int status;
    const char *code;
};

// Tells whether an address that nothing answers is one of MLflow's that is beyond us.
static bool
is_beyond(const struct request *in)
{
    static const char *const families[] = {
        "assessments",   "assistant", "datasets", "demo",          "gateway", "genai",
        "issues",        "jobs",      "judges",   "label-schemas", "prompts", "prompt-optimization",
        "review-queues", "scorer",    "scorers",  "ui-telemetry",  "traces",  "webhooks",
        "workspaces"};
    const char *family = strstr(in->path, "/mlflow/");
    if (family == NULL || in->route != NULL)
        return false;
    family += strlen("/mlflow/");
    const size_t n = strcspn(family, "/");
    for (size_t i = 0; i < sizeof families / sizeof *families; i++)
        if (strlen(families[i]) == n && strncmp(families[i], family, n) == 0)
            return true;
    return false;
}

// source  mlflow/protos/databricks.proto (ErrorCode) and exceptions.py (their statuses)
static struct word
word_of(const struct scope *s, const struct request *in)
{
    switch (s->kind) {
    case ERROR_INPUT:
    case ERROR_USAGE:
    case ERROR_LIMIT:
        return (struct word){400, "INVALID_PARAMETER_VALUE"};
    case ERROR_CONFLICT:
        return (struct word){400, "RESOURCE_ALREADY_EXISTS"};
    case ERROR_GATE:
        return (struct word){400, "INVALID_STATE"};
    case ERROR_UNKNOWN:
        return (struct word){401, "UNAUTHENTICATED"};
    case ERROR_DENIED:
        return (struct word){403, "PERMISSION_DENIED"};
    case ERROR_MISSING:
        if (is_beyond(in))
            return (struct word){501, "NOT_IMPLEMENTED"};
        return (struct word){404,
                             in->route == NULL ? "ENDPOINT_NOT_FOUND" : "RESOURCE_DOES_NOT_EXIST"};
    case ERROR_METHOD:
        return (struct word){405, "ENDPOINT_NOT_FOUND"};
    case ERROR_UNSUPPORTED:
        return (struct word){501, "NOT_IMPLEMENTED"};
    case ERROR_UNAVAILABLE:
        return (struct word){503, "TEMPORARILY_UNAVAILABLE"};
    case ERROR_BUG:
    case ERROR_NONE:
        break;
    }
    return (struct word){500, "INTERNAL_ERROR"};
}

void
mlflow_failure(const struct scope *s, const struct request *in, struct reply *out)
{
    const struct word word = word_of(s, in);
    const char *message = s->message;

    if (s->kind == ERROR_MISSING && is_beyond(in))
        message = scope_print(out->body.s, FAILURE_BEYOND, in->path);
    if (s->kind == ERROR_UNKNOWN) // the client's users look for these words
        message = scope_print(out->body.s, "You are not authenticated: %s", s->message);
    if (s->kind == ERROR_BUG) {
        log_error("request.broke", "request_id=%s message=\"%s\"", in->id, message);
        message = "an error of ours; the server's log has it under this request's X-Request-Id";
    }
    buf_clear(&out->body);
    out->stream = NULL;
    out->status = word.status;
    if (word.status == 401)
        reply_header(out, "WWW-Authenticate", "Basic realm=\"mlflow\"");
    if (word.status == 503)
        reply_header(out, "Retry-After", "1");

    struct json_writer w = reply_json(out);
    json_object_begin(&w);
    json_pair_text(&w, "error_code", word.code);
    json_pair_text(&w, "message", message);
    json_object_end(&w);
}
