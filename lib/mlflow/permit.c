#include "mlflow/permit.h"

#include "app/app.h"
#include "mlflow/permit.sql.h"

static bool
is_operator(const struct request *in)
{
    return (in->roles & ROLE_OPERATOR) != 0;
}

// Asks one number of the database, or remembers it; `*is_there` is false where there is no row,
// which is not remembered.
static bool
number_ask(struct scope *s, const struct request *in, struct memo *memo, const char *key,
           const struct query *q, const char *const values[2], bool *is_there, int64_t *out)
{
    uint64_t asked;
    *is_there = memo_find(memo, key, out, &asked);
    if (*is_there)
        return true;
    const struct rows *r = db_query(s, in->db, q, values[1] == NULL ? 1 : 2, values);
    if (r == NULL)
        return false;
    *is_there = rows_count(r) == 1;
    if (!*is_there)
        return true;
    *out = rows_int(r, 0, "n");
    memo_keep(memo, key, *out, asked);
    return true;
}

// Programs look for "Permission denied" and something behind it.
static bool
deny(struct scope *s, const struct query *q, const char *thing, enum permission wanted)
{
    if (thing == NULL)
        return fail(s, ERROR_DENIED, "Permission denied: you manage nothing that this is about");
    return fail(s, ERROR_DENIED, "Permission denied: this needs %s on %s \"%.200s\"",
                permission_name(wanted), q == &sql_permit_experiment ? "experiment" : "model",
                thing);
}

static bool
demand(struct scope *s, const struct request *in, const struct query *q, const char *thing,
       enum permission wanted)
{
    int64_t level;
    bool is_there;
    if (is_operator(in))
        return true;
    const char *key =
        scope_print(s, "%s %s %s", q->name, in->principal, thing == NULL ? "" : thing);
    const char *const values[2] = {in->principal, thing};
    if (!number_ask(s, in, app_of(in)->levels, key, q, values, &is_there, &level))
        return explain(s, "could not check the permission");
    return !is_there || level >= (int64_t)wanted || deny(s, q, thing, wanted);
}

bool
permit_experiment(struct scope *s, const struct request *in, int64_t experiment_id,
                  enum permission wanted)
{
    return demand(s, in, &sql_permit_experiment, db_int(s, experiment_id), wanted);
}

// Of which experiment a thing is, and how far one may go with that.
static bool
demand_within(struct scope *s, const struct request *in, const struct query *q, const char *id,
              enum permission wanted)
{
    int64_t experiment_id;
    bool is_there;
    const char *const values[2] = {id, NULL};
    if (is_operator(in))
        return true;
    if (!number_ask(s, in, app_of(in)->run_experiments, id, q, values, &is_there, &experiment_id))
        return explain(s, "could not check the permission");
    return !is_there || permit_experiment(s, in, experiment_id, wanted);
}

bool
permit_run(struct scope *s, const struct request *in, const char *run_id, enum permission wanted)
{
    return demand_within(s, in, &sql_permit_run, run_id, wanted);
}

bool
permit_logged(struct scope *s, const struct request *in, const char *model_id,
              enum permission wanted)
{
    return demand_within(s, in, &sql_permit_logged, model_id, wanted);
}

bool
permit_model(struct scope *s, const struct request *in, const char *name, enum permission wanted)
{
    return demand(s, in, &sql_permit_model, name, wanted);
}

bool
permit_manager(struct scope *s, const struct request *in)
{
    return demand(s, in, &sql_permit_manager, NULL, PERMISSION_READ);
}

bool
permit_own_experiment(struct scope *s, const struct request *in, int64_t experiment_id)
{
    const struct grant grant = {"experiment", db_int(s, experiment_id), "MANAGE"};
    return grant_own(s, in->db, in->principal, &grant);
}

bool
permit_own_model(struct scope *s, const struct request *in, const char *name)
{
    const struct grant grant = {"registered_model", name, "MANAGE"};
    memo_forget(app_of(in)->levels); // there may have been another of that name
    return grant_own(s, in->db, in->principal, &grant);
}

void
permit_changed(const struct request *in)
{
    auth_forget(app_of(in)->auth);
    memo_forget(app_of(in)->levels);
}

const char *
permit_principal(const struct request *in)
{
    struct scope s = {0};
    int64_t hides = 1; // unless it is known that nothing is
    bool is_there;
    if (is_operator(in))
        return NULL;
    const char *key = scope_print(&s, "%s %s", sql_permit_hides.name, in->principal);
    const char *const values[2] = {in->principal, NULL};
    if (!number_ask(&s, in, app_of(in)->levels, key, &sql_permit_hides, values, &is_there, &hides))
        hides = 1;
    scope_close(&s);
    return hides != 0 ? in->principal : NULL;
}

bool
permit_is_there(struct scope *s, const struct request *in, const struct grant *grant, bool *out)
{
    const struct rows *r = DB_QUERY(s, in->db, &sql_permit_is_there, grant->kind, grant->pattern);
    *out = r != NULL && rows_int(r, 0, "n") == 1;
    return r != NULL;
}

bool
permit_told(struct scope *s, const struct request *in, const char *user, const struct grant *grant,
            enum permission *out)
{
    const struct rows *r = DB_QUERY(s, in->db, &sql_permit_told, user, grant->kind, grant->pattern);
    if (r == NULL)
        return false;
    *out = rows_count(r) == 0 ? PERMISSION_NONE : (enum permission)rows_int(r, 0, "n");
    return true;
}

bool
permit_readable(struct scope *s, const struct request *in, size_t *n, int64_t experiment_ids[])
{
    size_t n_kept = 0;
    if (permit_principal(in) == NULL)
        return true;
    for (size_t i = 0; i < *n; i++) {
        struct scope one = {0};
        const bool may = permit_experiment(&one, in, experiment_ids[i], PERMISSION_READ);
        const bool is_asked = may || one.kind == ERROR_DENIED || fail_as(s, &one);
        scope_close(&one);
        if (!is_asked)
            return false;
        if (may)
            experiment_ids[n_kept++] = experiment_ids[i];
    }
    *n = n_kept;
    return true;
}

const char *
permission_name(enum permission permission)
{
    static const char *const names[] = {"NO_PERMISSIONS", "READ", "USE", "EDIT", "MANAGE"};
    return names[permission];
}
