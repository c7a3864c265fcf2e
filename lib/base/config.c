#include "base/config.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

extern char **environ;

#define ENV_BYTES ((size_t)64 * 1024)

// clang-format off
//    field         key              default
#define SETTINGS(X)                                                                                \
    X(home,         "AIRWATCH_HOME", "var")                                                        \
    X(port,         "PORT",          "8000")                                                       \
    X(database_url, "DATABASE_URL",  NULL)                                                         \
    X(log_level,    "LOG_LEVEL",     "info")                                                       \
    X(aqs_url,      "AQS_URL",       "https://aqs.epa.gov/data/api/")                              \
    X(aqs_email,    "AQS_EMAIL",     NULL)                                                         \
    X(aqs_key,      "AQS_KEY",       NULL)                                                         \
    X(durable,      "DURABLE",       "crash")                                                      \
    X(gnuplot,      "GNUPLOT",       "gnuplot")
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
values_check(struct scope *s, const struct config *c)
{
    char *end;
    const long port = strtol(c->port, &end, 10);
    if (*end != '\0' || port < 1 || port > 65535)
        return fail(s, ERROR_INPUT, "PORT is \"%s\", not a port from 1 to 65535", c->port);
    if (strcmp(c->durable, "crash") != 0 && strcmp(c->durable, "power") != 0)
        return fail(s, ERROR_INPUT, "DURABLE is \"%s\", neither crash nor power", c->durable);
    return true;
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
    const char *home = values[0] == NULL ? "var" : values[0];
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
    *out = (struct config){
        .home = absolute(s, home),
        .port = values[1],
        .database_url = values[2],
        .log_level = values[3],
        .aqs_url = values[4],
        .aqs_email = values[5],
        .aqs_key = {values[6]},
        .durable = values[7],
        .gnuplot = values[8],
    };
    if (out->database_url == NULL)
        out->database_url = scope_print(
            s, "host='%s/run' user=airwatch dbname=airwatch connect_timeout=5", out->home);
    return values_check(s, out) || explain(s, "cannot read the settings");
}

const char *
config_path(struct scope *s, const struct config *config, const char *below)
{
    return scope_print(s, "%s/%s", config->home, below);
}
