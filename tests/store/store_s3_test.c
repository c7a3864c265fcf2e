#include "store/store_s3.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>

#include "base/file.h"
#include "lake.h"
#include "net/server.h"
#include "store/s3.h"

#define ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

static const struct str abc = {"abc", 3};

static struct store *
opened(struct scope *s)
{
    struct store *store = store_open(s, test_s3_config(s));
    CHECK(store != NULL);
    return store;
}

static int
file_of(struct scope *s, size_t n)
{
    int fd;
    const char *path = scope_print(s, "%s/in", test_folder(s));
    char *bytes = scope_alloc(s, n);
    memset(bytes, 'x', n);
    CHECK(file_write(s, path, (struct str){bytes, n}, 0600));
    CHECK(file_open(s, path, &fd));
    return fd;
}

// Keeps "abc" under a key, past the check of hashes: what a stranger's tool might put.
static void
stranger_puts(struct scope *s, const struct config *c, const char *key, const char *sha256)
{
    const struct s3 *s3 = s3_open(s, c);
    struct s3_answer answer;
    struct s3_request r = {
        .method = "PUT", .bucket = "lake", .key = s3_key(s, s3, key), .bytes = abc, .sha256 = ABC};
    if (sha256 != NULL)
        r.headers[0] = scope_print(s, "x-amz-meta-sha256: %s", sha256);
    CHECK(s3_ask(s, s3, &r, &answer));
}

TEST(s3_is_reached_by_virtual_hosts_too)
{
    struct config *c = test_s3_config(s);
    struct str got;
    c->s3.endpoint = scope_print(s, "http://localhost:%s", strrchr(c->s3.endpoint, ':') + 1);
    c->s3.addressing = "virtual";
    struct store *store = store_open(s, c);

    CHECK(store_put(s, store, "a/b=c", abc));
    c->s3.addressing = "path";
    CHECK(store_get(s, store_open(s, c), "a/b=c", 3, NULL, &got) && str_is(got, "abc"));
}

TEST(s3_keeps_artifacts_in_a_bucket_of_their_own)
{
    struct config *c = test_s3_config(s);
    struct store_page page;
    struct str got;
    c->s3.artifact_bucket = "models";
    struct store *store = store_open(s, c);
    const char *const keys[] = {"a", "artifacts/models/m", "artifacts/z", "b"};

    for (int i = 0; i < 4; i++)
        CHECK(store_put(s, store, keys[i], abc));

    CHECK(store_list(s, store, "", "", &page) && page.n == 4 && page.next == NULL);
    for (size_t i = 0; i < page.n; i++)
        CHECK_TEXT(page.entries[i].key, keys[i]);
    CHECK(store_list(s, store, "artifacts/m", "", &page) && page.n == 1);
    CHECK(store_list(s, store, "b", "", &page) && page.n == 1);
    CHECK(store_list(s, store, "", "artifacts/models/m", &page) && page.n == 2);
    c->s3.bucket = "models";
    c->s3.artifact_bucket = NULL;
    store = store_open(s, c);
    CHECK(store_list(s, store, "", "", &page) && page.n == 2);
    CHECK(store_get(s, store, "artifacts/z", 3, NULL, &got));
}

TEST(s3_refuses_a_wrong_secret_and_nobody_hears_it)
{
    struct config *c = test_s3_config(s);
    c->aws.secret_key.hidden = "hush";

    CHECK_FAILS(store_put(s, store_open(s, c), "a/b", abc), ERROR_DENIED,
                "could not keep object \"a/b\": S3 refuses: AccessDenied");
    struct store_page page;
    CHECK_FAILS(store_list(s, store_open(s, c), "", "", &page), ERROR_DENIED,
                "could not list objects under \"\": S3 refuses the signature: the secret access "
                "key is wrong: The request signature we calculated does not match the signature "
                "you provided.");
}

TEST(s3_refuses_who_it_does_not_know)
{
    struct config *c = test_s3_config(s);
    struct store_page page;
    c->aws.key_id = "AKIDNOBODY";

    CHECK_FAILS(store_list(s, store_open(s, c), "", "", &page), ERROR_DENIED,
                "could not list objects under \"\": S3 refuses: InvalidAccessKeyId: The AWS Access "
                "Key Id you provided does not exist in our records.");
}

