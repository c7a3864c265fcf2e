// The proxy of artifacts, and the addresses by which files of runs, models and versions are asked
// for.
#include <string.h>

#include "app/app.h"
#include "mlflow/artifact_file.h"
#include "mlflow/artifacts.sql.h"
#include "mlflow/handlers.h"
#include "mlflow/message.h"

#define UPLOAD_BYTES ((size_t)10 << 20) // of a form of the pages'

static void
nothing_answer(struct reply *out)
{
    struct json_writer w = reply_json(out);
    json_object_begin(&w);
    json_object_end(&w);
}

// ---- the proxy
// -----------------------------------------------------------------------------------

bool
artifact_proxy_list(struct scope *s, const struct request *in, struct reply *out)
{
    const char *path;
    if (!artifact_query(s, in, "path", &path))
        return false;
    path = path == NULL ? "" : path;
    if (!artifact_permit(s, in, path, PERMISSION_READ))
        return false;
    struct json_writer w = reply_json(out);
    json_object_begin(&w);
    if (!artifact_files_write(s, in, path, "", &w))
        return false;
    json_object_end(&w);
    return true;
}

bool
artifact_proxy_get(struct scope *s, const struct request *in, struct reply *out)
{
    return artifact_send(s, in, in->rest, out);
}

bool
artifact_proxy_put(struct scope *s, const struct request *in, struct reply *out)
{
    const struct artifact_shelf shelf = artifact_shelf_of(in);
    if (!artifact_path_check(s, in->rest) || !artifact_permit(s, in, in->rest, PERMISSION_EDIT))
        return false;
    if (!artifact_put_inlet(s, &shelf, in->rest, &in->inlet))
        return app_store_failed(s);
    nothing_answer(out);
    return true;
}

bool
artifact_proxy_delete(struct scope *s, const struct request *in, struct reply *out)
{
    const struct artifact_shelf shelf = artifact_shelf_of(in);
    if (!artifact_permit(s, in, in->rest, PERMISSION_MANAGE) ||
        !artifact_delete(s, &shelf, in->rest))
        return false;
    nothing_answer(out);
    return true;
}

bool
artifact_presigned(struct scope *s, const struct request *in, struct reply *out)
{
    (void)out;
    return artifact_permit(s, in, in->rest, PERMISSION_READ) &&
           fail(s, ERROR_UNSUPPORTED,
                "Multipart download is not supported for the current artifact repository");
}

bool
artifact_presigned_upload(struct scope *s, const struct request *in, struct reply *out)
{
    const struct message *m;
    const char *run_id, *path;
    (void)out;
    return message_read(s, in, &m) && message_need_text(s, m, "run_id", &run_id) &&
           message_need_text(s, m, "path", &path) && permit_run(s, in, run_id, PERMISSION_EDIT) &&
           fail(s, ERROR_INPUT,
                "Presigned upload is not supported for proxied artifacts; put them at "
                "/api/2.0/mlflow-artifacts/artifacts");
}

// ---- by run, logged model and version
// ------------------------------------------------------------

struct root { // of a run's, a logged model's or a version's artifacts
    const char *uri, *path;
};

// The root of what a statement finds by one or two words.
static bool
root_find(struct scope *s, const struct request *in, const struct query *q, const char *what,
          const char *const id[2], struct root *out)
{
    const struct rows *r = db_query(s, in->db, q, id[1] == NULL ? 1 : 2, id);
    if (r == NULL)
        return false;
    if (rows_count(r) == 0)
        return fail(s, ERROR_MISSING, "%s '%.100s' not found", what, id[0]);
    out->uri = rows_text(r, 0, "artifact_uri");
    out->path = artifact_uri_path(s, out->uri);
    return out->path != NULL || fail(s, ERROR_INPUT,
                                     "the artifacts of %s '%.100s' are kept elsewhere, and this "
                                     "server does not open them",
                                     what, id[0]);
}

static bool
root_list(struct scope *s, const struct request *in, const struct root *root, const char *name,
          struct reply *out)
{
    const char *path;
    if (!artifact_query(s, in, name, &path) ||
        !artifact_folder_check(s, path == NULL ? "" : path, &path))
        return false;
    const char *folder = artifact_path_join(s, root->path, path);
    struct json_writer w = reply_json(out);
    json_object_begin(&w);
    json_pair_text(&w, "root_uri", root->uri);
    if (!artifact_permit(s, in, folder, PERMISSION_READ) ||
        !artifact_files_write(s, in, folder, path, &w))
        return false;
    json_object_end(&w);
    return true;
}

