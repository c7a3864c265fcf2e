#include "store/credentials.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "base/log.h"
#include "base/time.h"
#include "store/profile.h"
#include "text/json.h"

#define FILE_BYTES ((size_t)1 << 18)
#define EARLY_S 300 // before their end, credentials are renewed
#define AGAIN_S 30  // after a renewal failed that was not needed yet
#define CONTAINER_BASE "http://169.254.170.2"
#define ROLE_PATH "/latest/meta-data/iam/security-credentials/"

struct credentials {
    const struct config_aws *config;
    struct exchanger *exchanger;
    pthread_mutex_t lock; // for what follows
    struct scope own;     // of what is there
    struct credential now;
    int64_t ends_at; // INT64_MAX: never
    int64_t renew_at;
    bool is_there;
};

struct found {
    struct credential credential;
    int64_t ends_at;
    bool is_found;
};

static void
credentials_close(void *thing)
{
    struct credentials *c = thing;
    scope_close(&c->own);
    pthread_mutex_destroy(&c->lock);
}

struct credentials *
credentials_open(struct scope *s, const struct config_aws *config, struct exchanger *exchanger)
{
    struct credentials *c = scope_alloc(s, sizeof *c);
    c->config = config;
    c->exchanger = exchanger;
    pthread_mutex_init(&c->lock, NULL);
    scope_defer(s, credentials_close, c);
    return c;
}

static bool
settings_look(struct scope *s, const struct config_aws *config, struct found *out)
{
    if (config->key_id == NULL && config->secret_key.hidden == NULL)
        return true;
    if (config->key_id == NULL || config->secret_key.hidden == NULL)
        return fail(s, ERROR_INPUT,
                    "one of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY is set, "
                    "the other is not");
    *out = (struct found){{config->key_id, config->secret_key, config->token}, INT64_MAX, true};
    return true;
}

// Without a word of the user's, a file or a profile that is not there is no failure.
static bool
file_look(struct scope *s, const struct config_aws *config, struct found *out)
{
    struct str text;
    struct profile p;
    const char *home = getenv("HOME");
    const char *name = config->profile == NULL ? "default" : config->profile;
    const char *path = config->file != NULL
                           ? config->file
                           : scope_print(s, "%s/.aws/credentials", home == NULL ? "" : home);
    if (!file_read(s, path, FILE_BYTES, &text)) {
        if (config->file != NULL || config->profile != NULL)
            return explain(s, "could not read credentials");
        scope_forgive(s);
        return true;
    }
    if (!profile_read(s, text, name, &p))
        return explain(s, "cannot read credentials from \"%s\"", path);
    if (p.key_id != NULL && p.secret_key != NULL) {
        *out = (struct found){{p.key_id, {p.secret_key}, {p.token}}, INT64_MAX, true};
        return true;
    }
    if (config->profile == NULL && config->file == NULL)
        return true;
    if (p.other_way != NULL)
        return fail(s, ERROR_INPUT,
                    "profile \"%s\" in \"%s\" has %s, which is not followed: give it "
                    "aws_access_key_id and aws_secret_access_key",
                    name, path, p.other_way);
    return fail(s, ERROR_INPUT,
                "file \"%s\" has no aws_access_key_id and aws_secret_access_key "
                "in a profile \"%s\"",
                path, name);
}

// "2026-01-31T12:00:00Z"; some write fractions of the second.
static bool
end_read(struct scope *s, const char *text, int64_t *out)
{
    const char *fraction = strchr(text, '.');
    if (fraction != NULL)
        text = scope_print(s, "%.*sZ", (int)(fraction - text), text);
    return time_parse(s, text, out);
}

// Reads what a container's or a machine's service says.
static bool
answer_read(struct scope *s, struct str body, struct found *out)
{
    const char *ends, *key_id, *secret_key, *token;
    const struct json *json = json_parse(s, body.at, body.n);
    if (json == NULL || !json_text(s, json, "AccessKeyId", &key_id) ||
        !json_text(s, json, "SecretAccessKey", &secret_key) ||
        !json_text(s, json, "Token", &token) || !json_text(s, json, "Expiration", &ends) ||
        !end_read(s, ends, &out->ends_at)) {
        s->kind = ERROR_UNAVAILABLE; // whatever it says, nobody here gave it wrong data
        return false;
    }
    out->credential = (struct credential){key_id, {secret_key}, {token}};
    out->is_found = true;
    return true;
}

static bool
service_ask(struct scope *s, struct credentials *c, const struct exchange_request *request,
            struct str *body)
{
    struct exchange_answer answer;
    struct exchange_request full = *request;
    full.connect_ms = 1000;
    full.idle_seconds = 5;
    full.is_direct = true;
    full.limit_bytes = 1 << 16;
    if (!exchange(s, c->exchanger, &full, &answer))
        return false;
    *body = answer.body;
    return answer.status == 200 || fail(s, ERROR_UNAVAILABLE, "it answered %d", answer.status);
}

static bool
far_fail(struct scope *s, const char *setting)
{
    return fail(s, ERROR_INPUT, "%s is neither https nor of this machine", setting);
}

// Only this machine and the container services' own addresses get to see a token in the clear; a
// name before an "@" is no address.
static bool
container_url_check(struct scope *s, const char *url, const char *setting)
{
    static const char *const near[] = {"http://127.0.0.1",      "http://localhost",
                                       "http://[::1]",          "http://169.254.170.2",
                                       "http://169.254.170.23", "http://[fd00:ec2::23]"};
    if (strncmp(url, "https://", 8) == 0)
        return true;
    for (size_t i = 0; i < sizeof near / sizeof *near; i++) {
        const size_t n = strlen(near[i]);
        if (strncmp(url, near[i], n) == 0 && strchr(":/?", url[n]) != NULL)
            return url[n + strcspn(url + n, "/?#@")] != '@' || far_fail(s, setting);
    }
    return far_fail(s, setting);
}

