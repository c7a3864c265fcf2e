#include "text/json.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "text/json_scan.h"

#define FEW_KEYS 16                   // below, comparing each with each is fastest
#define WHOLE_MOST 9007199254740992.0 // 2^53: beyond, doubles skip whole numbers

// struct json is never defined: it is a cJSON under a name that other rooms may know.
static const cJSON *
inside(const struct json *value)
{
    return (const cJSON *)(const void *)value;
}

static const struct json *
outside(const cJSON *item)
{
    return (const struct json *)(const void *)item;
}

// What the tree is checked for, once it stands; the counts tell where in the text a fault is.
struct review {
    struct scope *s;
    size_t n_keys, n_numbers;
    enum json_mark mark;
    const char *fault;
    size_t fault_at;
};

static bool
review_fault(struct review *r, enum json_mark mark, size_t at, const char *what)
{
    r->mark = mark;
    r->fault_at = at;
    r->fault = what;
    return false;
}

static int
key_order(const void *a, const void *b)
{
    const cJSON *const *x = a, *const *y = b;
    return strcmp((*x)->string, (*y)->string);
}

// The first key of an object that another member has too; NULL when all differ.
static const char *
key_twice(struct scope *s, const cJSON *object)
{
    size_t n = 0;
    for (const cJSON *m = object->child; m != NULL; m = m->next, n++)
        for (const cJSON *other = object->child; other != m && n < FEW_KEYS; other = other->next)
            if (strcmp(m->string, other->string) == 0)
                return m->string;
    if (n <= FEW_KEYS)
        return NULL;
    const cJSON **members = scope_array(s, n, sizeof *members);
    size_t i = 0;
    for (const cJSON *m = object->child; m != NULL; m = m->next)
        members[i++] = m;
    qsort(members, n, sizeof *members, key_order);
    for (i = 1; i < n; i++)
        if (strcmp(members[i - 1]->string, members[i]->string) == 0)
            return members[i]->string;
    return NULL;
}

// Keys are counted as the text has them: a member's own before those inside its value.
static bool
tree_review(struct review *r, const cJSON *item)
{
    if (cJSON_IsNumber(item)) {
        if (!isfinite(item->valuedouble))
            return review_fault(r, JSON_MARK_NUMBER, r->n_numbers, "the number is too large");
        r->n_numbers++;
        return true;
    }
    const bool is_object = cJSON_IsObject(item);
    const char *twice = is_object ? key_twice(r->s, item) : NULL;
    size_t n_met = 0;
    for (const cJSON *m = item->child; m != NULL; m = m->next) {
        if (twice != NULL && strcmp(m->string, twice) == 0 && ++n_met == 2)
            return review_fault(r, JSON_MARK_KEY, r->n_keys,
                                scope_print(r->s, "key \"%.60s\" appears twice", twice));
        r->n_keys += is_object;
        if (!tree_review(r, m))
            return false;
    }
    return true;
}

static void
tree_close(void *item)
{
    cJSON_Delete(item);
}

const struct json *
json_parse(struct scope *s, const char *text, size_t n)
{
    if (!json_scan(s, text, n))
        return NULL;
    cJSON *item = cJSON_ParseWithLength(text, n);
    if (item == NULL)
        abort(); // the text is good, so memory has run out
    scope_defer(s, tree_close, item);

    struct review r = {.s = s};
    if (!tree_review(&r, item)) {
        json_scan_fail_at(s, text, n, r.mark, r.fault_at, r.fault);
        return NULL;
    }
    return outside(item);
}

enum json_kind
json_kind(const struct json *value)
{
    const cJSON *item = inside(value);
    if (cJSON_IsNumber(item))
        return JSON_NUMBER;
    if (cJSON_IsString(item))
        return JSON_TEXT;
    if (cJSON_IsArray(item))
        return JSON_ARRAY;
    if (cJSON_IsObject(item))
        return JSON_OBJECT;
    return cJSON_IsNull(item) ? JSON_NULL : JSON_BOOL;
}

// Takes one "[3]" off a path.
static const cJSON *
element_find(const cJSON *item, const char **path)
{
    char *end;
    assert((*path)[1] >= '0' && (*path)[1] <= '9');
    size_t i = strtoul(*path + 1, &end, 10);
    assert(*end == ']');
    *path = end + 1;
    if (!cJSON_IsArray(item))
        return NULL;
    const cJSON *m = item->child;
    while (m != NULL && i-- > 0)
        m = m->next;
    return m;
}

