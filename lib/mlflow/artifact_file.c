#include "mlflow/artifact_file.h"

#include <string.h>

#include "app/app.h"
#include "base/log.h"
#include "http/download.h"
#include "http/media.h"

#define INSIDE "/inside/lake/" // nginx has the lake's folder there, for our answers alone

struct artifact_shelf
artifact_shelf_of(const struct request *in)
{
    return (struct artifact_shelf){in->db, app_of(in)->store, in->principal};
}

bool
artifact_permit(struct scope *s, const struct request *in, const char *path, enum permission wanted)
{
    bool is_found;
    int64_t experiment_id;
    const char *checked;
    if (!artifact_folder_check(s, path, &checked) ||
        !artifact_experiment(s, in->db, checked, &is_found, &experiment_id))
        return false;
    // What lies in no experiment is nobody's.
    return is_found ? permit_experiment(s, in, experiment_id, wanted) : permit_manager(s, in);
}

bool
artifact_query(struct scope *s, const struct request *in, const char *name, const char **out)
{
    return request_query_long(s, in, name, ARTIFACT_PATH_BYTES + 1, out) ||
           explain(s, "Invalid path");
}

// What the lake refuses is no mistake of the caller's; what it has lost wakes somebody.
static bool
object_failed(struct scope *s, const struct artifact_file *a)
{
    if (s->kind == ERROR_CONFLICT || s->kind == ERROR_MISSING)
        log_error("artifact.broke", "key=%s reason=\"%s\"", a->key, s->message);
    if (s->kind == ERROR_CONFLICT)
        s->kind = ERROR_UNAVAILABLE;
    return app_store_failed(s);
}

static bool
object_open(struct scope *s, const struct request *in, const struct artifact_file *a,
            struct download *d)
{
    bool is_file;
    struct store *store = app_of(in)->store;
    if (!store_vouch(s, store, a->key, a->sha256, &is_file))
        return object_failed(s, a);
    if (is_file)
        d->address = scope_print(s, INSIDE "%s", a->key);
    const bool is_head = strcmp(in->method, "HEAD") == 0; // none of its bytes are wanted
    return is_file || is_head || store_open_object(s, store, a->key, a->sha256, &d->fd) ||
           object_failed(s, a);
}

bool
artifact_send(struct scope *s, const struct request *in, const char *path, struct reply *out)
{
    bool is_found, is_folder;
    struct artifact_file a;
    const struct artifact_shelf shelf = artifact_shelf_of(in);
    const char *slash = strrchr(path, '/');
    if (!artifact_permit(s, in, path, PERMISSION_READ) ||
        !artifact_find(s, &shelf, path, &is_found, &is_folder, &a))
        return false;
    if (is_folder)
        return fail(s, ERROR_INPUT, "Invalid path: artifact \"%s\" is a folder", path);
    if (!is_found)
        return fail(s, ERROR_MISSING, "No such artifact: '%s'", path);
    struct download d = {.size_bytes = a.size_bytes,
                         .sha256 = a.sha256,
                         .name = slash == NULL ? path : slash + 1,
                         .content_type = media_type(path)};
    struct request whole = *in;
    if (strcmp(in->method, "HEAD") == 0)
        whole.range = ""; // which is a GET's
    return object_open(s, in, &a, &d) && download_answer(s, &whole, &d, out);
}

bool
artifact_files_write(struct scope *s, const struct request *in, const char *folder,
                     const char *above, struct json_writer *w)
{
    size_t n;
    struct artifact_entry *entries;
    const struct artifact_shelf shelf = artifact_shelf_of(in);
    if (!artifact_list(s, &shelf, folder, &n, &entries))
        return false;
    if (n == 0)
        return true;
    json_put_key(w, "files");
    json_array_begin(w);
    for (size_t i = 0; i < n; i++) {
        json_object_begin(w);
        json_pair_text(w, "path", artifact_path_join(s, above, entries[i].name));
        json_pair_bool(w, "is_dir", entries[i].is_folder);
        if (!entries[i].is_folder)
            json_pair_int(w, "file_size", entries[i].size_bytes);
        json_object_end(w);
    }
    json_array_end(w);
    return true;
}
