#include "mlflow/model_source.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "mlflow/artifact_file.h"
#include "mlflow/model_source.sql.h"
#include "registry/artifact_path.h"
#include "text/url.h"
#include "track/limit.h"

#define DECODINGS 8 // of one text, one in the other, before it is taken for an attack

#define UPWARDS                                                                                    \
    "If supplying a source as an http, https, s3 or mlflow-artifacts address, its path must not "  \
    "lead upwards or hold control characters"
#define LOCAL                                                                                      \
    "To use a local path as a model version source is not possible: the server opens none; log "   \
    "its files as artifacts of a run"

static bool
refuse(struct scope *s, const char *source, const char *why)
{
    return fail(s, ERROR_INPUT, "Invalid model version source: '%.200s'. %s", source, why);
}

// Tells whether a path has a part "..", whatever separates the parts.
static bool
has_parent(const char *path)
{
    for (const char *part = path;;) {
        const size_t n = strcspn(part, "/\\");
        if (n == 2 && strncmp(part, "..", 2) == 0)
            return true;
        if (part[n] == '\0')
            return false;
        part += n + 1;
    }
}

// Refuses a text in which, decoded as often as it can be, a path leads upwards.
static bool
upwards_check(struct scope *s, const char *source)
{
    const char *text = source, *decoded;
    for (int i = 0; i < DECODINGS; i++) {
        if (has_parent(text) || text[strcspn(text, "\t\r\n")] != '\0')
            return refuse(s, source, UPWARDS);
        if (!url_decode(s, (struct str){text, strlen(text)}, true, &decoded)) {
            scope_forgive(s);
            return strstr(text, "%00") == NULL || refuse(s, source, UPWARDS);
        }
        if (strcmp(decoded, text) == 0)
            return true;
        text = decoded;
    }
    return refuse(s, source, "It is encoded too often");
}

// Tells whether a source begins with a scheme, and "scheme:" is it.
static bool
scheme_is(const char *source, const char *scheme)
{
    const size_t n = strlen(scheme);
    return strncasecmp(source, scheme, n) == 0 && source[n] == ':';
}

static bool
has_scheme(const char *source)
{
    const size_t n = strcspn(source, ":/?#");
    return n > 1 && source[n] == ':' && isalpha((unsigned char)source[0]);
}

// Finds a logged model's files, which the caller must be allowed to read.
static bool
logged_model_find(struct scope *s, const struct request *in, const char *id, const char **uri,
                  const char **run_id)
{
    const struct rows *r = DB_QUERY(s, in->db, &sql_model_source_logged_model, id);
    if (r == NULL)
        return false;
    if (rows_count(r) == 0)
        return fail(s, ERROR_MISSING, "Logged model with ID '%.60s' not found", id);
    *uri = rows_text(r, 0, "artifact_uri");
    *run_id = rows_is_null(r, 0, "source_run_id") ? NULL : rows_text(r, 0, "source_run_id");
    return permit_experiment(s, in, rows_int(r, 0, "experiment_id"), PERMISSION_READ);
}

// What a version is said to be of, wherever it lies: a run, and a logged model on which it is
// noted.
static bool
origin_check(struct scope *s, const struct request *in, const struct model_version_request *request)
{
    const char *uri, *run_id;
    if (request->run_id != NULL && (!limit_run_id(s, "run_id", request->run_id) ||
                                    !permit_run(s, in, request->run_id, PERMISSION_READ)))
        return false;
    return request->logged_model_id == NULL ||
           logged_model_find(s, in, request->logged_model_id, &uri, &run_id);
}

// A source of ours: who names it must be allowed to read what lies there.
static bool
kept_check(struct scope *s, const struct request *in, const char *source)
{
    const char *path = artifact_uri_path(s, source);
    return path == NULL || artifact_permit(s, in, path, PERMISSION_READ); // NULL: nothing opens it
}

// models:/m-<id>: a logged model.
static bool
logged_model_resolve(struct scope *s, const struct request *in, const char *id,
                     struct model_version_request *request)
{
    const char *run_id;
    if (request->logged_model_id == NULL || strcmp(request->logged_model_id, id) != 0)
        return refuse(s, request->source, "model_id must name the same logged model");
    if (!logged_model_find(s, in, id, &request->location, &run_id))
        return false;
    if (request->run_id == NULL)
        request->run_id = run_id;
    return true;
}

// Finds the version behind models:/name/4, models:/name@alias, models:/name/latest.
static bool
reference_find(struct scope *s, const struct request *in, const char *reference,
               struct model_version *out)
{
    const size_t n = strcspn(reference, "/@");
    const char *name = scope_copy_n(s, reference, n), *which = reference + n + 1;
    const bool is_number =
        reference[n] == '/' && *which != '\0' && which[strspn(which, "0123456789")] == '\0';
    if (n == 0 || reference[n] == '\0' || *which == '\0' || strlen(which) > 255 ||
        (is_number && strlen(which) > 9))
        return fail(s, ERROR_INPUT, "Invalid model version source: 'models:/%.200s'", reference);
    if (!permit_model(s, in, name, PERMISSION_READ))
        return false;
    if (!is_number)
        return model_version_of_alias(s, in->db, name, which, out);
    int64_t number = 0;
    for (; *which != '\0'; which++)
        number = number * 10 + (*which - '0');
    return model_version_get(s, in->db, name, number, out);
}

static bool
reference_resolve(struct scope *s, const struct request *in, struct model_version_request *request)
{
    struct model_version v;
    const char *reference = request->source + strlen("models:");
    if (reference[0] != '/' || reference[1] == '/')
        return refuse(s, request->source, "It must begin with models:/ and a name");
    reference += 1;
    if (strncmp(reference, "m-", 2) == 0 && strpbrk(reference, "/@") == NULL)
        return logged_model_resolve(s, in, reference, request);
    if (!reference_find(s, in, reference, &v))
        return false;
    request->source = scope_print(s, "models:/%s/%lld", v.model, (long long)v.number);
    request->location = v.location;
    if (request->run_id == NULL && v.run_id[0] != '\0')
        request->run_id = v.run_id;
    if (request->logged_model_id == NULL && v.logged_model_id[0] != '\0')
        request->logged_model_id = v.logged_model_id;
    return true;
}

bool
model_source_resolve(struct scope *s, const struct request *in, bool is_prompt,
                     struct model_version_request *request)
{
    const char *source = request->source;
    if (is_prompt)
        return strcmp(source, "prompt-template") == 0 || strcmp(source, "dummy-source") == 0 ||
               refuse(s, source, "A prompt has no files");
    if (strlen(source) > 2048)
        return refuse(s, source, "It is longer than 2048 bytes");
    if (!has_scheme(source) || scheme_is(source, "file"))
        return refuse(s, source, LOCAL);
    if (!upwards_check(s, source) || !origin_check(s, in, request))
        return false;
    if (scheme_is(source, "models"))
        return reference_resolve(s, in, request);
    if (scheme_is(source, "runs")) {
        const char *run = source + strlen("runs:/");
        if (source[5] != '/' || strcspn(run, "/") == 0)
            return refuse(s, source, "It must begin with runs:/ and the id of a run");
        return permit_run(s, in, scope_copy_n(s, run, strcspn(run, "/")), PERMISSION_READ);
    }
    return !scheme_is(source, "mlflow-artifacts") || kept_check(s, in, source);
}

bool
model_source_note(struct scope *s, struct db *db, const char *logged_model_id, const char *model,
                  int64_t number)
{
    return logged_model_id == NULL ||
           DB_RUN(s, db, &sql_model_source_note, logged_model_id, model, db_int(s, number));
}
