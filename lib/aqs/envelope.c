#include "aqs/envelope.h"

#include <string.h>
#include <strings.h>

#define OBJECT_BYTES TABLE_LINE_BYTES

struct envelope {
    struct feed *feed;
    char *object; // the one in hand, and room for its texts without escapes
    char *plain;
    size_t n, n_plain;
    int64_t line;                        // where it began
    bool is_first, has_data, is_checked; // whether the first object was found to be dailyData
};

static const struct {
    const char *key;
    enum field field;
    bool is_optional;
} keys[] = {
    {"state_code", FIELD_STATE, false},
    {"county_code", FIELD_COUNTY, false},
    {"site_number", FIELD_SITE, false},
    {"parameter_code", FIELD_PARAMETER, false},
    {"poc", FIELD_POC, false},
    {"latitude", FIELD_LATITUDE, false},
    {"longitude", FIELD_LONGITUDE, false},
    {"sample_duration", FIELD_DURATION, false},
    {"pollutant_standard", FIELD_STANDARD, true},
    {"date_local", FIELD_DAY, false},
    {"units_of_measure", FIELD_UNIT, false},
    {"event_type", FIELD_EVENT, false},
    {"observation_count", FIELD_COUNT, false},
    {"arithmetic_mean", FIELD_MEAN, false},
    {"first_max_value", FIELD_MAXIMUM, false},
    {"method_code", FIELD_METHOD, false},
    {"local_site_name", FIELD_NAME, true},
    {"state", FIELD_STATE_NAME, true},
    {"county", FIELD_COUNTY_NAME, true},
};

static bool
fail_at(struct scope *s, const struct envelope *e, const char *what)
{
    return fail(s, ERROR_INPUT, "broken JSON at line %lld: %s",
                (long long)feed_line_number(e->feed), what);
}

// The next byte that is not white space.
static int
byte_next(struct scope *s, struct envelope *e)
{
    int c;
    do
        c = feed_byte(s, e->feed);
    while (c == ' ' || c == '\n' || c == '\r' || c == '\t');
    return c;
}

// Reads to the end of the value that began with `c`, keeping it.
static bool
value_take(struct scope *s, struct envelope *e, int c)
{
    int depth = 0;
    bool is_text = false, is_escaped = false;
    e->line = feed_line_number(e->feed);
    for (e->n = 0;; c = feed_byte(s, e->feed)) {
        if (c == -2)
            return false;
        if (c == -1)
            return fail_at(s, e, "the file ends too early");
        if (e->n == OBJECT_BYTES)
            return fail(s, ERROR_LIMIT, "an object at line %lld is longer than %zu bytes",
                        (long long)e->line, OBJECT_BYTES);
        e->object[e->n++] = (char)c;
        if (is_text) {
            is_text = is_escaped || c != '"';
            is_escaped = !is_escaped && c == '\\';
        } else if (c == '"') {
            is_text = true;
        } else if (c == '{' || c == '[') {
            depth++;
        } else if (c == '}' || c == ']') {
            depth--;
        }
        if (depth == 0 && !is_text) {
            e->object[e->n] = '\0';
            return true;
        }
    }
}

// A walk over one object's members: flat ones; an inner array or object is a slice of its text.
struct walk {
    const char *at, *end;
    struct str key, value;
    const char *fault;
};

static void
space_skip(struct walk *w)
{
    while (w->at < w->end && strchr(" \t\r\n", *w->at) != NULL && *w->at != '\0')
        w->at++;
}

static int
hex_of(const char *at)
{
    int code = 0;
    for (int i = 0; i < 4; i++) {
        const char c = at[i];
        const int digit = c >= '0' && c <= '9'   ? c - '0'
                          : c >= 'a' && c <= 'f' ? c - 'a' + 10
                          : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                                 : -1;
        if (digit < 0)
            return -1;
        code = 16 * code + digit;
    }
    return code;
}

