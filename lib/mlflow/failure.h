// mlflow/failure.h: a failure in the words of MLflow's protocol.
#ifndef MLFLOW_FAILURE_H
#define MLFLOW_FAILURE_H

#include "http/reply.h"
#include "http/request.h"

// Turns the scope's failure into {"error_code":…,"message":…} with the status that MLflow's client
// expects. What the caller did wrong is never a 5xx, because the client would ask again for
// minutes.
void mlflow_failure(const struct scope *s, const struct request *in, struct reply *out);

#endif
