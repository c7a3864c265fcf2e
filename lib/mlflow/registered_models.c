#include <string.h>
#include <strings.h>

#include "mlflow/handlers.h"
#include "mlflow/registry.h"

static const char *
ids_of(struct scope *s, size_t n, const struct registered_model models[])
{
    struct buf ids = buf_open(s, 64);
    buf_char(&ids, '{');
    for (size_t i = 0; i < n; i++)
        buf_print(&ids, "%s%lld", i == 0 ? "" : ",", (long long)models[i].model_id);
    buf_char(&ids, '}');
    return ids.text;
}

// Answers {"registered_model": …} with a model as it is now.
static bool
model_reply(struct scope *s, const struct request *in, const char *name, struct reply *out)
{
    struct registered_model model;
    struct model_version *latest;
    size_t n;
    if (!registered_model_get(s, in->db, name, &model) ||
        !model_version_latest(s, in->db, ids_of(s, 1, &model), &n, &latest))
        return false;
    struct json_writer w = reply_json(out);
    json_object_begin(&w);
    json_put_key(&w, "registered_model");
    registry_put_model(&w, &model, n, latest);
    json_object_end(&w);
    return true;
}

bool
registered_models_create(struct scope *s, const struct request *in, struct reply *out)
{
    const char *name, *description = "";
    const struct message *m, *const *tags;
    size_t n = 0;
    if (!message_read(s, in, &m) || !message_need_text(s, m, "name", &name) ||
        !message_text(s, m, "description", &description) || !message_list(s, m, "tags", &n, &tags))
        return false;
    if (!db_begin(s, in->db) ||
        !registered_model_create(s, in->db, name, description, in->principal) ||
        !permit_own_model(s, in, name))
        return false;
    for (size_t i = 0; i < n; i++) {
        const char *key, *value = "";
        if (!message_need_text(s, tags[i], "key", &key) ||
            !message_text(s, tags[i], "value", &value) ||
            !registered_model_tag_set(s, in->db, name, key, value))
            return false;
    }
    return model_reply(s, in, name, out) && db_commit(s, in->db);
}

bool
registered_models_rename(struct scope *s, const struct request *in, struct reply *out)
{
    const char *name, *new_name;
    const struct message *m;
    return message_read(s, in, &m) && registry_read(s, in, m, PERMISSION_EDIT, &name, NULL) &&
           message_need_text(s, m, "new_name", &new_name) && db_begin(s, in->db) &&
           registered_model_rename(s, in->db, name, new_name, in->principal) &&
           model_reply(s, in, new_name, out) && db_commit(s, in->db);
}

bool
registered_models_update(struct scope *s, const struct request *in, struct reply *out)
{
    const char *name, *description = "";
    const struct message *m;
    return message_read(s, in, &m) && registry_read(s, in, m, PERMISSION_EDIT, &name, NULL) &&
           message_text(s, m, "description", &description) &&
           registered_model_describe(s, in->db, name, description) && model_reply(s, in, name, out);
}

bool
registered_models_delete(struct scope *s, const struct request *in, struct reply *out)
{
    const char *name;
    const struct message *m;
    return message_read(s, in, &m) && registry_read(s, in, m, PERMISSION_MANAGE, &name, NULL) &&
           db_begin(s, in->db) && registered_model_delete(s, in->db, name, in->principal) &&
           db_commit(s, in->db) && registry_done(out);
}

bool
registered_models_get(struct scope *s, const struct request *in, struct reply *out)
{
    const char *name;
    const struct message *m;
    return message_read(s, in, &m) && registry_read(s, in, m, PERMISSION_READ, &name, NULL) &&
           model_reply(s, in, name, out);
}

static const struct registry_language *
language(void)
{
    static const struct filter_attribute attributes[] = {
        {"name", "name", FILTER_TEXTUAL | FILTER_LISTED, true},
        {"timestamp", "updated", 0, true},
        {"last_updated_timestamp", "updated", 0, true},
        {"creation_timestamp", "created", 0, true},
        {0},
    };
    static const struct filter_language filter = {
        .of = "registered models",
        .attributes = attributes,
        .operators = {[FILTER_TAG] = FILTER_TEXTUAL},
        .orderable = FILTER_BIT(FILTER_ATTRIBUTE),
    };
    static const struct registry_language language = {.filter = &filter,
                                                      .order = &filter,
                                                      .default_order = {"name"},
                                                      .tie_break = {"name"},
                                                      .default_limit = 100,
                                                      .most = 1000};
    return &language;
}