TEST(s3_tells_a_bucket_that_is_missing_or_elsewhere)
{
    struct config *c = test_s3_config(s);
    struct store_page page;
    c->s3.bucket = "nowhere";
    CHECK_FAILS(store_list(s, store_open(s, c), "", "", &page), ERROR_UNAVAILABLE,
                "could not list objects under \"\": there is no bucket \"nowhere\"");

    c->s3.bucket = "lake";
    c->s3.region = "eu-west-1";
    CHECK_FAILS(store_list(s, store_open(s, c), "", "", &page), ERROR_UNAVAILABLE,
                "could not list objects under \"\": bucket \"lake\" is in region \"eu-test-1\", "
                "not in \"eu-west-1\": set AWS_REGION");

    c->s3.region = "eu-test-1";
    test_s3_faults(s, "{\"redirect\": 1}");
    CHECK_FAILS(store_list(s, store_open(s, c), "", "", &page), ERROR_UNAVAILABLE,
                "could not list objects under \"\": bucket \"lake\" is in region \"us-other-2\", "
                "not in \"eu-test-1\": set AWS_REGION");
}

TEST(s3_tells_a_clock_that_is_wrong)
{
    struct store_page page;
    test_s3_faults(s, "{\"clock_s\": -3600}");

    CHECK(!store_list(s, opened(s), "", "", &page));

    CHECK(s->kind == ERROR_UNAVAILABLE);
    CHECK(strstr(s->message, "this machine's clock is 36") != NULL ||
          strstr(s->message, "this machine's clock is 35") != NULL);
    CHECK(strstr(s->message, " s ahead of S3's, more than it allows: set it") != NULL);
}

TEST(s3_is_asked_again_after_its_own_errors)
{
    static const char *const faults[] = {"{\"error\": 2}", "{\"slow_down\": 2}", "{\"drop\": 2}",
                                         "{\"garbage\": 1}"};
    struct store *store = opened(s);
    struct str got;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        const char *key = scope_print(s, "a/%zu", i);
        test_s3_faults(s, faults[i]);
        CHECK(store_put(s, store, key, abc));
        test_s3_faults(s, faults[i]);
        CHECK(store_get(s, store, key, 3, NULL, &got) && str_is(got, "abc"));
    }
}

TEST(s3_is_given_up_when_its_errors_stay)
{
    struct str got;
    test_s3_faults(s, "{\"error\": 100}");

    CHECK_FAILS(store_get(s, opened(s), "a/b", 3, NULL, &got), ERROR_UNAVAILABLE,
                "could not read object \"a/b\": tried 5 times: S3 answered 500 InternalError: We "
                "encountered an internal error. Please try again.");
}

TEST(s3_that_is_away_is_told_and_health_is_told_soon)
{
    struct config *c = test_s3_config(s);
    c->s3.endpoint = "http://127.0.0.1:9";
    struct store *store = store_open(s, c);

    CHECK(!store_check(s, store));
    CHECK(s->kind == ERROR_UNAVAILABLE && strstr(s->message, "tried") == NULL);
    scope_forgive(s);
    CHECK_FAILS(store_put(s, store, "a/b", abc), ERROR_UNAVAILABLE,
                "could not keep object \"a/b\": tried 5 times: Couldn't connect to server");
}

TEST(s3_that_says_nothing_is_given_up)
{
    test_s3_faults(s, "{\"hang\": 100}");

    CHECK(!store_check(s, opened(s))); // in 5 s; others wait for 30 s
    CHECK(s->kind == ERROR_UNAVAILABLE && strstr(s->message, "Timeout was reached") != NULL);
}

TEST(s3_is_asked_to_encrypt)
{
    struct config *c = test_s3_config(s);
    struct store_kept kept;
    test_s3_faults(s, "{\"must_encrypt\": 1}");

    CHECK(!store_put(s, store_open(s, c), "a/b", abc) && s->kind == ERROR_DENIED);
    scope_forgive(s);
    c->s3.encryption = "aws:kms";
    c->s3.encryption_key = "alias/lake";
    CHECK(store_put(s, store_open(s, c), "a/b", abc));
    CHECK(store_put_fd(s, store_open(s, c), "a/c", file_of(s, 6 << 20), &kept)); // in two parts
}

