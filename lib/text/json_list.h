// text/json_list.h: arrays of numbers, read and written whole.
#ifndef TEXT_JSON_LIST_H
#define TEXT_JSON_LIST_H

#include "text/json.h"

// Reads a value that must be an array of exactly n numbers; `path` is for the message. Where
// `may_miss`, null is read as NaN.
//
//   errors  INPUT naming the path and the member
bool json_list_read(struct scope *s, const struct json *list, const char *path, size_t n,
                    bool may_miss, double out[]) MUST_CHECK;

// The same for the array at a path.
bool json_list_get(struct scope *s, const struct json *value, const char *path, size_t n,
                   bool may_miss, double out[]) MUST_CHECK;

// Reads whole numbers, each within low..high.
bool json_list_int(struct scope *s, const struct json *value, const char *path, size_t n,
                   const int64_t range[2], int64_t out[]) MUST_CHECK;

// Writes n numbers as an array; NaN becomes null.
void json_list_put(struct json_writer *w, const double x[], size_t n);

#endif