bool
registered_models_search(struct scope *s, const struct request *in, struct reply *out)
{
    struct search search;
    struct registered_model *models;
    struct model_version *latest;
    const struct message *m;
    size_t n, n_latest;
    if (!message_read(s, in, &m) || !registry_search_read(s, in, m, language(), &search) ||
        !registered_model_search(s, in->db, &search, &n, &models) ||
        !model_version_latest(s, in->db, ids_of(s, n, models), &n_latest, &latest))
        return false;
    struct json_writer w = reply_json(out);
    json_object_begin(&w);
    n = registry_page_end(s, &w, &search, n);
    if (n > 0) {
        json_put_key(&w, "registered_models");
        json_array_begin(&w);
    }
    for (size_t i = 0; i < n; i++) {
        size_t from = 0; // a model's latest versions stand together
        while (from < n_latest && latest[from].model_id != models[i].model_id)
            from++;
        size_t to = from;
        while (to < n_latest && latest[to].model_id == models[i].model_id)
            to++;
        registry_put_model(&w, &models[i], to - from, latest + from);
    }
    if (n > 0)
        json_array_end(&w);
    json_object_end(&w);
    return true;
}

// Tells whether a stage is asked for; all are when none is named.
static bool
stage_is_in(const char *stage, size_t n, const char *const stages[])
{
    for (size_t i = 0; i < n; i++)
        if (strcasecmp(stage, stages[i]) == 0)
            return true;
    return n == 0;
}

bool
registered_models_latest(struct scope *s, const struct request *in, struct reply *out)
{
    const char *name, *const *stages = NULL;
    const struct message *m;
    struct registered_model model;
    struct model_version *latest;
    const char *known;
    size_t n_stages = 0, n, n_kept = 0;
    if (!message_read(s, in, &m) || !registry_read(s, in, m, PERMISSION_READ, &name, NULL) ||
        !message_texts(s, m, "stages", &n_stages, &stages))
        return false;
    for (size_t i = 0; i < n_stages; i++)
        if (!registry_stage(s, stages[i], &known))
            return false;
    if (!registered_model_get(s, in->db, name, &model) ||
        !model_version_latest(s, in->db, ids_of(s, 1, &model), &n, &latest))
        return false;
    for (size_t i = 0; i < n; i++)
        if (stage_is_in(latest[i].stage_told, n_stages, stages))
            latest[n_kept++] = latest[i];
    struct json_writer w = reply_json(out);
    json_object_begin(&w);
    if (n_kept > 0) {
        json_put_key(&w, "model_versions");
        registry_put_versions(&w, n_kept, latest);
    }
    json_object_end(&w);
    return true;
}

bool
registered_models_tag_set(struct scope *s, const struct request *in, struct reply *out)
{
    const char *name, *key, *value = "";
    const struct message *m;
    return message_read(s, in, &m) && registry_read(s, in, m, PERMISSION_EDIT, &name, NULL) &&
           message_need_text(s, m, "key", &key) && message_text(s, m, "value", &value) &&
           registered_model_tag_set(s, in->db, name, key, value) && registry_done(out);
}

bool
registered_models_tag_drop(struct scope *s, const struct request *in, struct reply *out)
{
    const char *name, *key;
    const struct message *m;
    return message_read(s, in, &m) && registry_read(s, in, m, PERMISSION_MANAGE, &name, NULL) &&
           message_need_text(s, m, "key", &key) &&
           registered_model_tag_drop(s, in->db, name, key) && registry_done(out);
}

bool
registered_models_alias_set(struct scope *s, const struct request *in, struct reply *out)
{
    const char *name, *alias;
    const struct message *m;
    struct version v;
    int64_t number;
    if (!message_read(s, in, &m) || !registry_read(s, in, m, PERMISSION_EDIT, &name, &number) ||
        !message_need_text(s, m, "alias", &alias))
        return false;
    const struct release_move move = registry_move(s, in, "set alias");
    return db_begin(s, in->db) && version_hold(s, in->db, name, number, &v) &&
           registry_permit_move(s, in, &v, alias_is_stage(alias) ? alias : "") &&
           alias_set(s, in->db, &v, alias, &move) && db_commit(s, in->db) && registry_done(out);
}

bool
registered_models_alias_drop(struct scope *s, const struct request *in, struct reply *out)
{
    const char *name, *alias;
    const struct message *m;
    struct registered_model model;
    if (!message_read(s, in, &m) || !registry_read(s, in, m, PERMISSION_MANAGE, &name, NULL) ||
        !message_need_text(s, m, "alias", &alias))
        return false;
    const struct release_move move = registry_move(s, in, "delete alias");
    return db_begin(s, in->db) && registered_model_get(s, in->db, name, &model) &&
           alias_drop(s, in->db, name, alias, &move) && db_commit(s, in->db) && registry_done(out);
}

bool
registered_models_alias_get(struct scope *s, const struct request *in, struct reply *out)
{
    const char *name, *alias;
    const struct message *m;
    struct model_version v;
    if (!message_read(s, in, &m) || !registry_read(s, in, m, PERMISSION_READ, &name, NULL) ||
        !message_need_text(s, m, "alias", &alias) ||
        !model_version_of_alias(s, in->db, name, alias, &v))
        return false;
    struct json_writer w = reply_json(out);
    json_object_begin(&w);
    json_put_key(&w, "model_version");
    registry_put_version(&w, &v);
    json_object_end(&w);
    return true;
}
