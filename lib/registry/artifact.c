#include "registry/artifact.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "registry/artifact.sql.h"
#include "registry/audit.h"
#include "text/json.h"

#define BEYOND_ALL "\xf4\x8f\xbf\xbf" // the last character there is

struct place { // a path, as the table has it
    const char *folder, *name;
    const char *below, *end; // what begins, and ends, the folders below it
};

static struct place
place_of(struct scope *s, const char *path)
{
    const char *slash = strrchr(path, '/');
    const size_t n = slash == NULL ? 0 : (size_t)(slash - path) + 1;
    if (*path == '\0')
        return (struct place){.folder = "", .name = "", .below = "", .end = BEYOND_ALL};
    return (struct place){
        .folder = scope_copy_n(s, path, n),
        .name = scope_copy(s, path + n),
        .below = scope_print(s, "%s/", path),
        .end = scope_print(s, "%s0", path), // "0" follows "/"
    };
}

// Refers to an object, inside a transaction.
static bool
row_put(struct scope *s, const struct artifact_shelf *to, const char *path,
        const struct artifact_file *a)
{
    const struct place p = place_of(s, path);
    const struct rows *r =
        DB_QUERY(s, to->db, &sql_artifact_put, p.folder, p.name, a->key, a->sha256,
                 a->size_bytes < 0 ? NULL : db_int(s, a->size_bytes), to->actor);
    if (r == NULL)
        return explain(s, "could not note artifact \"%s\"", path);
    const char *in_the_way = rows_text(r, 0, "in_the_way");
    if (*in_the_way == '\0')
        return true;
    return fail(s, ERROR_INPUT, "Invalid path: artifact \"%s\" is a %s", path,
                strcmp(in_the_way, p.below) == 0 ? "folder" : "folder's, which is a file");
}

bool
artifact_refer(struct scope *s, const struct artifact_shelf *to, const char *path,
               const struct artifact_file *a)
{
    return artifact_path_check(s, path) && row_put(s, to, path, a);
}

static bool
bytes_take(__attribute__((unused)) struct scope *s, void *context, char *to, size_t room_bytes,
           size_t *n)
{
    struct str *left = context;
    *n = left->n < room_bytes ? left->n : room_bytes;
    memcpy(to, left->at, *n);
    left->at += *n;
    left->n -= *n;
    return true;
}

bool
artifact_keep(struct scope *s, struct store *store, struct str bytes, struct store_kept *out)
{
    const struct inlet from = {bytes_take, &bytes};
    return store_put_inlet(s, store, &from, ARTIFACT_PREFIX, "", out);
}

bool
artifact_hold(struct scope *s, const struct artifact_shelf *to, const struct store_kept *kept)
{
    struct store_about about;
    struct store_kept again;
    if (!db_run(s, to->db, &sql_artifact_hold, 0, NULL))
        return false;
    if (store_stat(s, to->store, kept->key, &about))
        return true;
    if (s->kind != ERROR_MISSING || kept->fd < 0)
        return false;
    scope_forgive(s);
    if (lseek(kept->fd, 0, SEEK_SET) != 0)
        return fail(s, ERROR_UNAVAILABLE, "could not go back to the beginning: %s",
                    strerror(errno));
    return store_put_fd(s, to->store, kept->key, kept->fd, &again);
}

bool
artifact_name(struct scope *s, const struct artifact_shelf *to, const char *path,
              const struct store_kept *kept)
{
    const struct artifact_file a = {kept->key, kept->sha256, kept->size_bytes};
    return artifact_path_check(s, path) && artifact_hold(s, to, kept) && row_put(s, to, path, &a);
}

// In a transaction of its own, which ends with it either way.
static bool
kept_name(struct scope *s, const struct artifact_shelf *to, const char *path,
          const struct store_kept *kept)
{
    struct scope change = {0};
    const bool ok = (db_begin(&change, to->db) && artifact_name(&change, to, path, kept) &&
                     db_commit(&change, to->db)) ||
                    fail_as(s, &change);
    scope_close(&change);
    return ok;
}

bool
artifact_put(struct scope *s, const struct artifact_shelf *to, const char *path, struct str bytes)
{
    struct store_kept kept;
    return artifact_path_check(s, path) && artifact_keep(s, to->store, bytes, &kept) &&
           kept_name(s, to, path, &kept);
}

bool
artifact_put_fd(struct scope *s, const struct artifact_shelf *to, const char *path, int fd)
{
    struct store_kept kept;
    return artifact_path_check(s, path) &&
           store_put_stream(s, to->store, fd, ARTIFACT_PREFIX, "", &kept) &&
           kept_name(s, to, path, &kept);
}

