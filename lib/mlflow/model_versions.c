#include <string.h>
#include <strings.h>

#include "mlflow/handlers.h"
#include "mlflow/model_source.h"
#include "mlflow/registry.h"

#define PROMPT_KEY "mlflow.prompt.is_prompt"

struct tags {
    size_t n;
    const char **keys, **values;
    bool is_prompt;
};

// Reads the tags of a new version. Those that the server sets are passed over: they come along when
// a version is copied.
static bool
tags_read(struct scope *s, const struct message *m, struct tags *out)
{
    const struct message *const *list = NULL;
    size_t n = 0;
    if (!message_list(s, m, "tags", &n, &list))
        return false;
    *out = (struct tags){.keys = scope_array(s, n + 1, sizeof *out->keys),
                         .values = scope_array(s, n + 1, sizeof *out->values)};
    for (size_t i = 0; i < n; i++) {
        const char *key, *value = "";
        if (!message_need_text(s, list[i], "key", &key) ||
            !message_text(s, list[i], "value", &value))
            return false;
        if (strcmp(key, MODEL_VERSION_STAGE) == 0 || strcmp(key, MODEL_VERSION_NAME) == 0)
            continue;
        out->is_prompt =
            out->is_prompt || (strcmp(key, PROMPT_KEY) == 0 && strcasecmp(value, "true") == 0);
        out->keys[out->n] = key;
        out->values[out->n++] = value;
    }
    return true;
}

// A text that may be absent; an empty one says no more.
static bool
text_or_null(struct scope *s, const struct message *m, const char *name, const char **out)
{
    *out = NULL;
    if (!message_text(s, m, name, out))
        return false;
    if (*out != NULL && (*out)[0] == '\0')
        *out = NULL;
    return true;
}

static bool
tags_set(struct scope *s, const struct request *in, const char *model, int64_t number,
         const struct tags *tags)
{
    struct version v;
    const struct release_move move = registry_move(s, in, "create version");
    if (tags->n > 0 && !version_by_number(s, in->db, model, number, &v))
        return false;
    for (size_t i = 0; i < tags->n; i++)
        if (!model_version_tag_set(s, in->db, &v, tags->keys[i], tags->values[i], &move))
            return false;
    return true;
}

bool
model_versions_create(struct scope *s, const struct request *in, struct reply *out)
{
    struct model_version_request request = {.actor = in->principal};
    const struct message *m;
    struct tags tags;
    int64_t number;
    return message_read(s, in, &m) &&
           registry_read(s, in, m, PERMISSION_EDIT, &request.model, NULL) &&
           message_need_text(s, m, "source", &request.source) &&
           text_or_null(s, m, "run_id", &request.run_id) &&
           text_or_null(s, m, "run_link", &request.run_link) &&
           text_or_null(s, m, "description", &request.description) &&
           text_or_null(s, m, "model_id", &request.logged_model_id) && tags_read(s, m, &tags) &&
           model_source_resolve(s, in, tags.is_prompt, &request) && db_begin(s, in->db) &&
           model_version_create(s, in->db, &request, &number) &&
           tags_set(s, in, request.model, number, &tags) &&
           model_source_note(s, in->db, request.logged_model_id, request.model, number) &&
           registry_reply_version(s, in, request.model, number, out) && db_commit(s, in->db);
}

bool
model_versions_update(struct scope *s, const struct request *in, struct reply *out)
{
    const char *name, *description = "";
    const struct message *m;
    int64_t number;
    return message_read(s, in, &m) && registry_read(s, in, m, PERMISSION_EDIT, &name, &number) &&
           message_text(s, m, "description", &description) &&
           model_version_describe(s, in->db, name, number, description) &&
           registry_reply_version(s, in, name, number, out);
}

// Moves a version to where one of MLflow's stages is here; it stays when its own stage means that.
// The client's stage Production is also open to versions that cannot be served: it tells so then,
// and no alias and no answer comes of it.
static bool
version_move_told(struct scope *s, const struct request *in, struct version *v, const char *stage,
                  const char *told)
{
    const struct release_move move = registry_move(s, in, "transition stage");
    struct model_version now;
    if (!registry_permit_move(s, in, v, stage)) {
        if (s->kind != ERROR_GATE)
            return false;
        const char *reason = scope_copy(s, s->message);
        scope_forgive(s);
        return model_version_tell_production(s, in->db, v, reason);
    }
    return model_version_tell_production(s, in->db, v, NULL) &&
           model_version_get(s, in->db, v->model, v->number, &now) &&
           (strcmp(now.stage_told, told) == 0 || version_move(s, in->db, v, stage, &move));
}

static bool
stage_move(struct scope *s, const struct request *in, struct version *v, const char *told,
           bool with_others)
{
    const char *stage = strcmp(told, "Production") == 0 ? "production"
                        : strcmp(told, "Staging") == 0  ? "shadow"
                        : strcmp(told, "Archived") == 0 ? "archived"
                                                        : "registered";
    const struct release_move move = registry_move(s, in, "transition stage");
    struct model_version *others;
    struct version other;
    size_t n;
    if (!version_move_told(s, in, v, stage, told))
        return false;
    if (!with_others)
        return true;
    const struct search_clause clauses[] = {{"name", NULL, "=", v->model, 0, NULL},
                                            {"stage", NULL, "=", told, 0, NULL}};
    const struct search search = {
        .n_clauses = 2, .clauses = clauses, .n_order = 1, .order = {"number"}, .limit = INT64_MAX};
    if (!model_version_search(s, in->db, &search, &n, &others))
        return false;
    for (size_t i = 0; i < n; i++)
        if (others[i].version_id != v->version_id &&
            (!version_by_number(s, in->db, v->model, others[i].number, &other) ||
             !model_version_tell_production(s, in->db, &other, NULL) ||
             !version_move(s, in->db, &other, "archived", &move)))
            return false;
    return true;
}

