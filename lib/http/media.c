#include "http/media.h"

#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "text/url.h"

const char *
media_type(const char *name)
{
    static const char texts[] = " txt log err cfg conf cnf cf ini properties prop hocon toml yaml "
                                "yml xml json jsonnet js py "
                                "py3 csv tsv md rst ipynb MLmodel MLproject ";
    static const struct {
        const char *extension, *type;
    } others[] = {
        {"png", "image/png"},         {"jpg", "image/jpeg"},
        {"jpeg", "image/jpeg"},       {"gif", "image/gif"},
        {"bmp", "image/bmp"},         {"svg", "image/svg+xml"},
        {"webp", "image/webp"},       {"tif", "image/tiff"},
        {"tiff", "image/tiff"},       {"ico", "image/x-icon"},
        {"pdf", "application/pdf"},   {"html", "text/html"},
        {"htm", "text/html"},         {"css", "text/css"},
        {"zip", "application/zip"},   {"gz", "application/gzip"},
        {"tar", "application/x-tar"}, {"mp4", "video/mp4"},
        {"webm", "video/webm"},       {"mp3", "audio/mpeg"},
        {"wav", "audio/x-wav"},       {"geojson", "application/geo+json"},
    };
    const char *slash = strrchr(name, '/');
    const char *base = slash == NULL ? name : slash + 1, *dot = strrchr(base, '.');
    const char *extension = dot == NULL || dot == base ? base : dot + 1;
    const size_t n = strcspn(extension, " ") == strlen(extension) ? strlen(extension) : 0;
    for (const char *at = strstr(texts, extension); n > 0 && at != NULL;
         at = strstr(at + 1, extension))
        if (at[-1] == ' ' && at[n] == ' ')
            return "text/plain";
    for (size_t i = 0; dot != NULL && i < sizeof others / sizeof *others; i++)
        if (strcasecmp(extension, others[i].extension) == 0)
            return others[i].type;
    return "application/octet-stream";
}

// Tells whether a name is a token, which needs no quotes; programs compare with it.
static bool
is_token(const char *name)
{
    static const char marks[] = "!#$&'*+-.^_`|~"; // of RFC 9110, 5.6.2, but for "%"
    for (const char *c = name; *c != '\0'; c++)
        if (!(*c >= '0' && *c <= '9') && !(*c >= 'A' && *c <= 'Z') && !(*c >= 'a' && *c <= 'z') &&
            strchr(marks, *c) == NULL)
            return false;
    return *name != '\0';
}

const char *
media_attachment(struct scope *s, const char *name)
{
    struct buf out = buf_open(s, 128);
    bool is_plain = true;
    if (is_token(name))
        return scope_print(s, "attachment; filename=%s", name);
    buf_text(&out, "attachment; filename=\"");
    for (const char *c = name; *c != '\0'; c++) {
        const bool is_safe = *c >= ' ' && *c < 0x7f && *c != '"' && *c != '\\' && *c != '%';
        buf_char(&out, is_safe ? *c : '_');
        is_plain = is_plain && is_safe;
    }
    buf_char(&out, '"');
    if (!is_plain) {
        buf_text(&out, "; filename*=UTF-8''");
        url_encode(&out, name);
    }
    return out.text;
}
