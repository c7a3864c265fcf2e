#include "source/answer.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/file.h"
#include "text/json_stream.h"

#define PIECE_BYTES ((size_t)64 * 1024)

struct scan {
    struct answer *out;
    const char *const *secrets;
    struct json_stream *json;
    int from, to;
    struct buf copy;       // what waits to be written
    unsigned char sum[32]; // of the rows' hashes, as one number, the lowest byte first
    int64_t n_said;        // rows that the header promises; -1 where it does not say
    bool has_header, has_data;
};

// Bytes of the secret that begins at `text` as a word of its own, 0 if none does.
static size_t
secret_length(const char *const secrets[], const char *from, const char *text)
{
    if (text > from && isalnum((unsigned char)text[-1]))
        return 0;
    for (; *secrets != NULL; secrets++) {
        const size_t n = strlen(*secrets);
        if (n > 0 && strncasecmp(text, *secrets, n) == 0 && !isalnum((unsigned char)text[n]))
            return n;
    }
    return 0;
}

static const char *
redact(struct scope *s, const struct scan *scan, const char *text)
{
    const char *const from = text;
    struct buf out = buf_open(s, strlen(text) + 16);
    while (*text != '\0') {
        const size_t n_secret = secret_length(scan->secrets, from, text);
        if (n_secret > 0) {
            buf_text(&out, "redacted");
            text += n_secret;
            continue;
        }
        const size_t n = strncasecmp(text, "email=", 6) == 0 ? 6
                         : strncasecmp(text, "key=", 4) == 0 ? 4
                                                             : 0;
        if (n == 0) {
            buf_char(&out, *text++);
            continue;
        }
        buf_add(&out, text, n);
        buf_text(&out, "redacted");
        text += n;
        text += strcspn(text, "&#\\ \t\r\n\"'<>,;)]}");
    }
    return out.text;
}

static bool
copy_flush(struct scope *s, struct scan *scan)
{
    if (!file_put(s, scan->to, scan->copy.text, scan->copy.n))
        return explain(s, "could not keep the answer");
    buf_clear(&scan->copy);
    return true;
}

static bool
bytes_take(struct scope *s, void *context, char *to, size_t room_bytes, size_t *n)
{
    struct scan *scan = context;
    const ssize_t got = read(scan->from, to, room_bytes);
    if (got < 0)
        return fail(s, ERROR_UNAVAILABLE, "could not read the answer: %s", strerror(errno));
    *n = (size_t)got;
    scan->out->size_bytes += got;
    return true;
}

