#include <math.h>
#include <string.h>

#include "api/handlers.h"
#include "app/app.h"
#include "mlflow/permit.h"

#define ARTIFACT_BYTES ((size_t)256 * 1024 * 1024)

bool
model_list(struct scope *s, const struct request *in, struct reply *out)
{
    size_t n;
    struct model_entry *models;
    if (!models_list(s, in->db, permit_principal(in), &n, &models))
        return false;
    struct json_writer w = reply_json(out);
    json_object_begin(&w);
    json_put_key(&w, "models");
    json_array_begin(&w);
    for (size_t i = 0; i < n; i++) {
        json_object_begin(&w);
        json_pair_text(&w, "model", models[i].model);
        json_pair_text(&w, "description", models[i].description);
        json_pair_text(&w, "production",
                       models[i].in_production[0] == '\0' ? NULL : models[i].in_production);
        json_pair_int(&w, "n_versions", models[i].n_versions);
        json_pair_text(&w, "address", scope_print(s, "/api/v1/models/%s", models[i].model));
        json_object_end(&w);
    }
    json_array_end(&w);
    json_object_end(&w);
    return true;
}

bool
model_versions(struct scope *s, const struct request *in, struct reply *out)
{
    size_t n;
    struct version *versions;
    if (!permit_model(s, in, in->parts[0], PERMISSION_READ) ||
        !versions_of_model(s, in->db, in->parts[0], &n, &versions))
        return false;
    struct json_writer w = reply_json(out);
    json_object_begin(&w);
    json_pair_text(&w, "model", in->parts[0]);
    json_put_key(&w, "versions");
    json_array_begin(&w);
    for (size_t i = 0; i < n; i++)
        version_write(&w, &versions[i]);
    json_array_end(&w);
    json_object_end(&w);
    return true;
}

static void
schema_write(struct json_writer *w, const struct artifact *a)
{
    const struct feature_set *f = a->features;
    json_put_key(w, "schema");
    json_object_begin(w);
    json_put_key(w, "features");
    json_array_begin(w);
    for (size_t j = 0; j < feature_count(f); j++) {
        json_object_begin(w);
        json_pair_text(w, "name", feature_name(f, j));
        json_pair_text(w, "unit", feature_unit(f, j));
        json_pair_bool(w, "nullable", feature_may_miss(f, j));
        json_object_end(w);
    }
    json_array_end(w);
    json_put_key(w, "target");
    json_object_begin(w);
    json_pair_text(w, "name", a->recipe.target_name);
    json_pair_text(w, "unit", a->recipe.unit);
    if (!a->is_table) {
        json_pair_int(w, "parameter", a->recipe.parameter);
        json_pair_int(w, "horizon_days", a->recipe.horizon_days);
        json_pair_number(w, "nominal_coverage", a->recipe.coverage);
    }
    json_object_end(w);
    json_object_end(w);
}

// A body that can be posted as it is: a row of the training data.
static void
example_write(struct json_writer *w, const struct artifact *a)
{
    json_put_key(w, "input_example");
    json_object_begin(w);
    json_put_key(w, "instances");
    json_array_begin(w);
    json_array_begin(w);
    for (size_t j = 0; j < feature_count(a->features); j++)
        json_put_number(w, a->example[j]);
    json_array_end(w);
    json_array_end(w);
    json_object_end(w);
}

static bool
production_write(struct scope *s, const struct request *in, const struct version *v,
                 struct json_writer *w)
{
    struct str bytes;
    struct artifact artifact;
    if (!(store_get(s, app_of(in)->store, v->artifact_key, ARTIFACT_BYTES, v->artifact_sha256,
                    &bytes) ||
          app_store_failed(s)) ||
        !artifact_load(s, bytes, &artifact))
        return explain(s, "could not load model \"%s\" version %s", v->model, v->version);
    json_put_key(w, "production");
    version_write(w, v);
    schema_write(w, &artifact);
    if (v->recipe[0] != '\0') {
        json_put_key(w, "recipe");
        json_put_raw(w, v->recipe);
    }
    json_pair_text(w, "predict", scope_print(s, "/api/v1/predict/%s", v->model));
    if (artifact.example != NULL)
        example_write(w, &artifact);
    return true;
}

bool
model_get(struct scope *s, const struct request *in, struct reply *out)
{
    size_t n;
    bool is_found;
    struct version *versions, v;
    if (!permit_model(s, in, in->parts[0], PERMISSION_READ) ||
        !versions_of_model(s, in->db, in->parts[0], &n, &versions) ||
        !version_in_production(s, in->db, in->parts[0], &is_found, &v))
        return false;
    struct json_writer w = reply_json(out);
    json_object_begin(&w);
    json_pair_text(&w, "model", in->parts[0]);
    json_put_key(&w, "versions");
    json_array_begin(&w);
    for (size_t i = 0; i < n; i++) {
        json_object_begin(&w);
        json_pair_text(&w, "version", versions[i].version);
        json_pair_text(&w, "stage", versions[i].stage);
        json_pair_text(&w, "family", versions[i].family);
        json_object_end(&w);
    }
    json_array_end(&w);
    if (is_found && !production_write(s, in, &v, &w))
        return false;
    json_object_end(&w);
    return true;
}
