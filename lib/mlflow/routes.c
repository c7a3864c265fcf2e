#include "mlflow/routes.h"

#include "mlflow/door.h"
#include "mlflow/failure.h"
#include "mlflow/handlers.h"

// Query names that nobody knows are ignored and known ones may come again, so a row's last word is
// "*" throughout. A row's role is the least that anyone needs; handlers ask mlflow/permit.h for the
// rest.
// clang-format off
static const struct route second[] = { // below /api/2.0/mlflow
    // ---- experiments, runs, metrics, logged models
    {"POST",  "/experiments/create",                   ROLE_SCIENTIST, experiments_create, "*"},
    {"GET",   "/experiments/get",                      ROLE_VIEWER, experiments_get, "*"},
    {"GET",   "/experiments/get-by-name",              ROLE_VIEWER, experiments_get_by_name, "*"},
    {"GET",   "/experiments/search",                   ROLE_VIEWER, experiments_search, "*"},
    {"POST",  "/experiments/search",                   ROLE_VIEWER, experiments_search, "*"},
    {"POST",  "/experiments/update",                   ROLE_VIEWER, experiments_update, "*"},
    {"POST",  "/experiments/delete",                   ROLE_VIEWER, experiments_delete, "*"},
    {"POST",  "/experiments/restore",                  ROLE_VIEWER, experiments_restore, "*"},
    {"POST",  "/experiments/set-experiment-tag",       ROLE_VIEWER, experiments_set_tag, "*"},
    {"POST",  "/experiments/delete-experiment-tag",    ROLE_VIEWER, experiments_delete_tag, "*"},
    {"POST",  "/runs/create",                          ROLE_VIEWER, runs_create, "*"},
    {"GET",   "/runs/get",                             ROLE_VIEWER, runs_get, "*"},
    {"POST",  "/runs/search",                          ROLE_VIEWER, runs_search, "*"},
    {"POST",  "/runs/update",                          ROLE_VIEWER, runs_update, "*"},
    {"POST",  "/runs/delete",                          ROLE_VIEWER, runs_delete, "*"},
    {"POST",  "/runs/restore",                         ROLE_VIEWER, runs_restore, "*"},
    {"POST",  "/runs/log-metric",                      ROLE_VIEWER, runs_log_metric, "*"},
    {"POST",  "/runs/log-parameter",                   ROLE_VIEWER, runs_log_param, "*"},
    {"POST",  "/runs/log-batch",                       ROLE_VIEWER, runs_log_batch, "*"},
    {"POST",  "/runs/set-tag",                         ROLE_VIEWER, runs_set_tag, "*"},
    {"POST",  "/runs/delete-tag",                      ROLE_VIEWER, runs_delete_tag, "*"},
    {"POST",  "/runs/log-inputs",                      ROLE_VIEWER, runs_log_inputs, "*"},
    {"POST",  "/runs/outputs",                         ROLE_VIEWER, runs_log_outputs, "*"},
    {"POST",  "/runs/log-model",                       ROLE_VIEWER, runs_log_model, "*"},
    {"GET",   "/metrics/get-history",                  ROLE_VIEWER, metrics_get_history, "*"},
    {"GET",   "/metrics/get-history-bulk",             ROLE_VIEWER, metrics_get_history_bulk, "*"},
    {"GET",   "/metrics/get-history-bulk-interval",    ROLE_VIEWER, metrics_get_history_sample, "*"},
    {"POST",  "/experiments/search-datasets",          ROLE_VIEWER, experiments_search_datasets, "*"},
    {"POST",  "/logged-models",                        ROLE_VIEWER, logged_models_create, "*"},
    {"POST",  "/logged-models/search",                 ROLE_VIEWER, logged_models_search, "*"},
    {"GET",   "/logged-models/{id}",                   ROLE_VIEWER, logged_models_get, "*"},
    {"PATCH", "/logged-models/{id}",                   ROLE_VIEWER, logged_models_finish, "*"},
    {"DELETE", "/logged-models/{id}",                   ROLE_VIEWER, logged_models_delete, "*"},
    {"PATCH", "/logged-models/{id}/tags",              ROLE_VIEWER, logged_models_set_tags, "*"},
    {"DELETE", "/logged-models/{id}/tags/{key*}",       ROLE_VIEWER, logged_models_delete_tag, "*"},
    {"POST",  "/logged-models/{id}/params",            ROLE_VIEWER, logged_models_log_params, "*"},

    // ---- registered models and versions
    {"POST",   "/registered-models/create",              ROLE_SCIENTIST, registered_models_create,     "*"},
    {"POST",   "/registered-models/rename",              ROLE_VIEWER,    registered_models_rename,     "*"},
    {"PATCH",  "/registered-models/update",              ROLE_VIEWER,    registered_models_update,     "*"},
    {"DELETE", "/registered-models/delete",              ROLE_VIEWER,    registered_models_delete,     "*"},
    {"GET",    "/registered-models/get",                 ROLE_VIEWER,    registered_models_get,        "*"},
    {"GET",    "/registered-models/search",              ROLE_VIEWER,    registered_models_search,     "*"},
    {"POST",   "/registered-models/get-latest-versions", ROLE_VIEWER,    registered_models_latest,     "*"},
    {"GET",    "/registered-models/get-latest-versions", ROLE_VIEWER,    registered_models_latest,     "*"},
    {"POST",   "/registered-models/set-tag",             ROLE_VIEWER,    registered_models_tag_set,    "*"},
    {"DELETE", "/registered-models/delete-tag",          ROLE_VIEWER,    registered_models_tag_drop,   "*"},
    {"POST",   "/registered-models/alias",               ROLE_VIEWER,    registered_models_alias_set,  "*"},
    {"DELETE", "/registered-models/alias",               ROLE_VIEWER,    registered_models_alias_drop, "*"},
    {"GET",    "/registered-models/alias",               ROLE_VIEWER,    registered_models_alias_get,  "*"},
    {"POST",   "/model-versions/create",                 ROLE_VIEWER,    model_versions_create,        "*"},
    {"PATCH",  "/model-versions/update",                 ROLE_VIEWER,    model_versions_update,        "*"},
    {"POST",   "/model-versions/transition-stage",       ROLE_VIEWER,    model_versions_transition,    "*"},
    {"DELETE", "/model-versions/delete",                 ROLE_VIEWER,    model_versions_delete,        "*"},
    {"GET",    "/model-versions/get",                    ROLE_VIEWER,    model_versions_get,           "*"},
    {"GET",    "/model-versions/get-download-uri",       ROLE_VIEWER,    model_versions_download_uri,  "*"},
    {"GET",    "/model-versions/search",                 ROLE_VIEWER,    model_versions_search,        "*"},
    {"POST",   "/model-versions/set-tag",                ROLE_VIEWER,    model_versions_tag_set,       "*"},
    {"DELETE", "/model-versions/delete-tag",             ROLE_VIEWER,    model_versions_tag_drop,      "*"},

    // ---- artifacts of runs and models
    {"GET", "/artifacts/list",      ROLE_VIEWER, artifact_run_list,  "*"},
    {"POST", "/artifacts/presigned-upload-url", ROLE_VIEWER, artifact_presigned_upload, "*"},
    {"POST", "/upload-artifact",    ROLE_VIEWER, artifact_run_put,   "*"},
    {"GET", "/logged-models/{model_id}/artifacts/directories", ROLE_VIEWER, artifact_model_list, "*"},
    {"GET", "/logged-models/{model_id}/artifacts/files", ROLE_VIEWER, artifact_model_get, "*"},

    // ---- users and permissions
    {"POST",   "/users/create",                              ROLE_VIEWER,     users_create,                 "*"},
    {"GET",    "/users/get",                                 ROLE_VIEWER,     users_get,                    "*"},
    {"GET",    "/users/list",                                ROLE_VIEWER,     users_list,                   "*"},
    {"GET",    "/users/current",                             ROLE_VIEWER,     users_current,                "*"},
    {"PATCH",  "/users/update-password",                     ROLE_VIEWER,     users_update_password,        "*"},
    {"PATCH",  "/users/update-admin",                        ROLE_VIEWER,     users_update_admin,           "*"},
    {"DELETE", "/users/delete",                              ROLE_VIEWER,     users_delete,                 "*"},
    {"POST",   "/experiments/permissions/create",            ROLE_VIEWER,     experiment_permission_create, "*"},
    {"GET",    "/experiments/permissions/get",               ROLE_VIEWER,     experiment_permission_get,    "*"},
    {"PATCH",  "/experiments/permissions/update",            ROLE_VIEWER,     experiment_permission_update, "*"},
    {"DELETE", "/experiments/permissions/delete",            ROLE_VIEWER,     experiment_permission_delete, "*"},
    {"POST",   "/registered-models/permissions/create",      ROLE_VIEWER,     model_permission_create,      "*"},
    {"GET",    "/registered-models/permissions/get",         ROLE_VIEWER,     model_permission_get,         "*"},
    {"PATCH",  "/registered-models/permissions/update",      ROLE_VIEWER,     model_permission_update,      "*"},
    {"DELETE", "/registered-models/permissions/delete",      ROLE_VIEWER,     model_permission_delete,      "*"},

    // ---- what we do not have
    {"*", "/traces",                ROLE_VIEWER, server_unsupported, "*"},
    {"*", "/traces/{path*}",        ROLE_VIEWER, server_unsupported, "*"},
    {"*", "/gateway-proxy",         ROLE_VIEWER, server_unsupported, "*"},
    {0},
};