TEST(s3_answers_that_are_cut_are_asked_for_again)
{
    struct store *store = opened(s);
    struct store_kept kept;
    struct str got;
    int fd;
    CHECK(store_put_fd(s, store, "a/b", file_of(s, 1 << 20), &kept));

    test_s3_faults(s, "{\"cut\": 1}");
    CHECK(store_get(s, store, "a/b", 1 << 20, NULL, &got) && got.n == 1 << 20);
    test_s3_faults(s, "{\"cut\": 1}");
    CHECK(store_open_object(s, store, "a/b", NULL, &fd));
    CHECK(file_read_fd(s, fd, 1 << 20, &got) && got.n == 1 << 20);
}

TEST(s3_objects_are_checked_on_every_read)
{
    struct store *store = opened(s);
    struct str got;
    int fd;
    CHECK(store_put(s, store, "a/b", abc));

    test_s3_faults(s, "{\"flip\": 1}");
    CHECK(!store_get(s, store, "a/b", 3, NULL, &got));
    CHECK(s->kind == ERROR_CONFLICT && strstr(s->message, "is damaged") != NULL);
    scope_forgive(s);
    test_s3_faults(s, "{\"flip\": 1}");
    CHECK(!store_open_object(s, store, "a/b", NULL, &fd));
    CHECK(s->kind == ERROR_CONFLICT && strstr(s->message, "is damaged") != NULL);
}

TEST(s3_objects_of_unknown_hash_are_not_read_until_they_are_adopted)
{
    struct config *c = test_s3_config(s);
    struct store *store = store_open(s, c);
    struct str got;
    stranger_puts(s, c, "a+b/c=d", NULL);

    CHECK_FAILS(store_get(s, store, "a+b/c=d", 3, NULL, &got), ERROR_CONFLICT,
                "no hash of object \"a+b/c=d\" is known; if its bytes are right, record the one "
                "they have by: airwatch lake verify a+b/c=d --adopt");
    CHECK(store_get(s, store, "a+b/c=d", 3, ABC, &got));

    CHECK(store_adopt(s, store, "a+b/c=d"));
    CHECK(store_get(s, store, "a+b/c=d", 3, NULL, &got) && str_is(got, "abc"));
}

TEST(s3_objects_with_a_wrong_record_are_damaged)
{
    struct config *c = test_s3_config(s);
    struct str got;
    char other[HASH_TEXT];
    stranger_puts(s, c, "a/b", hash_bytes("x", 1, other));

    CHECK(!store_get(s, store_open(s, c), "a/b", 3, NULL, &got));
    CHECK(s->kind == ERROR_CONFLICT && strstr(s->message, "is damaged") != NULL);
}

TEST(s3_objects_of_unknown_hash_become_known_when_the_same_bytes_are_put)
{
    struct config *c = test_s3_config(s);
    struct store *store = store_open(s, c);
    struct str got;
    stranger_puts(s, c, "a/b", NULL);

    CHECK(store_put(s, store, "a/b", abc));

    CHECK(store_get(s, store, "a/b", 3, NULL, &got) && str_is(got, "abc"));
}

TEST(s3_objects_that_were_damaged_are_mended_by_their_own_bytes)
{
    struct config *c = test_s3_config(s);
    struct store *store = store_open(s, c);
    struct store_kept kept;
    struct str got;
    bool is_mended;
    int in, fd;
    const size_t n = 6 << 20; // two parts
    CHECK(store_put_fd(s, store, "a/b", in = file_of(s, n), &kept));
    stranger_puts(s, c, "a/b", kept.sha256);
    CHECK(!store_open_object(s, store, "a/b", NULL, &fd) && s->kind == ERROR_CONFLICT);
    scope_forgive(s);

    fd = file_of(s, n - 1);
    CHECK(!store_mend(s, store, "a/b", fd, NULL, &kept, &is_mended) && s->kind == ERROR_CONFLICT);
    scope_forgive(s);
    CHECK(lseek(in, 0, SEEK_SET) == 0);
    CHECK(store_mend(s, store, "a/b", in, NULL, &kept, &is_mended) && is_mended);

    CHECK(store_get(s, store, "a/b", n, NULL, &got) && got.n == n);
    CHECK(lseek(in, 0, SEEK_SET) == 0);
    CHECK(store_mend(s, store, "a/b", in, NULL, &kept, &is_mended) && !is_mended);
}

