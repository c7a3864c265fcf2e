// mlflow/failure.h: a failure in the words of MLflow's protocol.
#ifndef MLFLOW_FAILURE_H
#define MLFLOW_FAILURE_H

#include "http/reply.h"
#include "http/request.h"

// What is said of an address of MLflow's that has none of ours behind it.
#define FAILURE_BEYOND                                                                             \
    "AirWatch keeps experiments, runs, models and artifacts; \"%.200s\" is a part of MLflow that " \
    "it does not have"

// Turns the scope's failure into {"error_code":…,"message":…} with the status that MLflow's client
// expects. What the caller did wrong is never a 5xx that the client would ask again after, for
// minutes; 501, for a family of addresses that MLflow has and we have not, is none.
void mlflow_failure(const struct scope *s, const struct request *in, struct reply *out);

#endif
