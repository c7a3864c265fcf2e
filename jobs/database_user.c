#include "registry/scientist.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/time.h"
#include "jobs/job.h"

#define DAY_S 86400

struct choices {
    const char *name, *out;
    int64_t expires_days;
};

// The password goes to a file or a terminal, never into the report, which is kept in ops.job.
static bool
password_show(struct scope *s, const struct job *job, const struct choices *c, const char *password)
{
    const char *line = scope_print(s, "%s\n", password);
    if (c->out != NULL)
        return file_write(s, c->out, (struct str){line, strlen(line)}, 0600) ||
               explain(s, "could not keep the password: make another by the same command");
    job_say(job, "%s", password);
    return true;
}

bool
job_scientists_open(struct scope *s, struct job *job)
{
    const struct rows *r = scientist_open(s, job->db);
    if (r == NULL)
        return false;
    json_put_key(job->result, "left_open");
    json_array_begin(job->result);
    for (size_t i = 0; i < rows_count(r); i++) {
        const char *what = rows_text(r, i, "what"), *statement = rows_text(r, i, "statement");
        json_object_begin(job->result);
        json_pair_text(job->result, "what", what);
        json_pair_text(job->result, "statement", statement);
        json_object_end(job->result);
        fprintf(stderr,
                "airwatch %s: scientists are still allowed %s; a superuser ends that, in this "
                "database, by:\n    %s;\n",
                job->name, what, statement);
    }
    json_array_end(job->result);
    return true;
}

static bool
create(struct scope *s, struct job *job, const struct choices *c)
{
    char password[SCIENTIST_PASSWORD];
    bool is_new = false;
    if (c->out == NULL && (job->is_json || job->is_quiet))
        return fail(s, ERROR_USAGE, "create with --json or --quiet needs --out FILE");
    if (c->expires_days < 0 || c->expires_days > 36500)
        return fail(s, ERROR_USAGE, "--expires is not from 0 to 36500 days");
    if (job->is_dry_run)
        return true;
    const int64_t until = c->expires_days == 0 ? 0 : time_now() + c->expires_days * DAY_S;
    if (!scientist_put(s, job->db, c->name, until, password, &is_new) ||
        !password_show(s, job, c, password))
        return false;
    json_pair_text(job->result, "login", c->name);
    json_pair_bool(job->result, "is_new", is_new);
    return job_scientists_open(s, job);
}

static bool
list(struct scope *s, struct job *job)
{
    const struct rows *r = scientist_list(s, job->db);
    if (r == NULL)
        return false;
    json_put_key(job->result, "logins");
    json_array_begin(job->result);
    for (size_t i = 0; i < rows_count(r); i++) {
        const char *until = rows_text(r, i, "until");
        json_object_begin(job->result);
        json_pair_text(job->result, "login", rows_text(r, i, "scientist"));
        json_pair_text(job->result, "until", *until == '\0' ? NULL : until);
        json_pair_bool(job->result, "is_expired", rows_bool(r, i, "is_expired"));
        json_object_end(job->result);
        job_say(job, "%-32s %s%s", rows_text(r, i, "scientist"),
                rows_bool(r, i, "is_expired") ? "expired " : "", until);
    }
    json_array_end(job->result);
    return true;
}

static bool
drop(struct scope *s, struct job *job, const struct choices *c)
{
    if (job->is_dry_run)
        return true;
    if (!scientist_drop(s, job->db, c->name))
        return false;
    json_pair_text(job->result, "dropped", c->name);
    job_say(job, "login \"%s\" is gone", c->name);
    return true;
}

bool
job_database_user(struct scope *s, struct job *job)
{
    struct choices c = {0};
    const struct option options[] = {
        {"principal", OPTION_TEXT, &c.name, "NAME", "create, drop: whose login"},
        {"expires", OPTION_INT, &c.expires_days, "DAYS",
         "create: good for so long (default: ever)"},
        {"out", OPTION_TEXT, &c.out, "FILE",
         "create: the home's owner writes the password there (mode 600)"},
        {0},
    };
    if (!job_begin(s, job, options, "create|list|drop", 1))
        return false;
    if (strcmp(job->words[0], "list") == 0)
        return list(s, job);
    const bool is_create = strcmp(job->words[0], "create") == 0;
    if (!is_create && strcmp(job->words[0], "drop") != 0)
        return fail(s, ERROR_USAGE, "\"%.40s\" is none of create, list and drop", job->words[0]);
    if (c.name == NULL)
        return fail(s, ERROR_USAGE, "%s needs --principal", job->words[0]);
    return is_create ? create(s, job, &c) : drop(s, job, &c);
}