static unsigned
digit_of(char c)
{
    return (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
}

// Adds a row's hash modulo 2^256: the order of rows does not matter, how often each comes does.
static void
sum_add(struct scan *scan, struct str row)
{
    char text[HASH_TEXT];
    unsigned carry = 0;
    hash_bytes(row.at, row.n, text);
    for (size_t i = 0; i < sizeof scan->sum; i++) {
        carry += 16 * digit_of(text[2 * i]) + digit_of(text[2 * i + 1]) + scan->sum[i];
        scan->sum[i] = (unsigned char)carry;
        carry >>= 8;
    }
}

static struct str
member_find(const struct json_item *row, const char *key)
{
    for (size_t i = 0; i < row->n; i++)
        if (str_is(row->members[i].key, key))
            return row->members[i].value;
    return (struct str){0};
}

static void
newest_note(struct answer *out, const struct json_item *row)
{
    const struct str parameter = member_find(row, "parameter_code");
    const struct str text = member_find(row, "date_local");
    struct day day;
    size_t i = 0;
    if (parameter.n != 5 || !day_read(text.at, text.n, &day))
        return;
    while (i < out->n_newest && memcmp(out->newest[i].parameter, parameter.at, 5) != 0)
        i++;
    if (i == ANSWER_PARAMETERS)
        return;
    if (i == out->n_newest) {
        out->n_newest++;
        memcpy(out->newest[i].parameter, parameter.at, 5);
        out->newest[i].day = day;
    } else if (day.n > out->newest[i].day.n) {
        out->newest[i].day = day;
    }
}

// A text or several, as the server gives its reasons.
static const char *
error_words(struct scope *s, const struct json *header)
{
    struct buf words = buf_open(s, 128);
    const struct json *error = json_find(header, "error");
    if (error == NULL)
        error = json_find(header, "errors");
    if (error != NULL && json_kind(error) == JSON_TEXT)
        return json_as_text(error);
    if (error != NULL && json_kind(error) == JSON_ARRAY)
        for (const struct json *one = json_first(error); one != NULL; one = json_next(one))
            if (json_kind(one) == JSON_TEXT)
                buf_print(&words, "%s%s", words.n == 0 ? "" : "; ", json_as_text(one));
    return words.n == 0 ? "it does not say why" : words.text;
}

// Reads the header, an array of one object, and puts it into the copy.
static bool
header_take(struct scope *s, struct scan *scan)
{
    struct answer *out = scan->out;
    const struct json_item *item;
    if (!json_stream_take(s, scan->json, &item))
        return false;
    const char *clean = redact(s, scan, scope_copy_n(s, item->raw.at, item->raw.n));
    const struct json *value = json_parse(s, clean, strlen(clean));
    const struct json *header =
        value == NULL || json_kind(value) != JSON_ARRAY ? NULL : json_first(value);
    if (header == NULL || json_kind(header) != JSON_OBJECT) {
        scope_forgive(s);
        return json_stream_fail(s, scan->json, "\"Header\" is not an array with an object");
    }
    if (!json_text(s, header, "status", &out->status))
        return explain(s, "the answer's header");
    out->is_failed = strcasecmp(out->status, "failed") == 0;
    out->is_empty = strncasecmp(out->status, "no data matched", 15) == 0;
    out->error = out->is_failed ? error_words(s, header) : "";
    scan->n_said = -1;
    if (json_find(header, "rows") != NULL && !json_int(s, header, "rows", &scan->n_said))
        return explain(s, "the answer's header");
    scan->has_header = true;
    buf_text(&scan->copy, clean);
    return true;
}

static bool
data_take(struct scope *s, struct scan *scan)
{
    const struct json_item *row;
    bool is_first = true;
    scan->has_data = true;
    if (!json_stream_enter(s, scan->json, JSON_ARRAY))
        return false;
    for (buf_char(&scan->copy, '[');; is_first = false) {
        if (!json_stream_take(s, scan->json, &row))
            return false;
        if (row == NULL)
            break;
        buf_text(&scan->copy, is_first ? "\n" : ",\n");
        buf_add(&scan->copy, row->raw.at, row->raw.n);
        scan->out->n_rows++;
        sum_add(scan, row->raw);
        newest_note(scan->out, row);
        if (scan->copy.n > PIECE_BYTES && !copy_flush(s, scan))
            return false;
    }
    buf_text(&scan->copy, "\n]");
    return true;
}

static bool
other_take(struct scope *s, struct scan *scan)
{
    const struct json_item *item;
    if (!json_stream_take(s, scan->json, &item))
        return false;
    if (item->fault != NULL)
        return json_stream_fail(s, scan->json, item->fault);
    buf_text(&scan->copy, redact(s, scan, scope_copy_n(s, item->raw.at, item->raw.n)));
    return true;
}

static bool
members_take(struct scope *s, struct scan *scan)
{
    const char *key;
    if (!json_stream_enter(s, scan->json, JSON_OBJECT))
        return false;
    for (bool is_first = true;; is_first = false) {
        if (!json_stream_key(s, scan->json, &key))
            return false;
        if (key == NULL)
            break;
        const bool is_header = strcmp(key, "Header") == 0;
        const bool is_data = strcmp(key, "Data") == 0 || strcmp(key, "Body") == 0;
        if ((is_header && scan->has_header) || (is_data && scan->has_data))
            return json_stream_fail(s, scan->json, "a key comes twice");
        struct json_writer w = {.out = &scan->copy};
        buf_text(&scan->copy, is_first ? "{" : ",\n");
        json_put_text(&w, key);
        buf_char(&scan->copy, ':');
        if (!(is_header ? header_take(s, scan)
              : is_data ? data_take(s, scan)
                        : other_take(s, scan)))
            return false;
    }
    buf_text(&scan->copy, "}\n");
    return json_stream_finish(s, scan->json) && copy_flush(s, scan);
}

// A service that is being looked after may say so in HTML, with the status of a success.
static bool
page_check(struct scope *s, int from)
{
    char first[64];
    const ssize_t n = pread(from, first, sizeof first, 0);
    ssize_t i = 0;
    while (i < n && strchr(" \t\r\n", first[i]) != NULL)
        i++;
    if (n == 0)
        return fail(s, ERROR_INPUT, "the answer is empty");
    if (i < n && first[i] == '<')
        return fail(s, ERROR_INPUT, "the answer is a web page");
    return true;
}

static bool
end_check(struct scope *s, const struct scan *scan)
{
    if (!scan->has_header)
        return fail(s, ERROR_INPUT, "\"Header\" is missing: not an answer of the AQS API");
    if (!scan->has_data && !scan->out->is_failed)
        return fail(s, ERROR_INPUT, "\"Data\" is missing: not an answer of the AQS API");
    return scan->n_said < 0 || scan->n_said == scan->out->n_rows ||
           fail(s, ERROR_INPUT, "the answer promises %lld rows and holds %lld",
                (long long)scan->n_said, (long long)scan->out->n_rows);
}

bool
answer_read(struct scope *s, int from, int to, const char *const secrets[], struct answer *out)
{
    struct scan scan = {.out = out,
                        .secrets = secrets,
                        .from = from,
                        .to = to,
                        .copy = buf_open(s, 2 * PIECE_BYTES),
                        .n_said = -1};
    *out = (struct answer){.status = "", .error = ""};
    if (lseek(from, 0, SEEK_SET) != 0 || lseek(to, 0, SEEK_SET) != 0 || ftruncate(to, 0) != 0)
        return fail(s, ERROR_UNAVAILABLE, "could not prepare the answer's file: %s",
                    strerror(errno));
    if (!page_check(s, from))
        return false;
    scan.json = json_stream_open(s, bytes_take, &scan, PIECE_BYTES);
    if (!members_take(s, &scan) || !end_check(s, &scan))
        return false;
    for (size_t i = 0; i < sizeof scan.sum; i++)
        snprintf(out->digest + 2 * i, 3, "%02x", scan.sum[i]);
    return lseek(to, 0, SEEK_SET) == 0 ||
           fail(s, ERROR_UNAVAILABLE, "could not rewind the answer: %s", strerror(errno));
}
