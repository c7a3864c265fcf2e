#include "text/yaml.h"

#include "test.h"

static const struct json *
parse(struct scope *s, const char *text)
{
    return yaml_parse(s, text, strlen(text));
}

TEST(an_mlmodel_file_is_read_by_path)
{
    const char *got;
    const struct json *root = parse(s, "flavors:\n"
                                       "  python_function:\n"
                                       "    loader_module: mlflow.xgboost\n"
                                       "  xgboost: {data: model.ubj, code: null}\n"
                                       "signature:\n"
                                       "  inputs: '[{\"type\": \"double\", \"name\": \"x\"}]'\n"
                                       "list:\n- a\n- {b: 1.5}\n");
    CHECK(root != NULL);
    CHECK(json_text(s, root, "flavors.xgboost.data", &got));
    CHECK_TEXT(got, "model.ubj");
    CHECK(json_text(s, root, "signature.inputs", &got));
    CHECK_TEXT(got, "[{\"type\": \"double\", \"name\": \"x\"}]");
    CHECK(json_text(s, root, "list[1].b", &got));
    CHECK_TEXT(got, "1.5");
}

TEST(what_could_grow_or_is_no_single_document_is_refused)
{
    CHECK_FAILS(parse(s, "a: &x [1]\nb: *x\n"), ERROR_INPUT,
                "not YAML that we read, line 2: a reference to an anchor");
    CHECK_FAILS(parse(s, "a: 1\n---\nb: 2\n"), ERROR_INPUT,
                "not YAML that we read, line 2: a second document");
    CHECK_FAILS(parse(s, ""), ERROR_INPUT, "not YAML that we read, line 1: there is no document");
    CHECK_FAILS(parse(s, "? [a]\n: b\n"), ERROR_INPUT,
                "not YAML that we read, line 2: a key that is no text");
    CHECK(!parse(s, "a: [1"));
    CHECK(s->kind == ERROR_INPUT);
}
