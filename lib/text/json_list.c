#include "text/json_list.h"

#include <math.h>

bool
json_list_read(struct scope *s, const struct json *list, const char *path, size_t n, bool may_miss,
               double out[])
{
    size_t i = 0;
    if (json_kind(list) != JSON_ARRAY)
        return fail(s, ERROR_INPUT, "%s is not an array", path);
    if (json_count(list) != n)
        return fail(s, ERROR_INPUT, "%s has %zu members, not %zu", path, json_count(list), n);
    for (const struct json *x = json_first(list); x != NULL; x = json_next(x), i++) {
        if (json_kind(x) != JSON_NUMBER && !(may_miss && json_kind(x) == JSON_NULL))
            return fail(s, ERROR_INPUT, "%s[%zu] is not a number", path, i);
        out[i] = json_kind(x) == JSON_NUMBER ? json_as_number(x) : NAN;
    }
    return true;
}

bool
json_list_get(struct scope *s, const struct json *value, const char *path, size_t n, bool may_miss,
              double out[])
{
    const struct json *list;
    return json_array(s, value, path, &list) && json_list_read(s, list, path, n, may_miss, out);
}

bool
json_list_int(struct scope *s, const struct json *value, const char *path, size_t n,
              const int64_t range[2], int64_t out[])
{
    double *x = scope_array(s, n, sizeof *x);
    if (!json_list_get(s, value, path, n, false, x))
        return false;
    for (size_t i = 0; i < n; i++) {
        if (!(x[i] >= (double)range[0] && x[i] <= (double)range[1]) || x[i] != floor(x[i]))
            return fail(s, ERROR_INPUT, "%s[%zu] is %g, not a whole number within %lld and %lld",
                        path, i, x[i], (long long)range[0], (long long)range[1]);
        out[i] = (int64_t)x[i];
    }
    return true;
}

void
json_list_put(struct json_writer *w, const double x[], size_t n)
{
    json_array_begin(w);
    for (size_t i = 0; i < n; i++)
        json_put_number(w, x[i]);
    json_array_end(w);
}
