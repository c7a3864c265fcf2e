#include "registry/version.h"

#include "registry/audit.h"
#include "registry/version.sql.h"

void
version_write(struct json_writer *w, const struct version *v)
{
    char as_of[DAY_TEXT];
    json_object_begin(w);
    json_pair_text(w, "version", v->version);
    json_pair_int(w, "number", v->number);
    json_pair_text(w, "stage", v->stage);
    json_pair_text(w, "family", v->family);
    json_pair_text(w, "reason", v->reason);
    json_pair_text(w, "as_of", day_format(v->as_of, as_of));
    json_pair_text(w, "run_id", v->run_id);
    json_pair_int(w, "dataset_id", v->dataset_id);
    json_pair_text(w, "recipe_sha256", v->recipe_sha256);
    json_pair_text(w, "artifact_key", v->artifact_key);
    json_pair_text(w, "artifact_sha256", v->artifact_sha256);
    json_put_key(w, "metrics");
    json_put_raw(w, v->metrics);
    json_object_end(w);
}

static bool
version_read(struct scope *s, const struct rows *r, size_t i, struct version *out)
{
    *out = (struct version){
        .version_id = rows_int(r, i, "version_id"),
        .model = rows_text(r, i, "model"),
        .version = rows_text(r, i, "version"),
        .run_id = rows_text(r, i, "run_id"),
        .stage = rows_text(r, i, "stage"),
        .family = rows_text(r, i, "family"),
        .reason = rows_text(r, i, "reason"),
        .recipe_sha256 = rows_text(r, i, "recipe_sha256"),
        .recipe = rows_text(r, i, "recipe"),
        .artifact_key = rows_text(r, i, "artifact_key"),
        .artifact_sha256 = rows_text(r, i, "artifact_sha256"),
        .metrics = rows_text(r, i, "metrics"),
        .dataset_id = rows_int(r, i, "dataset_id"),
        .tag = (int)rows_int(r, i, "tag"),
        .manual = (int)rows_int(r, i, "manual"),
        .automatic = (int)rows_int(r, i, "auto"),
        .number = (int)rows_int(r, i, "number"),
    };
    return day_parse(s, rows_text(r, i, "as_of"), &out->as_of);
}

static bool
versions_read(struct scope *s, const struct rows *r, size_t *n, struct version **out)
{
    *n = rows_count(r);
    *out = scope_array(s, *n, sizeof **out);
    for (size_t i = 0; i < *n; i++)
        if (!version_read(s, r, i, &(*out)[i]))
            return false;
    return true;
}

bool
version_in_production(struct scope *s, struct db *db, const char *model, bool *is_found,
                      struct version *out)
{
    const struct rows *r = DB_QUERY(s, db, &sql_version_in_production, model);
    if (r == NULL)
        return false;
    *is_found = rows_count(r) == 1;
    return !*is_found || version_read(s, r, 0, out);
}

bool
version_of_run(struct scope *s, struct db *db, const char *run_id, bool *is_found,
               struct version *out)
{
    const struct rows *r = DB_QUERY(s, db, &sql_version_by_run, run_id);
    if (r == NULL)
        return false;
    *is_found = rows_count(r) > 0;
    return !*is_found || version_read(s, r, 0, out);
}

bool
versions_in_production(struct scope *s, struct db *db, size_t *n, struct version **out)
{
    const struct rows *r = db_query(s, db, &sql_version_all_in_production, 0, NULL);
    return r != NULL && versions_read(s, r, n, out);
}

bool
versions_of_model(struct scope *s, struct db *db, const char *model, size_t *n,
                  struct version **out)
{
    const struct rows *r = DB_QUERY(s, db, &sql_version_of_model, model);
    if (r == NULL)
        return false;
    if (rows_count(r) == 0)
        return fail(s, ERROR_MISSING, "there is no model \"%s\"", model);
    *n = 0;
    return rows_is_null(r, 0, "version_id") || versions_read(s, r, n, out);
}