static bool
root_send(struct scope *s, const struct request *in, const struct root *root, const char *name,
          struct reply *out)
{
    const char *path;
    if (!artifact_query(s, in, name, &path))
        return false;
    if (path == NULL || *path == '\0')
        return fail(s, ERROR_INPUT, "Missing value for required parameter '%s'", name);
    return artifact_path_check(s, path) &&
           artifact_send(s, in, artifact_path_join(s, root->path, path), out);
}

// The run that a query names, or one of its older name.
static bool
run_root(struct scope *s, const struct request *in, enum permission wanted, struct root *out)
{
    const char *run_id, *older;
    if (!request_query(s, in, "run_id", &run_id) || !request_query(s, in, "run_uuid", &older))
        return false;
    run_id = run_id == NULL || *run_id == '\0' ? older : run_id;
    if (run_id == NULL || *run_id == '\0')
        return fail(s, ERROR_INPUT, "Missing value for required parameter 'run_id'");
    return permit_run(s, in, run_id, wanted) &&
           root_find(s, in, &sql_artifacts_of_run, "Run", (const char *[]){run_id, NULL}, out);
}

bool
artifact_run_list(struct scope *s, const struct request *in, struct reply *out)
{
    struct root root;
    return run_root(s, in, PERMISSION_READ, &root) && root_list(s, in, &root, "path", out);
}

bool
artifact_run_get(struct scope *s, const struct request *in, struct reply *out)
{
    struct root root;
    return run_root(s, in, PERMISSION_READ, &root) && root_send(s, in, &root, "path", out);
}

bool
artifact_run_put(struct scope *s, const struct request *in, struct reply *out)
{
    const char *run_id, *path;
    struct root root;
    const struct artifact_shelf shelf = artifact_shelf_of(in);
    (void)out; // stays empty
    if (!request_query(s, in, "run_uuid", &run_id) || !artifact_query(s, in, "path", &path))
        return false;
    if (run_id == NULL || *run_id == '\0')
        return fail(s, ERROR_INPUT, "Request must specify run_uuid.");
    if (path == NULL || *path == '\0')
        return fail(s, ERROR_INPUT, "Request must specify path.");
    if (!artifact_path_check(s, path))
        return false;
    if (in->body.n > UPLOAD_BYTES)
        return fail(s, ERROR_INPUT, "Artifact size is too large. Max size is 10MB.");
    if (in->body.n == 0)
        return fail(s, ERROR_INPUT, "Request must specify data.");
    if (!run_root(s, in, PERMISSION_EDIT, &root))
        return false;
    path = artifact_path_join(s, root.path, path);
    return artifact_permit(s, in, path, PERMISSION_EDIT) &&
           (artifact_put(s, &shelf, path, in->body) || app_store_failed(s));
}

// Whoever may read a version may not for that read artifacts that it names: those are asked for by
// the experiment that has them.
bool
artifact_version_get(struct scope *s, const struct request *in, struct reply *out)
{
    const struct message *m;
    const char *id[2] = {NULL, NULL};
    int64_t number = 0;
    struct root root;
    if (!message_read(s, in, &m) || !message_need_text(s, m, "name", &id[0]) ||
        !message_need_int(s, m, "version", &number) || !permit_model(s, in, id[0], PERMISSION_READ))
        return false;
    id[1] = db_int(s, number);
    return root_find(s, in, &sql_artifacts_of_version, "Model Version", id, &root) &&
           root_send(s, in, &root, "path", out);
}

bool
artifact_model_list(struct scope *s, const struct request *in, struct reply *out)
{
    struct root root;
    return root_find(s, in, &sql_artifacts_of_model, "Logged model",
                     (const char *[]){in->parts[0], NULL}, &root) &&
           root_list(s, in, &root, "artifact_directory_path", out);
}

bool
artifact_model_get(struct scope *s, const struct request *in, struct reply *out)
{
    struct root root;
    return root_find(s, in, &sql_artifacts_of_model, "Logged model",
                     (const char *[]){in->parts[0], NULL}, &root) &&
           root_send(s, in, &root, "artifact_file_path", out);
}
