#include "base/config.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "folder.h"

extern char **environ;

// Begins in an empty folder, without a setting in the environment.
static const char *
fresh(struct scope *s)
{
    static const char *const keys[] = {"AIRWATCH_HOME", "PORT",    "DATABASE_URL",
                                       "LOG_LEVEL",     "AQS_URL", "AQS_EMAIL",
                                       "AQS_KEY",       "DURABLE", "GNUPLOT"};
    static const char *const lake[] = {"USE_S3",
                                       "S3_DATA_BUCKET_NAME",
                                       "S3_MLFLOW_ARTIFACTS_BUCKET_NAME",
                                       "S3_PREFIX",
                                       "S3_ENDPOINT_URL",
                                       "AWS_ENDPOINT_URL",
                                       "S3_ADDRESSING_STYLE",
                                       "AWS_REGION",
                                       "AWS_DEFAULT_REGION",
                                       "S3_PART_MB",
                                       "S3_SSE",
                                       "AWS_SECRET_ACCESS_KEY"};
    const char *path = test_folder(s);
    CHECK(chdir(path) == 0);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        unsetenv(keys[i]);
    for (size_t i = 0; i < sizeof lake / sizeof *lake; i++)
        unsetenv(lake[i]);
    return path;
}

static void
env_write(struct scope *s, const char *path, const char *text)
{
    CHECK(file_write(s, path, (struct str){text, strlen(text)}, 0644));
}

TEST(settings_have_presets)
{
    struct config c;
    const char *here = fresh(s);

    CHECK(config_load(s, &c));

    CHECK_TEXT(c.home, scope_print(s, "%s/var", here));
    CHECK_TEXT(c.port, "8000");
    CHECK_TEXT(
        c.database_url,
        scope_print(s, "host='%s/var/run' user=airwatch dbname=airwatch connect_timeout=5", here));
    CHECK_TEXT(c.durable, "crash");
    CHECK(c.aqs_email == NULL);
    CHECK(c.aqs_key.hidden == NULL);
    CHECK_TEXT(config_path(s, &c, "run/x"), scope_print(s, "%s/var/run/x", here));
}

TEST(the_environment_wins_over_env_files_and_the_folder_over_the_home)
{
    struct config c;
    const char *here = fresh(s);
    CHECK(mkdir("home", 0755) == 0);
    setenv("AIRWATCH_HOME", "home", 1);
    setenv("PORT", "8001", 1);
    env_write(s, ".env", "PORT=8002\n\n  # a comment\n  AQS_EMAIL = x\nAQS_KEY='a b'\r\n");
    CHECK_FAILS(config_load(s, &c), ERROR_INPUT,
                scope_print(s, "cannot read the settings: file \".env\", line 4: unknown key "
                               "\"AQS_EMAIL \""));
    env_write(s, ".env", "PORT=8002\n\n  # a comment\n  AQS_EMAIL=me@x.org \nAQS_KEY='a b'\r\n");
    env_write(s, "home/.env", "AQS_EMAIL=other\nDURABLE=power\nGNUPLOT=\"/opt/gnuplot\"");

    CHECK(config_load(s, &c));

    CHECK_TEXT(c.home, scope_print(s, "%s/home", here));
    CHECK_TEXT(c.port, "8001");
    CHECK_TEXT(c.aqs_email, "me@x.org");
    CHECK_TEXT(c.aqs_key.hidden, "a b");
    CHECK_TEXT(c.durable, "power");
    CHECK_TEXT(c.gnuplot, "/opt/gnuplot");
}

TEST(unknown_settings_are_refused_by_name_and_place)
{
    struct config c;
    fresh(s);

    env_write(s, ".env", "PORT=1\nPROT=2\n");
    CHECK_FAILS(config_load(s, &c), ERROR_INPUT,
                "cannot read the settings: file \".env\", line 2: unknown key \"PROT\"");
    env_write(s, ".env", "what is this\n");
    CHECK_FAILS(config_load(s, &c), ERROR_INPUT,
                "cannot read the settings: file \".env\", line 1: "
                "\"what is this\" is not KEY=value");
    env_write(s, ".env", "");
    setenv("AIRWATCH_HOEM", "x", 1);
    CHECK_FAILS(config_load(s, &c), ERROR_INPUT,
                "cannot read the settings: unknown environment variable \"AIRWATCH_HOEM\"");
}