TEST(s3_keeps_what_it_took_though_its_answer_was_lost)
{
    static const char *const faults[] = {"{\"lose\": 1}", "{\"lose\": 1, \"no_conditions\": 1}"};
    struct store_kept kept;
    struct str got;
    for (int i = 0; i < 2; i++) {
        struct store *store = opened(s);
        const char *small = scope_print(s, "a/%d", i), *large = scope_print(s, "b/%d", i);
        test_s3_faults(s, faults[i]);
        CHECK(store_put(s, store, small, abc));
        test_s3_faults(s, faults[i]); // of the end of the upload
        CHECK(store_put_fd(s, store, large, file_of(s, 6 << 20), &kept));
        test_s3_faults(s, "{}");
        CHECK(store_get(s, store, small, 3, NULL, &got));
        CHECK(store_get(s, store, large, 6 << 20, NULL, &got));
    }
}

TEST(s3_listings_that_stop_short_are_refused)
{
    struct store *store = opened(s);
    struct store_page page;
    CHECK(store_put(s, store, "a/b", abc));
    test_s3_faults(s, "{\"short\": 1}");

    CHECK_FAILS(store_list(s, store, "", "", &page), ERROR_UNAVAILABLE,
                "could not list objects under \"\": S3 lists nothing and says that there is more");
    CHECK(store_list(s, store, "", "", &page) && page.n == 1);
}

// The host that a bucket is asked for at Amazon's, as a proxy hears it.
static const char *
host_asked(struct scope *s, const char *bucket, const char *addressing)
{
    static const char *const answers[] = {"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"};
    struct server *proxy = server_open(s, 1, answers);
    struct config *c = test_s3_config(s);
    struct s3_answer answer;
    setenv("https_proxy", scope_print(s, "http://127.0.0.1:%d", proxy->port), 1);
    c->s3.endpoint = NULL;
    c->s3.region = "eu-test-1";
    c->s3.addressing = addressing;
    const struct s3 *s3 = s3_hasty(s, s3_open(s, c));
    const struct s3_request r = {.method = "GET", .bucket = bucket};
    CHECK(!s3_ask(s, s3, &r, &answer));
    scope_forgive(s);
    return scope_copy_n(s, proxy->asked[0], strcspn(proxy->asked[0], "\r"));
}

TEST(s3_of_amazon_is_asked_by_virtual_hosts_where_its_certificate_allows)
{
    CHECK_TEXT(host_asked(s, "lake", "auto"),
               "CONNECT lake.s3.eu-test-1.amazonaws.com:443 HTTP/1.1");
    CHECK_TEXT(host_asked(s, "la.ke", "auto"), "CONNECT s3.eu-test-1.amazonaws.com:443 HTTP/1.1");
    CHECK_TEXT(host_asked(s, "lake", "path"), "CONNECT s3.eu-test-1.amazonaws.com:443 HTTP/1.1");
}

TEST(s3_without_conditions_keeps_objects_from_being_replaced_too)
{
    struct store *store = opened(s);
    struct str got;
    test_s3_faults(s, "{\"no_conditions\": 1}");

    CHECK(store_put(s, store, "a/b", abc) && store_put(s, store, "a/b", abc));
    CHECK(!store_put(s, store, "a/b", (struct str){"xyz", 3}));
    CHECK(s->kind == ERROR_CONFLICT);
    scope_forgive(s);
    CHECK(store_get(s, store, "a/b", 3, NULL, &got) && str_is(got, "abc"));
}

