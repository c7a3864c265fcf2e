#include "store/profile.h"

#include <string.h>

static struct str
trim(struct str t)
{
    while (t.n > 0 && memchr(" \t\r", t.at[0], 3) != NULL) {
        t.at++;
        t.n--;
    }
    while (t.n > 0 && memchr(" \t\r", t.at[t.n - 1], 3) != NULL)
        t.n--;
    return t;
}

// True for "[name]" and "[profile name]".
static bool
is_section(struct str line, const char *name)
{
    struct str inner = trim((struct str){line.at + 1, line.n - 2});
    const size_t n = strlen("profile");
    if (str_is(inner, name))
        return true;
    if (inner.n <= n || memcmp(inner.at, "profile", n) != 0 || strchr(" \t", inner.at[n]) == NULL)
        return false;
    return str_is(trim((struct str){inner.at + n, inner.n - n}), name);
}

static void
pair_take(struct scope *s, struct str key, struct str value, struct profile *out)
{
    static const char *const other[] = {"role_arn",          "credential_process",
                                        "credential_source", "sso_session",
                                        "sso_account_id",    "web_identity_token_file"};
    const char *text = scope_copy_n(s, value.at, value.n);
    if (str_is(key, "aws_access_key_id"))
        out->key_id = text;
    else if (str_is(key, "aws_secret_access_key"))
        out->secret_key = text;
    else if (str_is(key, "aws_session_token"))
        out->token = text;
    for (size_t i = 0; i < sizeof other / sizeof *other; i++)
        if (str_is(key, other[i]))
            out->other_way = other[i];
}

static bool
line_take(struct scope *s, struct str raw, const char *name, bool *is_inside, struct profile *out)
{
    const struct str line = trim(raw);
    if (line.n == 0 || line.at[0] == '#' || line.at[0] == ';')
        return true;
    if (line.at[0] == '[') {
        if (line.at[line.n - 1] != ']' || line.n < 3)
            return fail(s, ERROR_INPUT, "a section's name does not end");
        *is_inside = is_section(line, name);
        out->is_found = out->is_found || *is_inside;
        return true;
    }
    const char *equals = memchr(line.at, '=', line.n);
    if (equals == NULL)
        return fail(s, ERROR_INPUT, "it is neither [section] nor key = value");
    if (raw.at[0] == ' ' || raw.at[0] == '\t' || !*is_inside) // a pair below a key, or another's
        return true;
    const struct str key = trim((struct str){line.at, (size_t)(equals - line.at)});
    const struct str value =
        trim((struct str){equals + 1, (size_t)(line.at + line.n - equals) - 1});
    pair_take(s, key, value, out);
    return true;
}

bool
profile_read(struct scope *s, struct str text, const char *name, struct profile *out)
{
    bool is_inside = false;
    *out = (struct profile){0};
    if (memchr(text.at, '\0', text.n) != NULL)
        return fail(s, ERROR_INPUT, "it is no text");
    for (size_t at = 0, number = 1; at < text.n; number++) {
        const char *end = memchr(text.at + at, '\n', text.n - at);
        const size_t n = end == NULL ? text.n - at : (size_t)(end - text.at) - at;
        if (!line_take(s, (struct str){text.at + at, n}, name, &is_inside, out))
            return explain(s, "line %zu", number);
        at += n + 1;
    }
    return true;
}
