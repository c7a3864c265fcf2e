#include "text/json_stream.h"

#include <assert.h>
#include <string.h>

#include "text/json_escape.h"
#include "text/json_shape.h"

#define ROOM_LEAST ((size_t)1 << 16)

struct json_stream {
    json_fill fill;
    void *context;
    size_t most_bytes;
    char *buffer; // in hand is buffer[at..n)
    size_t room_bytes, at, n;
    bool is_over;   // the source has nothing more
    size_t counted; // the line ends before buffer[counted] are in `line`
    int64_t line;

    int depth; // brackets entered, and what they are
    enum json_kind open[JSON_NESTING];
    bool has_member[JSON_NESTING];
    bool is_due; // a value comes next: at the beginning, behind a key or a comma

    struct json_item item;
    struct json_member members[JSON_MEMBERS];
    char *plain;             // room for the item's texts without escapes, or a key's
    struct json_shape shape; // of the last good object
    char fault[JSON_SHAPE_FAULT];
};

static int64_t
lines_count(const char *from, const char *end)
{
    int64_t n = 0;
    for (const char *at = from; (at = memchr(at, '\n', (size_t)(end - at))) != NULL; at++)
        n++;
    return n;
}

// Counts on to where the reader is.
static int64_t
line_here(struct json_stream *j)
{
    j->line += lines_count(j->buffer + j->counted, j->buffer + j->at);
    j->counted = j->at;
    return j->line;
}

int64_t
json_stream_line(const struct json_stream *j)
{
    return j->line + lines_count(j->buffer + j->counted, j->buffer + j->at);
}

bool
json_stream_fail(struct scope *s, const struct json_stream *j, const char *what)
{
    return fail(s, ERROR_INPUT, "broken JSON at line %lld: %s", (long long)json_stream_line(j),
                what);
}

struct json_stream *
json_stream_open(struct scope *s, json_fill fill, void *context, size_t most_bytes)
{
    struct json_stream *j = scope_alloc(s, sizeof *j);
    *j = (struct json_stream){.fill = fill, .context = context, .most_bytes = most_bytes};
    j->room_bytes = 2 * most_bytes + ROOM_LEAST;
    j->buffer = scope_alloc(s, j->room_bytes);
    j->plain = scope_alloc(s, most_bytes + 1);
    j->shape = json_shape_open(s, most_bytes);
    j->line = 1;
    j->is_due = true;
    return j;
}

// Moves what is in hand to the front and fills the room behind it.
static bool
more(struct scope *s, struct json_stream *j)
{
    line_here(j);
    memmove(j->buffer, j->buffer + j->at, j->n - j->at);
    j->n -= j->at;
    j->at = j->counted = 0;
    for (size_t n; j->n < j->room_bytes && !j->is_over; j->n += n) {
        if (!j->fill(s, j->context, j->buffer + j->n, j->room_bytes - j->n, &n))
            return false;
        j->is_over = n == 0;
    }
    return true;
}

// Passes white space and looks at the byte behind it; 0 at the end, as no grammar has a NUL.
static bool
byte_peek(struct scope *s, struct json_stream *j, char *out)
{
    for (;;) {
        while (j->at < j->n && (j->buffer[j->at] == ' ' || j->buffer[j->at] == '\n' ||
                                j->buffer[j->at] == '\r' || j->buffer[j->at] == '\t'))
            j->at++;
        *out = j->at < j->n ? j->buffer[j->at] : '\0';
        if (j->at < j->n || j->is_over)
            return true;
        if (!more(s, j))
            return false;
    }
}

static bool
wrong_fail(struct scope *s, const struct json_stream *j, const char *what)
{
    return json_stream_fail(s, j, j->at == j->n ? "the file ends too early" : what);
}

