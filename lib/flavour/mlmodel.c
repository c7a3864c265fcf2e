#include "flavour/mlmodel.h"

#include <string.h>

#include "text/yaml.h"

static const char *const numeric[] = {"double", "float", "integer", "long", "boolean", NULL};

static bool
is_numeric(const char *type)
{
    for (size_t i = 0; numeric[i] != NULL; i++)
        if (strcmp(numeric[i], type) == 0)
            return true;
    return false;
}

static bool
column_read(struct scope *s, const struct json *column, size_t j, const char **name)
{
    const char *type;
    *name = NULL;
    if (json_kind(column) != JSON_OBJECT || !json_text(s, column, "type", &type))
        return fail(s, ERROR_INPUT, "not an object with a type") ||
               explain(s, "signature.inputs[%zu]", j);
    if (strcmp(type, "tensor") == 0)
        return true; // rows of numbers without names
    if (!is_numeric(type))
        return fail(s, ERROR_INPUT, "signature.inputs[%zu] is of type \"%.40s\", not a number", j,
                    type);
    return json_find(column, "name") == NULL || json_text(s, column, "name", name);
}

// The columns of the signature; they count where all have names.
static bool
inputs_read(struct scope *s, const char *text, struct mlmodel *out)
{
    const struct json *list = json_parse(s, text, strlen(text));
    size_t j = 0, n_named = 0;
    if (list == NULL || json_kind(list) != JSON_ARRAY)
        return fail(s, ERROR_INPUT, "not a list") || explain(s, "signature.inputs");
    const size_t n = json_count(list);
    const char **names = scope_array(s, n, sizeof *names);
    for (const struct json *x = json_first(list); x != NULL; x = json_next(x), j++) {
        if (!column_read(s, x, j, &names[j]))
            return false;
        n_named += names[j] != NULL;
    }
    out->n_columns = n_named == n ? n : 0;
    out->names = names;
    return true;
}

// The name of the one output, if it has one; what is predicted does not depend on it.
static void
outputs_read(struct scope *s, const char *text, struct mlmodel *out)
{
    struct scope own = {0};
    const struct json *list = json_parse(&own, text, strlen(text)), *name;
    if (list != NULL && json_kind(list) == JSON_ARRAY && json_count(list) == 1 &&
        json_kind(json_first(list)) == JSON_OBJECT &&
        (name = json_find(json_first(list), "name")) != NULL && json_kind(name) == JSON_TEXT)
        out->target = scope_copy(s, json_as_text(name));
    scope_close(&own);
}

// A text that may be absent or, as YAML has it, null.
static bool
text_find(struct scope *s, const struct json *root, const char *path, const char **out)
{
    *out = NULL;
    if (json_find(root, path) == NULL)
        return true;
    if (!json_text(s, root, path, out))
        return false;
    if (strcmp(*out, "null") == 0 || strcmp(*out, "~") == 0)
        *out = NULL;
    return true;
}

bool
mlmodel_read(struct scope *s, struct str yaml, struct mlmodel *out)
{
    const struct json *root = yaml_parse(s, yaml.at, yaml.n), *flavours;
    const char *inputs, *outputs, *class;
    struct buf words = buf_open(s, 64);
    *out = (struct mlmodel){0};
    if (root != NULL && json_kind(root) != JSON_OBJECT)
        return fail(s, ERROR_INPUT, "not a mapping");
    if (root == NULL || !json_object(s, root, "flavors", &flavours))
        return false;
    for (const struct json *x = json_first(flavours); x != NULL; x = json_next(x))
        buf_print(&words, "%s%.60s", words.n == 0 ? "" : ", ", json_key(x));
    out->flavours = words.text;
    if (!text_find(s, root, "flavors.xgboost.data", &out->xgboost) ||
        !text_find(s, root, "flavors.xgboost.model_class", &class) ||
        !text_find(s, root, "saved_input_example_info.artifact_path", &out->example) ||
        !text_find(s, root, "signature.inputs", &inputs) ||
        !text_find(s, root, "signature.outputs", &outputs))
        return false;
    out->is_scikit = class != NULL && strstr(class, "sklearn") != NULL;
    if (outputs != NULL)
        outputs_read(s, outputs, out);
    return inputs == NULL || inputs_read(s, inputs, out);
}
