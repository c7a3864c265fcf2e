// tests/fuzz/message_fuzz.c: any body and any query is a message or refused in words, and so is
// each of its fields, whatever it is asked for as.
#include "mlflow/message.h"

#include <assert.h>
#include <string.h>

#include "text/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static const char *const names[] = {"a", "run_id", "metrics", "key", "page_token"};

// A reader says true and nothing is wrong, or false for what the caller has sent.
static bool
sane(struct scope *s, bool is_read)
{
    assert(is_read ? s->kind == ERROR_NONE : s->kind == ERROR_INPUT);
    scope_forgive(s);
    return is_read;
}

static void
field_read(struct scope *s, const struct message *m, const char *name)
{
    static const struct message_name words[] = {{"RUNNING", 1}, {"FAILED", 4}, {0}};
    const char *text = "", *const *texts = NULL;
    int64_t whole = 0;
    double x = 0;
    bool is = false;
    int word = 1;
    size_t n_texts = 0;

    if (sane(s, message_text(s, m, name, &text)))
        assert(utf8_span(text, strlen(text)) == strlen(text));
    (void)sane(s, message_need_text(s, m, name, &text));
    (void)sane(s, message_int(s, m, name, &whole));
    (void)sane(s, message_number(s, m, name, &x));
    (void)sane(s, message_bool(s, m, name, &is));
    (void)sane(s, message_offset(s, m, &whole));
    if (sane(s, message_enum(s, m, name, words, &word)))
        assert(word == 1 || word == 4);
    if (sane(s, message_texts(s, m, name, &n_texts, &texts)))
        for (size_t i = 0; i < n_texts; i++)
            assert(utf8_span(texts[i], strlen(texts[i])) == strlen(texts[i]));
}

static void
message_walk(struct scope *s, const struct message *m, int depth)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct message *inner = NULL, *const *list = NULL;
        size_t n = 0;
        field_read(s, m, names[i]);
        if (depth == 0)
            continue;
        if (sane(s, message_nested(s, m, names[i], &inner)) && inner != NULL)
            message_walk(s, inner, depth - 1);
        if (sane(s, message_list(s, m, names[i], &n, &list)))
            for (size_t k = 0; k < n && k < 4; k++)
                message_walk(s, list[k], depth - 1);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct scope s = {0};
    const char *text = scope_copy_n(&s, (const char *)bytes, n);
    const struct request in[] = {
        {.method = "POST", .query = "", .content_type = "application/json", .body = {text, n}},
        {.method = "GET", .query = text, .content_type = ""},
    };
    for (size_t i = 0; i < 2; i++) {
        const struct message *m;
        if (sane(&s, message_read(&s, &in[i], &m)))
            message_walk(&s, m, 2);
    }
    scope_close(&s);
    return 0;
}
