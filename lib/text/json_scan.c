#include "text/json_scan.h"

#include <stdint.h>
#include <string.h>

#include "text/utf8.h"

#define NUMBER_BYTES 60 // cJSON cuts longer ones

struct scan {
    const char *from, *at, *end;
    const char *fault;   // in words, NULL while there is none; it is at `at`
    bool has_escape;     // the last string had one
    size_t seen[2];      // keys and numbers met
    size_t wanted[2];    // where to stop
    const char *reached; // the wanted one
};

static bool
fault(struct scan *c, const char *what)
{
    c->fault = what;
    return false;
}

// A count of lines and columns is only worked out once something is wrong.
static bool
fail_at(struct scope *s, const char *from, const char *at, const char *what)
{
    size_t line = 1;
    const char *start = from;
    for (const char *c = from; c < at; c++)
        if (*c == '\n') {
            line++;
            start = c + 1;
        }
    return fail(s, ERROR_INPUT, "line %zu, column %zu: %s", line, (size_t)(at - start) + 1, what);
}

static void
mark(struct scan *c, enum json_mark kind)
{
    if (c->seen[kind]++ == c->wanted[kind])
        c->reached = c->at;
}

// Indentation is long in what others write, so blanks go eight at a time.
static void
space_skip(struct scan *c)
{
    static const char blanks[] = "        ";
    while (c->at < c->end &&
           (*c->at == ' ' || *c->at == '\n' || *c->at == '\r' || *c->at == '\t')) {
        c->at++;
        while (c->end - c->at >= 8 && memcmp(c->at, blanks, 8) == 0)
            c->at += 8;
    }
}

static bool
is_digit(const struct scan *c)
{
    return c->at < c->end && *c->at >= '0' && *c->at <= '9';
}

static bool
digits_skip(struct scan *c)
{
    if (!is_digit(c))
        return fault(c, c->at == c->end ? "the text ends inside a number" : "a digit is missing");
    while (is_digit(c))
        c->at++;
    return true;
}

static bool
number_scan(struct scan *c)
{
    const char *start = c->at;
    mark(c, JSON_MARK_NUMBER);
    if (*c->at == '-')
        c->at++;
    const bool is_zero = c->at < c->end && *c->at == '0';
    if (!digits_skip(c))
        return false;
    if (is_zero && c->at - start > (*start == '-') + 1) {
        c->at = start;
        return fault(c, "a number may not begin with 0");
    }
    if (c->at < c->end && *c->at == '.') {
        c->at++;
        if (!digits_skip(c))
            return false;
    }
    if (c->at < c->end && (*c->at == 'e' || *c->at == 'E')) {
        c->at++;
        if (c->at < c->end && (*c->at == '+' || *c->at == '-'))
            c->at++;
        if (!digits_skip(c))
            return false;
    }
    if (c->at - start > NUMBER_BYTES) {
        c->at = start;
        return fault(c, "the number is longer than 60 characters");
    }
    return true;
}

// Reads the four digits behind "\u".
static bool
hex_scan(struct scan *c, unsigned *out)
{
    *out = 0;
    for (int i = 0; i < 4; i++, c->at++) {
        const char h = c->at < c->end ? *c->at : '\0';
        const int lower = h | 0x20;
        const int digit = h >= '0' && h <= '9'           ? h - '0'
                          : lower >= 'a' && lower <= 'f' ? lower - 'a' + 10
                                                         : -1;
        if (digit < 0)
            return fault(c, "\\u wants four hexadecimal digits");
        *out = *out * 16 + (unsigned)digit;
    }
    return true;
}

static bool
unicode_scan(struct scan *c)
{
    const char *start = c->at;
    unsigned high, low;
    c->at += 2;
    if (!hex_scan(c, &high))
        return false;
    bool ok = high != 0 && (high < 0xDC00 || high > 0xDFFF);
    if (ok && high >= 0xD800 && high <= 0xDBFF) {
        ok = c->end - c->at >= 2 && c->at[0] == '\\' && c->at[1] == 'u';
        if (ok) {
            c->at += 2;
            if (!hex_scan(c, &low))
                return false;
            ok = low >= 0xDC00 && low <= 0xDFFF;
        }
    }
    if (ok)
        return true;
    c->at = start;
    return fault(c, high == 0 ? "\\u0000 is not text" : "\\u names half a surrogate pair");
}