static const struct route third[] = { // below /api/3.0/mlflow
    {"GET", "/server-info",         ROLE_VIEWER, server_info,        "*"},

    // ---- users, roles and permissions
    {"POST",   "/users/permissions/grant",                   ROLE_VIEWER,     user_permission_grant,        "*"},
    {"POST",   "/users/permissions/revoke",                  ROLE_VIEWER,     user_permission_revoke,       "*"},
    {"GET",    "/users/permissions/get",                     ROLE_VIEWER,     user_permission_get,          "*"},
    {"GET",    "/users/permissions/list",                    ROLE_VIEWER,     user_permission_list,         "*"},
    {"GET",    "/users/current/permissions",                 ROLE_VIEWER,     user_permission_mine,         "*"},
    {"GET",    "/users/roles/list",                          ROLE_VIEWER,     user_roles,                   "*"},
    {"POST",   "/roles/create",                              ROLE_VIEWER,     role_create,                  "*"},
    {"GET",    "/roles/get",                                 ROLE_VIEWER,     role_get,                     "*"},
    {"GET",    "/roles/list",                                ROLE_VIEWER,     role_list,                    "*"},
    {"PATCH",  "/roles/update",                              ROLE_VIEWER,     role_update,                  "*"},
    {"DELETE", "/roles/delete",                              ROLE_VIEWER,     role_delete,                  "*"},
    {"POST",   "/roles/permissions/add",                     ROLE_VIEWER,     role_permission_add,          "*"},
    {"DELETE", "/roles/permissions/remove",                  ROLE_VIEWER,     role_permission_remove,       "*"},
    {"GET",    "/roles/permissions/list",                    ROLE_VIEWER,     role_permission_list,         "*"},
    {"PATCH",  "/roles/permissions/update",                  ROLE_VIEWER,     role_permission_update,       "*"},
    {"POST",   "/roles/assign",                              ROLE_VIEWER,     role_assign,                  "*"},
    {"DELETE", "/roles/unassign",                            ROLE_VIEWER,     role_unassign,                "*"},
    {"GET",    "/roles/users/list",                          ROLE_VIEWER,     role_users,                   "*"},

    // ---- what we do not have
    {"*", "/traces",                ROLE_VIEWER, server_unsupported, "*"},
    {"*", "/traces/{path*}",        ROLE_VIEWER, server_unsupported, "*"},
    {0},
};

