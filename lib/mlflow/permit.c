#include "mlflow/permit.h"

// What a role alone gives on everything.
static enum permission
role_permission(const struct request *in)
{
    if ((in->roles & ROLE_OPERATOR) != 0)
        return PERMISSION_MANAGE;
    return (in->roles & ROLE_SCIENTIST) != 0 ? PERMISSION_EDIT : PERMISSION_READ;
}

static bool
demand(struct scope *s, const struct request *in, enum permission wanted)
{
    return role_permission(in) >= wanted || fail(s, ERROR_DENIED, "Permission denied");
}

bool
permit_experiment(struct scope *s, const struct request *in, int64_t experiment_id,
                  enum permission wanted)
{
    (void)experiment_id;
    return demand(s, in, wanted);
}

bool
permit_run(struct scope *s, const struct request *in, const char *run_id, enum permission wanted)
{
    (void)run_id;
    return demand(s, in, wanted);
}

bool
permit_model(struct scope *s, const struct request *in, const char *name, enum permission wanted)
{
    (void)name;
    return demand(s, in, wanted);
}

bool
permit_own_experiment(struct scope *s, const struct request *in, int64_t experiment_id)
{
    (void)experiment_id;
    return demand(s, in, PERMISSION_EDIT);
}

bool
permit_own_model(struct scope *s, const struct request *in, const char *name)
{
    (void)name;
    return demand(s, in, PERMISSION_EDIT);
}

const char *
permit_principal(const struct request *in)
{
    (void)in;
    return NULL;
}
