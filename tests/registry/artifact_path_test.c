#include "registry/artifact_path.h"

#include "test.h"

static const char *
refusal(struct scope *s, const char *path)
{
    scope_forgive(s);
    if (artifact_path_check(s, path))
        return "";
    CHECK(s->kind == ERROR_INPUT);
    return scope_copy(s, s->message);
}

TEST(artifact_path_takes_any_name_that_stays_where_it_is)
{
    static const char *const good[] = {
        "a",
        "1/0af3/artifacts/model/MLmodel",
        "Käse 100%.txt",
        "%",
        "100%25",
        "a%20b",
        "a+b",
        "a?b=c&d",
        "...",
        "..a",
        "a..",
        ".hidden",
        "a;b",
        "a:b",
        "C:x",
        "~",
        "~/a",
        "a\"b'c<d>",
        "日本/語",
        "%zz",
        "%2",
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        CHECK_TEXT(refusal(s, good[i]), "");
}

TEST(artifact_path_refuses_what_could_lead_elsewhere_in_every_encoding)
{
    static const char dots[] = "Invalid path";
    static const char slash[] =
        "Invalid path: it begins with a \"/\", or holds two in a row, or ends with one";
    static const char control[] = "Invalid path: it holds a control character";
    static const char backslash[] = "Invalid path: it holds a backslash";
    static const char hash[] = "Invalid path: it holds a \"#\"";
    static const char drive[] = "Invalid path: a drive is no name";
    static const struct {
        const char *path, *why;
    } bad[] = {
        {"", "Invalid path: it is empty"},
        {"..", dots},
        {"../x", dots},
        {"a/../../x", dots},
        {"a/./x", dots},
        {"..%2fx", dots},
        {"%2e%2e/x", dots},
        {"%2E%2E%2Fx", dots},
        {"%252e%252e%252fx", dots},
        {"%25252e%25252e/x", dots},
        {"a/%2e%2e", dots},
        {"x;/../y", dots},
        {"..;/y", dots},
        {"..;a=b/y", dots},
        {"a/..%3bx", dots},
        {"/etc/passwd", slash},
        {"//etc/passwd", slash},
        {"%2fetc/passwd", slash},
        {"a//b", slash},
        {"a/", slash},
        {"a%2f%2fb", slash},
        {"C:/x", drive},
        {"c:", drive},
        {"a/C:/x", drive},
        {"%43%3a/x", drive},
        {"C:\\x", backslash},
        {"..\\x", backslash},
        {"%5c..%5cx", backslash},
        {"%255cx", backslash},
        {"x#y", hash},
        {"x%23y", hash},
        {"x%2523y", hash},
        {"x\ny", control},
        {"x\177y", control},
        {"x%00.txt", control},
        {"x%2500.txt", control},
        {"x%0d%0aSet-Cookie: a", control},
        {"file:/etc/passwd", "Invalid path: \"file:\" is another place"},
        {"a/FILE:///etc/passwd", "Invalid path: \"file:\" is another place"},
        {"fil%65:etc", "Invalid path: \"file:\" is another place"},
        {"a\xff", "Invalid path: it is not UTF-8"},
        {"a\xed\xa0\x80", "Invalid path: it is not UTF-8"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK_TEXT(refusal(s, bad[i].path), bad[i].why);
}

TEST(artifact_path_has_an_end)
{
    struct buf path = buf_open(s, 2000);
    while (path.n < ARTIFACT_PATH_BYTES)
        buf_char(&path, 'x');
    CHECK_TEXT(refusal(s, path.text), "");
    buf_char(&path, 'x');
    CHECK_TEXT(refusal(s, path.text), "Invalid path: it is longer than 1024 bytes");

    buf_clear(&path);
    for (int i = 0; i < ARTIFACT_PATH_DEPTH; i++)
        buf_text(&path, i == 0 ? "x" : "/x");
    CHECK_TEXT(refusal(s, path.text), "");
    buf_text(&path, "/x");
    CHECK_TEXT(refusal(s, path.text), "Invalid path: it has more than 64 segments");
}

TEST(artifact_folder_may_be_the_root_itself)
{
    static const struct {
        const char *given, *meant;
    } folders[] = {{"", ""}, {".", ""}, {"a", "a"}, {"a/b/", "a/b"}};
    const char *out;
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        CHECK(artifact_folder_check(s, folders[i].given, &out));
        CHECK_TEXT(out, folders[i].meant);
    }
    CHECK(!artifact_folder_check(s, "/", &out));
    scope_forgive(s);
    CHECK(!artifact_folder_check(s, "a//", &out));
}

TEST(artifact_uri_gives_its_path_and_no_other_scheme_does)
{
    static const struct {
        const char *uri, *path;
    } uris[] = {
        {"mlflow-artifacts:/1/a/artifacts", "1/a/artifacts"},
        {"mlflow-artifacts:///1/a", "1/a"},
        {"mlflow-artifacts://host:80/1/a", "1/a"},
        {"mlflow-artifacts:1", "1"},
        {"mlflow-artifacts:/", ""},
        {"mlflow-artifacts:/../..", NULL},
        {"mlflow-artifacts:///%2e%2e/", NULL},
        {"mlflow-artifacts:/a?b", "a?b"},
        {"file:///etc", NULL},
        {"s3://b/../c", NULL},
        {"//h/p", NULL},
        {"http:///#/../..", NULL},
        {"", NULL},
    };
    for (size_t i = 0; i < sizeof uris / sizeof *uris; i++) {
        const char *path = artifact_uri_path(s, uris[i].uri);
        CHECK((path == NULL) == (uris[i].path == NULL));
        if (path != NULL)
            CHECK_TEXT(path, uris[i].path);
    }
}

TEST(artifact_path_joins_a_root_and_what_is_below)
{
    CHECK_TEXT(artifact_path_join(s, "1/a", "b/c"), "1/a/b/c");
    CHECK_TEXT(artifact_path_join(s, "", "b"), "b");
    CHECK_TEXT(artifact_path_join(s, "1/a", ""), "1/a");
}
