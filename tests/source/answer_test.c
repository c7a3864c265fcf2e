#include "source/answer.h"

#include <unistd.h>

#include "test.h"

#define ROW(day, value)                                                                            \
    "{\"parameter_code\": \"44201\", \"date_local\": \"" day                                       \
    "\",\n \"x\": \"a\\\"b\", \"v\": " value "}"
#define HEAD(status, rows)                                                                         \
    "{\"Header\": [{\"status\": \"" status "\", \"request_time\": \"now\", \"url\": "              \
    "\"https:\\/\\/h\\/x?email=a%40b.c&key=topsecret&param=1\", \"rows\": " rows "}],\n"

static const char *const secrets[] = {"a@b.c", "topsecret", NULL};

static int
file_of(const char *text)
{
    char path[] = "/tmp/aw-answer.XXXXXX";
    const int fd = mkstemp(path);
    unlink(path);
    if (text != NULL && write(fd, text, strlen(text)) != (ssize_t)strlen(text))
        abort();
    return fd;
}

static bool
read_text(struct scope *s, const char *text, struct answer *out, char copy[4096])
{
    const int from = file_of(text), to = file_of(NULL);
    const bool ok = answer_read(s, from, to, secrets, out);
    const ssize_t n = pread(to, copy, 4095, 0);
    copy[n < 0 ? 0 : n] = '\0';
    close(from);
    close(to);
    return ok;
}

TEST(answer_repeats_the_account_in_no_words)
{
    struct answer got;
    char copy[4096];

    CHECK(read_text(
        s,
        "{\"Header\": [{\"status\": \"Failed\", \"error\": [\"account A@b.c (topsecret) is "
        "not topsecret7\"]}], \"x\": \"topsecret\", \"Data\": []}",
        &got, copy));
    CHECK_TEXT(got.error, "account redacted (redacted) is not topsecret7");
    CHECK(strstr(copy, "topsecret\"") == NULL && strstr(copy, "topsecret)") == NULL);
}

TEST(answer_keeps_rows_as_they_came_and_no_account)
{
    struct answer got;
    char copy[4096];

    CHECK(read_text(s,
                    HEAD("Success", "2") "\"Data\": [" ROW("2020-02-03", "1.50") ",\n  " ROW(
                        "2020-02-01", "2") "]}",
                    &got, copy));

    CHECK(got.n_rows == 2 && !got.is_failed && !got.is_empty);
    CHECK(strstr(copy, ROW("2020-02-03", "1.50")) != NULL);
    CHECK(strstr(copy, "?email=redacted&key=redacted&param=1") != NULL);
    CHECK(strstr(copy, "topsecret") == NULL && strstr(copy, "a%40b") == NULL);
    CHECK(got.n_newest == 1 && got.newest[0].day.n == day_from(2020, 2, 3).n);
    CHECK_TEXT(got.newest[0].parameter, "44201");
}

TEST(answer_of_its_own_copy_is_the_same)
{
    struct answer first, again;
    char copy[4096], twice[4096];
    CHECK(
        read_text(s, HEAD("Success", "1") "\"Data\": [" ROW("2020-02-03", "1") "]}", &first, copy));

    CHECK(read_text(s, copy, &again, twice));

    CHECK_TEXT(twice, copy);
    CHECK_TEXT(again.digest, first.digest);
}

TEST(answer_digest_is_of_the_rows_whatever_their_order)
{
    static const char *const same[] = {
        HEAD("Success", "2") "\"Data\": [" ROW("2020-02-01", "1") "," ROW("2020-02-02", "2") "]}",
        "{\"Header\": [{\"status\": \"Success\", \"request_time\": \"later\"}], \"Body\": [" ROW(
            "2020-02-02", "2") ", " ROW("2020-02-01", "1") "]}",
    };
    static const char *const others[] = {
        HEAD("Success", "2") "\"Data\": [" ROW("2020-02-01", "1") "," ROW("2020-02-02", "3") "]}",
        HEAD("Success", "1") "\"Data\": [" ROW("2020-02-01", "1") "]}",
        HEAD("Success", "2") "\"Data\": [" ROW("2020-02-01", "1") "," ROW("2020-02-01", "1") "]}",
    };
    struct answer a, b;
    char copy[4096];

    CHECK(read_text(s, same[0], &a, copy) && read_text(s, same[1], &b, copy));
    CHECK_TEXT(a.digest, b.digest);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        CHECK(read_text(s, others[i], &b, copy));
        CHECK(strcmp(a.digest, b.digest) != 0);
    }
}

TEST(answer_tells_no_data_and_a_refusal)
{
    struct answer got;
    char copy[4096];

    CHECK(read_text(s, HEAD("No data matched your selection", "0") "\"Data\": []}", &got, copy));
    CHECK(got.is_empty && got.n_rows == 0);
    CHECK(read_text(s,
                    "{\"Header\":[{\"status\":\"FAILED\",\"error\":[\"bad param\",\"see "
                    "?key=abc&x\"]}],\"Data\":[]}",
                    &got, copy));
    CHECK(got.is_failed);
    CHECK_TEXT(got.error, "bad param; see ?key=redacted&x");
    CHECK(read_text(s, "{\"Header\":[{\"status\":\"Failed\"}]}", &got, copy));
    CHECK_TEXT(got.error, "it does not say why");
}

TEST(answer_that_is_not_whole_is_refused_in_words)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"", "the answer is empty"},
        {" <html>Sunday</html>", "the answer is a web page"},
        {"{\"Data\": []}", "\"Header\" is missing: not an answer of the AQS API"},
        {HEAD("Success", "0") "\"X\": 1}", "\"Data\" is missing: not an answer of the AQS API"},
        {HEAD("Success", "2") "\"Data\": [" ROW("2020-02-01", "1") "]}",
         "the answer promises 2 rows and holds 1"},
        {"{\"Header\": [], \"Data\": []}",
         "broken JSON at line 1: \"Header\" is not an array with an object"},
        {"{\"Header\": [{\"status\": 1}], \"Data\": []}",
         "the answer's header: status is a number, not text"},
        {"{\"Data\": [], \"Data\": []}", "broken JSON at line 1: a key comes twice"},
        {"{\"Note\": [\"a\x01\"], \"Data\": []}",
         "broken JSON at line 1: a control character inside a string must be escaped"},
    };
    struct answer got;
    char copy[4096];

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CHECK_FAILS(read_text(s, cases[i].text, &got, copy), ERROR_INPUT, cases[i].message);
}

TEST(answer_cut_anywhere_is_refused)
{
    static const char whole[] =
        HEAD("Success", "2") "\"Data\": [" ROW("2020-02-01", "1") "," ROW("2020-02-02", "2") "]}";
    struct answer got;
    char copy[4096];

    for (size_t n = 0; n + 1 < sizeof whole; n++) {
        const char *cut = scope_copy_n(s, whole, n);
        CHECK(!read_text(s, cut, &got, copy));
        CHECK(s->kind == ERROR_INPUT);
        scope_forgive(s);
    }
}
