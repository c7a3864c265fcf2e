#include "text/ubjson.h"

#include <math.h>
#include <string.h>

#include "text/json.h"

struct reading {
    struct scope *s;
    const unsigned char *start, *at, *end;
    struct json_writer w;
};

static bool
fault(const struct reading *r, const char *what)
{
    return fail(r->s, ERROR_INPUT, "not UBJSON at byte %zu: %s", (size_t)(r->at - r->start), what);
}

static bool
has(const struct reading *r, size_t n)
{
    return (size_t)(r->end - r->at) >= n || fault(r, "it ends here");
}

// A whole number of n bytes, the highest first.
static bool
whole_read(struct reading *r, size_t n, uint64_t *out)
{
    if (!has(r, n))
        return false;
    *out = 0;
    for (size_t i = 0; i < n; i++)
        *out = *out << 8 | *r->at++;
    return true;
}

static bool
int_read(struct reading *r, int type, int64_t *out)
{
    uint64_t bits = 0;
    switch (type) {
    case 'i':
        return whole_read(r, 1, &bits) && (*out = bits < 128 ? (int64_t)bits : (int64_t)bits - 256, true);
    case 'U':
        return whole_read(r, 1, &bits) && (*out = (int64_t)bits, true);
    case 'I':
        return whole_read(r, 2, &bits) && (*out = (int16_t)bits, true);
    case 'l':
        return whole_read(r, 4, &bits) && (*out = (int32_t)bits, true);
    case 'L':
        return whole_read(r, 8, &bits) && (*out = (int64_t)bits, true);
    default:
        return fault(r, "no whole number");
    }
}

// A length or a count, no greater than the bytes that are left.
static bool
length_read(struct reading *r, size_t *out)
{
    int64_t n;
    if (!has(r, 1) || !int_read(r, *r->at++, &n))
        return false;
    if (n < 0 || n > r->end - r->start)
        return fault(r, "a length beyond the end");
    *out = (size_t)n;
    return true;
}

static bool
real_read(struct reading *r, int type)
{
    uint64_t bits;
    double x;
    if (!whole_read(r, type == 'd' ? 4 : 8, &bits))
        return false;
    if (type == 'd') {
        const uint32_t half = (uint32_t)bits;
        float narrow;
        memcpy(&narrow, &half, sizeof narrow);
        x = (double)narrow;
    } else {
        memcpy(&x, &bits, sizeof x);
    }
    json_put_number(&r->w, x);
    return true;
}

static bool
text_read(struct reading *r, const char **out)
{
    size_t n;
    if (!length_read(r, &n) || !has(r, n))
        return false;
    if (memchr(r->at, '\0', n) != NULL)
        return fault(r, "a text with a zero byte");
    *out = scope_copy_n(r->s, (const char *)r->at, n);
    r->at += n;
    return true;
}

struct container {
    int type; // of all members; 0: each has its own
    bool is_counted;
    size_t n;
};

static bool
container_open(struct reading *r, struct container *c)
{
    *c = (struct container){0};
    if (!has(r, 1))
        return false;
    if (*r->at == '$') {
        r->at++;
        if (!has(r, 2))
            return false;
        c->type = *r->at++;
        if (*r->at != '#')
            return fault(r, "a type without a count");
    }
    if (*r->at != '#')
        return true;
    r->at++;
    c->is_counted = true;
    // A typed null or a truth takes no byte, so its count is bounded by nothing else.
    return length_read(r, &c->n) &&
           (c->type == 0 || strchr("ZTFN", c->type) == NULL || fault(r, "a container of nothing"));
}

// Tells whether another member comes, and takes the mark of the end.
static bool
container_more(struct reading *r, struct container *c, int end, bool *is_more)
{
    if (c->is_counted) {
        *is_more = c->n > 0;
        c->n -= *is_more;
        return true;
    }
    if (!has(r, 1))
        return false;
    *is_more = *r->at != end;
    r->at += !*is_more;
    return true;
}

static bool value_read(struct reading *r, int type, int depth);

static bool
member_read(struct reading *r, const struct container *c, int depth)
{
    if (r->w.out->n > UBJSON_TEXT_BYTES)
        return fail(r->s, ERROR_LIMIT, "the model is longer than %zu bytes of JSON",
                    UBJSON_TEXT_BYTES);
    if (c->type != 0)
        return value_read(r, c->type, depth);
    return has(r, 1) && value_read(r, *r->at++, depth);
}

static bool
array_read(struct reading *r, int depth)
{
    struct container c;
    bool is_more;
    if (!container_open(r, &c))
        return false;
    json_array_begin(&r->w);
    while (container_more(r, &c, ']', &is_more) && is_more)
        if (!member_read(r, &c, depth))
            return false;
    json_array_end(&r->w);
    return r->s->kind == ERROR_NONE;
}

static bool
object_read(struct reading *r, int depth)
{
    struct container c;
    bool is_more;
    const char *key;
    if (!container_open(r, &c))
        return false;
    json_object_begin(&r->w);
    while (container_more(r, &c, '}', &is_more) && is_more) {
        if (!text_read(r, &key))
            return false;
        json_put_key(&r->w, key);
        if (!member_read(r, &c, depth))
            return false;
    }
    json_object_end(&r->w);
    return r->s->kind == ERROR_NONE;
}

static bool
value_read(struct reading *r, int type, int depth)
{
    const char *text;
    int64_t whole;
    if (depth > UBJSON_DEPTH)
        return fault(r, "too many containers inside each other");
    switch (type) {
    case '{':
        return object_read(r, depth + 1);
    case '[':
        return array_read(r, depth + 1);
    case 'S':
        return text_read(r, &text) && (json_put_text(&r->w, text), true);
    case 'd':
    case 'D':
        return real_read(r, type);
    case 'T':
    case 'F':
        json_put_raw(&r->w, type == 'T' ? "true" : "false");
        return true;
    case 'Z':
        json_put_raw(&r->w, "null");
        return true;
    default:
        return int_read(r, type, &whole) && (json_put_int(&r->w, whole), true);
    }
}

bool
ubjson_read(struct scope *s, struct str bytes, struct buf *out)
{
    const unsigned char *at = (const unsigned char *)bytes.at;
    struct reading r = {.s = s, .start = at, .at = at, .end = at + bytes.n, .w = {.out = out}};
    if (!has(&r, 1) || !value_read(&r, *r.at++, 0))
        return false;
    return r.at == r.end || fault(&r, "something follows the value");
}