static bool
container_token(struct scope *s, const struct config_aws *config, const char **out)
{
    struct str text;
    *out = config->container_token.hidden;
    if (config->container_token_file == NULL)
        return true;
    if (!file_read(s, config->container_token_file, FILE_BYTES, &text))
        return explain(s, "could not read the container's token");
    *out = scope_copy_n(s, text.at, strcspn(text.at, "\r\n"));
    return true;
}

static bool
container_look(struct scope *s, struct credentials *c, struct found *out)
{
    const struct config_aws *config = c->config;
    struct str body;
    const char *token, *headers[2] = {NULL};
    if (config->container_path == NULL && config->container_url == NULL)
        return true;
    const bool is_path = config->container_path != NULL;
    const char *base = config->container_base == NULL ? CONTAINER_BASE : config->container_base;
    const char *url =
        is_path ? scope_print(s, "%s%s", base, config->container_path) : config->container_url;
    const char *setting =
        is_path ? "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI" : "AWS_CONTAINER_CREDENTIALS_FULL_URI";
    if (is_path && config->container_path[0] != '/')
        return fail(s, ERROR_INPUT, "%s does not begin with \"/\"", setting);
    if (!container_url_check(s, url, setting) || !container_token(s, config, &token))
        return false;
    if (token != NULL)
        headers[0] = scope_print(s, "Authorization: %s", token);
    const struct exchange_request request = {.method = "GET", .url = url, .headers = headers};
    return (service_ask(s, c, &request, &body) && answer_read(s, body, out)) ||
           explain(s, "could not get the container's credentials");
}

// Version 2 of the service: a token first, then the role's name, then its credentials.
static bool
machine_look(struct scope *s, struct credentials *c, struct found *out)
{
    const char *base = c->config->machine_url;
    const char *put[] = {"X-aws-ec2-metadata-token-ttl-seconds: 21600", NULL};
    const char *get[] = {NULL, NULL};
    struct str body;
    struct exchange_request request = {.method = "PUT",
                                       .url = scope_print(s, "%s/latest/api/token", base),
                                       .headers = put,
                                       .has_body = true};

    if (strcasecmp(c->config->machine_is_off, "true") == 0)
        return true;
    if (!service_ask(s, c, &request, &body))
        return explain(s, "could not ask this machine's service for its role");
    get[0] = scope_print(s, "X-aws-ec2-metadata-token: %.*s", (int)body.n, body.at);
    request = (struct exchange_request){
        .method = "GET", .url = scope_print(s, "%s" ROLE_PATH, base), .headers = get};
    if (!service_ask(s, c, &request, &body))
        return explain(s, "could not ask for this machine's role");
    const char *role = scope_copy_n(s, body.at, strcspn(body.at, "\r\n"));
    request.url = scope_print(s, "%s" ROLE_PATH "%s", base, role);
    return (service_ask(s, c, &request, &body) && answer_read(s, body, out)) ||
           explain(s, "could not get the credentials of role \"%s\"", role);
}

static bool
look(struct scope *s, struct credentials *c, struct found *out)
{
    *out = (struct found){.ends_at = INT64_MAX};
    if (!settings_look(s, c->config, out) || (!out->is_found && !file_look(s, c->config, out)) ||
        (!out->is_found && !container_look(s, c, out)))
        return false;
    if (!out->is_found && !machine_look(s, c, out))
        return explain(s, "found no credentials for S3: none in AWS_ACCESS_KEY_ID, in a file "
                          "~/.aws/credentials or of a container");
    return out->is_found ||
           fail(s, ERROR_UNAVAILABLE,
                "found no credentials for S3: none in AWS_ACCESS_KEY_ID, in a file "
                "~/.aws/credentials or of a container, and AWS_EC2_METADATA_DISABLED is true");
}

static const char *
copy(struct scope *s, const char *text)
{
    return text == NULL ? NULL : scope_copy(s, text);
}

static struct credential
credential_copy(struct scope *s, const struct credential *c)
{
    return (struct credential){
        copy(s, c->key_id), {copy(s, c->secret_key.hidden)}, {copy(s, c->token.hidden)}};
}

// Looks again; what is still good may be used on when nothing newer is found.
static bool
renew(struct scope *s, struct credentials *c, bool is_new)
{
    struct scope fresh = {0};
    struct found found;
    const int64_t now = time_now();
    if (look(&fresh, c, &found)) {
        scope_close(&c->own);
        c->now = credential_copy(&c->own, &found.credential);
        c->ends_at = found.ends_at;
        c->renew_at = found.ends_at == INT64_MAX ? INT64_MAX : found.ends_at - EARLY_S;
        c->renew_at = c->renew_at < now + AGAIN_S ? now + AGAIN_S : c->renew_at;
        c->is_there = true;
    } else if (c->is_there && !is_new && c->ends_at > now) {
        log_warn("credentials.not_renewed", "reason=\"%s\"", fresh.message);
        c->renew_at = now + AGAIN_S;
    } else {
        fail_as(s, &fresh);
    }
    scope_close(&fresh);
    return s->kind == ERROR_NONE;
}

bool
credentials_get(struct scope *s, struct credentials *c, bool is_new, struct credential *out)
{
    bool ok = true;
    pthread_mutex_lock(&c->lock);
    const int64_t now = time_now();
    if (is_new || !c->is_there || now >= c->renew_at || now >= c->ends_at)
        ok = renew(s, c, is_new);
    if (ok)
        *out = credential_copy(s, &c->now);
    pthread_mutex_unlock(&c->lock);
    return ok;
}
