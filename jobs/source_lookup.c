// jobs/source_lookup.c: EPA's codes, as `airwatch source lookup` shows them.
#include <string.h>

#include "base/file.h"
#include "jobs/source.h"
#include "source/client.h"
#include "text/url.h"

#define LOOKUP_BYTES ((size_t)64 << 20)

static const struct lookup {
    const char *what, *query;
    size_t n; // codes that it wants
    const char *codes[2];
} lookups[] = {
    {"states", "list/states", 0, {0}},
    {"counties", "list/countiesByState", 1, {"state"}},
    {"sites", "list/sitesByCounty", 2, {"state", "county"}},
    {"cbsas", "list/cbsas", 0, {0}},
    {"classes", "list/classes", 0, {0}},
    {"parameters", "list/parametersByClass", 1, {"pc"}},
    {"durations", "list/duration", 0, {0}},
    {"agencies", "list/mas", 0, {0}},
};

#define N_LOOKUPS (sizeof lookups / sizeof *lookups)

static bool
lookup_find(struct scope *s, const struct job *job, const struct lookup **out)
{
    struct buf known = buf_open(s, 128);
    for (size_t i = 0; i < N_LOOKUPS; i++) {
        const struct lookup *l = &lookups[i];
        buf_print(&known, "%s%s%s%s", i == 0 ? "" : ", ", l->what, l->n > 0 ? " CODE" : "",
                  l->n > 1 ? " CODE" : "");
        if (job->n_words == l->n + 2 && strcmp(job->words[1], l->what) == 0) {
            *out = l;
            return true;
        }
    }
    return fail(s, ERROR_USAGE, "lookup wants one of: %s", known.text);
}

bool
job_source_lookup(struct scope *s, struct job *job)
{
    const struct lookup *l = NULL;
    struct client_answer got;
    struct str text;
    struct buf query = buf_open(s, 128);
    const struct json *answer, *data, *one;
    if (!lookup_find(s, job, &l))
        return false;
    buf_print(&query, "%s?", l->query);
    for (size_t i = 0; i < l->n; i++) {
        buf_print(&query, "%s%s=", i == 0 ? "" : "&", l->codes[i]);
        url_encode(&query, job->words[i + 2]);
    }
    if (!client_get(s, job->config, job->db, query.text, &got) ||
        !file_read_fd(s, got.fd, LOOKUP_BYTES, &text) ||
        (answer = json_parse(s, text.at, text.n)) == NULL ||
        !json_array(s, answer, json_find(answer, "Data") != NULL ? "Data" : "Body", &data))
        return false;
    json_put_key(job->result, "codes");
    json_array_begin(job->result);
    for (one = json_first(data); one != NULL; one = json_next(one)) {
        const struct json *words = json_find(one, "value_represented");
        const char *code;
        if (!json_text(s, one, "code", &code))
            return false;
        const char *name =
            words != NULL && json_kind(words) == JSON_TEXT ? json_as_text(words) : "";
        json_object_begin(job->result);
        json_pair_text(job->result, "code", code);
        json_pair_text(job->result, "name", name);
        json_object_end(job->result);
        job_say(job, "%-10s %s", code, name);
    }
    json_array_end(job->result);
    return json_count(data) > 0 || fail(s, ERROR_MISSING, "EPA has no %s for these codes", l->what);
}