TEST(s3_keeps_what_another_writer_put_meanwhile)
{
    struct config *c = test_s3_config(s);
    const struct s3 *s3 = s3_open(s, c);
    const struct s3_body body = {.bytes = {"xyz", 3},
                                 .fd = -1,
                                 .sha256 =
                                     "3608bca1e44ea6c4d268eb6db02260269892c0b42b86bbf1e77a6fa1"
                                     "6c3c9282"};
    bool is_taken;
    CHECK(store_put(s, store_open(s, c), "a/b", abc));

    CHECK(s3_upload(s, s3, "a/b", &body, &is_taken)); // as if it had not been there at the HEAD
    CHECK(is_taken);
}

// What is left of uploads in parts.
static size_t
n_uploads(struct scope *s, struct store *store)
{
    size_t n;
    CHECK(store_sweep(s, store, 0, true, &n));
    return n;
}

TEST(s3_uploads_in_parts_that_fail_are_ended)
{
    struct store *store = opened(s);
    struct store_kept kept;
    struct store_about about;
    test_s3_faults(s, "{\"error\": 5, \"only\": \"PUT\"}"); // of the first part, each time

    CHECK(!store_put_fd(s, store, "a/b", file_of(s, 12 << 20), &kept));
    CHECK(s->kind == ERROR_UNAVAILABLE);
    CHECK_TEXT(s->message, "could not keep object \"a/b\": part 1: tried 5 times: S3 answered 500 "
                           "InternalError: We encountered an internal error. Please try again.");
    scope_forgive(s);
    CHECK(n_uploads(s, store) == 0);
    CHECK(!store_stat(s, store, "a/b", &about) && s->kind == ERROR_MISSING);
    scope_forgive(s);
    CHECK(store_put_fd(s, store, "a/b", file_of(s, 12 << 20), &kept));
}

TEST(s3_uploads_that_nobody_ended_are_swept)
{
    struct config *c = test_s3_config(s);
    struct store *store = store_open(s, c);
    const struct s3 *s3 = s3_open(s, c);
    struct s3_answer answer;
    size_t n;
    for (int i = 0; i < 5; i++) { // more than fit on a page of the server's
        const struct s3_request r = {
            .method = "POST",
            .bucket = "lake",
            .key = s3_key(s, s3, scope_print(s, "big/%d", i)),
            .query = "uploads=",
            .sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"};
        CHECK(s3_ask(s, s3, &r, &answer));
    }

    CHECK(store_sweep(s, store, 3600, false, &n) && n == 0); // too young
    CHECK(n_uploads(s, store) == 5);
    CHECK(store_sweep(s, store, -1, false, &n) && n == 5);
    CHECK(n_uploads(s, store) == 0);
}

TEST(s3_large_objects_pass_in_little_memory)
{
    struct store *store = opened(s);
    struct store_kept kept;
    struct rusage before, after;
    int fd, zero;
    const char *path = scope_print(s, "%s/zero", test_folder(s));
    CHECK((zero = open(path, O_RDWR | O_CREAT, 0600)) >= 0);
    file_defer_close(s, zero);
    CHECK(ftruncate(zero, 64 << 20) == 0);

    CHECK(getrusage(RUSAGE_SELF, &before) == 0);
    CHECK(store_put_stream(s, store, zero, "big", ".bin", &kept)); // in 13 parts of 5 MiB
    CHECK(store_open_object(s, store, kept.key, NULL, &fd));
    CHECK(getrusage(RUSAGE_SELF, &after) == 0);

    // SHA-256 of 64 MiB of zeros, by sha256sum.
    CHECK_TEXT(kept.sha256, "3b6a07d0d404fab4e23b6d34bc6696a6a312dd92821332385e5af7c01c421351");
#ifndef __SANITIZE_ADDRESS__                              // which holds on to what was freed
    CHECK(after.ru_maxrss - before.ru_maxrss < 8 * 1024); // kilobytes
#endif
}

TEST(s3_says_that_the_spool_is_full)
{
    struct store *store = opened(s);
    struct store_kept kept;
    const struct rlimit small = {4096, 4096}; // stands in for a full disk
    const int fd = file_of(s, 100000);
    signal(SIGXFSZ, SIG_IGN);
    CHECK(setrlimit(RLIMIT_FSIZE, &small) == 0);

    CHECK_FAILS(store_put_fd(s, store, "a/b", fd, &kept), ERROR_UNAVAILABLE,
                "could not keep object \"a/b\": File too large");
}
