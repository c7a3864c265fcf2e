#include "http/request.h"

#include <string.h>

#include "base/chance.h"
#include "text/utf8.h"

#define VALUE_BYTES 256

static int
hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// Decodes %XX and "+"; a broken escape stands for itself.
static const char *
decode(struct scope *s, const char *text, size_t n, size_t *n_out)
{
    char *out = scope_alloc(s, n + 1), *at = out;
    for (size_t i = 0; i < n; i++) {
        const int high = text[i] == '%' && i + 2 < n ? hex_digit(text[i + 1]) : -1;
        const int low = high < 0 ? -1 : hex_digit(text[i + 2]);
        if (low >= 0) {
            *at++ = (char)(high * 16 + low);
            i += 2;
        } else {
            *at++ = text[i] == '+' ? ' ' : text[i];
        }
    }
    *n_out = (size_t)(at - out);
    return out;
}

static bool
has_control(const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
            return true;
    return false;
}

bool
request_query(struct scope *s, const struct request *in, const char *name, const char **value)
{
    const size_t n_name = strlen(name);
    size_t n;

    *value = NULL;
    for (const char *at = in->query; *at != '\0';) {
        const size_t n_pair = strcspn(at, "&");
        if (n_pair > n_name && strncmp(at, name, n_name) == 0 && at[n_name] == '=') {
            *value = decode(s, at + n_name + 1, n_pair - n_name - 1, &n);
            if (n > VALUE_BYTES || has_control(*value, n) || utf8_span(*value, n) != n)
                return fail(s, ERROR_INPUT, "query value \"%s\" is not text of at most %d bytes",
                            name, VALUE_BYTES);
            return true;
        }
        at += n_pair + (at[n_pair] == '&');
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
