#include "registry/token.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/time.h"
#include "jobs/job.h"

#define DAY_S 86400

struct choices {
    const char *principal, *role, *label, *out;
    int64_t expires_days, id;
};

// Writes the token to a file; one that could not be kept is revoked again.
static bool
token_keep(struct scope *s, struct job *job, const char *path, const char *token, int64_t token_id)
{
    struct scope undo = {0};
    const char *line = scope_print(s, "%s\n", token);
    if (file_write(s, path, (struct str){line, strlen(line)}, 0600))
        return true;
    if (!token_revoke(&undo, job->db, token_id, "airwatch"))
        explain(s, "could not revoke token %lld", (long long)token_id);
    scope_close(&undo);
    return explain(s, "could not keep the token");
}

// A role is the principal's, and so of all its tokens: who adds one to a name that has others is
// told.
static bool
others_tell(struct scope *s, struct job *job, const struct choices *c)
{
    const struct rows *r = token_list(s, job->db);
    if (r == NULL)
        return false;
    size_t i = 0;
    while (i < rows_count(r) && strcmp(rows_text(r, i, "principal"), c->principal) != 0)
        i++;
    if (i == rows_count(r) || strcmp(rows_text(r, i, "roles"), c->role) == 0 || job->is_quiet ||
        job->is_json)
        return true;
    fprintf(stderr, "\"%s\" has the roles %s, and each of its tokens may what they may\n",
            c->principal, rows_text(r, i, "roles"));
    return true;
}

// The token goes to a file or a terminal, never into the report, which is kept in ops.job.
static bool
create(struct scope *s, struct job *job, const struct choices *c)
{
    char token[TOKEN_TEXT];
    int64_t token_id = 0;
    const struct token_request request = {
        .principal = c->principal,
        .role = c->role,
        .label = c->label,
        .expires_at = c->expires_days == 0 ? 0 : time_now() + c->expires_days * DAY_S,
        .actor = "airwatch",
    };
    if (c->principal == NULL || c->role == NULL)
        return fail(s, ERROR_USAGE, "create needs --principal and --role");
    if (c->out == NULL && (job->is_json || job->is_quiet))
        return fail(s, ERROR_USAGE, "create with --json or --quiet needs --out FILE");
    if (c->expires_days < 0 || c->expires_days > 36500)
        return fail(s, ERROR_USAGE, "--expires is not from 0 to 36500 days");
    if (job->is_dry_run)
        return true;
    if (!token_create(s, job->db, &request, token, &token_id))
        return false;
    if (c->out != NULL && !token_keep(s, job, c->out, token, token_id))
        return false;
    json_pair_int(job->result, "token_id", token_id);
    json_pair_text(job->result, "principal", c->principal);
    json_pair_text(job->result, "role", c->role);
    if (!others_tell(s, job, c))
        return false;
    job_say(job, "%s",
            c->out == NULL ? token
                           : scope_print(s, "token %lld is in %s", (long long)token_id, c->out));
    return true;
}

static bool
list(struct scope *s, struct job *job)
{
    const struct rows *r = token_list(s, job->db);
    if (r == NULL)
        return false;
    json_put_key(job->result, "tokens");
    json_array_begin(job->result);
    for (size_t i = 0; i < rows_count(r); i++) {
        json_object_begin(job->result);
        json_pair_int(job->result, "token_id", rows_int(r, i, "token_id"));
        json_pair_text(job->result, "principal", rows_text(r, i, "principal"));
        json_pair_text(job->result, "roles", rows_text(r, i, "roles"));
        json_pair_text(job->result, "state", rows_text(r, i, "state"));
        json_object_end(job->result);
        job_say(job, "%5s  %-8s  %-20s %-20s %-20s %s", rows_text(r, i, "token_id"),
                rows_text(r, i, "state"), rows_text(r, i, "principal"), rows_text(r, i, "roles"),
                rows_text(r, i, "created_at"), rows_text(r, i, "label"));
    }
    json_array_end(job->result);
    return true;
}

static bool
revoke(struct scope *s, struct job *job, const struct choices *c)
{
    if (c->id <= 0)
        return fail(s, ERROR_USAGE, "revoke needs --id, a number that list shows");
    if (job->is_dry_run)
        return true;
    if (!token_revoke(s, job->db, c->id, "airwatch"))
        return false;
    json_pair_int(job->result, "revoked", c->id);
    job_say(job, "token %lld is revoked", (long long)c->id);
    return true;
}

bool
job_token(struct scope *s, struct job *job)
{
    struct choices c = {.label = ""};
    const struct option options[] = {
        {"principal", OPTION_TEXT, &c.principal, "NAME", "create: who will call"},
        {"role", OPTION_TEXT, &c.role, "ROLE",
         "create: viewer, predictor, scientist, engineer or operator"},
        {"label", OPTION_TEXT, &c.label, "TEXT", "create: what it is for"},
        {"expires", OPTION_INT, &c.expires_days, "DAYS",
         "create: good for so long (default: ever)"},
        {"out", OPTION_TEXT, &c.out, "FILE", "create: the home's owner writes it there (mode 600)"},
        {"id", OPTION_INT, &c.id, "NUMBER", "revoke: which one"},
        {0},
    };
    if (!job_begin(s, job, options, "create|list|revoke", 1))
        return false;
    if (strcmp(job->words[0], "create") == 0)
        return create(s, job, &c);
    if (strcmp(job->words[0], "list") == 0)
        return list(s, job);
    if (strcmp(job->words[0], "revoke") == 0)
        return revoke(s, job, &c);
    return fail(s, ERROR_USAGE, "\"%.40s\" is none of create, list and revoke", job->words[0]);
}
