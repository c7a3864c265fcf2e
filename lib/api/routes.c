#include "api/routes.h"

#include "api/handlers.h"

// clang-format off
const struct route predict_routes[] = {
    {"POST", "/api/v1/predict/{model}", ROLE_PREDICTOR, predict_rows,        ""},
    {"GET",  "/api/v1/forecast",        ROLE_PUBLIC,    forecast_get,        "site model"},
    {"GET",  "/health",                 ROLE_PUBLIC,    health_get,          "*"},
    {"GET",  "/api/v1/health",          ROLE_PUBLIC,    health_get,          "*"},
    {"GET",  "/_stcore/health",         ROLE_PUBLIC,    health_get,          "*"},
    {0},
};

const struct route registry_routes[] = {
    {"GET",    "/api/v1/models",                  ROLE_VIEWER,    model_list,          ""},
    {"GET",    "/api/v1/models/{model}",          ROLE_VIEWER,    model_get,           ""},
    {"GET",    "/api/v1/models/{model}/versions", ROLE_VIEWER,    model_versions,      ""},
    {"GET",    "/api/v1/models/{model}/versions/compare", ROLE_VIEWER, version_compare,   "a b"},
    {"GET",    "/api/v1/models/{model}/versions/{version}", ROLE_VIEWER, version_get,     ""},
    {"GET",    "/api/v1/datasets",                ROLE_READER,    dataset_list,        "model table before limit"},
    {"GET",    "/api/v1/datasets/{id}",           ROLE_READER,    dataset_get,         ""},
    {"GET",    "/api/v1/datasets/{id}/data.csv",  ROLE_READER,    dataset_data,        "site from to"},
    {"GET",    "/api/v1/datasets/{id}/data.csv.gz", ROLE_READER,  dataset_data_packed, "site from to"},
    {"GET",    "/api/v1/quality",                 ROLE_VIEWER,    quality_list,        "subject before limit"},
    {"GET",    "/api/v1/quality/{id}",            ROLE_VIEWER,    quality_get,         ""},
    {"GET",    "/api/v1/sources",                 ROLE_ENGINEER,  source_index,        ""},
    {"GET",    "/api/v1/objects",                 ROLE_ENGINEER,  object_list,         "before limit"},
    {"GET",    "/api/v1/objects/{sha256}",        ROLE_ENGINEER,  object_get,          ""},
    {"GET",    "/api/v1/audit",                   ROLE_OPERATOR,  access_audit,        "before"},
    {"GET",    "/api/v1/tokens",                  ROLE_OPERATOR,  access_tokens,       ""},
    {"POST",   "/api/v1/tokens",                  ROLE_OPERATOR,  access_token_create, ""},
    {"DELETE", "/api/v1/tokens/{id}",             ROLE_OPERATOR,  access_token_revoke, ""},
    {"GET",    "/api/openapi.json",               ROLE_PUBLIC,    document_openapi,    ""},
    {0},
};

const struct route metrics_routes[] = {
    {"GET", "/metrics", ROLE_PUBLIC,    metrics_get,         "*"}, // demands a viewer unless the peer is this machine
    {0},
};
// clang-format on

static const char *const anywhere[] = {"", NULL};
const struct area predict_area = {.prefixes = anywhere, .routes = predict_routes};
const struct area registry_area = {.prefixes = anywhere, .routes = registry_routes};
const struct area metrics_area = {.prefixes = anywhere, .routes = metrics_routes};
