#include "flavour/flavour.h"

#include <string.h>

#include "flavour/flavour.sql.h"
#include "flavour/mlmodel.h"
#include "model/outside.h"
#include "registry/artifact.h"
#include "text/json_list.h"

#define MLMODEL_BYTES ((size_t)4 << 20)
#define MODEL_BYTES ((size_t)128 << 20)
#define NEUTRAL "airwatch.json"

struct taking {
    struct db *db;
    struct store *store;
    const char *folder; // of the version's files
    const char *family, *reason;
    struct artifact artifact;
};

// Reads a file of the version; one that is not there has no bytes at all.
static bool
file_read(struct scope *s, const struct taking *t, const char *name, size_t limit_bytes,
          struct str *out)
{
    const struct artifact_shelf shelf = {.db = t->db, .store = t->store};
    const char *path = artifact_path_join(s, t->folder, name);
    struct artifact_file file;
    bool is_found, is_folder;
    *out = (struct str){0};
    if (!artifact_path_check(s, path) ||
        !artifact_find(s, &shelf, path, &is_found, &is_folder, &file))
        return explain(s, "%s", name);
    if (!is_found)
        return true;
    return store_get(s, t->store, file.key, limit_bytes, file.sha256, out) ||
           explain(s, "%s", name);
}

// Takes the first row of the input example, {"columns": […], "data": [[…], …]}, where it is one of
// numbers under our columns. Nothing depends on it, so one that is otherwise is none.
static void
example_take(struct scope *s, const struct mlmodel *about, struct taking *t)
{
    struct scope own = {0};
    struct str text = {0};
    const size_t n = feature_count(t->artifact.features);
    double *x = scope_array(s, n, sizeof *x);
    const struct json *root = NULL, *columns, *row;
    size_t j = 0;
    if (about->example != NULL && file_read(&own, t, about->example, MLMODEL_BYTES, &text) &&
        text.at != NULL)
        root = json_parse(&own, text.at, text.n);
    if (root != NULL && json_array(&own, root, "columns", &columns) && json_count(columns) == n &&
        json_array(&own, root, "data[0]", &row) &&
        json_list_read(&own, row, "data[0]", n, true, x)) {
        for (const struct json *c = json_first(columns); c != NULL; c = json_next(c), j++)
            if (json_kind(c) != JSON_TEXT ||
                strcmp(json_as_text(c), feature_name(t->artifact.features, j)) != 0)
                break;
        t->artifact.example = j == n ? x : NULL;
    }
    scope_close(&own);
}

static bool
booster_take(struct scope *s, const struct mlmodel *about, struct taking *t)
{
    const struct outside_about known = {.n_columns = about->n_columns,
                                        .names = about->names,
                                        .target = about->target,
                                        .is_best_only = about->is_scikit};
    struct str booster;
    if (!file_read(s, t, about->xgboost, MODEL_BYTES, &booster))
        return false;
    if (booster.at == NULL)
        return fail(s, ERROR_INPUT, "its booster \"%.200s\" is not among its files",
                    about->xgboost);
    t->family = "boost";
    t->reason = "logged by MLflow's client: XGBoost";
    if (!outside_xgboost(s, booster, &known, &t->artifact))
        return explain(s, "%s", about->xgboost);
    example_take(s, about, t);
    return true;
}

// Finds what the files are, and reads it.
static bool
files_read(struct scope *s, struct taking *t)
{
    struct str neutral, yaml;
    struct mlmodel about;
    if (!file_read(s, t, NEUTRAL, MODEL_BYTES, &neutral))
        return false;
    if (neutral.at != NULL) {
        t->family = "linear";
        t->reason = "brought as " NEUTRAL;
        return outside_linear(s, neutral, &t->artifact) || explain(s, NEUTRAL);
    }
    if (!file_read(s, t, "MLmodel", MLMODEL_BYTES, &yaml))
        return false;
    if (yaml.at == NULL)
        return fail(s, ERROR_INPUT, "there is neither MLmodel nor " NEUTRAL " among its files");
    if (!mlmodel_read(s, yaml, &about))
        return explain(s, "MLmodel");
    if (about.xgboost == NULL)
        return fail(s, ERROR_INPUT,
                    "its flavours are %s; served are xgboost, and linear models as " NEUTRAL,
                    about.flavours[0] == '\0' ? "none" : about.flavours);
    return booster_take(s, &about, t);
}

// Keeps the artifact under its hash, and sees to it that it can be read as it will be.
static bool
artifact_keep_as(struct scope *s, struct taking *t, int64_t version_id)
{
    struct buf bytes = buf_open(s, 4096);
    struct artifact again;
    char sha256[HASH_TEXT];
    artifact_save(&t->artifact, &bytes);
    hash_bytes(bytes.text, bytes.n, sha256);
    const struct str text = {bytes.text, bytes.n};
    const char *key = scope_print(s, "artifacts/models/taken/%.16s/model.json", sha256);
    return artifact_load(s, text, &again) && store_put(s, t->store, key, text) &&
           DB_RUN(s, t->db, &sql_flavour_set, db_int(s, version_id), key, sha256, t->family,
                  t->reason);
}

// Predictions are asked for by an address that has the model's name in it.
static bool
name_check(struct scope *s, const char *model)
{
    static const char part[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    const size_t n = strlen(model);
    return (n <= 128 && strspn(model, part) == n) ||
           fail(s, ERROR_INPUT,
                "a model that is served has a name of at most 128 letters, digits, \".\", \"_\" "
                "and \"-\"");
}

static bool
take(struct scope *s, struct taking *t, const struct version *v)
{
    const struct rows *r = DB_QUERY(s, t->db, &sql_flavour_location, db_int(s, v->version_id));
    if (r == NULL || !name_check(s, v->model))
        return false;
    const char *location = rows_count(r) == 0 ? "" : rows_text(r, 0, "location");
    t->folder = artifact_uri_path(s, location);
    if (t->folder == NULL)
        return fail(s, ERROR_INPUT, "its files are not here: \"%.200s\"", location);
    return files_read(s, t) && artifact_keep_as(s, t, v->version_id);
}

bool
flavour_take(struct scope *s, struct db *db, struct store *store, struct version *v)
{
    struct taking t = {.db = db, .store = store};
    if (v->artifact_key[0] != '\0')
        return true;
    if (take(s, &t, v))
        return version_by_number(s, db, v->model, v->number, v);
    if (s->kind == ERROR_INPUT || s->kind == ERROR_LIMIT)
        s->kind = ERROR_GATE;
    return explain(s, "version %s of model \"%s\" cannot be served", v->version, v->model);
}