// Puts a character's UTF-8; halves of pairs become a replacement character, as no name has one.
static size_t
utf8_put(char *to, int code)
{
    if (code >= 0xd800 && code < 0xe000)
        code = 0xfffd;
    if (code < 0x80) {
        to[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        to[0] = (char)(0xc0 | code >> 6);
        to[1] = (char)(0x80 | (code & 63));
        return 2;
    }
    to[0] = (char)(0xe0 | code >> 12);
    to[1] = (char)(0x80 | (code >> 6 & 63));
    to[2] = (char)(0x80 | (code & 63));
    return 3;
}

// Resolves escapes into the envelope's room, which is as large as the object.
static bool
text_resolve(struct envelope *e, struct str *text)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    char *start = e->plain + e->n_plain, *out = start;
    for (const char *at = text->at, *end = text->at + text->n; at < end; at++) {
        if (*at != '\\') {
            *out++ = *at;
            continue;
        }
        at++; // there is one: the closing quote was not escaped
        const char *known = *at == '\0' ? NULL : strchr(from, *at);
        const int code = *at == 'u' && end - at > 4 ? hex_of(at + 1) : -1;
        if (known != NULL) {
            *out++ = to[known - from];
        } else if (code > 0) {
            out += utf8_put(out, code);
            at += 4;
        } else {
            return false;
        }
    }
    *text = (struct str){start, (size_t)(out - start)};
    e->n_plain += text->n;
    return true;
}

static bool
text_read(struct envelope *e, struct walk *w, struct str *out)
{
    bool has_escape = false;
    const char *from = ++w->at;
    while (w->at < w->end && *w->at != '"') {
        if ((unsigned char)*w->at < ' ')
            return false;
        has_escape = has_escape || *w->at == '\\';
        w->at += *w->at == '\\' ? 2 : 1;
    }
    if (w->at >= w->end)
        return false;
    *out = (struct str){from, (size_t)(w->at++ - from)};
    return !has_escape || text_resolve(e, out);
}

static bool
inner_read(struct walk *w, struct str *out)
{
    const char *from = w->at;
    int depth = 0;
    bool is_text = false;
    for (; w->at < w->end; w->at++) {
        const char c = *w->at;
        if (is_text && c == '\\')
            w->at++;
        else if (c == '"')
            is_text = !is_text;
        else if (!is_text && (c == '[' || c == '{'))
            depth++;
        else if (!is_text && (c == ']' || c == '}') && --depth == 0)
            break;
    }
    *out = (struct str){from, (size_t)(w->at - from)};
    return w->at++ < w->end;
}

static bool
word_read(struct walk *w, struct str *out)
{
    const char *from = w->at;
    while (w->at < w->end && strchr(",}] \t\r\n", *w->at) == NULL)
        w->at++;
    *out = (struct str){from, (size_t)(w->at - from)};
    if (str_is(*out, "null"))
        out->n = 0;
    else if (!str_is(*out, "true") && !str_is(*out, "false") &&
             (out->n == 0 || strspn(from, "+-.0123456789eE") < out->n))
        return false;
    return true;
}

static bool
walk_fault(struct walk *w, const char *fault)
{
    w->fault = fault;
    return false;
}

// Moves to the next member; false at the end, or with a fault.
static bool
walk_next(struct envelope *e, struct walk *w)
{
    const bool is_first = *w->at == '{';
    space_skip(w);
    if (is_first)
        w->at++;
    space_skip(w);
    if (*w->at == '}')
        return false;
    if (!is_first) {
        if (*w->at++ != ',')
            return walk_fault(w, "a comma is missing in an object");
        space_skip(w);
    }
    if (*w->at != '"' || !text_read(e, w, &w->key))
        return walk_fault(w, "a key is missing in an object");
    space_skip(w);
    if (*w->at++ != ':')
        return walk_fault(w, "a colon is missing in an object");
    space_skip(w);
    const bool ok = *w->at == '"'                    ? text_read(e, w, &w->value)
                    : *w->at == '[' || *w->at == '{' ? inner_read(w, &w->value)
                                                     : word_read(w, &w->value);
    space_skip(w);
    return ok || walk_fault(w, "a value in an object is no JSON");
}

static struct walk
walk_open(struct envelope *e)
{
    e->n_plain = 0;
    return (struct walk){.at = e->object, .end = e->object + e->n};
}