bool
model_versions_transition(struct scope *s, const struct request *in, struct reply *out)
{
    const char *name, *text, *told;
    const struct message *m;
    struct version v;
    int64_t number;
    bool with_others = false;
    if (!message_read(s, in, &m) || !registry_read(s, in, m, PERMISSION_EDIT, &name, &number) ||
        !message_need_text(s, m, "stage", &text) || !registry_stage(s, text, &told) ||
        !message_bool(s, m, "archive_existing_versions", &with_others))
        return false;
    if (with_others && strcmp(told, "Staging") != 0 && strcmp(told, "Production") != 0)
        return fail(s, ERROR_INPUT,
                    "Model version transition cannot archive existing model versions because '%s' "
                    "is not an Active stage. Valid stages are Staging, Production",
                    told);
    return db_begin(s, in->db) && version_hold(s, in->db, name, number, &v) &&
           stage_move(s, in, &v, told, with_others) &&
           registry_reply_version(s, in, name, number, out) && db_commit(s, in->db);
}

bool
model_versions_delete(struct scope *s, const struct request *in, struct reply *out)
{
    const char *name;
    const struct message *m;
    int64_t number;
    return message_read(s, in, &m) && registry_read(s, in, m, PERMISSION_MANAGE, &name, &number) &&
           db_begin(s, in->db) && model_version_delete(s, in->db, name, number, in->principal) &&
           db_commit(s, in->db) && registry_done(out);
}

bool
model_versions_get(struct scope *s, const struct request *in, struct reply *out)
{
    const char *name;
    const struct message *m;
    int64_t number;
    return message_read(s, in, &m) && registry_read(s, in, m, PERMISSION_READ, &name, &number) &&
           registry_reply_version(s, in, name, number, out);
}

bool
model_versions_download_uri(struct scope *s, const struct request *in, struct reply *out)
{
    const char *name;
    const struct message *m;
    struct model_version v;
    int64_t number;
    if (!message_read(s, in, &m) || !registry_read(s, in, m, PERMISSION_READ, &name, &number) ||
        !model_version_get(s, in->db, name, number, &v))
        return false;
    struct json_writer w = reply_json(out);
    json_object_begin(&w);
    json_pair_text(&w, "artifact_uri", v.location);
    json_object_end(&w);
    return true;
}

static const struct registry_language *
language(void)
{
    static const struct filter_attribute attributes[] = {
        {"name", "name", FILTER_TEXTUAL | FILTER_LISTED, true},
        {"run_id", "run_id", FILTER_TEXTUAL | FILTER_LISTED, false},
        {"source_path", "source_path", FILTER_TEXTUAL, false},
        {"version_number", "version_number", FILTER_NUMERIC, false},
        {0},
    };
    static const struct filter_attribute orders[] = {
        {"name", "name", 0, true},
        {"version_number", "number", 0, true},
        {"creation_timestamp", "created", 0, true},
        {"last_updated_timestamp", "updated", 0, true},
        {0},
    };
    static const struct filter_language filter = {
        .of = "model versions",
        .attributes = attributes,
        .operators = {[FILTER_TAG] = FILTER_TEXTUAL},
    };
    static const struct filter_language order = {
        .of = "model versions",
        .attributes = orders,
        .orderable = FILTER_BIT(FILTER_ATTRIBUTE),
    };
    static const struct registry_language language = {.filter = &filter,
                                                      .order = &order,
                                                      .default_order = {"-updated"},
                                                      .tie_break = {"name", "-number"},
                                                      .default_limit = 200000,
                                                      .most = 200000};
    return &language;
}

bool
model_versions_search(struct scope *s, const struct request *in, struct reply *out)
{
    struct search search;
    struct model_version *versions;
    const struct message *m;
    size_t n;
    if (!message_read(s, in, &m) || !registry_search_read(s, in, m, language(), &search) ||
        !model_version_search(s, in->db, &search, &n, &versions))
        return false;
    struct json_writer w = reply_json(out);
    json_object_begin(&w);
    n = registry_page_end(s, &w, &search, n);
    if (n > 0) {
        json_put_key(&w, "model_versions");
        registry_put_versions(&w, n, versions);
    }
    json_object_end(&w);
    return true;
}

bool
model_versions_tag_set(struct scope *s, const struct request *in, struct reply *out)
{
    const char *name, *key, *value = "";
    const struct message *m;
    struct version v;
    int64_t number;
    if (!message_read(s, in, &m) || !registry_read(s, in, m, PERMISSION_EDIT, &name, &number) ||
        !message_need_text(s, m, "key", &key) || !message_text(s, m, "value", &value))
        return false;
    const struct release_move move = registry_move(s, in, "set tag");
    return db_begin(s, in->db) && version_hold(s, in->db, name, number, &v) &&
           (strcmp(key, MODEL_VERSION_STAGE) != 0 || registry_permit_move(s, in, &v, value)) &&
           model_version_tag_set(s, in->db, &v, key, value, &move) && db_commit(s, in->db) &&
           registry_done(out);
}

bool
model_versions_tag_drop(struct scope *s, const struct request *in, struct reply *out)
{
    const char *name, *key;
    const struct message *m;
    struct version v;
    int64_t number;
    return message_read(s, in, &m) && registry_read(s, in, m, PERMISSION_MANAGE, &name, &number) &&
           message_need_text(s, m, "key", &key) && version_by_number(s, in->db, name, number, &v) &&
           model_version_tag_drop(s, in->db, &v, key) && registry_done(out);
}
