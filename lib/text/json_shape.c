#include "text/json_shape.h"

#include <stdio.h>
#include <string.h>

struct json_shape
json_shape_open(struct scope *s, size_t room_bytes)
{
    return (struct json_shape){.keys = scope_alloc(s, room_bytes)};
}

static bool
str_same(struct str a, struct str b)
{
    return a.n == b.n && memcmp(a.at, b.at, a.n) == 0;
}

static bool
is_known(const struct json_shape *shape, const struct json_member members[], size_t n)
{
    if (!shape->is_known || n != shape->n)
        return false;
    for (size_t i = 0, from = 0; i < n; from = shape->ends[i++])
        if (!str_same(members[i].key, (struct str){shape->keys + from, shape->ends[i] - from}))
            return false;
    return true;
}

static void
keep(struct json_shape *shape, const struct json_member members[], size_t n)
{
    size_t end = 0;
    for (size_t i = 0; i < n; i++) {
        memcpy(shape->keys + end, members[i].key.at, members[i].key.n);
        shape->ends[i] = end += members[i].key.n;
    }
    shape->n = n;
    shape->is_known = true;
}

bool
json_shape_meet(struct json_shape *shape, const struct json_member members[], size_t n,
                bool *is_same, char fault[JSON_SHAPE_FAULT])
{
    *is_same = is_known(shape, members, n);
    if (*is_same)
        return true;
    for (size_t i = 1; i < n; i++)
        for (size_t k = 0; k < i; k++)
            if (str_same(members[i].key, members[k].key)) {
                const struct str key = members[i].key;
                snprintf(fault, JSON_SHAPE_FAULT, "key \"%.*s\" appears twice",
                         (int)(key.n > 60 ? 60 : key.n), key.at);
                return false;
            }
    keep(shape, members, n);
    return true;
}
