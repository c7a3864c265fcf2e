// border/remote.h: another MLflow server, asked in its own protocol.
//
// Broken connections, time-outs, 408, 425, 429 and 5xx are tried again for a while. Who asks shows
// a name and password, or a token, which no message tells.
#ifndef BORDER_REMOTE_H
#define BORDER_REMOTE_H

#include "base/config.h"
#include "text/json.h"

struct remote;

struct remote_login { // {0} shows nothing
    const char *user;
    struct secret password, token;
};

// Begins without a connection. A user and password in the address go before the login.
//
//   owner   the scope
//   errors  INPUT for what is no http(s) address
struct remote *remote_open(struct scope *s, const char *uri,
                           const struct remote_login *login) MUST_CHECK;

// Its address, without credentials and without a "/" at the end.
const char *remote_name(const struct remote *r);

struct remote_answer {
    const char *text; // as it came
    const struct json *root;
};

// Asks below /api/2.0/mlflow/: a GET of "runs/get?run_id=…", or a POST of a JSON object.
//
//   owner   the scope
//   errors  MISSING for 404, DENIED for 401 and 403, INPUT for other 4xx, in its words; UNAVAILABLE
bool remote_get(struct scope *s, struct remote *r, const char *path,
                struct remote_answer *out) MUST_CHECK;
bool remote_post(struct scope *s, struct remote *r, const char *path, const char *body,
                 struct remote_answer *out) MUST_CHECK;

// Brings what is at a path of the server's ("/get-artifact?…") into an empty file.
bool remote_bring(struct scope *s, struct remote *r, const char *path, int fd,
                  int64_t *size_bytes) MUST_CHECK;

// A member of an answer: a text, "" where there is none; a whole number, also one in quotes; a
// number, also "NaN" and "Infinity".
const char *remote_text(const struct json *value, const char *path);
int64_t remote_int(const struct json *value, const char *path, int64_t otherwise);
double remote_number(const struct json *value, const char *path);

// Adds "name=value", encoded, to a path's query.
void remote_query(struct buf *path, const char *name, const char *value);

#endif
