#include "learn/package.h"

#include <assert.h>
#include <string.h>

#include "model/outward.h"
#include "text/json_list.h"

#define PYTHON "3.11.2" // Debian 12's; numbers alone depend on it, and they do not

// Writes one line of YAML: a key and a text in quotes, whose escapes are JSON's; or the key alone,
// whose members follow deeper.
static void
line(struct buf *out, int depth, const char *key, const char *text)
{
    struct json_writer w = {.out = out};
    buf_print(out, "%*s%s:", 2 * depth, "", key);
    if (text != NULL) {
        buf_char(out, ' ');
        json_put_text(&w, text);
    }
    buf_char(out, '\n');
}

// MLflow keeps signatures as JSON inside of YAML.
static const char *
inputs_make(struct scope *s, const struct artifact *a)
{
    struct buf text = buf_open(s, 4096);
    struct json_writer w = {.out = &text};
    json_array_begin(&w);
    for (size_t j = 0; j < feature_count(a->features); j++) {
        json_object_begin(&w);
        json_pair_text(&w, "type", "double");
        json_pair_text(&w, "name", feature_name(a->features, j));
        json_pair_bool(&w, "required", !feature_may_miss(a->features, j));
        json_object_end(&w);
    }
    json_array_end(&w);
    return text.text;
}

static void
flavours_put(struct buf *out, const char *family, bool is_booster)
{
    line(out, 0, "flavors", NULL);
    line(out, 1, "airwatch", NULL);
    line(out, 2, "data", PACKAGE_ARTIFACT);
    line(out, 2, "family", family);
    line(out, 1, "python_function", NULL);
    line(out, 2, "code", "code");
    line(out, 2, "data", PACKAGE_ARTIFACT);
    line(out, 2, "env", NULL);
    line(out, 3, "conda", "conda.yaml");
    line(out, 3, "virtualenv", "python_env.yaml");
    line(out, 2, "loader_module", "airwatch_model");
    line(out, 2, "python_version", PYTHON);
    if (!is_booster)
        return;
    line(out, 1, "xgboost", NULL);
    line(out, 2, "data", "model.json");
    line(out, 2, "model_class", "xgboost.core.Booster");
    line(out, 2, "model_format", "json");
    line(out, 2, "xgb_version", "1.7.6");
}

static struct str
mlmodel_make(struct scope *s, const struct artifact *a, const struct package_about *about,
             bool is_booster)
{
    char day[DAY_TEXT];
    struct buf out = buf_open(s, 8192);
    line(&out, 0, "artifact_path", "model");
    flavours_put(&out, model_family(a->model), is_booster);
    line(&out, 0, "mlflow_version", "2.12.2"); // whose form this is
    buf_print(&out, "model_size_bytes: %zu\n", about->size_bytes);
    line(&out, 0, "model_uuid", scope_print(s, "%.32s", about->sha256));
    line(&out, 0, "run_id", about->run_id);
    line(&out, 0, "saved_input_example_info", NULL);
    line(&out, 1, "artifact_path", "input_example.json");
    line(&out, 1, "pandas_orient", "split");
    line(&out, 1, "serving_input_path", "serving_input_example.json");
    line(&out, 1, "type", "dataframe");
    line(&out, 0, "signature", NULL);
    line(&out, 1, "inputs", inputs_make(s, a));
    line(&out, 1, "outputs",
         "[{\"type\": \"tensor\", \"tensor-spec\": {\"dtype\": \"float64\", \"shape\": [-1]}}]");
    line(&out, 1, "params",
         "[{\"name\": \"interval\", \"type\": \"boolean\", \"default\": false, \"shape\": null}]");
    line(&out, 0, "utc_time_created",
         scope_print(s, "%s 00:00:00.000000", day_format(about->as_of, day)));
    return (struct str){out.text, out.n};
}

static void
example_put(struct json_writer *w, const struct artifact *a)
{
    const size_t n = feature_count(a->features);
    json_object_begin(w);
    json_put_key(w, "columns");
    json_array_begin(w);
    for (size_t j = 0; j < n; j++)
        json_put_text(w, feature_name(a->features, j));
    json_array_end(w);
    json_put_key(w, "data");
    json_array_begin(w);
    json_list_put(w, a->example, n);
    json_array_end(w);
    json_object_end(w);
}

static struct str
example_make(struct scope *s, const struct artifact *a, bool is_for_serving)
{
    struct buf out = buf_open(s, 4096);
    struct json_writer w = {.out = &out};
    if (is_for_serving) {
        json_object_begin(&w);
        json_put_key(&w, "dataframe_split");
    }
    example_put(&w, a);
    if (is_for_serving)
        json_object_end(&w);
    buf_char(&out, '\n');
    return (struct str){out.text, out.n};
}

static void
file_add(struct package *p, const char *name, struct str bytes)
{
    assert(p->n < PACKAGE_MOST);
    p->files[p->n].name = name;
    p->files[p->n++].bytes = bytes;
}

static void
text_add(struct package *p, const char *name, const char *text)
{
    file_add(p, name, (struct str){text, strlen(text)});
}

static void
environment_add(struct scope *s, struct package *p, bool is_booster)
{
    const char *booster = is_booster ? "xgboost>=1.7\n" : "";
    text_add(p, "requirements.txt", scope_print(s, "mlflow>=2.12\nnumpy\npandas\n%s", booster));
    text_add(p, "python_env.yaml",
             "python: \"" PYTHON "\"\nbuild_dependencies:\n- pip\ndependencies:\n"
             "- -r requirements.txt\n");
    text_add(p, "conda.yaml",
             "name: mlflow-env\nchannels:\n- conda-forge\ndependencies:\n- python=" PYTHON
             "\n- pip\n"
             "- pip:\n  - -r requirements.txt\n");
}

void
package_make(struct scope *s, const struct artifact *a, const struct package_about *about,
             struct package *out)
{
    struct buf booster = buf_open(s, 1 << 16);
    const bool is_booster = outward_xgboost(a, &booster);
    *out = (struct package){0};
    file_add(out, "MLmodel", mlmodel_make(s, a, about, is_booster));
    for (const struct asset *x = learn_assets; x->name != NULL; x++)
        file_add(out, scope_print(s, "code/%s", x->name), (struct str){x->bytes, x->size_bytes});
    file_add(out, "input_example.json", example_make(s, a, false));
    file_add(out, "serving_input_example.json", example_make(s, a, true));
    if (is_booster)
        file_add(out, "model.json", (struct str){booster.text, booster.n});
    environment_add(s, out, is_booster);
}
