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

// experiments.c: POST and GET /experiments/…
HANDLER(experiments_create);
HANDLER(experiments_get);
HANDLER(experiments_get_by_name);
HANDLER(experiments_search);
HANDLER(experiments_update);
HANDLER(experiments_delete);
HANDLER(experiments_restore);
HANDLER(experiments_set_tag);
HANDLER(experiments_delete_tag);

// runs.c: POST and GET /runs/…
HANDLER(runs_create);
HANDLER(runs_get);
HANDLER(runs_search);
HANDLER(runs_update);
HANDLER(runs_delete);
HANDLER(runs_restore);
HANDLER(runs_log_metric);
HANDLER(runs_log_param);
HANDLER(runs_log_batch);
HANDLER(runs_set_tag);
HANDLER(runs_delete_tag);

// metrics.c: GET /metrics/…
HANDLER(metrics_get_history);
HANDLER(metrics_get_history_bulk);
HANDLER(metrics_get_history_sample);

// inputs.c: datasets and logged models that runs were given or gave out
HANDLER(runs_log_inputs);
HANDLER(runs_log_outputs);
HANDLER(runs_log_model);
HANDLER(experiments_search_datasets);

// logged_models.c: /logged-models/…
HANDLER(logged_models_create);
HANDLER(logged_models_get);
HANDLER(logged_models_finish);
HANDLER(logged_models_delete);
HANDLER(logged_models_search);
HANDLER(logged_models_set_tags);
HANDLER(logged_models_delete_tag);
HANDLER(logged_models_log_params);

// registered_models.c: names, tags and aliases of models
HANDLER(registered_models_create);
HANDLER(registered_models_rename);
HANDLER(registered_models_update);
HANDLER(registered_models_delete);
HANDLER(registered_models_get);
HANDLER(registered_models_search);
HANDLER(registered_models_latest);
HANDLER(registered_models_tag_set);
HANDLER(registered_models_tag_drop);
HANDLER(registered_models_alias_set);
HANDLER(registered_models_alias_drop);
HANDLER(registered_models_alias_get);

// model_versions.c
HANDLER(model_versions_create);
HANDLER(model_versions_update);
HANDLER(model_versions_transition);
HANDLER(model_versions_delete);
HANDLER(model_versions_get);
HANDLER(model_versions_download_uri);
HANDLER(model_versions_search);
HANDLER(model_versions_tag_set);
HANDLER(model_versions_tag_drop);

// artifacts.c: files
HANDLER(artifact_proxy_list);       // GET    mlflow-artifacts/artifacts?path=
HANDLER(artifact_proxy_get);        // GET    mlflow-artifacts/artifacts/{path*}
HANDLER(artifact_proxy_put);        // PUT
HANDLER(artifact_proxy_delete);     // DELETE, of a file or a folder
HANDLER(artifact_presigned);        // GET    mlflow-artifacts/presigned/{path*}: none here
HANDLER(artifact_presigned_upload); // POST   artifacts/presigned-upload-url: likewise
HANDLER(artifact_run_list);         // GET    artifacts/list?run_id=&path=
HANDLER(artifact_run_get);          // GET    /get-artifact?run_id=&path=
HANDLER(artifact_run_put);          // POST   upload-artifact?run_uuid=&path=
HANDLER(artifact_version_get);      // GET    /model-versions/get-artifact?name=&version=&path=
HANDLER(artifact_model_list);       // GET    logged-models/{id}/artifacts/directories
HANDLER(artifact_model_get);        // GET    logged-models/{id}/artifacts/files

// artifact_uploads.c: files in parts
HANDLER(artifact_upload_create);    // POST   mlflow-artifacts/mpu/create/{folder*}
HANDLER(artifact_upload_part);      // PUT    mlflow-artifacts/mpu-part/{id}/{number}
HANDLER(artifact_upload_complete);  // POST   mlflow-artifacts/mpu/complete/{folder*}
HANDLER(artifact_upload_abort);     // POST   mlflow-artifacts/mpu/abort/{folder*}

// users.c: users and their passwords
HANDLER(users_create);
HANDLER(users_get);
HANDLER(users_list);
HANDLER(users_current);
HANDLER(users_update_password);
HANDLER(users_update_admin);
HANDLER(users_delete);

// permissions.c: grants on one experiment or model, as clients before 3.12 and since then ask
HANDLER(experiment_permission_create);
HANDLER(experiment_permission_get);
HANDLER(experiment_permission_update);
HANDLER(experiment_permission_delete);
HANDLER(model_permission_create);
HANDLER(model_permission_get);
HANDLER(model_permission_update);
HANDLER(model_permission_delete);
HANDLER(user_permission_grant);
HANDLER(user_permission_revoke);
HANDLER(user_permission_get);
HANDLER(user_permission_list);
HANDLER(user_permission_mine);

// roles.c: MLflow's roles, which are teams here
HANDLER(role_create);
HANDLER(role_get);
HANDLER(role_list);
HANDLER(role_update);
HANDLER(role_delete);
HANDLER(role_permission_add);
HANDLER(role_permission_remove);
HANDLER(role_permission_list);
HANDLER(role_permission_update);
HANDLER(role_assign);
HANDLER(role_unassign);
HANDLER(role_users);
HANDLER(user_roles);

#undef HANDLER

#endif
