#include "http/request.h"

#include <string.h>

#include "base/chance.h"
#include "text/url.h"

#define VALUE_BYTES 256

static bool
has_control(const char *text)
{
    for (; *text != '\0'; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            return true;
    return false;
}

bool
request_query(struct scope *s, const struct request *in, const char *name, const char **value)
{
    if (!url_query_find(s, in->query, name, value))
        return explain(s, "query value \"%s\" cannot be read", name);
    if (*value != NULL && (strlen(*value) > VALUE_BYTES || has_control(*value)))
        return fail(s, ERROR_INPUT, "query value \"%s\" is not text of at most %d bytes", name,
                    VALUE_BYTES);
    return true;
}

void
request_id_set(struct request *in, const char *wanted)
{
    const size_t n = wanted == NULL ? 0 : strlen(wanted);
    static const char sane[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    if (n >= 1 && n < sizeof in->id && strspn(wanted, sane) == n)
        memcpy(in->id, wanted, n + 1);
    else
        chance_uuid(in->id);
}