static const struct route artifacts[] = { // below /api/2.0/mlflow-artifacts
    {"GET", "/presigned/{path*}",   ROLE_VIEWER, artifact_presigned, "*"},
    {"POST", "/mpu/create",         ROLE_VIEWER, artifact_upload_create,   "*"},
    {"POST", "/mpu/create/{path*}", ROLE_VIEWER, artifact_upload_create,   "*"},
    {"POST", "/mpu/complete",       ROLE_VIEWER, artifact_upload_complete, "*"},
    {"POST", "/mpu/complete/{path*}", ROLE_VIEWER, artifact_upload_complete, "*"},
    {"POST", "/mpu/abort",          ROLE_VIEWER, artifact_upload_abort,    "*"},
    {"POST", "/mpu/abort/{path*}",  ROLE_VIEWER, artifact_upload_abort,    "*"},
    {0},
};

static const struct route artifact_parts[] = { // below /api/2.0/mlflow-artifacts/mpu-part
    {"PUT", "/{upload}/{part}",     ROLE_PUBLIC, artifact_upload_part, "*"}, // who has the id may
    {0},
};

static const struct route artifact_files[] = { // below /api/2.0/mlflow-artifacts/artifacts
    {"GET", "",                     ROLE_VIEWER, artifact_proxy_list,   "*"},
    {"GET", "/{path*}",             ROLE_VIEWER, artifact_proxy_get,    "*"},
    {"PUT", "/{path*}",             ROLE_VIEWER, artifact_proxy_put,    "*"},
    {"DELETE", "/{path*}",          ROLE_VIEWER, artifact_proxy_delete, "*"},
    {0},
};

