#include "mlflow/failure.h"
#include "mlflow/handlers.h"

// What today's client expects to meet; it parses this as a version.
#define VERSION "3.17.2"

bool
server_version(struct scope *s, const struct request *in, struct reply *out)
{
    (void)s;
    (void)in;
    out->content_type = "text/plain";
    buf_text(&out->body, VERSION);
    return true;
}

bool
server_info(struct scope *s, const struct request *in, struct reply *out)
{
    (void)s;
    (void)in;
    struct json_writer w = reply_json(out);
    json_object_begin(&w);
    json_pair_text(&w, "store_type", "SqlStore");
    json_pair_bool(&w, "trace_archival_enabled", false);
    json_pair_bool(&w, "workspaces_enabled", false);
    json_object_end(&w);
    return true;
}

bool
server_unsupported(struct scope *s, const struct request *in, struct reply *out)
{
    (void)out;
    return fail(s, ERROR_UNSUPPORTED, FAILURE_BEYOND, in->path);
}
