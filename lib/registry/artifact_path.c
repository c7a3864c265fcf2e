#include "registry/artifact_path.h"

#include <string.h>
#include <strings.h>

#include "text/url.h"
#include "text/utf8.h"

#define SCHEME "mlflow-artifacts:"

static bool
invalid(struct scope *s, const char *why)
{
    return fail(s, ERROR_INPUT, "Invalid path: %s", why);
}

static bool
is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
characters_check(struct scope *s, const char *path)
{
    for (const char *c = path; *c != '\0'; c++) {
        if ((unsigned char)*c < ' ' || *c == 0x7f || strncmp(c, "%00", 3) == 0)
            return invalid(s, "it holds a control character");
        if (*c == '#' || *c == '\\')
            return invalid(s, *c == '#' ? "it holds a \"#\"" : "it holds a backslash");
    }
    return true;
}

// Some readers end a segment at its ";", a drive's letter at its ":", and take "file:" for a scheme.
static bool
segment_check(struct scope *s, const char *at, size_t n)
{
    const char *end = memchr(at, ';', n);
    const size_t n_bare = end == NULL ? n : (size_t)(end - at);
    if (n == 0)
        return invalid(s, "it begins with a \"/\", or holds two in a row, or ends with one");
    if ((n_bare == 1 && at[0] == '.') || (n_bare == 2 && at[0] == '.' && at[1] == '.'))
        return fail(s, ERROR_INPUT, "Invalid path"); // MLflow's whole message
    if (n_bare == 2 && is_letter(at[0]) && at[1] == ':')
        return invalid(s, "a drive is no name");
    if (n >= 5 && strncasecmp(at, "file:", 5) == 0)
        return invalid(s, "\"file:\" is another place");
    return true;
}

// One form of a path, decoded so often.
static bool
form_check(struct scope *s, const char *path)
{
    size_t n_segments = 0;
    if (!characters_check(s, path))
        return false;
    for (const char *at = path;; at++) {
        const size_t n = strcspn(at, "/");
        if (!segment_check(s, at, n))
            return false;
        if (++n_segments > ARTIFACT_PATH_DEPTH)
            return invalid(s, "it has more than 64 segments");
        at += n;
        if (*at == '\0')
            return true;
    }
}

bool
artifact_path_check(struct scope *s, const char *path)
{
    const size_t n = strlen(path);
    if (n == 0)
        return invalid(s, "it is empty");
    if (n > ARTIFACT_PATH_BYTES)
        return invalid(s, "it is longer than 1024 bytes");
    if (utf8_span(path, n) != n)
        return invalid(s, "it is not UTF-8");
    char *form = scope_copy(s, path);
    do
        if (!form_check(s, form))
            return false;
    while (url_decode_again(form));
    return true;
}

bool
artifact_folder_check(struct scope *s, const char *path, const char **out)
{
    size_t n = strlen(path);
    if (n > 1 && path[n - 1] == '/')
        n--;
    *out = n == 1 && path[0] == '.' ? "" : scope_copy_n(s, path, n);
    return **out == '\0' || artifact_path_check(s, *out);
}

const char *
artifact_path_join(struct scope *s, const char *root, const char *path)
{
    const bool is_both = *root != '\0' && *path != '\0';
    return scope_print(s, "%s%s%s", root, is_both ? "/" : "", path);
}

const char *
artifact_uri_path(struct scope *s, const char *uri)
{
    struct scope own = {0};
    if (strncmp(uri, SCHEME, sizeof SCHEME - 1) != 0)
        return NULL;
    const char *at = uri + sizeof SCHEME - 1;
    if (at[0] == '/' && at[1] == '/')
        at += 2 + strcspn(at + 2, "/");
    at += strspn(at, "/");
    const char *path;
    const bool ok = artifact_folder_check(&own, at, &path);
    path = ok ? scope_copy(s, path) : NULL;
    scope_close(&own);
    return path;
}
