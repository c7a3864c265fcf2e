#include "source/answer.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/file.h"
#include "text/json.h"

#define PIECE_BYTES ((size_t)64 * 1024)
#define ROW_BYTES ((size_t)64 * 1024)
#define HEADER_BYTES ((size_t)256 * 1024)
#define KEY_BYTES 16

enum part { PART_OTHER, PART_HEADER, PART_DATA };

struct scan {
    struct scope *s;
    struct answer *out;
    int to;
    struct buf copy;          // what waits to be written
    struct buf header;        // the value of "Header" as it stands there
    struct buf row;           // the object in hand, without white space between its tokens
    int depth;                // of open objects and arrays
    bool is_text, is_escaped; // inside a text; after a backslash
    bool has_header, has_data, is_over;
    enum part part;      // whose value the root's current member is
    char key[KEY_BYTES]; // the root's text in hand
    size_t n_key;
    unsigned char sum[32]; // of the rows' hashes, as one number, the lowest byte first
};

const char *
answer_redact(struct scope *s, const char *text)
{
    struct buf out = buf_open(s, strlen(text) + 16);
    while (*text != '\0') {
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
        text += strcspn(text, "&# \t\r\n\"'<>,;)]}");
    }
    return out.text;
}

static bool
copy_flush(struct scan *scan)
{
    if (!file_put(scan->s, scan->to, scan->copy.text, scan->copy.n))
        return explain(scan->s, "could not keep the answer");
    buf_clear(&scan->copy);
    return true;
}

static bool
broken(struct scan *scan, const char *what)
{
    return fail(scan->s, ERROR_INPUT, "the answer is not whole or no JSON: %s", what);
}

