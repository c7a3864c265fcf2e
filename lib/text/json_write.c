#include <assert.h>
#include <math.h>
#include <string.h>

#include "text/json.h"
#include "text/utf8.h"

// Settles the comma before a value or key.
static void
member_begin(struct json_writer *w)
{
    if (w->is_after_key) {
        w->is_after_key = false;
        return;
    }
    if (w->has_member[w->depth])
        buf_char(w->out, ',');
    w->has_member[w->depth] = true;
}

static void
nest(struct json_writer *w, char open)
{
    member_begin(w);
    buf_char(w->out, open);
    w->depth++;
    assert(w->depth < JSON_DEPTH);
    w->has_member[w->depth] = false;
}

static void
unnest(struct json_writer *w, char close)
{
    assert(w->depth > 0);
    assert(!w->is_after_key);
    w->depth--;
    buf_char(w->out, close);
}

void
json_object_begin(struct json_writer *w)
{
    nest(w, '{');
}

void
json_object_end(struct json_writer *w)
{
    unnest(w, '}');
}

void
json_array_begin(struct json_writer *w)
{
    nest(w, '[');
}

void
json_array_end(struct json_writer *w)
{
    unnest(w, ']');
}

static void
escape_add(struct buf *out, unsigned char c)
{
    static const char shorts[] = "btn\0fr"; // from 8 on; 11 has none
    if (c == '"' || c == '\\') {
        buf_char(out, '\\');
        buf_char(out, (char)c);
    } else if (c >= 8 && c <= 13 && shorts[c - 8] != '\0') {
        buf_char(out, '\\');
        buf_char(out, shorts[c - 8]);
    } else {
        buf_print(out, "\\u%04x", c);
    }
}

// Bytes that are not UTF-8 become U+FFFD: what we write can always be read.
static void
quoted_add(struct buf *out, const char *text, size_t n)
{
    buf_char(out, '"');
    for (size_t i = 0, start = 0; i <= n;) {
        const unsigned char c = i < n ? (unsigned char)text[i] : '"';
        const size_t length = i < n ? utf8_length(text + i, n - i) : 0;
        const bool is_plain = length > 0 && c >= ' ' && c != '"' && c != '\\' && c != 0x7F;
        if (is_plain) {
            i += length;
            continue;
        }
        buf_add(out, text + start, i - start);
        if (i < n && length == 0)
            buf_text(out, "\xEF\xBF\xBD");
        else if (i < n)
            escape_add(out, c);
        start = ++i;
    }
    buf_char(out, '"');
}

void
json_put_key(struct json_writer *w, const char *key)
{
    assert(!w->is_after_key);
    member_begin(w);
    quoted_add(w->out, key, strlen(key));
    buf_char(w->out, ':');
    w->is_after_key = true;
}

void
json_put_text(struct json_writer *w, const char *text)
{
    member_begin(w);
    if (text == NULL)
        buf_text(w->out, "null");
    else
        quoted_add(w->out, text, strlen(text));
}

void
json_put_number(struct json_writer *w, double x)
{
    member_begin(w);
    if (isfinite(x))
        buf_number(w->out, x);
    else
        buf_text(w->out, "null");
}

void
json_put_int(struct json_writer *w, int64_t x)
{
    member_begin(w);
    buf_int(w->out, x);
}

void
json_put_raw(struct json_writer *w, const char *json)
{
    member_begin(w);
    buf_text(w->out, json);
}

void
json_pair_text(struct json_writer *w, const char *key, const char *text)
{
    json_put_key(w, key);
    json_put_text(w, text);
}

void
json_pair_number(struct json_writer *w, const char *key, double x)
{
    json_put_key(w, key);
    json_put_number(w, x);
}

void
json_pair_int(struct json_writer *w, const char *key, int64_t x)
{
    json_put_key(w, key);
    json_put_int(w, x);
}

void
json_pair_bool(struct json_writer *w, const char *key, bool x)
{
    json_put_key(w, key);
    json_put_raw(w, x ? "true" : "false");
}