// Takes one key off a path.
static const cJSON *
member_find(const cJSON *item, const char **path)
{
    const char *key = *path;
    const size_t n = strcspn(key, ".[");
    *path += n;
    if (!cJSON_IsObject(item))
        return NULL;
    const cJSON *m = item->child;
    while (m != NULL && (strncmp(m->string, key, n) != 0 || m->string[n] != '\0'))
        m = m->next;
    return m;
}

const struct json *
json_find(const struct json *value, const char *path)
{
    const cJSON *item = inside(value);
    while (item != NULL && *path != '\0') {
        if (*path == '[') {
            item = element_find(item, &path);
            continue;
        }
        if (*path == '.')
            path++;
        item = member_find(item, &path);
    }
    return outside(item);
}

static const char *
kind_words(enum json_kind kind)
{
    static const char *const words[] = {"null", "true or false", "a number",
                                        "text", "an array",      "an object"};
    return words[kind];
}

static const cJSON *
get(struct scope *s, const struct json *value, const char *path, enum json_kind kind)
{
    const struct json *found = json_find(value, path);
    const char *name = *path == '\0' ? "the value" : path;
    if (found == NULL)
        return fail_null(s, ERROR_INPUT, "%s is missing", name);
    const enum json_kind is = json_kind(found);
    if (is == kind)
        return inside(found);
    return fail_null(s, ERROR_INPUT, "%s is %s, not %s", name, kind_words(is), kind_words(kind));
}

bool
json_text(struct scope *s, const struct json *value, const char *path, const char **out)
{
    const cJSON *item = get(s, value, path, JSON_TEXT);
    if (item == NULL)
        return false;
    *out = item->valuestring;
    return true;
}

bool
json_number(struct scope *s, const struct json *value, const char *path, double *out)
{
    const cJSON *item = get(s, value, path, JSON_NUMBER);
    if (item == NULL)
        return false;
    *out = item->valuedouble;
    return true;
}

bool
json_int(struct scope *s, const struct json *value, const char *path, int64_t *out)
{
    double x;
    if (!json_number(s, value, path, &x))
        return false;
    if (x != floor(x) || fabs(x) > WHOLE_MOST)
        return fail(s, ERROR_INPUT, "%s is %.17g, not a whole number%s",
                    *path == '\0' ? "the value" : path, x, x == floor(x) ? " up to 2^53" : "");
    *out = (int64_t)x;
    return true;
}

bool
json_bool(struct scope *s, const struct json *value, const char *path, bool *out)
{
    const cJSON *item = get(s, value, path, JSON_BOOL);
    if (item == NULL)
        return false;
    *out = cJSON_IsTrue(item);
    return true;
}

bool
json_array(struct scope *s, const struct json *value, const char *path, const struct json **out)
{
    const cJSON *item = get(s, value, path, JSON_ARRAY);
    if (item == NULL)
        return false;
    *out = outside(item);
    return true;
}

bool
json_object(struct scope *s, const struct json *value, const char *path, const struct json **out)
{
    const cJSON *item = get(s, value, path, JSON_OBJECT);
    if (item == NULL)
        return false;
    *out = outside(item);
    return true;
}

size_t
json_count(const struct json *value)
{
    size_t n = 0;
    for (const cJSON *m = inside(value)->child; m != NULL; m = m->next)
        n++;
    return n;
}

const struct json *
json_first(const struct json *value)
{
    return outside(inside(value)->child);
}

const struct json *
json_next(const struct json *member)
{
    return outside(inside(member)->next);
}

const char *
json_key(const struct json *member)
{
    assert(inside(member)->string != NULL);
    return inside(member)->string;
}

const char *
json_as_text(const struct json *value)
{
    assert(json_kind(value) == JSON_TEXT);
    return inside(value)->valuestring;
}

double
json_as_number(const struct json *value)
{
    assert(json_kind(value) == JSON_NUMBER);
    return inside(value)->valuedouble;
}

bool
json_as_bool(const struct json *value)
{
    assert(json_kind(value) == JSON_BOOL);
    return cJSON_IsTrue(inside(value));
}

bool
json_keys_check(struct scope *s, const struct json *object, const char *const known[])
{
    assert(json_kind(object) == JSON_OBJECT);
    for (const cJSON *m = inside(object)->child; m != NULL; m = m->next) {
        size_t i = 0;
        while (known[i] != NULL && strcmp(known[i], m->string) != 0)
            i++;
        if (known[i] != NULL)
            continue;
        struct buf list = buf_open(s, 128);
        for (i = 0; known[i] != NULL; i++)
            buf_print(&list, "%s%s", i == 0 ? "" : ", ", known[i]);
        return fail(s, ERROR_INPUT, "unknown key \"%.60s\" (known: %s)", m->string, list.text);
    }
    return true;
}