// Reads the header, an array of one object, and refuses an answer that says it failed.
static bool
header_check(struct scope *s, struct envelope *e)
{
    struct str status = {0}, error = {0};
    char *open = memchr(e->object, '{', e->n);
    if (e->object[0] != '[' || open == NULL)
        return fail_at(s, e, "\"Header\" is not an array with an object");
    struct walk w = walk_open(e);
    w.at = open;
    while (walk_next(e, &w)) {
        if (str_is(w.key, "status"))
            status = w.value;
        if (str_is(w.key, "error") || str_is(w.key, "errors"))
            error = w.value;
    }
    if (w.fault != NULL)
        return fail_at(s, e, w.fault);
    if (status.n != 6 || strncasecmp(status.at, "Failed", 6) != 0)
        return true;
    while (error.n > 0 && strchr("[\" \r\n", error.at[0]) != NULL)
        error = (struct str){error.at + 1, error.n - 1};
    while (error.n > 0 && strchr("]\" \r\n", error.at[error.n - 1]) != NULL)
        error.n--;
    return fail(s, ERROR_INPUT, "EPA refused the request: %.*s",
                (int)(error.n > 300 ? 300 : error.n), error.n == 0 ? "" : error.at);
}

// Reads the envelope's members up to the data, or all of them; then `*is_end`.
static bool
members_read(struct scope *s, struct envelope *e, bool *is_end)
{
    for (*is_end = false;; e->is_first = false) {
        int c = byte_next(s, e);
        if (c == '}') {
            *is_end = true;
            return byte_next(s, e) == -1 || fail_at(s, e, "something follows the answer");
        }
        if (!e->is_first && c == ',')
            c = byte_next(s, e);
        if (c != '"' || !value_take(s, e, c))
            return c == -2 || s->kind != ERROR_NONE ? false : fail_at(s, e, "a key is missing");
        const struct str key = {e->object + 1, e->n - 2};
        const bool is_header = str_is(key, "Header");
        const bool is_data = str_is(key, "Data") || str_is(key, "Body");
        if (byte_next(s, e) != ':')
            return fail_at(s, e, "a colon is missing");
        c = byte_next(s, e);
        if (is_data && c == '[') {
            e->has_data = e->is_first = true;
            return true;
        }
        if (is_data || (c != '"' && c != '[' && c != '{'))
            return fail_at(s, e,
                           is_data ? "\"Data\" is not an array" : "not an answer of the AQS API");
        if (!value_take(s, e, c) || (is_header && !header_check(s, e)))
            return false;
    }
}

struct envelope *
envelope_open(struct scope *s, struct feed *feed)
{
    bool is_end;
    struct envelope *e = scope_alloc(s, sizeof *e);
    e->feed = feed;
    e->object = scope_alloc(s, OBJECT_BYTES + 1);
    e->plain = scope_alloc(s, OBJECT_BYTES);
    e->is_first = true;
    if (byte_next(s, e) != '{') {
        fail_at(s, e, "not an object");
        return NULL;
    }
    if (!members_read(s, e, &is_end))
        return NULL;
    if (!e->has_data) {
        fail_at(s, e, "\"Data\" is missing: not an answer of the AQS API");
        return NULL;
    }
    return e;
}

bool
envelope_next(struct scope *s, struct envelope *e, struct line *out, bool *is_end)
{
    int c = byte_next(s, e);
    if (c == ',' && !e->is_first)
        c = byte_next(s, e);
    else if (c != ']' && !e->is_first)
        return c == -2 ? false
                       : fail_at(s, e, c == -1 ? "the file ends too early" : "a comma is missing");
    if (c == ']') {
        e->is_first = false;
        return members_read(s, e, is_end);
    }
    e->is_first = *is_end = false;
    if (c != '{')
        return c == -2 ? false : fail_at(s, e, "an object is missing in \"Data\"");
    if (!value_take(s, e, c))
        return false;
    *out = (struct line){.number = e->line, .raw = {e->object, e->n}};
    bool is_there[sizeof keys / sizeof keys[0]] = {false};
    struct walk w = walk_open(e);
    while (walk_next(e, &w))
        for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
            if (str_is(w.key, keys[i].key)) {
                out->fields[keys[i].field] = w.value;
                is_there[i] = true;
            }
    out->fault = w.fault;
    for (size_t i = 0; i < sizeof keys / sizeof keys[0] && !e->is_checked && w.fault == NULL; i++)
        if (!is_there[i] && !keys[i].is_optional)
            return fail(s, ERROR_INPUT, "field \"%s\" is missing: not an answer with dailyData",
                        keys[i].key);
    e->is_checked = true;
    return true;
}
