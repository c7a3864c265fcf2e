#include <string.h>

#include "api/handlers.h"
#include "mlflow/permit.h"
#include "registry/lineage.h"
#include "registry/model_version.h"
#include "track/compare.h"

// Reads a version that the caller may see, by its model and either of its names.
static bool
version_find(struct scope *s, const struct request *in, const char *name, struct version *out)
{
    return permit_model(s, in, in->parts[0], PERMISSION_READ) &&
           version_by_name(s, in->db, in->parts[0], name, out);
}

bool
version_get(struct scope *s, const struct request *in, struct reply *out)
{
    struct version v;
    struct model_version seen;
    struct lineage lineage;
    const char *reason;
    if (!version_find(s, in, in->parts[1], &v) ||
        !model_version_get(s, in->db, v.model, v.number, &seen) ||
        !version_servable(s, in->db, &v, &reason) || !lineage_read(s, in->db, &v, &lineage))
        return false;
    struct json_writer w = reply_json(out);
    json_object_begin(&w);
    json_pair_text(&w, "model", v.model);
    json_put_key(&w, "version");
    version_write(&w, &v);
    json_put_key(&w, "aliases");
    json_put_raw(&w, seen.aliases == NULL ? "[]" : seen.aliases);
    json_put_key(&w, "tags");
    json_put_raw(&w, seen.tags == NULL ? "[]" : seen.tags);
    json_pair_text(&w, "not_servable_because", reason);
    json_put_key(&w, "recipe");
    json_put_raw(&w, v.recipe[0] == '\0' ? "null" : v.recipe);
    json_put_key(&w, "lineage");
    lineage_write(&w, &v, &lineage);
    json_object_end(&w);
    return true;
}

bool
version_compare(struct scope *s, const struct request *in, struct reply *out)
{
    static const char *const names[] = {"a", "b"};
    struct version versions[2];
    struct track_run runs[2];
    for (size_t i = 0; i < 2; i++) {
        const char *name;
        if (!request_query(s, in, names[i], &name))
            return false;
        if (name == NULL)
            return fail(s, ERROR_INPUT,
                        "the query value \"%s\" is missing: say which versions to "
                        "compare, as ?a=V1.0.0&b=V1.0.1",
                        names[i]);
        if (!version_find(s, in, name, &versions[i]) ||
            !track_run_of(s, in->db, versions[i].run_id, &runs[i]))
            return false;
    }
    const struct track_comparison comparison = track_compare(s, &runs[0], &runs[1]);
    struct json_writer w = reply_json(out);
    json_object_begin(&w);
    json_pair_text(&w, "model", in->parts[0]);
    for (size_t i = 0; i < 2; i++) {
        json_put_key(&w, names[i]);
        version_write(&w, &versions[i]);
    }
    track_comparison_write(&w, &comparison);
    json_object_end(&w);
    return true;
}
