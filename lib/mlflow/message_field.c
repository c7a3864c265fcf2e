#include "mlflow/message_field.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "text/json_escape.h"
#include "text/number.h"
#include "text/url.h"
#include "text/utf8.h"

#define QUOTED_BYTES 100              // of a wrong value, told in a message
#define WHOLE_MOST 9007199254740992.0 // 2^53: beyond, doubles skip whole numbers

bool
field_find(const struct message *m, const char *name, struct field *out)
{
    struct str key, value;
    if (m->query != NULL) {
        for (const char *at = m->query; url_query_next(&at, &key, &value);)
            if (str_is(key, name)) {
                *out = (struct field){.kind = JSON_TEXT, .raw = value, .is_query = true};
                return true;
            }
        return false;
    }
    for (size_t i = 0; i < m->n; i++)
        if (str_is(m->members[i].key, name)) {
            *out = (struct field){m->members[i].kind, m->members[i].value, m->members[i].is_escaped,
                                  false};
            return out->kind != JSON_NULL;
        }
    return false;
}

bool
field_text(struct scope *s, const struct field *f, const char **out)
{
    if (f->is_query)
        return url_decode(s, f->raw, true, out);
    if (!f->is_escaped) {
        *out = scope_copy_n(s, f->raw.at, f->raw.n);
        return true;
    }
    const struct str plain = json_unescape(scope_alloc(s, f->raw.n + 1), f->raw);
    *out = plain.at; // terminated: the room was zeroed and is longer
    return true;
}

bool
field_invalid(struct scope *s, const struct message *m, const char *name, const struct field *f,
              const char *why)
{
    const char *quote = f->kind == JSON_TEXT ? "\"" : "";
    const char *decoded;
    struct str raw = f->raw;
    if (f->is_query) {
        if (url_decode(s, raw, true, &decoded))
            raw = (struct str){decoded, strlen(decoded)};
        else
            scope_forgive(s);
    }
    const size_t n = raw.n > QUOTED_BYTES ? utf8_span(raw.at, QUOTED_BYTES) : raw.n;
    return fail(s, ERROR_INPUT, "Invalid value %s%.*s%s%s for parameter '%s%s' supplied: %s", quote,
                (int)n, raw.at, n < raw.n ? "..." : "", quote, m->path, name, why);
}

bool
message_has(const struct message *m, const char *name)
{
    struct field f;
    return field_find(m, name, &f);
}

bool
message_text(struct scope *s, const struct message *m, const char *name, const char **out)
{
    struct field f;
    if (!field_find(m, name, &f))
        return true;
    if (f.kind != JSON_TEXT)
        return field_invalid(s, m, name, &f, "it is not a string");
    return field_text(s, &f, out) || explain(s, "parameter '%s%s'", m->path, name);
}

static bool
whole_read(const char *text, int64_t *out)
{
    char *end;
    double x;
    errno = 0;
    const size_t n_digits = strspn(text + (text[0] == '-'), "0123456789");
    *out = strtoll(text, &end, 10);
    if (n_digits > 0 && *end == '\0')
        return errno == 0;
    if (!number_read((struct str){text, strlen(text)}, &x) || x != floor(x) || fabs(x) > WHOLE_MOST)
        return false;
    *out = (int64_t)x;
    return true;
}

bool
message_int(struct scope *s, const struct message *m, const char *name, int64_t *out)
{
    struct field f;
    const char *text;
    int64_t x;
    if (!field_find(m, name, &f))
        return true;
    if ((f.kind != JSON_NUMBER && f.kind != JSON_TEXT) || f.raw.n > 60)
        return field_invalid(s, m, name, &f, "it is not a whole number");
    if (!field_text(s, &f, &text))
        return explain(s, "parameter '%s%s'", m->path, name);
    if (!whole_read(text, &x))
        return field_invalid(s, m, name, &f, "it is not a whole number of 64 bits");
    *out = x;
    return true;
}

static bool
double_read(const char *text, double *out)
{
    if (strcmp(text, "NaN") == 0)
        *out = NAN;
    else if (strcmp(text, "Infinity") == 0)
        *out = INFINITY;
    else if (strcmp(text, "-Infinity") == 0)
        *out = -INFINITY;
    else
        return number_read((struct str){text, strlen(text)}, out);
    return true;
}

bool
message_number(struct scope *s, const struct message *m, const char *name, double *out)
{
    struct field f;
    const char *text;
    double x;
    if (!field_find(m, name, &f))
        return true;
    if (f.kind == JSON_BOOL) { // as MLflow takes it
        *out = f.raw.at[0] == 't';
        return true;
    }
    if ((f.kind != JSON_NUMBER && f.kind != JSON_TEXT) || f.raw.n > 400)
        return field_invalid(s, m, name, &f, "it is not a number");
    if (!field_text(s, &f, &text))
        return explain(s, "parameter '%s%s'", m->path, name);
    if (!double_read(text, &x))
        return field_invalid(s, m, name, &f, "it is not a number of double precision");
    *out = x;
    return true;
}

bool
message_bool(struct scope *s, const struct message *m, const char *name, bool *out)
{
    struct field f;
    if (!field_find(m, name, &f))
        return true;
    const bool is_true = f.raw.n == 4 && strncasecmp(f.raw.at, "true", 4) == 0;
    const bool is_false = f.raw.n == 5 && strncasecmp(f.raw.at, "false", 5) == 0;
    if ((f.kind != JSON_BOOL && !f.is_query) || (!is_true && !is_false))
        return field_invalid(s, m, name, &f, "it is not true or false");
    *out = is_true;
    return true;
}

bool
message_enum(struct scope *s, const struct message *m, const char *name,
             const struct message_name names[], int *out)
{
    struct field f;
    const char *text;
    int64_t number;
    if (!field_find(m, name, &f))
        return true;
    if (f.kind != JSON_TEXT && f.kind != JSON_NUMBER)
        return field_invalid(s, m, name, &f, "it is not the name of one");
    if (!field_text(s, &f, &text))
        return explain(s, "parameter '%s%s'", m->path, name);
    const bool is_number = (f.kind == JSON_NUMBER || f.is_query) && whole_read(text, &number);
    for (size_t i = 0; names[i].name != NULL; i++)
        if (is_number ? names[i].number == number
                      : f.kind == JSON_TEXT && strcmp(names[i].name, text) == 0) {
            *out = names[i].number;
            return true;
        }
    return field_invalid(s, m, name, &f, "there is none of that name");
}
