#define _DEFAULT_SOURCE // timegm

#include "store/s3_error.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/time.h"
#include "text/xml.h"

bool
s3_time_read(const char *text, int64_t *out)
{
    static const char *const months = "JanFebMarAprMayJunJulAugSepOctNovDec";
    int year, month, day, hour, minute, second;
    char name[4];
    struct tm tm;
    if (sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d", &year, &month, &day, &hour, &minute, &second) !=
        6) {
        if (sscanf(text, "%*3s, %2d %3s %4d %2d:%2d:%2d", &day, name, &year, &hour, &minute,
                   &second) != 6)
            return false;
        const char *at = strstr(months, name);
        if (at == NULL || strlen(name) != 3 || (at - months) % 3 != 0)
            return false;
        month = (int)(at - months) / 3 + 1;
    }
    tm = (struct tm){.tm_year = year - 1900,
                     .tm_mon = month - 1,
                     .tm_mday = day,
                     .tm_hour = hour,
                     .tm_min = minute,
                     .tm_sec = second};
    *out = (int64_t)timegm(&tm);
    return true;
}

// The code of an answer whose body does not tell.
static const char *
status_code(int status)
{
    switch (status) {
    case 301:
        return "PermanentRedirect";
    case 307:
        return "TemporaryRedirect";
    case 403:
        return "AccessDenied";
    case 404:
        return "NoSuchKey";
    case 412:
        return "PreconditionFailed";
    case 429:
        return "SlowDown";
    default:
        return "";
    }
}

static void
element_take(const struct xml_event *e, struct s3_error *out)
{
    if (strcmp(e->name, "Code") == 0)
        out->code = e->text;
    else if (strcmp(e->name, "Message") == 0)
        out->message = e->text;
    else if (strcmp(e->name, "Region") == 0)
        out->region = e->text;
    else if (strcmp(e->name, "ServerTime") == 0)
        s3_time_read(e->text, &out->server_time);
}

struct s3_error
s3_error_read(struct scope *s, const struct exchange_answer *answer)
{
    struct scope trial = {0};
    struct xml x = xml_open(answer->body.at, answer->body.n);
    struct xml_event e;
    struct s3_error out = {.status = answer->status, .code = "", .message = "", .region = ""};
    bool is_error = false;
    while (xml_next(&trial, &x, &e) && e.kind != XML_END) {
        is_error = is_error || (e.kind == XML_OPEN && strcmp(e.name, "Error") == 0);
        if (is_error && e.kind == XML_CLOSE)
            element_take(&e, &out);
    }
    out.code = scope_copy(s, *out.code != '\0' ? out.code : status_code(answer->status));
    out.message = scope_print(s, "%.300s", out.message);
    out.region = *out.region != '\0' ? scope_copy(s, out.region)
                                     : exchange_header(s, answer, "x-amz-bucket-region");
    if (out.server_time == 0)
        s3_time_read(exchange_header(s, answer, "Date"), &out.server_time);
    scope_close(&trial);
    return out;
}

static bool
is_one_of(const char *code, const char *const *codes)
{
    for (; *codes != NULL; codes++)
        if (strcmp(*codes, code) == 0)
            return true;
    return false;
}

bool
s3_error_passes(const struct s3_error *e)
{
    static const char *const passing[] = {"SlowDown",
                                          "Throttling",
                                          "ThrottlingException",
                                          "RequestTimeout",
                                          "InternalError",
                                          "ServiceUnavailable",
                                          "OperationAborted",
                                          "RequestLimitExceeded",
                                          "BadDigest",
                                          "XAmzContentSHA256Mismatch",
                                          "IncompleteBody",
                                          NULL};
    return (e->status >= 500 && e->status != 501) || e->status == 429 ||
           is_one_of(e->code, passing);
}

bool
s3_error_is_old(const struct s3_error *e)
{
    static const char *const old[] = {"ExpiredToken",         "ExpiredTokenException",
                                      "TokenRefreshRequired", "InvalidToken",
                                      "RequestExpired",       NULL};
    return is_one_of(e->code, old);
}

static bool
skew_fail(struct scope *s, const struct s3_error *e)
{
    const int64_t ahead_s = time_now() - e->server_time;
    if (e->server_time == 0)
        return fail(s, ERROR_UNAVAILABLE, "this machine's clock is wrong by more than S3 allows");
    return fail(s, ERROR_UNAVAILABLE,
                "this machine's clock is %lld s %s S3's, more than it allows: set it",
                (long long)(ahead_s < 0 ? -ahead_s : ahead_s), ahead_s < 0 ? "behind" : "ahead of");
}

bool
s3_error_fail(struct scope *s, const struct s3_error *e, const char *bucket, const char *region)
{
    static const char *const wrong_place[] = {"PermanentRedirect",
                                              "TemporaryRedirect",
                                              "Redirect",
                                              "AuthorizationHeaderMalformed",
                                              "IllegalLocationConstraintException",
                                              NULL};
    const char *gap = *e->message == '\0' ? "" : ": ";
    if (strcmp(e->code, "RequestTimeTooSkewed") == 0)
        return skew_fail(s, e);
    if (is_one_of(e->code, wrong_place) && *e->region != '\0' && strcmp(e->region, region) != 0)
        return fail(s, ERROR_UNAVAILABLE,
                    "bucket \"%s\" is in region \"%s\", not in \"%s\": set AWS_REGION", bucket,
                    e->region, region);
    if (strcmp(e->code, "NoSuchBucket") == 0)
        return fail(s, ERROR_UNAVAILABLE, "there is no bucket \"%s\"", bucket);
    if (strcmp(e->code, "SignatureDoesNotMatch") == 0)
        return fail(s, ERROR_DENIED, "S3 refuses the signature: the secret access key is wrong%s%s",
                    gap, e->message);
    if (e->status == 401 || e->status == 403 || s3_error_is_old(e))
        return fail(s, ERROR_DENIED, "S3 refuses: %s%s%s", e->code, gap, e->message);
    return fail(s, ERROR_UNAVAILABLE, "S3 answered %d%s%s%s%s", e->status,
                *e->code == '\0' ? "" : " ", e->code, gap, e->message);
}
