#include "registry/artifact_upload.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/chance.h"
#include "base/log.h"
#include "registry/artifact_upload.sql.h"

#define PARTS_PREFIX "artifacts/mlflow-parts"
#define DELETE_BATCH 16 // parts that go while those who refer to objects wait

struct upload {
    char name[HASH_TEXT]; // in the tables: the hash of its id
    const char *path;
    int64_t n_parts;
    bool is_over;
};

static bool
none_of_it(struct scope *s)
{
    return fail(s, ERROR_MISSING, "there is no upload of this id under way for this path");
}

// Finds an upload; `path` is what it should be for, NULL where only the id is known.
static bool
upload_find(struct scope *s, const struct artifact_shelf *in, const char *id, const char *path,
            bool *is_found, struct upload *out)
{
    *out = (struct upload){0};
    hash_bytes(id, strlen(id), out->name);
    const struct rows *r = DB_QUERY(s, in->db, &sql_artifact_upload_find, out->name);
    if (r == NULL)
        return false;
    *is_found = rows_count(r) > 0;
    if (!*is_found)
        return true;
    out->path = rows_text(r, 0, "path");
    out->n_parts = rows_int(r, 0, "n_parts");
    out->is_over = rows_bool(r, 0, "is_over");
    return path == NULL || strcmp(path, out->path) == 0 || none_of_it(s);
}

bool
upload_begin(struct scope *s, const struct artifact_shelf *to, const char *path, int64_t n_parts,
             char id[HASH_TEXT])
{
    unsigned char secret[HASH_BYTES];
    char name[HASH_TEXT];
    if (!artifact_path_check(s, path))
        return false;
    if (n_parts < 1 || n_parts > UPLOAD_PARTS_MOST)
        return fail(s, ERROR_INPUT,
                    "Invalid value for parameter 'num_parts': %lld is not from 1 to %d",
                    (long long)n_parts, UPLOAD_PARTS_MOST);
    chance_secret(secret, sizeof secret);
    hash_hex(secret, id);
    hash_bytes(id, HASH_TEXT - 1, name);
    return DB_RUN(s, to->db, &sql_artifact_upload_begin, name, path, db_int(s, n_parts), to->actor);
}

// Refers to a part, unless the upload has ended meanwhile.
static bool
part_note(struct scope *s, const struct artifact_shelf *to, const char *name, int64_t part,
          const struct store_kept *kept)
{
    const struct rows *r = NULL;
    if (db_begin(s, to->db) && artifact_hold(s, to, kept))
        r = DB_QUERY(s, to->db, &sql_artifact_part_put, name, db_int(s, part), kept->key,
                     kept->sha256, db_int(s, kept->size_bytes));
    if (r == NULL)
        return false;
    return rows_touched(r) > 0 ? db_commit(s, to->db) : none_of_it(s);
}

bool
upload_part_put(struct scope *s, const struct artifact_shelf *to, const char *id, int64_t part,
                const struct inlet *from, char sha256[HASH_TEXT])
{
    bool is_found;
    struct upload u;
    struct store_kept kept;
    if (!upload_find(s, to, id, NULL, &is_found, &u))
        return false;
    if (!is_found || u.is_over)
        return none_of_it(s);
    if (part < 1 || part > u.n_parts)
        return fail(s, ERROR_INPUT, "part %lld is not from 1 to %lld", (long long)part,
                    (long long)u.n_parts);
    if (!store_put_inlet(s, to->store, from, PARTS_PREFIX, "", &kept))
        return false;
    memcpy(sha256, kept.sha256, HASH_TEXT);
    return part_note(s, to, u.name, part, &kept);
}

// ---- joining
// -------------------------------------------------------------------------------------

struct chain { // parts, read one after the other
    const struct artifact_shelf *in;
    const struct rows *parts;
    size_t at; // the next one to open
    int fd;    // of the one that is open; -1: none
    struct scope one;
};

static void
chain_close(void *thing)
{
    struct chain *c = thing;
    scope_close(&c->one);
}

static bool
chain_open_next(struct scope *s, struct chain *c)
{
    scope_close(&c->one);
    return store_open_object(&c->one, c->in->store, rows_text(c->parts, c->at, "key"),
                             rows_text(c->parts, c->at, "sha256"), &c->fd) ||
           fail_as(s, &c->one);
}

static bool
chain_take(struct scope *s, void *context, char *to, size_t room_bytes, size_t *n)
{
    struct chain *c = context;
    for (;;) {
        const ssize_t got = c->fd < 0 ? 0 : read(c->fd, to, room_bytes);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return fail(s, ERROR_UNAVAILABLE, "could not read a part: %s", strerror(errno));
        *n = (size_t)got;
        if (got > 0 || c->at == rows_count(c->parts))
            return true;
        if (!chain_open_next(s, c))
            return false;
        c->at++;
    }
}

