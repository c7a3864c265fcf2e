#include "aqs/address.h"

#include <string.h>

#include "text/url.h"

static bool
query_check(struct scope *s, const char *query)
{
    const char *pairs = strchr(query, '?'), *email, *key;
    if (pairs == NULL || pairs == query)
        return fail(s, ERROR_INPUT,
                    "\"%s\" is not an AQS query, such as dailyData/byState?param=88101&…", query);
    if (!url_query_find(s, pairs + 1, "email", &email) ||
        !url_query_find(s, pairs + 1, "key", &key))
        return explain(s, "AQS query \"%s\"", query);
    if (email != NULL || key != NULL)
        return fail(s, ERROR_INPUT,
                    "an AQS query is given without email and key; they come from the settings");
    return true;
}

bool
aqs_address(struct scope *s, const struct config *config, const char *query, const char **out)
{
    struct buf address = buf_open(s, 256);
    if (!query_check(s, query))
        return false;
    if (config->aqs_email == NULL || config->aqs_key.hidden == NULL)
        return fail(s, ERROR_INPUT,
                    "AQS_EMAIL and AQS_KEY are not both set; EPA mails a key to whoever asks at "
                    "%ssignup?email=YOUR-ADDRESS",
                    config->aqs_url);
    const size_t n = strlen(config->aqs_url);

    buf_text(&address, config->aqs_url);
    if (n > 0 && config->aqs_url[n - 1] != '/')
        buf_char(&address, '/');
    buf_text(&address, query);
    buf_text(&address, query[strlen(query) - 1] == '?' ? "email=" : "&email=");
    url_encode(&address, config->aqs_email);
    buf_text(&address, "&key=");
    url_encode(&address, config->aqs_key.hidden);
    *out = address.text;
    return true;
}
