// http/reply.h: what is answered: a status, headers and a body, sent whole.
#ifndef HTTP_REPLY_H
#define HTTP_REPLY_H

#include "base/buf.h"
#include "text/json.h"

struct reply { // make one with reply_open
    int status;
    const char *content_type;
    struct buf headers; // whole lines "Name: value\r\n"
    struct buf body;
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

// The whole answer but its body: "Status: 200 OK\r\n…\r\n\r\n".
void reply_head(const struct reply *in, const char *request_id, struct buf *out);

#endif