// Steps behind the bracket that closes, or to a member behind the comma.
static bool
member_begin(struct scope *s, struct json_stream *j, bool *is_end)
{
    char c;
    const bool is_array = j->open[j->depth - 1] == JSON_ARRAY,
               has_member = j->has_member[j->depth - 1];
    if (!byte_peek(s, j, &c))
        return false;
    *is_end = c == (is_array ? ']' : '}');
    if (has_member && !*is_end && c != ',')
        return wrong_fail(s, j, is_array ? "expected \",\" or \"]\"" : "expected \",\" or \"}\"");
    if (*is_end || has_member)
        j->at++;
    if (*is_end)
        j->depth--;
    else
        j->has_member[j->depth - 1] = true;
    return true;
}

// Goes to the next value: behind a key or the beginning it is already there.
static bool
value_begin(struct scope *s, struct json_stream *j, bool *is_end)
{
    *is_end = false;
    if (j->is_due)
        return true;
    assert(j->depth > 0);
    assert(j->open[j->depth - 1] == JSON_ARRAY);
    if (!member_begin(s, j, is_end))
        return false;
    j->is_due = !*is_end;
    return true;
}

static bool
limit_fail(struct scope *s, const struct json_stream *j)
{
    return fail(s, ERROR_LIMIT, "a value at line %lld is longer than %zu bytes",
                (long long)json_stream_line(j), j->most_bytes);
}

// Where the brackets that begin here close again; 0 when that is not in hand.
static size_t
brackets_end(const char *at, size_t n)
{
    int64_t depth = 0;
    bool is_text = false;
    for (size_t i = 0; i < n; i++) {
        if (is_text && at[i] == '\\')
            i++;
        else if (at[i] == '"')
            is_text = !is_text;
        else if (!is_text && (at[i] == '[' || at[i] == '{'))
            depth++;
        else if (!is_text && (at[i] == ']' || at[i] == '}') && --depth == 0)
            return i + 1;
    }
    return 0;
}

// Brings a value that breaks the grammar into hand: its brackets have to tell where it ends.
static bool
broken_take(struct scope *s, struct json_stream *j, const struct json_part *part)
{
    size_t n;
    if (part->kind != JSON_OBJECT && part->kind != JSON_ARRAY) {
        j->at += part->n;
        return wrong_fail(s, j, part->fault);
    }
    while ((n = brackets_end(j->buffer + j->at, j->n - j->at)) == 0) {
        if (j->n - j->at > j->most_bytes)
            return limit_fail(s, j);
        if (j->is_over)
            return json_stream_fail(s, j, "the file ends too early");
        if (!more(s, j))
            return false;
    }
    j->item.fault = part->fault;
    j->item.raw = (struct str){j->buffer + j->at, n};
    return true;
}

// A fault near the end of what is in hand may be none, and a number may go on.
static bool
is_cut(const struct json_stream *j, const struct json_part *part)
{
    const size_t n_behind = j->n - j->at - part->n;
    if (j->is_over)
        return false;
    return part->fault != NULL ? n_behind < JSON_SCAN_AHEAD
                               : n_behind == 0 && part->kind == JSON_NUMBER;
}

// Brings the value that is due into hand and scans it.
static bool
value_take(struct scope *s, struct json_stream *j)
{
    char c;
    struct json_part part;
    if (!byte_peek(s, j, &c))
        return false;
    for (;;) {
        json_scan_part(j->buffer + j->at, j->n - j->at, j->depth, j->members, &part);
        if (!is_cut(j, &part))
            break;
        if (j->n - j->at > j->most_bytes)
            return limit_fail(s, j);
        if (!more(s, j))
            return false;
    }
    j->item = (struct json_item){.line = line_here(j), .kind = part.kind, .members = j->members};
    if (part.fault == NULL) {
        j->item.raw = (struct str){j->buffer + j->at, part.n};
        j->item.n = part.n_members;
    } else if (!broken_take(s, j, &part)) {
        return false;
    }
    if (j->item.raw.n > j->most_bytes)
        return limit_fail(s, j);
    j->at += j->item.raw.n;
    j->is_due = false;
    return true;
}

