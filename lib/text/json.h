// text/json.h: JSON: values read by path, text written as a stream.
//
// A path is "runs[3].metrics.rmse", from the value it is asked of. Reading what is absent or of
// another type fails and names the path: `runs[3].metrics.rmse is text, not a number`.
#ifndef TEXT_JSON_H
#define TEXT_JSON_H

#include <stdint.h>

#include "base/buf.h"

struct json; // a parsed value; lives as long as the scope it was parsed in

enum json_kind { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_TEXT, JSON_ARRAY, JSON_OBJECT };

// Parses n bytes as one value. Checks that they are UTF-8, that nothing follows, that numbers are
// JSON's and finite, that no object names a key twice and that nesting stays below 100.
//
//   owner   the scope
//   errors  INPUT with the line and column of the first fault
const struct json *json_parse(struct scope *s, const char *text, size_t n) MUST_CHECK;

enum json_kind json_kind(const struct json *value);

// The value at a path, or NULL where there is none.
const struct json *json_find(const struct json *value, const char *path);

// The value at a path with the type in the function's name.
//
//   errors  INPUT naming the path when it is absent or of another type, or not whole for json_int
bool json_text(struct scope *s, const struct json *value, const char *path,
               const char **out) MUST_CHECK;
bool json_number(struct scope *s, const struct json *value, const char *path,
                 double *out) MUST_CHECK;
bool json_int(struct scope *s, const struct json *value, const char *path, int64_t *out) MUST_CHECK;
bool json_bool(struct scope *s, const struct json *value, const char *path, bool *out) MUST_CHECK;
bool json_array(struct scope *s, const struct json *value, const char *path,
                const struct json **out) MUST_CHECK;
bool json_object(struct scope *s, const struct json *value, const char *path,
                 const struct json **out) MUST_CHECK;

// Members of an array or object: how many, the first, and the one after; NULL past the end.
// Walk them with these; json_find by index is for single ones.
size_t json_count(const struct json *value);
const struct json *json_first(const struct json *value);
const struct json *json_next(const struct json *member);

// A member's key inside its object; a text's, number's or bool's own value (asserts the kind).
const char *json_key(const struct json *member);
const char *json_as_text(const struct json *value);
double json_as_number(const struct json *value);
bool json_as_bool(const struct json *value);

// Refuses an object's members that are not in the NULL-ended list.
//
//   errors  INPUT: unknown key "depht" (known: depth, rounds)
bool json_keys_check(struct scope *s, const struct json *object,
                     const char *const known[]) MUST_CHECK;

#define JSON_DEPTH 32

// Writes into a buffer and keeps the commas and the nesting. {.out = &buf} is ready to use.
struct json_writer {
    struct buf *out;
    int depth;
    bool has_member[JSON_DEPTH];
    bool is_after_key;
};

void json_object_begin(struct json_writer *w);
void json_object_end(struct json_writer *w);
void json_array_begin(struct json_writer *w);
void json_array_end(struct json_writer *w);
void json_put_key(struct json_writer *w, const char *key);
void json_put_text(struct json_writer *w, const char *text); // NULL becomes null
void json_put_number(struct json_writer *w, double x);       // NaN and infinities become null
void json_put_int(struct json_writer *w, int64_t x);
void json_put_raw(struct json_writer *w, const char *json); // one value, already JSON

// A key and its value in one call.
void json_pair_text(struct json_writer *w, const char *key, const char *text);
void json_pair_number(struct json_writer *w, const char *key, double x);
void json_pair_int(struct json_writer *w, const char *key, int64_t x);
void json_pair_bool(struct json_writer *w, const char *key, bool x);

#endif