bool
models_list(struct scope *s, struct db *db, size_t *n, struct model_entry **out)
{
    const struct rows *r = db_query(s, db, &sql_version_models, 0, NULL);
    if (r == NULL)
        return false;
    *n = rows_count(r);
    *out = scope_array(s, *n, sizeof **out);
    for (size_t i = 0; i < *n; i++)
        (*out)[i] = (struct model_entry){
            .model = rows_text(r, i, "model"),
            .description = rows_text(r, i, "description"),
            .in_production = rows_text(r, i, "in_production"),
            .n_versions = rows_int(r, i, "n_versions"),
        };
    return true;
}

// Writes what the audit says of a version beyond its name.
static const char *
registered_detail(struct scope *s, const struct version_request *request)
{
    struct buf text = buf_open(s, 256);
    struct json_writer w = {.out = &text};
    json_object_begin(&w);
    json_pair_text(&w, "run_id", request->run_id);
    json_pair_text(&w, "family", request->family);
    json_pair_text(&w, "artifact", request->artifact_sha256);
    json_pair_text(&w, "recipe", request->recipe_sha256);
    json_object_end(&w);
    return text.text;
}

bool
version_register(struct scope *s, struct db *db, const struct version_request *request,
                 struct version *out)
{
    char as_of[DAY_TEXT];
    day_format(request->as_of, as_of);
    const struct rows *next =
        DB_QUERY(s, db, &sql_version_next, request->model, request->description,
                 db_int(s, request->tag), request->recipe_sha256);
    if (next == NULL)
        return false;
    const struct rows *added = DB_QUERY(
        s, db, &sql_version_add, rows_text(next, 0, "model_id"), rows_text(next, 0, "number"),
        db_int(s, request->tag), rows_text(next, 0, "manual"), rows_text(next, 0, "auto"),
        request->run_id, db_int(s, request->dataset_id), as_of, request->recipe,
        request->recipe_sha256, request->family, request->reason, request->artifact_key,
        request->artifact_sha256, request->metrics);
    if (added == NULL)
        return explain(s, "could not register a version of \"%s\"", request->model);
    const struct rows *r = DB_QUERY(s, db, &sql_version_get, rows_text(added, 0, "version_id"));
    if (r == NULL || !version_read(s, r, 0, out))
        return false;
    return audit_add(s, db, request->actor, "version.registered",
                     scope_print(s, "%s %s", out->model, out->version),
                     registered_detail(s, request));
}

struct move { // of versions between stages: who, when, why
    const char *actor, *as_of, *evidence;
};

// Moves one version to a stage, with all that must be told of it; nothing if it is there already.
static bool
stage_set(struct scope *s, struct db *db, const struct version *v, const char *stage,
          const char *action, const struct move *move)
{
    const char *id = db_int(s, v->version_id);
    const struct rows *was = DB_QUERY(s, db, &sql_version_stage, id, stage);
    if (was == NULL || rows_count(was) == 0)
        return was != NULL;
    return DB_RUN(s, db, &sql_version_release, id, rows_text(was, 0, "from_stage"), stage,
                  move->actor, move->as_of, move->evidence) &&
           audit_add(s, db, move->actor, action, scope_print(s, "%s %s", v->model, v->version),
                     move->evidence);
}

bool
version_promote(struct scope *s, struct db *db, const struct version *v, const char *actor,
                int64_t as_of, const char *evidence)
{
    const struct move move = {actor, db_time(s, as_of), evidence};
    struct version before;
    bool is_found;

    if (!version_in_production(s, db, v->model, &is_found, &before))
        return false;
    if (is_found && before.version_id == v->version_id)
        return true;
    // The old one goes first: an index holds that a model has one version in production.
    if (is_found && !stage_set(s, db, &before, "archived", "version.archived", &move))
        return false;
    return stage_set(s, db, v, "production", "version.promoted", &move) &&
           DB_RUN(s, db, &sql_version_alias, db_int(s, v->version_id), "production") &&
           DB_RUN(s, db, &sql_version_announce, REGISTRY_CHANNEL, v->model);
}
