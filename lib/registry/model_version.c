#include "registry/model_version.h"

#include <string.h>

#include "registry/audit.h"
#include "registry/model_version.sql.h"
#include "registry/name.h"

static struct model_version
version_read(const struct rows *r, size_t i)
{
    return (struct model_version){
        .version_id = rows_int(r, i, "version_id"),
        .model_id = rows_int(r, i, "model_id"),
        .model = rows_text(r, i, "model"),
        .version = rows_text(r, i, "version"),
        .stage = rows_text(r, i, "stage"),
        .stage_told = rows_text(r, i, "stage_told"),
        .description = rows_text(r, i, "description"),
        .source = rows_text(r, i, "source"),
        .location = rows_text(r, i, "location"),
        .run_id = rows_text(r, i, "run_id"),
        .run_link = rows_text(r, i, "run_link"),
        .status = rows_text(r, i, "status"),
        .status_message = rows_text(r, i, "status_message"),
        .user = rows_text(r, i, "user_name"),
        .logged_model_id = rows_text(r, i, "logged_model_id"),
        .tags = rows_is_null(r, i, "tags") ? NULL : rows_text(r, i, "tags"),
        .aliases = rows_is_null(r, i, "aliases") ? NULL : rows_text(r, i, "aliases"),
        .number = rows_int(r, i, "number"),
        .created_ms = rows_int(r, i, "created_ms"),
        .updated_ms = rows_int(r, i, "updated_ms"),
    };
}

static bool
versions_read(struct scope *s, const struct rows *r, size_t *n, struct model_version **out)
{
    if (r == NULL)
        return false;
    *n = rows_count(r);
    *out = scope_array(s, *n, sizeof **out);
    for (size_t i = 0; i < *n; i++)
        (*out)[i] = version_read(r, i);
    return true;
}

static bool
model_missing(struct scope *s, const char *model)
{
    return fail(s, ERROR_MISSING, "Registered Model with name=%.256s not found", model);
}

static bool
version_missing(struct scope *s, const char *model, int64_t number)
{
    return fail(s, ERROR_MISSING, "Model Version (name=%.256s, version=%lld) not found", model,
                (long long)number);
}

// Writes what the audit says of a version beyond its name.
static const char *
created_detail(struct scope *s, const struct model_version_request *request)
{
    struct buf text = buf_open(s, 256);
    struct json_writer w = {.out = &text};
    json_object_begin(&w);
    json_pair_text(&w, "source", request->source);
    json_pair_text(&w, "run_id", request->run_id);
    json_object_end(&w);
    return text.text;
}

bool
model_version_create(struct scope *s, struct db *db, const struct model_version_request *request,
                     int64_t *number)
{
    // The lock comes in a statement of its own, so that the next one sees what it waited for.
    if (!DB_RUN(s, db, &sql_model_version_lock, request->model))
        return false;
    const struct rows *r = DB_QUERY(s, db, &sql_model_version_add, request->model, request->source,
                                    request->location, request->run_id, request->run_link,
                                    request->description, request->logged_model_id, request->actor);
    if (r == NULL)
        return false;
    if (rows_count(r) == 0)
        return model_missing(s, request->model);
    *number = rows_int(r, 0, "number");
    return audit_add(s, db, request->actor, "version.registered",
                     scope_print(s, "%s %s", request->model, rows_text(r, 0, "version")),
                     created_detail(s, request));
}

bool
model_version_get(struct scope *s, struct db *db, const char *model, int64_t number,
                  struct model_version *out)
{
    const struct rows *r = DB_QUERY(s, db, &sql_model_version_get, model, db_int(s, number));
    if (r == NULL)
        return false;
    if (rows_count(r) == 0)
        return version_missing(s, model, number);
    *out = version_read(r, 0);
    return true;
}