// Adds one row's hash to the sum modulo 2^256: the order of rows does not matter, their number
// does.
static void
sum_add(struct scan *scan)
{
    char text[HASH_TEXT];
    unsigned carry = 0;
    hash_bytes(scan->row.text, scan->row.n, text);
    for (size_t i = 0; i < sizeof scan->sum; i++) {
        unsigned byte = 0;
        for (size_t k = 0; k < 2; k++) {
            const char c = text[2 * i + k];
            byte = 16 * byte + (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
        }
        carry += byte + scan->sum[i];
        scan->sum[i] = (unsigned char)carry;
        carry >>= 8;
    }
}

// The text behind "name": in the row. Inside another text its quotes would be escaped.
static struct str
row_text(const struct buf *row, const char *name)
{
    const char *at = strstr(row->text, name);
    if (at == NULL)
        return (struct str){0};
    at += strlen(name);
    return (struct str){at, strcspn(at, "\"")};
}

static void
newest_note(struct scan *scan)
{
    const struct str parameter = row_text(&scan->row, "\"parameter_code\":\"");
    const struct str text = row_text(&scan->row, "\"date_local\":\"");
    struct answer *out = scan->out;
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

static bool
row_take(struct scan *scan)
{
    scan->out->n_rows++;
    sum_add(scan);
    newest_note(scan);
    buf_clear(&scan->row);
    return true;
}

// The name of the root's next member, whose colon has just come.
static void
part_begin(struct scan *scan)
{
    const struct str key = {scan->key, scan->n_key};
    if (str_is(key, "Header")) {
        scan->part = PART_HEADER;
    } else if (str_is(key, "Data") || str_is(key, "Body")) {
        scan->part = PART_DATA;
        scan->has_data = true;
    } else {
        scan->part = PART_OTHER;
    }
}

// A text of the header, as it is kept.
static void
text_copy(struct scan *scan, const char *from, size_t n)
{
    struct scope one = {0};
    const struct json *value = json_parse(&one, from, n);
    const char *plain = value == NULL ? NULL : json_as_text(value);
    const char *clean = plain == NULL ? "" : answer_redact(&one, plain);
    if (plain != NULL && strcmp(plain, clean) == 0) {
        buf_add(&scan->copy, from, n);
    } else {
        struct json_writer w = {.out = &scan->copy};
        json_put_text(&w, clean);
    }
    scope_close(&one);
}

static void
header_copy(struct scan *scan)
{
    const char *at = scan->header.text, *end = at + scan->header.n;
    while (at < end) {
        const char *from = at++;
        if (*from != '"') {
            buf_char(&scan->copy, *from);
            continue;
        }
        while (at < end && *at != '"')
            at += *at == '\\' ? 2 : 1;
        at = at < end ? at + 1 : end;
        text_copy(scan, from, (size_t)(at - from));
    }
}

static const char *
error_words(struct scope *s, const struct json *header)
{
    struct buf words = buf_open(s, 128);
    const struct json *error = json_find(header, "error");
    if (error == NULL)
        error = json_find(header, "errors");
    if (error == NULL)
        return "it does not say why";
    if (json_kind(error) == JSON_TEXT)
        return json_as_text(error);
    if (json_kind(error) != JSON_ARRAY)
        return "it says why in a way that is not known";
    for (const struct json *one = json_first(error); one != NULL; one = json_next(one))
        if (json_kind(one) == JSON_TEXT)
            buf_print(&words, "%s%s", words.n == 0 ? "" : "; ", json_as_text(one));
    return words.text;
}

// Reads the header once its value is complete, and adds it to the copy.
static bool
header_take(struct scan *scan)
{
    struct answer *out = scan->out;
    const struct json *value = json_parse(scan->s, scan->header.text, scan->header.n), *header;
    if (value == NULL)
        return explain(scan->s, "the answer's header");
    if (json_kind(value) != JSON_ARRAY || (header = json_first(value)) == NULL ||
        json_kind(header) != JSON_OBJECT)
        return broken(scan, "\"Header\" is not an array with an object");
    if (!json_text(scan->s, header, "status", &out->status))
        return explain(scan->s, "the answer's header");
    out->status = answer_redact(scan->s, out->status);
    out->is_failed = strcasecmp(out->status, "failed") == 0;
    out->is_empty = strncasecmp(out->status, "no data matched", 15) == 0;
    if (out->is_failed)
        out->error = answer_redact(scan->s, error_words(scan->s, header));
    scan->has_header = true;
    header_copy(scan);
    return true;
}

// What to do with a character outside texts, before it counts.
static bool
mark_take(struct scan *scan, char c)
{
    switch (c) {
    case '{':
    case '[':
        scan->depth++;
        return scan->depth < 64 || broken(scan, "it nests too deeply");
    case '}':
    case ']':
        return --scan->depth >= 0 || broken(scan, "a bracket closes nothing");
    case '"':
        scan->is_text = true;
        scan->is_escaped = false;
        if (scan->depth == 1)
            scan->n_key = 0;
        return true;
    case ':':
        if (scan->depth == 1)
            part_begin(scan);
        return true;
    default:
        return true;
    }
}

static void
text_take(struct scan *scan, char c)
{
    if (!scan->is_escaped && c == '"')
        scan->is_text = false;
    else if (scan->depth == 1 && scan->n_key < KEY_BYTES)
        scan->key[scan->n_key++] = c;
    scan->is_escaped = !scan->is_escaped && c == '\\';
}

static bool
is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

// Keeps a character where it belongs: with the header until that is whole, else in the copy; and
// those of a row, which begins and ends at the third depth, in the row too.
static bool
char_keep(struct scan *scan, char c, int depth_before, bool was_text)
{
    const bool is_header = scan->part == PART_HEADER && (scan->depth >= 2 || depth_before >= 2);
    if (is_header) {
        buf_char(&scan->header, c);
        if (scan->header.n > HEADER_BYTES)
            return broken(scan, "its header is too long");
    } else {
        buf_char(&scan->copy, c);
    }
    if (is_header && scan->depth == 1) {
        scan->part = PART_OTHER;
        return header_take(scan);
    }
    if (scan->part == PART_DATA && (scan->depth >= 3 || depth_before >= 3)) {
        if (was_text || !is_space(c))
            buf_char(&scan->row, c);
        if (scan->row.n > ROW_BYTES)
            return broken(scan, "a row is too long");
        if (scan->depth == 2)
            return row_take(scan);
    }
    return true;
}

static bool
char_take(struct scan *scan, char c)
{
    const int depth_before = scan->depth;
    const bool was_text = scan->is_text;
    if (scan->is_over && !is_space(c))
        return broken(scan, "something follows its end");
    if (depth_before == 0 && !scan->is_over && c != '{' && !is_space(c))
        return broken(scan, c == '<' ? "it is a web page" : "it does not begin with an object");
    if (c == '\0')
        return broken(scan, "a zero byte is in it");
    if (was_text)
        text_take(scan, c);
    else if (!mark_take(scan, c))
        return false;
    scan->is_over = scan->is_over || (scan->depth == 0 && depth_before == 1);
    return char_keep(scan, c, depth_before, was_text);
}

static bool
piece_take(struct scan *scan, const char *piece, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!char_take(scan, piece[i]))
            return false;
    scan->out->size_bytes += (int64_t)n;
    return scan->copy.n < PIECE_BYTES || copy_flush(scan);
}

static bool
pieces_take(struct scan *scan, int from)
{
    char *piece = scope_alloc(scan->s, PIECE_BYTES);
    if (lseek(from, 0, SEEK_SET) != 0 || lseek(scan->to, 0, SEEK_SET) != 0 ||
        ftruncate(scan->to, 0) != 0)
        return fail(scan->s, ERROR_UNAVAILABLE, "could not prepare the answer's file: %s",
                    strerror(errno));
    for (ssize_t n; (n = read(from, piece, PIECE_BYTES)) != 0;)
        if (n < 0)
            return fail(scan->s, ERROR_UNAVAILABLE, "could not read the answer: %s",
                        strerror(errno));
        else if (!piece_take(scan, piece, (size_t)n))
            return false;
    return copy_flush(scan);
}

static bool
end_check(struct scan *scan, int64_t n_said)
{
    if (!scan->is_over)
        return broken(scan, scan->out->size_bytes == 0 ? "it is empty" : "it ends too early");
    if (!scan->has_header)
        return broken(scan, "\"Header\" is missing");
    if (n_said >= 0 && n_said != scan->out->n_rows)
        return fail(scan->s, ERROR_INPUT, "the answer says %lld rows and holds %lld",
                    (long long)n_said, (long long)scan->out->n_rows);
    return scan->has_data || scan->out->is_failed || broken(scan, "\"Data\" is missing");
}

// How many rows the header promises; -1 where it does not say.
static int64_t
rows_said(struct scan *scan)
{
    struct scope one = {0};
    int64_t n = -1;
    const struct json *value = json_parse(&one, scan->header.text, scan->header.n);
    if (value != NULL && json_find(value, "[0].rows") != NULL &&
        !json_int(&one, value, "[0].rows", &n))
        n = -1;
    scope_close(&one);
    return n;
}

bool
answer_read(struct scope *s, int from, int to, struct answer *out)
{
    struct scan scan = {
        .s = s,
        .out = out,
        .to = to,
        .copy = buf_open(s, 2 * PIECE_BYTES),
        .header = buf_open(s, 1024),
        .row = buf_open(s, 4096),
    };
    *out = (struct answer){.status = "", .error = ""};
    if (!pieces_take(&scan, from) || !end_check(&scan, rows_said(&scan)))
        return false;
    for (size_t i = 0; i < sizeof scan.sum; i++)
        snprintf(out->digest + 2 * i, 3, "%02x", scan.sum[i]);
    return lseek(to, 0, SEEK_SET) == 0 ||
           fail(s, ERROR_UNAVAILABLE, "could not rewind the answer: %s", strerror(errno));
}