static void
object_settle(struct json_stream *j)
{
    char *room = j->plain;
    for (size_t i = 0; i < j->item.n; i++) {
        struct json_member *m = &j->members[i];
        if (m->is_key_escaped)
            m->key = json_unescape(room, m->key);
        room += m->is_key_escaped ? m->key.n : 0;
        if (m->is_escaped)
            m->value = json_unescape(room, m->value);
        room += m->is_escaped ? m->value.n : 0;
    }
    if (!json_shape_meet(&j->shape, j->members, j->item.n, &j->item.has_same_keys, j->fault)) {
        j->item.fault = j->fault;
        j->item.n = 0;
    }
}

bool
json_stream_take(struct scope *s, struct json_stream *j, const struct json_item **out)
{
    bool is_end;
    *out = NULL;
    if (!value_begin(s, j, &is_end))
        return false;
    if (is_end)
        return true;
    if (!value_take(s, j))
        return false;
    if (j->item.kind == JSON_OBJECT && j->item.fault == NULL)
        object_settle(j);
    *out = &j->item;
    return true;
}

bool
json_stream_peek(struct scope *s, struct json_stream *j, enum json_kind *out)
{
    char c;
    assert(j->is_due);
    if (!byte_peek(s, j, &c))
        return false;
    if (c == '\0' || strchr("{[\"tfn-0123456789", c) == NULL)
        return wrong_fail(s, j, "expected a value");
    *out = json_scan_kind(c);
    return true;
}

bool
json_stream_enter(struct scope *s, struct json_stream *j, enum json_kind kind)
{
    enum json_kind found;
    assert(kind == JSON_ARRAY || kind == JSON_OBJECT);
    if (!json_stream_peek(s, j, &found))
        return false;
    if (found != kind)
        return json_stream_fail(s, j, kind == JSON_ARRAY ? "expected an array" : "not an object");
    if (j->depth == JSON_NESTING)
        return json_stream_fail(s, j, "nested deeper than 100");
    j->open[j->depth] = kind;
    j->has_member[j->depth++] = false;
    j->is_due = false;
    j->at++;
    return true;
}

bool
json_stream_key(struct scope *s, struct json_stream *j, const char **key)
{
    bool is_end;
    char c;
    *key = NULL;
    assert(!j->is_due);
    assert(j->depth > 0);
    assert(j->open[j->depth - 1] == JSON_OBJECT);
    if (!member_begin(s, j, &is_end))
        return false;
    if (is_end)
        return true;
    if (!byte_peek(s, j, &c))
        return false;
    if (c != '"')
        return wrong_fail(s, j, "expected a key in double quotes");
    if (!value_take(s, j))
        return false;
    const struct str text =
        json_unescape(j->plain, (struct str){j->item.raw.at + 1, j->item.raw.n - 2});
    j->plain[text.n] = '\0';
    if (!byte_peek(s, j, &c))
        return false;
    if (c != ':')
        return wrong_fail(s, j, "expected \":\" behind the key");
    j->at++;
    j->is_due = true;
    *key = j->plain;
    return true;
}

// Passes over the members of an array or object just entered.
static bool
members_skip(struct scope *s, struct json_stream *j)
{
    const char *key;
    bool is_end = false;
    const bool is_array = j->open[j->depth - 1] == JSON_ARRAY;
    for (;;) {
        if (is_array ? !value_begin(s, j, &is_end) : !json_stream_key(s, j, &key))
            return false;
        if (is_array ? is_end : key == NULL)
            return true;
        if (!json_stream_skip(s, j))
            return false;
    }
}

bool
json_stream_skip(struct scope *s, struct json_stream *j)
{
    enum json_kind kind = JSON_NULL;
    if (!json_stream_peek(s, j, &kind))
        return false;
    if (kind == JSON_ARRAY || kind == JSON_OBJECT)
        return json_stream_enter(s, j, kind) && members_skip(s, j);
    return value_take(s, j);
}

bool
json_stream_finish(struct scope *s, struct json_stream *j)
{
    char c;
    assert(!j->is_due);
    assert(j->depth == 0);
    if (!byte_peek(s, j, &c))
        return false;
    return j->at == j->n || json_stream_fail(s, j, "something follows the value");
}
