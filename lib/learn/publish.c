#include "learn/publish.h"

#define ARTIFACT_MOST_BYTES ((size_t)64 << 20)

bool
publish_keep(struct scope *s, struct store *store, const char *artifact_key,
             const struct package_about *about, struct publication *out)
{
    struct artifact artifact;
    struct package package;
    struct package_about known = *about;
    struct str bytes;
    *out = (struct publication){0};
    if (!store_get(s, store, artifact_key, ARTIFACT_MOST_BYTES, about->sha256, &bytes) ||
        !artifact_load(s, bytes, &artifact))
        return false;
    known.size_bytes = bytes.n;
    package_make(s, &artifact, &known, &package);
    out->artifact = (struct artifact_file){artifact_key, about->sha256, (int64_t)bytes.n};
    for (; out->n < package.n; out->n++) {
        out->names[out->n] = package.files[out->n].name;
        if (!artifact_keep(s, store, package.files[out->n].bytes, &out->kept[out->n]))
            return explain(s, "could not keep \"%s\"", out->names[out->n]);
    }
    return true;
}

bool
publish_name(struct scope *s, const struct artifact_shelf *to, const struct version *v,
             const struct publication *p)
{
    const char *folder = artifact_uri_path(s, v->source);
    if (folder == NULL)
        return true;
    if (!artifact_refer(s, to, artifact_path_join(s, folder, PACKAGE_ARTIFACT), &p->artifact))
        return false;
    for (size_t i = 0; i < p->n; i++)
        if (!artifact_name(s, to, artifact_path_join(s, folder, p->names[i]), &p->kept[i]))
            return false;
    return true;
}

bool
publish_version(struct scope *s, const struct artifact_shelf *to, const struct version *v)
{
    struct publication p;
    const struct package_about about = {
        .run_id = v->run_id, .sha256 = v->artifact_sha256, .as_of = v->as_of};
    if (!v->has_day)
        return fail(s, ERROR_INPUT, "version %s of \"%s\" was not trained here", v->version,
                    v->model);
    if (artifact_uri_path(s, v->source) == NULL)
        return fail(s, ERROR_INPUT, "version %s of \"%s\" keeps its files elsewhere: \"%.200s\"",
                    v->version, v->model, v->source);
    return (publish_keep(s, to->store, v->artifact_key, &about, &p) && db_begin(s, to->db) &&
            publish_name(s, to, v, &p) && db_commit(s, to->db)) ||
           explain(s, "could not publish version %s of \"%s\"", v->version, v->model);
}