static bool
escape_scan(struct scan *c)
{
    if (c->end - c->at < 2)
        return fault(c, "the text ends inside a string");
    if (c->at[1] == 'u')
        return unicode_scan(c);
    if (c->at[1] == '\0' || strchr("\"\\/bfnrt", c->at[1]) == NULL)
        return fault(c, "unknown escape");
    c->at += 2;
    return true;
}

// True where none of eight bytes is a quote, a backslash, a control character or beyond ASCII.
//
//   source  Anderson, "Bit Twiddling Hacks": determine if a word has a byte less than n
static bool
is_plain(const char *at)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), tops = UINT64_C(0x8080808080808080);
    uint64_t x;
    memcpy(&x, at, sizeof x);
    const uint64_t quote = x ^ (ones * '"'), slash = x ^ (ones * '\\');
    return (((x - ones * ' ') | (quote - ones) | (slash - ones) | x) & tops) == 0;
}

static bool
string_scan(struct scan *c)
{
    c->has_escape = false;
    for (c->at++; c->at < c->end;) {
        if (c->end - c->at >= 8 && is_plain(c->at)) {
            c->at += 8;
            continue;
        }
        const unsigned char byte = (unsigned char)*c->at;
        if (byte == '"') {
            c->at++;
            return true;
        }
        if (byte < ' ')
            return fault(c, "a control character inside a string must be escaped");
        if (byte == '\\') {
            c->has_escape = true;
            if (!escape_scan(c))
                return false;
            continue;
        }
        const size_t length = utf8_length(c->at, (size_t)(c->end - c->at));
        if (length == 0)
            return fault(c, "the bytes are not UTF-8");
        c->at += length;
    }
    return fault(c, "the text ends inside a string");
}

static bool value_scan(struct scan *c, int depth);

// Stands behind a member: true to go on with another one, with *is_closed told at the end.
static bool
separator_scan(struct scan *c, char close, bool *is_closed)
{
    space_skip(c);
    if (c->at == c->end)
        return fault(c, close == ']' ? "the text ends inside an array"
                                     : "the text ends inside an object");
    *is_closed = *c->at == close;
    if (!*is_closed && *c->at != ',')
        return fault(c, close == ']' ? "expected \",\" or \"]\"" : "expected \",\" or \"}\"");
    c->at++;
    return true;
}

static bool
key_scan(struct scan *c, struct str *key)
{
    space_skip(c);
    if (c->at == c->end)
        return fault(c, "the text ends inside an object");
    if (*c->at != '"')
        return fault(c, "expected a key in double quotes");
    mark(c, JSON_MARK_KEY);
    const char *from = c->at + 1;
    if (!string_scan(c))
        return false;
    *key = (struct str){from, (size_t)(c->at - 1 - from)};
    space_skip(c);
    if (c->at == c->end || *c->at != ':')
        return fault(c, "expected \":\" behind the key");
    c->at++;
    return true;
}

static bool
members_scan(struct scan *c, int depth)
{
    const char close = *c->at == '[' ? ']' : '}';
    if (depth == JSON_NESTING)
        return fault(c, "nested deeper than 100");
    c->at++;
    space_skip(c);
    bool is_closed = c->at < c->end && *c->at == close;
    if (is_closed)
        c->at++;
    struct str key;
    while (!is_closed)
        if ((close == '}' && !key_scan(c, &key)) || !value_scan(c, depth + 1) ||
            !separator_scan(c, close, &is_closed))
            return false;
    return true;
}

