#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "border/bring.h"
#include "text/url.h"

#define PROXY "mlflow-artifacts:"

// Adds a path with its segments encoded.
static void
path_encode(struct buf *out, const char *path)
{
    for (;;) {
        const size_t n = strcspn(path, "/");
        url_encode(out, scope_copy_n(out->s, path, n));
        if (path[n] == '\0')
            return;
        buf_char(out, '/');
        path += n + 1;
    }
}

// Where a file is to be had: by the proxy where the server has one, else from the server itself,
// which reads its store.
static const char *
file_address(struct scope *s, const struct import_folder *f, const char *path)
{
    struct buf out = buf_open(s, 256);
    if (strncmp(f->location, PROXY, sizeof PROXY - 1) == 0) {
        const char *root = f->location + sizeof PROXY - 1;
        if (root[0] == '/' && root[1] == '/')
            root += 2 + strcspn(root + 2, "/");
        buf_text(&out, "/api/2.0/mlflow-artifacts/artifacts/");
        path_encode(&out, root + strspn(root, "/"));
        buf_char(&out, '/');
        path_encode(&out, path);
    } else if (f->of == IMPORT_RUN) {
        buf_text(&out, "/get-artifact");
        remote_query(&out, "run_uuid", f->id);
        remote_query(&out, "run_id", f->id);
        remote_query(&out, "path", path);
    } else {
        buf_print(&out, "/ajax-api/2.0/mlflow/logged-models/%s/artifacts/files", f->id);
        remote_query(&out, "artifact_file_path", path);
    }
    return out.text;
}

static bool
file_copy_in(struct scope *s, struct import *im, const struct import_folder *f, const char *path,
             int64_t size_bytes)
{
    const char *ours = artifact_path_join(s, f->folder, path);
    struct artifact_file a;
    bool is_found, is_folder;
    int64_t n_bytes;
    if (!artifact_find(s, &im->shelf, ours, &is_found, &is_folder, &a))
        return false;
    if (is_found && a.size_bytes == size_bytes) {
        im->tally->n_same[IMPORT_FILE]++;
        return true;
    }
    FILE *file = tmpfile();
    if (file == NULL)
        return fail(s, ERROR_UNAVAILABLE, "could not make a temporary file");
    const int fd = dup(fileno(file));
    fclose(file);
    if (fd < 0)
        return fail(s, ERROR_UNAVAILABLE, "could not make a temporary file");
    file_defer_close(s, fd);
    if (!remote_bring(s, im->from, file_address(s, f, path), fd, &n_bytes))
        return false;
    if (size_bytes >= 0 && n_bytes != size_bytes)
        return fail(s, ERROR_INPUT, "it has %lld bytes where %lld were told", (long long)n_bytes,
                    (long long)size_bytes);
    if (lseek(fd, 0, SEEK_SET) != 0 || !artifact_put_fd(s, &im->shelf, ours, fd))
        return s->kind != ERROR_NONE ? false
                                     : fail(s, ERROR_UNAVAILABLE, "could not read what came");
    im->tally->n_created[IMPORT_FILE]++;
    im->tally->n_bytes += n_bytes;
    return true;
}

static bool
folder_list(struct scope *s, struct import *im, const struct import_folder *f, const char *below,
            struct remote_answer *out)
{
    struct buf path = buf_open(s, 256);
    if (f->of == IMPORT_RUN) {
        buf_text(&path, "artifacts/list");
        remote_query(&path, "run_uuid", f->id);
        remote_query(&path, "run_id", f->id);
        if (*below != '\0')
            remote_query(&path, "path", below);
    } else {
        buf_print(&path, "logged-models/%s/artifacts/directories", f->id);
        if (*below != '\0')
            remote_query(&path, "artifact_directory_path", below);
    }
    return remote_get(s, im->from, path.text, out);
}

// A folder and those below it, none deeper than a path may be.
static bool
folder_bring(struct scope *s, struct import *im, const struct import_folder *f, const char *below,
             int depth)
{
    struct remote_answer a;
    if (depth > ARTIFACT_PATH_DEPTH)
        return fail(s, ERROR_INPUT, "folders are nested too deeply");
    if (!folder_list(s, im, f, below, &a))
        return false;
    const struct json *files = json_find(a.root, "files");
    for (const struct json *x = files == NULL ? NULL : json_first(files); x != NULL;
         x = json_next(x)) {
        struct scope one = {0};
        const char *path = remote_text(x, "path");
        const struct json *is_dir = json_find(x, "is_dir");
        const bool is_folder =
            is_dir != NULL && json_kind(is_dir) == JSON_BOOL && json_as_bool(is_dir);
        const bool ok =
            (is_folder ? folder_bring(&one, im, f, path, depth + 1)
                       : file_copy_in(&one, im, f, path, remote_int(x, "file_size", -1))) ||
            import_pass(s, im, IMPORT_FILE, scope_print(s, "%s/%s", f->id, path), &one);
        scope_close(&one);
        if (!ok)
            return false;
    }
    return true;
}

bool
import_files(struct scope *s, struct import *im, const struct import_folder *f)
{
    struct scope all = {0};
    const bool ok =
        folder_bring(&all, im, f, "", 0) || import_pass(s, im, IMPORT_FILE, f->id, &all);
    scope_close(&all);
    return ok;
}
