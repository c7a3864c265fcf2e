// tests/fuzz/json_stream_fuzz.c: the stream takes what the whole parser takes and refuses what it
// refuses, in pieces of any size alike. It knows fewer duplicates and no infinities, and what is
// broken inside brackets costs one item; so those are left out where the two are compared.
#include "text/json_stream.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "text/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

struct source {
    const char *bytes;
    size_t n, at, piece;
};

static bool
source_fill(struct scope *s, void *context, char *to, size_t room_bytes, size_t *n)
{
    struct source *f = context;
    const size_t left = f->n - f->at;
    (void)s;
    *n = left < f->piece ? left : f->piece;
    *n = *n < room_bytes ? *n : room_bytes;
    if (*n > 0)
        memcpy(to, f->bytes + f->at, *n);
    f->at += *n;
    return true;
}

struct tale { // what a walk met, in words
    struct buf words;
    size_t n_faults;
    bool is_good; // to its end, without a failure
};

static void
item_tell(struct tale *tale, const struct json_item *item)
{
    tale->n_faults += item->fault != NULL;
    assert(item->fault == NULL || item->n == 0);
    buf_print(&tale->words, "%d %lld %d ", (int)item->kind, (long long)item->line,
              item->has_same_keys);
    buf_add(&tale->words, item->raw.at, item->raw.n);
    for (size_t i = 0; i < item->n; i++) {
        assert(utf8_span(item->members[i].key.at, item->members[i].key.n) ==
               item->members[i].key.n);
        buf_print(&tale->words, "<%.*s=%.*s>", (int)item->members[i].key.n, item->members[i].key.at,
                  (int)item->members[i].value.n, item->members[i].value.at);
    }
    buf_print(&tale->words, "%s\n", item->fault == NULL ? "" : item->fault);
}

// Takes the elements of an array.
static bool
elements_walk(struct scope *s, struct json_stream *j, struct tale *tale)
{
    const struct json_item *item;
    while (json_stream_take(s, j, &item)) {
        if (item == NULL)
            return true;
        item_tell(tale, item);
    }
    return false;
}

// Takes one member of an object, enters and takes, or skips it, by what its key begins with.
static bool
member_walk(struct scope *s, struct json_stream *j, char how, struct tale *tale)
{
    enum json_kind kind;
    const struct json_item *item;
    if (!json_stream_peek(s, j, &kind))
        return false;
    if (how == 'e' && kind == JSON_ARRAY)
        return json_stream_enter(s, j, kind) && elements_walk(s, j, tale);
    if (how == 't') {
        if (!json_stream_take(s, j, &item))
            return false;
        item_tell(tale, item);
        return true;
    }
    return json_stream_skip(s, j);
}

static bool
value_walk(struct scope *s, struct json_stream *j, struct tale *tale)
{
    enum json_kind kind;
    const struct json_item *item;
    const char *key;
    if (!json_stream_peek(s, j, &kind))
        return false;
    if (kind == JSON_ARRAY)
        return json_stream_enter(s, j, kind) && elements_walk(s, j, tale);
    if (kind != JSON_OBJECT) {
        if (!json_stream_take(s, j, &item))
            return false;
        item_tell(tale, item);
        return true;
    }
    if (!json_stream_enter(s, j, kind))
        return false;
    while (json_stream_key(s, j, &key)) {
        if (key == NULL)
            return true;
        buf_text(&tale->words, key);
        if (!member_walk(s, j, key[0], tale))
            return false;
    }
    return false;
}

static struct tale
tell(struct scope *s, const uint8_t *bytes, size_t n, size_t piece, size_t most_bytes)
{
    struct scope own = {0};
    struct source source = {(const char *)bytes, n, 0, piece};
    struct tale tale = {.words = buf_open(s, 256)};
    struct json_stream *j = json_stream_open(&own, source_fill, &source, most_bytes);
    tale.is_good = value_walk(&own, j, &tale) && json_stream_finish(&own, j);
    assert(tale.is_good == (own.kind == ERROR_NONE));
    assert(tale.is_good || own.kind == ERROR_INPUT || own.kind == ERROR_LIMIT);
    buf_print(&tale.words, "%lld %s", (long long)json_stream_line(j), own.message);
    scope_close(&own);
    return tale;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct scope s = {0};
    const struct tale whole = tell(&s, bytes, n, n + 1, n + 1);
    const struct tale pieces = tell(&s, bytes, n, 1, n + 1);
    const struct tale little = tell(&s, bytes, n, 5, 20);
    assert(whole.words.n == pieces.words.n);
    assert(memcmp(whole.words.text, pieces.words.text, whole.words.n) == 0);
    assert(!little.is_good || whole.is_good);

    const bool is_json = json_scan(&s, (const char *)bytes, n);
    if (is_json && whole.is_good && whole.n_faults > 0)
        assert(strstr(whole.words.text, "twice") != NULL ||
               strstr(whole.words.text, "more than 200") != NULL);
    else
        assert(is_json == (whole.is_good && whole.n_faults == 0));
    scope_close(&s);
    return 0;
}
