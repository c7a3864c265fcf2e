#include "registry/name.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "track/limit.h"

#define MODEL_CHARACTERS 256
#define ALIAS_CHARACTERS 255
#define VALUE_CHARACTERS 100000

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
    if (strcmp(name, ".") == 0 || strncmp(name, "..", 2) == 0)
        return limit_fail(s, field, name, "it is also a path to another place");
    return limit_check(s, field, MODEL_CHARACTERS, name);
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
    return limit_check(s, "Registered model alias name", ALIAS_CHARACTERS, alias);
}

bool
name_check_tag(struct scope *s, const char *key, const char *value)
{
    return limit_key(s, "key", "key", key) && limit_check(s, "value", VALUE_CHARACTERS, value);
}
