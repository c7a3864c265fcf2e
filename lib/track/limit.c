#include "track/limit.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "text/json.h"
#include "text/url.h"

static bool
is_character_start(char c)
{
    return ((unsigned char)c & 0xC0U) != 0x80U;
}

size_t
limit_length(const char *text)
{
    size_t n = 0;
    for (; *text != '\0'; text++)
        n += is_character_start(*text);
    return n;
}

bool
limit_check(struct scope *s, const char *name, size_t most, const char *text)
{
    return text == NULL || strlen(text) <= most || limit_length(text) <= most ||
           fail(s, ERROR_INPUT, "'%s' exceeds the maximum length of %zu characters", name, most);
}

const char *
limit_cut(struct scope *s, size_t most, const char *text)
{
    size_t n = 0, i = 0;
    if (strlen(text) <= most)
        return text;
    while (text[i] != '\0' && (n < most || !is_character_start(text[i])))
        n += is_character_start(text[i++]);
    return text[i] == '\0' ? text : scope_copy_n(s, text, i);
}

bool
limit_fail(struct scope *s, const char *path, const char *value, const char *why)
{
    struct buf json = buf_open(s, 128);
    struct json_writer w = {.out = &json};
    json_put_text(&w, limit_cut(s, 100, value));
    return fail(s, ERROR_INPUT, "Invalid value %s for parameter '%s' supplied: %s", json.text, path,
                why);
}

// Whether a character is neither a letter nor a digit in any script: what matters of \w's inverse.
//
//   source  Unicode 15, blocks of punctuation, symbols, spaces, private use and emoji
static bool
is_symbol(uint32_t c)
{
    static const uint32_t ranges[][2] = {
        {0x80, 0xA9},       {0xAB, 0xB1},       {0xB4, 0xB4},        {0xB6, 0xB8},
        {0xBB, 0xBB},       {0xBF, 0xBF},       {0xD7, 0xD7},        {0xF7, 0xF7},
        {0x2000, 0x206F},   {0x20A0, 0x20FF},   {0x2190, 0x245F},    {0x2500, 0x2775},
        {0x2794, 0x2BFF},   {0x2E00, 0x2E7F},   {0x3000, 0x3004},    {0x3008, 0x3020},
        {0x3030, 0x3030},   {0xD800, 0xF8FF},   {0xFE00, 0xFE6F},    {0xFF01, 0xFF0F},
        {0xFF1A, 0xFF20},   {0xFF3B, 0xFF40},   {0xFF5B, 0xFF65},    {0xFFE0, 0xFFFF},
        {0x1F000, 0x1F0FF}, {0x1F110, 0x1FBEF}, {0xE0000, 0x10FFFF},
    };
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (c >= ranges[i][0] && c <= ranges[i][1])
            return true;
    return false;
}

// The character that begins at a byte of well-formed UTF-8 and is not ASCII.
static uint32_t
character_at(const char *at)
{
    const unsigned char *b = (const unsigned char *)at;
    const int n = *b >= 0xF0 ? 3 : *b >= 0xE0 ? 2 : 1;
    uint32_t c = *b & (0x3FU >> n);
    for (int i = 1; i <= n && b[i] != '\0'; i++)
        c = c << 6 | (b[i] & 0x3FU);
    return c;
}

static bool
has_key_characters(const char *key)
{
    for (; *key != '\0'; key++) {
        const unsigned char c = (unsigned char)*key;
        if (c < 0x80 ? !isalnum(c) && strchr("_-./: ", c) == NULL
                     : is_character_start(*key) && is_symbol(character_at(key)))
            return false;
    }
    return true;
}

// A path that is its own normal form: no empty, "." or ".." segment, nothing before or behind.
static bool
is_normal_path(const char *path)
{
    for (const char *at = path;; at += 1) {
        const size_t n = strcspn(at, "/");
        if (n == 0 || (n == 1 && at[0] == '.') || (n == 2 && at[0] == '.' && at[1] == '.'))
            return false;
        at += n;
        if (*at == '\0')
            return true;
    }
}

