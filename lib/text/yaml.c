#include "text/yaml.h"

#include <string.h>

#include <yaml.h>

struct reading {
    struct scope *s;
    yaml_parser_t parser;
    struct json_writer w;
    bool is_key[YAML_DEPTH + 2]; // of a mapping: whether its next scalar is a key
    bool is_mapping[YAML_DEPTH + 2];
    int depth;
};

static void
parser_close(void *parser)
{
    yaml_parser_delete(parser);
}

static bool
fault(struct reading *r, const char *what)
{
    return fail(r->s, ERROR_INPUT, "not YAML that we read, line %zu: %s", r->parser.mark.line + 1,
                what);
}

// A member of the open container is over: in a mapping a key comes next.
static void
member_over(struct reading *r)
{
    r->is_key[r->depth] = r->is_mapping[r->depth];
}

static bool
scalar_take(struct reading *r, const yaml_event_t *e)
{
    const char *bytes = (const char *)e->data.scalar.value;
    const size_t n = e->data.scalar.length;
    if (memchr(bytes, '\0', n) != NULL)
        return fault(r, "a zero byte");
    const char *text = scope_copy_n(r->s, bytes, n);
    if (r->is_key[r->depth]) {
        json_put_key(&r->w, text);
        r->is_key[r->depth] = false;
        return true;
    }
    json_put_text(&r->w, text);
    member_over(r);
    return true;
}

static bool
container_begin(struct reading *r, bool is_mapping)
{
    if (r->is_key[r->depth])
        return fault(r, "a key that is no text");
    if (r->depth == YAML_DEPTH)
        return fault(r, "too many levels");
    r->depth++;
    r->is_mapping[r->depth] = r->is_key[r->depth] = is_mapping;
    if (is_mapping)
        json_object_begin(&r->w);
    else
        json_array_begin(&r->w);
    return true;
}

static void
container_end(struct reading *r)
{
    if (r->is_mapping[r->depth])
        json_object_end(&r->w);
    else
        json_array_end(&r->w);
    r->depth--;
    member_over(r);
}

static bool
event_take(struct reading *r, const yaml_event_t *e)
{
    switch (e->type) {
    case YAML_SCALAR_EVENT:
        return scalar_take(r, e);
    case YAML_MAPPING_START_EVENT:
    case YAML_SEQUENCE_START_EVENT:
        return container_begin(r, e->type == YAML_MAPPING_START_EVENT);
    case YAML_MAPPING_END_EVENT:
    case YAML_SEQUENCE_END_EVENT:
        container_end(r);
        return true;
    case YAML_ALIAS_EVENT:
        return fault(r, "a reference to an anchor");
    default:
        return true;
    }
}

static bool
document_read(struct reading *r)
{
    int n_documents = 0;
    for (bool is_over = false; !is_over;) {
        yaml_event_t e;
        if (yaml_parser_parse(&r->parser, &e) == 0)
            return fault(r, r->parser.problem == NULL ? "it cannot be" : r->parser.problem);
        n_documents += e.type == YAML_DOCUMENT_START_EVENT;
        is_over = e.type == YAML_STREAM_END_EVENT;
        const bool ok = n_documents <= 1 ? event_take(r, &e) : fault(r, "a second document");
        yaml_event_delete(&e);
        if (!ok)
            return false;
    }
    return n_documents == 1 || fault(r, "there is no document");
}

const struct json *
yaml_parse(struct scope *s, const char *text, size_t n)
{
    struct buf json = buf_open(s, n);
    struct reading *r = scope_alloc(s, sizeof *r);
    if (n > YAML_BYTES)
        return fail_null(s, ERROR_LIMIT, "%zu bytes of YAML are above %zu", n, YAML_BYTES);
    r->s = s;
    r->w.out = &json;
    if (yaml_parser_initialize(&r->parser) == 0)
        return fail_null(s, ERROR_UNAVAILABLE, "libyaml did not start");
    scope_defer(s, parser_close, &r->parser);
    yaml_parser_set_input_string(&r->parser, (const unsigned char *)text, n);
    return document_read(r) ? json_parse(s, json.text, json.n) : NULL;
}
