#include "api/page.h"

#include <stdlib.h>

#define LIMIT 100
#define LIMIT_MOST 1000

bool
page_number(struct scope *s, const char *what, const char *text, int64_t *out)
{
    char *end;
    const long long x = strtoll(text, &end, 10);
    if (*text < '0' || *text > '9' || *end != '\0' || x > INT32_MAX)
        return fail(s, ERROR_INPUT, "%s \"%.40s\" is not a whole number", what, text);
    *out = x;
    return true;
}

bool
page_read(struct scope *s, const struct request *in, struct page *out)
{
    const char *limit;
    int64_t number;
    *out = (struct page){.n_limit = LIMIT};
    if (!request_query(s, in, "before", &out->before) || !request_query(s, in, "limit", &limit) ||
        (out->before != NULL && !page_number(s, "before", out->before, &number)) ||
        (limit != NULL && !page_number(s, "limit", limit, &out->n_limit)))
        return false;
    if (out->n_limit < 1 || out->n_limit > LIMIT_MOST)
        return fail(s, ERROR_INPUT, "limit is %lld, not from 1 to %d", (long long)out->n_limit,
                    LIMIT_MOST);
    out->limit = db_int(s, out->n_limit);
    return true;
}

void
page_end(const struct page *page, struct json_writer *w, const struct rows *r, const char *number)
{
    const size_t n = rows_count(r);
    json_put_key(w, "next_before");
    if ((int64_t)n < page->n_limit)
        json_put_raw(w, "null");
    else
        json_put_int(w, rows_int(r, n - 1, number));
}
