#include "aqs/envelope.h"

#include <string.h>
#include <strings.h>

#include "text/json_stream.h"

#define OBJECT_BYTES TABLE_LINE_BYTES

struct envelope {
    struct json_stream *json;
    const struct json_item *first;       // taken already, and due; NULL where there is none
    bool has_data, is_first, is_checked; // whether an object has told the format
    struct format *format;
    signed char fields[FORMAT_COLUMNS]; // member -> field, -1 where nobody asks
};

static bool
feed_take(struct scope *s, void *feed, char *to, size_t room_bytes, size_t *n)
{
    return feed_read(s, feed, to, room_bytes, n);
}

// Takes what EPA says of the failure, an array of texts or a text, without its punctuation.
static struct str
words_trim(struct str words)
{
    while (words.n > 0 && strchr("[\" \r\n", words.at[0]) != NULL)
        words = (struct str){words.at + 1, words.n - 1};
    while (words.n > 0 && strchr("]\" \r\n", words.at[words.n - 1]) != NULL)
        words.n--;
    return words;
}

// Refuses an answer that says it failed.
static bool
status_check(struct scope *s, const struct json_item *header)
{
    struct str status = {0}, error = {0};
    for (size_t i = 0; i < header->n; i++) {
        const struct json_member *m = &header->members[i];
        if (str_is(m->key, "status"))
            status = m->value;
        if (str_is(m->key, "error") || str_is(m->key, "errors"))
            error = m->value;
    }
    if (status.n != 6 || strncasecmp(status.at, "Failed", 6) != 0)
        return true;
    error = words_trim(error);
    return fail(s, ERROR_INPUT, "EPA refused the request: %.*s",
                (int)(error.n > 300 ? 300 : error.n), error.n == 0 ? "" : error.at);
}

// Reads the header, an array of one object.
static bool
header_read(struct scope *s, struct envelope *e)
{
    static const char wrong[] = "\"Header\" is not an array with an object";
    enum json_kind kind;
    const struct json_item *item;
    if (!json_stream_peek(s, e->json, &kind))
        return false;
    if (kind != JSON_ARRAY)
        return json_stream_fail(s, e->json, wrong);
    if (!json_stream_enter(s, e->json, JSON_ARRAY) || !json_stream_take(s, e->json, &item))
        return false;
    if (item == NULL || item->kind != JSON_OBJECT)
        return json_stream_fail(s, e->json, wrong);
    if (item->fault != NULL)
        return json_stream_fail(s, e->json, item->fault);
    if (!status_check(s, item))
        return false;
    while (item != NULL)
        if (!json_stream_take(s, e->json, &item))
            return false;
    return true;
}

static bool
data_enter(struct scope *s, struct envelope *e)
{
    enum json_kind kind;
    if (e->has_data)
        return json_stream_fail(s, e->json, "\"Data\" comes twice");
    if (!json_stream_peek(s, e->json, &kind))
        return false;
    if (kind != JSON_ARRAY)
        return json_stream_fail(s, e->json, "\"Data\" is not an array");
    e->has_data = true;
    return json_stream_enter(s, e->json, JSON_ARRAY);
}

// Passes over a member that is none of the AQS API's; there a plain number or word is none.
static bool
other_skip(struct scope *s, struct envelope *e)
{
    enum json_kind kind;
    if (!json_stream_peek(s, e->json, &kind))
        return false;
    if (kind != JSON_TEXT && kind != JSON_ARRAY && kind != JSON_OBJECT)
        return json_stream_fail(s, e->json, "not an answer of the AQS API");
    return json_stream_skip(s, e->json);
}

// Reads the envelope's members up to the data, or all of them; then `*is_end`.
static bool
members_read(struct scope *s, struct envelope *e, bool *is_end)
{
    const char *key;
    for (;;) {
        if (!json_stream_key(s, e->json, &key))
            return false;
        *is_end = key == NULL;
        if (*is_end)
            return json_stream_finish(s, e->json);
        if (strcmp(key, "Data") == 0 || strcmp(key, "Body") == 0)
            return data_enter(s, e);
        if (!(strcmp(key, "Header") == 0 ? header_read(s, e) : other_skip(s, e)))
            return false;
    }
}

// Finds which member is which field; objects of one answer mostly have the same keys. The first
// good one tells the format.
static bool
keys_map(struct scope *s, struct envelope *e, const struct json_item *item)
{
    struct str names[FORMAT_COLUMNS];
    struct format format;
    for (size_t i = 0; i < item->n && i < FORMAT_COLUMNS; i++)
        names[i] = item->members[i].key;
    if (!e->is_checked) {
        if (!format_tell(s, item->n, names, 0, &format))
            return false;
        if (!e->is_first && format.kind != e->format->kind)
            return json_stream_fail(s, e->json, "the answer's first object cannot be read");
        *e->format = format;
        e->is_checked = true;
    }
    format_map(e->format, item->n, names, e->fields);
    return true;
}

struct envelope *
envelope_open(struct scope *s, struct feed *feed, struct format *format)
{
    bool is_end;
    struct envelope *e = scope_alloc(s, sizeof *e);
    *format = (struct format){.kind = TABLE_API, .name = "the API's dailyData"};
    e->format = format;
    e->json = json_stream_open(s, feed_take, feed, OBJECT_BYTES);
    if (!json_stream_enter(s, e->json, JSON_OBJECT) || !members_read(s, e, &is_end))
        return NULL;
    if (!e->has_data) {
        json_stream_fail(s, e->json, "\"Data\" is missing: not an answer of the AQS API");
        return NULL;
    }
    e->is_first = true;
    if (!json_stream_take(s, e->json, &e->first))
        return NULL;
    const bool is_good =
        e->first != NULL && e->first->kind == JSON_OBJECT && e->first->fault == NULL;
    return !is_good || keys_map(s, e, e->first) ? e : NULL;
}

bool
envelope_next(struct scope *s, struct envelope *e, struct line *out, bool *is_end)
{
    const struct json_item *item = e->first;
    if (!e->is_first && !json_stream_take(s, e->json, &item))
        return false;
    e->is_first = false;
    e->first = NULL;
    if (item == NULL)
        return members_read(s, e, is_end);
    *is_end = false;
    if (item->kind != JSON_OBJECT)
        return json_stream_fail(s, e->json, "an object is missing in \"Data\"");
    *out = (struct line){.number = item->line, .raw = item->raw, .fault = item->fault};
    if (item->fault != NULL)
        return true;
    if ((!e->is_checked || !item->has_same_keys) && !keys_map(s, e, item))
        return false;
    for (size_t i = 0; i < item->n && i < FORMAT_COLUMNS; i++)
        if (e->fields[i] >= 0 && item->members[i].kind != JSON_NULL)
            out->fields[e->fields[i]] = item->members[i].value;
    return true;
}
