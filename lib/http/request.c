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

static bool
body_is_large(struct scope *s)
{
    return fail(s, ERROR_LIMIT, "the body is larger than %zu bytes", REQUEST_BODY_BYTES);
}

// Reads until `room_bytes` are there, or the end.
static bool
body_fill(struct scope *s, const struct inlet *from, char *to, size_t room_bytes, size_t *n)
{
    *n = 0;
    for (size_t got = 1; got > 0 && *n < room_bytes; *n += got)
        if (!from->take(s, from->context, to + *n, room_bytes - *n, &got))
            return false;
    return true;
}

// Reads a body that does not say how long it is.
static bool
body_gather(struct scope *s, struct request *in)
{
    struct buf body = buf_open(s, 1 << 16);
    for (size_t n = 1; n > 0;) {
        if (!body_fill(s, &in->inlet, buf_room(&body, 1 << 16), 1 << 16, &n))
            return false;
        buf_grow(&body, n);
        if (body.n > REQUEST_BODY_BYTES)
            return body_is_large(s);
    }
    in->body = (struct str){body.text, body.n};
    return true;
}

bool
request_body_read(struct scope *s, struct request *in)
{
    if (in->inlet.take == NULL || in->body_bytes == 0)
        return true;
    if (in->body_bytes < 0)
        return body_gather(s, in);
    if (in->body_bytes > (int64_t)REQUEST_BODY_BYTES)
        return body_is_large(s);
    size_t n;
    char *bytes = scope_alloc(s, (size_t)in->body_bytes + 1);
    if (!body_fill(s, &in->inlet, bytes, (size_t)in->body_bytes, &n))
        return false;
    in->body = (struct str){bytes, n};
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
