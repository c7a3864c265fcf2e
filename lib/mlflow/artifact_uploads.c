// Uploads in parts. Parts come back to this server: whoever was told an upload's id may put them,
// as with the signed addresses of other stores.
#include <stdlib.h>
#include <string.h>

#include "app/app.h"
#include "mlflow/artifact_file.h"
#include "mlflow/handlers.h"
#include "mlflow/message.h"
#include "registry/artifact_upload.h"

struct ask { // what the three calls have in common
    const struct message *m;
    const char *path; // of the artifact
};

// The path is the address's folder and the last name of the field "path", which the client fills
// with its own file's.
static bool
ask_read(struct scope *s, const struct request *in, struct ask *out)
{
    const char *folder, *file;
    if (!message_read(s, in, &out->m) || !message_need_text(s, out->m, "path", &file) ||
        !artifact_folder_check(s, in->rest == NULL ? "" : in->rest, &folder))
        return false;
    const char *slash = strrchr(file, '/');
    out->path = artifact_path_join(s, folder, slash == NULL ? file : slash + 1);
    return artifact_path_check(s, out->path) && artifact_permit(s, in, out->path, PERMISSION_EDIT);
}

bool
artifact_upload_create(struct scope *s, const struct request *in, struct reply *out)
{
    struct ask ask;
    int64_t n_parts = 0;
    char id[HASH_TEXT];
    const struct artifact_shelf shelf = artifact_shelf_of(in);
    if (!ask_read(s, in, &ask) || !message_need_int(s, ask.m, "num_parts", &n_parts))
        return false;
    if (*in->host == '\0')
        return fail(s, ERROR_INPUT, "without a Host header parts have no address");
    if (!upload_begin(s, &shelf, ask.path, n_parts, id))
        return false;
    struct json_writer w = reply_json(out);
    json_object_begin(&w);
    json_pair_text(&w, "upload_id", id);
    json_put_key(&w, "credentials");
    json_array_begin(&w);
    for (int64_t i = 1; i <= n_parts; i++) {
        json_object_begin(&w);
        json_pair_text(&w, "url",
                       scope_print(s, "%s://%s/api/2.0/mlflow-artifacts/mpu-part/%s/%lld",
                                   in->is_secure ? "https" : "http", in->host, id, (long long)i));
        json_pair_int(&w, "part_number", i);
        json_put_key(&w, "headers");
        json_object_begin(&w);
        json_object_end(&w);
        json_object_end(&w);
    }
    json_array_end(&w);
    json_object_end(&w);
    return true;
}

bool
artifact_upload_part(struct scope *s, const struct request *in, struct reply *out)
{
    char *end, sha256[HASH_TEXT];
    const struct artifact_shelf shelf = artifact_shelf_of(in);
    const long long part = strtoll(in->parts[1], &end, 10);
    if (*end != '\0')
        return fail(s, ERROR_INPUT, "part \"%s\" is not a number", in->parts[1]);
    if (!upload_part_put(s, &shelf, in->parts[0], part, &in->inlet, sha256))
        return app_store_failed(s);
    reply_header(out, "ETag", scope_print(s, "\"%s\"", sha256));
    return true;
}

// An etag as it was told, or without its quotes.
static const char *
tag_read(struct scope *s, const char *text)
{
    const size_t n = strlen(text);
    return n >= 2 && text[0] == '"' && text[n - 1] == '"' ? scope_copy_n(s, text + 1, n - 2) : text;
}

static bool
parts_read(struct scope *s, const struct message *m, size_t *n, struct upload_part **out)
{
    const struct message *const *list = NULL;
    *n = 0;
    if (!message_list(s, m, "parts", n, &list))
        return false;
    if (*n > UPLOAD_PARTS_MOST)
        return fail(s, ERROR_INPUT, "there are more than %d parts", UPLOAD_PARTS_MOST);
    *out = scope_array(s, *n + 1, sizeof **out);
    for (size_t i = 0; i < *n; i++) {
        struct upload_part *p = &(*out)[i];
        if (!message_need_int(s, list[i], "part_number", &p->part) ||
            !message_need_text(s, list[i], "etag", &p->tag))
            return false;
        p->tag = tag_read(s, p->tag);
    }
    return true;
}

static void
nothing_answer(struct reply *out)
{
    struct json_writer w = reply_json(out);
    json_object_begin(&w);
    json_object_end(&w);
}

bool
artifact_upload_complete(struct scope *s, const struct request *in, struct reply *out)
{
    size_t n;
    struct ask ask;
    const char *id;
    struct upload_part *parts = NULL;
    const struct artifact_shelf shelf = artifact_shelf_of(in);
    if (!ask_read(s, in, &ask) || !message_need_text(s, ask.m, "upload_id", &id) ||
        !parts_read(s, ask.m, &n, &parts))
        return false;
    if (!upload_finish(s, &shelf, id, ask.path, n, parts))
        return app_store_failed(s);
    nothing_answer(out);
    return true;
}

bool
artifact_upload_abort(struct scope *s, const struct request *in, struct reply *out)
{
    struct ask ask;
    const char *id;
    const struct artifact_shelf shelf = artifact_shelf_of(in);
    if (!ask_read(s, in, &ask) || !message_need_text(s, ask.m, "upload_id", &id) ||
        !upload_abandon(s, &shelf, id, ask.path))
        return false;
    nothing_answer(out);
    return true;
}