bool
artifact_put_inlet(struct scope *s, const struct artifact_shelf *to, const char *path,
                   const struct inlet *from)
{
    struct store_kept kept;
    return artifact_path_check(s, path) &&
           store_put_inlet(s, to->store, from, ARTIFACT_PREFIX, "", &kept) &&
           kept_name(s, to, path, &kept);
}

// An older training's object has no size in its row yet.
static bool
size_complete(struct scope *s, const struct artifact_shelf *in, const struct place *p,
              const char *key, int64_t *size_bytes)
{
    struct store_about about;
    if (*size_bytes >= 0)
        return true;
    if (!store_stat(s, in->store, key, &about)) {
        if (s->kind != ERROR_MISSING)
            return false;
        scope_forgive(s); // the lake's policy let it go
        *size_bytes = 0;
        return true;
    }
    *size_bytes = about.size_bytes;
    return DB_RUN(s, in->db, &sql_artifact_size_set, p->folder, p->name,
                  db_int(s, about.size_bytes));
}

bool
artifact_find(struct scope *s, const struct artifact_shelf *in, const char *path, bool *is_found,
              bool *is_folder, struct artifact_file *out)
{
    const struct place p = place_of(s, path);
    *is_folder = false;
    if (!artifact_path_check(s, path))
        return false;
    const struct rows *r = DB_QUERY(s, in->db, &sql_artifact_find, p.folder, p.name);
    if (r == NULL)
        return false;
    *is_found = rows_count(r) > 0;
    if (*is_found) {
        *out = (struct artifact_file){rows_text(r, 0, "key"), rows_text(r, 0, "sha256"),
                                      rows_int(r, 0, "size_bytes")};
        return size_complete(s, in, &p, out->key, &out->size_bytes);
    }
    r = DB_QUERY(s, in->db, &sql_artifact_folder_find, p.below, p.end);
    *is_folder = r != NULL && rows_bool(r, 0, "is_there");
    return r != NULL;
}

bool
artifact_list(struct scope *s, const struct artifact_shelf *in, const char *folder, size_t *n,
              struct artifact_entry **out)
{
    if (!artifact_folder_check(s, folder, &folder))
        return false;
    const struct place p = place_of(s, folder);
    const struct rows *r = DB_QUERY(s, in->db, &sql_artifact_list, p.below, p.end);
    if (r == NULL)
        return explain(s, "could not list artifacts in \"%s\"", folder);
    *n = rows_count(r);
    *out = scope_array(s, *n + 1, sizeof **out);
    for (size_t i = 0; i < *n; i++) {
        const struct place at = {.folder = p.below, .name = rows_text(r, i, "name")};
        struct artifact_entry *e = &(*out)[i];
        *e = (struct artifact_entry){at.name, rows_bool(r, i, "is_folder"),
                                     rows_int(r, i, "size_bytes")};
        if (!size_complete(s, in, &at, rows_text(r, i, "key"), &e->size_bytes))
            return false;
    }
    return true;
}

bool
artifact_delete(struct scope *s, const struct artifact_shelf *in, const char *path)
{
    struct buf detail = buf_open(s, 64);
    struct json_writer w = {.out = &detail};
    const struct place p = place_of(s, path);
    if (!artifact_path_check(s, path) || !db_begin(s, in->db))
        return false;
    const struct rows *r =
        DB_QUERY(s, in->db, &sql_artifact_delete, p.folder, p.name, p.below, p.end);
    if (r == NULL)
        return explain(s, "could not delete artifact \"%s\"", path);
    json_object_begin(&w);
    json_pair_int(&w, "files", rows_touched(r));
    json_object_end(&w);
    if (rows_touched(r) > 0 &&
        !audit_add(s, in->db, in->actor, "artifact.deleted", path, detail.text))
        return false;
    return db_commit(s, in->db);
}

bool
artifact_experiment(struct scope *s, struct db *db, const char *path, bool *is_found,
                    int64_t *experiment_id)
{
    const size_t n = strspn(path, "0123456789");
    const bool is_number = n > 0 && n < 19 && (path[n] == '/' || path[n] == '\0');
    const struct rows *r = DB_QUERY(s, db, &sql_artifact_experiment,
                                    is_number ? scope_copy_n(s, path, n) : NULL, path);
    if (r == NULL)
        return false;
    *is_found = rows_count(r) > 0;
    *experiment_id = *is_found ? rows_int(r, 0, "experiment_id") : 0;
    return true;
}