bool
limit_key(struct scope *s, const char *what, const char *path, const char *key)
{
    if (!has_key_characters(key))
        return limit_fail(s, path, key,
                          "Names may only contain alphanumerics, underscores (_), dashes (-), "
                          "periods (.), spaces ( ), colon(:) and slashes (/).");
    if (!is_normal_path(key))
        return limit_fail(s, path, key,
                          "Names may be treated as files in certain cases, and must not resolve to "
                          "other names when treated as such.");
    return limit_check(s, what, LIMIT_KEY, key);
}

bool
limit_key_at(struct scope *s, const char *what, const char *list, size_t i, const char *name,
             const char *key)
{
    const struct scope_mark mark = scope_mark(s);
    const char *path = list == NULL ? name : scope_print(s, "%s[%zu].%s", list, i, name);
    const bool ok = limit_key(s, what, path, key);
    scope_release(s, mark);
    return ok;
}

static bool
is_id(const char *text, size_t most)
{
    size_t n = 0;
    if (!isalnum((unsigned char)*text))
        return false;
    for (; *text != '\0'; text++)
        if (!isalnum((unsigned char)*text) && *text != '_' && *text != '-' &&
            (unsigned char)*text < 0x80)
            return false;
        else
            n += is_character_start(*text);
    return n <= most;
}

bool
limit_run_id(struct scope *s, const char *path, const char *run_id)
{
    return is_id(run_id, 256) || limit_fail(s, path, run_id, "it is not the id of a run.");
}

bool
limit_experiment_id(struct scope *s, const char *text, int64_t *out)
{
    char *end;
    if (!is_id(text, 64))
        return fail(s, ERROR_INPUT, "Invalid experiment ID: '%.100s'", text);
    *out = strtoimax(text, &end, 10);
    if (*end != '\0' || strlen(text) > 18)
        return fail(s, ERROR_INPUT,
                    "Invalid experiment ID '%.100s'. Experiment ID must be a valid integer.", text);
    return true;
}

// Text with its "%41" decoded again and again, until none is left: what it is after any number of
// hands. NULL when it does not end.
static const char *
decoded_wholly(struct scope *s, const char *text)
{
    for (int i = 0; i < 10; i++) {
        struct scope own = {0};
        const char *next = NULL;
        const bool ok = url_decode(&own, (struct str){text, strlen(text)}, false, &next);
        const bool is_same = ok && strcmp(next, text) == 0;
        if (ok && !is_same)
            text = scope_copy(s, next);
        scope_close(&own);
        if (!ok || is_same)
            return text;
    }
    return NULL;
}

static bool
has_parent_segment(const char *path)
{
    for (const char *at = path; (at = strstr(at, "..")) != NULL; at += 2)
        if ((at == path || strchr("/\\:", at[-1]) != NULL) &&
            (at[2] == '\0' || strchr("/\\;", at[2]) != NULL))
            return true;
    return false;
}

bool
limit_location(struct scope *s, const char *location)
{
    if (limit_length(location) > LIMIT_LOCATION)
        return fail(s, ERROR_INPUT,
                    "Invalid artifact path length. The length of the artifact path cannot be "
                    "greater than %d characters.",
                    LIMIT_LOCATION);
    if (strncasecmp(location, "runs:", 5) == 0)
        return fail(s, ERROR_INPUT, "Artifact location cannot be a runs:/ URI. Given: '%.100s'",
                    location);
    const char *plain = decoded_wholly(s, location);
    if (plain == NULL || strpbrk(plain, "#?\\") != NULL || has_parent_segment(plain))
        return fail(s, ERROR_INPUT, "Invalid artifact location: '%.200s'", location);
    for (const char *c = plain; *c != '\0'; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7F)
            return fail(s, ERROR_INPUT, "Invalid artifact location: it has control characters");
    return true;
}
