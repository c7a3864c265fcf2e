#include "http/request.h"

#include <assert.h>
#include <string.h>

#include "base/chance.h"
#include "text/url.h"

#define VALUE_BYTES 256
#define QUERY_NAMES 16 // that one route knows

static bool
has_control(const char *text)
{
    for (; *text != '\0'; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            return true;
    return false;
}

bool
request_query_long(struct scope *s, const struct request *in, const char *name, size_t limit_bytes,
                   const char **value)
{
    if (!url_query_find(s, in->query, name, value))
        return explain(s, "query value \"%s\" cannot be read", name);
    if (*value != NULL && (strlen(*value) > limit_bytes || has_control(*value)))
        return fail(s, ERROR_INPUT, "query value \"%s\" is not text of at most %zu bytes", name,
                    limit_bytes);
    return true;
}

bool
request_query(struct scope *s, const struct request *in, const char *name, const char **value)
{
    return request_query_long(s, in, name, VALUE_BYTES, value);
}

// Finds a name in a list with blanks between; NULL when it is not there.
static const char *
word_find(const char *list, struct str name)
{
    while (*list != '\0') {
        const size_t n = strcspn(list, " ");
        if (n == name.n && n > 0 && memcmp(list, name.at, n) == 0)
            return list;
        list += n + strspn(list + n, " ");
    }
    return NULL;
}

static bool
unknown_fail(struct scope *s, struct str name, const char *allowed)
{
    struct buf known = buf_open(s, 128);
    for (const char *c = allowed; *c != '\0'; c++)
        buf_text(&known, *c == ' ' ? ", " : (const char[]){*c, '\0'});
    const int n = (int)(name.n > 60 ? 60 : name.n);
    if (known.n == 0)
        return fail(s, ERROR_INPUT, "unknown query value \"%.*s\": this address takes none", n,
                    name.at);
    return fail(s, ERROR_INPUT, "unknown query value \"%.*s\" (known: %s)", n, name.at, known.text);
}

bool
request_query_check(struct scope *s, const struct request *in, const char *allowed)
{
    const char *seen[QUERY_NAMES];
    size_t n_seen = 0;
    if (strcmp(allowed, "*") == 0)
        return true;
    for (const char *at = in->query; *at != '\0';) {
        const size_t n_pair = strcspn(at, "&");
        const struct str name = {at, strcspn(at, "=&")};
        at += n_pair + (at[n_pair] == '&');
        if (n_pair == 0)
            continue;
        const char *known = word_find(allowed, name);
        if (known == NULL)
            return unknown_fail(s, name, allowed);
        for (size_t i = 0; i < n_seen; i++)
            if (seen[i] == known)
                return fail(s, ERROR_INPUT, "query value \"%.*s\" comes twice", (int)name.n,
                            name.at);
        assert(n_seen < QUERY_NAMES);
        seen[n_seen++] = known;
    }
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