static bool
word_scan(struct scan *c)
{
    static const char *const words[] = {"true", "false", "null"};
    for (int i = 0; i < 3; i++) {
        const size_t n = strlen(words[i]);
        if ((size_t)(c->end - c->at) >= n && memcmp(c->at, words[i], n) == 0) {
            c->at += n;
            return true;
        }
    }
    return fault(c, "expected a value");
}

static bool
value_scan(struct scan *c, int depth)
{
    space_skip(c);
    if (c->at == c->end)
        return fault(c, "expected a value, but the text ends");
    if (*c->at == '"')
        return string_scan(c);
    if (*c->at == '{' || *c->at == '[')
        return members_scan(c, depth);
    if (*c->at == '-' || is_digit(c))
        return number_scan(c);
    return word_scan(c);
}

enum json_kind
json_scan_kind(char first)
{
    return first == '{'                   ? JSON_OBJECT
           : first == '['                 ? JSON_ARRAY
           : first == '"'                 ? JSON_TEXT
           : first == 'n'                 ? JSON_NULL
           : first == 't' || first == 'f' ? JSON_BOOL
                                          : JSON_NUMBER;
}

// A string's text is what stands between its quotes.
static struct str
slice(const char *from, const char *end)
{
    const size_t n_quotes = *from == '"';
    return (struct str){from + n_quotes, (size_t)(end - from) - 2 * n_quotes};
}

static bool
member_scan(struct scan *c, int depth, struct json_member *out)
{
    if (!key_scan(c, &out->key))
        return false;
    out->is_key_escaped = c->has_escape;
    space_skip(c);
    const char *from = c->at;
    if (!value_scan(c, depth + 1))
        return false;
    out->kind = json_scan_kind(*from);
    out->value = slice(from, c->at);
    out->is_escaped = out->kind == JSON_TEXT && c->has_escape;
    return true;
}

// Like members_scan, but keeps what it meets.
static bool
object_scan(struct scan *c, int depth, struct json_member members[], size_t *n)
{
    if (depth == JSON_NESTING)
        return fault(c, "nested deeper than 100");
    c->at++;
    space_skip(c);
    bool is_closed = c->at < c->end && *c->at == '}';
    if (is_closed)
        c->at++;
    for (*n = 0; !is_closed; ++*n) {
        if (*n == JSON_MEMBERS)
            return fault(c, "an object has more than 200 members");
        if (!member_scan(c, depth, &members[*n]) || !separator_scan(c, '}', &is_closed))
            return false;
    }
    return true;
}

void
json_scan_part(const char *text, size_t n, int depth, struct json_member members[JSON_MEMBERS],
               struct json_part *out)
{
    struct scan c = {.from = text, .at = text, .end = text + n, .wanted = {SIZE_MAX, SIZE_MAX}};
    space_skip(&c);
    *out = (struct json_part){.kind = c.at == c.end ? JSON_NULL : json_scan_kind(*c.at)};
    if (out->kind == JSON_OBJECT)
        (void)object_scan(&c, depth, members, &out->n_members);
    else
        (void)value_scan(&c, depth);
    out->n = (size_t)(c.at - text);
    out->fault = c.fault;
}

bool
json_scan(struct scope *s, const char *text, size_t n)
{
    struct scan c = {.from = text, .at = text, .end = text + n, .wanted = {SIZE_MAX, SIZE_MAX}};
    bool ok = value_scan(&c, 0);
    if (ok) {
        space_skip(&c);
        ok = c.at == c.end || fault(&c, "expected the end of the text");
    }
    return ok || fail_at(s, text, c.at, c.fault);
}

bool
json_scan_fail_at(struct scope *s, const char *text, size_t n, enum json_mark mark_kind, size_t i,
                  const char *what)
{
    struct scan c = {.from = text, .at = text, .end = text + n, .wanted = {SIZE_MAX, SIZE_MAX}};
    c.wanted[mark_kind] = i;
    const bool is_good = value_scan(&c, 0);
    return fail_at(s, text, is_good && c.reached != NULL ? c.reached : text, what);
}