bool
model_version_of_alias(struct scope *s, struct db *db, const char *model, const char *alias,
                       struct model_version *out)
{
    const bool is_newest = strcmp(alias, "latest") == 0;
    const struct rows *r = is_newest ? DB_QUERY(s, db, &sql_model_version_newest, model)
                                     : DB_QUERY(s, db, &sql_model_version_of_alias, model, alias);
    if (r == NULL)
        return false;
    if (rows_count(r) == 0)
        return model_missing(s, model);
    if (rows_is_null(r, 0, "version_id"))
        return fail(s, ERROR_INPUT, "Registered model alias %.255s not found.", alias);
    *out = version_read(r, 0);
    return true;
}

bool
model_version_describe(struct scope *s, struct db *db, const char *model, int64_t number,
                       const char *description)
{
    const struct rows *r =
        DB_QUERY(s, db, &sql_model_version_describe, model, db_int(s, number), description);
    return r != NULL && (rows_touched(r) > 0 || version_missing(s, model, number));
}

bool
model_version_delete(struct scope *s, struct db *db, const char *model, int64_t number,
                     const char *actor)
{
    struct version v;
    if (!DB_RUN(s, db, &sql_model_version_lock, model) ||
        !version_by_number(s, db, model, number, &v))
        return false;
    if (strcmp(v.stage, "production") == 0)
        return fail(s, ERROR_INPUT,
                    "Model Version (name=%.256s, version=%lld) is in production: it cannot be "
                    "deleted; promote another one or archive it first",
                    model, (long long)number);
    return DB_RUN(s, db, &sql_model_version_delete, db_int(s, v.version_id)) &&
           audit_add(s, db, actor, "version.deleted", scope_print(s, "%s %s", v.model, v.version),
                     "{}");
}

static bool
tag_is_ours(struct scope *s, const char *key)
{
    return fail(s, ERROR_INPUT,
                "Invalid value \"%.60s\" for parameter 'key' supplied: the server "
                "sets this tag",
                key);
}

bool
model_version_tag_set(struct scope *s, struct db *db, const struct version *v, const char *key,
                      const char *value, const struct release_move *move)
{
    if (!name_check_tag(s, key, value))
        return false;
    if (strcmp(key, MODEL_VERSION_STAGE) == 0)
        return version_move(s, db, v, value, move);
    if (strcmp(key, MODEL_VERSION_NAME) == 0)
        return strcmp(value, v->version) == 0 || tag_is_ours(s, key);
    return DB_RUN(s, db, &sql_model_version_tag_set, db_int(s, v->version_id), key, value);
}

bool
model_version_tell_production(struct scope *s, struct db *db, const struct version *v,
                              const char *reason)
{
    return DB_RUN(s, db, &sql_model_version_tell, db_int(s, v->version_id),
                  reason == NULL ? "" : reason);
}

bool
model_version_tag_drop(struct scope *s, struct db *db, const struct version *v, const char *key)
{
    if (strcmp(key, MODEL_VERSION_STAGE) == 0 || strcmp(key, MODEL_VERSION_NAME) == 0)
        return tag_is_ours(s, key);
    return DB_RUN(s, db, &sql_model_version_tag_drop, db_int(s, v->version_id), key);
}

bool
model_version_latest(struct scope *s, struct db *db, const char *model_ids, size_t *n,
                     struct model_version **out)
{
    return versions_read(s, DB_QUERY(s, db, &sql_model_version_latest, model_ids), n, out);
}

bool
model_version_search(struct scope *s, struct db *db, const struct search *search, size_t *n,
                     struct model_version **out)
{
    struct search kept = *search;
    struct search_clause *clauses = scope_array(s, search->n_clauses + 1, sizeof *clauses);
    const bool with_prompts = search_wants_prompts(search, clauses, &kept.n_clauses);
    kept.clauses = clauses;
    const struct search_clause *tag = search_equal_tag(&kept);
    const struct rows *r = DB_QUERY(
        s, db, &sql_model_version_search, search_clauses(s, &kept), search_order(s, search),
        with_prompts ? "t" : "f", db_int(s, search->offset), db_int(s, search->limit),
        search_equal(search, "name"), search_equal(search, "run_id"), search->principal,
        tag == NULL ? NULL : tag->key, tag == NULL ? NULL : tag->value);
    return versions_read(s, r, n, out);
}
