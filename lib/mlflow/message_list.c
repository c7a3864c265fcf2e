#include <string.h>

#include "mlflow/message_field.h"
#include "text/json_escape.h"
#include "text/url.h"

static bool
members_keep(struct scope *s, struct message *m, const struct json_member found[], size_t n)
{
    struct json_member *kept = scope_array(s, n + 1, sizeof *kept);
    for (size_t i = 0; i < n; i++) {
        kept[i] = found[i];
        if (kept[i].is_key_escaped)
            kept[i].key = json_unescape(scope_alloc(s, kept[i].key.n + 1), kept[i].key);
        for (size_t k = 0; k < i; k++)
            if (kept[k].key.n == kept[i].key.n &&
                memcmp(kept[k].key.at, kept[i].key.at, kept[i].key.n) == 0)
                return fail(s, ERROR_INPUT, "Invalid value: parameter '%s%.*s' is given twice",
                            m->path, (int)(kept[i].key.n < 60 ? kept[i].key.n : 60),
                            kept[i].key.at);
    }
    m->members = kept;
    m->n = n;
    return true;
}

bool
message_object(struct scope *s, struct str text, const char *path, struct json_part *part,
               const struct message **out)
{
    struct json_member members[JSON_MEMBERS];
    struct message *m = scope_alloc(s, sizeof *m);

    json_scan_part(text.at, text.n, 0, members, part);
    if (part->fault != NULL)
        return fail(s, ERROR_INPUT, "Invalid value for '%s': %s", path, part->fault);
    m->path = path;
    *out = m;
    return part->kind != JSON_OBJECT || members_keep(s, m, members, part->n_members);
}

// Steps into an array, then from one element to the next; false at its end.
static bool
element_next(const char **at)
{
    *at += strspn(*at, " \t\r\n");
    if (**at == ']')
        return false;
    *at += **at == '[' || **at == ',';
    *at += strspn(*at, " \t\r\n");
    return **at != ']';
}

static bool
texts_of_query(struct scope *s, const struct message *m, const char *name, struct buf *list)
{
    struct str key, value;
    for (const char *at = m->query; url_query_next(&at, &key, &value);) {
        const char *text;
        if (!str_is(key, name))
            continue;
        if (!url_decode(s, value, true, &text))
            return explain(s, "parameter '%s'", name);
        buf_add(list, &text, sizeof text);
    }
    return true;
}

static bool
texts_of_array(struct scope *s, const struct message *m, const char *name, const struct field *f,
               struct buf *list)
{
    struct json_member members[JSON_MEMBERS];
    struct json_part part;
    const char *at = f->raw.at, *end = at + f->raw.n, *text;
    while (element_next(&at)) {
        json_scan_part(at, (size_t)(end - at), 0, members, &part);
        if (part.kind != JSON_TEXT || part.fault != NULL)
            return field_invalid(s, m, name, f, "it is not a list of strings");
        const struct field one = {JSON_TEXT, {at + 1, part.n - 2}, true, false};
        if (!field_text(s, &one, &text))
            return false;
        buf_add(list, &text, sizeof text);
        at += part.n;
    }
    return true;
}

bool
message_texts(struct scope *s, const struct message *m, const char *name, size_t *n,
              const char *const **out)
{
    struct field f;
    struct buf list = buf_open(s, 16 * sizeof(char *));
    if (!field_find(m, name, &f))
        return true;
    if (!f.is_query && f.kind != JSON_ARRAY)
        return field_invalid(s, m, name, &f, "it is not a list of strings");
    if (!(f.is_query ? texts_of_query(s, m, name, &list) : texts_of_array(s, m, name, &f, &list)))
        return false;
    *n = list.n / sizeof(char *);
    *out = (const char *const *)(const void *)list.text;
    return true;
}

bool
message_nested(struct scope *s, const struct message *m, const char *name,
               const struct message **out)
{
    struct field f;
    struct json_part part;
    if (!field_find(m, name, &f))
        return true;
    if (f.kind != JSON_OBJECT)
        return field_invalid(s, m, name, &f, "it is not an object");
    return message_object(s, f.raw, scope_print(s, "%s%s.", m->path, name), &part, out);
}

bool
message_list(struct scope *s, const struct message *m, const char *name, size_t *n,
             const struct message *const **out)
{
    struct field f;
    struct json_part part;
    struct buf list = buf_open(s, 16 * sizeof(void *));
    if (!field_find(m, name, &f))
        return true;
    if (f.kind != JSON_ARRAY)
        return field_invalid(s, m, name, &f, "it is not a list of objects");
    const char *at = f.raw.at, *end = at + f.raw.n;
    for (size_t i = 0; element_next(&at); i++) {
        const struct message *one;
        const char *path = scope_print(s, "%s%s[%zu].", m->path, name, i);
        if (!message_object(s, (struct str){at, (size_t)(end - at)}, path, &part, &one))
            return false;
        if (part.kind != JSON_OBJECT)
            return field_invalid(s, m, name, &f, "it is not a list of objects");
        buf_add(&list, &one, sizeof one);
        at += part.n;
    }
    *n = list.n / sizeof(void *);
    *out = (const struct message *const *)(const void *)list.text;
    return true;
}
