#include "registry/registered_model.h"

#include <string.h>

#include "registry/audit.h"
#include "registry/name.h"
#include "registry/registered_model.sql.h"
#include "text/json.h"

static const char *
json_of(const struct rows *r, size_t i, const char *column)
{
    return rows_is_null(r, i, column) ? NULL : rows_text(r, i, column);
}

static struct registered_model
model_read(const struct rows *r, size_t i)
{
    return (struct registered_model){
        .model_id = rows_int(r, i, "model_id"),
        .name = rows_text(r, i, "model"),
        .description = rows_text(r, i, "description"),
        .user = rows_text(r, i, "user_name"),
        .tags = json_of(r, i, "tags"),
        .aliases = json_of(r, i, "aliases"),
        .created_ms = rows_int(r, i, "created_ms"),
        .updated_ms = rows_int(r, i, "updated_ms"),
    };
}

static bool
not_found(struct scope *s, const char *name)
{
    return fail(s, ERROR_MISSING, "Registered Model with name=%.256s not found", name);
}

bool
registered_model_create(struct scope *s, struct db *db, const char *name, const char *description,
                        const char *actor)
{
    if (!name_check_model(s, "name", name))
        return false;
    const struct rows *r = DB_QUERY(s, db, &sql_registered_model_add, name, description, actor);
    if (r == NULL)
        return false;
    if (rows_count(r) == 0)
        return fail(s, ERROR_CONFLICT, "Registered Model (name=%s) already exists.", name);
    return audit_add(s, db, actor, "model.created", name, "{}");
}

bool
registered_model_get(struct scope *s, struct db *db, const char *name, struct registered_model *out)
{
    const struct rows *r = DB_QUERY(s, db, &sql_registered_model_get, name);
    if (r == NULL)
        return false;
    if (rows_count(r) == 0)
        return not_found(s, name);
    *out = model_read(r, 0);
    return true;
}

// Holds a model that has never been in production, so that it may be renamed or deleted.
static bool
unused_lock(struct scope *s, struct db *db, const char *name, const char *what, const char **id)
{
    const struct rows *r = DB_QUERY(s, db, &sql_registered_model_lock, name);
    if (r == NULL)
        return false;
    if (rows_count(r) == 0)
        return not_found(s, name);
    *id = rows_text(r, 0, "model_id");
    return !rows_bool(r, 0, "has_served") ||
           fail(s, ERROR_INPUT,
                "Registered Model with name=%.256s has been in production: it cannot be %s, "
                "because its predictions are filed under its name; archive its versions instead",
                name, what);
}

bool
registered_model_rename(struct scope *s, struct db *db, const char *name, const char *new_name,
                        const char *actor)
{
    const char *id;
    struct registered_model taken;
    if (!name_check_model(s, "new_name", new_name) || !unused_lock(s, db, name, "renamed", &id))
        return false;
    if (strcmp(name, new_name) == 0)
        return true;
    if (registered_model_get(s, db, new_name, &taken))
        return fail(s, ERROR_CONFLICT, "Registered Model (name=%s) already exists.", new_name);
    if (s->kind != ERROR_MISSING)
        return false;
    scope_forgive(s);
    struct buf detail = buf_open(s, 64);
    struct json_writer w = {.out = &detail};
    json_object_begin(&w);
    json_pair_text(&w, "was", name);
    json_object_end(&w);
    return DB_RUN(s, db, &sql_registered_model_rename, id, new_name) &&
           audit_add(s, db, actor, "model.renamed", new_name, detail.text);
}

bool
registered_model_describe(struct scope *s, struct db *db, const char *name, const char *description)
{
    const struct rows *r = DB_QUERY(s, db, &sql_registered_model_describe, name, description);
    return r != NULL && (rows_touched(r) > 0 || not_found(s, name));
}

bool
registered_model_delete(struct scope *s, struct db *db, const char *name, const char *actor)
{
    const char *id;
    return unused_lock(s, db, name, "deleted", &id) &&
           DB_RUN(s, db, &sql_registered_model_delete, id) &&
           audit_add(s, db, actor, "model.deleted", name, "{}");
}

bool
registered_model_tag_set(struct scope *s, struct db *db, const char *name, const char *key,
                         const char *value)
{
    if (!name_check_tag(s, key, value))
        return false;
    const struct rows *r = DB_QUERY(s, db, &sql_registered_model_tag_set, name, key, value);
    return r != NULL && (rows_count(r) > 0 || not_found(s, name));
}

bool
registered_model_tag_drop(struct scope *s, struct db *db, const char *name, const char *key)
{
    const struct rows *r = DB_QUERY(s, db, &sql_registered_model_tag_drop, name, key);
    return r != NULL && (rows_count(r) > 0 || not_found(s, name));
}

bool
registered_model_search(struct scope *s, struct db *db, const struct search *search, size_t *n,
                        struct registered_model **out)
{
    struct search kept = *search;
    struct search_clause *clauses = scope_array(s, search->n_clauses + 1, sizeof *clauses);
    const bool with_prompts = search_wants_prompts(search, clauses, &kept.n_clauses);
    kept.clauses = clauses;
    const struct rows *r =
        DB_QUERY(s, db, &sql_registered_model_search, search_clauses(s, &kept),
                 search_order(s, search), with_prompts ? "t" : "f", db_int(s, search->offset),
                 db_int(s, search->limit), search_equal(search, "name"), search->principal);
    if (r == NULL)
        return false;
    *n = rows_count(r);
    *out = scope_array(s, *n, sizeof **out);
    for (size_t i = 0; i < *n; i++)
        (*out)[i] = model_read(r, i);
    return true;
}
