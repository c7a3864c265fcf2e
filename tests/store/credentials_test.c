#include "store/credentials.h"

#include <unistd.h>

#include "base/file.h"
#include "lake.h"
#include "net/server.h"

static struct config_aws
nothing(struct scope *s)
{
    setenv("HOME", test_folder(s), 1);
    return (struct config_aws){.machine_url = "http://127.0.0.1:9", .machine_is_off = "false"};
}

static struct credential
found(struct scope *s, const struct config_aws *config)
{
    struct credential c;
    CHECK(credentials_get(s, credentials_open(s, config, exchanger_open(s)), false, &c));
    return c;
}

static const char *
file_write_text(struct scope *s, const char *text)
{
    const char *path = scope_print(s, "%s/credentials", test_folder(s));
    CHECK(file_write(s, path, (struct str){text, strlen(text)}, 0600));
    return path;
}

TEST(credentials_come_from_the_environment_first)
{
    struct config_aws config = nothing(s);
    config.key_id = "AKID";
    config.secret_key.hidden = "s";
    config.token.hidden = "t";
    config.file = "/does/not/exist";

    const struct credential c = found(s, &config);

    CHECK_TEXT(c.key_id, "AKID");
    CHECK_TEXT(c.secret_key.hidden, "s");
    CHECK_TEXT(c.token.hidden, "t");
}

TEST(credentials_of_which_half_is_missing_are_refused)
{
    struct config_aws config = nothing(s);
    struct credential c;
    config.key_id = "AKID";
    CHECK_FAILS(credentials_get(s, credentials_open(s, &config, exchanger_open(s)), false, &c),
                ERROR_INPUT,
                "one of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY is set, the other is not");
}

TEST(credentials_come_from_a_profile)
{
    struct config_aws config = nothing(s);
    config.file = file_write_text(s, "[default]\naws_access_key_id=A\naws_secret_access_key=B\n"
                                     "[lake]\naws_access_key_id=C\naws_secret_access_key=D\n");
    CHECK_TEXT(found(s, &config).key_id, "A");
    config.profile = "lake";
    CHECK_TEXT(found(s, &config).secret_key.hidden, "D");

    struct credential c;
    config.profile = "none";
    CHECK_FAILS(credentials_get(s, credentials_open(s, &config, exchanger_open(s)), false, &c),
                ERROR_INPUT,
                scope_print(s,
                            "file \"%s\" has no aws_access_key_id and aws_secret_access_key in "
                            "a profile \"none\"",
                            config.file));
    config.file = "/does/not/exist";
    CHECK(!credentials_get(s, credentials_open(s, &config, exchanger_open(s)), false, &c));
    CHECK(s->kind == ERROR_MISSING);
}

TEST(credentials_come_from_the_users_own_file)
{
    struct config_aws config = nothing(s);
    const char *text = "[default]\naws_access_key_id=A\naws_secret_access_key=B\n";
    const char *folder = scope_print(s, "%s/.aws", getenv("HOME"));
    CHECK(file_make_folders(s, folder));
    CHECK(file_write(s, scope_print(s, "%s/credentials", folder), (struct str){text, strlen(text)},
                     0600));

    CHECK_TEXT(found(s, &config).key_id, "A");
}

TEST(credentials_that_are_nowhere_are_told_place_by_place)
{
    struct config_aws config = nothing(s);
    struct credential c;
    CHECK_FAILS(credentials_get(s, credentials_open(s, &config, exchanger_open(s)), false, &c),
                ERROR_UNAVAILABLE,
                "found no credentials for S3: none in AWS_ACCESS_KEY_ID, in a file "
                "~/.aws/credentials or of a container: could not ask this machine's service for "
                "its role: Couldn't connect to server");
}

TEST(credentials_of_a_machine_are_not_asked_for_where_that_is_off)
{
    struct config_aws config = nothing(s);
    struct credential c;
    config.machine_is_off = "TRUE"; // Amazon's tools take any case
    CHECK_FAILS(credentials_get(s, credentials_open(s, &config, exchanger_open(s)), false, &c),
                ERROR_UNAVAILABLE,
                "found no credentials for S3: none in AWS_ACCESS_KEY_ID, in a file "
                "~/.aws/credentials or of a container, and AWS_EC2_METADATA_DISABLED is true");
}

TEST(credentials_that_are_not_whole_are_refused_and_nobody_hears_them)
{
    static const char *const answers[] = {
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nt",
        "HTTP/1.1 200 OK\r\nContent-Length: 64\r\n\r\n"
        "a-role-with-a-name-that-is-as-long-as-Amazon-lets-it-be-64-bytes",
        "HTTP/1.1 200 OK\r\n\r\n{\"AccessKeyId\": \"AKIDHUSH\", \"SecretAccessKey\": \"hush\"}",
    };
    struct config_aws config = nothing(s);
    struct credential c;
    config.machine_url = scope_print(s, "http://127.0.0.1:%d", server_open(s, 3, answers)->port);

    CHECK_FAILS(credentials_get(s, credentials_open(s, &config, exchanger_open(s)), false, &c),
                ERROR_UNAVAILABLE,
                "found no credentials for S3: none in AWS_ACCESS_KEY_ID, in a file "
                "~/.aws/credentials or of a container: could not get the credentials of role "
                "\"a-role-with-a-name-that-is-as-long-as-Amazon-lets-it-be-64-bytes\": Token is "
                "missing");
}

