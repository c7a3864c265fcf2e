// mlflow/message.h: what MLflow's client sends and is sent, by field.
//
// A message is the JSON object of a body, one nested in it, or the query of a GET, whose repeated
// names are a list. Fields that nobody asks for are ignored. Each reader leaves `*out` untouched
// where the field is absent or null, so initialise it with the default.
//
//   source  MLflow's REST API: protocol buffers in their JSON form
#ifndef MLFLOW_MESSAGE_H
#define MLFLOW_MESSAGE_H

#include "http/reply.h"
#include "http/request.h"
#include "text/json.h"

struct message; // of the request's scope

// Reads the message of a request. No body, an empty one, null and [] are the empty message; a text
// that holds JSON is read again.
//
//   errors  INPUT for a body that is not JSON or no object, or a method with a body whose
//           Content-Type is not application/json
bool message_read(struct scope *s, const struct request *in, const struct message **out) MUST_CHECK;

// Tells whether a field is there and not null.
bool message_has(const struct message *m, const char *name);

// A field by name and type.
//
//   errors  INPUT with MLflow's words for what is of another type: Invalid value "x" for parameter
//           'metrics[0].timestamp' supplied: it is not a whole number
bool message_text(struct scope *s, const struct message *m, const char *name,
                  const char **out) MUST_CHECK;
bool message_int(struct scope *s, const struct message *m, const char *name,
                 int64_t *out) MUST_CHECK; // a number, exact to 64 bits, or decimal text
bool message_number(struct scope *s, const struct message *m, const char *name,
                    double *out)
    MUST_CHECK; // also numeric text, "NaN", "Infinity", "-Infinity"; true is 1
bool message_bool(struct scope *s, const struct message *m, const char *name,
                  bool *out) MUST_CHECK; // in a query in any case
bool message_texts(struct scope *s, const struct message *m, const char *name, size_t *n,
                   const char *const **out) MUST_CHECK;

// A word of a closed list, by name or number; any other is an INPUT failure.
struct message_name { // a list ends with {0}
    const char *name;
    int number;
};
bool message_enum(struct scope *s, const struct message *m, const char *name,
                  const struct message_name names[], int *out) MUST_CHECK;

// A message inside this one, and a list of them.
bool message_nested(struct scope *s, const struct message *m, const char *name,
                    const struct message **out) MUST_CHECK;
bool message_list(struct scope *s, const struct message *m, const char *name, size_t *n,
                  const struct message *const **out) MUST_CHECK;

// Fails with INPUT: Missing value for required parameter 'metrics[0].key'.
bool message_missing(struct scope *s, const struct message *m, const char *name);

// The same as above for a field that must be there; an empty text counts as missing.
bool message_need_text(struct scope *s, const struct message *m, const char *name,
                       const char **out) MUST_CHECK;
bool message_need_int(struct scope *s, const struct message *m, const char *name,
                      int64_t *out) MUST_CHECK;
bool message_need_number(struct scope *s, const struct message *m, const char *name,
                         double *out) MUST_CHECK;

// The rows that the field page_token says were on earlier pages, and the token that says so:
// base64 of {"offset": N}.
bool message_offset(struct scope *s, const struct message *m, int64_t *out) MUST_CHECK;
const char *message_token(struct scope *s, int64_t offset);

// The same for a search whose pages must all ask alike: `mark` is of what was asked.
bool message_offset_of(struct scope *s, const struct message *m, const char *mark,
                       int64_t *out) MUST_CHECK;
const char *message_token_of(struct scope *s, int64_t offset, const char *mark);

// Writes a number as the client reads it: "NaN", "Infinity" and "-Infinity" as texts.
void message_put_number(struct json_writer *w, double x);

// Writes a key and its text, or nothing for NULL.
void message_pair_text_if(struct json_writer *w, const char *key, const char *text);

// Writes an array of the rows' column `entry`, which is JSON.
void message_put_entries(struct json_writer *w, const struct rows *r);

// Answers the empty message. Returns true.
bool message_reply_empty(struct reply *out);

#endif