static const struct route files[] = { // /get-artifact
    {"GET", "",                     ROLE_VIEWER, artifact_run_get,   "*"},
    {0},
};

static const struct route version_files[] = { // below /model-versions
    {"GET", "/get-artifact",        ROLE_VIEWER, artifact_version_get, "*"},
    {0},
};

static const struct route absent[] = { // what we do not have, beside all prefixes
    {"*", "",                       ROLE_VIEWER, server_unsupported, "*"},
    {"*", "/{path*}",               ROLE_VIEWER, server_unsupported, "*"},
    {0},
};

static const struct route version[] = {
    {"GET", "",                     ROLE_PUBLIC, server_version,     "*"},
    {0},
};
// clang-format on

#define PREFIXES(...)                                                                              \
    (const char *const[])                                                                          \
    {                                                                                              \
        __VA_ARGS__, NULL                                                                          \
    }

const struct area mlflow_second = {
    .prefixes = PREFIXES("/api/2.0/mlflow", "/ajax-api/2.0/mlflow"),
    .routes = second,
    .is_raw = true,
    .is_open = true,
    .door = door_check,
    .failure = mlflow_failure,
};

const struct area mlflow_third = {
    .prefixes = PREFIXES("/api/3.0/mlflow", "/ajax-api/3.0/mlflow"),
    .routes = third,
    .is_raw = true,
    .is_open = true,
    .door = door_check,
    .failure = mlflow_failure,
};

const struct area mlflow_artifacts = {
    .prefixes = PREFIXES("/api/2.0/mlflow-artifacts", "/ajax-api/2.0/mlflow-artifacts"),
    .routes = artifacts,
    .is_raw = true,
    .is_open = true,
    .door = door_check,
    .failure = mlflow_failure,
};

const struct area mlflow_artifact_files = {
    .prefixes = PREFIXES("/api/2.0/mlflow-artifacts/artifacts",
                         "/ajax-api/2.0/mlflow-artifacts/artifacts"),
    .routes = artifact_files,
    .is_raw = true,
    .is_open = true,
    .is_streamed_in = true,
    .door = door_check,
    .failure = mlflow_failure,
};

const struct area mlflow_artifact_parts = {
    .prefixes = PREFIXES("/api/2.0/mlflow-artifacts/mpu-part"),
    .routes = artifact_parts,
    .is_raw = true,
    .is_streamed_in = true,
    .door = door_check,
    .failure = mlflow_failure,
};

const struct area mlflow_files = {
    .prefixes = PREFIXES("/get-artifact"),
    .routes = files,
    .is_raw = true,
    .door = door_check,
    .failure = mlflow_failure,
};

const struct area mlflow_version_files = {
    .prefixes = PREFIXES("/model-versions"),
    .routes = version_files,
    .is_raw = true,
    .door = door_check,
    .failure = mlflow_failure,
};

const struct area mlflow_absent = {
    .prefixes = PREFIXES("/graphql", "/v1/traces", "/ajax-api"),
    .routes = absent,
    .is_raw = true,
    .door = door_check,
    .failure = mlflow_failure,
};

const struct area mlflow_version = {
    .prefixes = PREFIXES("/version"),
    .routes = version,
    .is_raw = true,
    .failure = mlflow_failure,
};
