// store/s3_list.c: what a bucket holds, by ListObjectsV2.
#include <stdlib.h>
#include <string.h>

#include "store/s3.h"
#include "store/s3_error.h"
#include "store/store_kind.h"
#include "text/url.h"
#include "text/xml.h"

struct raw { // an object as it is listed
    const char *key, *size;
    int64_t put_at;
};

struct listing {
    struct raw *raws;
    size_t n;
    bool is_encoded, is_truncated;
};

static int
digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                  : -1;
}

// Undoes "encoding-type=url": %XX, and "+" for a blank. What is no encoding stays as it is.
static const char *
decode(struct scope *s, const char *text)
{
    struct buf out = buf_open(s, strlen(text) + 1);
    for (const char *c = text; *c != '\0'; c++) {
        const int high = c[0] == '%' ? digit(c[1]) : -1;
        const int low = high >= 0 ? digit(c[2]) : -1;
        if (low >= 0 && high + low > 0) {
            buf_char(&out, (char)(high * 16 + low));
            c += 2;
        } else {
            buf_char(&out, *c == '+' ? ' ' : *c);
        }
    }
    return out.text;
}

// Reads an answer. Texts inside <Contents> belong to the object.
static bool
listing_read(struct scope *s, struct str text, struct listing *out)
{
    struct xml x = xml_open(text.at, text.n);
    struct xml_event e;
    struct raw one = {"", "", 0};
    bool is_listing = false;
    out->raws = scope_array(s, STORE_PAGE_MOST, sizeof *out->raws);
    for (;;) {
        if (!xml_next(s, &x, &e))
            return false;
        if (e.kind == XML_END)
            return is_listing || fail(s, ERROR_UNAVAILABLE, "S3's answer is no listing");
        if (e.kind == XML_OPEN) {
            is_listing = is_listing || strcmp(e.name, "ListBucketResult") == 0;
            continue;
        }
        if (strcmp(e.name, "Key") == 0)
            one.key = e.text;
        else if (strcmp(e.name, "Size") == 0)
            one.size = e.text;
        else if (strcmp(e.name, "LastModified") == 0)
            s3_time_read(e.text, &one.put_at);
        else if (strcmp(e.name, "IsTruncated") == 0)
            out->is_truncated = strcmp(e.text, "true") == 0;
        else if (strcmp(e.name, "EncodingType") == 0)
            out->is_encoded = strcmp(e.text, "url") == 0;
        else if (strcmp(e.name, "Contents") == 0 && out->n < STORE_PAGE_MOST)
            out->raws[out->n++] = one;
    }
}

static bool
page_fill(struct scope *s, const struct listing *l, size_t n_prefix, struct store_page *out)
{
    const char *last = "";
    out->entries = scope_array(s, STORE_PAGE_MOST, sizeof *out->entries);
    for (size_t i = 0; i < l->n; i++) {
        const struct raw *raw = &l->raws[i];
        const char *whole = l->is_encoded ? decode(s, raw->key) : raw->key;
        if (strlen(whole) < n_prefix)
            return fail(s, ERROR_UNAVAILABLE, "S3 lists what was not asked for");
        const char *key = last = scope_copy(s, whole + n_prefix);
        if (!store_is_key(key))
            out->n_foreign++;
        else
            out->entries[out->n++] =
                (struct store_entry){key, strtoll(raw->size, NULL, 10), raw->put_at};
    }
    if (l->is_truncated && l->n == 0)
        return fail(s, ERROR_UNAVAILABLE, "S3 lists nothing and says that there is more");
    out->next = l->is_truncated ? last : NULL;
    return true;
}

static bool
list(struct scope *s, struct scope *own, const struct s3 *s3, const struct s3_request *r,
     struct store_page *out)
{
    struct listing l = {0};
    struct s3_answer answer;
    if (!s3_ask(own, s3, r, &answer) || !listing_read(own, answer.raw.body, &l))
        return fail_as(s, own);
    return page_fill(s, &l, strlen(s3->prefix), out);
}

bool
s3_list(struct scope *s, const struct s3 *s3, const char *bucket, const char *prefix,
        const char *after, struct store_page *out)
{
    struct scope own = {0};
    struct buf query = buf_open(&own, 256);
    buf_print(&query, "encoding-type=url&list-type=2&max-keys=%d&prefix=", STORE_PAGE_MOST);
    url_encode(&query, s3_key(&own, s3, prefix));
    if (*after != '\0') {
        buf_text(&query, "&start-after=");
        url_encode(&query, s3_key(&own, s3, after));
    }
    const struct s3_request r = {.method = "GET", .bucket = bucket, .query = query.text};
    const bool ok = list(s, &own, s3, &r, out);
    scope_close(&own);
    return ok;
}
