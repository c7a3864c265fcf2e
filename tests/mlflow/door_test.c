#include "mlflow/door.h"

#include "app/app.h"
#include "test.h"

static bool
enters(const char *method, const char *host, const char *origin, const char *allowed)
{
    struct scope s = {0};
    const struct config config = {.mlflow = {.allowed_hosts = allowed, .allowed_origins = allowed}};
    struct app app = {.config = &config};
    const struct request in = {.method = method, .host = host, .origin = origin, .app = &app};
    const bool ok = door_check(&s, &in);
    if (!ok && s.kind != ERROR_DENIED)
        TEST_DIE("host \"%s\" fails as %s", host, error_name(s.kind));
    scope_close(&s);
    return ok;
}

TEST(door_lets_this_machine_and_private_networks_in)
{
    static const char *const hosts[] = {
        "localhost",    "LOCALHOST:8000", "127.0.0.1",          "127.0.0.1:5000",   "[::1]",
        "[::1]:80",     "0.0.0.0:1",      "10.1.2.3",           "192.168.0.9:8000", "172.16.0.1",
        "172.31.9.9:1", "[fc00::1]",      "[fd12:3456::1]:8000"};
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++)
        if (!enters("GET", hosts[i], "", ""))
            TEST_DIE("%s was refused", hosts[i]);
}

TEST(door_refuses_other_hosts_and_names_that_look_like_addresses)
{
    static const char *const hosts[] = {"",
                                        "evil.example",
                                        "evil.example:8000",
                                        "10.evil.example",
                                        "8.8.8.8",
                                        "172.32.0.1",
                                        "192.169.0.1",
                                        "localhost.evil.example",
                                        "127.0.0.1.evil.example",
                                        "[fc00::1].evil.example",
                                        "[2001:db8::1]",
                                        "localhost:80:evil.example@x",
                                        "xlocalhost",
                                        "127.0.0.1@evil.example",
                                        "[fc00.evil.example]"};
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++)
        if (enters("GET", hosts[i], "", ""))
            TEST_DIE("\"%s\" was let in", hosts[i]);
}

TEST(door_opens_for_hosts_of_the_list)
{
    CHECK(enters("GET", "ml.example.org", "", "other.org,ml.example.org"));
    CHECK(enters("GET", "ml.example.org:8443", "", "*.example.org"));
    CHECK(!enters("GET", "example.org", "", "*.example.org"));
    CHECK(!enters("GET", "ml.example.org.evil.net", "", "*.example.org"));
    CHECK(enters("GET", "anything", "", "*"));
}

TEST(door_refuses_changes_from_pages_of_strangers)
{
    static const char *const methods[] = {"POST", "PUT", "PATCH", "DELETE", "PURGE"};
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        CHECK(!enters(methods[i], "localhost:8000", "https://evil.example", ""));
        CHECK(!enters(methods[i], "localhost:8000", "null", ""));
        CHECK(!enters(methods[i], "localhost:8000", "https://localhost.evil.example", ""));
        CHECK(enters(methods[i], "localhost:8000", "http://localhost:3000", ""));
        CHECK(enters(methods[i], "10.0.0.1:8000", "http://10.0.0.1:8000", ""));
        CHECK(!enters(methods[i], "10.0.0.1:8000", "http://10.0.0.2:8000", ""));
        CHECK(enters(methods[i], "localhost", "https://ui.example", "https://ui.example,ui"));
    }
    CHECK(enters("GET", "localhost:8000", "https://evil.example", ""));
}