// A store whose credentials come from a service and are good for so long.
static struct store *
served(struct scope *s, bool is_container, int life_s)
{
    struct config *c = test_s3_config(s);
    const char *url = test_s3_url(s);
    c->aws = nothing(s);
    if (is_container) {
        c->aws.container_url = scope_print(s, "%s/-/container/%d", url, life_s);
        c->aws.container_token_file = file_write_text(s, "of the container\n");
    } else {
        c->aws.machine_url = scope_print(s, "%s/-/machine/%d", url, life_s);
    }
    struct store *store = store_open(s, c);
    CHECK(store != NULL);
    return store;
}

TEST(credentials_of_a_container_and_of_a_machine_open_s3)
{
    struct str got;
    struct store *store = served(s, true, 3600);
    CHECK(store_put(s, store, "a/b", (struct str){"abc", 3}));
    CHECK(store_get(s, served(s, false, 3600), "a/b", 3, NULL, &got) && str_is(got, "abc"));
}

TEST(credentials_are_kept_while_they_are_good)
{
    struct config_aws config = nothing(s);
    struct credential first, second, third;
    config.machine_url = scope_print(s, "%s/-/machine/3600", test_s3_url(s));
    struct credentials *c = credentials_open(s, &config, exchanger_open(s));

    CHECK(credentials_get(s, c, false, &first) && credentials_get(s, c, false, &second));
    CHECK_TEXT(first.key_id, second.key_id);
    CHECK(credentials_get(s, c, true, &third)); // what was refused is not used again
    CHECK(strcmp(third.key_id, first.key_id) != 0);
}

TEST(credentials_that_end_are_renewed)
{
    struct config_aws config = nothing(s);
    struct credential first, second;
    config.machine_url = scope_print(s, "%s/-/machine/-1", test_s3_url(s)); // over when they come
    struct credentials *c = credentials_open(s, &config, exchanger_open(s));

    CHECK(credentials_get(s, c, false, &first) && credentials_get(s, c, false, &second));

    CHECK(strcmp(second.key_id, first.key_id) != 0);
}

TEST(credentials_that_s3_calls_expired_are_renewed)
{
    struct str got;
    struct store *store = served(s, false, 3600);
    CHECK(store_put(s, store, "a/b", (struct str){"abc", 3}));
    test_s3_faults(s, "{\"expire\": 1}"); // of those that are in use

    CHECK(store_get(s, store, "a/b", 3, NULL, &got) && str_is(got, "abc"));
    test_s3_faults(s, "{\"expire\": 1}");
    struct store_about about;
    CHECK(store_stat(s, store, "a/b", &about)); // a HEAD, to which S3 says no words
}

TEST(credentials_of_a_container_come_by_a_path_too)
{
    struct config_aws config = nothing(s);
    struct credential c;
    config.container_base = test_s3_url(s);
    config.container_path = "/-/container/3600";
    config.container_url = "https://127.0.0.1:9/not-asked"; // the path goes first, as in Amazon's
    config.container_token.hidden = "of the container";

    CHECK(strncmp(found(s, &config).key_id, "ASIATEST", 8) == 0);

    config.container_path = "x";
    CHECK_FAILS(credentials_get(s, credentials_open(s, &config, exchanger_open(s)), false, &c),
                ERROR_INPUT, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI does not begin with \"/\"");
}

TEST(credentials_of_a_container_are_asked_of_near_places_only)
{
    struct config_aws config = nothing(s);
    struct credential c;
    const char *const far[] = {"http://127.0.0.1.example.org/x",
                               "http://127.0.0.1:80@example.org/x",
                               "http://localhost:x@example.org",
                               "http://169.254.170.2@example.org",
                               "ftp://127.0.0.1/x",
                               "x"};
    for (size_t i = 0; i < sizeof far / sizeof *far; i++) {
        config.container_url = far[i];
        CHECK_FAILS(credentials_get(s, credentials_open(s, &config, exchanger_open(s)), false, &c),
                    ERROR_INPUT,
                    "AWS_CONTAINER_CREDENTIALS_FULL_URI is neither https nor of this machine");
    }
    config.container_url = scope_print(s, "%s/-/container/60", test_s3_url(s));
    CHECK_FAILS(credentials_get(s, credentials_open(s, &config, exchanger_open(s)), false, &c),
                ERROR_UNAVAILABLE, "could not get the container's credentials: it answered 401");
}
