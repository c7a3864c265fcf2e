#include "base/config.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"

extern char **environ;

#define ENV_BYTES ((size_t)64 * 1024)

// clang-format off
//    field                   key                                      default
#define SETTINGS(X)                                                                                \
    X(home,                   "AIRWATCH_HOME",                         "var")                      \
    X(port,                   "PORT",                                  "8000")                     \
    X(database_url,           "DATABASE_URL",                          NULL)                       \
    X(log_level,              "LOG_LEVEL",                             "info")                     \
    X(aqs_url,                "AQS_URL",             "https://aqs.epa.gov/data/api/")              \
    X(aqs_email,              "AQS_EMAIL",                             NULL)                       \
    X(aqs_key.hidden,         "AQS_KEY",                               NULL)                       \
    X(aqs_pause_ms.text,      "AQS_PAUSE_MS",                          "5000")                     \
    X(aqs_a_minute.text,      "AQS_A_MINUTE",                          "10")                       \
    X(aqs_idle_s.text,        "AQS_IDLE_S",                            "600")                      \
    X(airdata_url,            "AIRDATA_URL",         "https://aqs.epa.gov/aqsweb/airdata/")        \
    X(durable,                "DURABLE",                               "crash")                    \
    X(gnuplot,                "GNUPLOT",                               "gnuplot")                  \
    X(use_s3,                 "USE_S3",                                "false")                    \
    X(s3.bucket,              "S3_DATA_BUCKET_NAME",                   NULL)                       \
    X(s3.artifact_bucket,     "S3_MLFLOW_ARTIFACTS_BUCKET_NAME",       NULL)                       \
    X(s3.prefix,              "S3_PREFIX",                             "")                         \
    X(s3.endpoint,            "S3_ENDPOINT_URL",                       NULL)                       \
    X(s3.aws_endpoint,        "AWS_ENDPOINT_URL",                      NULL)                       \
    X(s3.addressing,          "S3_ADDRESSING_STYLE",                   "auto")                     \
    X(s3.region,              "AWS_REGION",                            NULL)                       \
    X(s3.default_region,      "AWS_DEFAULT_REGION",                    "us-east-1")                \
    X(s3.part_mb,             "S3_PART_MB",                            "16")                       \
    X(s3.encryption,          "S3_SSE",                                NULL)                       \
    X(s3.encryption_key,      "S3_SSE_KMS_KEY_ID",                     NULL)                       \
    X(s3.ca_file,             "AWS_CA_BUNDLE",                         NULL)                       \
    X(aws.key_id,             "AWS_ACCESS_KEY_ID",                     NULL)                       \
    X(aws.secret_key.hidden,  "AWS_SECRET_ACCESS_KEY",                 NULL)                       \
    X(aws.token.hidden,       "AWS_SESSION_TOKEN",                     NULL)                       \
    X(aws.file,               "AWS_SHARED_CREDENTIALS_FILE",           NULL)                       \
    X(aws.profile,            "AWS_PROFILE",                           NULL)                       \
    X(aws.container_path,     "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", NULL)                      \
    X(aws.container_url,      "AWS_CONTAINER_CREDENTIALS_FULL_URI",    NULL)                       \
    X(aws.container_token.hidden, "AWS_CONTAINER_AUTHORIZATION_TOKEN", NULL)                       \
    X(aws.container_token_file, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", NULL)                    \
    X(aws.machine_url,        "AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://169.254.169.254")       \
    X(aws.machine_is_off,     "AWS_EC2_METADATA_DISABLED",             "false")                    \
    X(mlflow.allowed_hosts,   "MLFLOW_SERVER_ALLOWED_HOSTS",           "")                         \
    X(mlflow.allowed_origins, "MLFLOW_SERVER_CORS_ALLOWED_ORIGINS",    "") \
    X(mlflow.default_permission, "MLFLOW_DEFAULT_PERMISSION", "READ") \
    X(mlflow.anonymous_role, "ANONYMOUS_ROLE", "none")
// clang-format on

static const char *const keys[] = {
#define X(field, key, preset) key,
    SETTINGS(X)
#undef X
};

#define N_KEYS (sizeof keys / sizeof *keys)

static size_t
key_find(const char *key, size_t n)
{
    size_t i = 0;
    while (i < N_KEYS && (strlen(keys[i]) != n || strncmp(keys[i], key, n) != 0))
        i++;
    return i;
}

// Takes `KEY=value`, with the value bare or in one pair of quotes.
static bool
line_take(struct scope *s, char *line, const char *values[N_KEYS])
{
    char *key = line + strspn(line, " \t");
    if (*key == '\0' || *key == '#')
        return true;
    char *equals = strchr(key, '=');
    if (equals == NULL)
        return fail(s, ERROR_INPUT, "\"%.60s\" is not KEY=value", key);
    const size_t i = key_find(key, (size_t)(equals - key));
    if (i == N_KEYS)
        return fail(s, ERROR_INPUT, "unknown key \"%.*s\"", (int)(equals - key), key);

    char *value = equals + 1;
    size_t n = strlen(value);
    while (n > 0 && strchr(" \t\r", value[n - 1]) != NULL)
        n--;
    if (n >= 2 && (value[0] == '"' || value[0] == '\'') && value[n - 1] == value[0]) {
        value++;
        n -= 2;
    }
    if (values[i] == NULL)
        values[i] = scope_copy_n(s, value, n);
    return true;
}

static bool
env_file_take(struct scope *s, const char *path, const char *values[N_KEYS])
{
    struct str text;
    if (access(path, F_OK) != 0)
        return true;
    if (!file_read(s, path, ENV_BYTES, &text))
        return false;
    char *line = scope_copy_n(s, text.at, text.n);
    for (int number = 1; line != NULL; number++) {
        char *end = strchr(line, '\n');
        if (end != NULL)
            *end = '\0';
        if (!line_take(s, line, values))
            return explain(s, "file \"%s\", line %d", path, number);
        line = end == NULL ? NULL : end + 1;
    }
    return true;
}

static bool
environment_take(struct scope *s, const char *values[N_KEYS])
{
    for (size_t i = 0; i < N_KEYS; i++)
        values[i] = getenv(keys[i]);
    for (char **pair = environ; *pair != NULL; pair++)
        if (strncmp(*pair, "AIRWATCH_", 9) == 0 && key_find(*pair, strcspn(*pair, "=")) == N_KEYS)
            return fail(s, ERROR_INPUT, "unknown environment variable \"%.*s\"",
                        (int)strcspn(*pair, "="), *pair);
    return true;
}

static bool
is_bool(const char *value)
{
    return strcmp(value, "true") == 0 || strcmp(value, "false") == 0;
}

// Refuses a value that is not one of a NULL-ended list.
static bool
word_check(struct scope *s, const char *key, const char *value, const char *const words[])
{
    struct buf known = buf_open(s, 80);
    for (size_t i = 0; words[i] != NULL; i++) {
        if (strcmp(words[i], value) == 0)
            return true;
        buf_print(&known, "%s%s", i == 0 ? "" : ", ", words[i]);
    }
    return fail(s, ERROR_INPUT, "%s is \"%.60s\" (known: %s)", key, value, known.text);
}

static bool
mlflow_check(struct scope *s, const struct config_mlflow *c)
{
    static const char *const permissions[] = {"NO_PERMISSIONS", "READ",   "USE",
                                              "EDIT",           "MANAGE", NULL};
    static const char *const roles[] = {"none",     "viewer",   "predictor", "scientist",
                                        "engineer", "operator", NULL};
    return word_check(s, "MLFLOW_DEFAULT_PERMISSION", c->default_permission, permissions) &&
           word_check(s, "ANONYMOUS_ROLE", c->anonymous_role, roles);
}

static bool
lake_check(struct scope *s, const struct config *c)
{
    static const char *const styles[] = {"auto", "path", "virtual"};
    const struct config_s3 *s3 = &c->s3;
    bool is_style = false;
    if (!is_bool(c->use_s3))
        return fail(s, ERROR_INPUT, "USE_S3 is \"%s\", neither true nor false", c->use_s3);
    if (c->use_s3[0] == 't' && s3->bucket == NULL)
        return fail(s, ERROR_INPUT, "USE_S3 is true, and S3_DATA_BUCKET_NAME is not set");
    for (size_t i = 0; i < sizeof styles / sizeof *styles; i++)
        is_style = is_style || strcmp(s3->addressing, styles[i]) == 0;
    if (!is_style)
        return fail(s, ERROR_INPUT, "S3_ADDRESSING_STYLE is \"%s\", not auto, path or virtual",
                    s3->addressing);
    if (s3->encryption != NULL && strcmp(s3->encryption, "AES256") != 0 &&
        strcmp(s3->encryption, "aws:kms") != 0)
        return fail(s, ERROR_INPUT, "S3_SSE is \"%s\", neither AES256 nor aws:kms", s3->encryption);
    if (s3->encryption_key != NULL &&
        (s3->encryption == NULL || strcmp(s3->encryption, "aws:kms") != 0))
        return fail(s, ERROR_INPUT, "S3_SSE_KMS_KEY_ID is set, and S3_SSE is not aws:kms");
    if (s3->endpoint != NULL && strncmp(s3->endpoint, "http://", 7) != 0 &&
        strncmp(s3->endpoint, "https://", 8) != 0)
        return fail(s, ERROR_INPUT,
                    "S3_ENDPOINT_URL or AWS_ENDPOINT_URL is \"%.200s\", no http or https address",
                    s3->endpoint);
    return true;
}

static bool
number_derive(struct scope *s, const char *key, int64_t least, int64_t most,
              struct config_number *out)
{
    char *end;
    out->value = strtoll(out->text, &end, 10);
    if (*end != '\0' || out->value < least || out->value > most)
        return fail(s, ERROR_INPUT, "%s is \"%s\", not from %lld to %lld", key, out->text,
                    (long long)least, (long long)most);
    return true;
}

// EPA disables the account of whoever asks faster than it wants; other servers are tests' or
// copies.
static bool
aqs_derive(struct scope *s, struct config *c)
{
    const bool is_epa = strstr(c->aqs_url, "aqs.epa.gov") != NULL;
    return number_derive(s, "AQS_PAUSE_MS", is_epa ? 5000 : 0, 600000, &c->aqs_pause_ms) &&
           number_derive(s, "AQS_A_MINUTE", is_epa ? 1 : 0, is_epa ? 10 : 60000,
                         &c->aqs_a_minute) &&
           number_derive(s, "AQS_IDLE_S", 1, 3600, &c->aqs_idle_s);
}

// Settles the values that follow from others.
static bool
values_derive(struct scope *s, struct config *c)
{
    char *end;
    const long part_mb = strtol(c->s3.part_mb, &end, 10);
    if (*end != '\0' || part_mb < 5 || part_mb > 5120)
        return fail(s, ERROR_INPUT, "S3_PART_MB is \"%s\", not from 5 to 5120", c->s3.part_mb);
    c->s3.part_bytes = (int64_t)part_mb << 20;
    if (c->s3.region == NULL)
        c->s3.region = c->s3.default_region;
    if (c->s3.endpoint == NULL)
        c->s3.endpoint = c->s3.aws_endpoint;
    if (c->database_url == NULL)
        c->database_url = scope_print(
            s, "host='%s/run' user=airwatch dbname=airwatch connect_timeout=5", c->home);
    return aqs_derive(s, c);
}

static bool
values_check(struct scope *s, const struct config *c)
{
    char *end;
    const long port = strtol(c->port, &end, 10);
    if (*end != '\0' || port < 1 || port > 65535)
        return fail(s, ERROR_INPUT, "PORT is \"%s\", not a port from 1 to 65535", c->port);
    if (strcmp(c->durable, "crash") != 0 && strcmp(c->durable, "power") != 0)
        return fail(s, ERROR_INPUT, "DURABLE is \"%s\", neither crash nor power", c->durable);
    return mlflow_check(s, &c->mlflow) && lake_check(s, c);
}

static const char *
absolute(struct scope *s, const char *path)
{
    char here[4096];
    char *real = realpath(path, NULL);
    if (real != NULL) {
        scope_defer(s, free, real);
        return real;
    }
    if (path[0] == '/' || getcwd(here, sizeof here) == NULL)
        return path;
    return scope_print(s, "%s/%s", here, path);
}

bool
config_load(struct scope *s, struct config *out)
{
    const char *values[N_KEYS] = {0};
    if (!environment_take(s, values) || !env_file_take(s, ".env", values))
        return explain(s, "cannot read the settings");
    const char *home = values[0] == NULL || *values[0] == '\0' ? "var" : values[0];
    if (!env_file_take(s, scope_print(s, "%s/.env", home), values))
        return explain(s, "cannot read the settings");

    const char *const presets[] = {
#define X(field, key, preset) preset,
        SETTINGS(X)
#undef X
    };
    for (size_t i = 0; i < N_KEYS; i++)
        if (values[i] == NULL || values[i][0] == '\0')
            values[i] = presets[i];
    size_t i = 0;
    *out = (struct config){0};
#define X(field, key, preset) out->field = values[i++];
    SETTINGS(X)
#undef X
    out->home = absolute(s, home);
    return (values_derive(s, out) && values_check(s, out)) ||
           explain(s, "cannot read the settings");
}

const char *
config_path(struct scope *s, const struct config *config, const char *below)
{
    return scope_print(s, "%s/%s", config->home, below);
}
