#include "mlflow/door.h"

#include <string.h>
#include <strings.h>

#include "app/app.h"

#define HOST_BYTES 255 // of a Host header

// source  RFC 1918; RFC 4193
static const char private_addresses[] =
    "127.0.0.1,0.0.0.0,10.*,192.168.*,172.16.*,172.17.*,172.18.*,172.19.*,172.20.*,172.21.*,"
    "172.22.*,172.23.*,172.24.*,172.25.*,172.26.*,172.27.*,172.28.*,172.29.*,172.30.*,172.31.*,"
    "[::1],[fc*],[fd*]";

static bool
glob_match(struct str pattern, struct str text)
{
    size_t i = 0, k = 0, star = pattern.n, mark = 0;
    while (k < text.n) {
        if (i < pattern.n && pattern.at[i] == '*') {
            star = i++;
            mark = k;
        } else if (i < pattern.n && strncasecmp(&pattern.at[i], &text.at[k], 1) == 0) {
            i++;
            k++;
        } else if (star < pattern.n) {
            i = star + 1;
            k = ++mark;
        } else {
            return false;
        }
    }
    while (i < pattern.n && pattern.at[i] == '*')
        i++;
    return i == pattern.n;
}

// A host without its port: "[::1]:80" is "[::1]".
static struct str
portless(const char *host)
{
    const char *close = host[0] == '[' ? strchr(host, ']') : NULL;
    const char *colon = strrchr(close == NULL ? host : close, ':');
    return (struct str){host, colon == NULL ? strlen(host) : (size_t)(colon - host)};
}

bool
door_host_is_in(const char *host, const char *list)
{
    const struct str whole = {host, strlen(host)}, bare = portless(host);
    while (*list != '\0') {
        const struct str one = {list, strcspn(list, ",")};
        if (one.n > 0 && (glob_match(one, whole) || glob_match(one, bare)))
            return true;
        list += one.n + (list[one.n] == ',');
    }
    return false;
}

// "10.evil.example" begins like an address and is a name.
static bool
is_private(const char *host)
{
    const struct str bare = portless(host);
    const size_t n_numeric =
        strspn(host, host[0] == '[' ? "[]0123456789abcdefABCDEF:" : "0123456789.");
    if (bare.n == 9 && strncasecmp(host, "localhost", 9) == 0)
        return true;
    return n_numeric >= bare.n && door_host_is_in(host, private_addresses);
}

// The host of an Origin, "http://localhost:5000"; NULL for one that names none, such as "null".
static const char *
origin_host(const char *origin)
{
    const char *behind = strstr(origin, "://");
    return behind == NULL ? NULL : behind + 3;
}

static bool
is_change(const char *method)
{
    return strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0 &&
           strcmp(method, "OPTIONS") != 0;
}

static bool
origin_is_known(const struct request *in, const char *allowed)
{
    const char *host = origin_host(in->origin);
    return (host != NULL &&
            (door_host_is_in(host, "localhost,127.0.0.1,[::1]") || strcmp(host, in->host) == 0)) ||
           door_host_is_in(in->origin, allowed);
}

bool
door_check(struct scope *s, const struct request *in)
{
    const struct app *app = in->app;
    const char *hosts = app->config->mlflow.allowed_hosts;
    const char *origins = app->config->mlflow.allowed_origins;

    if (strlen(in->host) > HOST_BYTES ||
        (!is_private(in->host) && !door_host_is_in(in->host, hosts)))
        return fail(s, ERROR_DENIED,
                    "Invalid Host header: \"%.60s\" is not among MLFLOW_SERVER_ALLOWED_HOSTS",
                    in->host);
    if (is_change(in->method) && in->origin[0] != '\0' && !origin_is_known(in, origins))
        return fail(s, ERROR_DENIED,
                    "Cross-origin request blocked: \"%.60s\" is not among "
                    "MLFLOW_SERVER_CORS_ALLOWED_ORIGINS",
                    in->origin);
    return true;
}