static bool
parts_compare(struct scope *s, const struct upload *u, const struct rows *r, size_t n,
              const struct upload_part parts[])
{
    for (size_t i = 0; i < (size_t)u->n_parts; i++) {
        const int64_t due = (int64_t)i + 1;
        if (i >= n || parts[i].part != due)
            return fail(s, ERROR_INPUT, "part %lld is not in its place among the parts to join",
                        (long long)due);
        if (i >= rows_count(r) || rows_int(r, i, "part") != due)
            return fail(s, ERROR_INPUT, "part %lld has not been put", (long long)due);
        if (strcmp(rows_text(r, i, "sha256"), parts[i].tag) != 0)
            return fail(s, ERROR_INPUT, "part %lld has been put with another etag", (long long)due);
    }
    return n == (size_t)u->n_parts ||
           fail(s, ERROR_INPUT, "there are %zu parts to join, not %lld", n, (long long)u->n_parts);
}

// Names what was joined and forgets the parts, in one transaction.
static const struct rows *
upload_end(struct scope *s, const struct artifact_shelf *to, const struct upload *u,
           const struct store_kept *kept)
{
    const struct rows *gone = NULL;
    if (db_begin(s, to->db) && artifact_name(s, to, u->path, kept) &&
        DB_RUN(s, to->db, &sql_artifact_upload_finish, u->name, kept->sha256))
        gone = DB_QUERY(s, to->db, &sql_artifact_parts_forget, u->name);
    return gone != NULL && db_commit(s, to->db) ? gone : NULL;
}

static bool
objects_drop(struct scope *s, const struct artifact_shelf *in, const struct rows *gone, size_t from)
{
    if (!db_begin(s, in->db) || !db_run(s, in->db, &sql_artifact_objects_lock, 0, NULL))
        return false;
    for (size_t i = from; i < rows_count(gone) && i < from + DELETE_BATCH; i++) {
        const char *key = rows_text(gone, i, "key");
        const struct rows *r = DB_QUERY(s, in->db, &sql_artifact_is_kept, key);
        if (r == NULL || (!rows_bool(r, 0, "is_kept") && !store_delete(s, in->store, key)))
            return false;
    }
    return db_commit(s, in->db);
}

// Deletes the objects of parts that nothing refers to any more. What cannot be deleted now is the
// lake's upkeep's.
static void
parts_drop(const struct artifact_shelf *in, const struct rows *gone)
{
    bool is_done = true;
    for (size_t i = 0; is_done && i < rows_count(gone); i += DELETE_BATCH) {
        struct scope some = {0};
        is_done = objects_drop(&some, in, gone, i);
        if (!is_done)
            log_warn("artifact.parts_left", "reason=\"%s\"", some.message);
        scope_close(&some);
    }
}

bool
upload_finish(struct scope *s, const struct artifact_shelf *to, const char *id, const char *path,
              size_t n, const struct upload_part parts[])
{
    bool is_found;
    struct upload u;
    struct store_kept kept;
    if (!upload_find(s, to, id, path, &is_found, &u))
        return false;
    if (!is_found)
        return none_of_it(s);
    if (u.is_over)
        return true;
    struct chain *chain = scope_alloc(s, sizeof *chain);
    *chain = (struct chain){.in = to, .fd = -1};
    scope_defer(s, chain_close, chain);
    chain->parts = DB_QUERY(s, to->db, &sql_artifact_parts, u.name);
    const struct inlet from = {chain_take, chain};
    if (chain->parts == NULL || !parts_compare(s, &u, chain->parts, n, parts) ||
        !store_put_inlet(s, to->store, &from, ARTIFACT_PREFIX, "", &kept))
        return false;
    const struct rows *gone = upload_end(s, to, &u, &kept);
    if (gone != NULL)
        parts_drop(to, gone);
    return gone != NULL;
}

bool
upload_abandon(struct scope *s, const struct artifact_shelf *to, const char *id, const char *path)
{
    bool is_found;
    struct upload u;
    const struct rows *gone = NULL;
    if (!upload_find(s, to, id, path, &is_found, &u))
        return false;
    if (!is_found || u.is_over)
        return true;
    if (db_begin(s, to->db))
        gone = DB_QUERY(s, to->db, &sql_artifact_parts_forget, u.name);
    if (gone == NULL || !DB_RUN(s, to->db, &sql_artifact_upload_forget, u.name) ||
        !db_commit(s, to->db))
        return false;
    parts_drop(to, gone);
    return true;
}
