#include "source/words.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "aqs/record.h"
#include "net/http.h"

void
words_cut(struct scope *s, const char *text, char mark, struct words *out)
{
    *out = (struct words){0};
    while (out->n < WORDS_MOST) {
        const char *end = strchr(text, mark);
        const size_t n = end == NULL ? strlen(text) : (size_t)(end - text);
        out->word[out->n++] = scope_copy_n(s, text, n);
        if (end == NULL)
            return;
        text = end + 1;
    }
}

bool
words_split(struct scope *s, const char *option, const char *text, struct words *out)
{
    size_t n_commas = 0;
    for (const char *c = text; *c != '\0'; c++)
        n_commas += *c == ',';
    if (n_commas >= WORDS_MOST)
        return fail(s, ERROR_USAGE, "option --%s: more than %d values", option, WORDS_MOST);
    words_cut(s, text, ',', out);
    for (size_t i = 0; i < out->n; i++) {
        if (*out->word[i] == '\0')
            return fail(s, ERROR_USAGE, "option --%s: a value between the commas is missing",
                        option);
        for (size_t k = 0; k < i; k++)
            if (strcmp(out->word[i], out->word[k]) == 0 && strcmp(option, "box") != 0)
                return fail(s, ERROR_USAGE, "option --%s: \"%.40s\" comes twice", option,
                            out->word[i]);
    }
    return true;
}

bool
words_codes(struct scope *s, const struct source_given given[], const char *option, size_t n_digits,
            struct words *out)
{
    const char *text = source_given_find(given, option);
    *out = (struct words){0};
    if (text == NULL)
        return true;
    if (!words_split(s, option, text, out))
        return false;
    for (size_t i = 0; i < out->n; i++)
        if (strlen(out->word[i]) != n_digits || strspn(out->word[i], "0123456789") != n_digits)
            return fail(s, ERROR_USAGE, "option --%s: \"%.40s\" is not a code of %zu digits%s",
                        option, out->word[i], n_digits,
                        strlen(out->word[i]) < n_digits ? ", its leading zeros among them" : "");
    return true;
}

bool
words_day(struct scope *s, const struct source_given given[], const char *option, struct day last,
          struct day *out)
{
    const char *text = source_given_find(given, option);
    char shown[DAY_TEXT];
    struct day day;
    if (text == NULL)
        return true;
    if (!day_read(text, strlen(text), &day))
        return fail(s, ERROR_USAGE, "option --%s: \"%.40s\" is not a day such as 2020-01-31",
                    option, text);
    if (day_year(day) < RECORD_FIRST_YEAR || day.n > last.n)
        return fail(s, ERROR_USAGE, "option --%s: %s is not from %d-01-01 to the as-of day", option,
                    day_format(day, shown), RECORD_FIRST_YEAR);
    *out = day;
    return true;
}

bool
words_int(struct scope *s, const struct source_given given[], const char *option,
          const int64_t range[2], int64_t preset, int64_t *out)
{
    const char *text = source_given_find(given, option);
    char *end;
    *out = preset;
    if (text == NULL)
        return true;
    errno = 0;
    const long long x = strtoll(text, &end, 10);
    if (*text == '\0' || *end != '\0' || errno != 0 || x < range[0] || x > range[1])
        return fail(s, ERROR_USAGE, "option --%s: \"%.40s\" is not a number from %lld to %lld",
                    option, text, (long long)range[0], (long long)range[1]);
    *out = x;
    return true;
}

bool
words_address(struct scope *s, const char *option, const char *url)
{
    const char *shown = http_redact(s, url);
    if (strncmp(url, "http://", 7) != 0 && strncmp(url, "https://", 8) != 0)
        return fail(s, ERROR_USAGE, "option --%s: \"%.200s\" is not an http or https address",
                    option, shown);
    if (strcmp(shown, url) != 0)
        return fail(s, ERROR_USAGE,
                    "option --%s: \"%.200s\" holds a password or key, which a source does not keep",
                    option, shown);
    return true;
}

void
words_put(struct json_writer *w, const char *key, const struct words *words)
{
    json_put_key(w, key);
    json_array_begin(w);
    for (size_t i = 0; i < words->n; i++)
        json_put_text(w, words->word[i]);
    json_array_end(w);
}

bool
words_array(struct scope *s, const struct json *settings, const char *key, const char **out)
{
    struct buf text = buf_open(s, 128);
    const struct json *array;
    if (!json_array(s, settings, key, &array))
        return false;
    for (const struct json *one = json_first(array); one != NULL; one = json_next(one))
        buf_print(&text, "%s\"%s\"", text.n == 0 ? "{" : ",", json_as_text(one));
    buf_text(&text, text.n == 0 ? "{}" : "}");
    *out = text.text;
    return true;
}
