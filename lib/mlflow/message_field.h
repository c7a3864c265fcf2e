// mlflow/message_field.h: how a message is kept, for the files of mlflow/message.h.
#ifndef MLFLOW_MESSAGE_FIELD_H
#define MLFLOW_MESSAGE_FIELD_H

#include "mlflow/message.h"
#include "text/json_scan.h"

struct message {
    const char *path;  // "metrics[0].", before the names of its fields
    const char *query; // of a GET, NULL for JSON
    size_t n;
    const struct json_member *members; // keys without escapes
};

struct field { // one value, as it was sent
    enum json_kind kind;
    struct str raw; // a text's without its quotes
    bool is_escaped, is_query;
};

// Takes apart the object that a text begins with, and tells where that ends; another value gives an
// empty message, and its kind in `part`. The text has passed json_scan.
//
//   errors  INPUT for more than JSON_MEMBERS members, or two of one name
bool message_object(struct scope *s, struct str text, const char *path, struct json_part *part,
                    const struct message **out) MUST_CHECK;

// The value of a field as it was sent; false where it is absent or null.
bool field_find(const struct message *m, const char *name, struct field *out);

// A field's text without its escapes, terminated; of a number, its digits.
bool field_text(struct scope *s, const struct field *f, const char **out) MUST_CHECK;

// Fails with INPUT: Invalid value <as it was sent> for parameter '<path>' supplied: <why>.
bool field_invalid(struct scope *s, const struct message *m, const char *name,
                   const struct field *f, const char *why);

#endif
