#include "http/reply.h"

#include <assert.h>
#include <string.h>

#include "base/log.h"

struct reply
reply_open(struct scope *s)
{
    return (struct reply){
        .status = 200,
        .content_type = "application/json",
        .headers = buf_open(s, 256),
        .body = buf_open(s, 2048),
    };
}

void
reply_header(struct reply *out, const char *name, const char *value)
{
    assert(strpbrk(value, "\r\n") == NULL);
    buf_text(&out->headers, name);
    buf_text(&out->headers, ": ");
    buf_text(&out->headers, value);
    buf_text(&out->headers, "\r\n");
}

struct json_writer
reply_json(struct reply *out)
{
    out->content_type = "application/json";
    return (struct json_writer){.out = &out->body};
}

void
reply_failure(const struct scope *s, const char *request_id, struct reply *out)
{
    const char *message = s->message;

    assert(s->kind != ERROR_NONE);
    if (s->kind == ERROR_BUG) {
        log_error("request.broke", "request_id=%s message=\"%s\"", request_id, message);
        message = "an error of ours; the server's log has it under this request_id";
    }
    buf_clear(&out->body);
    out->stream = NULL;
    out->status = error_http_status(s->kind);
    if (out->status == 401)
        reply_header(out, "WWW-Authenticate", "Bearer realm=\"airwatch\"");
    if (out->status == 503)
        reply_header(out, "Retry-After", "1");

    struct json_writer w = reply_json(out);
    json_object_begin(&w);
    json_put_key(&w, "error");
    json_object_begin(&w);
    json_pair_text(&w, "code", error_name(s->kind));
    json_pair_text(&w, "message", message);
    json_pair_text(&w, "request_id", request_id);
    json_object_end(&w);
    json_object_end(&w);
}

// A status line ends with words or at least the space before them; nginx takes ours as it is.
//
//   source  RFC 9110, section 15
static const char *
status_words(int status)
{
    switch (status) {
    case 200:
        return "OK";
    case 201:
        return "Created";
    case 206:
        return "Partial Content";
    case 304:
        return "Not Modified";
    case 400:
        return "Bad Request";
    case 401:
        return "Unauthorized";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 409:
        return "Conflict";
    case 413:
        return "Content Too Large";
    case 416:
        return "Range Not Satisfiable";
    case 422:
        return "Unprocessable Content";
    case 501:
        return "Not Implemented";
    case 503:
        return "Service Unavailable";
    default:
        return "Internal Server Error";
    }
}

void
reply_stream_set(struct reply *out, reply_stream stream, void *context, int64_t stream_bytes)
{
    out->stream = stream;
    out->context = context;
    out->stream_bytes = stream_bytes;
    reply_header(out, "X-Accel-Buffering", "no");
}

bool
outlet_put(struct scope *s, const struct outlet *to, const void *bytes, size_t n)
{
    return to->put(to->context, bytes, n) ||
           fail(s, ERROR_UNAVAILABLE, "the caller left before the end of the answer");
}

// What a body's length is told as; nothing for one that shows it at its end, and for none at all.
//
//   source  RFC 9110, 8.6 and 15.4.5
static void
length_write(const struct reply *in, struct buf *out)
{
    const int64_t n = in->stream == NULL ? (int64_t)in->body.n : in->stream_bytes;
    if (n < 0 || in->status == 304)
        return;
    buf_text(out, "\r\nContent-Length: ");
    buf_int(out, n);
}

void
reply_head(const struct reply *in, const char *request_id, struct buf *out)
{
    buf_text(out, "Status: ");
    buf_int(out, in->status);
    buf_char(out, ' ');
    buf_text(out, status_words(in->status));
    buf_text(out, "\r\nContent-Type: ");
    buf_text(out, in->content_type);
    length_write(in, out);
    buf_text(out, "\r\nX-Request-Id: ");
    buf_text(out, request_id);
    buf_text(out, "\r\n");
    buf_add(out, in->headers.text, in->headers.n);
    buf_text(out, "\r\n");
}
