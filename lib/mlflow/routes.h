// mlflow/routes.h: all addresses of MLflow's protocol, by what they lie below.
#ifndef MLFLOW_ROUTES_H
#define MLFLOW_ROUTES_H

#include "http/route.h"

extern const struct area mlflow_second;         // /api/2.0/mlflow: tracking, registry, users
extern const struct area mlflow_third;          // /api/3.0/mlflow: what is new in its third version
extern const struct area mlflow_artifact_files; // /api/2.0/mlflow-artifacts/artifacts
extern const struct area mlflow_artifact_parts; // /api/2.0/mlflow-artifacts/mpu-part
extern const struct area mlflow_artifacts;      // /api/2.0/mlflow-artifacts: uploads in parts
extern const struct area mlflow_files;          // /get-artifact
extern const struct area mlflow_version_files;  // /model-versions/get-artifact
extern const struct area mlflow_absent;         // /graphql, /v1/traces, the rest of /ajax-api
extern const struct area mlflow_version;        // /version

#endif
