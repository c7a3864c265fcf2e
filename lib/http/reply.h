// http/reply.h: what is answered: a status, headers and a body, sent whole or as it is made.
#ifndef HTTP_REPLY_H
#define HTTP_REPLY_H

#include "base/buf.h"
#include "text/json.h"

// Where the bytes of a body go that is sent as it is made; puts false when nobody takes them.
struct outlet {
    bool (*put)(void *context, const void *bytes, size_t n);
    void *context;
};

// Makes a body in constant memory. Once it runs the status is sent, so a failure can only break
// the answer off, which the caller sees as a body that is not whole.
typedef bool (*reply_stream)(struct scope *s, void *context, const struct outlet *to);

struct reply { // make one with reply_open
    int status;
    const char *content_type;
    struct buf headers; // whole lines "Name: value\r\n"
    struct buf body;
    reply_stream stream;  // makes the body instead, from `context`; NULL when `body` is it
    void *context;        // of the request's scope
    int64_t stream_bytes; // how many it will make; -1 when that shows only at its end
};

struct reply reply_open(struct scope *s);

// Adds a header. The value comes from us or is checked: it holds no control character.
void reply_header(struct reply *out, const char *name, const char *value);

// Begins a JSON body and gives its writer.
struct json_writer reply_json(struct reply *out);

// Turns the scope's failure into an answer: its kind's status and
// {"error":{"code":…,"message":…,"request_id":…}}. What a handler had written is dropped; the
// words of a BUG go to the log, not to the caller.
void reply_failure(const struct scope *s, const char *request_id, struct reply *out);

// Has the body made as it is sent, and nginx pass it on without keeping it.
void reply_stream_set(struct reply *out, reply_stream stream, void *context, int64_t stream_bytes);

// Gives bytes to where a body goes.
//
//   errors  UNAVAILABLE when the caller has left
bool outlet_put(struct scope *s, const struct outlet *to, const void *bytes, size_t n) MUST_CHECK;

// The whole answer but its body: "Status: 200 OK\r\n…\r\n\r\n".
void reply_head(const struct reply *in, const char *request_id, struct buf *out);

#endif
