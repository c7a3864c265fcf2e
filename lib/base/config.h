// base/config.h: settings from the environment and from `.env`, read once by main.
//
// The table below is the whole list. A key in `.env` that is not in it is refused by name and
// line, as is an environment variable beginning with AIRWATCH_; the environment wins over `.env`.
#ifndef BASE_CONFIG_H
#define BASE_CONFIG_H

#include <stdint.h>

#include "base/scope.h"

struct secret {         // never printed, never logged
    const char *hidden; // NULL when not set
};

struct config_number {
    int64_t value;
    const char *text; // as it was written
};

struct config_s3 {               // where objects lie when USE_S3 is true
    const char *bucket;          // S3_DATA_BUCKET_NAME
    const char *artifact_bucket; // S3_MLFLOW_ARTIFACTS_BUCKET_NAME: of artifacts/; NULL: the same
    const char *prefix;          // S3_PREFIX: before every key
    const char *endpoint;        // S3_ENDPOINT_URL, else AWS_ENDPOINT_URL; NULL: Amazon's
    const char *addressing;      // S3_ADDRESSING_STYLE: auto, path or virtual
    const char *region;          // AWS_REGION, else AWS_DEFAULT_REGION
    int64_t part_bytes;          // S3_PART_MB: larger objects are put in parts of that size
    const char *encryption;      // S3_SSE: NULL, "AES256" or "aws:kms"
    const char *encryption_key;  // S3_SSE_KMS_KEY_ID
    const char *ca_file;         // AWS_CA_BUNDLE
    const char *aws_endpoint, *default_region, *part_mb; // as they were written
};

struct config_aws { // where credentials come from, in the order they are looked for
    const char *key_id;
    struct secret secret_key, token;
    const char *file, *profile;
    const char *container_path, *container_url, *container_token_file;
    const char *container_base; // of container_path, for tests; NULL: Amazon's
    struct secret container_token;
    const char *machine_url, *machine_is_off;
};

struct config_mlflow {           // what MLflow's client meets
    const char *allowed_hosts;   // MLFLOW_SERVER_ALLOWED_HOSTS: beside private networks
    const char *allowed_origins; // MLFLOW_SERVER_CORS_ALLOWED_ORIGINS: of pages that change things
    const char *default_permission; // MLFLOW_DEFAULT_PERMISSION: where nothing is granted
    const char *anonymous_role;     // ANONYMOUS_ROLE: of who shows nothing there; "none"
};

struct config {
    const char *home;         // AIRWATCH_HOME: all state; "var" beside the program's project
    const char *port;         // PORT: where nginx listens
    const char *database_url; // DATABASE_URL: a libpq connection string; the home's own by default
    const char *log_level;    // LOG_LEVEL
    const char *aqs_url;      // AQS_URL: base of the EPA AQS API
    const char *aqs_email;    // AQS_EMAIL
    struct secret aqs_key;    // AQS_KEY
    struct config_number aqs_pause_ms; // AQS_PAUSE_MS: between two requests to the AQS API
    struct config_number aqs_a_minute; // AQS_A_MINUTE: requests at most; 0: as many as come
    struct config_number aqs_idle_s;   // AQS_IDLE_S: how long it may send nothing
    const char *airdata_url;           // AIRDATA_URL: base of EPA's pre-generated files
    const char *durable; // DURABLE: "crash" (page cache) or "power" (fdatasync per answer)
    const char *gnuplot; // GNUPLOT: the program that draws charts
    const char *use_s3;  // USE_S3: "true": the lake is in S3, else in the home's folder
    struct config_s3 s3;
    struct config_aws aws;
    struct config_mlflow mlflow;
};

// Reads all settings. `.env` is looked for in the current folder and then in the home.
//
//   owner   the scope
//   errors  INPUT for an unknown key or a value out of its range, naming key, file and line
bool config_load(struct scope *s, struct config *out) MUST_CHECK;

// Joins the home and a path below it.
const char *config_path(struct scope *s, const struct config *config, const char *below);

#endif
