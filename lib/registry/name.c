#include "registry/name.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define MODEL_CHARACTERS 256
#define ALIAS_CHARACTERS 255
#define KEY_CHARACTERS 250
#define VALUE_CHARACTERS 100000

static size_t
characters(const char *text)
{
    size_t n = 0;
    for (; *text != '\0'; text++)
        n += ((unsigned char)*text & 0xC0) != 0x80; // those of UTF-8 that begin one
    return n;
}

static bool
length_check(struct scope *s, const char *field, const char *text, size_t most)
{
    return characters(text) <= most ||
           fail(s, ERROR_INPUT,
                "'%s' exceeds the maximum length of %zu characters: it has %zu (%.40s…)", field,
                most, characters(text), text);
}

// Tells whether a path is another one in short: "a//b", "a/", "./a", "/a".
static bool
is_path_other(const char *path)
{
    if (path[0] == '/' || strncmp(path, "..", 2) == 0)
        return true;
    for (const char *part = path;;) {
        const size_t n = strcspn(part, "/");
        if (n == 0 || (n == 1 && part[0] == '.') || (n == 2 && strncmp(part, "..", 2) == 0))
            return true;
        if (part[n] == '\0')
            return false;
        part += n + 1;
    }
}

bool
name_check_model(struct scope *s, const char *field, const char *name)
{
    if (name[strspn(name, " \t\r\n")] == '\0')
        return fail(s, ERROR_INPUT, "Missing value for required parameter '%s'", field);
    if (strpbrk(name, "/:") != NULL)
        return fail(s, ERROR_INPUT, "Invalid model name '%.200s'. Names cannot contain '/' or ':'.",
                    name);
    for (const char *at = name; *at != '\0'; at++)
        if (iscntrl((unsigned char)*at))
            return fail(s, ERROR_INPUT,
                        "Invalid value for parameter '%s' supplied: it has a "
                        "control character in it",
                        field);
    if (is_path_other(name))
        return fail(s, ERROR_INPUT,
                    "Invalid value \"%.200s\" for parameter '%s' supplied: it is "
                    "also a path to another place",
                    name, field);
    return length_check(s, field, name, MODEL_CHARACTERS);
}

bool
name_check_alias(struct scope *s, const char *alias)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
    if (alias[0] == '\0')
        return fail(s, ERROR_INPUT, "Registered model alias name cannot be empty.");
    if (alias[strspn(alias, allowed)] != '\0')
        return fail(s, ERROR_INPUT,
                    "Invalid alias name: '%.200s'. Names may only contain "
                    "alphanumerics, underscores (_) and dashes (-).",
                    alias);
    if (strcasecmp(alias, "latest") == 0)
        return fail(s, ERROR_INPUT, "'latest' alias name (case insensitive) is reserved.");
    if ((alias[0] == 'v' || alias[0] == 'V') && alias[1] != '\0' &&
        alias[1 + strspn(alias + 1, "0123456789")] == '\0')
        return fail(s, ERROR_INPUT, "Version alias name '%.200s' is reserved.", alias);
    return length_check(s, "Registered model alias name", alias, ALIAS_CHARACTERS);
}

bool
name_check_tag(struct scope *s, const char *key, const char *value)
{
    for (const char *at = key; *at != '\0'; at++)
        if ((unsigned char)*at < 0x80 && !isalnum((unsigned char)*at) &&
            strchr("_-./: ", *at) == NULL)
            return fail(s, ERROR_INPUT,
                        "Invalid value \"%.200s\" for parameter 'key' supplied: "
                        "Names may only contain alphanumerics, underscores (_), dashes (-), "
                        "periods (.), spaces ( ), colon(:) and slashes (/).",
                        key);
    if (is_path_other(key))
        return fail(s, ERROR_INPUT,
                    "Invalid value \"%.200s\" for parameter 'key' supplied: it is "
                    "a path that has a shorter form",
                    key);
    return length_check(s, "key", key, KEY_CHARACTERS) &&
           length_check(s, "value", value, VALUE_CHARACTERS);
}