TEST(values_out_of_range_are_refused)
{
    struct config c;
    fresh(s);

    setenv("PORT", "70000", 1);
    CHECK_FAILS(config_load(s, &c), ERROR_INPUT,
                "cannot read the settings: PORT is \"70000\", not a port from 1 to 65535");
    setenv("PORT", "80x", 1);
    CHECK_FAILS(config_load(s, &c), ERROR_INPUT,
                "cannot read the settings: PORT is \"80x\", not a port from 1 to 65535");
    setenv("PORT", "80", 1);
    setenv("DURABLE", "maybe", 1);
    CHECK_FAILS(config_load(s, &c), ERROR_INPUT,
                "cannot read the settings: DURABLE is \"maybe\", neither crash nor power");
}

TEST(settings_of_the_lake_follow_amazons_names)
{
    struct config c;
    fresh(s);
    CHECK(config_load(s, &c));
    CHECK_TEXT(c.use_s3, "false");
    CHECK_TEXT(c.s3.region, "us-east-1");
    CHECK(c.s3.endpoint == NULL && c.s3.part_bytes == 16 << 20);
    env_write(s, ".env",
              "USE_S3=true\nS3_DATA_BUCKET_NAME=lake\nAWS_ENDPOINT_URL=http://a\n"
              "AWS_DEFAULT_REGION=eu-west-1\nS3_PART_MB=5\nAWS_SECRET_ACCESS_KEY=hush\n");

    CHECK(config_load(s, &c));

    CHECK_TEXT(c.s3.bucket, "lake");
    CHECK_TEXT(c.s3.endpoint, "http://a");
    CHECK_TEXT(c.s3.region, "eu-west-1");
    CHECK_TEXT(c.aws.secret_key.hidden, "hush");
    CHECK(c.s3.part_bytes == 5 << 20);
    setenv("S3_ENDPOINT_URL", "http://b", 1);
    setenv("AWS_REGION", "eu-north-1", 1);
    CHECK(config_load(s, &c));
    CHECK_TEXT(c.s3.endpoint, "http://b");
    CHECK_TEXT(c.s3.region, "eu-north-1");
}

TEST(settings_of_the_lake_out_of_their_range_are_refused)
{
    static const struct {
        const char *line, *why;
    } cases[] = {
        {"USE_S3=yes", "USE_S3 is \"yes\", neither true nor false"},
        {"USE_S3=true", "USE_S3 is true, and S3_DATA_BUCKET_NAME is not set"},
        {"S3_PART_MB=4", "S3_PART_MB is \"4\", not from 5 to 5120"},
        {"S3_SSE=rot13", "S3_SSE is \"rot13\", neither AES256 nor aws:kms"},
        {"S3_SSE=AES256\nS3_SSE_KMS_KEY_ID=k",
         "S3_SSE_KMS_KEY_ID is set, and S3_SSE is not aws:kms"},
        {"S3_SSE_KMS_KEY_ID=k", "S3_SSE_KMS_KEY_ID is set, and S3_SSE is not aws:kms"},
        {"AWS_ENDPOINT_URL=minio:9000",
         "S3_ENDPOINT_URL or AWS_ENDPOINT_URL is \"minio:9000\", no http or https address"},
        {"S3_ADDRESSING_STYLE=dns", "S3_ADDRESSING_STYLE is \"dns\", not auto, path or virtual"},
    };
    struct config c;
    fresh(s);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        env_write(s, ".env", cases[i].line);
        CHECK_FAILS(config_load(s, &c), ERROR_INPUT,
                    scope_print(s, "cannot read the settings: %s", cases[i].why));
    }
}
