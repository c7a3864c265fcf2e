#include "registry/version.h"

#include "registry/audit.h"
#include "registry/version.sql.h"

static void
pair_text_or_null(struct json_writer *w, const char *key, const char *text)
{
    json_pair_text(w, key, text[0] == '\0' ? NULL : text);
}

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
    json_pair_text(w, "as_of", v->has_day ? day_format(v->as_of, as_of) : NULL);
    json_pair_text(w, "description", v->description);
    json_pair_text(w, "source", v->source);
    pair_text_or_null(w, "run_id", v->run_id);
    json_pair_int(w, "dataset_id", v->dataset_id);
    pair_text_or_null(w, "recipe_sha256", v->recipe_sha256);
    pair_text_or_null(w, "artifact_key", v->artifact_key);
    pair_text_or_null(w, "artifact_sha256", v->artifact_sha256);
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
        .source = rows_text(r, i, "source"),
        .description = rows_text(r, i, "description"),
        .has_day = !rows_is_null(r, i, "as_of"),
        .dataset_id = rows_int(r, i, "dataset_id"),
        .tag = (int)rows_int(r, i, "tag"),
        .manual = (int)rows_int(r, i, "manual"),
        .automatic = (int)rows_int(r, i, "auto"),
        .number = (int)rows_int(r, i, "number"),
    };
    return !out->has_day || day_parse(s, rows_text(r, i, "as_of"), &out->as_of);
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

// Reads the one row of a query, or finds that there is none.
static bool
version_find(struct scope *s, const struct rows *r, bool *is_found, struct version *out)
{
    if (r == NULL)
        return false;
    *is_found = rows_count(r) > 0;
    return !*is_found || version_read(s, r, 0, out);
}

bool
version_by_number(struct scope *s, struct db *db, const char *model, int64_t number,
                  struct version *out)
{
    bool is_found;
    return version_find(s, DB_QUERY(s, db, &sql_version_by_number, model, db_int(s, number)),
                        &is_found, out) &&
           (is_found ||
            fail(s, ERROR_MISSING, "Model Version (name=%.256s, version=%lld) not found", model,
                 (long long)number));
}

bool
version_by_name(struct scope *s, struct db *db, const char *model, const char *name,
                struct version *out)
{
    bool is_found;
    return version_find(s, DB_QUERY(s, db, &sql_version_by_name, model, name), &is_found, out) &&
           (is_found ||
            fail(s, ERROR_MISSING, "model \"%.256s\" has no version \"%.40s\"", model, name));
}

bool
version_of_alias(struct scope *s, struct db *db, const char *model, const char *alias,
                 bool *is_found, struct version *out)
{
    return version_find(s, DB_QUERY(s, db, &sql_version_of_alias, model, alias), is_found, out);
}

bool
version_in_production(struct scope *s, struct db *db, const char *model, bool *is_found,
                      struct version *out)
{
    return version_find(s, DB_QUERY(s, db, &sql_version_in_production, model), is_found, out);
}

bool
version_before(struct scope *s, struct db *db, const char *model, struct version *out)
{
    bool is_found;
    return version_find(s, DB_QUERY(s, db, &sql_version_before, model), &is_found, out) &&
           (is_found ||
            fail(s, ERROR_MISSING, "no version of model \"%.256s\" has been in production before",
                 model));
}

bool
version_of_run(struct scope *s, struct db *db, const char *run_id, bool *is_found,
               struct version *out)
{
    return version_find(s, DB_QUERY(s, db, &sql_version_by_run, run_id), is_found, out);
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
models_list(struct scope *s, struct db *db, const char *principal, size_t *n,
            struct model_entry **out)
{
    const struct rows *r = DB_QUERY(s, db, &sql_version_models, principal);
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
