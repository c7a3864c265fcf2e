// mlflow/permit.h: who may do what to which experiment and model.
//
// READ is to get, search and download; EDIT also to log, update and upload; MANAGE also to delete,
// restore and grant. Whoever made a thing manages it; an operator may everything.
#ifndef MLFLOW_PERMIT_H
#define MLFLOW_PERMIT_H

#include "http/request.h"
#include "registry/team.h"

enum permission {
    PERMISSION_NONE,
    PERMISSION_READ,
    PERMISSION_USE,
    PERMISSION_EDIT,
    PERMISSION_MANAGE,
};

// Demands to be an operator, or to be granted MANAGE on the workspace: on everything.
bool permit_manager(struct scope *s, const struct request *in) MUST_CHECK;

// Demands a permission on an experiment, on the one that a run or a logged model is of, or on a
// registered model. A thing that is not there is the handler's to find out: it is let through to
// the default permission.
//
//   errors  DENIED: Permission denied
bool permit_experiment(struct scope *s, const struct request *in, int64_t experiment_id,
                       enum permission wanted) MUST_CHECK;
bool permit_run(struct scope *s, const struct request *in, const char *run_id,
                enum permission wanted) MUST_CHECK;
bool permit_logged(struct scope *s, const struct request *in, const char *model_id,
                   enum permission wanted) MUST_CHECK;
bool permit_model(struct scope *s, const struct request *in, const char *name,
                  enum permission wanted) MUST_CHECK;

// Tells whether what a grant is about is there, and how far a user may go with it.
bool permit_is_there(struct scope *s, const struct request *in, const struct grant *grant,
                     bool *out) MUST_CHECK;
bool permit_told(struct scope *s, const struct request *in, const char *user,
                 const struct grant *grant, enum permission *out) MUST_CHECK;

// The name of a permission: "READ".
const char *permission_name(enum permission permission);

// Makes the caller the manager of what they have just made; call it in the creation's transaction.
bool permit_own_experiment(struct scope *s, const struct request *in,
                           int64_t experiment_id) MUST_CHECK;
bool permit_own_model(struct scope *s, const struct request *in, const char *name) MUST_CHECK;

// Forgets what was remembered, for a change of users or grants to hold with the next request.
void permit_changed(const struct request *in);

// Leaves of a list of experiments those that the caller may read, in order; `*n` becomes fewer.
bool permit_readable(struct scope *s, const struct request *in, size_t *n,
                     int64_t experiment_ids[]) MUST_CHECK;

// The principal that searches hide things from, or NULL when the caller may read everything. SQL
// leaves out what auth.hidden_experiment (principal, experiment_id) and auth.hidden_model
// (principal, model_id) hold.
const char *permit_principal(const struct request *in);

#endif
