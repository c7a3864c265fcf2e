#include "mlflow/handlers.h"

#include <string.h>

#include "base/time.h"
#include "mlflow/artifact_file.h"
#include "mlflow/entity.h"
#include "mlflow/permit.h"

#define EXPERIMENTS_MOST 50000 // of one page

// A place in our own lake must not be somebody else's: where another experiment has its artifacts
// the caller must be allowed to log, and numbers are kept for the experiments that will have them.
static bool
location_permit(struct scope *s, const struct request *in, const char *location)
{
    static const char scheme[] = "mlflow-artifacts:";
    int64_t experiment_id;
    bool is_found;
    const char *path;
    if (location == NULL || strncmp(location, scheme, sizeof scheme - 1) != 0)
        return true;
    location += sizeof scheme - 1;
    if (!artifact_folder_check(s, location + strspn(location, "/"), &path) ||
        !artifact_experiment(s, in->db, path, &is_found, &experiment_id))
        return false;
    if (is_found)
        return permit_experiment(s, in, experiment_id, PERMISSION_EDIT);
    return strspn(path, "0123456789") != strcspn(path, "/") || path[0] == '\0' ||
           permit_manager(s, in);
}

bool
experiments_create(struct scope *s, const struct request *in, struct reply *out)
{
    const struct message *m;
    struct track_experiment_wish wish = {.at_ms = time_now_ms()};
    int64_t experiment_id;
    if (!message_read(s, in, &m) || !message_need_text(s, m, "name", &wish.name) ||
        !message_text(s, m, "artifact_location", &wish.artifact_location) ||
        !entity_pairs_read(s, m, "tags", &wish.n_tags, &wish.tags) ||
        !location_permit(s, in, wish.artifact_location) || !db_begin(s, in->db) ||
        !track_experiment_create(s, in->db, &wish, &experiment_id) ||
        !permit_own_experiment(s, in, experiment_id) || !db_commit(s, in->db))
        return false;
    struct json_writer w = reply_json(out);
    json_object_begin(&w);
    entity_number_put(&w, "experiment_id", experiment_id);
    json_object_end(&w);
    return true;
}

static bool
experiment_reply(struct reply *out, const struct track_experiment *e)
{
    struct json_writer w = reply_json(out);
    json_object_begin(&w);
    json_put_key(&w, "experiment");
    entity_experiment_put(&w, e);
    json_object_end(&w);
    return true;
}

// Reads the experiment that a message names, and demands a permission on it.
static bool
named_read(struct scope *s, const struct request *in, enum permission wanted,
           const struct message **m, int64_t *experiment_id)
{
    return message_read(s, in, m) && entity_experiment_id(s, *m, experiment_id) &&
           permit_experiment(s, in, *experiment_id, wanted);
}

bool
experiments_get(struct scope *s, const struct request *in, struct reply *out)
{
    const struct message *m;
    struct track_experiment e;
    int64_t id;
    return named_read(s, in, PERMISSION_READ, &m, &id) && track_experiment_get(s, in->db, id, &e) &&
           experiment_reply(out, &e);
}

bool
experiments_get_by_name(struct scope *s, const struct request *in, struct reply *out)
{
    const struct message *m;
    struct track_experiment e;
    const char *name;
    return message_read(s, in, &m) && message_need_text(s, m, "experiment_name", &name) &&
           track_experiment_find(s, in->db, name, &e) &&
           permit_experiment(s, in, e.experiment_id, PERMISSION_READ) && experiment_reply(out, &e);
}

bool
experiments_delete(struct scope *s, const struct request *in, struct reply *out)
{
    const struct message *m;
    int64_t id;
    return named_read(s, in, PERMISSION_MANAGE, &m, &id) &&
           track_experiment_delete(s, in->db, id, time_now_ms()) && entity_empty(out);
}

bool
experiments_restore(struct scope *s, const struct request *in, struct reply *out)
{
    const struct message *m;
    int64_t id;
    return named_read(s, in, PERMISSION_MANAGE, &m, &id) &&
           track_experiment_restore(s, in->db, id, time_now_ms()) && entity_empty(out);
}

bool
experiments_update(struct scope *s, const struct request *in, struct reply *out)
{
    const struct message *m;
    const char *name;
    int64_t id;
    return named_read(s, in, PERMISSION_EDIT, &m, &id) &&
           message_need_text(s, m, "new_name", &name) &&
           track_experiment_rename(s, in->db, id, name, time_now_ms()) && entity_empty(out);
}

bool
experiments_set_tag(struct scope *s, const struct request *in, struct reply *out)
{
    const struct message *m;
    struct track_pair tag = {.value = ""};
    int64_t id;
    return named_read(s, in, PERMISSION_EDIT, &m, &id) &&
           message_need_text(s, m, "key", &tag.key) && message_text(s, m, "value", &tag.value) &&
           track_experiment_tag(s, in->db, id, &tag) && entity_empty(out);
}

bool
experiments_delete_tag(struct scope *s, const struct request *in, struct reply *out)
{
    const struct message *m;
    const char *key;
    int64_t id;
    return named_read(s, in, PERMISSION_EDIT, &m, &id) && message_need_text(s, m, "key", &key) &&
           track_experiment_untag(s, in->db, id, key) && entity_empty(out);
}

bool
experiments_search(struct scope *s, const struct request *in, struct reply *out)
{
    const struct message *m;
    const struct track_experiment *found;
    struct track_page page = {.principal = permit_principal(in)};
    size_t n;
    bool has_more;
    if (!message_read(s, in, &m) || !entity_page_read(s, m, "view_type", EXPERIMENTS_MOST, &page) ||
        !track_experiment_search(s, in->db, &page, &n, &found, &has_more))
        return false;
    struct json_writer w = reply_json(out);
    json_object_begin(&w);
    if (n > 0) {
        json_put_key(&w, "experiments");
        json_array_begin(&w);
        for (size_t i = 0; i < n; i++)
            entity_experiment_put(&w, &found[i]);
        json_array_end(&w);
    }
    if (has_more)
        json_pair_text(&w, "next_page_token", message_token(s, page.offset + page.limit));
    json_object_end(&w);
    return true;
}
