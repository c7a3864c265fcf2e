// mlflow/handlers.h: the handlers behind mlflow/routes.c; each reads a message, calls and replies.
#ifndef MLFLOW_HANDLERS_H
#define MLFLOW_HANDLERS_H

#include "http/reply.h"
#include "http/request.h"

#define HANDLER(name) bool name(struct scope *s, const struct request *in, struct reply *out)

// server.c
HANDLER(server_version);     // GET /version, as plain text
HANDLER(server_info);        // GET /api/3.0/mlflow/server-info
HANDLER(server_unsupported); // what MLflow does and we do not: traces, gateway, …

// experiments.c, runs.c, metrics.c, …: experiments and what is logged

// registered_models.c, model_versions.c: the registry

// artifacts.c: files

// users.c, permissions.c: who may

#undef HANDLER

#endif
