#include "net/sign.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/time.h"

#define ALGORITHM "AWS4-HMAC-SHA256"

struct header {
    const char *name, *value; // the name in lower case
};

static struct header
header_read(struct scope *s, const char *line)
{
    const size_t n = strcspn(line, ":");
    char *name = scope_copy_n(s, line, n);
    const char *value = line + n + (line[n] == ':' ? 1 : 0);
    for (char *c = name; *c != '\0'; c++)
        *c = *c >= 'A' && *c <= 'Z' ? (char)(*c - 'A' + 'a') : *c;
    value += strspn(value, " ");
    size_t n_value = strlen(value);
    while (n_value > 0 && value[n_value - 1] == ' ')
        n_value--;
    return (struct header){name, scope_copy_n(s, value, n_value)};
}

static int
header_order(const void *a, const void *b)
{
    return strcmp(((const struct header *)a)->name, ((const struct header *)b)->name);
}

// "host:port", as curl would send it where the port is not the scheme's own.
static struct str
host_find(const char *url)
{
    const char *mark = strstr(url, "://");
    const char *host = mark == NULL ? url : mark + 3;
    return (struct str){host, strcspn(host, "/?#")};
}

// "<signed names>" into `names`; returns the request in its canonical form.
static const char *
canonical(struct scope *s, const struct sign_request *r, const char *const *lines,
          struct buf *names)
{
    struct header headers[SIGN_HEADERS + 2];
    const char *payload = "UNSIGNED-PAYLOAD";
    size_t n = 0;
    for (; lines[n] != NULL; n++)
        headers[n] = header_read(s, lines[n]);
    qsort(headers, n, sizeof *headers, header_order);

    const struct str host = host_find(r->url);
    const char *path = host.at + host.n, *query = strchr(path, '?');
    const size_t n_path = query == NULL ? strlen(path) : (size_t)(query - path);
    struct buf out = buf_open(s, 1024);
    buf_print(&out, "%s\n%.*s\n%s\n", r->method, n_path == 0 ? 1 : (int)n_path,
              n_path == 0 ? "/" : path, query == NULL ? "" : query + 1);
    for (size_t i = 0; i < n; i++) {
        buf_print(&out, "%s:%s\n", headers[i].name, headers[i].value);
        buf_print(names, "%s%s", i > 0 ? ";" : "", headers[i].name);
        if (strcmp(headers[i].name, "x-amz-content-sha256") == 0)
            payload = headers[i].value;
    }
    buf_print(&out, "\n%s\n%s", names->text, payload);
    return out.text;
}

// The key of a day, region and service, and with it the signature in hexadecimal.
static const char *
signature(struct scope *s, const struct sign_key *key, const char *day, const char *to_sign)
{
    const char *const steps[] = {day, key->region, key->service, "aws4_request", to_sign};
    const char *first = scope_print(s, "AWS4%s", key->secret_key.hidden);
    unsigned char mac[HASH_BYTES];
    char *out = scope_alloc(s, HASH_TEXT);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        const struct str by = i == 0 ? (struct str){first, strlen(first)}
                                     : (struct str){(const char *)mac, sizeof mac};
        hash_hmac(by.at, by.n, steps[i], strlen(steps[i]), mac);
    }
    return hash_hex(mac, out);
}

void
sign_headers(struct scope *s, const struct sign_key *key, const struct sign_request *request,
             const char *out[SIGN_HEADERS + 4])
{
    char text[TIME_TEXT], moment[TIME_TEXT] = "", hash[HASH_TEXT];
    const struct str host = host_find(request->url);
    size_t n = 0;
    time_format(request->at, text);
    size_t n_moment = 0; // of "20260131T120000Z"
    for (const char *c = text; *c != '\0'; c++)
        if (*c != '-' && *c != ':')
            moment[n_moment++] = *c;
    for (; request->headers != NULL && request->headers[n] != NULL; n++) {
        assert(n < SIGN_HEADERS);
        out[n] = request->headers[n];
    }
    out[n++] = scope_print(s, "Host: %.*s", (int)host.n, host.at);
    out[n++] = scope_print(s, "x-amz-date: %s", moment);
    out[n] = NULL;

    struct buf names = buf_open(s, 256);
    const char *asked = canonical(s, request, out, &names);
    const char *day = scope_print(s, "%.8s", moment);
    const char *place = scope_print(s, "%s/%s/%s/aws4_request", day, key->region, key->service);
    const char *to_sign = scope_print(s, ALGORITHM "\n%s\n%s\n%s", moment, place,
                                      hash_bytes(asked, strlen(asked), hash));
    out[n++] = scope_print(s,
                           "Authorization: " ALGORITHM " Credential=%s/%s, SignedHeaders=%s, "
                           "Signature=%s",
                           key->key_id, place, names.text, signature(s, key, day, to_sign));
    out[n] = NULL;
}
