#include "mlflow/message.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "mlflow/message_field.h"
#include "text/base64.h"
#include "text/json_escape.h"

#define TOKEN_BYTES 200 // of a page token

static bool
body_read(struct scope *s, struct str body, bool is_again, const struct message **out)
{
    struct json_part part;
    const size_t blank = strspn(body.at, " \t\r\n");

    body = (struct str){body.at + blank, body.n - blank};
    if (body.n == 0)
        body = (struct str){"{}", 2};
    if (!json_scan(s, body.at, body.n))
        return explain(s, "the body is not JSON");
    const enum json_kind kind = json_scan_kind(body.at[0]);
    if (kind == JSON_TEXT && !is_again) {
        const char *close = strrchr(body.at, '"');
        const struct str inner = {body.at + 1, (size_t)(close - body.at) - 1};
        return body_read(s, json_unescape(scope_alloc(s, inner.n + 1), inner), true, out);
    }
    const bool is_empty = kind == JSON_NULL || (kind == JSON_ARRAY &&
                                                body.at[1 + strspn(body.at + 1, " \t\r\n")] == ']');
    if (kind != JSON_OBJECT && !is_empty)
        return fail(s, ERROR_INPUT, "the body is not a JSON object");
    return message_object(s, is_empty ? (struct str){"{}", 2} : body, "", &part, out);
}

// True for "application/json", whatever parameters follow.
static bool
is_json(const char *content_type)
{
    static const char wanted[] = "application/json";
    const size_t n = sizeof wanted - 1;
    return strncasecmp(content_type, wanted, n) == 0 &&
           content_type[n + strspn(content_type + n, " \t")] ==
               (strchr(content_type, ';') ? ';' : '\0');
}

bool
message_read(struct scope *s, const struct request *in, const struct message **out)
{
    if (strcmp(in->method, "GET") == 0 || strcmp(in->method, "HEAD") == 0) {
        struct message *m = scope_alloc(s, sizeof *m);
        *m = (struct message){.path = "", .query = in->query};
        *out = m;
        return true;
    }
    const bool may_lack = strcmp(in->method, "DELETE") == 0 && in->body.n == 0;
    if (!(may_lack && in->content_type[0] == '\0') && !is_json(in->content_type))
        return fail(s, ERROR_INPUT, "Bad Request. Content-Type must be application/json");
    return body_read(s, in->body, false, out);
}

bool
message_missing(struct scope *s, const struct message *m, const char *name)
{
    return fail(s, ERROR_INPUT, "Missing value for required parameter '%s%s'", m->path, name);
}

bool
message_need_text(struct scope *s, const struct message *m, const char *name, const char **out)
{
    *out = "";
    return message_text(s, m, name, out) && ((*out)[0] != '\0' || message_missing(s, m, name));
}

bool
message_need_int(struct scope *s, const struct message *m, const char *name, int64_t *out)
{
    return message_has(m, name) ? message_int(s, m, name, out) : message_missing(s, m, name);
}

bool
message_need_number(struct scope *s, const struct message *m, const char *name, double *out)
{
    return message_has(m, name) ? message_number(s, m, name, out) : message_missing(s, m, name);
}

bool
message_offset_of(struct scope *s, const struct message *m, const char *mark, int64_t *out)
{
    const char *token = "", *told = NULL;
    if (!message_text(s, m, "page_token", &token))
        return false;
    if (token[0] == '\0')
        return true;
    struct scope inner = {0};
    struct buf plain = buf_open(&inner, TOKEN_BYTES);
    const size_t n = strlen(token);
    const struct json *value = NULL;
    const bool ok = n <= TOKEN_BYTES && base64_read((struct str){token, n}, &plain) &&
                    (value = json_parse(&inner, plain.text, plain.n)) != NULL &&
                    json_int(&inner, value, "offset", out) && *out >= 0;
    const bool is_alike =
        ok &&
        (mark == NULL || (json_text(&inner, value, "mark", &told) && strcmp(told, mark) == 0));
    scope_close(&inner);
    if (ok && !is_alike)
        return fail(s, ERROR_INPUT, "Invalid page token: the page before was asked for otherwise");
    return ok || fail(s, ERROR_INPUT, "Invalid page token: it is none that a page before gave");
}

const char *
message_token_of(struct scope *s, int64_t offset, const char *mark)
{
    struct buf out = buf_open(s, 128), plain = buf_open(s, 128);
    buf_print(&plain, "{\"offset\": %lld", (long long)offset);
    if (mark != NULL)
        buf_print(&plain, ", \"mark\": \"%s\"", mark);
    buf_char(&plain, '}');
    base64_write(&out, plain.text, plain.n);
    return out.text;
}

bool
message_offset(struct scope *s, const struct message *m, int64_t *out)
{
    return message_offset_of(s, m, NULL, out);
}

const char *
message_token(struct scope *s, int64_t offset)
{
    return message_token_of(s, offset, NULL);
}

void
message_put_number(struct json_writer *w, double x)
{
    if (isfinite(x))
        json_put_number(w, x);
    else
        json_put_text(w, isnan(x) ? "NaN" : x > 0 ? "Infinity" : "-Infinity");
}

void
message_pair_text_if(struct json_writer *w, const char *key, const char *text)
{
    if (text != NULL)
        json_pair_text(w, key, text);
}

void
message_put_entries(struct json_writer *w, const struct rows *r)
{
    json_array_begin(w);
    for (size_t i = 0; i < rows_count(r); i++)
        json_put_raw(w, rows_text(r, i, "entry"));
    json_array_end(w);
}

bool
message_reply_empty(struct reply *out)
{
    struct json_writer w = reply_json(out);
    json_object_begin(&w);
    json_object_end(&w);
    return true;
}
